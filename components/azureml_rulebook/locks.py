"""What a management lock breaks, since Azure works behind the scenes too.

A lock stops everyone, the services that make and delete things in the network's name
included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.subnets import INFERENCE, TRAINING

LOCKS_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources"
)
_TRAINING_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-training-vnet"
)
_MANAGED_NETWORK_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network"
)
_INFERENCE_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-inferencing-vnet"
)


@dataclass(frozen=True, kw_only=True)
class ScalingRow:
    """A purpose whose machines come and go by themselves."""

    purpose: str
    reason: str
    page: str


SCALING_PURPOSES: dict[str, ScalingRow] = {
    row.purpose: row
    for row in (
        ScalingRow(
            purpose=TRAINING,
            reason="the nodes of a cluster join its subnet whenever it grows",
            page=_TRAINING_PAGE,
        ),
        ScalingRow(
            purpose=INFERENCE,
            reason="machines and Kubernetes nodes join its subnet whenever they scale",
            page=_INFERENCE_PAGE,
        ),
    )
}
"""Joining a subnet is an action on it, which a ReadOnly lock stops (``LOCKS_PAGE``)."""


def lock_findings(
    *,
    read_only: bool,
    public_addresses: bool,
    joined_subnets: Mapping[str, str],
    path: str,
) -> list[Finding]:
    """Check that a lock on a network leaves what will live in it able to work.

    ``public_addresses``: whether compute with public addresses will live in it.
    ``joined_subnets``: the purposes of the subnets that machines will join, by the
    subnets' paths.
    """
    if public_addresses:
        return [
            Finding(
                path,
                "cannot be used with compute that has public addresses: Azure Machine "
                "Learning makes and deletes groups, load balancers and addresses "
                "beside the network, and a lock stops the deletion of compute; leave "
                f"it out, or use compute without public addresses ({_TRAINING_PAGE})",
            )
        ]
    if not read_only:
        return []
    return [
        Finding(
            path,
            f"'ReadOnly' cannot be used with {subnet}: {row.reason}, which such a "
            f"lock stops; use 'CanNotDelete' ({row.page} {LOCKS_PAGE})",
        )
        for subnet, purpose in joined_subnets.items()
        if (row := SCALING_PURPOSES.get(purpose))
    ]


def service_lock_findings(
    *, read_only: bool, managed_network: bool, path: str
) -> list[Finding]:
    """Check that a lock on a workspace's services leaves the workspace able to work.

    ``managed_network``: whether compute lives in a network that the workspace manages.
    """
    if not (read_only and managed_network):
        return []
    return [
        Finding(
            path,
            "'ReadOnly' cannot be used with managed_network: its private endpoints are "
            "connected to the services when the first compute is made, which such a "
            f"lock stops; use 'CanNotDelete' ({_MANAGED_NETWORK_PAGE} {LOCKS_PAGE})",
        )
    ]


def machine_lock_findings(
    *, read_only: bool, shutdowns: Iterable[str], path: str
) -> list[Finding]:
    """Check that a lock on machines leaves what is planned for them able to work.

    ``shutdowns``: the paths of times at which machines are switched off.
    """
    if not read_only:
        return []
    return [
        Finding(
            path,
            f"'ReadOnly' cannot be used with {shutdown}: such a lock lets no machine "
            f"be started or stopped; use 'CanNotDelete' ({LOCKS_PAGE})",
        )
        for shutdown in shutdowns
    ]


def gateway_lock_warnings(*, read_only: bool, path: str) -> tuple[str, ...]:
    """Say what a ReadOnly lock on gateways and circuits stops besides changes."""
    if not read_only:
        return ()
    return (
        f"{path}: 'ReadOnly' lets no connection, peering or NAT rule of a gateway or "
        "circuit be added or changed, and no package for VPN clients be made; set it "
        f"only once all of that is there ({LOCKS_PAGE})",
    )
