"""What Azure demands of the flow logs of a network."""

from dataclasses import dataclass

from azureml_rulebook.findings import Finding, joined

FLOW_LOGS_PAGE = (
    "https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview"
)
TRAFFIC_ANALYTICS_PAGE = (
    "https://learn.microsoft.com/azure/network-watcher/traffic-analytics"
)
WATCHER_PAGE = (
    "https://learn.microsoft.com/azure/network-watcher/network-watcher-create"
)

FORMAT_VERSION = 2
"""The format with bytes and packets (``FLOW_LOGS_PAGE``)."""

LONGEST_RETENTION = 365
"""Days that Azure keeps records for at most (``FLOW_LOGS_PAGE``)."""

ANALYTICS_MINUTES: tuple[int, ...] = (10, 60)
"""Minutes between two runs of traffic analytics (``TRAFFIC_ANALYTICS_PAGE``)."""

WATCHER_RESOURCE_GROUP = "NetworkWatcherRG"
"""Where Azure makes the network watcher of each region (``WATCHER_PAGE``)."""


def watcher_name(region: str) -> str:
    """Return the name that Azure gives a region's watcher (``WATCHER_PAGE``)."""
    return f"NetworkWatcher_{region}"


@dataclass(frozen=True, kw_only=True)
class FlowLogTimes:
    """How long records are kept, and how often they are analysed."""

    retention_days: int
    analytics_minutes: int

    def findings(self, path: str) -> list[Finding]:
        """Check both; ``path`` is that of the flow logs."""
        findings: list[Finding] = []
        if not 1 <= self.retention_days <= LONGEST_RETENTION:
            findings.append(
                Finding(
                    joined(path, "retention_days"),
                    f"{self.retention_days} is not allowed; use 1 to "
                    f"{LONGEST_RETENTION} days ({FLOW_LOGS_PAGE})",
                )
            )
        if self.analytics_minutes not in ANALYTICS_MINUTES:
            allowed = " or ".join(str(minutes) for minutes in ANALYTICS_MINUTES)
            findings.append(
                Finding(
                    joined(path, "analytics_minutes"),
                    f"{self.analytics_minutes} is not allowed; use {allowed} "
                    f"({TRAFFIC_ANALYTICS_PAGE})",
                )
            )
        return findings
