"""Security groups of a plan, with rules inside of them and beside them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar, cast

from azureml_reachability._plan.joins import Elsewhere, Plan
from azureml_reachability._plan.values import SECRET, PlanResource, Value, is_unknown
from azureml_reachability.group_rules import (
    ONE_OF,
    UNKNOWN_TEXT,
    GroupRule,
    SecurityGroup,
)
from azureml_reachability.missing import Missing
from azureml_rulebook.security_rules import ANY, Access, Direction

_Item = TypeVar("_Item")

_GROUP = "network:networksecuritygroup"
_RULE = "network:securityrule"
_APPLICATION_GROUP = "network:applicationsecuritygroup"
_DIRECTIONS = {item.lower(): item for item in Direction}
_ACCESSES = {item.lower(): item for item in Access}
_SOURCE_PORTS = "sourcePortRange"
_PLAIN_KEYS = {
    "name",
    "description",
    "priority",
    "direction",
    "access",
    "protocol",
    "sourceAddressPrefix",
    "destinationAddressPrefix",
    "destinationPortRange",
    _SOURCE_PORTS,
}
_ANY_WORDS = ("any", ANY)
"""The portal writes Any for what Azure writes as a star."""


def read_groups(plan: Plan) -> dict[PlanResource, SecurityGroup]:
    """Return each security group of a plan."""
    beside: dict[PlanResource, list[GroupRule]] = {}
    homeless: list[Missing] = []
    for resource in plan.of_type(_RULE):
        home = plan.named(resource.at("networkSecurityGroupName"), _GROUP)
        rule = _RuleReader(plan, resource).read(resource.inputs, resource.name)
        if isinstance(home, PlanResource):
            beside.setdefault(home, []).append(rule)
        elif isinstance(home, Missing):
            homeless.append(home)
    return {
        resource: _group(plan, resource, beside.get(resource, ()), homeless)
        for resource in plan.of_type(_GROUP)
    }


def _group(
    plan: Plan,
    resource: PlanResource,
    beside: Sequence[GroupRule],
    homeless: Sequence[Missing],
) -> SecurityGroup:
    listed = resource.at("securityRules")
    missing = list(homeless)
    rules: list[GroupRule] = []
    if listed.is_list:
        reader = _RuleReader(plan, resource)
        for index, entry in enumerate(cast(list[object], listed.raw)):
            path = f"securityRules[{index}]"
            if isinstance(entry, dict) and not is_unknown(cast(object, entry)):
                known = cast(dict[str, Any], entry)
                name = known.get("name")
                rules.append(
                    reader.read(known, name if isinstance(name, str) else path, path)
                )
            else:
                missing.append(Value(resource, path, entry).missing())
    elif not listed.is_absent:
        missing.append(listed.missing() if listed.is_unknown else listed.wrong("list"))
    return SecurityGroup(
        name=resource.azure_name("networkSecurityGroupName"),
        rules=(*rules, *beside),
        missing=tuple(missing),
        aliases=(resource.name,),
    )


class _RuleReader:
    """Reads the rules of one resource; plain texts, as nearly all are, at once."""

    def __init__(self, plan: Plan, owner: PlanResource) -> None:
        self._plan = plan
        self._owner = owner

    def read(self, rule: Mapping[str, Any], name: str, path: str = "") -> GroupRule:
        """Return one rule; what cannot be read is in its ``missing``."""
        own = f"{self._owner.name}.{path}" if path else self._owner.name
        if rule.keys() <= _PLAIN_KEYS:
            plain = _plain_rule(rule, name, own)
            if plain is not None:
                return plain
        missing: list[Missing] = []
        get = rule.get
        priority = get("priority")
        number = _number(priority)
        if number is None:
            missing.append(self._fault(rule, path, "priority", "number"))
        direction = _choice(_DIRECTIONS, get("direction"))
        if direction is None:
            missing.append(self._fault(rule, path, "direction", "direction"))
        access = _choice(_ACCESSES, get("access"))
        if access is None:
            missing.append(self._fault(rule, path, "access", "access"))
        protocol = get("protocol")
        if not isinstance(protocol, str) or protocol == SECRET:
            missing.append(self._fault(rule, path, "protocol", "protocol"))
            protocol = UNKNOWN_TEXT
        return GroupRule(
            name,
            number,
            direction,
            access,
            protocol,
            *self._side(rule, path, "source", missing),
            *self._side(rule, path, "destination", missing),
            self._texts(rule, path, "destinationPortRange", missing),
            self._texts(rule, path, _SOURCE_PORTS, missing),
            False,
            own,
            tuple(missing),
        )

    def _side(
        self, rule: Mapping[str, Any], path: str, side: str, missing: list[Missing]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the texts and application security groups of one side."""
        key = f"{side}ApplicationSecurityGroups"
        named = rule.get(key)
        groups = self._groups(rule, path, key, missing) if named else ()
        texts = self._texts(
            rule, path, f"{side}AddressPrefix", missing, plural="es", needed=not groups
        )
        return texts, groups

    def _texts(
        self,
        rule: Mapping[str, Any],
        path: str,
        key: str,
        missing: list[Missing],
        plural: str = "s",
        *,
        needed: bool = True,
    ) -> tuple[str, ...]:
        """Return the union of a property and its plural.

        Nothing at all is Azure's refusal; it is undecided here.
        """
        one, many = rule.get(key), rule.get(key + plural)
        if type(one) is str and one != SECRET and not many:
            text = one.strip()
            if text:
                return (ANY,) if text.lower() in _ANY_WORDS else (text,)
        if one in (None, "") and not many:
            if key == _SOURCE_PORTS:
                return (ANY,)
            if not needed:
                return ()
            missing.append(self._fault(rule, path, key, "range"))
            return (UNKNOWN_TEXT,)
        entries: list[tuple[str, object]] = []
        if one is not None and one != "":
            entries.append((key, one))
        if isinstance(many, list):
            listed = cast(list[object], many)
            entries += [
                (f"{key}{plural}[{index}]", each) for index, each in enumerate(listed)
            ]
        elif many is not None:
            entries.append((key + plural, many))
        texts: list[str] = []
        for where, value in entries:
            text = _plain(value)
            if text is None:
                missing.append(self._value(path, where, value))
                text = UNKNOWN_TEXT
            texts.append(ANY if text.lower() in _ANY_WORDS else text)
        return tuple(texts)

    def _groups(
        self, rule: Mapping[str, Any], path: str, key: str, missing: list[Missing]
    ) -> tuple[str, ...]:
        """Return the keys of application security groups: the URN, or the id."""
        prefix = f"{path}.{key}" if path else key
        listed = Value(self._owner, prefix, rule.get(key))
        if not isinstance(listed.raw, list):
            missing.append(listed.missing())
            return (UNKNOWN_TEXT,)
        keys: list[str] = []
        for item in listed.items():
            text, fault = application_group(self._plan, item)
            keys.append(text)
            missing += fault
        return tuple(keys)

    def _fault(
        self, rule: Mapping[str, Any], path: str, key: str, wanted: str
    ) -> Missing:
        value = rule.get(key)
        if value is None:
            where = f"{path}.{key}" if path else key
            return Missing(f"{self._owner.name}.{where}", "is not set")
        return self._value(path, key, value, wanted)

    def _value(self, path: str, key: str, raw: object, wanted: str = "text") -> Missing:
        value = Value(self._owner, f"{path}.{key}" if path else key, raw)
        return value.missing() if value.is_unknown else value.wrong(wanted)


def _plain_rule(rule: Mapping[str, Any], name: str, path: str) -> GroupRule | None:
    """Return a rule of one range, port and protocol, as nearly all are; else None."""
    get = rule.get
    priority, protocol = get("priority"), get("protocol")
    access = _choice(_ACCESSES, get("access"))
    direction = _choice(_DIRECTIONS, get("direction"))
    source = _clean(get("sourceAddressPrefix"))
    destination = _clean(get("destinationAddressPrefix"))
    ports = _clean(get("destinationPortRange"))
    source_ports = _clean(get(_SOURCE_PORTS, ANY))
    if type(priority) is not int or not isinstance(protocol, str):
        return None
    if access is None or direction is None or protocol == SECRET:
        return None
    if not (source and destination and ports and source_ports):
        return None
    return GroupRule(
        name,
        priority,
        direction,
        access,
        protocol,
        source,
        (),
        destination,
        (),
        ports,
        source_ports,
        False,
        path,
    )


def _clean(text: object) -> tuple[str, ...]:
    return _cleaned(text) if isinstance(text, str) else ()


@lru_cache(maxsize=1 << 16)
def _cleaned(text: str) -> tuple[str, ...]:
    """Return one text as rules hold it; nothing for what is no plain text."""
    stripped = text.strip()
    if not stripped or stripped == SECRET:
        return ()
    return (ANY,) if stripped.lower() in _ANY_WORDS else (stripped,)


def application_group(plan: Plan, value: Value) -> tuple[str, tuple[Missing, ...]]:
    """Return the key of an application security group, and why it is not certain.

    Several keys with ``ONE_OF`` between them where one of them is meant.
    """
    found = plan.meant(value, _APPLICATION_GROUP)
    if isinstance(found, PlanResource):
        return found.urn.lower(), ()
    if isinstance(found, Elsewhere):
        return found.text.lower(), ()
    missing = found or value.missing("is not set")
    origins = plan.origins(value, _APPLICATION_GROUP)
    keys = ONE_OF.join(sorted(each.urn.lower() for each in origins))
    return keys or UNKNOWN_TEXT, (missing,)


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 1e9 and value == int(value) else None


def _choice(known: Mapping[str, _Item], value: object) -> _Item | None:
    return known.get(value.strip().lower()) if isinstance(value, str) else None


def _plain(value: object) -> str | None:
    """Return a text or a whole number as text; None for anything else."""
    if isinstance(value, str):
        return None if value == SECRET or not value.strip() else value.strip()
    number = _number(value)
    return None if number is None else str(number)
