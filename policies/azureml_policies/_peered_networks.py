"""Which networks of a plan are peered, and which use the gateways of others."""

from dataclasses import dataclass

from azureml_policies._frame import Reading, Resource, Stack, Unknown
from azureml_policies._networks import Network, network_around, network_at
from azureml_policies._peerings import all_peerings


@dataclass(frozen=True, slots=True)
class Peering:
    """One half of a peering: what one network may do with another one."""

    resource: Resource
    """The peering, or the network that holds it."""
    network: Network | Reading
    """The network whose half this is; a reading where it cannot be told."""
    remote: Network | Reading
    uses_remote_gateways: Reading


def peerings(stack: Stack) -> tuple[Peering, ...]:
    """Return all halves that ``stack`` shows; ask through ``stack.once``.

    A list of peerings that is not known yet is one half of which nothing is known.
    """
    return tuple(
        Peering(
            half.resource,
            network_around(stack, half.resource) or Unknown("virtualNetworkName"),
            network_at(stack, half.resource, half.value("remoteVirtualNetwork.id")),
            half.value("useRemoteGateways"),
        )
        for half in stack.once(all_peerings)
    )


def are_peered(stack: Stack, one: Network, other: Network) -> bool | Reading:
    """Say whether two networks are peered; the reading of what leaves it open.

    One half is enough: the other one may be in the other network's stack.
    """
    open_to: Reading | None = None
    for half in stack.once(peerings):
        ends = (half.network, half.remote)
        unknown = next((end for end in ends if not isinstance(end, Network)), None)
        known = [end for end in ends if isinstance(end, Network)]
        if unknown is None and _match(known, one, other):
            return True
        if unknown is not None and (
            not known or known[0].may_be(one) or known[0].may_be(other)
        ):
            open_to = unknown
    return False if open_to is None else open_to


def _match(ends: list[Network], one: Network, other: Network) -> bool:
    first, second = ends
    return (
        first.may_be(one)
        and second.may_be(other)
        or first.may_be(other)
        and second.may_be(one)
    )
