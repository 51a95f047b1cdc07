"""Rules of a group that decide nothing: compared with the group without them."""

from hypothesis import given
from hypothesis import strategies as st

from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_rules import SecurityGroup, group_rule
from azureml_reachability.idle_rules import idle_rules, undecided_before
from azureml_reachability.missing import Missing
from azureml_reachability.places import Surroundings
from azureml_reachability.security_groups import allowed, rule_of
from azureml_rulebook.security_rules import Access, Direction, SecurityRule

AROUND = Surroundings(virtual_network=AddressSet.of("10.0.0.0/8"))
ADDRESSES = ("*", "10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "VirtualNetwork")
RULES = st.builds(
    lambda access, protocol, source, destination, ports: (
        access,
        protocol,
        source,
        destination,
        ports,
    ),
    st.sampled_from(Access),
    st.sampled_from(("Tcp", "Udp", "*")),
    st.sampled_from(ADDRESSES),
    st.sampled_from(ADDRESSES),
    st.sampled_from((("*",), ("22",), ("20-25", "443"), ("443",))),
)


def numbered(
    parts: list[tuple[Access, str, str, str, tuple[str, ...]]],
) -> list[SecurityRule]:
    """Return inbound rules in the order given."""
    return [
        SecurityRule(
            name=f"rule-{index}",
            priority=100 + index,
            direction=Direction.INBOUND,
            access=access,
            protocol=protocol,
            sources=(source,),
            destinations=(destination,),
            ports=ports,
            description="",
        )
        for index, (access, protocol, source, destination, ports) in enumerate(parts)
    ]


@given(st.lists(RULES, max_size=6).map(numbered))
def test_idle_is_what_changes_no_decision(rules: list[SecurityRule]) -> None:
    """Exactly the rules are named without which the same packets pass."""
    group = SecurityGroup(name="nsg", rules=tuple(map(group_rule, rules)))
    read = [rule_of(rule, AROUND) for rule in rules]
    passing = allowed(read, Direction.INBOUND, AROUND)
    expected = {
        rule.name
        for rule in read
        if allowed([one for one in read if one is not rule], Direction.INBOUND, AROUND)
        == passing
    }
    found = {
        idle.rule.name: idle for idle in idle_rules(group, Direction.INBOUND, AROUND)
    }
    assert set(found) == expected
    for name, idle in found.items():
        rule = next(rule for rule in group.rules if rule.name == name)
        left = undecided_before(group, rule, Direction.INBOUND, AROUND)
        assert left.is_empty == idle.shadowed
        assert idle.others


def test_what_is_not_known_makes_no_rule_idle() -> None:
    """Neither a rule of which something is missing, nor one behind it."""
    first, second = map(
        group_rule,
        numbered(
            [
                (Access.DENY, "*", "*", "*", ("*",)),
                (Access.ALLOW, "Tcp", "*", "*", ("22",)),
            ]
        ),
    )
    missing = (Missing("nsg.securityRules[0].sourceAddressPrefix"),)
    unknown = first._replace(sources=("?",), missing=missing)
    for rules in ((unknown, second), (unknown,)):
        group = SecurityGroup(name="nsg", rules=rules)
        assert not list(idle_rules(group, Direction.INBOUND, AROUND))
