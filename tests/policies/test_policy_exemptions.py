"""Exemptions: what they cover, what is wrong with them, and that nothing disappears."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_calls import Analyzer, messages
from policy_plans import UNKNOWN, Planned, Rendered
from pulumi.runtime import proto

from azureml_policies import RULES

TODAY = date(2026, 5, 1)
WORKSPACE = "machinelearningservices:Workspace"
TOKEN = f"azure-native:{WORKSPACE}"
PUBLIC = "ml-workspace-no-public-access"
WATCH = "exemption-valid"
CHOSEN = [
    rule
    for rule in RULES
    if rule.id in ("ML001", "ML002", "PE001", "ST001", "PU005", "PU006")
]


def urn(name: str, token: str = TOKEN) -> str:
    """Return the URN of a resource."""
    return f"urn:pulumi:dev::project::{token}::{name}"


def entry(**changes: Any) -> dict[str, Any]:
    """Return an exemption of ML001 for the workspace ``it``; None removes a key."""
    whole = {
        "rule": "ML001",
        "resource": urn("it"),
        "owner": "network-team",
        "reason": "closed in June, change 4711",
        "expires": "2026-06-30",
        "category": "Waiver",
    } | changes
    return {key: value for key, value in whole.items() if value is not None}


def analyzer(
    *entries: Mapping[str, Any],
    today: date = TODAY,
    others: Mapping[str, Any] = {},
    **settings: Any,
) -> Analyzer:
    """Return an analyzer with these exemptions on this day."""
    made = Analyzer(CHOSEN, today=lambda: today)
    made.configure({WATCH: {"exemptions": list(entries), **settings}, **others})
    return made


def workspaces(*names: str, access: str = "Enabled") -> list[Rendered]:
    """Return workspaces, open unless ``access`` says otherwise."""
    inputs = {"publicNetworkAccess": access}
    return [Rendered(Planned(WORKSPACE, name), inputs, {}, "") for name in names]


def watched(made: Analyzer, resources: Iterable[Rendered]) -> list[str]:
    """Return what the rule on exemptions says about a stack."""
    return [
        message.partition("\n")[2]
        for message in messages(made.analyze_stack(resources), WATCH)
    ]


def test_an_exempted_finding_stays_visible() -> None:
    """It is an advisory with the finding, the owner, the reason and the expiry."""
    (found,) = analyzer(entry()).analyze(TOKEN, {}).diagnostics
    assert found.policyName == PUBLIC
    assert found.enforcementLevel == proto.ADVISORY
    assert "\nexempt: publicNetworkAccess is missing" in found.message
    assert found.message.endswith(
        "(Waiver until 2026-06-30, owner network-team: closed in June, change 4711)"
    )


def test_only_its_rule_and_its_resource_are_exempt() -> None:
    """Another rule on the resource counts, and the rule on another resource."""
    made = analyzer(entry())
    inputs = {"allowPublicAccessWhenBehindVnet": True}
    levels = {
        each.policyName: each.enforcementLevel
        for each in made.analyze(TOKEN, inputs).diagnostics
    }
    assert levels == {
        PUBLIC: proto.ADVISORY,
        "ml-workspace-no-legacy-public-flag": proto.MANDATORY,
    }
    (found,) = made.analyze(TOKEN, {}, name="another").diagnostics
    assert found.enforcementLevel == proto.MANDATORY


@pytest.mark.parametrize(
    ("resource", "covered"),
    [
        (urn("it"), True),
        (f"{TOKEN}::it", True),
        (f"{TOKEN}::i*", True),
        ("urn:pulumi:dev::*::it", True),
        ("*::it", True),
        ("*:Workspace::it", True),
        (urn("it") + "s", False),
        ("it", False),
        ("*::It", False),
        (f"{TOKEN}::t*", False),
        ("azure-native:storage:*", False),
        (urn("i[t]"), True),
    ],
)
def test_which_resources_are_meant(resource: str, covered: bool) -> None:
    """A URN, or a pattern for the URN or for type and name, case and all."""
    (found,) = analyzer(entry(resource=resource)).analyze(TOKEN, {}).diagnostics
    assert (found.enforcementLevel == proto.ADVISORY) is covered


def test_a_name_with_brackets_is_meant_by_its_urn() -> None:
    """What reads as a pattern is taken literally first."""
    made = analyzer(entry(resource=urn("it[0]")))
    (found,) = made.analyze(TOKEN, {}, name="it[0]").diagnostics
    assert found.enforcementLevel == proto.ADVISORY


def test_an_open_answer_can_be_exempt_too() -> None:
    """Undecided counts like a violation, so it needs the same."""
    inputs = {"publicNetworkAccess": UNKNOWN}
    (found,) = analyzer(entry()).analyze(TOKEN, inputs).diagnostics
    assert found.enforcementLevel == proto.ADVISORY
    assert "exempt: undecided: publicNetworkAccess is not known" in found.message


def test_a_rule_may_be_called_by_its_policy_name() -> None:
    """The engine shows names, the documentation ids."""
    (found,) = analyzer(entry(rule=PUBLIC)).analyze(TOKEN, {}).diagnostics
    assert found.enforcementLevel == proto.ADVISORY


def test_a_stack_rule_is_exempt_as_well() -> None:
    """PE001 judges the stack; nothing is left for the rule on exemptions."""
    made = analyzer(entry(rule="PE001", category="Mitigated"))
    response = made.analyze_stack(workspaces("it", access="Disabled"))
    (found,) = response.diagnostics
    assert (found.policyName, found.urn) == ("pe-for-workspace", urn("it"))
    assert found.enforcementLevel == proto.ADVISORY
    assert "(Mitigated until 2026-06-30" in found.message


@pytest.mark.parametrize(
    ("changes", "path", "text"),
    [
        ({"rule": "ML01"}, "rule", "'ML01' is no rule that can be exempted; did you"),
        ({"rule": "PU006"}, "rule", "'PU006' is no rule that can be exempted"),
        ({"rule": None}, "rule", "is missing; name the rule by its id"),
        ({"resource": ""}, "resource", "is missing"),
        ({"resource": "*"}, "resource", "'*' is too broad"),
        ({"resource": "urn:*"}, "resource", "is too broad"),
        ({"resource": "*::*"}, "resource", "is too broad"),
        ({"resource": "azure-native:*"}, "resource", "is too broad"),
        ({"resource": "?*"}, "resource", "is too broad"),
        ({"owner": None}, "owner", "is missing; name who answers for it"),
        ({"owner": " "}, "owner", "is missing"),
        ({"owner": ["a"]}, "owner", "is missing"),
        ({"reason": None}, "reason", "is missing; say why"),
        ({"expires": None}, "expires", "is missing; give the last day"),
        ({"expires": "30.06.2026"}, "expires", "is no day; write it as YYYY-MM-DD"),
        ({"expires": "20260630"}, "expires", "is no day"),
        ({"expires": "2026-06-31"}, "expires", "is no day"),
        ({"expires": 20260630}, "expires", "is missing"),
        ({"expires": "2026-04-30"}, "expires", "2026-04-30 is over"),
        ({"expires": "2026-10-29"}, "expires", "too far away; set it to 2026-10-28"),
        ({"category": "waived"}, "category", "is not a category; did you mean 'Waiv"),
        ({"category": None}, "category", "is missing; set it to Waiver or Mitigated"),
        ({"expire": "x"}, "expire", "does not exist; did you mean 'expires'?"),
    ],
)
def test_an_exemption_with_a_fault(
    changes: dict[str, Any], path: str, text: str
) -> None:
    """It exempts nothing, and the rule on exemptions names the place."""
    made = analyzer(entry(resource="*::none-of-these"), entry(**changes))
    (found,) = made.analyze(TOKEN, {}).diagnostics
    assert found.enforcementLevel == proto.MANDATORY
    faulty, unused = watched(made, workspaces("it"))
    assert faulty.startswith(f"exemptions[1].{path} ") and text in faulty
    assert unused.startswith("exemptions[0] is not used: no resource of this stack")


@pytest.mark.parametrize(
    ("expires", "counts"),
    [("2026-04-30", False), ("2026-05-01", True), ("2026-10-28", True)],
)
def test_the_day_of_expiry_is_the_last(expires: str, counts: bool) -> None:
    """From today on, and for as many days as are allowed."""
    (found,) = analyzer(entry(expires=expires)).analyze(TOKEN, {}).diagnostics
    assert (found.enforcementLevel == proto.ADVISORY) is counts


@given(st.integers(-500, 500), st.integers(1, 400))
def test_an_exemption_counts_from_today_for_max_days(days: int, most: int) -> None:
    """Neither before nor after."""
    expires = (TODAY + timedelta(days=days)).isoformat()
    made = analyzer(entry(expires=expires), maxDays=most)
    (found,) = made.analyze(TOKEN, {}).diagnostics
    assert (found.enforcementLevel == proto.ADVISORY) is (0 <= days <= most)


@given(
    st.dictionaries(
        st.sampled_from([*entry(), "expire", ""]),
        st.one_of(
            st.none(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(max_size=9),
            st.sampled_from(["ML001", "*::it", "Waiver", "9999-12-31", "[", "*" * 99]),
            st.lists(st.text(max_size=3), max_size=2),
        ),
    ),
    st.integers(min_value=1, max_value=10**300).map(float),
)
def test_an_exemption_of_anything(content: dict[str, Any], most: float) -> None:
    """Whatever it holds, the run goes on, and only a whole one exempts anything."""
    made = analyzer(content, maxDays=most, maxResources=most)
    (found,) = made.analyze(TOKEN, {}).diagnostics
    whole = {**entry(), **content} == content
    assert whole or found.enforcementLevel == proto.MANDATORY
    assert watched(made, workspaces("it")) or found.enforcementLevel == proto.ADVISORY


def test_an_exemption_that_is_not_needed() -> None:
    """The rule holds for the resource: the exemption has to go."""
    made = analyzer(entry(), entry(rule="ML002", resource="*:Workspace::i*"))
    assert watched(made, workspaces("it")) == [
        "exemptions[1] is not used: ML002 has nothing to report there; remove it"
    ]


def test_an_exemption_for_many_resources() -> None:
    """More than five of the types that the rule judges, unless configured otherwise."""
    names = [f"w{index}" for index in range(6)]
    other = Rendered(Planned("network:Subnet", "w7"), {}, {}, "")
    broad = entry(resource="*::w*")
    (message,) = watched(analyzer(broad), [*workspaces(*names), other])
    assert message.startswith(
        "exemptions[0].resource '*::w*' means 6 resources that ML001 judges, more than"
    )
    assert not watched(analyzer(broad), [*workspaces(*names[:5]), other])
    assert not watched(analyzer(broad, maxResources=6), workspaces(*names))


def test_nothing_is_exempt_where_nobody_watches() -> None:
    """Without the rule on exemptions there are none."""
    made = Analyzer(CHOSEN, today=lambda: TODAY)
    made.configure({WATCH: {"enforcementLevel": "disabled", "exemptions": [entry()]}})
    (found,) = made.analyze(TOKEN, {}).diagnostics
    assert found.enforcementLevel == proto.MANDATORY


def test_an_exempt_resource_is_not_remedied() -> None:
    """Who decided that the finding may stand did not ask for a change."""
    remedy = {PUBLIC: {"enforcementLevel": "remediate"}}
    made = analyzer(entry(), others=remedy)
    assert not made.remediate(TOKEN, {}).remediations
    assert analyzer(others=remedy).remediate(TOKEN, {}).remediations


def test_each_run_counts_its_own_uses() -> None:
    """What an earlier run needed says nothing about this one."""
    made = analyzer(entry())
    assert not watched(made, workspaces("it"))
    made.configure({WATCH: {"exemptions": [entry()]}})
    (message,) = watched(made, workspaces("it", access="Disabled"))
    assert "is not used" in message


def test_an_exempt_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs get the exemption beside the finding."""
    path = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(path))
    analyzer(entry()).analyze(TOKEN, {})
    (verdict,) = [
        line
        for line in map(json.loads, path.read_text().splitlines())
        if line.get("status") == "exempt"
    ]
    assert (verdict["rule"], verdict["level"]) == ("ML001", "advisory")
    assert verdict["message"].startswith("publicNetworkAccess is missing")
    assert verdict["exemption"] == {
        "path": "exemptions[0]",
        "owner": "network-team",
        "reason": "closed in June, change 4711",
        "expires": "2026-06-30",
        "category": "Waiver",
    }


def test_an_ignored_answer_is_not_passed_over() -> None:
    """PU005 names the rule whose open answers nobody would see."""
    inputs = {"publicNetworkAccess": UNKNOWN}
    open_one = [Rendered(Planned(WORKSPACE, "it"), inputs, {}, "")]
    name = "unknown-security-value"

    def said(others: Mapping[str, Any]) -> list[str]:
        return messages(analyzer(others=others).analyze_stack(open_one), name)

    (message,) = said({PUBLIC: {"onUnknown": "ignore"}})
    assert f"{PUBLIC}.onUnknown is 'ignore', and 1 of its answers" in message
    assert f"the first at {urn('it')} publicNetworkAccess" in message
    assert said({}) == []
    assert said({PUBLIC: {"onUnknown": "advisory"}}) == []
    assert said({PUBLIC: {"onUnknown": "ignore"}, name: {"onUnknown": "ignore"}}) == []


@pytest.mark.parametrize(
    ("own", "levels"),
    [
        ({}, [proto.ADVISORY]),
        ({"onUnknown": "violation"}, [proto.MANDATORY]),
        ({"onUnknown": "ignore"}, []),
    ],
)
def test_one_setting_for_all_open_answers(own: dict[str, str], levels: Any) -> None:
    """PU005's onUnknown counts for the policies that set none of their own."""
    others = {"unknown-security-value": {"onUnknown": "advisory"}, PUBLIC: own}
    response = analyzer(others=others).analyze(TOKEN, {"publicNetworkAccess": UNKNOWN})
    assert [each.enforcementLevel for each in response.diagnostics] == levels
