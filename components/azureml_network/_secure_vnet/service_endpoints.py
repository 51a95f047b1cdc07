"""Service endpoints of subnets, and the policy that keeps them to one's own storage."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input
from pulumi_azure_native import network

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._secure_vnet.addressing import RequestedSubnet
from azureml_network._surroundings import Surroundings
from azureml_rulebook.security_rules import SecurityRule
from azureml_rulebook.service_endpoints import (
    MACHINE_LEARNING,
    OWN_STORAGE,
    PAGE,
    STORAGE,
    TAGS_BY_SERVICE,
    PolicyDefinition,
    has_storage,
    lets_out,
    policy_findings,
    storage_scope_findings,
)
from azureml_rulebook.service_tag_lists import PublishedTags
from azureml_rulebook.subnets import FIREWALL

_POLICY_KEY = "service_endpoint_policy_storage_ids"


@dataclass(frozen=True, kw_only=True)
class ServiceEndpointPlan:
    """What is made for service endpoints besides the subnets' own lists."""

    storage_ids: tuple[Input[str], ...]
    """What the policy lets subnets reach; empty: there is no policy."""
    warnings: tuple[str, ...]


def read_service_endpoints(
    reader: InputReader,
    subnets: Mapping[str, RequestedSubnet],
    *,
    passes_firewall: bool,
) -> ServiceEndpointPlan:
    """Read the policy for service endpoints, and warn of what passes a firewall by.

    ``passes_firewall``: whether a firewall or an appliance is the way out.
    """
    storage_ids = reader.input_texts(_POLICY_KEY)
    for index, item in enumerate(storage_ids):
        if not is_known_later(item):
            reader.findings += storage_scope_findings(
                item, path=f"{_POLICY_KEY}[{index}]"
            )
    if storage_ids:
        _note_policy_faults(reader, subnets)
    warnings: list[str] = []
    for subnet in subnets.values():
        if subnet.purpose.name == FIREWALL:
            continue
        services = ", ".join(subnet.service_endpoints)
        path = f"{subnet.path}.service_endpoints"
        if services and passes_firewall:
            warnings.append(
                f"{path}: traffic to {services} goes by Azure's own network and passes "
                f"the firewall by ({PAGE})"
            )
        if has_storage(subnet.service_endpoints) and not storage_ids:
            warnings.append(
                f"{path}: {STORAGE} is open to every storage account; set "
                f"{_POLICY_KEY} to keep it to your own"
            )
    return ServiceEndpointPlan(storage_ids=storage_ids, warnings=tuple(warnings))


def closed_service_warnings(
    subnets: Mapping[str, RequestedSubnet],
    groups: Mapping[str, tuple[SecurityRule, ...]],
    cloud_name: str,
    published: PublishedTags | None,
) -> tuple[str, ...]:
    """Name the service endpoints that no rule of their subnet's group lets be used.

    ``groups``: the rules of the security groups by subnet name; no entry where there is
    none, and so nothing is closed.
    """
    return tuple(
        f"{subnets[name].path}.service_endpoints: the security group lets nothing out "
        f"to {service}, so that this endpoint opens nothing; add a rule from "
        f"'subnet:{name}' to 'tag:{TAGS_BY_SERVICE[service]}', or leave {service} out"
        for name, rules in groups.items()
        for service in subnets[name].service_endpoints
        if not lets_out(rules, service, cloud_name, published)
    )


def _note_policy_faults(
    reader: InputReader, subnets: Mapping[str, RequestedSubnet]
) -> None:
    """Note where the policy would be on no subnet, or on one that takes none."""
    for subnet in subnets.values():
        if subnet.purpose.service_endpoints:
            reader.findings += policy_findings(
                subnet.purpose,
                subnet.service_endpoints,
                path=f"{subnet.path}.service_endpoints",
                policy=_POLICY_KEY,
            )
    if not any(has_storage(subnet.service_endpoints) for subnet in subnets.values()):
        reader.note(
            _POLICY_KEY,
            f"is for subnets with the service endpoint {STORAGE}, and none has it; add "
            f"it to the service_endpoints of a subnet, or leave this out ({PAGE})",
        )


def service_endpoint_policy(
    parts: Surroundings, plan: ServiceEndpointPlan
) -> network.ServiceEndpointPolicy | None:
    """Make the policy: one's own storage, and what machine learning itself uses."""
    if not plan.storage_ids:
        return None
    return network.ServiceEndpointPolicy(
        f"{parts.name}-storage-sep",
        service_endpoint_policy_name=f"{parts.name}-storage-sep",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        service_endpoint_policy_definitions=[
            _definition(OWN_STORAGE, plan.storage_ids),
            _definition(MACHINE_LEARNING, MACHINE_LEARNING.resources),
        ],
        tags=parts.tags,
        opts=parts.options(),
    )


def _definition(
    row: PolicyDefinition, resources: tuple[Input[str], ...]
) -> network.ServiceEndpointPolicyDefinitionArgsDict:
    return {
        "name": row.name,
        "service": row.service,
        "service_resources": list(resources),
        "description": row.description,
    }
