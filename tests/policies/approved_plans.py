"""Plans of prod to be compared with its approved networks, and what the rule says."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from plan_recordings import recorded_prod
from policy_calls import (
    Analyzer,
    CallContext,
    messages,
    plan_request,
    plan_resource,
)
from policy_plans import SUBSCRIPTION
from pulumi.runtime import proto

from azureml_policies import RULES

PACK = Path(__file__).resolve().parents[2] / "policies"
BASELINE = PACK / "config" / "baselines" / "prod.json"

Entry = dict[str, Any]


@cache
def plan_of_prod() -> tuple[Entry, ...]:
    """The recorded resources of prod."""
    return tuple(recorded_prod())


def prod() -> list[Entry]:
    """A plan of prod to be changed."""
    return deepcopy(list(plan_of_prod()))


def named(plan: list[Entry], name: str) -> Any:
    """The inputs of one resource."""
    (found,) = [
        each["inputs"]
        for each in plan
        if each["name"] == name and each["type"].startswith("azure-native:network:")
    ]
    return found


def said(plan: list[Entry], **settings: Any) -> list[str]:
    """What the rule says about a plan, as the engine sends it."""
    rule = next(rule for rule in RULES if rule.name == "reach-diff")
    analyzer = Analyzer([rule])
    analyzer.configure({rule.name: {"baseline": str(BASELINE), **settings}})
    for each in plan:
        analyzer.servicer.Analyze(plan_request(each), CallContext())
    stack = proto.AnalyzeStackRequest(resources=[plan_resource(each) for each in plan])
    response = analyzer.servicer.AnalyzeStack(stack, CallContext())
    return [each.partition("\n")[2] for each in messages(response, rule.name)]


_JOINED = {
    "applicationSecurityGroups": "applicationSecurityGroups",
    "firewallPolicy": "firewallPolicies",
    "localNetworkGateway2": "localNetworkGateways",
    "networkInterfaces": "networkInterfaces",
    "networkSecurityGroup": "networkSecurityGroups",
    "publicIPAddress": "publicIPAddresses",
    "routeTable": "routeTables",
    "serviceEndpointPolicies": "serviceEndpointPolicies",
    "subnet": "subnets",
    "virtualNetworkGateway1": "virtualNetworkGateways",
}
"""Properties that hold ids, and the collections of Azure that these are in."""
_MEMBERS = "ApplicationSecurityGroup"
_NAMES = {
    "applicationSecurityGroups": (_MEMBERS, "applicationSecurityGroupName"),
    "firewallPolicies": ("FirewallPolicy", "firewallPolicyName"),
    "localNetworkGateways": ("LocalNetworkGateway", "localNetworkGatewayName"),
    "networkInterfaces": ("NetworkInterface", "networkInterfaceName"),
    "networkSecurityGroups": ("NetworkSecurityGroup", "networkSecurityGroupName"),
    "publicIPAddresses": ("PublicIPAddress", "publicIpAddressName"),
    "routeTables": ("RouteTable", "routeTableName"),
    "serviceEndpointPolicies": ("ServiceEndpointPolicy", "serviceEndpointPolicyName"),
    "subnets": ("Subnet", "subnetName"),
    "virtualNetworkGateways": ("VirtualNetworkGateway", "virtualNetworkGatewayName"),
}
"""Types of a collection's resources, and the inputs that name them."""


def deployed(plan: list[Entry]) -> list[Entry]:
    """The plan as its saved state holds it: the ids of what it made are known."""
    by_urn = {each["urn"]: each for each in plan}

    def known(value: Any, key: str, origins: list[Entry]) -> Any:
        if isinstance(value, list):
            return [known(each, key, origins) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get("id") == {"unknown": True} and key in _JOINED:
            kind, _ = _NAMES[_JOINED[key]]
            found = [each for each in origins if each["type"].endswith(f":{kind}")]
            return {**value, "id": _id(_JOINED[key], found[0]["inputs"])}
        return {each: known(inner, each, origins) for each, inner in value.items()}

    return [
        {
            **each,
            "inputs": {
                key: known(
                    value,
                    key,
                    [
                        by_urn[urn]
                        for urn in each["propertyDependencies"].get(key, ())
                        if urn in by_urn
                    ],
                )
                for key, value in each["inputs"].items()
            },
        }
        for each in plan
    ]


def _id(collection: str, inputs: Entry) -> str:
    own = f"{collection}/{inputs[_NAMES[collection][1]]}"
    network = inputs.get("virtualNetworkName")
    path = f"virtualNetworks/{network}/{own}" if collection == "subnets" else own
    group = inputs["resourceGroupName"]
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/"
        f"Microsoft.Network/{path}"
    )
