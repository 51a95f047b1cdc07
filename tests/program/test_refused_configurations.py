"""Wrong values in the configuration of dev are refused by the program with their path.

The program itself runs, without an engine; that a refusal ends a preview is shown on
the real one.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from stack_configuration import PROJECT, declared_values, engine_form

PROGRAM = Path(__file__).with_name("refusals.py")

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


@pytest.fixture(scope="module")
def said(checkout: Path) -> dict[str, str]:
    """What the program says of dev with each wrong value, and of dev as it is."""
    text = (checkout / "Pulumi.dev.yaml").read_text()
    files = {"as it is": text}
    for name, (old, new, _) in REFUSED.items():
        assert old in text
        files[name] = text.replace(old, new, 1)
    asked = {name: configuration(checkout, file) for name, file in files.items()}
    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("name", "parts"), [(name, parts) for name, (_, _, parts) in REFUSED.items()]
)
def test_a_wrong_configuration_is_refused_with_its_path(
    name: str, parts: list[str], said: dict[str, str]
) -> None:
    """The run stops before anything is planned; the message names key and value."""
    assert said[name].startswith("SettingsError: configuration error: ")
    for part in parts:
        assert part in said[name]


def test_the_right_configuration_is_not_refused(said: dict[str, str]) -> None:
    """With the file as it is, the program begins to make resources."""
    assert "ResourceGroup resource-group is made" in said["as it is"]


def configuration(checkout: Path, stack_file: str) -> dict[str, str]:
    """What the engine hands over of a stack's file and of Pulumi.yaml."""
    own = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in yaml.safe_load(stack_file)["config"].items()
    }
    return engine_form(declared_values(checkout) | own | {"sshPublicKey": public_key()})


def public_key() -> str:
    """A key that nobody has the other half of."""
    made = Ed25519PrivateKey.generate().public_key()
    return made.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
