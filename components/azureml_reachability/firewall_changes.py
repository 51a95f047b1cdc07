"""Firewalls that let more or less through than before: network rules as packets, rules
that name hosts as sources and ports by host, translations by where they lead."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from azureml_reachability.changed_guards import (
    NOTHING,
    Change,
    ChangedGuard,
    Gain,
    Passing,
    closed,
    listed,
    opened,
)
from azureml_reachability.firewall_decisions import (
    FirewallRules,
    HostRule,
)
from azureml_reachability.group_decisions import decide
from azureml_reachability.group_rules import UNKNOWN_TEXT, GroupRule
from azureml_reachability.guarded_plans import GuardedPlan
from azureml_reachability.missing import Missing
from azureml_reachability.packets import ALL_PACKETS, NO_PACKETS
from azureml_reachability.places import Surroundings
from azureml_reachability.surroundings import outside_surroundings
from azureml_reachability.topology import Firewall
from azureml_rulebook.security_rules import ANY, Access

_NO_RULES = FirewallRules()


@dataclass(frozen=True, slots=True)
class _Read:
    """The rules of one firewall in one plan."""

    rules: FirewallRules
    surroundings: Surroundings
    rule_hosts: Mapping[str, tuple[str, ...]]
    rule_protocols: Mapping[str, tuple[str, ...]]

    @property
    def network(self) -> tuple[GroupRule, ...]:
        """Network rules that name no hosts."""
        return tuple(
            rule for rule in self.rules.network if rule.path not in self.rule_hosts
        )

    @property
    def named(self) -> tuple[HostRule, ...]:
        """Network rules that name hosts."""
        return tuple(
            HostRule(rule._replace(destinations=(ANY,), missing=()), hosts)
            for rule in self.rules.network
            if (hosts := self.rule_hosts.get(rule.path)) is not None
        )

    @property
    def applications(self) -> tuple[HostRule, ...]:
        """Application rules, one for each protocol: hosts are ``https://example.com``."""
        return tuple(
            HostRule(
                each.rule._replace(ports=(port,)),
                tuple(f"{protocol}://{host}" for host in each.hosts),
            )
            for each in self.rules.hosts
            for protocol, port in zip(
                self.rule_protocols.get(each.rule.path, ()),
                each.rule.ports,
                strict=False,
            )
        )

    def passing(self, rules: Iterable[GroupRule]) -> Passing:
        """Return what some rules let through, in their order."""
        found = decide(rules, ALL_PACKETS, self.surroundings)
        return Passing(found.certain, found.possible, found.missing)


def firewall_changes(before: GuardedPlan, after: GuardedPlan) -> list[ChangedGuard]:
    """Return how the rules of firewalls changed; one that is not there has none."""
    former, present = _by_name(before), _by_name(after)
    names = dict.fromkeys((*present, *former))
    return [
        change
        for name in names
        for change in _changes(
            name,
            _read(before, former.get(name)),
            _read(after, present.get(name)),
        )
    ]


def _by_name(plan: GuardedPlan) -> dict[str, Firewall]:
    return {each.name: each for each in plan.topology.firewalls}


def _read(plan: GuardedPlan, firewall: Firewall | None) -> _Read:
    return _Read(
        _NO_RULES if firewall is None else firewall.rules,
        outside_surroundings(plan.topology),
        plan.rule_hosts,
        plan.rule_protocols,
    )


def _changes(name: str, before: _Read, after: _Read) -> Iterator[ChangedGuard]:
    guard = f"firewall:{name}"
    yield from _unread(guard, before.rules, after.rules)
    if _contents(before.network) != _contents(after.network):
        pair = (before.passing(before.network), after.passing(after.network))
        for change, gain in _gains(*pair):
            passes = "lets through" if change is Change.OPENED else "stops"
            what = f"{passes} {gain.witness}, which it did not before"
            yield _told(guard, change, what, gain)
    yield from _host_changes(guard, before, after, lambda read: read.applications)
    yield from _host_changes(guard, before, after, lambda read: read.named)
    yield from _translation_changes(guard, before, after)


def _unread(
    guard: str, before: FirewallRules, after: FirewallRules
) -> Iterator[ChangedGuard]:
    """Yield that a firewall may have rules which are not known."""
    if after.missing and not before.missing:
        yield ChangedGuard(
            guard=guard,
            change=Change.OPENED,
            what="may have further rules, which it did not before",
            missing=after.missing,
        )


def _gains(before: Passing, after: Passing) -> Iterator[tuple[Change, Gain]]:
    for change, compare in ((Change.OPENED, opened), (Change.CLOSED, closed)):
        gain = compare(before, after)
        if gain is not None:
            yield change, gain


def _told(guard: str, change: Change, what: str, gain: Gain) -> ChangedGuard:
    return ChangedGuard(
        guard=guard,
        change=change,
        what=what,
        packets=gain.packets,
        witness=gain.witness,
        missing=gain.missing,
    )


def _content(rule: GroupRule) -> Hashable:
    """Return a rule without name and place in the plan."""
    return (
        rule.access,
        rule.protocol,
        rule.sources,
        rule.destinations,
        rule.ports,
        rule.source_ports,
    )


def _contents(rules: Iterable[GroupRule]) -> Hashable:
    return tuple(_content(rule) for rule in rules)


def _host_changes(
    guard: str,
    before: _Read,
    after: _Read,
    rules_of: Callable[[_Read], tuple[HostRule, ...]],
) -> Iterator[ChangedGuard]:
    """Yield what hosts are reached from more or fewer sources, or by other ports."""
    former, present = rules_of(before), rules_of(after)
    hosts = dict.fromkeys(
        host.lower() for each in (*present, *former) for host in each.hosts
    )
    found: dict[Change, list[tuple[str, Gain]]] = {}
    for host in hosts:
        old, new = _about(host, former), _about(host, present)
        if _contents(old) != _contents(new):
            for change, gain in _gains(before.passing(old), after.passing(new)):
                found.setdefault(change, []).append((host, gain))
    for change, gains in found.items():
        first = gains[0][1]
        packets = first.packets
        for _, gain in gains[1:]:
            packets |= gain.packets
        names = listed(f"'{host}'" for host, _ in gains)
        reach = "lets" if change is Change.OPENED else "no longer lets"
        port = first.witness.destination_port
        by = f"port {port}" if port is not None else first.witness.protocol
        ends = ", which it did not before" if change is Change.OPENED else ""
        missing = (Missing(guard, "names hosts that are not known"),)
        yield ChangedGuard(
            guard=guard,
            change=change,
            what=f"{reach} {first.witness.source} reach {names} by {by}{ends}",
            packets=packets,
            witness=first.witness,
            missing=missing if gains[0][0].endswith(UNKNOWN_TEXT) else first.missing,
        )


def _about(host: str, rules: Iterable[HostRule]) -> list[GroupRule]:
    """Return the rules that are about a host, or about all hosts of a pattern."""
    return [
        each.rule
        for each in rules
        if any(_covers(pattern.lower(), host) for pattern in each.hosts)
    ]


def _covers(pattern: str, host: str) -> bool:
    """Return whether a pattern means a host, or all that another pattern means."""
    protocol, _, name = pattern.rpartition("://")
    own_protocol, _, own_name = host.rpartition("://")
    if protocol != own_protocol:
        return False
    return own_name.endswith(name[1:]) if name.startswith("*") else own_name == name


def _translation_changes(
    guard: str, before: _Read, after: _Read
) -> Iterator[ChangedGuard]:
    former, present = _translated(before), _translated(after)
    for target in dict.fromkeys((*present, *former)):
        old, new = former.get(target, NOTHING), present.get(target, NOTHING)
        for change, gain in _gains(old, new):
            leads = "leads" if change is Change.OPENED else "no longer leads"
            address, port = target
            what = f"{leads} {gain.witness} on to {address} port {port}"
            yield _told(guard, change, what, gain)


def _translated(read: _Read) -> dict[tuple[str, str], Passing]:
    """Return what is led to each address and port; the first rule that matches does."""
    found: dict[tuple[str, str], Passing] = {}
    taken = NO_PACKETS
    for each in read.rules.translations:
        rule = each.rule._replace(access=Access.ALLOW)
        passing = read.passing([rule])
        target = (each.address, each.port)
        known = found.get(target, NOTHING)
        found[target] = Passing(
            known.certain | (passing.certain - taken),
            known.possible | (passing.possible - taken),
            (*known.missing, *passing.missing),
        )
        taken |= passing.certain
    return found
