"""What one network interface takes: how many application security groups it joins."""

from azureml_rulebook.findings import Finding

_LIMITS_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/"
    "azure-subscription-service-limits#azure-networking-limits"
)
MOST_SECURITY_GROUPS = 20
"""Application security groups of one network interface (``_LIMITS_PAGE``)."""


def security_group_findings(count: int, *, path: str) -> list[Finding]:
    """Check how many application security groups an interface joins."""
    if count <= MOST_SECURITY_GROUPS:
        return []
    return [
        Finding(
            path,
            f"are {count}; an interface joins at most {MOST_SECURITY_GROUPS}, leave "
            f"out {count - MOST_SECURITY_GROUPS} ({_LIMITS_PAGE})",
        )
    ]
