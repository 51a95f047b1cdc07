"""Machines behind a load balancer: pools of interfaces that are made here, of others'
interfaces, or of addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from pulumi import Input

from azureml_network._application_security_groups import (
    read_application_security_groups,
)
from azureml_network._inputs import InputReader
from azureml_network._published_service.addresses import (
    read_address,
    read_subnet_prefix,
    twice_findings,
)
from azureml_network._published_service.arguments import InterfaceSpec
from azureml_rulebook.address_ranges import read_subnet_address
from azureml_rulebook.findings import Finding
from azureml_rulebook.load_balancers import address_pool_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import SUBNET


@dataclass(frozen=True, kw_only=True)
class InterfacePlan:
    """A network interface for a machine."""

    name: str
    """In Pulumi and in Azure."""
    subnet_id: Input[str]
    address: IPv4Address | None
    """None: Azure chooses."""
    security_group_ids: tuple[Input[str], ...]
    """Application security groups that it joins."""


@dataclass(frozen=True, kw_only=True)
class PoolPlan:
    """Machines that get what is passed on."""

    interfaces: Mapping[str, InterfacePlan]
    addresses: tuple[IPv4Address, ...]
    """In place of interfaces."""


def read_pool(
    spec: InputReader, stem: str, *, private_link: bool, network_given: bool
) -> PoolPlan:
    """Read one pool, whose interfaces' names begin with ``stem``.

    ``private_link``: whether a Private Link service is before it. ``network_given``:
    whether the network of machines by address is known.
    """
    interfaces = {
        key: _interface(item, f"{stem}-{key}-nic")
        for key, item in sorted(spec.each_optional("interfaces", InterfaceSpec).items())
    }
    addresses = _pool_addresses(spec)
    spec.findings += address_pool_findings(
        addresses=spec.has("addresses") and not spec.is_empty("addresses"),
        interfaces=bool(interfaces),
        private_link=private_link,
        network_given=network_given,
        path=spec.path,
    )
    return PoolPlan(interfaces=interfaces, addresses=addresses)


def _pool_addresses(spec: InputReader) -> tuple[IPv4Address, ...]:
    found = [
        (
            f"{spec.path}.addresses[{index}]",
            read_subnet_address(
                text,
                None,
                f"{spec.path}.addresses[{index}]",
                whose="a machine in the network",
            ),
        )
        for index, text in enumerate(spec.texts("addresses", ()))
    ]
    spec.findings += [item for _, item in found if isinstance(item, Finding)]
    read = [(path, item) for path, item in found if isinstance(item, IPv4Address)]
    spec.findings += twice_findings(read)
    return tuple(item for _, item in read)


def _interface(spec: InputReader, name: str) -> InterfacePlan:
    spec.findings += name_findings("network_interface", name, path=spec.path)
    return InterfacePlan(
        name=name,
        subnet_id=spec.resource_id("subnet_id", SUBNET, required=True) or "",
        address=read_address(
            spec,
            "private_address",
            read_subnet_prefix(spec, "subnet_prefix"),
            whose="the machine's subnet",
        ),
        security_group_ids=read_application_security_groups(
            spec, "application_security_group_ids"
        ),
    )
