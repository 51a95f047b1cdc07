"""The summary on the terminal: what a person wants to know within ten seconds.

What would change, which rules do not hold and where, which ones hold, and what to do
next. The reports hold the rest.
"""

import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from review.arm_template import Template
from review.changes import (
    IN_WORDS,
    OPERATIONS,
    count_by_operation,
    kinds_by_operation,
    unchanged_count,
)
from review.event_log import EngineRecord
from review.failures import Problem
from review.pins import Pin
from review.plan import Plan
from review.urns import STACK_TYPE, counted, kind_of, name_of, type_of
from review.verdicts import Finding, Verdicts, is_blocking, was_undecided

_MOST_FINDINGS = 12
_MOST_MESSAGES = 5
_STYLES = {
    "create": "green",
    "update": "yellow",
    "replace": "magenta",
    "delete": "red",
    "violated": "bold red",
    "undecided": "bold yellow",
    "exempt": "cyan",
}
_DONE_IN_WORDS = {
    "create": "created",
    "update": "changed",
    "replace": "replaced",
    "delete": "deleted",
}


def print_summary(console: Console, plan: Plan, verdicts: Verdicts) -> None:
    """Print what a plan changes and what the rules say about it."""
    _print_changes(console, plan)
    _print_rules(console, verdicts)
    sources = {each["urn"]: each["source"] for each in plan["resources"]}
    print_findings(console, verdicts["findings"], sources)
    _print_messages(console, plan)


def print_places(console: Console, paths: Iterable[Path], next_step: str) -> None:
    """Print where the reports are and what comes next."""
    named = [near(path) for path in paths]
    if named:
        _line(console, "Reports", ", ".join(named))
    _line(console, "Next", next_step)


def print_pins(console: Console, label: str, pins: Iterable[Pin]) -> None:
    """Print ranges that are, or are not, in the stack's configuration."""
    for pin in pins:
        _line(console, label, f"{pin.path}: {pin.prefix}")


def print_export(console: Console, file: Path, template: Template) -> None:
    """Print what a template holds, and which types it could not hold."""
    total = len(template.content["resources"])
    _line(console, "exported", f"{counted(total, 'resource')} to {near(file)}")
    for token, count in sorted(template.left_out.items()):
        text = f"{count} of {token}: its shape at Azure is not known here"
        _line(console, "left out", text, "yellow")


def print_peers(console: Console, folder: Path, count: int) -> None:
    """Print for how many sites there is a configuration, and where."""
    if count:
        _line(console, "written", f"{counted(count, 'peer')} to {near(folder)}")
    else:
        _line(console, "written", "nothing: the plan has no sites")


def print_reach(console: Console, lines: Iterable[tuple[str, str]]) -> None:
    """Print the answer to a question: headings with texts, each in one line."""
    for heading, text in lines:
        _line(console, heading, text)


def print_findings(
    console: Console,
    findings: list[Finding],
    sources: Mapping[str, dict[str, Any] | None] | None = None,
) -> None:
    """Print the rules that do not hold: for what, where, and what to change.

    `sources` says per URN where the program makes a resource.
    """
    shown = [each for each in findings if each["status"] != "exempt"]
    for finding in shown[:_MOST_FINDINGS]:
        rule = f"{finding['id']} {finding['rule']}".strip()
        level = "" if is_blocking(finding) else f" ({finding['level']})"
        head = f"{rule}{level}: {_subject(finding['urn']) or 'the whole stack'}"
        if finding["path"]:
            head += f", {finding['path']}"
        if source := (sources or {}).get(finding["urn"]):
            head += f" ({source['file']}:{source['line']})"
        _line(console, finding["status"], head, _STYLES[finding["status"]])
        for line in finding["message"].splitlines():
            console.print(Text(" " * 12 + line), soft_wrap=True)
    if len(shown) > _MOST_FINDINGS:
        more = len(shown) - _MOST_FINDINGS
        _line(console, "", f"and {counted(more, 'more finding')}")
    _print_exempt(console, [each for each in findings if each["status"] == "exempt"])


def _print_exempt(console: Console, findings: list[Finding]) -> None:
    """Print what is exempt, for what, and until when: it stays visible."""
    for finding in findings[:_MOST_FINDINGS]:
        rule = f"{finding['id']} {finding['rule']}".strip()
        head = f"{rule}: {_subject(finding['urn']) or 'the whole stack'}"
        if was_undecided(finding):
            head += ", undecided"
        for exception in finding["exceptions"]:
            if "expires" in exception:
                head += f", until {exception['expires']} by {exception['owner']}"
        _line(console, "exempt", head, _STYLES["exempt"])
    if len(findings) > _MOST_FINDINGS:
        more = len(findings) - _MOST_FINDINGS
        _line(console, "", f"and {counted(more, 'more exemption')}")


def print_done(console: Console, stack: str, record: EngineRecord) -> None:
    """Print what a deployment or a destruction has done, by kind of resource.

    Deleted resources that Azure keeps for a while are named.
    """
    done = done_in_words(record)
    if not done:
        _line(console, stack, "nothing was done")
    for operation, words in done.items():
        _line(console, _DONE_IN_WORDS[operation], words, _STYLES[operation])
    for kept in sorted(record.left_behind):
        _line(console, "stays", str(kept), "yellow")


def print_problems(console: Console, title: str, found: list[Problem]) -> None:
    """Print what went wrong, each resource with the engine's or Azure's own words."""
    console.print(Text(title, style="bold red"), soft_wrap=True)
    for problem in found:
        subject = _subject(problem.urn)
        lines = problem.message.splitlines() or [""]
        if subject:
            console.print(Text(f"  {subject}"), soft_wrap=True)
        for line in lines:
            console.print(Text(f"  {'  ' if subject else ''}{line}"), soft_wrap=True)


def near(path: Path) -> str:
    """A path as short as it can be said from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def print_note(console: Console, text: str) -> None:
    """Print something that a reader should know besides."""
    _line(console, "Note", text, "yellow")


def done_in_words(record: EngineRecord) -> dict[str, str]:
    """Per operation what was done: `{"create": "2 subnets, 1 key vault"}`."""
    kinds: dict[str, dict[str, set[str]]] = {}
    replaced = {
        urn for operation, urn in record.finished if operation == "create-replacement"
    }
    for operation, urn in record.finished:
        if operation not in ("create", "update", "delete", "create-replacement"):
            continue
        if urn in replaced and operation != "create-replacement":
            continue
        shown = "replace" if urn in replaced else operation
        kinds.setdefault(shown, {}).setdefault(kind_of(type_of(urn)), set()).add(urn)
    return {
        operation: ", ".join(
            counted(len(urns), kind)
            for kind, urns in sorted(
                kinds[operation].items(), key=lambda item: (-len(item[1]), item[0])
            )
        )
        for operation in OPERATIONS
        if operation in kinds
    }


def _print_changes(console: Console, plan: Plan) -> None:
    counts = count_by_operation(plan)
    unchanged = unchanged_count(plan)
    if not any(counts.values()):
        _line(console, plan["stack"], f"nothing to do ({unchanged} unchanged)")
        return
    parts = [f"{counts[each]} to {IN_WORDS[each]}" for each in OPERATIONS]
    _line(console, plan["stack"], f"{', '.join(parts)}, {unchanged} unchanged")
    for operation, words in kinds_by_operation(plan).items():
        _line(console, IN_WORDS[operation], ", ".join(words), _STYLES[operation])


def _print_rules(console: Console, verdicts: Verdicts) -> None:
    rules = verdicts["rules"]
    if not rules:
        _line(console, "Rules", "no policy pack: nothing was judged", "yellow")
        return
    violated = sum(rule["violated"] > 0 for rule in rules)
    undecided = sum(rule["undecided"] > 0 and not rule["violated"] for rule in rules)
    holding = [
        rule
        for rule in rules
        if rule["satisfied"] and not rule["violated"] and not rule["undecided"]
    ]
    exempt = sum(
        rule["exempt"] > 0
        for rule in rules
        if not (rule["satisfied"] or rule["violated"] or rule["undecided"])
    )
    idle = len(rules) - violated - undecided - exempt - len(holding)
    parts = [
        f"{len(holding)} hold",
        f"{violated} violated",
        f"{undecided} undecided",
        *([f"{exempt} exempt"] if exempt else []),
        f"{idle} with nothing to judge",
    ]
    style = "bold red" if violated else "bold yellow" if undecided else "green"
    _line(console, "Rules", ", ".join(parts), style)
    if holding:
        names = ", ".join(rule["id"] or rule["name"] for rule in holding)
        _line(console, "hold", names)


def _print_messages(console: Console, plan: Plan) -> None:
    """The warnings of the program; all of its messages are in the reports."""
    warnings = [each for each in plan["diagnostics"] if each["severity"] == "warning"]
    for diagnostic in warnings[:_MOST_MESSAGES]:
        text = textwrap.shorten(
            diagnostic["message"], 300, placeholder=" … (plan.json)"
        )
        _line(console, "warning", text, "yellow")
    if len(warnings) > _MOST_MESSAGES:
        more = len(warnings) - _MOST_MESSAGES
        _line(console, "", f"and {counted(more, 'more warning')} in review.md")


def _subject(urn: str) -> str:
    type_token = type_of(urn)
    if type_token in ("", STACK_TYPE):
        return ""
    return f"{kind_of(type_token)} {name_of(urn)}"


def _line(console: Console, label: str, text: str, style: str = "") -> None:
    """One line of the summary: a label in its column, then the text.

    On a terminal long text goes on below itself; elsewhere it stays on one line.
    """
    line = Text(f"{label:<11} ", style=style or "bold")
    if console.is_terminal:
        width = max(console.width - 12, 40)
        pieces = textwrap.wrap(text, width, break_on_hyphens=False) or [""]
        text = ("\n" + " " * 12).join(pieces)
    line.append(text, style="")
    console.print(line, soft_wrap=True, highlight=False)
