"""Rules on who gets in: nobody from the Internet, and to machines from Bastion alone.

Groups, routes, peerings, gateways and firewalls of the whole stack are read together,
so that a rule that nothing leads to opens nothing, and one that a route leads around
closes nothing.
"""

from collections.abc import Iterator
from itertools import chain

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    stack_rule,
)
from azureml_policies._frameworks import CIS_2, MCSB, assigned
from azureml_policies._on_request import opened_on_request
from azureml_policies._openings import configured, openings_setting
from azureml_policies._reach import (
    NOTHING,
    TCP,
    asked,
    beyond,
    blocked,
    may_pass,
)
from azureml_policies._reach_examples import shown_machines
from azureml_policies._reach_openings import opened_packets
from azureml_policies._reach_sources import sources_that_may_reach
from azureml_policies._stack_topology import (
    judged_topology,
    place_of,
    stack_topology,
)
from azureml_reachability.missing import Missing
from azureml_reachability.packets import PacketSet, Protocol
from azureml_reachability.place_names import (
    INTERNET,
    Place,
    addresses,
    machine,
)
from azureml_reachability.ports import PortSet
from azureml_reachability.topology import (
    EndpointPolicies,
    Interface,
    Kind,
    Subnet,
    Topology,
)
from azureml_rulebook.bastion import DEVELOPER
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tags import HOST_ADDRESS
from azureml_rulebook.subnets import BASTION, GATEWAY, PURPOSES

_IN = Direction.INBOUND
_BASTION_PAGE = "https://learn.microsoft.com/azure/bastion/bastion-nsg"
_BASTION_HOST = "network:BastionHost"
_BASTION_SUBNET = str(PURPOSES[BASTION].azure_name)
_GATEWAY_SUBNET = str(PURPOSES[GATEWAY].azure_name)
_HTTPS = PacketSet.of(protocols=TCP, destination_ports=PortSet.of("443"))
_TUNNELS = PacketSet.of(
    protocols=frozenset({Protocol.UDP}), destination_ports=PortSet.of("500", "4500")
) | PacketSet.of(protocols=frozenset({Protocol.ESP}))
_DOORS = {
    _BASTION_SUBNET.lower(): _HTTPS,
    _GATEWAY_SUBNET.lower(): _HTTPS | _TUNNELS,
}
"""What Azure's own services answer to the Internet, by the name that Azure fixes for
their subnet (``_BASTION_PAGE``,
https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq)."""


@stack_rule(
    id="NR001",
    name="reach-no-internet-in",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    settings={
        "exceptions": openings_setting("What the Internet may reach, by subnet"),
    },
    controls=(
        Control(MCSB, "NS-1"),
        Control(MCSB, "NS-3"),
        Control(CIS_2, "6.1"),
        Control(CIS_2, "6.2"),
    ),
    azure_policies=(
        "22730e10-96f6-4aac-ad84-9383d35b5917",
        "9daedab3-fb2d-461e-b861-71790eead4f6",
    ),
    steps="Take the public address away, or close the group before it: the Internet "
    "reaches TCP 443 of Bastion, and the tunnels of gateways.",
    url="https://learn.microsoft.com/azure/virtual-network/"
    "network-security-groups-overview",
    bad=shown_machines(public=True),
    good=shown_machines(),
)
def no_internet_in(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nobody on the Internet reaches a subnet, but Bastion and gateways."""
    topology = context.stack.once(stack_topology)
    placeless = _placeless(topology)
    if not placeless:
        judged_topology(context.stack)
    advice = "take the public address away, or close the group before it"
    for each in placeless:
        place = machine(each.name)
        yield from beyond(topology, INTERNET, place, NOTHING, advice)
    for subnet in topology.subnets:
        allowed = opened_packets(context, "exceptions", topology, subnet, _IN)
        allowed |= _DOORS.get(subnet.name.lower(), NOTHING)
        yield from beyond(topology, INTERNET, place_of(subnet), allowed, advice)


def _placeless(topology: Topology) -> list[Interface]:
    """Return machines that may have a public address, in a subnet that is not known."""
    return [
        each
        for each in topology.interfaces
        if isinstance(each.subnet, Missing)
        and each.public is not None
        and each.kind is Kind.MACHINE
    ]


@stack_rule(
    id="NR002",
    name="reach-bastion-to-vm-only",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(),
    settings={
        "ports": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["22", "3389"],
            "description": "TCP ports that people enter machines by: numbers or ranges",
        },
        "otherSources": openings_setting(
            "Who reaches machines besides Bastion, by subnet of the machines"
        ),
    },
    controls=(assigned("NS-1"), Control(MCSB, "NS-3")),
    azure_policies=("b0f33259-77d7-4c9e-aac6-3aabcfae693c",),
    twins=("psrule:Azure.NSG.LateralTraversal",),
    steps="Let in the range of AzureBastionSubnet to ports 22 and 3389, and deny the "
    "rest; the Developer tier of Bastion comes from 168.63.129.16.",
    url=_BASTION_PAGE,
    bad=shown_machines(source="VirtualNetwork"),
    good=shown_machines(),
)
def bastion_to_machines_only(subject: Resource, context: Context) -> Iterator[Finding]:
    """People enter machines through Bastion, and from nowhere else."""
    topology = judged_topology(context.stack)
    machines = _machine_subnets(topology)
    if not machines:
        raise NotApplicable("the stack has no machines in subnets")
    ports = configured(
        context, "ports", "ports like '22'", lambda texts: PortSet.of(*texts)
    )
    bastions = {
        each.subnet
        for each in topology.interfaces
        if each.kind is Kind.BASTION and isinstance(each.subnet, Subnet)
    }
    developer = _has_developer_bastion(context.stack)
    on_request = opened_on_request(context.stack)
    for subnet in machines:
        allowed = opened_packets(context, "otherSources", topology, subnet, _IN)
        yield from _others_in(topology, subnet, bastions, ports, allowed)
        yield from _platform_in(topology, subnet, ports, allowed, developer)
        if not _opens_on_request(topology, subnet, on_request):
            yield from _bastion_in(topology, subnet, bastions, ports)


def _others_in(
    topology: Topology,
    machines: Subnet,
    bastions: set[Subnet],
    ports: PortSet,
    allowed: PacketSet,
) -> Iterator[Finding]:
    """Yield who else reaches machines: any place of the stack, or outside."""
    advice = "let Bastion's subnet in, and nobody else"
    own = {place_of(each) for each in bastions}
    for source in sources_that_may_reach(topology, machines):
        if source in own:
            continue
        for place in _entered(topology, machines):
            yield from beyond(topology, source, place, allowed, advice, TCP, ports)


def _platform_in(
    topology: Topology,
    machines: Subnet,
    ports: PortSet,
    allowed: PacketSet,
    developer: bool | Reading,
) -> Iterator[Finding]:
    """Yield whether Azure's host gets in, from which Bastion Developer connects."""
    host = addresses(str(HOST_ADDRESS))
    if developer is True:
        found = asked(topology, host, place_of(machines), TCP, ports)
        if not found.possible:
            question = PacketSet.of(protocols=TCP, destination_ports=ports)
            advice = "let in TCP 22 and 3389 from it, as Bastion Developer needs"
            yield blocked(topology, host, place_of(machines), question, advice)
        return
    advice = "deny it: only the Developer tier of Bastion connects from there"
    for finding in chain.from_iterable(
        beyond(topology, host, place, allowed, advice, TCP, ports)
        for place in _entered(topology, machines)
    ):
        if developer is False:
            yield finding
        else:
            yield Undecided(
                developer.path,
                f"{developer.path} is not known before the deployment: unless it is "
                f"'{DEVELOPER}', {finding.message}",
            )


def _bastion_in(
    topology: Topology, machines: Subnet, bastions: set[Subnet], ports: PortSet
) -> Iterator[Finding]:
    """Yield whether a Bastion of the same network is kept from machines."""
    for bastion in bastions:
        if bastion.network is not machines.network:
            continue
        found = asked(topology, place_of(bastion), place_of(machines), TCP, ports)
        advice = "let TCP 22 and 3389 in from Bastion's subnet"
        if not found.possible:
            question = PacketSet.of(
                sources=bastion.ranges,
                destinations=machines.ranges,
                protocols=TCP,
                destination_ports=ports,
            )
            place = place_of(machines)
            yield blocked(topology, place_of(bastion), place, question, advice)
        elif not found.certain:
            yield may_pass(
                topology,
                place_of(bastion),
                place_of(machines),
                found.possible,
                advice,
                found.missing,
            )


def _opens_on_request(
    topology: Topology, subnet: Subnet, on_request: frozenset[str]
) -> bool:
    """Say whether all machines of a subnet are entered only once somebody asked."""
    return all(
        on_request & {each.name, *each.aliases}
        for each in topology.interfaces_by_subnet[subnet]
        if each.kind is Kind.MACHINE
    )


def _entered(topology: Topology, subnet: Subnet) -> list[Place]:
    """Return where machines of a subnet are entered: anywhere in it.

    Beside private endpoints that its group does not guard, at the machines alone: what
    reaches an endpoint enters no machine.
    """
    policies = subnet.endpoint_policies
    guarded = isinstance(policies, EndpointPolicies) and policies.groups
    if guarded or not topology.endpoints_by_subnet.get(subnet):
        return [place_of(subnet)]
    machines = [
        each
        for each in topology.interfaces_by_subnet[subnet]
        if each.kind is Kind.MACHINE
    ]
    by_name = topology.interfaces_by_name
    names = [
        next(
            (
                name
                for name in (each.name, *each.aliases)
                if len(by_name[name.lower()]) == 1
            ),
            None,
        )
        for each in machines
    ]
    if None in names:
        return [place_of(subnet)]
    return [machine(name) for name in names if name is not None]


def _machine_subnets(topology: Topology) -> list[Subnet]:
    found = {
        each.subnet: True
        for each in topology.interfaces
        if each.kind is Kind.MACHINE and isinstance(each.subnet, Subnet)
    }
    return list(found)


def _has_developer_bastion(stack: Stack) -> bool | Unknown:
    """Say whether a Bastion of the stack is of the Developer tier; or what tells."""
    unknown: Unknown | None = None
    for bastion in stack.of_type(_BASTION_HOST):
        match bastion.value("sku.name"):
            case Known() as name if name.is_any_of((DEVELOPER,)):
                return True
            case Unknown() as reading:
                unknown = reading
    return unknown or False
