"""Reads the rules of a SecureVnet and plans its security groups.

What the network's services require comes from the rulebook's tables; what callers add
is written on both sides and held against it, as sets of packets.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path

from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._secure_vnet.addressing import RequestedSubnet
from azureml_network._secure_vnet.arguments import (
    ComputeMode,
    RuleAccess,
    TrafficRule,
)
from azureml_network._secure_vnet.just_in_time_access import standing_openings
from azureml_reachability.addresses import AddressSet
from azureml_reachability.places import Surroundings
from azureml_reachability.rule_conflicts import (
    Conflict,
    GroupConflicts,
    group_conflicts,
)
from azureml_rulebook import aml_traffic
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings
from azureml_rulebook.security_rules import FINAL_DENIES, Access, SecurityRule
from azureml_rulebook.service_tag_lists import PublishedTags, read_published
from azureml_rulebook.subnet_traffic import (
    PlannedSubnet,
    TrafficConditions,
    group_rules,
    required_rules,
)
from azureml_rulebook.subnets import JUMP_BOX
from azureml_rulebook.traffic_places import KnownPlaces, SubnetSide
from azureml_rulebook.traffic_rules import (
    TrafficRequest,
    WrittenRules,
    group_findings,
    written_rules,
)

_BY_FIREWALL = (aml_traffic.INTERNET_BY_FIREWALL.name,)
"""Required rules behind which a firewall decides."""

_ACCESS = {RuleAccess.ALLOW: Access.ALLOW, RuleAccess.DENY: Access.DENY}


@dataclass(frozen=True, kw_only=True)
class RequestedTraffic:
    """The callers' part of the traffic, read."""

    rules: tuple[TrafficRequest, ...]
    application_security_groups: tuple[str, ...]
    published: PublishedTags | None
    compute_mode: ComputeMode


def read_traffic(reader: InputReader, component: str, place: Place) -> RequestedTraffic:
    """Read compute mode, rules, application security groups and the list of tags."""
    return RequestedTraffic(
        rules=tuple(
            _request(name, item)
            for name, item in reader.each_optional("rules", TrafficRule).items()
        ),
        application_security_groups=_groups(reader, component),
        published=_published(reader, place),
        compute_mode=reader.choice("compute_mode", ComputeMode.NO_PUBLIC_IP),
    )


def planned_groups(
    requested: RequestedTraffic,
    subnets: Mapping[str, RequestedSubnet],
    prefixes: Mapping[str, IPv4Network],
    known: KnownPlaces,
    conditions: TrafficConditions,
) -> dict[str, tuple[SecurityRule, ...]]:
    """Return the rules of each subnet's security group; no entry where it has none.

    Raises:
        InputError: with everything that is wrong with the callers' rules.
    """
    written = written_rules(requested.rules, known)
    if written.findings:
        raise InputError(written.findings)
    layout = {
        name: PlannedSubnet(purpose=subnet.purpose.name, prefix=str(prefixes[name]))
        for name, subnet in sorted(subnets.items())
    }
    required = {
        name: required_rules(name, layout, conditions)
        for name, subnet in known.subnets.items()
        if subnet.has_security_group
    }
    _raise_group_findings(required, written)
    around = _surroundings(known)
    _raise_conflicts(required, written, around)
    groups = {
        name: group_rules(rules, written.by_subnet.get(name, ()))
        for name, rules in required.items()
    }
    if conditions.just_in_time_access:
        jump_boxes = {
            prefixes[name]: rules
            for name, rules in groups.items()
            if layout[name].purpose == JUMP_BOX
        }
        _raise_openings(jump_boxes, written, around)
    return groups


def known_places(
    requested: RequestedTraffic,
    subnets: Mapping[str, RequestedSubnet],
    prefixes: Mapping[str, IPv4Network],
    place: Place,
    *,
    address_space: tuple[IPv4Network, ...],
    on_premises: tuple[IPv4Network, ...],
    vpn_clients: tuple[IPv4Network, ...],
    peers: tuple[IPv4Network, ...],
) -> KnownPlaces:
    """Return what the places of callers' rules are looked up in."""
    return KnownPlaces(
        subnets={
            name: SubnetSide(
                purpose=subnet.purpose.name,
                prefix=prefixes[name],
                has_security_group=subnet.purpose.security_group
                and subnet.existing_id is None,
            )
            for name, subnet in sorted(subnets.items())
        },
        application_security_groups=requested.application_security_groups,
        address_space=address_space,
        on_premises=on_premises,
        vpn_clients=vpn_clients,
        peers=peers,
        cloud_name=place.cloud_name,
        published=requested.published,
    )


def _request(name: str, reader: InputReader) -> TrafficRequest:
    return TrafficRequest(
        name=name,
        path=reader.path,
        sources=reader.texts("sources"),
        destinations=reader.texts("destinations"),
        ports=reader.texts("ports", ()),
        protocol=reader.text("protocol", "Tcp"),
        access=_ACCESS[reader.choice("access", RuleAccess.ALLOW)],
        priority=reader.optional_integer("priority"),
        reason=reader.text("reason"),
        open_to_internet=reader.flag("open_to_internet", False),
    )


def _groups(reader: InputReader, component: str) -> tuple[str, ...]:
    key = "application_security_groups"
    names: list[str] = []
    for index, name in enumerate(reader.texts(key, ())):
        path = f"{key}[{index}]"
        if not isinstance(name, str) or not name.strip():
            reader.note(path, f"{name!r} is no name; give one")
        elif name.lower() in (other.lower() for other in names):
            reader.note(
                path, f"'{name}' is given twice (Azure ignores case); leave one out"
            )
        else:
            reader.findings += name_findings(
                "application_security_group", f"{component}-{name}-asg", path=path
            )
            names.append(name)
    return tuple(names)


def _published(reader: InputReader, place: Place) -> PublishedTags | None:
    path = reader.optional_text("service_tags_file")
    if path is None:
        return None
    try:
        return read_published(Path(path), place.cloud_name)
    except ValueError as error:
        reader.note("service_tags_file", str(error))
        return None


def _raise_group_findings(
    required: Mapping[str, tuple[SecurityRule, ...]], written: WrittenRules
) -> None:
    """Refuse rules that Azure would not take into the groups that they are for."""
    findings = [
        finding
        for name, rules in required.items()
        for finding in group_findings(name, [*rules, *FINAL_DENIES], written)
    ]
    if findings:
        raise InputError(findings)


def _raise_conflicts(
    required: Mapping[str, tuple[SecurityRule, ...]],
    written: WrittenRules,
    around: Surroundings,
) -> None:
    """Refuse callers' rules that would block what is required, or decide nothing."""
    conflicts = {
        name: group_conflicts(
            required[name], rules, around, deciding_elsewhere=_BY_FIREWALL
        )
        for name, rules in written.by_subnet.items()
    }
    blocking = {
        written.paths[conflict.rule]: _blocking_message(name, conflict)
        for name, found in conflicts.items()
        for conflict in found.blocking
    }
    idle = _idle_everywhere(conflicts, written)
    findings = [
        Finding(path, message) for path, message in sorted((blocking | idle).items())
    ]
    if findings:
        raise InputError(findings)


def _raise_openings(
    groups: Mapping[IPv4Network, tuple[SecurityRule, ...]],
    written: WrittenRules,
    around: Surroundings,
) -> None:
    """Refuse callers' rules that open jump boxes without a request.

    ``groups``: by the ranges of jump boxes.
    """
    openings: dict[str, str] = {}
    for prefix, rules in groups.items():
        openings |= standing_openings(rules, prefix, written.paths, around)
    if openings:
        raise InputError(Finding(*item) for item in sorted(openings.items()))


def _surroundings(known: KnownPlaces) -> Surroundings:
    """Return what tags mean in the network."""
    return Surroundings(
        virtual_network=AddressSet.of_networks(
            [
                *known.address_space,
                *known.on_premises,
                *known.vpn_clients,
                *known.peers,
            ]
        ),
        cloud_name=known.cloud_name,
        published=known.published,
    )


def _blocking_message(subnet: str, conflict: Conflict) -> str:
    return (
        f"denies {conflict.packet}, which the network needs in subnet '{subnet}' "
        f"({conflict.other}); required rules come first, so it would not even hold; "
        "narrow its places or ports"
    )


def _idle_everywhere(
    conflicts: Mapping[str, GroupConflicts], written: WrittenRules
) -> dict[str, str]:
    """Return the requests that change nothing in any group, with what to say of them.

    A request that is needed on one side only stays.
    """
    everywhere = Counter(
        written.paths[rule.name]
        for rules in written.by_subnet.values()
        for rule in rules
    )
    idle = [conflict for found in conflicts.values() for conflict in found.idle]
    counted = Counter(written.paths[conflict.rule] for conflict in idle)
    return {
        path: f"decides nothing: {_named(conflict.other, written)} comes first and has "
        "decided all of it; leave it out, or change one of the two"
        for conflict in idle
        if counted[path := written.paths[conflict.rule]] == everywhere[path]
    }


def _named(rule: str, written: WrittenRules) -> str:
    """Return a caller's rule by its path, and one of the rulebook's by its name."""
    return written.paths.get(rule, f"the required rule {rule}")
