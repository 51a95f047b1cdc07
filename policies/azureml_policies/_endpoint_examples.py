"""Parts of the examples that rules on private endpoints show."""

from typing import Any

from azureml_policies._plan import ENDPOINT, SUBNET


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
            "subnet": {"id": {"ref": subnet}},
            "privateLinkServiceConnections": [connection],
        },
    }
