"""What Azure itself would fill in: artificial values, stable for a resource's life.

Only values that programs use are here: addresses, endpoints, GUIDs. Everything else
that Azure would add to an answer is left out of it.
"""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator import network_values
from emulator.clouds import Cloud, cloud_named
from emulator.private_addresses import PRIVATE_ADDRESSES, given_address
from emulator.resource_paths import last_name
from emulator.store import Store

SUCCEEDED = "Succeeded"


@dataclass(frozen=True)
class Identity:
    """The artificial account that everything is done as, and its cloud."""

    subscription_id: str = "00000000-0000-4000-8000-000000000001"
    tenant_id: str = "00000000-0000-4000-8000-000000000002"
    client_id: str = "00000000-0000-4000-8000-000000000003"
    object_id: str = "00000000-0000-4000-8000-000000000004"
    cloud: Cloud = field(default_factory=lambda: cloud_named(None))


@dataclass(frozen=True)
class Subject:
    """The resource that an answer is made for.

    `inputs` are the inputs of the write, `identity` its random text in the store.
    """

    id: str
    token: str
    identity: str
    inputs: Mapping[str, Any]
    account: Identity
    store: Store

    @property
    def name(self) -> str:
        """The last segment of the id."""
        return last_name(self.id)

    @property
    def location(self) -> str:
        """The region, as it stands in host names."""
        return normalised_location(str(self.inputs.get("location") or "westeurope"))

    def guid(self, *about: str) -> str:
        """A GUID that stays the same as long as the resource lives."""
        return self.store.made_up_guid(self.identity, *about)

    def input(self, path: str) -> Any:
        """An input by its dotted path, or None."""
        value: Any = self.inputs
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value


def normalised_location(location: str) -> str:
    """`West Europe` to `westeurope`, as Azure answers it."""
    return location.replace(" ", "").lower()


def made_up_value(subject: Subject, path: str, siblings: Mapping[str, Any]) -> Any:
    """Azure's own value for a top-level or nested response property, or None.

    `path` is dotted, without positions; `siblings` are the inputs beside the property.
    """
    if (subject.token, path) in PRIVATE_ADDRESSES:
        return given_address(subject.store, subject.id, path, siblings)
    nested = _BESIDE_INPUTS.get((subject.token, path))
    if nested is not None:
        return nested(subject, siblings)
    maker = _BY_TYPE.get((subject.token, path)) or _EVERYWHERE.get(path)
    return maker(subject) if maker else None


def _identity_guid(name: str) -> Callable[[Subject], str | None]:
    def make(subject: Subject) -> str | None:
        if "systemassigned" not in str(subject.input("identity.type")).lower():
            return None
        if name == "tenantId":
            return subject.account.tenant_id
        return subject.guid("identity", name)

    return make


def _guid(about: str) -> Callable[[Subject], str]:
    return lambda subject: subject.guid(about)


def _text(template: str) -> Callable[[Subject], str]:
    """Fill name, parent, location, guid, hex and the cloud's hosts into a template."""

    def make(subject: Subject) -> str:
        return template.format(
            name=subject.name.lower(),
            location=subject.location,
            guid=subject.guid(template),
            hex=subject.guid(template).replace("-", ""),
            parent=last_name(subject.id.rsplit("/", 2)[0]).lower(),
            cloud=subject.account.cloud,
        )

    return make


def _storage_endpoints(subject: Subject) -> dict[str, str]:
    services = ("blob", "dfs", "file", "queue", "table")
    domain = subject.account.cloud.storage
    hosts = {s: f"https://{subject.name}.{s}.{domain}/" for s in services}
    return {**hosts, "web": f"https://{subject.name}.z6.web.{domain}/"}


def _public_address(subject: Subject) -> str | None:
    """An address from the ranges reserved for documentation (RFC 5737)."""
    allocation = str(subject.inputs.get("publicIPAllocationMethod") or "Dynamic")
    if allocation.lower() != "static":
        return None
    if str(subject.inputs.get("publicIPAddressVersion")).lower() == "ipv6":
        start = int(ipaddress.ip_address("2001:db8::"))
        chosen = int.from_bytes(subject.store.made_up_key(subject.identity, size=8))
        return str(ipaddress.ip_address(start + chosen))
    ranges = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24")
    hosts = [h for r in ranges for h in ipaddress.ip_network(r).hosts()]
    used = {
        r.body.get("ipAddress")
        for r in subject.store.of_type("network:PublicIPAddress")
    }
    first = int.from_bytes(subject.store.made_up_key(subject.identity, size=2))
    for offset in range(len(hosts)):
        candidate = str(hosts[(first + offset) % len(hosts)])
        if candidate not in used:
            return candidate
    return str(hosts[first % len(hosts)])


def _public_prefix(subject: Subject) -> str:
    return f"203.0.113.0/{subject.inputs.get('prefixLength') or 28}"


def _endpoint_interfaces(subject: Subject) -> list[dict[str, str]]:
    group = subject.id.rsplit("/providers/", 1)[0]
    name = f"{subject.name}.nic.{subject.guid('interface')}"
    return [{"id": f"{group}/providers/Microsoft.Network/networkInterfaces/{name}"}]


def _insights_connection(subject: Subject) -> str:
    return (
        f"InstrumentationKey={subject.guid('instrumentationKey')};"
        f"IngestionEndpoint=https://{subject.location}-1."
        f"{subject.account.cloud.insights}/;"
        f"ApplicationId={subject.guid('appId')}"
    )


def _tracking_uri(subject: Subject) -> str:
    host = f"{subject.location}.{subject.account.cloud.machine_learning}"
    return f"azureml://{host}/mlflow/v1.0{subject.id}"


def _record_host(subject: Subject) -> str:
    zone = subject.id.split("/privateDnsZones/", 1)[1].split("/")[0]
    return f"{zone}." if subject.name == "@" else f"{subject.name}.{zone}."


def _scope(subject: Subject) -> str:
    return "/" + str(subject.inputs.get("scope") or "").strip("/")


def _tenant(subject: Subject) -> str:
    return subject.account.tenant_id


def _always(value: Any) -> Callable[[Subject], Any]:
    return lambda subject: value


_Maker = Callable[[Subject], Any]

_EVERYWHERE: dict[str, _Maker] = {
    "provisioningState": _always(SUCCEEDED),
    "properties.provisioningState": _always(SUCCEEDED),
    "identity.principalId": _identity_guid("principalId"),
    "identity.tenantId": _identity_guid("tenantId"),
    "resourceGuid": _guid("resourceGuid"),
}

_VAULT = "https://{parent}.{cloud.vault}"
_GATEWAY = "network:VirtualNetworkGateway"
_ENDPOINT = "network:PrivateEndpoint"
_BY_TYPE: dict[tuple[str, str], _Maker] = {
    ("applicationinsights:Component", "appId"): _guid("appId"),
    ("applicationinsights:Component", "applicationId"): lambda s: s.name,
    ("applicationinsights:Component", "connectionString"): _insights_connection,
    ("applicationinsights:Component", "instrumentationKey"): _guid(
        "instrumentationKey"
    ),
    ("applicationinsights:Component", "tenantId"): _tenant,
    ("authorization:RoleAssignment", "scope"): _scope,
    ("compute:VirtualMachine", "vmId"): _guid("vmId"),
    ("containerregistry:Registry", "loginServer"): _text("{name}.{cloud.registry}"),
    ("dnsresolver:DnsResolver", "dnsResolverState"): _always("Connected"),
    ("keyvault:Key", "keyUri"): _text(_VAULT + "/keys/{name}"),
    ("keyvault:Key", "keyUriWithVersion"): _text(_VAULT + "/keys/{name}/{hex}"),
    ("keyvault:Secret", "properties.secretUri"): _text(_VAULT + "/secrets/{name}"),
    ("keyvault:Secret", "properties.secretUriWithVersion"): _text(
        _VAULT + "/secrets/{name}/{hex}"
    ),
    ("keyvault:Vault", "properties.vaultUri"): _text("https://{name}.{cloud.vault}/"),
    ("machinelearningservices:OnlineEndpoint", "properties.scoringUri"): _text(
        "https://{name}.{location}.{cloud.inference}/score"
    ),
    ("machinelearningservices:OnlineEndpoint", "properties.swaggerUri"): _text(
        "https://{name}.{location}.{cloud.inference}/swagger.json"
    ),
    ("machinelearningservices:Registry", "discoveryUrl"): _text(
        "https://{location}.{cloud.machine_learning}/registrymanagement/v1.0/registries/{name}/discovery"
    ),
    ("machinelearningservices:Workspace", "discoveryUrl"): _text(
        "https://{location}.{cloud.machine_learning}/discovery"
    ),
    ("machinelearningservices:Workspace", "mlFlowTrackingUri"): _tracking_uri,
    ("machinelearningservices:Workspace", "tenantId"): _tenant,
    ("machinelearningservices:Workspace", "workspaceId"): _guid("workspaceId"),
    ("managedidentity:UserAssignedIdentity", "clientId"): _guid("clientId"),
    ("managedidentity:UserAssignedIdentity", "principalId"): _guid("principalId"),
    ("managedidentity:UserAssignedIdentity", "tenantId"): _tenant,
    ("monitor:DataCollectionEndpoint", "immutableId"): _text("dce-{hex}"),
    ("monitor:DataCollectionRule", "immutableId"): _text("dcr-{hex}"),
    ("network:BastionHost", "dnsName"): _text("bst-{guid}.{cloud.bastion}"),
    ("network:ExpressRouteCircuit", "serviceKey"): _guid("serviceKey"),
    ("network:ExpressRouteCircuit", "serviceProviderProvisioningState"): lambda s: (
        network_values.provider_state(s.store, s.id, s.inputs)
    ),
    ("network:ExpressRouteCircuitAuthorization", "authorizationKey"): _guid(
        "authorizationKey"
    ),
    ("network:ExpressRouteCircuitAuthorization", "authorizationUseStatus"): _always(
        "Available"
    ),
    ("network:ExpressRouteCircuit", "circuitProvisioningState"): _always("Enabled"),
    ("network:PrivateEndpoint", "networkInterfaces"): _endpoint_interfaces,
    ("network:PrivateLinkService", "alias"): _text(
        "{name}.{guid}.{location}.azure.privatelinkservice"
    ),
    ("network:PublicIPAddress", "ipAddress"): _public_address,
    ("network:PublicIPPrefix", "ipPrefix"): _public_prefix,
    (_GATEWAY, "bgpSettings"): lambda s: network_values.bgp_settings(
        s.store, s.id, s.inputs
    ),
    (_GATEWAY, "bgpSettings.asn"): _always(65515),
    (_GATEWAY, "bgpSettings.bgpPeeringAddress"): lambda s: (
        network_values.peering_address(s.store, s.id, s.inputs)
    ),
    (_GATEWAY, "bgpSettings.bgpPeeringAddresses"): lambda s: (
        network_values.peering_addresses(s.store, s.id, s.inputs)
    ),
    (_GATEWAY, "bgpSettings.peerWeight"): _always(0),
    ("network:VirtualNetworkGatewayConnection", "connectionStatus"): _always("Unknown"),
    ("operationalinsights:Workspace", "customerId"): _guid("customerId"),
    ("privatedns:PrivateRecordSet", "fqdn"): _record_host,
    ("privatedns:PrivateRecordSet", "isAutoRegistered"): _always(False),
    ("privatedns:PrivateZone", "maxNumberOfRecordSets"): _always(25_000),
    ("privatedns:PrivateZone", "numberOfRecordSets"): _always(1),
    ("privatedns:VirtualNetworkLink", "virtualNetworkLinkState"): _always("Completed"),
    ("storage:StorageAccount", "primaryEndpoints"): _storage_endpoints,
    ("storage:StorageAccount", "primaryLocation"): lambda s: s.location,
    ("storage:StorageAccount", "statusOfPrimary"): _always("available"),
}


def _connection_state(*, manual: bool) -> "_NestedMaker":
    return lambda subject, connection: network_values.connection_state(
        subject.store, subject.id, connection, manual=manual
    )


_NestedMaker = Callable[[Subject, Mapping[str, Any]], Any]
# What depends on the inputs beside it, in an element of a list.
_BESIDE_INPUTS: dict[tuple[str, str], _NestedMaker] = {
    (
        _ENDPOINT,
        "privateLinkServiceConnections.privateLinkServiceConnectionState",
    ): _connection_state(manual=False),
    (
        _ENDPOINT,
        "manualPrivateLinkServiceConnections.privateLinkServiceConnectionState",
    ): _connection_state(manual=True),
    (_GATEWAY, "bgpSettings.bgpPeeringAddresses.defaultBgpIpAddresses"): (
        lambda s, entry: network_values.default_bgp_addresses(
            s.store, s.id, s.inputs, entry
        )
    ),
    (_GATEWAY, "bgpSettings.bgpPeeringAddresses.tunnelIpAddresses"): (
        lambda s, entry: network_values.tunnel_addresses(s.store, s.inputs, entry)
    ),
}


def made_up_places() -> list[tuple[str, str]]:
    """Every (type, path) that is filled in for one type in particular."""
    return sorted({*_BY_TYPE, *_BESIDE_INPUTS, *PRIVATE_ADDRESSES})
