"""Rules for online endpoints: how a model is called, and what it may call itself.

An endpoint has its own public switch beside that of the workspace.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Undecided,
    Unknown,
    must_be,
    resource_rule,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import WORKSPACE
from azureml_policies._workspaces import (
    is_managed,
    isolation_mode,
    perhaps,
)
from azureml_rulebook.compute import ONLINE_ENDPOINT_PAGE

ONLINE_ENDPOINT = "machinelearningservices:OnlineEndpoint"
ONLINE_DEPLOYMENT = "machinelearningservices:OnlineDeployment"
_MANAGED = "Managed"
_KIND = "properties.endpointComputeType"
_EGRESS = "properties.egressPublicNetworkAccess"
_WORKSPACE_EXAMPLE = {
    "type": WORKSPACE,
    "name": "workspace",
    "properties": {"workspaceName": "mlw"},
}


@resource_rule(
    id="ML021",
    name="ml-endpoint-no-public-access",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ONLINE_ENDPOINT,),
    controls=(assigned("NS-2"),),
    remedy={"properties.publicNetworkAccess": "Disabled"},
    steps="Set properties.publicNetworkAccess to Disabled: requests then come in by "
    "the private endpoint of the workspace.",
    url=ONLINE_ENDPOINT_PAGE,
    bad={"properties": {"authMode": "AADToken"}},
    good={"properties": {"authMode": "AADToken", "publicNetworkAccess": "Disabled"}},
)
def endpoint_no_public_access(
    endpoint: Resource, context: Context
) -> Iterator[Finding]:
    """An online endpoint is not reachable from public networks."""
    yield from must_be(
        endpoint,
        "properties.publicNetworkAccess",
        "Disabled",
        unset="Azure opens an endpoint that does not say",
    )


@resource_rule(
    id="ML022",
    name="ml-endpoint-aad-auth",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(ONLINE_ENDPOINT,),
    settings={
        "allowAmlToken": {
            "type": "boolean",
            "default": False,
            "description": "Allow AMLToken too: tokens of the workspace, which expire "
            "but name nobody",
        }
    },
    controls=(assigned("IM-1"),),
    steps="Set properties.authMode to AADToken when the endpoint is made: callers sign "
    "in with Microsoft Entra ID, and roles say who may call.",
    url="https://learn.microsoft.com/azure/machine-learning/"
    "how-to-authenticate-online-endpoint",
    bad={"properties": {"authMode": "Key"}},
    good={"properties": {"authMode": "AADToken"}},
)
def endpoint_entra_id(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """Callers of an online endpoint sign in with Entra ID, not with a key."""
    more = ("AMLToken",) if context.settings["allowAmlToken"] else ()
    yield from must_be(
        endpoint,
        "properties.authMode",
        "AADToken",
        *more,
        unset="nothing says how callers sign in",
    )


@stack_rule(
    id="ML023",
    name="ml-deployment-egress-private",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(ONLINE_DEPLOYMENT,),
    controls=(assigned("NS-2"),),
    steps="Give the workspace a managed network, which its deployments then use; "
    "without one, set properties.egressPublicNetworkAccess to Disabled when the "
    "deployment is made.",
    url=ONLINE_ENDPOINT_PAGE,
    bad=[
        _WORKSPACE_EXAMPLE,
        {
            "type": ONLINE_DEPLOYMENT,
            "name": "deployment",
            "properties": {
                "workspaceName": "mlw",
                "properties": {"endpointComputeType": _MANAGED},
            },
        },
    ],
    good=[
        _WORKSPACE_EXAMPLE,
        {
            "type": ONLINE_DEPLOYMENT,
            "name": "deployment",
            "properties": {
                "workspaceName": "mlw",
                "properties": {
                    "endpointComputeType": _MANAGED,
                    "egressPublicNetworkAccess": "Disabled",
                },
            },
        },
    ],
)
def deployment_egress_private(
    deployment: Resource, context: Context
) -> Iterator[Finding]:
    """A deployment calls out by private endpoints, or through a managed network."""
    kind = deployment.value(_KIND)
    if isinstance(kind, Known) and not kind.is_any_of((_MANAGED,)):
        raise NotApplicable("judges deployments on machines of Azure's")
    findings = _open_egress(deployment, context)
    if isinstance(kind, Unknown):
        findings = perhaps(kind, f"it is '{_MANAGED}'", findings)
    yield from findings


def _open_egress(deployment: Resource, context: Context) -> Iterator[Finding]:
    found = next(
        must_be(
            deployment,
            _EGRESS,
            "Disabled",
            unset="Azure lets it call any public address",
        ),
        None,
    )
    if found is None:
        return
    mode = isolation_mode(deployment, context)
    if mode is None:
        yield Undecided(
            "workspaceName",
            "this stack does not show whether the workspace has a managed network; "
            f"unless it has, {found.message}",
        )
        return
    match is_managed(mode):
        case Unknown() as unknown:
            yield from perhaps(unknown, "it is 'Disabled'", [found])
        case False:
            yield found
        case True:
            raise NotApplicable("the managed network decides what it calls")
