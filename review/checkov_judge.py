"""Lets checkov judge an exported plan, and compares that with what is explained.

`python -m review.checkov_judge --template out/prod/arm.json --explained docs/judges.md
--checkov .venv-judges/bin/checkov` ends with 1 for a finding that nobody has explained
and for an explanation of something that checkov no longer finds. checkov gets no key of
a service, downloads nothing and looks for no newer version of itself.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from review.outcomes import EngineFailed, ExitCode, Misuse, ReviewError

_OPTIONS = (
    *("--framework", "arm"),
    *("--output", "json"),
    "--skip-download",
    "--quiet",
    "--compact",
)
_OFFLINE = {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "LOG_LEVEL": "ERROR"}
_KEY_VARIABLES = re.compile(r"^(BC|PRISMA|CKV|CHECKOV)_")
_ROW = re.compile(r"^\|\s*(CKV\w+)\s*\|\s*`([^`]+)`\s*\|\s*(.*?)\s*\|$")


@dataclass(frozen=True, order=True)
class Complaint:
    """A check of checkov's that fails, and the resource by its name in the program."""

    check: str
    resource: str


@dataclass(frozen=True)
class Verdict:
    """What checkov says about a template."""

    complaints: Mapping[Complaint, str]
    """Each with the check's own title."""
    passed: int
    """How many checks hold."""


def main(arguments: Sequence[str]) -> int:
    """Run checkov, compare, print; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        explained = read_explained(options.explained)
        template = _read_template(options.template)
        verdict = read_verdict(_run(options.checkov, options.template), template)
    except ReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    found = set(verdict.complaints)
    for each in sorted(found - set(explained)):
        print(f"unexplained {each.check} {each.resource}: {verdict.complaints[each]}")
    for each in sorted(set(explained) - found):
        print(f"outdated    {each.check} {each.resource}: checkov no longer finds it")
    if found != set(explained):
        print(f"Next        correct the program, or the table in {options.explained}")
        return ExitCode.RULES
    print(f"checkov     {verdict.passed} checks hold, {len(found)} are explained")
    return ExitCode.OK


def read_explained(file: Path) -> dict[Complaint, str]:
    """The findings that a page explains: rows of `| check | `resource` | reason |`.

    Raises `Misuse` for a page that cannot be read, a row without a reason, and a
    finding that is explained twice.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"--explained: {file} cannot be read: {error}") from error
    explained: dict[Complaint, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.startswith("| CKV"):
            continue
        row = _ROW.match(line)
        if row is None or not row[3]:
            raise Misuse(
                f"{file}:{number}: is no row of a check, a resource in backticks and "
                f"a reason: {line}"
            )
        complaint = Complaint(row[1], row[2])
        if complaint in explained:
            raise Misuse(f"{file}:{number}: {row[1]} `{row[2]}` is explained twice")
        explained[complaint] = row[3]
    return explained


def read_verdict(output: str, template: Mapping[str, Any]) -> Verdict:
    """What checkov has printed about a template.

    It counts resources of one type and name once, such as the associations whose name
    Azure fixes.

    Raises `EngineFailed` when that is no report on all resources of the template.
    """
    names = {
        f"{each['type']}.{each['name']}": each["comments"]
        for each in template["resources"]
    }
    try:
        reports = json.loads(output)
        report = next(
            each
            for each in (reports if isinstance(reports, list) else [reports])
            if each.get("check_type") == "arm"
        )
        judged = report["summary"]["resource_count"]
        failed = report["results"]["failed_checks"]
        complaints = {
            Complaint(each["check_id"], names[each["resource"]]): each["check_name"]
            for each in failed
        }
        passed = report["summary"]["passed"]
    except (ValueError, StopIteration, KeyError, AttributeError) as error:
        raise EngineFailed(f"checkov gave no report on templates: {error!r}") from error
    if judged != len(names):
        raise EngineFailed(f"checkov has read {judged} of {len(names)} resources")
    return Verdict(complaints, passed)


def _read_template(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Misuse(f"--template: {file} cannot be read: {error}") from error


def _run(checkov: Path, template: Path) -> str:
    try:
        done = subprocess.run(
            [str(checkov), *_OPTIONS, "--file", str(template)],
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise Misuse(f"--checkov: {checkov} cannot be run: {error.strerror}") from error
    if not done.stdout.strip():
        raise EngineFailed(f"checkov failed: {done.stderr.strip()}")
    return done.stdout


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Without keys and settings of checkov's service, which nothing here needs."""
    kept = {
        name: value for name, value in own.items() if not _KEY_VARIABLES.match(name)
    }
    return {**kept, **_OFFLINE}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review.checkov_judge",
        description="Let checkov judge an exported plan.",
        allow_abbrev=False,
    )
    for name, text in (
        ("template", "what `python -m review export` has written"),
        ("explained", "page whose table explains findings, such as docs/judges.md"),
        ("checkov", "checkov's command"),
    ):
        parser.add_argument(
            f"--{name}", type=Path, required=True, metavar="FILE", help=text
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
