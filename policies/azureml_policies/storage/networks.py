"""Rules on where a storage account is reached from.

Its firewall counts only while its public switch is open; both are judged, since either
may change without the other.
"""

from collections.abc import Iterator, Sequence

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._access import (
    ACCESS_MODE,
    ALLOWED_RANGES,
    SERVICE_ENDPOINT,
    closed_or_networks_only,
    only_allowed_addresses,
)
from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    parse_arm_id,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, CIS_3, MCSB, MCSB_V2, NIST, assigned
from azureml_policies._plan import ACCOUNT
from azureml_policies._workspaces import perhaps

_DOCS = "https://learn.microsoft.com/azure/storage/common/storage-network-security"
_CLOSED = ("Disabled", "SecuredByPerimeter")
_SWITCH = "publicNetworkAccess"
_BYPASS = "networkRuleSet.bypass"
_INSTANCES = "networkRuleSet.resourceAccessRules"
_SUBNETS = "networkRuleSet.virtualNetworkRules"
_TRUSTED = "AzureServices"
_WORKSPACES = "microsoft.machinelearningservices/workspaces"
_SUBNET_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/virtualNetworks/vnet-ml/subnets/training"
)


@resource_rule(
    id="ST001",
    name="storage-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ACCOUNT,),
    settings=ACCESS_MODE,
    controls=(Control(MCSB_V2, "NS-2"),),
    azure_policies=(
        "b2982f36-99f2-4db5-8eff-283140c09693",
        "a06d0189-92e8-4dba-b0c4-08d7669fce7d",
    ),
    twins=("checkov:CKV_AZURE_59",),
    remedy={_SWITCH: "Disabled"},
    steps="Set publicNetworkAccess to Disabled, or to SecuredByPerimeter within a "
    "network security perimeter, and reach the account through private endpoints.",
    url=_DOCS,
    bad={"networkRuleSet": {"defaultAction": "Deny"}},
    good={_SWITCH: "Disabled", "networkRuleSet": {"defaultAction": "Deny"}},
)
def storage_no_public_access(account: Resource, context: Context) -> Iterator[Finding]:
    """A storage account is not reachable from public networks."""
    yield from closed_or_networks_only(
        account,
        context,
        _SWITCH,
        *_CLOSED,
        rules="networkRuleSet",
        unset="Azure opens an account that does not say",
    )


@resource_rule(
    id="ST002",
    name="storage-default-deny",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ACCOUNT,),
    controls=(
        Control(MCSB, "NS-2"),
        Control(CIS_3, "4.7"),
        Control(CIS_2, "3.8"),
        Control(NIST, "SC-7"),
    ),
    azure_policies=("34c877ad-507e-4c82-993e-3452a6e0ad3c",),
    twins=(
        "psrule:Azure.Storage.Firewall",
        "checkov:CKV_AZURE_35",
        "trivy:AZU-0012",
    ),
    remedy={"networkRuleSet.defaultAction": "Deny"},
    steps="Set networkRuleSet.defaultAction to Deny, also where public access is off: "
    "the account then stays closed if somebody turns that on.",
    url=_DOCS,
    bad={_SWITCH: "Disabled"},
    good={_SWITCH: "Disabled", "networkRuleSet": {"defaultAction": "Deny"}},
)
def storage_default_deny(account: Resource, context: Context) -> Iterator[Finding]:
    """The firewall of a storage account denies what no rule allows."""
    yield from must_be(
        account, "networkRuleSet.defaultAction", "Deny", unset="everybody may pass"
    )


@resource_rule(
    id="ST003",
    name="storage-aml-bypass",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    settings={
        "services": {
            "type": "array",
            "items": {"type": "string", "enum": [_TRUSTED, "Logging", "Metrics"]},
            "default": [_TRUSTED, "Logging", "Metrics"],
            "description": "What may pass: trusted services, and readers of the "
            "account's own older logs and metrics, from anywhere",
        }
    },
    controls=(Control(CIS_3, "4.8"), Control(CIS_2, "3.9")),
    azure_policies=("c9d007d0-c057-4772-b18c-01e546713bcd",),
    twins=("checkov:CKV_AZURE_36", "trivy:AZU-0010"),
    remedy={_BYPASS: _TRUSTED},
    steps="Name the workspace in networkRuleSet.resourceAccessRules, or let all "
    "trusted services pass with bypass AzureServices.",
    url="https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet",
    bad={"networkRuleSet": {"defaultAction": "Deny", "bypass": "None"}},
    good={"networkRuleSet": {"defaultAction": "Deny", "bypass": _TRUSTED}},
)
def storage_workspace_passes(account: Resource, context: Context) -> Iterator[Finding]:
    """The firewall of a storage account lets Azure Machine Learning itself pass."""
    bypass = account.value(_BYPASS)
    yield from _passes_only(bypass, context.settings["services"])
    # Azure lets trusted services pass where nobody says otherwise.
    if isinstance(bypass, Absent):
        return
    if isinstance(bypass, Known) and bypass.lists(_TRUSTED):
        return
    named = _names_a_workspace(account.value(_INSTANCES))
    if named is True:
        return
    wanted = f"{_BYPASS} has to hold '{_TRUSTED}', or {_INSTANCES} the workspace"
    if isinstance(bypass, Unknown):
        yield undecided(bypass, wanted)
    elif isinstance(named, Unknown):
        yield undecided(named, wanted)
    else:
        yield Violation(
            _BYPASS,
            f"{_BYPASS} is {bypass.text}, and {_INSTANCES} names no workspace: the "
            f"studio does not reach the account; set it to '{_TRUSTED}'",
        )


@resource_rule(
    id="ST004",
    name="storage-ip-rules-allowlist",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    settings=ALLOWED_RANGES,
    controls=(assigned("NS-2"),),
    azure_policies=("34c877ad-507e-4c82-993e-3452a6e0ad3c",),
    steps="Remove the address from networkRuleSet.ipRules, or write its range into "
    "the setting allowedCidrs.",
    url=_DOCS,
    bad={"networkRuleSet": {"ipRules": [{"iPAddressOrRange": "203.0.113.7"}]}},
    good={"networkRuleSet": {"ipRules": []}},
)
def storage_addresses_allowed(account: Resource, context: Context) -> Iterator[Finding]:
    """The firewall of a storage account lets no public addresses pass but allowed."""
    yield from only_allowed_addresses(
        account, context, "networkRuleSet.ipRules", "iPAddressOrRange"
    )


@resource_rule(
    id="ST005",
    name="storage-no-vnet-rules",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ACCOUNT,),
    settings=ACCESS_MODE,
    controls=(assigned("NS-2"),),
    remedy={_SUBNETS: []},
    steps="Reach the account through private endpoints and remove "
    "networkRuleSet.virtualNetworkRules, which work on the public address. Where "
    "service endpoints are meant, set accessMode to serviceEndpoint.",
    url=_DOCS,
    bad={
        _SWITCH: "Enabled",
        "networkRuleSet": {
            "virtualNetworkRules": [{"virtualNetworkResourceId": _SUBNET_ID}]
        },
    },
    good={_SWITCH: "Disabled", "networkRuleSet": {"virtualNetworkRules": []}},
)
def storage_no_subnet_rules(account: Resource, context: Context) -> Iterator[Finding]:
    """Subnets reach a storage account by private endpoints, not its public address."""
    if context.settings["accessMode"] == SERVICE_ENDPOINT:
        raise NotApplicable("the configuration says that subnets are let in")
    switch = account.value(_SWITCH)
    # Rules on subnets do nothing while the public address is shut.
    if isinstance(switch, Known) and switch.is_any_of(_CLOSED):
        return
    findings = _subnet_findings(account.value(_SUBNETS))
    if isinstance(switch, Unknown):
        findings = perhaps(switch, "it is 'Enabled'", findings)
    yield from findings


def _passes_only(bypass: Reading, services: Sequence[str]) -> Iterator[Finding]:
    if not isinstance(bypass, Known) or not isinstance(bypass.value, str):
        return
    allowed = {each.lower() for each in services} | {"none"}
    for part in bypass.value.split(","):
        if part.strip().lower() not in allowed:
            yield Violation(
                _BYPASS,
                f"{_BYPASS} holds '{part.strip()}', which lets readers pass from "
                f"anywhere; leave it at '{_TRUSTED}'",
            )


def _names_a_workspace(rules: Reading) -> bool | Unknown:
    """Say whether rules on resources name a workspace, or all of a subscription's."""
    if isinstance(rules, Unknown):
        return rules
    ids = [rule.at("resourceId") for rule in rules.elements()]
    for each in ids:
        arm_id = parse_arm_id(str(each.value)) if isinstance(each, Known) else None
        if arm_id is not None and arm_id.type == _WORKSPACES:
            return True
    return next((each for each in ids if isinstance(each, Unknown)), False)


def _subnet_findings(rules: Reading) -> Iterator[Finding]:
    if isinstance(rules, Unknown):
        yield undecided(rules, "it has to be empty")
    elif found := rules.elements():
        yield Violation(
            rules.path,
            f"{rules.path} lets {len(found)} subnets reach the public address; remove "
            "it and give them a private endpoint",
        )
