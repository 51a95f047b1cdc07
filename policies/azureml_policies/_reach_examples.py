"""Small networks that examples of the rules on reachability share."""

from typing import Any

from azureml_policies._group_examples import DENY_ALL_IN, DENY_ALL_OUT
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.subnet_traffic import PLATFORM_RULES
from azureml_rulebook.subnets import BASTION

Shown = tuple[dict[str, Any], ...]

_GROUP = {"resourceGroupName": "rg"}
_BASTION = "AzureBastionSubnet"


def shown_rule(name: str, priority: int, **changes: Any) -> dict[str, Any]:
    """Return a rule that lets all in, with changes."""
    return {**DENY_ALL_IN, "name": name, "priority": priority, "access": "Allow"} | (
        changes
    )


def shown_group(name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    """Return a group with some rules, and the final denies."""
    return {
        "type": "network:NetworkSecurityGroup",
        "name": name,
        "properties": {
            **_GROUP,
            "networkSecurityGroupName": name,
            "securityRules": [*rules, DENY_ALL_IN, DENY_ALL_OUT],
        },
    }


def shown_network(
    name: str = "vnet", address_range: str = "10.20.0.0/22", **more: Any
) -> dict[str, Any]:
    """Return a network without subnets."""
    return {
        "type": "network:VirtualNetwork",
        "name": name,
        "properties": {
            **_GROUP,
            "virtualNetworkName": name,
            "location": "westeurope",
            "addressSpace": {"addressPrefixes": [address_range]},
            **more,
        },
    }


def shown_subnet(
    name: str, address_range: str, group: str = "", **more: Any
) -> dict[str, Any]:
    """Return a subnet of the network, guarded by a group if one is named."""
    guarded = {"networkSecurityGroup": {"id": {"ref": group}}} if group else {}
    return {
        "type": "network:Subnet",
        "name": name,
        "properties": {
            **_GROUP,
            "virtualNetworkName": "vnet",
            "subnetName": name,
            "addressPrefix": address_range,
            "defaultOutboundAccess": False,
            **guarded,
            **more,
        },
    }


def shown_machines(*, source: str = "10.20.0.192/26", public: bool = False) -> Shown:
    """Return a machine beside Bastion, which lets TCP 22 in from a source."""
    configuration: dict[str, Any] = {
        "name": "first",
        "subnet": {"id": {"ref": "jump-box"}},
    }
    if public:
        configuration["publicIPAddress"] = {"id": {"ref": "address"}}
    enter = shown_rule(
        "AllowSshInbound",
        100,
        protocol="Tcp",
        sourceAddressPrefix="*" if public else source,
        destinationPortRange="22",
    )
    leave = shown_rule(
        "AllowSshOutbound",
        100,
        direction="Outbound",
        protocol="Tcp",
        destinationPortRange="22",
    )
    interface = {
        "type": "network:NetworkInterface",
        "name": "interface",
        "properties": {
            **_GROUP,
            "networkInterfaceName": "interface",
            "ipConfigurations": [configuration],
        },
    }
    address = {
        "type": "network:PublicIPAddress",
        "name": "address",
        "properties": {
            **_GROUP,
            "publicIpAddressName": "address",
            "sku": {"name": "Standard"},
        },
    }
    bastion = {
        "type": "network:BastionHost",
        "name": "bastion",
        "properties": {
            **_GROUP,
            "bastionHostName": "bastion",
            "ipConfigurations": [
                {"name": "first", "subnet": {"id": {"ref": _BASTION}}}
            ],
        },
    }
    return (
        shown_network(),
        shown_group("bastion-nsg", leave),
        shown_subnet(_BASTION, "10.20.0.192/26", "bastion-nsg"),
        bastion,
        shown_group("jump-box-nsg", enter),
        shown_subnet("jump-box", "10.20.0.160/28", "jump-box-nsg"),
        *((address,) if public else ()),
        interface,
    )


def shown_bastion_group(*, without: str = "") -> Shown:
    """Return the subnet of Bastion and its group, without the rule of one name."""
    rules = [
        shown_rule(
            row.rule.name,
            row.rule.priority,
            direction=str(row.rule.direction),
            protocol=row.rule.protocol,
            sourceAddressPrefix=row.rule.sources[0],
            destinationAddressPrefix=row.rule.destinations[0],
            destinationPortRanges=list(row.rule.ports),
        )
        for row in PLATFORM_RULES
        if row.purpose == BASTION and row.rule.name != without
    ]
    for rule in rules:
        del rule["destinationPortRange"]
    return (
        shown_network(),
        shown_group("bastion-nsg", *rules),
        shown_subnet(_BASTION, "10.20.0.192/26", "bastion-nsg"),
    )


def shown_cluster(*rules: dict[str, Any], public: bool = False, **more: Any) -> Shown:
    """Return a cluster in a subnet whose group has these rules; ``more``: of the
    subnet."""
    cluster = {
        "type": "machinelearningservices:Compute",
        "name": "cluster",
        "properties": {
            **_GROUP,
            "computeName": "cluster",
            "properties": {
                "computeType": "AmlCompute",
                "properties": {
                    "enableNodePublicIp": public,
                    "subnet": {"id": {"ref": "training"}},
                },
            },
        },
    }
    return (
        shown_network(),
        shown_group("training-nsg", *rules),
        shown_subnet("training", "10.20.0.0/25", "training-nsg", **more),
        cluster,
    )


def shown_endpoint(*rules: dict[str, Any]) -> Shown:
    """Return the endpoint of a vault in a subnet whose group has these rules."""
    endpoint = {
        "type": "network:PrivateEndpoint",
        "name": "vault-pep",
        "properties": {
            **_GROUP,
            "privateEndpointName": "vault-pep",
            "subnet": {"id": {"ref": "endpoints"}},
            "privateLinkServiceConnections": [
                {
                    "name": "vault",
                    "groupIds": ["vault"],
                    "privateLinkServiceId": "/subscriptions/00000000-0000-0000-0000-"
                    "000000000001/resourceGroups/rg/providers/Microsoft.KeyVault/"
                    "vaults/kv",
                }
            ],
        },
    }
    return (
        shown_group("endpoints-nsg", *rules),
        shown_subnet(
            "endpoints",
            "10.20.0.128/27",
            "endpoints-nsg",
            privateEndpointNetworkPolicies="Enabled",
        ),
        endpoint,
    )


def outbound(name: str, priority: int, **changes: Any) -> dict[str, Any]:
    """Return a rule that lets all out, with changes."""
    return shown_rule(name, priority, direction=str(Direction.OUTBOUND), **changes)


def shown_peering(network: str, remote: str) -> dict[str, Any]:
    """Return one direction of a peering."""
    return {
        "type": "network:VirtualNetworkPeering",
        "name": f"{network}-to-{remote}",
        "properties": {
            **_GROUP,
            "virtualNetworkName": network,
            "virtualNetworkPeeringName": remote,
            "remoteVirtualNetwork": {"id": {"ref": remote}},
            "allowVirtualNetworkAccess": True,
        },
    }


def shown_interface(
    name: str, subnet: str, application_group: str = ""
) -> dict[str, Any]:
    """Return a network interface, in an application security group if one is named."""
    configuration: dict[str, Any] = {"name": "first", "subnet": {"id": {"ref": subnet}}}
    if application_group:
        groups = [{"id": {"ref": application_group}}]
        configuration["applicationSecurityGroups"] = groups
    return {
        "type": "network:NetworkInterface",
        "name": name,
        "properties": {
            **_GROUP,
            "networkInterfaceName": name,
            "ipConfigurations": [configuration],
        },
    }
