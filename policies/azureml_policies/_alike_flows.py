"""Changed flows that are one opening: the same guards, and one end that they share.

A rule that lets one more port through to a subnet opens it to everything in there, and
is told once.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from azureml_reachability.changed_guards import ChangedGuard
from azureml_reachability.missing import Missing
from azureml_reachability.plan_difference import ChangedFlow

_LISTED = 3
"""Places that are named of a flow's further ends; the others are counted."""


@dataclass(frozen=True, slots=True)
class GuardedFlow:
    """A changed flow, and the guards whose change it shows."""

    flow: ChangedFlow
    guards: tuple[ChangedGuard, ...]


@dataclass(frozen=True, slots=True)
class AlikeFlows:
    """Flows that are told as one; the first one is shown with its packet."""

    first: GuardedFlow
    more: tuple[ChangedFlow, ...]
    share_source: bool
    """Whether all start at one place; otherwise all end at one."""

    @property
    def count(self) -> int:
        """How many flows these are."""
        return 1 + len(self.more)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The values that decide about any of them and are not known."""
        flows = (self.first.flow, *self.more)
        return tuple(
            dict.fromkeys(one for each in flows for one in each.answer.missing)
        )

    @property
    def further_ends(self) -> list[str]:
        """The places where the flows behind the first one end, or start."""
        return [
            str(each.destination if self.share_source else each.source)
            for each in self.more
        ]

    @property
    def further(self) -> str:
        """What follows the first flow in a sentence; empty where it is alone."""
        ends = self.further_ends
        if not ends:
            return ""
        word = "to" if self.share_source else "from"
        left = len(ends) - _LISTED
        listed = ", ".join(ends[:_LISTED]) + (f" and {left} more" if left > 0 else "")
        return f", and {word} {len(ends)} more: {listed}"


def alike(flows: Iterable[GuardedFlow]) -> list[AlikeFlows]:
    """Return the flows in groups, in the order of each group's first.

    Each flow is with those of its source or of its destination, whichever are more. One
    whose guards are not known is alone: nothing says that it has the same cause.
    """
    flows = list(flows)
    sizes = Counter(key for each in flows for key in _keys(each))
    groups: dict[Hashable, list[GuardedFlow]] = {}
    for index, each in enumerate(flows):
        key: Hashable = index
        if each.guards:
            key = max(_keys(each), key=lambda one: sizes[one])
        groups.setdefault(key, []).append(each)
    return [
        AlikeFlows(
            group[0],
            tuple(each.flow for each in group[1:]),
            len({each.flow.source for each in group}) == 1,
        )
        for group in groups.values()
    ]


def _keys(each: GuardedFlow) -> tuple[Hashable, Hashable]:
    """Return what flows have in common that start, or end, where this one does."""
    guards = tuple(dict.fromkeys(guard.guard for guard in each.guards))
    cause = (guards, each.flow.answer.verdict)
    return (
        (cause, "from", each.flow.source),
        (cause, "to", each.flow.destination),
    )
