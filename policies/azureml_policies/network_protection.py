"""Rules for what Azure adds to a network: records, encryption, protection.

None of it closes a network; records are what tells afterwards who went where.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    Resource,
    Undecided,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    must_be_set,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, MCSB, assigned
from azureml_policies._plan import NETWORK
from azureml_rulebook.flow_logs import FLOW_LOGS_PAGE

_FLOW_LOG = "network:FlowLog"
_LEARN = "https://learn.microsoft.com/azure"
_NETWORK_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/{}"
)


@resource_rule(
    id="VN013",
    name="vnet-ddos",
    level=EnforcementLevel.DISABLED,
    severity=Severity.MEDIUM,
    types=(NETWORK,),
    controls=(Control(MCSB, "NS-5"),),
    azure_policies=(
        "94de2ad3-e0c1-4caf-ad78-5d47bbc83d3d",
        "a7aca53f-2ed4-4466-a25e-0b45ade68efd",
    ),
    steps="Set enableDdosProtection to true and name a plan, which costs per month for "
    "up to a hundred public addresses; networks without public addresses need none.",
    url=f"{_LEARN}/ddos-protection/ddos-protection-overview",
    bad={"virtualNetworkName": "net"},
    good={
        "virtualNetworkName": "net",
        "enableDdosProtection": True,
        "ddosProtectionPlan": {"id": _NETWORK_ID.format("ddosProtectionPlans/plan")},
    },
)
def network_ddos_protection(network: Resource, context: Context) -> Iterator[Finding]:
    """A network has a plan against floods of traffic."""
    yield from must_be_flag(
        network, "enableDdosProtection", True, unset="Azure protects its own edge only"
    )
    yield from must_be_set(
        network, "ddosProtectionPlan.id", unset="there is no plan to pay for it"
    )


@resource_rule(
    id="VN014",
    name="vnet-encryption",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(NETWORK,),
    controls=(assigned("DP-3"),),
    remedy={"encryption.enabled": True, "encryption.enforcement": "AllowUnencrypted"},
    steps="Set encryption.enabled to true; sizes of machines that cannot encrypt talk "
    "in the clear.",
    url=f"{_LEARN}/virtual-network/virtual-network-encryption-overview",
    bad={"virtualNetworkName": "net"},
    good={
        "virtualNetworkName": "net",
        "encryption": {"enabled": True, "enforcement": "AllowUnencrypted"},
    },
)
def network_encryption(network: Resource, context: Context) -> Iterator[Finding]:
    """Machines of a network encrypt what they send each other."""
    yield from must_be_flag(
        network, "encryption.enabled", True, unset="Azure encrypts nothing by itself"
    )


@stack_rule(
    id="VN016",
    name="vnet-flow-log",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(NETWORK,),
    settings={
        "days": {
            "type": "integer",
            "minimum": 1,
            "default": 90,
            "description": "How long records have to be kept at least",
        },
        "identity": {
            "type": "boolean",
            "default": False,
            "description": "Whether records have to be written by an identity: without "
            "one, Azure uses the keys of the storage account, which has to have them",
        },
    },
    controls=(assigned("LT-4"), Control(CIS_2, "5.1.6")),
    azure_policies=(
        "4c3c6c5f-0d47-4402-99b8-aa543dd8bcee",
        "27960feb-a23c-4577-8d36-ef8b5f35e0be",
    ),
    twins=("checkov:CKV_AZURE_12", "trivy:AZU-0049", "trivy:AZU-0073"),
    steps="Add a network.FlowLog whose targetResourceId is the network's id, with "
    "enabled true and retentionPolicy.days of 90 or more; logs of security groups are "
    "being retired.",
    url=FLOW_LOGS_PAGE,
    bad=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {"virtualNetworkName": "net"},
        },
    ),
    good=(
        {
            "type": NETWORK,
            "name": "net",
            "properties": {"virtualNetworkName": "net"},
        },
        {
            "type": _FLOW_LOG,
            "name": "net-flow-log",
            "properties": {
                "targetResourceId": {"ref": "net"},
                "enabled": True,
                "retentionPolicy": {"enabled": True, "days": 90},
            },
        },
    ),
)
def network_flow_log(network: Resource, context: Context) -> Iterator[Finding]:
    """What passes through a network is recorded, and the records are kept."""
    faults: list[Finding] = []
    for log in context.stack.of_type(_FLOW_LOG):
        target = log.value("targetResourceId")
        reference = context.stack.resolve(log, target, NETWORK)
        if reference.certain is network:
            found = list(_log_faults(log, int(context.settings["days"])))
            found += _writer(log) if context.settings["identity"] else ()
            if not found:
                return
            faults += found
        elif reference.may_be(network):
            faults.append(undecided(target, f"whether '{log.name}' is this network's"))
    if faults:
        yield from faults
    else:
        message = "no flow log of this stack records the network; add one"
        yield Violation("", message)


def _log_faults(log: Resource, days: int) -> Iterator[Finding]:
    """Yield what is wrong with a log of the right network. Kept for 0 days is kept for
    ever, as is what no policy limits."""
    for finding in must_be_flag(log, "enabled", True, unset="nothing is recorded"):
        message = f"flow log '{log.name}': {finding.message}"
        yield type(finding)(finding.path, message)
    limited = log.value("retentionPolicy.enabled")
    if isinstance(limited, Absent) or (
        isinstance(limited, Known) and limited.value is False
    ):
        return
    kept = log.value("retentionPolicy.days")
    label = f"flow log '{log.name}': {kept.path}"
    if isinstance(kept, Unknown):
        yield Undecided(
            kept.path, f"{label} is not known, and has to be {days} or more; set it"
        )
    elif isinstance(kept, Known) and not _is_enough(kept.value, days):
        yield Violation(kept.path, f"{label} is {kept.text}; set it to {days} or more")


def _writer(log: Resource) -> Iterator[Finding]:
    path = "identity.type"
    for finding in must_be(
        log, path, "UserAssigned", unset="the keys of the account write the records"
    ):
        yield type(finding)(finding.path, f"flow log '{log.name}': {finding.message}")


def _is_enough(value: object, days: int) -> bool:
    return isinstance(value, float) and (value == 0 or value >= days)
