"""The resources of a network that have logs or metrics to send on."""

from collections.abc import Mapping

from pulumi import Input
from pulumi_azure_native import network

from azureml_network._diagnostics import Observed
from azureml_network._secure_vnet.egress_resources import WaysOut
from azureml_network._secure_vnet.firewall_resources import Firewall
from azureml_network._secure_vnet.resources import Network
from azureml_rulebook.diagnostics import (
    FIREWALL,
    LOAD_BALANCER,
    NAT_GATEWAY,
    PUBLIC_ADDRESS,
    SECURITY_GROUP,
    VIRTUAL_NETWORK,
)


def observed_resources(
    vnet: Network,
    groups: Mapping[str, network.NetworkSecurityGroup],
    out: WaysOut,
    firewall: Firewall | None,
) -> dict[str, Observed]:
    """Return what diagnostic settings are made for, by a word for each.

    What exists already is its owner's to observe.
    """
    resources: dict[str, tuple[Input[str], str]] = {}
    if vnet.made:
        resources["vnet"] = (vnet.vnet_id, VIRTUAL_NETWORK)
    resources |= {
        f"{key}-nsg": (group.id, SECURITY_GROUP) for key, group in groups.items()
    }
    if out.nat_gateway is not None:
        resources["egress-ng"] = (out.nat_gateway.id, NAT_GATEWAY)
    if out.load_balancer is not None:
        resources["egress-lb"] = (out.load_balancer.id, LOAD_BALANCER)
    if out.address is not None:
        resources["egress-pip"] = (out.address.id, PUBLIC_ADDRESS)
    if firewall is not None:
        resources["egress-afw"] = (firewall.firewall.id, FIREWALL)
        resources["egress-afw-pip"] = (firewall.public_address.id, PUBLIC_ADDRESS)
        management = firewall.management_address
        if management is not None:
            resources["egress-afw-management-pip"] = (management.id, PUBLIC_ADDRESS)
    return {
        word: Observed(resource_id=resource_id, resource_type=resource_type)
        for word, (resource_id, resource_type) in resources.items()
    }
