"""Answers of Azure that lack what is looked for are said to be unread."""

from typing import Any

import pulumi
import pytest

from azureml_network._place import Place
from azureml_network._private_workspace.existing import check_existing_services
from azureml_network._private_workspace.plan import NewWorkspacePlan, plan_workspace

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/platform/providers"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv-team"
REGISTRY = f"{GROUP}/Microsoft.ContainerRegistry/registries/crteam"


class OnlyTheRegion(pulumi.runtime.Mocks):
    """Azure tells where a service is and nothing else."""

    def new_resource(
        self, args: pulumi.runtime.MockResourceArgs
    ) -> tuple[str, dict[str, Any]]:
        raise AssertionError(f"nothing is made: {args.name}")

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return {"location": "westeurope"}


@pytest.mark.parametrize(
    ("word", "existing_id", "missing"),
    [("key_vault", VAULT, "properties"), ("registry", REGISTRY, "sku")],
)
def test_what_azure_leaves_out_is_not_taken_for_right(
    word: str, existing_id: str, missing: str, workspace_args: Any
) -> None:
    """A warning says that the service was not looked at; nothing breaks."""
    pulumi.runtime.set_mocks(OnlyTheRegion())
    args = workspace_args(**{word: {"existing_id": existing_id}})
    workspace = plan_workspace("it", args).workspace
    assert isinstance(workspace, NewWorkspacePlan)
    assert workspace.services is not None
    place = Place(cloud_name="public", region="westeurope")
    (warning,) = check_existing_services(workspace.services, place, SUBSCRIPTION)
    assert warning == (
        f"{word}.existing_id: '{existing_id}' was not looked at (Azure's answer has no "
        f"{missing}); see that it is in 'westeurope' and fit for a workspace"
    )
