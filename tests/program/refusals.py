"""Runs the stack program with configurations that it refuses, without an engine.

Standard input: JSON, each configuration by a name, as the engine hands it over.
Standard output: JSON, what the program says of each. A process of its own, since the
program ends in the middle and leaves outputs behind that nobody waits for.
"""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pulumi

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "components")]
PROJECT = "private-azureml"
LOGIN = {
    "clientId": "00000000-0000-4000-8000-000000000003",
    "objectId": "00000000-0000-4000-8000-000000000004",
    "subscriptionId": "00000000-0000-4000-8000-000000000001",
    "tenantId": "00000000-0000-4000-8000-000000000002",
}


class NothingIsMade(pulumi.runtime.Mocks):
    """Answers who is logged in; a resource ends the run."""

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        assert args.token == "azure-native:authorization:getClientConfig"
        return LOGIN

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> Any:
        raise AssertionError(f"{args.typ} {args.name} is made")


def said(configuration: dict[str, str]) -> str:
    """Run the program, and return the error that it ends with."""
    pulumi.runtime.set_mocks(NothingIsMade(), project=PROJECT, stack="dev")
    pulumi.runtime.set_all_config(configuration)

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    try:
        run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "is not refused"


if __name__ == "__main__":
    found = {name: said(each) for name, each in json.load(sys.stdin).items()}
    print(json.dumps(found))
