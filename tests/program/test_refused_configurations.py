"""Wrong values in the configuration of dev are refused by the program with their path.

The program itself runs, without an engine; that a refusal ends a preview is shown on
the real one.
"""

import json
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import settings

PROJECT = "private-azureml"
LOGIN = {
    "clientId": "00000000-0000-4000-8000-000000000003",
    "objectId": "00000000-0000-4000-8000-000000000004",
    "subscriptionId": "00000000-0000-4000-8000-000000000001",
    "tenantId": "00000000-0000-4000-8000-000000000002",
}


class NothingIsMade(pulumi.runtime.Mocks):
    """Answers who is logged in; a resource is a fault of the program."""

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        assert args.token == "azure-native:authorization:getClientConfig"
        return LOGIN

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> Any:
        raise AssertionError(f"{args.typ} {args.name} is made")


@pytest.fixture
def no_configuration() -> Iterator[None]:
    """Leave no configuration to other tests of the process."""
    yield
    pulumi.runtime.set_all_config({})


REFUSED = {
    "malformed range": (
        "- 10.20.0.0/22",
        "- 10..20.0/22",
        ["private-azureml:addressSpace[0]", "10..20.0/22"],
    ),
    "host bits": (
        "- 10.20.0.0/22",
        "- 10.20.0.5/22",
        ["private-azureml:addressSpace[0]", "10.20.0.0/22"],
    ),
    "overlapping subnets": (
        "prefix: 10.20.0.128/27",
        "prefix: 10.20.0.64/27",
        ["private-azureml:subnets.", "overlaps"],
    ),
    "overlap with on-premises": (
        "- 10.200.0.0/16",
        "- 10.20.0.0/16",
        [
            "private-azureml:addressSpace[0]: '10.20.0.0/22' overlaps '10.20.0.0/16' "
            "of onPremisesAddressSpace[0]",
        ],
    ),
    "network too small for its subnets": (
        "- 10.20.0.0/22",
        "- 10.20.0.0/26",
        ["private-azureml:subnets.training", "10.20.0.0/26"],
    ),
    "cluster larger than its subnet": (
        "maximumNodes: 4",
        "maximumNodes: 400",
        ["private-azureml:cluster.maximumNodes", "400"],
    ),
    "misspelt key": (
        "private-azureml:addressSpace:",
        "private-azureml:adressSpace:",
        ["private-azureml:adressSpace", "did you mean `addressSpace`"],
    ),
    "misspelt purpose": (
        "purpose: training",
        "purpose: trainig",
        ["private-azureml:subnets.training.purpose", "training"],
    ),
    "wrong type": (
        "maximumNodes: 4",
        "maximumNodes: four",
        ["private-azureml:cluster.maximumNodes", "four"],
    ),
    "compute of another kind": (
        "private-azureml:cluster:",
        "private-azureml:computeMode: public_ip\n  private-azureml:cluster:",
        ["private-azureml:computeMode: 'public_ip' is for other compute"],
    ),
    "an expired host": (
        "private-azureml:cluster:",
        "private-azureml:egress: firewall\n"
        "  private-azureml:firewall: {allowedHosts: {conda: {host: conda.anaconda.org, "
        "owner: platform, expires: '2020-01-31'}}}\n"
        "  private-azureml:cluster:",
        ["private-azureml:firewall.allowedHosts.conda.expires", "2020-01-31"],
    ),
    "unknown region": (
        "location: westeurope",
        "location: westeurop",
        ["private-azureml:location", "westeurope"],
    ),
}


@pytest.mark.parametrize(("old", "new", "said"), REFUSED.values(), ids=REFUSED)
@pytest.mark.usefixtures("no_configuration")
def test_a_wrong_configuration_is_refused_with_its_path(
    old: str, new: str, said: list[str], checkout: Path
) -> None:
    """The run stops before anything is planned; the message names key and value."""
    text = (checkout / "Pulumi.dev.yaml").read_text()
    assert old in text
    message = refusal(checkout, text.replace(old, new, 1))
    for part in said:
        assert part in message


@pytest.mark.usefixtures("no_configuration")
def test_the_right_configuration_is_not_refused(checkout: Path) -> None:
    """With the file as it is, the program begins to make resources."""
    with pytest.raises(Exception, match=r"ResourceGroup resource-group is made"):
        run_program(checkout, (checkout / "Pulumi.dev.yaml").read_text())


def refusal(checkout: Path, stack_file: str) -> str:
    """Run the program with a stack's file, and return what it says."""
    with pytest.raises(settings.SettingsError) as caught:
        run_program(checkout, stack_file)
    return str(caught.value)


def run_program(checkout: Path, stack_file: str) -> None:
    """Run the program with a stack's file, as far as it comes."""
    declared = yaml.safe_load((checkout / "Pulumi.yaml").read_text())["config"]
    values = {
        f"{PROJECT}:{key}": each.get("default", each.get("value"))
        for key, each in declared.items()
    }
    values |= yaml.safe_load(stack_file)["config"]
    values[f"{PROJECT}:sshPublicKey"] = public_key()
    pulumi.runtime.set_mocks(NothingIsMade(), project=PROJECT, stack="dev")
    pulumi.runtime.set_all_config(
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in values.items()
        }
    )

    @pulumi.runtime.test
    def run() -> None:
        runpy.run_path(str(checkout / "__main__.py"), run_name="__main__")

    run()


def public_key() -> str:
    """A key that nobody has the other half of."""
    made = Ed25519PrivateKey.generate().public_key()
    return made.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
