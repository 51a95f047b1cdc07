"""Rules for compute instances, and for what idle compute costs.

An instance is one person's machine: it neither listens to the Internet nor runs while
nobody works on it.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    FromSetting,
    Known,
    Resource,
    Unknown,
    Violation,
    must_be,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import COMPUTE
from azureml_policies._workspaces import DOCS
from azureml_policies.machine_learning._compute import (
    CLUSTER,
    INSTANCE,
    example,
    only_for,
)
from azureml_rulebook.compute import (
    LONGEST_IDLE_MINUTES,
    SHORTEST_IDLE_MINUTES,
    duration,
    minutes_of,
)

_INSTANCE_DOCS = f"{DOCS}/how-to-create-compute-instance"
_SSH = "properties.properties.sshSettings.sshPublicAccess"
_SHARING = "properties.properties.applicationSharingPolicy"
_IDLE = "properties.properties.idleTimeBeforeShutdown"
_LEAST_NODES = "properties.properties.scaleSettings.minNodeCount"
_MAXIMUM = "maximumMinutes"


@resource_rule(
    id="ML017",
    name="ml-instance-no-public-ssh",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(COMPUTE,),
    controls=(assigned("NS-1"),),
    remedy={_SSH: "Disabled"},
    steps="Set sshSettings.sshPublicAccess to Disabled; whoever needs a shell has one "
    "in the studio, or in VS Code.",
    url=_INSTANCE_DOCS,
    bad=example(INSTANCE, sshSettings={"sshPublicAccess": "Enabled"}),
    good=example(INSTANCE, sshSettings={"sshPublicAccess": "Disabled"}),
)
def instance_no_public_ssh(compute: Resource, context: Context) -> Iterator[Finding]:
    """Compute instances do not open their SSH port."""
    # Azure closes the port of an instance that does not say.
    findings = must_be(compute, _SSH, "Disabled")
    yield from only_for(compute, (INSTANCE,), findings)


@resource_rule(
    id="ML018",
    name="ml-instance-personal",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(COMPUTE,),
    controls=(assigned("PA-7"),),
    remedy={_SHARING: "Personal"},
    steps="Set applicationSharingPolicy to Personal: what runs on an instance acts as "
    "the person that it belongs to.",
    url=_INSTANCE_DOCS,
    bad=example(INSTANCE, applicationSharingPolicy="Shared"),
    good=example(INSTANCE, applicationSharingPolicy="Personal"),
)
def instance_personal(compute: Resource, context: Context) -> Iterator[Finding]:
    """Applications on a compute instance are for its owner only."""
    findings = must_be(
        compute,
        _SHARING,
        "Personal",
        unset="Azure shares applications with everybody in the workspace",
    )
    yield from only_for(compute, (INSTANCE,), findings)


@resource_rule(
    id="ML019",
    name="ml-instance-idle-shutdown",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(COMPUTE,),
    settings={
        _MAXIMUM: {
            "type": "integer",
            "minimum": SHORTEST_IDLE_MINUTES,
            "default": 120,
            "description": "After how many minutes without use an instance is stopped "
            f"at the latest; Azure takes {SHORTEST_IDLE_MINUTES} to "
            f"{LONGEST_IDLE_MINUTES}",
        }
    },
    azure_policies=("679ddf89-ab8f-48a5-9029-e76054077449",),
    twins=("psrule:Azure.ML.ComputeIdleShutdown",),
    remedy={_IDLE: FromSetting(_MAXIMUM, lambda minutes: duration(int(minutes)))},
    steps="Set idleTimeBeforeShutdown to an ISO 8601 duration such as PT60M when the "
    "instance is made.",
    url=f"{_INSTANCE_DOCS}#configure-idle-shutdown",
    bad=example(INSTANCE),
    good=example(INSTANCE, idleTimeBeforeShutdown="PT60M"),
)
def instance_idle_shutdown(compute: Resource, context: Context) -> Iterator[Finding]:
    """A compute instance that nobody uses is stopped."""
    findings = _idle_findings(compute, context.settings[_MAXIMUM])
    yield from only_for(compute, (INSTANCE,), findings)


@resource_rule(
    id="ML020",
    name="ml-cluster-scale-to-zero",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(COMPUTE,),
    twins=("checkov:CKV_AZURE_150",),
    remedy={_LEAST_NODES: 0},
    steps="Set scaleSettings.minNodeCount to 0. Where jobs must not wait for nodes, as "
    "in production, set the policy to disabled in that environment's configuration.",
    url=f"{DOCS}/how-to-create-attach-compute-cluster",
    bad=example(CLUSTER, scaleSettings={"minNodeCount": 2, "maxNodeCount": 4}),
    good=example(CLUSTER, scaleSettings={"minNodeCount": 0, "maxNodeCount": 4}),
)
def cluster_scale_to_zero(compute: Resource, context: Context) -> Iterator[Finding]:
    """A cluster without jobs has no nodes."""
    yield from only_for(compute, (CLUSTER,), _least_nodes_findings(compute))


def _idle_findings(compute: Resource, maximum: float) -> Iterator[Finding]:
    wanted = f"'{duration(int(maximum))}' or less"
    match compute.value(_IDLE):
        case Unknown() as unknown:
            yield undecided(unknown, f"it has to be {wanted}")
        case Known(value=str() as text, is_blank=False) as idle:
            minutes = minutes_of(text)
            if minutes is None:
                yield Violation(
                    _IDLE,
                    f"{_IDLE} is {idle.text}, which is no time; set it to {wanted}",
                )
            elif minutes > maximum:
                yield Violation(_IDLE, f"{_IDLE} is {idle.text}; set it to {wanted}")
        case Known(is_blank=False) as idle:
            yield Violation(_IDLE, f"{_IDLE} is {idle.text}; set it to {wanted}")
        case _:
            yield Violation(
                _IDLE,
                f"{_IDLE} is missing: it runs until somebody stops it; set it to "
                f"{wanted}",
            )


def _least_nodes_findings(compute: Resource) -> Iterator[Finding]:
    match compute.value(_LEAST_NODES):
        case Unknown() as unknown:
            yield undecided(unknown, "it has to be 0")
        case Known(value=float(0)):
            return
        case Known() as count:
            yield Violation(
                _LEAST_NODES, f"{_LEAST_NODES} is {count.text}; set it to 0"
            )
        case _:
            # Azure keeps no nodes where nobody asks for them.
            return
