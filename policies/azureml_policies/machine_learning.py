"""Rules for Azure Machine Learning workspaces and their compute.

A workspace is private only if its own switches say so and its compute has neither a
public address nor keys of its own. Azure's defaults are the open ones, so a property
that is not set counts as open.
"""

from collections.abc import Iterable, Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Undecided,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    must_be_set,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._plan import COMPUTE, WORKSPACE

_MCSB = "Microsoft cloud security benchmark"
_DOCS = "https://learn.microsoft.com/azure/machine-learning"
_KIND = "properties.computeType"
_CLUSTER = "AmlCompute"
_INSTANCE = "ComputeInstance"


@resource_rule(
    id="ML001",
    name="ml-workspace-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(WORKSPACE,),
    controls=(Control(_MCSB, "NS-2"), Control("PCI DSS", "4.0.1")),
    azure_policies=(
        "438c38d2-3772-465a-a9cc-7a6666a275ce",
        "a10ee784-7409-4941-b091-663697637c0f",
    ),
    twins=("psrule:Azure.ML.PublicAccess", "checkov:CKV_AZURE_144"),
    remedy={"publicNetworkAccess": "Disabled"},
    steps="Set publicNetworkAccess to Disabled on the workspace and give it a private "
    "endpoint. allowPublicAccessWhenBehindVnet is another, older switch and does not "
    "close the workspace.",
    url=f"{_DOCS}/how-to-configure-private-link",
)
def workspace_no_public_access(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace is not reachable from public networks."""
    yield from must_be(
        workspace,
        "publicNetworkAccess",
        "Disabled",
        unset="Azure opens a workspace that does not say",
    )


@resource_rule(
    id="ML002",
    name="ml-workspace-no-legacy-public-flag",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(WORKSPACE,),
    controls=(Control(_MCSB, "NS-2", confirmed=False),),
    twins=("psrule:Azure.ML.PublicAccess",),
    remedy={"allowPublicAccessWhenBehindVnet": False},
    steps="Remove allowPublicAccessWhenBehindVnet, or set it to false: true opens the "
    "workspace again although it has a private endpoint.",
    url=f"{_DOCS}/how-to-configure-private-link",
)
def workspace_no_legacy_public_flag(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace does not use the older flag that opens it again."""
    yield from must_be_flag(workspace, "allowPublicAccessWhenBehindVnet", False)


@resource_rule(
    id="ML007",
    name="ml-workspace-datastores-identity",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(
        Control(_MCSB, "IM-1", confirmed=False),
        Control(_MCSB, "IM-3", confirmed=False),
    ),
    remedy={"systemDatastoresAuthMode": "Identity"},
    steps="Set systemDatastoresAuthMode to Identity and give the workspace's identity "
    "its roles on the storage account; shared keys can then be switched off there.",
    url=f"{_DOCS}/how-to-identity-based-service-authentication",
)
def workspace_datastores_identity(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """The system datastores of a workspace use an identity, not account keys."""
    yield from must_be(
        workspace,
        "systemDatastoresAuthMode",
        "Identity",
        unset="Azure uses the storage account's keys",
    )


@resource_rule(
    id="ML008",
    name="ml-workspace-dependencies-explicit",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(WORKSPACE,),
    controls=(
        Control(_MCSB, "AM-2", confirmed=False),
        Control(_MCSB, "IM-1", confirmed=False),
    ),
    steps="Create the storage account, key vault, Application Insights and container "
    "registry in the program and name all four on the workspace. A registry that the "
    "service makes by itself has its admin account on.",
    url=f"{_DOCS}/how-to-secure-workspace-vnet",
)
def workspace_dependencies_explicit(
    workspace: Resource, context: Context
) -> Iterator[Finding]:
    """A workspace names its storage, vault, insights and registry."""
    parts = ("storageAccount", "keyVault", "applicationInsights", "containerRegistry")
    outside = "the service makes its own, outside of these rules"
    findings = (
        finding
        for path in parts
        for finding in must_be_set(workspace, path, unset=outside)
    )
    yield from unless_hub_project(workspace, findings)


@resource_rule(
    id="ML013",
    name="ml-compute-no-public-ip",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(
        Control(_MCSB, "NS-1", confirmed=False),
        Control(_MCSB, "NS-2", confirmed=False),
    ),
    remedy={"properties.properties.enableNodePublicIp": False},
    steps="Set enableNodePublicIp to false on the cluster or instance.",
    url=f"{_DOCS}/how-to-secure-training-vnet",
)
def compute_no_public_ip(compute: Resource, context: Context) -> Iterator[Finding]:
    """Clusters and compute instances have no public IP address."""
    findings = must_be_flag(
        compute,
        "properties.properties.enableNodePublicIp",
        False,
        unset="Azure gives every node a public address",
    )
    yield from _only_for(compute, (_CLUSTER, _INSTANCE), findings)


@stack_rule(
    id="ML014",
    name="ml-compute-in-subnet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(Control(_MCSB, "NS-2"), Control("PCI DSS", "4.0.1")),
    azure_policies=("7804b5c7-01dc-4723-969b-ae300cc07ff1",),
    twins=("psrule:Azure.ML.ComputeVnet",),
    steps="Set properties.properties.subnet.id to a subnet of the private network, or "
    "give the workspace a managed network.",
    url=f"{_DOCS}/how-to-secure-training-vnet",
)
def compute_in_subnet(compute: Resource, context: Context) -> Iterator[Finding]:
    """Clusters and compute instances sit in a subnet, or in a managed network."""
    findings = _in_subnet_or_managed_network(compute, context)
    yield from _only_for(compute, (_CLUSTER, _INSTANCE), findings)


@resource_rule(
    id="ML015",
    name="ml-compute-no-local-auth",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(Control(_MCSB, "IM-1"), Control("PCI DSS", "4.0.1")),
    azure_policies=(
        "e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
        "a6f9a2d0-cff7-4855-83ad-4cd750666512",
    ),
    twins=("psrule:Azure.ML.DisableLocalAuth", "checkov:CKV_AZURE_142"),
    remedy={"properties.disableLocalAuth": True},
    steps="Set properties.disableLocalAuth to true; people sign in with Entra ID.",
    url=f"{_DOCS}/how-to-integrate-azure-policy",
)
def compute_no_local_auth(compute: Resource, context: Context) -> Iterator[Finding]:
    """Compute accepts Entra ID only, no local accounts."""
    yield from must_be_flag(
        compute,
        "properties.disableLocalAuth",
        True,
        unset="Azure leaves local accounts on",
    )


@resource_rule(
    id="ML016",
    name="ml-compute-no-remote-login-port",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(COMPUTE,),
    controls=(Control(_MCSB, "NS-1", confirmed=False),),
    remedy={"properties.properties.remoteLoginPortPublicAccess": "Disabled"},
    steps="Set remoteLoginPortPublicAccess to Disabled on the cluster.",
    url=f"{_DOCS}/how-to-secure-training-vnet",
)
def compute_no_remote_login_port(
    compute: Resource, context: Context
) -> Iterator[Finding]:
    """Clusters do not open the public SSH port of their nodes."""
    findings = must_be(
        compute,
        "properties.properties.remoteLoginPortPublicAccess",
        "Disabled",
        unset="the port is open where the cluster has no network of its own",
    )
    yield from _only_for(compute, (_CLUSTER,), findings)


def unless_hub_project(
    workspace: Resource, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings``, unless the workspace is a project, which leans on its hub.

    Where the kind is not known, a finding may not count: it is undecided.
    """
    kind = workspace.value("kind")
    match kind:
        case Known() if kind.is_any_of(("Project",)):
            raise NotApplicable("a project uses the resources of its hub")
        case Unknown():
            for finding in findings:
                yield undecided(kind, f"if it is not 'Project', {finding.message}")
        case _:
            yield from findings


def _in_subnet_or_managed_network(
    compute: Resource, context: Context
) -> Iterator[Finding]:
    path = "properties.properties.subnet.id"
    network = "the nodes are in a network of Microsoft's"
    missing = next(must_be_set(compute, path, unset=network), None)
    if missing is None:
        return
    workspace = context.stack.resolve(
        compute, compute.value("workspaceName"), WORKSPACE
    ).certain
    if workspace is None:
        yield Undecided(
            "workspaceName",
            f"{path} is not set, and this stack does not show whether the workspace "
            "has a managed network; set a subnet, or declare the workspace here",
        )
        return
    mode = workspace.value("managedNetwork.isolationMode")
    match mode:
        case Known() if not mode.is_any_of(("Disabled",)):
            return
        case Unknown():
            yield undecided(mode, f"{path} is not set, so it must not be 'Disabled'")
        case _:
            yield missing


def _only_for(
    compute: Resource, kinds: tuple[str, ...], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings`` for these kinds of compute; others are not concerned.

    Where the kind is not known, a finding may not count: it is undecided. A compute
    that has no kind is not passed over: Azure would refuse it.
    """
    kind = compute.value(_KIND)
    wanted = " or ".join(kinds)
    match kind:
        case Known() if kind.is_any_of(kinds):
            yield from findings
        case Known(value=str(), is_blank=False):
            raise NotApplicable(f"judges compute of kind {wanted}")
        case Unknown():
            for finding in findings:
                yield undecided(kind, f"if it is {wanted}, {finding.message}")
        case Known(is_blank=False):
            yield Violation(kind.path, f"{_KIND} is {kind.text}; set it to its kind")
        case _:
            yield Violation(
                _KIND, f"{_KIND} is missing, so nothing can be judged; set it"
            )
