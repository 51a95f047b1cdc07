"""Compute of machine learning workspaces, and their online endpoints.

https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet
"""

import re
from datetime import timedelta
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.machine_learning import isolation_of, kind_of
from emulator.azure_rules.public_addresses import found
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

_CLUSTER = "amlcompute"
_INSTANCE = "computeinstance"
_NODES = (_CLUSTER, _INSTANCE)
_ENDPOINT = "network:PrivateEndpoint"
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_SHORTEST_IDLE, _LONGEST_IDLE = timedelta(minutes=15), timedelta(days=3)


def kind_has_clusters(write: Write) -> None:
    """Hubs and projects have no compute clusters.

    https://learn.microsoft.com/azure/machine-learning/concept-hub-workspace
    """
    workspace = _workspace(write)
    if workspace is None or _type(write) != _CLUSTER:
        return
    kind = kind_of(workspace.body)
    if kind in ("hub", "project"):
        raise AzureError(
            400,
            "BadRequest",
            f"Compute clusters are not supported in workspaces of kind {kind}.",
        )


def subnet_is_allowed(write: Write) -> None:
    """Nodes are in the managed network if there is one; else in a plain subnet."""
    subnet_id = at(write.inputs, "properties", "properties", "subnet", "id")
    workspace = _workspace(write)
    if not isinstance(subnet_id, str) or _type(write) not in _NODES:
        return
    if workspace is not None and isolation_of(workspace.body) != "Disabled":
        raise AzureError(
            400,
            "BadRequest",
            f"Compute {write.name} cannot be in subnet {subnet_id}: workspace "
            f"{last_name(workspace.id)} has a managed virtual network, and compute can "
            "only be created inside of it.",
        )
    subnet = found(write.store, subnet_id)
    delegations = subnet.body.get("delegations") if subnet else None
    if delegations:
        raise AzureError(
            400,
            "ResourceNotPermittedOnDelegatedSubnet",
            f"Compute {write.name} cannot be in subnet {subnet_id}, which is delegated "
            f"to {at(delegations[0], 'serviceName')}.",
        )


def private_nodes_reach_the_workspace(write: Write) -> None:
    """Nodes without a public address need the workspace's private endpoint first.

    In a managed network the service makes one itself.
    """
    properties = at(write.inputs, "properties", "properties")
    workspace = _workspace(write)
    is_new = write.existing is None
    if not is_new or workspace is None or _type(write) not in _NODES:
        return
    if at(properties or {}, "enableNodePublicIp") is not False:
        return
    if (
        isolation_of(workspace.body) != "Disabled"
        or kind_of(workspace.body) != "default"
    ):
        return
    if not any(_leads_to(endpoint, workspace) for endpoint in _endpoints(write.store)):
        raise AzureError(
            400,
            "BadRequest",
            f"Compute {write.name} without public IP needs a private endpoint of "
            f"workspace {last_name(workspace.id)}, and there is none.",
        )


def instance_name_is_free(write: Write) -> None:
    """An instance's name is unique in its region, whatever the workspace.

    https://github.com/microsoft/Templates-For-Dynamics-365-Supply-Chain-Management-Demand-Forecasting-With-Azure-Machine-Learning/issues/4
    """
    if _type(write) != _INSTANCE:
        return
    for other in write.store.named(write.resource_type.token, write.name):
        if same_id(other.id, write.id) or not _same_region(write, other):
            continue
        if str(at(other.body, "properties", "computeType")).lower() == _INSTANCE:
            raise AzureError(
                400,
                "BadRequest",
                f"Compute name '{write.name}' is not available. Reason: AlreadyExists. "
                f"Message: The specified name {write.name} is already in use and is "
                "therefore unavailable",
            )


def idle_time_is_allowed(write: Write) -> None:
    """An instance is stopped after fifteen minutes to three days without use.

    https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance#configure-idle-shutdown
    """
    text = at(write.inputs, "properties", "properties", "idleTimeBeforeShutdown")
    if _type(write) != _INSTANCE or text is None:
        return
    match = _DURATION.fullmatch(str(text))
    days, hours, minutes, seconds = (
        (int(part or 0) for part in match.groups()) if match else (0, 0, 0, 0)
    )
    idle = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if not _SHORTEST_IDLE <= idle <= _LONGEST_IDLE:
        raise AzureError(
            400,
            "BadRequest",
            f"IdleTimeBeforeShutdown '{text}' of compute instance {write.name} must be "
            "an ISO 8601 duration of 15 minutes to 3 days.",
        )


def online_endpoint_name_is_free(write: Write) -> None:
    """An online endpoint's name is unique in its region.

    https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints
    """
    for other in write.store.named(write.resource_type.token, write.name):
        if not same_id(other.id, write.id) and _same_region(write, other):
            raise AzureError(
                400,
                "BadRequest",
                f"Online endpoint name '{write.name}' is already in use in this "
                "region. Endpoint names must be unique within an Azure region.",
            )


def _type(write: Write) -> str:
    return str(at(write.inputs, "properties", "computeType")).lower()


def _workspace(write: Write) -> Resource | None:
    return write.store.get(parent_id(write.id) or "")


def _same_region(write: Write, other: Resource) -> bool:
    return _region(write.store, write.id, write.inputs.get("location")) == _region(
        write.store, other.id, other.body.get("location")
    )


def _region(store: Store, resource_id: str, location: Any) -> str:
    """Where a part of a workspace is: where it says, or where the workspace is."""
    workspace = store.get(parent_id(resource_id) or "")
    at_home = workspace.body.get("location") if workspace else None
    return normalised_location(str(location or at_home or ""))


def _endpoints(store: Store) -> list[Resource]:
    return store.of_type(_ENDPOINT)


def _leads_to(endpoint: Resource, target: Resource) -> bool:
    connections = [
        *(endpoint.body.get("privateLinkServiceConnections") or []),
        *(endpoint.body.get("manualPrivateLinkServiceConnections") or []),
    ]
    return any(
        same_id(str(at(connection, "privateLinkServiceId")), target.id)
        for connection in connections
    )
