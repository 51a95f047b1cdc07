"""Security groups as plans hold them: rules whose values may not be known.

A rule keeps the texts that were written. What is not known stands as ``UNKNOWN_TEXT``,
which means neither an address nor a port, so that it is undecided as any other text
that cannot be read; ``missing`` says why.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from azureml_reachability.missing import Missing
from azureml_rulebook.default_rules import DEFAULT_RULES
from azureml_rulebook.security_rules import ANY, Access, Direction, SecurityRule

UNKNOWN_TEXT = "?"
"""In place of a text that is not known."""
ONE_OF = "|"
"""Between application security groups of which one is meant, and it is not known
which."""


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
