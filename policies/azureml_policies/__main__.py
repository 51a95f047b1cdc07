"""Says what the pack holds, and writes what is made from it.

``rules`` prints the list of rules as Markdown; ``check FILE …`` names every fault of
configuration files; ``profile`` prints a configuration for the whole pack; ``generate``
writes documentation, profiles and the table for Azure Policy; ``baseline`` keeps of a
plan what decides who reaches whom, for ``reach-diff`` to compare with; ``bundle`` makes
a folder that runs anywhere.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from azureml_policies import RULES
from azureml_policies._frame.bundle import write_bundle
from azureml_policies._frame.catalogue import rules_as_table
from azureml_policies._frame.configuration import (
    EXEMPTIONS_VALID,
    ConfigurationError,
    configure_from_file,
)
from azureml_policies._frame.exemptions import read_exemptions
from azureml_policies._frame.generated import as_json, generated_files, outdated
from azureml_policies._frame.profiles import (
    Framework,
    Profile,
    on_top,
    profile,
)
from azureml_reachability.baselines import baseline_text, deciding
from azureml_rulebook.standard_streams import until_readers_leave

MISUSE = 2
OUTDATED = 1
UNREAD = 141
"""As the shell says of a command that a closed pipe has ended."""
_PACK = Path(__file__).resolve().parent.parent
_CHECKOUT = _PACK.parent


def main(arguments: list[str]) -> int:
    """Run a command; returns 0, 1 for outdated files, 2 for misuse and faulty files."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    return run(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m azureml_policies", description=__doc__
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="print the rules as Markdown")
    rules.set_defaults(run=_rules)
    check = commands.add_parser("check", help="check --policy-pack-config files")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    check.set_defaults(run=_check)
    made = commands.add_parser("profile", help="print a configuration of all rules")
    made.add_argument("strictness", choices=[each.value for each in Profile])
    made.add_argument(
        "--framework",
        choices=[each.value for each in Framework],
        help="switch off what serves no control of it",
    )
    made.add_argument(
        "--with",
        type=Path,
        dest="own",
        metavar="FILE",
        help="a configuration whose settings and levels come on top",
    )
    made.add_argument("--to", type=Path, metavar="FILE", help="write it there instead")
    made.set_defaults(run=_profile)
    generate = commands.add_parser(
        "generate", help="write the files of this checkout that are made from the rules"
    )
    generate.add_argument(
        "--check", action="store_true", help="only name those that are outdated"
    )
    generate.set_defaults(run=_generate)
    baseline = commands.add_parser(
        "baseline", help="keep of a plan who reaches whom, as approved for reach-diff"
    )
    baseline.add_argument(
        "--plan",
        type=Path,
        required=True,
        metavar="FILE",
        help="what a preview wrote: out/STACK/plan.json",
    )
    baseline.add_argument(
        "--to",
        type=Path,
        required=True,
        metavar="FILE",
        help="where it is written, such as config/baselines/STACK.json",
    )
    baseline.set_defaults(run=_baseline)
    bundle = commands.add_parser(
        "bundle", help="copy the pack and all it needs into one folder"
    )
    bundle.add_argument(
        "--to", type=Path, required=True, metavar="FOLDER", help="a new or empty folder"
    )
    bundle.set_defaults(run=_bundle)
    return parser


def _rules(options: argparse.Namespace) -> int:
    print(rules_as_table(RULES))
    return 0


def _profile(options: argparse.Namespace) -> int:
    framework = options.framework and Framework(options.framework)
    content = profile(RULES, Profile(options.strictness), framework)
    if options.own is not None:
        if faults := _faults(options.own):
            return _failed("\n".join(f"{options.own}: {fault}" for fault in faults))
        content = on_top(content, json.loads(options.own.read_text() or "{}"))
    text = as_json(content)
    if options.to is None:
        print(text, end="")
        return 0
    try:
        options.to.write_text(text, encoding="utf-8")
    except OSError as error:
        return _failed(f"{options.to}: cannot be written: {error.strerror}")
    return 0


def _generate(options: argparse.Namespace) -> int:
    try:
        files = generated_files(RULES, _CHECKOUT)
        late = outdated(files, _CHECKOUT)
        if options.check:
            for path in late:
                print(f"{path}: outdated; run generate", file=sys.stderr)
            return OUTDATED if late else 0
        for path in late:
            if path in files:
                (_CHECKOUT / path).parent.mkdir(parents=True, exist_ok=True)
                (_CHECKOUT / path).write_text(files[path], encoding="utf-8")
            else:
                (_CHECKOUT / path).unlink()
            print(path)
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}; run it in a checkout")
    return 0


def _baseline(options: argparse.Namespace) -> int:
    source, target = options.plan, options.to
    preview = "write it with 'python -m review preview'"
    try:
        plan = json.loads(source.read_text(encoding="utf-8"))
        if not deciding(plan["resources"]):
            return _failed(
                f"{source}: nothing in it decides who reaches whom; name the plan of a "
                "stack with networks"
            )
        text = baseline_text(plan)
    except OSError as error:
        return _failed(f"{source}: cannot be read: {error.strerror}; {preview}")
    except (ValueError, KeyError, TypeError, RecursionError):
        return _failed(f"{source}: is no plan.json; {preview}")
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        return _failed(
            f"{target}: cannot be written: {error.strerror}; name a file in a folder "
            "that exists"
        )
    print(target)
    return 0


def _bundle(options: argparse.Namespace) -> int:
    beside = _CHECKOUT / "components"
    try:
        write_bundle(_PACK, beside if beside.is_dir() else _PACK, options.to)
    except FileExistsError as error:
        return _failed(str(error))
    except OSError as error:
        return _failed(f"{error.filename}: {error.strerror}")
    print(options.to)
    return 0


def _failed(text: str) -> int:
    print(text, file=sys.stderr)
    return MISUSE


def _check(options: argparse.Namespace) -> int:
    files: Iterable[Path] = options.files
    status = 0
    for path in files:
        for fault in _faults(path):
            print(f"{path}: {fault}", file=sys.stderr)
            status = MISUSE
    return status


def _faults(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8") or "{}"
        content = json.loads(text, object_pairs_hook=_once)
        if not isinstance(content, dict):
            return ["not an object; write {policy: level or settings}"]
        settings = configure_from_file(RULES, content)[EXEMPTIONS_VALID].settings
        faults = read_exemptions(settings, RULES).faults
        return [f"{EXEMPTIONS_VALID}.{fault}" for _, fault in faults]
    except OSError as error:
        return [f"cannot be read: {error.strerror}"]
    except json.JSONDecodeError as error:
        return [f"line {error.lineno}: not JSON: {error.msg}"]
    except UnicodeDecodeError:
        return ["not UTF-8; save it so"]
    except (RecursionError, ValueError):
        return ["not a configuration: nested too deep, or with a number too long"]
    except ConfigurationError as error:
        return str(error).splitlines()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of a file; the engine would take the last of two equal keys.

    Raises ConfigurationError for a key that stands there twice.
    """
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = sorted(key for key in content if keys.count(key) > 1)
        raise ConfigurationError(
            f"{key}: stands there twice; merge it" for key in twice
        )
    return content


if __name__ == "__main__":
    sys.exit(until_readers_leave(lambda: main(sys.argv[1:]), UNREAD))
