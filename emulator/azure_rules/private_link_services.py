"""Private Link services: what they stand on, and the endpoints that lead to them.

https://learn.microsoft.com/azure/private-link/private-link-service-overview
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.endpoint_members import connections
from emulator.azure_rules.locks import may_be_deleted
from emulator.azure_rules.public_addresses import is_standard
from emulator.azure_rules.requests import Write, at, token_of
from emulator.endpoint_connections import (
    LINK_SERVICE,
    is_alias,
    link_service,
    of_target,
)
from emulator.made_up_values import normalised_location
from emulator.resource_paths import id_key, last_name, parent_id
from emulator.store import Resource, Store

_POOL = "network:LoadBalancerBackendAddressPool"
_ENDPOINT = "network:PrivateEndpoint"
_MOST_CONFIGURATIONS = 8
_EVERYBODY = "*"


def subnets_have_no_policies(write: Write) -> None:
    """The subnets of the service's addresses have its network policies off.

    https://learn.microsoft.com/azure/private-link/disable-private-link-service-network-policy
    """
    for configuration in write.inputs.get("ipConfigurations") or []:
        subnet = write.store.get(str(at(configuration, "subnet", "id")))
        policies = "privateLinkServiceNetworkPolicies"
        if subnet and str(subnet.body.get(policies)).lower() != "disabled":
            raise AzureError(
                400,
                "PrivateLinkServiceCannotBeCreatedInSubnetThatHasNetworkPoliciesEnabled",
                f"Private link service {write.id} cannot be created in a subnet "
                f"{subnet.id} since it has private link service network policies "
                "enabled.",
            )


def balancer_is_fit(write: Write) -> None:
    """A service stands on internal front ends of one Standard load balancer.

    https://learn.microsoft.com/azure/private-link/private-link-service-overview#limitations
    """
    balancers = {id_key(b): b for b in _balancer_ids(write.inputs)}
    if len(balancers) > 1:
        raise _refused(
            "PrivateLinkServiceReferencesMultipleLoadBalancers",
            f"Private link service {write.id} refers to front ends of several load "
            f"balancers: {', '.join(balancers.values())}.",
        )
    for balancer in map(write.store.get, balancers):
        if balancer is None:
            continue
        if not is_standard(balancer.body):
            raise _refused(
                "PrivateLinkServiceIsNotSupportedForBasicLoadBalancer",
                f"Private link service {write.id} is not supported for load balancer "
                f"{balancer.id} of the Basic SKU.",
            )
        regions = {
            normalised_location(str(place.get("location")))
            for place in (write.inputs, balancer.body)
        }
        if len(regions) > 1:
            raise _refused(
                "InvalidResourceReference",
                f"Resource {balancer.id} referenced by resource {write.id} was not "
                "found. Please make sure that the referenced resource exists, and "
                "that both resources are in the same region.",
            )
        _require_internal(write, balancer)


def pools_are_of_interfaces(write: Write) -> None:
    """The balancer's pools hold network interfaces, no addresses.

    https://github.com/MicrosoftDocs/azure-docs/issues/75134
    """
    for balancer in _balancer_ids(write.inputs):
        for pool in write.store.children(balancer, _POOL):
            if has_addresses(pool.body):
                raise _by_address(balancer)


def service_keeps_its_pools(write: Write) -> None:
    """A pool under a Private Link service gets no addresses later."""
    balancer = parent_id(write.id) or ""
    if has_addresses(write.inputs) and _services_of(write.store, balancer):
        raise _by_address(balancer)


def configurations_are_few(write: Write) -> None:
    """One to eight addresses, of which one is the primary one.

    https://learn.microsoft.com/azure/private-link/private-link-service-overview#properties
    """
    given = write.inputs.get("ipConfigurations") or []
    primary = [c for c in given if at(c, "primary") is True]
    if len(given) > _MOST_CONFIGURATIONS:
        raise _refused(
            "PrivateLinkServiceIpConfigurationsLimitReached",
            f"Private link service {write.id} has {len(given)} IP configurations; "
            f"{_MOST_CONFIGURATIONS} are allowed.",
        )
    if len(primary) > 1:
        raise _refused(
            "PrivateLinkServiceHasMultiplePrimaryIpConfigurations",
            f"Private link service {write.id} has {len(primary)} primary IP "
            "configurations; one is allowed.",
        )


def approved_can_see_it(write: Write) -> None:
    """Only who can see a service is approved without asking.

    https://learn.microsoft.com/azure/private-link/private-link-service-overview#control-service-exposure
    """
    visible = _subscriptions(write.inputs, "visibility")
    hidden = sorted(_subscriptions(write.inputs, "autoApproval") - visible)
    if hidden and _EVERYBODY not in visible:
        raise _refused(
            "PrivateLinkServiceAutoApprovalNotInVisibility",
            f"Private link service {write.id} approves subscriptions that it is not "
            f"visible to: {', '.join(hidden)}.",
        )


def balancer_stays(write: Write) -> None:
    """A service keeps its load balancer.

    https://github.com/MicrosoftDocs/azure-docs/issues/121302
    """
    if write.existing is None:
        return
    before, after = (
        {id_key(b) for b in _balancer_ids(v)}
        for v in (write.existing.body, write.inputs)
    )
    if before and before != after:
        raise _refused(
            "PrivateLinkServiceLoadBalancerCannotBeChanged",
            f"The load balancer of private link service {write.id} cannot be changed: "
            "delete the service and make it anew.",
        )


def endpoint_asks_rightly(write: Write) -> None:
    """An endpoint of a service names no group; one that knows its alias only asks.

    https://learn.microsoft.com/azure/private-link/private-endpoint-overview
    """
    for connection in connections(write.inputs):
        target = str(at(connection, "privateLinkServiceId") or "")
        if not is_alias(target) and token_of(target) != LINK_SERVICE:
            continue
        place = f"{write.id}/privateLinkServiceConnections/{connection.get('name')}"
        if connection.get("groupIds"):
            raise _refused(
                "GroupIdsNotPermittedForPrivateLinkService",
                f"Private link service connection {place} cannot have group Ids when "
                f"connecting to a private link service ({target}).",
            )
        asks = write.inputs.get("manualPrivateLinkServiceConnections") or []
        if is_alias(target) and connection not in asks:
            raise _refused(
                "PrivateLinkServiceAliasRequiresManualConnection",
                f"Private link service connection {place} names the alias {target}: "
                "this takes a manual connection.",
            )


def service_has_no_endpoints(store: Store, service: Resource) -> None:
    """A service with connections cannot go, whatever their state.

    https://learn.microsoft.com/azure/private-link/private-link-service-overview#limitations
    """
    for connection in of_target(store, service):
        raise _refused(
            "PrivateLinkServiceHasPrivateEndpointConnections",
            f"Private link service {service.id} cannot be deleted since it has a "
            f"private endpoint connection of "
            f"{at(connection.body, 'privateEndpoint', 'id')}.",
        )


def targets_are_not_locked(store: Store, endpoint: Resource) -> None:
    """An endpoint goes with its connection, which is a part of what it leads to.

    https://github.com/hashicorp/terraform-provider-azurerm/issues/17478
    """
    for connection in connections(endpoint.body):
        target = str(at(connection, "privateLinkServiceId") or "")
        service = link_service(store, target)
        place = target if service is None else service.id
        if place.startswith("/"):
            name = last_name(endpoint.id)
            may_be_deleted(store, f"{place}/privateEndpointConnections/{name}")


def has_addresses(pool: Mapping[str, Any]) -> bool:
    """Whether a backend pool names addresses instead of interfaces."""
    given = pool.get("loadBalancerBackendAddresses") or []
    return any(at(item, "ipAddress") for item in given)


def _require_internal(write: Write, balancer: Resource) -> None:
    networks = {
        id_key(parent_id(str(at(c, "subnet", "id"))) or "")
        for c in write.inputs.get("ipConfigurations") or []
    }
    for front in _fronts(write, balancer):
        subnet_id = at(front, "subnet", "id")
        if not isinstance(subnet_id, str):
            raise _refused(
                "PrivateLinkServiceRequiresInternalLoadBalancer",
                f"Private link service {write.id} needs an internal load balancer: "
                f"front end {front.get('name')} of {balancer.id} has no subnet.",
            )
        if networks - {id_key(parent_id(subnet_id) or "")}:
            raise _refused(
                "PrivateLinkServiceAndLoadBalancerInDifferentVirtualNetworks",
                f"Private link service {write.id} takes its addresses from another "
                f"virtual network than that of load balancer {balancer.id}.",
            )


def _fronts(write: Write, balancer: Resource) -> Iterator[Mapping[str, Any]]:
    wanted = {last_name(f).lower() for f in _front_ids(write.inputs)}
    for front in balancer.body.get("frontendIPConfigurations") or []:
        if str(front.get("name")).lower() in wanted:
            yield front


def _front_ids(values: Mapping[str, Any]) -> Iterator[str]:
    for front in values.get("loadBalancerFrontendIpConfigurations") or []:
        front_id = at(front, "id")
        if isinstance(front_id, str):
            yield front_id


def _balancer_ids(values: Mapping[str, Any]) -> Iterator[str]:
    for front_id in _front_ids(values):
        balancer = parent_id(front_id)
        if balancer is not None:
            yield balancer


def _services_of(store: Store, balancer: str) -> list[Resource]:
    users = store.mentioning(balancer)
    return [user for user in users if user.token == LINK_SERVICE]


def _subscriptions(values: Mapping[str, Any], name: str) -> set[str]:
    return {str(s).lower() for s in at(values, name, "subscriptions") or []}


def _by_address(balancer: str) -> AzureError:
    return _refused(
        "PrivateLinkServiceIsNotSupportedForIPBasedLoadBalancer",
        f"Private link service is not supported for load balancer {balancer} with "
        "backend addresses set by (virtualNetwork, ipAddress) or (subnet, ipAddress).",
    )


def _refused(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)
