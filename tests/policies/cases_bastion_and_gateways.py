"""Cases of the rules on Bastion, VPN gateways, their clients and connections, and
ExpressRoute.
"""

from typing import Any

from policy_plans import (
    RG,
    SUBSCRIPTION,
    UNKNOWN,
    Id,
    Name,
    Nowhere,
    Plan,
    Planned,
    secret,
)
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

BASTION = "azure-native:network:BastionHost"
GATEWAY = "azure-native:network:VirtualNetworkGateway"
CONNECTION = "azure-native:network:VirtualNetworkGatewayConnection"
CIRCUIT = "azure-native:network:ExpressRouteCircuit"
OLDER = "azure-native:network/v20230501:BastionHost"
LOCAL = "azure-native_network_v20240501:network:BastionHost"
ANY_TIER = {"tiers": ["Developer", "Basic", "Standard", "Premium"]}
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
"""The engine's marker for an unknown list."""


def _sku(name: Any) -> dict[str, Any]:
    return {"sku": {"name": name}}


def _vpn(**inputs: Any) -> dict[str, Any]:
    return {"gatewayType": "Vpn", **inputs}


def _clients(**configuration: Any) -> dict[str, Any]:
    pool = {"vpnClientAddressPool": {"addressPrefixes": ["172.20.0.0/24"]}}
    return _vpn(vpnClientConfiguration=pool | configuration)


STRONG = {
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA256",
    "dhGroup": "DHGroup14",
    "ipsecEncryption": "AES256",
    "ipsecIntegrity": "SHA256",
    "pfsGroup": "PFS2048",
    "saLifeTimeSeconds": 27000.0,
    "saDataSizeKilobytes": 102400000.0,
}


def _tunnel(**changed: Any) -> dict[str, Any]:
    policy = {key: value for key, value in (STRONG | changed).items() if value}
    return {"connectionType": "IPsec", "ipsecPolicies": [policy]}


def _circuit_of(connections: Any) -> dict[str, Any]:
    return {"peerings": [{"name": "AzurePrivatePeering", "connections": connections}]}


_BASTION_CASES = (
    Case("BA001", OK, BASTION, _sku("Standard")),
    Case("BA001", OK, BASTION, _sku("premium")),
    Case("BA001", BAD, BASTION, _sku("Basic"), "'Standard' or 'Premium'"),
    Case("BA001", BAD, BASTION, _sku("Developer")),
    Case("BA001", BAD, OLDER, _sku("Developer")),
    Case("BA001", BAD, LOCAL, _sku("Developer")),
    Case("BA001", BAD, BASTION, {}, "sku.name is missing"),
    Case("BA001", BAD, BASTION, {"sku": "Standard"}, "sku.name is missing"),
    Case("BA001", BAD, BASTION, _sku(["Standard"])),
    Case("BA001", OK, BASTION, _sku("Developer"), settings=ANY_TIER),
    Case("BA001", OPEN, BASTION, _sku(UNKNOWN)),
    Case("BA001", OK, BASTION, _sku(secret("Standard"))),
    Case("BA001", BAD, BASTION, _sku(secret("Developer")), "sku.name is [secret]"),
    Case("BA002", OK, BASTION, {}),
    Case("BA002", OK, BASTION, {"enableShareableLink": False}),
    Case("BA002", BAD, BASTION, {"enableShareableLink": True}, "set it to false"),
    Case("BA002", BAD, BASTION, {"enableShareableLink": "true"}),
    Case("BA002", OPEN, BASTION, {"enableShareableLink": UNKNOWN}),
    Case("BA003", OK, BASTION, {**_sku("Standard"), "disableCopyPaste": True}),
    Case("BA003", BAD, BASTION, _sku("Standard"), "disableCopyPaste is missing"),
    Case("BA003", BAD, BASTION, {"disableCopyPaste": False}),
    Case(
        "BA003",
        BAD,
        BASTION,
        {"disableCopyPaste": True, "enableFileCopy": True},
        "enableFileCopy is true",
    ),
    Case(
        "BA003",
        BAD,
        BASTION,
        {**_sku("Basic"), "disableCopyPaste": True},
        "closes neither copying nor pasting",
    ),
    Case("BA003", OK, BASTION, _sku("Basic"), settings={"copyPaste": True}),
    Case(
        "BA003",
        OK,
        BASTION,
        {"disableCopyPaste": True, "enableFileCopy": True},
        settings={"fileCopy": True},
    ),
    Case("BA003", OPEN, BASTION, {**_sku("Standard"), "disableCopyPaste": UNKNOWN}),
    Case("BA004", OK, BASTION, {"enableTunneling": False}),
    Case("BA004", BAD, BASTION, {"enableTunneling": True}, "enableTunneling"),
    Case("BA004", BAD, BASTION, {"enableIpConnect": True}, "enableIpConnect"),
    Case(
        "BA004",
        OK,
        BASTION,
        {"enableTunneling": True},
        settings={"tunneling": True},
    ),
    Case(
        "BA004",
        BAD,
        BASTION,
        {"enableIpConnect": True},
        settings={"tunneling": True},
    ),
    Case(
        "BA004",
        OK,
        BASTION,
        {"enableIpConnect": True},
        settings={"connectByAddress": True},
    ),
    Case("BA004", OPEN, BASTION, {"enableTunneling": UNKNOWN}),
)
_ON = {"enforcementLevel": "advisory"}
_RECORDING_CASES = (
    Case(
        "BA006",
        OK,
        BASTION,
        {**_sku("Premium"), "enableSessionRecording": True},
        settings=_ON,
    ),
    Case("BA006", BAD, BASTION, _sku("Premium"), "nothing is recorded", settings=_ON),
    Case("BA006", NONE, BASTION, _sku("Standard"), settings=_ON),
    Case("BA006", OPEN, BASTION, _sku(UNKNOWN), "if it is 'Premium'", settings=_ON),
    Case(
        "BA006",
        OPEN,
        BASTION,
        {**_sku("Premium"), "enableSessionRecording": UNKNOWN},
        settings=_ON,
    ),
)
_GATEWAY_CASES = (
    Case("VG001", OK, GATEWAY, _vpn(**_sku("VpnGw1AZ"))),
    Case("VG001", OK, GATEWAY, _vpn(**_sku("vpngw2az"))),
    Case("VG001", BAD, GATEWAY, _vpn(**_sku("Basic")), "VpnGw1AZ"),
    Case("VG001", BAD, GATEWAY, _vpn(**_sku("basic")), "VpnGw1AZ"),
    Case("VG001", BAD, GATEWAY, _vpn(**_sku("VpnGw2")), "use 'VpnGw2AZ'"),
    Case("VG001", BAD, GATEWAY, _vpn(), "sku.name is missing"),
    Case("VG001", BAD, GATEWAY, _vpn(**_sku(2.0))),
    Case(
        "VG001",
        OK,
        GATEWAY,
        _vpn(**_sku("VpnGw2")),
        settings={"zoneRedundant": False},
    ),
    Case(
        "VG001",
        BAD,
        GATEWAY,
        _vpn(**_sku("Basic")),
        settings={"zoneRedundant": False},
    ),
    Case("VG001", NONE, GATEWAY, {"gatewayType": "ExpressRoute", **_sku("Basic")}),
    Case("VG001", BAD, GATEWAY, _sku("VpnGw1AZ"), "gatewayType is missing"),
    Case("VG001", OPEN, GATEWAY, _vpn(**_sku(UNKNOWN))),
    Case(
        "VG001",
        OPEN,
        GATEWAY,
        {"gatewayType": UNKNOWN, **_sku("Basic")},
        "if it is 'Vpn'",
    ),
    Case("VG002", OK, GATEWAY, _clients(vpnAuthenticationTypes=["AAD"])),
    Case("VG002", OK, GATEWAY, _clients(vpnAuthenticationTypes=["aad"])),
    Case(
        "VG002",
        BAD,
        GATEWAY,
        _clients(vpnAuthenticationTypes=["AAD", "Certificate"]),
        "[1] is 'Certificate'",
    ),
    Case("VG002", BAD, GATEWAY, _clients(), "vpnAuthenticationTypes is missing"),
    Case("VG002", BAD, GATEWAY, _clients(vpnAuthenticationTypes=[])),
    Case("VG002", BAD, GATEWAY, _clients(vpnAuthenticationTypes="AAD"), "a list"),
    Case("VG002", NONE, GATEWAY, _vpn()),
    Case("VG002", OPEN, GATEWAY, _clients(vpnAuthenticationTypes=UNKNOWN_LIST)),
    Case("VG002", OPEN, GATEWAY, _clients(vpnAuthenticationTypes=[UNKNOWN])),
    Case("VG002", OPEN, GATEWAY, _vpn(vpnClientConfiguration=UNKNOWN), "if people"),
    Case("VG003", OK, GATEWAY, _clients(vpnClientProtocols=["OpenVPN"])),
    Case("VG003", BAD, GATEWAY, _clients(), "vpnClientProtocols is missing"),
    Case("VG003", BAD, GATEWAY, _clients(vpnClientProtocols=["OpenVPN", "IkeV2"])),
    Case("VG003", NONE, GATEWAY, _vpn()),
    Case("VG003", OPEN, GATEWAY, _clients(vpnClientProtocols=[UNKNOWN])),
    Case("VG006", OK, GATEWAY, _vpn(vpnType="RouteBased", activeActive=True)),
    Case("VG006", BAD, GATEWAY, _vpn(activeActive=True), "vpnType is missing"),
    Case("VG006", BAD, GATEWAY, _vpn(vpnType="RouteBased"), "activeActive is missing"),
    Case(
        "VG006",
        OK,
        GATEWAY,
        _vpn(vpnType="RouteBased"),
        settings={"activeActive": False},
    ),
    Case("VG006", NONE, GATEWAY, {"gatewayType": "ExpressRoute"}),
    Case("VG006", OPEN, GATEWAY, _vpn(vpnType=UNKNOWN, activeActive=True)),
    Case("VG007", OK, GATEWAY, {"gatewayType": "ExpressRoute", **_sku("ErGw1AZ")}),
    Case("VG007", OK, GATEWAY, {"gatewayType": "ExpressRoute", **_sku("ERGWSCALE")}),
    Case(
        "VG007",
        BAD,
        GATEWAY,
        {"gatewayType": "ExpressRoute", **_sku("Standard")},
        "ErGw1AZ",
    ),
    Case("VG007", BAD, GATEWAY, {"gatewayType": "ExpressRoute"}, "is missing"),
    Case(
        "VG007",
        OK,
        GATEWAY,
        {"gatewayType": "ExpressRoute", **_sku("HighPerformance")},
        settings={"zoneRedundant": False},
    ),
    Case(
        "VG007",
        BAD,
        GATEWAY,
        {"gatewayType": "ExpressRoute", **_sku("Standard")},
        settings={"zoneRedundant": False},
    ),
    Case("VG007", NONE, GATEWAY, _vpn(**_sku("Basic"))),
    Case("VG007", OPEN, GATEWAY, {"gatewayType": "ExpressRoute", **_sku(UNKNOWN)}),
)
_CONNECTION_CASES = (
    Case("VG004", OK, CONNECTION, _tunnel()),
    Case(
        "VG004",
        OK,
        CONNECTION,
        _tunnel(
            ikeEncryption="gcmaes256",
            ikeIntegrity="SHA384",
            dhGroup="ECP384",
            ipsecEncryption="GCMAES256",
            ipsecIntegrity="GCMAES256",
            pfsGroup="ECP384",
        ),
    ),
    Case("VG004", BAD, CONNECTION, {"connectionType": "IPsec"}, "is missing"),
    Case("VG004", BAD, CONNECTION, {"connectionType": "Vnet2Vnet"}),
    *(
        Case("VG004", BAD, CONNECTION, _tunnel(**{key: value}), f"is '{value}'")
        for key, value in (
            ("ikeEncryption", "DES3"),
            ("ikeEncryption", "AES128"),
            ("ikeEncryption", "AES192"),
            ("ikeIntegrity", "SHA1"),
            ("ikeIntegrity", "MD5"),
            ("dhGroup", "DHGroup2"),
            ("dhGroup", "None"),
            ("ipsecEncryption", "None"),
            ("ipsecEncryption", "GCMAES128"),
            ("ipsecIntegrity", "SHA1"),
            ("pfsGroup", "None"),
            ("pfsGroup", "PFS2"),
        )
    ),
    Case("VG004", BAD, CONNECTION, _tunnel(ikeEncryption=None), "is missing"),
    Case(
        "VG004",
        BAD,
        CONNECTION,
        {
            **_tunnel(ikeEncryption=secret("DES3")),
            "sharedKey": secret("hunter2-hunter2"),
        },
        "ikeEncryption is [secret]",
    ),
    Case(
        "VG004",
        BAD,
        CONNECTION,
        _tunnel(ipsecEncryption="GCMAES256"),
        "does not go with",
    ),
    Case(
        "VG004",
        BAD,
        CONNECTION,
        _tunnel(saLifeTimeSeconds=10.0),
        "Azure takes 300 to 172799",
    ),
    Case("VG004", OK, CONNECTION, _tunnel(saLifeTimeSeconds=float("nan"))),
    Case("VG004", BAD, CONNECTION, {**_tunnel(), "ipsecPolicies": ["AES256"]}),
    Case("VG004", BAD, CONNECTION, {**_tunnel(), "ipsecPolicies": STRONG}, "a list"),
    Case("VG004", NONE, CONNECTION, {"connectionType": "ExpressRoute"}),
    Case("VG004", BAD, CONNECTION, {}, "connectionType is missing"),
    Case("VG004", OPEN, CONNECTION, _tunnel(pfsGroup=UNKNOWN)),
    Case("VG004", OPEN, CONNECTION, {**_tunnel(), "ipsecPolicies": UNKNOWN_LIST}),
    Case("VG004", OPEN, CONNECTION, {"connectionType": UNKNOWN}, "if IPsec"),
    Case("VG005", OK, CONNECTION, {**_tunnel(), "connectionProtocol": "ikev2"}),
    Case("VG005", BAD, CONNECTION, {**_tunnel(), "connectionProtocol": "IKEv1"}),
    Case("VG005", BAD, CONNECTION, _tunnel(), "connectionProtocol is missing"),
    Case("VG005", NONE, CONNECTION, {"connectionType": "ExpressRoute"}),
    Case("VG005", OPEN, CONNECTION, {**_tunnel(), "connectionProtocol": UNKNOWN}),
    Case("ER001", OK, CIRCUIT, {}),
    Case("ER001", BAD, CIRCUIT, {"allowClassicOperations": True}),
    Case("ER001", BAD, CIRCUIT, {"globalReachEnabled": True}),
    Case(
        "ER001",
        OK,
        CIRCUIT,
        {"globalReachEnabled": True},
        settings={"globalReach": True},
    ),
    Case(
        "ER001",
        BAD,
        CIRCUIT,
        {"allowClassicOperations": True},
        settings={"globalReach": True},
    ),
    Case("ER001", OK, CIRCUIT, _circuit_of([])),
    Case("ER001", BAD, CIRCUIT, _circuit_of([{"name": "c"}]), "peerings[0].conn"),
    Case("ER001", OPEN, CIRCUIT, _circuit_of(UNKNOWN_LIST)),
    Case("ER001", BAD, f"{CIRCUIT}Connection", {"circuitName": "c"}, "Global Reach"),
    Case(
        "ER001",
        OK,
        f"{CIRCUIT}Connection",
        {"circuitName": "c"},
        settings={"globalReach": True},
    ),
    Case("ER001", OPEN, CIRCUIT, {"allowClassicOperations": UNKNOWN}),
)
RESOURCE_CASES = (
    *_BASTION_CASES,
    *_RECORDING_CASES,
    *_GATEWAY_CASES,
    *_CONNECTION_CASES,
)

ELSEWHERE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.Network/"
    "{}/there{}"
)


def _network(name: str) -> Planned:
    return Planned(
        "network:VirtualNetwork", name, {**RG, "virtualNetworkName": f"vnet-{name}"}
    )


def _subnet(name: str, network: str, azure_name: Any) -> Planned:
    return Planned(
        "network:Subnet",
        name,
        {**RG, "virtualNetworkName": Name(network), "subnetName": azure_name},
    )


def _address(**inputs: Any) -> Planned:
    standard = {"sku": {"name": "Standard"}, "publicIPAllocationMethod": "Static"}
    given = {**RG, "publicIpAddressName": "pip", **standard, **inputs}
    kept = {key: value for key, value in given.items() if value is not None}
    return Planned("network:PublicIPAddress", "address", kept)


BASTION_PLAN = Plan(
    _network("hub"),
    _subnet("bastion-subnet", "hub", "AzureBastionSubnet"),
    _address(),
    Planned(
        "network:BastionHost",
        "bastion",
        {
            **RG,
            "bastionHostName": "bas",
            "sku": {"name": "Standard"},
            "ipConfigurations": [
                {
                    "subnet": {"id": Id("bastion-subnet")},
                    "publicIPAddress": {"id": Id("address")},
                }
            ],
        },
    ),
)


def _bastion(**inputs: Any) -> Plan:
    return BASTION_PLAN.with_inputs("bastion", **inputs)


def _at(subnet: Any, address: Any = None) -> list[dict[str, Any]]:
    configuration = {"subnet": {"id": subnet}}
    if address is not None:
        configuration["publicIPAddress"] = {"id": address}
    return [configuration]


_BASTION_NETWORK_CASES = (
    StackCase("BA005", OK, "subnet and address", BASTION_PLAN),
    StackCase(
        "BA005",
        BAD,
        "another subnet",
        BASTION_PLAN.with_inputs("bastion-subnet", subnetName="jump-box"),
        "names subnet 'jump-box'",
    ),
    StackCase(
        "BA005",
        OK,
        "case of the subnet's name",
        BASTION_PLAN.with_inputs("bastion-subnet", subnetName="azurebastionsubnet"),
    ),
    StackCase(
        "BA005",
        OK,
        "subnet outside",
        _bastion(
            ipConfigurations=_at(
                ELSEWHERE.format("virtualNetworks", "/subnets/AzureBastionSubnet"),
                Id("address"),
            )
        ),
    ),
    StackCase(
        "BA005",
        BAD,
        "another subnet outside",
        _bastion(
            ipConfigurations=_at(
                ELSEWHERE.format("virtualNetworks", "/subnets/default"), Id("address")
            )
        ),
        "names subnet 'default'",
    ),
    StackCase(
        "BA005",
        BAD,
        "an inline subnet of another name",
        _bastion(
            ipConfigurations=_at(Id("hub", "/subnets/web", known=True), Id("address"))
        ),
        "names subnet 'web'",
    ),
    StackCase(
        "BA005",
        OPEN,
        "subnet's name unknown",
        BASTION_PLAN.with_inputs("bastion-subnet", subnetName=Nowhere()),
        preview_only=True,
    ),
    StackCase(
        "BA005",
        OPEN,
        "subnet unknown",
        _bastion(ipConfigurations=_at(Nowhere(), Id("address"))),
    ),
    StackCase(
        "BA005", BAD, "no configuration", _bastion(ipConfigurations=None), "is missing"
    ),
    StackCase("BA005", BAD, "no list", _bastion(ipConfigurations="x"), "a list"),
    StackCase(
        "BA005",
        BAD,
        "no subnet",
        _bastion(ipConfigurations=_at(None, Id("address"))),
        "subnet.id is missing",
    ),
    StackCase(
        "BA005",
        BAD,
        "no address",
        _bastion(ipConfigurations=_at(Id("bastion-subnet"))),
        "publicIPAddress.id is missing",
    ),
    StackCase(
        "BA005",
        BAD,
        "Basic address (C39)",
        BASTION_PLAN.adding(_address(sku={"name": "Basic"})),
        "sku.name of 'address' is 'Basic'",
    ),
    StackCase(
        "BA005",
        BAD,
        "address that says neither (C93)",
        BASTION_PLAN.adding(_address(sku=None, publicIPAllocationMethod=None)),
        "publicIPAllocationMethod of 'address' is missing",
    ),
    StackCase(
        "BA005",
        BAD,
        "dynamic address",
        BASTION_PLAN.adding(_address(publicIPAllocationMethod="Dynamic")),
    ),
    StackCase(
        "BA005",
        OPEN,
        "address unknown in kind",
        BASTION_PLAN.adding(_address(sku=Nowhere())),
    ),
    StackCase(
        "BA005",
        OPEN,
        "address outside",
        _bastion(
            ipConfigurations=_at(
                Id("bastion-subnet"), ELSEWHERE.format("publicIPAddresses", "")
            )
        ),
        "names an address that this stack does not show",
    ),
    StackCase(
        "BA005",
        OK,
        "private only",
        _bastion(
            enablePrivateOnlyBastion=True, ipConfigurations=_at(Id("bastion-subnet"))
        ),
    ),
    StackCase(
        "BA005",
        BAD,
        "private only with an address",
        _bastion(enablePrivateOnlyBastion=True),
        "has no public address",
    ),
    StackCase(
        "BA005",
        OPEN,
        "perhaps private only",
        _bastion(
            enablePrivateOnlyBastion=Nowhere(),
            ipConfigurations=_at(Id("bastion-subnet")),
        ),
    ),
    StackCase(
        "BA005", OK, "network of its own", _bastion(virtualNetwork={"id": Id("hub")})
    ),
    StackCase(
        "BA005",
        BAD,
        "another network",
        _bastion(virtualNetwork={"id": Id("spoke")}).adding(_network("spoke")),
        "virtualNetwork.id is network 'spoke'",
    ),
    StackCase(
        "BA005",
        NONE,
        "Developer",
        _bastion(sku={"name": "Developer"}, ipConfigurations=None),
    ),
)


def _peering(remote: Any, uses: Any = True) -> dict[str, Any]:
    return {"remoteVirtualNetwork": {"id": remote}, "useRemoteGateways": uses}


def _spoke_with(remote: Any, uses: Any = True) -> Planned:
    return Planned(
        "network:VirtualNetworkPeering",
        "to-hub",
        {**RG, "virtualNetworkName": Name("spoke"), **_peering(remote, uses)},
    )


GATEWAY_PLAN = Plan(
    _network("hub"),
    _network("spoke"),
    _network("other"),
    _subnet("gateway-subnet", "hub", "GatewaySubnet"),
    Planned(
        "network:VirtualNetworkGateway",
        "gateway",
        {
            **RG,
            "virtualNetworkGatewayName": "vgw",
            "gatewayType": "Vpn",
            "ipConfigurations": _at(Id("gateway-subnet")),
        },
    ),
)
_GATEWAY_NETWORK_CASES = (
    StackCase("VG008", OK, "gateway alone", GATEWAY_PLAN),
    StackCase(
        "VG008",
        BAD,
        "another subnet",
        GATEWAY_PLAN.with_inputs("gateway-subnet", subnetName="gateways"),
        "give the id of 'GatewaySubnet'",
    ),
    StackCase(
        "VG008",
        BAD,
        "no subnet",
        GATEWAY_PLAN.with_inputs("gateway", ipConfigurations=[{"name": "x"}]),
        "subnet.id is missing",
    ),
    StackCase(
        "VG008",
        BAD,
        "no configuration",
        GATEWAY_PLAN.with_inputs("gateway", ipConfigurations=None),
        "ipConfigurations is missing",
    ),
    StackCase(
        "VG008",
        OPEN,
        "subnet unknown",
        GATEWAY_PLAN.with_inputs("gateway", ipConfigurations=_at(Nowhere())),
    ),
    StackCase(
        "VG008", OK, "used by a peer", GATEWAY_PLAN.adding(_spoke_with(Id("hub")))
    ),
    StackCase(
        "VG008",
        BAD,
        "a peer uses a network without",
        GATEWAY_PLAN.adding(_spoke_with(Id("other"))),
        "network 'other' has no gateway in this stack",
    ),
    StackCase(
        "VG008",
        BAD,
        "a peer that stands in its network uses a network without",
        GATEWAY_PLAN.with_inputs(
            "spoke", virtualNetworkPeerings=[_peering(Id("other"))]
        ),
        "virtualNetworkPeerings[0].useRemoteGateways is true",
    ),
    StackCase(
        "VG008",
        OK,
        "a peer that stands in its network",
        GATEWAY_PLAN.with_inputs("spoke", virtualNetworkPeerings=[_peering(Id("hub"))]),
    ),
    StackCase(
        "VG008",
        OK,
        "a peer that uses none",
        GATEWAY_PLAN.adding(_spoke_with(Id("other"), uses=False)),
    ),
    StackCase(
        "VG008",
        OPEN,
        "a peer that may use one",
        GATEWAY_PLAN.adding(_spoke_with(Id("other"), uses=Nowhere())),
    ),
    StackCase(
        "VG008",
        OPEN,
        "a peer of an unknown network",
        GATEWAY_PLAN.adding(_spoke_with(Nowhere())),
    ),
    StackCase(
        "VG008",
        OK,
        "a peer uses the gateway of another stack",
        GATEWAY_PLAN.adding(_spoke_with(ELSEWHERE.format("virtualNetworks", ""))),
    ),
)
STACK_CASES = (*_BASTION_NETWORK_CASES, *_GATEWAY_NETWORK_CASES)
