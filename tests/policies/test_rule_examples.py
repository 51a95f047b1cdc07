"""Examples in the documentation: each rule reports the bad one, not the good one."""

import pytest
from rule_examples import judge

from azureml_policies import RULES
from azureml_policies._frame import Rule

SHOWN = [rule for rule in RULES if rule.bad is not None or rule.good is not None]


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
    """One of each kind."""
    assert [r.id for r in RULES if r.bad is None or r.good is None] == []
