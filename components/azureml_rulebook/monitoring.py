"""What Azure Monitor demands of a workspace's monitoring: retention, access, clouds."""

from azureml_rulebook.clouds import CLOUDS, PUBLIC, cloud
from azureml_rulebook.dns_zones import zone_row
from azureml_rulebook.findings import Finding

_LEARN = "https://learn.microsoft.com/azure"

RETENTION_PAGE = f"{_LEARN}/azure-monitor/logs/data-retention-configure"
SHORTEST_RETENTION, LONGEST_RETENTION = 30, 730
"""Days that Log Analytics keeps logs for queries (``RETENTION_PAGE``)."""

LOCAL_AUTHENTICATION_CLOUDS: tuple[str, ...] = (PUBLIC,)
"""Clouds in which Application Insights takes data with Entra ID alone
(https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication)."""

_AUTHENTICATION_PAGE = f"{_LEARN}/azure-monitor/app/azure-ad-authentication"
_SCOPE_GROUP = "azuremonitor"


def local_authentication_findings(cloud_name: str, *, path: str) -> list[Finding]:
    """Check that Application Insights can do without keys in this cloud."""
    if cloud_name in LOCAL_AUTHENTICATION_CLOUDS:
        return []
    return [
        Finding(
            path,
            f"cannot be used in {cloud(cloud_name).title}: Application Insights takes "
            "data with Entra ID alone in the public cloud only; leave it out "
            f"({_AUTHENTICATION_PAGE})",
        )
    ]


def private_link_findings(cloud_name: str, *, path: str) -> list[Finding]:
    """Check that Azure Monitor is reached privately in this cloud."""
    row = zone_row(_SCOPE_GROUP)
    if cloud_name in row.zones:
        return []
    offered = [name for name in CLOUDS if name in row.zones]
    return [
        Finding(
            path,
            f"cannot be used in {cloud(cloud_name).title}: Azure Monitor has no "
            "published private DNS zones there; leave it out and set public_access, or "
            f"use cloud {' or '.join(offered)} ({row.page})",
        )
    ]
