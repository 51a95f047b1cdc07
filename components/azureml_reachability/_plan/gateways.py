"""Gateways of a plan, and what is behind them."""

from azureml_reachability._plan.joins import Elsewhere, Plan
from azureml_reachability._plan.networks import Networks
from azureml_reachability._plan.values import PlanResource, Value, read_ranges
from azureml_reachability.addresses import AddressSet
from azureml_reachability.missing import Missing
from azureml_reachability.topology import Gateway, Network, Peering, Subnet

_GATEWAY = "network:virtualnetworkgateway"
_SITE = "network:localnetworkgateway"


def read_gateways(plan: Plan, networks: Networks) -> tuple[Gateway, ...]:
    """Return the gateways of a plan, and those that peers outside of it lend."""
    placed = {
        resource: subnet
        for resource in plan.of_type(_GATEWAY)
        if isinstance(subnet := _subnet(networks, resource), Subnet)
    }
    found = [
        _gateway(plan, resource, subnet, placed) for resource, subnet in placed.items()
    ]
    return (*found, *_lent_from_outside(networks.peerings))


def _subnet(networks: Networks, resource: PlanResource) -> Subnet | Missing | None:
    for item in resource.at("ipConfigurations").items():
        return networks.subnet(item.at("subnet"))
    return None


def _gateway(
    plan: Plan,
    resource: PlanResource,
    subnet: Subnet,
    placed: dict[PlanResource, Subnet],
) -> Gateway:
    pool = resource.at("vpnClientConfiguration.vpnClientAddressPool")
    clients, clients_missing = read_ranges(pool.at("addressPrefixes"))
    if pool.is_unknown:
        clients_missing = (pool.missing(),)
    known: list[AddressSet] = []
    missing: list[Missing] = []
    others: list[Network] = []
    for connection in plan.of_type("network:virtualnetworkgatewayconnection"):
        first = plan.meant(connection.at("virtualNetworkGateway1"), _GATEWAY)
        second = plan.meant(connection.at("virtualNetworkGateway2"), _GATEWAY)
        ends = [end for end in (first, second) if isinstance(end, PlanResource)]
        if resource in ends:
            others += [placed[end].network for end in ends if end in placed]
            ranges, unknown = _site(plan, connection)
            known.append(ranges)
            missing += unknown
    return Gateway(
        name=resource.azure_name("virtualNetworkGatewayName"),
        network=subnet.network,
        subnet=subnet,
        on_premises=AddressSet.union(known),
        on_premises_missing=tuple(missing),
        clients=clients,
        clients_missing=clients_missing,
        networks=tuple(each for each in others if each is not subnet.network),
    )


def _site(
    plan: Plan, connection: PlanResource
) -> tuple[AddressSet, tuple[Missing, ...]]:
    """Return the ranges of the site that a connection leads to.

    What a site announces by BGP, and all that ExpressRoute carries, is not in a plan.
    """
    kind = connection.at("connectionType").text()
    if isinstance(kind, str) and kind.lower() == "vnet2vnet":
        return AddressSet(False), ()
    if isinstance(kind, str) and kind.lower() == "expressroute":
        reason = "ranges are announced by BGP over ExpressRoute"
        return AddressSet(False), (connection.at("peer").missing(reason),)
    site = connection.at("localNetworkGateway2")
    found = plan.meant(site, _SITE)
    if isinstance(found, Elsewhere):
        reason = f"is '{found.text}', which is not in the plan"
        return AddressSet(False), (site.missing(reason),)
    if not isinstance(found, PlanResource):
        return AddressSet(False), (found or site.missing("is not set"),)
    space = _space(found)
    ranges, missing = read_ranges(space.at("addressPrefixes"))
    bgp = connection.at("enableBgp").switch(False)
    if bgp is not False or space.is_unknown:
        reason = "is announced by BGP" if bgp is True else "is not known yet"
        missing = (*missing, space.missing(reason))
    return ranges, missing


def _space(site: PlanResource) -> Value:
    """Return a site's address space, which older versions call otherwise."""
    older = site.at("localNetworkSiteAddressSpace")
    return site.at("localNetworkAddressSpace") if older.is_absent else older


def _lent_from_outside(peerings: tuple[Peering, ...]) -> list[Gateway]:
    """Return the gateways of networks outside that a network of the plan uses."""
    found: dict[Network, Gateway] = {}
    for peering in peerings:
        remote = peering.remote
        lends = peering.uses_remote_gateways is not False
        if lends and isinstance(remote, Network) and not remote.in_plan:
            missing = Missing(
                f"{peering.name}.remoteVirtualNetwork",
                f"has what is behind the gateways of {remote.name}, not in the plan",
            )
            found[remote] = Gateway(
                name=f"gateways of {remote.name}",
                network=remote,
                on_premises_missing=(missing,),
            )
    return list(found.values())
