"""The pack in the real engine: what a preview says, how it ends, and a saved state.

The programs are made of bare azure-native resources, so that the pack is seen to judge
a stack that knows nothing of our components.
"""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases_security_groups import (
    OPEN_TO_IPV6_ALONE,
    TRUTH_TABLE,
    TRUTH_TABLE_OF_IPV6,
    source,
)
from rule_cases import BAD

from azureml_policies import NAME, RULES
from emulator.store import Store

pytestmark = pytest.mark.engine

Run = Callable[..., subprocess.CompletedProcess[str]]
PROGRAMS = Path(__file__).with_name("programs")
PUBLIC = "ml-workspace-no-public-access"
JUDGED = (
    *("ML001", "ML002", "ML007", "ML008", "ML013", "ML014", "ML015", "ML016"),
    *("ST001", "KV001", "CR001", "PE001", "PE002", "PE003", "PE004", "PE009", "PE010"),
    *("DN001", "PU005", "PU006", "PU010"),
)
"""The rules that the private workspace's program is made for."""


def configuration_file(folder: Path, **own: Any) -> Path:
    """Write a configuration with these rules alone, and settings of policies."""
    others = {rule.name: "disabled" for rule in RULES if rule.id not in JUDGED}
    path = folder / "configuration.json"
    path.write_text(json.dumps(others | own))
    return path


@pytest.fixture
def judged(tmp_path: Path, offline: Run, checkout: Path) -> Run:
    """Run a program's preview with the pack: ``judged(program, configuration, …)``."""

    def run(
        program: str,
        configuration: dict[str, Any] | None = None,
        *options: str,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        project = make_project(tmp_path / "project", program, checkout, configuration)
        command = ("pulumi", "preview", "-s", "dev", "--policy-pack")
        return offline(
            project, *command, str(checkout / "policies"), *options, **environment
        )

    return run


def make_project(
    folder: Path, program: str, checkout: Path, configuration: dict[str, Any] | None
) -> Path:
    """Write a project with one of the programs and a stack called dev."""
    folder.mkdir()
    source = (PROGRAMS / f"{program}.py").read_text()
    (folder / "__main__.py").write_text(source)
    environment = {"virtualenv": str(checkout / ".venv")}
    about = {"name": "judged", "runtime": {"name": "python", "options": environment}}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(about))
    values = {f"judged:{key}": value for key, value in (configuration or {}).items()}
    (folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": values}))
    return folder


def policy_events(lines: str) -> list[dict[str, Any]]:
    """Return the policy events of an event log or of ``policy analyze --json``."""
    events = (json.loads(line) for line in lines.splitlines() if line.startswith("{"))
    return [event["policyEvent"] for event in events if "policyEvent" in event]


def test_a_public_workspace_fails_the_preview(judged: Run) -> None:
    """The rule and the workspace are named, with what to change."""
    run = judged("open_workspace", {"access": "Enabled"})
    assert run.returncode != 0
    assert (
        f"[mandatory] [severity: critical]  {PUBLIC}  "
        "(azure-native:machinelearningservices:Workspace: laboratory)"
    ) in run.stdout
    assert "publicNetworkAccess is 'Enabled'; set it to 'Disabled'" in run.stdout


def test_an_up_stops_before_the_resource_is_made(
    tmp_path: Path, offline: Run, checkout: Path
) -> None:
    """Also without a preview: what came before it is there, and it is not."""
    project = make_project(
        tmp_path / "project", "open_workspace", checkout, {"access": "Enabled"}
    )
    command = ("up", "--yes", "--skip-preview", "--stack", "dev")
    command += ("--policy-pack", str(checkout / "policies"))
    command += ("--policy-pack-config", str(configuration_file(tmp_path)))
    run = offline(project, "pulumi", *command)
    assert run.returncode != 0
    assert f"[mandatory] [severity: critical]  {PUBLIC}" in run.stdout
    store = Store(project / ".pulumi-offline" / "azure")
    made = [resource.token for resource in store.all()]
    store.close()
    assert made == ["resources:ResourceGroup"]


def test_an_unknown_value_fails_the_preview_too(judged: Run, tmp_path: Path) -> None:
    """Undecided counts at the rule's own level, and has its own line of verdict."""
    verdicts = tmp_path / "verdicts.jsonl"
    run = judged(
        "open_workspace",
        {"access": "Disabled", "unknown": True},
        AZUREML_POLICIES_VERDICTS=str(verdicts),
    )
    assert run.returncode != 0
    assert "undecided: publicNetworkAccess is not known before the deployment" in (
        run.stdout
    )
    head, *lines = [json.loads(line) for line in verdicts.read_text().splitlines()]
    assert len(head["rules"]) == len(RULES)
    (verdict,) = [line for line in lines if line["rule"] == "ML001"]
    assert (verdict["status"], verdict["path"]) == ("undecided", "publicNetworkAccess")
    assert verdict["urn"].endswith("::laboratory")


def test_unknown_values_can_be_tolerated(judged: Run, tmp_path: Path) -> None:
    """The level and ``onUnknown`` of the configuration reach the engine's output."""
    chosen = {
        rule.name: {"enforcementLevel": "advisory", "onUnknown": "advisory"}
        for rule in RULES
    }
    configuration = tmp_path / "configuration.json"
    configuration.write_text(json.dumps(chosen | {PUBLIC: {"onUnknown": "advisory"}}))
    run = judged(
        "open_workspace",
        {"access": "Disabled", "unknown": True},
        "--policy-pack-config",
        str(configuration),
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"[advisory] [severity: critical]  {PUBLIC}" in run.stdout


def test_the_level_remediate_mends_the_plan(judged: Run, tmp_path: Path) -> None:
    """A public workspace is closed before it is planned, and the run says so."""
    chosen: dict[str, Any] = {rule.name: "disabled" for rule in RULES}
    configuration = tmp_path / "configuration.json"
    configuration.write_text(json.dumps(chosen | {PUBLIC: "remediate"}))
    run = judged(
        "open_workspace",
        {"access": "Enabled"},
        "--diff",
        "--policy-pack-config",
        str(configuration),
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"[remediate]  {PUBLIC}" in run.stdout
    assert '~ publicNetworkAccess : "Enabled" => "Disabled"' in run.stdout


def test_an_exemption_is_shown_and_stops_nothing(judged: Run, tmp_path: Path) -> None:
    """Of resource and stack rules; the one that is not needed is reported."""
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    exemptions = [
        {
            "rule": rule,
            "resource": "azure-native:machinelearningservices:Workspace::laboratory",
            "owner": "network-team",
            "reason": "closed tomorrow",
            "expires": tomorrow,
            "category": "Waiver",
        }
        for rule in ("ML001", "ML007", "ML008", "PE001", "ML002")
    ]
    chosen = configuration_file(
        tmp_path, **{"exemption-valid": {"exemptions": exemptions}}
    )
    run = judged(
        "open_workspace", {"access": "Enabled"}, "--policy-pack-config", str(chosen)
    )
    shown = f"(Waiver until {tomorrow}, owner network-team: closed tomorrow)"
    assert run.stdout.count(shown) == 7
    assert f"[advisory] [severity: critical]  {PUBLIC}" in run.stdout
    assert "exempt: publicNetworkAccess is 'Enabled'" in run.stdout
    assert "exemptions[4] is not used: ML002 has nothing to report there" in run.stdout
    assert "[mandatory] [severity: high]  exemption-valid" in run.stdout
    assert run.returncode != 0


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            {"ml-workspace-no-public-acces": "mandatory"},
            "ml-workspace-no-public-acces: there is no such policy; "
            f"did you mean '{PUBLIC}'?",
        ),
        (
            {PUBLIC: {"onUnknow": "ignore"}},
            f"{PUBLIC}.onUnknow: there is no such property; did you mean 'onUnknown'?",
        ),
        (
            {PUBLIC: {"onUnknown": "ignored"}},
            f'{PUBLIC}: onUnknown: onUnknown must be one of the following: "violation"',
        ),
    ],
    ids=["policy", "property", "value"],
)
def test_a_misspelt_configuration_ends_the_run(
    judged: Run, tmp_path: Path, content: dict[str, Any], text: str
) -> None:
    """Nothing is previewed, and the text says what is wrong."""
    configuration = tmp_path / "configuration.json"
    configuration.write_text(json.dumps(content))
    run = judged(
        "open_workspace",
        {"access": "Disabled"},
        "--policy-pack-config",
        str(configuration),
    )
    assert run.returncode != 0
    assert text in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


@pytest.fixture(scope="module")
def deployed(
    tmp_path_factory: pytest.TempPathFactory, offline: Run, checkout: Path
) -> dict[str, Any]:
    """The state of the private workspace after a deployment that the pack passed."""
    folder = tmp_path_factory.mktemp("deployed")
    project = make_project(folder / "project", "private_workspace", checkout, None)
    chosen = str(configuration_file(folder))
    with_pack = ("--policy-pack", str(checkout / "policies"))
    with_pack += ("--policy-pack-config", chosen)
    up = ("up", "--yes", "--skip-preview", *with_pack)
    preview = ("preview", *with_pack)
    export = ("stack", "export", "--file", "state.json")
    for command in (preview, up, export):
        run = offline(project, "pulumi", *command, "--stack", "dev")
        assert run.returncode == 0, run.stdout + run.stderr
    return json.loads((project / "state.json").read_text())


def analyzed(
    state: dict[str, Any],
    folder: Path,
    offline: Run,
    checkout: Path,
    *,
    configured: bool = True,
) -> tuple[int, list[dict[str, Any]]]:
    """Return exit code and policy events of the pack on a saved state."""
    path = folder / "state.json"
    path.write_text(json.dumps(state))
    pack = str(checkout / "policies")
    command = ("policy", "analyze", "--json", "--policy-pack", pack)
    if configured:
        command += ("--policy-pack-config", str(configuration_file(folder)))
    run = offline(folder, "pulumi", *command, "--file", str(path))
    return run.returncode, policy_events(run.stdout)


def test_a_private_workspace_passes_everywhere(
    deployed: dict[str, Any], tmp_path: Path, offline: Run, checkout: Path
) -> None:
    """Preview with unknown ids, the deployment, and the saved state: no finding."""
    assert analyzed(deployed, tmp_path, offline, checkout) == (0, [])


def test_a_saved_state_without_a_configuration(
    deployed: dict[str, Any], tmp_path: Path, offline: Run, checkout: Path
) -> None:
    """Every rule counts as it is by itself: those that the program was not made for
    speak too, and none at another level than its own."""
    code, events = analyzed(deployed, tmp_path, offline, checkout, configured=False)
    assert code != 0
    levels = {rule.name: rule.level.value for rule in RULES}
    found = {event["policyName"]: event["enforcementLevel"] for event in events}
    assert found == {name: levels[name] for name in found}
    assert {"subnet-has-nsg", "storage-no-shared-key", "required-tags"} <= set(found)
    assert not {rule.name for rule in RULES if rule.id in JUDGED} & set(found)


def test_a_saved_state_is_judged(
    deployed: dict[str, Any], tmp_path: Path, offline: Run, checkout: Path
) -> None:
    """Every rule speaks under its own name, level and severity, about its resource."""
    state = json.loads(json.dumps(deployed))
    resources = state["deployment"]["resources"]
    gone = (
        *(f"{group}-endpoint" for group in ("amlworkspace", "file", "vault")),
        "registry-endpoint",
        "blob-zones",
        "privatelink.notebooks.azure.net-link",
    )
    kept = [each for each in resources if not each["urn"].endswith(gone)]
    for resource in kept:
        inputs = resource.get("inputs", {})
        kind = resource["type"].rpartition(":")[2]
        match kind:
            case "Workspace" if "systemDatastoresAuthMode" in inputs:
                inputs["allowPublicAccessWhenBehindVnet"] = True
                for key in ("publicNetworkAccess", "systemDatastoresAuthMode"):
                    del inputs[key]
                del inputs["applicationInsights"]
            case "StorageAccount" | "Registry":
                inputs["publicNetworkAccess"] = "Enabled"
            case "Vault":
                inputs["properties"]["publicNetworkAccess"] = "enabled"
            case "Compute":
                inputs["properties"] = {"computeType": "AmlCompute"}
    state["deployment"]["resources"] = kept
    code, events = analyzed(state, tmp_path, offline, checkout)
    assert code != 0
    assert {event["policyPackName"] for event in events} == {NAME}
    found = {
        event["policyName"]: (event["enforcementLevel"], event["severity"])
        for event in events
    }
    expected = {
        rule.name: (rule.level.value, rule.severity.value)
        for rule in RULES
        if rule.id in JUDGED and not rule.of_the_run
    }
    assert found == expected
    (event,) = [event for event in events if event["policyName"] == "pe-for-keyvault"]
    assert event["resourceUrn"].endswith("keyvault:Vault::vault")


def test_the_truth_table_of_security_groups(judged: Run, tmp_path: Path) -> None:
    """Every group is told right, by a packet and the rule that decides; the packet is
    of IPv6 where IPv4 is shut out. The one that lets all of Azure in counts as open.
    Of rules that are secret nothing is shown, and the answer is the same."""
    verdicts = tmp_path / "verdicts.jsonl"
    table = TRUTH_TABLE | TRUTH_TABLE_OF_IPV6 | {"I": (BAD, (source("AzureCloud"),))}
    table["secret"] = (BAD, (source("9.9.0.0/16"),))
    groups = {f"nsg-{letter}": list(rules) for letter, (_, rules) in table.items()}
    environment = {"AZUREML_POLICIES_VERDICTS": str(verdicts)}
    run = judged("truth_table", {"groups": groups}, **environment)
    lines = [json.loads(line) for line in verdicts.read_text().splitlines()]
    found = {
        line["urn"].rpartition("::nsg-")[2]: line
        for line in lines
        if line.get("rule") == "SG001"
    }
    assert {letter: line["status"] for letter, line in found.items()} == {
        letter: answer for letter, (answer, _) in table.items()
    }
    hidden = found.pop("secret")
    # Pulumi makes the whole list a secret for the one source.
    assert hidden["witness"].pop("rulePath") == "nsg-secret.securityRules[0]"
    words = {word for text in hidden["witness"].values() for word in text.split()}
    assert words == {"[secret]", "[secret]:[secret]", "->"}
    assert "9.9." not in run.stdout + run.stderr + verdicts.read_text()
    for letter, line in found.items():
        if line["status"] == BAD:
            witness = line["witness"]
            assert (witness["protocol"], witness["port"]) == ("Tcp", 22)
            assert witness["rule"].startswith("Allow ")
            family = ip_address(witness["source"]).version
            assert family == (6 if letter in OPEN_TO_IPV6_ALONE else 4), letter
