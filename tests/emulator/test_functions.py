"""Functions: who am I, keys and secrets, lookups; unknown ones fail as they should."""

from typing import Any

import pytest

from emulator import functions
from emulator.functions import UnknownFunction
from emulator.provider import Configuration, Provider, RequestFailed
from emulator.store import Store
from emulator.wire import UNKNOWN

GROUP = {"resourceGroupName": "group"}
ACCOUNT = {**GROUP, "accountName": "account1"}
WORKSPACE = {**GROUP, "workspaceName": "work"}
REGISTRY = {**GROUP, "registryName": "registry1"}
ENDPOINT = {**WORKSPACE, "endpointName": "scores"}


def _call(azure: Any, token: str, **arguments: Any) -> dict[str, Any]:
    answer: dict[str, Any] = azure.provider.invoke(f"azure-native:{token}", arguments)
    return answer


def test_client_is_artificial(provider: Provider) -> None:
    """The account is made up, and says so by its numbers."""
    found = provider.invoke("azure-native:authorization:getClientConfig", {})
    assert found.keys() == {"clientId", "objectId", "subscriptionId", "tenantId"}
    assert all(value.startswith("00000000-0000-4000-8000-") for value in found.values())


def test_client_follows_the_configuration(store: Store) -> None:
    """A configured subscription and tenant win."""
    variables = {
        "azure-native:config:subscriptionId": "11111111-0000-4000-8000-000000000001",
        "azure-native:config:tenantId": "11111111-0000-4000-8000-000000000002",
    }
    provider = Provider(store, Configuration.read(variables))
    found = provider.invoke("azure-native:authorization:getClientConfig", {})
    assert found["subscriptionId"] == variables["azure-native:config:subscriptionId"]
    assert found["tenantId"] == variables["azure-native:config:tenantId"]


@pytest.fixture
def furnished(azure: Any) -> Any:
    """An account, a workspace of each kind, a registry and an endpoint."""
    azure.in_group("storage:StorageAccount", **ACCOUNT)
    azure.in_group("operationalinsights:Workspace", **WORKSPACE)
    azure.in_group("machinelearningservices:Workspace", **WORKSPACE)
    azure.in_group("containerregistry:Registry", **REGISTRY)
    azure.in_group("machinelearningservices:OnlineEndpoint", **ENDPOINT)
    return azure


KEYS = [
    ("authorization:getClientToken", {}, {"token"}),
    ("storage:listStorageAccountKeys", ACCOUNT, {"keys"}),
    ("storage:listStorageAccountSAS", ACCOUNT, {"accountSasToken"}),
    (
        "operationalinsights:getSharedKeys",
        WORKSPACE,
        {"primarySharedKey", "secondarySharedKey"},
    ),
    (
        "operationalinsights:getWorkspaceSharedKeys",
        WORKSPACE,
        {"primarySharedKey", "secondarySharedKey"},
    ),
    (
        "containerregistry:listRegistryCredentials",
        REGISTRY,
        {"username", "passwords"},
    ),
    (
        "machinelearningservices:listWorkspaceKeys",
        WORKSPACE,
        {
            "appInsightsInstrumentationKey",
            "notebookAccessKeys",
            "userStorageArmId",
            "userStorageKey",
        },
    ),
    (
        "machinelearningservices:listWorkspaceNotebookKeys",
        WORKSPACE,
        {"primaryAccessKey", "secondaryAccessKey"},
    ),
    (
        "machinelearningservices:listOnlineEndpointKeys",
        ENDPOINT,
        {"primaryKey", "secondaryKey"},
    ),
    (
        "machinelearningservices:getOnlineEndpointToken",
        ENDPOINT,
        {"accessToken", "expiryTimeUtc", "refreshAfterTimeUtc", "tokenType"},
    ),
]


@pytest.mark.parametrize(("token", "arguments", "names"), KEYS)
def test_keys(
    furnished: Any, token: str, arguments: dict[str, Any], names: set[str]
) -> None:
    """Each function answers its own properties, the same ones every time."""
    found = _call(furnished, token, **arguments)
    assert found.keys() == names
    assert found == _call(furnished, token, **arguments)


def test_every_function_has_a_case() -> None:
    """No function is answered without a test of its answer."""
    tested = {token for token, _, _ in KEYS} | {"authorization:getClientConfig"}
    assert set(functions.answered()) == tested


def test_keys_of_nothing(azure: Any) -> None:
    """Keys of an account that does not exist are refused as Azure does."""
    with pytest.raises(RequestFailed, match='Status=404 Code="ResourceNotFound"'):
        _call(azure, "storage:listStorageAccountKeys", **ACCOUNT)


def test_lookup_answers_outputs(azure: Any) -> None:
    """A `get` function answers the resource with its id."""
    created = azure.network()
    azure.subnet("a", "10.0.0.0/24")
    found = _call(azure, "network:getVirtualNetwork", **GROUP, virtualNetworkName="NET")
    assert found["id"] == created.id
    assert found["azureApiVersion"] == "2024-05-01"
    assert [subnet["name"] for subnet in found["subnets"]] == ["a"]


@pytest.mark.parametrize("token", ["network:getNothing", "network:listNothing"])
def test_unknown_function(azure: Any, token: str) -> None:
    """A function that nobody answers fails as the provider says it."""
    message = f"Invoke type azure-native:{token} not found"
    with pytest.raises(UnknownFunction, match=message):
        _call(azure, token)


def test_unknown_arguments(azure: Any) -> None:
    """A call with values that are not known yet cannot be answered."""
    with pytest.raises(ValueError, match="not known yet"):
        _call(azure, "network:getVirtualNetwork", virtualNetworkName=UNKNOWN)
