"""Virtual network gateways: each thing that Azure refuses once, and its answers."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask
from tests.emulator.gateway_requests import (
    TOKEN,
    clients,
    configurations,
    connection,
    express_route,
    home,
    inputs_of,
    site,
    vpn,
)

NOT_OFFERED = "NonAzSkusNotAllowedForVPNGateway"
BASIC = "VirtualNetworkGatewayBasicSkuDoesNotSupportFeature"
POOL = "VpnClientAddressPoolOverlaps"
CERTIFICATE = "VpnClientRootCertificateDataInvalid"
COUNT = "VirtualNetworkGatewayIpConfigurationCountDoesNotMatch"
RESERVED = "VirtualNetworkGatewayBgpAsnReserved"
NAT_IN_USE = "VirtualNetworkGatewayNatRuleInUseByConnection"
# The shape of a certificate: one DER sequence, with a long length and a short one.
ROOT = base64.b64encode(b"\x30\x82\x01\x00" + bytes(256)).decode()
SHORT_ROOT = base64.b64encode(b"\x30\x10" + bytes(16)).decode()


def _sized(size: str, **inputs: Any) -> Callable[[Any], Any]:
    return lambda azure: vpn(azure, home(azure), size, **inputs)


def _small_home(azure: Any) -> None:
    azure.network()
    subnet = azure.subnet("GatewaySubnet", "10.0.0.0/29")
    # Such a subnet cannot be made any more; it is one of old.
    store = azure.provider.store
    store.put(subnet.id, "network:Subnet", {"addressPrefix": "10.0.0.0/30"})
    vpn(azure, subnet)


def _elsewhere(azure: Any) -> None:
    azure.network()
    vpn(azure, azure.subnet("gateways", "10.0.0.0/27"))


def _guarded_home(azure: Any) -> None:
    azure.network()
    group = ask.security_group(azure)
    azure.subnet("GatewaySubnet", "10.0.0.0/27", networkSecurityGroup=ask.ref(group))


def _second_vpn(azure: Any) -> None:
    subnet = home(azure)
    vpn(azure, subnet)
    vpn(azure, subnet, virtualNetworkGatewayName="second")


def _second_express_route(azure: Any) -> None:
    subnet = home(azure)
    express_route(azure, subnet)
    azure.in_group(
        TOKEN,
        virtualNetworkGatewayName="second",
        gatewayType="ExpressRoute",
        sku={"name": "ErGw1AZ", "tier": "ErGw1AZ"},
        ipConfigurations=[{"name": "one", "subnet": ask.ref(subnet)}],
    )


def _both_in_a_small_home(azure: Any) -> None:
    subnet = home(azure, "10.0.0.0/28")
    vpn(azure, subnet)
    express_route(azure, subnet)


def _address(**address: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        subnet = home(azure)
        given = configurations(subnet, azure.address("own", **address))
        return vpn(azure, subnet, ipConfigurations=given)

    return act


def _counted(count: int, **inputs: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        subnet = home(azure)
        addresses = [azure.address(f"a{number}") for number in range(count)]
        given = configurations(subnet, *addresses)
        return vpn(azure, subnet, ipConfigurations=given, **inputs)

    return act


def _address_in_use(azure: Any) -> None:
    subnet = home(azure)
    address = azure.address()
    ask.nat_gateway(azure, address)
    vpn(azure, subnet, ipConfigurations=configurations(subnet, address))


def _pool_of_a_peer(azure: Any) -> None:
    subnet = home(azure)
    remote = azure.network("10.1.0.0/16", virtualNetworkName="hub")
    ask.peering(azure, "net", remote.id)
    vpn(azure, subnet, vpnClientConfiguration=clients("10.1.9.0/24"))


def _pool_of_a_site(azure: Any) -> None:
    subnet = home(azure)
    gateway = vpn(azure, subnet)
    there = site(azure, "192.168.0.0/16")
    connection(azure, gateway, localNetworkGateway2=ask.ref(there))
    inputs = inputs_of(
        azure,
        subnet,
        "VpnGw1AZ",
        vpnClientConfiguration=clients("192.168.9.0/24"),
        ipConfigurations=gateway.outputs["ipConfigurations"],
    )
    azure.update(TOKEN, gateway, **inputs)


def _site_of_a_pool(azure: Any) -> None:
    pool = clients("192.168.9.0/24")
    gateway = vpn(azure, home(azure), vpnClientConfiguration=pool)
    there = site(azure, "192.168.0.0/16")
    connection(azure, gateway, localNetworkGateway2=ask.ref(there))


def _pool(*pool: str) -> Callable[[Any], Any]:
    return _sized("VpnGw1AZ", vpnClientConfiguration=clients(*pool))


def _root(text: str) -> Callable[[Any], Any]:
    configuration = clients("172.16.9.0/24", root=text)
    return _sized("VpnGw1AZ", vpnClientConfiguration=configuration)


def _numbered(number: int) -> Callable[[Any], Any]:
    return _sized("VpnGw1AZ", enableBgp=True, bgpSettings={"asn": number})


def _other_kind(azure: Any) -> None:
    gateway = vpn(azure, home(azure))
    given = gateway.outputs["ipConfigurations"]
    inputs = inputs_of(
        azure, None, "VpnGw1AZ", ipConfigurations=given, vpnType="PolicyBased"
    )
    azure.update(TOKEN, gateway, **inputs)


def translation(azure: Any, size: str) -> Any:
    """Create a NAT rule of a gateway of a size."""
    vpn(azure, home(azure), size)
    return azure.create(
        "network:VirtualNetworkGatewayNatRule",
        resourceGroupName="group",
        virtualNetworkGatewayName="gateway",
        natRuleName="rule",
        type="Static",
        mode="EgressSnat",
        internalMappings=[{"addressSpace": "10.0.0.0/24"}],
        externalMappings=[{"addressSpace": "100.64.0.0/24"}],
    )


RULE = {
    "type": "Static",
    "mode": "IngressSnat",
    "internalMappings": [{"addressSpace": "192.168.0.0/16"}],
    "externalMappings": [{"addressSpace": "100.70.0.0/16"}],
}


def _translated(*names: str, used: str = "one") -> Callable[[Any], Any]:
    """A gateway with two rules, of which a connection uses one, then with `names`."""

    def act(azure: Any) -> None:
        before = [{**RULE, "name": "one"}, {**RULE, "name": "two"}]
        gateway = vpn(azure, home(azure), "VpnGw2AZ", natRules=before)
        connection(
            azure,
            gateway,
            localNetworkGateway2=ask.ref(site(azure)),
            ingressNatRules=[{"id": f"{gateway.id}/natRules/{used}"}],
        )
        after = inputs_of(
            azure,
            None,
            "VpnGw2AZ",
            ipConfigurations=gateway.outputs["ipConfigurations"],
            natRules=[{**RULE, "name": name} for name in names],
        )
        azure.update(TOKEN, gateway, **after)

    return act


def _used_gateway_goes(azure: Any) -> None:
    gateway = vpn(azure, home(azure))
    connection(azure, gateway, localNetworkGateway2=ask.ref(site(azure)))
    azure.delete(TOKEN, gateway)


def _sku_of_two(azure: Any) -> None:
    vpn(azure, home(azure), sku={"name": "VpnGw1AZ", "tier": "VpnGw2AZ"})


CASES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("name of the subnet", "BadRequest", _elsewhere),
    ("size of the subnet", "BadRequest", _small_home),
    (
        "security group",
        "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
        _guarded_home,
    ),
    ("second VPN", "VirtualNetworkGatewayAlreadyExists", _second_vpn),
    (
        "second ExpressRoute",
        "VirtualNetworkGatewayAlreadyExists",
        _second_express_route,
    ),
    ("both in /28", "GatewaySubnetTooSmallForCoexistence", _both_in_a_small_home),
    *(
        (size, NOT_OFFERED, _sized(size))
        for size in (
            "VpnGw1",
            "VpnGw2",
            "VpnGw3",
            "VpnGw4",
            "VpnGw5",
            "Standard",
            "HighPerformance",
        )
    ),
    ("two sizes", "VirtualNetworkGatewaySkuNameAndTierDoNotMatch", _sku_of_two),
    (
        "address without zones",
        "VmssVpnGatewayPublicIpsMustHaveZonesConfigured",
        _address(zones=None),
    ),
    (
        "Basic address",
        "BasicPublicIpNotSupportedForVirtualNetworkGateway",
        _address(sku=None, zones=None),
    ),
    (
        "Basic with IKEv2",
        BASIC,
        _sized(
            "Basic",
            vpnClientConfiguration=clients("172.16.9.0/24", protocols=["IkeV2"]),
        ),
    ),
    (
        "Basic with OpenVPN",
        BASIC,
        _sized("Basic", vpnClientConfiguration=clients("172.16.9.0/24")),
    ),
    ("Basic with BGP", BASIC, _sized("Basic", enableBgp=True)),
    ("Basic in two", BASIC, _counted(2, sku={"name": "Basic"}, activeActive=True)),
    ("two addresses", COUNT, _counted(2)),
    ("active-active with one", COUNT, _counted(1, activeActive=True)),
    (
        "active-active clients with two",
        COUNT,
        _counted(2, activeActive=True, vpnClientConfiguration=clients("172.16.9.0/24")),
    ),
    ("address in use", "PublicIPAddressInUse", _address_in_use),
    ("pool that is none", "InvalidCIDRNotation", _pool("10.9.0.0/33")),
    ("pool of the network", POOL, _pool("10.0.9.0/24")),
    ("pool around the network", POOL, _pool("172.16.0.0/24", "10.0.0.0/8")),
    ("pool of a peer", POOL, _pool_of_a_peer),
    ("pool of a site", POOL, _pool_of_a_site),
    ("site of a pool", POOL, _site_of_a_pool),
    ("text for a certificate", CERTIFICATE, _root("not a certificate")),
    ("other data", CERTIFICATE, _root(base64.b64encode(b"anything").decode())),
    ("half a certificate", CERTIFICATE, _root(ROOT[:-8])),
    ("no certificate", CERTIFICATE, _root("")),
    (
        "certificate with its frame",
        CERTIFICATE,
        _root(f"-----BEGIN CERTIFICATE-----\n{ROOT}\n-----END CERTIFICATE-----"),
    ),
    ("certificate in lines", CERTIFICATE, _root(f"{ROOT[:64]}\n{ROOT[64:]}")),
    *((f"ASN {n}", RESERVED, _numbered(n)) for n in (8074, 12076, 65517, 23456, 64496)),
    ("other VPN type", "VirtualNetworkGatewayPropertyCannotBeChanged", _other_kind),
    (
        "NAT in the smallest",
        "VirtualNetworkGatewayNatRulesNotSupportedForSku",
        lambda azure: translation(azure, "VpnGw1AZ"),
    ),
    (
        "own NAT in the smallest",
        "VirtualNetworkGatewayNatRulesNotSupportedForSku",
        _sized("VpnGw1AZ", natRules=[{**RULE, "name": "one"}]),
    ),
    ("NAT rule in use", NAT_IN_USE, _translated("two")),
    ("all NAT rules", NAT_IN_USE, _translated()),
    ("gateway in use", "VirtualNetworkGatewayCannotBeDeleted", _used_gateway_goes),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], Any]) -> None:
    """Each rule answers with its code."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def _both(azure: Any) -> Any:
    subnet = home(azure)
    vpn(azure, subnet)
    return express_route(azure, subnet)


def _in_a_region_without_zones(azure: Any) -> Any:
    place = {"location": "westus"}
    azure.network(**place)
    subnet = azure.subnet("GatewaySubnet", "10.0.0.0/27")
    given = configurations(subnet, azure.address(zones=None, **place))
    return vpn(azure, subnet, ipConfigurations=given, **place)


def _one_in_each_network(azure: Any) -> Any:
    vpn(azure, home(azure))
    subnet = home(azure, network="other")
    return vpn(azure, subnet, virtualNetworkGatewayName="other")


ACCEPTED: list[tuple[str, Callable[[Any], Any]]] = [
    *((size, _sized(size)) for size in ("VpnGw1AZ", "VpnGw5AZ", "Basic")),
    (
        "Basic with SSTP",
        _sized(
            "Basic",
            vpnClientConfiguration=clients("172.16.9.0/24", protocols=["SSTP"]),
        ),
    ),
    ("a /29", lambda azure: vpn(azure, home(azure, "10.0.0.0/29"))),
    ("both in /27", _both),
    ("one in each network", _one_in_each_network),
    ("ExpressRoute of old", lambda a: express_route(a, home(a), "Standard")),
    ("no zones there", _in_a_region_without_zones),
    ("active-active", _counted(2, activeActive=True)),
    (
        "active-active with clients",
        _counted(3, activeActive=True, vpnClientConfiguration=clients("172.16.9.0/24")),
    ),
    ("certificate", _root(ROOT)),
    ("short certificate", _root(SHORT_ROOT)),
    *((f"ASN {number}", _numbered(number)) for number in (65515, 64512, 65010)),
    ("NAT", lambda azure: translation(azure, "VpnGw2AZ")),
]


@pytest.mark.parametrize("used", ["one", "ONE"])
def test_a_translation_that_nobody_uses_goes(azure: Any, used: str) -> None:
    """The other one stays, in whichever case its connection writes it."""
    _translated("one", used=used)(azure)
    rules = azure.provider.store.of_type("network:VirtualNetworkGatewayNatRule")
    assert [rule.id.rpartition("/")[2] for rule in rules] == ["one"]


@pytest.mark.parametrize(
    "act", [act for _, act in ACCEPTED], ids=[name for name, _ in ACCEPTED]
)
def test_azure_accepts(azure: Any, act: Callable[[Any], Any]) -> None:
    """What fits is made."""
    assert act(azure).outputs["provisioningState"] == "Succeeded"


def test_every_configuration_has_a_bgp_address(azure: Any) -> None:
    """A gateway has BGP settings by itself: an address for each configuration."""
    gateway = _counted(2, activeActive=True)(azure)
    settings = gateway.outputs["bgpSettings"]
    assert settings["asn"] == 65515
    assert settings["bgpPeeringAddress"] == "10.0.0.4,10.0.0.5"
    first, second = settings["bgpPeeringAddresses"]
    assert first["ipconfigurationId"] == f"{gateway.id}/ipConfigurations/c0"
    assert first["defaultBgpIpAddresses"] == ["10.0.0.4"]
    assert second["defaultBgpIpAddresses"] == ["10.0.0.5"]
    address = azure.provider.store.named("network:PublicIPAddress", "a0")[0]
    assert first["tunnelIpAddresses"] == [address.body["ipAddress"]]


def test_given_bgp_settings_are_completed(azure: Any) -> None:
    """What a program gives stays; addresses come beside it, and stay at an update."""
    subnet = home(azure)
    address = azure.address("own")
    path = azure.provider.store.get(address.id).id.split("/publicIPAddresses/")[0]
    place = f"{path}/virtualNetworkGateways/gateway/ipConfigurations/c0"
    custom = {"ipconfigurationId": place, "customBgpIpAddresses": ["169.254.21.1"]}
    inputs = inputs_of(
        azure,
        subnet,
        "VpnGw1AZ",
        enableBgp=True,
        ipConfigurations=configurations(subnet, address),
        bgpSettings={"asn": 65010, "bgpPeeringAddresses": [custom]},
    )
    gateway = azure.in_group(TOKEN, **inputs)
    again = azure.update(TOKEN, gateway, **inputs)
    for answer in (gateway, again):
        settings = answer.outputs["bgpSettings"]
        assert settings["asn"] == 65010
        assert settings["bgpPeeringAddress"] == "10.0.0.4"
        (entry,) = settings["bgpPeeringAddresses"]
        assert entry["customBgpIpAddresses"] == ["169.254.21.1"]
        assert entry["defaultBgpIpAddresses"] == ["10.0.0.4"]
        assert len(entry["tunnelIpAddresses"]) == 1
