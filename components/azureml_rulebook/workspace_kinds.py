"""What each kind of workspace needs, and what it cannot have.

A hub has the services and the network that its projects share; compute of either never
lives in a network of the caller's. A project has neither services nor an endpoint of
its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from azureml_rulebook.findings import Finding

HUB_PAGE = "https://learn.microsoft.com/azure/machine-learning/concept-hub-workspace"

DEFAULT = "Default"
HUB = "Hub"
PROJECT = "Project"

_NO_OWN_SUBNET = "its compute does not live in networks of yours"
_OF_THE_HUB = "it has the hub's"
_HUB_ENDPOINT = "it is reached by the hub's private endpoint"
_HUB_DECIDES = "the hub decides for its projects"


@dataclass(frozen=True, kw_only=True)
class WorkspaceKindRow:
    """One kind of workspace."""

    name: str
    """As Azure spells it."""
    required: Mapping[str, str] = field(default_factory=dict[str, str])
    """Inputs that it cannot do without, and what to give."""
    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    """Inputs that it cannot have, and why not."""
    page: str = HUB_PAGE


WORKSPACE_KINDS: dict[str, WorkspaceKindRow] = {
    row.name: row
    for row in (
        WorkspaceKindRow(
            name=DEFAULT,
            refused={"hub_id": "it is in no hub, only a Project is"},
        ),
        WorkspaceKindRow(
            name=HUB,
            required={"managed_network": "its compute has no other closed network"},
            refused={
                "hub_id": "it is a hub itself",
                "training_subnet_id": _NO_OWN_SUBNET,
                "training_subnet_prefix": _NO_OWN_SUBNET,
            },
        ),
        WorkspaceKindRow(
            name=PROJECT,
            required={"hub_id": "give the resource id of its hub"},
            refused={
                "training_subnet_id": _NO_OWN_SUBNET,
                "training_subnet_prefix": _NO_OWN_SUBNET,
                **dict.fromkeys(
                    (
                        "storage",
                        "key_vault",
                        "registry",
                        "monitoring",
                        "service_endpoint_subnet_ids",
                    ),
                    _OF_THE_HUB,
                ),
                **dict.fromkeys(
                    (
                        "endpoints_subnet_id",
                        "endpoints_subnet_prefix",
                        "private_dns_zone_ids",
                        "zone_groups_by",
                        "client_networks",
                        "endpoint_addresses",
                        "endpoint_application_security_group_ids",
                    ),
                    _HUB_ENDPOINT,
                ),
                **dict.fromkeys(
                    (
                        "managed_network",
                        "public_access",
                        "high_business_impact",
                        "customer_managed_key",
                    ),
                    _HUB_DECIDES,
                ),
                "identity": "it acts as an identity that the service makes for it",
            },
        ),
    )
}


def kind_input_findings(kind: str, given: Mapping[str, bool]) -> list[Finding]:
    """Check that a workspace of that kind has what it needs, and nothing it cannot.

    ``given``: whether each input is there, by its name.
    """
    row = WORKSPACE_KINDS[kind]
    missing = [
        Finding(
            key,
            f"is required and not set; a workspace of kind {kind} needs it: {reason} "
            f"({row.page})",
        )
        for key, reason in row.required.items()
        if not given.get(key)
    ]
    return missing + [
        Finding(
            key,
            f"cannot be used with a workspace of kind {kind}: {reason}; leave it out "
            f"({row.page})",
        )
        for key, reason in row.refused.items()
        if given.get(key)
    ]
