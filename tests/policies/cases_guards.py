"""Cases of the rules on what only Pulumi knows, on tags, regions and roles."""

from dataclasses import replace
from typing import Any

from policy_plans import (
    RG,
    SUBSCRIPTION,
    UNKNOWN,
    Id,
    Nowhere,
    Plan,
    Planned,
    Told,
    private_plan,
    secret,
)
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

VAULT = "azure-native:keyvault:Vault"
PLAN = private_plan()
OTHER = "00000000-0000-0000-0000-000000000002"
NAMED = Told(provider="prod", provider_inputs={"subscriptionId": SUBSCRIPTION})
HERE = {"subscriptionId": SUBSCRIPTION}
ENVIRONMENT = {"tags": {"environment": ["dev", "prod"], "owner": []}}


def _provider(**inputs: Any) -> Told:
    return Told(provider="prod", provider_inputs=inputs)


def _tags(**tags: Any) -> dict[str, Any]:
    return {"tags": tags}


_PROTECTED = (
    Case("PU002", OK, VAULT, {}, told=Told(protect=True)),
    Case("PU002", BAD, VAULT, {}, "set the option protect"),
    Case("PU002", BAD, "azure-native:storage/v20230101:StorageAccount", {}),
    Case("PU002", NONE, "azure-native:network:Subnet", {}),
)
_PROVIDERS = (
    Case("PU003", OK, VAULT, {}, told=NAMED),
    Case("PU003", BAD, VAULT, {}, "made by the default provider"),
    Case("PU003", BAD, VAULT, {}, told=Told(provider="default_3_29_0")),
    Case("PU003", BAD, VAULT, {}, told=Told(provider="default")),
    Case("PU003", OK, VAULT, {}, told=Told(provider="defaults")),
    Case(
        "PU003",
        OK,
        VAULT,
        {},
        told=Told(provider="default"),
        settings={"allowDefaultProvider": True},
    ),
    Case("PU003", OK, VAULT, {}, told=NAMED, settings=HERE),
    Case(
        "PU003",
        OK,
        VAULT,
        {},
        told=_provider(subscriptionId=SUBSCRIPTION.upper()),
        settings=HERE,
    ),
    Case(
        "PU003",
        BAD,
        VAULT,
        {},
        f"made in subscription '{OTHER}'",
        told=_provider(subscriptionId=OTHER),
        settings=HERE,
    ),
    Case(
        "PU003",
        BAD,
        VAULT,
        {},
        "names no subscriptionId",
        told=_provider(),
        settings=HERE,
    ),
    Case(
        "PU003",
        BAD,
        VAULT,
        {},
        "made in subscription [secret]",
        told=_provider(subscriptionId=secret(OTHER)),
        settings=HERE,
    ),
    Case(
        "PU003",
        OPEN,
        VAULT,
        {},
        told=_provider(subscriptionId=UNKNOWN),
        settings=HERE,
    ),
    Case("PU003", NONE, "random:index/randomString:RandomString", {}),
    Case("PU003", NONE, "azureml-network:index:SecureVnet", {}),
)
_TYPES = (
    Case("PU004", OK, VAULT, {}),
    # C91: another API version is the same type, and another product's is none of ours.
    Case("PU004", OK, "azure-native:machinelearningservices/v20231001:Workspace", {}),
    Case(
        "PU004",
        OK,
        "azure-native_machinelearningservices_v20240401:"
        "machinelearningservices:Workspace",
        {},
    ),
    Case("PU004", OK, "azure-native:network:PrivateZone", {}),
    Case("PU004", OK, "azure-native:operationalinsights:Workspace", {}),
    Case("PU004", OK, "azure-native:resources:ResourceGroup", {}),
    Case(
        "PU004",
        BAD,
        "azure-native:resources:Deployment",
        {},
        "no rule of this pack knows",
    ),
    Case("PU004", BAD, "azure-native:network:FrontDoor", {}),
    Case("PU004", BAD, "azure-native:network/v20230501:FrontDoor", {}),
    Case("PU004", BAD, "azure:storage/account:Account", {}),
    Case("PU004", BAD, "azure:machinelearning/workspace:Workspace", {}),
    Case("PU004", BAD, "azapi:index/resource:Resource", {}),
    Case("PU004", NONE, "azure-native:web:WebApp", {}),
    Case("PU004", NONE, "azuread:index/group:Group", {}),
    Case("PU004", NONE, "pulumi:providers:azure-native", {}),
    Case(
        "PU004",
        OK,
        "azure-native:network:FrontDoor",
        {},
        settings={"known": ["network:frontDoor"]},
    ),
    Case(
        "PU004",
        OK,
        "azure:storage/account:Account",
        {},
        settings={"known": ["azure:storage/account:Account"]},
    ),
    Case(
        "PU004",
        BAD,
        "azure-native:web:WebApp",
        {},
        settings={"watched": ["azure-native:web"]},
    ),
    Case(
        "PU004",
        BAD,
        "azure:storage/account:Account",
        {},
        settings={"watched": ["azure:storage"]},
    ),
    Case(
        "PU004",
        NONE,
        "azure:compute/virtualMachine:VirtualMachine",
        {},
        settings={"watched": ["azure:storage"]},
    ),
)
_REQUIRED = (
    Case(
        "PU007",
        OK,
        VAULT,
        _tags(Environment="prod", owner="ml-team"),
        settings=ENVIRONMENT,
    ),
    Case(
        "PU007",
        BAD,
        VAULT,
        _tags(environment="Prod", owner="ml-team"),
        "tags.environment is 'Prod'; set it to 'dev' or 'prod'",
        settings=ENVIRONMENT,
    ),
    Case(
        "PU007",
        BAD,
        VAULT,
        _tags(environment="prod"),
        "tags lack owner",
        settings=ENVIRONMENT,
    ),
    Case(
        "PU007", BAD, VAULT, _tags(environment="prod", owner=" "), settings=ENVIRONMENT
    ),
    Case("PU007", BAD, VAULT, {}, "data-classification, environment, owner"),
    Case("PU007", BAD, VAULT, {"tags": "prod"}, "a map", settings=ENVIRONMENT),
    Case("PU007", NONE, "azure-native:network:Subnet", {}, settings=ENVIRONMENT),
    Case("PU007", NONE, VAULT, {}, settings={"tags": {}}),
    Case("PU007", BAD, "azure-native:web:WebApp", _tags(a="b"), settings=ENVIRONMENT),
    Case("PU007", OPEN, VAULT, {"tags": UNKNOWN}, settings=ENVIRONMENT),
    Case(
        "PU007",
        OPEN,
        VAULT,
        _tags(environment=UNKNOWN, owner="x"),
        settings=ENVIRONMENT,
    ),
    Case(
        "PU007",
        OK,
        VAULT,
        _tags(environment="prod", owner=UNKNOWN),
        settings=ENVIRONMENT,
    ),
)
RESOURCE_CASES = (*_PROTECTED, *_PROVIDERS, *_TYPES, *_REQUIRED)


def _ignoring(*paths: str, name: str = "workspace") -> Plan:
    return PLAN.adding(replace(PLAN[name], told=Told(ignore_changes=paths)))


_IGNORED = (
    StackCase("PU001", OK, "what no rule looks at", _ignoring("friendlyName")),
    StackCase(
        "PU001",
        BAD,
        "public access",
        _ignoring("publicNetworkAccess"),
        "ignoreChanges of 'workspace' has 'publicNetworkAccess'",
    ),
    StackCase(
        "PU001",
        BAD,
        "a part of what is judged",
        _ignoring("managedNetwork.isolationMode"),
    ),
    StackCase("PU001", BAD, "what is judged is a part", _ignoring("managedNetwork")),
    StackCase("PU001", BAD, "everything", _ignoring("*")),
    StackCase(
        "PU001",
        BAD,
        "an element of a list",
        _ignoring("privateLinkServiceConnections[0].groupIds[*]", name="pe-workspace"),
    ),
    StackCase(
        "PU001",
        BAD,
        "a step in brackets",
        _ignoring('["properties"]["publicNetworkAccess"]', name="vault"),
    ),
    StackCase(
        "PU001",
        OK,
        "a neighbour of what is judged",
        _ignoring("properties.provisioningState", name="vault"),
    ),
    StackCase("PU001", OK, "tags", _ignoring('tags["cost center"]', "tags")),
    StackCase(
        "PU001",
        OK,
        "allowed",
        _ignoring("publicNetworkAccess"),
        settings={"allowed": ["publicNetworkAccess"]},
    ),
    StackCase(
        "PU001",
        BAD,
        "more than is allowed",
        _ignoring("managedNetwork"),
        settings={"allowed": ["managedNetwork.isolationMode"]},
    ),
)

REGIONS = {"locations": ["westeurope"]}


def _placed(**regions: Any) -> Plan:
    plan = PLAN
    for name, region in regions.items():
        plan = plan.with_inputs(name.replace("_", "-"), location=region)
    return plan


GROUP = Planned(
    "network:NetworkSecurityGroup",
    "group",
    {**RG, "networkSecurityGroupName": "nsg", "location": "westeurope"},
)
INTERFACE = Planned(
    "network:NetworkInterface",
    "interface",
    {
        **RG,
        "networkInterfaceName": "nic",
        "location": "westeurope",
        "ipConfigurations": [{"subnet": {"id": Id("subnet")}}],
    },
)
IN_EUROPE = _placed(network="westeurope").adding(GROUP)
WITH_GROUP = IN_EUROPE.with_inputs("subnet", networkSecurityGroup={"id": Id("group")})
INLINE_GROUP = IN_EUROPE.with_inputs(
    "network",
    subnets=[{"name": "inline", "networkSecurityGroup": {"id": Id("group")}}],
)

_REGIONS = (
    StackCase("PU008", OK, "nothing configured", PLAN),
    StackCase(
        "PU008",
        OK,
        "a region that is listed",
        _placed(vault="West Europe"),
        "",
        REGIONS,
    ),
    StackCase("PU008", OK, "global", _placed(zone_blob="global"), "", REGIONS),
    StackCase(
        "PU008",
        BAD,
        "another region",
        _placed(vault="eastus"),
        "location is 'eastus'; use one of 'westeurope'",
        REGIONS,
    ),
    StackCase("PU008", OPEN, "unknown", _placed(vault=Nowhere()), "", REGIONS),
    StackCase("PU008", BAD, "no text", _placed(vault=4.0), "", REGIONS),
    StackCase(
        "PU008",
        BAD,
        "endpoint in another region than its network",
        _placed(network="westeurope", pe_blob="northeurope"),
        "has to be in the region of its network 'network'",
    ),
    StackCase(
        "PU008",
        OK,
        "endpoint with its network",
        _placed(network="westeurope", pe_blob="West Europe"),
    ),
    StackCase(
        "PU008",
        OPEN,
        "endpoint's region unknown",
        _placed(network="westeurope", pe_blob=Nowhere()),
    ),
    StackCase(
        "PU008",
        OK,
        "both of one origin",
        _placed(network=Id("rg"), pe_blob=Id("rg")).adding(
            Planned("resources:ResourceGroup", "rg")
        ),
        preview_only=True,
    ),
    StackCase("PU008", OK, "group of a subnet", WITH_GROUP),
    StackCase(
        "PU008",
        BAD,
        "group of a subnet in another region",
        WITH_GROUP.with_inputs("group", location="northeurope"),
        "networkSecurityGroup",
    ),
    StackCase(
        "PU008",
        BAD,
        "group of a subnet that stands in its network",
        INLINE_GROUP.with_inputs("group", location="northeurope"),
        "'northeurope'",
    ),
    StackCase(
        "PU008",
        BAD,
        "interface in another region",
        IN_EUROPE.adding(INTERFACE).with_inputs("interface", location="eastus"),
    ),
    StackCase("PU008", OK, "interface", IN_EUROPE.adding(INTERFACE)),
)

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
ROLE_ADMINISTRATOR = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
IN_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"
ROLES = f"{IN_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
IN_GROUP = f"{IN_SUBSCRIPTION}/resourceGroups/rg"


def _given(
    role: Any, scope: Any, principal: Any = "ServicePrincipal", *others: Planned
) -> Plan:
    definition = role
    if isinstance(role, str):
        definition = f"{ROLES}/{role}"
    inputs = {
        "roleDefinitionId": definition,
        "scope": scope,
        "principalType": principal,
    }
    kept = {key: value for key, value in inputs.items() if value is not None}
    assignment = Planned("authorization:RoleAssignment", "assignment", kept)
    return PLAN.adding(*others, assignment)


_ROLES = (
    *(
        StackCase("PU009", OK, f"Contributor on {name}", _given(CONTRIBUTOR, Id(name)))
        for name in ("account", "vault", "registry", "workspace")
    ),
    StackCase(
        "PU009",
        OK,
        "Contributor on a registry outside",
        _given(
            CONTRIBUTOR,
            f"{IN_GROUP}/providers/Microsoft.ContainerRegistry/registries/shared",
        ),
    ),
    StackCase("PU009", BAD, "Owner on an account", _given(OWNER, Id("account"))),
    StackCase(
        "PU009",
        BAD,
        "User Access Administrator",
        _given(ACCESS_ADMINISTRATOR.upper(), Id("account")),
    ),
    StackCase(
        "PU009",
        BAD,
        "whoever assigns roles assigns Owner to himself",
        _given(ROLE_ADMINISTRATOR, Id("account")),
        "role Role Based Access Control Administrator",
    ),
    StackCase(
        "PU009",
        BAD,
        "Contributor on a resource group",
        _given(CONTRIBUTOR, IN_GROUP),
        "role Contributor",
    ),
    StackCase(
        "PU009",
        BAD,
        "Contributor on a new resource group",
        _given(
            CONTRIBUTOR,
            Id("group"),
            "ServicePrincipal",
            Planned("resources:ResourceGroup", "group"),
        ),
        preview_only=True,
    ),
    StackCase(
        "PU009", BAD, "Contributor on a network", _given(CONTRIBUTOR, Id("network"))
    ),
    StackCase("PU009", BAD, "principal not said", _given(CONTRIBUTOR, IN_GROUP, None)),
    StackCase("PU009", OK, "a group of people", _given(CONTRIBUTOR, IN_GROUP, "Group")),
    StackCase(
        "PU009",
        BAD,
        "a group of people on a subscription",
        _given(BLOB_CONTRIBUTOR, IN_SUBSCRIPTION, "Group"),
        "wider than a resource group",
    ),
    StackCase(
        "PU009",
        BAD,
        "a management group",
        _given(
            BLOB_CONTRIBUTOR,
            "/providers/Microsoft.Management/managementGroups/all",
        ),
    ),
    StackCase("PU009", BAD, "no scope", _given(BLOB_CONTRIBUTOR, None), "is missing"),
    StackCase("PU009", OK, "a narrow role", _given(BLOB_CONTRIBUTOR, Id("account"))),
    StackCase("PU009", OPEN, "scope unknown", _given(BLOB_CONTRIBUTOR, Nowhere())),
    StackCase("PU009", OPEN, "role unknown", _given(Nowhere(), Id("account"))),
    StackCase(
        "PU009",
        OPEN,
        "principal unknown",
        _given(CONTRIBUTOR, IN_GROUP, Nowhere()),
        "if it is an identity",
    ),
    StackCase("PU009", BAD, "no role", _given(None, Id("account")), "name a role"),
)
STACK_CASES = (*_IGNORED, *_REGIONS, *_ROLES)
