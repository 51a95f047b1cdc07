"""A network that Azure Machine Learning manages for the compute of a workspace.

It stands in place of the caller's training subnet and excludes it. What it lets out is
a resource for each rule, so that a rule can come and go without the workspace.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import machinelearningservices

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import (
    IsolationMode,
    ManagedNetworkSpec,
    OutboundRuleSpec,
)
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.repeated_outbound import (
    OwnService,
    repeated_host_findings,
    repeated_target_findings,
)
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.managed_network import (
    ALWAYS_REACHED,
    FIREWALL_TIERS,
    FQDN,
    MANAGED_NETWORK_PAGE,
    PRIVATE_ENDPOINT,
    RULE_KINDS,
    SERVICE_TAG,
    approval_needs_custom_role,
    firewall_tier_findings,
    kind_findings,
    private_target_findings,
    rule_name_findings,
    target_findings,
)
from azureml_rulebook.managed_outbound import (
    host_rule_findings,
    tag_rule_findings,
)
from azureml_rulebook.names import same_name_findings
from azureml_rulebook.resource_ids import (
    STORAGE_ACCOUNT,
    ResourceId,
    any_resource_id,
)
from azureml_rulebook.service_tags import canonical_tag


@dataclass(frozen=True, kw_only=True)
class HostRule:
    """Lets compute reach a host on TCP 80 and 443."""

    host: str


@dataclass(frozen=True, kw_only=True)
class TagRule:
    """Lets compute reach what a service tag stands for."""

    tag: str
    protocol: str
    ports: str


@dataclass(frozen=True, kw_only=True)
class EndpointRule:
    """Gives a resource a private endpoint in the managed network."""

    target_id: Input[str]
    group_id: str


OutboundRule = HostRule | TagRule | EndpointRule


@dataclass(frozen=True, kw_only=True)
class ManagedNetworkPlan:
    """A managed network as it will be."""

    isolation: IsolationMode
    firewall_tier: str | None
    """None: no host rule, so no firewall."""
    rules: Mapping[str, OutboundRule]
    """What the caller lets out, in order of name."""
    service_rules: Mapping[str, tuple[str, str]]
    """Private endpoints to the workspace's own services that Azure Machine Learning
    does not make by itself: by rule name, the service's word and the group id."""

    @property
    def targets(self) -> Mapping[str, Input[str]]:
        """What the caller's private endpoints lead to, by the rule's name."""
        return {
            name: rule.target_id
            for name, rule in self.rules.items()
            if isinstance(rule, EndpointRule)
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """What it opens to the whole Internet, and what is not approved by itself; one
        line each."""
        opened = (
            "managed_network.isolation: AllowInternetOutbound lets compute reach every "
            "address of the Internet; AllowOnlyApprovedOutbound with rules does not",
        )
        waiting = tuple(
            f"managed_network.outbound_rules.{name}.target_id: the role that approves "
            f"private endpoints does not cover '{target}'; give the workspace's "
            "identity one of your own there, or approve the endpoint by hand"
            for name, target in self.targets.items()
            if waits_for_approval(target)
        )
        is_open = self.isolation is IsolationMode.ALLOW_INTERNET_OUTBOUND
        return (*(opened if is_open else ()), *waiting)


def waits_for_approval(target_id: Input[str]) -> bool:
    """Whether nobody may approve an endpoint to a target, as far as its id is known."""
    found = any_resource_id(target_id) if isinstance(target_id, str) else None
    return found is not None and approval_needs_custom_role(found.resource_type)


def read_managed_network(
    reader: InputReader,
    cloud_name: str,
    storage_groups: Iterable[str],
    own: tuple[OwnService, ...],
    *,
    private_monitoring: bool,
    open_workspace: bool,
) -> ManagedNetworkPlan | None:
    """Read the managed network of a workspace; None if there is none.

    Args:
        reader: the component's inputs.
        cloud_name: where the workspace is.
        storage_groups: group ids of the storage account's endpoints.
        own: the workspace's services, which are reached anyway.
        private_monitoring: whether Azure Monitor is reached through a private link
            scope.
        open_workspace: whether the workspace is made open to the public, since the
            service gives an open one no private endpoint.
    """
    key = "managed_network"
    if not reader.has(key):
        return None
    if reader.has("training_subnet_id"):
        reader.note(
            key,
            "cannot be used together with training_subnet_id: compute lives in the one "
            "or in the other, and a managed network cannot be taken back; leave one of "
            f"them out ({MANAGED_NETWORK_PAGE})",
        )
    spec = reader.nested(key, ManagedNetworkSpec)
    if not spec.has("isolation"):
        spec.note_missing(
            "isolation",
            "is required and not set; give AllowOnlyApprovedOutbound, or "
            "AllowInternetOutbound to open the Internet",
        )
    isolation = spec.choice("isolation", IsolationMode.ALLOW_ONLY_APPROVED_OUTBOUND)
    service_rules = _service_rules(
        isolation,
        storage_groups,
        private_monitoring=private_monitoring,
        open_workspace=open_workspace,
    )
    readers = sorted(spec.each_optional("outbound_rules", OutboundRuleSpec).items())
    rules = {
        name: rule
        for name, item in readers
        if (rule := _rule(item, name, isolation, cloud_name, service_rules))
    }
    reader.findings += same_name_findings(
        "outbound_rule", [(item.path, name) for name, item in readers]
    )
    reader.findings += _repeated(rules, own, joined(spec.path, "outbound_rules"))
    return ManagedNetworkPlan(
        isolation=isolation,
        firewall_tier=_firewall_tier(spec, rules),
        rules=rules,
        service_rules=service_rules,
    )


def managed_network_settings(
    plan: ManagedNetworkPlan,
) -> machinelearningservices.ManagedNetworkSettingsArgsDict:
    """Return what the workspace itself says about its managed network."""
    settings: machinelearningservices.ManagedNetworkSettingsArgsDict = {
        "isolation_mode": plan.isolation.value
    }
    if plan.firewall_tier is not None:
        settings["firewall_sku"] = plan.firewall_tier
    return settings


def outbound_rules(
    parts: WorkspaceParts,
    plan: ManagedNetworkPlan,
    service_ids: Mapping[str, Input[str]],
    waits_for: Iterable[pulumi.Resource],
) -> list[machinelearningservices.ManagedNetworkSettingsRule]:
    """Make the rules, one after another, in order of name.

    The service changes a managed network in one place at a time.

    Args:
        parts: the workspace's surroundings.
        plan: which rules there are.
        service_ids: the workspace and its services by the words of
            ``ManagedNetworkPlan.service_rules``.
        waits_for: what lets the workspace approve its endpoints.
    """
    rules: dict[str, OutboundRule] = {
        **plan.rules,
        **{
            name: EndpointRule(target_id=service_ids[service], group_id=group)
            for name, (service, group) in plan.service_rules.items()
        },
    }
    made: list[machinelearningservices.ManagedNetworkSettingsRule] = []
    before = list(waits_for)
    for name in sorted(rules):
        rule = machinelearningservices.ManagedNetworkSettingsRule(
            f"{parts.name}-outbound-{name}",
            rule_name=name,
            workspace_name=parts.naming.name("machine_learning_workspace"),
            resource_group_name=parts.resource_group_name,
            properties=_properties(rules[name]),
            opts=ResourceOptions.merge(
                parts.options([*before, *made[-1:]]),
                # Its name is fixed, so that two cannot exist at once.
                ResourceOptions(delete_before_replace=True),
            ),
        )
        made.append(rule)
    return made


def _service_rules(
    isolation: IsolationMode,
    storage_groups: Iterable[str],
    *,
    private_monitoring: bool,
    open_workspace: bool,
) -> dict[str, tuple[str, str]]:
    """Return the endpoints to the workspace's services that are not made by themselves.

    The service makes those of storage (blob and file), vault, registry and, where
    either all outbound is approved or the workspace is closed, the workspace
    (https://learn.microsoft.com/azure/machine-learning/how-to-managed-network#list-of-required-rules).
    """
    rules = {
        f"storage-{group}": ("storage", group)
        for group in storage_groups
        if group not in ALWAYS_REACHED[STORAGE_ACCOUNT]
    }
    if private_monitoring:
        rules["azure-monitor"] = ("monitor_scope", "azuremonitor")
    if open_workspace and isolation is IsolationMode.ALLOW_INTERNET_OUTBOUND:
        rules["workspace"] = ("workspace", "amlworkspace")
    return rules


def _rule(
    spec: InputReader,
    name: str,
    isolation: IsolationMode,
    cloud_name: str,
    service_rules: Mapping[str, object],
) -> OutboundRule | None:
    """Read one rule; None, with what is wrong noted, if its kind is not clear."""
    spec.findings += rule_name_findings(name, path=spec.path)
    if name.lower() in service_rules:
        spec.note(
            "",
            f"'{name}' is the name of a rule that is made for the workspace's own "
            "services; choose another one",
        )
    given = {kind.input: spec.has(kind.input) for kind in RULE_KINDS}
    faults = kind_findings(given, isolation.value, path=spec.path)
    spec.findings += faults
    if sum(given.values()) != 1:
        return None
    kind = next(kind.name for kind in RULE_KINDS if given[kind.input])
    _refuse_inputs_of_other_kinds(spec, kind)
    return _READERS[kind](spec, cloud_name)


def _repeated(
    rules: Mapping[str, OutboundRule], own: tuple[OwnService, ...], path: str
) -> list[Finding]:
    """Return what two of the rules open, or what is open without one."""
    hosts = {name: r.host for name, r in rules.items() if isinstance(r, HostRule)}
    targets = {
        name: (rule.target_id, rule.group_id)
        for name, rule in rules.items()
        if isinstance(rule, EndpointRule)
    }
    return [
        *repeated_host_findings(hosts, path=path),
        *repeated_target_findings(targets, own, path=path),
    ]


def _refuse_inputs_of_other_kinds(spec: InputReader, kind: str) -> None:
    for key, owner, needs in (
        ("protocol", SERVICE_TAG, "service_tag"),
        ("ports", SERVICE_TAG, "service_tag"),
        ("group_id", PRIVATE_ENDPOINT, "target_id"),
    ):
        if spec.has(key) and kind != owner:
            spec.note(key, f"goes with {needs}, and there is none; leave it out")


def _host_rule(spec: InputReader, _: str) -> HostRule:
    host = spec.text("host")
    if host:
        spec.findings += host_rule_findings(host, path=joined(spec.path, "host"))
    return HostRule(host=host)


def _tag_rule(spec: InputReader, cloud_name: str) -> TagRule:
    tag = spec.text("service_tag")
    protocol = spec.text("protocol", "TCP")
    ports = spec.text("ports", "443")
    if tag:
        spec.findings += tag_rule_findings(
            tag, protocol, ports, cloud_name, path=spec.path
        )
    return TagRule(
        tag=canonical_tag(tag, cloud_name),
        protocol=protocol,
        ports=ports.replace(" ", ""),
    )


def _endpoint_rule(spec: InputReader, _: str) -> EndpointRule:
    target_id = spec.optional_input("target_id") or ""
    group = spec.text("group_id")
    target: ResourceId | None = None
    if isinstance(target_id, str):
        found = any_resource_id(target_id)
        if found is None:
            spec.findings += target_findings(
                target_id, path=joined(spec.path, "target_id")
            )
            return EndpointRule(target_id=target_id, group_id=group)
        target = found
    if group:
        spec.findings += private_target_findings(target, group, path=spec.path)
    return EndpointRule(target_id=target_id, group_id=group)


_READERS = {
    FQDN: _host_rule,
    SERVICE_TAG: _tag_rule,
    PRIVATE_ENDPOINT: _endpoint_rule,
}


def _firewall_tier(spec: InputReader, rules: Mapping[str, OutboundRule]) -> str | None:
    has_host_rules = any(isinstance(rule, HostRule) for rule in rules.values())
    tier = spec.optional_text("firewall_tier")
    if tier is not None:
        spec.findings += firewall_tier_findings(
            tier,
            has_host_rules=has_host_rules,
            path=joined(spec.path, "firewall_tier"),
        )
        return tier
    return FIREWALL_TIERS[0] if has_host_rules else None


def _properties(
    rule: OutboundRule,
) -> (
    machinelearningservices.FqdnOutboundRuleArgs
    | machinelearningservices.ServiceTagOutboundRuleArgs
    | machinelearningservices.PrivateEndpointOutboundRuleArgs
):
    category = machinelearningservices.RuleCategory.USER_DEFINED
    match rule:
        case HostRule():
            return machinelearningservices.FqdnOutboundRuleArgs(
                type=FQDN, category=category, destination=rule.host
            )
        case TagRule():
            return machinelearningservices.ServiceTagOutboundRuleArgs(
                type=SERVICE_TAG,
                category=category,
                destination=machinelearningservices.ServiceTagDestinationArgs(
                    action=machinelearningservices.RuleAction.ALLOW,
                    service_tag=rule.tag,
                    protocol=rule.protocol,
                    port_ranges=rule.ports,
                ),
            )
        case EndpointRule():
            return machinelearningservices.PrivateEndpointOutboundRuleArgs(
                type=PRIVATE_ENDPOINT,
                category=category,
                destination=machinelearningservices.PrivateEndpointDestinationArgs(
                    service_resource_id=rule.target_id,
                    subresource_target=rule.group_id,
                    spark_enabled=False,
                ),
            )
