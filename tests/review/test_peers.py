"""`python -m review peers`: the files of a plan's sites.

That a file says the same as the component's own text is tested with the component.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from review.command_line import main

PARENT = "urn:pulumi:dev::shop::azureml-network:index:HybridGateway::shop-hybrid"
POLICY = {
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA256",
    "dhGroup": "DHGroup14",
    "ipsecEncryption": "AES256",
    "ipsecIntegrity": "SHA256",
    "pfsGroup": "PFS2048",
    "saLifeTimeSeconds": 27000,
    "saDataSizeKilobytes": 102400000,
}


def resource(kind: str, name: str, inputs: Any, **sources: str) -> dict[str, Any]:
    """A resource of the network, whose inputs come from others."""
    return {
        "urn": f"urn:pulumi:dev::shop::azure-native:network:{kind}::{name}",
        "type": f"azure-native:network:{kind}",
        "name": name,
        "parent": PARENT,
        "inputs": inputs,
        "dependencies": [],
        "propertyDependencies": {key: [urn] for key, urn in sources.items()},
    }


def site(name: str, policy: dict[str, Any] = POLICY) -> list[dict[str, Any]]:
    """A connection and its two ends, before anything is deployed."""
    vpn = resource(
        "VirtualNetworkGateway", "vgw", {"ipConfigurations": [{"name": "first"}]}
    )
    local = resource(
        "LocalNetworkGateway", f"{name}-lgw", {"gatewayIpAddress": "198.51.100.1"}
    )
    connection = resource(
        "VirtualNetworkGatewayConnection",
        f"shop-hybrid-{name}-con",
        {
            "connectionType": "IPsec",
            "virtualNetworkGateway1": {"id": {"unknown": True}},
            "localNetworkGateway2": {"id": {"unknown": True}},
            "sharedKey": "[secret]",
            "ipsecPolicies": [policy],
        },
        virtualNetworkGateway1=vpn["urn"],
        localNetworkGateway2=local["urn"],
    )
    return [vpn, local, connection]


@pytest.fixture
def peers(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Run the command on a plan of these resources; gives code, output and folder."""

    def run(resources: list[dict[str, Any]]) -> tuple[int, str, Path]:
        file = tmp_path / "plan.json"
        content = {"resources": resources, "deletions": [], "diagnostics": []}
        file.write_text(json.dumps({"project": "shop", "stack": "dev", **content}))
        folder = tmp_path / "out" / "peers"
        code = main(["peers", "--plan", str(file), "--to", str(folder)])
        said = capsys.readouterr()
        return code, said.out + said.err, folder

    return run


def test_each_site_has_a_file(peers: Any):
    """Named as the program names the site, with words for what is not known yet."""
    code, said, folder = peers([*site("hq"), *site("lab")])
    assert code == 0
    assert said.startswith("written     2 peers to ")
    assert sorted(each.name for each in folder.glob("[!.]*")) == ["hq.conf", "lab.conf"]
    text = (folder / "hq.conf").read_text()
    assert "remote_addrs = ADDRESS-OF-FIRST-INSTANCE\n" in text
    assert "proposals = aes256-sha256-modp2048\n" in text
    assert "dpd_delay = 15s\n" in text
    assert "id = 198.51.100.1\n" in text
    assert "[secret]" not in text


def test_a_plan_without_sites_has_none(peers: Any):
    """Which is told, and no fault."""
    code, said, folder = peers([])
    assert code == 0
    assert "nothing: the plan has no sites" in said
    assert list(folder.glob("*.conf")) == []


def test_names_make_no_folders(peers: Any):
    """Neither file nor connection has what a name of another program may have."""
    code, _, folder = peers(site("../h q.x"))
    assert code == 0
    assert [each.name for each in folder.glob("*.conf")] == ["---h-q-x.conf"]


def test_a_policy_that_nobody_should_have_is_misuse(peers: Any):
    """With the connection's name."""
    code, said, _ = peers(site("hq", {**POLICY, "ikeEncryption": "DES3"}))
    assert code == 2
    assert "shop-hybrid-hq-con has no peer configuration" in " ".join(said.split())
    assert "DES3" in said


def test_a_folder_that_cannot_be_written_is_told(peers: Any, tmp_path: Path):
    """By the option that named it."""
    (tmp_path / "out").write_text("")
    code, said, _ = peers(site("hq"))
    assert code == 3
    assert said.startswith("error: --to: cannot write to ")
