"""Rules for storage accounts.

The workspace keeps data, notebooks and logs in its account, so the account has to be
as closed as the workspace.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._access import ACCESS_MODE, closed_or_networks_only
from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    resource_rule,
)
from azureml_policies._plan import ACCOUNT


@resource_rule(
    id="ST001",
    name="storage-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ACCOUNT,),
    settings=ACCESS_MODE,
    controls=(Control("Microsoft cloud security benchmark v2", "NS-2"),),
    azure_policies=(
        "b2982f36-99f2-4db5-8eff-283140c09693",
        "a06d0189-92e8-4dba-b0c4-08d7669fce7d",
    ),
    twins=("checkov:CKV_AZURE_59",),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled, or to SecuredByPerimeter within a "
    "network security perimeter, and reach the account through private endpoints.",
    url="https://learn.microsoft.com/azure/storage/common/storage-network-security",
)
def storage_no_public_access(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account is not reachable from public networks."""
    yield from closed_or_networks_only(
        account,
        context,
        "publicNetworkAccess",
        "Disabled",
        "SecuredByPerimeter",
        rules="networkRuleSet",
        unset="Azure opens an account that does not say",
    )
