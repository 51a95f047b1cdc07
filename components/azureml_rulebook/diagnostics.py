"""What each kind of resource can tell a diagnostic setting: its logs and its metrics.

Azure refuses a setting that names a category which the resource does not have, and one
that names none; so a kind without a row, or without any, gets no setting.
"""

from dataclasses import dataclass

_MONITOR = "https://learn.microsoft.com/azure/azure-monitor"
_ALL_LOGS = f"{_MONITOR}/reference/supported-logs/microsoft-"
_ALL_METRICS = f"{_MONITOR}/reference/supported-metrics/microsoft-"
_LOGS = f"{_ALL_LOGS}network-"
_METRICS = f"{_ALL_METRICS}network-"
_STORAGE = "storage-storageaccounts"

SETTINGS_PAGE = f"{_MONITOR}/platform/diagnostic-settings"

MOST_SETTINGS = 5
"""Diagnostic settings of one resource (``SETTINGS_PAGE``)."""

ALL_LOGS = "allLogs"
"""Category group of all logs that a resource has (``SETTINGS_PAGE``)."""

ALL_METRICS = "AllMetrics"
"""Category of all metrics that a resource has (``SETTINGS_PAGE``)."""

VIRTUAL_NETWORK = "azure-native:network:VirtualNetwork"
SECURITY_GROUP = "azure-native:network:NetworkSecurityGroup"
PUBLIC_ADDRESS = "azure-native:network:PublicIPAddress"
NAT_GATEWAY = "azure-native:network:NatGateway"
LOAD_BALANCER = "azure-native:network:LoadBalancer"
EXPRESS_ROUTE_CIRCUIT = "azure-native:network:ExpressRouteCircuit"
VIRTUAL_NETWORK_GATEWAY = "azure-native:network:VirtualNetworkGateway"
PRIVATE_LINK_SERVICE = "azure-native:network:PrivateLinkService"
FIREWALL = "azure-native:network:AzureFirewall"
BASTION = "azure-native:network:BastionHost"
NETWORK_INTERFACE = "azure-native:network:NetworkInterface"
MACHINE_LEARNING_WORKSPACE = "azure-native:machinelearningservices:Workspace"
STORAGE_ACCOUNT = "azure-native:storage:StorageAccount"
KEY_VAULT = "azure-native:keyvault:Vault"
CONTAINER_REGISTRY = "azure-native:containerregistry:Registry"
LOG_ANALYTICS_WORKSPACE = "azure-native:operationalinsights:Workspace"
APPLICATION_INSIGHTS = "azure-native:applicationinsights:Component"

STORAGE_SERVICES: dict[str, str] = {
    "blob": "azure-native:storage:BlobServiceProperties",
    "file": "azure-native:storage:FileServiceProperties",
    "queue": "azure-native:storage:QueueServiceProperties",
    "table": "azure-native:storage:TableServiceProperties",
}
"""Services of a storage account, each with logs and settings of its own, by group id;
dfs is another way to the blobs."""


@dataclass(frozen=True, kw_only=True)
class DiagnosticRow:
    """What one kind of resource offers."""

    resource_type: str
    """Its type token."""
    categories: tuple[str, ...] = ()
    """Log categories to take one by one."""
    all_logs: bool = False
    """Whether all logs are taken together, what Azure adds later included."""
    metrics: bool = False
    """Whether metrics can be sent on."""
    own_tables: bool = False
    """Whether each log goes to a table of its own in Log Analytics (Dedicated)."""
    page: str

    @property
    def offers_any(self) -> bool:
        """Whether there is anything that a setting can send."""
        return self.all_logs or self.metrics or bool(self.categories)


def _storage_service(group_id: str) -> DiagnosticRow:
    return DiagnosticRow(
        resource_type=STORAGE_SERVICES[group_id],
        all_logs=True,
        metrics=True,
        page=f"{_ALL_LOGS}{_STORAGE}-{group_id}services-logs",
    )


DIAGNOSTICS: dict[str, DiagnosticRow] = {
    row.resource_type: row
    for row in (
        DiagnosticRow(
            resource_type=VIRTUAL_NETWORK,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}virtualnetworks-logs",
        ),
        DiagnosticRow(
            resource_type=SECURITY_GROUP,
            all_logs=True,
            page=f"{_LOGS}networksecuritygroups-logs",
        ),
        DiagnosticRow(
            resource_type=PUBLIC_ADDRESS,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}publicipaddresses-logs",
        ),
        # Its metrics cannot be sent on, and flow logs come with SKU StandardV2 only.
        DiagnosticRow(resource_type=NAT_GATEWAY, page=f"{_METRICS}natgateways-metrics"),
        DiagnosticRow(
            resource_type=LOAD_BALANCER,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}loadbalancers-logs",
        ),
        DiagnosticRow(
            resource_type=EXPRESS_ROUTE_CIRCUIT,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}expressroutecircuits-logs",
        ),
        DiagnosticRow(
            resource_type=VIRTUAL_NETWORK_GATEWAY,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}virtualnetworkgateways-logs",
        ),
        DiagnosticRow(
            resource_type=PRIVATE_LINK_SERVICE,
            metrics=True,
            page=f"{_METRICS}privatelinkservices-metrics",
        ),
        # All logs together would write each event twice, into the older shared table
        # too; flow traces and policy analytics are costly and switched on apart.
        DiagnosticRow(
            resource_type=FIREWALL,
            categories=(
                "AZFWApplicationRule",
                "AZFWDnsQuery",
                "AZFWFqdnResolveFailure",
                "AZFWIdpsSignature",
                "AZFWNatRule",
                "AZFWNetworkRule",
                "AZFWThreatIntel",
            ),
            metrics=True,
            own_tables=True,
            page=f"{_LOGS}azurefirewalls-logs",
        ),
        DiagnosticRow(
            resource_type=BASTION,
            all_logs=True,
            metrics=True,
            page=f"{_LOGS}bastionhosts-logs",
        ),
        DiagnosticRow(
            resource_type=NETWORK_INTERFACE,
            metrics=True,
            page=f"{_METRICS}networkinterfaces-metrics",
        ),
        DiagnosticRow(
            resource_type=MACHINE_LEARNING_WORKSPACE,
            all_logs=True,
            metrics=True,
            page=f"{_ALL_LOGS}machinelearningservices-workspaces-logs",
        ),
        # The account has metrics only, each of its services has logs.
        DiagnosticRow(
            resource_type=STORAGE_ACCOUNT,
            metrics=True,
            page=f"{_ALL_METRICS}{_STORAGE}-metrics",
        ),
        *(_storage_service(group_id) for group_id in STORAGE_SERVICES),
        DiagnosticRow(
            resource_type=KEY_VAULT,
            all_logs=True,
            metrics=True,
            own_tables=True,
            page=f"{_ALL_LOGS}keyvault-vaults-logs",
        ),
        DiagnosticRow(
            resource_type=CONTAINER_REGISTRY,
            all_logs=True,
            metrics=True,
            page=f"{_ALL_LOGS}containerregistry-registries-logs",
        ),
        DiagnosticRow(
            resource_type=LOG_ANALYTICS_WORKSPACE,
            all_logs=True,
            metrics=True,
            page=f"{_ALL_LOGS}operationalinsights-workspaces-logs",
        ),
        # Its logs are in its Log Analytics workspace already, and would be there twice.
        DiagnosticRow(
            resource_type=APPLICATION_INSIGHTS,
            metrics=True,
            page=f"{_ALL_METRICS}insights-components-metrics",
        ),
    )
}
"""By type token; a type that is not here gets no diagnostic setting."""
