"""Sites: the local gateway and the connection of each, and the text for its device."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network._hybrid_gateway.arguments import HybridGatewayArgs
from azureml_network._hybrid_gateway.peer_configuration import peer_configurations
from azureml_network._hybrid_gateway.sites import read_sites
from azureml_network._hybrid_gateway.sites_resources import make_sites
from azureml_network._hybrid_gateway.vpn import read_vpn
from azureml_network._hybrid_gateway.vpn_resources import make_vpn_gateway
from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_rulebook.address_ranges import read_ranges
from review.outcomes import Misuse
from review.peers import peer_files

KEY = "correct+horse+battery"
PLACE = {"resourceGroupName": "rg", "location": "westeurope"}
TAGS = {"tags": {"environment": "test"}}
GATEWAY_ID = "/fake/net-vgw"
LOCAL_GATEWAY = {
    **PLACE,
    **TAGS,
    "localNetworkGatewayName": "net-hq-lgw",
    "gatewayIpAddress": "198.51.100.1",
    "localNetworkAddressSpace": {"addressPrefixes": ["10.200.0.0/16"]},
}
POLICY = {
    "ikeEncryption": "GCMAES256",
    "ikeIntegrity": "SHA384",
    "dhGroup": "ECP384",
    "ipsecEncryption": "GCMAES256",
    "ipsecIntegrity": "GCMAES256",
    "pfsGroup": "ECP384",
    "saLifeTimeSeconds": 27000,
    "saDataSizeKilobytes": 102400000,
}
CONNECTION = {
    **PLACE,
    **TAGS,
    "virtualNetworkGatewayConnectionName": "net-hq-con",
    "connectionType": "IPsec",
    "connectionProtocol": "IKEv2",
    "connectionMode": "Default",
    "virtualNetworkGateway1": {"id": GATEWAY_ID},
    "localNetworkGateway2": {"id": "/fake/net-hq-lgw"},
    "sharedKey": {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        "value": KEY,
    },
    "enableBgp": False,
    "ipsecPolicies": [POLICY],
    "usePolicyBasedTrafficSelectors": False,
    "dpdTimeoutSeconds": 45,
}
STATIC = {"public_address": "198.51.100.1", "address_space": ["10.200.0.0/16"]}
BGP = {
    "public_address": "198.51.100.1",
    "bgp": {"as_number": 65010, "peer_address": "10.200.255.1"},
}


@pytest.fixture(scope="module")
def make(record: Any, surroundings: Callable[..., Any]) -> Callable[..., Any]:
    """Make the sites of these inputs; gives the recording and the texts by site."""

    def made(
        sites: dict[str, dict[str, Any]], vpn: dict[str, Any] | None = None, **how: Any
    ) -> tuple[Any, dict[str, str]]:
        texts: dict[str, str] = {}

        def program() -> Any:
            keyed = {
                name: {"shared_key": pulumi.Output.secret(KEY), **site}
                for name, site in sites.items()
            }
            inputs = {"vpn": vpn or {"size": "VpnGw2AZ"}, "sites": keyed}
            reader = InputReader(inputs, HybridGatewayArgs)
            place = Place(cloud_name="public", region="westeurope")
            plan = read_vpn(reader, "net", place)
            assert plan is not None
            network, _ = read_ranges(["10.40.0.0/20"], "network_address_space")
            plans = read_sites(reader, "net", plan, tuple(network))
            assert reader.findings == []
            parts = surroundings()
            gateway = make_vpn_gateway(parts, plan, None, "/fake/GatewaySubnet")
            make_sites(parts, plans, plan, gateway)
            for name, text in peer_configurations(plans, plan, gateway).items():
                text.apply(lambda known, name=name: texts.update({name: known}))

        return record(program, **how), texts

    return made


def test_a_site_is_a_local_gateway_and_a_connection(make: Callable[..., Any]):
    """With every input; the key is a secret, and nothing but the ends is waited for."""
    recording, _ = make({"hq": STATIC})
    assert recording.kinds()["LocalNetworkGateway"] == 1
    assert recording.kinds()["VirtualNetworkGatewayConnection"] == 1
    assert recording.inputs("net-hq-lgw") == LOCAL_GATEWAY
    assert recording.inputs("net-hq-con") == CONNECTION
    assert recording.resources["net-hq-lgw"].depends_on == set()
    assert recording.resources["net-hq-con"].depends_on == {"net-vgw", "net-hq-lgw"}


def test_a_site_that_says_everything(make: Callable[..., Any]):
    """Host name, BGP, selectors, mode, timeout and a suite that was changed."""
    site = {
        "host_name": "vpn.example.com",
        "bgp": {"as_number": 65010, "peer_address": "10.200.255.1"},
        "ipsec_policy": {"suite": "aes256_sha256", "lifetime_seconds": 3600},
        "traffic_selectors": [
            {"local_ranges": ["10.40.0.0/20"], "remote_ranges": ["10.200.0.0/16"]}
        ],
        "dead_peer_timeout_seconds": 30,
        "connection_mode": "InitiatorOnly",
    }
    recording, _ = make({"hq": site}, {"bgp": {}})
    expected = {**LOCAL_GATEWAY, "fqdn": "vpn.example.com"}
    del expected["gatewayIpAddress"], expected["localNetworkAddressSpace"]
    assert recording.inputs("net-hq-lgw") == {
        **expected,
        "bgpSettings": {"asn": 65010, "bgpPeeringAddress": "10.200.255.1"},
    }
    assert recording.inputs("net-hq-con") == {
        **CONNECTION,
        "connectionMode": "InitiatorOnly",
        "enableBgp": True,
        "ipsecPolicies": [
            {
                "ikeEncryption": "AES256",
                "ikeIntegrity": "SHA256",
                "dhGroup": "DHGroup14",
                "ipsecEncryption": "AES256",
                "ipsecIntegrity": "SHA256",
                "pfsGroup": "PFS2048",
                "saLifeTimeSeconds": 3600,
                "saDataSizeKilobytes": 102400000,
            }
        ],
        "usePolicyBasedTrafficSelectors": True,
        "trafficSelectorPolicies": [
            {
                "localAddressRanges": ["10.40.0.0/20"],
                "remoteAddressRanges": ["10.200.0.0/16"],
            }
        ],
        "dpdTimeoutSeconds": 30,
    }


def test_addresses_of_one_link_are_by_instance(make: Callable[..., Any]):
    """One connection for both, each with the address that the site talks to."""
    vpn = {
        "active_active": True,
        "bgp": {
            "apipa_addresses": ["169.254.21.1"],
            "second_apipa_addresses": ["169.254.22.1"],
        },
    }
    bgp = {
        "as_number": 65010,
        "peer_address": "169.254.100.2",
        "gateway_addresses": ["169.254.21.1", "169.254.22.1"],
    }
    recording, texts = make({"hq": {**BGP, "bgp": bgp}}, vpn)
    assert recording.kinds()["VirtualNetworkGatewayConnection"] == 1
    assert recording.inputs("net-hq-con")["gatewayCustomBgpIpAddresses"] == [
        {
            "ipConfigurationId": f"{GATEWAY_ID}/ipConfigurations/{instance}",
            "customBgpIpAddress": address,
        }
        for instance, address in (("first", "169.254.21.1"), ("second", "169.254.22.1"))
    ]
    assert "#   first: 169.254.21.1\n#   second: 169.254.22.1\n" in texts["hq"]


def test_rules_of_translation_are_those_of_the_gateway(make: Callable[..., Any]):
    """By their ids; the device's text has the network's ranges as it sees them."""
    vpn = {
        "size": "VpnGw2AZ",
        "nat_rules": {
            "in": {
                "direction": "IngressSnat",
                "internal_range": "10.40.0.0/20",
                "external_range": "100.64.0.0/20",
            },
            "out": {
                "direction": "EgressSnat",
                "internal_range": "10.40.0.0/20",
                "external_range": "100.64.16.0/20",
            },
        },
    }
    site = {
        "public_address": "198.51.100.1",
        "address_space": ["10.40.0.0/20"],
        "ingress_nat_rules": ["in"],
        "egress_nat_rules": ["out"],
    }
    recording, texts = make({"hq": site}, vpn)
    inputs = recording.inputs("net-hq-con")
    names = {
        key: [
            each["id"].removeprefix(f"{GATEWAY_ID}/natRules/") for each in inputs[key]
        ]
        for key in ("ingressNatRules", "egressNatRules")
    }
    made = {
        rule["name"]: rule["mode"] for rule in recording.inputs("net-vgw")["natRules"]
    }
    assert [made[name] for name in names["ingressNatRules"]] == ["IngressSnat"]
    assert [made[name] for name in names["egressNatRules"]] == ["EgressSnat"]
    assert "ip route add 100.64.16.0/20 nexthop dev azure11\n" in texts["hq"]


def test_a_site_that_is_added_changes_nothing_else(make: Callable[..., Any]):
    """Neither the inputs of another one nor what that waits for."""
    lab = {"public_address": "198.51.100.2", "address_space": ["10.201.0.0/16"]}
    one, _ = make({"hq": STATIC})
    two, _ = make({"hq": STATIC, "lab": lab})
    for name in one.resources:
        assert two.resources[name] == one.resources[name]
    assert two.inputs("net-lab-lgw")["gatewayIpAddress"] == "198.51.100.2"


def test_the_text_has_the_gateways_addresses(make: Callable[..., Any]):
    """One tunnel for each instance, and never the key."""
    recording, texts = make({"hq": BGP}, {"active_active": True, "bgp": {}})
    assert recording.kinds()["PublicIPAddress"] == 2
    text = texts["hq"]
    assert text.count("remote_addrs = 203.0.113.7\n") == 2
    assert "azure-hq-first {" in text
    assert "azure-hq-second {" in text
    assert "AS 65010 at 10.200.255.1" in text
    assert "are AS 65515, " in text
    assert KEY not in text


def test_a_text_waits_for_the_addresses(make: Callable[..., Any]):
    """Before the first deployment there is none; the rest of the plan is whole."""
    recording, texts = make({"hq": STATIC}, first_preview=True)
    assert texts == {}
    assert recording.inputs("net-hq-con")["ipsecPolicies"] == [POLICY]


def plan_of(recording: Any) -> dict[str, Any]:
    """What a review would know of it: inputs, and what those come from."""
    ends = {
        "virtualNetworkGateway1": "net-vgw",
        "localNetworkGateway2": "net-hq-lgw",
    }
    urns = {
        name: f"urn:pulumi:dev::shop::test:index:Net${item.type}::{name}"
        for name, item in recording.resources.items()
    }
    return {
        "resources": [
            {
                "urn": urns[name],
                "type": item.type,
                "name": name,
                "parent": "urn:pulumi:dev::shop::test:index:Net::net",
                "inputs": item.inputs,
                "propertyDependencies": {
                    key: ["urn:pulumi:dev::shop::x:y:Z::other", urns[end]]
                    for key, end in ends.items()
                    if key in item.inputs
                },
            }
            for name, item in recording.resources.items()
        ]
    }


@pytest.mark.parametrize(
    ("site", "vpn"),
    {
        "active-active with BGP": (BGP, {"active_active": True, "bgp": {}}),
        "a number of its own": (BGP, {"bgp": {"as_number": 65001}}),
        "addresses of one link": (
            {
                **BGP,
                "bgp": {
                    "as_number": 65010,
                    "peer_address": "169.254.100.2",
                    "gateway_addresses": ["169.254.21.1"],
                },
            },
            {"bgp": {"apipa_addresses": ["169.254.21.1"]}},
        ),
        "selectors": (
            {
                **STATIC,
                "traffic_selectors": [
                    {
                        "local_ranges": ["10.40.0.0/20"],
                        "remote_ranges": ["10.200.0.0/16", "10.201.0.0/16"],
                    }
                ],
            },
            {},
        ),
        "much else": (
            {
                "host_name": "vpn.example.com",
                "bgp": BGP["bgp"],
                "ipsec_policy": {"suite": "gcm128", "lifetime_seconds": 3600},
                "dead_peer_timeout_seconds": 30,
                "connection_mode": "InitiatorOnly",
            },
            {"bgp": {}},
        ),
    }.values(),
)
def test_a_review_tells_the_same_from_the_plan(
    make: Callable[..., Any], site: dict[str, Any], vpn: dict[str, Any]
):
    """But for the addresses, for which words stand."""
    recording, texts = make({"hq": site}, {"size": "VpnGw2AZ", **vpn})
    [(file, text)] = peer_files(plan_of(recording)).items()
    assert file == "hq.conf"
    for instance in ("FIRST", "SECOND"):
        text = text.replace(f"ADDRESS-OF-{instance}-INSTANCE", "203.0.113.7")
    assert text == texts["hq"]


def test_a_review_has_no_files_without_sites(make: Callable[..., Any]):
    """Connections of other kinds are not for it, nor is another type of resource."""
    recording, _ = make({"hq": STATIC})
    plan = plan_of(recording)
    for resource in plan["resources"]:
        if "connectionType" in resource["inputs"]:
            resource["inputs"] = {"connectionType": "ExpressRoute"}
    assert peer_files(plan) == {}


@pytest.mark.parametrize(
    "inputs",
    [
        {"connectionType": "IPsec"},
        {"connectionType": "IPsec", "ipsecPolicies": []},
        {"connectionType": "IPsec", "ipsecPolicies": [{**POLICY, "dhGroup": "None"}]},
        {"connectionType": "IPsec", "ipsecPolicies": [{"dhGroup": "ECP384"}]},
        {"connectionType": "IPsec", "ipsecPolicies": {"unknown": True}},
    ],
)
def test_a_review_tells_no_half_of_a_policy(
    make: Callable[..., Any], inputs: dict[str, Any]
):
    """Other programs make connections too, without a policy or with a weak one."""
    recording, _ = make({"hq": STATIC})
    plan = plan_of(recording)
    for resource in plan["resources"]:
        if "connectionType" in resource["inputs"]:
            resource["inputs"] = inputs
    with pytest.raises(Misuse, match="net-hq-con has no peer configuration"):
        peer_files(plan)
