"""Networks that use the gateways of this one: both halves of each peering.

This network's half lends the gateways and is made first; Azure lets the other network
use them only then, and only once there is a gateway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input
from pulumi_azure_native import network

from azureml_network._hybrid_gateway.arguments import SpokeSpec
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_network._peerings import peering_half
from azureml_network._subscriptions import subscription_provider
from azureml_network._surroundings import Surroundings
from azureml_rulebook.address_ranges import elsewhere_findings, read_ranges
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.peerings import same_network_findings
from azureml_rulebook.resource_ids import (
    NETWORK,
    ResourceId,
    read_resource_id,
)

_SPOKES = "spokes"


@dataclass(frozen=True, kw_only=True)
class SpokePlan:
    """A network that uses the gateways."""

    network: ResourceId
    address_space: Ranges
    """Its ranges, each with its path."""
    allow_forwarded_traffic: bool
    """Whether each network takes what the other one forwards from elsewhere."""


@dataclass(frozen=True, kw_only=True)
class SpokePeerings:
    """Both halves of a peering that were made."""

    hub: network.VirtualNetworkPeering
    spoke: network.VirtualNetworkPeering


def read_spokes(
    reader: InputReader,
    name: str,
    network_id: Input[str] | None,
    network_name: str | None,
    *,
    gateways: bool,
) -> dict[str, SpokePlan]:
    """Read the spokes of the component called ``name``, in order of name.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        network_id: of the network with the gateways.
        network_name: its name, where that is known.
        gateways: whether there are any.
    """
    readers = reader.each_optional(_SPOKES, SpokeSpec)
    if not readers:
        return {}
    if not gateways:
        reader.note(
            _SPOKES,
            "use the gateways of this network, and it has none; give vpn or "
            "express_route, or leave this out",
        )
    if network_name is None:
        reader.note(
            "network_name",
            "is required with spokes where network_id is not plain: it says in which "
            "network this half of the peerings is made",
        )
    plans: dict[str, SpokePlan] = {}
    for key, spec in sorted(readers.items()):
        plan = _spoke(spec, f"{name}-{key}")
        if plan is not None:
            plans[key] = plan
    reader.findings += same_name_findings(
        "virtual_network_peering",
        [(spec.path, f"{name}-{key}") for key, spec in sorted(readers.items())],
    )
    own = [("network_id", network_id)] if isinstance(network_id, str) else []
    reader.findings += same_network_findings(
        [
            *own,
            *(
                (f"{_SPOKES}.{key}.network_id", str(plan.network))
                for key, plan in plans.items()
            ),
        ]
    )
    return plans


def spoke_ranges(plans: Mapping[str, SpokePlan]) -> Ranges:
    """Return the ranges of all spokes, each with its path."""
    return tuple(item for plan in plans.values() for item in plan.address_space)


def make_spokes(
    parts: Surroundings,
    plans: Mapping[str, SpokePlan],
    network_id: Input[str],
    network_name: str,
    after: Sequence[pulumi.Resource],
) -> dict[str, SpokePeerings]:
    """Make the peerings one after another, in order of name.

    Args:
        parts: the surroundings; this network is in their resource group.
        plans: the spokes.
        network_id: of this network.
        network_name: its name.
        after: the gateways, which there must be first, and what else changes the
            network, which takes one change at a time.
    """
    made: dict[str, SpokePeerings] = {}
    previous = list(after)
    for key, plan in plans.items():
        made[key] = _peerings(parts, key, plan, network_id, network_name, previous)
        previous = [made[key].spoke]
    return made


def _spoke(spec: InputReader, name: str) -> SpokePlan | None:
    """Read one spoke; None after a finding about its id."""
    path = f"{spec.path}.address_space"
    ranges, findings = read_ranges(spec.texts("address_space"), path)
    spec.findings += findings
    for range_path, network_range in ranges:
        spec.findings += elsewhere_findings(network_range, range_path)
    spec.findings += name_findings("virtual_network_peering", name, path=spec.path)
    forwarded = spec.flag("allow_forwarded_traffic", False)
    text = spec.text("network_id")
    if not text:
        return None
    found = read_resource_id(text, NETWORK, f"{spec.path}.network_id")
    if isinstance(found, Finding):
        spec.findings.append(found)
        return None
    return SpokePlan(
        network=found,
        address_space=tuple(ranges),
        allow_forwarded_traffic=forwarded,
    )


def _peerings(
    parts: Surroundings,
    key: str,
    plan: SpokePlan,
    network_id: Input[str],
    network_name: str,
    after: Sequence[pulumi.Resource],
) -> SpokePeerings:
    """Make this network's half, and then the spoke's in its own subscription."""
    provider = subscription_provider(
        f"{parts.name}-{key}-spoke",
        plan.network.subscription_id,
        parts.place,
        parts.options(),
    )
    hub = peering_half(
        parts,
        f"{parts.name}-{key}-peering",
        f"{parts.name}-{key}",
        resource_group_name=parts.resource_group_name,
        network_name=network_name,
        remote_id=str(plan.network),
        allow_forwarded_traffic=plan.allow_forwarded_traffic,
        allow_gateway_transit=True,
        after=after,
    )
    spoke = peering_half(
        parts,
        f"{parts.name}-{key}-spoke-peering",
        network_name,
        resource_group_name=plan.network.resource_group_name,
        network_name=plan.network.name,
        remote_id=network_id,
        allow_forwarded_traffic=plan.allow_forwarded_traffic,
        use_remote_gateways=True,
        after=[hub],
        provider=provider,
    )
    return SpokePeerings(hub=hub, spoke=spoke)
