"""Cases of the rules on private DNS: zones, their links, and who asks for names.

Most start from a workspace with all its parts and change something.
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
    private_plan,
    zone,
)
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

PLAN = private_plan()
FOREIGN = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/"
    "Microsoft.{}/{}/elsewhere"
)
NETWORK_ELSEWHERE = FOREIGN.format("Network", "virtualNetworks")
LINK = "azure-native:privatedns:VirtualNetworkLink"
OLDER_LINK = "azure-native:network/v20200601:VirtualNetworkLink"
BLOB = "privatelink.blob.core.windows.net"
VAULT = "privatelink.vaultcore.azure.net"


def _cluster(**properties: Any) -> dict[str, Any]:
    return {
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": properties,
        }
    }


def _network(name: str, **inputs: Any) -> Planned:
    return Planned(
        "network:VirtualNetwork", name, {**RG, "virtualNetworkName": name, **inputs}
    )


OTHER_NETWORK = _network("hub")
RESOLVER = Planned(
    "dnsresolver:DnsResolver",
    "resolver",
    {**RG, "dnsResolverName": "r", "virtualNetwork": {"id": Id("hub")}},
)
INLINE_SUBNET = {"id": Id("network", "/subnets/inline")}


def _link(**inputs: Any) -> dict[str, Any]:
    return {"privateZoneName": BLOB, **inputs}


RESOURCE_CASES = (
    Case("DN002", OK, LINK, _link()),
    Case("DN002", OK, LINK, _link(registrationEnabled=False)),
    Case("DN002", BAD, LINK, _link(registrationEnabled=True), "set it to false"),
    Case("DN002", BAD, OLDER_LINK, _link(registrationEnabled=True)),
    Case("DN002", BAD, LINK, _link(registrationEnabled="yes")),
    Case(
        "DN002",
        BAD,
        LINK,
        {"privateZoneName": "PrivateLink.azurecr.io", "registrationEnabled": True},
    ),
    Case(
        "DN002",
        NONE,
        LINK,
        {"privateZoneName": "contoso.internal", "registrationEnabled": True},
    ),
    Case("DN002", OPEN, LINK, _link(registrationEnabled=UNKNOWN)),
    Case(
        "DN002",
        OPEN,
        LINK,
        {"privateZoneName": UNKNOWN, "registrationEnabled": True},
        "if it is a private link zone",
    ),
    Case("DN002", OK, LINK, {"privateZoneName": UNKNOWN}),
    Case("DN005", OK, LINK, _link()),
    Case("DN005", OK, LINK, _link(resolutionPolicy="default")),
    Case(
        "DN005",
        BAD,
        LINK,
        _link(resolutionPolicy="NxDomainRedirect"),
        "set it to 'Default'",
    ),
    Case(
        "DN005",
        OK,
        LINK,
        _link(resolutionPolicy="NxDomainRedirect"),
        settings={"fallbackZones": [BLOB]},
    ),
    Case("DN005", OK, LINK, _link(), settings={"fallbackZones": [BLOB]}),
    Case(
        "DN005",
        BAD,
        LINK,
        _link(resolutionPolicy="NxDomainRedirect"),
        settings={"fallbackZones": [VAULT]},
    ),
    Case(
        "DN005",
        BAD,
        LINK,
        _link(),
        "resolutionPolicy is missing",
        settings={"resolutionPolicy": "NxDomainRedirect"},
    ),
    Case("DN005", OPEN, LINK, _link(resolutionPolicy=UNKNOWN)),
    Case("DN005", NONE, LINK, {"privateZoneName": "contoso.internal"}),
)

SECOND_BLOB = Planned(
    "privatedns:PrivateZone",
    "second",
    {"resourceGroupName": "rg-2", "privateZoneName": BLOB},
)
APART = {"oneZonePerName": False}


def _second_link(network: Any, **inputs: Any) -> Planned:
    return Planned(
        "privatedns:VirtualNetworkLink",
        "second-link",
        {
            "resourceGroupName": "rg-2",
            "privateZoneName": Name("second"),
            "virtualNetwork": {"id": network},
            **inputs,
        },
    )


_UNIQUE_CASES = (
    StackCase("DN003", OK, "one of each", PLAN),
    StackCase(
        "DN003",
        BAD,
        "two of a name",
        PLAN.adding(SECOND_BLOB),
        "zone 'second' has the same name",
    ),
    StackCase(
        "DN003",
        BAD,
        "two of a name in another case",
        PLAN.adding(SECOND_BLOB).with_inputs("second", privateZoneName=BLOB.upper()),
    ),
    StackCase("DN003", OK, "two that keep apart", PLAN.beside_a_copy(), settings=APART),
    StackCase("DN003", BAD, "two environments in one stack", PLAN.beside_a_copy()),
    StackCase(
        "DN003",
        BAD,
        "one network, two zones",
        PLAN.adding(SECOND_BLOB, _second_link(Id("network"))),
        "from the same network",
        settings=APART,
    ),
    StackCase(
        "DN003",
        OK,
        "another network",
        PLAN.adding(OTHER_NETWORK, SECOND_BLOB, _second_link(Id("hub"))),
        settings=APART,
    ),
    StackCase(
        "DN003",
        BAD,
        "a zone outside of the same name",
        PLAN.adding(_second_link(Id("network"), privateZoneName=BLOB)),
        "from the same network",
        settings=APART,
    ),
    StackCase(
        "DN003",
        OPEN,
        "network unknown",
        PLAN.adding(SECOND_BLOB, _second_link(Nowhere())),
        settings=APART,
    ),
    StackCase(
        "DN003",
        OPEN,
        "zone unknown",
        PLAN.adding(_second_link(Id("network"), privateZoneName=Nowhere())),
        settings=APART,
    ),
    StackCase(
        "DN003",
        OPEN,
        "name unknown",
        PLAN.adding(SECOND_BLOB).with_inputs("second", privateZoneName=Nowhere()),
    ),
)


def _subnet(name: str, network: str) -> Planned:
    return Planned(
        "network:Subnet",
        name,
        {**RG, "virtualNetworkName": Name(network), "subnetName": name},
    )


def _in(subnet: Any) -> dict[str, Any]:
    return {"ipConfigurations": [{"subnet": {"id": subnet}}]}


HYBRID = Plan(
    OTHER_NETWORK,
    _network("spoke"),
    _subnet("GatewaySubnet", "hub"),
    _subnet("resolver-hub", "hub"),
    _subnet("resolver-spoke", "spoke"),
    Planned(
        "network:VirtualNetworkGateway",
        "gateway",
        {**RG, "virtualNetworkGatewayName": "vgw", **_in(Id("GatewaySubnet"))},
    ),
)
ON_PREMISES = {"onPremCidrs": ["10.200.0.0/16"]}


def _inbound(subnet: Any) -> Planned:
    return Planned("dnsresolver:InboundEndpoint", "inbound", {**RG, **_in(subnet)})


def _proxy(enabled: Any) -> Planned:
    return Planned(
        "network:FirewallPolicy",
        "policy",
        {
            **RG,
            "firewallPolicyName": "afwp",
            "dnsSettings": {"enableProxy": enabled},
        },
    )


def _peering(network: str, remote: str) -> Planned:
    return Planned(
        "network:VirtualNetworkPeering",
        f"{network}-{remote}",
        {
            **RG,
            "virtualNetworkName": Name(network),
            "remoteVirtualNetwork": {"id": Id(remote)},
        },
    )


_PATH_CASES = (
    StackCase("DN004", NONE, "nobody on-premises", HYBRID),
    StackCase(
        "DN004",
        BAD,
        "nothing answers",
        HYBRID,
        "nothing resolves private names",
        settings=ON_PREMISES,
    ),
    *(
        StackCase("DN004", answer, label, plan, says, settings=ON_PREMISES)
        for answer, label, plan, says in (
            (
                OK,
                "resolver beside the gateway",
                HYBRID.adding(_inbound(Id("resolver-hub"))),
                "",
            ),
            (
                BAD,
                "resolver in a network that is not peered",
                HYBRID.adding(_inbound(Id("resolver-spoke"))),
                "10.200.0.0/16",
            ),
            (
                OK,
                "resolver in a peered network",
                HYBRID.adding(_inbound(Id("resolver-spoke")), _peering("hub", "spoke")),
                "",
            ),
            (
                OK,
                "the other half of the peering",
                HYBRID.adding(_inbound(Id("resolver-spoke")), _peering("spoke", "hub")),
                "",
            ),
            (
                OK,
                "a peering that stands in its network",
                HYBRID.adding(_inbound(Id("resolver-spoke"))).with_inputs(
                    "hub",
                    virtualNetworkPeerings=[
                        {"remoteVirtualNetwork": {"id": Id("spoke")}}
                    ],
                ),
                "",
            ),
            (
                OPEN,
                "resolver's subnet unknown",
                HYBRID.adding(_inbound(Nowhere())),
                "subnet.id is not known",
            ),
            (OK, "DNS proxy", HYBRID.adding(_proxy(True)), ""),
            (BAD, "DNS proxy off", HYBRID.adding(_proxy(False)), ""),
            (OPEN, "DNS proxy unknown", HYBRID.adding(_proxy(Nowhere())), ""),
            (
                OK,
                "a forwarder",
                HYBRID.with_inputs("hub", dhcpOptions={"dnsServers": ["10.1.0.4"]}),
                "",
            ),
            (
                BAD,
                "a forwarder of another network",
                HYBRID.with_inputs("spoke", dhcpOptions={"dnsServers": ["10.1.0.4"]}),
                "",
            ),
            (
                BAD,
                "an empty list of forwarders",
                HYBRID.with_inputs("hub", dhcpOptions={"dnsServers": []}),
                "",
            ),
            (
                OPEN,
                "forwarders unknown",
                HYBRID.with_inputs("hub", dhcpOptions={"dnsServers": Nowhere()}),
                "",
            ),
        )
    ),
)

_LINKED_CASES = (
    StackCase("DN001", OK, "all linked", PLAN),
    StackCase(
        "DN001",
        BAD,
        "no link",
        PLAN.without("zone-blob-link"),
        "'privatelink.blob.core.windows.net' is not linked to network 'network'",
    ),
    StackCase(
        "DN001",
        BAD,
        "linked elsewhere",
        PLAN.with_inputs("zone-blob-link", virtualNetwork={"id": NETWORK_ELSEWHERE}),
    ),
    StackCase(
        "DN001",
        BAD,
        "resolver's network not linked",
        PLAN.adding(OTHER_NETWORK, RESOLVER),
        "not linked to network 'hub'",
    ),
    StackCase(
        "DN001",
        BAD,
        "compute in another network",
        PLAN.adding(OTHER_NETWORK).with_inputs(
            "cluster", **_cluster(subnet={"id": Id("hub", "/subnets/training")})
        ),
        "not linked to network 'hub'",
    ),
    StackCase(
        "DN001",
        OK,
        "endpoint in an inline subnet",
        PLAN.with_inputs("pe-blob", subnet=INLINE_SUBNET),
    ),
    StackCase(
        "DN001",
        BAD,
        "unused and linked to nothing",
        PLAN.adding(zone("zone-table", "privatelink.table.core.windows.net")[0]),
        "linked to no network",
    ),
    StackCase(
        "DN001",
        OK,
        "unused but linked",
        PLAN.adding(*zone("zone-table", "privatelink.table.core.windows.net")),
    ),
    StackCase(
        "DN001",
        OK,
        "not a private link zone",
        PLAN.adding(zone("own", "contoso.internal")[0]),
    ),
    StackCase(
        "DN001",
        OPEN,
        "link's network unknown",
        PLAN.with_inputs("zone-blob-link", virtualNetwork={"id": Nowhere()}),
        "virtualNetwork.id is not known",
    ),
    StackCase(
        "DN001",
        OPEN,
        "link's zone unknown",
        PLAN.with_inputs("zone-blob-link", privateZoneName=Nowhere()),
        "privateZoneName is not known",
    ),
    StackCase(
        "DN001",
        OPEN,
        "endpoint's subnet unknown",
        PLAN.with_inputs("pe-blob", subnet={"id": Nowhere()}),
        "subnet.id is not known",
    ),
    StackCase(
        "DN001",
        OPEN,
        "zone name unknown",
        PLAN.adding(
            Planned("privatedns:PrivateZone", "z", {**RG, "privateZoneName": Nowhere()})
        ),
    ),
    StackCase(
        "DN001",
        OPEN,
        "zone outside",
        PLAN.with_inputs(
            "pe-vault-zones",
            privateDnsZoneConfigs=[
                {
                    "privateDnsZoneId": FOREIGN.format(
                        "Network", "privateDnsZones"
                    ).replace("elsewhere", "privatelink.vaultcore.azure.net")
                }
            ],
        ),
        "lies outside of this stack",
    ),
    StackCase(
        "DN001",
        BAD,
        "serverless compute in another network",
        PLAN.adding(OTHER_NETWORK).with_inputs(
            "workspace",
            serverlessComputeSettings={
                "serverlessComputeCustomSubnet": Id("hub", "/subnets/training")
            },
        ),
        "not linked to network 'hub'",
    ),
)

STACK_CASES = (*_LINKED_CASES, *_UNIQUE_CASES, *_PATH_CASES)
