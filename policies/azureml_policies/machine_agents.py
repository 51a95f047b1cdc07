"""Rules for what runs in machines for others: agents that send logs, and sign-in.

An agent is an extension of its machine; what it collects, and whether it may fetch its
orders, stands in associations beside both.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import COLLECTION_ENDPOINT, MACHINE
from azureml_policies.machine_upkeep import EXTENSION
from azureml_policies.machines import runs_windows
from azureml_rulebook.machine_setup import MONITOR_EXTENSIONS, SIGN_IN_EXTENSIONS
from azureml_rulebook.virtual_machines import LINUX, WINDOWS

ASSOCIATION = "monitor:DataCollectionRuleAssociation"
COLLECTION_RULE = "monitor:DataCollectionRule"

_DOCS = "https://learn.microsoft.com/azure"
_COLLECTION = f"{_DOCS}/azure-monitor/data-collection/data-collection-rule-associations"
_IDENTITY = "identity.type"
_COLLECTS = ("dataFlows", "dataSources")
"""What a data collection rule needs to collect anything from machines
(https://learn.microsoft.com/azure/templates/microsoft.insights/datacollectionrules)."""
_SETTINGS = "agentSettings"
"""What a rule that sets up the agent, and collects nothing, has in their place."""
_IDENTITIES = ("SystemAssigned", "UserAssigned")


def _wanted(system: str) -> dict[str, Any]:
    kinds = (MONITOR_EXTENSIONS[system].kind, SIGN_IN_EXTENSIONS[system].kind)
    return {
        "type": "array",
        "items": {"type": "string"},
        "default": list(kinds),
        "description": f"Types of extensions that a machine with {system.title()} has",
    }


@resource_rule(
    id="VM007",
    name="machine-identity",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(MACHINE,),
    controls=(assigned("IM-3"),),
    steps="Set identity.type to SystemAssigned, or name identities.",
    url=f"{_DOCS}/virtual-machines/extensions/overview",
    bad={"vmName": "desk"},
    good={"vmName": "desk", "identity": {"type": "SystemAssigned"}},
)
def machine_identity(machine: Resource, context: Context) -> Iterator[Finding]:
    """Programs and agents of a machine sign in as the machine, without keys."""
    match machine.value(_IDENTITY):
        case Known() as kind if not any(map(kind.lists, _IDENTITIES)):
            yield Violation(
                _IDENTITY, f"{_IDENTITY} is {kind.text}; set it to 'SystemAssigned'"
            )
        case Absent():
            yield Violation(
                _IDENTITY,
                f"{_IDENTITY} is missing: agents and people's sign-in have nobody to "
                "be; set it to 'SystemAssigned'",
            )
        case Unknown() as unknown:
            yield undecided(unknown, "the machine has to have an identity")


_MACHINE = {
    "type": MACHINE,
    "name": "desk",
    "properties": {
        "vmName": "desk",
        "osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": True}},
    },
}


def _extension(kind: str) -> dict[str, Any]:
    properties = {"vmName": "desk", "type": kind}
    return {"type": EXTENSION, "name": kind, "properties": properties}


@stack_rule(
    id="VM008",
    name="machine-extensions",
    level=EnforcementLevel.DISABLED,
    severity=Severity.MEDIUM,
    types=(MACHINE,),
    settings={LINUX: _wanted(LINUX), WINDOWS: _wanted(WINDOWS)},
    controls=(assigned("LT-4"),),
    azure_policies=(
        "1afdc4b6-581a-45fb-b630-f1e6051e3e7a",
        "c02729e5-e5e7-4458-97fa-2b5ad0661f28",
    ),
    steps="Add a compute.VirtualMachineExtension of each type to the machine.",
    url=f"{_DOCS}/azure-monitor/agents/azure-monitor-agent-manage",
    bad=(_MACHINE, _extension("AADSSHLoginForLinux")),
    good=(
        _MACHINE,
        _extension("AADSSHLoginForLinux"),
        _extension("AzureMonitorLinuxAgent"),
    ),
)
def machine_extensions(machine: Resource, context: Context) -> Iterator[Finding]:
    """A machine has the agents that send its logs, and that let people sign in."""
    windows = runs_windows(machine)
    if isinstance(windows, Unknown):
        yield undecided(windows, "it says which extensions the machine needs")
        return
    wanted = context.settings[WINDOWS if windows else LINUX]
    if not wanted:
        raise NotApplicable("no extensions are wanted of such a machine")
    extensions = context.stack.once(_extensions)
    for kind in wanted:
        if kind.lower() in extensions.certain[machine.urn]:
            continue
        message = f"'{machine.name}' has no extension {kind}; add one"
        reading = extensions.open_to(machine, kind.lower())
        yield undecided(reading, message) if reading else Violation("", message)


@dataclass(slots=True)
class _Extensions:
    """The extensions of a stack's machines."""

    certain: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Types, in lower case, by the URN of the machine."""
    possible: list[tuple[Reference, Reading]] = field(default_factory=list)

    def open_to(self, machine: Resource, kind: str) -> Reading | None:
        """Return the value that may make something an extension ``kind`` of it."""
        for reference, of_kind in self.possible:
            if isinstance(of_kind, Known) and not of_kind.is_any_of((kind,)):
                continue
            if reference.certain is machine:
                return of_kind
            if reference.may_be(machine):
                return reference.reading
        return None


def _extensions(stack: Stack) -> _Extensions:
    found = _Extensions()
    for extension in stack.of_type(EXTENSION):
        reference = stack.resolve(extension, extension.value("vmName"), MACHINE)
        kind = extension.value("type")
        if reference.certain is not None and isinstance(kind, Known):
            found.certain[reference.certain.urn].add(str(kind.value).lower())
        elif not isinstance(kind, Absent):
            found.possible.append((reference, kind))
    return found


def _association(name: str, **leads_to: Any) -> dict[str, Any]:
    properties = {"associationName": name, "resourceUri": {"ref": "desk"}, **leads_to}
    return {"type": ASSOCIATION, "name": name, "properties": properties}


_RULE_ID = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/"
    "Microsoft.Insights/dataCollectionRules/sign-ins"
)


@stack_rule(
    id="VM009",
    name="machine-logs-collected",
    level=EnforcementLevel.DISABLED,
    severity=Severity.MEDIUM,
    types=(MACHINE,),
    settings={
        "endpoints": {
            "type": "boolean",
            "default": True,
            "description": "Whether machines fetch their orders from a data collection "
            "endpoint too, without which an agent asks a public one",
        }
    },
    controls=(assigned("LT-4"),),
    steps="Add a monitor.DataCollectionRuleAssociation for the machine with the id of "
    "a data collection rule, and one named configurationAccessEndpoint with the id of "
    "a data collection endpoint. The rule needs dataSources and dataFlows.",
    url=_COLLECTION,
    bad=(_MACHINE,),
    good=(_MACHINE, _association("logs", dataCollectionRuleId=_RULE_ID)),
    example_settings={"endpoints": False},
)
def machine_logs_collected(machine: Resource, context: Context) -> Iterator[Finding]:
    """What happens in a machine is collected, and its agent finds its orders."""
    wanted = [("dataCollectionRuleId", "a data collection rule")]
    if context.settings["endpoints"]:
        wanted.append(("dataCollectionEndpointId", "a data collection endpoint"))
    associations = context.stack.once(_associations)
    for path, title in wanted:
        message = (
            f"'{machine.name}' has no association with {title} of this stack, nor with "
            "one elsewhere; add one"
        )
        answers = [
            _leads(context.stack, each, path) for each in associations.of(machine)
        ]
        if any(answer is True for answer in answers):
            continue
        reading = next((each for each in answers if not isinstance(each, bool)), None)
        reading = reading or associations.open_to(machine)
        yield undecided(reading, message) if reading else Violation("", message)
    for rule in _rules_of(context.stack, associations.of(machine)):
        yield from _collecting(rule)
        if context.settings["endpoints"]:
            yield from _with_endpoint(rule)


def _rules_of(stack: Stack, associations: list[Resource]) -> Iterator[Resource]:
    """Yield the data collection rules of this stack that a machine surely has."""
    for association in associations:
        reading = association.value("dataCollectionRuleId")
        rule = stack.resolve(association, reading, COLLECTION_RULE).certain
        if rule is not None:
            yield rule


def _collecting(rule: Resource) -> Iterator[Finding]:
    """Want a rule to name what it collects, and where that flows."""
    lacking: list[Finding] = []
    for path in _COLLECTS:
        readings = _parts(rule.value(path))
        message = (
            f"{path} of '{rule.name}' has nothing in it, so that nothing is "
            "collected by it; add what it collects and where that flows"
        )
        if any(isinstance(each, Known) and each.value for each in readings):
            continue
        unknown = next((each for each in readings if isinstance(each, Unknown)), None)
        lacking.append(
            undecided(unknown, message) if unknown else Violation("", message)
        )
    if len(lacking) < len(_COLLECTS):
        yield from lacking
        return
    match rule.value(_SETTINGS):
        case Absent():
            yield from lacking
        case Unknown() as unknown:
            yield undecided(unknown, lacking[0].message)


def _parts(reading: Reading) -> list[Reading]:
    """Return the lists that a map of sources holds, or a list of flows as it is."""
    if isinstance(reading, Known) and isinstance(reading.value, dict):
        return [*reading.entries().values()]
    return [reading]


def _with_endpoint(rule: Resource) -> Iterator[Finding]:
    """Want what a rule collects to be sent to an endpoint too."""
    path = "dataCollectionEndpointId"
    if isinstance(rule.value(path), Absent):
        yield Violation(
            "",
            f"{path} of '{rule.name}' is missing, so that what it collects is sent "
            "to a public endpoint; set it",
        )


@dataclass(slots=True)
class _Associations:
    """The associations of a stack, by what they are for."""

    certain: dict[str, list[Resource]] = field(
        default_factory=lambda: defaultdict(list)
    )
    possible: list[Reference] = field(default_factory=list)

    def of(self, machine: Resource) -> list[Resource]:
        """Return those of ``machine``."""
        return self.certain[machine.urn]

    def open_to(self, machine: Resource) -> Reading | None:
        """Return a value that may name ``machine``."""
        for reference in self.possible:
            if reference.may_be(machine):
                return reference.reading
        return None


def _associations(stack: Stack) -> _Associations:
    found = _Associations()
    for association in stack.of_type(ASSOCIATION):
        reading = association.value("resourceUri")
        reference = stack.resolve(association, reading, MACHINE)
        if reference.certain is not None:
            found.certain[reference.certain.urn].append(association)
        else:
            found.possible.append(reference)
    return found


def _leads(stack: Stack, association: Resource, path: str) -> bool | Reading:
    """Say whether an association leads to something by ``path``, or what tells.

    An id that is not known, and that was made from nothing of this stack, may be empty.
    """
    reading = association.value(path)
    if isinstance(reading, Known):
        return not reading.is_blank
    if isinstance(reading, Absent):
        return False
    reference = stack.resolve(
        association, reading, COLLECTION_RULE, COLLECTION_ENDPOINT
    )
    return reading if reference.anything else True
