"""The rule on diagnostic settings: what is closed has to write logs, or nobody sees who
tried to get in.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    parse_arm_id,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_3, MCSB, assigned
from azureml_policies._plan import (
    ACCOUNT,
    BASTION_HOST,
    CIRCUIT,
    FIREWALL,
    GATEWAY,
    LOGS,
    NETWORK,
    PUBLIC_ADDRESS,
    REGISTRY,
    VAULT,
    WORKSPACE,
)
from azureml_policies._sent_logs import Wanted, faults_of_all
from azureml_rulebook.diagnostics import (
    ALL_LOGS,
    DIAGNOSTICS,
    SETTINGS_PAGE,
    STORAGE_SERVICES,
    DiagnosticRow,
)

SETTING = "monitor:DiagnosticSetting"

_OBSERVED = (
    WORKSPACE,
    VAULT,
    REGISTRY,
    ACCOUNT,
    LOGS,
    NETWORK,
    "network:NetworkSecurityGroup",
    PUBLIC_ADDRESS,
    "network:LoadBalancer",
    FIREWALL,
    BASTION_HOST,
    GATEWAY,
    CIRCUIT,
)
"""Types that have logs to send; interfaces and such have metrics only."""
_WORKSPACE = "workspaceId"
_DESTINATIONS = (
    _WORKSPACE,
    "storageAccountId",
    "eventHubAuthorizationRuleId",
    "marketplacePartnerId",
)
_BLOB = "blob"
_SERVICES = {
    service: token.removeprefix("azure-native:")
    for service, token in STORAGE_SERVICES.items()
}


@stack_rule(
    id="MN007",
    name="diagnostics-present",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_OBSERVED,
    settings={
        "types": {
            "type": "array",
            "items": {"type": "string", "enum": list(_OBSERVED)},
            "default": [each for each in _OBSERVED if each != LOGS],
            "description": "Types of resources whose logs are wanted; a Log Analytics "
            "workspace has some of its own, on who queries it",
        },
        "destinations": {
            "type": "array",
            "items": {"type": "string", "enum": list(_DESTINATIONS)},
            "default": [_WORKSPACE],
            "description": "Where logs have to go, each by one setting at least: "
            "properties of a diagnostic setting",
        },
        "everyLog": {
            "type": "boolean",
            "default": False,
            "description": "Whether all logs of a resource have to go there, and not "
            "only some",
        },
        "storageServices": {
            "type": "array",
            "items": {"type": "string", "enum": list(_SERVICES)},
            "default": [_BLOB],
            "description": "Services of a storage account whose logs are wanted",
        },
    },
    controls=(Control(MCSB, "LT-3"), assigned("LT-4"), Control(CIS_3, "6.1.4")),
    azure_policies=(
        "afe0c3be-ba3b-4544-ba52-0c99672a8ad6",
        "cf820ca0-f99e-4f3e-84fb-66e913812d21",
    ),
    twins=("psrule:Azure.KeyVault.Logs",),
    steps="Add a monitor.DiagnosticSetting with the resource's id as resourceUri, a "
    "workspaceId, and the category group allLogs enabled. A storage account's logs are "
    "those of its blobServices/default.",
    url=SETTINGS_PAGE,
    bad=(
        {
            "type": VAULT,
            "name": "vault",
            "properties": {"resourceGroupName": "rg", "vaultName": "kv"},
        },
    ),
    good=(
        {
            "type": VAULT,
            "name": "vault",
            "properties": {"resourceGroupName": "rg", "vaultName": "kv"},
        },
        {
            "type": LOGS,
            "name": "logs",
            "properties": {"resourceGroupName": "rg", "workspaceName": "log"},
        },
        {
            "type": SETTING,
            "name": "vault-logs",
            "properties": {
                "resourceUri": {"ref": "vault"},
                "workspaceId": {"ref": "logs"},
                "logs": [{"categoryGroup": "allLogs", "enabled": True}],
            },
        },
    ),
)
def diagnostics_present(subject: Resource, context: Context) -> Iterator[Finding]:
    """What a private network consists of writes its logs to Log Analytics."""
    if subject.key not in {each.lower() for each in context.settings["types"]}:
        raise NotApplicable("logs of this type are not asked for")
    settings = context.stack.once(_diagnostic_settings)
    every = bool(context.settings["everyLog"])
    for destination in context.settings["destinations"]:
        wanted = Wanted(destination, every)
        if not _is_account(subject):
            yield from _present(subject, "", settings, wanted)
        elif not settings.observe_all_of(subject, wanted):
            for service in context.settings["storageServices"]:
                yield from _present(subject, service, settings, wanted)


def _present(
    subject: Resource, service: str, settings: "_DiagnosticSettings", wanted: Wanted
) -> Iterator[Finding]:
    """Want the logs of a resource, or of a ``service`` of an account, to be sent."""
    own = settings.certain[subject.urn, service]
    row = _row(subject, service)
    faults = faults_of_all(own, row, wanted)
    if own and not faults:
        return
    within = f"the {service} service of " if service else ""
    message = (
        f"{within}'{subject.name}' has no diagnostic setting that sends "
        f"{'all its ' if wanted.every_log else ''}logs to a {wanted.destination}"
    )
    reading = next((each for each in faults if isinstance(each, Unknown)), None)
    reading = reading or settings.open_to(subject, row, wanted)
    if reading is not None:
        yield undecided(reading, f"{message}, unless this is one")
        return
    seen = f": {'; '.join(map(str, faults))}" if faults else ""
    yield Violation("", f"{message}{seen}; add one, with the group {ALL_LOGS}")


@dataclass(slots=True)
class _DiagnosticSettings:
    """The diagnostic settings of a stack, by what they observe."""

    stack: Stack
    certain: dict[tuple[str, str], list[Resource]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By the URN of the resource, and for an account by its service."""
    possible: list[tuple[Reference, Resource]] = field(default_factory=list)
    """What is observed perhaps, and by which setting."""
    of_services: dict[str, list[Resource]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Settings of some service of an account, by its URN."""

    def observe_all_of(self, account: Resource, wanted: Wanted) -> bool:
        """Say whether every service of ``account`` is observed, whichever by which.

        One service sends its logs to one place by one setting at most
        (``SETTINGS_PAGE``), so as many settings as services are all of them.
        """
        row = DIAGNOSTICS[STORAGE_SERVICES[_BLOB]]
        places = Counter(
            _place(self.stack, setting, wanted.destination)
            for setting in self.of_services[account.urn]
            if not faults_of_all([setting], row, wanted)
        )
        return any(
            place and number >= len(STORAGE_SERVICES)
            for place, number in places.items()
        )

    def open_to(
        self, subject: Resource, row: DiagnosticRow, wanted: Wanted
    ) -> Reading | None:
        """Return a value that may name ``subject``, or a service of it, in a setting
        with nothing else amiss."""
        for reference, setting in self.possible:
            if reference.certain is subject or reference.may_be(subject):
                faults = faults_of_all([setting], row, wanted)
                if not any(isinstance(fault, str) for fault in faults):
                    return reference.reading
        return None


def _row(subject: Resource, service: str) -> DiagnosticRow:
    """Return what the rulebook says about the logs of a resource, or of a service."""
    if service:
        return DIAGNOSTICS[STORAGE_SERVICES[service]]
    return _ROWS[subject.key]


_ROWS = {token.partition(":")[2].lower(): row for token, row in DIAGNOSTICS.items()}


def _diagnostic_settings(stack: Stack) -> _DiagnosticSettings:
    settings = _DiagnosticSettings(stack)
    for setting in stack.of_type(SETTING):
        reading = setting.value("resourceUri")
        found = _service(stack, setting, reading)
        if found is not None:
            account, service = found
            settings.certain[account.urn, service].append(setting)
            continue
        reference = stack.resolve(setting, reading, *_OBSERVED)
        subject = reference.certain
        if subject is not None and not _is_account(subject):
            settings.certain[subject.urn, ""].append(setting)
        elif subject is None:
            settings.possible.append((reference, setting))
        elif isinstance(reading, Unknown):
            # An edge leads to the account, whichever of its services is observed. The
            # account itself has no logs.
            settings.possible.append((reference, setting))
            settings.of_services[subject.urn].append(setting)
    return settings


def _place(stack: Stack, setting: Resource, destination: str) -> str:
    """Return what tells the place that a setting sends to; '' if nothing does."""
    reading = setting.value(destination)
    if destination == _WORKSPACE:
        reference = stack.resolve(setting, reading, LOGS)
    elif destination == "storageAccountId":
        reference = stack.resolve(setting, reading, ACCOUNT)
    else:
        return str(reading.value).lower() if isinstance(reading, Known) else ""
    if reference.certain is not None:
        return reference.certain.urn
    return "" if reference.elsewhere == "?" else reference.elsewhere


def _service(
    stack: Stack, setting: Resource, reading: Reading
) -> tuple[Resource, str] | None:
    """Return the account, and the service of it, that ``reading`` certainly names."""
    own = stack.resolve(setting, reading, *_SERVICES.values()).certain
    if own is not None:
        account = stack.resolve(own, own.value("accountName"), ACCOUNT).certain
        names = {type_name.lower(): name for name, type_name in _SERVICES.items()}
        return None if account is None else (account, names[own.key])
    if not isinstance(reading, Known) or not isinstance(reading.value, str):
        return None
    arm_id = parse_arm_id(reading.value)
    for service in _SERVICES if arm_id is not None else ():
        part = f"/{service}services"
        if arm_id is not None and arm_id.type.endswith(part):
            parent = reading.value.lower().rpartition(f"{part}/")[0]
            found = stack.resolve(setting, Known(reading.path, parent), ACCOUNT)
            return None if found.certain is None else (found.certain, service)
    return None


def _is_account(resource: Resource) -> bool:
    return resource.key == ACCOUNT.lower()
