"""Flow logs, and the network watchers that Azure makes by itself.

https://learn.microsoft.com/azure/network-watcher/network-watcher-create
https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
"""

import re

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import SUCCEEDED, normalised_location
from emulator.resource_paths import last_name, parent_id, same_id
from emulator.store import Resource, Store

_NETWORK = "network:VirtualNetwork"
_WATCHER = "network:NetworkWatcher"
_OWN_GROUP = re.compile(
    r"(/subscriptions/[^/]+/)resourceGroups/NetworkWatcherRG"
    r"(/providers/Microsoft\.Network/networkWatchers/NetworkWatcher_([^/]+))?",
    re.IGNORECASE,
)


def is_azures_own(resource_id: str) -> bool:
    """Whether an id is of the watchers' group, or of a watcher, that Azure makes."""
    return _OWN_GROUP.fullmatch(resource_id) is not None


def made_by_azure(store: Store, resource_id: str) -> Resource | None:
    """The watcher of a region (or its group), there since the region's first network.

    It belongs to Azure and not to the store: it does not come and go with a program.
    """
    match = _OWN_GROUP.fullmatch(resource_id)
    if match is None:
        return None
    subscription, is_watcher, region = match.groups()
    for network in store.of_type(_NETWORK):
        location = normalised_location(str(network.body.get("location")))
        if not network.id.lower().startswith(subscription.lower()):
            continue
        if is_watcher and location != region.lower():
            continue
        return Resource(
            id=resource_id,
            token=_WATCHER if is_watcher else "resources:ResourceGroup",
            identity="",
            body={
                "name": last_name(resource_id),
                "location": location,
                "provisioningState": SUCCEEDED,
            },
        )
    return None


def flow_log_is_new(write: Write) -> None:
    """A target has one flow log; log, target and account are in one region."""
    target_id = str(write.inputs.get("targetResourceId") or "")
    for other in write.store.of_type(write.resource_type.token):
        same_target = same_id(str(other.body.get("targetResourceId")), target_id)
        if same_target and not same_id(other.id, write.id):
            raise AzureError(
                400,
                "FlowLogAlreadyExistsForTargetResource",
                f"Target resource {target_id} has the flow log {other.id} already.",
            )
    watcher_id = parent_id(write.id) or ""
    watcher = write.store.get(watcher_id) or made_by_azure(write.store, watcher_id)
    if watcher is None and _OWN_GROUP.fullmatch(watcher_id):
        raise AzureError(
            404,
            "ParentResourceNotFound",
            "Failed to perform 'write' on resource(s) of type "
            f"'networkWatchers/flowLogs', because the parent resource '{watcher_id}' "
            "could not be found.",
        )
    region = _region(watcher)
    for referenced in (target_id, str(write.inputs.get("storageId") or "")):
        place = _region(write.store.get(_network_of(referenced)))
        if region and place and region != place:
            raise AzureError(
                400,
                "FlowLogResourcesMustBeInSameRegion",
                f"Flow log {write.id} is in region {region}, but {referenced} is in "
                f"region {place}.",
            )


def analytics_workspace_is_where_it_is_said(write: Write) -> None:
    """The region named beside a workspace for traffic analytics is its own."""
    analytics = at(
        write.inputs,
        "flowAnalyticsConfiguration",
        "networkWatcherFlowAnalyticsConfiguration",
    )
    workspace_id = at(analytics or {}, "workspaceResourceId")
    said = at(analytics or {}, "workspaceRegion")
    if not isinstance(workspace_id, str) or not isinstance(said, str):
        return
    place = _region(write.store.get(workspace_id))
    if place and normalised_location(said) != place:
        raise AzureError(
            400,
            "InvalidTAWorkspaceRegion",
            f"The specified region {said} for workspace is invalid. Workspace "
            f"{workspace_id} located in {place} region.",
        )


def _network_of(target_id: str) -> str:
    """A subnet has no region of its own: that of its network counts."""
    return (parent_id(target_id) or "") if "/subnets/" in target_id else target_id


def _region(resource: Resource | None) -> str | None:
    location = resource.body.get("location") if resource else None
    return normalised_location(location) if isinstance(location, str) else None
