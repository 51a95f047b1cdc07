"""What diagnostic settings send, all those of one resource taken together."""

from dataclasses import dataclass

from azureml_policies._frame import Absent, Known, Resource, Unknown
from azureml_rulebook.diagnostics import ALL_LOGS, DiagnosticRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a setting has to do to count."""

    destination: str
    """The property that says where logs go."""
    every_log: bool


def faults_of_all(
    settings: list[Resource], row: DiagnosticRow, wanted: Wanted
) -> list[str | Unknown]:
    """Return why settings do not do together, or what tells whether they do."""
    faults: list[str | Unknown] = []
    sent: set[str] = set()
    open_logs: list[Unknown] = []
    for setting in settings:
        where = setting.value(wanted.destination)
        if isinstance(where, Absent) or isinstance(where, Known) and where.is_blank:
            faults.append(f"'{setting.name}' has no {wanted.destination}")
            continue
        names, unknown = _logs(setting)
        sent |= names
        open_logs += unknown
        if not names and not unknown:
            faults.append(f"'{setting.name}' has no logs enabled")
    lacking = _lacking(sent, row, wanted)
    if not lacking:
        return []
    if open_logs:
        return [open_logs[0]]
    if sent:
        faults.append(f"{', '.join(lacking)} not sent")
    return faults


def _lacking(sent: set[str], row: DiagnosticRow, wanted: Wanted) -> list[str]:
    """Return the logs that are not sent, of those that are wanted."""
    if not wanted.every_log:
        return [] if sent else [ALL_LOGS]
    if ALL_LOGS.lower() in sent:
        return []
    categories = row.categories or (ALL_LOGS,)
    return [each for each in categories if each.lower() not in sent]


def _logs(setting: Resource) -> tuple[set[str], list[Unknown]]:
    """Return the categories and groups that a setting sends, in lower case, and what
    may be further ones."""
    logs = setting.value("logs")
    if isinstance(logs, Unknown):
        return set(), [logs]
    sent: set[str] = set()
    unknown: list[Unknown] = []
    for row in logs.elements():
        names = [row.at("category"), row.at("categoryGroup")]
        switch = row.at("enabled")
        known = {
            str(each.value).lower()
            for each in names
            if isinstance(each, Known) and not each.is_blank
        }
        open_names = [each for each in names if isinstance(each, Unknown)]
        if isinstance(switch, Known) and switch.value is True:
            sent |= known
            # It sends something, whatever that is.
            unknown += open_names if not known else []
        elif isinstance(switch, Unknown) and (known or open_names):
            unknown.append(switch)
    return sent, unknown
