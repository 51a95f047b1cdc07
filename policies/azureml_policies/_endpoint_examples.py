"""Parts of the examples that rules on private endpoints show."""

from typing import Any

from azureml_policies._plan import (
    ACCOUNT,
    ENDPOINT,
    REGISTRY,
    SUBNET,
    VAULT,
    WORKSPACE,
)


def subnet_example(name: str, network: str) -> dict[str, Any]:
    """Return a subnet called as its name here."""
    return {
        "type": SUBNET,
        "name": name,
        "properties": {
            "resourceGroupName": "rg",
            "virtualNetworkName": network,
            "subnetName": name,
        },
    }


_SHOWN: dict[str, dict[str, Any]] = {
    "workspace": {"type": WORKSPACE, "properties": {"workspaceName": "mlw"}},
    "account": {"type": ACCOUNT, "properties": {"accountName": "data"}},
    "vault": {"type": VAULT, "properties": {"vaultName": "kv"}},
    "registry": {"type": REGISTRY, "properties": {"registryName": "cr"}},
}


def service_example(name: str, **properties: Any) -> dict[str, Any]:
    """Return a workspace, an account, a vault or a registry, called so here."""
    shown = _SHOWN[name]
    return {
        "type": shown["type"],
        "name": name,
        "properties": {
            "resourceGroupName": "rg",
            **shown["properties"],
            **properties,
        },
    }


def endpoint_example(target: str, subnet: str, group: str) -> dict[str, Any]:
    """Return an endpoint, called ``<target>-<group>``, of another resource here."""
    connection = {
        "name": target,
        "groupIds": [group],
        "privateLinkServiceId": {"ref": target},
    }
    return {
        "type": ENDPOINT,
        "name": f"{target}-{group}",
        "properties": {
            "resourceGroupName": "rg",
            "privateEndpointName": f"pe-{target}-{group}",
            "subnet": {"id": {"ref": subnet}},
            "privateLinkServiceConnections": [connection],
        },
    }


def shown_with_endpoints(target: str, *groups: str) -> list[dict[str, Any]]:
    """Return a service, with an endpoint for each of ``groups`` in one subnet."""
    return [
        service_example(target),
        subnet_example("endpoints", "laboratory"),
        *(endpoint_example(target, "endpoints", group) for group in groups),
    ]
