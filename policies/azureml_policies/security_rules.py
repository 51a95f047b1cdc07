"""Rules for single rules of security groups: whether Azure takes them, and their texts.

Azure refuses a malformed rule only when it is made, after half of a stack exists.
"""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Undecided,
    Unknown,
    Violation,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._group_examples import example_rule
from azureml_policies._groups import GROUP, RULE, PlannedGroup, planned_group
from azureml_reachability.group_rules import GroupRule
from azureml_reachability.ports import PORTS, PortSet
from azureml_rulebook.default_rules import DEFAULT_RULES_PAGE
from azureml_rulebook.security_rules import ANY, LAST_PRIORITY, Access, Direction
from azureml_rulebook.service_tags import SERVICE_TAGS_PAGE, Use, tag_findings
from azureml_rulebook.traffic_rules import (
    PROTOCOLS,
)

_TYPES = (GROUP, RULE)
_FIRST_PRIORITY = 100
_SIDES = ("source", "destination")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "access": tuple(Access),
    "direction": tuple(Direction),
    "protocol": PROTOCOLS,
}


def _elements(resource: Resource) -> Iterator[Reading]:
    """Yield the rules in a group's list, or the rule that a resource is."""
    if resource.key == RULE.lower():
        yield Known("", resource.inputs())
        return
    listed = resource.value("securityRules")
    yield from [listed] if isinstance(listed, Unknown) else listed.elements()


@stack_rule(
    id="SG006",
    name="nsg-rule-wellformed",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_TYPES,
    steps="Write the rule as Azure takes it: a number of its own, from 100 to 4096, "
    "each field once, a tag or * in the singular field, and ports up to 65535.",
    url=DEFAULT_RULES_PAGE,
    bad={"securityRules": [example_rule(priority=99, destinationPortRange="443-80")]},
    good={"securityRules": [example_rule()]},
)
def rule_wellformed(resource: Resource, context: Context) -> Iterator[Finding]:
    """Azure takes each rule, and no two have one number in a direction."""
    for element in _elements(resource):
        if isinstance(element, Unknown):
            yield undecided(element, "it has to be a rule that Azure takes")
            continue
        yield from _priority_faults(element.at("priority"))
        for key, choices in _CHOICES.items():
            yield from _choice_faults(element.at(key), choices)
        for side in _SIDES:
            yield from _port_faults(element, f"{side}PortRange")
            yield from _address_faults(element, side)
    try:
        group = planned_group(context.stack, resource)
    except NotApplicable:
        return
    yield from _shared_numbers(group)


def _priority_faults(priority: Reading) -> Iterator[Finding]:
    wanted = f"a whole number from {_FIRST_PRIORITY} to {LAST_PRIORITY}"
    match priority:
        case Unknown():
            yield undecided(priority, f"it has to be {wanted}")
        case Known(value=float() as number) if (
            _FIRST_PRIORITY <= number <= LAST_PRIORITY and number.is_integer()
        ):
            return
        case _:
            yield Violation(
                priority.path,
                f"{priority.path} is {_text(priority)}; set it to {wanted}",
            )


def _choice_faults(reading: Reading, choices: tuple[str, ...]) -> Iterator[Finding]:
    listed = ", ".join(f"'{choice}'" for choice in choices)
    if isinstance(reading, Unknown):
        yield undecided(reading, f"it has to be one of {listed}")
    elif not (isinstance(reading, Known) and reading.is_any_of(choices)):
        yield Violation(
            reading.path,
            f"{reading.path} is {_text(reading)}; set it to one of {listed}",
        )


def _port_faults(rule: Reading, key: str) -> Iterator[Finding]:
    one, many = rule.at(key), rule.at(f"{key}s")
    yield from _given_once(one, many)
    for reading in (one, *_listed(many)):
        match reading:
            case Unknown():
                yield undecided(reading, "it has to be a port, a range or '*'")
            case Known(is_blank=False) if not _is_port(reading):
                yield Violation(
                    reading.path,
                    f"{reading.path} is {reading.text}; write a port up to 65535, a "
                    "range like '8000-8100', or '*'",
                )
            case Known() if reading.value == ANY and reading is not one:
                yield _in_the_list(reading, key)


def _plain(value: object) -> str:
    """Return a text, or a number without the point that the engine's numbers have."""
    if isinstance(value, float) and value.is_integer() and abs(value) < PORTS:
        return str(int(value))
    return str(value)


def _is_port(reading: Known) -> bool:
    try:
        PortSet.of(_plain(reading.value).replace(" ", ""))
    except ValueError:
        return False
    return True


def _address_faults(rule: Reading, side: str) -> Iterator[Finding]:
    key = f"{side}AddressPrefix"
    one, many = rule.at(key), rule.at(f"{key}es")
    groups = rule.at(f"{side}ApplicationSecurityGroups")
    yield from _given_once(one, many, groups)
    for reading in _listed(many):
        if isinstance(reading, Known) and not _is_range(reading):
            yield _in_the_list(reading, key)


def _given_once(*readings: Reading) -> Iterator[Finding]:
    """Want one of several properties to be given, and only one."""
    given = [each for each in readings if _is_given(each)]
    if not given:
        paths = " or ".join(each.path for each in readings)
        yield Violation(readings[0].path, f"{paths} is missing; set one of them")
    elif len(given) > 1:
        paths = " and ".join(each.path for each in given)
        yield Violation(given[1].path, f"{paths} are both set; keep one of them")


def _is_given(reading: Reading) -> bool:
    if isinstance(reading, Known) and isinstance(reading.value, list):
        return bool(reading.value)
    return not (
        isinstance(reading, Absent) or isinstance(reading, Known) and reading.is_blank
    )


def _listed(many: Reading) -> list[Reading]:
    return [] if isinstance(many, Unknown) else many.elements()


def _is_range(reading: Known) -> bool:
    try:
        ip_network(str(reading.value).strip(), strict=False)
    except ValueError:
        return False
    return True


def _in_the_list(reading: Known, singular: str) -> Violation:
    message = f"{reading.path} is {reading.text}, and lists take ranges only"
    return Violation(reading.path, f"{message}; write it in {singular}")


def _text(reading: Reading) -> str:
    return reading.text if isinstance(reading, Known) else "missing"


def _shared_numbers(group: PlannedGroup) -> Iterator[Finding]:
    first: dict[tuple[Direction, int], GroupRule] = {}
    for rule in group.rules.rules:
        if rule.direction is None or rule.priority is None:
            continue
        other = first.setdefault((rule.direction, rule.priority), rule)
        if other is not rule:
            message = f"'{rule.name}' and '{other.name}' have one priority"
            yield Violation(
                group.path_of(rule),
                f"{rule.direction} rules {message}, {rule.priority}; change one",
            )


@stack_rule(
    id="SG008",
    name="nsg-service-tag-known",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_TYPES,
    steps="Write the tag as Azure publishes it, with a region that it has a form for.",
    url=SERVICE_TAGS_PAGE,
    bad={"securityRules": [example_rule(sourceAddressPrefix="AzureMachineLearnin")]},
    good={"securityRules": [example_rule(sourceAddressPrefix="AzureMachineLearning")]},
)
def service_tags_known(subject: Resource, context: Context) -> Iterator[Finding]:
    """Every text in place of addresses is a range, or a service tag of the cloud."""
    group = planned_group(context.stack, subject)
    for rule in group.rules.rules:
        path = group.path_of(rule)
        for side in _SIDES:
            key = f"{path}.{side}AddressPrefix" if path else f"{side}AddressPrefix"
            for text in getattr(rule, f"{side}s"):
                if text != ANY and not _is_range(Known("", text)) and text != "?":
                    faults = tag_findings(
                        text,
                        use=Use.NSG,
                        cloud_name=group.surroundings.cloud_name,
                        path=key,
                    )
                    for fault in faults:
                        yield Violation(key, f"rule '{rule}': {fault.message}")
        for missing in rule.missing:
            if "AddressPrefix" in missing.path.rpartition(".")[2]:
                yield Undecided(
                    missing.path, f"{missing}: it has to be a range or a tag; set it"
                )


@resource_rule(
    id="SG013",
    name="nsg-rule-described",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=_TYPES,
    settings={
        "pattern": {
            "type": "string",
            "default": "",
            "description": "A regular expression that a description has to contain, "
            "such as a ticket's number",
        }
    },
    controls=(assigned("NS-7"),),
    steps="Say in the rule's description why it is there.",
    url=DEFAULT_RULES_PAGE,
    bad={"securityRules": [example_rule()]},
    good={
        "securityRules": [example_rule(description="Clients reach private endpoints")]
    },
)
def rules_described(resource: Resource, context: Context) -> Iterator[Finding]:
    """Each rule that allows says why."""
    pattern = str(context.settings["pattern"])
    for element in _elements(resource):
        if isinstance(element, Unknown):
            yield undecided(element, "rules that allow have to be described")
            continue
        access = element.at("access")
        if isinstance(access, Known) and access.is_any_of(("Deny",)):
            continue
        described = element.at("description")
        if isinstance(described, Unknown):
            yield undecided(described, "it has to say why the rule is there")
        elif not _is_given(described):
            yield Violation(
                described.path,
                f"{described.path} is missing; say why the rule is there",
            )
        elif re.search(pattern, str(getattr(described, "value", ""))) is None:
            message = f"{described.path} is {_text(described)}, without '{pattern}'"
            yield Violation(described.path, f"{message}; add it")
