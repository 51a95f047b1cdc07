"""A plan as networks, with what guards them and decides about no packet by itself:
name servers, service endpoint policies, and the switches of gateways."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from azureml_reachability._plan.joins import Plan
from azureml_reachability._plan.names import distinct_names
from azureml_reachability._plan.values import PlanResource, Value, plan_resource
from azureml_reachability.missing import Missing
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.topology import Subnet, Topology
from azureml_rulebook.clouds import PUBLIC

NOT_KNOWN = "?"
"""In place of a text that is not known."""
_NETWORK = "network:virtualnetwork"
_GATEWAY = "network:virtualnetworkgateway"
_FIREWALL = "network:azurefirewall"
_POLICY = "network:serviceendpointpolicy"
GATEWAY_SWITCHES: Mapping[str, str] = {
    "allowRemoteVnetTraffic": "lets other networks use its circuit",
    "allowVirtualWanTraffic": "lets virtual WANs use its circuit",
}
"""What lets others through an ExpressRoute gateway
(https://learn.microsoft.com/azure/expressroute/expressroute-howto-add-gateway-portal-resource-manager).
"""


@dataclass(frozen=True, kw_only=True, eq=False)
class GuardedPlan:
    """The networks of a plan, and what guards them besides."""

    topology: Topology = field(default_factory=Topology)
    network_servers: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """DNS servers by network."""
    interface_servers: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """DNS servers that machines have of their own."""
    firewall_servers: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """DNS servers by firewall."""
    gateway_switches: Mapping[str, Mapping[str, bool | Missing]] = field(
        default_factory=dict[str, Mapping[str, bool | Missing]]
    )
    """``GATEWAY_SWITCHES`` by gateway."""
    accounts: Mapping[str, frozenset[str] | None] = field(
        default_factory=dict[str, frozenset[str] | None]
    )
    """By subnet, what its service endpoint policies let through; None: all."""
    link_services: Mapping[str, bool | Missing] = field(
        default_factory=dict[str, bool | Missing]
    )
    """By subnet, whether services that are published in it pass its group by."""
    rule_hosts: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """Hosts that network rules of firewalls name, by the path of the rule."""
    rule_protocols: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    """Protocols of application rules, in lower case, by the path of the rule: one for
    each of its ports."""


def guarded_plan_of(
    resources: Iterable[object], *, cloud_name: str = PUBLIC
) -> GuardedPlan:
    """Return a plan's networks and guards, from resources as ``topology_of`` takes.

    Nothing that stands in them raises.
    """
    entries = list(resources)
    topology = topology_of(entries, cloud_name=cloud_name)
    plan = Plan(
        found for entry in entries if (found := plan_resource(entry)) is not None
    )
    networks = distinct_names(plan.of_type(_NETWORK), "virtualNetworkName")
    return GuardedPlan(
        topology=topology,
        network_servers={
            name: _texts(resource.at("dhcpOptions.dnsServers"))
            for resource, name in networks.items()
        },
        interface_servers={
            interface.name: _texts(resource.at("dnsSettings.dnsServers"))
            for resource, interface in zip(
                plan.of_type("network:networkinterface"),
                topology.interfaces,
                strict=False,
            )
        },
        firewall_servers={
            resource.azure_name("azureFirewallName"): _servers(plan, resource)
            for resource in plan.of_type(_FIREWALL)
        },
        gateway_switches={
            resource.azure_name("virtualNetworkGatewayName"): {
                text: resource.at(key).switch(False)
                for key, text in GATEWAY_SWITCHES.items()
            }
            for resource in plan.of_type(_GATEWAY)
        },
        accounts=_accounts(plan, topology),
        link_services={
            subnet.qualified_name: _passes_by(value)
            for subnet, value in _subnets(plan, topology)
        },
        rule_hosts={
            path: hosts
            for path, rule in _firewall_rules(plan, "networkRuleCollections")
            if (hosts := _texts(rule.at("destinationFqdns")))
        },
        rule_protocols={
            path: tuple(
                str(item.at("protocolType").text()).lower()
                for item in rule.at("protocols").items()
            )
            for path, rule in _firewall_rules(plan, "applicationRuleCollections")
        },
    )


def _passes_by(subnet: Value) -> bool | Missing:
    """Return whether network policies are off for published services; Azure's default
    is on
    (https://learn.microsoft.com/azure/private-link/disable-private-link-service-network-policy).
    """
    policies = subnet.at("privateLinkServiceNetworkPolicies").text()
    if isinstance(policies, Missing):
        return policies
    return (policies or "").lower() == "disabled"


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(text if isinstance(text, str) else NOT_KNOWN for text in value.texts())


def _servers(plan: Plan, firewall: PlanResource) -> tuple[str, ...]:
    policy = plan.meant(firewall.at("firewallPolicy"), "network:firewallpolicy")
    if not isinstance(policy, PlanResource):
        return ()
    return _texts(policy.at("dnsSettings.servers"))


def _firewall_rules(plan: Plan, own: str) -> Iterator[tuple[str, Value]]:
    """Yield rules by path: all of policies, those of firewalls in the list ``own``."""
    for key, listed in (
        ("network:firewallpolicyrulecollectiongroup", "ruleCollections"),
        (_FIREWALL, own),
    ):
        for resource in plan.of_type(key):
            for collection in resource.at(listed).items():
                for rule in collection.at("rules").items():
                    yield f"{resource.name}.{rule.path}", rule


def _subnets(plan: Plan, topology: Topology) -> Iterator[tuple[Subnet, Value]]:
    """Yield the subnets, each with where it stands in the plan."""
    inline = [
        item
        for network in plan.of_type(_NETWORK)
        for item in network.at("subnets").items()
    ]
    beside = [
        Value(resource, "", resource.inputs)
        for resource in plan.of_type("network:subnet")
    ]
    # A topology has its subnets in this order.
    yield from zip(topology.subnets, (*beside, *inline), strict=True)


def _accounts(plan: Plan, topology: Topology) -> dict[str, frozenset[str] | None]:
    allowed = _allowed_by_policy(plan)
    return {
        subnet.qualified_name: _accounts_of(plan, value, allowed)
        for subnet, value in _subnets(plan, topology)
    }


def _accounts_of(
    plan: Plan, subnet: Value, allowed: Mapping[PlanResource, frozenset[str]]
) -> frozenset[str] | None:
    policies = subnet.at("serviceEndpointPolicies")
    if policies.is_absent or policies.raw == []:
        return None
    found: set[str] = set()
    for item in policies.items():
        policy = plan.meant(item, _POLICY)
        if isinstance(policy, PlanResource):
            found |= allowed[policy]
        else:
            found.add(f"what '{policy}' lets through" if policy else NOT_KNOWN)
    return frozenset(found or {NOT_KNOWN})


def _allowed_by_policy(plan: Plan) -> dict[PlanResource, frozenset[str]]:
    beside: dict[PlanResource, list[str]] = {}
    for resource in plan.of_type("network:serviceendpointpolicydefinition"):
        home = plan.named(resource.at("serviceEndpointPolicyName"), _POLICY)
        if isinstance(home, PlanResource):
            whole = Value(resource, "", resource.inputs)
            beside.setdefault(home, []).extend(_resources_of(whole))
    return {
        resource: frozenset(
            [
                text
                for item in resource.at("serviceEndpointPolicyDefinitions").items()
                for text in _resources_of(item)
            ]
            + beside.get(resource, [])
        )
        for resource in plan.of_type(_POLICY)
    }


def _resources_of(definition: Value) -> list[str]:
    if definition.is_unknown:
        return [NOT_KNOWN]
    return [text.lower() for text in _texts(definition.at("serviceResources"))]
