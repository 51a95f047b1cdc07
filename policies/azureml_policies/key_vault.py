"""Rules for key vaults.

A vault of this provider keeps the nesting of Azure's own interface: everything is below
``properties``, and its public switch is a free text in any case.
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
from azureml_policies._plan import VAULT


@resource_rule(
    id="KV001",
    name="keyvault-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(VAULT,),
    settings=ACCESS_MODE,
    controls=(
        Control("Microsoft cloud security benchmark v2", "NS-2"),
        Control("Microsoft cloud security benchmark", "DP-8", confirmed=False),
    ),
    azure_policies=("405c5871-3e91-4644-8a63-58e19d68ff5b",),
    twins=("checkov:CKV_AZURE_189",),
    remedy={"properties.publicNetworkAccess": "disabled"},
    steps="Set properties.publicNetworkAccess to disabled and reach the vault through "
    "a private endpoint.",
    url="https://learn.microsoft.com/azure/key-vault/general/network-security",
)
def keyvault_no_public_access(vault: Resource, context: Context) -> Iterator[Finding]:
    """A key vault is not reachable from public networks."""
    yield from closed_or_networks_only(
        vault,
        context,
        "properties.publicNetworkAccess",
        "disabled",
        rules="properties.networkAcls",
        unset="Azure opens a vault that does not say",
    )
