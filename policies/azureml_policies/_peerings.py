"""Peerings of a plan, in both shapes, and which networks they join."""

from collections.abc import Iterator
from dataclasses import dataclass

from azureml_policies._frame import (
    Known,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    parse_arm_id,
)
from azureml_policies._plan import NETWORK

PEERING = "network:VirtualNetworkPeering"


@dataclass(frozen=True, slots=True)
class PlannedPeering:
    """One direction of a peering."""

    resource: Resource
    """The peering itself, or the network that it stands in."""
    inline: Reading | None
    """Its element of the network's list."""
    local: Reference
    """The network that it is of."""
    remote: Reference
    """The network that it leads to."""

    @property
    def label(self) -> str:
        """How messages call it."""
        if self.inline is None:
            return f"'{self.resource.name}'"
        return f"'{self.resource.name}' {self.inline.path}"

    def value(self, path: str) -> Reading:
        """Return the reading of a dotted property path of the peering."""
        if self.inline is None:
            return self.resource.value(path)
        return self.inline.at(path)


def peerings_of(stack: Stack, resource: Resource) -> Iterator[PlannedPeering]:
    """Yield a stand-alone peering, or those in a network's list."""
    if resource.key == PEERING.lower():
        name = resource.value("virtualNetworkName")
        local = stack.resolve(resource, name, NETWORK)
        remote = resource.value("remoteVirtualNetwork.id")
        yield PlannedPeering(
            resource, None, local, stack.resolve(resource, remote, NETWORK)
        )
        return
    listed = resource.value("virtualNetworkPeerings")
    elements = [listed] if isinstance(listed, Unknown) else listed.elements()
    local = Reference(Known("virtualNetworkName", resource.name), certain=resource)
    for element in elements:
        remote = element.at("remoteVirtualNetwork.id")
        yield PlannedPeering(
            resource, element, local, stack.resolve(resource, remote, NETWORK)
        )


def all_peerings(stack: Stack) -> tuple[PlannedPeering, ...]:
    """Return the peerings of a stack; ask through ``stack.once``."""
    return tuple(
        peering
        for resource in stack.of_type(PEERING, NETWORK)
        for peering in peerings_of(stack, resource)
    )


def network_name(reference: Reference) -> str:
    """Return what a network is called in Azure, or by Pulumi; ``?`` if not known."""
    if reference.certain is not None:
        name = reference.certain.value("virtualNetworkName")
        return str(name.value) if isinstance(name, Known) else reference.certain.name
    arm_id = parse_arm_id(reference.elsewhere)
    return arm_id.names[-1] if arm_id else reference.elsewhere or "?"
