"""Rules for public addresses and network interfaces.

In a private network only gateways, firewalls, NAT gateways and Bastion have public
addresses: what has one of its own can be called from the Internet.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Dropped,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Undecided,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, assigned
from azureml_policies._plan import (
    BASTION_HOST,
    FIREWALL,
    GATEWAY,
    INTERFACE,
    MACHINE,
    PUBLIC_ADDRESS,
)
from azureml_policies._public_addresses import (
    LOAD_BALANCER,
    NAT_GATEWAY,
    Use,
    address_uses,
    readings_at,
)

_LEARN = "https://learn.microsoft.com/azure"
_ADDRESS_DOCS = f"{_LEARN}/virtual-network/ip-services/public-ip-addresses"
_OWNERS = (BASTION_HOST, GATEWAY, NAT_GATEWAY, FIREWALL)
_NAT_RULE = "network:InboundNatRule"
_INBOUND = ("loadBalancingRules", "inboundNatRules", "inboundNatPools")
_OUTBOUND_LOAD_BALANCERS = "outboundLoadBalancers"
_APPLIANCES = "appliances"
_FORWARDING = "enableIPForwarding"
_INTERFACE_ADDRESS = "ipConfigurations[].publicIPAddress"
_MACHINE_ADDRESS = (
    "networkProfile.networkInterfaceConfigurations[].ipConfigurations[]"
    ".publicIPAddressConfiguration"
)
_SHOWN_ADDRESS = {
    "type": PUBLIC_ADDRESS,
    "name": "address",
    "properties": {"resourceGroupName": "rg", "publicIpAddressName": "pip"},
}
_SHOWN_NAT_GATEWAY = {
    "type": NAT_GATEWAY,
    "name": "way-out",
    "properties": {"publicIpAddresses": [{"id": {"ref": "address"}}]},
}
_SHOWN_INTERFACE = {
    "type": INTERFACE,
    "name": "machine",
    "properties": {
        "ipConfigurations": [{"publicIPAddress": {"id": {"ref": "address"}}}]
    },
}


@stack_rule(
    id="IP001",
    name="public-ip-allowed-owner",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(PUBLIC_ADDRESS,),
    settings={
        _OUTBOUND_LOAD_BALANCERS: {
            "type": "boolean",
            "default": False,
            "description": "Accept the addresses of load balancers that have no rule "
            "for traffic from outside: machines get out by them and nobody in",
        }
    },
    controls=(
        assigned("NS-1"),
        assigned("NS-2"),
        Control(CIS_2, "6.7", confirmed=False),
    ),
    azure_policies=("83a86a26-fd1f-447c-b59d-e51f44264114",),
    twins=("checkov:CKV_AZURE_119", "trivy:AZU-0076"),
    steps="Take the address away from what has it. People come in by Bastion or a "
    "gateway, machines get out by a NAT gateway or a firewall.",
    url=_ADDRESS_DOCS,
    bad=(_SHOWN_ADDRESS, _SHOWN_INTERFACE),
    good=(_SHOWN_ADDRESS, _SHOWN_NAT_GATEWAY),
)
def address_allowed_owner(address: Resource, context: Context) -> Iterator[Finding]:
    """Only Bastion, gateways, NAT gateways and firewalls have public addresses."""
    uses = context.stack.once(address_uses)
    for use in uses.of(address):
        yield from _forbidden(use, address, context)
    for use in uses.perhaps_of(address):
        for finding in _forbidden(use, address, context):
            yield undecided(use.reading, f"in '{use.holder.name}': {finding.message}")


@resource_rule(
    id="IP002",
    name="nic-no-public-ip",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(INTERFACE, MACHINE),
    controls=(assigned("NS-1"),),
    azure_policies=("83a86a26-fd1f-447c-b59d-e51f44264114",),
    twins=(
        "checkov:CKV_AZURE_119",
        "checkov:CKV2_AZURE_39",
        "trivy:AZU-0076",
    ),
    remedy={_INTERFACE_ADDRESS: Dropped(), _MACHINE_ADDRESS: Dropped()},
    steps="Remove publicIPAddress from every entry of ipConfigurations, and "
    "publicIPAddressConfiguration from a machine's networkProfile; people come in by "
    "Bastion.",
    url=_ADDRESS_DOCS,
    bad={"ipConfigurations": [{"name": "first", "publicIPAddress": {"id": "pip"}}]},
    good={"ipConfigurations": [{"name": "first", "subnet": {"id": "jump-box"}}]},
)
def interface_no_public_address(
    subject: Resource, context: Context
) -> Iterator[Finding]:
    """Machines and their network interfaces have no public address."""
    on_interface = subject.key == INTERFACE.lower()
    path = _INTERFACE_ADDRESS if on_interface else _MACHINE_ADDRESS
    for reading in readings_at(subject, path):
        if isinstance(reading, Unknown):
            yield undecided(reading, "it must not give the machine a public address")
        elif isinstance(reading, Known) and reading.value != {}:
            yield Violation(
                reading.path,
                f"{reading.path} is set, so the machine can be called from the "
                "Internet; remove it",
            )


@resource_rule(
    id="IP003",
    name="public-ip-standard-sku",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(PUBLIC_ADDRESS,),
    twins=(
        "psrule:Azure.PublicIP.StandardSKU",
        "psrule:Azure.PublicIP.MigrateStandard",
    ),
    remedy={"sku.name": "Standard", "publicIPAllocationMethod": "Static"},
    steps="Set sku.name to Standard and publicIPAllocationMethod to Static: a Basic "
    "address is open until a security group closes it, and Azure has retired it.",
    url=f"{_ADDRESS_DOCS}#sku",
    bad={"sku": {"name": "Basic"}, "publicIPAllocationMethod": "Dynamic"},
    good={"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"},
)
def address_standard(address: Resource, context: Context) -> Iterator[Finding]:
    """A public address is of the kind that is closed by default."""
    yield from must_be(
        address, "sku.name", "Standard", unset="Azure makes a Basic address"
    )


@stack_rule(
    id="IP004",
    name="public-ip-attached",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(PUBLIC_ADDRESS,),
    controls=(assigned("AM-3"),),
    twins=("psrule:Azure.PublicIP.IsAttached",),
    steps="Delete an address that nothing has, or declare what has it in this stack: "
    "an idle address costs and waits for somebody to use it.",
    url=_ADDRESS_DOCS,
    bad=(_SHOWN_ADDRESS,),
    good=(_SHOWN_ADDRESS, _SHOWN_NAT_GATEWAY),
)
def address_attached(address: Resource, context: Context) -> Iterator[Finding]:
    """Every public address is in use."""
    uses = context.stack.once(address_uses)
    if uses.of(address):
        return
    perhaps = uses.perhaps_of(address)
    message = f"nothing in this stack has address '{address.name}'"
    if perhaps:
        first = perhaps[0]
        yield undecided(first.reading, f"{message}, unless '{first.holder.name}' does")
    else:
        yield Violation("", f"{message}; delete it, or name it where it belongs")


@resource_rule(
    id="NI001",
    name="nic-no-ip-forwarding",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(INTERFACE,),
    settings={
        _APPLIANCES: {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Network interfaces of appliances, by networkInterfaceName "
            "or by their name in Pulumi, that may pass on packets of others",
        }
    },
    controls=(assigned("NS-3"),),
    azure_policies=("88c0b9da-ce96-4b03-9635-f29a937e2900",),
    twins=("checkov:CKV_AZURE_118", "trivy:AZU-0075"),
    remedy={_FORWARDING: False},
    steps="Set enableIPForwarding to false, or name the interface of an appliance in "
    "appliances.",
    url=f"{_LEARN}/virtual-network/virtual-network-network-interface",
    bad={"networkInterfaceName": "nic-jump-box", "enableIPForwarding": True},
    good={"networkInterfaceName": "nic-jump-box", "enableIPForwarding": False},
)
def interface_no_forwarding(interface: Resource, context: Context) -> Iterator[Finding]:
    """A network interface does not pass on packets of others."""
    name = interface.value("networkInterfaceName")
    appliances = tuple(context.settings[_APPLIANCES])
    if interface.name in appliances or (
        isinstance(name, Known) and name.is_any_of(appliances)
    ):
        raise NotApplicable("the interface of an appliance")
    for finding in must_be_flag(interface, _FORWARDING, False):
        if isinstance(name, Unknown) and appliances:
            yield undecided(name, f"unless it is in appliances, {finding.message}")
        else:
            yield finding


def _forbidden(use: Use, address: Resource, context: Context) -> Iterator[Finding]:
    """Yield why what has ``address`` must not have one."""
    if use.type.name in _OWNERS:
        return
    if use.type.name == LOAD_BALANCER and context.settings[_OUTBOUND_LOAD_BALANCERS]:
        yield from _lets_in(use.holder, context)
        return
    yield Violation(
        "",
        f"{use.type.title} '{use.holder.name}' has '{address.name}' "
        f"({use.reading.path}), so it can be called from the Internet; take it away",
    )


def _lets_in(balancer: Resource, context: Context) -> Iterator[Finding]:
    """Yield the rules of a load balancer that let traffic in from outside."""
    for path in _INBOUND:
        reading = balancer.value(path)
        if isinstance(reading, Unknown):
            yield Undecided(
                path,
                f"{path} of load balancer '{balancer.name}' is not known before the "
                "deployment: it has to be empty",
            )
        elif not isinstance(reading, Absent) and reading.elements():
            yield Violation(
                path,
                f"load balancer '{balancer.name}' lets in traffic by {path}; remove "
                "that, or make the balancer internal",
            )
    stack = context.stack
    for rule in stack.of_type(_NAT_RULE):
        reference = stack.resolve(rule, rule.value("loadBalancerName"), LOAD_BALANCER)
        message = (
            f"load balancer '{balancer.name}' lets in traffic by InboundNatRule "
            f"'{rule.name}'; remove that"
        )
        if reference.certain is balancer:
            yield Violation("", message)
        elif reference.may_be(balancer):
            yield undecided(reference.reading, f"if it is this balancer, {message}")
