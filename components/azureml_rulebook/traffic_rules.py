"""Callers' own rules: said once as "from A to B on ports P", written on both sides.

An outbound rule goes on every subnet that the traffic starts in and an inbound rule on
every subnet that it ends in, so that no side is forgotten. Their priorities are a band
of their own, after everything that the network's services require.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from azureml_rulebook import subnets
from azureml_rulebook.address_ranges import RangeIndex
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings
from azureml_rulebook.security_rules import (
    ANY,
    CALLERS,
    Access,
    Direction,
    SecurityRule,
)
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.traffic_places import (
    KnownPlaces,
    Side,
    SubnetSide,
    opens_to_internet,
    read_side,
)

FIRST_IN_ORDER_OF_NAME = 2000
"""Where the priorities of rules that name none begin; those before it are free for
rules that name one."""

PROTOCOLS = ("Tcp", "Udp", "Icmp", "Esp", "Ah", ANY)
"""Protocols of a rule, as Azure spells them (https://learn.microsoft.com/azure/
virtual-network/network-security-groups-overview#security-rules)."""

_PORT = "0|[1-9][0-9]{0,4}"
_WITHOUT_PORTS = ("Icmp", "Esp", "Ah")

MOST_RULES = 1000
MOST_ADDRESSES_ON_A_SIDE = 4000
MOST_APPLICATION_SECURITY_GROUPS = 100
MOST_GROUPS_ON_A_SIDE = 10
"""Of one security group, the last one of a side of one of its rules
(https://learn.microsoft.com/azure/azure-resource-manager/
management/azure-subscription-service-limits#azure-resource-manager-virtual-networking-limits)."""

LONGEST_DESCRIPTION = 140
"""Characters of a rule's description (https://learn.microsoft.com/rest/api/
virtualnetwork/network-security-groups/create-or-update)."""

GROUP_MEMBERS_LIVE_IN = (
    subnets.INFERENCE,
    subnets.ENDPOINTS,
    subnets.JUMP_BOX,
    subnets.LOAD_BALANCER,
    subnets.GENERAL,
)
"""Purposes of subnets whose network interfaces can join application security groups;
those of Azure Machine Learning compute belong to the service (https://learn.microsoft.
com/azure/virtual-network/application-security-groups)."""


@dataclass(frozen=True, kw_only=True)
class TrafficRequest:
    """A rule as a caller says it."""

    name: str
    path: str
    """Where it was asked for, used in findings."""
    sources: tuple[object, ...]
    """Places where traffic starts; see `traffic_places.PLACES`."""
    destinations: tuple[object, ...]
    """Places where it ends."""
    ports: tuple[object, ...] = ()
    """Destination ports: numbers, ``first-last`` or ``*``."""
    protocol: str = "Tcp"
    access: Access = Access.ALLOW
    priority: int | None = None
    """None: in order of name."""
    reason: str = ""
    open_to_internet: bool = False


@dataclass(frozen=True, kw_only=True)
class WrittenRules:
    """Callers' rules on both sides, or what is wrong with them."""

    by_subnet: dict[str, tuple[SecurityRule, ...]] = field(
        default_factory=dict[str, tuple[SecurityRule, ...]]
    )
    """Rules by subnet name; subnets without any are left out."""
    paths: dict[str, str] = field(default_factory=dict[str, str])
    """Path of the request by the name of the written rule."""
    findings: tuple[Finding, ...] = ()


def written_rules(
    requests: Iterable[TrafficRequest], known: KnownPlaces
) -> WrittenRules:
    """Write every request on each subnet that it starts or ends in.

    Returns:
        The rules, or the findings: words that are no places, sides that no security
        group can hold, an opening to the Internet that is not said to be one, a rule
        that touches no subnet, priorities outside of the callers' band or given twice.
    """
    ordered = sorted(requests, key=lambda item: item.name)
    priorities, findings = _priorities(ordered)
    index = RangeIndex(subnet.prefix for subnet in known.subnets.values())
    by_subnet: dict[str, list[SecurityRule]] = {}
    paths: dict[str, str] = {}
    for request in ordered:
        rules = _written(request, priorities.get(request.name, 0), known, index)
        if isinstance(rules, list):
            findings += rules
            continue
        for name, written in rules.items():
            by_subnet.setdefault(name, []).extend(written)
            paths.update(dict.fromkeys((rule.name for rule in written), request.path))
    if findings:
        return WrittenRules(findings=tuple(findings))
    return WrittenRules(
        by_subnet={name: tuple(rules) for name, rules in by_subnet.items()},
        paths=paths,
    )


def group_findings(
    subnet: str,
    required: Sequence[SecurityRule],
    written: WrittenRules,
) -> list[Finding]:
    """Check one security group as a whole: its rules' names, and Azure's limits.

    Args:
        subnet: name of the subnet that the group is for.
        required: the rules that are there besides those of callers.
        written: the rules of callers.
    """
    joining = written.by_subnet.get(subnet, ())
    holders = {rule.name.lower(): "a required rule" for rule in required}
    findings: list[Finding] = []
    for rule in joining:
        path = written.paths[rule.name]
        holder = holders.setdefault(rule.name.lower(), path)
        if holder != path:
            findings.append(
                Finding(
                    path,
                    f"becomes '{rule.name}' in the security group of subnet "
                    f"'{subnet}', where {holder} is called so; choose another name",
                )
            )
    return findings + _limit_findings(subnet, [*required, *joining], written)


def _limit_findings(
    subnet: str, rules: Sequence[SecurityRule], written: WrittenRules
) -> list[Finding]:
    """Compare a group with what Azure takes of one."""
    groups = {
        name
        for rule in rules
        for name in (*rule.source_groups, *rule.destination_groups)
    }
    findings = [
        Finding(
            "rules",
            f"make {number} {what} in the security group of subnet '{subnet}'; Azure "
            f"takes {most}, merge rules",
        )
        for what, number, most in (
            ("rules", len(rules), MOST_RULES),
            (
                "application security groups",
                len(groups),
                MOST_APPLICATION_SECURITY_GROUPS,
            ),
        )
        if number > most
    ]
    findings += [
        Finding(
            written.paths.get(rule.name, "rules"),
            f"has {len(side)} ranges on one side; Azure takes "
            f"{MOST_ADDRESSES_ON_A_SIDE}, write several rules",
        )
        for rule in rules
        for side in (rule.sources, rule.destinations)
        if len(side) > MOST_ADDRESSES_ON_A_SIDE
    ]
    return findings


def _priorities(
    ordered: Sequence[TrafficRequest],
) -> tuple[dict[str, int], list[Finding]]:
    """Return a priority for each request; those without one go in order of name."""
    chosen: dict[str, int] = {}
    holders: dict[int, str] = {}
    findings: list[Finding] = []
    for request in ordered:
        if request.priority is None:
            continue
        path = f"{request.path}.priority"
        other = holders.setdefault(request.priority, request.path)
        chosen[request.name] = request.priority
        if request.priority not in CALLERS:
            findings.append(
                Finding(
                    path,
                    f"{request.priority} is not for callers' rules; use "
                    f"{CALLERS.start} to {CALLERS.stop - 1}, or leave it out",
                )
            )
        elif other != request.path:
            findings.append(
                Finding(path, f"{request.priority} is that of {other} too; change one")
            )
    band = range(FIRST_IN_ORDER_OF_NAME, CALLERS.stop)
    free = (number for number in band if number not in holders)
    unnumbered = [request for request in ordered if request.priority is None]
    chosen |= {
        request.name: number for request, number in zip(unnumbered, free, strict=False)
    }
    findings += [
        Finding(
            request.path,
            f"no priority is left for it: {len(band)} rules without one is the most; "
            "give priorities before that band, or merge rules",
        )
        for request in unnumbered
        if request.name not in chosen
    ]
    return chosen, findings


def _written(
    request: TrafficRequest, priority: int, known: KnownPlaces, index: RangeIndex
) -> dict[str, list[SecurityRule]] | list[Finding]:
    """Write one request; its rules by subnet, or what is wrong with it.

    ``index``: the ranges of the known subnets.
    """
    allows = request.access is Access.ALLOW
    sources = read_side(
        request.sources,
        known,
        direction=Direction.INBOUND if allows else None,
        path=f"{request.path}.sources",
    )
    destinations = read_side(
        request.destinations,
        known,
        direction=Direction.OUTBOUND if allows else None,
        path=f"{request.path}.destinations",
    )
    findings = _form_findings(request)
    if isinstance(sources, list) or isinstance(destinations, list):
        return [*findings, *_only_findings(sources), *_only_findings(destinations)]
    findings += _opening_findings(request, sources, destinations, known)
    if findings:
        return findings
    rules = {
        name: written
        for name, subnet in _touched(sources, destinations, known, index)
        if subnet.has_security_group
        and (written := _on_subnet(request, priority, sources, destinations, subnet))
    }
    if not rules:
        return [
            Finding(
                request.path,
                "neither starts nor ends in a subnet with a security group, so nothing "
                "would be written; name a subnet on one side",
            )
        ]
    return rules


def _touched(
    sources: Side, destinations: Side, known: KnownPlaces, index: RangeIndex
) -> list[tuple[str, SubnetSide]]:
    """Return the subnets that a rule may be about: for groups that can be any."""
    named = list(known.subnets.items())
    if sources.groups or destinations.groups:
        return named
    positions = {
        position
        for prefix in (*sources.prefixes, *destinations.prefixes)
        for position in index.overlapping(prefix)
    }
    return [named[position] for position in sorted(positions)]


def _only_findings(side: Side | list[Finding]) -> list[Finding]:
    return side if isinstance(side, list) else []


def _on_subnet(
    request: TrafficRequest,
    priority: int,
    sources: Side,
    destinations: Side,
    subnet: SubnetSide,
) -> list[SecurityRule]:
    """Return what a request writes on one subnet: outbound, inbound, both or none."""
    here = [
        (Direction.OUTBOUND, _within(sources, subnet), destinations),
        (Direction.INBOUND, sources, _within(destinations, subnet)),
    ]
    return [
        SecurityRule(
            name=f"{request.name}{direction}",
            priority=priority,
            direction=direction,
            access=request.access,
            protocol=request.protocol,
            sources=_addresses(source),
            source_groups=source.groups,
            destinations=_addresses(destination),
            destination_groups=destination.groups,
            ports=_ports(request),
            description=request.reason,
        )
        for direction, source, destination in here
        if source is not None and destination is not None
    ]


def _within(side: Side, subnet: SubnetSide) -> Side | None:
    """Return the part of a side that can be in a subnet; None if there is none."""
    if side.groups:
        return side if subnet.purpose in GROUP_MEMBERS_LIVE_IN else None
    parts = tuple(
        prefix if prefix.subnet_of(subnet.prefix) else subnet.prefix
        for prefix in side.prefixes
        if prefix.overlaps(subnet.prefix)
    )
    return Side(prefixes=tuple(sorted(set(parts)))) if parts else None


def _addresses(side: Side) -> tuple[str, ...]:
    if side.groups:
        return ()
    return (side.tag,) if side.tag else tuple(str(item) for item in side.prefixes)


def _ports(request: TrafficRequest) -> tuple[str, ...]:
    if request.protocol in _WITHOUT_PORTS:
        return (ANY,)
    return tuple(str(port) for port in request.ports)


def _opening_findings(
    request: TrafficRequest,
    sources: Side,
    destinations: Side,
    known: KnownPlaces,
) -> list[Finding]:
    """Check that what lets strangers in or out says so, and that nothing else does."""
    if request.access is Access.DENY:
        return []
    inbound = opens_to_internet(sources, known, direction=Direction.INBOUND)
    outbound = opens_to_internet(destinations, known, direction=Direction.OUTBOUND)
    path = f"{request.path}.open_to_internet"
    if (inbound or outbound) and not request.open_to_internet:
        what = "lets the Internet in" if inbound else "lets traffic out to the Internet"
        return [
            Finding(
                path,
                f"is not true and the rule {what}; set it to true if that is meant, or "
                "name narrower places",
            )
        ]
    if request.open_to_internet and not (inbound or outbound):
        return [Finding(path, "is true and the rule opens no such thing; leave it out")]
    return []


def _form_findings(request: TrafficRequest) -> list[Finding]:
    """Check name, protocol, ports and reason."""
    path = request.path
    findings = name_findings("security_rule", f"{request.name}Outbound", path=path)
    if request.protocol not in PROTOCOLS:
        findings.append(
            Finding(
                f"{path}.protocol",
                f"'{request.protocol}' is not a protocol; "
                f"{suggestion(request.protocol, PROTOCOLS)}",
            )
        )
    elif request.protocol in _WITHOUT_PORTS and request.ports:
        findings.append(
            Finding(f"{path}.ports", f"{request.protocol} has no ports; leave them out")
        )
    elif request.protocol not in _WITHOUT_PORTS and not request.ports:
        findings.append(
            Finding(f"{path}.ports", "is empty; give ports, or '*' for all of them")
        )
    for index, port in enumerate(request.ports):
        fault = _port_fault(port)
        if fault:
            findings.append(Finding(f"{path}.ports[{index}]", fault))
    if not request.reason.strip():
        findings.append(Finding(f"{path}.reason", "is blank; say why it is needed"))
    elif len(request.reason) > LONGEST_DESCRIPTION:
        findings.append(
            Finding(
                f"{path}.reason",
                f"has {len(request.reason)} characters; Azure takes "
                f"{LONGEST_DESCRIPTION}, shorten it",
            )
        )
    return findings


def _port_fault(port: object) -> str:
    """Return what is wrong with a port or a range of ports, or ''."""
    text = str(port)
    if text == ANY:
        return ""
    match = re.fullmatch(rf"({_PORT})(?:-({_PORT}))?", text)
    if match is None or isinstance(port, bool):
        return f"{port!r} is not a port; write '443', '8000-8010' or '*'"
    first, last = int(match[1]), int(match[2] or match[1])
    if not first <= last <= 65535:
        return f"'{text}' is not a range within 0 to 65535, first port first"
    return ""
