"""The rule that whatever a change opens has been approved: flows, and guards alone.

The baseline is a plan as ``python -m review preview`` writes it, or what
``python -m azureml_policies baseline`` keeps of it. Both plans are read as networks, so
that a rule that is moved, merged or renamed changes nothing.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._alike_flows import AlikeFlows, GuardedFlow, alike
from azureml_policies._approved_baselines import difference_from
from azureml_policies._change_approvals import (
    APPROVALS_SCHEMA,
    MAX_DAYS,
    MAX_DAYS_SCHEMA,
    Approvals,
    ChangeApproval,
    read_approvals,
)
from azureml_policies._frame import (
    Approved,
    Context,
    Finding,
    NotApplicable,
    Resource,
    Undecided,
    Violation,
    stack_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._reach import listed_missing
from azureml_policies._reach_examples import (
    outbound,
    shown_group,
    shown_network,
    shown_rule,
    shown_subnet,
)
from azureml_policies._stack_topology import stack_topology
from azureml_reachability.changed_guards import Change, ChangedGuard
from azureml_reachability.guard_difference import PlanDifference
from azureml_reachability.packets import NO_PACKETS
from azureml_reachability.plan_difference import MOST_ASKED, ChangedFlow
from azureml_reachability.questions import Verdict

_WANTED = {
    Change.OPENED: "approve it with owner, reason and expiry, or take it back",
    Change.CLOSED: "approve it, or open it again",
}
_TOLD = 100
"""Findings about flows: a rule that subnets share may change thousands."""
_TRAINING = (
    shown_network(),
    shown_group("training-nsg", outbound("AllowNetworkOutbound", 100)),
    shown_subnet("training", "10.20.0.0/25", "training-nsg"),
)
_DESKS = shown_subnet("desks", "10.20.0.160/28", "desks-nsg")


@stack_rule(
    id="NR010",
    name="reach-diff",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.HIGH,
    types=(),
    settings={
        "baseline": {
            "type": "string",
            "default": "",
            "description": "The networks as they are approved, in a file that 'python "
            "-m azureml_policies baseline' writes, or a plan.json: a path from the "
            "pack's folder on, or an absolute one; empty: nothing is compared",
        },
        "approvals": APPROVALS_SCHEMA,
        MAX_DAYS: MAX_DAYS_SCHEMA,
        "listClosed": {
            "type": "boolean",
            "default": True,
            "description": "Whether what the change closes is told too",
        },
    },
    controls=(assigned("NS-7"),),
    steps="Take the opening back, or add an approval with owner, reason and expiry.",
    url="https://learn.microsoft.com/azure/network-watcher/"
    "network-watcher-security-group-view-overview",
    bad=(
        *_TRAINING,
        shown_group(
            "desks-nsg", shown_rule("AllowSshInbound", 100, destinationPortRange="22")
        ),
        _DESKS,
    ),
    good=(*_TRAINING, shown_group("desks-nsg"), _DESKS),
    example_settings={"baseline": "config/baselines/example.json"},
)
def changes_approved(subject: Resource, context: Context) -> Iterator[Finding]:
    """Whatever a change opens has been approved: flows, and guards of the networks."""
    text = context.settings["baseline"]
    if not text:
        raise NotApplicable("no baseline is configured")
    cloud_name = context.stack.once(stack_topology).cloud_name
    found = difference_from(text, context.stack, cloud_name)
    if isinstance(found, Violation):
        yield found
        return
    approvals, faults = read_approvals(
        context.settings["approvals"],
        context.run.today(),
        context.settings[MAX_DAYS],
    )
    yield from faults
    if found.too_different:
        yield Undecided(
            "",
            f"more than {MOST_ASKED} pairs of places are not as in '{text}', too many "
            "to say what changes for each: review the baseline's own difference in "
            "place of it, and write it anew",
        )
    yield from _unused(found, approvals)
    changes = [Change.OPENED]
    if context.settings["listClosed"]:
        changes.append(Change.CLOSED)
    for change in changes:
        yield from _changed(change, found, approvals)


def _changed(
    change: Change, found: PlanDifference, approvals: Approvals
) -> Iterator[Finding]:
    """Yield all that a change opens, or closes.

    A guard whose packets are those of a flow is named with the flow, and not again.
    What is approved stays visible.
    """
    named: set[ChangedGuard] = set()
    passed = NO_PACKETS
    approved: dict[ChangeApproval, list[ChangedFlow]] = {}
    flows: list[GuardedFlow] = []
    for flow in found.flows(change):
        if approval := approvals.of_flow(flow.source, flow.destination):
            passed |= flow.packets
            approved.setdefault(approval, []).append(flow)
            continue
        guards = found.guards_of(flow, change)
        named.update(guards)
        flows.append(GuardedFlow(flow, guards))
    groups = alike(flows)
    for each in groups[:_TOLD]:
        yield _flows_told(change, each)
    if further := groups[_TOLD:]:
        yield _further_told(change, further)
    for approval, of_it in approved.items():
        yield _flows_approved(change, approval, of_it)
    for guard in found.guards:
        if guard.change is not change or guard in named:
            continue
        if approval := approvals.of_guard(guard.guard):
            yield _guard_approved(guard, approval)
        elif not guard.packets & passed:
            yield _guard_told(guard, _held(guard, found))
        elif packet := found.beyond(guard, passed).witness():
            more = f"more than the flows that are approved, such as {packet}"
            yield _guard_told(guard, more)


def _unused(found: PlanDifference, approvals: Approvals) -> Iterator[Finding]:
    """Yield the approvals of what does not change, which wait for somebody to use."""
    flows = (*found.opened, *found.closed)
    for each in approvals.entries:
        if each.guard:
            used = any(each.is_of_guard(guard.guard) for guard in found.guards)
        else:
            used = found.too_different or any(
                each.is_of_flow(flow.source, flow.destination) for flow in flows
            )
        if not used:
            path = each.signed.path
            yield Violation(
                path, f"{path} is not used: nothing changes at {each.meant}; remove it"
            )


def _flows_approved(
    change: Change, approval: ChangeApproval, flows: list[ChangedFlow]
) -> Finding:
    """Return what stays visible of the flows that one approval is for."""
    first = flows[0]
    more = f", and {len(flows) - 1} flows more" if len(flows) > 1 else ""
    path = approval.signed.path
    return Approved(
        path,
        f"the change {change} {first.source} to {first.destination}: {first.witness}"
        f"{more}, as {path} allows",
        approval.signed,
        {
            "packet": str(first.witness),
            "change": change.name.lower(),
            "flows": len(flows),
        },
    )


def _guard_approved(guard: ChangedGuard, approval: ChangeApproval) -> Finding:
    """Return what stays visible of a guard's change that is approved."""
    path = approval.signed.path
    return Approved(
        path,
        f"the change {guard.change} {guard.guard}: it {guard.sentence}, as {path} "
        "allows",
        approval.signed,
        _witness(guard),
    )


def _further_told(change: Change, groups: list[AlikeFlows]) -> Finding:
    """Return the finding about flows that are too many to tell."""
    count = sum(each.count for each in groups)
    flow = groups[0].first.flow
    return Violation(
        "",
        f"the change {change} {count} flows more, such as {flow.source} to "
        f"{flow.destination}; approve them, or take it back",
        {"change": change.name.lower(), "flows": count},
    )


def _held(guard: ChangedGuard, found: PlanDifference) -> str:
    """Return why no flow shows what changed in a guard."""
    if guard.packets and not found.too_different:
        return "no flow changes yet: other guards on the way hold"
    return "no flow shows it"


def _flows_told(change: Change, alike: AlikeFlows) -> Finding:
    """Return the finding about flows that are open now, may be, or no longer are."""
    flow = alike.first.flow
    names = ", ".join(dict.fromkeys(guard.guard for guard in alike.first.guards))
    what = f"{flow.source} to {flow.destination}: {flow.witness}{alike.further}"
    by = f"; by {names}" if names else ""
    wanted = f"{by}; {_WANTED[change]}"
    witness = {
        "packet": str(flow.witness),
        "change": change.name.lower(),
        "flows": alike.count,
        "further": alike.further_ends,
    }
    if change is Change.CLOSED:
        return Violation(
            "",
            f"the change closes {what}, which passed before{wanted}",
            witness,
        )
    if flow.answer.verdict is Verdict.UNDECIDED:
        missing = alike.missing
        return Undecided(
            missing[0].path if missing else "",
            f"{listed_missing(missing)}: whether the change opens {what} depends on "
            f"it{wanted}",
        )
    hops = [str(hop) for hop in flow.answer.hops]
    return Violation(
        "",
        f"the change opens {what}, which did not pass before{wanted}",
        {**witness, "hops": hops},
    )


def _guard_told(guard: ChangedGuard, why: str) -> Finding:
    """Return the finding about a guard, and why the flows do not show its change."""
    what = f"{guard.guard}: it {guard.sentence}; {why}; {_WANTED[guard.change]}"
    if guard.missing:
        return Undecided(
            guard.missing[0].path,
            f"{listed_missing(guard.missing)}: whether the change opens {what}",
        )
    return Violation("", f"the change {guard.change} {what}", _witness(guard))


def _witness(guard: ChangedGuard) -> dict[str, str]:
    witness = {"guard": guard.guard, "change": guard.change.name.lower()}
    if guard.witness is not None:
        witness["packet"] = str(guard.witness)
    return witness
