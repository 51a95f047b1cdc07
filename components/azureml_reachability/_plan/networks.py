"""Networks, subnets, route tables and peerings of a plan."""

from collections.abc import Iterator
from typing import TypeVar

from azureml_reachability._plan.joins import Elsewhere, Plan, may_be
from azureml_reachability._plan.names import distinct_names, numbered
from azureml_reachability._plan.values import PlanResource, Value, read_ranges
from azureml_reachability.addresses import NO_ADDRESSES
from azureml_reachability.group_rules import SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.topology import (
    EndpointPolicies,
    LoosePeering,
    Network,
    Peering,
    RouteTable,
    Subnet,
    UserRoute,
)
from azureml_rulebook.resource_ids import ResourceId

_NETWORK = "network:virtualnetwork"
_NETWORK_NAME = "virtualNetworkName"
_SUBNET = "network:subnet"
_TABLE = "network:routetable"
_GROUP = "network:networksecuritygroup"
_PEERING = "network:virtualnetworkpeering"

_Item = TypeVar("_Item")

_POLICIES = {
    "disabled": EndpointPolicies(),
    "enabled": EndpointPolicies(groups=True, routes=True),
    "networksecuritygroupenabled": EndpointPolicies(groups=True),
    "routetableenabled": EndpointPolicies(routes=True),
}
"""``privateEndpointNetworkPolicies``
(https://learn.microsoft.com/azure/private-link/disable-private-endpoint-network-policy).
"""


def read_tables(plan: Plan) -> dict[PlanResource, RouteTable]:
    """Return each route table, with routes inside of it and beside it."""
    beside: dict[PlanResource, list[UserRoute]] = {}
    homeless: list[Missing] = []
    for resource in plan.of_type("network:route"):
        home = plan.named(resource.at("routeTableName"), _TABLE)
        if isinstance(home, PlanResource):
            name = resource.azure_name("routeName")
            route = _route(Value(resource, "", resource.inputs), name)
            beside.setdefault(home, []).append(route)
        elif isinstance(home, Missing):
            homeless.append(home)
    tables: dict[PlanResource, RouteTable] = {}
    for resource in plan.of_type(_TABLE):
        listed = resource.at("routes")
        missing = [*homeless, *_not_a_list(listed)]
        routes = [
            _route(item, _name(item))
            for item in listed.items()
            if not item.is_unknown or missing.append(item.missing())
        ]
        kept = resource.at("disableBgpRoutePropagation").switch(False)
        tables[resource] = RouteTable(
            name=resource.azure_name("routeTableName"),
            routes=(*routes, *beside.get(resource, ())),
            propagates=kept if isinstance(kept, Missing) else not kept,
            missing=tuple(missing),
        )
    return tables


def _route(value: Value, name: str) -> UserRoute:
    prefix, hop = _below(value, "addressPrefix"), _below(value, "nextHopType")
    return UserRoute(
        name=name,
        destination=prefix.text() or prefix.missing("is not set"),
        next_hop=hop.text() or hop.missing("is not set"),
        address=_below(value, "nextHopIpAddress").text(),
        path=f"{value.owner.name}.{value.path}" if value.path else value.owner.name,
    )


def _below(value: Value, key: str) -> Value:
    return value.at(key) if value.path else value.owner.at(key)


def _name(item: Value) -> str:
    text = item.at("name").text()
    return text if isinstance(text, str) else item.path


def _not_a_list(listed: Value) -> tuple[Missing, ...]:
    if listed.is_absent or listed.is_list:
        return ()
    return (listed.missing() if listed.is_unknown else listed.wrong("list"),)


class Networks:
    """The networks of a plan with their subnets, and how other resources find them."""

    def __init__(
        self,
        plan: Plan,
        groups: dict[PlanResource, SecurityGroup],
        tables: dict[PlanResource, RouteTable],
    ) -> None:
        self._plan = plan
        self._groups = groups
        self._tables = tables
        names = distinct_names(plan.of_type(_NETWORK), _NETWORK_NAME)
        self._networks = {
            resource: _network(resource, name) for resource, name in names.items()
        }
        self._taken: dict[str, set[str]] = {}
        self._outside: dict[str, Network] = {}
        self._subnets: dict[PlanResource, Subnet] = {}
        self._inline: dict[PlanResource, list[Subnet]] = {}
        self.faults: list[Missing] = []
        self._read_subnets()
        self.loose_peerings: list[LoosePeering] = []
        self.peerings = tuple(self._read_peerings())

    @property
    def networks(self) -> tuple[Network, ...]:
        """All networks, also those outside that something names."""
        return (*self._networks.values(), *self._outside.values())

    @property
    def subnets(self) -> tuple[Subnet, ...]:
        """All subnets."""
        inline = [each for items in self._inline.values() for each in items]
        return (*self._subnets.values(), *inline)

    def subnet(self, value: Value) -> Subnet | Missing | None:
        """Return the subnet that a reference means; None where nobody set it."""
        found = self._plan.meant(value, _SUBNET)
        if isinstance(found, PlanResource):
            return self._subnets[found]
        if isinstance(found, Elsewhere) and found.id is not None:
            return self._inline_by_id(value, found.id)
        if isinstance(found, Missing):
            return self._inline_subnet(value) or found
        return None

    def _inline_by_id(self, value: Value, meant: ResourceId) -> Subnet | Missing:
        """Return the subnet inside of a network that an id means."""
        network, name = (each.lower() for each in meant.names)
        group = meant.resource_group_name.lower()
        found = {
            resource: subnet
            for resource, items in self._inline.items()
            if resource.azure_name(_NETWORK_NAME).lower() == network
            and may_be(resource, "resourceGroupName", group)
            for subnet in items
            if name == subnet.name.lower()
        }
        if len(found) > 1:
            origins = self._plan.origins(value, _NETWORK)
            found = {each: found[each] for each in found if each in origins} or found
        if len(found) > 1:
            return value.missing(f"is {len(found)} subnets of the plan")
        for subnet in found.values():
            return subnet
        return value.missing(f"is '{meant}', which is not in the plan")

    def _inline_subnet(self, value: Value) -> Subnet | None:
        """Return the one subnet inside of the network that a value comes from."""
        if self._plan.origins(value, _SUBNET):
            return None
        candidates = [
            subnet
            for resource in self._plan.origins(value, _NETWORK)
            for subnet in self._inline.get(resource, ())
        ]
        return candidates[0] if len(candidates) == 1 else None

    def network(self, value: Value, *, by_name: bool = False) -> Network | Missing:
        """Return the network that a reference or a name means."""
        meant = self._plan.named if by_name else self._plan.meant
        found = meant(value, _NETWORK)
        if isinstance(found, PlanResource):
            return self._networks[found]
        if isinstance(found, Elsewhere):
            return self._network_outside(found, value)
        return found or value.missing("is not set")

    def _network_outside(self, found: Elsewhere, value: Value) -> Network:
        key = found.text.lower()
        if key not in self._outside:
            missing = value.missing(
                f"is '{found.text}', whose ranges are not in the plan"
            )
            self._outside[key] = Network(
                name=found.name,
                ranges=NO_ADDRESSES,
                missing=(missing,),
                in_plan=False,
                aliases=(found.text,),
            )
        return self._outside[key]

    def _read_subnets(self) -> None:
        for resource, network in self._networks.items():
            listed = resource.at("subnets")
            self.faults += _not_a_list(listed)
            self._inline[resource] = [
                self._subnet(item, network, _name(item)) for item in listed.items()
            ]
        for resource in self._plan.of_type(_SUBNET):
            network = self.network(resource.at("virtualNetworkName"), by_name=True)
            if isinstance(network, Missing):
                self.faults.append(network)
                network = Network(
                    name="?", ranges=NO_ADDRESSES, missing=(network,), in_plan=True
                )
            name = resource.azure_name("subnetName")
            whole = Value(resource, "", resource.inputs)
            self._subnets[resource] = self._subnet(whole, network, name)

    def _subnet(self, value: Value, network: Network, name: str) -> Subnet:
        ranges, missing = read_ranges(
            _below(value, "addressPrefix"), _below(value, "addressPrefixes")
        )
        if not ranges and not missing:
            missing = (_below(value, "addressPrefix").missing("is not set"),)
        nat = _below(value, "natGateway")
        services = _below(value, "serviceEndpoints")
        owner = self._owner_of(network)
        delegations = list(_below(value, "delegations").items())
        delegation = delegations[0].at("serviceName").text() if delegations else None
        return Subnet(
            name=numbered(name, self._taken.setdefault(network.name, set())),
            network=network,
            ranges=ranges,
            missing=missing,
            group=self._joined(
                _below(value, "networkSecurityGroup"), _GROUP, self._groups
            ),
            route_table=self._joined(_below(value, "routeTable"), _TABLE, self._tables),
            nat_gateway=nat.missing() if nat.is_unknown else not nat.is_absent,
            default_outbound=_below(value, "defaultOutboundAccess").switch(True),
            endpoint_policies=_policies(
                _below(value, "privateEndpointNetworkPolicies")
            ),
            service_endpoints=(
                *_not_a_list(services),
                *(
                    item.at("service").text() or item.missing("names no service")
                    for item in services.items()
                ),
            ),
            delegation=delegation if isinstance(delegation, str) else None,
            location=_location(owner),
            aliases=(value.owner.name,) if not value.path else (),
        )

    def _owner_of(self, network: Network) -> PlanResource | None:
        return next(
            (resource for resource, each in self._networks.items() if each is network),
            None,
        )

    def _joined(
        self, value: Value, key: str, known: dict[PlanResource, _Item]
    ) -> _Item | Missing | None:
        """Return what a subnet refers to; what is not in the plan is not known."""
        found = self._plan.meant(value, key)
        if isinstance(found, PlanResource):
            return known[found]
        if isinstance(found, Elsewhere):
            return value.missing(f"is '{found.text}', which is not in the plan")
        return found

    def _read_peerings(self) -> Iterator[Peering]:
        for resource in self._plan.of_type(_PEERING):
            network = self.network(resource.at("virtualNetworkName"), by_name=True)
            if isinstance(network, Missing):
                self.faults.append(network)
                remote = self.network(resource.at("remoteVirtualNetwork"))
                loose = LoosePeering(remote=remote, missing=network)
                self.loose_peerings.append(loose)
                continue
            whole = Value(resource, "", resource.inputs)
            yield self._peering(
                whole, network, resource.azure_name("virtualNetworkPeeringName")
            )
        for resource, network in self._networks.items():
            for item in resource.at("virtualNetworkPeerings").items():
                yield self._peering(item, network, _name(item))

    def _peering(self, value: Value, network: Network, name: str) -> Peering:
        remote = self.network(_below(value, "remoteVirtualNetwork"))
        if isinstance(remote, Network) and not remote.in_plan and not remote.ranges:
            remote = self._with_ranges(remote, value)
        return Peering(
            name=name,
            network=network,
            remote=remote,
            allows_access=_below(value, "allowVirtualNetworkAccess").switch(True),
            allows_forwarded=_below(value, "allowForwardedTraffic").switch(False),
            allows_gateway_transit=_below(value, "allowGatewayTransit").switch(False),
            uses_remote_gateways=_below(value, "useRemoteGateways").switch(False),
        )

    def _with_ranges(self, remote: Network, value: Value) -> Network:
        """Return a network outside with the ranges that the peering says it has."""
        for key in ("remoteAddressSpace", "remoteVirtualNetworkAddressSpace"):
            ranges, missing = read_ranges(_below(value, f"{key}.addressPrefixes"))
            if ranges:
                known = Network(
                    name=remote.name,
                    ranges=ranges,
                    missing=missing,
                    in_plan=False,
                    aliases=remote.aliases,
                )
                self._outside[remote.aliases[0].lower()] = known
                return known
        return remote


def _network(resource: PlanResource, name: str) -> Network:
    space = resource.at("addressSpace.addressPrefixes")
    ranges, missing = read_ranges(space)
    if not ranges and not missing:
        missing = (space.missing("is not set"),)
    environment = resource.at("tags.environment").text()
    return Network(
        name=name,
        ranges=ranges,
        missing=missing,
        environment=environment if isinstance(environment, str) else None,
        aliases=(resource.name, resource.azure_name(_NETWORK_NAME)),
    )


def _policies(value: Value) -> EndpointPolicies | Missing:
    """Return what private endpoints obey; nothing where nobody set it."""
    text = value.text()
    if text is None:
        return EndpointPolicies()
    if isinstance(text, Missing):
        return text
    return _POLICIES.get(text.lower()) or value.wrong("network policy")


def _location(owner: PlanResource | None) -> str | None:
    """Return a region as service tags spell it: without spaces, in lower case."""
    text = owner.at("location").text() if owner is not None else None
    return text.replace(" ", "").lower() if isinstance(text, str) else None
