"""Decides which subnets leave the network by what, and where routes lead.

Planning turns the way out that was asked for (``egress_inputs``) into routes, a
firewall (``firewall_plan``) and shares of ports; the resources are written from the
plan (``egress_resources``, ``firewall_resources``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from azureml_network._inputs import InputError
from azureml_network._secure_vnet.arguments import ComputeMode, Egress
from azureml_network._secure_vnet.egress_inputs import EgressRequest
from azureml_network._secure_vnet.firewall_plan import FirewallPlan, plan_firewall
from azureml_network._secure_vnet.next_hop import (
    home_of_next_hop,
    next_hop_findings,
)
from azureml_rulebook.address_ranges import usable_addresses
from azureml_rulebook.outbound_ports import ports_for_each
from azureml_rulebook.public_places import public_places
from azureml_rulebook.routes import Route, routes_for
from azureml_rulebook.security_rules import CALLERS, SecurityRule
from azureml_rulebook.service_endpoints import TAGS_BY_SERVICE
from azureml_rulebook.subnets import TRAINING, SubnetPurpose


@dataclass(frozen=True, kw_only=True)
class LoadBalancerPlan:
    """A public load balancer with outbound rules as it will be made."""

    ports_for_each: int
    """Source ports of each machine in the pool."""


@dataclass(frozen=True, kw_only=True)
class EgressPlan:
    """The way out as it will be made."""

    kind: Egress
    nat_zone: str | None
    nat_subnets: frozenset[str]
    """Names of the subnets that the NAT gateway serves; empty: none is made."""
    routes: Mapping[str, tuple[Route, ...]]
    """Routes of each subnet that has a table, by the subnet's name."""
    learn_routes: bool
    """Whether these subnets also follow routes that gateways learn."""
    load_balancer: LoadBalancerPlan | None
    firewall: FirewallPlan | None
    opens_hosts: bool
    """See `EgressRequest.opens_hosts`."""
    warnings: tuple[str, ...]
    """What will not work although it can be made; one line each."""


def plan_egress(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    address_space: Sequence[IPv4Network],
    groups: Mapping[str, Sequence[SecurityRule]] | None = None,
    peers: Sequence[IPv4Network] = (),
) -> EgressPlan:
    """Plan the way out of a network whose subnets have these ranges.

    Args:
        request: what was asked for.
        prefixes: the subnets' ranges by name.
        address_space: of the whole network.
        groups: rules of the security groups by subnet name; what callers open there to
            public places, gets a way out and is let through by the firewall.
        peers: ranges of the peers.

    Raises:
        InputError: with everything that is wrong with the next hop and the DNS servers,
            which shows only now that addresses are known.
    """
    opened = _opened(request, groups or {}, address_space)
    request = replace(request, let_out=_let_out(request, opened))
    firewall = plan_firewall(request, prefixes, address_space, groups or {})
    findings = (
        *next_hop_findings(request, prefixes, address_space, peers),
        *(() if firewall is None else firewall.findings),
    )
    if findings:
        raise InputError(findings)
    hop = request.next_hop if firewall is None else firewall.address
    own = {k: v for k, v in request.behind.items() if k not in request.existing}
    return EgressPlan(
        kind=request.kind,
        nat_zone=request.zone,
        nat_subnets=frozenset(own if request.kind is Egress.NAT_GATEWAY else ()),
        routes={} if hop is None else _routes(request, own, hop),
        learn_routes=request.reaches_gateways,
        load_balancer=_load_balancer_plan(request, prefixes),
        firewall=firewall,
        opens_hosts=request.opens_hosts,
        warnings=(
            *_way_out_warnings(request),
            *_opened_in_vain_warnings(request, prefixes, opened),
            *(() if firewall is None else firewall.warnings),
            *_existing_subnet_warnings(request, hop),
        ),
    )


def _opened(
    request: EgressRequest,
    groups: Mapping[str, Sequence[SecurityRule]],
    address_space: Sequence[IPv4Network],
) -> dict[str, list[str]]:
    """Return the callers' rules that lead to public places, by the names of subnets
    that would have no way out without them. Service endpoints need none."""
    found = {
        name: [
            rule.name
            for rule in rules
            if rule.priority in CALLERS
            and not _services(rule, address_space) <= _served_tags(request, name)
        ]
        for name, rules in sorted(groups.items())
        if name not in request.behind
    }
    return {name: rules for name, rules in found.items() if rules}


def _services(rule: SecurityRule, address_space: Sequence[IPv4Network]) -> set[str]:
    """Return the public places of a rule, tags without their region."""
    places = public_places(rule, address_space)
    return {place if "/" in place else place.partition(".")[0] for place in places}


def _served_tags(request: EgressRequest, name: str) -> set[str]:
    """Return the tags that a subnet reaches by its service endpoints."""
    services = request.service_endpoints.get(name, ())
    return {TAGS_BY_SERVICE[service] for service in services}


def _let_out(
    request: EgressRequest, opened: Mapping[str, Sequence[str]]
) -> frozenset[str]:
    """Return the names of subnets that get a way out because of callers' rules.

    A subnet with purpose 'general' may be the appliance's own, whose traffic must not
    come back to it.
    """
    return frozenset(
        name
        for name in opened
        if request.subnets[name].egress_by_rule
        and not (
            request.kind is Egress.VIRTUAL_APPLIANCE and request.subnets[name].next_hop
        )
    )


def _opened_in_vain_warnings(
    request: EgressRequest,
    prefixes: Mapping[str, IPv4Network],
    opened: Mapping[str, Sequence[str]],
) -> list[str]:
    """Name the subnets that rules let out to public places without a way there."""
    home = home_of_next_hop(request, prefixes)
    left = {
        name: rules
        for name, rules in opened.items()
        if name not in request.behind and name != home
    }
    return [
        f"subnets.{name}: {', '.join(rules)} lets it out to public places, and egress "
        f"'{request.kind}' is no way out of a subnet with purpose "
        f"'{request.subnets[name].name}'; what lives there needs a public address of "
        "its own, or another purpose such as 'inference'"
        for name, rules in left.items()
    ]


def _routes(
    request: EgressRequest, subnets: Mapping[str, SubnetPurpose], hop: IPv4Address
) -> dict[str, tuple[Route, ...]]:
    public = request.compute_mode is ComputeMode.PUBLIC_IP
    tables = {
        name: routes_for(purpose, str(hop), public_compute=public)
        for name, purpose in subnets.items()
    }
    return {name: routes for name, routes in tables.items() if routes}


def _load_balancer_plan(
    request: EgressRequest, prefixes: Mapping[str, IPv4Network]
) -> LoadBalancerPlan | None:
    if request.kind is not Egress.LOAD_BALANCER:
        return None
    machines = sum(
        usable_addresses(prefixes[name])
        for name, purpose in request.behind.items()
        if not _holds_compute(request, purpose)
    )
    return LoadBalancerPlan(ports_for_each=ports_for_each(machines))


def _holds_compute(request: EgressRequest, purpose: SubnetPurpose) -> bool:
    """Whether compute of Azure Machine Learning lives there."""
    return (
        purpose.name == TRAINING
        and request.compute_mode is not ComputeMode.MANAGED_NETWORK
    )


def _way_out_warnings(request: EgressRequest) -> list[str]:
    """Name the subnets whose machines have no way out, since nobody else will."""
    if request.kind not in (Egress.NONE, Egress.LOAD_BALANCER):
        return []
    warnings: list[str] = []
    for name, purpose in request.behind.items():
        compute = _holds_compute(request, purpose)
        if compute and request.compute_mode is ComputeMode.PUBLIC_IP:
            continue
        if request.kind is Egress.NONE:
            warnings.append(
                f"subnets.{name}: egress is 'none', so its machines reach no public "
                f"service ({purpose.description}); set egress to "
                f"'{Egress.NAT_GATEWAY}' unless another route out is made"
            )
        elif compute:
            warnings.append(
                f"subnets.{name}: egress is 'load_balancer', whose pool compute of "
                "Azure Machine Learning cannot join, so that it reaches no public "
                f"service ({purpose.description}); set egress to "
                f"'{Egress.NAT_GATEWAY}' or '{Egress.FIREWALL}'"
            )
    return warnings


def _existing_subnet_warnings(
    request: EgressRequest, hop: IPv4Address | None
) -> list[str]:
    """Say which subnets must be routed by whoever made them."""
    leads = {
        Egress.NAT_GATEWAY: "it has no NAT gateway from here",
        Egress.FIREWALL: f"its routes do not lead to the firewall ({hop}) from here",
        Egress.VIRTUAL_APPLIANCE: f"its routes do not lead to {hop} from here",
    }.get(request.kind)
    if leads is None:
        return []
    return [
        f"subnets.{name}: exists already and is left as it is, so {leads}; see to it "
        "where it is made"
        for name in request.behind
        if name in request.existing
    ]
