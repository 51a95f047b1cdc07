"""What a site's strongSwan has to be told, so that its tunnels fit those of Azure.

Azure's words for algorithms become strongSwan's, and a tunnel's settings become the
text of a `swanctl.conf`. Devices of others can be set up from the same text, which says
all that both sides must agree on. The shared key is never in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from azureml_rulebook.ipsec import MAIN_MODE_SECONDS, IpsecPolicy

_CIPHERS = {
    "GCMAES256": "aes256gcm16",
    "GCMAES192": "aes192gcm16",
    "GCMAES128": "aes128gcm16",
    "AES256": "aes256",
    "AES192": "aes192",
    "AES128": "aes128",
}
_HASHES = {"SHA384": "sha384", "SHA256": "sha256"}
_GROUPS = {
    "ECP384": "ecp384",
    "ECP256": "ecp256",
    "DHGroup24": "modp2048s256",
    "DHGroup14": "modp2048",
    "DHGroup2048": "modp2048",
    "PFS24": "modp2048s256",
    "PFS2048": "modp2048",
}
"""Azure's values in strongSwan's words (https://docs.strongswan.org/docs/latest/config/
proposals.html), of all that are current."""

BGP_ADDRESS_WORD = "see the gateway's configuration in Azure"
"""What stands for an instance's BGP address as long as it has none."""

_ANY = "0.0.0.0/0"
_FIRST_INTERFACE_ID = 11
"""Of the interface of the first tunnel; any number that the machine has free."""


@dataclass(frozen=True, kw_only=True)
class PeerTunnel:
    """A tunnel to one instance of the VPN gateway."""

    instance: str
    gateway_address: str
    """Its public address, or a word in its place."""
    bgp_address: str | None = None
    """Its address in the BGP session, or a word in its place."""


@dataclass(frozen=True, kw_only=True)
class PeerBgp:
    """The BGP session, as the site sees it."""

    as_number: int
    """The site's own."""
    address: str
    """The site's own."""
    gateway_as_number: int


@dataclass(frozen=True, kw_only=True)
class PeerSelectors:
    """Ranges that one tunnel carries."""

    network_ranges: tuple[str, ...]
    site_ranges: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """A site, and how it is connected."""

    name: str
    public_address: str | None
    """None: its address changes."""
    policy: IpsecPolicy
    dead_peer_timeout_seconds: int
    begins: bool
    """Whether the site may begin the tunnel."""
    selectors: tuple[PeerSelectors, ...] = ()
    """Empty: a tunnel carries what is routed into it."""
    network_ranges: tuple[str, ...] = ()
    """What the site reaches through its tunnels, where that is known."""
    bgp: PeerBgp | None = None
    """None: static routes."""


def gateway_address_word(instance: str) -> str:
    """Return the word that stands for an instance's address as long as it has none."""
    return f"ADDRESS-OF-{instance.upper()}-INSTANCE"


def ike_proposal(policy: IpsecPolicy) -> str:
    """Return phase 1 in strongSwan's words; KeyError for a value that is not current.

    GCM protects what it encrypts, and the hash then only derives keys.
    """
    is_gcm = policy.ike_encryption.startswith("GCM")
    hash_word = _HASHES[policy.ike_integrity]
    return "-".join(
        (
            _CIPHERS[policy.ike_encryption],
            f"prf{hash_word}" if is_gcm else hash_word,
            _GROUPS[policy.dh_group],
        )
    )


def esp_proposal(policy: IpsecPolicy) -> str:
    """Return phase 2 in strongSwan's words; KeyError as ``ike_proposal``."""
    is_gcm = policy.ipsec_encryption.startswith("GCM")
    integrity = () if is_gcm else (_HASHES[policy.ipsec_integrity],)
    return "-".join(
        (_CIPHERS[policy.ipsec_encryption], *integrity, _GROUPS[policy.pfs_group])
    )


def peer_configuration(peer: Peer, tunnels: Sequence[PeerTunnel]) -> str:
    """Return the text of the site's configuration, one connection for each tunnel."""
    lines = [
        *_comments(peer, tunnels),
        *_section(
            "connections",
            (
                line
                for number, tunnel in enumerate(tunnels)
                for line in _connection(peer, tunnel, _FIRST_INTERFACE_ID + number)
            ),
        ),
    ]
    return "\n".join(lines) + "\n"


def _connection(peer: Peer, tunnel: PeerTunnel, interface_id: int) -> list[str]:
    own_id = [] if peer.public_address is None else [f"id = {peer.public_address}"]
    return _section(
        _connection_name(peer, tunnel),
        (
            "version = 2",
            f"remote_addrs = {tunnel.gateway_address}",
            f"proposals = {ike_proposal(peer.policy)}",
            f"rekey_time = {_earlier(MAIN_MODE_SECONDS)}s",
            f"dpd_delay = {peer.dead_peer_timeout_seconds // 3}s",
            "mobike = no",
            "keyingtries = 0",
            *_section("local", ("auth = psk", *own_id)),
            *_section("remote", ("auth = psk", f"id = {tunnel.gateway_address}")),
            *_section("children", _children(peer, tunnel, interface_id)),
        ),
    )


def _children(peer: Peer, tunnel: PeerTunnel, interface_id: int) -> list[str]:
    name = _connection_name(peer, tunnel)
    if not peer.selectors:
        routed = (f"if_id_in = {interface_id}", f"if_id_out = {interface_id}")
        return _section(name, (*_child(peer, (_ANY,), (_ANY,)), *routed))
    return [
        line
        for number, each in enumerate(peer.selectors, start=1)
        for line in _section(
            f"{name}-{number}", _child(peer, each.site_ranges, each.network_ranges)
        )
    ]


def _child(peer: Peer, site: Sequence[str], network: Sequence[str]) -> list[str]:
    policy = peer.policy
    return [
        f"local_ts = {', '.join(site)}",
        f"remote_ts = {', '.join(network)}",
        f"esp_proposals = {esp_proposal(policy)}",
        f"rekey_time = {_earlier(policy.lifetime_seconds)}s",
        f"rekey_bytes = {_earlier(policy.lifetime_kilobytes * 1024)}",
        f"start_action = {'start' if peer.begins else 'none'}",
        f"dpd_action = {'restart' if peer.begins else 'clear'}",
    ]


def _comments(peer: Peer, tunnels: Sequence[PeerTunnel]) -> list[str]:
    """Say where the file belongs, how the key is given, and what is to be routed."""
    file = f"/etc/swanctl/conf.d/azure-{peer.name}"
    ids = "".join(
        f"id-{number} = {tunnel.gateway_address}\\n"
        for number, tunnel in enumerate(tunnels, start=1)
    )
    text = [
        f"Tunnels of the site '{peer.name}' to the VPN gateway in Azure, for",
        f"strongSwan 5.9 or later: save it as {file}.conf.",
        "",
        "The shared key is not in it. With the key in KEY, as root:",
        "  umask 077; printf "
        f"'secrets {{\\nike-azure-{peer.name} {{\\n{ids}secret = 0s%s\\n}}\\n}}\\n' \\",
        '    "$(printf %s "$KEY" | base64 --wrap=0)" \\',
        f"    > {file}-key.conf",
        "and then: swanctl --load-all",
        *_address_comments(peer),
        *(() if peer.selectors else _routing_comments(peer, tunnels)),
        *_bgp_comments(peer, tunnels),
    ]
    return [f"# {line}".rstrip() for line in text] + [""]


def _address_comments(peer: Peer) -> list[str]:
    if peer.public_address is not None:
        return []
    return [
        "",
        "Azure knows this site by the address that its name leads to. Where that is",
        "not the machine's own, write it as `id` into each `local`.",
    ]


def _routing_comments(peer: Peer, tunnels: Sequence[PeerTunnel]) -> list[str]:
    lines = [
        "",
        "What is routed into a tunnel's interface goes through that tunnel; strongSwan",
        "itself must set no routes (charon.install_routes = no in strongswan.conf):",
    ]
    for number, _ in enumerate(tunnels, start=_FIRST_INTERFACE_ID):
        lines += [
            f"  ip link add azure{number} type xfrm dev DEVICE if_id {number}",
            f"  ip link set azure{number} up",
        ]
    if peer.bgp is None:
        lines += [
            f"  ip route add {network} "
            + " ".join(
                f"nexthop dev azure{number}"
                for number, _ in enumerate(tunnels, start=_FIRST_INTERFACE_ID)
            )
            for network in peer.network_ranges
        ]
    return lines


def _bgp_comments(peer: Peer, tunnels: Sequence[PeerTunnel]) -> list[str]:
    if peer.bgp is None:
        return []
    return [
        "",
        f"BGP: this side is AS {peer.bgp.as_number} at {peer.bgp.address}, and begins "
        "the sessions; its neighbours",
        f"are AS {peer.bgp.gateway_as_number}, several hops away, each routed into its "
        "own tunnel:",
        *(
            f"  {tunnel.instance}: {tunnel.bgp_address}"
            for tunnel in tunnels
            if tunnel.bgp_address is not None
        ),
    ]


def _connection_name(peer: Peer, tunnel: PeerTunnel) -> str:
    return f"azure-{peer.name}-{tunnel.instance}"


def _earlier(value: int) -> int:
    """Return seven eighths: keys are renewed by the site, before Azure does, and last
    a tenth longer than that, which is still less than ``value``."""
    return value * 7 // 8


def _section(name: str, lines: Iterable[str]) -> list[str]:
    return [f"{name} {{", *(f"    {line}" for line in lines), "}"]
