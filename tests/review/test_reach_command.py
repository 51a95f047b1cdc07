"""`python -m review reach`: one question about a plan, and how it is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from review.command_line import main
from review.outcomes import Misuse
from review.reach import read_service

UNKNOWN = {"unknown": True}
NSG = "urn:nsg"


def resource(kind: str, name: str, inputs: Any, **sources: str) -> dict[str, Any]:
    """A resource whose inputs come from others."""
    return {
        "urn": f"urn:{name}",
        "type": f"azure-native:network:{kind}",
        "name": name,
        "inputs": inputs,
        "dependencies": [],
        "propertyDependencies": {key: [urn] for key, urn in sources.items()},
    }


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A network with a subnet that is reached on 22 and perhaps on another port."""
    rules = [
        {
            "name": name,
            "priority": number,
            "direction": "Inbound",
            "access": access,
            "protocol": "Tcp",
            "sourceAddressPrefix": "*",
            "sourcePortRange": "*",
            "destinationAddressPrefix": "*",
            "destinationPortRange": port,
        }
        for number, name, access, port in (
            (100, "AllowSsh", "Allow", "22"),
            (110, "AllowMore", "Allow", UNKNOWN),
            (200, "DenyRest", "Deny", "*"),
        )
    ]
    resources = [
        resource(
            "VirtualNetwork",
            "net",
            {
                "virtualNetworkName": "net",
                "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]},
            },
        ),
        resource(
            "NetworkSecurityGroup",
            "nsg",
            {"networkSecurityGroupName": "nsg", "securityRules": rules},
        ),
        *(
            resource(
                "Subnet",
                name,
                {
                    "subnetName": name,
                    "virtualNetworkName": "net",
                    "addressPrefix": prefix,
                    "defaultOutboundAccess": False,
                    "networkSecurityGroup": {"id": UNKNOWN},
                },
                networkSecurityGroup=NSG,
            )
            for name, prefix in (("training", "10.0.0.0/24"), ("desk", "10.0.1.0/24"))
        ),
    ]
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"resources": resources}), encoding="utf-8")
    return file


def run(plan: Path, source: str, destination: str, port: str) -> int:
    """The exit code of the command."""
    options = ["--plan", str(plan), "--from", source, "--to", destination]
    return main(["reach", *options, "--port", port])


def test_allowed_with_witness_and_rules(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every hop is told, and the rule that decided there."""
    assert run(plan, "subnet:desk", "subnet:training", "tcp/22") == 0
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [
        "allowed     subnet:desk to subnet:training, tcp/22",
        "packet      Tcp 10.0.1.4:49152 -> 10.0.0.4:22",
        "hop         allowed: outbound group nsg of subnet desk: "
        "Allow 65000 AllowVnetOutBound",
        "hop         allowed: routes of subnet desk: system route of net -> VnetLocal",
        "hop         allowed: inbound group nsg of subnet training: Allow 100 AllowSsh",
    ]


def test_blocked_with_the_rule(plan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The last hop is the one that blocks."""
    assert run(plan, "subnet:desk", "internet", "tcp/443") == 1
    out = capsys.readouterr().out
    assert out.startswith("blocked     subnet:desk to internet, tcp/443\n")
    assert "blocked: way out of subnet desk: none" in out.splitlines()[-1]


def test_blocked_where_no_packet_is_possible(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between address families."""
    assert run(plan, "2001:db8::1", "subnet:training", "tcp/443") == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        "packet      none is possible between their addresses"
    )


def test_undecided_with_the_missing_value(
    plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path of the value is told."""
    assert run(plan, "subnet:desk", "subnet:training", "tcp/443") == 4
    assert capsys.readouterr().out.splitlines()[-1] == (
        "missing     nsg.securityRules[1].destinationPortRange is not known yet"
    )


@pytest.mark.parametrize(
    ("source", "destination", "port", "message"),
    [
        (
            "subnet:trainign",
            "internet",
            "tcp/22",
            "--from: 'subnet:trainign' is not in the plan; did you mean 'training'?",
        ),
        (
            "internt",
            "subnet:desk",
            "tcp/22",
            "--from: 'internt' is no place; did you mean 'internet'?",
        ),
        (
            "subnet:desk",
            "tag:Storagee",
            "tcp/22",
            "--to: 'tag:Storagee' is not a service tag of the list; did you mean "
            "'Storage'?",
        ),
        (
            "subnet:desk",
            "machine:vm",
            "tcp/22",
            "--to: 'machine:vm' is not in the plan, which has no machine",
        ),
        (
            "subnet:desk",
            "internet",
            "tpc/22",
            "--port: 'tpc/22' is no service; did you mean 'tcp'? give tcp/443, "
            "udp/8000-8100, icmp or any",
        ),
        (
            "subnet:desk",
            "internet",
            "tcp/99999",
            "--port: '99999' is not a port; write a number up to 65535, a range like "
            "'8000-8100', or '*'",
        ),
        (
            "subnet:desk",
            "internet",
            "icmp/1",
            "--port: 'icmp/1' has ports, and icmp has none; give icmp",
        ),
    ],
)
def test_misuse_names_the_option_and_the_nearest_name(
    plan: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    destination: str,
    port: str,
    message: str,
) -> None:
    """With exit code 2."""
    assert run(plan, source, destination, port) == 2
    assert capsys.readouterr().err.strip() == f"error: {message}"


def test_a_file_that_is_no_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As for the other commands that read one."""
    file = tmp_path / "other.json"
    file.write_text("{}", encoding="utf-8")
    assert run(file, "internet", "internet", "tcp/22") == 2
    assert "is no plan" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "/", "tcp/", "443", "tcp/443/1", "tcp 443"])
def test_what_is_no_service(text: str) -> None:
    """Each is refused."""
    with pytest.raises(Misuse, match="--port"):
        read_service(text)
