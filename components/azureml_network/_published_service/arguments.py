"""The inputs of a PublishedService and of a ServiceConsumer, as every Pulumi language
sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input

from azureml_network._secure_vnet.arguments import DiagnosticSettingSpec, LockKind


class TransportProtocol(StrEnum):
    """What a load balancer passes on, as Azure spells it."""

    TCP = "Tcp"
    """TCP on one port."""
    UDP = "Udp"
    """UDP on one port."""
    ALL = "All"
    """Every protocol on every port: high-availability ports."""


class ProbeProtocol(StrEnum):
    """How a load balancer asks whether a machine is well, as Azure spells it."""

    TCP = "Tcp"
    """A connection that is taken."""
    HTTP = "Http"
    """The answer 200 at a path."""
    HTTPS = "Https"
    """The answer 200 at a path, over TLS."""


class Distribution(StrEnum):
    """What of a connection decides which machine gets it, as Azure spells it."""

    DEFAULT = "Default"
    """Both addresses, both ports and the protocol."""
    SOURCE_IP = "SourceIP"
    """Both addresses."""
    SOURCE_IP_PROTOCOL = "SourceIPProtocol"
    """Both addresses and the protocol."""


class Approval(StrEnum):
    """How a consumer's connection is let in."""

    AUTOMATIC = "automatic"
    """By the rights of who makes it, or because its subscription is let in."""
    MANUAL = "manual"
    """By somebody at the service, who reads the request message."""


class FrontendSpec(TypedDict):
    """An address of the load balancer."""

    private_address: NotRequired[str]
    """Its address in the load balancer's subnet. Default: Azure chooses."""
    zones: NotRequired[Sequence[str]]
    """Availability zones, such as 1, 2, 3 for one that outlives a zone, fixed once it is made; none in a region without zones. Default: 1, 2, 3 where the region has them."""  # noqa: E501


class InterfaceSpec(TypedDict):
    """A network interface that is made for a machine behind the load balancer."""

    subnet_id: Input[str]
    """Resource id of its subnet."""
    subnet_prefix: NotRequired[str]
    """Range of that subnet; the address is checked against it."""
    private_address: NotRequired[str]
    """Its address in the subnet. Default: Azure chooses."""
    application_security_group_ids: NotRequired[Sequence[Input[str]]]
    """Application security groups that it joins."""


class BackendPoolSpec(TypedDict):
    """Machines that get what the load balancer passes on; empty, it is joined by interfaces of others, such as those of a scale set."""  # noqa: E501

    interfaces: NotRequired[Mapping[str, InterfaceSpec]]
    """Interfaces made here and joined, by name; machines are made with their ids."""
    addresses: NotRequired[Sequence[str]]
    """Addresses in the network in place of interfaces; not with a Private Link service."""  # noqa: E501


class HealthProbeSpec(TypedDict):
    """How it is known whether a machine is well."""

    protocol: ProbeProtocol
    """Tcp, Http or Https."""
    port: int
    """Port that is asked, 1 to 65535."""
    path: NotRequired[str]
    """Path that is asked, such as /health; with Http and Https, which need it."""
    interval_seconds: NotRequired[int]
    """Seconds between two probes, 5 or more. Default: 5."""
    threshold: NotRequired[int]
    """Probes in a row, 1 to 100, that make a machine ill or well. Default: 2."""


class BalancingRuleSpec(TypedDict):
    """What is passed on from an address to machines."""

    probe: str
    """Name of the health probe."""
    frontend: NotRequired[str]
    """Name of the address. Default: the only one."""
    backend_pool: NotRequired[str]
    """Name of the machines' pool. Default: the only one."""
    protocol: NotRequired[TransportProtocol]
    """Tcp (the default), Udp or All, which opens every port."""
    port: NotRequired[int]
    """Port at the address, 1 to 65535; required but for All."""
    backend_port: NotRequired[int]
    """Port of the machines. Default: the same."""
    idle_minutes: NotRequired[int]
    """Minutes after which a silent connection is given up, 4 to 100. Default: 4."""
    tcp_reset: NotRequired[bool]
    """Whether both ends are told then. Default: true; false with Udp."""
    distribution: NotRequired[Distribution]
    """Default, SourceIP or SourceIPProtocol. Default: Default."""
    floating_address: NotRequired[bool]
    """Whether machines see the load balancer's address as their own; not with a Private Link service. Default: false."""  # noqa: E501


class AlertsSpec(TypedDict):
    """Who is told when something is not well."""

    emails: NotRequired[Mapping[str, str]]
    """E-mail addresses, by a name for each; an action group is made for them."""
    action_group_id: NotRequired[Input[str]]
    """Resource id of an action group that exists already."""
    severity: NotRequired[int]
    """0, critical, to 4, verbose, of every alert. Default: that of each, 1 where traffic stops."""  # noqa: E501


class PrivateLinkSpec(TypedDict):
    """The Private Link service that lets other networks in."""

    subnet_id: Input[str]
    """Resource id of the subnet whose addresses consumers come from, without network policies for Private Link services."""  # noqa: E501
    subnet_prefix: NotRequired[str]
    """Its range in CIDR notation; with it, static addresses and their number are checked."""  # noqa: E501
    address_count: NotRequired[int]
    """Addresses that consumers come from, 1 to 8; each carries some 64,000 connections to a machine's port. Default: 1, or as many as `addresses`."""  # noqa: E501
    addresses: NotRequired[Sequence[str]]
    """These addresses, if they are to be fixed. Default: Azure chooses."""
    visible_to: NotRequired[Sequence[str]]
    """Ids of subscriptions that may ask for a connection, or * alone, which opens it to everybody who knows the alias. Default: those with a role on it."""  # noqa: E501
    approved_for: NotRequired[Sequence[str]]
    """Ids of subscriptions, all of them visible, whose connections are let in at once; * alone opens it to everybody. Default: none."""  # noqa: E501
    proxy_protocol: NotRequired[bool]
    """Whether machines get the consumer's address by proxy protocol v2, which they and their health probes' port must understand. Default: false."""  # noqa: E501


class ConsumerDnsSpec(TypedDict):
    """The name by which a consumer's machines reach a service."""

    zone_name: str
    """Private DNS zone, such as services.example.com."""
    record: str
    """Name in it, such as scoring."""
    existing_zone_id: NotRequired[Input[str]]
    """Resource id of the zone, if it exists already and is linked. Default: it is made, and linked to `network_id`."""  # noqa: E501
    network_id: NotRequired[Input[str]]
    """Resource id of the consumer's network; required for a new zone."""


class ConsumerSpec(TypedDict):
    """A network that reaches a service by a private endpoint."""

    location: str
    """Azure region of that network, which may be another than the service's."""
    subnet_id: Input[str]
    """Resource id of its subnet for private endpoints."""
    resource_group_name: NotRequired[Input[str]]
    """Resource group of the endpoint. Default: the component's."""
    private_address: NotRequired[str]
    """Address of the endpoint in the subnet. Default: Azure chooses."""
    approval: NotRequired[Approval]
    """automatic (the default) or manual."""
    request_message: NotRequired[str]
    """What the service's owner reads, at most 140 characters; with manual approval."""
    dns: NotRequired[ConsumerDnsSpec]
    """Name of the service in that network. Default: none, by address only."""


class PublishedServiceArgs(TypedDict):
    """What a PublishedService needs."""

    resource_group_name: Input[str]
    """Resource group that holds the load balancer and the Private Link service."""
    location: str
    """Azure region, such as westeurope; that of the network."""
    network_id: NotRequired[Input[str]]
    """Resource id of the network; required for pools by address."""
    load_balancer_subnet_id: NotRequired[Input[str]]
    """Resource id of the subnet with the load balancer's addresses; required for a new load balancer."""  # noqa: E501
    load_balancer_subnet_prefix: NotRequired[str]
    """Its range in CIDR notation; with it, static addresses are checked."""
    frontends: NotRequired[Mapping[str, FrontendSpec]]
    """Addresses of the load balancer, by name. Default: one, called service."""
    backend_pools: NotRequired[Mapping[str, BackendPoolSpec]]
    """Pools of machines, by name. Default: one, called machines, for interfaces of others."""  # noqa: E501
    probes: NotRequired[Mapping[str, HealthProbeSpec]]
    """Health probes, by name; required for a new load balancer."""
    rules: NotRequired[Mapping[str, BalancingRuleSpec]]
    """What is passed on, by name; required for a new load balancer."""
    existing_frontend_ids: NotRequired[Sequence[Input[str]]]
    """Resource ids of the frontend configurations of a Standard load balancer that exists already, such as one of AKS; none is made then."""  # noqa: E501
    alerts: NotRequired[AlertsSpec]
    """Who is told when probes fail, the data path does, or the Private Link service runs out of ports. Default: alerts that nobody is told of."""  # noqa: E501
    private_link: NotRequired[PrivateLinkSpec]
    """The Private Link service. Default: none; the load balancer serves its own network alone."""  # noqa: E501
    consumers: NotRequired[Mapping[str, ConsumerSpec]]
    """Networks of this stack that reach the service, by name."""
    diagnostic_settings: NotRequired[Mapping[str, DiagnosticSettingSpec]]
    """Where metrics and logs go, by a name for each setting. Default: nowhere."""
    lock: NotRequired[LockKind]
    """CanNotDelete or ReadOnly, on the Private Link service; a destroy takes it away first. Default: none."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""


class ServiceConsumerArgs(TypedDict):
    """What a ServiceConsumer needs: one of service_id and service_alias, and a place in its own network."""  # noqa: E501

    resource_group_name: Input[str]
    """Resource group that holds the endpoint and the zone."""
    location: str
    """Azure region of the consumer's network, which may be another than the service's."""  # noqa: E501
    service_id: NotRequired[Input[str]]
    """Resource id of the Private Link service, if the consumer may see it."""
    service_alias: NotRequired[Input[str]]
    """Alias of the Private Link service, in another tenant or without a role on it; needs manual approval."""  # noqa: E501
    subnet_id: Input[str]
    """Resource id of the subnet for private endpoints."""
    private_address: NotRequired[str]
    """Address of the endpoint in the subnet. Default: Azure chooses."""
    approval: NotRequired[Approval]
    """automatic (the default with an id) or manual (the only one with an alias)."""
    request_message: NotRequired[str]
    """What the service's owner reads, at most 140 characters; with manual approval."""
    dns: NotRequired[ConsumerDnsSpec]
    """Name of the service in the consumer's network. Default: none, by address only."""
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""
