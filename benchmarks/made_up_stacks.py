"""Made-up stacks of networks, to measure how proofs grow with their number."""

from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

FIREWALL = "10.255.0.4"


def made_up_stack(subnets: int) -> list[dict[str, Any]]:
    """Return networks of 30 subnets: each with a group, every third with something in.

    Ten resources for three subnets: groups, a cluster, a machine and an endpoint.
    """
    found: list[dict[str, Any]] = []
    spaces = ip_network("10.0.0.0/8").subnets(new_prefix=19)
    for number in range(0, subnets, 30):
        space = next(spaces)
        network = f"vnet{number}"
        found.append(
            resource(
                "network:VirtualNetwork",
                network,
                {
                    "virtualNetworkName": network,
                    "location": "westeurope",
                    "addressSpace": {"addressPrefixes": [str(space)]},
                    "tags": {"environment": "prod"},
                },
            )
        )
        ranges = list(space.subnets(new_prefix=24))[:30]
        clients = [str(each) for at, each in enumerate(ranges) if at % 3 != 2]
        for index in range(min(30, subnets - number)):
            name, prefix = f"s{number + index}", str(ranges[index])
            found += _subnet(network, name, prefix, index, clients)
    return found


def hub_and_spokes(subnets: int) -> list[dict[str, Any]]:
    """Return the same networks, peered with a hub whose firewall is between them.

    Their groups leave Azure's default rules in place, and private endpoints obey none:
    each subnet is asked about from all others.
    """
    found = made_up_stack(subnets)
    spokes = [each["name"] for each in found if each["type"].endswith("VirtualNetwork")]
    for each in found:
        inputs = each["inputs"]
        if each["type"].endswith(":Subnet"):
            inputs["privateEndpointNetworkPolicies"] = "Disabled"
            inputs["routeTable"] = {"id": _id("routeTables", "to-firewall")}
        rules = inputs.get("securityRules", [])
        inputs["securityRules"] = [rule for rule in rules if rule["priority"] < 4096]
    peerings = [
        _peering(one, other)
        for spoke in spokes
        for one, other in ((spoke, "hub"), ("hub", spoke))
    ]
    return [*found, *_hub(), *peerings]


def _hub() -> list[dict[str, Any]]:
    """Return a network with a firewall, the routes to it, and what it lets through."""
    at = {"id": f"{_id('virtualNetworks', 'hub')}/subnets/AzureFirewallSubnet"}
    everything = {
        "name": "everything",
        "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance",
        "nextHopIpAddress": FIREWALL,
    }
    let_through = {
        "ruleType": "NetworkRule",
        "name": "machine-learning",
        "ipProtocols": ["TCP"],
        "sourceAddresses": ["10.0.0.0/8"],
        "destinationAddresses": ["AzureMachineLearning"],
        "destinationPorts": ["443"],
    }
    collection = {
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
        "name": "services",
        "priority": 100,
        "action": {"type": "Allow"},
        "rules": [let_through],
    }
    return [
        resource(
            "network:VirtualNetwork",
            "hub",
            {
                "virtualNetworkName": "hub",
                "location": "westeurope",
                "addressSpace": {"addressPrefixes": ["10.255.0.0/24"]},
                "tags": {"environment": "prod"},
            },
        ),
        resource(
            "network:Subnet",
            "firewall-subnet",
            {
                "virtualNetworkName": "hub",
                "subnetName": "AzureFirewallSubnet",
                "addressPrefix": "10.255.0.0/26",
            },
        ),
        resource(
            "network:RouteTable",
            "to-firewall",
            {"routeTableName": "to-firewall", "routes": [everything]},
        ),
        resource("network:FirewallPolicy", "policy", {"firewallPolicyName": "policy"}),
        resource(
            "network:FirewallPolicyRuleCollectionGroup",
            "rules",
            {
                "firewallPolicyName": "policy",
                "priority": 100,
                "ruleCollections": [collection],
            },
        ),
        resource(
            "network:AzureFirewall",
            "firewall",
            {
                "azureFirewallName": "firewall",
                "firewallPolicy": {"id": _id("firewallPolicies", "policy")},
                "ipConfigurations": [
                    {"name": "first", "subnet": at, "privateIPAddress": FIREWALL}
                ],
            },
        ),
    ]


def _peering(one: str, other: str) -> dict[str, Any]:
    name = f"{one}-to-{other}"
    return resource(
        "network:VirtualNetworkPeering",
        name,
        {
            "virtualNetworkName": one,
            "virtualNetworkPeeringName": name,
            "remoteVirtualNetwork": {"id": _id("virtualNetworks", other)},
            "allowForwardedTraffic": True,
        },
    )


def _subnet(
    network: str, name: str, prefix: str, index: int, clients: list[str]
) -> list[dict[str, Any]]:
    """Return a subnet, its group and what stands in it."""
    purpose = ("training", "desks", "endpoints")[index % 3]
    last = group_rule(priority=4096, access="Deny", source="*", port="*")
    rules = [{**last, "protocol": "*"}]
    if purpose == "endpoints":
        let_in = group_rule(priority=100, access="Allow", source="", port="443")
        rules.append({**let_in, "sourceAddressPrefixes": clients})
    group = f"{name}-nsg"
    made = [
        resource(
            "network:NetworkSecurityGroup",
            group,
            {"networkSecurityGroupName": group, "securityRules": rules},
        ),
        resource(
            "network:Subnet",
            name,
            {
                "virtualNetworkName": network,
                "subnetName": name,
                "addressPrefix": prefix,
                "defaultOutboundAccess": False,
                "privateEndpointNetworkPolicies": "Enabled",
                "networkSecurityGroup": {"id": _id("networkSecurityGroups", group)},
            },
        ),
    ]
    at = {"id": f"{_id('virtualNetworks', network)}/subnets/{name}"}
    made.append(_RESIDENTS[purpose](name, at))
    return made


def _cluster(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    inner = {"enableNodePublicIp": False, "subnet": subnet}
    return resource(
        "machinelearningservices:Compute",
        f"{name}-cluster",
        {
            "computeName": f"{name}-cluster",
            "properties": {"computeType": "AmlCompute", "properties": inner},
        },
    )


def _machine(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    return resource(
        "network:NetworkInterface",
        f"{name}-nic",
        {
            "networkInterfaceName": f"{name}-nic",
            "ipConfigurations": [{"name": "first", "subnet": subnet}],
        },
    )


def _endpoint(name: str, subnet: dict[str, str]) -> dict[str, Any]:
    service = _id("vaults", f"{name}-kv").replace("Network", "KeyVault")
    connection = {"groupIds": ["vault"], "privateLinkServiceId": service}
    return resource(
        "network:PrivateEndpoint",
        f"{name}-pep",
        {
            "privateEndpointName": f"{name}-pep",
            "subnet": subnet,
            "privateLinkServiceConnections": [connection],
        },
    )


_RESIDENTS: dict[str, Callable[[str, dict[str, str]], dict[str, Any]]] = {
    "training": _cluster,
    "desks": _machine,
    "endpoints": _endpoint,
}


def group_rule(*, priority: int, access: str, source: str, port: str) -> dict[str, Any]:
    """Return an inbound rule as a plan has it."""
    return {
        "name": f"rule{priority}",
        "priority": priority,
        "direction": "Inbound",
        "access": access,
        "protocol": "Tcp",
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": port,
    }


def _id(kind: str, name: str) -> str:
    return (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/"
        f"providers/Microsoft.Network/{kind}/{name}"
    )


def resource(kind: str, name: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as a plan has it."""
    token = f"azure-native:{kind}"
    return {
        "urn": f"urn:pulumi:dev::project::{token}::{name}",
        "type": token,
        "name": name,
        "inputs": {"resourceGroupName": "rg", **inputs},
        "propertyDependencies": {},
    }
