"""The peerings of a stack: resources of their own, and those inside of a network."""

from collections.abc import Iterator
from dataclasses import dataclass

from azureml_policies._frame import (
    Reading,
    Resource,
    Stack,
    Unknown,
    WrongType,
)
from azureml_policies._plan import (
    NETWORK,
    PEERING,
    Network,
    network_around,
    network_at,
    network_of,
)

_INLINE = "virtualNetworkPeerings"
_REMOTE = "remoteVirtualNetwork.id"
_USES = "useRemoteGateways"


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
    return (*_own_resources(stack), *_inside_networks(stack))


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


def _own_resources(stack: Stack) -> Iterator[Peering]:
    for peering in stack.of_type(PEERING):
        yield Peering(
            peering,
            network_around(stack, peering) or Unknown("virtualNetworkName"),
            network_of(stack, peering, _REMOTE),
            peering.value(_USES),
        )


def _inside_networks(stack: Stack) -> Iterator[Peering]:
    for network in stack.of_type(NETWORK):
        for peering in _elements(network.value(_INLINE)):
            yield Peering(
                network,
                network_around(stack, network) or Unknown(_INLINE),
                network_at(stack, network, peering.at(_REMOTE)),
                peering.at(_USES),
            )


def _elements(reading: Reading) -> list[Reading]:
    if isinstance(reading, Unknown):
        return [reading]
    try:
        return reading.elements()
    except WrongType:
        return []
