"""The real engine on the emulated Azure: a small program through its whole life."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.engine

PROJECT = """
name: emulated
runtime:
  name: python
  options:
    virtualenv: .venv
"""
STACK = """
config:
  azure-native:location: westeurope
"""
PROGRAM = """
import pulumi
from pulumi_azure_native import network, resources, storage

group = resources.ResourceGroup("group")
net = network.VirtualNetwork(
    "net",
    resource_group_name=group.name,
    address_space={"address_prefixes": ["10.0.0.0/16"]},
    tags={"stage": "one"},
)
subnet = network.Subnet(
    "machines",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    address_prefix="10.0.1.0/24",
)
account = storage.StorageAccount(
    "account",
    account_name="account12345",
    resource_group_name=group.name,
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    is_hns_enabled=False,
)
endpoint = network.PrivateEndpoint(
    "endpoint",
    resource_group_name=group.name,
    subnet={"id": subnet.id},
    private_link_service_connections=[
        {
            "name": "blob",
            "group_ids": ["blob"],
            "private_link_service_id": account.id,
        }
    ],
)
pulumi.export("subnet", subnet.id)
"""
CREATED_FIRST = "pulumi.ResourceOptions(delete_before_replace=False)"
Offline = Callable[..., subprocess.CompletedProcess[str]]


class Project:
    """A Pulumi project in a folder of its own, driven through `./offline`."""

    def __init__(self, folder: Path, offline: Offline) -> None:
        self.folder = folder
        self._offline = offline

    def write(self, program: str) -> None:
        """Replace the program."""
        (self.folder / "__main__.py").write_text(program)

    def pulumi(self, *command: str, fails: bool = False) -> str:
        """Run pulumi on the stack; returns all that it said."""
        more = ("-s", "dev", "--non-interactive", "--color", "never")
        done = self._offline(self.folder, "pulumi", *command, *more)
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        return said

    def steps(self) -> dict[str, str]:
        """What a preview would do: logical name to operation, unchanged ones too."""
        more = ("--json", "--show-sames", "--show-replacement-steps", "-s", "dev")
        done = self._offline(self.folder, "pulumi", "preview", *more)
        assert done.returncode == 0, done.stdout + done.stderr
        found = json.loads(done.stdout)["steps"]
        operations: dict[str, list[str]] = {}
        for step in found:
            name = step["urn"].rpartition("::")[2]
            operations.setdefault(name, []).append(step["op"])
        return {name: " ".join(ops) for name, ops in operations.items()}

    def stored(self) -> list[str]:
        """The ids of everything that exists in the emulated Azure."""
        file = self.folder / ".pulumi-offline" / "azure" / "azure.sqlite"
        connection = sqlite3.connect(file)
        rows = connection.execute("SELECT id FROM resources ORDER BY key").fetchall()
        connection.close()
        return [row[0] for row in rows]


@pytest.fixture
def project(tmp_path: Path, checkout: Path, offline: Offline) -> Project:
    """The small program, in a temporary project."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    (tmp_path / ".venv").symlink_to(checkout / ".venv", target_is_directory=True)
    made = Project(tmp_path, offline)
    made.write(PROGRAM)
    return made


def test_life_of_a_program(project: Project) -> None:
    """Preview, up, no change, update, replacement, refresh, destroy: nothing left."""
    first = project.steps()
    assert {op for name, op in first.items() if name != "emulated-dev"} == {"create"}
    project.pulumi("up", "--yes", "--skip-preview")
    # What the program makes, and the account's side of the endpoint's connection.
    assert len(project.stored()) == 5 + 1
    project.pulumi("preview", "--expect-no-changes")

    project.write(PROGRAM.replace('"one"', '"two"'))
    changed = project.steps()
    assert changed.pop("net") == "update"
    assert set(changed.values()) == {"same"}
    project.pulumi("up", "--yes", "--skip-preview")
    assert any(stored.endswith("/subnets/machines") for stored in project.stored())

    project.write(PROGRAM.replace("is_hns_enabled=False", "is_hns_enabled=True"))
    replaced = project.steps()
    assert "delete-replaced" in replaced["account"]
    assert replaced["account"].index("delete") < replaced["account"].index("create")
    project.pulumi("up", "--yes", "--skip-preview")

    project.pulumi("refresh", "--yes", "--skip-preview")
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.stored() == []


def test_renamed_subnet_takes_its_endpoints_along(project: Project) -> None:
    """The old subnet goes first, and what is in it before that; the run succeeds."""
    project.pulumi("up", "--yes", "--skip-preview")
    name = 'address_prefix="10.0.1.0/24",'
    project.write(PROGRAM.replace(name, name + ' subnet_name="renamed",'))
    steps = project.steps()
    for replaced in ("machines", "endpoint"):
        assert steps[replaced].index("delete") < steps[replaced].index("create")
    project.pulumi("up", "--yes", "--skip-preview")
    subnets = [stored for stored in project.stored() if "/subnets/" in stored]
    assert [subnet.rpartition("/")[2] for subnet in subnets] == ["renamed"]


def test_wrong_inputs_stop_the_preview(project: Project) -> None:
    """All errors of a resource are reported together, with their paths."""
    wrong = """
import pulumi
from pulumi_azure_native import resources

class Raw(pulumi.CustomResource):
    def __init__(self, name, **inputs):
        super().__init__("azure-native:network:NetworkSecurityGroup", name, inputs)

group = resources.ResourceGroup("group")
rule = {"name": "r", "access": "Alow", "direction": "Inbound", "priority": 100}
Raw("nsg", resourceGroupName=group.name, tag={}, securityRules=[rule])
"""
    project.write(wrong)
    said = project.pulumi("preview", fails=True)
    assert "'tag' is not a property of this type; did you mean 'tags'?" in said
    assert "'securityRules[0].access' is 'Alow'" in said
    assert "missing required property 'securityRules[0].protocol'" in said


def test_azure_refuses_at_up_only(project: Project) -> None:
    """What only Azure knows is not seen at preview; the run fails with its words."""
    overlap = (
        PROGRAM
        + """
network.Subnet(
    "others",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    address_prefix="10.0.1.128/25",
    opts=pulumi.ResourceOptions(depends_on=[subnet]),
)
"""
    )
    project.write(overlap)
    project.pulumi("preview")
    said = project.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert 'Status=400 Code="NetcfgSubnetRangesOverlap"' in said


def test_import(project: Project) -> None:
    """A resource that exists is imported without a change, children left out."""
    project.pulumi("up", "--yes", "--skip-preview")
    subnet_id = next(i for i in project.stored() if "/subnets/" in i)
    network_id = subnet_id.split("/subnets/")[0]
    imported = f"""
network.VirtualNetwork(
    "imported",
    resource_group_name={network_id.split("/")[4]!r},
    virtual_network_name={network_id.rpartition("/")[2]!r},
    address_space={{"address_prefixes": ["10.0.0.0/16"]}},
    tags={{"stage": "one"}},
    opts=pulumi.ResourceOptions(import_={network_id!r}),
)
"""
    project.write(PROGRAM + imported)
    assert project.steps()["imported"] == "import"


def test_explicit_providers(project: Project) -> None:
    """Two providers of one program keep their own locations."""
    program = """
import pulumi
import pulumi_azure_native as azure

for region in ("westeurope", "northeurope"):
    own = azure.Provider(region, location=region)
    group = azure.resources.ResourceGroup(
        f"group-{region}", opts=pulumi.ResourceOptions(provider=own)
    )
    pulumi.export(region, group.location)
"""
    project.write(program)
    project.pulumi("up", "--yes", "--skip-preview")
    outputs: dict[str, Any] = json.loads(project.pulumi("stack", "output", "--json"))
    assert outputs == {"westeurope": "westeurope", "northeurope": "northeurope"}


JOINED = """
import pulumi
from pulumi_azure_native import authorization, network, resources

group = resources.ResourceGroup("group")
nets = {
    name: network.VirtualNetwork(
        name,
        resource_group_name=group.name,
        address_space={"address_prefixes": [prefix]},
    )
    for name, prefix in {"hub": "10.0.0.0/16", "spoke": "10.1.0.0/16"}.items()
}
there = network.VirtualNetworkPeering(
    "there",
    resource_group_name=group.name,
    virtual_network_name=nets["spoke"].name,
    remote_virtual_network={"id": nets["hub"].id},
    opts=pulumi.ResourceOptions(ignore_changes=IGNORED),
)
back = network.VirtualNetworkPeering(
    "back",
    resource_group_name=group.name,
    virtual_network_name=nets["hub"].name,
    remote_virtual_network={"id": nets["spoke"].id},
    opts=pulumi.ResourceOptions(depends_on=[there]),
)
log = network.FlowLog(
    "log",
    resource_group_name="NetworkWatcherRG",
    network_watcher_name="NetworkWatcher_westeurope",
    target_resource_id=nets["spoke"].id,
    storage_id="/subscriptions/1/resourceGroups/logs/providers/Microsoft.Storage"
    "/storageAccounts/account1",
)
authorization.ManagementLockByScope(
    "lock",
    scope=group.id,
    level="CanNotDelete",
    opts=pulumi.ResourceOptions(depends_on=[back, log]),
)
pulumi.export("states", [there.peering_state, back.peering_state])
"""


def test_peerings_flow_log_and_lock(project: Project) -> None:
    """Both sides connect; what a refresh brings can be ignored; the lock goes first."""
    project.write(JOINED.replace("IGNORED", "[]"))
    project.pulumi("up", "--yes", "--skip-preview")
    outputs = json.loads(project.pulumi("stack", "output", "--json"))
    assert outputs["states"] == ["Initiated", "Connected"]
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("refresh", "--yes", "--skip-preview")
    assert project.steps()["there"] == "update"
    ignored = '["peering_state", "peering_sync_level"]'
    project.write(JOINED.replace("IGNORED", ignored))
    project.pulumi("up", "--yes", "--skip-preview")
    outputs = json.loads(project.pulumi("stack", "output", "--json"))
    assert outputs["states"] == ["Connected", "Connected"]
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.stored() == []


SUBSCRIPTIONS = """
import pulumi
import pulumi_azure_native as azure

OTHER = "11111111-1111-4111-8111-111111111111"
THIRD = "22222222-2222-4222-8222-222222222222"
other = azure.Provider(
    "other",
    subscription_id=OTHER,
    location="usgovvirginia",
    environment="usgovernment",
)
third = azure.Provider("third", subscription_id=THIRD, environment="china")
places = {
    "default": None,
    "other": pulumi.ResourceOptions(provider=other),
    "third": pulumi.ResourceOptions(provider=third),
}
networks = {}
for number, (name, options) in enumerate(places.items()):
    group = azure.resources.ResourceGroup(
        f"group-{name}", location="northeurope", opts=options
    )
    networks[name] = azure.network.VirtualNetwork(
        f"net-{name}",
        resource_group_name=group.name,
        address_space={"address_prefixes": [f"10.{number}.0.0/16"]},
        opts=options,
    )
    vault = azure.keyvault.Vault(
        f"vault-{name}",
        resource_group_name=group.name,
        properties={
            "sku": {"family": "A", "name": "standard"},
            "tenant_id": "00000000-0000-4000-8000-000000000002",
        },
        opts=options,
    )
    pulumi.export(f"{name}-group", group.id)
    pulumi.export(f"{name}-vault", vault.properties.vault_uri)
    asked = pulumi.InvokeOptions(provider=options.provider if options else None)
    pulumi.export(
        f"{name}-account",
        azure.authorization.get_client_config(opts=asked).subscription_id,
    )
azure.network.VirtualNetworkPeering(
    "peering",
    resource_group_name=networks["other"].id.apply(lambda text: text.split("/")[4]),
    virtual_network_name=networks["other"].name,
    remote_virtual_network={"id": networks["default"].id},
    opts=places["other"],
)
"""


def test_explicit_subscriptions_and_clouds(project: Project) -> None:
    """Providers of one program are told apart: in ids, host names and functions."""
    project.write(SUBSCRIPTIONS)
    project.pulumi("up", "--yes", "--skip-preview")
    outputs = json.loads(project.pulumi("stack", "output", "--json"))
    expected = {
        "default": ("00000000-0000-4000-8000-000000000001", ".vault.azure.net/"),
        "other": ("11111111-1111-4111-8111-111111111111", ".vault.usgovcloudapi.net/"),
        "third": ("22222222-2222-4222-8222-222222222222", ".vault.azure.cn/"),
    }
    for name, (subscription, host) in expected.items():
        assert outputs[f"{name}-account"] == subscription
        group = outputs[f"{name}-group"]
        assert group.startswith(f"/subscriptions/{subscription}/resourceGroups/")
        assert any(stored.startswith(f"{group}/") for stored in project.stored())
        assert outputs[f"{name}-vault"].endswith(host)
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.stored() == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (
            "subnet_name='one',",
            f"subnet_name='two', opts={CREATED_FIRST},",
            "NetcfgSubnetRangesOverlap",
        ),
        (
            "subnet_name='one',",
            "subnet_name='two',",
            "InUseSubnetCannotBeDeleted",
        ),
    ],
    ids=["created-first", "endpoint-left-behind"],
)
def test_a_renamed_subnet_out_of_order(
    project: Project, before: str, after: str, code: str
) -> None:
    """Azure refuses the new subnet beside the old one, and to empty one by deleting.

    The endpoint names its subnet by a text that the engine cannot follow.
    """
    prefix = 'address_prefix="10.0.1.0/24",'
    program = PROGRAM.replace(prefix, f"{prefix} {before}")
    program = program.replace(
        'subnet={"id": subnet.id},',
        'subnet={"id": net.id.apply(lambda text: text + "/subnets/one")},\n'
        "    opts=pulumi.ResourceOptions(depends_on=[subnet]),",
    )
    project.write(program)
    project.pulumi("up", "--yes", "--skip-preview")
    project.write(program.replace(before, after))
    said = project.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert f'Status=400 Code="{code}"' in said


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("verbatim", "group"), ("disabled", None)],
)
def test_engine_autonaming(
    project: Project, setting: str, expected: str | None
) -> None:
    """The engine's own naming is followed; without names the input is missing."""
    stack = project.folder / "Pulumi.dev.yaml"
    naming = f"  pulumi:autonaming:\n    mode: {setting}\n"
    stack.write_text(STACK + naming)
    project.write(
        'from pulumi_azure_native import resources\nresources.ResourceGroup("group")\n'
    )
    if expected is None:
        said = project.pulumi("preview", fails=True)
        assert "missing required property 'resourceGroupName'" in said
    else:
        project.pulumi("up", "--yes", "--skip-preview")
        (stored,) = project.stored()
        assert stored.rpartition("/")[2] == expected


def test_goes_on_after_a_refusal(project: Project) -> None:
    """An `up` that Azure refused half-way is finished by the next one, cleanly."""
    others = """
others = network.Subnet(
    "others",
    resource_group_name=group.name,
    virtual_network_name=net.name,
    address_prefix="10.0.1.128/25",
    opts=pulumi.ResourceOptions(depends_on=[subnet]),
)
network.RouteTable(
    "routes",
    resource_group_name=group.name,
    opts=pulumi.ResourceOptions(depends_on=[others]),
)
"""
    project.write(PROGRAM + others)
    said = project.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert 'Code="NetcfgSubnetRangesOverlap"' in said
    project.write(PROGRAM + others.replace("10.0.1.128/25", "10.0.2.0/25"))
    steps = project.steps()
    assert (steps["net"], steps["machines"]) == ("same", "same")
    assert (steps["others"], steps["routes"]) == ("create", "create")
    project.pulumi("up", "--yes", "--skip-preview")
    assert len(project.stored()) == 7 + 1
    project.pulumi("refresh", "--yes", "--skip-preview")
    project.pulumi("preview", "--expect-no-changes")
    project.pulumi("destroy", "--yes", "--skip-preview")
    assert project.stored() == []
