"""What Azure refuses when a resource is written or deleted, rule by rule.

Each rule is one function that looks at the store and raises AzureError with Azure's
code and text. azure-native calls Azure only in `up`, so none of this shows at preview.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.azure_error import AzureError
from emulator.catalogue import ResourceType
from emulator.known_paths import KNOWN_PATHS
from emulator.made_up_values import normalised_location
from emulator.resource_paths import (
    PathTemplate,
    id_key,
    last_name,
    parent_id,
    resource_group_of,
    same_id,
)
from emulator.store import Resource, Store

_SUBNET = "network:Subnet"
_NETWORK = "network:VirtualNetwork"
_ZONE = "privatedns:PrivateZone"
_LINK = "privatedns:VirtualNetworkLink"
_ROLE = "authorization:RoleAssignment"
_ZONE_GROUP = "network:PrivateDnsZoneGroup"


@dataclass(frozen=True)
class Write:
    """A PUT that is about to happen. `existing` is what it would overwrite."""

    store: Store
    resource_type: ResourceType
    id: str
    inputs: Mapping[str, Any]
    existing: Resource | None

    @property
    def name(self) -> str:
        """The resource's own name."""
        return last_name(self.id)


def check_write(
    store: Store,
    resource_type: ResourceType,
    resource_id: str,
    inputs: Mapping[str, Any],
) -> None:
    """Raise the first refusal that Azure would answer to this PUT."""
    write = Write(store, resource_type, resource_id, inputs, store.get(resource_id))
    for rule in _WRITE_RULES:
        rule(write)
    for rule in _WRITE_RULES_BY_TYPE.get(resource_type.token, ()):
        rule(write)


def check_delete(store: Store, resource: Resource) -> None:
    """Raise the first refusal that Azure would answer to this DELETE."""
    for rule in _DELETE_RULES_BY_TYPE.get(resource.token, ()):
        rule(store, resource)


def keep_deleted_names(store: Store, resource: Resource) -> None:
    """Remember the names that soft-deleted resources keep, this one and those below.

    Sources: learn.microsoft.com/azure/machine-learning/concept-soft-delete (14 days),
    learn.microsoft.com/azure/key-vault/general/soft-delete-overview (90 by default).
    """
    for gone in [resource, *store.below(resource.id)]:
        if gone.token == "machinelearningservices:Workspace":
            store.keep_name(gone, gone.id, days=14)
        elif gone.token == "keyvault:Vault":
            properties = gone.body.get("properties", {})
            days = properties.get("softDeleteRetentionInDays") or 90
            store.keep_name(gone, last_name(gone.id), days=days)


def not_found(resource_type: ResourceType, resource_id: str) -> AzureError:
    """Azure's answer for a resource that does not exist."""
    group = resource_group_of(resource_id)
    name = f"{resource_type.path.resource_type}/{last_name(resource_id)}"
    return AzureError(
        404,
        "ResourceNotFound",
        f"The Resource '{name}' under resource group '{group}' was not found.",
    )


# Rules for every type


def resource_group_exists(write: Write) -> None:
    """A resource needs its resource group."""
    group = resource_group_of(write.id)
    if group is None or write.resource_type.token == "resources:ResourceGroup":
        return
    group_id = write.id[: write.id.lower().index(f"/resourcegroups/{group.lower()}")]
    if write.store.get(f"{group_id}/resourceGroups/{group}") is None:
        raise AzureError(
            404,
            "ResourceGroupNotFound",
            f"Resource group '{group}' could not be found.",
        )


def parent_exists(write: Write) -> None:
    """A child needs its parent; an extension the resource that it extends."""
    if write.resource_type.path.derived:
        return
    parent = parent_id(write.id)
    while parent is not None and last_name(parent) == "default":
        parent = parent_id(parent)
    if parent is None or _token_of(parent) is None:
        return
    if write.store.get(parent) is None and _is_ours(write.store, parent):
        kind = write.resource_type.path.resource_type.partition("/")[2]
        raise AzureError(
            404,
            "ParentResourceNotFound",
            f"Failed to perform 'write' on resource(s) of type '{kind}', because the "
            f"parent resource '{parent}' could not be found.",
        )


def references_exist(write: Write) -> None:
    """Every id that the inputs mention must exist, if its resource group is ours."""
    for referenced in _referenced_ids(write.inputs):
        if id_key(referenced).startswith(id_key(write.id)):
            continue
        if not _is_ours(write.store, referenced):
            continue
        missing = _missing_part(write.store, referenced)
        if missing is not None:
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {missing} referenced by resource {write.id} was not found. "
                "Please make sure that the referenced resource exists, and that both "
                "resources are in the same region.",
            )


def location_stays(write: Write) -> None:
    """An existing resource cannot move to another region."""
    if write.existing is None:
        return
    old, new = write.existing.body.get("location"), write.inputs.get("location")
    if not isinstance(old, str) or not isinstance(new, str):
        return
    if normalised_location(old) == normalised_location(new):
        return
    raise AzureError(
        409,
        "InvalidResourceLocation",
        f"The resource '{write.name}' already exists in location '{old}' in resource "
        f"group '{resource_group_of(write.id)}'. A resource with the same name cannot "
        f"be created in location '{new}'. Please select a new resource name.",
    )


# Networks


def prefixes_are_valid(write: Write) -> None:
    """Address prefixes are networks in CIDR notation, with no bit set behind them."""
    for prefix in _prefixes(write.inputs):
        try:
            ipaddress.ip_network(prefix)
        except ValueError:
            raise AzureError(
                400,
                "InvalidCIDRNotation",
                f"The address prefix {prefix} in resource {write.id} has an invalid "
                "CIDR notation. For the given prefix length, the address prefix should "
                "be the network's first address.",
            ) from None


def subnet_fits(write: Write) -> None:
    """A subnet lies inside of its network and overlaps no other subnet."""
    network_id = parent_id(write.id)
    network = write.store.get(network_id) if network_id else None
    if network_id is None or network is None:
        return
    space = _networks(network.body.get("addressSpace", {}).get("addressPrefixes"))
    others = [
        sibling
        for sibling in write.store.children(network_id, _SUBNET)
        if not same_id(sibling.id, write.id)
    ]
    for wanted in _networks(_prefixes(write.inputs)):
        if space and not any(_contains(outer, wanted) for outer in space):
            raise AzureError(
                400,
                "NetcfgInvalidSubnet",
                f"Subnet '{write.name}' is not valid in virtual network "
                f"'{last_name(network_id)}'.",
            )
        for sibling in others:
            if any(wanted.overlaps(n) for n in _networks(_prefixes(sibling.body))):
                raise AzureError(
                    400,
                    "NetcfgSubnetRangesOverlap",
                    f"Subnet '{write.name}' is not valid because its IP address range "
                    "overlaps with that of an existing subnet in virtual network "
                    f"'{last_name(network_id)}'.",
                )


def subnet_is_unused(store: Store, subnet: Resource) -> None:
    """A subnet with something in it cannot be deleted."""
    users = _users(store, subnet)
    if users:
        raise AzureError(
            400,
            "InUseSubnetCannotBeDeleted",
            f"Subnet {last_name(subnet.id)} is in use by {users[0].id} and cannot be "
            "deleted. In order to delete the subnet, delete all the resources within "
            "the subnet. See aka.ms/deletesubnet.",
        )


def network_is_unused(store: Store, network: Resource) -> None:
    """A network cannot go while something is in one of its subnets."""
    for subnet in store.children(network.id, _SUBNET):
        subnet_is_unused(store, subnet)


def _cannot_go_while_used(code: str, kind: str) -> Callable[[Store, Resource], None]:
    def rule(store: Store, resource: Resource) -> None:
        users = _users(store, resource)
        if users:
            raise AzureError(
                400,
                code,
                f"{kind} {resource.id} can not be deleted since it is still allocated "
                f"to resource {users[0].id}.",
            )

    return rule


# Private DNS


def _location_is(*allowed: str) -> Callable[[Write], None]:
    """These types live in no region, or in a few only."""

    def rule(write: Write) -> None:
        location = write.inputs.get("location")
        if isinstance(location, str) and normalised_location(location) not in allowed:
            kind = write.resource_type.path.resource_type
            raise AzureError(
                400,
                "LocationNotAvailableForResourceType",
                f"The provided location '{location}' is not available for resource "
                f"type '{kind}'. List of available regions for the resource type is "
                f"'{','.join(allowed)}'.",
            )

    return rule


location_is_global = _location_is("global")
# https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups
action_group_location = _location_is(
    "global",
    "swedencentral",
    "germanywestcentral",
    "northcentralus",
    "southcentralus",
)


def one_link_per_network(write: Write) -> None:
    """A network is linked to a zone once, and to one zone of a name only."""
    network = _at(write.inputs, "virtualNetwork", "id")
    if not isinstance(network, str):
        return
    zone_id = parent_id(write.id) or ""
    zone_name = last_name(zone_id)
    for link in write.store.of_type(_LINK):
        linked = _at(link.body, "virtualNetwork", "id")
        other_zone = parent_id(link.id) or ""
        if same_id(link.id, write.id) or not isinstance(linked, str):
            continue
        if not same_id(linked, network):
            continue
        if last_name(other_zone).lower() == zone_name.lower():
            raise AzureError(
                400,
                "BadRequest",
                "A virtual network cannot be linked to multiple zones with overlapping "
                f"namespaces. You tried to link virtual network with '{zone_name}' and "
                f"'{last_name(other_zone)}' zones.",
            )


def zone_has_no_links(store: Store, zone: Resource) -> None:
    """A zone cannot go before its links."""
    links = store.children(zone.id, _LINK)
    if links:
        raise AzureError(
            409,
            "CannotDeleteResource",
            "Cannot delete resource while nested resources exist. Some existing nested "
            f"resource IDs include: '{links[0].id}'. Please delete all nested "
            "resources before deleting this resource.",
        )


def one_zone_group(write: Write) -> None:
    """A private endpoint has one zone group at most."""
    endpoint = parent_id(write.id) or ""
    for group in write.store.children(endpoint, _ZONE_GROUP):
        if not same_id(group.id, write.id):
            raise AzureError(
                400,
                "MultiplePrivateDnsZoneGroupsNotAllowed",
                f"Private endpoint {endpoint} already has the private DNS zone group "
                f"{last_name(group.id)}. Only one private DNS zone group is allowed.",
            )


# Roles, names


def role_is_new(write: Write) -> None:
    """A principal has a role at a scope once; an assignment's role cannot change."""
    wanted = _assignment(write.inputs)
    if write.existing is not None:
        if _assignment(write.existing.body) != wanted:
            raise AzureError(
                400,
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope are not allowed "
                "to be updated.",
            )
        return
    for other in write.store.of_type(_ROLE):
        same_scope = same_id(parent_id(other.id) or "", parent_id(write.id) or "")
        if same_scope and _assignment(other.body) == wanted:
            raise AzureError(
                409, "RoleAssignmentExists", "The role assignment already exists."
            )


def workspace_name_is_free(write: Write) -> None:
    """A deleted workspace keeps its name in its group until it is purged."""
    if write.existing is not None:
        return
    if write.store.deleted_name(write.resource_type.token, write.id):
        raise AzureError(
            409,
            "Conflict",
            f"Soft-deleted workspace exists: '{write.name}' was deleted less than 14 "
            "days ago and still holds its name. Recover it, purge it, or use another "
            "name. https://aka.ms/wsoftdelete",
        )


def vault_name_is_free(write: Write) -> None:
    """A deleted vault keeps its name everywhere until it is purged."""
    if write.existing is not None:
        return
    if write.store.deleted_name(write.resource_type.token, write.name):
        raise AzureError(
            409,
            "ConflictError",
            f"A vault with the same name '{write.name}' already exists in deleted "
            "state. You need to either recover or purge existing key vault. Follow "
            "this link https://go.microsoft.com/fwlink/?linkid=2149745 for more "
            "information on soft delete.",
        )


def _name_is_free_everywhere(code: str, kind: str) -> Callable[[Write], None]:
    def rule(write: Write) -> None:
        for other in write.store.of_type(write.resource_type.token):
            if same_id(other.id, write.id):
                continue
            if last_name(other.id).lower() == write.name.lower():
                raise AzureError(
                    409, code, f"The {kind} named {write.name} is already taken."
                )

    return rule


_WRITE_RULES: tuple[Callable[[Write], None], ...] = (
    resource_group_exists,
    parent_exists,
    references_exist,
    location_stays,
)
_WRITE_RULES_BY_TYPE: dict[str, tuple[Callable[[Write], None], ...]] = {
    _NETWORK: (prefixes_are_valid,),
    _SUBNET: (prefixes_are_valid, subnet_fits),
    _ZONE: (location_is_global,),
    _LINK: (location_is_global, one_link_per_network),
    "monitor:ActionGroup": (action_group_location,),
    "monitor:MetricAlert": (location_is_global,),
    "monitor:PrivateLinkScope": (location_is_global,),
    _ZONE_GROUP: (one_zone_group,),
    _ROLE: (role_is_new,),
    "machinelearningservices:Workspace": (workspace_name_is_free,),
    "keyvault:Vault": (
        vault_name_is_free,
        _name_is_free_everywhere("VaultAlreadyExists", "vault"),
    ),
    "storage:StorageAccount": (
        _name_is_free_everywhere("StorageAccountAlreadyTaken", "storage account"),
    ),
    "containerregistry:Registry": (
        _name_is_free_everywhere("AlreadyInUse", "registry DNS name"),
    ),
}
_DELETE_RULES_BY_TYPE: dict[str, tuple[Callable[[Store, Resource], None], ...]] = {
    _SUBNET: (subnet_is_unused,),
    _NETWORK: (network_is_unused,),
    _ZONE: (zone_has_no_links,),
    "network:NetworkSecurityGroup": (
        _cannot_go_while_used(
            "InUseNetworkSecurityGroupCannotBeDeleted", "Network security group"
        ),
    ),
    "network:RouteTable": (
        _cannot_go_while_used("InUseRouteTableCannotBeDeleted", "Route table"),
    ),
    "network:NatGateway": (
        _cannot_go_while_used("InUseNatGatewayCannotBeDeleted", "Nat Gateway"),
    ),
    "network:PublicIPAddress": (
        _cannot_go_while_used("PublicIPAddressCannotBeDeleted", "Public IP address"),
    ),
    "network:NetworkInterface": (
        _cannot_go_while_used("NicInUse", "Network Interface"),
    ),
    "network:FirewallPolicy": (
        _cannot_go_while_used("FirewallPolicyDeleteNotAllowed", "Firewall Policy"),
    ),
}


# What the rules look at

_ARM_ID = re.compile(r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/.+", re.I)
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _is_ours(store: Store, resource_id: str) -> bool:
    """Whether an id lies in a resource group that exists here.

    Other groups belong to somebody else: what is in them is not known, and accepted.
    """
    segments = resource_id.strip("/").split("/")
    return len(segments) >= 4 and store.get("/" + "/".join(segments[:4])) is not None


# Only these services hold on to a network's parts; others merely name them.
_HOLDING = ("network:", "compute:", "dnsresolver:", "machinelearningservices:Compute")
_MERELY_NAMING = frozenset({"network:FlowLog"})


def _users(store: Store, resource: Resource) -> list[Resource]:
    """The resources that keep this one from being deleted."""
    return [
        user
        for user in store.mentioning(resource.id)
        if user.token.startswith(_HOLDING) and user.token not in _MERELY_NAMING
    ]


_TOKENS = {
    PathTemplate(template).resource_type.lower(): token
    for token, template in KNOWN_PATHS.items()
    if "{scope}" not in template and "{resourceUri}" not in template
}


def _token_of(resource_id: str) -> str | None:
    """The type of an id, for types whose path is written down."""
    _, found, rest = resource_id.lower().rpartition("/providers/")
    if not found:
        return "resources:ResourceGroup" if "/resourcegroups/" in rest else None
    namespace, *levels = rest.split("/")
    return _TOKENS.get("/".join([namespace, *levels[::2]]))


def _referenced_ids(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                if key != "tags":
                    yield from _referenced_ids(item)
        case list():
            for item in value:
                yield from _referenced_ids(item)
        case str() if _ARM_ID.fullmatch(value):
            yield value


def _missing_part(store: Store, resource_id: str) -> str | None:
    """The first id on the way to this one that should exist and does not.

    Parts of a resource that are no resources (an address configuration) are skipped.
    """
    head, _, rest = resource_id.partition("/providers/")
    namespace, *levels = rest.split("/")
    current = f"{head}/providers/{namespace}"
    for position in range(0, len(levels) - 1, 2):
        current += f"/{levels[position]}/{levels[position + 1]}"
        if _token_of(current) is not None and store.get(current) is None:
            return current
    return None


def _prefixes(values: Mapping[str, Any]) -> list[str]:
    space = values.get("addressSpace")
    inner = space.get("addressPrefixes") if isinstance(space, dict) else None
    single = values.get("addressPrefix")
    found = [*(values.get("addressPrefixes") or []), *(inner or [])]
    if isinstance(single, str):
        found.append(single)
    return [prefix for prefix in found if isinstance(prefix, str)]


def _networks(prefixes: list[str] | None) -> list[_Network]:
    return [ipaddress.ip_network(prefix, strict=False) for prefix in prefixes or []]


def _contains(outer: _Network, inner: _Network) -> bool:
    return outer.version == inner.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _assignment(values: Mapping[str, Any]) -> tuple[str, str]:
    role = last_name(str(values.get("roleDefinitionId") or ""))
    return role.lower(), str(values.get("principalId") or "").lower()


def _at(values: Mapping[str, Any], *names: str) -> Any:
    value: Any = values
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
