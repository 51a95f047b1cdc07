"""Which resources of a plan have which public addresses.

An address does not say who has it; whoever has it names it, each type in a property of
its own. At preview the ids are unknown, and the dependency edges of that property tell.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from azureml_policies._frame import (
    Known,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    WrongType,
)
from azureml_policies._plan import (
    BASTION_HOST,
    FIREWALL,
    GATEWAY,
    INTERFACE,
    PUBLIC_ADDRESS,
)

LOAD_BALANCER = "network:LoadBalancer"
NAT_GATEWAY = "network:NatGateway"


@dataclass(frozen=True, slots=True)
class HolderType:
    """A type of resource that can have public addresses."""

    name: str
    """``module:Resource``"""
    title: str
    paths: tuple[str, ...]
    """Where it names them; ``[]`` stands for every element of a list."""


HOLDERS: tuple[HolderType, ...] = (
    HolderType(BASTION_HOST, "Bastion", ("ipConfigurations[].publicIPAddress.id",)),
    HolderType(GATEWAY, "gateway", ("ipConfigurations[].publicIPAddress.id",)),
    HolderType(NAT_GATEWAY, "NAT gateway", ("publicIpAddresses[].id",)),
    HolderType(
        FIREWALL,
        "firewall",
        (
            "ipConfigurations[].publicIPAddress.id",
            "managementIpConfiguration.publicIPAddress.id",
        ),
    ),
    HolderType(
        LOAD_BALANCER,
        "load balancer",
        ("frontendIPConfigurations[].publicIPAddress.id",),
    ),
    HolderType(
        "network:ApplicationGateway",
        "application gateway",
        ("frontendIPConfigurations[].publicIPAddress.id",),
    ),
    HolderType(
        INTERFACE,
        "network interface",
        ("ipConfigurations[].publicIPAddress.id",),
    ),
    HolderType(
        "network:NetworkVirtualAppliance",
        "virtual appliance",
        ("internetIngressPublicIps[].id",),
    ),
    HolderType(
        "network:VirtualHubIpConfiguration", "route server", ("publicIPAddress.id",)
    ),
    HolderType(
        "containerservice:ManagedCluster",
        "Kubernetes cluster",
        ("networkProfile.loadBalancerProfile.outboundIPs.publicIPs[].id",),
    ),
)
"""From the input types of each (https://www.pulumi.com/registry/packages/azure-native)."""


@dataclass(frozen=True, slots=True)
class Use:
    """One resource that has, or may have, an address."""

    holder: Resource
    type: HolderType
    reading: Reading
    """The id by which it names the address."""


@dataclass(slots=True)
class AddressUses:
    """Who has the public addresses of a stack."""

    _certain: dict[str, list[Use]] = field(default_factory=lambda: defaultdict(list))
    """By the URN of the address."""
    _possible: list[tuple[Reference, Use]] = field(default_factory=list)

    def of(self, address: Resource) -> list[Use]:
        """Return what certainly has ``address``."""
        return self._certain.get(address.urn, [])

    def perhaps_of(self, address: Resource) -> list[Use]:
        """Return what may have ``address``."""
        return [use for reference, use in self._possible if reference.may_be(address)]

    def add(self, stack: Stack, holder: Resource, kind: HolderType, path: str) -> None:
        """Add what ``holder`` names at ``path``."""
        unknown: list[Use] = []
        for reading in readings_at(holder, path):
            use = Use(holder, kind, reading)
            reference = stack.resolve(holder, reading, PUBLIC_ADDRESS)
            if reference.certain is not None:
                self._certain[reference.certain.urn].append(use)
            elif isinstance(reading, Unknown) and reference.possible:
                unknown.append(use)
            else:
                self._possible.append((reference, use))
        self._add_by_edges(stack, unknown)

    def _add_by_edges(self, stack: Stack, unknown: list[Use]) -> None:
        """Add unknown ids of one property, made from several addresses.

        Where there are as many addresses as ids, each has its own.
        """
        if not unknown:
            return
        reference = stack.resolve(unknown[0].holder, unknown[0].reading, PUBLIC_ADDRESS)
        if len(reference.possible) == len(unknown):
            for address, use in zip(reference.possible, unknown, strict=True):
                self._certain[address.urn].append(use)
        else:
            self._possible.extend((reference, use) for use in unknown)


def address_uses(stack: Stack) -> AddressUses:
    """Return who has the public addresses of ``stack``; ask through ``stack.once``."""
    uses = AddressUses()
    for kind in HOLDERS:
        for holder in stack.of_type(kind.name):
            for path in kind.paths:
                uses.add(stack, holder, kind, path)
    return uses


def readings_at(resource: Resource, path: str) -> Iterator[Reading]:
    """Yield what stands at ``path``, in which ``[]`` stands for every element.

    What is not known on the way is yielded in place of all below it; what is no list
    holds nothing.
    """
    first, *rest = path.split("[]")
    found = [resource.value(first)]
    for part in rest:
        found = [
            element.at(part.lstrip(".")) if part else element
            for reading in found
            for element in _elements(reading)
        ]
    for reading in found:
        if isinstance(reading, Known | Unknown):
            yield reading


def _elements(reading: Reading) -> list[Reading]:
    if isinstance(reading, Unknown):
        return [reading]
    try:
        return reading.elements()
    except WrongType:
        return []
