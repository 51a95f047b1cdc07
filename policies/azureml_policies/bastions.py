"""Rules for Azure Bastion: its tier, what people can carry through it, its network.

Which tier has which option stands in the rulebook; what a stack wants open is its
configuration, and everything is closed without one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network, network_at
from azureml_policies._plan import (
    BASTION_HOST,
    PUBLIC_ADDRESS,
    SUBNET,
)
from azureml_policies._service_subnets import has_standard_address, lives_in
from azureml_rulebook.bastion import (
    DEVELOPER,
    PREMIUM,
    RECORDING_PAGE,
    SETTINGS_PAGE,
    STANDARD,
    TIERS,
    has_option,
    is_dedicated,
)
from azureml_rulebook.subnets import BASTION, subnet_purpose

_TIER = "sku.name"
_RECORDING = "session_recording"
_COPY_PASTE = "copy_paste"


def _opening(description: str) -> dict[str, Any]:
    return {"type": "boolean", "default": False, "description": description}


@resource_rule(
    id="BA001",
    name="bastion-sku",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(BASTION_HOST,),
    settings={
        "tiers": {
            "type": "array",
            "items": {"type": "string", "enum": list(TIERS)},
            "default": [STANDARD, PREMIUM],
            "description": "Tiers that the environment takes: Developer is shared with "
            "others and has no network of its own, and Basic closes neither copying "
            "nor pasting, so both are for environments without real data",
        }
    },
    twins=("psrule:Azure.Bastion.Name",),
    steps="Set sku.name to Standard or Premium, or list the tier in `tiers` of this "
    "environment's configuration.",
    url=SETTINGS_PAGE,
    bad={"sku": {"name": "Developer"}},
    good={"sku": {"name": "Standard"}},
)
def bastion_tier(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion has a tier that the environment takes."""
    yield from must_be(
        bastion,
        _TIER,
        *context.settings["tiers"],
        unset="Azure chooses the tier",
    )


@resource_rule(
    id="BA002",
    name="bastion-no-shareable-link",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(BASTION_HOST,),
    controls=(assigned("PA-6"),),
    remedy={"enableShareableLink": False},
    steps="Leave enableShareableLink out, or set it to false: whoever has a link "
    "reaches the sign-in of its machine without access to Azure.",
    url="https://learn.microsoft.com/azure/bastion/shareable-link",
    bad={"sku": {"name": "Standard"}, "enableShareableLink": True},
    good={"sku": {"name": "Standard"}, "enableShareableLink": False},
)
def no_shareable_link(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion hands out no links to its machines."""
    yield from must_be_flag(bastion, "enableShareableLink", False)


@resource_rule(
    id="BA003",
    name="bastion-no-copy-paste",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(BASTION_HOST,),
    settings={
        "copyPaste": _opening(
            "People may copy and paste between a machine and their own"
        ),
        "fileCopy": _opening("People may copy files through the native client"),
    },
    controls=(assigned("DP-2"),),
    remedy={"disableCopyPaste": True, "enableFileCopy": False},
    steps="Set disableCopyPaste to true and enableFileCopy to false, which needs tier "
    "Standard or Premium, or open one of them in this environment's configuration. "
    "The level `remediate` closes both, whatever is open there.",
    url=SETTINGS_PAGE,
    bad={"sku": {"name": "Standard"}, "enableFileCopy": True},
    good={"sku": {"name": "Standard"}, "disableCopyPaste": True},
)
def no_copy_and_paste(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion carries neither clipboards nor files."""
    if not context.settings["copyPaste"]:
        yield from _copy_and_paste_closed(bastion)
    if not context.settings["fileCopy"]:
        yield from must_be_flag(bastion, "enableFileCopy", False)


def _copy_and_paste_closed(bastion: Resource) -> Iterator[Finding]:
    tier = _known_tier(bastion)
    if tier is not None and not has_option(tier, _COPY_PASTE):
        yield Violation(
            _TIER,
            f"{_TIER} is '{tier}', which closes neither copying nor pasting; use "
            "'Standard' or 'Premium' with disableCopyPaste, or set copyPaste in the "
            "configuration",
        )
        return
    yield from must_be_flag(
        bastion, "disableCopyPaste", True, unset="Azure lets people copy and paste"
    )


@resource_rule(
    id="BA004",
    name="bastion-no-tunnel-ipconnect",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(BASTION_HOST,),
    settings={
        "tunneling": _opening(
            "People may use the native client, which carries any TCP port of a machine"
        ),
        "connectByAddress": _opening(
            "People may connect to any address that the network reaches, on-premises "
            "ones included"
        ),
    },
    controls=(assigned("PA-6"),),
    remedy={"enableTunneling": False, "enableIpConnect": False},
    steps="Leave enableTunneling and enableIpConnect out, or open one of them in this "
    "environment's configuration. The level `remediate` closes both, whatever is open "
    "there.",
    url="https://learn.microsoft.com/azure/bastion/connect-ip-address",
    bad={"sku": {"name": "Standard"}, "enableTunneling": True},
    good={"sku": {"name": "Standard"}, "enableTunneling": False},
)
def no_tunnel(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion opens no tunnels, and leads to no bare addresses."""
    for setting, path in (
        ("tunneling", "enableTunneling"),
        ("connectByAddress", "enableIpConnect"),
    ):
        if not context.settings[setting]:
            yield from must_be_flag(bastion, path, False)


@stack_rule(
    id="BA005",
    name="bastion-subnet-and-ip",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(BASTION_HOST,),
    twins=("psrule:Azure.VNET.BastionSubnet",),
    steps="Name AzureBastionSubnet of the Bastion's own network, and a public address "
    "that is Standard and Static, in its one entry of ipConfigurations.",
    url=SETTINGS_PAGE,
    bad=[
        {
            "type": BASTION_HOST,
            "name": "bastion",
            "properties": {
                "sku": {"name": "Standard"},
                "ipConfigurations": [
                    {
                        "subnet": {"id": {"ref": "subnet"}},
                        "publicIPAddress": {"id": {"ref": "address"}},
                    }
                ],
            },
        },
        {
            "type": SUBNET,
            "name": "subnet",
            "properties": {"virtualNetworkName": "vnet", "subnetName": "jump-box"},
        },
        {
            "type": PUBLIC_ADDRESS,
            "name": "address",
            "properties": {"publicIpAddressName": "pip", "sku": {"name": "Basic"}},
        },
    ],
    good=[
        {
            "type": BASTION_HOST,
            "name": "bastion",
            "properties": {
                "sku": {"name": "Standard"},
                "ipConfigurations": [
                    {
                        "subnet": {"id": {"ref": "subnet"}},
                        "publicIPAddress": {"id": {"ref": "address"}},
                    }
                ],
            },
        },
        {
            "type": SUBNET,
            "name": "subnet",
            "properties": {
                "virtualNetworkName": "vnet",
                "subnetName": "AzureBastionSubnet",
            },
        },
        {
            "type": PUBLIC_ADDRESS,
            "name": "address",
            "properties": {
                "publicIpAddressName": "pip",
                "sku": {"name": "Standard"},
                "publicIPAllocationMethod": "Static",
            },
        },
    ],
)
def subnet_and_address(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion lives in AzureBastionSubnet at a standard, static public address."""
    stack = context.stack
    tier = _known_tier(bastion)
    if tier is not None and not is_dedicated(tier):
        raise NotApplicable(f"tier {DEVELOPER} lives in no subnet of the network")
    configurations = bastion.value("ipConfigurations").elements()
    if not configurations:
        yield Violation(
            "ipConfigurations",
            "ipConfigurations is missing: a Bastion lives in a subnet of its own; name "
            "AzureBastionSubnet and a public address in it",
        )
    private = bastion.value("enablePrivateOnlyBastion")
    for configuration in configurations:
        subnet = configuration.at("subnet.id")
        yield from lives_in(stack, bastion, subnet, subnet_purpose(BASTION))
        inside = network_at(stack, bastion, subnet)
        yield from _in_own_network(bastion, context, inside)
        address = configuration.at("publicIPAddress.id")
        findings = has_standard_address(stack, bastion, address)
        yield from _unless_private(private, address, findings)


def _in_own_network(
    bastion: Resource, context: Context, inside: Network | Reading
) -> Iterator[Finding]:
    path = "virtualNetwork.id"
    own = network_at(context.stack, bastion, bastion.value(path))
    if not isinstance(own, Network) or not isinstance(inside, Network):
        return
    if not own.may_be(inside):
        yield Violation(
            path,
            f"{path} is network {own.label}, and the subnet is in {inside.label}; name "
            "the network of the subnet, or leave it out",
        )


def _unless_private(
    private: Reading, address: Reading, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings`` on an address, unless the Bastion is to have none."""
    if isinstance(private, Known) and private.value is True:
        if not isinstance(address, Absent):
            yield Violation(
                address.path,
                f"{address.path} is set, and enablePrivateOnlyBastion is true: such a "
                "Bastion has no public address; leave one of the two out",
            )
        return
    for finding in findings:
        if isinstance(private, Unknown):
            finding = undecided(private, f"if it is not true, {finding.message}")
        yield finding


@resource_rule(
    id="BA006",
    name="bastion-session-recording",
    level=EnforcementLevel.DISABLED,
    severity=Severity.LOW,
    types=(BASTION_HOST,),
    controls=(assigned("LT-3"),),
    remedy={"enableSessionRecording": True},
    steps="Set enableSessionRecording to true, without enableTunneling: what the "
    "native client does is not recorded. A container for the recordings is named in "
    "the portal.",
    url=RECORDING_PAGE,
    bad={"sku": {"name": "Premium"}},
    good={"sku": {"name": "Premium"}, "enableSessionRecording": True},
)
def session_recording(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion whose tier can record sessions does."""
    tier = _known_tier(bastion)
    if tier is not None and not has_option(tier, _RECORDING):
        raise NotApplicable(f"tier {tier} records no sessions")
    findings = must_be_flag(
        bastion, "enableSessionRecording", True, unset="nothing is recorded"
    )
    unknown = bastion.value(_TIER)
    for finding in findings:
        if isinstance(unknown, Unknown):
            finding = undecided(unknown, f"if it is '{PREMIUM}', {finding.message}")
        yield finding


def _known_tier(bastion: Resource) -> str | None:
    """Return the tier as Azure spells it; None where it is missing or not known."""
    tier = bastion.value(_TIER)
    if not isinstance(tier, Known):
        return None
    return next((name for name in TIERS if tier.is_any_of((name,))), None)
