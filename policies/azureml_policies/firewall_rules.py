"""Rules on what a firewall lets through: by name, and never everything.

A rule for all sources, all hosts or all ports undoes what the routes to the firewall
are for, whatever the security groups before it still hold.
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from ipaddress import ip_network

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Reading,
    Resource,
    Unknown,
    Violation,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import FIREWALL
from azureml_policies.firewalls import POLICY, RULE_GROUP

_COLLECTIONS = (
    "ruleCollections",
    "applicationRuleCollections",
    "networkRuleCollections",
    "natRuleCollections",
)
"""Of a policy's group, and of a firewall that keeps its rules itself."""
_ADDRESSES = ("sourceAddresses", "destinationAddresses")
_PORTS = ("destinationPorts",)
_HOSTS = ("targetFqdns", "targetUrls", "destinationFqdns")
_PROTOCOLS = ("ipProtocols", "protocols")
_EVERYWHERE = ("*", "any", "internet", "0.0.0.0-255.255.255.255")
_LAST_PORT = 65535
_HTTP_PORT = 80


@resource_rule(
    id="FW003",
    name="firewall-rules-narrow",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(RULE_GROUP, FIREWALL),
    settings={
        "exceptions": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of rules that may be wide, in which * stands for any "
            "text",
        },
        "plainHttp": {
            "type": "array",
            "items": {"type": "string"},
            "default": ["*"],
            "description": "Names of rules that may let Http through on port 80, as "
            "updates of some systems need it; * stands for any text",
        },
    },
    controls=(assigned("NS-2"),),
    steps="Name the sources, hosts, protocols and ports that the rule is for; a "
    "wildcard may stand for what is below a domain, not for a whole top-level domain.",
    url="https://learn.microsoft.com/azure/firewall/rule-processing",
    bad={
        "ruleCollections": [
            {
                "name": "hosts",
                "action": {"type": "Allow"},
                "rules": [
                    {
                        "name": "everything",
                        "ruleType": "ApplicationRule",
                        "sourceAddresses": ["10.20.0.0/25"],
                        "targetFqdns": ["*"],
                    }
                ],
            }
        ]
    },
    good={
        "ruleCollections": [
            {
                "name": "hosts",
                "action": {"type": "Allow"},
                "rules": [
                    {
                        "name": "packages",
                        "ruleType": "ApplicationRule",
                        "sourceAddresses": ["10.20.0.0/25"],
                        "targetFqdns": ["*.anaconda.org"],
                    }
                ],
            }
        ]
    },
)
def firewall_rules_narrow(subject: Resource, context: Context) -> Iterator[Finding]:
    """A firewall lets nobody through to everywhere, and not everybody anywhere."""
    exceptions: Sequence[str] = context.settings["exceptions"]
    plain: Sequence[str] = context.settings["plainHttp"]
    for path in _COLLECTIONS:
        collections = subject.value(path)
        if isinstance(collections, Unknown):
            yield undecided(collections, "no rule in it may be for everything")
            continue
        for collection in collections.elements():
            yield from _collection(collection, exceptions, plain)


def _collection(
    collection: Reading, exceptions: Sequence[str], plain: Sequence[str]
) -> Iterator[Finding]:
    if isinstance(collection, Unknown):
        yield undecided(collection, "no rule in it may be for everything")
        return
    action = collection.at("action.type")
    if isinstance(action, Known) and action.is_any_of(("Deny",)):
        return
    rules = collection.at("rules")
    each_rule = [rules] if isinstance(rules, Unknown) else rules.elements()
    for rule in each_rule:
        if isinstance(rule, Unknown):
            yield undecided(rule, "it must not be for everything")
            continue
        name = rule.at("name")
        label = str(name.value) if isinstance(name, Known) else rule.path
        findings = [] if _is_named(label, exceptions) else list(_rule(rule, label))
        if plain != ["*"]:
            findings += _encrypted(rule, label, _is_named(label, plain))
        for finding in findings:
            if isinstance(action, Unknown):
                finding = undecided(action, f"if it allows, {finding.message}")
            yield finding


@resource_rule(
    id="FW005",
    name="firewall-threat-intel-list",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(POLICY,),
    settings={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Hosts, addresses and ranges that pass although they are "
            "known as attackers'",
        }
    },
    controls=(assigned("NS-4"),),
    steps="Take out of threatIntelWhitelist what nobody needs, and list the rest in "
    "`allowed`.",
    url="https://learn.microsoft.com/azure/firewall/threat-intel",
    bad={"threatIntelWhitelist": {"fqdns": ["*.example.net"]}},
    good={"threatIntelMode": "Deny"},
)
def firewall_threat_list(policy: Resource, context: Context) -> Iterator[Finding]:
    """Nothing that is known as an attacker's passes a firewall unless it is meant."""
    allowed = tuple(context.settings["allowed"])
    for path in ("fqdns", "ipAddresses"):
        listed = policy.value(f"threatIntelWhitelist.{path}")
        elements = [listed] if isinstance(listed, Unknown) else listed.elements()
        for element in elements:
            if isinstance(element, Unknown):
                yield undecided(element, "it has to be listed in allowed")
            elif isinstance(element, Known) and not element.is_any_of(allowed):
                yield Violation(
                    element.path,
                    f"{element.path} lets {element.text} pass although it is known as "
                    "an attacker's; take it out, or list it in allowed",
                )


def _is_named(label: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(label.lower(), each.lower()) for each in patterns)


def _encrypted(rule: Reading, label: str, may_be_plain: bool) -> Iterator[Finding]:
    """Want a rule for hosts to let nothing but Https and Mssql through, or, where it
    ``may_be_plain``, Http on its own port besides."""
    kind = rule.at("ruleType")
    if isinstance(kind, Known) and not kind.is_any_of(("ApplicationRule",)):
        return
    protocols = rule.at("protocols")
    for each in [] if isinstance(protocols, Unknown) else protocols.elements():
        protocol = each.at("protocolType")
        if isinstance(protocol, Unknown):
            yield undecided(protocol, f"rule '{label}' has to let Https through alone")
            continue
        if isinstance(protocol, Known) and protocol.is_any_of(("Https", "Mssql")):
            continue
        port = each.at("port")
        if may_be_plain and isinstance(port, Known) and port.value == _HTTP_PORT:
            continue
        text = protocol.text if isinstance(protocol, Known) else "missing"
        yield Violation(
            protocol.path,
            f"rule '{label}': {protocol.path} is {text}, so that requests may go "
            "unencrypted; set it to 'Https', or list the rule in plainHttp",
        )


def _rule(rule: Reading, label: str) -> Iterator[Finding]:
    for paths, is_wide, wanted in (
        (_ADDRESSES, _is_everywhere, "name ranges or service tags"),
        (_PORTS, _is_every_port, "name ports"),
        (_HOSTS, _is_every_host, "name hosts, or a domain with what is below it"),
        (_PROTOCOLS, _is_every_protocol, "name TCP, UDP or ICMP"),
    ):
        for path in paths:
            side = rule.at(path)
            elements = [side] if isinstance(side, Unknown) else side.elements()
            for element in elements:
                if isinstance(element, Unknown):
                    message = f"rule '{label}' must not be for everything there"
                    yield undecided(element, message)
                elif isinstance(element, Known) and is_wide(element.value):
                    yield Violation(
                        element.path,
                        f"rule '{label}': {element.path} is {element.text}, which is "
                        f"everything; {wanted}",
                    )


def _is_everywhere(value: object) -> bool:
    text = str(value).strip().lower()
    if text in _EVERYWHERE:
        return True
    try:
        return ip_network(text, strict=False).prefixlen == 0
    except ValueError:
        return False


def _is_every_port(value: object) -> bool:
    text = str(value).strip()
    first, dash, last = text.partition("-")
    if text == "*":
        return True
    return (
        bool(dash) and first.strip() in ("0", "1") and last.strip() == str(_LAST_PORT)
    )


def _is_every_host(value: object) -> bool:
    """Whether a host is a wildcard for all, or for a whole top-level domain."""
    text = str(value).strip().lower().rpartition("://")[2].partition("/")[0]
    if not text.startswith("*"):
        return False
    return text.lstrip("*").strip(".").count(".") == 0


def _is_every_protocol(value: object) -> bool:
    return isinstance(value, str) and value.strip().lower() == "any"
