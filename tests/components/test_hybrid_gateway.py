"""HybridGateway as a whole: what it makes in which order, what it tells, and what is
wrong with several parts together."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.component import ComponentProvider

from azureml_network import HybridGateway, InputError
from azureml_network._plugin import COMPONENTS, NAME

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
NETWORKS = (
    f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks"
)
TENANT = "11111111-1111-4111-8111-111111111111"
LOGS = (
    f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.OperationalInsights"
    "/workspaces/log"
)
KEY = "a.shared.key.of.many.characters"

CLOSED = {
    "resource_group_name": "rg",
    "location": "westeurope",
    "network_id": f"{NETWORKS}/net",
    "network_address_space": ["10.40.0.0/20"],
}
SUBNET = {"gateway_subnet_id": f"{NETWORKS}/net/subnets/GatewaySubnet"}
POOL = {"address_pool": ["172.20.0.0/24"], "tenant_id": TENANT}
RESOLVER = {
    "inbound_subnet_id": f"{NETWORKS}/net/subnets/inbound",
    "inbound_subnet_prefix": "10.40.3.0/28",
}
FORWARDING = {
    **RESOLVER,
    "outbound_subnet_id": f"{NETWORKS}/net/subnets/outbound",
    "forwarding_rules": {
        "corp": {"domain": "corp.example.com", "servers": ["10.200.0.4"]}
    },
}
CIRCUIT = {
    "provider": "Equinix",
    "peering_location": "Amsterdam",
    "bandwidth_megabits": 50,
}
SPOKE = {"network_id": f"{NETWORKS}/spoke", "address_space": ["10.50.0.0/16"]}


def site(**changes: Any) -> dict[str, Any]:
    """A site over BGP, with a secret key."""
    return {
        "public_address": "198.51.100.7",
        "bgp": {"as_number": 65010, "peer_address": "10.200.0.1"},
        "shared_key": pulumi.Output.secret(KEY),
        **changes,
    }


def everything() -> dict[str, Any]:
    """One of each part."""
    return {
        **CLOSED,
        **SUBNET,
        "gateway_subnet_prefix": "10.40.2.0/27",
        "vpn": {
            "size": "VpnGw2AZ",
            "active_active": True,
            "bgp": {},
            "maintenance": {"start": "2027-01-03 02:00"},
        },
        "point_to_site": POOL,
        "sites": {"berlin": site()},
        "express_route": {
            "circuits": {
                "main": CIRCUIT,
                "old": {
                    "existing_id": f"{SUBSCRIPTION}/resourceGroups/rg/providers"
                    "/Microsoft.Network/expressRouteCircuits/old"
                },
            }
        },
        "resolver": RESOLVER,
        "spokes": {"lab": SPOKE},
        "alerts": {"emails": {"ops": "ops@example.com"}},
        "diagnostic_settings": {"logs": {"log_analytics_workspace_id": LOGS}},
        "lock": "CanNotDelete",
        "tags": {"environment": "test"},
    }


def check(**changes: Any) -> list[str]:
    """What is wrong with the closed component and ``changes``."""
    args: Any = {**CLOSED, **changes}
    return [str(finding) for finding in HybridGateway.check("net", args)]


@pytest.fixture(scope="module")
def whole(record: Any) -> Any:
    """The component with one of each part."""
    return record(lambda: HybridGateway("net", everything()))


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a review is told."""
    lines: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda line, *_, **__: lines.append(line))
    return lines


def test_with_everything_off(record: Any, warned: list[str]) -> None:
    """Nothing is made, and nothing told: every way in is closed."""
    made = record(lambda: HybridGateway("net", CLOSED))
    assert made.kinds() == {"HybridGateway": 1}
    assert warned == []
    assert made.outputs["net"] == {
        "vpnPublicAddresses": {},
        "bgpPeerAddresses": {},
        "clientProfileCommands": [],
        "connectionIds": {},
        "peerConfigurations": {},
        "circuitIds": {},
        "circuitServiceKeys": {},
        "conditionalForwarders": {},
        "spokePeeringIds": {},
    }


def test_what_is_made(whole: Any) -> None:
    """One of each, and no security group anywhere (C35)."""
    assert whole.kinds() == {
        "HybridGateway": 1,
        "DnsResolver": 1,
        "InboundEndpoint": 1,
        "PublicIPAddress": 3,
        "VirtualNetworkGateway": 2,
        "MaintenanceConfiguration": 1,
        "ConfigurationAssignment": 1,
        "LocalNetworkGateway": 1,
        "VirtualNetworkGatewayConnection": 2,
        "ExpressRouteCircuit": 1,
        "VirtualNetworkPeering": 2,
        "azure-native": 1,
        "ActionGroup": 1,
        "MetricAlert": len(whole.of_type("MetricAlert")),
        "DiagnosticSetting": 6,
        "ManagementLockByScope": 3,
    }


def test_both_gateways_are_in_one_subnet(whole: Any) -> None:
    """C35, C37: the one called GatewaySubnet."""
    for name in ("net-vgw", "net-ergw"):
        subnets = {
            item["subnet"]["id"] for item in whole.inputs(name)["ipConfigurations"]
        }
        assert subnets == {f"{NETWORKS}/net/subnets/GatewaySubnet"}


@pytest.mark.parametrize(
    ("name", "waits_for"),
    [
        ("net-ergw", {"net-vgw"}),
        ("net-berlin-con", {"net-vgw"}),
        ("net-lab-peering", {"net-vgw", "net-ergw"}),
        ("net-lab-spoke-peering", {"net-lab-peering"}),
        ("net-vgw-maintenance-assignment", {"net-vgw"}),
    ],
)
def test_the_order(whole: Any, name: str, waits_for: set[str]) -> None:
    """Azure makes one gateway after the other, and lends them once they are there."""
    assert waits_for <= whole.waits_for(name)


@pytest.mark.parametrize("name", ["net-berlin-con", "net-vgw-maintenance-assignment"])
def test_what_goes_with_the_gateway(whole: Any, name: str) -> None:
    """Azure deletes no gateway under a connection: the Azure names of what is on it
    hang on it, so that another gateway takes them along."""
    keys = {
        "net-berlin-con": "virtualNetworkGatewayConnectionName",
        "net-vgw-maintenance-assignment": "configurationAssignmentName",
    }
    assert "net-vgw" in whole.resources[name].property_dependencies[keys[name]]


def test_names_wait_for_no_gateway(whole: Any) -> None:
    """The resolver and the circuit are there long before."""
    for name in ("net-resolver-inbound", "net-main-erc"):
        assert not whole.waits_for(name) & {"net-vgw", "net-ergw"}


def test_locks_come_last(whole: Any) -> None:
    """On gateways and the circuit made here, after all that is on them."""
    locks = whole.of_type("ManagementLockByScope")
    assert {name: item.inputs["scope"] for name, item in locks.items()} == {
        "net-vgw-lock": "/fake/net-vgw",
        "net-ergw-lock": "/fake/net-ergw",
        "net-main-erc-lock": "/fake/net-main-erc",
    }
    on_them = {
        name
        for kind in (
            "VirtualNetworkGatewayConnection",
            "VirtualNetworkPeering",
            "ConfigurationAssignment",
            "MetricAlert",
            "DiagnosticSetting",
        )
        for name in whole.of_type(kind)
    }
    for name in locks:
        assert on_them <= whole.waits_for(name)


def test_outputs(whole: Any) -> None:
    """What others need of it."""
    outputs = whole.outputs["net"]
    assert outputs["vpnGatewayId"] == "/fake/net-vgw"
    assert outputs["vpnPublicAddresses"] == dict.fromkeys(
        ("first", "second", "clients"), "203.0.113.7"
    )
    assert outputs["bgpAsNumber"] == 65515
    assert set(outputs["bgpPeerAddresses"]) == {"first", "second"}
    assert "vpn-client generate" in outputs["clientPackageCommand"]
    assert len(outputs["clientProfileCommands"]) == 2
    assert outputs["connectionIds"] == {
        "berlin": "/fake/net-berlin-con",
        "old": "/fake/net-old-erc-con",
    }
    assert "198.51.100.7" in outputs["peerConfigurations"]["berlin"]
    assert KEY not in str(outputs)
    assert outputs["expressRouteGatewayId"] == "/fake/net-ergw"
    assert set(outputs["circuitIds"]) == {"main", "old"}
    assert set(outputs["circuitServiceKeys"]) == {"main"}
    assert outputs["resolverId"] == "/fake/net-resolver"
    assert outputs["resolverInboundAddress"] == "10.40.3.4"
    assert set(outputs["conditionalForwarders"].values()) == {"10.40.3.4"}
    assert outputs["spokePeeringIds"] == {"lab": "/fake/net-lab-peering"}


def test_keys_are_secret(whole: Any) -> None:
    """The circuit's key, and the site's on its way to Azure."""
    secret = "4dabf18193072939515e22adb298388d"
    assert secret in whole.outputs["net"]["circuitServiceKeys"]["main"]
    assert secret in whole.inputs("net-berlin-con")["sharedKey"]


@pytest.mark.parametrize(
    ("before", "bgp", "after"),
    [
        (
            {"ipconfigurationId": "x/ipConfigurations/first"},
            ["10.40.2.30"],
            "10.40.2.30",
        ),
        ({"ipconfigurationId": "x/ipConfigurations/second"}, ["10.40.2.30"], ""),
        ({"ipconfigurationId": "x/ipConfigurations/first"}, [], ""),
    ],
)
def test_bgp_addresses_are_those_that_azure_gave(
    monkeypatch: pytest.MonkeyPatch,
    record: Any,
    before: dict[str, Any],
    bgp: list[str],
    after: str,
) -> None:
    """By the instance that they are of."""
    from tests.components import conftest

    answer = conftest.Echo.new_resource

    def with_addresses(self: Any, args: Any) -> tuple[str, dict[str, Any]]:
        resource_id, state = answer(self, args)
        if "bgpSettings" in state:
            peers = [{**before, "defaultBgpIpAddresses": bgp, "tunnelIpAddresses": []}]
            state = {**state, "bgpSettings": {"bgpPeeringAddresses": peers}}
        return resource_id, state

    monkeypatch.setattr(conftest.Echo, "new_resource", with_addresses)
    args: Any = {**CLOSED, **SUBNET, "vpn": {"bgp": {}}}
    made = record(lambda: HybridGateway("net", args))
    assert made.outputs["net"]["bgpPeerAddresses"] == {"first": after}


@pytest.mark.parametrize(
    ("prefix", "parts", "message"),
    [
        ("10.40.2.0/28", ("vpn", "express_route"), "use /27 or larger"),
        ("10.40.2.0/27", ("vpn", "express_route"), None),
        ("10.40.2.0/28", ("vpn",), "use /27 or larger"),
        ("10.40.2.0/27", ("vpn",), None),
        ("10.50.2.0/27", ("vpn",), "is not in the network (10.40.0.0/20)"),
        ("10.40.2.1/27", ("vpn",), "has host bits set"),
    ],
)
def test_the_gateway_subnet(
    prefix: str, parts: tuple[str, ...], message: str | None
) -> None:
    """C37: large enough for both gateways from the first day."""
    gateways: dict[str, Any] = {part: {} for part in parts}
    lines = check(**SUBNET, gateway_subnet_prefix=prefix, **gateways)
    if message is None:
        assert lines == []
    else:
        (line,) = lines
        assert line.startswith("gateway_subnet_prefix: ")
        assert message in line


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vpn": {}}, "gateway_subnet_id: is required and not set"),
        (
            {"vpn": {}, "gateway_subnet_id": f"{NETWORKS}/net/subnets/gateways"},
            "is not called GatewaySubnet",
        ),
        (
            {"vpn": {}, "gateway_subnet_id": f"{NETWORKS}/other/subnets/GatewaySubnet"},
            "is in another network than network_id",
        ),
        ({"network_name": "other"}, "network_name: 'other' is not the network of"),
        ({"network_id": None}, "network_id: is required and not set"),
        ({"network_address_space": None}, "network_address_space: is required"),
        ({"location": "westeurop"}, "did you mean 'westeurope'?"),
        ({"point_to_site": POOL}, "point_to_site: needs a VPN gateway"),
        ({"sites": {"a": {}}}, "sites: needs a VPN gateway; give vpn too"),
        ({"spokes": {"a": SPOKE}}, "spokes: use the gateways of this network"),
        (
            {**SUBNET, "vpn": {"custom_routes": ["10.200.0.0/16"]}},
            "vpn.custom_routes: are told to VPN clients, and there are none",
        ),
        (
            {
                **SUBNET,
                "vpn": {},
                "point_to_site": {**POOL, "address_pool": ["10.40.9.0/24"]},
            },
            "point_to_site.address_pool[0]: '10.40.9.0/24' overlaps '10.40.0.0/20' of "
            "network_address_space[0]",
        ),
        (
            {
                **SUBNET,
                "other_address_space": ["192.168.0.0/16"],
                "vpn": {},
                "point_to_site": {**POOL, "address_pool": ["192.168.5.0/24"]},
            },
            "overlaps '192.168.0.0/16' of other_address_space[0]",
        ),
        (
            {
                **SUBNET,
                "vpn": {},
                "spokes": {"a": {**SPOKE, "address_space": ["172.20.0.0/16"]}},
                "point_to_site": POOL,
            },
            "overlaps '172.20.0.0/16' of spokes.a.address_space[0]",
        ),
        ({"vpn_gateways": {}}, "vpn_gateways: is not a known input"),
        ({"lock": "Never"}, "lock: 'Never' is not allowed"),
    ],
)
def test_what_is_wrong(changes: dict[str, Any], message: str) -> None:
    """C45 and others: told with the path, and alone."""
    args = {key: item for key, item in changes.items() if item is not None}
    missing = [key for key, item in changes.items() if item is None]
    inputs: Any = {key: item for key, item in CLOSED.items() if key not in missing}
    lines = [str(item) for item in HybridGateway.check("net", {**inputs, **args})]
    (line,) = lines
    assert message in line


def test_more_sites_than_the_gateway_takes() -> None:
    """Each has a tunnel."""
    sites = {
        f"site{number}": site(
            public_address=f"198.51.100.{number}",
            bgp={"as_number": 65010, "peer_address": f"10.200.0.{number}"},
        )
        for number in range(1, 32)
    }
    lines = check(**SUBNET, vpn={"bgp": {}}, sites=sites)
    assert lines == [
        "sites: are 31, and a gateway of size VpnGw1AZ takes 30; use 'VpnGw4AZ' "
        "(https://learn.microsoft.com/azure/vpn-gateway/about-gateway-skus)"
    ]


def test_one_name_for_a_site_and_a_circuit() -> None:
    """Outputs could not tell them apart."""
    lines = check(
        **SUBNET,
        vpn={"bgp": {}},
        sites={"berlin": site()},
        express_route={"circuits": {"berlin": CIRCUIT}},
    )
    assert lines == [
        "express_route.circuits.berlin: is called as sites.berlin is; call one of them "
        "otherwise"
    ]


def test_all_faults_at_once() -> None:
    """One run tells those of every part."""
    args: Any = {
        **CLOSED,
        "location": "nowhere at all!",
        "vpn": {"size": "Basic", "zones": ["9"]},
        "point_to_site": {"address_pool": ["10.40.0.0/24"], "protocols": ["SSTP"]},
        "resolver": {},
        "express_route": {"size": "Standard"},
    }
    paths = {finding.path for finding in HybridGateway.check("net", args)}
    assert {
        "location",
        "vpn.size",
        "vpn.zones[0]",
        "point_to_site.address_pool[0]",
        "point_to_site.protocols[0]",
        "point_to_site.tenant_id",
        "resolver.inbound_subnet_id",
        "express_route.size",
        "gateway_subnet_id",
    } <= paths
    with pytest.raises(InputError):
        HybridGateway("net", args)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ["resolver: VPN clients cannot resolve private names"]),
        ({"dns_servers": ["10.40.3.4"]}, []),
        ({"resolver": RESOLVER}, []),
        (
            {
                "resolver": RESOLVER,
                "point_to_site": {**POOL, "address_pool": ["172.20.0.0/23"]},
            },
            ["point_to_site.address_pool: has 512 addresses"],
        ),
        ({"resolver": RESOLVER, "lock": "CanNotDelete"}, []),
        ({"resolver": RESOLVER, "lock": "ReadOnly"}, ["lock: 'ReadOnly' lets no"]),
        ({"resolver": RESOLVER, "alerts": {}}, ["alerts: there is nothing to watch"]),
        ({"resolver": FORWARDING, "dns_servers": ["10.200.0.5"]}, []),
        (
            {"resolver": FORWARDING, "dns_servers": ["10.40.0.4", "10.200.0.4"]},
            [
                "resolver.forwarding_rules.corp.servers[0]: '10.200.0.4' is one of "
                "dns_servers too; if it asks the resolver"
            ],
        ),
    ],
)
def test_what_a_review_is_told(
    record: Any, warned: list[str], changes: dict[str, Any], words: list[str]
) -> None:
    """C49 (b) and others: what works, and is perhaps not what was meant."""
    args: Any = {**CLOSED, **SUBNET, "vpn": {}, "point_to_site": POOL, **changes}
    record(lambda: HybridGateway("net", args))
    assert len(warned) == len(words)
    for line, word in zip(warned, words, strict=True):
        assert line.startswith(word)


def test_no_secret_is_shown() -> None:
    """C103: plain ones are refused, and are in no message."""
    secrets = {"shared_key": KEY}
    lines = check(
        **SUBNET,
        vpn={},
        sites={"berlin": {**site(), **secrets, "address_space": ["10.200.0.0/16"]}},
        point_to_site={
            "address_pool": ["172.20.0.0/24"],
            "authentication": ["radius"],
            "radius_servers": {"one": {"address": "10.40.0.9", "secret": "hush hush"}},
        },
    )
    paths = {line.partition(":")[0] for line in lines}
    assert {
        "sites.berlin.shared_key",
        "point_to_site.radius_servers.one.secret",
    } <= paths
    assert not any(KEY in line or "hush" in line for line in lines)


def test_the_inbound_endpoint_can_be_waited_for(record: Any) -> None:
    """Machines that need names on their first day wait for it, and not for gateways;
    where there is none, there is nothing to wait for (C101)."""
    found: list[Any] = []

    def program() -> None:
        args: Any = {**CLOSED, "resolver": RESOLVER}
        endpoint = HybridGateway("net", args).inbound_endpoint
        assert endpoint is not None
        found.append(HybridGateway("closed", CLOSED).inbound_endpoint)
        pulumi.CustomResource(
            "test:index:M", "machine", {}, pulumi.ResourceOptions(depends_on=[endpoint])
        )

    made = record(program)
    assert "net-resolver-inbound" in made.waits_for("machine")
    assert found == [None]


def test_a_component_after_a_closed_one(record: Any) -> None:
    """C101: what a closed component waits for is handed on by its inputs: the Bastion's
    subnet id comes once the network is made, with or without the link between."""

    def program() -> None:
        subnet = pulumi.CustomResource("test:index:S", "subnet", {})
        closed = HybridGateway(
            "closed", CLOSED, pulumi.ResourceOptions(depends_on=[subnet])
        )
        pulumi.CustomResource(
            "test:index:B",
            "bastion",
            {"subnet": subnet.id},
            pulumi.ResourceOptions(depends_on=[closed]),
        )

    assert "subnet" in record(program).waits_for("bastion")


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in the inputs."""
    inner = value.items() if isinstance(value, Mapping) else ()
    return [path, *(each for key, item in inner for each in places(item, (*path, key)))]


def with_junk(value: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """The inputs with something else at one place."""
    if not path:
        return junk
    return {**value, path[0]: with_junk(value[path[0]], path[1:], junk)}


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["10.40.0.0/20", "0.0.0.0/0", "169.254.21.1", "first"])
    | st.builds(lambda: pulumi.Output.from_input("later")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(places(everything())[1:]), JUNK)
def test_junk_anywhere_never_crashes(path: tuple[Any, ...], junk: Any) -> None:
    """It is taken, or refused with findings that say something."""
    for finding in HybridGateway.check("net", with_junk(everything(), path, junk)):
        assert finding.message


def camel(key: str) -> str:
    """An input's name as other languages write it."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def on_the_wire(value: Any) -> Any:
    """Inputs as the host hands them over: camel case, and every number a float."""
    if isinstance(value, Mapping):
        return {camel(key): on_the_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [on_the_wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def test_the_same_from_every_language(whole: Any, record: Any) -> None:
    """C99: through the host, the same resources, inputs, order and outputs."""
    host = ComponentProvider(COMPONENTS, NAME, version="0.0.0")
    there = record(
        lambda: host.construct(
            "net", "azureml-network:index:HybridGateway", on_the_wire(everything())
        )
    )

    def seen(made: Any) -> dict[str, Any]:
        return {
            name: (item.inputs, item.depends_on, item.parent)
            for name, item in made.resources.items()
        }

    assert seen(there) == seen(whole)
    assert there.outputs == whole.outputs


def test_the_first_preview(record: Callable[..., Any]) -> None:
    """What is decided is known before anything exists."""
    made = record(lambda: HybridGateway("net", everything()), first_preview=True)
    inputs = made.inputs("net-vgw")
    assert inputs["virtualNetworkGatewayName"] == "net-vgw"
    assert inputs["sku"] == {"name": "VpnGw2AZ", "tier": "VpnGw2AZ"}
    assert made.outputs["net"]["resolverInboundAddress"] == "10.40.3.4"
