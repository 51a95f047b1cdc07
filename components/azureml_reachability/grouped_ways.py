"""The security groups at both ends of a way."""

from azureml_reachability.end_values import End, EndKind
from azureml_reachability.group_decisions import Members
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.steps_of_ways import (
    Fact,
    GroupStep,
    Step,
)
from azureml_reachability.surroundings import group_surroundings
from azureml_reachability.topology import (
    EndpointPolicies,
    Interface,
    Subnet,
    Topology,
)
from azureml_reachability.way_facts import undecided
from azureml_rulebook.security_rules import Direction

Steps = tuple[Step, ...]


class GroupedWays:
    """The groups that packets pass at both ends."""

    def __init__(self, topology: Topology, source: End, destination: End) -> None:
        self._topology = topology
        self._source = source
        self._destination = destination
        self._members = Members(
            source.application_groups, destination.application_groups
        )

    def leaving(self) -> Steps:
        """Return the groups that the packets pass where they start."""
        source = self._source
        if source.kind is not EndKind.INSIDE or source.subnet is None:
            return ()
        interface = source.interface
        return (
            *(
                self._interface_group(interface, Direction.OUTBOUND)
                if interface
                else ()
            ),
            *self._group(
                source.subnet.group,
                Direction.OUTBOUND,
                f"subnet {source.subnet.name}",
                source.subnet,
            ),
        )

    def arriving(self) -> Steps:
        """Return the groups that the packets pass where they end."""
        destination = self._destination
        subnet = destination.subnet
        if destination.kind is EndKind.ENDPOINT and subnet is not None:
            return self._endpoint_group(subnet)
        if destination.kind is not EndKind.INSIDE or subnet is None:
            return ()
        interface = destination.interface
        return (
            *self._group(
                subnet.group, Direction.INBOUND, f"subnet {subnet.name}", subnet
            ),
            *(self._interface_group(interface, Direction.INBOUND) if interface else ()),
        )

    def _interface_group(self, interface: Interface, direction: Direction) -> Steps:
        if not isinstance(interface.subnet, Subnet):
            return ()
        owner = f"{interface.kind} {interface.name}"
        return self._group(interface.group, direction, owner, interface.subnet)

    def _group(
        self,
        group: SecurityGroup | Missing | None,
        direction: Direction,
        owner: str,
        subnet: Subnet,
        obeyed: Missing | None = None,
    ) -> Steps:
        if group is None:
            return ()
        if isinstance(group, Missing):
            where = f"{direction.lower()} group of {owner}"
            return (undecided(where, "which group is not known", group),)
        other = self._destination if direction is Direction.OUTBOUND else self._source
        return (
            GroupStep(
                topology=self._topology,
                group=group,
                direction=direction,
                owner=owner,
                surroundings=group_surroundings(self._topology, subnet, other),
                members=self._members,
                obeyed=obeyed,
            ),
        )

    def _endpoint_group(self, subnet: Subnet) -> Steps:
        """Return the group before a private endpoint, where the subnet's policies
        make it obey one."""
        policies = subnet.endpoint_policies
        if isinstance(policies, EndpointPolicies) and not policies.groups:
            if subnet.group is None:
                return ()
            rule = "does not decide: the subnet's endpoint policies are off for groups"
            return (Fact(where=f"inbound group of subnet {subnet.name}", rule=rule),)
        return self._group(
            subnet.group,
            Direction.INBOUND,
            f"subnet {subnet.name}",
            subnet,
            policies if isinstance(policies, Missing) else None,
        )
