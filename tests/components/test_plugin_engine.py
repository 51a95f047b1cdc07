"""The plugin served by the real engine, as programs in other languages use it."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Offline = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own that knows nothing of this one but the plugin's folder."""
    folder = tmp_path_factory.mktemp("other") / "elsewhere"
    shutil.copytree(HERE / "elsewhere", folder)
    (folder / "components").symlink_to(ROOT / "components", target_is_directory=True)
    return folder


@pytest.mark.engine
def test_the_engine_gets_the_agreed_schema(offline: Offline, elsewhere: Path) -> None:
    """``pulumi package get-schema`` starts the plugin from its folder and gets the
    inputs and outputs of the golden file, every one described."""
    done = offline(elsewhere, "pulumi", "package", "get-schema", "./components")
    assert done.returncode == 0, done.stderr
    served = json.loads(done.stdout)
    agreed = json.loads((HERE / "schema.json").read_text(encoding="utf-8"))
    for token, resource in agreed["resources"].items():
        for section in ("inputProperties", "properties"):
            properties = served["resources"][token][section]
            assert set(properties) == set(resource[section])
            assert all(item["description"] for item in properties.values())
    assert set(served["types"]) == set(agreed["types"])


@pytest.mark.engine
def test_a_program_elsewhere_lives_through_a_change(
    offline: Offline, elsewhere: Path
) -> None:
    """C61, C67, C99: built by token and camel case from another project, the stack is
    made, shows no change, takes a change of tags on the network that touches neither
    subnets nor rules, shows no drift after it, keeps no secret in plain text, and is
    gone after destroy. A new machine size would replace the cluster and nothing else,
    and a new subnet nothing at all."""

    def pulumi(*command: str) -> str:
        done = offline(elsewhere, "pulumi", *command, "--stack", "test")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    config = elsewhere / "Pulumi.test.yaml"
    first = config.read_text("utf-8")

    def planned(settings: str) -> list[dict[str, Any]]:
        config.write_text(settings, "utf-8")
        steps = json.loads(pulumi("preview", "--json"))["steps"]
        return [step for step in steps if step["op"] != "same"]

    larger = planned(first.replace("Standard_DS3_v2", "Standard_D4s_v5"))
    assert {step["urn"].split("::")[-1] for step in larger} == {"ml-cluster"}
    assert "replace" in {step["op"] for step in larger}

    spare = planned(first + "  elsewhere:spareSubnet: zz\n")
    assert {step["urn"].split("::")[-1]: step["op"] for step in spare} == {
        "net-zz": "create",
        "net-zz-nsg": "create",
        # It may reach the endpoints.
        "net-endpoints-nsg": "update",
    }

    changes = planned(first.replace("one", "two"))
    assert {step["op"] for step in changes} == {"update"}
    changed = {path for step in changes for path in step["detailedDiff"]}
    assert changed == {"tags.release"}
    assert not any(":Subnet::" in step["urn"] for step in changes)

    pulumi("up", "--yes", "--skip-preview")
    pulumi("refresh", "--yes", "--expect-no-changes")
    state = json.loads(pulumi("stack", "export"))["deployment"]["resources"]
    assert len([item for item in state if ":Subnet::" in item["urn"]]) == 2
    groups = [item for item in state if ":NetworkSecurityGroup::" in item["urn"]]
    assert all(len(item["outputs"]["securityRules"]) >= 4 for item in groups)
    assert "11111111-1111-4111-8111-111111111111" not in json.dumps(state)

    pulumi("destroy", "--yes", "--skip-preview")
    left = json.loads(pulumi("stack", "export"))["deployment"].get("resources", [])
    assert left == []
