"""Guards that decide by a switch, a range or a list: subnets, peerings, gateways,
networks, machines and firewalls' name servers.

Each is read as what it does, with a value that says how far: what one plan alone has is
compared with nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from azureml_reachability.addresses import (
    ALL_ADDRESSES,
    ALL_IPV4,
    NO_ADDRESSES,
    AddressSet,
)
from azureml_reachability.changed_guards import Change, ChangedGuard, listed
from azureml_reachability.end_values import internet_addresses
from azureml_reachability.guarded_plans import GuardedPlan
from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import NO_PACKETS, PacketSet
from azureml_reachability.part_contents import application_group_names
from azureml_reachability.place_names import PlaceKind
from azureml_reachability.place_names import network as network_place
from azureml_reachability.place_names import subnet as subnet_place
from azureml_reachability.topology import (
    EndpointPolicies,
    Gateway,
    Interface,
    Kind,
    Network,
    Peering,
    PublicAddress,
    Subnet,
    Topology,
)

Value = bool | Missing | AddressSet | frozenset[str] | tuple[str, ...]
"""True, more addresses or more texts open; another tuple is another value."""


@dataclass(frozen=True, slots=True)
class _Trait:
    """How far a guard goes in one respect."""

    value: Value
    packets: PacketSet = NO_PACKETS
    """What it is about, if it is about packets of certain ends."""


_SUBNET = f"{PlaceKind.SUBNET}:"
"""How names of subnets begin: one that only one plan has is told by its flows."""
Traits = Mapping[str, _Trait]
"""What a guard does, in words that go on behind its name, and how far."""


def switch_changes(before: GuardedPlan, after: GuardedPlan) -> list[ChangedGuard]:
    """Return how guards changed that decide by a switch, a range or a list."""
    former, present = _by_name(before), _by_name(after)
    return [
        change
        for guard in dict.fromkeys((*present, *former))
        if (guard in former and guard in present) or not guard.startswith(_SUBNET)
        for change in _changes(guard, former.get(guard), present.get(guard))
    ]


def _by_name(plan: GuardedPlan) -> dict[str, Traits]:
    """Return the guards by name; what one has several of is told apart by number."""
    found: dict[str, Traits] = {}
    for name, traits in _guards(plan):
        number, own = 1, name
        while found.get(own, {}).keys() & traits.keys():
            number += 1
            own = f"{name} ({number})"
        found[own] = {**found.get(own, {}), **traits}
    return found


def _changes(
    guard: str, before: Traits | None, after: Traits | None
) -> list[ChangedGuard]:
    """Return how one guard changed; one that is new or gone is told once."""
    old, new = before or {}, after or {}
    changes = [
        change
        for what in dict.fromkeys((*new, *old))
        for change in _compared(guard, what, old.get(what), new.get(what))
    ]
    if before is None or after is None:
        return _as_one("is new: it " if before is None else "is gone: it ", changes)
    return [
        replace(each, what=f"{each.what}, which it did not before")
        if each.change is Change.OPENED
        else each
        for each in changes
    ]


def _as_one(begin: str, changes: list[ChangedGuard]) -> list[ChangedGuard]:
    """Return all that one guard opens or closes as one change."""
    if not changes:
        return []
    packets = NO_PACKETS
    for each in changes:
        packets |= each.packets
    return [
        replace(
            changes[0],
            what=begin + ", ".join(each.what for each in changes),
            packets=packets,
            missing=distinct(value for each in changes for value in each.missing),
        )
    ]


def _guards(plan: GuardedPlan) -> Iterator[tuple[str, Traits]]:
    topology = plan.topology
    for network in topology.networks:
        servers = plan.network_servers.get(network.name, ())
        yield f"{network_place(network.name)}", _of_network(network, servers)
    for subnet in topology.subnets:
        name = subnet.qualified_name
        published = "lets services that are published in it pass its security group by"
        yield (
            f"{subnet_place(name)}",
            {
                **_of_subnet(topology, subnet, plan.accounts.get(name)),
                published: _Trait(plan.link_services.get(name, False)),
            },
        )
    for peering in topology.peerings:
        name = f"peering:{peering.network.name}/{peering.name}"
        yield name, _of_peering(peering)
    for gateway in topology.gateways:
        switches = plan.gateway_switches.get(gateway.name, {})
        yield f"gateway:{gateway.name}", _of_gateway(gateway, switches)
    for interface in topology.interfaces:
        servers = plan.interface_servers.get(interface.name)
        name = f"{interface.kind.lower()}:{interface.name}"
        yield name, _of_interface(topology, interface, servers)
    for name, servers in plan.firewall_servers.items():
        yield f"firewall:{name}", {"asks DNS servers": _Trait(servers)}


def _of_network(network: Network, servers: tuple[str, ...]) -> Traits:
    return {
        "has addresses": _Trait(network.ranges, _either(network.ranges, ALL_ADDRESSES)),
        "may have further addresses": _Trait(bool(network.missing)),
        "asks DNS servers": _Trait(servers),
    }


def _of_subnet(
    topology: Topology, subnet: Subnet, accounts: frozenset[str] | None
) -> Traits:
    own = subnet.ranges
    policies = subnet.endpoint_policies
    known = isinstance(policies, EndpointPolicies)
    out = PacketSet.of(
        sources=own & ALL_IPV4, destinations=internet_addresses(topology)
    )
    services = frozenset(
        "what is not known" if isinstance(each, Missing) else each.lower()
        for each in subnet.service_endpoints
    )
    return {
        "has addresses": _Trait(own, _either(own, ALL_ADDRESSES)),
        "lets packets to private endpoints pass its security group by": _Trait(
            not policies.groups if known else policies,
            PacketSet.of(destinations=own),
        ),
        "lets packets to private endpoints pass route tables by": _Trait(
            not policies.routes if known else policies,
            PacketSet.of(destinations=own),
        ),
        "leads out through a NAT gateway": _Trait(subnet.nat_gateway, out),
        "leads out by addresses that Azure lends": _Trait(subnet.default_outbound, out),
        "leads past its routes to": _Trait(services),
        "leads through service endpoints to every account": _Trait(
            bool(services) and accounts is None
        ),
        "leads through service endpoints to": _Trait(accounts or frozenset()),
    }


def _of_peering(peering: Peering) -> Traits:
    remote = peering.remote
    far = remote.ranges if isinstance(remote, Network) else NO_ADDRESSES
    between = _either(peering.network.ranges, far)
    name = remote.name if isinstance(remote, Network) else "what is not known"
    return {
        "leads to": _Trait(frozenset({name})),
        "gives access": _Trait(peering.allows_access, between),
        "takes forwarded traffic": _Trait(
            peering.allows_forwarded,
            PacketSet.of(destinations=peering.network.ranges),
        ),
        "lends its gateways": _Trait(peering.allows_gateway_transit),
        "uses the gateways of the other network": _Trait(peering.uses_remote_gateways),
    }


def _of_gateway(gateway: Gateway, switches: Mapping[str, bool | Missing]) -> Traits:
    return {
        "gives VPN clients addresses": _Trait(
            gateway.clients, _either(gateway.clients, ALL_ADDRESSES)
        ),
        "may give VPN clients further addresses": _Trait(bool(gateway.clients_missing)),
        "leads to sites with": _Trait(
            gateway.on_premises, _either(gateway.on_premises, ALL_ADDRESSES)
        ),
        "takes further addresses of sites, which are not in the plan": _Trait(
            bool(gateway.on_premises_missing)
        ),
        "joins the network to": _Trait(
            frozenset(network.name for network in gateway.networks)
        ),
        **{text: _Trait(value) for text, value in switches.items()},
    }


def _of_interface(
    topology: Topology, interface: Interface, servers: tuple[str, ...] | None
) -> Traits:
    public, groups = interface.public, interface.application_groups
    # Azure's own services have doors of their own.
    stands_open = interface.kind in (Kind.MACHINE, Kind.COMPUTE)
    is_open = (
        _negated(public.standard)
        if isinstance(public, PublicAddress) and stands_open
        else False
    )
    names = application_group_names(topology)
    subnet = interface.subnet
    own = interface.addresses or (
        subnet.ranges if isinstance(subnet, Subnet) else NO_ADDRESSES
    )
    outside = internet_addresses(topology)
    return {
        "passes on packets of others": _Trait(interface.forwards),
        "has a public address": _Trait(
            public if isinstance(public, Missing) else public is not None,
            _either(own, outside),
        ),
        "has a public address that no group has to open": _Trait(is_open),
        "is in application security groups": _Trait(
            frozenset({"one that is not known"})
            if isinstance(groups, Missing)
            else frozenset(names.get(key, key) for key in groups)
        ),
        **({} if servers is None else {"asks DNS servers": _Trait(servers)}),
    }


def _negated(value: bool | Missing) -> bool | Missing:
    return value if isinstance(value, Missing) else not value


def _either(one: AddressSet, other: AddressSet) -> PacketSet:
    """Return the packets between two ends, in both directions."""
    return PacketSet.of(sources=one, destinations=other) | PacketSet.of(
        sources=other, destinations=one
    )


def _compared(
    guard: str, what: str, before: _Trait | None, after: _Trait | None
) -> Iterator[ChangedGuard]:
    """Yield what one trait opens and closes; one that is not there is closed."""
    known = after or before
    if known is None:
        return
    old = before.value if before else _nothing(known.value)
    new = after.value if after else _nothing(known.value)
    if old == new:
        return
    packets = (after or known).packets
    for change, more, less in ((Change.OPENED, new, old), (Change.CLOSED, old, new)):
        text = _gained(what, change, more, less)
        if text is not None:
            yield ChangedGuard(
                guard=guard,
                change=change,
                what=text,
                packets=_only(packets, more, less),
                missing=(new,)
                if isinstance(new, Missing) and change is Change.OPENED
                else (),
            )


def _nothing(value: Value) -> Value:
    if isinstance(value, AddressSet):
        return NO_ADDRESSES
    if isinstance(value, frozenset):
        return frozenset()
    return () if isinstance(value, tuple) else False


def _gained(what: str, change: Change, more: Value, less: Value) -> str | None:
    """Return in words how far ``more`` goes beyond ``less``; None if it does not."""
    opens = change is Change.OPENED
    if isinstance(more, AddressSet) and isinstance(less, AddressSet):
        beyond = f"{more - less}" if more - less else None
    elif isinstance(more, frozenset) and isinstance(less, frozenset):
        beyond = listed(sorted(more - less)) or None
    elif isinstance(more, tuple) and isinstance(less, tuple):
        servers = [", ".join(each) or "Azure's own" for each in (more, less)]
        beyond = f"{servers[0]} in place of {servers[1]}" if opens else None
    else:
        # What was not known and is known now has not been closed.
        gained = more is not False if opens else more is True
        beyond = "" if less is False and gained else None
    if beyond is None:
        return None
    told = f"{what} {beyond}".rstrip()
    return told if opens else f"no longer {told}"


def _only(packets: PacketSet, more: Value, less: Value) -> PacketSet:
    """Return the packets of the addresses that came or went."""
    if isinstance(more, AddressSet) and isinstance(less, AddressSet):
        return _either(more - less, ALL_ADDRESSES)
    return packets
