"""Jump boxes that nobody enters before Microsoft Defender for Cloud lets them in.

Rules that a security group has already come before Defender's, so no rule of the group
may let sessions in: the one for Bastion is left out, and callers' are refused.
"""

from collections.abc import Collection, Iterable, Mapping
from ipaddress import IPv4Network

from azureml_network._inputs import InputReader
from azureml_reachability.addresses import AddressSet
from azureml_reachability.packets import PacketSet, Protocol
from azureml_reachability.places import Surroundings
from azureml_reachability.ports import PortSet
from azureml_reachability.security_groups import allowed, rule_of
from azureml_rulebook.just_in_time import JUST_IN_TIME_PAGE
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.subnet_traffic import SESSION_PORTS
from azureml_rulebook.subnets import JUMP_BOX

_KEY = "just_in_time_access"


def read_just_in_time_access(reader: InputReader, purposes: Collection[str]) -> bool:
    """Read whether jump boxes are closed until somebody asks.

    ``purposes``: of all subnets.
    """
    closed = reader.flag(_KEY, False)
    if closed and JUMP_BOX not in purposes:
        reader.note(
            _KEY,
            f"is for jump boxes, and no subnet has the purpose '{JUMP_BOX}'; leave it "
            "out, or add one",
        )
    if closed and reader.flag("developer_bastion", False):
        reader.note(
            _KEY,
            "closes ports that developer_bastion opens at all times; leave one of the "
            f"two out ({JUST_IN_TIME_PAGE})",
        )
    return closed


def standing_openings(
    rules: Iterable[SecurityRule],
    prefix: IPv4Network,
    paths: Mapping[str, str],
    surroundings: Surroundings,
) -> dict[str, str]:
    """Return the callers' rules that let sessions in at all times, by their paths, with
    what to say of each.

    Args:
        rules: of a jump boxes' group, without Azure's default ones.
        prefix: of the jump boxes' subnet.
        paths: of the callers' rules, by the names of the rules.
        surroundings: what tags mean.
    """
    own = [rule_of(rule, surroundings) for rule in rules]
    sessions = PacketSet.of(
        destinations=AddressSet.of_networks([prefix]),
        protocols=frozenset({Protocol.TCP}),
        destination_ports=PortSet.of(*SESSION_PORTS),
    )
    let_in = allowed(own, Direction.INBOUND, surroundings) & sessions
    found: dict[str, str] = {}
    for rule in own:
        opens = rule.direction is Direction.INBOUND and rule.access is Access.ALLOW
        packet = ((rule.packets | rule.perhaps) & let_in).witness()
        if opens and packet is not None and rule.name in paths:
            found[paths[rule.name]] = (
                f"lets in {packet} at all times, before Defender's rules, and "
                "just-in-time access closes that until somebody asks; leave ports "
                f"{' and '.join(SESSION_PORTS)} out ({JUST_IN_TIME_PAGE})"
            )
    return found
