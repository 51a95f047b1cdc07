"""The page of field cases and the tests that hold them name the same cases."""

import re
from pathlib import Path

CASE = re.compile(r"\bC\d{2,3}\b")


def test_every_case_is_on_the_page_and_held_by_a_test(checkout: Path) -> None:
    """A case that no test names, or a test with a case that nobody explains, fails."""
    page = (checkout / "docs" / "field-cases.md").read_text()
    listed = set(re.findall(r"^\| (C\d+) \|", page, re.MULTILINE))
    tested = {
        case
        for file in (checkout / "tests").rglob("*.py")
        for case in CASE.findall(file.read_text())
    }
    assert listed == tested
