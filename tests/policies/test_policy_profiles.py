"""Profiles: how strict, and for which framework; the files that the checkout holds."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from policy_calls import Analyzer
from pulumi_policy import EnforcementLevel, Severity

from azureml_policies import RULES
from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    Rule,
    resource_rule,
    stack_rule,
)
from azureml_policies._frame.configuration import configure_from_file
from azureml_policies._frame.profiles import Framework, Profile, on_top, profile

FOLDER = Path(__file__).parents[2] / "policies" / "config" / "profiles"


def _check(subject: Resource, context: Context) -> Iterator[Finding]:
    """Anything holds."""
    yield from ()


def made(name: str, level: str, severity: str, *controls: Control, **more: Any) -> Rule:
    """Return a rule of which only these matter."""
    return (stack_rule if more else resource_rule)(
        id=name.upper(),
        name=name,
        level=EnforcementLevel(level),
        severity=Severity(severity),
        types=(),
        steps="",
        url="",
        controls=controls,
        **more,
    )(_check)


NIST = Control("NIST SP 800-53 Rev. 5", "SC-7")
CIS2 = Control("CIS Microsoft Azure Foundations Benchmark 2.0", "6.1")
CIS3 = Control("CIS Microsoft Azure Foundations Benchmark 3.0", "4.7")
MCSB = Control("Microsoft cloud security benchmark v2", "NS-2", confirmed=False)
PCI = Control("PCI DSS", "4.0.1")
MADE = (
    made("must", "mandatory", "critical", MCSB, NIST),
    made("must-low", "mandatory", "low", PCI, CIS3),
    made("should", "advisory", "high", CIS2, MCSB),
    made("off", "disabled", "low", NIST),
    made("watch", "mandatory", "high", of_the_run=True),
)


@pytest.mark.parametrize(
    ("strictness", "levels"),
    [
        ("strict", "mandatory mandatory mandatory disabled mandatory"),
        ("moderate", "mandatory advisory advisory disabled mandatory"),
        ("audit-only", "advisory advisory advisory disabled advisory"),
    ],
)
def test_levels_of_a_profile(strictness: str, levels: str) -> None:
    """A rule that is off by default stays off in each of them."""
    assert list(profile(MADE, Profile(strictness)).values()) == levels.split()


@pytest.mark.parametrize(
    ("framework", "on"),
    [
        ("MCSB", {"must", "should"}),
        ("CIS-3.0", {"must-low"}),
        ("NIST", {"must"}),
        ("PCI", {"must-low"}),
    ],
)
def test_rules_of_a_framework(framework: str, on: set[str]) -> None:
    """The others are off, but for the rules that watch over the pack."""
    chosen = profile(MADE, Profile.STRICT, Framework(framework))
    enabled = {name for name, level in chosen.items() if level != "disabled"}
    assert enabled == on | {"watch"}


@pytest.mark.parametrize("framework", [None, *Framework])
@pytest.mark.parametrize("strictness", Profile)
def test_a_profile_is_a_configuration(
    strictness: Profile, framework: Framework | None
) -> None:
    """It names every rule, has no fault, and the pack runs with it."""
    content = profile(RULES, strictness, framework)
    assert list(content) == [rule.name for rule in RULES]
    configure_from_file(RULES, content)
    Analyzer().configure(
        {name: {"enforcementLevel": level} for name, level in content.items()}
    )


def test_a_configuration_on_top_of_a_profile() -> None:
    """Its settings are kept, its levels win, and the rest is the profile's."""
    levels = profile(MADE, Profile.STRICT)
    own = {
        "must": {"batch": True},
        "must-low": "disabled",
        "should": {"enforcementLevel": "advisory", "x": 1},
    }
    expected = {
        "must": {"enforcementLevel": "mandatory", "batch": True},
        "must-low": "disabled",
        "should": {"enforcementLevel": "advisory", "x": 1},
        "off": "disabled",
        "watch": "mandatory",
    }
    assert on_top(levels, own) == expected
    assert on_top(levels, {"version": 2, "policies": own}) == expected


@pytest.mark.parametrize("level", ["advisory", {"enforcementLevel": "advisory"}])
def test_a_level_for_all_on_top_of_a_profile(level: Any) -> None:
    """It is for every policy that the configuration does not name."""
    levels = profile(MADE, Profile.STRICT)
    found = on_top(levels, {"must": "mandatory", "all": level, "off": {"x": 1}})
    assert found == dict.fromkeys(levels, "advisory") | {
        "must": "mandatory",
        "off": {"enforcementLevel": "advisory", "x": 1},
    }


def test_each_framework_is_served() -> None:
    """A framework that no rule names would be a profile of nothing."""
    for framework in Framework:
        on = [
            rule
            for rule in RULES
            if not rule.of_the_run
            and profile([rule], Profile.STRICT, framework)[rule.name] != "disabled"
        ]
        assert on, framework


def test_the_committed_profiles() -> None:
    """There is one for each strictness, and one for each framework."""
    assert {path.name for path in FOLDER.iterdir()} == {
        "strict.json",
        "moderate.json",
        "audit-only.json",
        "moderate-mcsb.json",
        "moderate-cis-3.0.json",
        "moderate-nist.json",
        "moderate-pci.json",
    }


def test_the_command(checkout: Path, tmp_path: Path) -> None:
    """It prints what the committed file holds, or writes it."""
    command = [sys.executable, "-m", "azureml_policies", "profile", "moderate"]
    to = tmp_path / "profile.json"
    for more in ([], ["--to", str(to)]):
        run = subprocess.run(
            [*command, "--framework", "PCI", *more],
            cwd=checkout / "policies",
            capture_output=True,
            text=True,
            check=True,
        )
        text = to.read_text() if more else run.stdout
        assert json.loads(text) == profile(RULES, Profile.MODERATE, Framework.PCI)


@pytest.mark.parametrize("name", ["dev", "prod", "missing"])
def test_the_command_with_an_environment(
    checkout: Path, tmp_path: Path, name: str
) -> None:
    """The result is one file for the engine; a file that cannot be read is named."""
    own = checkout / "policies" / "config" / f"{name}.json"
    to = tmp_path / "profile.json"
    command = (sys.executable, "-m", "azureml_policies", "profile", "strict")
    run = subprocess.run(
        [*command, "--with", str(own), "--to", str(to)],
        cwd=checkout / "policies",
        capture_output=True,
        text=True,
        check=False,
    )
    if name == "missing":
        assert run.returncode == 2
        assert run.stderr == f"{own}: cannot be read: No such file or directory\n"
        return
    assert (run.returncode, run.stderr) == (0, "")
    content = json.loads(to.read_text())
    configure_from_file(RULES, content)
    for policy, settings in json.loads(own.read_text()).items():
        if isinstance(settings, str):
            assert content[policy] == settings
        else:
            assert settings.items() <= content[policy].items()
