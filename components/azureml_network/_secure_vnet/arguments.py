"""The inputs of a SecureVnet, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input


class Egress(StrEnum):
    """How machines in the network reach public services."""

    NAT_GATEWAY = "nat_gateway"
    """A NAT gateway with one fixed public address; the security groups decide what
    may pass."""
    NONE = "none"
    """No way out at all."""


class SubnetSpec(TypedDict):
    """One subnet, asked for by what will live in it."""

    purpose: str
    """What will live in it: training, inference, endpoints, jump_box, bastion, gateway, firewall, firewall_management, resolver_inbound, resolver_outbound, load_balancer, private_link_service or general."""  # noqa: E501
    size: NotRequired[int]
    """Prefix length, such as 25; left out: that of `prefix`, or the size recommended for the purpose."""  # noqa: E501
    prefix: NotRequired[str]
    """The range it is pinned to, in CIDR notation; left out: planned around what is pinned."""  # noqa: E501


class SecureVnetArgs(TypedDict):
    """What a SecureVnet needs."""

    resource_group_name: Input[str]
    """Resource group that holds the network."""
    location: str
    """Azure region, such as westeurope."""
    address_space: Sequence[str]
    """Private address ranges of the whole network, in CIDR notation."""
    subnets: Mapping[str, SubnetSpec]
    """Subnets by name."""
    egress: NotRequired[Egress]
    """How machines reach public services: nat_gateway (the default) or none."""
    egress_zone: NotRequired[str]
    """Availability zone of the NAT gateway and its address (1, 2 or 3); left out: Azure chooses. Another zone later means another public address."""  # noqa: E501
    allow_public_packages: NotRequired[bool]
    """Opens TCP 443 from training subnets to every Internet address, for image builds that fetch packages from public indexes; data can leave that way. Default: closed."""  # noqa: E501
    on_premises_address_space: NotRequired[Sequence[str]]
    """Ranges on the other side of a gateway or peering, in CIDR notation, which the network must not overlap."""  # noqa: E501
    private_endpoint_groups: NotRequired[Sequence[str]]
    """Group ids of the private endpoints to come; decides which private DNS zones are made. Default: amlworkspace, blob, file, vault, registry, azuremonitor."""  # noqa: E501
    private_dns_zone_ids: NotRequired[Mapping[str, Input[str]]]
    """Existing private DNS zones as zone name to resource id; they are used as they are, and neither zone nor link is made for them."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""
