"""How a network joins a larger one: peerings, DNS servers, and what exists already.

Peerings are resources of their own and nothing waits for them, so that a change of one
touches neither the network nor its subnets.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TypedDict

import pulumi
from pulumi import Input
from pulumi_azure_native import network

from azureml_network._inputs import InputReader
from azureml_network._peerings import peering_half
from azureml_network._secure_vnet.arguments import PeeringSpec
from azureml_network._subscriptions import subscription_provider
from azureml_network._surroundings import Surroundings
from azureml_rulebook import dns_servers
from azureml_rulebook.address_ranges import elsewhere_findings, read_ranges
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.peerings import (
    Peering,
    peering_findings,
    same_network_findings,
)
from azureml_rulebook.resource_ids import (
    DDOS_PROTECTION_PLAN,
    NETWORK,
    SUBNET,
    ResourceId,
    read_resource_id,
)
from azureml_rulebook.subnets import GATEWAY

_EXISTING = "existing_network_id"
_OF_THE_NETWORK_ITSELF = ("ddos_protection_plan_id", "encrypt_traffic")
_OF_THE_SUBNET_ITSELF = ("azure_name", "service_endpoints")


@dataclass(frozen=True, kw_only=True)
class PeeringPlan:
    """A peering with another network."""

    network_id: Input[str]
    address_space: tuple[tuple[str, IPv4Network], ...]
    """The other network's ranges, each with its path."""
    allow_forwarded_traffic: bool
    allow_gateway_transit: bool
    use_remote_gateways: bool
    return_from: ResourceId | None
    """The other network, where its half is made here too."""


@dataclass(frozen=True, kw_only=True)
class JoiningPlan:
    """How a network joins a larger one."""

    existing_network: ResourceId | None
    """The network, where it exists already and only its subnets are made."""
    dns_servers: tuple[IPv4Address, ...]
    """Whom machines ask for names; empty: Azure's own service."""
    ddos_protection_plan_id: Input[str] | None
    encrypt_traffic: bool
    peerings: Mapping[str, PeeringPlan]
    """In order of name, which is the order in which they are made."""

    @property
    def peer_ranges(self) -> tuple[tuple[str, IPv4Network], ...]:
        """The ranges of all peers, each with its path."""
        return tuple(
            item for peering in self.peerings.values() for item in peering.address_space
        )

    @property
    def gateway_networks(self) -> tuple[Input[str], ...]:
        """Ids of the networks whose gateways this one uses."""
        return tuple(
            peering.network_id
            for peering in self.peerings.values()
            if peering.use_remote_gateways
        )


class VirtualNetworkInputs(TypedDict, total=False):
    """What a network's resource gets besides its name, place and ranges."""

    dhcp_options: network.DhcpOptionsArgsDict
    ddos_protection_plan: network.SubResourceArgsDict
    enable_ddos_protection: bool
    encryption: network.VirtualNetworkEncryptionArgsDict


def read_joining(
    reader: InputReader,
    name: str,
    existing: ResourceId | None,
    address_space: Sequence[tuple[str, IPv4Network]],
    purposes: Collection[str],
) -> JoiningPlan:
    """Read how the network of the component called ``name`` joins a larger one.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        existing: the network, if that exists already.
        address_space: its ranges, each with its path.
        purposes: those of its subnets.
    """
    if existing is not None:
        for key in _OF_THE_NETWORK_ITSELF:
            if reader.has(key) and not reader.is_false(key):
                reader.note(
                    key,
                    f"belongs to the network, which {_EXISTING} says exists already; "
                    "leave it out, its owner sets it",
                )
    return JoiningPlan(
        existing_network=existing,
        dns_servers=read_dns_servers(reader),
        ddos_protection_plan_id=reader.resource_id(
            "ddos_protection_plan_id", DDOS_PROTECTION_PLAN
        ),
        encrypt_traffic=reader.flag("encrypt_traffic", False),
        peerings=_peerings(reader, name, existing, address_space, purposes),
    )


def read_dns_servers(reader: InputReader) -> tuple[IPv4Address, ...]:
    """Read the DNS servers of the network, in the order in which they are asked."""
    key = "dns_servers"
    servers, findings = dns_servers.read_dns_servers(reader.texts(key, ()), key)
    reader.findings += findings
    return servers


def read_existing_network(reader: InputReader) -> ResourceId | None:
    """Read the id of the network; None if a new one is made."""
    text = reader.optional_text(_EXISTING)
    if text is None:
        return None
    found = read_resource_id(text, NETWORK, _EXISTING)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def read_existing_subnet(
    reader: InputReader, existing_network: ResourceId | None
) -> Input[str] | None:
    """Read the id of one subnet; None if it is made here.

    ``reader``: of that subnet's inputs. ``existing_network``: the network, if that
    exists already.
    """
    key = "existing_id"
    subnet_id = reader.resource_id(key, SUBNET)
    if subnet_id is None:
        return None
    if not reader.has("prefix"):
        reader.note(
            "prefix", f"is required with {key}; give the range that the subnet has"
        )
    for other in _OF_THE_SUBNET_ITSELF:
        if reader.has(other):
            reader.note(
                other,
                f"belongs to the subnet, which exists already ({key}); leave it out",
            )
    if existing_network is None:
        reader.note(
            key, f"needs {_EXISTING}: a new network has no subnets; give that too"
        )
    elif isinstance(subnet_id, str):
        found = read_resource_id(subnet_id, SUBNET, key)
        if isinstance(found, ResourceId) and not found.parent.is_same(existing_network):
            reader.note(
                key,
                f"'{subnet_id}' is in another network than {_EXISTING} "
                f"({existing_network}); give a subnet of that one",
            )
    return subnet_id


def virtual_network_inputs(plan: JoiningPlan) -> VirtualNetworkInputs:
    """Return what the network's own resource gets from ``plan``."""
    inputs = VirtualNetworkInputs()
    if plan.dns_servers:
        inputs["dhcp_options"] = {
            "dns_servers": [str(server) for server in plan.dns_servers]
        }
    if plan.ddos_protection_plan_id is not None:
        inputs["ddos_protection_plan"] = {"id": plan.ddos_protection_plan_id}
        inputs["enable_ddos_protection"] = True
    if plan.encrypt_traffic:
        inputs["encryption"] = {
            "enabled": True,
            # Azure takes no other value:
            # https://learn.microsoft.com/azure/virtual-network/virtual-network-encryption-overview
            "enforcement": (
                network.VirtualNetworkEncryptionEnforcement.ALLOW_UNENCRYPTED
            ),
        }
    return inputs


def peerings(
    parts: Surroundings,
    plan: JoiningPlan,
    vnet_id: Input[str],
    after: Sequence[pulumi.Resource],
) -> dict[str, network.VirtualNetworkPeering]:
    """Make the peerings one after another, in order of name.

    ``after``: the network and its subnets; a network takes one change at a time. The
    other network's half is made before this one's, which may use its gateways only once
    that half allows it.
    """
    made: dict[str, network.VirtualNetworkPeering] = {}
    existing = plan.existing_network
    resource_group_name = (
        parts.resource_group_name if existing is None else existing.resource_group_name
    )
    network_name = f"{parts.name}-vnet" if existing is None else existing.name
    previous = list(after)
    for key, peering in plan.peerings.items():
        if peering.return_from is not None:
            previous = [
                _return_peering(
                    parts,
                    key,
                    peering.return_from,
                    network_name,
                    vnet_id,
                    opens_gateways=peering.use_remote_gateways,
                    previous=previous,
                )
            ]
        made[key] = peering_half(
            parts,
            f"{parts.name}-{key}-peering",
            f"{parts.name}-{key}",
            resource_group_name=resource_group_name,
            network_name=network_name,
            remote_id=peering.network_id,
            allow_forwarded_traffic=peering.allow_forwarded_traffic,
            allow_gateway_transit=peering.allow_gateway_transit,
            use_remote_gateways=peering.use_remote_gateways,
            after=previous,
        )
        previous = [made[key]]
    return made


def _return_peering(
    parts: Surroundings,
    key: str,
    other: ResourceId,
    network_name: str,
    vnet_id: Input[str],
    *,
    opens_gateways: bool,
    previous: Sequence[pulumi.Resource],
) -> network.VirtualNetworkPeering:
    """Make the half of the ``other`` network, in its own subscription.

    ``opens_gateways``: lets this network use the gateways of the other one. The other
    one does not use this network's: Azure refuses that until there is one.
    """
    provider = subscription_provider(
        f"{parts.name}-{key}-peer", other.subscription_id, parts.place, parts.options()
    )
    return peering_half(
        parts,
        f"{parts.name}-{key}-return-peering",
        network_name,
        resource_group_name=other.resource_group_name,
        network_name=other.name,
        remote_id=vnet_id,
        allow_gateway_transit=opens_gateways,
        after=previous,
        provider=provider,
    )


def _peerings(
    reader: InputReader,
    name: str,
    existing: ResourceId | None,
    address_space: Sequence[tuple[str, IPv4Network]],
    purposes: Collection[str],
) -> dict[str, PeeringPlan]:
    if not reader.has("peerings"):
        return {}
    plans: dict[str, PeeringPlan] = {}
    checked: dict[str, Peering] = {}
    for key, spec in sorted(reader.each("peerings", PeeringSpec).items()):
        path = f"{spec.path}.address_space"
        ranges, findings = read_ranges(spec.texts("address_space"), path)
        spec.findings += findings
        for range_path, network_range in ranges:
            spec.findings += elsewhere_findings(network_range, range_path)
        spec.findings += name_findings(
            "virtual_network_peering", f"{name}-{key}", path=spec.path
        )
        network_id = spec.resource_id("network_id", NETWORK, required=True) or ""
        plans[key] = PeeringPlan(
            network_id=network_id,
            address_space=tuple(ranges),
            allow_forwarded_traffic=spec.flag("allow_forwarded_traffic", False),
            allow_gateway_transit=spec.flag("allow_gateway_transit", False),
            use_remote_gateways=spec.flag("use_remote_gateways", False),
            return_from=_return_from(spec, network_id),
        )
        checked[key] = Peering(
            path=spec.path,
            address_space=ranges,
            allow_gateway_transit=plans[key].allow_gateway_transit,
            use_remote_gateways=plans[key].use_remote_gateways,
        )
    reader.findings += peering_findings(
        checked, address_space, own_gateway=GATEWAY in purposes
    )
    reader.findings += same_name_findings(
        "virtual_network_peering",
        [(f"peerings.{key}", f"{name}-{key}") for key in plans],
    )
    reader.findings += same_network_findings(
        [
            *([] if existing is None else [(_EXISTING, str(existing))]),
            *(
                (f"peerings.{key}.network_id", plan.network_id)
                for key, plan in plans.items()
                if isinstance(plan.network_id, str) and plan.network_id
            ),
        ]
    )
    return plans


def _return_from(spec: InputReader, network_id: Input[str]) -> ResourceId | None:
    """Return the other network if its half of the peering is to be made."""
    if not spec.flag("return_peering", False):
        return None
    if not isinstance(network_id, str):
        spec.note(
            "network_id",
            "is known only after deployment, or secret; it says where return_peering "
            "is made, give a plain id",
        )
    found = read_resource_id(network_id, NETWORK, spec.path)
    return found if isinstance(found, ResourceId) else None
