"""Logs and metrics: Log Analytics, Application Insights, private link scope.

Where the caller opens them to the public, there is no scope: a scope without a private
endpoint would only hide that.
"""

from dataclasses import dataclass

from pulumi_azure_native import applicationinsights, monitor, operationalinsights

from azureml_network._private_workspace.parts import WorkspaceParts


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """The monitoring resources of one workspace."""

    log_analytics: operationalinsights.Workspace
    application_insights: applicationinsights.Component
    scope: monitor.PrivateLinkScope | None
    """None where both are open to the public."""
    scoped: tuple[monitor.PrivateLinkScopedResource, ...]


def monitoring(parts: WorkspaceParts) -> Monitoring:
    """Make the three, closed to the public, with both resources in the scope."""
    log_analytics = _log_analytics(parts)
    application_insights = _application_insights(parts, log_analytics)
    if not parts.plan.private_monitoring:
        return Monitoring(
            log_analytics=log_analytics,
            application_insights=application_insights,
            scope=None,
            scoped=(),
        )
    scope = _scope(parts)
    # A scope takes one change at a time.
    logs = _scoped(parts, scope, "logs", log_analytics)
    insights = _scoped(parts, scope, "insights", application_insights, logs)
    return Monitoring(
        log_analytics=log_analytics,
        application_insights=application_insights,
        scope=scope,
        scoped=(logs, insights),
    )


def _log_analytics(parts: WorkspaceParts) -> operationalinsights.Workspace:
    return operationalinsights.Workspace(
        f"{parts.name}-logs",
        workspace_name=parts.plan.naming.name("log_analytics_workspace"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        sku={"name": operationalinsights.WorkspaceSkuNameEnum.PER_GB2018},
        retention_in_days=parts.plan.retention_days,
        public_network_access_for_ingestion=_public_access(parts),
        public_network_access_for_query=_public_access(parts),
        tags=parts.tags,
        opts=parts.options(),
    )


def _application_insights(
    parts: WorkspaceParts, log_analytics: operationalinsights.Workspace
) -> applicationinsights.Component:
    return applicationinsights.Component(
        f"{parts.name}-insights",
        resource_name_=parts.plan.naming.name("application_insights"),
        resource_group_name=parts.resource_group_name,
        location=parts.plan.location,
        kind="web",
        application_type=applicationinsights.ApplicationType.WEB,
        # A classic component, without a workspace, cannot join a private link scope.
        workspace_resource_id=log_analytics.id,
        ingestion_mode=applicationinsights.IngestionMode.LOG_ANALYTICS,
        public_network_access_for_ingestion=_public_access(parts),
        public_network_access_for_query=_public_access(parts),
        tags=parts.tags,
        opts=parts.options(),
    )


def _public_access(parts: WorkspaceParts) -> str:
    return "Disabled" if parts.plan.private_monitoring else "Enabled"


def _scope(parts: WorkspaceParts) -> monitor.PrivateLinkScope:
    """Make the scope in Open mode, which Azure Machine Learning needs
    (https://learn.microsoft.com/azure/machine-learning/how-to-secure-workspace-vnet)."""
    return monitor.PrivateLinkScope(
        f"{parts.name}-monitor-scope",
        scope_name=parts.plan.naming.name("monitor_private_link_scope"),
        resource_group_name=parts.resource_group_name,
        location="global",
        access_mode_settings={
            "ingestion_access_mode": monitor.AccessMode.OPEN,
            "query_access_mode": monitor.AccessMode.OPEN,
        },
        tags=parts.tags,
        opts=parts.options(),
    )


def _scoped(
    parts: WorkspaceParts,
    scope: monitor.PrivateLinkScope,
    key: str,
    linked: operationalinsights.Workspace | applicationinsights.Component,
    *waits_for: monitor.PrivateLinkScopedResource,
) -> monitor.PrivateLinkScopedResource:
    return monitor.PrivateLinkScopedResource(
        f"{parts.name}-monitor-scope-{key}",
        name=key,
        scope_name=parts.plan.naming.name("monitor_private_link_scope"),
        resource_group_name=parts.resource_group_name,
        linked_resource_id=linked.id,
        opts=parts.options([scope, *waits_for]),
    )
