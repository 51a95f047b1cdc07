"""Rules for private endpoints: who has one, and whether its names resolve.

Which endpoints and zones a service needs stands in the rulebook. What the plan has is
joined by Azure ids and dependency edges, so that the answers at preview are those of
the deployment; what cannot be joined is undecided.
"""

from collections.abc import Iterator
from functools import partial

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._endpoint_examples import service_example, shown_with_endpoints
from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_2, CIS_3, MCSB, NIST
from azureml_policies._plan import (
    ACCOUNT,
    REGISTRY,
    VAULT,
    WORKSPACE,
    Target,
    connections,
)
from azureml_policies._workspaces import unless_hub_project
from azureml_rulebook import dns_zones
from azureml_rulebook.private_endpoints import missing_groups

_BATCH_TYPES = (
    "machinelearningservices:BatchEndpoint",
    "machinelearningservices:BatchDeployment",
)


_ENDPOINT_DOCS = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet"
)

_WORKSPACE_OF_ACCOUNT = service_example("workspace", storageAccount={"ref": "account"})

MANUAL_APPROVAL = {
    "acceptManualApproval": {
        "type": "boolean",
        "default": False,
        "description": "Count connections that wait for somebody's approval; until "
        "then the service is not reachable through them",
    }
}
_BATCH = {
    "batch": {
        "type": "boolean",
        "default": False,
        "description": "The workspaces run batch endpoints or parallel jobs, so their "
        "accounts need queue and table endpoints too; a batch endpoint in the stack "
        "says so by itself",
    }
}


@stack_rule(
    id="PE001",
    name="pe-for-workspace",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(WORKSPACE,),
    settings=MANUAL_APPROVAL,
    controls=(
        Control(MCSB, "NS-2"),
        Control(NIST, "SC-7"),
        Control(NIST, "AC-4"),
        Control(NIST, "AC-17"),
    ),
    azure_policies=("45e05259-1eb5-4f70-9574-baf73e9d219b",),
    twins=("checkov:CKV_AZURE_243",),
    steps="Add a network.PrivateEndpoint whose connection names the workspace and the "
    "group id amlworkspace.",
    url=_ENDPOINT_DOCS,
    bad=shown_with_endpoints("workspace"),
    good=shown_with_endpoints("workspace", "amlworkspace"),
)
def endpoint_for_workspace(workspace: Resource, context: Context) -> Iterator[Finding]:
    """A workspace has a private endpoint."""
    findings = missing_endpoints(Target(workspace), context, dns_zones.WORKSPACE)
    yield from unless_hub_project(workspace, findings)


@stack_rule(
    id="PE002",
    name="pe-for-storage",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ACCOUNT, WORKSPACE),
    settings=MANUAL_APPROVAL | _BATCH,
    controls=(
        Control(MCSB, "NS-2"),
        Control(CIS_3, "4.9"),
        Control(CIS_2, "3.10"),
    ),
    azure_policies=("6edd7eda-6dd8-40f7-810d-67160c639cd9",),
    twins=("checkov:CKV2_AZURE_33",),
    steps="Add one network.PrivateEndpoint per group id: blob and file for a "
    "workspace's account, dfs with hierarchical namespace, queue and table with batch "
    "endpoints. Any other account needs at least one.",
    url=_ENDPOINT_DOCS,
    bad=[*shown_with_endpoints("account", "blob"), _WORKSPACE_OF_ACCOUNT],
    good=[*shown_with_endpoints("account", "blob", "file"), _WORKSPACE_OF_ACCOUNT],
)
def endpoints_for_storage(subject: Resource, context: Context) -> Iterator[Finding]:
    """A storage account has the private endpoints that its use needs."""
    stack = context.stack
    target = _target(subject, context, "storageAccount", ACCOUNT)
    batch = context.settings["batch"] or bool(stack.of_type(*_BATCH_TYPES))
    missing = partial(
        missing_endpoints, target, context, dns_zones.STORAGE_ACCOUNT, batch=batch
    )
    if target.resource is None:
        yield from missing()
        return
    used = stack.once(_account_uses).get(subject.urn)
    if used is None:
        yield from _no_endpoint_at_all(target, context)
        return
    namespace = subject.value("isHnsEnabled")
    hierarchical = isinstance(namespace, Known) and namespace.value is True
    findings = list(missing(hierarchical_namespace=hierarchical))
    if not isinstance(used, bool):
        findings = [
            undecided(used, f"if it is {target.label}: {finding.message}")
            for finding in findings
        ]
    yield from findings
    if isinstance(namespace, Unknown):
        for finding in missing(hierarchical_namespace=True):
            if finding not in findings:
                yield undecided(namespace, f"if it is true: {finding.message}")


@stack_rule(
    id="PE003",
    name="pe-for-keyvault",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(VAULT, WORKSPACE),
    settings=MANUAL_APPROVAL,
    controls=(
        Control(MCSB, "NS-2"),
        Control(MCSB, "DP-8"),
        Control(CIS_2, "8.7"),
    ),
    azure_policies=("a6abeaec-4d90-4a02-805f-6b26c4d3fbe9",),
    twins=("checkov:CKV2_AZURE_32",),
    steps="Add a network.PrivateEndpoint whose connection names the vault and the "
    "group id vault.",
    url=_ENDPOINT_DOCS,
    bad=shown_with_endpoints("vault"),
    good=shown_with_endpoints("vault", "vault"),
)
def endpoint_for_vault(subject: Resource, context: Context) -> Iterator[Finding]:
    """A key vault has a private endpoint."""
    target = _target(subject, context, "keyVault", VAULT)
    yield from missing_endpoints(target, context, dns_zones.KEY_VAULT)


@stack_rule(
    id="PE004",
    name="pe-for-registry",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(REGISTRY, WORKSPACE),
    settings=MANUAL_APPROVAL,
    controls=(Control(MCSB, "NS-2"),),
    azure_policies=("e8eef0a8-67cf-4eb4-9386-14b0e78733d4",),
    steps="Add a network.PrivateEndpoint whose connection names the registry and the "
    "group id registry.",
    url=_ENDPOINT_DOCS,
    bad=shown_with_endpoints("registry"),
    good=shown_with_endpoints("registry", "registry"),
)
def endpoint_for_registry(subject: Resource, context: Context) -> Iterator[Finding]:
    """A container registry has a private endpoint."""
    target = _target(subject, context, "containerRegistry", REGISTRY)
    yield from missing_endpoints(target, context, dns_zones.CONTAINER_REGISTRY)


def _target(subject: Resource, context: Context, path: str, type_name: str) -> Target:
    """Return what is judged: ``subject``, or what a workspace names outside the stack.

    Raises NotApplicable for a workspace that names a resource of this stack: that one
    is a subject of its own.
    """
    if subject.key != WORKSPACE.lower():
        return Target(subject)
    reference = context.stack.resolve(subject, subject.value(path), type_name)
    reading = reference.reading
    if isinstance(reading, Absent) or isinstance(reading, Known) and reading.is_blank:
        raise NotApplicable(f"a workspace without {path}")
    if reference.certain is not None or reference.possible:
        raise NotApplicable(f"the resource that {path} names is judged itself")
    unknown = reading if isinstance(reading, Unknown) else None
    return Target(None, path=path, elsewhere=reference.elsewhere, unknown=unknown)


def missing_endpoints(
    target: Target,
    context: Context,
    arm_type: str,
    *,
    hierarchical_namespace: bool = False,
    batch: bool = False,
) -> Iterator[Finding]:
    """Yield a finding per endpoint that ``target`` needs and does not surely have."""
    found = context.stack.once(connections).to(
        target, accept_manual=context.settings["acceptManualApproval"]
    )
    missing = partial(
        missing_groups,
        arm_type,
        hierarchical_namespace=hierarchical_namespace,
        batch=batch,
    )
    perhaps = missing(found.groups)
    surely = missing(found.groups | found.possible_groups)
    for finding in perhaps:
        if finding not in surely:
            yield undecided(found.unknown, f"{target.label}: {finding.message}")
        elif target.unknown is not None:
            yield undecided(target.unknown, finding.message)
        elif target.resource is None:
            yield Undecided(
                target.path,
                f"{target.path} names a resource outside of this stack: "
                f"{finding.message}, or judge the stack that holds it",
            )
        else:
            waiting = (
                "; a manual connection waits for approval" if found.waiting else ""
            )
            yield Violation("", f"{target.label}: {finding.message}{waiting}")


def _no_endpoint_at_all(target: Target, context: Context) -> Iterator[Finding]:
    """Yield a finding if ``target`` has no endpoint, whatever its group id."""
    found = context.stack.once(connections).to(
        target, accept_manual=context.settings["acceptManualApproval"]
    )
    if found.groups:
        return
    message = f"{target.label}: no private endpoint; add one for each service in use"
    if found.possible_groups:
        yield undecided(found.unknown, message)
    else:
        yield Violation("", message)


def _account_uses(stack: Stack) -> dict[str, Reading | bool]:
    """Return the accounts that workspaces use, by URN.

    True where that is certain, else the value that leaves it open.
    """
    uses: dict[str, Reading | bool] = {}
    for workspace in stack.of_type(WORKSPACE):
        reading = workspace.value("storageAccount")
        reference = stack.resolve(workspace, reading, ACCOUNT)
        if reference.certain is not None:
            uses[reference.certain.urn] = True
            continue
        open_to = stack.of_type(ACCOUNT) if reference.anything else reference.possible
        for account in open_to:
            uses.setdefault(account.urn, reading)
    return uses
