"""The rule on diagnostic settings: what is closed has to write logs, or nobody sees who
tried to get in.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
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
from azureml_policies._plan import ACCOUNT, LOGS, REGISTRY, VAULT, WORKSPACE
from azureml_rulebook.diagnostics import SETTINGS_PAGE, STORAGE_SERVICES

SETTING = "monitor:DiagnosticSetting"
BLOBS = "storage:BlobServiceProperties"

_OBSERVED = (
    WORKSPACE,
    VAULT,
    REGISTRY,
    ACCOUNT,
    "network:NetworkSecurityGroup",
    "network:BastionHost",
    "network:VirtualNetworkGateway",
)


@stack_rule(
    id="MN007",
    name="diagnostics-present",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=_OBSERVED,
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
    settings = context.stack.once(_diagnostic_settings)
    own = settings.certain[subject.urn]
    answers = [_faults(setting) for setting in own]
    if any(not each for each in answers) or settings.observe_all_of(subject):
        return
    blobs = "the blob service of " if _is_account(subject) else ""
    what = f"{blobs}'{subject.name}'"
    message = f"{what} has no diagnostic setting that sends logs to a workspaceId"
    faults = [fault for each in answers for fault in each]
    reading = next((each for each in faults if isinstance(each, Unknown)), None)
    reading = reading or settings.open_to(subject)
    if reading is not None:
        yield undecided(reading, f"{message}, unless this is one")
        return
    seen = f": {'; '.join(map(str, faults))}" if faults else ""
    yield Violation("", f"{message}{seen}; add one, with the group allLogs")


@dataclass(slots=True)
class _DiagnosticSettings:
    """The diagnostic settings of a stack, by what they observe."""

    certain: dict[str, list[Resource]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By the URN of the resource; for an account, those of its blob service."""
    possible: list[Reference] = field(default_factory=list)
    """What is observed perhaps, by settings with nothing else amiss."""
    of_services: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Settings of some service of an account, by its URN and by where they send."""

    def observe_all_of(self, account: Resource) -> bool:
        """Say whether every service of ``account`` is observed, whichever by which.

        One service sends its logs to one place by one setting at most
        (``SETTINGS_PAGE``), so as many settings as services are all of them.
        """
        return any(
            urn == account.urn and number >= len(STORAGE_SERVICES)
            for (urn, _), number in self.of_services.items()
        )

    def open_to(self, subject: Resource) -> Reading | None:
        """Return a value that may name ``subject``, or its blob service."""
        for reference in self.possible:
            if reference.certain is subject or reference.may_be(subject):
                return reference.reading
        return None


def _diagnostic_settings(stack: Stack) -> _DiagnosticSettings:
    settings = _DiagnosticSettings()
    for setting in stack.of_type(SETTING):
        reading = setting.value("resourceUri")
        account = _account_of_blobs(stack, setting, reading)
        if account is not None:
            settings.certain[account.urn].append(setting)
            continue
        reference = stack.resolve(setting, reading, *_OBSERVED)
        found = reference.certain
        if found is not None and not _is_account(found):
            settings.certain[found.urn].append(setting)
        elif any(isinstance(fault, str) for fault in _faults(setting)):
            continue
        elif found is None:
            settings.possible.append(reference)
        elif isinstance(reading, Unknown):
            # An edge leads to the account, whichever of its services is observed. The
            # account itself has no logs.
            settings.possible.append(reference)
            place = _destination(stack, setting)
            if place and not _faults(setting):
                settings.of_services[found.urn, place] += 1
    return settings


def _destination(stack: Stack, setting: Resource) -> str:
    """Return what tells the workspace that a setting sends to; '' if nothing does."""
    workspace = stack.resolve(setting, setting.value("workspaceId"), LOGS)
    if workspace.certain is not None:
        return workspace.certain.urn
    return "" if workspace.elsewhere == "?" else workspace.elsewhere


def _account_of_blobs(
    stack: Stack, setting: Resource, reading: Reading
) -> Resource | None:
    """Return the account whose blob service ``reading`` certainly names, or None."""
    blobs = stack.resolve(setting, reading, BLOBS).certain
    if blobs is not None:
        return stack.resolve(blobs, blobs.value("accountName"), ACCOUNT).certain
    if not isinstance(reading, Known) or not isinstance(reading.value, str):
        return None
    arm_id = parse_arm_id(reading.value)
    if arm_id is None or not arm_id.type.endswith("/blobservices"):
        return None
    parent = reading.value.lower().rpartition("/blobservices/")[0]
    return stack.resolve(setting, Known(reading.path, parent), ACCOUNT).certain


def _is_account(resource: Resource) -> bool:
    return resource.key == ACCOUNT.lower()


def _faults(setting: Resource) -> list[str | Unknown]:
    """Return why a setting does not do, or what tells whether it does."""
    faults: list[str | Unknown] = []
    workspace = setting.value("workspaceId")
    if isinstance(workspace, Absent) or (
        isinstance(workspace, Known) and workspace.is_blank
    ):
        faults.append(f"'{setting.name}' has no workspaceId")
    logs = setting.value("logs")
    if isinstance(logs, Unknown):
        return faults or [logs]
    switches = [row.at("enabled") for row in logs.elements() if _names_logs(row)]
    if any(isinstance(each, Known) and each.value is True for each in switches):
        return faults
    unknown = next((each for each in switches if isinstance(each, Unknown)), None)
    if unknown is not None:
        return faults or [unknown]
    return [*faults, f"'{setting.name}' has no logs enabled"]


def _names_logs(row: Reading) -> bool:
    """Say whether an entry of ``logs`` names a category or a group."""
    return any(
        isinstance(each, Unknown) or isinstance(each, Known) and not each.is_blank
        for each in (row.at("category"), row.at("categoryGroup"))
    )
