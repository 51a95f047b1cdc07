"""The rule that flows which a change opens have been approved.

The baseline is a plan as ``python -m review preview`` writes it. Both plans are read as
networks, so that a rule that is moved, merged or renamed changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
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
from azureml_policies._stack_topology import judged_topology
from azureml_reachability.plan_difference import ChangedFlow, difference
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.questions import Verdict
from azureml_reachability.topology import Topology

_PACK = Path(__file__).resolve().parent.parent
_NEEDED = ("from", "to", "owner", "reason", "expires")
_BASELINE = "the setting 'baseline'"
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
            "description": "A plan.json of the networks as they are approved, from the "
            "pack's folder on; empty: nothing is compared",
        },
        "approvals": {
            "type": "array",
            "items": {"type": "object"},
            "default": [],
            "description": "Flows that may be opened: 'from' and 'to' are places like "
            "'subnet:training' or 'internet', in which * stands for any text; 'owner', "
            "'reason' and 'expires' (a day such as 2026-06-30, the last one) say who "
            "answers for it",
        },
        "listClosed": {
            "type": "boolean",
            "default": True,
            "description": "Whether flows that the change closes are told too",
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
    """Every flow that a change opens has been approved."""
    text = context.settings["baseline"]
    if not text:
        raise NotApplicable("no baseline is configured")
    topology = judged_topology(context.stack)
    before = _baseline(text, topology)
    if isinstance(before, Violation):
        yield before
        return
    approvals, faults = _approvals(context.settings["approvals"], context.run.today())
    yield from faults
    changes = difference(before, topology)
    for flow in changes.opened:
        if not _is_approved(flow, approvals):
            yield _opened(flow)
    for flow in changes.closed if context.settings["listClosed"] else ():
        if not _is_approved(flow, approvals):
            yield Violation(
                "",
                f"the change closes {flow.source} to {flow.destination}: "
                f"{flow.witness} passed before; approve it, or open it again",
                {"packet": str(flow.witness), "change": "closed"},
            )


def _opened(flow: ChangedFlow) -> Finding:
    """Return the finding about a flow that is open now, or may be."""
    what = f"{flow.source} to {flow.destination}: {flow.witness}"
    wanted = "approve it with owner, reason and expiry, or take it back"
    if flow.answer.verdict is Verdict.UNDECIDED:
        missing = flow.answer.missing
        return Undecided(
            missing[0].path if missing else "",
            f"{listed_missing(missing)}: whether the change opens {what} depends on "
            f"it; {wanted}",
        )
    hops = [str(hop) for hop in flow.answer.hops]
    return Violation(
        "",
        f"the change opens {what}, which did not pass before; {wanted}",
        {"packet": str(flow.witness), "change": "opened", "hops": hops},
    )


def _baseline(text: str, now: Topology) -> Topology | Violation:
    """Return the topology of the baseline, or why it cannot be read."""
    path = _PACK / text
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        resources = content["resources"]
        if not isinstance(resources, list):
            raise TypeError
    except OSError as error:
        reason = error.strerror or "cannot be read"
        return Violation("", f"{_BASELINE}: '{text}': {reason}; name a plan.json")
    except (ValueError, KeyError, TypeError, RecursionError):
        return Violation("", f"{_BASELINE}: '{text}' is no plan.json; name one")
    return topology_of(resources, cloud_name=now.cloud_name)


Approval = Mapping[str, Any]


def _approvals(
    entries: Sequence[Mapping[str, Any]], today: date
) -> tuple[list[Approval], list[Violation]]:
    """Return the approvals that count, and what is wrong with the others."""
    found: list[Approval] = []
    faults: list[Violation] = []
    for index, entry in enumerate(entries):
        fault = _fault(entry, today)
        if fault:
            path = f"approvals[{index}]"
            faults.append(Violation(path, f"{path} approves nothing: {fault}"))
        else:
            found.append(entry)
    return found, faults


def _fault(entry: Mapping[str, Any], today: date) -> str:
    """Return what is wrong with an approval, if anything."""
    lacking = [key for key in _NEEDED if not str(entry.get(key) or "").strip()]
    if lacking:
        return f"it lacks {', '.join(lacking)}; add them"
    unknown = [key for key in entry if key not in _NEEDED]
    if unknown:
        return f"'{unknown[0]}' is none of {', '.join(_NEEDED)}; take it out"
    try:
        expires = date.fromisoformat(str(entry["expires"]))
    except ValueError:
        return "expires is no day; write it as 2026-06-30"
    if expires < today:
        return f"it expired on {expires.isoformat()}; renew it, or close the flow"
    return ""


def _is_approved(flow: ChangedFlow, approvals: Sequence[Approval]) -> bool:
    return any(
        fnmatchcase(str(flow.source).lower(), str(each["from"]).strip().lower())
        and fnmatchcase(str(flow.destination).lower(), str(each["to"]).strip().lower())
        for each in approvals
    )
