"""The commands of `python -m review`: preview, up, destroy, pin, export, peers, reach.

Standard output carries the summary, standard error the progress and the errors.
"""

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from review.arm_template import arm_template
from review.changes import count_by_operation, has_changes
from review.failures import remedy
from review.next_steps import (
    after_destruction,
    after_failure,
    after_interruption,
    after_rules,
    pin_command,
    review_command,
)
from review.operations import Preview, RunFailed, Target, deploy, destroy, preview
from review.outcomes import ExitCode, Misuse, ReviewError
from review.peers import peer_files
from review.pins import pinning
from review.plan import read_plan
from review.project import Project, check_stack, find_policy_pack, find_project
from review.reach import reach
from review.report_files import replace_file, write_reports
from review.reports import all_reports
from review.stack_file import StackFile
from review.summary import (
    near,
    print_done,
    print_export,
    print_findings,
    print_note,
    print_peers,
    print_pins,
    print_places,
    print_problems,
    print_reach,
    print_summary,
)
from review.verdicts import blocking_findings

_DESCRIPTION = """\
Reviews a Pulumi stack before it is deployed: what would change, and which rules of the
policy pack hold. Pins the layout of its network. Uses the `pulumi` on PATH; run it as
`./offline python -m review …` to use an emulated Azure without any login. Exports plans
that it has written, for others to judge, and answers who reaches whom in them.
"""
_EXIT_CODES = """\
exit codes:
  0    done; no mandatory rule stands against it
  1    a mandatory rule is violated or undecided; pin --check: a range is not pinned;
       reach: blocked
  2    misuse, or a configuration that the program refuses
  3    the program or the engine failed
  4    reach: undecided, since a value is not known
  130  interrupted; the state stays usable
"""


_JUDGED = ("preview", "up")
"""The commands that let a policy pack judge, and write reports."""


def main(arguments: Sequence[str]) -> int:
    """Run a command; gives its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character shows a mark in its place.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    output = _Console(highlight=False)
    errors = _Console(stderr=True, highlight=False)
    options = _parser().parse_args(arguments)
    try:
        return options.command(options, output, errors)
    except RunFailed as failure:
        _print_failure(errors, options, failure)
        return failure.exit_code
    except ReviewError as error:
        errors.print(f"error: {error}", markup=False, soft_wrap=True)
        return error.exit_code
    except KeyboardInterrupt:
        errors.print("interrupted")
        print_places(errors, [], after_interruption(options))
        return ExitCode.INTERRUPTED


class _Console(Console):
    """A console that leaves it to its caller what becomes of readers that leave."""

    def on_broken_pipe(self) -> None:
        """Raise the error, which rich takes for the exit code 1."""
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review",
        description=_DESCRIPTION,
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command, summary in (
        ("preview", _preview, "say what would change and which rules hold"),
        ("up", _up, "preview, and deploy when no mandatory rule stands against it"),
        ("destroy", _destroy, "delete all resources of the stack"),
        ("pin", _pin, "write the ranges that the plan chose into the configuration"),
        ("export", _export, "write a plan as a template of Azure Resource Manager"),
        ("peers", _peers, "write how each site's own device has to be set up"),
        ("reach", _reach, "say whether one place reaches another, and by which rules"),
    ):
        subparser = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=_EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        subparser.set_defaults(command=command, command_name=name)
        if name == "export":
            _add_export_options(subparser)
        elif name == "peers":
            _add_peer_options(subparser)
        elif name == "reach":
            _add_reach_options(subparser)
        else:
            _add_target_options(subparser)
        if name in _JUDGED:
            _add_review_options(subparser)
        if name == "pin":
            subparser.add_argument(
                "--check",
                action="store_true",
                help="write nothing; exit with 1 when something is not pinned",
            )
    return parser


def _add_target_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-s", "--stack", required=True, help="the stack, such as dev or prod"
    )
    parser.add_argument(
        "--project",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="folder of the Pulumi project (default: this folder or one above it)",
    )
    parser.add_argument(
        "--config-file",
        type=Path,
        metavar="FILE",
        help="stack configuration to use instead of Pulumi.<stack>.yaml",
    )


def _add_review_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for the reports, each stack in its own (default: out, in the "
        "project)",
    )
    parser.add_argument(
        "--policy-pack",
        type=Path,
        metavar="DIR",
        help="policy pack that judges (default: policies, in the project)",
    )
    parser.add_argument(
        "--policy-pack-config",
        type=Path,
        metavar="FILE",
        help="its configuration (default: config/<stack>.json, in the pack)",
    )
    parser.add_argument(
        "--no-policies", action="store_true", help="let no policy pack judge"
    )


def _add_export_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plan",
        type=Path,
        required=True,
        metavar="FILE",
        help="the plan to export, such as out/prod/plan.json",
    )
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help="the template to write, such as out/prod/arm.json",
    )


def _add_peer_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plan",
        type=Path,
        required=True,
        metavar="FILE",
        help="the plan that has sites, such as out/prod/plan.json",
    )
    parser.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for a swanctl.conf of each site, such as out/prod/peers",
    )


def _add_reach_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--plan",
        type=Path,
        required=True,
        metavar="FILE",
        help="the plan that is asked about, such as out/prod/plan.json",
    )
    place = (
        "internet, on-premises, vpn-clients, subnet:NAME, endpoint:NAME, machine:NAME, "
        "network:NAME, tag:ServiceTag, or an address or range"
    )
    parser.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="PLACE",
        help=f"where packets start: {place}",
    )
    parser.add_argument(
        "--to",
        dest="destination",
        required=True,
        metavar="PLACE",
        help="where they should get to, in the same words",
    )
    parser.add_argument(
        "--port",
        required=True,
        metavar="SERVICE",
        help="tcp/443, udp/8000-8100, icmp or any",
    )


def _preview(options: argparse.Namespace, output: Console, errors: Console) -> int:
    target = _target(options)
    result = _reviewed(options, target, output, errors)
    if blocking_findings(result.verdicts):
        _print_places(options, target, output, after_rules(options))
        return ExitCode.RULES
    next_step = (
        f"deploy it with: {review_command(options, 'up')}"
        if has_changes(result.plan)
        else "nothing to do"
    )
    _print_places(options, target, output, next_step)
    return ExitCode.OK


def _up(options: argparse.Namespace, output: Console, errors: Console) -> int:
    target = _target(options)
    result = _reviewed(options, target, output, errors)
    if blocking_findings(result.verdicts):
        step = f"nothing was deployed; {after_rules(options)}"
        _print_places(options, target, output, step)
        return ExitCode.RULES
    total = sum(count_by_operation(result.plan).values())
    run = deploy(target, errors, total)
    print_done(output, target.stack_name, run.record)
    _print_places(
        options,
        target,
        output,
        f"see that nothing is left to do: {review_command(options, 'preview')}",
    )
    return ExitCode.OK


def _destroy(options: argparse.Namespace, output: Console, errors: Console) -> int:
    target = _target(options)
    run = destroy(target, errors)
    if not run.record.finished:
        output.print(f"{target.stack_name}: nothing left to delete", markup=False)
        return ExitCode.OK
    print_done(output, target.stack_name, run.record)
    held = bool(run.record.left_behind)
    print_places(output, [], after_destruction(options, names_are_held=held))
    return ExitCode.OK


def _pin(options: argparse.Namespace, output: Console, errors: Console) -> int:
    target = _target(options)
    file = StackFile(
        options.config_file or target.project.stack_file(target.stack_name)
    )
    if not options.check:
        file.check_writable()
    found = pinning(target.project, file, preview(target, errors).outputs)
    if not found.pins:
        output.print(f"{target.stack_name}: nothing to pin", markup=False)
        return ExitCode.OK
    if options.check:
        print_pins(output, "not pinned", found.pins)
        print_places(output, [], pin_command(options))
        return ExitCode.UNPINNED
    file.add(found.values)
    print_pins(output, "pinned", found.pins)
    print_places(output, [], f"commit {near(file.path)}; the layout stays as it is")
    return ExitCode.OK


def _export(options: argparse.Namespace, output: Console, errors: Console) -> int:
    template = arm_template(read_plan(options.plan))
    replace_file(options.to, template.text, "--to")
    print_export(output, options.to, template)
    return ExitCode.OK


def _peers(options: argparse.Namespace, output: Console, errors: Console) -> int:
    files = peer_files(read_plan(options.plan))
    write_reports(options.to, files, "--to")
    print_peers(output, options.to, len(files))
    return ExitCode.OK


def _reach(options: argparse.Namespace, output: Console, errors: Console) -> int:
    found = reach(options.plan, options.source, options.destination, options.port)
    print_reach(output, found.lines)
    return found.exit_code


def _target(options: argparse.Namespace) -> Target:
    project = find_project(options.project)
    if options.config_file is None:
        _check_no_further_file(project, options)
        check_stack(project, options.stack)
    pack = None
    if options.command_name in _JUDGED and not options.no_policies:
        pack = find_policy_pack(
            project, options.stack, options.policy_pack, options.policy_pack_config
        )
    config_file = options.config_file.resolve() if options.config_file else None
    return Target(project, options.stack, pack, config_file)


def _check_no_further_file(project: Project, options: argparse.Namespace) -> None:
    """Raise `Misuse` where a stack's own file would be passed over for the defaults."""
    file = project.further_stack_file(options.stack)
    if file is not None:
        with_it = {**vars(options), "config_file": near(file)}
        raise Misuse(
            f"stack {options.stack} is configured in {near(file)}, which the engine "
            "uses only when it is named: "
            f"{review_command(argparse.Namespace(**with_it), options.command_name)}"
        )


def _reviewed(
    options: argparse.Namespace, target: Target, output: Console, errors: Console
) -> Preview:
    """Preview, write the reports, print the summary."""
    folder = _report_folder(options, target)
    try:
        result = preview(target, errors)
    except RunFailed as failure:
        if (folder / "review.md").exists():
            failure.note = f"{near(folder)} holds the review of an earlier run"
        raise
    write_reports(folder, all_reports(result.plan, result.verdicts))
    print_summary(output, result.plan, result.verdicts)
    return result


def _report_folder(options: argparse.Namespace, target: Target) -> Path:
    out = options.out.resolve() if options.out else target.project.directory / "out"
    return out / target.stack_name


def _print_places(
    options: argparse.Namespace, target: Target, output: Console, next_step: str
) -> None:
    folder = _report_folder(options, target)
    names = ("review.md", "plan.json", "verdicts.json")
    print_places(output, [folder / name for name in names], next_step)


def _print_failure(
    errors: Console, options: argparse.Namespace, failure: RunFailed
) -> None:
    title = f"error: {failure.title}"
    if failure.locked:
        title = f"error: another run is working on stack {options.stack}"
    print_problems(errors, title, failure.problems)
    print_findings(errors, failure.findings)
    if advice := remedy(failure.problems):
        print_note(errors, advice)
    if failure.note:
        print_note(errors, failure.note)
    if failure.changing:
        print_done(errors, "so far", failure.record)
    print_places(errors, [], after_failure(options, failure))
