"""What the compute of a workspace must be like: sizes, numbers, times and places.

Pure checks that the component makes before it creates anything and a policy can make
on the plan.
"""

import re
from collections.abc import Iterable

from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import SUBNET, read_resource_id

_PAGES = "https://learn.microsoft.com/azure/machine-learning"
IMAGE_BUILD_PAGE = (
    f"{_PAGES}/how-to-secure-workspace-vnet#enable-azure-container-registry-acr"
)
SUBNET_PAGE = f"{_PAGES}/how-to-secure-training-vnet"
KINDS_PAGE = f"{_PAGES}/concept-hub-workspace#supported-capabilities-by-workspace-kind"
ONLINE_ENDPOINT_PAGE = f"{_PAGES}/concept-secure-online-endpoint"

KINDS_WITH_CLUSTERS = ("Default",)
"""Kinds of workspaces that have compute clusters and can use a customer's network; the
others share the managed network of a hub (KINDS_PAGE)."""

SHORTEST_IDLE_MINUTES, LONGEST_IDLE_MINUTES = 15, 3 * 24 * 60
"""How long an instance may be without use before it is stopped
(https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance
#configure-idle-shutdown)."""

_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})S)?)?",
    re.ASCII,
)
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def node_count_findings(
    minimum_nodes: int, maximum_nodes: int, *, path: str = ""
) -> list[Finding]:
    """Check that a cluster's node counts are possible."""
    prefix = f"{path}." if path else ""
    findings: list[Finding] = []
    if minimum_nodes < 0:
        findings.append(
            Finding(
                f"{prefix}minimum_nodes", f"{minimum_nodes} is negative; use 0 or more"
            )
        )
    if maximum_nodes < 1:
        findings.append(
            Finding(
                f"{prefix}maximum_nodes", f"{maximum_nodes} is below 1; use 1 or more"
            )
        )
    elif minimum_nodes > maximum_nodes:
        findings.append(
            Finding(
                f"{prefix}minimum_nodes",
                f"{minimum_nodes} is more than maximum_nodes ({maximum_nodes}); "
                "lower it or raise the maximum",
            )
        )
    return findings


def training_subnet_findings(
    subnet_id: object, subscription_id: object, *, path: str
) -> list[Finding]:
    """Check that compute can live in a subnet: in the workspace's subscription
    (SUBNET_PAGE).

    What is not a plain id is not looked at.
    """
    found = read_resource_id(subnet_id, SUBNET, path)
    if isinstance(found, Finding) or not isinstance(subscription_id, str):
        return []
    if found.subscription_id.lower() == subscription_id.lower():
        return []
    return [
        Finding(
            path,
            f"is in subscription '{found.subscription_id}', and compute takes subnets "
            f"of the workspace's own only; give a subnet of '{subscription_id}' "
            f"({SUBNET_PAGE})",
        )
    ]


def machine_size_findings(
    vm_size: str, *, builds_images: bool = True, path: str = "vm_size"
) -> list[Finding]:
    """Check a machine size; that of a cluster that builds images must be a CPU size.

    Azure's GPU sizes are the N families: ``Standard_NC…``, ``Standard_ND…`` and so on.
    """
    if re.fullmatch(r"Standard_\w+", vm_size, re.IGNORECASE) is None:
        return [
            Finding(
                path,
                f"'{vm_size}' is not a machine size; write one like 'Standard_DS3_v2'",
            )
        ]
    if builds_images and vm_size.lower().startswith("standard_n"):
        return [
            Finding(
                path,
                f"'{vm_size}' is a GPU size and this cluster also builds images, which "
                f"needs a CPU size such as 'Standard_DS3_v2'; put GPU nodes into one "
                f"of `clusters` ({IMAGE_BUILD_PAGE})",
            )
        ]
    return []


def idle_shutdown_findings(minutes: int, *, path: str) -> list[Finding]:
    """Check after how many minutes without use an instance is stopped."""
    if SHORTEST_IDLE_MINUTES <= minutes <= LONGEST_IDLE_MINUTES:
        return []
    return [
        Finding(
            path,
            f"{minutes} is not allowed; use {SHORTEST_IDLE_MINUTES} minutes to "
            f"{LONGEST_IDLE_MINUTES} (three days)",
        )
    ]


def shared_name_findings(paths: Iterable[tuple[str, str]]) -> list[Finding]:
    """Check that names differ: all compute of a workspace shares one space of names.

    ``paths``: each name with its path. Azure compares them without regard to case.
    """
    first: dict[str, str] = {}
    findings: list[Finding] = []
    for name, path in paths:
        other = first.setdefault(name.lower(), path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"the name '{name}' is that of {other} too; compute of one "
                    "workspace has different names, rename one",
                )
            )
    return findings


def kubernetes_namespace_findings(namespace: str, *, path: str) -> list[Finding]:
    """Check the name of a Kubernetes namespace
    (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/)."""
    if _NAMESPACE.fullmatch(namespace):
        return []
    return [
        Finding(
            path,
            f"'{namespace}' is not the name of a namespace; use at most 63 lower-case "
            "letters, digits and hyphens, with a letter or digit at both ends",
        )
    ]


def duration(minutes: int) -> str:
    """Return a time as Azure takes it: ISO 8601, such as ``PT60M``."""
    return f"PT{minutes}M"


def minutes_of(text: str) -> float | None:
    """Return the minutes of an ISO 8601 duration; None for what is none.

    Of years, months and weeks there are none: Azure takes three days at most.
    """
    match = _DURATION.fullmatch(text.strip().upper())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (days * 24 + hours) * 60 + minutes + seconds / 60
