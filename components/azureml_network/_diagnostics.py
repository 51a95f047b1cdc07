"""Diagnostic settings: where the logs and metrics of a component's resources go."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import monitor

from azureml_network._inputs import InputReader
from azureml_network._secure_vnet.arguments import DiagnosticSettingSpec
from azureml_rulebook.diagnostics import (
    ALL_LOGS,
    ALL_METRICS,
    DIAGNOSTICS,
    MOST_SETTINGS,
    SETTINGS_PAGE,
    DiagnosticRow,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import (
    EVENT_HUB_AUTHORIZATION_RULE,
    LOG_ANALYTICS_WORKSPACE,
    STORAGE_ACCOUNT,
)

_DESTINATIONS = {
    "log_analytics_workspace_id": LOG_ANALYTICS_WORKSPACE,
    "storage_account_id": STORAGE_ACCOUNT,
    "event_hub_authorization_rule_id": EVENT_HUB_AUTHORIZATION_RULE,
}


@dataclass(frozen=True, kw_only=True)
class DiagnosticSettingPlan:
    """Where logs and metrics go."""

    log_analytics_workspace_id: Input[str] | None
    storage_account_id: Input[str] | None
    event_hub_authorization_rule_id: Input[str] | None
    event_hub_name: Input[str] | None


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A resource whose logs and metrics are wanted."""

    resource_id: Input[str]
    resource_type: str
    """Its type token, as in ``azureml_rulebook.diagnostics``."""


def read_diagnostic_settings(
    reader: InputReader, name: str
) -> dict[str, DiagnosticSettingPlan]:
    """Read the settings of the component called ``name``, in order of their words."""
    key = "diagnostic_settings"
    if not reader.has(key):
        return {}
    readers = dict(sorted(reader.each(key, DiagnosticSettingSpec).items()))
    if len(readers) > MOST_SETTINGS:
        reader.note(
            key,
            f"are {len(readers)}; a resource takes at most {MOST_SETTINGS}, leave out "
            f"{len(readers) - MOST_SETTINGS} ({SETTINGS_PAGE})",
        )
    settings = {word: _setting(name, word, spec) for word, spec in readers.items()}
    reader.findings += same_name_findings(
        "diagnostic_setting", [(f"{key}.{word}", f"{name}-{word}") for word in readers]
    )
    reader.findings += _same_destination_findings(settings)
    return settings


def diagnostic_settings(
    name: str,
    parent: pulumi.Resource,
    settings: Mapping[str, DiagnosticSettingPlan],
    observed: Mapping[str, Observed],
) -> list[monitor.DiagnosticSetting]:
    """Send on what each resource can tell, to every place that is wanted.

    Args:
        name: that of the component, with which all names begin.
        parent: the component.
        settings: where it goes, by the word that the caller chose for each place.
        observed: the resources by a word for each, which the settings are named after;
            those that have nothing to tell are left out.
    """
    return [
        monitor.DiagnosticSetting(
            f"{name}-{word}-{key}-diagnostics",
            name=f"{name}-{key}",
            resource_uri=item.resource_id,
            logs=_logs(row),
            metrics=[{"category": ALL_METRICS, "enabled": True}]
            if row.metrics
            else None,
            workspace_id=setting.log_analytics_workspace_id,
            log_analytics_destination_type="Dedicated"
            if row.own_tables and setting.log_analytics_workspace_id is not None
            else None,
            storage_account_id=setting.storage_account_id,
            event_hub_authorization_rule_id=setting.event_hub_authorization_rule_id,
            event_hub_name=setting.event_hub_name,
            opts=ResourceOptions(parent=parent),
        )
        for word, item in observed.items()
        if (row := DIAGNOSTICS.get(item.resource_type)) and row.offers_any
        for key, setting in settings.items()
    ]


def _logs(row: DiagnosticRow) -> list[monitor.DiagnosticsLogSettingsArgsDict] | None:
    if row.all_logs:
        return [{"category_group": ALL_LOGS, "enabled": True}]
    if row.categories:
        return [{"category": name, "enabled": True} for name in row.categories]
    return None


def _setting(name: str, word: str, spec: InputReader) -> DiagnosticSettingPlan:
    if not any(spec.has(destination) for destination in _DESTINATIONS):
        spec.note_missing(
            "", f"names no destination; give one or more of {', '.join(_DESTINATIONS)}"
        )
    if spec.has("event_hub_name") and not spec.has("event_hub_authorization_rule_id"):
        spec.note(
            "event_hub_name",
            "needs event_hub_authorization_rule_id; give that too, or leave this out",
        )
    spec.findings += name_findings(
        "diagnostic_setting", f"{name}-{word}", path=spec.path
    )
    ids = {
        destination: spec.resource_id(destination, resource_type)
        for destination, resource_type in _DESTINATIONS.items()
    }
    return DiagnosticSettingPlan(
        **ids, event_hub_name=spec.optional_input("event_hub_name")
    )


def _same_destination_findings(
    settings: Mapping[str, DiagnosticSettingPlan],
) -> list[Finding]:
    """Find settings that would send the same to the same place, which Azure refuses."""
    findings: list[Finding] = []
    first: dict[tuple[str, str], str] = {}
    for word, setting in settings.items():
        for destination in _DESTINATIONS:
            value = getattr(setting, destination)
            if not isinstance(value, str):
                continue
            hub = (
                str(setting.event_hub_name or "") if "event_hub" in destination else ""
            )
            path = f"diagnostic_settings.{word}.{destination}"
            other = first.setdefault((f"{value}|{hub}".lower(), destination), path)
            if other != path:
                findings.append(
                    Finding(
                        path,
                        f"'{value}' is {other} too; a resource sends its logs to a "
                        f"place once, leave one of them out ({SETTINGS_PAGE})",
                    )
                )
    return findings
