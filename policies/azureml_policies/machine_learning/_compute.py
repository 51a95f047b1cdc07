"""The kinds of compute that rules tell apart."""

from collections.abc import Iterable, Iterator
from typing import Any

from azureml_policies._frame import (
    Finding,
    Known,
    NotApplicable,
    Resource,
    Unknown,
    Violation,
)
from azureml_policies._workspaces import perhaps

CLUSTER = "AmlCompute"
INSTANCE = "ComputeInstance"
_KIND = "properties.computeType"


def example(kind: str, **properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute of ``kind`` for a rule's examples."""
    return {"properties": {"computeType": kind, "properties": properties}}


def only_for(
    compute: Resource, kinds: tuple[str, ...], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings`` for these kinds of compute; others are not concerned.

    Where the kind is not known, a finding may not count: it is undecided. A compute
    that has no kind is not passed over: Azure would refuse it.
    """
    kind = compute.value(_KIND)
    wanted = " or ".join(kinds)
    match kind:
        case Known() if kind.is_any_of(kinds):
            yield from findings
        case Known(value=str(), is_blank=False):
            raise NotApplicable(f"judges compute of kind {wanted}")
        case Unknown():
            yield from perhaps(kind, f"it is {wanted}", findings)
        case Known(is_blank=False):
            yield Violation(kind.path, f"{_KIND} is {kind.text}; set it to its kind")
        case _:
            yield Violation(
                _KIND, f"{_KIND} is missing, so nothing can be judged; set it"
            )
