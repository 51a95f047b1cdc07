"""Cases of the rules for managed networks: their mode, and what they let out."""

from typing import Any

from policy_plans import UNKNOWN, secret
from rule_cases import BAD, NONE, OK, OPEN, Case

WORKSPACE = "machinelearningservices:Workspace"
OUTBOUND_RULE = "machinelearningservices:ManagedNetworkSettingsRule"
MODE = "managedNetwork"


def isolation(mode: Any, **others: Any) -> dict[str, Any]:
    """Return a workspace with that isolation mode."""
    return {"managedNetwork": {"isolationMode": mode}, **others}


def outbound(**rules: Any) -> dict[str, Any]:
    """Return a workspace with outbound rules inline."""
    return {"managedNetwork": {"outboundRules": rules}}


def host(destination: Any) -> dict[str, Any]:
    """Return an outbound rule for a host."""
    return {"type": "FQDN", "destination": destination}


def tag(**destination: Any) -> dict[str, Any]:
    """Return an outbound rule for a service tag, a narrow one but for the changes."""
    narrow = {"serviceTag": "DataFactory", "protocol": "TCP", "portRanges": "443"}
    merged = {**narrow, **destination}
    kept = {key: value for key, value in merged.items() if value is not None}
    return {"type": "ServiceTag", "destination": kept}


def alone(rule: Any) -> dict[str, Any]:
    """Return an outbound rule as a resource of its own."""
    return {"ruleName": "rule", "workspaceName": "mlw", "properties": rule}


PRIVATE_RULE = {
    "type": "PrivateEndpoint",
    "destination": {"serviceResourceId": UNKNOWN},
}
OPEN_MODE = {"allowedModes": ["AllowInternetOutbound"]}

RESOURCE_CASES = (
    Case("ML004", OK, WORKSPACE, {}),
    Case("ML004", OK, WORKSPACE, isolation("Disabled")),
    Case("ML004", OK, WORKSPACE, isolation("allowonlyapprovedoutbound")),
    Case("ML004", OK, WORKSPACE, isolation("AllowInternetOutbound"), "", OPEN_MODE),
    Case(
        "ML004",
        BAD,
        WORKSPACE,
        isolation("AllowInternetOutbound"),
        "is 'AllowInternetOutbound'; set it to 'AllowOnlyApprovedOutbound' or",
    ),
    Case("ML004", BAD, WORKSPACE, {}, "no managed network", OPEN_MODE),
    Case("ML004", BAD, WORKSPACE, isolation("Disabled"), "'Disabled'", OPEN_MODE),
    Case("ML004", OPEN, WORKSPACE, isolation(UNKNOWN)),
    Case("ML004", OPEN, WORKSPACE, {MODE: UNKNOWN}, "managedNetwork is not known"),
    Case("ML004", NONE, WORKSPACE, {"kind": "Project"}, "", OPEN_MODE),
    Case(
        "ML004",
        OPEN,
        WORKSPACE,
        isolation("AllowInternetOutbound", kind=UNKNOWN),
        "if it is not 'Project'",
    ),
    # ML005: inline and as resources of their own.
    Case("ML005", OK, WORKSPACE, {}),
    Case(
        "ML005",
        OK,
        WORKSPACE,
        outbound(a=host("packages.example.com"), b=tag(), c=PRIVATE_RULE),
    ),
    Case("ML005", OK, WORKSPACE, outbound(a=host("*.packages.example.com"))),
    Case("ML005", OK, WORKSPACE, outbound(a={"type": "fqdn", "destination": "a.org"})),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(serviceTag="Internet", action="Deny"))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(protocol="ICMP", portRanges="*"))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=["203.0.113.0/24"]))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=["203.0.113.7"]))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(addressPrefixes=[]))),
    Case("ML005", OK, OUTBOUND_RULE, alone(host("packages.example.com"))),
    Case("ML005", OK, OUTBOUND_RULE, alone(PRIVATE_RULE)),
    Case(
        "ML005",
        BAD,
        WORKSPACE,
        outbound(everything=host("*")),
        "managedNetwork.outboundRules.everything.destination: '*' would open the whole",
    ),
    Case("ML005", BAD, WORKSPACE, outbound(a=host("*.com")), "top-level domain"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host("")), "destination is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a={"type": "FQDN"}), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host(7)), "is 7; set it to a text"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host({"b": 1})), "is a map of 1"),
    Case(
        "ML005",
        BAD,
        WORKSPACE,
        outbound(a=host("*.core.windows.net")),
        "has every storage account below it",
    ),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag="internet")), "'Internet'"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag="AzureCloud.WestEurope"))),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(serviceTag=None)), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="*")), "opens every port"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="1-65535")), "opens 65535"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="1-40000,30000-50000"))),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges="http")), "not a port"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(portRanges=None)), "is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(addressPrefixes=["0.0.0.0/1"])), "/8"),
    Case("ML005", BAD, WORKSPACE, outbound(a=tag(addressPrefixes=["anywhere"]))),
    Case("ML005", BAD, WORKSPACE, outbound(a={"destination": "a.org"}), "type is miss"),
    Case("ML005", BAD, WORKSPACE, outbound(a="*"), "outboundRules.a.type is missing"),
    Case("ML005", BAD, WORKSPACE, outbound(a={"type": "Any"}), "type is 'Any'"),
    Case("ML005", BAD, WORKSPACE, {MODE: {"outboundRules": [1]}}, "is not a map"),
    Case("ML005", BAD, WORKSPACE, outbound(a=host(secret("*.io"))), "opens too much"),
    Case("ML005", BAD, OUTBOUND_RULE, alone(host("*.org")), "properties.destination"),
    Case("ML005", BAD, OUTBOUND_RULE, {}, "properties.type is missing"),
    Case("ML005", OPEN, WORKSPACE, {MODE: UNKNOWN}, "managedNetwork is not known"),
    Case("ML005", OPEN, WORKSPACE, {MODE: {"outboundRules": UNKNOWN}}),
    Case("ML005", OPEN, WORKSPACE, outbound(a=UNKNOWN), "outboundRules.a is not known"),
    Case("ML005", OPEN, WORKSPACE, outbound(a=host(UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(serviceTag=UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(portRanges=UNKNOWN))),
    Case("ML005", OPEN, WORKSPACE, outbound(a=tag(addressPrefixes=UNKNOWN))),
    Case("ML005", OK, WORKSPACE, outbound(a=tag(serviceTag="Sql", action=UNKNOWN))),
    Case(
        "ML005",
        OPEN,
        WORKSPACE,
        outbound(a=tag(serviceTag="Internet", action=UNKNOWN)),
        "if it is 'Allow'",
    ),
    Case("ML005", OPEN, OUTBOUND_RULE, alone(UNKNOWN), "properties is not known"),
)
