"""Connections, sites and circuits: each thing that Azure refuses once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import provision_circuit
from emulator.azure_error import AzureError
from tests.emulator import network_requests as ask
from tests.emulator.gateway_requests import (
    connection,
    express_route,
    home,
    site,
    vpn,
)

SITE = "LocalNetworkGatewayMustHaveAddressOrFqdn"
END = "VirtualNetworkGatewayConnectionEndMissing"
TYPE = "VirtualNetworkGatewayConnectionTypeDoesNotMatchGateway"
WAITS = "ExpressRouteCircuitNotProvisioned"
PREFIX = "ExpressRouteCircuitPeeringInvalidAddressPrefix"
POLICY = {
    "saLifeTimeSeconds": 27000,
    "saDataSizeKilobytes": 102400000,
    "ipsecEncryption": "GCMAES256",
    "ipsecIntegrity": "GCMAES256",
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA384",
    "dhGroup": "ECP384",
    "pfsGroup": "ECP384",
}


def _connected(
    size: str = "VpnGw1AZ", there: dict[str, Any] | None = None, **inputs: Any
) -> Callable[[Any], Any]:
    """A gateway of a size, a site, and a connection between them."""

    def act(azure: Any) -> Any:
        gateway = vpn(azure, home(azure), size)
        other = ask.ref(site(azure, **(there or {})))
        return connection(azure, gateway, **{"localNetworkGateway2": other, **inputs})

    return act


def _policy(**changes: Any) -> dict[str, Any]:
    return {"ipsecPolicies": [{**POLICY, **changes}]}


def _circuit(azure: Any, **changes: Any) -> Any:
    usual = {
        "circuitName": "circuit",
        "sku": {
            "name": "Standard_MeteredData",
            "tier": "Standard",
            "family": "MeteredData",
        },
        "serviceProviderProperties": {
            "serviceProviderName": "Contoso",
            "peeringLocation": "Amsterdam",
            "bandwidthInMbps": 200,
        },
    }
    return azure.in_group("network:ExpressRouteCircuit", **{**usual, **changes})


def _provision(azure: Any, circuit: Any, *more: str) -> int:
    folder = str(azure.provider.store._folder)
    return provision_circuit.main(["--store", folder, "--id", circuit.id, *more])


def _ready(azure: Any) -> Any:
    circuit = _circuit(azure)
    assert _provision(azure, circuit) == 0
    return circuit


def _peering(azure: Any, name: str = "AzurePrivatePeering", **changes: Any) -> Any:
    usual = {
        "resourceGroupName": "group",
        "circuitName": "circuit",
        "peeringName": name,
        "peeringType": name,
        "peerASN": 65010,
        "vlanId": 100,
        "primaryPeerAddressPrefix": "172.16.0.0/30",
        "secondaryPeerAddressPrefix": "172.16.0.4/30",
    }
    return azure.create("network:ExpressRouteCircuitPeering", **{**usual, **changes})


def _peered(**changes: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        _ready(azure)
        return _peering(azure, **changes)

    return act


def _over(azure: Any, circuit_id: str, size: str = "ErGw1AZ", **inputs: Any) -> Any:
    gateway = express_route(azure, home(azure), size)
    peer = {"id": circuit_id}
    kind = {"connectionType": "ExpressRoute", "peer": peer, "sharedKey": None}
    return connection(azure, gateway, **kind, **inputs)


def _scaled(azure: Any, units: int) -> Any:
    circuit = _ready(azure)
    bounds = {"bounds": {"min": units, "max": 20}}
    gateway = express_route(
        azure, home(azure), "ErGwScale", autoScaleConfiguration=bounds
    )
    kind = {"connectionType": "ExpressRoute", "peer": ask.ref(circuit)}
    return connection(
        azure, gateway, **kind, sharedKey=None, expressRouteGatewayBypass=True
    )


def _foreign_circuit(azure: Any, **inputs: Any) -> Any:
    subscription = "11111111-0000-4000-8000-000000000001"
    circuit = (
        f"/subscriptions/{subscription}/resourceGroups/theirs/providers"
        "/Microsoft.Network/expressRouteCircuits/circuit"
    )
    return _over(azure, circuit, **inputs)


def _changed_circuit(**changes: Any) -> Callable[[Any], Any]:
    def act(azure: Any) -> Any:
        sku = {"name": "Standard_UnlimitedData", "tier": "Standard"}
        before = {"sku": {**sku, "family": "UnlimitedData"}}
        circuit = _circuit(azure, **before)
        provider = {**circuit.outputs["serviceProviderProperties"], **changes}
        family = provider.pop("family", "UnlimitedData")
        after = {"name": f"Standard_{family}", "tier": "Standard", "family": family}
        return azure.update(
            "network:ExpressRouteCircuit",
            circuit,
            circuitName="circuit",
            sku=after,
            serviceProviderProperties=provider,
        )

    return act


def _used_circuit_goes(azure: Any) -> None:
    circuit = _ready(azure)
    _over(azure, circuit.id)
    _provision(azure, circuit, "--deprovision")
    azure.delete("network:ExpressRouteCircuit", circuit)


def _circuit_at_work_goes(azure: Any) -> None:
    azure.delete("network:ExpressRouteCircuit", _ready(azure))


def _vlan_twice(azure: Any) -> None:
    _ready(azure)
    _peering(azure)
    _peering(
        azure,
        "MicrosoftPeering",
        primaryPeerAddressPrefix="203.0.113.0/30",
        secondaryPeerAddressPrefix="203.0.113.4/30",
    )


def _used_site_goes(azure: Any) -> None:
    there = site(azure)
    gateway = vpn(azure, home(azure))
    connection(azure, gateway, localNetworkGateway2=ask.ref(there))
    azure.delete("network:LocalNetworkGateway", there)


def _site_that_is_gone(azure: Any) -> None:
    there = site(azure)
    azure.delete("network:LocalNetworkGateway", there)
    gateway = vpn(azure, home(azure))
    connection(azure, gateway, localNetworkGateway2=ask.ref(there))


def _ipsec_over_express_route(azure: Any) -> None:
    gateway = express_route(azure, home(azure))
    connection(azure, gateway, localNetworkGateway2=ask.ref(site(azure)))


def _circuit_over_vpn(azure: Any) -> None:
    circuit = _ready(azure)
    gateway = vpn(azure, home(azure))
    kind = {"connectionType": "ExpressRoute", "peer": ask.ref(circuit)}
    connection(azure, gateway, **kind)


CASES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("site of nothing", SITE, lambda a: site(a, gatewayIpAddress=None)),
    ("ranges that are none", "InvalidCIDRNotation", lambda a: site(a, "there")),
    ("site of both", SITE, lambda a: site(a, fqdn="vpn.contoso.com")),
    (
        "site with Azure's ASN",
        "LocalNetworkGatewayBgpAsnReserved",
        lambda a: site(a, bgpSettings={"asn": 65515}),
    ),
    ("no site", END, _connected(localNetworkGateway2=None)),
    ("no circuit", END, lambda a: _over(a, "")),
    ("site that is gone", "InvalidResourceReference", _site_that_is_gone),
    ("IPsec over ExpressRoute", TYPE, _ipsec_over_express_route),
    ("circuit over VPN", TYPE, _circuit_over_vpn),
    (
        "half a policy",
        "IpsecPolicyIncomplete",
        _connected(**_policy(pfsGroup=None)),
    ),
    (
        "GCM on one side",
        "IpsecPolicyGcmAlgorithmsDoNotMatch",
        _connected(**_policy(ipsecIntegrity="SHA256")),
    ),
    (
        "two GCM",
        "IpsecPolicyGcmAlgorithmsDoNotMatch",
        _connected(**_policy(ipsecIntegrity="GCMAES128")),
    ),
    (
        "policy of Basic",
        "IpsecPoliciesNotSupportedForBasicSku",
        _connected("Basic", **_policy()),
    ),
    (
        "weight",
        "VirtualNetworkGatewayConnectionInvalidRoutingWeight",
        _connected(routingWeight=32001),
    ),
    ("waiting circuit", WAITS, lambda a: _over(a, _circuit(a).id)),
    (
        "their circuit without key",
        "ExpressRouteCircuitAuthorizationKeyRequired",
        _foreign_circuit,
    ),
    (
        "bypass",
        "ExpressRouteGatewayBypassNotSupportedForSku",
        lambda a: _over(a, _ready(a).id, expressRouteGatewayBypass=True),
    ),
    (
        "bypass with few units",
        "ExpressRouteGatewayBypassNotSupportedForSku",
        lambda a: _scaled(a, 9),
    ),
    ("used site", "InUseLocalNetworkGatewayCannotBeDeleted", _used_site_goes),
    (
        "SKU of two",
        "ExpressRouteCircuitSkuInvalid",
        lambda a: _circuit(
            a,
            sku={
                "name": "Premium_MeteredData",
                "tier": "Standard",
                "family": "MeteredData",
            },
        ),
    ),
    (
        "smaller circuit",
        "ExpressRouteCircuitBandwidthCannotBeReduced",
        _changed_circuit(bandwidthInMbps=100),
    ),
    (
        "metered again",
        "ExpressRouteCircuitFamilyCannotBeChanged",
        _changed_circuit(family="MeteredData"),
    ),
    (
        "circuit at work",
        "ExpressRouteCircuitCannotBeDeletedWhileProvisioned",
        _circuit_at_work_goes,
    ),
    ("circuit in use", "ExpressRouteCircuitInUse", _used_circuit_goes),
    ("peering too soon", WAITS, lambda a: (_circuit(a), _peering(a))),
    ("/29", PREFIX, _peered(primaryPeerAddressPrefix="172.16.0.0/29")),
    ("host bits", PREFIX, _peered(primaryPeerAddressPrefix="172.16.0.1/30")),
    (
        "one link",
        "ExpressRouteCircuitPeeringAddressPrefixesOverlap",
        _peered(secondaryPeerAddressPrefix="172.16.0.0/30"),
    ),
    ("VLAN twice", "ExpressRouteCircuitPeeringVlanIdInUse", _vlan_twice),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], Any]) -> None:
    """Each rule answers with its code."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code


def _one_number(azure: Any) -> Any:
    subnet = home(azure)
    gateway = vpn(azure, subnet, enableBgp=True, bgpSettings={"asn": 65010})
    there = site(azure, bgpSettings={"asn": 65010, "bgpPeeringAddress": "192.168.0.1"})
    return connection(
        azure, gateway, localNetworkGateway2=ask.ref(there), enableBgp=True
    )


def test_both_ends_need_a_number_of_their_own(azure: Any) -> None:
    """With BGP two equal numbers are refused."""
    with pytest.raises(
        AzureError, match="VirtualNetworkGatewayConnectionBgpAsnsAreEqual"
    ):
        _one_number(azure)


ACCEPTED: list[tuple[str, Callable[[Any], Any]]] = [
    ("site by name", lambda a: site(a, gatewayIpAddress=None, fqdn="v.contoso.com")),
    ("IPsec", _connected(routingWeight=32000)),
    ("policy", _connected(**_policy())),
    (
        "policy without GCM",
        _connected(**_policy(ipsecEncryption="AES256", ipsecIntegrity="SHA256")),
    ),
    ("ready circuit", lambda a: _over(a, _ready(a).id)),
    (
        "bypass",
        lambda a: _over(a, _ready(a).id, "ErGw3AZ", expressRouteGatewayBypass=True),
    ),
    ("bypass with many units", lambda a: _scaled(a, 10)),
    ("their circuit", lambda a: _foreign_circuit(a, authorizationKey="key")),
    ("larger circuit", _changed_circuit(bandwidthInMbps=500)),
    ("peering", _peered()),
]


@pytest.mark.parametrize(
    "act", [act for _, act in ACCEPTED], ids=[name for name, _ in ACCEPTED]
)
def test_azure_accepts(azure: Any, act: Callable[[Any], Any]) -> None:
    """What fits is made."""
    assert act(azure).outputs["provisioningState"] == "Succeeded"


def test_a_circuit_waits_for_its_provider(
    azure: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has a service key and a state, which stays over updates, until the end."""
    circuit = _circuit(azure)
    state = "serviceProviderProvisioningState"
    assert circuit.outputs[state] == "NotProvisioned"
    assert circuit.outputs["circuitProvisioningState"] == "Enabled"
    key = circuit.outputs["serviceKey"]
    assert _provision(azure, circuit) == 0
    assert "is Provisioned" in capsys.readouterr().out
    provider = circuit.outputs["serviceProviderProperties"]
    again = azure.update(
        "network:ExpressRouteCircuit",
        circuit,
        circuitName="circuit",
        sku=circuit.outputs["sku"],
        serviceProviderProperties=provider,
        tags={"a": "b"},
    )
    assert again.outputs[state] == "Provisioned"
    assert again.outputs["serviceKey"] == key
    assert _provision(azure, circuit, "--deprovision") == 0
    azure.delete("network:ExpressRouteCircuit", circuit)


def test_a_circuit_of_ones_own_port_has_no_provider(azure: Any) -> None:
    """Nobody has to provision it."""
    port = "/subscriptions/x/resourceGroups/y/providers/z/expressRoutePorts/port"
    circuit = _circuit(
        azure,
        serviceProviderProperties=None,
        expressRoutePort={"id": port},
        bandwidthInGbps=1,
    )
    assert circuit.outputs["serviceProviderProvisioningState"] == "Provisioned"
    _peering(azure)
    azure.delete("network:ExpressRouteCircuit", circuit)


def test_only_circuits_are_provisioned(
    azure: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another id, or a folder that is none, is told."""
    network = azure.network()
    circuit = _circuit(azure)
    assert _provision(azure, network) == 1
    assert circuit.id in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    wrong = ["--store", str(tmp_path / "file"), "--id", circuit.id]
    assert provision_circuit.main(wrong) == 2


def test_an_authorization_has_a_key(azure: Any) -> None:
    """Its owner gives it to others; it stays the same."""
    _circuit(azure)
    made = azure.create(
        "network:ExpressRouteCircuitAuthorization",
        resourceGroupName="group",
        circuitName="circuit",
        authorizationName="theirs",
    )
    assert made.outputs["authorizationUseStatus"] == "Available"
    assert len(made.outputs["authorizationKey"]) == 36
