"""Plans what sites and VPN clients ask for names, and for which names.

They ask the resolver, or else the network's first DNS server; on-premises servers
forward the public zones of the network's private endpoints there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import cast

from azureml_network._hybrid_gateway.resolver import ResolverPlan
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.conditional_forwarders import (
    ForwardingTarget,
    conditional_forwarders,
    default_groups,
    group_findings,
    target_findings,
)
from azureml_rulebook.dns_resolvers import circle_warnings

_GROUPS = "private_endpoint_groups"


@dataclass(frozen=True, kw_only=True)
class NamesPlan:
    """How those outside of the network resolve its private names."""

    target: IPv4Address | None
    """Whom they ask; None: nobody, so that they get public addresses."""
    conditional_forwarders: Mapping[str, str]
    """What DNS servers on-premises forward: public zone to that address."""
    circles: tuple[str, ...]
    """Servers that may ask back who asks them, a line for each."""

    def warnings(self, *, clients: bool, sites: bool) -> tuple[str, ...]:
        """Return what a review is told: who cannot resolve private names.

        ``clients``: whether there are VPN clients. ``sites``: whether there are sites
        or circuits.
        """
        who = [
            word
            for word, there in (("VPN clients", clients), ("sites", sites))
            if there
        ]
        if self.target is not None or not who:
            return self.circles
        return (
            f"resolver: {' and '.join(who)} cannot resolve private names, since "
            "Azure's own DNS answers nobody outside; give a resolver, or dns_servers "
            "that forward to Azure",
        )


def read_names(
    reader: InputReader,
    place: Place,
    resolver: ResolverPlan | None,
    dns_servers: Sequence[IPv4Address],
) -> NamesPlan:
    """Read ``private_endpoint_groups`` and plan who forwards what.

    Args:
        reader: the component's inputs.
        place: where it is.
        resolver: the resolver, if there is one.
        dns_servers: the network's, in the order in which they are asked.
    """
    target = _target(resolver, dns_servers)
    reader.findings += target_findings(target)
    return NamesPlan(
        target=None if target is None else target.address,
        conditional_forwarders=conditional_forwarders(
            _groups(reader, place), target, place.cloud_name
        ),
        circles=() if resolver is None else _circles(resolver, dns_servers),
    )


def _circles(
    resolver: ResolverPlan, dns_servers: Sequence[IPv4Address]
) -> tuple[str, ...]:
    return circle_warnings(
        [
            (f"resolver.forwarding_rules.{key}.servers[{index}]", server.address)
            for key, rule in resolver.rules.items()
            for index, server in enumerate(rule.servers)
        ],
        dns_servers,
    )


def _target(
    resolver: ResolverPlan | None, dns_servers: Sequence[IPv4Address]
) -> ForwardingTarget | None:
    if resolver is not None:
        return ForwardingTarget(
            address=resolver.inbound_address, path="resolver.inbound_address"
        )
    if dns_servers:
        return ForwardingTarget(address=dns_servers[0], path="dns_servers[0]")
    return None


def _groups(reader: InputReader, place: Place) -> Sequence[str]:
    """Return the group ids of the network's private endpoints; () after a finding."""
    if not reader.has(_GROUPS):
        return default_groups(place.cloud_name)
    groups = reader.texts(_GROUPS, ())
    findings = group_findings(groups, place.cloud_name, path=_GROUPS)
    reader.findings += findings
    return () if findings else cast(Sequence[str], groups)
