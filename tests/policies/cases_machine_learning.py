"""Cases of the rules for Azure Machine Learning that judge one resource, or a plan."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Name, Nowhere, Plan, Planned, secret
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"
OUTBOUND_RULE = "machinelearningservices:ManagedNetworkSettingsRule"
ENDPOINT = "machinelearningservices:OnlineEndpoint"
DEPLOYMENT = "machinelearningservices:OnlineDeployment"
REGISTRY = "machinelearningservices:Registry"
DATASTORE = "machinelearningservices:Datastore"
MODE = "managedNetwork"


def compute(kind: Any = "AmlCompute", **properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute of ``kind``."""
    return {"properties": {"computeType": kind, "properties": properties}}


def parts(**changes: Any) -> dict[str, Any]:
    """Return the four resources that a workspace names."""
    four = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")
    return {key: UNKNOWN for key in four} | changes


def instance(**properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute instance."""
    return compute("ComputeInstance", **properties)


def ssh(access: Any) -> dict[str, Any]:
    """Return an instance whose SSH port is as ``access`` says."""
    return instance(sshSettings={"sshPublicAccess": access})


def isolation(mode: Any, **others: Any) -> dict[str, Any]:
    """Return a workspace with that isolation mode."""
    return {"managedNetwork": {"isolationMode": mode}, **others}


def outbound(**rules: Any) -> dict[str, Any]:
    """Return a workspace with outbound rules inline."""
    return {"managedNetwork": {"outboundRules": rules}}


def host(destination: Any) -> dict[str, Any]:
    """Return an outbound rule for a host."""
    return {"type": "FQDN", "destination": destination}


def tag(**destination: Any) -> dict[str, Any]:
    """Return an outbound rule for a service tag, a narrow one but for the changes."""
    narrow = {"serviceTag": "DataFactory", "protocol": "TCP", "portRanges": "443"}
    merged = {**narrow, **destination}
    kept = {key: value for key, value in merged.items() if value is not None}
    return {"type": "ServiceTag", "destination": kept}


def alone(rule: Any) -> dict[str, Any]:
    """Return an outbound rule as a resource of its own."""
    return {"ruleName": "rule", "workspaceName": "mlw", "properties": rule}


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


PRIVATE_RULE = {
    "type": "PrivateEndpoint",
    "destination": {"serviceResourceId": UNKNOWN},
}
OPEN_MODE = {"allowedModes": ["AllowInternetOutbound"]}
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
    Case("ML013", OK, COMPUTE, compute(enableNodePublicIp=False)),
    Case("ML013", OK, COMPUTE, compute(UNKNOWN, enableNodePublicIp=False)),
    Case("ML013", BAD, COMPUTE, compute(enableNodePublicIp=True), "is true"),
    Case("ML013", BAD, COMPUTE, compute(), "enableNodePublicIp is missing"),
    Case("ML013", BAD, COMPUTE, instance(), "is missing"),
    Case("ML013", BAD, COMPUTE, compute(enableNodePublicIp="false"), "'false'"),
    Case("ML013", OPEN, COMPUTE, compute(enableNodePublicIp=UNKNOWN)),
    Case("ML013", OPEN, COMPUTE, {"properties": UNKNOWN}, "properties is not known"),
    Case("ML013", OPEN, COMPUTE, compute(UNKNOWN), "properties.computeType"),
    Case("ML013", NONE, COMPUTE, compute("Kubernetes")),
    Case("ML013", NONE, COMPUTE, compute("aks", enableNodePublicIp=True)),
    Case("ML013", BAD, COMPUTE, {}, "properties.computeType is missing"),
    Case("ML013", BAD, COMPUTE, {"properties": {"properties": {}}}, "is missing"),
    Case("ML013", BAD, COMPUTE, compute(" "), "properties.computeType is missing"),
    Case("ML013", BAD, COMPUTE, compute(1.0), "properties.computeType is 1"),
    Case("ML013", OPEN, COMPUTE, compute(UNKNOWN, enableNodePublicIp=UNKNOWN)),
    Case("ML015", OK, COMPUTE, {"properties": {"disableLocalAuth": True}}),
    Case("ML015", BAD, COMPUTE, {"properties": {"disableLocalAuth": False}}),
    Case("ML015", BAD, COMPUTE, {"properties": {}}, "disableLocalAuth is missing"),
    Case("ML015", OPEN, COMPUTE, {"properties": {"disableLocalAuth": UNKNOWN}}),
    Case("ML016", OK, COMPUTE, compute(remoteLoginPortPublicAccess="Disabled")),
    Case("ML016", BAD, COMPUTE, compute(remoteLoginPortPublicAccess="NotSpecified")),
    Case("ML016", BAD, COMPUTE, compute(), "is missing"),
    Case("ML016", OPEN, COMPUTE, compute(remoteLoginPortPublicAccess=UNKNOWN)),
    Case("ML016", NONE, COMPUTE, instance()),
    Case("ML016", BAD, COMPUTE, {"properties": {}}, "computeType is missing"),
    Case("ML016", OPEN, COMPUTE, compute(UNKNOWN), "computeType is not known"),
    Case("ML016", OPEN, COMPUTE, {"properties": UNKNOWN}, "properties is not known"),
    Case("ML008", OPEN, WORKSPACE, {"kind": UNKNOWN}, "kind is not known"),
    # ML003
    Case("ML003", OK, WORKSPACE, {"v1LegacyMode": False}),
    Case("ML003", OK, WORKSPACE, {}),
    Case("ML003", BAD, WORKSPACE, {"v1LegacyMode": True}, "is true; set it to false"),
    Case("ML003", OPEN, WORKSPACE, {"v1LegacyMode": UNKNOWN}),
    Case("ML003", OK, WORKSPACE, {"v1LegacyMode": True}, settings={"expected": True}),
    Case("ML003", BAD, WORKSPACE, {}, "is missing", settings={"expected": True}),
    Case("ML003", BAD, WORKSPACE, {"v1LegacyMode": "false"}, "'false'"),
    # ML004
    Case("ML004", OK, WORKSPACE, {}),
    Case("ML004", OK, WORKSPACE, isolation("Disabled")),
    Case("ML004", OK, WORKSPACE, isolation("allowonlyapprovedoutbound")),
    Case("ML004", OK, WORKSPACE, isolation("AllowInternetOutbound"), "", OPEN_MODE),
    Case(
        "ML004",
        BAD,
        WORKSPACE,
        isolation("AllowInternetOutbound"),
        "is 'AllowInternetOutbound'; set it to 'AllowOnlyApprovedOutbound' or",
    ),
    Case("ML004", BAD, WORKSPACE, {}, "no managed network", OPEN_MODE),
    Case("ML004", BAD, WORKSPACE, isolation("Disabled"), "'Disabled'", OPEN_MODE),
    Case("ML004", OPEN, WORKSPACE, isolation(UNKNOWN)),
    Case("ML004", OPEN, WORKSPACE, {MODE: UNKNOWN}, "managedNetwork is not known"),
    Case("ML004", NONE, WORKSPACE, {"kind": "Project"}, "", OPEN_MODE),
    Case(
        "ML004",
        OPEN,
        WORKSPACE,
        isolation("AllowInternetOutbound", kind=UNKNOWN),
        "if it is not 'Project'",
    ),
    # ML005: inline and as resources of their own.
    Case("ML005", OK, WORKSPACE, {}),
    Case("ML005", OK, WORKSPACE, outbound(a=host("pypi.org"), b=tag(), c=PRIVATE_RULE)),
    Case("ML005", OK, WORKSPACE, outbound(a=host("*.pypi.org"))),
    Case("ML005", OK, WORKSPACE, outbound(a={"type": "fqdn", "destination": "a.org"})),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(serviceTag="Internet", action="Deny"))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(protocol="ICMP", portRanges="*"))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=["203.0.113.0/24"]))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=["203.0.113.7"]))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=[]))),
    Case("ML005", OK, OUTBOUND_RULE, alone(host("pypi.org"))),
    Case("ML005", OK, OUTBOUND_RULE, alone(PRIVATE_RULE)),
    Case(
        "ML005",
        BAD,
        WORKSPACE,
        outbound(everything=host("*")),
        "managedNetwork.outboundRules.everything.destination: '*' would open the whole",
    ),
    Case("ML005", BAD, WORKSPACE, outbound(a=host("*.com")), "top-level domain"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host("")), "destination is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a={"type": "FQDN"}), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host(7)), "is 7; set it to a text"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host({"b": 1})), "is a map of 1"),
    Case(
        "ML005",
        BAD,
        WORKSPACE,
        outbound(a=host("*.core.windows.net")),
        "has every storage account below it",
    ),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag="internet")), "'Internet'"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag="AzureCloud.WestEurope"))),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag=None)), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="*")), "opens every port"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="1-65535")), "opens 65535"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="1-40000,30000-50000"))),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="http")), "not a port"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges=None)), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(addressPrefixes=["0.0.0.0/1"])), "/8"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(addressPrefixes=["anywhere"]))),
    Case("ML005", BAD, WORKSPACE, outbound(a={"destination": "a.org"}), "type is miss"),
    Case("ML005", BAD, WORKSPACE, outbound(a="*"), "outboundRules.a.type is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a={"type": "Any"}), "type is 'Any'"),
    Case("ML005", BAD, WORKSPACE, {MODE: {"outboundRules": [1]}}, "is not a map"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host(secret("*.io"))), "opens too much"),
    Case("ML005", BAD, OUTBOUND_RULE, alone(host("*.org")), "properties.destination"),
    Case("ML005", BAD, OUTBOUND_RULE, {}, "properties.type is missing"),
    Case("ML005", OPEN, WORKSPACE, {MODE: UNKNOWN}, "managedNetwork is not known"),
    Case("ML005", OPEN, WORKSPACE, {MODE: {"outboundRules": UNKNOWN}}),
    Case("ML005", OPEN, WORKSPACE, outbound(a=UNKNOWN), "outboundRules.a is not known"),
    Case("ML005", OPEN, WORKSPACE, outbound(a=host(UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(serviceTag=UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(portRanges=UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(addressPrefixes=UNKNOWN))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(serviceTag="Sql", action=UNKNOWN))),
    Case(
        "ML005",
        OPEN,
        WORKSPACE,
        outbound(a=tag(serviceTag="Internet", action=UNKNOWN)),
        "if it is 'Allow'",
    ),
    Case("ML005", OPEN, OUTBOUND_RULE, alone(UNKNOWN), "properties is not known"),
    # ML006
    Case("ML006", OK, WORKSPACE, identity("UserAssigned")),
    Case("ML006", OK, WORKSPACE, identity("SystemAssigned, userassigned")),
    Case("ML006", BAD, WORKSPACE, identity("SystemAssigned"), "is 'SystemAssigned'"),
    Case("ML006", BAD, WORKSPACE, identity("NotUserAssigned"), "'NotUserAssigned'"),
    Case("ML006", BAD, WORKSPACE, identity("UserAssigned", None), "is missing"),
    Case("ML006", BAD, WORKSPACE, {}, "identity.type is missing"),
    Case("ML006", OPEN, WORKSPACE, identity(UNKNOWN)),
    Case("ML006", NONE, WORKSPACE, {"kind": "project"}),
    # ML010
    Case("ML010", OK, WORKSPACE, serverless(UNKNOWN, True)),
    Case("ML010", BAD, WORKSPACE, serverless(UNKNOWN, False), "is false"),
    Case("ML010", BAD, WORKSPACE, serverless(None, True), "Subnet is missing"),
    Case("ML010", BAD, WORKSPACE, {}, "NoPublicIP is missing"),
    Case("ML010", BAD, WORKSPACE, isolation("Disabled"), "NoPublicIP is missing"),
    Case("ML010", OPEN, WORKSPACE, serverless(UNKNOWN, UNKNOWN)),
    Case("ML010", OPEN, WORKSPACE, isolation(UNKNOWN), "if it is 'Disabled'"),
    Case("ML010", NONE, WORKSPACE, isolation("AllowOnlyApprovedOutbound")),
    Case("ML010", NONE, WORKSPACE, {"kind": "Project"}),
    # ML011
    Case("ML011", OK, WORKSPACE, encrypted("Enabled"), "", ON),
    Case("ML011", BAD, WORKSPACE, encrypted("Disabled"), "is 'Disabled'", ON),
    Case("ML011", BAD, WORKSPACE, {}, "keyIdentifier is missing", ON),
    Case("ML011", OPEN, WORKSPACE, encrypted(UNKNOWN), "", ON),
    Case("ML011", NONE, WORKSPACE, {"kind": "Project"}, "", ON),
    # ML012
    Case("ML012", OK, WORKSPACE, {"hbiWorkspace": True}, "", ON),
    Case("ML012", BAD, WORKSPACE, {}, "hbiWorkspace is missing", ON),
    Case("ML012", OK, WORKSPACE, {}, "", ON | {"expected": False}),
    Case("ML012", BAD, WORKSPACE, {"hbiWorkspace": True}, "", ON | {"expected": False}),
    Case("ML012", OPEN, WORKSPACE, {"hbiWorkspace": UNKNOWN}, "", ON),
    Case("ML012", NONE, WORKSPACE, {"kind": "Project"}, "", ON),
    # ML017
    Case("ML017", OK, COMPUTE, ssh("disabled")),
    Case("ML017", OK, COMPUTE, instance()),
    Case("ML017", BAD, COMPUTE, ssh("Enabled"), "sshPublicAccess is 'Enabled'"),
    Case("ML017", OPEN, COMPUTE, ssh(UNKNOWN)),
    Case("ML017", OPEN, COMPUTE, instance(sshSettings=UNKNOWN), "sshSettings is not"),
    Case(
        "ML017",
        OPEN,
        COMPUTE,
        compute(UNKNOWN, sshSettings={"sshPublicAccess": "Enabled"}),
        "if it is ComputeInstance",
    ),
    Case("ML017", NONE, COMPUTE, compute()),
    # ML018
    Case("ML018", OK, COMPUTE, instance(applicationSharingPolicy="Personal")),
    Case("ML018", BAD, COMPUTE, instance(applicationSharingPolicy="Shared")),
    Case("ML018", BAD, COMPUTE, instance(), "applicationSharingPolicy is missing"),
    Case("ML018", OPEN, COMPUTE, instance(applicationSharingPolicy=UNKNOWN)),
    Case("ML018", NONE, COMPUTE, compute()),
    # ML019
    Case("ML019", OK, COMPUTE, instance(idleTimeBeforeShutdown="PT60M")),
    Case("ML019", OK, COMPUTE, instance(idleTimeBeforeShutdown="PT2H")),
    Case("ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown="PT2H1S"), "'PT120M'"),
    Case("ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown="P3D"), "is 'P3D'"),
    Case("ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown="an hour"), "no time"),
    Case("ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown=60), "is 60"),
    Case("ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown=" "), "is missing"),
    Case(
        "ML019", BAD, COMPUTE, instance(idleTimeBeforeShutdown="P" + "9" * 5000 + "D")
    ),
    Case("ML019", BAD, COMPUTE, instance(), "idleTimeBeforeShutdown is missing"),
    Case(
        "ML019",
        OK,
        COMPUTE,
        instance(idleTimeBeforeShutdown="P3D"),
        settings={"maximumMinutes": 4320},
    ),
    Case("ML019", OPEN, COMPUTE, instance(idleTimeBeforeShutdown=UNKNOWN)),
    Case("ML019", NONE, COMPUTE, compute()),
    # ML020
    Case("ML020", OK, COMPUTE, compute(scaleSettings={"minNodeCount": 0})),
    Case("ML020", OK, COMPUTE, compute()),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": 1}), "is 1"),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": "0"}), "'0'"),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": False})),
    Case("ML020", OPEN, COMPUTE, compute(scaleSettings={"minNodeCount": UNKNOWN})),
    Case("ML020", NONE, COMPUTE, instance()),
    # ML021
    Case("ML021", OK, ENDPOINT, {"properties": {"publicNetworkAccess": "disabled"}}),
    Case("ML021", BAD, ENDPOINT, {"properties": {"publicNetworkAccess": "Enabled"}}),
    Case("ML021", BAD, ENDPOINT, {"properties": {}}, "publicNetworkAccess is missing"),
    Case("ML021", OPEN, ENDPOINT, {"properties": {"publicNetworkAccess": UNKNOWN}}),
    # ML022
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
    # ML024
    Case("ML024", OK, REGISTRY, {"publicNetworkAccess": "disabled"}),
    Case("ML024", BAD, REGISTRY, {"publicNetworkAccess": "Enabled"}),
    Case("ML024", BAD, REGISTRY, {}, "publicNetworkAccess is missing"),
    Case("ML024", OPEN, REGISTRY, {"publicNetworkAccess": UNKNOWN}),
    # ML025
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
        "ML014",
        OK,
        "instance of a project, in the managed network of its hub",
        Plan(
            workspace("hub", kind="Hub", managedNetwork=HUB_MODE),
            workspace(kind="Project", hubResourceId=Id("hub")),
            member(**instance()),
        ),
    ),
    StackCase(
        "ML014",
        OPEN,
        "instance of a project whose hub is elsewhere",
        Plan(workspace(kind="Project", hubResourceId=ELSEWHERE), member(**instance())),
        "does not show whether the workspace has a managed network",
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
