"""Security groups as plans hold them: rules whose values may not be known.

A rule keeps the texts that were written. What is not known stands as ``UNKNOWN_TEXT``,
which means neither an address nor a port, so that it is undecided as any other text
that cannot be read; ``missing`` says why.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeGuard, TypeVar, cast

from azureml_reachability.missing import Missing
from azureml_rulebook.default_rules import DEFAULT_RULES
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule

UNKNOWN_TEXT = "?"
"""In place of a text that is not known."""
ONE_OF = "|"
"""Between application security groups of which one is meant, and it is not known
which."""

_Choice = TypeVar("_Choice", Access, Direction)


class GroupRule(NamedTuple):
    """One rule. None for a number, direction or access that is not known."""

    name: str
    priority: int | None
    direction: Direction | None
    access: Access | None
    protocol: str = "Tcp"
    sources: tuple[str, ...] = (ANY,)
    source_groups: tuple[str, ...] = ()
    """Keys of application security groups, in place of addresses."""
    destinations: tuple[str, ...] = (ANY,)
    destination_groups: tuple[str, ...] = ()
    ports: tuple[str, ...] = (ANY,)
    source_ports: tuple[str, ...] = (ANY,)
    perhaps: bool = False
    """Whether it may not be read at this place, or not in this direction."""
    path: str = ""
    missing: tuple[Missing, ...] = ()
    """Its values that are not known."""

    def __str__(self) -> str:
        """Return it in one line: ``Allow 100 AllowHttps``."""
        access = self.access or UNKNOWN_TEXT
        priority = UNKNOWN_TEXT if self.priority is None else self.priority
        return f"{access} {priority} {self.name}"


def group_rule(rule: SecurityRule, path: str = "") -> GroupRule:
    """Return a rule of the rulebook as a rule of a group."""
    return GroupRule(
        name=rule.name,
        priority=rule.priority,
        direction=rule.direction,
        access=rule.access,
        protocol=rule.protocol,
        sources=rule.sources,
        source_groups=rule.source_groups,
        destinations=rule.destinations,
        destination_groups=rule.destination_groups,
        ports=rule.ports,
        path=path or rule.name,
    )


GroupKey = Callable[[object], str]
"""Returns the key of an application security group by its id; the id may be unknown.
The key of one of several is ``a|b`` (``ONE_OF``), and ``UNKNOWN_TEXT`` that of any."""


def key_by_id(group_id: object) -> str:
    """Return the id itself as the key of an application security group."""
    return group_id.lower() if isinstance(group_id, str) else UNKNOWN_TEXT


def is_unknown(value: object) -> bool:
    """Whether a value of a plan is not known: it is ``{"unknown": true}``."""
    return _is_map(value) and value.get("unknown") is True and len(value) == 1


def read_group_rule(
    inputs: Mapping[str, Any], path: str, *, name: str = "", key: GroupKey = key_by_id
) -> GroupRule:
    """Read a rule as Azure's properties say it: inline or on its own, in camel case.

    Singular and plural properties mean their union. Nothing that stands in them raises:
    what is not known or cannot be read stands as ``UNKNOWN_TEXT``, and in ``missing``
    with its path. What an allowing rule leaves out is any; Azure refuses such a rule,
    so that nobody is to lean on it.

    Args:
        inputs: its properties; what is not known is ``{"unknown": true}``.
        path: where they stand, put before the names of properties.
        name: of the rule, where it is not among the inputs.
        key: the keys of application security groups.
    """
    return _Inputs(inputs, path, key).rule(name)


class _Inputs:
    """The properties of one rule, and what of them is missing."""

    def __init__(self, inputs: Mapping[str, Any], path: str, key: GroupKey) -> None:
        self._inputs = inputs
        self._path = path
        self._key = key
        self._missing: list[Missing] = []
        self._left_out = UNKNOWN_TEXT

    def rule(self, name: str) -> GroupRule:
        access = self._choice("access", Access)
        if access is Access.ALLOW:
            self._left_out = ANY
        direction = self._choice("direction", Direction)
        priority = self._priority()
        protocol = self._texts("protocol")
        source_groups = self._groups("sourceApplicationSecurityGroups")
        destination_groups = self._groups("destinationApplicationSecurityGroups")
        sources = self._side("sourceAddressPrefix", "es", source_groups)
        destinations = self._side("destinationAddressPrefix", "es", destination_groups)
        own_name = self._inputs.get("name")
        return GroupRule(
            name=own_name if isinstance(own_name, str) and own_name else name,
            priority=priority,
            direction=direction,
            access=access,
            protocol=protocol[0] if protocol else self._absent("protocol"),
            sources=sources,
            source_groups=source_groups,
            destinations=destinations,
            destination_groups=destination_groups,
            ports=self._side("destinationPortRange", "s"),
            source_ports=self._side("sourcePortRange", "s"),
            path=self._path,
            missing=tuple(self._missing),
        )

    def _side(
        self, singular: str, plural: str, groups: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        """Return the texts of one property and of its plural."""
        found = (*self._texts(singular), *self._texts(singular + plural))
        if found or groups:
            return found
        return (self._absent(singular),)

    def _absent(self, key: str) -> str:
        if self._left_out != ANY:
            self._add(key, "is missing")
        return self._left_out

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self._inputs.get(key)
        values = cast(list[object], value) if isinstance(value, list) else [value]
        texts = (
            self._text(each, f"{key}[{index}]" if isinstance(value, list) else key)
            for index, each in enumerate(values)
        )
        return tuple(text for text in texts if text)

    def _text(self, value: object, key: str) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            text = value.strip()
            return ANY if text.lower() == "any" else text
        if isinstance(value, float) and value == value // 1:
            return f"{value:.0f}"
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        self._add(key, *_fault(value, "text"))
        return UNKNOWN_TEXT

    def _groups(self, key: str) -> tuple[str, ...]:
        value = self._inputs.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._add(key, *_fault(value, "list"))
            return (UNKNOWN_TEXT,)
        found: list[str] = []
        for index, each in enumerate(cast(list[object], value)):
            group_id = each.get("id") if _is_map(each) else each
            found.append(self._key(group_id if not is_unknown(each) else each))
            if found[-1] == UNKNOWN_TEXT:
                self._add(f"{key}[{index}].id")
        return tuple(found)

    def _choice(self, key: str, kind: type[_Choice]) -> _Choice | None:
        value = self._inputs.get(key)
        if isinstance(value, str):
            for each in kind:
                if each.lower() == value.strip().lower():
                    return each
        known = " or ".join(f"'{each}'" for each in kind)
        self._add(key, *_fault(value, known))
        return None

    def _priority(self) -> int | None:
        value = self._inputs.get("priority")
        if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
            return int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            if value == value // 1:
                return int(value)
        self._add("priority", *_fault(value, "whole number"))
        return None

    def _add(self, key: str, *reason: str) -> None:
        path = f"{self._path}.{key}" if self._path else key
        self._missing.append(Missing(path, *reason))


def _fault(value: object, wanted: str) -> tuple[str, ...]:
    """Return why a value cannot be read; () if it is just not known yet."""
    if is_unknown(value):
        return ()
    return ("is missing",) if value is None else (f"is no {wanted}",)


def _is_map(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


_DEFAULTS = tuple(
    group_rule(rule, f"default rule {rule.name}") for rule in DEFAULT_RULES
)


@dataclass(frozen=True, kw_only=True, eq=False)
class SecurityGroup:
    """A security group with its own rules; Azure's default rules are understood."""

    name: str
    rules: tuple[GroupRule, ...] = ()
    missing: tuple[Missing, ...] = ()
    """Why it may have further rules."""
    aliases: tuple[str, ...] = ()

    @cached_property
    def content(self) -> tuple[object, ...]:
        """What decides: groups of equal content let the same through."""
        return (self.missing, tuple(rule[:-2] for rule in self.rules))

    @cached_property
    def inbound(self) -> tuple[GroupRule, ...]:
        """Rules for what comes in, in Azure's order, the default ones last."""
        return _in_order(self.rules, Direction.INBOUND)

    @cached_property
    def outbound(self) -> tuple[GroupRule, ...]:
        """Rules for what goes out, in Azure's order, the default ones last."""
        return _in_order(self.rules, Direction.OUTBOUND)

    def ordered(self, direction: Direction) -> tuple[GroupRule, ...]:
        """Return the rules of a direction in Azure's order, the default ones last."""
        return self.inbound if direction is Direction.INBOUND else self.outbound


def _in_order(
    rules: tuple[GroupRule, ...], direction: Direction
) -> tuple[GroupRule, ...]:
    """Return the rules that are or may be of a direction.

    A rule whose number is not known may come first. Azure refuses two rules of one
    number; which of them would be read first cannot be told.
    """
    other = Direction.OUTBOUND if direction is Direction.INBOUND else Direction.INBOUND
    own = [rule for rule in rules if rule.direction is not other]
    own.sort(key=lambda rule: -1 if rule.priority is None else rule.priority)
    count = Counter(rule.priority for rule in own)
    if (
        len(count) < len(own)
        or None in count
        or any(not rule.direction for rule in own)
    ):
        own = [_placed(rule, count[rule.priority]) for rule in own]
    return (*own, *(rule for rule in _DEFAULTS if rule.direction is direction))


def _placed(rule: GroupRule, with_its_number: int) -> GroupRule:
    """Return a rule, marked where its place in the order is not certain."""
    if rule.priority is not None and with_its_number > 1:
        tie = Missing(
            f"{rule.path}.priority",
            f"is {rule.priority}, as that of another rule: Azure refuses both",
        )
        return rule._replace(perhaps=True, missing=(*rule.missing, tie))
    if rule.priority is None or rule.direction is None:
        return rule._replace(perhaps=True)
    return rule
