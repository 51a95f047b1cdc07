"""DNS Private Resolver: its address, and the rules by which it asks other servers.

The address of its inbound endpoint follows from the subnet alone, so that a network can
name it as its DNS server before there is a resolver in it. A rule that would lead names
of private endpoints away, or round in a circle, is told here: Azure takes it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import (
    RESERVED_ADDRESSES,
    read_range,
    read_subnet_address,
)
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.dns_servers import AZURE_DNS, public_server_findings, read_server
from azureml_rulebook.dns_zones import all_forwarded_zones
from azureml_rulebook.findings import Finding
from azureml_rulebook.subnets import RESOLVER_INBOUND, subnet_purpose

RULESET_PAGE = (
    "https://learn.microsoft.com/azure/dns/private-resolver-endpoints-rulesets"
)
_LIMITS_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/"
    "azure-subscription-service-limits#azure-dns-limits"
)
_GATEWAY_PAGE = "https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq"

MOST_RULES = 1000
"""Forwarding rules of one ruleset (``_LIMITS_PAGE``)."""

MOST_LINKS = 500
"""Networks that follow one ruleset, same page."""

MOST_TARGET_SERVERS = 6
"""Servers of one forwarding rule, same page."""

DNS_PORT = 53

_KEPT_FIRST = RESERVED_ADDRESSES - 1
_MOST_LABELS = 34
"""Labels of a rule's domain (``RULESET_PAGE``)."""
_LONGEST_DOMAIN = 253
"""Characters of a name (https://www.rfc-editor.org/rfc/rfc1035)."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True, kw_only=True)
class TargetServer:
    """A DNS server that a forwarding rule asks."""

    address: IPv4Address
    port: int


def inbound_address(prefix: str) -> str:
    """Return the address of the inbound endpoint in the subnet with range ``prefix``.

    The first one that Azure does not keep for itself
    (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq). Raises
    ValueError for what is no range that such a subnet can have.
    """
    path = "inbound_subnet_prefix"
    found = read_range(prefix, path)
    findings = [found] if isinstance(found, Finding) else subnet_findings(found, path)
    if isinstance(found, Finding) or findings:
        raise ValueError(str(findings[0]))
    return str(first_address(found))


def first_address(subnet: IPv4Network) -> IPv4Address:
    """Return the first address of a subnet that Azure does not keep for itself."""
    return subnet[_KEPT_FIRST]


def subnet_findings(subnet: IPv4Network, path: str) -> list[Finding]:
    """Check that a subnet has a size in which an inbound endpoint can be."""
    row = subnet_purpose(RESOLVER_INBOUND)
    if row.largest <= subnet.prefixlen <= row.smallest:
        return []
    return [
        Finding(
            path,
            f"'{subnet}' is a /{subnet.prefixlen}; Azure puts endpoints of a resolver "
            f"into subnets of /{row.smallest} to /{row.largest}, give the range of "
            f"such a one ({row.page})",
        )
    ]


def read_inbound_address(
    text: object, subnet: IPv4Network, path: str
) -> IPv4Address | Finding:
    """Read the static address of the inbound endpoint in ``subnet``."""
    return read_subnet_address(text, subnet, path, whose="the inbound subnet")


def read_domain(text: str, path: str) -> str | Finding:
    """Read the domain of a rule; returns it as Azure wants it, with a dot at its end.

    Refused are a domain of no form (``RULESET_PAGE``) and the wildcard: a gateway in
    the network must get Azure's own names from Azure (``_GATEWAY_PAGE``), and Azure's
    DNS cannot be a rule's server.
    """
    wanted = "write a domain like 'corp.example.com'"
    domain = text.lower().removesuffix(".")
    labels = domain.split(".")
    if not domain or domain == "*":
        return Finding(
            path,
            f"'{text}' stands for every name: Azure's own names must come from Azure, "
            f"or gateways and private endpoints stop working; {wanted}, by a rule for "
            f"each ({_GATEWAY_PAGE})",
        )
    if labels[0] == "*":
        return Finding(
            path,
            f"'{text}' has an asterisk; a rule holds for every name below its domain, "
            f"write '{'.'.join(labels[1:])}'",
        )
    if not domain.isascii():
        return Finding(
            path,
            f"'{text}' has letters beyond ASCII; write its form that begins with "
            "'xn--'",
        )
    if len(domain) > _LONGEST_DOMAIN or not all(map(_LABEL.fullmatch, labels)):
        return Finding(path, f"'{text}' is not a domain; {wanted}")
    if re.fullmatch(r"[\d.]+", domain):
        return Finding(path, f"'{text}' is an address and no domain; {wanted}")
    if len(labels) > _MOST_LABELS:
        return Finding(
            path,
            f"'{text}' has {len(labels)} labels; Azure takes {_MOST_LABELS}, leave out "
            f"{len(labels) - _MOST_LABELS} at the front ({RULESET_PAGE})",
        )
    return f"{domain}."


def domain_findings(
    domain: str, cloud_name: str = PUBLIC, *, path: str
) -> list[Finding]:
    """Check that a rule leads no names of private endpoints away.

    ``domain``: as ``read_domain`` returns it. On-premises servers send these names
    here, so that a rule would also send them round in a circle.
    """
    name = domain.removesuffix(".")
    reason = "names of private endpoints would be asked there, and sent back here"
    if "privatelink" in name.split("."):
        return [
            Finding(
                path,
                f"'{name}' is a private zone of Azure: {reason}; leave this rule out, "
                f"link the zone to the network ({RULESET_PAGE})",
            )
        ]
    zone = next(
        (
            zone
            for zone in all_forwarded_zones(cloud_name)
            if f".{zone}".endswith(f".{name}") or name.endswith(f".{zone}")
        ),
        None,
    )
    if zone is None:
        return []
    relation = "is" if zone == name else "holds" if zone.endswith(name) else "is within"
    return [
        Finding(
            path,
            f"'{name}' {relation} '{zone}', a zone of Azure: {reason}; give a domain "
            f"of your own, or leave this rule out ({RULESET_PAGE})",
        )
    ]


def same_domain_findings(domains: Iterable[tuple[str, str]]) -> list[Finding]:
    """Find domains that two rules have, which Azure takes once.

    ``domains``: each with its path, as ``read_domain`` returns them.
    """
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for path, domain in domains:
        other = first.setdefault(domain, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{domain.removesuffix('.')}' is {other} already; a ruleset has "
                    "each domain once, put the servers of both into one rule",
                )
            )
    return findings


def read_target_servers(
    texts: Sequence[object],
    known: Sequence[IPv4Network],
    inbound: IPv4Address | None,
    path: str,
) -> tuple[tuple[TargetServer, ...], list[Finding]]:
    """Read the servers of a rule, in the order in which they are asked.

    Args:
        texts: addresses, with ``:PORT`` where that is not 53.
        known: ranges that are in use here and elsewhere.
        inbound: the address of the resolver itself; None: it could not be read.
        path: where they were given.

    Returns:
        Those that could be read, and the findings.
    """
    first: dict[TargetServer, str] = {}
    findings: list[Finding] = []
    for index, text in enumerate(texts):
        place = f"{path}[{index}]"
        found = _read_target(text, place)
        if isinstance(found, Finding):
            findings.append(found)
            continue
        other = first.setdefault(found, place)
        if other != place:
            findings.append(
                Finding(place, f"'{text}' is {other} already; leave one of them out")
            )
        findings += _target_findings(found.address, known, inbound, place)
    if len(texts) > MOST_TARGET_SERVERS:
        findings.append(
            Finding(
                path,
                f"are {len(texts)}; a rule takes at most {MOST_TARGET_SERVERS}, leave "
                f"out {len(texts) - MOST_TARGET_SERVERS} ({_LIMITS_PAGE})",
            )
        )
    return tuple(first), findings


def circle_warnings(
    servers: Sequence[tuple[str, IPv4Address]], dns_servers: Sequence[IPv4Address]
) -> tuple[str, ...]:
    """Say which servers of rules the network asks too, which may ask the resolver.

    ``servers``: each with its path. ``dns_servers``: the network's. A firewall among
    them asks the resolver for everything (``RULESET_PAGE``).
    """
    return tuple(
        f"{path}: '{server}' is one of dns_servers too; if it asks the resolver, as a "
        f"firewall with a DNS proxy does, names go round in a circle ({RULESET_PAGE})"
        for path, server in servers
        if server in dns_servers
    )


def number_findings(
    rules: Mapping[str, object], links: Mapping[str, object], *, path: str
) -> list[Finding]:
    """Check how many rules and linked networks one ruleset has.

    ``links``: further networks, besides the resolver's own.
    """
    return [
        Finding(
            f"{path}.{key}",
            f"are {number}; a ruleset takes at most {most}, leave out {number - most} "
            f"({_LIMITS_PAGE})",
        )
        for key, number, most in (
            ("forwarding_rules", len(rules), MOST_RULES),
            ("linked_network_ids", len(links), MOST_LINKS - 1),
        )
        if number > most
    ]


def _target_findings(
    address: IPv4Address,
    known: Sequence[IPv4Network],
    inbound: IPv4Address | None,
    path: str,
) -> list[Finding]:
    if address == AZURE_DNS:
        return [
            Finding(
                path,
                f"'{address}' is Azure's own DNS, which Azure takes for no rule; leave "
                "the rule out, the resolver asks it for every name without a rule "
                f"({RULESET_PAGE})",
            )
        ]
    if address == inbound:
        return [
            Finding(
                path,
                f"'{address}' is the resolver itself, so that names would be asked in "
                f"a circle; give a server that knows the domain ({RULESET_PAGE})",
            )
        ]
    return [
        Finding(
            item.path,
            f"{item.message}; one on-premises that has such an address needs its range "
            "in other_address_space",
        )
        for item in public_server_findings([address], known, path=path)
    ]


def _read_target(text: object, path: str) -> TargetServer | Finding:
    if not isinstance(text, str):
        return Finding(
            path, f"{text!r} is not text; give an IPv4 address like '10.200.0.4'"
        )
    host, colon, number = text.partition(":")
    address = read_server(host, path)
    if isinstance(address, Finding):
        return address
    if not colon:
        return TargetServer(address=address, port=DNS_PORT)
    if re.fullmatch(r"[1-9][0-9]{0,4}", number) is None or int(number) > 65535:
        return Finding(
            path,
            f"'{text}' has the port '{number}'; write a number from 1 to 65535, or "
            f"'{host}' for port {DNS_PORT}",
        )
    return TargetServer(address=address, port=int(number))
