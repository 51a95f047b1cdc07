"""Rules for the order of a security group's rules: which of them decide nothing, and
what a deny takes away that nobody meant."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._group_packets import witness_of
from azureml_policies._groups import (
    GROUP,
    RULE,
    PlannedGroup,
    is_for_bastion,
    planned_group,
    uses_of,
)
from azureml_policies._plan import NETWORK, SUBNET
from azureml_reachability.group_decisions import Members, decide_group, matches
from azureml_reachability.group_rules import GroupRule
from azureml_reachability.idle_rules import IdleRule, idle_rules
from azureml_reachability.packets import ALL_PACKETS, PacketSet
from azureml_rulebook.default_rules import DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import Access, Direction
from azureml_rulebook.subnet_traffic import PLATFORM_RULES
from azureml_rulebook.subnets import BASTION

_TYPES = (GROUP, RULE)
_INTERFACE = "network:NetworkInterface"
_PLATFORM_TAGS = ("AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM")
_ANY_MEMBER = Members(sources=None, destinations=None)


def _rule(name: str, priority: int, access: str, **changes: Any) -> dict[str, Any]:
    """Return an inbound rule of an example, for everything."""
    return {
        "name": name,
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "*",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "*",
        **changes,
    }


_HTTPS = _rule(
    "AllowHttps",
    100,
    "Allow",
    protocol="Tcp",
    sourceAddressPrefix="10.20.0.0/25",
    destinationPortRange="443",
)
_DENY_ALL = _rule("DenyAllInbound", 4096, "Deny")
_IN_ORDER = {"securityRules": [_HTTPS, _DENY_ALL]}


@stack_rule(
    id="SG009",
    name="nsg-shadowed-rule",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=_TYPES,
    controls=(assigned("NS-7"),),
    steps="Remove the rule, or give it a lower number than the rules before it.",
    url=DEFAULT_RULES_PAGE,
    bad={"securityRules": [_HTTPS, {**_HTTPS, "name": "DenyHttps", "priority": 200}]},
    good=_IN_ORDER,
)
def no_shadowed_rule(subject: Resource, context: Context) -> Iterator[Finding]:
    """Every rule decides about something that no earlier rule decides."""
    group = planned_group(context.stack, subject)
    for idle in _idle(context.stack, group):
        if idle.shadowed and not _is_demanded(idle.rule, context.stack, group):
            serious = "a deny that never counts" if _denies(idle.rule) else "an allow"
            message = f"rule '{idle.rule}' decides nothing ({serious})"
            yield _finding(group, idle, f"{message}: {_listed(idle)} come before it")
    yield from _unread(group)


@stack_rule(
    id="SG010",
    name="nsg-redundant-rule",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=_TYPES,
    controls=(assigned("NS-7"),),
    steps="Remove the rule: later ones decide the same way about all that it is about.",
    url=DEFAULT_RULES_PAGE,
    bad={
        "securityRules": [
            {**_HTTPS, "name": "DenyHttps", "access": "Deny"},
            _DENY_ALL,
        ]
    },
    good=_IN_ORDER,
)
def no_redundant_rule(subject: Resource, context: Context) -> Iterator[Finding]:
    """No rule could be removed without any decision changing."""
    group = planned_group(context.stack, subject)
    for idle in _idle(context.stack, group):
        if not idle.shadowed and not _is_demanded(idle.rule, context.stack, group):
            message = f"rule '{idle.rule}' changes nothing: without it, {_listed(idle)}"
            yield _finding(group, idle, f"{message} decide the same way")
    yield from _unread(group)


def _idle(stack: Stack, group: PlannedGroup) -> tuple[IdleRule, ...]:
    known = stack.once(_known_idle)
    urn = group.resource.urn
    if urn not in known:
        known[urn] = tuple(
            idle
            for direction in Direction
            for idle in idle_rules(group.rules, direction, group.surroundings)
        )
    return known[urn]


def _known_idle(stack: Stack) -> dict[str, tuple[IdleRule, ...]]:
    """Return where idle rules are kept, as two rules ask for them."""
    return {}


def _is_demanded(rule: GroupRule, stack: Stack, group: PlannedGroup) -> bool:
    """Whether Bastion demands a rule, so that it stays although others do the same."""
    return is_for_bastion(stack, group) and any(
        row.purpose == BASTION
        and row.rule.direction is rule.direction
        and row.rule.access is rule.access
        and [text.lower() for text in row.rule.sources]
        == [text.lower() for text in rule.sources]
        and row.rule.ports == rule.ports
        for row in PLATFORM_RULES
    )


def _listed(idle: IdleRule) -> str:
    shown = ", ".join(f"'{rule}'" for rule in idle.others[:5])
    more = len(idle.others) - 5
    return f"{shown} and {more} more" if more > 0 else shown


def _finding(group: PlannedGroup, idle: IdleRule, message: str) -> Violation:
    return Violation(
        group.path_of(idle.rule),
        f"{message}, such as about {idle.packet}; remove it or move it",
        {
            **witness_of(idle.packet, idle.others[0]),
            "rules": [str(rule) for rule in idle.others],
        },
    )


def _denies(rule: GroupRule) -> bool:
    return rule.access is Access.DENY


def _unread(group: PlannedGroup) -> Iterator[Finding]:
    """Yield what of a group's rules is not known, so that it cannot be compared."""
    missing = [
        *group.rules.missing,
        *(each for rule in group.rules.rules for each in rule.missing),
    ]
    for each in missing[:1]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        message = f"{each}{more}: rules cannot be compared with it"
        yield Undecided(each.path, f"{message}; give it a value that the program knows")


@stack_rule(
    id="SG011",
    name="nsg-not-all-blocked",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_TYPES,
    settings={
        "closedGroups": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of groups whose subnets nobody is to enter, such as "
            "that of a resolver's outbound endpoint; * stands for any text",
        }
    },
    twins=("psrule:Azure.NSG.DenyAllInbound",),
    steps="Give the deny a higher number than the rules that allow.",
    url=DEFAULT_RULES_PAGE,
    bad={
        "securityRules": [{**_DENY_ALL, "priority": 100}, {**_HTTPS, "priority": 200}]
    },
    good=_IN_ORDER,
)
def not_all_blocked(subject: Resource, context: Context) -> Iterator[Finding]:
    """The first inbound rule is not a deny of everything."""
    group = planned_group(context.stack, subject)
    own = {rule.path for rule in group.rules.rules}
    found = matches(group.rules.inbound, ALL_PACKETS, group.surroundings, _ANY_MEMBER)
    first = next((match for match in found if match.rule.path in own), None)
    closed = context.settings["closedGroups"]
    if any(fnmatchcase(group.name.lower(), each.lower()) for each in closed):
        return
    if first is None or first.rule.access is Access.ALLOW:
        return
    message = f"rule '{first.rule}' comes first and denies everything"
    if first.certain == ALL_PACKETS and _denies(first.rule) and not group.rules.missing:
        others = len(group.rules.inbound) > 4
        advice = "so that no other rule counts" if others else "and it is the only rule"
        yield Violation(
            group.path_of(first.rule), f"{message}, {advice}; move it to the end"
        )
    elif first.possible == ALL_PACKETS and (first.missing or group.rules.missing):
        missing = (*first.missing, *group.rules.missing)[0]
        yield Undecided(missing.path, f"{missing}: perhaps {message}; set it")


@stack_rule(
    id="SG012",
    name="nsg-platform-tags-open",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_TYPES,
    steps="Remove denies of the platform's tags: machines need Azure's DNS, metadata "
    "and licence servers. Let AzureLoadBalancer in where a balancer probes.",
    url=DEFAULT_RULES_PAGE,
    bad={
        "securityRules": [
            _rule(
                "DenyMetadata",
                100,
                "Deny",
                direction="Outbound",
                destinationAddressPrefix="AzurePlatformIMDS",
            )
        ]
    },
    good=_IN_ORDER,
)
def platform_tags_open(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nothing denies Azure's own DNS, metadata and licences, nor probes in use."""
    group = planned_group(context.stack, subject)
    tags = {each.lower() for each in _PLATFORM_TAGS}
    for rule in group.rules.rules:
        named = [
            text for text in (*rule.sources, *rule.destinations) if text.lower() in tags
        ]
        for text in named if rule.access is not Access.ALLOW else ():
            if rule.access is None:
                yield Undecided(
                    rule.missing[0].path,
                    f"rule '{rule}' must not deny '{text}'; set it",
                )
            else:
                message = f"rule '{rule}' denies '{text}', which machines need"
                yield Violation(group.path_of(rule), f"{message}; remove it")
    yield from _probes(group, context.stack)


def _probes(group: PlannedGroup, stack: Stack) -> Iterator[Finding]:
    """Yield a finding if a balancer's probes do not reach machines behind a group."""
    balanced, unknown = stack.once(_balanced_subnets)
    used = {(use.subnet.resource.urn, use.subnet.path) for use in uses_of(stack, group)}
    surroundings = group.surroundings
    question = PacketSet.of(
        sources=surroundings.load_balancer, destinations=surroundings.virtual_network
    )
    decision = decide_group(
        group.rules, Direction.INBOUND, question, surroundings, _ANY_MEMBER
    )
    if decision.possible:
        return
    message = "no rule lets in AzureLoadBalancer, whose probes find out which machines"
    if used & balanced:
        yield Violation(
            "securityRules", f"{message} are well; allow it on the probed port"
        )
    elif used and unknown is not None:
        yield undecided(unknown, f"if it is behind a balancer, {message} are well")


def _balanced_subnets(stack: Stack) -> tuple[set[tuple[str, str]], Unknown | None]:
    """Return subnets with machines behind a balancer, and a value that may add one."""
    found: set[tuple[str, str]] = set()
    unknown = None
    for interface in stack.of_type(_INTERFACE):
        listed = interface.value("ipConfigurations")
        elements = [listed] if isinstance(listed, Unknown) else listed.elements()
        for each in elements:
            pools = each.at("loadBalancerBackendAddressPools")
            if (
                isinstance(pools, Absent)
                or isinstance(pools, Known)
                and not pools.value
            ):
                continue
            subnet = each.at("subnet.id")
            reference = stack.resolve(interface, subnet, SUBNET, NETWORK)
            if reference.certain is not None:
                found.add((reference.certain.urn, ""))
            elif isinstance(subnet, Unknown):
                unknown = subnet
    return found, unknown
