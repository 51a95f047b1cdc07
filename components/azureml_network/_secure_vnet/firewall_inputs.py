"""Reads what a caller wants of Azure Firewall, and checks it.

Tiers differ in what they have, and each host that is allowed has an owner and a last
day. All of it is held against the rulebook here, before addresses are planned.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import IPv4Address

from azureml_network._inputs import InputReader
from azureml_network._place import read_zones
from azureml_network._secure_vnet.arguments import (
    AllowedHost,
    DetectionMode,
    FirewallTier,
)
from azureml_rulebook.dns_servers import read_dns_servers
from azureml_rulebook.firewall_tiers import (
    MOST_DNS_SERVERS,
    option_findings,
    strictest_intrusion_detection,
    strictest_threat_intelligence,
    tier_facts,
)
from azureml_rulebook.host_names import covers, host_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.required_hosts import WEB_PORTS

EXPIRES_SOON = timedelta(days=30)
"""From when on a host's end is told in advance."""


@dataclass(frozen=True, kw_only=True)
class RequestedHost:
    """A host that the firewall lets machines reach."""

    name: str
    host: str
    """In lower case."""
    ports: tuple[int, ...]
    owner: str
    expires: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class RequestedFirewall:
    """Azure Firewall as it was asked for."""

    tier: FirewallTier
    zones: tuple[str, ...]
    threat_intelligence: DetectionMode
    intrusion_detection: DetectionMode
    dns_proxy: bool
    dns_servers: tuple[IPv4Address, ...]
    """Empty: none were given."""
    allowed_hosts: tuple[RequestedHost, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KnownHosts:
    """Hosts that all machines behind the firewall may reach anyhow."""

    hosts: tuple[str, ...]
    ports: tuple[int, ...]
    reason: str


def read_firewall(
    reader: InputReader, known: Sequence[KnownHosts], today: date
) -> RequestedFirewall:
    """Read a FirewallSpec.

    Args:
        reader: of the spec.
        known: what is let through anyhow, and so is refused on the list.
        today: against which the hosts' last days are held.
    """
    tier = reader.choice("tier", FirewallTier.STANDARD)
    threat_intelligence = reader.choice(
        "threat_intelligence", DetectionMode(strictest_threat_intelligence(tier))
    )
    intrusion_detection = reader.choice(
        "intrusion_detection", DetectionMode(strictest_intrusion_detection(tier))
    )
    dns_proxy = reader.flag("dns_proxy", tier_facts(tier).dns_proxy)
    dns_servers = _dns_servers(reader)
    reader.findings += option_findings(
        tier,
        threat_intelligence=threat_intelligence,
        intrusion_detection=intrusion_detection,
        dns_proxy=dns_proxy,
        dns_servers=[str(server) for server in dns_servers],
        path=reader.path,
    )
    hosts, warnings = _allowed_hosts(reader, known, today)
    return RequestedFirewall(
        tier=tier,
        zones=read_zones(reader),
        threat_intelligence=threat_intelligence,
        intrusion_detection=intrusion_detection,
        dns_proxy=dns_proxy,
        dns_servers=dns_servers,
        allowed_hosts=hosts,
        warnings=warnings,
    )


def _dns_servers(reader: InputReader) -> tuple[IPv4Address, ...]:
    servers, findings = read_dns_servers(
        reader.texts("dns_servers", ()), f"{reader.path}.dns_servers"
    )
    reader.findings += findings
    if len(servers) > MOST_DNS_SERVERS:
        reader.note(
            "dns_servers",
            f"are {len(servers)}; a firewall takes at most {MOST_DNS_SERVERS}, leave "
            f"out {len(servers) - MOST_DNS_SERVERS}",
        )
    return servers


def _allowed_hosts(
    reader: InputReader, known: Sequence[KnownHosts], today: date
) -> tuple[tuple[RequestedHost, ...], tuple[str, ...]]:
    """Return the allowed hosts by name, and warnings about those that expire soon."""
    hosts: list[RequestedHost] = []
    warnings: list[str] = []
    for name, item in sorted(
        reader.each_optional("allowed_hosts", AllowedHost).items()
    ):
        reader.findings += name_findings("firewall_rule", name, path=item.path)
        host = _allowed_host(name, item, today)
        if host is None:
            continue
        _note_what_is_open_already(item, host, hosts, known)
        if host.expires - today <= EXPIRES_SOON:
            warnings.append(
                f"{item.path}: '{host.host}' is allowed until {host.expires}, in "
                f"{(host.expires - today).days} days; {host.owner} renews it or takes "
                "it out, a deployment after that day is refused"
            )
        hosts.append(host)
    return tuple(hosts), tuple(warnings)


def _allowed_host(name: str, reader: InputReader, today: date) -> RequestedHost | None:
    """Read one allowed host; None if it cannot be used."""
    host = reader.text("host")
    owner = reader.text("owner")
    expires = _last_day(reader, today)
    ports = _ports(reader)
    reason = reader.text("reason", "")
    findings = host_findings(host, f"{reader.path}.host") if host else []
    reader.findings += findings
    if findings or not (host and owner and expires and ports):
        return None
    return RequestedHost(
        name=name,
        host=host.lower(),
        ports=ports,
        owner=owner,
        expires=expires,
        reason=reason,
    )


def _last_day(reader: InputReader, today: date) -> date | None:
    text = reader.text("expires")
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or re.fullmatch(r"\d{4}-\d\d-\d\d", text) is None:
        reader.note(
            "expires",
            f"'{text}' is not a day; write it as '2027-03-31', in quotes, since YAML "
            "makes a time of it without",
        )
        return None
    if day < today:
        reader.note(
            "expires",
            f"'{text}' is over; take the host out, or have its owner set a new last "
            "day",
        )
        return None
    return day


def _ports(reader: InputReader) -> tuple[int, ...]:
    ports: set[int] = set()
    for index, port in enumerate(reader.texts("ports", ()) or (443,)):
        if port not in WEB_PORTS:
            reader.note(
                f"ports[{index}]",
                f"{port!r} is not allowed; a firewall tells hosts apart over 443 (TLS) "
                "and 80 (HTTP) only, open other ports with the network's 'rules'",
            )
        else:
            ports.add(443 if port == 443 else 80)
    return tuple(sorted(ports))


def _note_what_is_open_already(
    reader: InputReader,
    host: RequestedHost,
    earlier: Collection[RequestedHost],
    known: Sequence[KnownHosts],
) -> None:
    """Note a host that an earlier one, or what is required, lets through anyhow."""
    for other in earlier:
        if covers(other.host, host.host) and set(host.ports) <= set(other.ports):
            reader.note(
                "host",
                f"'{host.host}' is allowed by '{other.name}' already "
                f"('{other.host}'); leave one of them out",
            )
            return
    for row in known:
        if any(covers(pattern, host.host) for pattern in row.hosts) and set(
            host.ports
        ) <= set(row.ports):
            reader.note(
                "host",
                f"'{host.host}' is allowed anyhow ({row.reason}); leave it out",
            )
            return
