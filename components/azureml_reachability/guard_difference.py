"""The difference between two plans in what guards their networks.

A guard that lets more through than before opens nothing while another one on the way
holds; it is told all the same, since the next change may open that one. What is equal
in effect is no change, however it is written.
"""

from dataclasses import dataclass, replace

from azureml_reachability.addresses import NO_ADDRESSES, AddressSet
from azureml_reachability.changed_guards import Change, ChangedGuard
from azureml_reachability.compared_groups import ComparedGroups
from azureml_reachability.end_values import usable
from azureml_reachability.firewall_changes import firewall_changes
from azureml_reachability.group_changes import group_changes
from azureml_reachability.guarded_plans import GuardedPlan
from azureml_reachability.packets import PacketSet
from azureml_reachability.part_contents import Numbers
from azureml_reachability.place_contents import Contents
from azureml_reachability.plan_difference import (
    ChangedFlow,
    Difference,
    TooDifferent,
    difference_of,
    with_chosen_addresses,
)
from azureml_reachability.route_changes import route_changes
from azureml_reachability.switch_changes import switch_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDifference:
    """What changes between two plans: flows from end to end, and guards."""

    opened: tuple[ChangedFlow, ...] = ()
    closed: tuple[ChangedFlow, ...] = ()
    guards: tuple[ChangedGuard, ...] = ()
    too_different: bool = False
    """Whether there are too many pairs of places to ask about: no flows are told."""
    unused: AddressSet = NO_ADDRESSES
    """Addresses of subnets that Azure gives to nobody."""

    def flows(self, change: Change) -> tuple[ChangedFlow, ...]:
        """Return the flows that a change opens, or closes."""
        return self.opened if change is Change.OPENED else self.closed

    def guards_of(self, flow: ChangedFlow, change: Change) -> tuple[ChangedGuard, ...]:
        """Return the guards that let packets of a flow through now, or stop them."""
        return tuple(
            each
            for each in self.guards
            if each.change is change and each.packets & flow.packets
        )

    def beyond(self, guard: ChangedGuard, flows: PacketSet) -> PacketSet:
        """Return the packets of a guard that may ever be sent, but for some flows."""
        used = ~self.unused
        return (guard.packets & PacketSet.of(sources=used, destinations=used)) - flows


def plan_difference(before: GuardedPlan, after: GuardedPlan) -> PlanDifference:
    """Return the flows and guards that ``after`` opens and closes.

    Flows are those of ``plan_difference.difference``.
    """
    numbers = Numbers()
    former = with_chosen_addresses(before.topology, after.topology)
    before = replace(before, topology=former)
    groups = ComparedGroups(
        former,
        after.topology,
        Contents(former, numbers),
        Contents(after.topology, numbers),
    )
    flows, too_different = Difference(), False
    try:
        flows = difference_of(former, after.topology, groups)
    except TooDifferent:
        too_different = True
    return PlanDifference(
        opened=flows.opened,
        closed=flows.closed,
        too_different=too_different,
        guards=(
            *group_changes(former, after.topology, groups),
            *firewall_changes(before, after),
            *route_changes(former, after.topology),
            *switch_changes(before, after),
        ),
        unused=AddressSet.union(
            subnet.ranges - usable(subnet.ranges)
            for plan in (before, after)
            for subnet in plan.topology.subnets
        ),
    )
