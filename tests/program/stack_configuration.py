"""The program's configuration as Pulumi.yaml declares it, and as the engine hands it
over."""

import json
from pathlib import Path
from typing import Any

import yaml

PROJECT = "private-azureml"


def engine_form(values: dict[str, Any]) -> dict[str, str]:
    """Configuration as the engine hands it over: text, or JSON for structures."""
    return {
        f"{PROJECT}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in values.items()
    }


def declared(checkout: Path) -> dict[str, Any]:
    """What Pulumi.yaml says of every key."""
    return yaml.safe_load((checkout / "Pulumi.yaml").read_text())["config"]


def declared_values(checkout: Path) -> dict[str, Any]:
    """The values that Pulumi.yaml gives every key."""
    return {
        key: value.get("default", value.get("value"))
        for key, value in declared(checkout).items()
    }
