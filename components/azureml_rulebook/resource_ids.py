"""Resource ids of Azure Resource Manager: their parts, and what is wrong with one.

An id decides what is made, and where, long before Azure sees it; so each fault of its
form is told with the form that is wanted. Ids compare without regard to case, as Azure
compares them.
"""

import re
from dataclasses import dataclass

from azureml_rulebook.findings import Finding

ACTION_GROUP = "Microsoft.Insights/actionGroups"
CONTAINER_REGISTRY = "Microsoft.ContainerRegistry/registries"
APPLICATION_SECURITY_GROUP = "Microsoft.Network/applicationSecurityGroups"
BASTION_HOST = "Microsoft.Network/bastionHosts"
DDOS_PROTECTION_PLAN = "Microsoft.Network/ddosProtectionPlans"
DISK_ENCRYPTION_SET = "Microsoft.Compute/diskEncryptionSets"
EVENT_HUB_AUTHORIZATION_RULE = "Microsoft.EventHub/namespaces/authorizationRules"
EXPRESS_ROUTE_CIRCUIT = "Microsoft.Network/expressRouteCircuits"
KEY_VAULT = "Microsoft.KeyVault/vaults"
KUBERNETES_CLUSTER = "Microsoft.ContainerService/managedClusters"
LOAD_BALANCER_FRONTEND = "Microsoft.Network/loadBalancers/frontendIPConfigurations"
LOAD_BALANCER_POOL = "Microsoft.Network/loadBalancers/backendAddressPools"
LOG_ANALYTICS_WORKSPACE = "Microsoft.OperationalInsights/workspaces"
MANAGED_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
NETWORK = "Microsoft.Network/virtualNetworks"
PRIVATE_DNS_ZONE = "Microsoft.Network/privateDnsZones"
PRIVATE_LINK_SERVICE = "Microsoft.Network/privateLinkServices"
PRIVATE_LINK_SCOPE = "Microsoft.Insights/privateLinkScopes"
STORAGE_ACCOUNT = "Microsoft.Storage/storageAccounts"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_FORM = re.compile(
    r"/subscriptions/(?P<subscription>[^/\s]+)/resourceGroups/(?P<group>[^/\s]+)"
    r"/providers/(?P<namespace>[^/\s]+)(?P<path>(/[^/\s]+/[^/\s]+)+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class ResourceId:
    """The id of a resource in a resource group."""

    subscription_id: str
    resource_group_name: str
    resource_type: str
    """As it was written, such as ``Microsoft.Network/virtualNetworks/subnets``."""
    names: tuple[str, ...]
    """Its own name last, before it those of what it is a part of."""

    @property
    def name(self) -> str:
        """Its own name."""
        return self.names[-1]

    @property
    def parent(self) -> "ResourceId":
        """The id of what it is a part of; of a resource that has such a one only."""
        return ResourceId(
            subscription_id=self.subscription_id,
            resource_group_name=self.resource_group_name,
            resource_type=self.resource_type.rpartition("/")[0],
            names=self.names[:-1],
        )

    def is_same(self, other: "ResourceId") -> bool:
        """Whether ``other`` is the id of the same resource."""
        return str(self).lower() == str(other).lower()

    def __str__(self) -> str:
        """Return it as Azure writes it."""
        namespace, *kinds = self.resource_type.split("/")
        path = "".join(
            f"/{kind}/{name}" for kind, name in zip(kinds, self.names, strict=True)
        )
        return (
            f"/subscriptions/{self.subscription_id}"
            f"/resourceGroups/{self.resource_group_name}/providers/{namespace}{path}"
        )


def any_resource_id(text: str) -> ResourceId | None:
    """Read the id of a resource of any type; None if it is no such id."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    steps = match["path"].removeprefix("/").split("/")
    return ResourceId(
        subscription_id=match["subscription"],
        resource_group_name=match["group"],
        resource_type="/".join([match["namespace"], *steps[::2]]),
        names=tuple(steps[1::2]),
    )


def read_resource_id(
    text: object, resource_type: str, path: str
) -> ResourceId | Finding:
    """Read the id of a resource of ``resource_type``, or say what is wrong with it."""
    wanted = f"give {id_form(resource_type)}"
    if not isinstance(text, str):
        return Finding(path, f"{text!r} is not text; {wanted}")
    found = any_resource_id(text)
    if found is None:
        return Finding(path, f"'{text}' is not a resource id; {wanted}")
    if found.resource_type.lower() != resource_type.lower():
        return Finding(path, f"'{text}' is the id of a {found.resource_type}; {wanted}")
    return found


def network_of(text: object) -> ResourceId | None:
    """Return the network of the id of a network or subnet; None if it is no such."""
    network = read_resource_id(text, NETWORK, "")
    if isinstance(network, ResourceId):
        return network
    subnet = read_resource_id(text, SUBNET, "")
    return subnet.parent if isinstance(subnet, ResourceId) else None


def resource_id_findings(
    text: object, resource_type: str, *, path: str
) -> list[Finding]:
    """Check that ``text`` is the id of a resource of ``resource_type``."""
    found = read_resource_id(text, resource_type, path)
    return [found] if isinstance(found, Finding) else []


def subscription_id_findings(text: str, *, path: str) -> list[Finding]:
    """Check that ``text`` is the id of a subscription, without what comes before it."""
    if re.fullmatch(_UUID, text, re.IGNORECASE):
        return []
    return [
        Finding(
            path,
            f"'{text}' is not a subscription id; give one of 32 hexadecimal digits, "
            "like 00000000-0000-0000-0000-000000000000",
        )
    ]


def tenant_id_findings(text: str, *, path: str) -> list[Finding]:
    """Check that ``text`` is the id of a tenant of Entra ID, and not its domain."""
    return _directory_id_findings(text, "a tenant id", path)


def object_id_findings(text: str, *, path: str) -> list[Finding]:
    """Check that ``text`` is the object id of a person or group in Entra ID."""
    return _directory_id_findings(text, "an object id", path)


def application_id_findings(text: str, *, path: str) -> list[Finding]:
    """Check that ``text`` is the id of an application in Entra ID, and not its name."""
    return _directory_id_findings(text, "an application id", path)


def _directory_id_findings(text: str, what: str, path: str) -> list[Finding]:
    if re.fullmatch(_UUID, text, re.IGNORECASE):
        return []
    return [
        Finding(
            path,
            f"'{text}' is not {what}; give the one of 32 hexadecimal digits that "
            "Microsoft Entra ID shows, like 00000000-0000-0000-0000-000000000000",
        )
    ]


def id_form(resource_type: str, name: str = "NAME") -> str:
    """Return the form of the ids of ``resource_type``, for messages.

    ``name``: the last name in it, where it is known.
    """
    namespace, *kinds = resource_type.split("/")
    names = ["NAME"] * (len(kinds) - 1) + [name]
    path = "".join(f"/{kind}/{item}" for kind, item in zip(kinds, names, strict=True))
    return (
        f"/subscriptions/.../resourceGroups/.../providers/{namespace}"
        f"{path.replace('NAME', '...')}"
    )
