"""Examples in the documentation: each rule reports the bad one, not the good one."""

from pathlib import Path

import pytest
from rule_examples import judge

from azureml_policies import RULES
from azureml_policies._frame import Rule

SHOWN = [rule for rule in RULES if rule.bad is not None or rule.good is not None]
WITHOUT = Path(__file__).with_name("rules_without_examples.txt")


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_the_bad_example_is_reported(rule: Rule) -> None:
    """As a violation, neither as undecided nor as a fault of the rule itself."""
    assert rule.bad is not None
    found = judge(rule, rule.bad)
    assert found
    for diagnostic in found:
        assert "\nundecided: " not in diagnostic.message
        assert "the rule itself failed" not in diagnostic.message


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.id)
def test_the_good_example_is_accepted(rule: Rule) -> None:
    """Nothing at all is said about it."""
    assert rule.good is not None
    assert judge(rule, rule.good) == []


def test_every_rule_has_its_examples() -> None:
    """But for those that are listed; whoever writes one strikes it off."""
    missing = {rule.id for rule in RULES if rule.bad is None or rule.good is None}
    assert missing <= set(WITHOUT.read_text().split())
