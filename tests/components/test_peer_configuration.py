"""The text that a site sets its strongSwan up with: what it says, and that it fits."""

import os
import re
import subprocess
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.ipsec import SUITES
from azureml_rulebook.strongswan import (
    Peer,
    PeerBgp,
    PeerSelectors,
    PeerTunnel,
    gateway_address_word,
    peer_configuration,
)

PEER = Peer(
    name="hq",
    public_address="198.51.100.1",
    policy=SUITES["gcm256"],
    dead_peer_timeout_seconds=45,
    begins=True,
    network_ranges=("10.40.0.0/20", "10.41.0.0/24"),
)
FIRST = PeerTunnel(instance="first", gateway_address="203.0.113.1")
SECOND = PeerTunnel(instance="second", gateway_address="203.0.113.2")
WHOLE = r"""# Tunnels of the site 'hq' to the VPN gateway in Azure, for
# strongSwan 5.9 or later: save it as /etc/swanctl/conf.d/azure-hq.conf.
#
# The shared key is not in it. With the key in KEY, as root:
#   umask 077; printf 'secrets {\nike-azure-hq {\nid-1 = 203.0.113.1\nsecret = 0s%s\n}\n}\n' \
#     "$(printf %s "$KEY" | base64 --wrap=0)" \
#     > /etc/swanctl/conf.d/azure-hq-key.conf
# and then: swanctl --load-all
#
# What is routed into a tunnel's interface goes through that tunnel; strongSwan
# itself must set no routes (charon.install_routes = no in strongswan.conf):
#   ip link add azure11 type xfrm dev DEVICE if_id 11
#   ip link set azure11 up
#   ip route add 10.40.0.0/20 nexthop dev azure11
#   ip route add 10.41.0.0/24 nexthop dev azure11

connections {
    azure-hq-first {
        version = 2
        remote_addrs = 203.0.113.1
        proposals = aes256gcm16-prfsha384-ecp384
        rekey_time = 25200s
        dpd_delay = 15s
        mobike = no
        keyingtries = 0
        local {
            auth = psk
            id = 198.51.100.1
        }
        remote {
            auth = psk
            id = 203.0.113.1
        }
        children {
            azure-hq-first {
                local_ts = 0.0.0.0/0
                remote_ts = 0.0.0.0/0
                esp_proposals = aes256gcm16-ecp384
                rekey_time = 23625s
                rekey_bytes = 91750400000
                start_action = start
                dpd_action = restart
                if_id_in = 11
                if_id_out = 11
            }
        }
    }
}
"""  # noqa: E501


def settings(text: str, name: str) -> list[str]:
    """Every value that a setting has, in order."""
    return re.findall(rf"^ +{name} = (.+)$", text, re.MULTILINE)


def comments(text: str) -> str:
    """The comments as one text."""
    lines = (line for line in text.splitlines() if line.startswith("#"))
    return " ".join(line.removeprefix("#").strip() for line in lines)


def test_one_tunnel_as_a_whole():
    """The text is a contract: people save it."""
    assert peer_configuration(PEER, [FIRST]) == WHOLE


def test_two_tunnels_have_their_own_names_addresses_and_interfaces():
    """And static routes go into both."""
    text = peer_configuration(PEER, [FIRST, SECOND])
    assert settings(text, "remote_addrs") == ["203.0.113.1", "203.0.113.2"]
    assert settings(text, "if_id_in") == settings(text, "if_id_out") == ["11", "12"]
    assert re.findall(r"^    (\S+) \{$", text, re.MULTILINE) == [
        "azure-hq-first",
        "azure-hq-second",
    ]
    assert "10.40.0.0/20 nexthop dev azure11 nexthop dev azure12\n" in text
    assert r"id-1 = 203.0.113.1\nid-2 = 203.0.113.2\nsecret" in text


@pytest.mark.parametrize(
    ("begins", "start", "dead"), [(True, "start", "restart"), (False, "none", "clear")]
)
def test_who_begins(begins: bool, start: str, dead: str):
    """Where Azure alone does, the site waits."""
    text = peer_configuration(replace(PEER, begins=begins), [FIRST])
    assert settings(text, "start_action") == [start]
    assert settings(text, "dpd_action") == [dead]


def test_a_site_without_a_fixed_address_says_nothing_of_itself():
    """A comment says when it has to."""
    text = peer_configuration(replace(PEER, public_address=None), [FIRST])
    assert settings(text, "id") == ["203.0.113.1"]
    assert "write it as `id` into each `local`" in comments(text)
    assert "write it as `id`" not in comments(WHOLE)


def test_selectors_are_tunnels_of_their_own():
    """The network's side is the site's remote one; nothing is routed by interface."""
    selectors = (
        PeerSelectors(network_ranges=("10.40.0.0/20",), site_ranges=("10.200.0.0/16",)),
        PeerSelectors(
            network_ranges=("10.41.0.0/24",),
            site_ranges=("10.201.0.0/16", "10.202.0.0/16"),
        ),
    )
    text = peer_configuration(replace(PEER, selectors=selectors), [FIRST])
    assert settings(text, "local_ts") == [
        "10.200.0.0/16",
        "10.201.0.0/16, 10.202.0.0/16",
    ]
    assert settings(text, "remote_ts") == ["10.40.0.0/20", "10.41.0.0/24"]
    assert len(settings(text, "esp_proposals")) == 2
    assert "if_id" not in text
    assert "ip link" not in text


def test_bgp_takes_the_place_of_static_routes():
    """With the numbers and addresses of both sides."""
    bgp = PeerBgp(as_number=65010, address="10.200.255.1", gateway_as_number=65515)
    tunnels = [
        replace(FIRST, bgp_address="10.40.0.4"),
        replace(SECOND, bgp_address="10.40.0.5"),
    ]
    said = comments(peer_configuration(replace(PEER, bgp=bgp), tunnels))
    assert "this side is AS 65010 at 10.200.255.1" in said
    assert "AS 65515" in said
    assert "first: 10.40.0.4 second: 10.40.0.5" in said
    assert "ip route" not in said


def test_a_word_stands_for_an_address_that_is_not_known():
    """One for each instance, as a name that strongSwan takes."""
    words = [gateway_address_word(each) for each in ("first", "second")]
    assert words == ["ADDRESS-OF-FIRST-INSTANCE", "ADDRESS-OF-SECOND-INSTANCE"]


def test_the_command_for_the_key_makes_a_secrets_file(tmp_path: Any):
    """Run as it stands, with a key that has every kind of character."""
    text = peer_configuration(PEER, [FIRST, SECOND])
    lines = [line.removeprefix("#   ") for line in text.splitlines()[4:7]]
    command = "\n".join(lines).replace("/etc/swanctl/conf.d", str(tmp_path))
    key = r"""!"#$%&'()*+,./0:;<=>?@A[\]^_`a{|}"""
    subprocess.run(["sh", "-c", command], env={**os.environ, "KEY": key}, check=True)
    file = tmp_path / "azure-hq-key.conf"
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text().splitlines() == [
        "secrets {",
        "ike-azure-hq {",
        "id-1 = 203.0.113.1",
        "id-2 = 203.0.113.2",
        "secret = 0sISIjJCUmJygpKissLi8wOjs8PT4/QEFbXF1eX2Bhe3x9",
        "}",
        "}",
    ]


peers = st.builds(
    Peer,
    name=st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,9}", fullmatch=True),
    public_address=st.sampled_from([None, "198.51.100.1"]),
    policy=st.builds(
        replace,
        st.sampled_from(list(SUITES.values())),
        lifetime_seconds=st.integers(300, 172799),
        lifetime_kilobytes=st.integers(1024, 2**31 - 1),
    ),
    dead_peer_timeout_seconds=st.integers(9, 3600),
    begins=st.booleans(),
    selectors=st.lists(
        st.just(
            PeerSelectors(network_ranges=("10.0.0.0/8",), site_ranges=("10.0.0.0/8",))
        ),
        max_size=3,
    ).map(tuple),
)


@given(peers, st.sampled_from([[FIRST], [FIRST, SECOND]]))
def test_whatever_is_planned_fits_azure(peer: Peer, tunnels: list[PeerTunnel]):
    """Braces close, names are there once, and keys are renewed before Azure does it,
    with the tenth by which strongSwan lets them live longer."""
    text = peer_configuration(peer, tunnels)
    assert text.count("{\n") == text.count("}\n")
    body = text[text.index("\nconnections") :]
    assert body.count("{") == body.count("}")
    children = re.findall(r"^            (azure-\S+) \{$", text, re.MULTILINE)
    assert len(children) == len(set(children))
    assert len(children) == len(tunnels) * max(1, len(peer.selectors))
    main, *phase_2 = (int(each[:-1]) for each in settings(text, "rekey_time"))
    assert 0 < main * 1.1 < 28800
    assert all(
        0 < each * 1.1 <= peer.policy.lifetime_seconds or each == 25200
        for each in phase_2
    )
    assert all(
        0 < int(each) * 1.1 <= peer.policy.lifetime_kilobytes * 1024
        for each in settings(text, "rekey_bytes")
    )
    delays = {int(each[:-1]) for each in settings(text, "dpd_delay")}
    assert delays == {peer.dead_peer_timeout_seconds // 3}
    assert min(delays) >= 3
