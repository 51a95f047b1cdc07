"""Openings that a configuration allows: ``Internet tcp/80,443``, read as packets.

``bastion-nsg: Internet tcp/443`` is for the group of that name alone; ``*`` stands for
any text in a name, and alone for any service.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from ipaddress import ip_network
from typing import Any, TypeVar

from azureml_policies._frame import Context, WrongType
from azureml_policies._groups import PlannedGroup, is_for_bastion
from azureml_policies._subnets import Range
from azureml_reachability.addresses import NO_ADDRESSES, AddressSet
from azureml_reachability.packets import NO_PACKETS, PacketSet
from azureml_reachability.places import Surroundings
from azureml_reachability.security_groups import rule_of
from azureml_rulebook.security_rules import ANY, Direction, SecurityRule
from azureml_rulebook.subnet_traffic import PLATFORM_RULES
from azureml_rulebook.subnets import BASTION

Read = TypeVar("Read")

SYNTAX = (
    "each a place and a service: 'Internet tcp/80,443', '203.0.113.0/24 *'; with "
    "'name: ' before it for groups of that name only, where * stands for any text"
)


def openings_setting(what: str, default: Iterable[str] = ()) -> dict[str, Any]:
    """Return the schema of a setting that lists openings."""
    return {
        "type": "array",
        "items": {"type": "string"},
        "default": list(default),
        "description": f"{what}, {SYNTAX}",
    }


def readable(texts: Iterable[str]) -> tuple[str, ...]:
    """Return openings, all of which can be read.

    Raises:
        ValueError: a text is none.
    """
    listed = tuple(texts)
    for text in listed:
        _read(text)
    return listed


@lru_cache(maxsize=256)
def _read(text: str) -> None:
    """Raise ValueError if a text is no opening; each group asks about the same ones."""
    rule = opening_rule(text.rpartition(": ")[2], Direction.INBOUND)
    anywhere = replace(rule, sources=(ANY,))
    rule_of(anywhere, Surroundings(virtual_network=NO_ADDRESSES))


def allowed_packets(
    texts: Iterable[str], group: PlannedGroup, direction: Direction
) -> PacketSet:
    """Return the packets that the openings for a group let through.

    Raises:
        ValueError: a text is no opening.
    """
    allowed = NO_PACKETS
    for text in texts:
        name, colon, rest = text.rpartition(": ")
        if not colon or fnmatchcase(group.name.lower(), name.strip().lower()):
            around = group.surroundings
            allowed |= _packets(
                rest, direction, around.cloud_name, around.virtual_network
            )
    return allowed


@lru_cache(maxsize=256)
def _packets(
    text: str, direction: Direction, cloud_name: str, virtual_network: AddressSet
) -> PacketSet:
    around = Surroundings(virtual_network=virtual_network, cloud_name=cloud_name)
    return rule_of(opening_rule(text, direction), around).packets


def opening_rule(text: str, direction: Direction) -> SecurityRule:
    """Return an opening without a name before it as a rule.

    Raises:
        ValueError: the text is none.
    """
    place, *service = text.split() or [""]
    if len(service) != 1:
        raise ValueError(f"'{text}' is no opening; write {SYNTAX}")
    protocol, _, ports = service[0].partition("/")
    inbound = direction is Direction.INBOUND
    return SecurityRule(
        name=text,
        priority=100,
        direction=direction,
        protocol=protocol,
        sources=(place,) if inbound else (ANY,),
        destinations=(ANY,) if inbound else (place,),
        ports=tuple(ports.split(",")) if ports else (ANY,),
        description=text,
    )


def allowed_openings(
    context: Context, group: PlannedGroup, direction: Direction, *keys: str
) -> Callable[[], PacketSet]:
    """Return what returns what is configured to pass, and what Bastion needs in its
    own group."""
    texts = [
        text for key in keys for text in configured(context, key, SYNTAX, readable)
    ]

    @cache
    def allowed() -> PacketSet:
        found = allowed_packets(texts, group, direction)
        if is_for_bastion(context.stack, group):
            for row in PLATFORM_RULES:
                if row.purpose == BASTION and row.rule.direction is direction:
                    found |= rule_of(row.rule, group.surroundings).packets
        return found

    return allowed


def configured(
    context: Context, key: str, wanted: str, read: Callable[[Any], Read]
) -> Read:
    """Return a setting as ``read`` reads it.

    Raises:
        WrongType: a text of it cannot be read.
    """
    try:
        return read(context.settings[key])
    except ValueError:
        raise WrongType(f"the setting '{key}'", f"a list of {wanted}") from None


def configured_ranges(context: Context, key: str) -> tuple[Range, ...]:
    """Return the ranges and addresses that a setting lists.

    Raises:
        WrongType: a text of it is none.
    """
    return configured(
        context,
        key,
        "ranges like '10.20.0.0/16'",
        lambda texts: tuple(ip_network(text.strip(), strict=False) for text in texts),
    )
