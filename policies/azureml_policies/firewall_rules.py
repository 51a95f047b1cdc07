"""Rules on what a firewall lets through: by name, and never everything.

A rule for all sources, all hosts or all ports undoes what the routes to the firewall
are for, whatever the security groups before it still hold.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from ipaddress import (
    IPv4Network,
    IPv6Network,
    collapse_addresses,
    ip_address,
    ip_network,
    summarize_address_range,
)

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
from azureml_reachability.ports import PortSet
from azureml_rulebook.address_ranges import WIDEST_RANGE

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
_EVERYWHERE = ("*", "any", "internet")
_GLOBAL_IPV6 = 3
"""Length of the prefix of all addresses of the Internet, 2000::/3
(https://www.iana.org/assignments/ipv6-address-space)."""
_WELL_KNOWN_PORTS = 1024
"""Ports 0 to 1023: a rule for all above them leaves out what matters most."""
_HTTP_PORT = 80


@resource_rule(
    id="FW003",
    name="firewall-rules-narrow",
    level=EnforcementLevel.ADVISORY,
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
    portless = _is_of_icmp_alone(rule)
    for paths, is_wide, wanted in (
        (_ADDRESSES, _is_everywhere, "name ranges or service tags"),
        (() if portless else _PORTS, _is_every_port, "name ports"),
        (_HOSTS, _is_every_host, "name hosts, or a domain with what is below it"),
        (_PROTOCOLS, _is_every_protocol, "name TCP, UDP or ICMP"),
    ):
        for path in paths:
            yield from _side(rule.at(path), label, is_wide, wanted)


def _side(
    side: Reading, label: str, is_wide: Callable[[Sequence[object]], bool], wanted: str
) -> Iterator[Finding]:
    """Want what a rule lists on one side to be less than everything, each part by
    itself and all of them together."""
    together: list[object] = []
    told = False
    for element in [side] if isinstance(side, Unknown) else side.elements():
        if isinstance(element, Unknown):
            told = True
            message = f"rule '{label}' must not be for everything there"
            yield undecided(element, message)
        elif isinstance(element, Known):
            together.append(element.value)
            if is_wide([element.value]):
                told = True
                yield _wide(element, label, wanted)
    if isinstance(side, Known) and not told and is_wide(together):
        yield _wide(side, label, wanted)


def _wide(part: Known, label: str, wanted: str) -> Violation:
    return Violation(
        part.path,
        f"rule '{label}': {part.path} is {part.text}, which is everything or nearly "
        f"so; {wanted}",
    )


def _is_of_icmp_alone(rule: Reading) -> bool:
    """Whether a rule has no ports: Azure wants ``*`` there."""
    for path in _PROTOCOLS:
        protocols = rule.at(path)
        if isinstance(protocols, Known) and protocols.elements():
            return all(
                isinstance(each, Known) and each.is_any_of(("ICMP",))
                for each in protocols.elements()
            )
    return False


def _is_everywhere(values: Sequence[object]) -> bool:
    texts = [str(value).strip().lower() for value in values]
    if any(text in _EVERYWHERE for text in texts):
        return True
    found = [each for text in texts for each in _networks(text)]
    fourth = collapse_addresses(x for x in found if isinstance(x, IPv4Network))
    sixth = collapse_addresses(x for x in found if isinstance(x, IPv6Network))
    return any(each.prefixlen < WIDEST_RANGE for each in fourth) or any(
        each.prefixlen <= _GLOBAL_IPV6 for each in sixth
    )


def _networks(text: str) -> Iterable[IPv4Network | IPv6Network]:
    """Return what an address, a prefix or a range of addresses means; else nothing."""
    first, dash, last = text.partition("-")
    try:
        if not dash:
            return [ip_network(text, strict=False)]
        start, end = ip_address(first.strip()), ip_address(last.strip())
        return list(summarize_address_range(start, end))
    except (TypeError, ValueError):
        return []


def _is_every_port(values: Sequence[object]) -> bool:
    found = PortSet(False)
    for value in values:
        try:
            found |= PortSet.of(str(value).replace(" ", ""))
        except ValueError:
            continue
    left_out = sum(end - first for first, end in (~found).line_ranges())
    return left_out < _WELL_KNOWN_PORTS


def _is_every_host(values: Sequence[object]) -> bool:
    """Whether a host is a wildcard for all, or for a whole top-level domain."""
    hosts = (
        str(value).strip().lower().rpartition("://")[2].partition("/")[0]
        for value in values
    )
    return any(
        host.startswith("*") and host.lstrip("*").strip(".").count(".") == 0
        for host in hosts
    )


def _is_every_protocol(values: Sequence[object]) -> bool:
    return any(
        isinstance(value, str) and value.strip().lower() == "any" for value in values
    )
