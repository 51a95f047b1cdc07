"""What a compute cluster in the customer's own subnet must be like.

Pure checks that the component makes before it creates a cluster and a policy can make
on the plan.
"""

import re
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import length_for, usable_addresses
from azureml_rulebook.findings import Finding

IMAGE_BUILD_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet"
    "#enable-azure-container-registry-acr"
)
SUBNET_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet"
)


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


def capacity_findings(
    maximum_nodes: int, subnet: IPv4Network, *, path: str = "maximum_nodes"
) -> list[Finding]:
    """Check that a subnet has an address for every node of a cluster."""
    usable = usable_addresses(subnet)
    if maximum_nodes <= usable:
        return []
    return [
        Finding(
            path,
            f"{maximum_nodes} nodes need {maximum_nodes} addresses and '{subnet}' has "
            f"{usable} usable ones; use at most {usable} nodes or a subnet of "
            f"/{length_for(maximum_nodes)} or larger ({SUBNET_PAGE})",
        )
    ]


def machine_size_findings(vm_size: str, *, path: str = "vm_size") -> list[Finding]:
    """Check that a cluster of this size can build images: the service takes CPU sizes.

    Azure's GPU sizes are the N families: ``Standard_NC…``, ``Standard_ND…`` and so on.
    """
    if re.fullmatch(r"Standard_\w+", vm_size, re.IGNORECASE) is None:
        return [
            Finding(
                path,
                f"'{vm_size}' is not a machine size; write one like 'Standard_DS3_v2'",
            )
        ]
    if vm_size.lower().startswith("standard_n"):
        return [
            Finding(
                path,
                f"'{vm_size}' is a GPU size and this cluster also builds images, which "
                f"needs a CPU size such as 'Standard_DS3_v2' ({IMAGE_BUILD_PAGE})",
            )
        ]
    return []
