"""Azure Firewalls of a plan, with the rules of their policies or their own."""

from collections.abc import Iterator, Sequence

from azureml_reachability._plan.joins import Plan
from azureml_reachability._plan.networks import Networks
from azureml_reachability._plan.values import PlanResource, Value, read_ranges
from azureml_reachability.firewall_decisions import (
    FirewallRules,
    HostRule,
    Translation,
)
from azureml_reachability.group_rules import UNKNOWN_TEXT, GroupRule
from azureml_reachability.missing import Missing
from azureml_reachability.topology import Firewall, Subnet
from azureml_rulebook.security_rules import ANY, Access

_POLICY = "network:firewallpolicy"
_COLLECTIONS = "network:firewallpolicyrulecollectiongroup"
_ADDRESSES = "network:ipgroup"
_FIRST = 100
_DEFAULT_PORTS = {"http": "80", "https": "443", "mssql": "1433"}


def read_firewalls(plan: Plan, networks: Networks) -> Iterator[Firewall]:
    """Yield the firewalls that stand in a subnet."""
    for resource in plan.of_type("network:azurefirewall"):
        for item in list(resource.at("ipConfigurations").items())[:1]:
            subnet = networks.subnet(item.at("subnet"))
            if isinstance(subnet, Subnet):
                addresses, _ = read_ranges(item.at("privateIPAddress"))
                yield Firewall(
                    name=resource.azure_name("azureFirewallName"),
                    subnet=subnet,
                    rules=_rules(plan, resource),
                    addresses=addresses,
                    aliases=(resource.name,),
                )


def _rules(plan: Plan, firewall: PlanResource) -> FirewallRules:
    reference = firewall.at("firewallPolicy")
    if reference.is_absent:
        return _Rules(plan).of_firewall(firewall)
    found = plan.meant(reference, _POLICY)
    if isinstance(found, PlanResource):
        return _Rules(plan).of_policy(found)
    missing = found if isinstance(found, Missing) else reference.missing("is not in it")
    return FirewallRules(name=firewall.name, missing=(missing,))


class _Rules:
    """Collects the rules of one firewall in the order in which it reads them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._network: list[GroupRule] = []
        self._hosts: list[HostRule] = []
        self._translations: list[Translation] = []
        self._missing: list[Missing] = []

    def of_policy(self, policy: PlanResource) -> FirewallRules:
        """Return the rules of a policy, those of its parents first."""
        for each in reversed(self._with_parents(policy)):
            groups = [
                group
                for group in self._plan.of_type(_COLLECTIONS)
                if self._belongs(group, each)
            ]
            for group in sorted(
                groups, key=lambda group: _priority(group.at("priority"))
            ):
                self._collections(group.at("ruleCollections"))
        return self._collected(policy.azure_name("firewallPolicyName"))

    def _with_parents(self, policy: PlanResource) -> list[PlanResource]:
        chain = [policy]
        while True:
            found = self._plan.meant(chain[-1].at("basePolicy"), _POLICY)
            if found is None:
                return chain
            if not isinstance(found, PlanResource) or found in chain:
                value = chain[-1].at("basePolicy")
                self._missing.append(value.missing("is not in the plan"))
                return chain
            chain.append(found)

    def _belongs(self, group: PlanResource, policy: PlanResource) -> bool:
        found = self._plan.named(group.at("firewallPolicyName"), _POLICY)
        if isinstance(found, Missing) and found not in self._missing:
            self._missing.append(found)
        return found is policy

    def of_firewall(self, firewall: PlanResource) -> FirewallRules:
        """Return the rules of a firewall without policy."""
        for key in (
            "natRuleCollections",
            "networkRuleCollections",
            "applicationRuleCollections",
        ):
            self._collections(firewall.at(key))
        return self._collected(firewall.azure_name("azureFirewallName"))

    def _collected(self, name: str) -> FirewallRules:
        return FirewallRules(
            name=name,
            network=tuple(self._network),
            hosts=tuple(self._hosts),
            translations=tuple(self._translations),
            missing=tuple(self._missing),
        )

    def _collections(self, listed: Value) -> None:
        if not listed.is_absent and not listed.is_list:
            self._missing.append(listed.missing())
        items = list(listed.items())
        self._missing += [item.missing() for item in items if item.is_unknown]
        known = [item for item in items if not item.is_unknown]
        for item in sorted(known, key=lambda item: _priority(item.at("priority"))):
            rules = item.at("rules")
            if not rules.is_list:
                self._missing.append(rules.missing())
            access = _access(item.at("action.type"))
            for rule in rules.items():
                self._rule(rule, access)

    def _rule(self, rule: Value, access: Access | None) -> None:
        """Sort one rule by its kind: by what it says, or by what only it can have."""
        kind = rule.at("ruleType").text()
        lower = kind.lower() if isinstance(kind, str) else ""
        if lower == "natrule" or not rule.at("translatedAddress").is_absent:
            self._translations.append(self._translation(rule))
        elif lower == "applicationrule" or not rule.at("targetFqdns").is_absent:
            self._hosts.append(self._host_rule(rule, access))
        elif rule.is_unknown:
            self._missing.append(rule.missing())
        else:
            self._network.append(self._network_rule(rule, access))

    def _network_rule(self, rule: Value, access: Access | None) -> GroupRule:
        missing: list[Missing] = []
        protocols = self._texts(missing, rule.at("ipProtocols"), rule.at("protocols"))
        hosts = rule.at("destinationFqdns")
        destinations = self._side(missing, rule, "destination")
        if not hosts.is_absent and hosts.raw != []:
            destinations = (*destinations, UNKNOWN_TEXT)
            missing.append(hosts.missing("names hosts, whose addresses are not known"))
        return GroupRule(
            name=_name(rule),
            priority=_FIRST,
            direction=None,
            access=access,
            protocol=_protocol(protocols),
            sources=self._side(missing, rule, "source"),
            destinations=destinations,
            ports=self._texts(missing, rule.at("destinationPorts")),
            path=f"{rule.owner.name}.{rule.path}",
            missing=tuple(missing),
        )

    def _side(self, missing: list[Missing], rule: Value, side: str) -> tuple[str, ...]:
        texts = list(self._texts(missing, rule.at(f"{side}Addresses"), needed=False))
        for item in rule.at(f"{side}IpGroups").items():
            found = self._plan.meant(item, _ADDRESSES)
            if isinstance(found, PlanResource):
                texts += self._texts(missing, found.at("ipAddresses"), needed=False)
            else:
                texts.append(UNKNOWN_TEXT)
                missing.append(found if isinstance(found, Missing) else item.missing())
        groups = rule.at(f"{side}IpGroups")
        if groups.is_unknown:
            texts.append(UNKNOWN_TEXT)
            missing.append(groups.missing())
        return tuple(texts)

    def _texts(
        self, missing: list[Missing], *values: Value, needed: bool = True
    ) -> tuple[str, ...]:
        texts: list[str] = []
        for value in values:
            for text in value.texts():
                if isinstance(text, Missing):
                    missing.append(text)
                    texts.append(UNKNOWN_TEXT)
                else:
                    texts.append(text)
        if not texts and needed:
            missing.append(values[0].missing("is not set"))
            return (UNKNOWN_TEXT,)
        return tuple(texts)

    def _host_rule(self, rule: Value, access: Access | None) -> HostRule:
        missing: list[Missing] = []
        hosts = [
            text if isinstance(text, str) else UNKNOWN_TEXT
            for key in ("targetFqdns", "targetUrls", "fqdnTags", "webCategories")
            for text in rule.at(key).texts()
        ]
        read = GroupRule(
            name=_name(rule),
            priority=_FIRST,
            direction=None,
            access=access,
            protocol="Tcp",
            sources=self._side(missing, rule, "source"),
            destinations=(ANY,),
            ports=tuple(_application_ports(rule.at("protocols"))),
            path=f"{rule.owner.name}.{rule.path}",
            missing=tuple(missing),
        )
        return HostRule(read, tuple(hosts))

    def _translation(self, rule: Value) -> Translation:
        read = self._network_rule(rule, Access.ALLOW)
        address = rule.at("translatedAddress").text()
        port = rule.at("translatedPort").text()
        return Translation(
            read,
            address if isinstance(address, str) else UNKNOWN_TEXT,
            port if isinstance(port, str) else UNKNOWN_TEXT,
        )


def _application_ports(protocols: Value) -> Iterator[str]:
    for item in protocols.items():
        kind, port = item.at("protocolType").text(), item.at("port").raw
        if isinstance(port, int | float) and not isinstance(port, bool):
            yield f"{port:.0f}"
        else:
            yield _DEFAULT_PORTS.get(str(kind).lower(), UNKNOWN_TEXT)


def _protocol(texts: Sequence[str]) -> str:
    """Return the protocols of a rule; several are written with commas."""
    lower = {text.lower() for text in texts}
    return ANY if "any" in lower or ANY in lower else ",".join(sorted(lower))


def _access(value: Value) -> Access | None:
    text = value.text()
    known = {item.lower(): item for item in Access}
    return known.get(text.lower()) if isinstance(text, str) else None


def _priority(value: Value) -> float:
    """Return a number to sort by; what has none comes first."""
    raw = value.raw
    return float(raw) if isinstance(raw, int | float) and raw == raw else 0.0


def _name(rule: Value) -> str:
    text = rule.at("name").text()
    return text if isinstance(text, str) else rule.path
