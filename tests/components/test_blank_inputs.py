"""A blank text says as much as an input that was left out."""

from collections.abc import Callable
from typing import Any

import pytest

from azureml_network import PrivateWorkspace
from azureml_network._private_workspace.plan import NewWorkspacePlan, plan_workspace

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
GROUP = f"{SUBSCRIPTION}/resourceGroups/shared/providers"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/keys"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/keys"
KEY: dict[str, Any] = {
    "key_vault_id": VAULT,
    "key_uri": f"https://keys.vault.azure.net/keys/ml/{'0' * 32}",
    "identity_id": IDENTITY,
    "identity_client_id": "33333333-3333-4333-8333-333333333333",
}


def key_without(word: str, blank: str) -> dict[str, Any]:
    """A key of one's own with one input blank."""
    return {**KEY, word: blank}


REQUIRED: dict[str, Callable[[str], dict[str, Any]]] = {
    **{
        f"customer_managed_key.{word}": lambda blank, word=word: {
            "customer_managed_key": key_without(word, blank)
        }
        for word in ("identity_id", "key_uri", "key_vault_id")
    },
    **{
        f"{service}.customer_managed_key.{word}": (
            lambda blank, service=service, word=word: {
                service: {"customer_managed_key": key_without(word, blank)}
            }
        )
        for service in ("storage", "registry")
        for word in ("identity_id", "key_uri", "key_vault_id")
    },
    "registry.customer_managed_key.identity_client_id": lambda blank: {
        "registry": {"customer_managed_key": key_without("identity_client_id", blank)}
    },
    "kubernetes.aks.cluster_id": lambda blank: {
        "kubernetes": {"aks": {"cluster_id": blank}}
    },
    "instances.ada.user_object_id": lambda blank: {
        "instances": {"ada": {"user_object_id": blank}}
    },
    "client_networks.office.subnet_id": lambda blank: {
        "client_networks": {"office": {"location": "westeurope", "subnet_id": blank}},
        "zone_groups_by": "policy",
        "private_dns_zone_ids": None,
    },
    "identity.principal_id": lambda blank: {
        "identity": {"existing_id": IDENTITY, "principal_id": blank}
    },
    "training_subnet_id": lambda blank: {"training_subnet_id": blank},
    "endpoints_subnet_id": lambda blank: {"endpoints_subnet_id": blank},
    "tenant_id": lambda blank: {"tenant_id": blank},
    "subscription_id": lambda blank: {"subscription_id": blank},
}


@pytest.mark.parametrize("path", REQUIRED)
@pytest.mark.parametrize("blank", ["", " "])
def test_what_is_required_and_blank_is_not_set(
    path: str, blank: str, workspace_args: Callable[..., Any]
) -> None:
    """One finding at the input, as if it were not there."""
    (finding,) = PrivateWorkspace.check("lab", workspace_args(**REQUIRED[path](blank)))
    assert finding.path == path
    assert finding.message.startswith("is required ")


@pytest.mark.parametrize("blank", ["", " "])
def test_a_project_needs_a_hub_that_is_not_blank(
    blank: str, workspace_args: Callable[..., Any]
) -> None:
    """The project's own network is not asked for either."""
    args = workspace_args(
        kind="Project",
        hub_id=blank,
        endpoints_subnet_id=None,
        training_subnet_id=None,
        private_dns_zone_ids=None,
    )
    (finding,) = PrivateWorkspace.check("lab", args)
    assert str(finding).startswith("hub_id: is required and not set")


OPTIONAL: dict[str, Callable[[str], dict[str, Any]]] = {
    "existing_workspace_id": lambda blank: {"existing_workspace_id": blank},
    "hub_id": lambda blank: {"hub_id": blank},
    "monitoring": lambda blank: {
        "monitoring": {
            "private_link_scope_id": blank,
            "log_analytics_workspace_id": blank,
        }
    },
    "identity": lambda blank: {"identity": {"existing_id": blank}},
    **{
        service: lambda blank, service=service: {service: {"existing_id": blank}}
        for service in ("storage", "key_vault", "registry")
    },
}


@pytest.mark.parametrize("key", OPTIONAL)
@pytest.mark.parametrize("blank", ["", " "])
def test_what_is_optional_and_blank_is_left_out(
    key: str, blank: str, workspace_args: Callable[..., Any]
) -> None:
    """The same workspace is planned as without the input."""
    workspace = plan_workspace("it", workspace_args(**OPTIONAL[key](blank))).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    assert workspace == plan_workspace("it", workspace_args()).workspace
