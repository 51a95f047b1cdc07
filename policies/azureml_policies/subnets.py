"""Rules for subnets: what guards each one, and whether what lives in it fits in.

A subnet that Azure keeps for a gateway or a firewall follows that service's own
demands, so the rules tell subnets apart by the names that Azure fixes.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    Unknown,
    Violation,
    must_be_flag,
    must_be_set,
    resource_rule,
)
from azureml_policies._frameworks import MCSB, NIST, PCI, assigned
from azureml_policies._plan import NETWORK, SUBNET
from azureml_policies._subnets import (
    PlannedSubnet,
    each_subnet,
    if_called,
    unless_called,
)
from azureml_rulebook.capacity import capacity_findings
from azureml_rulebook.subnets import (
    BASTION,
    GATEWAY,
    PURPOSES,
    WITHOUT_SECURITY_GROUP,
)

_SHAPES = (SUBNET, NETWORK)
_GATEWAY_SUBNET = str(PURPOSES[GATEWAY].azure_name)
_BASTION_SUBNET = str(PURPOSES[BASTION].azure_name)
_GROUP_PATH = "networkSecurityGroup.id"


def _exempt(default: tuple[str, ...], why: str) -> dict[str, object]:
    return {
        "exemptSubnets": {
            "type": "array",
            "items": {"type": "string"},
            "default": list(default),
            "description": f"Names of subnets that are not judged, in any case: {why}",
        }
    }


@resource_rule(
    id="VN001",
    name="subnet-has-nsg",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=_SHAPES,
    settings=_exempt(
        WITHOUT_SECURITY_GROUP,
        "Azure lets these have no security group, or advises to have none",
    ),
    controls=(Control(MCSB, "NS-1"), Control(PCI, "4.0.1"), Control(NIST, "SC-7")),
    azure_policies=("e71308d3-144b-4262-b144-efdc3cc90517",),
    twins=("psrule:Azure.VNET.UseNSGs", "checkov:CKV2_AZURE_31"),
    steps="Name a security group in networkSecurityGroup.id of the subnet, in the "
    "request that creates it.",
    url="https://learn.microsoft.com/azure/virtual-network/"
    "network-security-groups-overview",
    bad={"subnetName": "training", "addressPrefix": "10.20.0.0/25"},
    good={
        "subnetName": "training",
        "addressPrefix": "10.20.0.0/25",
        "networkSecurityGroup": {
            "id": "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/"
            "rg/providers/Microsoft.Network/networkSecurityGroups/training-nsg"
        },
    },
)
def subnet_has_group(resource: Resource, context: Context) -> Iterator[Finding]:
    """Every subnet has a security group."""

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        group = subnet.value(_GROUP_PATH)
        if isinstance(group, Unknown) and group.path.endswith(_GROUP_PATH):
            # The id of a group that is made in the same run.
            return
        findings = must_be_set(
            subnet, _GROUP_PATH, unset="everything in the network reaches the subnet"
        )
        yield from unless_called(subnet, context.settings["exemptSubnets"], findings)

    yield from each_subnet(resource, judge)


@resource_rule(
    id="VN004",
    name="subnet-no-default-outbound",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=_SHAPES,
    settings=_exempt(
        (_GATEWAY_SUBNET, _BASTION_SUBNET), "what lives in them has its own way out"
    ),
    controls=(assigned("NS-2"),),
    azure_policies=("7bca8353-aa3b-429b-904a-9229c4385837",),
    twins=("psrule:Azure.VNET.PrivateSubnet",),
    remedy={"defaultOutboundAccess": False},
    remedied_types=(SUBNET,),
    steps="Set defaultOutboundAccess to false; where machines need a way out, give the "
    "subnet a NAT gateway or a route to a firewall.",
    url="https://learn.microsoft.com/azure/virtual-network/ip-services/"
    "default-outbound-access",
    bad={"subnetName": "training", "addressPrefix": "10.20.0.0/25"},
    good={
        "subnetName": "training",
        "addressPrefix": "10.20.0.0/25",
        "defaultOutboundAccess": False,
    },
)
def subnet_without_default_outbound(
    resource: Resource, context: Context
) -> Iterator[Finding]:
    """Machines have no way out by addresses that Azure lends them."""

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        findings = must_be_flag(
            subnet,
            "defaultOutboundAccess",
            False,
            unset="Azure lends machines public addresses to leave by",
        )
        yield from unless_called(subnet, context.settings["exemptSubnets"], findings)

    yield from each_subnet(resource, judge)


@resource_rule(
    id="VN011",
    name="reserved-subnet-size",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=_SHAPES,
    steps="Give the subnet a range of the size that its service wants: it cannot be "
    "changed while the service lives in it.",
    url=PURPOSES[GATEWAY].page,
    bad={"subnetName": "AzureBastionSubnet", "addressPrefix": "10.20.0.192/27"},
    good={"subnetName": "AzureBastionSubnet", "addressPrefix": "10.20.0.192/26"},
)
def reserved_subnet_size(resource: Resource, context: Context) -> Iterator[Finding]:
    """Subnets that Azure keeps for a service are as large as it wants."""

    def judge(subnet: PlannedSubnet) -> Iterator[Finding]:
        for row in PURPOSES.values():
            if row.azure_name is None or subnet.is_called((row.azure_name,)) is False:
                continue
            ranges = subnet.ranges
            findings: list[Finding] = [
                Violation(path, str(fault))
                for path, network in ranges.ipv4
                for fault in capacity_findings(row.name, network.prefixlen, path=path)
            ]
            findings += ranges.unread(f"'{row.azure_name}' has to be /{row.smallest}")
            yield from if_called(subnet, (row.azure_name,), findings)

    yield from each_subnet(resource, judge)
