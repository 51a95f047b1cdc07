"""Builds components without an engine and keeps what they register."""

import gc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_OID, uuid4, uuid5

import pulumi
import pytest
from google.protobuf.json_format import MessageToDict
from pulumi.runtime import mocks, rpc

from azureml_network import JumpBoxBastion
from azureml_network._place import Place
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._surroundings import Surroundings
from azureml_rulebook.names import Naming

# A network resource carries dozens of aliases: collecting them takes most of the time.
gc.set_threshold(50_000, 20, 100)

UNKNOWN = rpc.UNKNOWN
INTERFACE = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-of-endpoints"
    "/providers/Microsoft.Network/networkInterfaces/{}-interface"
)
"""Id of the interface that Azure makes for the endpoint of that name."""


class Echo(pulumi.runtime.Mocks):
    """Azure answers with what it was given, and makes up what it chooses itself."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str, dict[str, Any]]:
        chosen = {
            "name": args.name,
            "principalId": str(uuid5(NAMESPACE_OID, args.name)),
            "ipAddress": "203.0.113.7",
            "dnsName": "bst-00000000.bastion.azure.com",
            "alias": f"{args.name}.alias.azure.privatelinkservice",
            "networkInterfaces": [{"id": INTERFACE.format(args.name)}],
        }
        state = {**chosen, **args.inputs}
        return f"/fake/{args.name}", with_identities(state, chosen["principalId"])

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        if args.token == "azure-native:network:getNetworkInterface":
            name, group = (
                args.args[key] for key in ("networkInterfaceName", "resourceGroupName")
            )
            return {"ipConfigurations": [{"privateIPAddress": f"of {name} in {group}"}]}
        return {
            "tenantId": "11111111-1111-4111-8111-111111111111",
            "subscriptionId": "22222222-2222-4222-8222-222222222222",
        }


@dataclass(frozen=True)
class Preview(Echo):
    """Ids and all that Azure chooses are unknown of what does not exist yet."""

    new: frozenset[str] | None = None
    """Names of what does not exist yet; None: everything."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str, dict[str, Any]]:
        resource_id, state = super().new_resource(args)
        if self.new is not None and args.name not in self.new:
            return resource_id, state
        chosen = ("name", "principalId", "ipAddress", "dnsName")
        unknown = dict.fromkeys((*chosen, "alias", "networkInterfaces"), UNKNOWN)
        return "", with_identities({**state, **unknown}, UNKNOWN)


def with_identities(state: dict[str, Any], principal_id: str) -> dict[str, Any]:
    """The provider takes a list of identity ids and answers with a map; the principal
    of an identity that lives with the resource is Azure's choice.

    One that is secret answers as one that is not: nothing here looks at outputs.
    """
    identity = rpc.unwrap_rpc_secret(state.get("identity"))
    if not identity:
        return state
    answer = dict(identity)
    if "userAssignedIdentities" in identity:
        ids = identity["userAssignedIdentities"]
        known = all(isinstance(key, str) for key in ids)
        answer["userAssignedIdentities"] = (
            {key: {} for key in ids} if known else UNKNOWN
        )
    if "SystemAssigned" in identity["type"]:
        answer["principalId"] = principal_id
    return {**state, "identity": answer}


@dataclass(frozen=True)
class Registered:
    """One resource as the engine would have got it."""

    name: str
    type: str
    inputs: dict[str, Any]
    parent: str
    depends_on: frozenset[str]
    """Names of the resources it waits for."""
    property_dependencies: dict[str, frozenset[str]]
    """Names of the resources that each input is made of."""
    ignore_changes: tuple[str, ...]
    """Inputs whose changes the engine leaves alone."""
    replace_on_changes: tuple[str, ...]
    """Inputs whose changes the engine answers with a replacement."""
    deletes_first: bool | None
    """Whether a replacement deletes first; None: the provider decides."""
    provider: str
    """Name of the explicit provider; empty: the default one."""
    timeouts: tuple[str, str, str] = ("", "", "")
    """How long its creation, update and deletion may take; '': the provider decides."""


@dataclass
class Recording:
    """Everything that one program registered, by resource name."""

    resources: dict[str, Registered] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    """One type for each resource; names may be shared by resources of other types."""
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of_type(self, token: str) -> dict[str, Registered]:
        """Resources whose type ends with ``token``, by name."""
        return {
            name: item
            for name, item in self.resources.items()
            if item.type.endswith(f":{token}")
        }

    def kinds(self) -> dict[str, int]:
        """How many resources there are of each kind."""
        kinds = [kind.rpartition(":")[2] for kind in self.types]
        return {kind: kinds.count(kind) for kind in kinds}

    def inputs(self, name: str) -> dict[str, Any]:
        """Inputs of one resource."""
        return self.resources[name].inputs

    def waits_for(self, name: str) -> set[str]:
        """All that a resource waits for, directly or through others."""
        seen: set[str] = set()
        open_names = [name]
        while open_names:
            for other in self.resources[open_names.pop()].depends_on:
                if other not in seen and other in self.resources:
                    seen.add(other)
                    open_names.append(other)
        return seen


class Recorder(mocks.MockMonitor):
    """A monitor that keeps every registration, options included."""

    def __init__(self, answers: pulumi.runtime.Mocks) -> None:
        super().__init__(answers)
        self.recording = Recording()

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        if request.type != "pulumi:pulumi:Stack":
            self.recording.types.append(request.type)
            self.recording.resources[request.name] = Registered(
                name=request.name,
                type=request.type,
                inputs=MessageToDict(request.object),
                parent=request.parent.split("::")[-1],
                depends_on=frozenset(
                    urn.split("::")[-1] for urn in request.dependencies
                ),
                property_dependencies={
                    key: frozenset(urn.split("::")[-1] for urn in found.urns)
                    for key, found in request.propertyDependencies.items()
                },
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                deletes_first=request.deleteBeforeReplace
                if request.deleteBeforeReplaceDefined
                else None,
                provider=(request.provider.split("::")[-2:-1] or [""])[0],
                timeouts=(
                    request.customTimeouts.create,
                    request.customTimeouts.update,
                    request.customTimeouts.delete,
                ),
            )
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802
        if "::pulumi:pulumi:Stack::" not in request.urn:
            name = request.urn.split("::")[-1]
            self.recording.outputs[name] = MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)


Record = Callable[..., Recording]


def run_recorded(
    program: Callable[[], object],
    *,
    first_preview: bool = False,
    new: frozenset[str] = frozenset(),
) -> Recording:
    """Run a program under mocks and return what it registered.

    It is a preview if nothing exists yet (``first_preview``), or all but what is
    called as in ``new``.
    """
    preview = first_preview or bool(new)
    answers = Preview(None if first_preview else new) if preview else Echo()
    recorder = Recorder(answers)
    pulumi.runtime.set_mocks(recorder.mocks, monitor=recorder, preview=preview)

    @pulumi.runtime.test
    def run() -> None:
        program()

    run()
    return recorder.recording


@pytest.fixture(scope="session")
def record() -> Iterator[Record]:
    """The function that runs a program under mocks."""
    yield run_recorded


def surroundings(
    cloud_name: str = "public", region: str = "westeurope", **changes: Any
) -> Surroundings:
    """What parts of a network called ``net`` are made in, inside of a program."""
    values: dict[str, Any] = {
        "name": "net",
        "parent": pulumi.ComponentResource("test:index:Net", "net"),
        "resource_group_name": "rg",
        "place": Place(cloud_name=cloud_name, region=region),
        "tags": {"environment": "test"},
        **changes,
    }
    return Surroundings(**values)


@pytest.fixture(scope="session", name="surroundings")
def surroundings_fixture() -> Callable[..., Surroundings]:
    """``surroundings``, for the tests."""
    return surroundings


def workspace_parts(
    cloud_name: str = "public", region: str = "westeurope", **changes: Any
) -> WorkspaceParts:
    """What parts of a workspace called ``ml`` are made in, inside of a program."""
    values: dict[str, Any] = {
        "name": "ml",
        "parent": pulumi.ComponentResource("test:index:Ml", "ml"),
        "resource_group_name": "rg",
        "place": Place(cloud_name=cloud_name, region=region),
        "naming": Naming(workload="vision", environment="dev", unique_suffix="7k2d"),
        "tags": {"environment": "test"},
        **changes,
    }
    return WorkspaceParts(**values)


@pytest.fixture(scope="session", name="workspace_parts")
def workspace_parts_fixture() -> Callable[..., WorkspaceParts]:
    """``workspace_parts``, for the tests."""
    return workspace_parts


def network_args(**changes: Any) -> Any:
    """Inputs of a SecureVnet that works, with ``changes``; None leaves one out."""
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "address_space": ["10.20.0.0/22"],
        "subnets": {
            "training": {"purpose": "training", "size": 25},
            "endpoints": {"purpose": "endpoints", "size": 27},
        },
        **changes,
    }
    return {key: value for key, value in args.items() if value is not None}


def workspace_args(**changes: Any) -> Any:
    """Inputs of a PrivateWorkspace that works; ``changes`` as above."""
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "tenant_id": "11111111-1111-4111-8111-111111111111",
        "subscription_id": "22222222-2222-4222-8222-222222222222",
        "workload": "vision",
        "environment": "dev",
        "unique_suffix": "7k2d",
        "endpoints_subnet_id": subnet_id("endpoints"),
        "training_subnet_id": subnet_id("training"),
        "private_dns_zone_ids": zone_ids(ZONES),
        **changes,
    }
    return {key: value for key, value in args.items() if value is not None}


def jump_box_args(**changes: Any) -> Any:
    """Inputs of a JumpBoxBastion that works, Bastion alone; ``changes`` as above."""
    args = {
        "resource_group_name": "rg",
        "location": "westeurope",
        "bastion_subnet_id": subnet_id("AzureBastionSubnet"),
        **changes,
    }
    return {key: value for key, value in args.items() if value is not None}


def two_machine_args(**changes: Any) -> Any:
    """Inputs of a JumpBoxBastion with a Linux and a Windows machine; ``changes`` as
    above. To be called within a program, since the password is an output."""
    password = pulumi.Output.secret(f"Aa1!{uuid4()}")
    machines = {
        "tools": {"operating_system": "linux"},
        "desk": {"operating_system": "windows", "administrator_password": password},
    }
    args = {
        "subscription_id": "22222222-2222-4222-8222-222222222222",
        "machine_subnet_id": subnet_id("jump"),
        "ssh_public_key": (
            "ssh-ed25519 "
            "AAAAC3NzaC1lZDI1NTE5AAAAIIQtWmmAcWfyWsXpD//nx32f+NwxWEhtMlgb2HGKP6wm ada"
        ),
        "machines": machines,
        **changes,
    }
    return jump_box_args(**args)


def subnet_id(name: str) -> str:
    """The id of a subnet of the workspace's network."""
    return (
        "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
        f"/providers/Microsoft.Network/virtualNetworks/net/subnets/{name}"
    )


def zone_ids(zones: Iterable[str], resource_group: str = "dns") -> dict[str, str]:
    """Ids of private DNS zones by name."""
    start = (
        "/subscriptions/22222222-2222-4222-8222-222222222222"
        f"/resourceGroups/{resource_group}/providers/Microsoft.Network/privateDnsZones/"
    )
    return {zone: f"{start}{zone}" for zone in zones}


@pytest.fixture(scope="session", name="zone_ids")
def zone_ids_fixture() -> Callable[..., dict[str, str]]:
    """``zone_ids``, for the tests."""
    return zone_ids


ZONES = (
    "privatelink.api.azureml.ms",
    "privatelink.notebooks.azure.net",
    "privatelink.blob.core.windows.net",
    "privatelink.file.core.windows.net",
    "privatelink.vaultcore.azure.net",
    "privatelink.azurecr.io",
    "privatelink.monitor.azure.com",
    "privatelink.oms.opinsights.azure.com",
    "privatelink.ods.opinsights.azure.com",
    "privatelink.agentsvc.azure-automation.net",
)
"""The zones of the default endpoints in the public cloud, written out."""


@pytest.fixture(scope="session", name="network_args")
def network_args_fixture() -> Callable[..., Any]:
    """``network_args``, for the tests."""
    return network_args


@pytest.fixture(scope="session", name="workspace_args")
def workspace_args_fixture() -> Callable[..., Any]:
    """``workspace_args``, for the tests."""
    return workspace_args


@pytest.fixture(scope="session", name="default_zones")
def default_zones_fixture() -> tuple[str, ...]:
    """``ZONES``, for the tests."""
    return ZONES


@pytest.fixture(scope="session", name="jump_box_args")
def jump_box_args_fixture() -> Callable[..., Any]:
    """``jump_box_args``, for the tests."""
    return jump_box_args


@pytest.fixture(scope="session", name="two_machine_args")
def two_machine_args_fixture() -> Callable[..., Any]:
    """``two_machine_args``, for the tests."""
    return two_machine_args


@pytest.fixture(scope="session")
def make_jump_boxes(record: Record) -> Callable[..., Recording]:
    """Make a Bastion with two machines, called ``jump``; arguments are changes."""

    def made(*, first_preview: bool = False, **changes: Any) -> Recording:
        return record(
            lambda: JumpBoxBastion("jump", two_machine_args(**changes)),
            first_preview=first_preview,
        )

    return made
