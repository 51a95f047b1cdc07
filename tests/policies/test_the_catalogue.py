"""The whole catalogue: every rule is there, as agreed, and has its three answers.

``catalogue.txt`` says once more what was agreed about each rule: its id, name, level,
severity, whether it has a remedy, the controls it serves (``°``: our own assignment),
the built-in definitions of Azure Policy, and its twins among the rules of other
scanners. What the pack does otherwise, is explained here.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rule_cases import ALWAYS_KNOWN, BAD, OK, OPEN, resource_cases, stack_cases
from rule_examples import judge

from azureml_policies import RULES, Rule

FRAMEWORKS = {
    "Microsoft cloud security benchmark": "MCSB",
    "Microsoft cloud security benchmark v2": "MCSB v2",
    "CIS Microsoft Azure Foundations 2.0": "CIS 2.0",
    "CIS Microsoft Azure Foundations 3.0": "CIS 3.0",
    "NIST SP 800-53": "NIST",
    "PCI DSS": "PCI",
}
WITHOUT_REMEDY = {
    "VN006": "without a private endpoint, which the whole stack shows, it cuts off",
}
"""Rules that were to have a remedy, and why they have none: the engine asks for one
before it has seen the rest of the stack."""
WORKSPACE = "ml-workspace-no-public-access"
EXEMPTION = {
    "rule": WORKSPACE,
    "resource": "azure-native:machinelearningservices:Workspace::laboratory",
    "owner": "network-team",
    "reason": "closed with change 4711",
    "expires": "2026-06-30",
    "category": "Waiver",
}
BEYOND = {
    "ML026": "ml-project-has-hub",
    "ST018": "storage-container-soft-delete",
    "ST019": "storage-account-kind",
    "ST020": "storage-cors-narrow",
    "MN008": "data-collection-no-public-access",
    "MN009": "loganalytics-retention",
    "MN010": "data-collection-in-scope",
    "MN011": "alert-enabled",
    "FW003": "firewall-rules-narrow",
    "FW004": "firewall-tier",
    "FW005": "firewall-threat-intel-list",
    "VM003": "machine-trusted-launch",
    "VM004": "machine-boot-diagnostics",
    "VM005": "machine-patched",
    "VM006": "machine-extension-upgraded",
    "VM007": "machine-identity",
    "VM008": "machine-extensions",
    "VM009": "machine-logs-collected",
    "BA007": "bastion-no-kerberos",
    "VG009": "er-gateway-no-transit",
    "VG010": "vpn-client-pool",
    "ER002": "er-circuit-authorizations",
    "DN006": "dns-ruleset-complete",
    "DN007": "dns-forwarding-own-servers",
    "PU011": "stateful-locked",
    "PU012": "role-on-one-resource",
}
"""Rules beyond the catalogue, found by changing the plan of prod until nothing was
reported (``test_mutations_of_prod.py``); each has a number after the catalogue's."""
ON_THE_PACK = (
    ("PU005", OK, {}),
    ("PU005", OK, {WORKSPACE: {"onUnknown": "advisory"}}),
    ("PU005", BAD, {WORKSPACE: {"onUnknown": "ignore"}}),
    ("PU006", OK, {"exemption-valid": {"exemptions": [EXEMPTION]}}),
    ("PU006", BAD, {"exemption-valid": {"exemptions": [EXEMPTION | {"owner": ""}]}}),
    ("PU010", OK, {WORKSPACE: {"onUnknown": "violation"}}),
    ("PU010", BAD, {WORKSPACE: {"onUnknow": "violation"}}),
)
"""Rules on the pack itself judge a run by its configuration, which is always known."""


@dataclass(frozen=True)
class Row:
    """What was agreed about a rule."""

    id: str
    name: str
    level: str
    severity: str
    remedy: bool
    controls: frozenset[str]
    azure_policies: frozenset[str]
    twins: frozenset[str]


def _row(line: str) -> Row:
    cells = ["" if cell == "-" else cell for cell in line.split(" | ")]
    id, name, level, severity, remedy, controls, azure_policies, twins = cells
    return Row(
        id=id,
        name=name,
        level=level,
        severity=severity,
        remedy=bool(remedy),
        controls=frozenset(controls.split("; ")) - {""},
        azure_policies=frozenset(azure_policies.split()),
        twins=frozenset(twins.split()),
    )


CATALOGUE = tuple(
    _row(line)
    for line in Path(__file__)
    .with_name("catalogue.txt")
    .read_text(encoding="utf-8")
    .splitlines()
)
RULE_BY_ID = {rule.id: rule for rule in RULES}
CASES = (*resource_cases(), *stack_cases())


def test_no_rule_is_missing() -> None:
    """All 164 are there, and beyond them those that are named here, and no others."""
    assert len({row.id for row in CATALOGUE}) == len(CATALOGUE) == 164
    assert not {row.id for row in CATALOGUE} & set(BEYOND)
    assert set(RULE_BY_ID) == {row.id for row in CATALOGUE} | set(BEYOND)
    assert {id: RULE_BY_ID[id].name for id in BEYOND} == BEYOND


def test_rules_beyond_the_catalogue_come_after_it() -> None:
    """Numbers of the catalogue keep their meaning."""
    last = {row.id[:2]: row.id for row in CATALOGUE}
    assert all(id > last[id[:2]] for id in BEYOND)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.id)
def test_a_rule_is_as_agreed(row: Row) -> None:
    """Name, level, severity, remedy, controls, definitions and twins."""
    rule = RULE_BY_ID[row.id]
    controls = {
        f"{FRAMEWORKS[each.framework]} {each.code}{'' if each.confirmed else '°'}"
        for each in rule.controls
    }
    assert row == Row(
        id=rule.id,
        name=rule.name,
        level=rule.level.value,
        severity=rule.severity.value,
        remedy=bool(rule.remedy) or rule.id in WITHOUT_REMEDY,
        controls=frozenset(controls),
        azure_policies=frozenset(rule.azure_policies),
        twins=frozenset(rule.twins),
    )


def test_what_has_no_remedy_was_to_have_one() -> None:
    """An explanation goes when the remedy comes."""
    wanted = {row.id for row in CATALOGUE if row.remedy}
    assert {id for id in wanted if not RULE_BY_ID[id].remedy} == set(WITHOUT_REMEDY)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_to_do(rule: Rule) -> None:
    """Steps, a page to read, and an example of both kinds."""
    assert rule.description and rule.steps and rule.url.startswith("https://")
    assert rule.bad is not None and rule.good is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_its_three_answers(rule: Rule) -> None:
    """A passing, a failing and an unknown case at least.

    What the engine always knows (options, types, settings) has no unknown case.
    """
    answers = {case.answer for case in CASES if case.rule == rule.id}
    answers |= {answer for id, answer, _ in ON_THE_PACK if id == rule.id}
    known = rule.id in ALWAYS_KNOWN or rule.of_the_run
    assert answers >= ({OK, BAD} if known else {OK, BAD, OPEN})


@pytest.mark.parametrize(("id", "answer", "configuration"), ON_THE_PACK)
def test_a_rule_on_the_pack(
    id: str, answer: str, configuration: dict[str, Any]
) -> None:
    """Its answers after a run in which one value was unknown."""
    found = judge(RULE_BY_ID[id], configuration)
    assert bool(found) == (answer == BAD)
