"""The plugin served by the real engine, as ``pulumi package`` commands use it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).with_name("schema.json")


@pytest.mark.engine
def test_the_engine_gets_the_agreed_schema(
    offline: Callable[..., subprocess.CompletedProcess[str]], stack_project: Path
) -> None:
    """``pulumi package get-schema`` starts the plugin from its folder and gets the
    inputs and outputs of the golden file, every one described."""
    done = offline(stack_project, "pulumi", "package", "get-schema", "./components")
    assert done.returncode == 0, done.stderr
    served = json.loads(done.stdout)
    agreed = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for token, resource in agreed["resources"].items():
        for section in ("inputProperties", "properties"):
            properties = served["resources"][token][section]
            assert set(properties) == set(resource[section])
            assert all(item["description"] for item in properties.values())
    assert set(served["types"]) == set(agreed["types"])
