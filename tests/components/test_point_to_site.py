"""VPN clients: who is let in, how, and from which ranges; what is refused, and why.

The combinations are written down once more, from https://learn.microsoft.com/azure/
vpn-gateway/howto-point-to-site-multi-auth.
"""

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from ipaddress import IPv4Network
from itertools import chain, combinations
from typing import Any

import pulumi
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.parts import UsedRanges
from azureml_network._hybrid_gateway.point_to_site import (
    PointToSitePlan,
    read_point_to_site,
)
from azureml_network._hybrid_gateway.vpn import read_vpn
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.point_to_site import (
    issuer_url,
    package_command,
    profile_commands,
    tenant_url,
)
from tests.components.sample_certificates import (
    NOW,
    THUMBPRINT,
    certificate,
    one_line,
    pem,
)

TENANT = "11111111-1111-4111-8111-111111111111"
POOL = {"address_pool": ["172.20.0.0/24"]}
SECRET = "the RADIUS servers' own secret"

CLIENTS = {
    "VpnGw1AZ": 250,
    "VpnGw2AZ": 500,
    "VpnGw3AZ": 1000,
    "VpnGw4AZ": 5000,
    "VpnGw5AZ": 10000,
}
"""Of IKEv2 and OpenVPN by size, from .../azure/vpn-gateway/about-gateway-skus."""

PROTOCOLS = ("OpenVPN", "IkeV2", "SSTP")
WAYS = ("entra_id", "certificate", "radius")
ALLOWED = {
    ("OpenVPN",): {
        ("entra_id",),
        ("certificate",),
        ("radius",),
        ("entra_id", "certificate"),
        ("entra_id", "radius"),
        ("certificate", "radius"),
        ("entra_id", "certificate", "radius"),
    },
    ("IkeV2",): {("certificate",), ("radius",)},
    ("OpenVPN", "IkeV2"): {
        ("certificate",),
        ("radius",),
        ("entra_id", "certificate"),
        ("entra_id", "radius"),
    },
}


def some(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Every choice of one word or more."""
    sizes = range(1, len(words) + 1)
    return list(chain.from_iterable(combinations(words, size) for size in sizes))


def radius(*addresses: str) -> dict[str, Any]:
    """Servers, whose secret is one."""
    return {
        f"server{index}": {"address": address, "secret": pulumi.Output.secret(SECRET)}
        for index, address in enumerate(addresses)
    }


def inputs_of(ways: tuple[str, ...]) -> dict[str, Any]:
    """What those ways to sign in need."""
    inputs: dict[str, Any] = {"authentication": list(ways)}
    if "entra_id" in ways:
        inputs["tenant_id"] = TENANT
    if "certificate" in ways:
        inputs["root_certificates"] = {"office": pem()}
    if "radius" in ways:
        inputs["radius_servers"] = radius("10.20.0.10")
    return inputs


def read(
    vpn: dict[str, Any] | None = None, now: datetime = NOW, **clients: Any
) -> tuple[PointToSitePlan, list[str]]:
    """Read who is let in; returns the plan, and every finding as a line."""
    inputs = {"vpn": vpn or {"size": "VpnGw1AZ"}, "point_to_site": clients}
    reader = InputReader(inputs, HybridGatewayArgs)
    place = Place(cloud_name="public", region="westeurope")
    plan = read_point_to_site(reader, read_vpn(reader, "net", place), now=now)
    assert plan is not None
    return plan, [str(finding) for finding in reader.findings]


def only(lines: list[str]) -> str:
    """The one line that there is."""
    (line,) = lines
    return line


def test_the_defaults() -> None:
    """OpenVPN and Microsoft Entra ID, with Microsoft's own client."""
    plan, findings = read(**POOL, tenant_id=TENANT)
    assert findings == []
    assert (plan.protocols, plan.authentication) == (("OpenVPN",), ("entra_id",))
    assert plan.entra is not None
    assert plan.entra.audience == "c632b3df-fb67-4d84-bdcf-b95ad541b5c8"
    assert plan.warnings == ()


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_text_is_left_out(blank: str) -> None:
    """It says as much as no input."""
    plan, findings = read(**POOL, tenant_id=TENANT, audience=blank)
    assert findings == []
    assert plan.entra is not None
    assert plan.entra.audience == "c632b3df-fb67-4d84-bdcf-b95ad541b5c8"
    assert only(read(**POOL, tenant_id=blank)[1]) == (
        "point_to_site.tenant_id: is required with 'entra_id' in authentication"
    )


def test_closed_without_it() -> None:
    """Nobody is let in."""
    reader = InputReader({}, HybridGatewayArgs)
    assert read_point_to_site(reader, None) is None
    assert reader.findings == []


def test_a_gateway_is_needed() -> None:
    """Clients come through one."""
    reader = InputReader(
        {"point_to_site": {**POOL, "tenant_id": TENANT}}, HybridGatewayArgs
    )
    read_point_to_site(reader, None)
    assert [str(finding) for finding in reader.findings] == [
        "point_to_site: needs a VPN gateway; give vpn too"
    ]


@pytest.mark.parametrize("size", CLIENTS)
@pytest.mark.parametrize("ways", some(WAYS))
@pytest.mark.parametrize("protocols", some(PROTOCOLS))
def test_every_combination(
    size: str, protocols: tuple[str, ...], ways: tuple[str, ...]
) -> None:
    """What Azure takes is planned; all else is refused, once, with what is taken."""
    plan, findings = read(
        {"size": size}, **POOL, protocols=list(protocols), **inputs_of(ways)
    )
    if "SSTP" in protocols:
        place = protocols.index("SSTP")
        assert only(findings).startswith(
            f"point_to_site.protocols[{place}]: 'SSTP' is retired: since March 31, 2026"
        )
    elif ways in ALLOWED[protocols]:
        assert findings == []
        assert (plan.protocols, plan.authentication) == (protocols, ways)
    else:
        message = only(findings)
        assert message.startswith("point_to_site.authentication: ")
        assert f"{' with '.join(ways)} does not go with {' with '.join(protocols)}" in (
            message
        )
        for allowed in ALLOWED[protocols]:
            assert " with ".join(allowed) in message


@pytest.mark.parametrize("order", [["IkeV2", "OpenVPN"], ["OpenVPN", "IkeV2"]])
def test_the_order_of_words_makes_no_difference(order: list[str]) -> None:
    """The same plan, however it is written."""
    plan, findings = read(**POOL, protocols=order, **inputs_of(("certificate",)))
    assert findings == []
    assert plan.protocols == ("OpenVPN", "IkeV2")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"protocols": ["openvpn"]}, "'openvpn' is not a protocol of VPN clients; did"),
        ({"protocols": [5]}, "5 is not a protocol of VPN clients; known"),
        ({"protocols": ["OpenVPN"] * 2}, "'OpenVPN' is given twice"),
        ({"protocols": []}, "point_to_site.protocols: is an empty list"),
        ({"protocols": "OpenVPN"}, "'OpenVPN' is not a list of texts"),
        ({"authentication": ["AAD"]}, "'AAD' is not a way to sign in"),
        ({"tenant_id": None}, "point_to_site.tenant_id: is required with 'entra_id'"),
        ({"tenant_id": "contoso.example"}, "'contoso.example' is not a tenant id"),
        (
            {"audience": "Azure VPN"},
            "point_to_site.audience: 'Azure VPN' is not an application id; give",
        ),
        (
            {"root_certificates": {"office": "x"}},
            "point_to_site.root_certificates: is for 'certificate', which "
            "authentication does not name",
        ),
        ({"address_pool": None}, "point_to_site.address_pool: is required"),
        ({"address_pool": []}, "point_to_site.address_pool: is an empty list"),
        ({"pool": "172.20.0.0/24"}, "point_to_site.pool: is not a known input"),
    ],
)
def test_an_input_that_is_wrong(changes: dict[str, Any], message: str) -> None:
    """Each with its path; the first line says it."""
    inputs = {**POOL, "tenant_id": TENANT, **changes}
    given_inputs = {key: item for key, item in inputs.items() if item is not None}
    lines = read(**given_inputs)[1]
    assert any(message in line for line in lines), lines


@pytest.mark.parametrize("way", ["entra_id", "certificate", "radius"])
def test_a_way_to_sign_in_needs_its_inputs(way: str) -> None:
    """Without them it would let in nobody."""
    wanted = {
        "entra_id": "tenant_id",
        "certificate": "root_certificates",
        "radius": "radius_servers",
    }[way]
    assert only(read(**POOL, authentication=[way])[1]) == (
        f"point_to_site.{wanted}: is required with '{way}' in authentication"
    )


@pytest.mark.parametrize("size", CLIENTS)
@pytest.mark.parametrize("excess", [0, 1])
def test_clients_by_size(size: str, excess: int) -> None:
    """More addresses than the gateway serves clients are told, and not refused; those
    up to the next power of two are no waste."""
    most = CLIENTS[size]
    length = 32 - (most - 1).bit_length() - excess
    pool = f"172.{16 if length < 24 else 20}.0.0/{length}"
    plan, findings = read({"size": size}, address_pool=[pool], tenant_id=TENANT)
    assert findings == []
    if excess:
        assert (
            f"has {1 << (32 - length)} addresses, and a gateway of size {size} serves "
            f"{most} clients at a time"
        ) in only(list(plan.warnings))
    else:
        assert plan.warnings == ()


@pytest.mark.parametrize(
    ("pool", "active_active", "message"),
    [
        ("172.20.0.0/29", False, None),
        ("172.20.0.0/30", False, "a gateway needs a /29 or larger"),
        ("172.20.0.0/28", True, None),
        ("172.20.0.0/29", True, "an active-active gateway needs a /28 or larger"),
        ("100.64.0.0/24", False, None),
        ("8.8.8.0/24", False, "'8.8.8.0/24' is not private"),
        ("172.17.5.0/24", False, "the container bridge"),
        ("169.254.0.0/24", False, "link-local"),
        ("172.20.0.1/24", False, "has host bits set"),
        ("172.20.0.0", False, "has no prefix length"),
    ],
)
def test_a_pool(pool: str, active_active: bool, message: str | None) -> None:
    """Large enough, private, and nothing that means something else."""
    lines = read(
        {"active_active": active_active}, address_pool=[pool], tenant_id=TENANT
    )[1]
    if message is None:
        assert lines == []
    else:
        assert message in only(lines)
        assert lines[0].startswith("point_to_site.address_pool[0]: ")


def ranges(path: str, *texts: str) -> tuple[tuple[str, IPv4Network], ...]:
    """Ranges as parts tell them."""
    return tuple(
        (f"{path}[{index}]", IPv4Network(text)) for index, text in enumerate(texts)
    )


@pytest.mark.parametrize(
    ("others", "path"),
    [
        ({"network": ("10.20.0.0/16",)}, "network[0]"),
        ({"elsewhere": ("10.0.0.0/8",)}, "elsewhere[0]"),
        ({"spokes": ("10.20.9.0/25",)}, "spokes[0]"),
        ({"sites": ("192.168.0.0/16", "10.20.9.128/25")}, "sites[1]"),
        ({"peers": ("10.20.9.254/32",)}, "peers[0]"),
        ({"links": ("10.20.9.4/30",)}, None),
    ],
)
def test_a_pool_in_a_range_in_use(
    others: dict[str, tuple[str, ...]], path: str | None
) -> None:
    """C45: it is compared with every range around; both are named, once."""
    used = UsedRanges(
        clients=ranges("pool", "10.20.9.0/24"),
        **{key: ranges(key, *texts) for key, texts in others.items()},
    )
    (finding,) = used.findings()
    if path is None:
        assert str(finding).startswith("links[0]: '10.20.9.4/30' overlaps ")
        assert "of pool[0]" in str(finding)
    else:
        assert str(finding).startswith("pool[0]: '10.20.9.0/24' overlaps ")
        assert f"of {path};" in str(finding)


def test_roots() -> None:
    """In one line each, in order of name."""
    other = certificate(name="other").public_bytes(Encoding.DER)
    plan, findings = read(
        **POOL,
        authentication=["certificate"],
        root_certificates={"office": pem(), "abroad": one_line(other)},
        revoked_certificates={"ada": THUMBPRINT.lower()},
    )
    assert findings == []
    assert list(plan.root_certificates) == ["abroad", "office"]
    assert plan.root_certificates["office"] == one_line()
    assert plan.revoked_certificates == {"ada": THUMBPRINT}


@pytest.mark.parametrize(
    ("roots", "revoked", "message"),
    [
        (
            {"a": pem(), "b": one_line()},
            {},
            "root_certificates.b: is root_certificates.a too",
        ),
        (
            {"a": pem()},
            {"b": pem()},
            "revoked_certificates.b: is root_certificates.a too",
        ),
        (
            {"a": pem()},
            {"b": THUMBPRINT, "c": THUMBPRINT.lower()},
            "revoked_certificates.c: is revoked_certificates.b too",
        ),
        ({"a": "nothing!"}, {}, "root_certificates.a: is not base64"),
        (
            {"a": pulumi.Output.from_input("x")},
            {},
            "root_certificates.a: is known only after deployment, or secret; a "
            "certificate is public",
        ),
        ({"of/fice": pem()}, {}, "the vpn client certificate name 'of/fice' must be"),
        ({"a": pem(), "A": pem()}, {}, "differs from that of"),
        (
            {"a": pem()},
            {f"r{number}": f"{number:040X}" for number in range(301)},
            "are 301, and a gateway takes 300; leave out 1",
        ),
        (
            {f"r{number}": "x" for number in range(21)},
            {},
            "are 21, and a gateway takes 20; leave out 1",
        ),
    ],
)
def test_certificates_that_are_refused(
    roots: dict[str, Any], revoked: dict[str, Any], message: str
) -> None:
    """Twice the same, no certificate, too many, or names that Azure does not take."""
    lines = read(
        **POOL,
        authentication=["certificate"],
        root_certificates=roots,
        revoked_certificates=revoked,
    )[1]
    assert any(message in line for line in lines), lines[:3]


def test_an_expired_root_is_refused() -> None:
    """By the clock that is given."""
    later = datetime(2027, 3, 1, tzinfo=UTC)
    lines = read(now=later, **POOL, **inputs_of(("certificate",)))[1]
    assert "root_certificates.office: has expired on" in only(lines)


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        (radius("10.20.0.10", "10.20.0.11"), None),
        (radius("10.20.0.10", "10.20.0.10"), "is radius_servers.server0 too"),
        (radius("10.20.0.1", "10.20.0.2", "10.20.0.3"), "are 3, and a gateway takes 2"),
        (radius("radius.example"), "'radius.example' is not an IPv4 address"),
        ({"a": {"address": "10.20.0.10"}}, "a.secret: is required and not set"),
        (
            {"a": {"secret": pulumi.Output.secret(SECRET)}},
            "a.address: is required and not set",
        ),
        ({"a": {"address": "10.20.0.10", "secret": SECRET}}, "is plain text"),
    ],
)
def test_radius_servers(servers: dict[str, Any], message: str | None) -> None:
    """One or two, each with a secret, which is never shown."""
    lines = read(**POOL, authentication=["radius"], radius_servers=servers)[1]
    assert not any(SECRET in line for line in lines)
    if message is None:
        assert lines == []
    else:
        assert message in only(lines)


@pytest.mark.parametrize("secret", [SECRET, "x", "", " \n"])
def test_an_empty_secret_ends_the_deployment(secret: str) -> None:
    """It would let in whoever asks; every other one is kept as it is, a secret."""

    async def value() -> tuple[bool, str | None]:
        servers = {
            "a": {"address": "10.20.0.10", "secret": pulumi.Output.secret(secret)}
        }
        plan, lines = read(**POOL, authentication=["radius"], radius_servers=servers)
        assert lines == []
        kept = plan.radius_servers["a"].secret
        return await kept.is_secret(), await kept.future()

    # A loop of its own; the one that other tests run programs in stays.
    with closing(asyncio.new_event_loop()) as loop:
        if secret.strip():
            assert loop.run_until_complete(value()) == (True, secret)
            return
        with pytest.raises(pulumi.RunError) as caught:
            loop.run_until_complete(value())
    assert str(caught.value).startswith(
        "point_to_site.radius_servers.a.secret: is empty; give the secret that the"
    )


@pytest.mark.parametrize(
    ("cloud", "tenant", "issuer"),
    [
        ("public", "https://login.microsoftonline.com", "https://sts.windows.net"),
        (
            "us_government",
            "https://login.microsoftonline.us",
            "https://sts.windows.net",
        ),
        ("china", "https://login.chinacloudapi.cn", "https://sts.chinacloudapi.cn"),
    ],
)
def test_addresses_of_a_tenant(cloud: str, tenant: str, issuer: str) -> None:
    """The issuer ends in a slash, and the tenant does not."""
    assert tenant_url(cloud, TENANT) == f"{tenant}/{TENANT}"
    assert issuer_url(cloud, TENANT) == f"{issuer}/{TENANT}/"


@pytest.mark.parametrize(
    ("ways", "method"),
    [
        (("radius",), "EAPMSCHAPv2"),
        (("entra_id",), "EAPTLS"),
        (("certificate", "radius"), "EAPTLS"),
    ],
)
def test_commands(ways: tuple[str, ...], method: str) -> None:
    """They work in a shell whatever the group is called."""
    of = '--resource-group "rg (1)" --name "net-vgw"'
    package = (
        f"az network vnet-gateway vpn-client generate {of} --authentication-method "
        f"{method} --output tsv"
    )
    assert package_command("rg (1)", "net-vgw", ways) == package
    assert profile_commands("rg (1)", "net-vgw", ways) == [
        package,
        'curl --output "net-vgw-clients.zip" "$(az network vnet-gateway vpn-client '
        f'show-url {of} --output tsv)"',
    ]


RANGES = st.one_of(
    st.text(max_size=20),
    st.none(),
    st.integers(),
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)).map(
        lambda parts: str(IPv4Network(parts, strict=False))
    ),
    st.tuples(
        st.lists(st.integers(-1, 300), min_size=3, max_size=5), st.integers(-1, 40)
    ).map(lambda parts: f"{'.'.join(map(str, parts[0]))}/{parts[1]}"),
)


@given(st.lists(RANGES, max_size=4), st.booleans())
def test_random_pools_never_crash(pool: list[Any], active_active: bool) -> None:
    """Each range is read, or refused at its path, and is then told of once."""
    plan, lines = read(
        {"active_active": active_active}, address_pool=pool, tenant_id=TENANT
    )
    assert bool(pool) or lines
    for index in range(len(pool)):
        path = f"point_to_site.address_pool[{index}]"
        told = [line for line in lines if line.startswith(f"{path}: ")]
        assert told or any(path == known for known, _ in plan.address_pool)
    used = UsedRanges(
        network=ranges("network", "10.20.0.0/16"), clients=plan.address_pool
    )
    for finding in used.findings():
        assert finding.message


@given(st.lists(st.binary(min_size=4, max_size=4), min_size=1, max_size=3))
def test_overlaps_are_those_of_the_addresses(starts: list[bytes]) -> None:
    """A pool is refused just where it and the network have an address in common."""
    pools = [IPv4Network((start, 24), strict=False) for start in starts]
    used = UsedRanges(
        network=ranges("network", "10.20.0.0/15", "172.16.0.0/12"),
        clients=tuple((f"pool[{index}]", pool) for index, pool in enumerate(pools)),
    )
    in_network = [
        pool
        for pool in pools
        if int(pool[0]) >> 17 == 0x0A14 >> 1 or int(pool[0]) >> 20 == 0xAC1
    ]
    assert sum("network" in str(item) for item in used.findings()) == len(in_network)
