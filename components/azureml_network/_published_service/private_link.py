"""The Private Link service before a load balancer, as asked for and as it is made.

Consumers in other networks come from its addresses, so their own ranges do not matter;
who may ask for a connection and who is let in at once is named, or nobody is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from pulumi import Input, Output
from pulumi_azure_native import network

from azureml_network._inputs import InputReader
from azureml_network._published_service.addresses import (
    read_subnet_prefix,
    twice_findings,
)
from azureml_network._published_service.arguments import PrivateLinkSpec
from azureml_network._published_service.balancer import SUBNET_ID
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.address_ranges import read_subnet_address
from azureml_rulebook.findings import Finding
from azureml_rulebook.private_link_services import (
    FEWEST_ADDRESSES,
    address_count_findings,
    audience_findings,
    audience_warnings,
    own_subnet_findings,
    subnet_size_findings,
)
from azureml_rulebook.resource_ids import SUBNET

_KEY = "private_link"


@dataclass(frozen=True, kw_only=True)
class PrivateLinkPlan:
    """A Private Link service."""

    subnet_id: Input[str]
    addresses: tuple[IPv4Address | None, ...]
    """Those that consumers come from, the first one primary; None: Azure chooses."""
    visible_to: tuple[str, ...]
    approved_for: tuple[str, ...]
    proxy_protocol: bool

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a review is told: what is open to everybody, a line for each."""
        return audience_warnings(self.visible_to, self.approved_for, path=_KEY)


def read_private_link(reader: InputReader) -> PrivateLinkPlan | None:
    """Read ``private_link``; None if it was left out."""
    if not reader.has(_KEY):
        return None
    spec = reader.nested(_KEY, PrivateLinkSpec)
    subnet_id = spec.resource_id("subnet_id", SUBNET, required=True) or ""
    spec.findings += own_subnet_findings(
        subnet_id,
        reader.optional_input(SUBNET_ID),
        path=f"{spec.path}.subnet_id",
    )
    visible_to = _subscriptions(spec, "visible_to")
    approved_for = _subscriptions(spec, "approved_for")
    spec.findings += audience_findings(visible_to, approved_for, path=spec.path)
    return PrivateLinkPlan(
        subnet_id=subnet_id,
        addresses=_addresses(spec),
        visible_to=visible_to,
        approved_for=approved_for,
        proxy_protocol=spec.flag("proxy_protocol", False),
    )


def private_link_service(
    parts: Surroundings, plan: PrivateLinkPlan, frontend_ids: Sequence[Input[str]]
) -> network.PrivateLinkService:
    """Make the service before the addresses of a load balancer."""
    name = f"{parts.name}-pls"
    return network.PrivateLinkService(
        name,
        service_name=living_with(name, Output.concat(plan.subnet_id, *frontend_ids)),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        load_balancer_frontend_ip_configurations=[
            {"id": frontend_id} for frontend_id in frontend_ids
        ],
        ip_configurations=[
            _nat_address(plan, index) for index in range(len(plan.addresses))
        ],
        enable_proxy_protocol=plan.proxy_protocol,
        visibility={"subscriptions": list(plan.visible_to)},
        auto_approval={"subscriptions": list(plan.approved_for)},
        tags=parts.tags,
        opts=parts.options(),
    )


def _nat_address(
    plan: PrivateLinkPlan, index: int
) -> network.PrivateLinkServiceIpConfigurationArgsDict:
    address = plan.addresses[index]
    made: network.PrivateLinkServiceIpConfigurationArgsDict = {
        "name": f"nat-{index + 1}",
        "primary": index == 0,
        "subnet": {"id": plan.subnet_id},
        "private_ip_address_version": network.IPVersion.I_PV4,
        "private_ip_allocation_method": network.IPAllocationMethod.DYNAMIC,
    }
    if address is not None:
        made["private_ip_address"] = str(address)
        made["private_ip_allocation_method"] = network.IPAllocationMethod.STATIC
    return made


def _addresses(spec: InputReader) -> tuple[IPv4Address | None, ...]:
    """Return the addresses, of which there is one at least."""
    subnet = read_subnet_prefix(spec, "subnet_prefix")
    found = [
        (
            path := f"{spec.path}.addresses[{index}]",
            read_subnet_address(
                text, subnet, path, whose="the Private Link service's subnet"
            ),
        )
        for index, text in enumerate(spec.texts("addresses", ()))
    ]
    spec.findings += [item for _, item in found if isinstance(item, Finding)]
    read = [(path, item) for path, item in found if isinstance(item, IPv4Address)]
    spec.findings += twice_findings(read)
    asked = spec.optional_integer("address_count")
    count = len(found) or FEWEST_ADDRESSES if asked is None else asked
    key = "addresses" if asked is None and found else "address_count"
    faults = address_count_findings(count, path=f"{spec.path}.{key}")
    spec.findings += faults
    if asked is not None and found and asked != len(found):
        spec.note(
            "address_count",
            f"{asked} is not the number of addresses, {len(found)}; leave it out, or "
            "give as many addresses",
        )
    if faults:
        return (None,)
    if subnet is not None:
        spec.findings += subnet_size_findings(
            subnet, count, path=f"{spec.path}.subnet_prefix"
        )
    return tuple(item for _, item in read) or (None,) * count


def _subscriptions(spec: InputReader, key: str) -> tuple[str, ...]:
    texts: list[str] = []
    for index, item in enumerate(spec.texts(key, ())):
        if isinstance(item, str):
            texts.append(item)
        else:
            spec.note(f"{key}[{index}]", f"{item!r} is not text; give an id or '*'")
    return tuple(texts)
