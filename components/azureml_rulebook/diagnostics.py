"""What each kind of resource can tell a diagnostic setting: its logs and its metrics.

Azure refuses a setting that names a category which the resource does not have, and one
that names none; so a kind without a row, or without any, gets no setting.
"""

from dataclasses import dataclass

_MONITOR = "https://learn.microsoft.com/azure/azure-monitor"
_LOGS = f"{_MONITOR}/reference/supported-logs/microsoft-network-"
_METRICS = f"{_MONITOR}/reference/supported-metrics/microsoft-network-"

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
FIREWALL = "azure-native:network:AzureFirewall"


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
    )
}
"""By type token; a type that is not here gets no diagnostic setting."""
