"""A virtual network closed to the Internet, around a private workspace."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._diagnostics import diagnostic_settings
from azureml_network._inputs import findings_of
from azureml_network._secure_vnet import observation, resources
from azureml_network._secure_vnet.arguments import SecureVnetArgs, ZoneOwner
from azureml_network._secure_vnet.egress_resources import ways_out
from azureml_network._secure_vnet.firewall_resources import Firewall, azure_firewall
from azureml_network._secure_vnet.flow_log_store import FlowLogReaders, observed_store
from azureml_network._secure_vnet.joining import peerings
from azureml_network._secure_vnet.observed import observed_resources
from azureml_network._secure_vnet.plan import NetworkPlan, plan_network
from azureml_network._secure_vnet.private_dns import private_dns_zones
from azureml_network._secure_vnet.service_endpoints import service_endpoint_policy
from azureml_network._surroundings import Surroundings
from azureml_rulebook.dns_zones import zone_names
from azureml_rulebook.findings import Finding


class SecureVnet(pulumi.ComponentResource):
    """A virtual network closed to the Internet, with subnets by purpose, a security group for each, private DNS zones and one controlled way out."""  # noqa: E501

    vnet_id: Output[str]
    """Resource id of the virtual network."""
    vnet_name: str
    """Azure name of the virtual network."""
    subnet_ids: Mapping[str, Output[str]]
    """Subnet resource ids by subnet name; each is given once all subnets are made, and the way out of those that have one."""  # noqa: E501
    subnet_prefixes: Mapping[str, str]
    """The range of each subnet in CIDR notation by subnet name, pinned or planned."""
    reserved_prefixes: Mapping[str, str]
    """The range of each reservation in CIDR notation by its name, pinned or planned."""
    network_security_group_ids: Mapping[str, Output[str]]
    """Security group resource ids by subnet name; subnets without one are left out."""
    application_security_group_ids: Mapping[str, Output[str]]
    """Application security group resource ids by name."""
    private_dns_zone_ids: Mapping[str, Output[str]]
    """Private DNS zone resource ids by zone name, existing ones included."""
    egress_address: Output[str] | None
    """The public address that traffic leaves from; not set where none is made here."""
    firewall_private_address: Output[str] | None
    """The firewall's address inside, next hop and DNS server; not set without one."""
    outbound_pool_id: Output[str] | None
    """Pool of the outbound load balancer, for network interfaces to join; not set without one."""  # noqa: E501
    peering_ids: Mapping[str, Output[str]]
    """Peering resource ids by peering name."""

    def __init__(
        self, name: str, args: SecureVnetArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_network(name, args)
        super().__init__("azureml-network:index:SecureVnet", name, {}, opts)
        for warning in plan.warnings:
            pulumi.log.warn(warning, self)
        parts = Surroundings.of(name, self, args, plan.place)
        vnet = resources.virtual_network(parts, plan)
        application_groups = resources.application_security_groups(parts, plan)
        groups = resources.security_groups(parts, plan, application_groups)
        out = ways_out(parts, plan.egress)
        subnets = resources.chained_subnets(
            parts,
            plan,
            vnet,
            resources.SubnetAttachments(
                groups=groups,
                ways_out=out,
                storage_policy=service_endpoint_policy(parts, plan.service_endpoints),
            ),
        )
        beside_network = replace(parts, resource_group_name=vnet.resource_group_name)
        firewall = _firewall(
            beside_network, plan, resources.subnet_ids(plan, subnets, ())
        )
        private_dns = private_dns_zones(parts, plan.private_dns, vnet.vnet_id)
        peered = peerings(
            parts, plan.joining, vnet.vnet_id, [*vnet.made, *subnets.values()]
        )
        ids = resources.subnet_ids(
            plan, subnets, [] if firewall is None else firewall.ready
        )
        flows = observation.flow_logs(
            parts,
            plan.observation,
            vnet.vnet_id,
            _flow_log_readers(plan, ids, private_dns.zone_ids),
        )
        store = None if flows is None else flows.store
        settings = diagnostic_settings(
            name,
            self,
            plan.observation.diagnostic_settings,
            observed_resources(vnet, groups, out, firewall)
            | ({} if store is None else observed_store(store)),
        )
        observation.lock_records(parts, plan.observation, flows, settings)
        observation.lock(
            parts,
            plan.observation,
            vnet.vnet_id,
            [
                *vnet.made,
                *subnets.values(),
                *peered.values(),
                *private_dns.links,
                *settings,
                *([] if flows is None else [flows.log]),
                *([] if firewall is None else firewall.ready),
            ],
        )

        self.vnet_id = Output.from_input(vnet.vnet_id)
        self.vnet_name = vnet.name
        self.subnet_ids = ids
        self.subnet_prefixes = _prefixes(plan)
        self.reserved_prefixes = {
            key: str(prefix) for key, prefix in plan.reservations.items()
        }
        self.network_security_group_ids = {
            key: group.id for key, group in groups.items()
        }
        self.application_security_group_ids = {
            key: group.id for key, group in application_groups.items()
        }
        self.private_dns_zone_ids = private_dns.zone_ids
        public = out.address if firewall is None else firewall.public_address
        self.egress_address = (
            None if public is None else public.ip_address.apply(lambda ip: ip or "")
        )
        self.firewall_private_address = None if firewall is None else firewall.address
        self.outbound_pool_id = out.backend_pool_id
        self.peering_ids = {key: peering.id for key, peering in peered.items()}
        self.register_outputs(
            {
                "vnetId": self.vnet_id,
                "vnetName": self.vnet_name,
                "subnetIds": self.subnet_ids,
                "subnetPrefixes": self.subnet_prefixes,
                "reservedPrefixes": self.reserved_prefixes,
                "networkSecurityGroupIds": self.network_security_group_ids,
                "applicationSecurityGroupIds": self.application_security_group_ids,
                "privateDnsZoneIds": self.private_dns_zone_ids,
                "egressAddress": self.egress_address,
                "firewallPrivateAddress": self.firewall_private_address,
                "outboundPoolId": self.outbound_pool_id,
                "peeringIds": self.peering_ids,
            }
        )

    @staticmethod
    def layout(name: str, args: SecureVnetArgs) -> Mapping[str, str]:
        """Return the range of each subnet by its name, and make nothing.

        For what must be known before the network is made, such as the address of the
        DNS server that it names and that will live in it.

        Raises:
            InputError: with everything that is wrong with the inputs.
        """
        return _prefixes(plan_network(name, args))

    @staticmethod
    def check(name: str, args: SecureVnetArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_network(name, args))


def _prefixes(plan: NetworkPlan) -> dict[str, str]:
    return {key: str(subnet.prefix) for key, subnet in plan.subnets.items()}


def _flow_log_readers(
    plan: NetworkPlan,
    subnet_ids: Mapping[str, Input[str]],
    zone_ids: Mapping[str, Input[str]],
) -> FlowLogReaders | None:
    """Return the way to the flow logs, if the network has a subnet for endpoints and
    names of blobs resolve in it."""
    zone = zone_names("blob", plan.place.cloud_name)[0]
    by_policy = plan.private_dns.owner is ZoneOwner.POLICY
    if plan.endpoints_subnet is None or not (by_policy or zone in zone_ids):
        return None
    return FlowLogReaders(
        subnet_id=subnet_ids[plan.endpoints_subnet], zone_id=zone_ids.get(zone)
    )


def _firewall(
    parts: Surroundings, plan: NetworkPlan, subnet_ids: Mapping[str, Input[str]]
) -> Firewall | None:
    """Make the firewall in its subnet, where one is the way out.

    It must be in the resource group of its network
    (https://learn.microsoft.com/azure/firewall/firewall-faq).
    """
    planned = plan.egress.firewall
    if planned is None:
        return None
    management = planned.management_subnet
    return azure_firewall(
        parts,
        planned,
        subnet_ids[planned.subnet],
        None if management is None else subnet_ids[management],
    )
