"""Cases of the rules on alerts, on collected data and on how long logs are kept."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

ALERT = "monitor:MetricAlert"
ACTIONS = "monitor:ActionGroup"
COLLECTION = "monitor:DataCollectionEndpoint"
LOGS = "operationalinsights:Workspace"
MEMBER = "monitor:PrivateLinkScopedResource"
LONG = {"minimumDays": 90}
GROUP = [{"actionGroupId": UNKNOWN}]
TEAM = [{"name": "team", "emailAddress": "team@contoso.com"}]


def collecting(access: Any) -> dict[str, Any]:
    """Return the inputs of a data collection endpoint."""
    return {"networkAcls": {"publicNetworkAccess": access}}


RESOURCE_CASES = (
    Case("MN008", OK, COLLECTION, collecting("disabled")),
    Case("MN008", OK, COLLECTION, collecting("SecuredByPerimeter")),
    Case("MN008", BAD, COLLECTION, collecting("Enabled"), "is 'Enabled'"),
    Case("MN008", BAD, COLLECTION, {}, "Azure opens what does not say"),
    Case("MN008", OPEN, COLLECTION, collecting(UNKNOWN)),
    Case("MN009", OK, LOGS, {"retentionInDays": 30}),
    Case("MN009", OK, LOGS, {}),
    Case("MN009", OK, LOGS, {"retentionInDays": 90}, settings=LONG),
    Case("MN009", BAD, LOGS, {"retentionInDays": 7}, "set it to 30 or more"),
    Case("MN009", BAD, LOGS, {"retentionInDays": 30}, "set it to 90 or more", LONG),
    Case("MN009", BAD, LOGS, {}, "Azure keeps logs for 30 days", LONG),
    Case("MN009", OPEN, LOGS, {"retentionInDays": UNKNOWN}),
    Case("MN011", OK, ALERT, {"enabled": True, "actions": GROUP}),
    Case("MN011", BAD, ALERT, {"enabled": False, "actions": GROUP}, "set it to true"),
    Case("MN011", BAD, ALERT, {"actions": GROUP}, "enabled is missing"),
    Case("MN011", BAD, ALERT, {"enabled": True}, "actions is empty: nobody is told"),
    Case("MN011", BAD, ALERT, {"enabled": True, "actions": []}, "actions is empty"),
    Case("MN011", OPEN, ALERT, {"enabled": UNKNOWN, "actions": GROUP}),
    Case("MN011", OPEN, ALERT, {"enabled": True, "actions": UNKNOWN}),
    Case("MN011", OK, ACTIONS, {"enabled": True, "emailReceivers": TEAM}),
    Case("MN011", OK, ACTIONS, {"enabled": True, "webhookReceivers": TEAM}),
    Case("MN011", BAD, ACTIONS, {"enabled": True}, "add somebody who is told"),
    Case("MN011", BAD, ACTIONS, {"enabled": False, "smsReceivers": TEAM}, "is false"),
    Case("MN011", OPEN, ACTIONS, {"enabled": True, "smsReceivers": UNKNOWN}),
)


def joining(linked: Any) -> Plan:
    """Return an endpoint, and something that joins a scope of another stack."""
    return Plan(
        Planned(COLLECTION, "endpoint", {**RG, "dataCollectionEndpointName": "dce"}),
        Planned(LOGS, "logs", {**RG, "workspaceName": "log"}),
        Planned(
            MEMBER, "member", {**RG, "scopeName": "ampls", "linkedResourceId": linked}
        ),
    )


def observed(**setting: Any) -> Plan:
    """Return a firewall and its logs' settings, with one changed."""
    given = {
        "resourceUri": Id("firewall"),
        "workspaceId": Id("logs"),
        "logs": [
            {"category": "AZFWNetworkRule", "enabled": True},
            {"category": "AZFWApplicationRule", "enabled": True},
        ],
    } | setting
    return Plan(
        Planned("network:AzureFirewall", "firewall", {**RG, "azureFirewallName": "a"}),
        Planned("storage:StorageAccount", "store", {**RG, "accountName": "st"}),
        Planned(LOGS, "logs", {**RG, "workspaceName": "log"}),
        Planned("monitor:DiagnosticSetting", "setting", given),
    )


FIREWALLS = {"types": ["network:AzureFirewall"]}
EVERY = FIREWALLS | {"everyLog": True}
BOTH = FIREWALLS | {"destinations": ["workspaceId", "storageAccountId"]}
ALL = [{"categoryGroup": "allLogs", "enabled": True}]
FILES = {"types": ["storage:StorageAccount"], "storageServices": ["file"]}


def observed_service(service: str) -> Plan:
    """Return an account, and the settings of one of its services."""
    return Plan(
        Planned("storage:StorageAccount", "account", {**RG, "accountName": "acc"}),
        Planned(LOGS, "logs", {**RG, "workspaceName": "log"}),
        Planned(
            "monitor:DiagnosticSetting",
            "setting",
            {
                "resourceUri": Id(
                    "account", suffix=f"/{service}Services/default", known=True
                ),
                "workspaceId": Id("logs"),
                "logs": ALL,
            },
        ),
    )


STACK_CASES = (
    StackCase("MN010", OK, "in a scope", joining(Id("endpoint"))),
    StackCase("MN010", BAD, "in none", joining(Id("logs")), "is in no private link"),
    StackCase("MN010", OPEN, "perhaps in one", joining(Nowhere())),
    StackCase(
        "MN007", OK, "any log of a firewall", observed(), settings=dict(FIREWALLS)
    ),
    StackCase(
        "MN007",
        BAD,
        "not every log of a firewall",
        observed(),
        "AZFWDnsQuery",
        EVERY,
    ),
    StackCase("MN007", OK, "all logs", observed(logs=ALL), settings=EVERY),
    StackCase(
        "MN007",
        BAD,
        "all logs, switched off",
        observed(logs=[{"categoryGroup": "allLogs", "enabled": False}]),
        "has no logs enabled",
        EVERY,
    ),
    StackCase(
        "MN007",
        OPEN,
        "all logs, perhaps",
        observed(logs=[{"categoryGroup": "allLogs", "enabled": Nowhere()}]),
        settings=EVERY,
    ),
    StackCase(
        "MN007",
        BAD,
        "one destination of two",
        observed(),
        "sends logs to a storageAccountId",
        BOTH,
    ),
    StackCase(
        "MN007",
        OK,
        "both destinations",
        observed(storageAccountId=Id("store")),
        settings=BOTH,
    ),
    StackCase(
        "MN007",
        OK,
        "two settings for two destinations",
        observed().adding(
            Planned(
                "monitor:DiagnosticSetting",
                "kept",
                {
                    "resourceUri": Id("firewall"),
                    "storageAccountId": Id("store"),
                    "logs": ALL,
                },
            )
        ),
        settings=BOTH,
    ),
    StackCase(
        "MN007",
        NONE,
        "a type that is not asked for",
        observed(),
        settings={"types": ["keyvault:Vault"]},
    ),
    StackCase(
        "MN007", OK, "files of an account", observed_service("file"), settings=FILES
    ),
    StackCase(
        "MN007",
        BAD,
        "blobs in place of files",
        observed_service("blob"),
        "the file service of 'account'",
        FILES,
    ),
)
