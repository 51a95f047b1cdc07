"""The review as Markdown, for the description or a comment of a pull request.

Violations come first, and the whole fits into one comment. What does not fit is counted
and named in its place, with the file that holds it: nothing is cut silently.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from review.changes import (
    IN_WORDS,
    OPERATIONS,
    changes_by_component,
    count_by_operation,
    kinds_by_operation,
    unchanged_count,
)
from review.plan import Plan
from review.urns import STACK_TYPE, kind_of, name_of, type_of
from review.verdicts import Finding, Verdicts, blocking_findings, was_undecided

MOST_CHARACTERS = 64_000
"""What a comment on a pull request holds (GitHub: 65,536), with room for a frame."""

_LONGEST_NAME = 200
_LONGEST_MESSAGE = 1_500
_MOST_PROPERTIES = 8
_TEMPLATES = __file__.rpartition("markdown.py")[0] + "templates"


@dataclass(frozen=True)
class Detail:
    """How many entries a section may list; None is all."""

    findings: int | None = None
    changes: int | None = None
    rules: int | None = None
    diagnostics: int | None = None


# Tried in turn until the text fits: what matters least gives way first.
_DETAILS = (
    Detail(),
    Detail(diagnostics=20),
    Detail(changes=200, diagnostics=20),
    Detail(changes=50, diagnostics=10),
    Detail(changes=0, diagnostics=5),
    Detail(changes=0, rules=50, diagnostics=5),
    Detail(findings=100, changes=0, rules=0, diagnostics=5),
    Detail(findings=50, changes=0, rules=0, diagnostics=5),
    Detail(findings=20, changes=0, rules=0, diagnostics=2),
    Detail(findings=8, changes=0, rules=0, diagnostics=2),
)


def review_markdown(plan: Plan, verdicts: Verdicts) -> str:
    """The review of a plan, of at most `MOST_CHARACTERS` characters."""
    text = ""
    for detail in _DETAILS:
        text = _render(plan, verdicts, detail)
        if len(text) <= MOST_CHARACTERS:
            break
    return text


def _render(plan: Plan, verdicts: Verdicts, detail: Detail) -> str:
    findings = verdicts["findings"]
    sources = {each["urn"]: each["source"] for each in plan["resources"]}
    rules = verdicts["rules"]
    holding = [rule for rule in rules if _holds(rule) and rule["satisfied"]]
    template = _environment().get_template("review.md.j2")
    return template.render(
        plan=plan,
        detail=detail,
        blocking=blocking_findings(verdicts),
        counts=count_by_operation(plan),
        unchanged=unchanged_count(plan),
        kinds=kinds_by_operation(plan),
        components=_limited_groups(changes_by_component(plan), detail.changes),
        open_findings=[each for each in findings if each["status"] != "exempt"],
        exempt_findings=[each for each in findings if each["status"] == "exempt"],
        failing=[rule for rule in rules if not _holds(rule)],
        holding=holding,
        idle=[rule for rule in rules if _is_idle(rule)],
        rules=rules,
        sources=sources,
        was_undecided=was_undecided,
    )


def _holds(rule: dict[str, Any]) -> bool:
    return not (rule["violated"] or rule["undecided"])


def _is_idle(rule: dict[str, Any]) -> bool:
    return _holds(rule) and not (rule["satisfied"] or rule["exempt"])


def _limited_groups(
    groups: dict[str, list[Any]], limit: int | None
) -> list[tuple[str, list[Any], int]]:
    """Per group its title, the entries that are listed, and how many are not."""
    limited = []
    left = limit
    for title, entries in groups.items():
        shown = entries if left is None else entries[:left]
        left = None if left is None else left - len(shown)
        limited.append((title, shown, len(entries) - len(shown)))
    return limited


def _environment() -> Environment:
    # Markdown, not HTML: `escaped` below does what HTML escaping would do.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        code=_code, escaped=_escaped, message=_message, short=_short_message
    )
    environment.globals.update(
        IN_WORDS=IN_WORDS,
        OPERATIONS=OPERATIONS,
        kind_of=kind_of,
        properties=_properties,
        subject=_subject,
        place=_place,
        witness=_witness,
    )
    return environment


def _subject(finding: Finding) -> str:
    """The resource that a finding is about, in Markdown."""
    type_token = type_of(finding["urn"])
    if type_token in ("", STACK_TYPE):
        return "the whole stack"
    return f"{_escaped(kind_of(type_token))} {_code(name_of(finding['urn']))}"


def _place(source: dict[str, Any] | None) -> str:
    return _code(f"{source['file']}:{source['line']}") if source else ""


def _witness(finding: Finding) -> str:
    text = json.dumps(finding["witness"], ensure_ascii=False, sort_keys=True)
    return _code(text)


def _properties(names: list[str]) -> str:
    shown = ", ".join(_code(name) for name in names[:_MOST_PROPERTIES])
    more = len(names) - _MOST_PROPERTIES
    return f"{shown} and {more} more (plan.json)" if more > 0 else shown


def _code(text: str) -> str:
    """Text between backticks, on one line, safe inside a table cell."""
    line = _clipped(" ".join(str(text).split()), _LONGEST_NAME)
    line = line.replace("`", "'").replace("|", "\\|")
    return f"`{line}`" if line else ""


def _escaped(text: str) -> str:
    """Text as Markdown shows it: no tag, no link, no table cell begins in it."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(str(text).split()))


def _message(text: str) -> str:
    return _escaped(_clipped(text, _LONGEST_MESSAGE))


def _short_message(text: str) -> str:
    return _escaped(_clipped(text, _LONGEST_NAME))


def _clipped(text: str, longest: int) -> str:
    more = len(text) - longest
    if more <= 0:
        return text
    return f"{text[:longest]}… ({more} more characters in the JSON reports)"
