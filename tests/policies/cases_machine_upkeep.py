"""Cases of the rules on how machines start, are patched and send their logs."""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Name, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, Case, StackCase

MACHINE = "compute:VirtualMachine"
EXTENSION = "compute:VirtualMachineExtension"
ASSOCIATION = "monitor:DataCollectionRuleAssociation"
BY_PLATFORM = {
    "patchMode": "AutomaticByPlatform",
    "assessmentMode": "AutomaticByPlatform",
}
ON = {"enforcementLevel": "advisory"}
OUTSIDE = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/logs/providers/"
    "Microsoft.Insights/dataCollectionRules/central"
)


def starting(kind: Any = "TrustedLaunch", **firmware: Any) -> dict[str, Any]:
    """Return the inputs of a machine with firmware of some kind."""
    switches = {"secureBootEnabled": True, "vTpmEnabled": True} | firmware
    return {"securityProfile": {"securityType": kind, "uefiSettings": switches}}


def booting(**given: Any) -> dict[str, Any]:
    """Return the inputs of a machine with boot diagnostics."""
    return {"diagnosticsProfile": {"bootDiagnostics": given}}


def linux(patches: Any = BY_PLATFORM, **further: Any) -> dict[str, Any]:
    """Return the inputs of a Linux machine with settings for patches."""
    configuration = {"disablePasswordAuthentication": True, "patchSettings": patches}
    return {"osProfile": {"linuxConfiguration": configuration, **further}}


def windows(patches: Any = BY_PLATFORM, **further: Any) -> dict[str, Any]:
    """Return the inputs of a Windows machine with settings for patches."""
    return {"osProfile": {"windowsConfiguration": {"patchSettings": patches} | further}}


def extension(kind: Any = "CustomScript", **given: Any) -> dict[str, Any]:
    """Return the inputs of an extension."""
    inputs = {"type": kind, "autoUpgradeMinorVersion": True} | given
    return {key: value for key, value in inputs.items() if value is not None}


RESOURCE_CASES = (
    Case("VM003", OK, MACHINE, starting()),
    Case("VM003", OK, MACHINE, starting("confidentialVM")),
    Case("VM003", BAD, MACHINE, {}, "nothing checks what the machine starts"),
    Case("VM003", BAD, MACHINE, starting("Standard"), "securityType is 'Standard'"),
    Case("VM003", BAD, MACHINE, starting(secureBootEnabled=False), "secureBootEnabled"),
    Case("VM003", BAD, MACHINE, starting(vTpmEnabled=None), "vTpmEnabled is missing"),
    Case("VM003", OPEN, MACHINE, starting(UNKNOWN)),
    Case("VM003", OPEN, MACHINE, starting(vTpmEnabled=UNKNOWN), "vTpmEnabled"),
    Case("VM003", OPEN, MACHINE, {"securityProfile": UNKNOWN}),
    Case("VM004", OK, MACHINE, booting(enabled=True)),
    Case("VM004", BAD, MACHINE, booting(enabled=False), "set it to true"),
    Case("VM004", BAD, MACHINE, {}, "nobody sees why it does not start"),
    Case(
        "VM004", BAD, MACHINE, booting(enabled=True, storageUri="https://st/"), "is set"
    ),
    Case(
        "VM004",
        OK,
        MACHINE,
        booting(enabled=True, storageUri="https://st/"),
        settings={"ownStorage": True},
    ),
    Case("VM004", OPEN, MACHINE, booting(enabled=UNKNOWN)),
    Case("VM004", OPEN, MACHINE, booting(enabled=True, storageUri=UNKNOWN)),
    Case("VM005", OK, MACHINE, linux()),
    Case("VM005", OK, MACHINE, windows()),
    Case("VM005", BAD, MACHINE, linux({}), "the image decides"),
    Case("VM005", BAD, MACHINE, windows({}), "windowsConfiguration.patchSettings"),
    Case(
        "VM005",
        BAD,
        MACHINE,
        windows(BY_PLATFORM | {"patchMode": "AutomaticByOS"}),
        "is 'AutomaticByOS'",
    ),
    Case(
        "VM005",
        OK,
        MACHINE,
        windows(BY_PLATFORM | {"patchMode": "AutomaticByOS"}),
        settings={"modes": ["AutomaticByPlatform", "AutomaticByOS"]},
    ),
    Case(
        "VM005",
        BAD,
        MACHINE,
        linux({"patchMode": "AutomaticByPlatform"}),
        "assessmentMode is missing",
    ),
    Case(
        "VM005", BAD, MACHINE, windows(enableAutomaticUpdates=False), "set it to true"
    ),
    Case("VM005", BAD, MACHINE, windows(provisionVMAgent=False), "provisionVMAgent"),
    Case(
        "VM005",
        BAD,
        MACHINE,
        linux(allowExtensionOperations=False),
        "allowExtensionOperations is false",
    ),
    Case("VM005", OPEN, MACHINE, linux(UNKNOWN)),
    Case("VM005", OPEN, MACHINE, {"osProfile": UNKNOWN}, "whose patches"),
    Case("VM005", NONE, MACHINE, {}),
    Case("VM006", OK, EXTENSION, extension()),
    Case(
        "VM006",
        OK,
        EXTENSION,
        extension("AzureMonitorLinuxAgent", enableAutomaticUpgrade=True),
    ),
    Case("VM006", BAD, EXTENSION, extension("AzureMonitorLinuxAgent"), "do not come"),
    Case("VM006", BAD, EXTENSION, extension(autoUpgradeMinorVersion=None), "oldest"),
    Case("VM006", BAD, EXTENSION, extension(autoUpgradeMinorVersion=False), "is false"),
    Case("VM006", OPEN, EXTENSION, extension(autoUpgradeMinorVersion=UNKNOWN)),
    Case("VM006", OPEN, EXTENSION, extension(UNKNOWN), "if Azure upgrades it"),
    Case("VM007", OK, MACHINE, {"identity": {"type": "SystemAssigned"}}),
    Case("VM007", OK, MACHINE, {"identity": {"type": "UserAssigned"}}),
    Case("VM007", OK, MACHINE, {"identity": {"type": "SystemAssigned, UserAssigned"}}),
    Case("VM007", OK, MACHINE, {"identity": {"type": "systemassigned,userassigned"}}),
    Case("VM007", BAD, MACHINE, {}, "identity.type is missing"),
    Case("VM007", BAD, MACHINE, {"identity": {"type": "None"}}, "is 'None'"),
    Case("VM007", OPEN, MACHINE, {"identity": {"type": UNKNOWN}}),
)

DESK = Planned(MACHINE, "desk", {**RG, "vmName": "desk", **linux()})
AGENT = Planned(
    EXTENSION,
    "agent",
    {**RG, "vmName": Name("desk"), **extension("AzureMonitorLinuxAgent")},
)
SIGN_IN = Planned(
    EXTENSION,
    "sign-in",
    {**RG, "vmName": Name("desk"), **extension("AADSSHLoginForLinux")},
)
EQUIPPED = Plan(DESK, AGENT, SIGN_IN)
RULE = Planned(
    "monitor:DataCollectionRule",
    "rule",
    {
        **RG,
        "dataCollectionRuleName": "dcr",
        "dataCollectionEndpointId": Id("endpoint"),
        "dataFlows": [{"streams": ["Microsoft-Syslog"], "destinations": ["logs"]}],
        "dataSources": {"syslog": [{"streams": ["Microsoft-Syslog"]}]},
    },
)
SETTINGS = {"logs": [{"name": "MaxDiskQuotaInMB", "value": "4000"}]}
ENDPOINT = Planned(
    "monitor:DataCollectionEndpoint",
    "endpoint",
    {**RG, "dataCollectionEndpointName": "dce"},
)


def collecting(name: str, **leads_to: Any) -> Planned:
    """Return an association of the machine."""
    inputs = {"associationName": name, "resourceUri": Id("desk"), **leads_to}
    return Planned(ASSOCIATION, name, inputs)


WATCHED = Plan(
    DESK,
    RULE,
    ENDPOINT,
    collecting("logs", dataCollectionRuleId=Id("rule")),
    collecting("orders", dataCollectionEndpointId=Id("endpoint")),
)

STACK_CASES = (
    StackCase("VM008", OK, "both", EQUIPPED, settings=ON),
    StackCase(
        "VM008",
        BAD,
        "no agent",
        EQUIPPED.without("agent"),
        "'desk' has no extension AzureMonitorLinuxAgent",
        ON,
    ),
    StackCase(
        "VM008",
        BAD,
        "another system",
        EQUIPPED.with_inputs("desk", **windows()),
        "AzureMonitorWindowsAgent",
        ON,
    ),
    StackCase(
        "VM008",
        OK,
        "nothing but the agent is wanted",
        EQUIPPED.without("sign-in"),
        settings=ON | {"linux": ["azuremonitorlinuxagent"]},
    ),
    StackCase(
        "VM008",
        NONE,
        "nothing is wanted",
        Plan(DESK),
        settings=ON | {"linux": []},
    ),
    StackCase(
        "VM008",
        BAD,
        "of another machine",
        EQUIPPED.with_inputs("agent", vmName="other"),
        "AzureMonitorLinuxAgent",
        ON,
    ),
    StackCase(
        "VM008",
        OPEN,
        "of some machine",
        EQUIPPED.with_inputs("agent", vmName=Nowhere()),
        settings=ON,
    ),
    StackCase(
        "VM008",
        OPEN,
        "of some type",
        EQUIPPED.with_inputs("agent", type=Nowhere()),
        "type is not known",
        ON,
    ),
    StackCase(
        "VM008",
        OPEN,
        "of some system",
        EQUIPPED.with_inputs("desk", osProfile=Nowhere()),
        settings=ON,
    ),
    StackCase("VM009", OK, "both associations", WATCHED, settings=ON),
    StackCase(
        "VM009",
        OK,
        "a rule elsewhere",
        WATCHED.with_inputs("logs", dataCollectionRuleId=OUTSIDE),
        settings=ON,
    ),
    *(
        StackCase(
            "VM009", answer, label, WATCHED.with_inputs("rule", **inputs), says, ON
        )
        for answer, label, says, inputs in (
            (BAD, "no flows", "dataFlows of 'rule' has nothing", {"dataFlows": None}),
            (BAD, "an empty list of flows", "dataFlows of 'rule'", {"dataFlows": []}),
            (OPEN, "some flows", "dataFlows is not known", {"dataFlows": Nowhere()}),
            (BAD, "no sources", "dataSources of 'rule' has", {"dataSources": None}),
            (BAD, "an empty map of sources", "dataSources", {"dataSources": {}}),
            (BAD, "an empty list of sources", "by it", {"dataSources": {"syslog": []}}),
            (BAD, "flows of a wrong type", "'rule'", {"dataFlows": {"streams": []}}),
            (OPEN, "some map of sources", "dataSources", {"dataSources": Nowhere()}),
            (
                OPEN,
                "some sources",
                "dataSources.syslog is not known",
                {"dataSources": {"syslog": Nowhere(), "extensions": []}},
            ),
            (
                OK,
                "sources beside one that is not known",
                "",
                {"dataSources": {"syslog": [{}], "extensions": Nowhere()}},
            ),
            (
                OK,
                "settings of the agent alone",
                "",
                {"dataSources": None, "dataFlows": None, "agentSettings": SETTINGS},
            ),
            (
                BAD,
                "sources without flows beside settings of the agent",
                "dataFlows of 'rule'",
                {"dataFlows": None, "agentSettings": SETTINGS},
            ),
            (
                OPEN,
                "some settings of the agent alone",
                "agentSettings is not known",
                {"dataSources": None, "dataFlows": [], "agentSettings": Nowhere()},
            ),
            (
                BAD,
                "neither flows nor sources",
                "dataFlows of 'rule'",
                {"dataSources": None, "dataFlows": None},
            ),
        )
    ),
    StackCase(
        "VM009",
        BAD,
        "no rule",
        WATCHED.without("logs"),
        "has no association with a data collection rule",
        ON,
    ),
    StackCase(
        "VM009",
        BAD,
        "no endpoint",
        WATCHED.without("orders"),
        "with a data collection endpoint",
        ON,
    ),
    StackCase(
        "VM009",
        OK,
        "no endpoint, nor wanted",
        WATCHED.without("orders"),
        settings=ON | {"endpoints": False},
    ),
    StackCase(
        "VM009",
        BAD,
        "a rule without endpoint",
        WATCHED.with_inputs("rule", dataCollectionEndpointId=None),
        "dataCollectionEndpointId of 'rule' is missing",
        ON,
    ),
    StackCase(
        "VM009",
        OPEN,
        "of some machine",
        WATCHED.with_inputs("logs", resourceUri=Nowhere()),
        settings=ON,
    ),
    StackCase(
        "VM009",
        OPEN,
        "perhaps no rule",
        WATCHED.with_inputs("logs", dataCollectionRuleId=Nowhere()),
        settings=ON,
    ),
)
