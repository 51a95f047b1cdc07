"""Where the appliance is that all routes lead to, and what it needs there.

An appliance in the network has a subnet with a security group, which must let pass what
machines send through it; one in a peered network is its owner's.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network

from azureml_network._secure_vnet.egress_inputs import EgressRequest
from azureml_rulebook.address_ranges import PRIVATE_RANGES, RESERVED_ADDRESSES
from azureml_rulebook.findings import Finding
from azureml_rulebook.forwarding import forwarding_group
from azureml_rulebook.routes import ROUTING_PAGE
from azureml_rulebook.security_rules import SecurityRule


def with_forwarding(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    groups: Mapping[str, tuple[SecurityRule, ...]],
) -> dict[str, tuple[SecurityRule, ...]]:
    """Return the rules of the security groups, by subnet name, with those that an
    appliance in the network needs to forward what machines send.

    ``prefixes``: the subnets' ranges by name.
    """
    home = home_of_next_hop(request, prefixes)
    if home is None or home not in groups:
        return dict(groups)
    senders = {
        str(prefixes[name]): groups[name] for name in request.behind if name in groups
    }
    forwarding = forwarding_group(groups[home], str(prefixes[home]), senders)
    return {**groups, home: forwarding}


def home_of_next_hop(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> str | None:
    """Return the name of the subnet with the appliance; None if it is elsewhere."""
    hop = request.next_hop
    if hop is None:
        return None
    return next((name for name, prefix in prefixes.items() if hop in prefix), None)


def next_hop_findings(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
    peers: Sequence[IPv4Network],
) -> list[Finding]:
    """Check that the appliance can be where its address is."""
    hop = request.next_hop
    if hop is None:
        return []
    if not any(hop in space for space in (*PRIVATE_RANGES, *address_space, *peers)):
        fault = (
            f"'{hop}' is public; routes lead to private addresses, give the "
            "appliance's address in this network or in a peered one"
        )
    else:
        home = home_of_next_hop(request, prefixes)
        fault = (
            _fault_elsewhere(request, hop, address_space, peers)
            if home is None
            else _fault_at_home(request, hop, home, prefixes[home])
        )
    return [Finding("next_hop_address", fault)] if fault else []


def _fault_at_home(
    request: EgressRequest, hop: IPv4Address, name: str, prefix: IPv4Network
) -> str:
    """Return why no appliance can have that address in that subnet, or ''."""
    purpose = request.subnets[name]
    if name in request.behind:
        return (
            f"'{hop}' is in subnets.{name} ({prefix}), whose own traffic is "
            "sent there, so what the appliance sends out would come back to "
            "it; put it into a subnet with purpose 'general'"
        )
    if not purpose.next_hop:
        return (
            f"'{hop}' is in subnets.{name} ({prefix}), where no appliance can be "
            f"({purpose.description}); put it into a subnet with purpose 'general'"
        )
    if not _is_handed_out(hop, prefix):
        return (
            f"'{hop}' is kept by Azure in subnets.{name} ({prefix}); the first "
            f"address that a machine can have is '{_first_handed_out(prefix)}'"
        )
    return ""


def _fault_elsewhere(
    request: EgressRequest,
    hop: IPv4Address,
    address_space: Sequence[IPv4Network],
    peers: Sequence[IPv4Network],
) -> str:
    """Return why no appliance outside of all subnets can have that address, or ''.

    The owner of a network that exists already may have peers that are not named here.
    """
    peer = next((network for network in peers if hop in network), None)
    if peer is not None and not _is_handed_out(hop, peer):
        return (
            f"'{hop}' is kept by Azure in any subnet of the peer's range {peer}; give "
            "the address that the appliance has there"
        )
    ours = any(hop in network for network in address_space)
    if peer is not None or (request.network_exists and not ours):
        return ""
    return (
        f"'{hop}' is in no subnet of this network and in no range of peerings; a "
        "next hop is in this network or in a peered one, name the subnet or the "
        f"peering that it is in ({ROUTING_PAGE})"
    )


def _is_handed_out(address: IPv4Address, prefix: IPv4Network) -> bool:
    """Whether Azure gives an address to machines: all but four and the last."""
    return _first_handed_out(prefix) <= address < prefix.broadcast_address


def _first_handed_out(prefix: IPv4Network) -> IPv4Address:
    return prefix.network_address + RESERVED_ADDRESSES - 1
