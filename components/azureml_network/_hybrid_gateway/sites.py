"""Plans the sites that are reached by tunnels: who they are and how they connect.

Everything that decides what is made is plain; the shared key alone is a secret, whose
form can only be looked at when it is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

import pulumi
from pulumi import Output

from azureml_network._hybrid_gateway.arguments import (
    ConnectionMode,
    NatDirection,
    SiteSpec,
    TrafficSelectorSpec,
)
from azureml_network._hybrid_gateway.ipsec_policy import read_ipsec_policy
from azureml_network._hybrid_gateway.nat_rules import NatRulePlan
from azureml_network._hybrid_gateway.nat_translation import translated
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._hybrid_gateway.site_bgp import (
    SiteBgpPlan,
    read_ipv4_address,
    read_site_bgp,
)
from azureml_network._hybrid_gateway.vpn import VpnPlan
from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import elsewhere_findings, read_ranges
from azureml_rulebook.findings import Finding
from azureml_rulebook.ipsec import IpsecPolicy
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.nat_rules import Translation, same_translation_findings
from azureml_rulebook.sites import (
    APIPA,
    DEFAULT_DEAD_PEER_SECONDS,
    NAT_LIMITS_PAGE,
    Site,
    SitePeer,
    dead_peer_findings,
    host_name_findings,
    other_site_findings,
    public_address_findings,
    shared_key_fault,
    site_name_findings,
    untranslated_findings,
)
from azureml_rulebook.spelling import suggestion


@dataclass(frozen=True, kw_only=True)
class TrafficSelectorPlan:
    """Ranges that one tunnel carries."""

    local_ranges: tuple[IPv4Network, ...]
    """On the network's side."""
    remote_ranges: tuple[IPv4Network, ...]


@dataclass(frozen=True, kw_only=True)
class SitePlan:
    """A site as it will be connected."""

    public_address: IPv4Address | None
    host_name: str | None
    """Of one that has no fixed address."""
    address_space: Ranges
    """Its ranges as it knows them, each with its path."""
    seen_ranges: Ranges
    """The same as the network sees them, translated."""
    shown_ranges: Ranges
    """The network's ranges as the site sees them, translated."""
    bgp: SiteBgpPlan | None
    """None: static ranges."""
    shared_key: Output[str]
    """A secret; one that Azure refuses ends the deployment."""
    ipsec_policy: IpsecPolicy
    traffic_selectors: tuple[TrafficSelectorPlan, ...]
    """Empty: any to any."""
    dead_peer_timeout_seconds: int
    connection_mode: ConnectionMode
    ingress_nat_rules: tuple[NatRulePlan, ...]
    egress_nat_rules: tuple[NatRulePlan, ...]


def peer_ranges(plans: Mapping[str, SitePlan]) -> Ranges:
    """Return the addresses that sites talk BGP from, each with its path.

    Left out are those in the site's own ranges, which tell as much, and those of one
    link, which are nowhere else.
    """
    return tuple(
        (f"sites.{word}.bgp.peer_address", IPv4Network(plan.bgp.peer_address))
        for word, plan in plans.items()
        if plan.bgp is not None
        and plan.bgp.peer_address not in APIPA
        and not any(plan.bgp.peer_address in each for _, each in plan.seen_ranges)
    )


def local_gateway_name(name: str, site: str) -> str:
    """Return the name of what stands for a site in Azure."""
    return f"{name}-{site}-lgw"


def connection_name(name: str, site: str) -> str:
    """Return the name of a site's connection."""
    return f"{name}-{site}-con"


def read_sites(
    reader: InputReader, name: str, vpn: VpnPlan | None, network: Ranges
) -> dict[str, SitePlan]:
    """Read the sites of the component called ``name``, in order of their words.

    Args:
        reader: the component's inputs.
        name: the component's, with which all names begin.
        vpn: the gateway that they are connected to.
        network: the network's ranges, each with its path.
    """
    if not reader.has("sites"):
        return {}
    readers = dict(sorted(reader.each("sites", SiteSpec).items()))
    if vpn is None:
        if readers:
            reader.note("sites", "needs a VPN gateway; give vpn too")
        return {}
    plans: dict[str, SitePlan] = {}
    for word, spec in readers.items():
        spec.findings += _name_findings(name, word, spec.path)
        plans[word] = _SiteReader(spec, vpn, network).plan()
    reader.findings += same_name_findings(
        "vpn_connection",
        [(f"sites.{word}", connection_name(name, word)) for word in plans],
    )
    reader.findings += other_site_findings(
        [_seen(readers[word].path, plan) for word, plan in plans.items()]
    )
    return plans


class _SiteReader:
    """Reads one site."""

    def __init__(self, spec: InputReader, vpn: VpnPlan, network: Ranges) -> None:
        self._spec = spec
        self._vpn = vpn
        self._network = network

    def plan(self) -> SitePlan:
        """Return the site as planned."""
        spec = self._spec
        public_address, host_name = self._device()
        address_space = self._address_space()
        ingress = self._nat_rules("ingress_nat_rules", NatDirection.INGRESS)
        egress = self._nat_rules("egress_nat_rules", NatDirection.EGRESS)
        bgp = read_site_bgp(
            spec, self._vpn, public_address, self._network, address_space, ingress
        )
        selectors = self._traffic_selectors(bgp, has_nat=bool(ingress or egress))
        timeout = spec.integer("dead_peer_timeout_seconds", DEFAULT_DEAD_PEER_SECONDS)
        spec.findings += dead_peer_findings(
            timeout, f"{spec.path}.dead_peer_timeout_seconds"
        )
        shown = translated(self._network, egress)
        if ingress or egress:
            spec.findings += untranslated_findings(address_space, shown)
        return SitePlan(
            public_address=public_address,
            host_name=host_name,
            address_space=address_space,
            seen_ranges=translated(address_space, ingress),
            shown_ranges=shown,
            bgp=bgp,
            shared_key=self._shared_key(),
            ipsec_policy=read_ipsec_policy(spec),
            traffic_selectors=selectors,
            dead_peer_timeout_seconds=timeout,
            connection_mode=spec.choice("connection_mode", ConnectionMode.DEFAULT),
            ingress_nat_rules=ingress,
            egress_nat_rules=egress,
        )

    def _device(self) -> tuple[IPv4Address | None, str | None]:
        spec = self._spec
        host_name = spec.optional_text("host_name")
        text = spec.optional_text("public_address")
        if not (spec.has("public_address") or spec.has("host_name")):
            spec.note_missing(
                "",
                "says nowhere how its device is reached; give public_address, or "
                "host_name where the address changes",
            )
        if text is not None and host_name is not None:
            spec.note(
                "host_name",
                f"'{host_name}' stands beside public_address '{text}', and Azure looks "
                "for one device; leave one of them out",
            )
        if host_name is not None:
            spec.findings += host_name_findings(host_name, f"{spec.path}.host_name")
        address = read_ipv4_address(spec, "public_address", text)
        if address is not None:
            spec.findings += public_address_findings(
                address, f"{spec.path}.public_address"
            )
        return address, host_name

    def _address_space(self) -> Ranges:
        spec = self._spec
        ranges = _ranges(spec, "address_space", default=())
        for path, each in ranges:
            spec.findings += elsewhere_findings(each, path)
        says_nothing = not spec.has("address_space") or spec.is_empty("address_space")
        if says_nothing and not spec.has("bgp"):
            spec.note_missing(
                "address_space",
                "is required without bgp; give the ranges behind the site's device",
            )
        return ranges

    def _nat_rules(self, key: str, direction: NatDirection) -> tuple[NatRulePlan, ...]:
        spec = self._spec
        known = self._vpn.nat_rules
        rules: list[NatRulePlan] = []
        for index, word in enumerate(map(str, spec.texts(key, ()))):
            rule = known.get(word)
            if rule is None:
                advice = suggestion(word, known) if known else "there are none"
                spec.note(
                    f"{key}[{index}]", f"'{word}' is not in vpn.nat_rules; {advice}"
                )
            elif rule.direction is not direction:
                spec.note(
                    f"{key}[{index}]",
                    f"'{word}' is a rule of the other direction ({rule.direction}); "
                    f"name one that is {direction}",
                )
            elif rule in rules:
                spec.note(f"{key}[{index}]", f"'{word}' is named twice; leave one out")
            else:
                rules.append(rule)
        spec.findings += same_translation_findings(
            [
                Translation(
                    name=rule.azure_name,
                    internal_range=rule.internal_range,
                    instance=rule.instance,
                )
                for rule in rules
            ],
            path=f"{spec.path}.{key}",
        )
        return tuple(rules)

    def _traffic_selectors(
        self, bgp: SiteBgpPlan | None, *, has_nat: bool
    ) -> tuple[TrafficSelectorPlan, ...]:
        spec = self._spec
        key = "traffic_selectors"
        selectors = tuple(
            _traffic_selector(
                InputReader(
                    item,
                    TrafficSelectorSpec,
                    path=f"{spec.path}.{key}[{index}]",
                    findings=spec.findings,
                )
            )
            for index, item in enumerate(spec.texts(key, ()))
        )
        if selectors and has_nat:
            spec.note(
                key,
                "do not go with ingress_nat_rules and egress_nat_rules, whose tunnels "
                f"carry any to any; leave one of them out ({NAT_LIMITS_PAGE})",
            )
        if selectors and bgp is not None:
            reached = (each for one in selectors for each in one.remote_ranges)
            if not any(bgp.peer_address in each for each in reached):
                spec.note(
                    key,
                    f"carry nothing to '{bgp.peer_address}', the bgp.peer_address, so "
                    "that no routes are told; add it to remote_ranges",
                )
        return selectors

    def _shared_key(self) -> Output[str]:
        spec = self._spec
        path = f"{spec.path}.shared_key"
        key = spec.secret("shared_key", required=True)
        if key is None:
            return Output.secret("")
        return key.apply(lambda value: _checked_key(value, path))


def _name_findings(name: str, word: str, path: str) -> list[Finding]:
    findings = site_name_findings(word, path)
    return findings or [
        *name_findings(
            "local_network_gateway", local_gateway_name(name, word), path=path
        ),
        *name_findings("vpn_connection", connection_name(name, word), path=path),
    ]


def _traffic_selector(spec: InputReader) -> TrafficSelectorPlan:
    return TrafficSelectorPlan(
        local_ranges=tuple(each for _, each in _ranges(spec, "local_ranges")),
        remote_ranges=tuple(each for _, each in _ranges(spec, "remote_ranges")),
    )


def _ranges(
    spec: InputReader, key: str, default: Sequence[str] | None = None
) -> Ranges:
    ranges, findings = read_ranges(spec.texts(key, default), f"{spec.path}.{key}")
    spec.findings += findings
    return tuple(ranges)


def _seen(path: str, plan: SitePlan) -> Site:
    return Site(
        path=path,
        public_address=plan.public_address,
        host_name=plan.host_name,
        seen_ranges=plan.seen_ranges,
        peer=None
        if plan.bgp is None
        else SitePeer(as_number=plan.bgp.as_number, address=plan.bgp.peer_address),
    )


def _checked_key(key: str, path: str) -> str:
    """Return the shared key, or end the deployment with what is wrong with it."""
    fault = shared_key_fault(key)
    if fault:
        raise pulumi.RunError(f"{path}: {fault}")
    return key
