"""Rules for clusters and compute instances alike: where they sit and who gets in.

Azure's defaults are the open ones, so a property that is not set counts as open.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Resource,
    Undecided,
    Unknown,
    must_be,
    must_be_flag,
    must_be_set,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB, PCI, assigned
from azureml_policies._plan import COMPUTE, WORKSPACE
from azureml_policies._workspaces import (
    DOCS,
    is_managed,
    isolation_mode,
)
from azureml_policies.machine_learning._compute import (
    CLUSTER,
    INSTANCE,
    example,
    only_for,
)

_TRAINING_DOCS = f"{DOCS}/how-to-secure-training-vnet"
_SUBNET_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Network/virtualNetworks/vnet-ml/subnets/training"
)


@resource_rule(
    id="ML013",
    name="ml-compute-no-public-ip",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(
        assigned("NS-1"),
        assigned("NS-2"),
    ),
    remedy={"properties.properties.enableNodePublicIp": False},
    steps="Set enableNodePublicIp to false on the cluster or instance.",
    url=_TRAINING_DOCS,
    bad=example(CLUSTER),
    good=example(CLUSTER, enableNodePublicIp=False),
)
def compute_no_public_ip(compute: Resource, context: Context) -> Iterator[Finding]:
    """Clusters and compute instances have no public IP address."""
    findings = must_be_flag(
        compute,
        "properties.properties.enableNodePublicIp",
        False,
        unset="Azure gives every node a public address",
    )
    yield from only_for(compute, (CLUSTER, INSTANCE), findings)


@stack_rule(
    id="ML014",
    name="ml-compute-in-subnet",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(Control(MCSB, "NS-2"), Control(PCI, "4.0.1")),
    azure_policies=("7804b5c7-01dc-4723-969b-ae300cc07ff1",),
    twins=("psrule:Azure.ML.ComputeVnet",),
    steps="Set properties.properties.subnet.id to a subnet of the private network, or "
    "give the workspace a managed network.",
    url=_TRAINING_DOCS,
    bad=[
        {
            "type": WORKSPACE,
            "name": "workspace",
            "properties": {"workspaceName": "mlw"},
        },
        {
            "type": COMPUTE,
            "name": "cluster",
            "properties": {"workspaceName": "mlw", **example(CLUSTER)},
        },
    ],
    good=[
        {
            "type": WORKSPACE,
            "name": "workspace",
            "properties": {"workspaceName": "mlw"},
        },
        {
            "type": COMPUTE,
            "name": "cluster",
            "properties": {
                "workspaceName": "mlw",
                **example(CLUSTER, subnet={"id": _SUBNET_ID}),
            },
        },
    ],
)
def compute_in_subnet(compute: Resource, context: Context) -> Iterator[Finding]:
    """Clusters and compute instances sit in a subnet, or in a managed network."""
    findings = _in_subnet_or_managed_network(compute, context)
    yield from only_for(compute, (CLUSTER, INSTANCE), findings)


@resource_rule(
    id="ML015",
    name="ml-compute-no-local-auth",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(COMPUTE,),
    controls=(Control(MCSB, "IM-1"), Control(PCI, "4.0.1")),
    azure_policies=(
        "e96a9a5f-07ca-471b-9bc5-6a0f33cbd68f",
        "a6f9a2d0-cff7-4855-83ad-4cd750666512",
    ),
    twins=("psrule:Azure.ML.DisableLocalAuth", "checkov:CKV_AZURE_142"),
    remedy={"properties.disableLocalAuth": True},
    steps="Set properties.disableLocalAuth to true; people sign in with Entra ID.",
    url=f"{DOCS}/how-to-integrate-azure-policy",
    bad={"properties": {"computeType": CLUSTER}},
    good={"properties": {"computeType": CLUSTER, "disableLocalAuth": True}},
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
    controls=(assigned("NS-1"),),
    remedy={"properties.properties.remoteLoginPortPublicAccess": "Disabled"},
    steps="Set remoteLoginPortPublicAccess to Disabled on the cluster.",
    url=_TRAINING_DOCS,
    bad=example(CLUSTER, remoteLoginPortPublicAccess="NotSpecified"),
    good=example(CLUSTER, remoteLoginPortPublicAccess="Disabled"),
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
    yield from only_for(compute, (CLUSTER,), findings)


def _in_subnet_or_managed_network(
    compute: Resource, context: Context
) -> Iterator[Finding]:
    path = "properties.properties.subnet.id"
    network = "the nodes are in a network of Microsoft's"
    missing = next(must_be_set(compute, path, unset=network), None)
    if missing is None:
        return
    mode = isolation_mode(compute, context)
    if mode is None:
        yield Undecided(
            "workspaceName",
            f"{path} is not set, and this stack does not show whether the workspace "
            "has a managed network; set a subnet, or declare the workspace here",
        )
        return
    match is_managed(mode):
        case Unknown() as unknown:
            yield undecided(unknown, f"{path} is not set, so it must not be 'Disabled'")
        case False:
            yield missing
        case True:
            return
