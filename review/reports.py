"""Every report of a review, by file name: each is a function of (plan, verdicts).

A new kind of report is one more line here.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from review.markdown import review_markdown
from review.plan import Plan
from review.verdicts import Verdicts


def _plan_json(plan: Plan, _verdicts: Verdicts) -> str:
    return _json(plan)


def _verdicts_json(_plan: Plan, verdicts: Verdicts) -> str:
    return _json(verdicts)


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


REPORTS: Mapping[str, Callable[[Plan, Verdicts], str]] = {
    "plan.json": _plan_json,
    "verdicts.json": _verdicts_json,
    "review.md": review_markdown,
}


def all_reports(plan: Plan, verdicts: Verdicts) -> dict[str, str]:
    """The text of every report by its file name."""
    return {name: render(plan, verdicts) for name, render in REPORTS.items()}
