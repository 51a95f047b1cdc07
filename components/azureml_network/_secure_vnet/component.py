"""A virtual network closed to the Internet, around a private workspace."""

from collections.abc import Mapping

import pulumi
from pulumi import Output, ResourceOptions

from azureml_network._inputs import findings_of
from azureml_network._secure_vnet import resources
from azureml_network._secure_vnet.arguments import SecureVnetArgs
from azureml_network._secure_vnet.plan import plan_network
from azureml_rulebook.findings import Finding


class SecureVnet(pulumi.ComponentResource):
    """A virtual network closed to the Internet, with subnets by purpose, a security group for each, private DNS zones and one controlled way out."""  # noqa: E501

    vnet_id: Output[str]
    """Resource id of the virtual network."""
    subnet_ids: Mapping[str, Output[str]]
    """Subnet resource ids by subnet name; each is given once all subnets are made."""
    subnet_prefixes: Mapping[str, str]
    """The range of each subnet in CIDR notation by subnet name, pinned or planned."""
    network_security_group_ids: Mapping[str, Output[str]]
    """Security group resource ids by subnet name; subnets without one are left out."""
    private_dns_zone_ids: Mapping[str, Output[str]]
    """Private DNS zone resource ids by zone name, existing ones included."""
    egress_address: Output[str] | None
    """The public address that traffic leaves from; not set without egress."""

    def __init__(
        self, name: str, args: SecureVnetArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_network(name, args)
        super().__init__("azureml-network:index:SecureVnet", name, {}, opts)
        for warning in plan.warnings:
            pulumi.log.warn(warning, self)
        parts = resources.NetworkParts(
            name=name,
            parent=self,
            resource_group_name=args["resource_group_name"],
            plan=plan,
            tags=args.get("tags"),
        )
        vnet = resources.virtual_network(parts)
        groups = resources.security_groups(parts)
        egress = resources.nat_egress(parts)
        subnets = resources.chained_subnets(parts, vnet, groups, egress)
        zone_ids = resources.private_dns_zones(
            parts, vnet, args.get("private_dns_zone_ids", {})
        )

        self.vnet_id = vnet.id
        self.subnet_ids = resources.ids_once_all_are_made(subnets)
        self.subnet_prefixes = {
            key: str(subnet.prefix) for key, subnet in plan.subnets.items()
        }
        self.network_security_group_ids = {
            key: group.id for key, group in groups.items()
        }
        self.private_dns_zone_ids = zone_ids
        self.egress_address = (
            None
            if egress is None
            else egress.address.ip_address.apply(lambda ip: ip or "")
        )
        self.register_outputs(
            {
                "vnetId": self.vnet_id,
                "subnetIds": self.subnet_ids,
                "subnetPrefixes": self.subnet_prefixes,
                "networkSecurityGroupIds": self.network_security_group_ids,
                "privateDnsZoneIds": self.private_dns_zone_ids,
                "egressAddress": self.egress_address,
            }
        )

    @staticmethod
    def check(name: str, args: SecureVnetArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_network(name, args))
