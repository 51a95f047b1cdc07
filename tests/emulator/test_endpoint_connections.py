"""Connections of private endpoints as their targets have them: shown, decided, gone."""

from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from emulator.provider import AlreadyExists
from tests.emulator import network_requests as ask

TENANT = "11111111-1111-4111-8111-111111111111"

TARGETS: dict[str, tuple[str, dict[str, Any], str, str, str]] = {
    # type of the connection: target, its inputs, group id, names of both in the path
    "storage:PrivateEndpointConnection": (
        "storage:StorageAccount",
        {"accountName": "data1", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2"},
        "blob",
        "accountName",
        "privateEndpointConnectionName",
    ),
    "keyvault:PrivateEndpointConnection": (
        "keyvault:Vault",
        {
            "vaultName": "vault1",
            "properties": {
                "tenantId": TENANT,
                "sku": {"family": "A", "name": "standard"},
                "accessPolicies": [],
            },
        },
        "vault",
        "vaultName",
        "privateEndpointConnectionName",
    ),
    "containerregistry:PrivateEndpointConnection": (
        "containerregistry:Registry",
        {"registryName": "images1", "sku": {"name": "Premium"}},
        "registry",
        "registryName",
        "privateEndpointConnectionName",
    ),
    "machinelearningservices:PrivateEndpointConnection": (
        "machinelearningservices:Workspace",
        {"workspaceName": "work"},
        "amlworkspace",
        "workspaceName",
        "privateEndpointConnectionName",
    ),
    "monitor:PrivateEndpointConnection": (
        "monitor:PrivateLinkScope",
        {
            "scopeName": "scope",
            "location": "global",
            "accessModeSettings": {
                "ingestionAccessMode": "PrivateOnly",
                "queryAccessMode": "PrivateOnly",
            },
        },
        "azuremonitor",
        "scopeName",
        "privateEndpointConnectionName",
    ),
}


class Case:
    """A target, and an endpoint that leads to it."""

    def __init__(self, azure: Any, kind: str, *, manual: bool) -> None:
        target, inputs, group, owner, self.own = TARGETS[kind]
        self.azure, self.kind, self.target_kind = azure, kind, target
        azure.network()
        self.subnet = azure.subnet("a", "10.0.1.0/24")
        self.target = azure.in_group(target, **inputs)
        group_name = self.target.id.split("/")[4]
        self.path = {"resourceGroupName": group_name, owner: inputs[owner]}
        self.list = ("manualP" if manual else "p") + "rivateLinkServiceConnections"
        asked = {"requestMessage": "please"} if manual else {}
        self.inputs = {
            "privateEndpointName": "endpoint",
            "subnet": ask.ref(self.subnet),
            self.list: [
                {
                    "name": "one",
                    "privateLinkServiceId": self.target.id,
                    "groupIds": [group],
                    **asked,
                }
            ],
        }
        self.endpoint = azure.in_group("network:PrivateEndpoint", **self.inputs)

    def read(self, kind: str, resource_id: str) -> dict[str, Any]:
        """What Azure answers of a resource."""
        found = self.azure.provider.read(f"azure-native:{kind}", resource_id, {}, {})
        return found.outputs

    @property
    def of_endpoint(self) -> dict[str, Any]:
        """The state that the endpoint shows."""
        outputs = self.read("network:PrivateEndpoint", self.endpoint.id)
        return outputs[self.list][0]["privateLinkServiceConnectionState"]

    @property
    def of_target(self) -> list[Any]:
        """All connections that the target shows."""
        outputs = self.read(self.target_kind, self.target.id)
        held = outputs if "properties" not in outputs else outputs["properties"]
        return held.get("privateEndpointConnections", [])

    @property
    def connection_id(self) -> str:
        """The id of the only one."""
        (only,) = self.of_target
        return str(only["id"])

    def decide(self, status: str, description: str = "by the owner") -> None:
        """Approve or reject, as a program does with an imported connection."""
        state = {"status": status, "description": description}
        inputs = {
            **self.path,
            self.own: self.connection_id.rpartition("/")[2],
            "privateLinkServiceConnectionState": state,
        }
        token = f"azure-native:{self.kind}"
        self.azure.provider.update(token, self.connection_id, inputs, inputs)


@pytest.fixture(params=TARGETS)
def waiting(azure: Any, request: pytest.FixtureRequest) -> Case:
    """A connection that waits for its approval."""
    return Case(azure, request.param, manual=True)


def test_it_waits_and_is_approved(waiting: Case) -> None:
    """Pending on both sides until the owner approves it there; then it stays approved,
    also when the endpoint is written again."""
    assert waiting.of_endpoint["status"] == "Pending"
    (seen,) = waiting.of_target
    assert seen["privateEndpoint"] == {"id": waiting.endpoint.id}
    state = seen["privateLinkServiceConnectionState"]
    assert (state["status"], state["description"]) == ("Pending", "please")
    waiting.decide("Approved")
    assert waiting.of_endpoint["status"] == "Approved"
    waiting.azure.update("network:PrivateEndpoint", waiting.endpoint, **waiting.inputs)
    assert waiting.of_endpoint["description"] == "by the owner"
    (seen,) = waiting.of_target
    assert seen["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert seen["privateEndpoint"] == {"id": waiting.endpoint.id}


def test_it_is_rejected_and_approved_after_all(waiting: Case) -> None:
    """The owner may change his mind."""
    for status in ("Rejected", "Approved", "Rejected"):
        waiting.decide(status)
        assert waiting.of_endpoint["status"] == status


def test_it_is_removed(waiting: Case) -> None:
    """The endpoint stays, and leads nowhere."""
    connection = waiting.connection_id
    waiting.azure.provider.delete(f"azure-native:{waiting.kind}", connection)
    assert waiting.of_endpoint["status"] == "Disconnected"
    assert waiting.of_target == []


def test_it_goes_with_its_endpoint(waiting: Case) -> None:
    """Nothing is left of it at the target."""
    waiting.azure.delete("network:PrivateEndpoint", waiting.endpoint)
    assert waiting.of_target == []


@pytest.mark.parametrize("kind", TARGETS)
def test_what_does_not_ask_is_approved(azure: Any, kind: str) -> None:
    """The target shows it all the same."""
    case = Case(azure, kind, manual=False)
    (seen,) = case.of_target
    assert seen["privateLinkServiceConnectionState"]["status"] == "Approved"
    assert case.of_endpoint["status"] == "Approved"


def test_a_program_does_not_make_it(waiting: Case) -> None:
    """azure-native finds that it is there, and has to import it; Azure has none but
    those of endpoints."""
    name = waiting.connection_id.rpartition("/")[2]
    state = {"privateLinkServiceConnectionState": {"status": "Approved"}}
    inputs = {**waiting.path, **state, waiting.own: name}
    with pytest.raises(AlreadyExists):
        waiting.azure.create(waiting.kind, **inputs)
    with pytest.raises(AzureError) as refusal:
        waiting.azure.create(waiting.kind, **{**inputs, waiting.own: "mine"})
    assert refusal.value.code == "ResourceNotFound"


STEPS: list[tuple[str, list[str], str | None]] = [
    ("storage:PrivateEndpointConnection", ["Pending"], "is Pending and cannot be Pend"),
    ("storage:PrivateEndpointConnection", ["Approved", "Approved"], "is Approved"),
    ("keyvault:PrivateEndpointConnection", ["Approved", "Approved"], None),
    (
        "keyvault:PrivateEndpointConnection",
        ["Approved", "Pending"],
        "cannot be Pending",
    ),
    ("keyvault:PrivateEndpointConnection", ["Disconnected"], "cannot be Disconnected"),
]


@pytest.mark.parametrize(("kind", "steps", "refused"), STEPS)
def test_what_may_follow(
    azure: Any, kind: str, steps: list[str], refused: str | None
) -> None:
    """The last step is refused, or none; storage is not told twice."""
    case = Case(azure, kind, manual=True)
    for status in steps[:-1]:
        case.decide(status)
    last: Callable[[], None] = lambda: case.decide(steps[-1])  # noqa: E731
    if refused is None:
        last()
        return
    with pytest.raises(AzureError, match=refused) as refusal:
        last()
    assert refusal.value.code == "InvalidValuesForRequestParameters"
