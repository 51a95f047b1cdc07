"""Every stack rule, judged through Analyze and AnalyzeStack by a table of plans.

Each case is run as a preview sees it (ids unknown, dependency edges) and as it is after
the deployment (Azure ids), and the answers have to agree.
"""

from typing import Any

import pytest
from policy_calls import Analyzer, answers, messages
from rule_cases import ALWAYS_KNOWN, BAD, OK, OPEN, StackCase, stack_cases

from azureml_policies import RULES

CASES = stack_cases()
RULE_BY_ID = {rule.id: rule for rule in RULES}


def judge(case: StackCase, *, deployed: bool, edges: bool) -> Any:
    """Return the engine's response for the case's plan."""
    rule = RULE_BY_ID[case.rule]
    analyzer = Analyzer(RULES if rule.asked_last else [rule])
    analyzer.configure({rule.name: case.settings} if case.settings else {})
    return analyzer.analyze_stack(case.plan.render(deployed=deployed, edges=edges))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answer_at_preview(case: StackCase) -> None:
    """Ids are unknown, and the dependency edges say what is meant."""
    name = RULE_BY_ID[case.rule].name
    response = judge(case, deployed=False, edges=True)
    assert answers(response, name) == {case.answer}
    assert case.says in "\n".join(messages(response, name))


@pytest.mark.parametrize("edges", [True, False], ids=["edges", "no edges"])
@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.preview_only], ids=str
)
def test_answer_after_the_deployment(case: StackCase, edges: bool) -> None:
    """Ids are known, and say the same with or without dependency edges."""
    name = RULE_BY_ID[case.rule].name
    response = judge(case, deployed=True, edges=edges)
    assert answers(response, name) == {case.answer}


def test_every_stack_rule_has_its_cases() -> None:
    """One passing, one failing and one unknown case at least for every rule."""
    wanted = {
        (rule.id, answer)
        for rule in RULES
        if rule.whole_stack and not rule.of_the_run
        for answer in (OK, BAD, OPEN)
        if answer != OPEN or rule.id not in ALWAYS_KNOWN
    }
    assert wanted <= {(case.rule, case.answer) for case in CASES}
