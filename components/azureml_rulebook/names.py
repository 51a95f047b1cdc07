"""Azure resource names: one rule per kind of resource, and names built to fit it.

A name is ``<abbreviation>-<workload>-<environment>-<suffix>``, without hyphens where
Azure forbids them. It is never cut: a part that makes it too long is an error, because
a cut name can collide with another one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import suggestion

_RULES_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/"
    "resource-name-rules"
)
_WORD = r"[a-zA-Z0-9]"


@dataclass(frozen=True, kw_only=True)
class NameRule:
    """What Azure demands of the names of one kind of resource."""

    kind: str
    abbreviation: str
    """How the name begins (https://learn.microsoft.com/azure/cloud-adoption-framework/
    ready/azure-best-practices/resource-abbreviations)."""
    shortest: int
    longest: int
    pattern: str
    """Regular expression for the whole name."""
    characters: str
    """The same in words."""
    hyphens: bool = True
    """Whether the parts of a name are joined with hyphens."""
    page: str = _RULES_PAGE


_HYPHENS = rf"{_WORD}([a-zA-Z0-9-]*{_WORD})?"
_HYPHENS_IN_WORDS = "letters, digits and hyphens, a letter or digit at both ends"
_INSTANCE_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-create-compute-instance"
)
_COLLECTION_PAGE = (
    "https://learn.microsoft.com/azure/azure-monitor/data-collection/"
    "data-collection-endpoint-overview"
)
# Azure publishes 3 to 24 characters and this pattern for all compute, and shorter and
# longer names on its pages: what is allowed here is allowed by each of them.
# https://learn.microsoft.com/azure/templates/microsoft.machinelearningservices/workspaces/computes
_COMPUTE = r"[a-zA-Z](?!.*-[0-9]*$)[a-zA-Z0-9-]*"
_COMPUTE_IN_WORDS = (
    "letters, digits and hyphens, beginning with a letter and with a letter somewhere "
    "behind the last hyphen"
)
_NETWORK = r"[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9_])?"
_NETWORK_IN_WORDS = (
    "letters, digits, '_', '.' and '-', beginning with a letter or digit and ending "
    "with one or '_'"
)


def _network_rule(kind: str, abbreviation: str, shortest: int = 1, longest: int = 80):
    return NameRule(
        kind=kind,
        abbreviation=abbreviation,
        shortest=shortest,
        longest=longest,
        pattern=_NETWORK,
        characters=_NETWORK_IN_WORDS,
    )


def _resolver_rule(kind: str, abbreviation: str):
    # Of the characters that Azure's pages name, those that all of them allow.
    return NameRule(
        kind=kind,
        abbreviation=abbreviation,
        shortest=1,
        longest=80,
        pattern=rf"[a-zA-Z]([a-zA-Z0-9_-]*{_WORD})?",
        characters="letters, digits, '_' and '-', beginning with a letter and ending "
        "with a letter or digit",
        page="https://learn.microsoft.com/azure/dns/"
        "private-resolver-endpoints-rulesets#rules",
    )


NAME_RULES: dict[str, NameRule] = {
    rule.kind: rule
    for rule in (
        NameRule(
            kind="storage_account",
            abbreviation="st",
            shortest=3,
            longest=24,
            pattern=r"[a-z0-9]+",
            characters="lower-case letters and digits",
            hyphens=False,
        ),
        NameRule(
            kind="key_vault",
            abbreviation="kv",
            shortest=3,
            longest=24,
            pattern=r"[a-zA-Z](?!.*--)([a-zA-Z0-9-]*[a-zA-Z0-9])?",
            characters="letters, digits and single hyphens, beginning with a letter "
            "and ending with a letter or digit",
        ),
        NameRule(
            kind="container_registry",
            abbreviation="cr",
            shortest=5,
            longest=50,
            pattern=r"[a-zA-Z0-9]+",
            characters="letters and digits",
            hyphens=False,
        ),
        NameRule(
            kind="machine_learning_workspace",
            abbreviation="mlw",
            shortest=3,
            longest=33,
            pattern=_HYPHENS,
            characters=_HYPHENS_IN_WORDS,
        ),
        NameRule(
            kind="compute_cluster",
            abbreviation="cluster",
            shortest=3,
            longest=16,
            pattern=_COMPUTE,
            characters=_COMPUTE_IN_WORDS,
        ),
        NameRule(
            kind="kubernetes_compute",
            abbreviation="k8s",
            shortest=3,
            longest=16,
            pattern=_COMPUTE,
            characters=_COMPUTE_IN_WORDS,
        ),
        NameRule(
            kind="compute_instance",
            abbreviation="ci",
            shortest=3,
            longest=24,
            pattern=_COMPUTE,
            characters=_COMPUTE_IN_WORDS,
            page=_INSTANCE_PAGE,
        ),
        NameRule(
            kind="online_endpoint",
            abbreviation="mloe",
            shortest=3,
            longest=32,
            pattern=r"[a-zA-Z](-?[a-zA-Z0-9])*",
            characters="letters, digits and single hyphens, beginning with a letter "
            "and ending with a letter or digit",
            page="https://learn.microsoft.com/azure/machine-learning/"
            "how-to-manage-quotas#azure-machine-learning-online-endpoints-and-batch-"
            "endpoints",
        ),
        NameRule(
            kind="managed_identity",
            abbreviation="id",
            shortest=3,
            longest=128,
            pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]*",
            characters="letters, digits, '-' and '_', beginning with a letter or digit",
        ),
        NameRule(
            kind="log_analytics_workspace",
            abbreviation="log",
            shortest=4,
            longest=63,
            pattern=_HYPHENS,
            characters=_HYPHENS_IN_WORDS,
        ),
        NameRule(
            kind="application_insights",
            abbreviation="appi",
            shortest=1,
            longest=260,
            pattern=r"[a-zA-Z0-9_.()-]*[a-zA-Z0-9_()-]",
            characters="letters, digits, '_', '.', '-' and parentheses, not ending "
            "with '.'",
        ),
        NameRule(
            kind="monitor_private_link_scope",
            abbreviation="ampls",
            shortest=1,
            longest=80,
            pattern=_NETWORK,
            characters=_NETWORK_IN_WORDS,
        ),
        NameRule(
            kind="virtual_machine",
            abbreviation="vm",
            shortest=1,
            longest=64,
            pattern=_HYPHENS,
            characters=_HYPHENS_IN_WORDS,
        ),
        NameRule(
            kind="disk_encryption_set",
            abbreviation="des",
            shortest=1,
            longest=80,
            pattern=r"[a-zA-Z0-9_-]+",
            characters="letters, digits, '_' and '-'",
        ),
        NameRule(
            kind="data_collection_endpoint",
            abbreviation="dce",
            shortest=3,
            longest=44,
            pattern=_HYPHENS,
            characters=_HYPHENS_IN_WORDS,
            page=_COLLECTION_PAGE,
        ),
        NameRule(
            kind="data_collection_rule",
            abbreviation="dcr",
            shortest=3,
            longest=64,
            pattern=_HYPHENS,
            characters=_HYPHENS_IN_WORDS,
            page=_COLLECTION_PAGE,
        ),
        _network_rule("virtual_network", "vnet", shortest=2, longest=64),
        _network_rule("subnet", "snet"),
        _network_rule("network_security_group", "nsg"),
        _network_rule("security_rule", "rule"),
        _network_rule("application_security_group", "asg"),
        _network_rule("nat_gateway", "ng"),
        _network_rule("load_balancer", "lb"),
        _network_rule("load_balancer_part", "part"),
        _network_rule("private_link_service", "pls"),
        _network_rule("action_group", "ag", longest=260),
        _network_rule("metric_alert", "alert", longest=260),
        _network_rule("route_table", "rt"),
        _network_rule("azure_firewall", "afw", longest=56),
        _network_rule("bastion_host", "bas"),
        _network_rule("firewall_policy", "afwp"),
        _network_rule("firewall_rule", "rule"),
        _network_rule("public_ip_address", "pip"),
        _network_rule("private_endpoint", "pep"),
        _network_rule("network_interface", "nic"),
        _network_rule("virtual_network_peering", "peer"),
        _network_rule("private_dns_zone_link", "link"),
        _network_rule("flow_log", "flow"),
        _network_rule("express_route_gateway", "ergw"),
        _network_rule("express_route_circuit", "erc"),
        _network_rule("express_route_connection", "con"),
        _network_rule("global_reach_connection", "con"),
        _network_rule("local_network_gateway", "lgw"),
        _network_rule("vpn_connection", "con"),
        _network_rule("vpn_gateway", "vgw"),
        _network_rule("vpn_client_certificate", "cert"),
        _network_rule("nat_rule", "rule"),
        _resolver_rule("dns_resolver", "dnspr"),
        _resolver_rule("dns_forwarding_rule", "rule"),
        _resolver_rule("dns_forwarding_link", "link"),
        _network_rule("diagnostic_setting", "diag"),
    )
}


def name_rule(kind: str) -> NameRule:
    """Return the rule for ``kind``; ValueError names the nearest known one."""
    try:
        return NAME_RULES[kind]
    except KeyError:
        raise ValueError(
            f"'{kind}' is not a known kind of name; {suggestion(kind, NAME_RULES)}"
        ) from None


def name_findings(kind: str, name: str, *, path: str) -> list[Finding]:
    """Check a whole name against the rule of its kind: its length, its characters."""
    rule = name_rule(kind)
    findings: list[Finding] = []
    title = kind.replace("_", " ")
    if not rule.shortest <= len(name) <= rule.longest:
        findings.append(
            Finding(
                path,
                f"the {title} name '{name}' has {len(name)} characters; Azure allows "
                f"{rule.shortest} to {rule.longest}, {_length_advice(rule, name)}",
            )
        )
    if re.fullmatch(rule.pattern, name) is None:
        findings.append(
            Finding(path, f"the {title} name '{name}' must be {rule.characters}")
        )
    return findings


def same_name_findings(kind: str, names: Iterable[tuple[str, str]]) -> list[Finding]:
    """Find names of one kind that differ in case only, which Azure takes for the same.

    ``names``: each with the path of the input that it comes from.
    """
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for path, name in names:
        other = first.setdefault(name.lower(), path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"makes the {kind.replace('_', ' ')} name '{name}', which differs "
                    f"from that of {other} in case only, and Azure takes both for one; "
                    f"call one of them otherwise ({_RULES_PAGE})",
                )
            )
    return findings


def _length_advice(rule: NameRule, name: str) -> str:
    if len(name) > rule.longest:
        return f"shorten it by {len(name) - rule.longest}"
    return f"lengthen it by {rule.shortest - len(name)}"


@dataclass(frozen=True, kw_only=True)
class Naming:
    """The parts that all names of one deployment are made of."""

    workload: str
    environment: str
    unique_suffix: str

    def name(self, kind: str, part: str = "") -> str:
        """Return the name of this deployment's resource of that kind.

        ``part`` tells several of one kind apart, such as ``blob``.
        """
        rule = name_rule(kind)
        words = (
            rule.abbreviation,
            self.workload,
            self.environment,
            self.unique_suffix,
            part,
        )
        parts = [word for word in words if word]
        if rule.hyphens:
            return "-".join(parts)
        return "".join(parts).replace("-", "")

    def findings(self, kinds: tuple[str, ...]) -> list[Finding]:
        """Check the parts, and then the names that they make for ``kinds``.

        Parts of the wrong form are reported alone, since every name would repeat it.
        Too long a name is reported once, for the kind that has the least room.
        """
        return self._part_findings() or self._length_findings(kinds)

    def _part_findings(self) -> list[Finding]:
        findings: list[Finding] = []
        for path, value, pattern, wanted in (
            (
                "workload",
                self.workload,
                r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
                "lower-case letters, digits and single hyphens, beginning with a "
                "letter, such as 'vision'",
            ),
            (
                "environment",
                self.environment,
                r"[a-z][a-z0-9]*",
                "lower-case letters and digits, beginning with a letter, such as 'dev'",
            ),
            (
                "unique_suffix",
                self.unique_suffix,
                r"[a-z0-9]+",
                "lower-case letters and digits, such as '7k2d'",
            ),
        ):
            if re.fullmatch(pattern, value) is None:
                findings.append(
                    Finding(
                        path,
                        f"'{value}' cannot be part of Azure names; use {wanted}",
                    )
                )
        return findings

    def _length_findings(self, kinds: tuple[str, ...]) -> list[Finding]:
        excess = {
            kind: len(self.name(kind)) - name_rule(kind).longest for kind in kinds
        }
        tightest = max(excess, key=lambda kind: excess[kind])
        if excess[tightest] <= 0:
            return []
        rule = name_rule(tightest)
        longest = max(
            ("workload", "environment", "unique_suffix"),
            key=lambda part: len(getattr(self, part)),
        )
        return [
            Finding(
                longest,
                f"'{getattr(self, longest)}' makes the {tightest.replace('_', ' ')} "
                f"name '{self.name(tightest)}' {excess[tightest]} characters too "
                f"long (at most {rule.longest}); shorten workload, environment or "
                "unique_suffix by that",
            )
        ]
