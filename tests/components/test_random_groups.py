"""Some hundred random security groups, decided as sets and packet by packet.

The other opinion is `review.random_groups`, which reads a packet against one rule after
another and shares nothing with the sets.
"""

import pytest

from review.group_judge import decided, disagreement
from review.random_groups import RandomGroup

GROUPS = 250
PACKETS = 100


@pytest.mark.parametrize("first", range(0, GROUPS, 50))
def test_sets_and_single_packets_agree(first: int) -> None:
    """Not one packet is decided in two ways, and nothing is undecided."""
    for seed in range(first, first + 50):
        group = RandomGroup.of(seed)
        assert not disagreement(group, decided(group), PACKETS)


def test_both_answers_are_among_them() -> None:
    """The packets are worth something only if some pass and some do not."""
    groups = [RandomGroup.of(seed) for seed in range(50)]
    answers = [
        group.lets_through(sent) for group in groups for sent in group.packets(PACKETS)
    ]
    assert 0.1 < sum(answers) / len(answers) < 0.9


def test_a_disagreement_is_seen() -> None:
    """Groups that are judged by the decisions about other ones are told apart."""
    groups = [RandomGroup.of(seed) for seed in range(20)]
    told = [
        disagreement(group, decided(other), PACKETS)
        for group, other in zip(groups, groups[1:], strict=False)
    ]
    assert sum("is decided in two ways" in text for text in told) > 10


def test_groups_of_all_sizes_and_fields_are_among_them() -> None:
    """Up to 200 rules, with every property that a rule can have."""
    groups = [RandomGroup.of(seed) for seed in range(GROUPS)]
    assert max(len(group.rules) for group in groups) > 150
    assert min(len(group.rules) for group in groups) == 0
    fields = {field for group in groups for rule in group.rules for field in rule}
    assert fields == {
        *("name", "priority", "direction", "access", "protocol", "sourcePortRange"),
        *("destinationPortRange", "destinationPortRanges"),
        *("sourceAddressPrefix", "sourceAddressPrefixes"),
        *("destinationAddressPrefix", "destinationAddressPrefixes"),
        *("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups"),
    }
