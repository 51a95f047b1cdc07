"""Cases of the rules for clusters and compute instances."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Name, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

WORKSPACE = "machinelearningservices:Workspace"
COMPUTE = "machinelearningservices:Compute"


def compute(kind: Any = "AmlCompute", **properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute of ``kind``."""
    return {"properties": {"computeType": kind, "properties": properties}}


def instance(**properties: Any) -> dict[str, Any]:
    """Return the inputs of a compute instance."""
    return compute("ComputeInstance", **properties)


def ssh(access: Any) -> dict[str, Any]:
    """Return an instance whose SSH port is as ``access`` says."""
    return instance(sshSettings={"sshPublicAccess": access})


RESOURCE_CASES = (
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
    Case("ML018", OK, COMPUTE, instance(applicationSharingPolicy="Personal")),
    Case("ML018", BAD, COMPUTE, instance(applicationSharingPolicy="Shared")),
    Case("ML018", BAD, COMPUTE, instance(), "applicationSharingPolicy is missing"),
    Case("ML018", OPEN, COMPUTE, instance(applicationSharingPolicy=UNKNOWN)),
    Case("ML018", NONE, COMPUTE, compute()),
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
    Case("ML020", OK, COMPUTE, compute(scaleSettings={"minNodeCount": 0})),
    Case("ML020", OK, COMPUTE, compute()),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": 1}), "is 1"),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": "0"}), "'0'"),
    Case("ML020", BAD, COMPUTE, compute(scaleSettings={"minNodeCount": False})),
    Case("ML020", OPEN, COMPUTE, compute(scaleSettings={"minNodeCount": UNKNOWN})),
    Case("ML020", NONE, COMPUTE, instance()),
)


def workspace(name: str = "workspace", **inputs: Any) -> Planned:
    """Return a workspace; what it is called is its Azure name too."""
    return Planned(WORKSPACE, name, {**RG, "workspaceName": name, **inputs})


def member(name: Any = "build", of: Any = None, **inputs: Any) -> Planned:
    """Return compute in the plan's workspace."""
    workspace_name = Name("workspace") if of is None else of
    named = {"computeName": name, "workspaceName": workspace_name}
    return Planned(COMPUTE, "compute", {**RG, **named, **inputs})


ELSEWHERE = (
    "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/other/"
    "providers/Microsoft.MachineLearningServices/workspaces/hub"
)
HUB_MODE = {"isolationMode": "AllowOnlyApprovedOutbound"}

STACK_CASES = (
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
)
