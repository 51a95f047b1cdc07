"""The pack's configuration: faults are named with the nearest name that exists."""

import json
from pathlib import Path
from typing import Any

import pytest
from policy_calls import AbortedCall, Analyzer, messages
from policy_plans import UNKNOWN
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel

from azureml_policies import RULES
from azureml_policies._frame.configuration import (
    ConfigurationError,
    configure_from_file,
)

PUBLIC = "ml-workspace-no-public-access"
FOLDER = Path(__file__).parents[2] / "policies" / "config"

FAULTS = (
    (
        {"ml-workspace-no-public-acces": {"enforcementLevel": "advisory"}},
        "ml-workspace-no-public-acces: there is no such policy; "
        f"did you mean '{PUBLIC}'?",
    ),
    (
        {PUBLIC: {"onUnknow": "ignore"}},
        f"{PUBLIC}.onUnknow: there is no such property; did you mean 'onUnknown'?",
    ),
    (
        {PUBLIC: {"onUnknown": "ignored"}},
        f"{PUBLIC}.onUnknown: 'ignored' is not allowed; did you mean 'ignore'?",
    ),
    (
        {PUBLIC: {"onUnknown": True}},
        f"{PUBLIC}.onUnknown: True is not of type string",
    ),
    (
        {"pe-for-storage": {"batch": "yes"}},
        "pe-for-storage.batch: 'yes' is not of type boolean",
    ),
    (
        {"pe-dns-zone-matches-group": {"cloud": "us_goverment"}},
        "pe-dns-zone-matches-group.cloud: 'us_goverment' is not allowed; "
        "did you mean 'us_government'?",
    ),
    (
        {"exemption-valid": {"maxDays": 0}},
        "exemption-valid.maxDays: 0 is not 1 or more",
    ),
    (
        {"exemption-valid": {"maxDays": 7.5}},
        "exemption-valid.maxDays: 7.5 is not a whole number",
    ),
    (
        {"vpn-client-pool": {"largest": 32}},
        "vpn-client-pool.largest: 32 is not 29 or less",
    ),
    (
        {"ml001": {"enforcementLevel": "advisory"}},
        f"ml001: there is no such policy; did you mean '{PUBLIC}'?",
    ),
    (
        {"exemption-valid": {"exemptions": ["ML001"]}},
        "exemption-valid.exemptions[0]: 'ML001' is not of type object",
    ),
    (
        {"all": {"onUnknown": "ignore"}},
        "all: onUnknown; 'all' sets levels only",
    ),
)


@pytest.mark.parametrize(("content", "text"), FAULTS)
def test_faults_end_the_run(content: dict[str, Any], text: str) -> None:
    """The Configure call is refused, and its text says what is wrong."""
    with pytest.raises(AbortedCall) as refused:
        Analyzer().configure(content)
    assert str(refused.value).startswith("INVALID_ARGUMENT: ")
    assert text in str(refused.value)


@pytest.mark.parametrize(("content", "text"), FAULTS)
def test_the_same_faults_in_a_file(content: dict[str, Any], text: str) -> None:
    """The check of a file says the same, for the plain and the versioned form."""
    for form in (content, {"version": 2, "policies": content}):
        with pytest.raises(ConfigurationError) as refused:
            configure_from_file(RULES, form)
        assert text in str(refused.value)


def test_all_faults_are_reported_together() -> None:
    """One run shows everything that is wrong."""
    merged = {key: value for content, _ in FAULTS[:2] for key, value in content.items()}
    with pytest.raises(ConfigurationError) as refused:
        configure_from_file(RULES, merged | {"pe-for-storage": "mandatry", "x": 3})
    lines = str(refused.value).splitlines()
    assert len(lines) == 4
    assert "pe-for-storage: 'mandatry' is not a level; did you mean 'mandatory'?" in (
        lines
    )
    assert "x: 3; give a level or an object" in lines


def test_levels_and_settings_of_a_file() -> None:
    """A level may stand alone or beside settings, and ``all`` sets the others."""
    chosen = configure_from_file(
        RULES,
        {
            "all": "advisory",
            PUBLIC: "mandatory",
            "pe-for-storage": {"batch": True},
            "dns-zone-linked": {"enforcementLevel": "disabled"},
            "environments": ["a"],
        },
    )
    assert chosen[PUBLIC].level is EnforcementLevel.MANDATORY
    assert chosen["pe-for-storage"].level is EnforcementLevel.ADVISORY
    assert chosen["pe-for-storage"].settings == {
        "batch": True,
        "acceptManualApproval": False,
        "onUnknown": "violation",
    }
    assert chosen["dns-zone-linked"].level is EnforcementLevel.DISABLED


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda p: p.stem)
def test_the_environments_files(path: Path) -> None:
    """The files of the stack program's environments have no fault."""
    configure_from_file(RULES, json.loads(path.read_text()))


def test_there_is_a_file_per_environment() -> None:
    """The review takes the file that is called like the stack; none is for no stack."""
    root = FOLDER.parents[1]
    stacks = {
        path.stem.removeprefix("Pulumi.")
        for folder in (root, root / "stacks")
        for path in folder.glob("Pulumi.*.yaml")
    }
    files = {path.stem for path in FOLDER.glob("*.json")}
    assert {"dev", "prod"} <= files <= stacks


def test_faults_do_not_end_the_run_while_they_are_advisory() -> None:
    """PU010 then reports them, and the faulty settings are left out."""
    name = "policy-config-known"
    analyzer = Analyzer()
    analyzer.configure(
        {
            name: {"enforcementLevel": "advisory"},
            PUBLIC: {"onUnknow": "ignore", "onUnknown": "advisory"},
            "pe-for-storag": {"batch": True},
        }
    )
    response = analyzer.analyze(
        "machinelearningservices:Workspace", {"publicNetworkAccess": UNKNOWN}
    )
    assert [
        each.enforcementLevel
        for each in response.diagnostics
        if each.policyName == PUBLIC
    ] == [proto.ADVISORY]
    first, second = messages(analyzer.analyze_stack([]), name)
    assert "there is no such policy; did you mean 'pe-for-storage'?" in first
    assert "there is no such property; did you mean 'onUnknown'?" in second


def test_defaults_are_valid() -> None:
    """Every rule's own defaults pass its own schema."""
    defaults = {rule.name: rule.defaults for rule in RULES}
    configure_from_file(RULES, defaults)
