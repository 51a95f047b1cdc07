"""Cases of the rules on Application Insights, Log Analytics, private link scopes and
diagnostic settings.
"""

from typing import Any

from policy_plans import RG, SUBSCRIPTION, UNKNOWN, Id, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

COMPONENT = "applicationinsights:Component"
LOGS = "operationalinsights:Workspace"
SCOPE = "monitor:PrivateLinkScope"
MEMBER = "monitor:PrivateLinkScopedResource"
SETTING = "monitor:DiagnosticSetting"
BLOBS = "storage:BlobServiceProperties"
SWITCHED_ON = {"enforcementLevel": "advisory"}
CENTRAL = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/logs/providers/"
    "Microsoft.OperationalInsights/workspaces/central"
)


def public(ingestion: Any, query: Any) -> dict[str, Any]:
    """Return the inputs of something with two switches."""
    return {
        "publicNetworkAccessForIngestion": ingestion,
        "publicNetworkAccessForQuery": query,
    }


def modes(ingestion: Any, query: Any, **more: Any) -> dict[str, Any]:
    """Return the inputs of a scope."""
    given = {"ingestionAccessMode": ingestion, "queryAccessMode": query}
    return {"accessModeSettings": given | more}


def exclusion(mode: Any) -> dict[str, Any]:
    """Return the inputs of a scope with another mode for one endpoint."""
    other = {"privateEndpointConnectionName": "pe", "queryAccessMode": mode}
    return modes("Open", "Open", exclusions=[other])


PRIVATE_QUERIES = {"queryAccessMode": "PrivateOnly"}

RESOURCE_CASES = (
    *(
        case
        for rule, type_name in (("MN001", COMPONENT), ("MN004", LOGS))
        for case in (
            Case(rule, OK, type_name, public("Disabled", "disabled")),
            Case(rule, BAD, type_name, public("Enabled", "Disabled"), "Ingestion is"),
            Case(rule, BAD, type_name, public("Disabled", None), "Query is missing"),
            Case(rule, BAD, type_name, {}, "ForIngestion is missing"),
            Case(rule, OPEN, type_name, public("Disabled", UNKNOWN)),
        )
    ),
    Case("MN002", OK, COMPONENT, {"workspaceResourceId": UNKNOWN}),
    Case(
        "MN002",
        OK,
        COMPONENT,
        {"workspaceResourceId": CENTRAL, "ingestionMode": "LogAnalytics"},
    ),
    Case("MN002", BAD, COMPONENT, {}, "workspaceResourceId is missing"),
    Case("MN002", BAD, COMPONENT, {"workspaceResourceId": " "}, "is missing"),
    Case(
        "MN002",
        BAD,
        COMPONENT,
        {"workspaceResourceId": CENTRAL, "ingestionMode": "ApplicationInsights"},
        "ingestionMode is 'ApplicationInsights'",
    ),
    Case(
        "MN002",
        OPEN,
        COMPONENT,
        {"workspaceResourceId": CENTRAL, "ingestionMode": UNKNOWN},
    ),
    Case("MN003", OK, COMPONENT, {"disableLocalAuth": True}, settings=SWITCHED_ON),
    Case("MN003", BAD, COMPONENT, {}, "is missing", settings=SWITCHED_ON),
    Case("MN003", BAD, COMPONENT, {"disableLocalAuth": False}, settings=SWITCHED_ON),
    Case("MN003", OPEN, COMPONENT, {"disableLocalAuth": UNKNOWN}, settings=SWITCHED_ON),
    Case("MN005", OK, SCOPE, modes("Open", "open")),
    Case("MN005", BAD, SCOPE, modes("Open", "PrivateOnly"), "set it to 'Open'"),
    Case("MN005", BAD, SCOPE, modes("Open", None), "queryAccessMode is missing"),
    Case("MN005", BAD, SCOPE, {}, "accessModeSettings.ingestionAccessMode is missing"),
    Case("MN005", OPEN, SCOPE, modes(UNKNOWN, "Open")),
    Case("MN005", OPEN, SCOPE, {"accessModeSettings": UNKNOWN}),
    Case("MN005", OK, SCOPE, exclusion("Open")),
    Case("MN005", OK, SCOPE, exclusion(None)),
    Case(
        "MN005", BAD, SCOPE, exclusion("PrivateOnly"), "exclusions[0].queryAccessMode"
    ),
    Case("MN005", OPEN, SCOPE, exclusion(UNKNOWN), "exclusions[0].queryAccessMode"),
    Case("MN005", OPEN, SCOPE, modes("Open", "Open", exclusions=UNKNOWN), "exclusions"),
    Case("MN005", OK, SCOPE, modes("Open", "PrivateOnly"), settings=PRIVATE_QUERIES),
    Case("MN005", BAD, SCOPE, modes("Open", "Open"), settings=PRIVATE_QUERIES),
)


IN_THE_SCOPE = Name("scope")


def member(name: str, linked: Any, scope: Any = IN_THE_SCOPE) -> Planned:
    """Return something that joins a scope."""
    return Planned(MEMBER, name, {**RG, "scopeName": scope, "linkedResourceId": linked})


SCOPED = Plan(
    Planned(SCOPE, "scope", {**RG, "scopeName": "ampls"}),
    Planned(LOGS, "logs", {**RG, "workspaceName": "log"}),
    Planned(COMPONENT, "insights", {**RG, "resourceName": "appi"}),
    member("member-logs", Id("logs")),
    member("member-insights", Id("insights")),
    Planned(
        "network:PrivateEndpoint",
        "endpoint",
        {
            **RG,
            "privateEndpointName": "pe",
            "privateLinkServiceConnections": [
                {"groupIds": ["azuremonitor"], "privateLinkServiceId": Id("scope")}
            ],
        },
    ),
)
OTHER_SCOPE = Planned(SCOPE, "other", {**RG, "scopeName": "other"})


def setting(name: str, uri: Any, **changes: Any) -> Planned:
    """Return a diagnostic setting that sends all logs to the plan's workspace."""
    given = {
        "resourceUri": uri,
        "workspaceId": Id("logs"),
        "logs": [{"categoryGroup": "allLogs", "enabled": True}],
    }
    kept = {key: value for key, value in (given | changes).items() if value is not None}
    return Planned(SETTING, name, kept)


def observed(*settings: Planned) -> Plan:
    """Return a vault with diagnostic settings."""
    vault = Planned("keyvault:Vault", "vault", {**RG, "vaultName": "kv"})
    logs = Planned(LOGS, "logs", {**RG, "workspaceName": "log"})
    return Plan(vault, logs, *settings)


def observed_account(*settings: Planned) -> Plan:
    """Return an account and its blob service, with diagnostic settings."""
    return Plan(
        Planned("storage:StorageAccount", "account", {**RG, "accountName": "acc"}),
        Planned(
            BLOBS,
            "blobs",
            {**RG, "accountName": Name("account"), "blobServicesName": "default"},
        ),
        Planned(LOGS, "logs", {**RG, "workspaceName": "log"}),
        *settings,
    )


STACK_CASES = (
    StackCase("MN006", OK, "complete", SCOPED),
    StackCase(
        "MN006",
        OK,
        "central logs",
        SCOPED.without("member-logs").adding(member("central", CENTRAL)),
    ),
    StackCase(
        "MN006",
        BAD,
        "no logs",
        SCOPED.without("member-logs"),
        "scope 'scope' has no Log Analytics workspace in it",
    ),
    StackCase(
        "MN006",
        BAD,
        "no insights",
        SCOPED.without("member-insights"),
        "has no Application Insights in it",
    ),
    StackCase("MN006", BAD, "no endpoint", SCOPED.without("endpoint"), "azuremonitor"),
    StackCase(
        "MN006",
        BAD,
        "logs in another scope",
        SCOPED.adding(
            OTHER_SCOPE,
            member("member-logs", Id("logs"), "other"),
            member("member-insights-2", Id("insights"), "other"),
        ),
        "scope 'scope' has no Log Analytics",
    ),
    StackCase(
        "MN006",
        BAD,
        "the same twice",
        SCOPED.without("member-logs").adding(member("again", Id("insights"))),
        "no Log Analytics",
    ),
    StackCase(
        "MN006",
        OPEN,
        "something unknown joins",
        SCOPED.without("member-logs").adding(member("unknown", Nowhere())),
        "linkedResourceId is not known",
    ),
    StackCase(
        "MN006",
        OPEN,
        "joins an unknown scope",
        SCOPED.without("member-logs").adding(member("lost", Id("logs"), Nowhere())),
        "scopeName is not known",
    ),
    StackCase("MN007", OK, "a vault", observed(setting("s", Id("vault")))),
    StackCase(
        "MN007",
        OK,
        "a category, to somewhere unknown",
        observed(
            setting(
                "s",
                Id("vault"),
                workspaceId=Nowhere(),
                logs=[
                    {"category": "Other", "enabled": False},
                    {"category": "AuditEvent", "enabled": True},
                ],
            )
        ),
    ),
    StackCase(
        "MN007",
        OK,
        "one of two settings does",
        observed(setting("metrics", Id("vault"), logs=None), setting("s", Id("vault"))),
    ),
    StackCase("MN007", BAD, "nothing", observed(), "'vault' has no diagnostic setting"),
    StackCase(
        "MN007",
        BAD,
        "metrics only",
        observed(setting("s", Id("vault"), logs=None)),
        "'s' has no logs enabled",
    ),
    StackCase(
        "MN007",
        BAD,
        "switched off",
        observed(setting("s", Id("vault"), logs=[{"category": "A", "enabled": False}])),
        "'s' has no logs enabled",
    ),
    StackCase(
        "MN007",
        BAD,
        "an archive only",
        observed(setting("s", Id("vault"), workspaceId=None, logs=Nowhere())),
        "'s' has no workspaceId",
    ),
    StackCase(
        "MN007",
        BAD,
        "of something else",
        observed(setting("s", CENTRAL)),
        "no diagnostic setting",
    ),
    StackCase(
        "MN007",
        OPEN,
        "unknown logs",
        observed(setting("s", Id("vault"), logs=Nowhere())),
        "logs is not known",
    ),
    StackCase(
        "MN007",
        OPEN,
        "perhaps enabled",
        observed(
            setting("s", Id("vault"), logs=[{"category": "A", "enabled": Nowhere()}])
        ),
        "logs[0].enabled is not known",
    ),
    StackCase(
        "MN007",
        OPEN,
        "of something unknown",
        observed(setting("s", Nowhere())),
        "resourceUri is not known",
    ),
    StackCase(
        "MN007", OK, "an account's blobs", observed_account(setting("s", Id("blobs")))
    ),
    StackCase(
        "MN007",
        BAD,
        "an account's files",
        observed_account(
            setting("s", Id("account", "/fileServices/default", known=True))
        ),
        "the blob service of 'account' has no diagnostic setting",
    ),
    StackCase(
        "MN007",
        OK,
        "an account's blobs by their id",
        observed_account(
            setting("s", Id("account", "/blobServices/default", known=True))
        ),
    ),
    StackCase(
        "MN007",
        BAD,
        "an account itself",
        observed_account(setting("s", Id("account", known=True))),
        "the blob service of 'account'",
    ),
    StackCase(
        "MN007",
        OPEN,
        "an edge to an account",
        observed_account(setting("s", Id("account", "/blobServices/default"))),
        "resourceUri is not known",
        preview_only=True,
    ),
    StackCase(
        "MN007",
        OK,
        "edges of all four services",
        observed_account(
            *(
                setting(name, Id("account", f"/{name}Services/default"))
                for name in ("blob", "file", "queue", "table")
            )
        ),
    ),
    StackCase(
        "MN007",
        OPEN,
        "edges to two places",
        observed_account(
            *(
                setting(
                    f"{name}-{number}",
                    Id("account", f"/{name}Services/default"),
                    workspaceId=place,
                )
                for name in ("file", "queue", "table")
                for number, place in enumerate((Id("logs"), CENTRAL))
            )
        ),
        "resourceUri is not known",
        preview_only=True,
    ),
    StackCase(
        "MN007",
        BAD,
        "edges of metrics",
        observed_account(setting("s", Id("account"), logs=None)),
        "the blob service of 'account'",
    ),
    StackCase("MN007", NONE, "nothing to observe", Plan(SCOPED["logs"])),
)
