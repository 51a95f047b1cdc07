"""Plans the DNS Private Resolver: where it is asked, and whom it asks on-premises.

Its address is plain and known before anything is made: sites and VPN clients are told
it, and the network names it while it is made itself, so that nothing waits in a circle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from pulumi import Input

from azureml_network._hybrid_gateway.arguments import ForwardingRuleSpec, ResolverSpec
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader, is_known_later
from azureml_network._place import Place
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.dns_resolvers import (
    TargetServer,
    domain_findings,
    first_address,
    number_findings,
    read_domain,
    read_inbound_address,
    read_target_servers,
    same_domain_findings,
    subnet_findings,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import (
    NETWORK,
    SUBNET,
    ResourceId,
    read_resource_id,
    resource_id_findings,
)
from azureml_rulebook.subnets import kept_subnet_findings

_INBOUND = "inbound_subnet_id"
_OUTBOUND = "outbound_subnet_id"


@dataclass(frozen=True, kw_only=True)
class ForwardingRulePlan:
    """Names that are asked elsewhere."""

    domain: str
    """With a dot at its end."""
    servers: tuple[TargetServer, ...]
    """In the order in which they are asked."""
    enabled: bool


@dataclass(frozen=True, kw_only=True)
class ResolverPlan:
    """A resolver as it will be made."""

    inbound_subnet_id: Input[str]
    inbound_address: IPv4Address
    outbound_subnet_id: Input[str] | None
    """None: it asks nobody but Azure."""
    rules: Mapping[str, ForwardingRulePlan]
    """In order of name; with any there is an outbound endpoint."""
    linked_network_ids: Mapping[str, Input[str]]
    """Further networks that follow the rules, in order of name."""


def read_resolver(
    reader: InputReader,
    name: str,
    place: Place,
    network_id: Input[str] | None,
    network: Ranges,
    elsewhere: Sequence[tuple[str, IPv4Network]] = (),
) -> ResolverPlan | None:
    """Read the resolver of the component called ``name``; None if there is none.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        place: where it is.
        network_id: of the network; not compared where it is known only later.
        network: its ranges, each with its path.
        elsewhere: further ranges in use: on-premises, sites, spokes.
    """
    if not reader.has("resolver"):
        return None
    spec = reader.nested("resolver", ResolverSpec)
    spec.findings += name_findings(
        "dns_resolver", f"{name}-resolver-outbound", path=spec.path
    )
    inbound_subnet_id, outbound_subnet_id = _subnets(spec, network_id)
    address = _address(spec, network)
    known = [item for _, item in (*network, *elsewhere)]
    rules = _rules(spec, name, place, known, address)
    links = _links(spec, name, network_id)
    spec.findings += number_findings(rules, links, path=spec.path)
    if rules and not spec.has(_OUTBOUND):
        spec.note_missing(
            _OUTBOUND,
            "is required with forwarding_rules: the resolver asks other servers from "
            "there; give the id of a subnet of its own, or leave the rules out",
        )
    if links and not rules:
        spec.note(
            "linked_network_ids",
            "follow forwarding_rules, and there are none; give some, or leave this out",
        )
    if address is None:
        return None
    return ResolverPlan(
        inbound_subnet_id=inbound_subnet_id or "",
        inbound_address=address,
        outbound_subnet_id=outbound_subnet_id,
        rules=rules,
        linked_network_ids=links,
    )


def _subnets(
    spec: InputReader, network_id: Input[str] | None
) -> tuple[Input[str] | None, Input[str] | None]:
    """Read the ids of both subnets: two subnets of the network, for nothing else."""
    inbound = spec.resource_id(_INBOUND, SUBNET, required=True)
    outbound = spec.resource_id(_OUTBOUND, SUBNET)
    for key, subnet_id in ((_INBOUND, inbound), (_OUTBOUND, outbound)):
        path = f"{spec.path}.{key}"
        spec.findings += kept_subnet_findings(subnet_id, path=path)
        subnet = read_resource_id(subnet_id, SUBNET, path)
        network = read_resource_id(network_id, NETWORK, path)
        if (
            isinstance(subnet, ResourceId)
            and isinstance(network, ResourceId)
            and not subnet.parent.is_same(network)
        ):
            spec.note(
                key,
                f"'{subnet_id}' is in another network than network_id ({network}); "
                "give a subnet of that one",
            )
    if (
        isinstance(inbound, str)
        and isinstance(outbound, str)
        and inbound.lower() == outbound.lower()
    ):
        spec.note(
            _OUTBOUND,
            f"is {_INBOUND} too; each endpoint needs a subnet of its own, give another",
        )
    return inbound, outbound


def _address(spec: InputReader, network: Ranges) -> IPv4Address | None:
    """Read the address of the inbound endpoint; None if its subnet has no range."""
    key = "inbound_subnet_prefix"
    path = f"{spec.path}.{key}"
    text = spec.text(key)
    if not text:
        return None
    subnet = read_range(text, path)
    if isinstance(subnet, Finding):
        spec.findings.append(subnet)
        return None
    faults = subnet_findings(subnet, path)
    spec.findings += faults
    if faults:
        return None
    if network and not any(subnet.subnet_of(item) for _, item in network):
        ranges = ", ".join(str(item) for _, item in network)
        spec.note(
            key,
            f"'{subnet}' is not in network_address_space ({ranges}); give the range "
            f"that the subnet of {_INBOUND} has",
        )
    given = spec.optional_text("inbound_address")
    if given is None:
        return first_address(subnet)
    address = read_inbound_address(given, subnet, f"{spec.path}.inbound_address")
    if isinstance(address, Finding):
        spec.findings.append(address)
        return None
    return address


def _rules(
    spec: InputReader,
    name: str,
    place: Place,
    known: Sequence[IPv4Network],
    inbound: IPv4Address | None,
) -> dict[str, ForwardingRulePlan]:
    plans: dict[str, ForwardingRulePlan] = {}
    domains: list[tuple[str, str]] = []
    readers = spec.each_optional("forwarding_rules", ForwardingRuleSpec)
    for key, rule in sorted(readers.items()):
        rule.findings += name_findings(
            "dns_forwarding_rule", f"{name}-{key}", path=rule.path
        )
        domain = _domain(rule, place)
        if domain:
            domains.append((f"{rule.path}.domain", domain))
        servers, findings = read_target_servers(
            rule.texts("servers"), known, inbound, f"{rule.path}.servers"
        )
        rule.findings += findings
        plans[key] = ForwardingRulePlan(
            domain=domain, servers=servers, enabled=rule.flag("enabled", True)
        )
    spec.findings += same_domain_findings(domains)
    spec.findings += same_name_findings(
        "dns_forwarding_rule",
        [(rule.path, f"{name}-{key}") for key, rule in sorted(readers.items())],
    )
    return plans


def _domain(rule: InputReader, place: Place) -> str:
    """Read the domain of a rule; '' after a finding."""
    path = f"{rule.path}.domain"
    text = rule.text("domain")
    if not text:
        return ""
    domain = read_domain(text, path)
    if isinstance(domain, Finding):
        rule.findings.append(domain)
        return ""
    rule.findings += domain_findings(domain, place.cloud_name, path=path)
    return domain


def _links(
    spec: InputReader, name: str, network_id: Input[str] | None
) -> dict[str, Input[str]]:
    """Read the further networks that follow the rules, each once."""
    links = dict(sorted(spec.inputs("linked_network_ids").items()))
    start = f"{spec.path}.linked_network_ids"
    first = (
        {network_id.lower(): "network_id, which follows them anyway"}
        if isinstance(network_id, str)
        else {}
    )
    for key, linked in links.items():
        path = f"{start}.{key}"
        spec.findings += name_findings(
            "dns_forwarding_link", f"{name}-{key}-resolver-link", path=path
        )
        if is_known_later(linked):
            continue
        faults = resource_id_findings(linked, NETWORK, path=path)
        spec.findings += faults
        other = path if faults else first.setdefault(str(linked).lower(), path)
        if other != path:
            spec.findings.append(
                Finding(path, f"'{linked}' is {other}; leave one of them out")
            )
    spec.findings += same_name_findings(
        "dns_forwarding_link", [(f"{start}.{key}", f"{name}-{key}") for key in links]
    )
    return links
