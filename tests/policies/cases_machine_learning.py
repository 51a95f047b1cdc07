"""Cases of the rules for Azure Machine Learning that judge one resource, or a plan."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Name, Nowhere, Plan, Planned, secret
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
ENDPOINT = "machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "machinelearningservices:OnlineDeployment"
REGISTRY = "machinelearningservices:Registry"
DATASTORE = "machinelearningservices:Datastore"


def parts(**changes: Any) -> dict[str, Any]:
    """Return the four resources that a workspace names."""
    four = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")
    return {key: UNKNOWN for key in four} | changes


def isolation(mode: Any, **others: Any) -> dict[str, Any]:
    """Return a workspace with that isolation mode."""
    return {"managedNetwork": {"isolationMode": mode}, **others}


def identity(type: Any, primary: Any = UNKNOWN, **others: Any) -> dict[str, Any]:
    """Return a workspace with an identity."""
    return {
        "identity": {"type": type},
        "primaryUserAssignedIdentity": primary,
        **others,
    }


def serverless(subnet: Any, no_address: Any, **others: Any) -> dict[str, Any]:
    """Return a workspace with its settings for serverless compute."""
    settings = {
        "serverlessComputeCustomSubnet": subnet,
        "serverlessComputeNoPublicIP": no_address,
    }
    return {"serverlessComputeSettings": settings, **others}


def encrypted(status: Any, **others: Any) -> dict[str, Any]:
    """Return a workspace with a key of its owner's."""
    key = {"keyVaultArmId": UNKNOWN, "keyIdentifier": UNKNOWN}
    return {"encryption": {"status": status, "keyVaultProperties": key}, **others}


CREDENTIALS = "properties.credentials.credentialsType"
ON = {"enforcementLevel": "advisory"}

RESOURCE_CASES = (
    # ML001: C03 and C93 (d) are among these.
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": "Disabled"}),
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": "disabled"}),
    Case("ML001", OK, WORKSPACE, {"publicNetworkAccess": secret("Disabled")}),
    Case(
        "ML001",
        BAD,
        WORKSPACE,
        {"publicNetworkAccess": "Enabled", "allowPublicAccessWhenBehindVnet": False},
        "publicNetworkAccess is 'Enabled'; set it to 'Disabled'",
    ),
    Case(
        "ML001",
        BAD,
        WORKSPACE,
        {"allowPublicAccessWhenBehindVnet": False},
        "publicNetworkAccess is missing",
    ),
    Case("ML001", BAD, WORKSPACE, {"publicNetworkAccess": None}, "is missing"),
    Case("ML001", BAD, WORKSPACE, {"publicNetworkAccess": 1}, "is 1"),
    Case("ML001", OPEN, WORKSPACE, {"publicNetworkAccess": UNKNOWN}),
    Case("ML001", OPEN, WORKSPACE, {"publicNetworkAccess": secret(UNKNOWN)}),
    Case("ML002", OK, WORKSPACE, {}),
    Case("ML002", OK, WORKSPACE, {"allowPublicAccessWhenBehindVnet": False}),
    Case("ML002", BAD, WORKSPACE, {"allowPublicAccessWhenBehindVnet": True}, "is true"),
    Case("ML002", OPEN, WORKSPACE, {"allowPublicAccessWhenBehindVnet": UNKNOWN}),
    Case("ML003", OK, WORKSPACE, {"v1LegacyMode": False}),
    Case("ML003", OK, WORKSPACE, {}),
    Case("ML003", BAD, WORKSPACE, {"v1LegacyMode": True}, "is true; set it to false"),
    Case("ML003", OPEN, WORKSPACE, {"v1LegacyMode": UNKNOWN}),
    Case("ML003", OK, WORKSPACE, {"v1LegacyMode": True}, settings={"expected": True}),
    Case("ML003", BAD, WORKSPACE, {}, "is missing", settings={"expected": True}),
    Case("ML003", BAD, WORKSPACE, {"v1LegacyMode": "false"}, "'false'"),
    Case("ML006", OK, WORKSPACE, identity("UserAssigned")),
    Case("ML006", OK, WORKSPACE, identity("SystemAssigned, userassigned")),
    Case("ML006", BAD, WORKSPACE, identity("SystemAssigned"), "is 'SystemAssigned'"),
    Case("ML006", BAD, WORKSPACE, identity("NotUserAssigned"), "'NotUserAssigned'"),
    Case("ML006", BAD, WORKSPACE, identity("UserAssigned", None), "is missing"),
    Case("ML006", BAD, WORKSPACE, {}, "identity.type is missing"),
    Case("ML006", OPEN, WORKSPACE, identity(UNKNOWN)),
    Case("ML006", NONE, WORKSPACE, {"kind": "project"}),
    Case("ML007", OK, WORKSPACE, {"systemDatastoresAuthMode": "identity"}),
    Case("ML007", BAD, WORKSPACE, {"systemDatastoresAuthMode": "AccessKey"}),
    Case("ML007", BAD, WORKSPACE, {}, "is missing"),
    Case("ML007", OPEN, WORKSPACE, {"systemDatastoresAuthMode": UNKNOWN}),
    Case("ML008", OK, WORKSPACE, parts()),
    Case("ML008", OK, WORKSPACE, parts(kind="Hub")),
    Case("ML008", BAD, WORKSPACE, parts(containerRegistry=None), "containerRegistry"),
    Case("ML008", BAD, WORKSPACE, parts(keyVault=""), "keyVault is missing"),
    Case("ML008", BAD, WORKSPACE, parts(keyVault=" \t"), "keyVault is missing"),
    Case("ML008", NONE, WORKSPACE, {"kind": "project"}),
    Case("ML008", OPEN, WORKSPACE, {"kind": UNKNOWN}, "kind is not known"),
    Case("ML010", OK, WORKSPACE, serverless(UNKNOWN, True)),
    Case("ML010", BAD, WORKSPACE, serverless(UNKNOWN, False), "is false"),
    Case("ML010", BAD, WORKSPACE, serverless(None, True), "Subnet is missing"),
    Case("ML010", BAD, WORKSPACE, {}, "NoPublicIP is missing"),
    Case("ML010", BAD, WORKSPACE, isolation("Disabled"), "NoPublicIP is missing"),
    Case("ML010", OPEN, WORKSPACE, serverless(UNKNOWN, UNKNOWN)),
    Case("ML010", OPEN, WORKSPACE, isolation(UNKNOWN), "if it is 'Disabled'"),
    Case("ML010", NONE, WORKSPACE, isolation("AllowOnlyApprovedOutbound")),
    Case("ML010", NONE, WORKSPACE, {"kind": "Project"}),
    Case("ML011", OK, WORKSPACE, encrypted("Enabled"), "", ON),
    Case("ML011", BAD, WORKSPACE, encrypted("Disabled"), "is 'Disabled'", ON),
    Case("ML011", BAD, WORKSPACE, {}, "keyIdentifier is missing", ON),
    Case("ML011", OPEN, WORKSPACE, encrypted(UNKNOWN), "", ON),
    Case("ML011", NONE, WORKSPACE, {"kind": "Project"}, "", ON),
    Case("ML012", OK, WORKSPACE, {"hbiWorkspace": True}, "", ON),
    Case("ML012", BAD, WORKSPACE, {}, "hbiWorkspace is missing", ON),
    Case("ML012", OK, WORKSPACE, {}, "", ON | {"expected": False}),
    Case("ML012", BAD, WORKSPACE, {"hbiWorkspace": True}, "", ON | {"expected": False}),
    Case("ML012", OPEN, WORKSPACE, {"hbiWorkspace": UNKNOWN}, "", ON),
    Case("ML012", NONE, WORKSPACE, {"kind": "Project"}, "", ON),
    Case("ML021", OK, ENDPOINT, {"properties": {"publicNetworkAccess": "disabled"}}),
    Case("ML021", BAD, ENDPOINT, {"properties": {"publicNetworkAccess": "Enabled"}}),
    Case("ML021", BAD, ENDPOINT, {"properties": {}}, "publicNetworkAccess is missing"),
    Case("ML021", OPEN, ENDPOINT, {"properties": {"publicNetworkAccess": UNKNOWN}}),
    Case("ML022", OK, ENDPOINT, {"properties": {"authMode": "aadToken"}}),
    Case("ML022", BAD, ENDPOINT, {"properties": {"authMode": "Key"}}, "is 'Key'"),
    Case("ML022", BAD, ENDPOINT, {"properties": {"authMode": "AMLToken"}}),
    Case("ML022", BAD, ENDPOINT, {"properties": {}}, "authMode is missing"),
    Case("ML022", OPEN, ENDPOINT, {"properties": {"authMode": UNKNOWN}}),
    Case(
        "ML022",
        OK,
        ENDPOINT,
        {"properties": {"authMode": "AMLToken"}},
        settings={"allowAmlToken": True},
    ),
    Case(
        "ML022",
        BAD,
        ENDPOINT,
        {"properties": {"authMode": "Key"}},
        settings={"allowAmlToken": True},
    ),
    Case("ML024", OK, REGISTRY, {"publicNetworkAccess": "disabled"}),
    Case("ML024", BAD, REGISTRY, {"publicNetworkAccess": "Enabled"}),
    Case("ML024", BAD, REGISTRY, {}, "publicNetworkAccess is missing"),
    Case("ML024", OPEN, REGISTRY, {"publicNetworkAccess": UNKNOWN}),
    Case(
        "ML025",
        OK,
        DATASTORE,
        {"properties": {"credentials": {"credentialsType": "none"}}},
    ),
    Case(
        "ML025",
        BAD,
        DATASTORE,
        {"properties": {"credentials": {"credentialsType": "AccountKey"}}},
        f"{CREDENTIALS} is 'AccountKey'",
    ),
    Case(
        "ML025",
        BAD,
        DATASTORE,
        {"properties": {"credentials": secret({"credentialsType": "Sas"})}},
        "is [secret]; set it to 'None'",
    ),
    Case("ML025", BAD, DATASTORE, {"properties": {}}, f"{CREDENTIALS} is missing"),
    Case("ML025", OPEN, DATASTORE, {"properties": {"credentials": UNKNOWN}}),
)


def workspace(name: str = "workspace", **inputs: Any) -> Planned:
    """Return a workspace; what it is called is its Azure name too."""
    return Planned(WORKSPACE, name, {**RG, "workspaceName": name, **inputs})


def member(name: Any = "build", of: Any = None, **inputs: Any) -> Planned:
    """Return compute in the plan's workspace."""
    workspace_name = Name("workspace") if of is None else of
    named = {"computeName": name, "workspaceName": workspace_name}
    return Planned(COMPUTE, "compute", {**RG, **named, **inputs})


def images(access: Any = "Disabled") -> Planned:
    """Return a container registry."""
    return Planned(
        "containerregistry:Registry",
        "registry",
        {**RG, "registryName": "cr", "publicNetworkAccess": access},
    )


def deployment(egress: Any, kind: Any = "Managed", of: Any = None) -> Planned:
    """Return a deployment in the plan's workspace."""
    properties = {"endpointComputeType": kind, "egressPublicNetworkAccess": egress}
    return Planned(
        DEPLOYMENT,
        "deployment",
        {
            **RG,
            "workspaceName": Name("workspace") if of is None else of,
            "endpointName": "endpoint",
            "deploymentName": "blue",
            "properties": {k: v for k, v in properties.items() if v is not None},
        },
    )


BUILDS = workspace(containerRegistry=Id("registry"), imageBuildCompute="Build")
BUILDS_NOWHERE = workspace(containerRegistry=Id("registry"))
ELSEWHERE = (
    "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/other/providers/"
    "Microsoft.ContainerRegistry/registries/cr"
)
HUB_MODE = {"isolationMode": "AllowOnlyApprovedOutbound"}

STACK_CASES = (
    StackCase("ML009", OK, "built on a cluster", Plan(images(), BUILDS, member())),
    StackCase(
        "ML009",
        OK,
        "public registry",
        Plan(images("Enabled"), BUILDS_NOWHERE, member()),
    ),
    StackCase(
        "ML009",
        BAD,
        "no compute named",
        Plan(images(), BUILDS_NOWHERE, member()),
        "imageBuildCompute is missing",
    ),
    StackCase(
        "ML009",
        BAD,
        "blank",
        Plan(
            images(), workspace(containerRegistry=Id("registry"), imageBuildCompute="")
        ),
        "imageBuildCompute is missing",
    ),
    StackCase(
        "ML009",
        OPEN,
        "no such compute in the stack",
        Plan(images(), BUILDS, member("train")),
        "imageBuildCompute is 'Build', and this stack has no compute of that name",
    ),
    StackCase(
        "ML009",
        OPEN,
        "compute of another workspace",
        Plan(images(), BUILDS, workspace("other"), member("build", Name("other"))),
        "this stack has no compute of that name",
    ),
    StackCase(
        "ML009",
        OPEN,
        "a compute without a known name",
        Plan(images(), BUILDS, member(Nowhere())),
        "computeName is not known",
    ),
    StackCase(
        "ML009",
        OPEN,
        "unknown name",
        Plan(
            images(),
            workspace(containerRegistry=Id("registry"), imageBuildCompute=Nowhere()),
        ),
        "imageBuildCompute is not known",
    ),
    StackCase("ML009", OPEN, "unknown access", Plan(images(Nowhere()), BUILDS_NOWHERE)),
    StackCase(
        "ML009",
        OPEN,
        "registry of another stack",
        Plan(workspace(containerRegistry=ELSEWHERE)),
        "containerRegistry names no registry of this stack",
    ),
    StackCase(
        "ML009",
        OK,
        "but compute is named",
        Plan(
            workspace(containerRegistry=ELSEWHERE, imageBuildCompute="build"), member()
        ),
    ),
    StackCase("ML009", NONE, "no registry", Plan(workspace())),
    StackCase("ML009", NONE, "project", Plan(images(), workspace(kind="Project"))),
    StackCase("ML009", NONE, "hub", Plan(images(), workspace(kind="hub"))),
    StackCase(
        "ML009",
        OPEN,
        "unknown kind",
        Plan(images(), workspace(kind=Nowhere(), containerRegistry=Id("registry"))),
        "if it is 'Default'",
    ),
    StackCase(
        "ML023", OK, "no public egress", Plan(workspace(), deployment("Disabled"))
    ),
    StackCase(
        "ML023", BAD, "says nothing", Plan(workspace(), deployment(None)), "is missing"
    ),
    StackCase(
        "ML023",
        BAD,
        "public egress",
        Plan(
            workspace(managedNetwork={"isolationMode": "Disabled"}),
            deployment("Enabled"),
        ),
        "properties.egressPublicNetworkAccess is 'Enabled'",
    ),
    StackCase(
        "ML023",
        NONE,
        "managed network",
        Plan(workspace(managedNetwork=HUB_MODE), deployment(None)),
    ),
    StackCase(
        "ML023",
        NONE,
        "managed network of the hub",
        Plan(
            workspace("hub", kind="Hub", managedNetwork=HUB_MODE),
            workspace(kind="Project", hubResourceId=Id("hub")),
            deployment(None),
        ),
    ),
    StackCase(
        "ML023",
        NONE,
        "on Kubernetes",
        Plan(workspace(), deployment(None, "Kubernetes")),
    ),
    StackCase(
        "ML023",
        OPEN,
        "unknown egress",
        Plan(workspace(), deployment(Nowhere())),
        "egressPublicNetworkAccess is not known",
    ),
    StackCase(
        "ML023",
        OPEN,
        "workspace of another stack",
        Plan(deployment(None, of="elsewhere")),
        "does not show whether the workspace has a managed network",
    ),
    StackCase(
        "ML023",
        OPEN,
        "unknown mode",
        Plan(workspace(managedNetwork=Nowhere()), deployment(None)),
        "if it is 'Disabled'",
    ),
    StackCase(
        "ML023",
        OPEN,
        "unknown kind",
        Plan(workspace(), deployment(None, Nowhere())),
        "if it is 'Managed'",
    ),
)
