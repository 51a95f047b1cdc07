"""The network and its subnet for gateways: read, and compared with what lives there.

A gateway subnet cannot grow while there is a gateway in it, so that its size is looked
at before the first one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.capacity import Tenant, capacity_findings
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import (
    NETWORK,
    SUBNET,
    ResourceId,
    id_form,
    read_resource_id,
)
from azureml_rulebook.subnets import GATEWAY, subnet_purpose

_ID = "gateway_subnet_id"
_PREFIX = "gateway_subnet_prefix"
_NAME = "network_name"


@dataclass(frozen=True, kw_only=True)
class NetworkPlan:
    """The network that gateways are in."""

    id: Input[str]
    name: str | None
    """None: it is not known before anything is made."""
    ranges: Ranges
    """Its ranges, each with its path."""
    elsewhere: Ranges
    """Further ranges in use, of peered networks and on-premises."""


def read_network_name(reader: InputReader, network_id: Input[str] | None) -> str | None:
    """Read the network's name, from its id where that is plain."""
    given = reader.optional_text(_NAME)
    found = read_resource_id(network_id, NETWORK, "network_id")
    if not isinstance(found, ResourceId):
        return given
    if given is not None and given.lower() != found.name.lower():
        reader.note(
            _NAME,
            f"'{given}' is not the network of network_id, '{found.name}'; leave it out",
        )
    return found.name


def read_gateway_subnet(
    reader: InputReader,
    network: NetworkPlan,
    tenants: Collection[Tenant],
    *,
    required: bool,
) -> Input[str] | None:
    """Read the subnet of the gateways; None if it was left out.

    Args:
        reader: the component's inputs.
        network: the network that it is in.
        tenants: what lives in the subnet and asks for more than its purpose.
        required: whether there is a gateway.
    """
    subnet_id = reader.resource_id(_ID, SUBNET, required=required)
    found = read_resource_id(subnet_id, SUBNET, _ID)
    if isinstance(found, ResourceId):
        reader.findings += _subnet_findings(found, network.id)
    if required:
        _check_prefix(reader, network.ranges, tenants)
    return subnet_id


def _subnet_findings(subnet: ResourceId, network_id: Input[str]) -> list[Finding]:
    wanted = subnet_purpose(GATEWAY).azure_name or ""
    if subnet.name != wanted:
        return [
            Finding(
                _ID,
                f"'{subnet}' is not called {wanted}, and Azure puts gateways nowhere "
                f"else; give {id_form(SUBNET, wanted)} "
                f"({subnet_purpose(GATEWAY).page})",
            )
        ]
    network = read_resource_id(network_id, NETWORK, "network_id")
    if isinstance(network, ResourceId) and not subnet.parent.is_same(network):
        return [
            Finding(
                _ID,
                f"'{subnet}' is in another network than network_id ({network}); give "
                "the subnet of that one",
            )
        ]
    return []


def _check_prefix(
    reader: InputReader, ranges: Ranges, tenants: Collection[Tenant]
) -> None:
    text = reader.optional_text(_PREFIX)
    if text is None:
        return
    prefix = read_range(text, _PREFIX)
    if isinstance(prefix, Finding):
        reader.findings.append(prefix)
        return
    reader.findings += _outside_findings(prefix, ranges)
    reader.findings += capacity_findings(
        GATEWAY, prefix.prefixlen, tenants, path=_PREFIX
    )


def _outside_findings(prefix: IPv4Network, ranges: Ranges) -> list[Finding]:
    if not ranges or any(prefix.subnet_of(each) for _, each in ranges):
        return []
    shown = ", ".join(str(each) for _, each in ranges)
    return [
        Finding(
            _PREFIX,
            f"'{prefix}' is not in the network ({shown}); give the range that the "
            "subnet has",
        )
    ]
