"""The approved plan that a stack is compared with, read from its file."""

import json
from functools import lru_cache
from pathlib import Path

from azureml_policies._frame import Stack, Violation
from azureml_policies._topology import plan_entries
from azureml_reachability.baselines import Entry, as_it_turned_out, deciding
from azureml_reachability.deciding_inputs import DECIDING_TYPES
from azureml_reachability.guard_difference import PlanDifference, plan_difference
from azureml_reachability.guarded_plans import GuardedPlan, guarded_plan_of

_PACK = Path(__file__).resolve().parent.parent
_SETTING = "the setting 'baseline'"
_WRITE = "name a plan.json, or what 'python -m azureml_policies baseline' makes of one"


def difference_from(
    text: str, stack: Stack, cloud_name: str
) -> PlanDifference | Violation:
    """Return what a stack changes, or why the baseline cannot be read.

    Secrets are not compared: a baseline does not hold them.

    Args:
        text: the path of the baseline, from the pack's folder on or absolute.
        stack: the stack that is judged.
        cloud_name: the cloud whose service tags are meant, in both.
    """
    try:
        approved = _read(_PACK / text)
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return Violation("", f"{_SETTING}: '{text}': {reason}; {_WRITE}")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Violation("", f"{_SETTING}: '{text}' is no plan.json; {_WRITE}")
    after = deciding(plan_entries(stack, DECIDING_TYPES, with_secrets=False))
    return plan_difference(
        approved.plan(after, cloud_name), guarded_plan_of(after, cloud_name=cloud_name)
    )


class _Approved:
    """The resources of a baseline; its networks are read once."""

    def __init__(self, resources: list[object]) -> None:
        self._entries = deciding(resources)
        self._plans: dict[str, GuardedPlan] = {}

    def plan(self, after: list[Entry], cloud_name: str) -> GuardedPlan:
        """Return its networks, with what a deployment made of the same."""
        entries = [*as_it_turned_out(self._entries, after)]
        if entries != self._entries:
            return guarded_plan_of(entries, cloud_name=cloud_name)
        if cloud_name not in self._plans:
            self._plans[cloud_name] = guarded_plan_of(entries, cloud_name=cloud_name)
        return self._plans[cloud_name]


def _read(path: Path) -> _Approved:
    """Read a file; it is read again when it has changed."""
    return _known(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _known(path: Path, changed: int) -> _Approved:
    resources = json.loads(path.read_text(encoding="utf-8"))["resources"]
    if not isinstance(resources, list):
        raise TypeError
    return _Approved(resources)
