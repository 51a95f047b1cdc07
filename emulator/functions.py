"""azure-native's functions: who am I, keys and secrets, and lookups of resources.

Every answer is artificial. Keys are random for each store and stay the same in it.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator import catalogue
from emulator.catalogue import PREFIX, ResourceType
from emulator.made_up_values import Identity
from emulator.store import Store


@dataclass(frozen=True)
class Call:
    """A function call: its arguments, and where the answer comes from.

    `read` looks a resource up by its path parameters and fails as Azure does.
    """

    store: Store
    account: Identity
    arguments: Mapping[str, Any]
    read: Callable[[ResourceType, Mapping[str, Any]], Any]

    def key(self, name: str, size: int = 64) -> str:
        """A made-up key of the resource that the arguments name."""
        about = sorted(f"{k}={v}".lower() for k, v in self.arguments.items())
        raw = self.store.made_up_key("key", name, *about, size=size)
        return base64.b64encode(raw).decode()

    def resource(self, token: str) -> Any:
        """The resource that the arguments name; fails if there is none."""
        return self.read(catalogue.find(PREFIX + token), self.arguments)


class UnknownFunction(LookupError):
    """azure-native, or this emulator, has no such function."""


def invoke(token: str, call: Call) -> dict[str, Any]:
    """Call a function by its token; UnknownFunction if it is not answered here."""
    short = catalogue.short_token(token)
    if short in _FUNCTIONS:
        return _FUNCTIONS[short](call)
    module, _, name = short.partition(":")
    if name.startswith("get"):
        try:
            resource_type = catalogue.find(f"{PREFIX}{module}:{name[3:]}")
        except catalogue.UnknownType:
            raise UnknownFunction(f"Invoke type {token} not found") from None
        written = call.read(resource_type, call.arguments)
        return {"id": written.id, **written.outputs}
    raise UnknownFunction(f"Invoke type {token} not found")


def _client_config(call: Call) -> dict[str, Any]:
    return {
        "clientId": call.account.client_id,
        "objectId": call.account.object_id,
        "subscriptionId": call.account.subscription_id,
        "tenantId": call.account.tenant_id,
    }


def _client_token(call: Call) -> dict[str, Any]:
    endpoint = str(call.arguments.get("endpoint") or call.account.cloud.management)
    return {"token": call.key(f"token for {endpoint}")}


def _storage_keys(call: Call) -> dict[str, Any]:
    call.resource("storage:StorageAccount")
    return {
        "keys": [
            {
                "creationTime": "2026-01-01T00:00:00.0000000Z",
                "keyName": name,
                "permissions": "FULL",
                "value": call.key(name),
            }
            for name in ("key1", "key2")
        ]
    }


def _storage_signature(call: Call) -> dict[str, Any]:
    account = {
        k: v
        for k, v in call.arguments.items()
        if k in ("accountName", "resourceGroupName")
    }
    call.read(catalogue.find(PREFIX + "storage:StorageAccount"), account)
    return {"accountSasToken": f"sv=2024-01-01&sig={call.key('sas', size=32)}"}


def _log_keys(call: Call) -> dict[str, Any]:
    call.resource("operationalinsights:Workspace")
    return {
        "primarySharedKey": call.key("primary"),
        "secondarySharedKey": call.key("secondary"),
    }


def _registry_credentials(call: Call) -> dict[str, Any]:
    registry = call.resource("containerregistry:Registry")
    return {
        "username": registry.outputs["name"],
        "passwords": [
            {"name": name, "value": call.key(name, size=39)}
            for name in ("password", "password2")
        ],
    }


def _workspace_keys(call: Call) -> dict[str, Any]:
    workspace = call.resource("machinelearningservices:Workspace")
    return {
        "appInsightsInstrumentationKey": workspace.outputs.get("workspaceId"),
        "notebookAccessKeys": _notebook_keys(call),
        "userStorageArmId": workspace.outputs.get("storageAccount"),
        "userStorageKey": call.key("storage"),
    }


def _notebook_keys(call: Call) -> dict[str, Any]:
    call.resource("machinelearningservices:Workspace")
    return {
        "primaryAccessKey": call.key("notebook primary"),
        "secondaryAccessKey": call.key("notebook secondary"),
    }


def _endpoint_keys(call: Call) -> dict[str, Any]:
    call.resource("machinelearningservices:OnlineEndpoint")
    return {
        "primaryKey": call.key("primary", size=24),
        "secondaryKey": call.key("secondary", size=24),
    }


def _endpoint_token(call: Call) -> dict[str, Any]:
    call.resource("machinelearningservices:OnlineEndpoint")
    hour = 3600
    return {
        "accessToken": call.key("access"),
        "expiryTimeUtc": 4_102_444_800,
        "refreshAfterTimeUtc": 4_102_444_800 - hour,
        "tokenType": "Bearer",
    }


_FUNCTIONS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "authorization:getClientConfig": _client_config,
    "authorization:getClientToken": _client_token,
    "containerregistry:listRegistryCredentials": _registry_credentials,
    "machinelearningservices:getOnlineEndpointToken": _endpoint_token,
    "machinelearningservices:listOnlineEndpointKeys": _endpoint_keys,
    "machinelearningservices:listWorkspaceKeys": _workspace_keys,
    "machinelearningservices:listWorkspaceNotebookKeys": _notebook_keys,
    "operationalinsights:getSharedKeys": _log_keys,
    "operationalinsights:getWorkspaceSharedKeys": _log_keys,
    "storage:listStorageAccountKeys": _storage_keys,
    "storage:listStorageAccountSAS": _storage_signature,
}


def answered() -> list[str]:
    """The functions that are answered by hand; lookups (`get…`) come on top."""
    return sorted(_FUNCTIONS)
