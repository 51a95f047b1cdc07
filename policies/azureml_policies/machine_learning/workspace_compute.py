"""Rules for what a workspace says about its compute: image builds and serverless jobs.

Both run somewhere even where the program makes no compute of its own.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Undecided,
    Unknown,
    Violation,
    must_be_flag,
    must_be_set,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import COMPUTE, REGISTRY, WORKSPACE
from azureml_policies._workspaces import (
    DOCS,
    perhaps,
    unless_hub_project,
    unless_managed_network,
)
from azureml_rulebook.compute import IMAGE_BUILD_PAGE, KINDS_WITH_CLUSTERS

_BUILD = "imageBuildCompute"
_SERVERLESS = "serverlessComputeSettings"
_SUBNET_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/virtualNetworks/vnet-ml/subnets/training"
)
_REGISTRY_EXAMPLE = {
    "type": REGISTRY,
    "name": "registry",
    "properties": {"registryName": "crml", "publicNetworkAccess": "Disabled"},
}
_WORKSPACE_EXAMPLE = {
    "workspaceName": "mlw",
    "containerRegistry": {"ref": "registry"},
}


@stack_rule(
    id="ML009",
    name="ml-workspace-image-build-compute",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(WORKSPACE,),
    steps="Create a cluster of CPU nodes in the workspace and name it in "
    "imageBuildCompute: a registry without public access does not build images.",
    url=IMAGE_BUILD_PAGE,
    bad=[
        _REGISTRY_EXAMPLE,
        {"type": WORKSPACE, "name": "workspace", "properties": _WORKSPACE_EXAMPLE},
    ],
    good=[
        _REGISTRY_EXAMPLE,
        {
            "type": WORKSPACE,
            "name": "workspace",
            "properties": {**_WORKSPACE_EXAMPLE, _BUILD: "build"},
        },
        {
            "type": COMPUTE,
            "name": "build",
            "properties": {"workspaceName": "mlw", "computeName": "build"},
        },
    ],
)
def workspace_image_build_compute(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace with a private registry builds images on compute of its own."""
    kind = workspace.value("kind")
    if isinstance(kind, Known) and not kind.is_any_of(KINDS_WITH_CLUSTERS):
        raise NotApplicable(f"a workspace of kind {kind.text} has no clusters")
    findings = _if_registry_is_private(workspace, context)
    if isinstance(kind, Unknown):
        findings = perhaps(kind, f"it is '{KINDS_WITH_CLUSTERS[0]}'", findings)
    yield from findings


@resource_rule(
    id="ML010",
    name="ml-workspace-serverless-private",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(assigned("NS-1"), assigned("NS-2")),
    remedy={f"{_SERVERLESS}.serverlessComputeNoPublicIP": True},
    steps="Set serverlessComputeNoPublicIP to true and serverlessComputeCustomSubnet "
    "to a subnet of the private network, or give the workspace a managed network: "
    "every workspace has serverless compute.",
    url=f"{DOCS}/how-to-use-serverless-compute",
    bad={_SERVERLESS: {"serverlessComputeCustomSubnet": _SUBNET_ID}},
    good={
        _SERVERLESS: {
            "serverlessComputeCustomSubnet": _SUBNET_ID,
            "serverlessComputeNoPublicIP": True,
        }
    },
)
def workspace_serverless_private(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """Serverless compute sits in a subnet and has no public address."""
    findings = (
        *must_be_flag(
            workspace,
            f"{_SERVERLESS}.serverlessComputeNoPublicIP",
            True,
            unset="Azure gives serverless nodes public addresses",
        ),
        *must_be_set(
            workspace,
            f"{_SERVERLESS}.serverlessComputeCustomSubnet",
            unset="serverless nodes are in a network of Microsoft's",
        ),
    )
    yield from unless_hub_project(
        workspace, unless_managed_network(workspace, findings)
    )


def _if_registry_is_private(workspace: Resource, context: Context) -> Iterator[Finding]:
    missing = next(_build_findings(workspace, context), None)
    if missing is None:
        return
    reference = context.stack.resolve(
        workspace, workspace.value("containerRegistry"), REGISTRY
    )
    if reference.certain is None:
        if isinstance(reference.reading, Absent):
            raise NotApplicable("a registry that the service makes builds images")
        yield Undecided(
            "containerRegistry",
            "containerRegistry names no registry of this stack for certain: if it is "
            f"private, {missing.message}",
        )
        return
    access = reference.certain.value("publicNetworkAccess")
    match access:
        case Unknown():
            yield from perhaps(access, "the registry is private", [missing])
        case Known() if access.is_any_of(("Disabled",)):
            yield missing


def _build_findings(workspace: Resource, context: Context) -> Iterator[Finding]:
    reading = workspace.value(_BUILD)
    if isinstance(reading, Unknown):
        yield undecided(reading, "it has to name compute of the workspace")
        return
    if isinstance(reading, Absent) or reading.is_blank:
        yield Violation(
            _BUILD,
            f"{_BUILD} is missing: a private registry cannot build images; set it to "
            "the name of a cluster",
        )
        return
    built_on = str(reading.value).lower()
    for compute in context.stack.of_type(COMPUTE):
        name = compute.value("computeName")
        in_it = context.stack.resolve(
            compute, compute.value("workspaceName"), WORKSPACE
        )
        if not (in_it.certain is workspace or in_it.may_be(workspace)):
            continue
        if not isinstance(name, Known):
            yield undecided(name, f"it has to be {reading.text} on one of them")
            return
        if str(name.value).lower() == built_on:
            return
    yield Undecided(
        _BUILD,
        f"{_BUILD} is {reading.text}, and this stack has no compute of that name in "
        "the workspace; declare it here, or correct the name",
    )
