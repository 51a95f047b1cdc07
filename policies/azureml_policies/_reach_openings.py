"""What a configuration lets pass between places, read as packets.

``training: Internet tcp/443`` is for the subnet of that name alone; ``*`` stands for
any text in a name.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

from azureml_policies._frame import Context
from azureml_policies._openings import SYNTAX, configured, opening_rule, readable
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import NO_PACKETS, PacketSet
from azureml_reachability.place_names import Place, addresses
from azureml_reachability.places import Surroundings
from azureml_reachability.security_groups import rule_of
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.security_rules import Direction

RANGES_SYNTAX = "ranges like '10.200.0.0/16', or 'amlworkspace: 10.200.0.0/16'"


def opened_packets(
    context: Context,
    key: str,
    topology: Topology,
    subnet: Subnet,
    direction: Direction,
) -> PacketSet:
    """Return what the openings in a setting let into a subnet, or out of it.

    Raises:
        WrongType: a text is no opening.
    """
    texts = configured(context, key, SYNTAX, readable)
    allowed = NO_PACKETS
    for text in texts:
        name, colon, rest = text.rpartition(": ")
        if not colon or is_named(subnet, (name.strip(),)):
            around = Surroundings(
                virtual_network=subnet.network.ranges,
                cloud_name=topology.cloud_name,
                published=topology.published,
            )
            allowed |= rule_of(opening_rule(rest, direction), around).packets
    return allowed


def is_named(subnet: Subnet, patterns: Iterable[str]) -> bool:
    """Say whether a subnet has one of these names, in which ``*`` is any text."""
    names = (subnet.name, subnet.qualified_name, *subnet.aliases)
    return any(
        fnmatchcase(name.lower(), pattern.lower())
        for pattern in patterns
        for name in names
    )


def client_ranges(context: Context, key: str) -> tuple[tuple[str, Place], ...]:
    """Return the ranges in a setting as places, each with the sub-resource before it.

    Raises:
        WrongType: a text is no range.
    """
    return configured(
        context,
        key,
        RANGES_SYNTAX,
        lambda texts: tuple(
            (text.rpartition(": ")[0].strip().lower(), addresses(str(network)))
            for text in texts
            for network in _range(text).networks()
        ),
    )


def ranges_in(context: Context, key: str) -> AddressSet:
    """Return the ranges in a setting.

    Raises:
        WrongType: a text is no range.
    """
    return configured(
        context,
        key,
        RANGES_SYNTAX,
        lambda texts: AddressSet.union(_range(text) for text in texts),
    )


def _range(text: str) -> AddressSet:
    return AddressSet.of(text.rpartition(": ")[2].strip())
