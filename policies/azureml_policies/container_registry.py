"""Rules for container registries.

The registry holds the images that every job runs; whoever can push to it runs code in
the private network.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    must_be,
    resource_rule,
)
from azureml_policies._plan import REGISTRY


@resource_rule(
    id="CR001",
    name="acr-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(REGISTRY,),
    controls=(
        Control("Microsoft cloud security benchmark v2", "NS-2"),
        Control("PCI DSS", "4.0.1"),
    ),
    azure_policies=(
        "0fdf0491-d080-4575-b627-ad0e843cba0f",
        "a3701552-92ea-433e-9d17-33b7f1208fc9",
    ),
    twins=("checkov:CKV_AZURE_139",),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled on a Premium registry and reach it "
    "through a private endpoint.",
    url="https://learn.microsoft.com/azure/container-registry/container-registry-private-link",
)
def registry_no_public_access(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """A container registry is not reachable from public networks."""
    yield from must_be(
        registry,
        "publicNetworkAccess",
        "Disabled",
        unset="Azure opens a registry that does not say",
    )
