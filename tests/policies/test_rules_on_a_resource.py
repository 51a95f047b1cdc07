"""Every resource rule, judged through the engine's Analyze call by a table."""

import pytest
from policy_calls import Analyzer, answers, messages
from rule_cases import ALWAYS_KNOWN, BAD, OK, OPEN, Case, resource_cases

from azureml_policies import RULES

CASES = resource_cases()
RULE_BY_ID = {rule.id: rule for rule in RULES}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answer(case: Case) -> None:
    """A rule's answer through Analyze, and what its message names."""
    rule = RULE_BY_ID[case.rule]
    analyzer = Analyzer()
    analyzer.configure({rule.name: case.settings} if case.settings else {})
    response = analyzer.analyze(case.type, case.inputs, told=case.told)
    assert answers(response, rule.name) == {case.answer}
    assert case.says in "\n".join(messages(response, rule.name))


def test_every_resource_rule_has_its_cases() -> None:
    """One passing, one failing and one unknown case at least for every rule."""
    wanted = {
        (rule.id, answer)
        for rule in RULES
        if not rule.whole_stack
        for answer in (OK, BAD, OPEN)
        if answer != OPEN or rule.id not in ALWAYS_KNOWN
    }
    assert wanted <= {(case.rule, case.answer) for case in CASES}
