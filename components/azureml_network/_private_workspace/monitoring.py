"""Logs and metrics: Log Analytics, Application Insights, private link scope.

Where the caller opens them to the public, there is no scope: a scope without a private
endpoint would only hide that. Where a central team has a scope, both join it, and its
endpoint is the team's: one scope serves all networks that share their DNS.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi
from pulumi import Input, ProviderResource, ResourceOptions
from pulumi_azure_native import applicationinsights, monitor, operationalinsights

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import MonitoringSpec
from azureml_network._private_workspace.parts import WorkspaceParts
from azureml_network._private_workspace.services import Service
from azureml_network._subscriptions import subscription_provider
from azureml_rulebook.clouds import cloud
from azureml_rulebook.dns_zones import zone_row
from azureml_rulebook.findings import Finding
from azureml_rulebook.monitoring import (
    LONGEST_RETENTION,
    RETENTION_PAGE,
    SHORTEST_RETENTION,
    local_authentication_findings,
    private_link_findings,
)
from azureml_rulebook.names import Naming
from azureml_rulebook.private_endpoints import REQUIRED_GROUPS
from azureml_rulebook.resource_ids import (
    LOG_ANALYTICS_WORKSPACE,
    PRIVATE_LINK_SCOPE,
    ResourceId,
    read_resource_id,
)

(_GROUP,) = REQUIRED_GROUPS[PRIVATE_LINK_SCOPE]


@dataclass(frozen=True, kw_only=True)
class MonitoringPlan:
    """The monitoring of one workspace."""

    log_analytics_name: str
    existing_log_analytics_id: Input[str] | None
    """None: a Log Analytics workspace is made."""
    application_insights_name: str
    local_authentication: bool
    """Whether Application Insights takes data with its key as well."""
    scope_name: str
    existing_scope: ResourceId | None
    """None: a private link scope is made, if monitoring is private."""
    scope_subscription_id: str | None
    """That of the existing scope, where it may be another than the workspace's."""
    retention_days: int
    private: bool
    """Whether Azure Monitor is reached privately; else it is open to the public."""

    def warnings(self, cloud_name: str) -> tuple[str, ...]:
        """What a review is told: what is open to the public, one line."""
        if self.private:
            return ()
        makes_logs = self.existing_log_analytics_id is None
        opened = (
            "Log Analytics and Application Insights are"
            if makes_logs
            else ("Application Insights is")
        )
        title = cloud(cloud_name).title
        instead = (
            f"leave it out, {title} has private zones for monitoring"
            if cloud_name in zone_row(_GROUP).zones
            else f"{title} has no published private zones for monitoring"
        )
        return (
            f"monitoring.public_access: {opened} open to every public address, for "
            f"sending and for queries; {instead}",
        )

    @property
    def groups(self) -> tuple[str, ...]:
        """Group ids of the private endpoints: those of a scope that is made here."""
        makes_scope = self.private and self.existing_scope is None
        return (_GROUP,) if makes_scope else ()


@dataclass(frozen=True, kw_only=True)
class MonitoringServices:
    """Where a workspace's logs and metrics go."""

    log_analytics: Service
    application_insights: Service
    monitor_scope: Service | None
    """None where the other two are open to the public."""


@dataclass(frozen=True, kw_only=True)
class _Scope:
    """A private link scope, and how a workspace's resources are called in it."""

    id: Input[str]
    name: str
    resource_group_name: Input[str]
    made: monitor.PrivateLinkScope | None
    """None: it exists already."""
    provider: ProviderResource | None
    """Of its subscription, where that is another one."""
    log_analytics_member: str
    insights_member: str


def read_monitoring(
    reader: InputReader, place: Place, naming: Naming, subscription_id: str | None
) -> MonitoringPlan:
    """Read ``monitoring``.

    ``subscription_id``: the workspace's; None: known only later.
    """
    spec = reader.nested("monitoring", MonitoringSpec)
    private = not spec.flag("public_access", False)
    scope = _existing_scope(spec, place, private=private)
    log_analytics_id = spec.resource_id(
        "log_analytics_workspace_id", LOG_ANALYTICS_WORKSPACE
    )
    if log_analytics_id is not None and spec.has("retention_days"):
        spec.note(
            "retention_days",
            "belongs to the Log Analytics workspace, which log_analytics_workspace_id "
            "says exists already; leave it out, its owner sets it",
        )
    return MonitoringPlan(
        log_analytics_name=naming.name("log_analytics_workspace"),
        existing_log_analytics_id=log_analytics_id,
        application_insights_name=naming.name("application_insights"),
        local_authentication=_local_authentication(spec, place),
        scope_name=naming.name("monitor_private_link_scope"),
        existing_scope=scope,
        scope_subscription_id=other_subscription(scope, subscription_id),
        retention_days=_retention(spec),
        private=private,
    )


def monitoring_services(
    parts: WorkspaceParts, plan: MonitoringPlan
) -> MonitoringServices:
    """Make what does not exist yet, and let both resources join the scope."""
    log_analytics = _log_analytics(parts, plan)
    made = _application_insights(parts, plan, log_analytics.id)
    insights = Service(id=made.id, made=made)
    return MonitoringServices(
        log_analytics=log_analytics,
        application_insights=insights,
        monitor_scope=_joined_scope(parts, _scope(parts, plan), log_analytics, insights)
        if plan.private
        else None,
    )


def _existing_scope(
    spec: InputReader, place: Place, *, private: bool
) -> ResourceId | None:
    """Read the scope that exists already, a plain id: both join it where it is."""
    key = "private_link_scope_id"
    text = spec.optional_text(key)
    if text is None:
        return None
    path = f"{spec.path}.{key}"
    if not private:
        spec.note(
            key,
            "cannot be used with public_access, with which nothing joins a scope; "
            "leave one of the two out",
        )
    spec.findings += private_link_findings(place.cloud_name, path=path)
    found = read_resource_id(text, PRIVATE_LINK_SCOPE, path)
    if isinstance(found, Finding):
        spec.findings.append(found)
        return None
    return found


def other_subscription(
    scope: ResourceId | None, subscription_id: str | None
) -> str | None:
    """Return the subscription of ``scope``; None if it is surely ``subscription_id``.

    ``subscription_id``: None where it is known only later.
    """
    if scope is None:
        return None
    own = (subscription_id or "").lower()
    return None if scope.subscription_id.lower() == own else scope.subscription_id


def _local_authentication(spec: InputReader, place: Place) -> bool:
    key = "disable_local_authentication"
    disabled = spec.flag(key, False)
    if disabled:
        spec.findings += local_authentication_findings(
            place.cloud_name, path=f"{spec.path}.{key}"
        )
    return not disabled


def _retention(spec: InputReader) -> int:
    days = spec.integer("retention_days", SHORTEST_RETENTION)
    if not SHORTEST_RETENTION <= days <= LONGEST_RETENTION:
        spec.note(
            "retention_days",
            f"{days} is not allowed; use {SHORTEST_RETENTION} to {LONGEST_RETENTION} "
            f"({RETENTION_PAGE})",
        )
    return days


def _log_analytics(parts: WorkspaceParts, plan: MonitoringPlan) -> Service:
    if plan.existing_log_analytics_id is not None:
        return Service(id=plan.existing_log_analytics_id, made=None)
    made = operationalinsights.Workspace(
        f"{parts.name}-logs",
        workspace_name=plan.log_analytics_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
        retention_in_days=plan.retention_days,
        public_network_access_for_ingestion=_public_access(plan),
        public_network_access_for_query=_public_access(plan),
        tags=parts.tags,
        opts=parts.options(),
    )
    return Service(id=made.id, made=made)


def _application_insights(
    parts: WorkspaceParts, plan: MonitoringPlan, log_analytics_id: Input[str]
) -> applicationinsights.Component:
    return applicationinsights.Component(
        f"{parts.name}-insights",
        resource_name_=plan.application_insights_name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        kind="web",
        application_type=applicationinsights.ApplicationType.WEB,
        # A classic component, without a workspace, cannot join a private link scope.
        workspace_resource_id=log_analytics_id,
        ingestion_mode=applicationinsights.IngestionMode.LOG_ANALYTICS,
        disable_local_auth=None if plan.local_authentication else True,
        public_network_access_for_ingestion=_public_access(plan),
        public_network_access_for_query=_public_access(plan),
        tags=parts.tags,
        opts=parts.options(),
    )


def _public_access(plan: MonitoringPlan) -> str:
    return "Disabled" if plan.private else "Enabled"


def _scope(parts: WorkspaceParts, plan: MonitoringPlan) -> _Scope:
    """Make the scope in Open mode, which Azure Machine Learning needs
    (https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet),
    or take it as it is."""
    existing = plan.existing_scope
    if existing is not None:
        return _Scope(
            id=str(existing),
            name=existing.name,
            resource_group_name=existing.resource_group_name,
            made=None,
            provider=_provider(parts, plan.scope_subscription_id),
            # Other workspaces' resources are in it too.
            log_analytics_member=plan.log_analytics_name,
            insights_member=plan.application_insights_name,
        )
    made = monitor.PrivateLinkScope(
        f"{parts.name}-monitor-scope",
        scope_name=plan.scope_name,
        resource_group_name=parts.resource_group_name,
        location="global",
        access_mode_settings={
            "ingestion_access_mode": monitor.AccessMode.OPEN,
            "query_access_mode": monitor.AccessMode.OPEN,
        },
        tags=parts.tags,
        opts=parts.options(),
    )
    return _Scope(
        id=made.id,
        name=plan.scope_name,
        resource_group_name=parts.resource_group_name,
        made=made,
        provider=None,
        log_analytics_member="logs",
        insights_member="insights",
    )


def _provider(
    parts: WorkspaceParts, subscription_id: str | None
) -> ProviderResource | None:
    """Return the provider of another subscription; None: the workspace's own."""
    if subscription_id is None:
        return None
    return subscription_provider(
        f"{parts.name}-monitor-scope-subscription",
        subscription_id,
        parts.place,
        parts.options(),
    )


def _joined_scope(
    parts: WorkspaceParts, scope: _Scope, log_analytics: Service, insights: Service
) -> Service:
    """Let both resources join the scope, which takes one change at a time."""
    before = [] if scope.made is None else [scope.made]
    logs = _member(
        parts, scope, "logs", scope.log_analytics_member, log_analytics, before
    )
    components = _member(
        parts, scope, "insights", scope.insights_member, insights, [*before, logs]
    )
    return Service(id=scope.id, made=scope.made, settled_by=(logs, components))


def _member(
    parts: WorkspaceParts,
    scope: _Scope,
    key: str,
    name: str,
    linked: Service,
    waits_for: Iterable[pulumi.Resource],
) -> monitor.PrivateLinkScopedResource:
    return monitor.PrivateLinkScopedResource(
        f"{parts.name}-monitor-scope-{key}",
        name=name,
        scope_name=scope.name,
        resource_group_name=scope.resource_group_name,
        linked_resource_id=linked.id,
        opts=ResourceOptions.merge(
            parts.options(waits_for), ResourceOptions(provider=scope.provider)
        ),
    )
