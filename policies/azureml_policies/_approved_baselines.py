"""The approved plan that a stack is compared with, read from its file."""

import json
from pathlib import Path
from typing import Any

from azureml_policies._frame import Stack, Violation
from azureml_policies._topology import plan_entries
from azureml_reachability.baselines import (
    as_it_turned_out,
    deciding,
)
from azureml_reachability.deciding_inputs import DECIDING_TYPES
from azureml_reachability.guard_difference import PlanDifference, plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of

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
    approved = _resources(text)
    if isinstance(approved, Violation):
        return approved
    after = deciding(plan_entries(stack, DECIDING_TYPES, with_secrets=False))
    before = as_it_turned_out(deciding(approved), after)
    return plan_difference(
        guarded_plan_of(before, cloud_name=cloud_name),
        guarded_plan_of(after, cloud_name=cloud_name),
    )


def _resources(text: str) -> list[Any] | Violation:
    try:
        content = json.loads((_PACK / text).read_text(encoding="utf-8"))
        resources = content["resources"]
        if not isinstance(resources, list):
            raise TypeError
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return Violation("", f"{_SETTING}: '{text}': {reason}; {_WRITE}")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Violation("", f"{_SETTING}: '{text}' is no plan.json; {_WRITE}")
    return resources
