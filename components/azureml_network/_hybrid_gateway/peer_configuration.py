"""Writes down for each site how its own device has to be set up, for strongSwan.

The addresses of the gateway are known once they are made, so each text is an Output;
the shared key is in none of them.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address

from pulumi import Input, Output

from azureml_network._hybrid_gateway.arguments import ConnectionMode
from azureml_network._hybrid_gateway.nat_translation import translated_address
from azureml_network._hybrid_gateway.sites import SitePlan
from azureml_network._hybrid_gateway.vpn import VpnPlan
from azureml_network._hybrid_gateway.vpn_resources import VpnGateway
from azureml_rulebook.strongswan import (
    BGP_ADDRESS_WORD,
    Peer,
    PeerBgp,
    PeerSelectors,
    PeerTunnel,
    gateway_address_word,
    peer_configuration,
)


def peer_configurations(
    plans: Mapping[str, SitePlan], vpn: VpnPlan, gateway: VpnGateway
) -> dict[str, Output[str]]:
    """Return the text of each site's `swanctl.conf`, by the word for the site."""
    return {
        word: _configuration(_peer(word, plan, vpn), plan, vpn, gateway)
        for word, plan in plans.items()
    }


def _configuration(
    peer: Peer, plan: SitePlan, vpn: VpnPlan, gateway: VpnGateway
) -> Output[str]:
    addresses = gateway.addresses
    return Output.all(
        Output.all(*(addresses[each] for each in vpn.instances)),
        Output.all(*_bgp_addresses(plan, vpn, gateway)),
    ).apply(lambda known: peer_configuration(peer, _tunnels(vpn, known[0], known[1])))


def _bgp_addresses(
    plan: SitePlan, vpn: VpnPlan, gateway: VpnGateway
) -> list[Input[str | None]]:
    """Return the address of each instance in the BGP session; None: there is none."""
    if plan.bgp is None:
        return [None for _ in vpn.instances]
    if plan.bgp.gateway_addresses:
        return [str(each) for each in plan.bgp.gateway_addresses]
    return [
        gateway.bgp_address(each).apply(lambda known: _shown_address(plan, known))
        for each in vpn.instances
    ]


def _shown_address(plan: SitePlan, address: str) -> str:
    """Return an address of the gateway as the site sees it, or the word for it."""
    if not address:
        return BGP_ADDRESS_WORD
    shown = translated_address(IPv4Address(address), plan.egress_nat_rules)
    return BGP_ADDRESS_WORD if shown is None else str(shown)


def _tunnels(
    vpn: VpnPlan, public: Sequence[str], bgp: Sequence[str | None]
) -> list[PeerTunnel]:
    return [
        PeerTunnel(
            instance=instance,
            gateway_address=address or gateway_address_word(instance),
            bgp_address=bgp_address,
        )
        for instance, address, bgp_address in zip(
            vpn.instances, public, bgp, strict=True
        )
    ]


def _peer(word: str, plan: SitePlan, vpn: VpnPlan) -> Peer:
    return Peer(
        name=word,
        public_address=None
        if plan.public_address is None
        else str(plan.public_address),
        policy=plan.ipsec_policy,
        dead_peer_timeout_seconds=plan.dead_peer_timeout_seconds,
        begins=plan.connection_mode is not ConnectionMode.INITIATOR_ONLY,
        selectors=tuple(
            PeerSelectors(
                network_ranges=tuple(map(str, selector.local_ranges)),
                site_ranges=tuple(map(str, selector.remote_ranges)),
            )
            for selector in plan.traffic_selectors
        ),
        network_ranges=tuple(str(each) for _, each in plan.shown_ranges),
        bgp=None
        if plan.bgp is None or vpn.bgp is None
        else PeerBgp(
            as_number=plan.bgp.as_number,
            address=str(plan.bgp.peer_address),
            gateway_as_number=vpn.bgp.as_number,
        ),
    )
