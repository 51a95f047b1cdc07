"""Cases of the rules on what private endpoints connect to, and where they are."""

from typing import Any

from policy_plans import (
    RG,
    SUBSCRIPTION,
    Id,
    Name,
    Nowhere,
    Plan,
    Planned,
    private_endpoint,
    private_plan,
)
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

PLAN = private_plan()
ENDPOINT = "azure-native:network:PrivateEndpoint"
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"
"""The engine's marker for an unknown list."""
ELSEWHERE = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/Microsoft.{{}}"
)
ALIAS = (
    "scoring.00000000-0000-0000-0000-000000000000.westeurope.azure.privatelinkservice"
)
HUB = Planned("network:VirtualNetwork", "hub", {**RG, "virtualNetworkName": "hub"})
HUB_SUBNET = Planned(
    "network:Subnet",
    "hub-endpoints",
    {**RG, "virtualNetworkName": Name("hub"), "subnetName": "endpoints"},
)
TWO_NETWORKS = PLAN.adding(HUB, HUB_SUBNET)


def _connection(target: Any, *groups: Any) -> dict[str, Any]:
    return {"name": "c", "privateLinkServiceId": target, "groupIds": list(groups)}


def _blob(**inputs: Any) -> Plan:
    return PLAN.with_inputs("pe-blob", **inputs)


def _to(target: Any, *groups: Any) -> Plan:
    return _blob(privateLinkServiceConnections=[_connection(target, *groups)])


RESOURCE_CASES = (
    Case("PE006", OK, ENDPOINT, {}),
    Case("PE006", OK, ENDPOINT, {"manualPrivateLinkServiceConnections": []}),
    Case(
        "PE006",
        BAD,
        ENDPOINT,
        {"manualPrivateLinkServiceConnections": [{"name": "c"}]},
        "waits until somebody approves",
    ),
    Case(
        "PE006",
        OK,
        ENDPOINT,
        {"manualPrivateLinkServiceConnections": [{"name": "c"}]},
        settings={"acceptManualApproval": True},
    ),
    Case("PE006", BAD, ENDPOINT, {"manualPrivateLinkServiceConnections": "c"}),
    Case(
        "PE006", OPEN, ENDPOINT, {"manualPrivateLinkServiceConnections": UNKNOWN_LIST}
    ),
)

_GROUP_CASES = (
    StackCase("PE005", OK, "one of each", PLAN),
    StackCase("PE005", OK, "case of the group id", _to(Id("account"), "Blob")),
    StackCase(
        "PE005",
        BAD,
        "two groups",
        _to(Id("account"), "blob", "file"),
        "exactly one group id",
    ),
    StackCase("PE005", BAD, "no group", _to(Id("account")), "exactly one group id"),
    StackCase(
        "PE005",
        BAD,
        "another service's group",
        _to(Id("account"), "vault"),
        "'vault' is not a group id of",
    ),
    StackCase("PE005", BAD, "misspelt", _to(Id("account"), "blobs"), "blob"),
    StackCase(
        "PE005",
        BAD,
        "two connections",
        _blob(
            privateLinkServiceConnections=[
                _connection(Id("account"), "blob"),
                _connection(Id("account"), "file"),
            ]
        ),
        "has 2 connections",
    ),
    StackCase(
        "PE005",
        BAD,
        "one of each kind",
        _blob(manualPrivateLinkServiceConnections=[_connection(Id("account"), "file")]),
        "has 2 connections",
    ),
    StackCase(
        "PE005",
        BAD,
        "no connection",
        _blob(privateLinkServiceConnections=None),
        "has 0 connections",
    ),
    StackCase(
        "PE005",
        OK,
        "a service outside",
        _to(ELSEWHERE.format("Storage/storageAccounts/data"), "dfs"),
    ),
    StackCase(
        "PE005",
        BAD,
        "a group that the service outside has not",
        _to(ELSEWHERE.format("KeyVault/vaults/kv"), "blob"),
        "not a group id",
    ),
    StackCase(
        "PE005",
        OK,
        "a service that nobody here knows",
        _to(ELSEWHERE.format("EventHub/namespaces/events"), "namespace"),
    ),
    StackCase(
        "PE005",
        OK,
        "a service of the stack that nobody here knows",
        _to(Id("events"), "namespace").adding(
            Planned("eventhub:Namespace", "events", {**RG, "namespaceName": "e"})
        ),
        preview_only=True,
    ),
    StackCase("PE005", OK, "own service", _to(ALIAS)),
    StackCase("PE005", OPEN, "group unknown", _to(Id("account"), Nowhere())),
    StackCase("PE005", OPEN, "service unknown", _to(Nowhere(), "namespace")),
    StackCase("PE005", OK, "service unknown, its group known", _to(Nowhere(), "blob")),
    StackCase(
        "PE005",
        OPEN,
        "connections unknown",
        _blob(privateLinkServiceConnections=Nowhere()),
    ),
)


def _moved(*names: str, subnet: Any = None) -> Plan:
    plan = TWO_NETWORKS
    place = subnet or Id("hub-endpoints")
    for name in names:
        plan = plan.with_inputs(name, subnet={"id": place})
    return plan


PEERING = Planned(
    "network:VirtualNetworkPeering",
    "peering",
    {
        **RG,
        "virtualNetworkName": Name("network"),
        "remoteVirtualNetwork": {"id": Id("hub")},
    },
)
OUTSIDE = ELSEWHERE.format("Network/virtualNetworks/far/subnets/endpoints")

_NETWORK_CASES = (
    StackCase("PE007", OK, "all in one network", PLAN),
    StackCase(
        "PE007",
        BAD,
        "storage elsewhere",
        _moved("pe-blob", "pe-file"),
        "not all in one network",
    ),
    StackCase("PE007", BAD, "one of storage's elsewhere", _moved("pe-file")),
    StackCase(
        "PE007",
        BAD,
        "storage in a peered network",
        _moved("pe-blob", "pe-file").adding(PEERING),
        "where the studio looks for them",
    ),
    StackCase(
        "PE007",
        OK,
        "a second endpoint elsewhere",
        TWO_NETWORKS.adding(
            private_endpoint("pe-blob-hub", "account", "blob")
        ).with_inputs("pe-blob-hub", subnet={"id": Id("hub-endpoints")}),
    ),
    StackCase(
        "PE007",
        OK,
        "workspace in both, storage in one",
        TWO_NETWORKS.adding(
            private_endpoint("pe-workspace-hub", "workspace", "amlworkspace")
        ).with_inputs("pe-workspace-hub", subnet={"id": Id("hub-endpoints")}),
    ),
    StackCase(
        "PE007",
        BAD,
        "workspace in both, storage in half of each",
        _moved("pe-file")
        .adding(private_endpoint("pe-workspace-hub", "workspace", "amlworkspace"))
        .with_inputs("pe-workspace-hub", subnet={"id": Id("hub-endpoints")}),
    ),
    StackCase(
        "PE007",
        BAD,
        "vault elsewhere",
        _moved("pe-vault"),
        "the endpoint of keyVault is in 'hub'",
    ),
    StackCase(
        "PE007", OK, "vault in a peered network", _moved("pe-vault").adding(PEERING)
    ),
    StackCase(
        "PE007",
        OK,
        "registry in a network with a peering of its own",
        _moved("pe-registry").with_inputs(
            "hub",
            virtualNetworkPeerings=[{"remoteVirtualNetwork": {"id": Id("network")}}],
        ),
    ),
    StackCase(
        "PE007",
        OPEN,
        "vault in a network outside",
        _moved("pe-vault", subnet=OUTSIDE),
        "a peering may be in another stack",
    ),
    StackCase(
        "PE007", BAD, "storage in a network outside", _moved("pe-blob", subnet=OUTSIDE)
    ),
    StackCase("PE007", OPEN, "subnet unknown", _moved("pe-blob", subnet=Nowhere())),
    StackCase(
        "PE007",
        OPEN,
        "storage unknown",
        PLAN.with_inputs("workspace", storageAccount=Nowhere()),
    ),
    StackCase(
        "PE007",
        BAD,
        "storage outside of the stack, its endpoint in another network",
        _moved("pe-blob")
        .with_inputs(
            "workspace", storageAccount=ELSEWHERE.format("Storage/storageAccounts/x")
        )
        .with_inputs(
            "pe-blob",
            privateLinkServiceConnections=[
                _connection(ELSEWHERE.format("Storage/storageAccounts/x"), "blob")
            ],
        ),
    ),
    StackCase(
        "PE007",
        OK,
        "services without endpoints are another rule's",
        PLAN.without("pe-vault", "pe-vault-zones"),
    ),
    StackCase(
        "PE007",
        NONE,
        "workspace without an endpoint",
        PLAN.without("pe-workspace", "pe-workspace-zones"),
    ),
    StackCase(
        "PE007",
        NONE,
        "a project of a hub",
        _moved("pe-blob", "pe-file").with_inputs("workspace", kind="Project"),
    ),
    StackCase(
        "PE007",
        OPEN,
        "perhaps a project",
        _moved("pe-blob", "pe-file").with_inputs("workspace", kind=Nowhere()),
        "if it is not 'Project'",
    ),
)

TRAINING = Planned(
    "network:Subnet",
    "training",
    {**RG, "virtualNetworkName": Name("network"), "subnetName": "training"},
)


def _cluster_in(subnet: Any) -> Plan:
    properties = {
        "computeType": "AmlCompute",
        "properties": {"subnet": {"id": subnet}},
    }
    return PLAN.adding(TRAINING).with_inputs("cluster", properties=properties)


APART = _cluster_in(Id("training"))


def _interface(subnet: Any) -> Planned:
    return Planned(
        "network:NetworkInterface",
        "interface",
        {
            **RG,
            "networkInterfaceName": "nic",
            "ipConfigurations": [{"subnet": {"id": subnet}}],
        },
    )


_SUBNET_CASES = (
    StackCase("PE008", OK, "compute in a subnet of its own", APART),
    StackCase(
        "PE008",
        BAD,
        "compute among the endpoints",
        PLAN,
        "'cluster' lives in the subnet of endpoint",
    ),
    StackCase(
        "PE008", BAD, "a machine among them", APART.adding(_interface(Id("subnet")))
    ),
    StackCase("PE008", OK, "a machine apart", APART.adding(_interface(Id("training")))),
    StackCase(
        "PE008",
        BAD,
        "serverless compute among them",
        APART.with_inputs(
            "workspace",
            serverlessComputeSettings={"serverlessComputeCustomSubnet": Id("subnet")},
        ),
        "'workspace' lives in the subnet",
    ),
    StackCase("PE008", OPEN, "compute's subnet unknown", _cluster_in(Nowhere())),
    StackCase(
        "PE008",
        OK,
        "in a subnet that is listed",
        APART,
        settings={"subnets": ["Endpoints"]},
    ),
    StackCase(
        "PE008",
        BAD,
        "in another subnet",
        APART,
        "subnet.id is subnet 'endpoints'; use one of 'private-link'",
        settings={"subnets": ["private-link"]},
    ),
    StackCase(
        "PE008",
        OPEN,
        "endpoint's subnet unknown",
        APART.with_inputs("pe-blob", subnet={"id": Nowhere()}),
        settings={"subnets": ["endpoints"]},
    ),
)

STACK_CASES = (*_GROUP_CASES, *_NETWORK_CASES, *_SUBNET_CASES)
