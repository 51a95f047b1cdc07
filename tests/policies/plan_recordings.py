"""A recorded plan of prod, for tests that judge many variants of it without an engine.

``python tests/policies/plan_recordings.py out/prod/plan.json`` writes it anew from what
a preview wrote; a test on the engine holds both equal.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROD = Path(__file__).with_name("recordings") / "prod.json"
_KEPT = ("urn", "type", "name", "parent", "inputs", "propertyDependencies")


def recorded(plan: Mapping[str, Any]) -> str:
    """Return what is kept of a plan: a line of JSON per resource, by URN."""
    resources = sorted(plan["resources"], key=lambda each: each["urn"])
    lines = [
        json.dumps({key: _in_order(key, each[key]) for key in _KEPT}, sort_keys=True)
        for each in resources
    ]
    return "\n".join(lines) + "\n"


def _in_order(key: str, value: Any) -> Any:
    """Return what the engine sends in any order in the order of URNs."""
    if key != "propertyDependencies":
        return value
    return {name: sorted(urns) for name, urns in value.items()}


def recorded_prod() -> list[dict[str, Any]]:
    """Return the resources of prod's plan."""
    return [json.loads(line) for line in PROD.read_text().splitlines()]


if __name__ == "__main__":
    PROD.write_text(recorded(json.loads(Path(sys.argv[1]).read_text())))
