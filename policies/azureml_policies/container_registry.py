"""Rules for container registries.

The registry holds the images that every job runs; whoever can push to it runs code in
the private network.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._access import ALLOWED_RANGES, only_allowed_addresses
from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    FromSetting,
    Resource,
    must_be,
    must_be_flag,
    resource_rule,
)
from azureml_policies._frameworks import MCSB, MCSB_V2, PCI, assigned
from azureml_policies._plan import REGISTRY

_DOCS = "https://learn.microsoft.com/azure/container-registry"
_EXPORT = "policies.exportPolicy.status"
_ARM_TOKENS = "policies.azureADAuthenticationAsArmPolicy.status"


@resource_rule(
    id="CR001",
    name="acr-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(REGISTRY,),
    controls=(Control(MCSB_V2, "NS-2"), Control(PCI, "4.0.1")),
    azure_policies=(
        "0fdf0491-d080-4575-b627-ad0e843cba0f",
        "a3701552-92ea-433e-9d17-33b7f1208fc9",
    ),
    twins=("checkov:CKV_AZURE_139",),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled on a Premium registry and reach it "
    "through a private endpoint.",
    url=f"{_DOCS}/container-registry-private-link",
    bad={"publicNetworkAccess": "Enabled"},
    good={"publicNetworkAccess": "Disabled"},
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


@resource_rule(
    id="CR002",
    name="acr-premium-sku",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(REGISTRY,),
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=("bd560fc0-3c69-498a-ae9f-aa8eb7de0e13",),
    twins=("psrule:Azure.ACR.MinSku",),
    remedy={"sku.name": "Premium"},
    steps="Set sku.name to Premium, which costs more: private endpoints, the firewall "
    "and the export policy are in no other tier.",
    url=f"{_DOCS}/container-registry-skus",
    bad={"sku": {"name": "Standard"}},
    good={"sku": {"name": "Premium"}},
)
def registry_premium_sku(registry: Resource, context: Context) -> Iterator[Finding]:
    """A container registry has the tier that private access needs."""
    yield from must_be(
        registry, "sku.name", "Premium", unset="no tier has private access by itself"
    )


@resource_rule(
    id="CR003",
    name="acr-no-admin-user",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(REGISTRY,),
    controls=(Control(MCSB, "IM-1"), assigned("IM-3"), assigned("PA-1")),
    azure_policies=(
        "dc921057-6b28-4fbe-9b83-f7bec05db6c2",
        "79fdfe03-ffcb-4e55-b4d0-b925b8241759",
    ),
    twins=("psrule:Azure.ACR.AdminUser", "checkov:CKV_AZURE_137"),
    remedy={"adminUserEnabled": False},
    steps="Set adminUserEnabled to false and give identities the roles AcrPull and "
    "AcrPush.",
    url=f"{_DOCS}/container-registry-authentication#admin-account",
    bad={"adminUserEnabled": True},
    good={"adminUserEnabled": False},
)
def registry_no_admin_user(registry: Resource, context: Context) -> Iterator[Finding]:
    """A container registry has no admin account."""
    yield from must_be_flag(registry, "adminUserEnabled", False)


@resource_rule(
    id="CR004",
    name="acr-no-anonymous-pull",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(REGISTRY,),
    controls=(assigned("IM-1"),),
    azure_policies=(
        "9f2dea28-e834-476c-99c5-3507b4728395",
        "cced2946-b08a-44fe-9fd9-e4ed8a779897",
    ),
    twins=("psrule:Azure.ACR.AnonymousAccess", "checkov:CKV_AZURE_138"),
    remedy={"anonymousPullEnabled": False},
    steps="Set anonymousPullEnabled to false: whoever pulls signs in.",
    url=f"{_DOCS}/anonymous-pull-access",
    bad={"anonymousPullEnabled": True},
    good={"anonymousPullEnabled": False},
)
def registry_no_anonymous_pull(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """Nobody pulls from a container registry without signing in."""
    yield from must_be_flag(registry, "anonymousPullEnabled", False)


@resource_rule(
    id="CR005",
    name="acr-network-default-deny",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(REGISTRY,),
    settings=ALLOWED_RANGES,
    controls=(Control(MCSB, "NS-2"),),
    azure_policies=("d0793b48-0edc-4296-a390-4c75d1bdfd71",),
    twins=("psrule:Azure.ACR.Firewall",),
    remedy={"networkRuleSet.defaultAction": "Deny"},
    steps="Set networkRuleSet.defaultAction to Deny, and remove addresses from "
    "networkRuleSet.ipRules that are in none of allowedCidrs.",
    url=f"{_DOCS}/container-registry-access-selected-networks",
    bad={"networkRuleSet": {"defaultAction": "Allow"}},
    good={"networkRuleSet": {"defaultAction": "Deny"}},
)
def registry_network_default_deny(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """The firewall of a container registry denies all but allowed addresses."""
    yield from must_be(
        registry, "networkRuleSet.defaultAction", "Deny", unset="everybody may pass"
    )
    yield from only_allowed_addresses(
        registry, context, "networkRuleSet.ipRules", "iPAddressOrRange"
    )


@resource_rule(
    id="CR006",
    name="acr-trusted-services",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(REGISTRY,),
    settings={
        "bypass": {
            "type": "string",
            "enum": ["AzureServices", "None"],
            "default": "AzureServices",
            "description": "AzureServices: Azure Machine Learning may reach the "
            "registry as a trusted service. None: it need not, nor anybody else",
        }
    },
    controls=(assigned("NS-2"),),
    remedy={"networkRuleBypassOptions": FromSetting("bypass")},
    steps="Set networkRuleBypassOptions to AzureServices, so that Azure Machine "
    "Learning builds and pulls images in a closed registry, or to what the setting "
    "bypass says.",
    url=f"{_DOCS}/allow-access-trusted-services",
    bad={"networkRuleBypassOptions": "None"},
    good={"networkRuleBypassOptions": "AzureServices"},
)
def registry_trusted_services(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """A container registry lets trusted services of Azure in, or not, as configured."""
    wanted = context.settings["bypass"]
    yield from must_be(
        registry,
        "networkRuleBypassOptions",
        wanted,
        unset="Azure lets its trusted services in" if wanted == "None" else "",
    )


@resource_rule(
    id="CR007",
    name="acr-no-export",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(REGISTRY,),
    controls=(assigned("DP-2"),),
    azure_policies=("524b0254-c285-4903-bee6-bb8126cde579",),
    twins=("psrule:Azure.ACR.ExportPolicy",),
    remedy={"publicNetworkAccess": "Disabled", _EXPORT: "disabled"},
    steps="Set policies.exportPolicy.status to disabled, and publicNetworkAccess to "
    "Disabled, without which Azure does not take it.",
    url=f"{_DOCS}/data-loss-prevention",
    bad={"policies": {"exportPolicy": {"status": "enabled"}}},
    good={
        "publicNetworkAccess": "Disabled",
        "policies": {"exportPolicy": {"status": "disabled"}},
    },
)
def registry_no_export(registry: Resource, context: Context) -> Iterator[Finding]:
    """Images cannot be copied from a container registry to another one."""
    yield from must_be(
        registry, _EXPORT, "disabled", unset="images can be imported elsewhere"
    )


@resource_rule(
    id="CR008",
    name="acr-data-endpoint",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(REGISTRY,),
    controls=(assigned("NS-2"),),
    twins=("checkov:CKV_AZURE_237",),
    remedy={"dataEndpointEnabled": True},
    steps="Set dataEndpointEnabled to true: layers then come from a host of the "
    "registry's own, which a firewall can name, and not from any storage account.",
    url=f"{_DOCS}/container-registry-dedicated-data-endpoints",
    bad={"dataEndpointEnabled": False},
    good={"dataEndpointEnabled": True},
)
def registry_data_endpoint(registry: Resource, context: Context) -> Iterator[Finding]:
    """A container registry has a data endpoint of its own."""
    yield from must_be_flag(
        registry,
        "dataEndpointEnabled",
        True,
        unset="layers come from storage accounts that no rule can name",
    )


@resource_rule(
    id="CR009",
    name="acr-no-arm-audience-token",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(REGISTRY,),
    controls=(assigned("IM-1"),),
    azure_policies=(
        "42781ec6-6127-4c30-bdfa-fb423a0047d3",
        "785596ed-054f-41bc-aaec-7f3d0ba05725",
    ),
    remedy={_ARM_TOKENS: "disabled"},
    steps="Set policies.azureADAuthenticationAsArmPolicy.status to disabled, so that "
    "only tokens for registries sign in to it.",
    url=f"{_DOCS}/container-registry-disable-authentication-as-arm",
    bad={"policies": {"azureADAuthenticationAsArmPolicy": {"status": "enabled"}}},
    good={"policies": {"azureADAuthenticationAsArmPolicy": {"status": "disabled"}}},
)
def registry_no_arm_audience_token(
    registry: Resource, context: Context
) -> Iterator[Finding]:
    """A container registry takes no tokens that are for Azure Resource Manager."""
    yield from must_be(
        registry, _ARM_TOKENS, "disabled", unset="Azure takes tokens for both"
    )


@resource_rule(
    id="CR010",
    name="acr-zone-redundant",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(REGISTRY,),
    controls=(assigned("BR-1"),),
    twins=("checkov:CKV_AZURE_233",),
    steps="Make the registry anew with zoneRedundancy set to Enabled, in a region that "
    "has zones.",
    url=f"{_DOCS}/zone-redundancy",
    bad={"zoneRedundancy": "Disabled"},
    good={"zoneRedundancy": "Enabled"},
)
def registry_zone_redundant(registry: Resource, context: Context) -> Iterator[Finding]:
    """A container registry outlives the loss of a zone."""
    yield from must_be(
        registry, "zoneRedundancy", "Enabled", unset="all copies may be in one zone"
    )
