"""An own service behind an internal load balancer, private to those who are let in."""

from collections.abc import Mapping
from dataclasses import replace

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._alerts import action_group, metric_alert
from azureml_network._diagnostics import Observed, diagnostic_settings
from azureml_network._inputs import findings_of
from azureml_network._locks import management_lock
from azureml_network._published_service.arguments import PublishedServiceArgs
from azureml_network._published_service.balancer_resources import (
    Balancer,
    load_balancer,
)
from azureml_network._published_service.consumer_resources import Consumer, consumer
from azureml_network._published_service.plan import PublishedServicePlan, plan_service
from azureml_network._published_service.private_link import private_link_service
from azureml_network._surroundings import Surroundings
from azureml_rulebook.alerts import BALANCER_ALERTS, PRIVATE_LINK_ALERTS
from azureml_rulebook.diagnostics import LOAD_BALANCER, PRIVATE_LINK_SERVICE
from azureml_rulebook.findings import Finding

_LOCK_NOTES = (
    "Consumers in other networks reach the service through this Private Link service."
)


class PublishedService(pulumi.ComponentResource):
    """An own service behind an internal Standard load balancer and a Private Link service, which networks elsewhere, in other tenants too, reach privately; machines see consumers come from private_link's subnet, and need a rule for it on the service's port, and one for the tag AzureLoadBalancer on the probe's."""  # noqa: E501

    load_balancer_id: Output[str] | None
    """Resource id of the load balancer; not set where it exists already."""
    frontend_addresses: Mapping[str, Output[str]]
    """The load balancer's addresses by frontend name."""
    backend_pool_ids: Mapping[str, Output[str]]
    """Pool resource ids by pool name, for network interfaces to join."""
    interface_ids: Mapping[str, Output[str]]
    """Resource ids of the interfaces made here, for machines, by pool and interface name with a slash between."""  # noqa: E501
    private_link_service_id: Output[str] | None
    """Resource id of the Private Link service; not set without one."""
    alias: Output[str] | None
    """What consumers in other tenants ask for a connection by; not set without a Private Link service."""  # noqa: E501
    action_group_id: Output[str] | None
    """Resource id of the action group that alerts tell; not set if nobody is told."""
    consumer_endpoint_ids: Mapping[str, Output[str]]
    """Resource ids of the consumers' private endpoints by consumer name."""
    consumer_addresses: Mapping[str, Output[str]]
    """Addresses of the service in the consumers' networks by consumer name."""

    def __init__(
        self,
        name: str,
        args: PublishedServiceArgs,
        opts: ResourceOptions | None = None,
    ) -> None:
        plan = plan_service(name, args)
        super().__init__("azureml-network:index:PublishedService", name, {}, opts)
        for warning in plan.warnings:
            pulumi.log.warn(warning, self)
        parts = Surroundings.of(name, self, args, plan.place)
        balancer = (
            None if plan.balancer is None else load_balancer(parts, plan.balancer)
        )
        service = _private_link_service(parts, plan, balancer)
        consumers = _consumers(parts, plan, service)
        group_id = _watched(parts, plan, balancer, service)
        settings = diagnostic_settings(
            name, self, plan.diagnostic_settings, _observed(balancer, service)
        )
        if plan.lock is not None and service is not None:
            management_lock(
                f"{name}-pls-lock",
                self,
                plan.lock,
                service.id,
                _LOCK_NOTES,
                [
                    service,
                    *settings,
                    *(made for item in consumers.values() for made in item.made),
                ],
            )

        self.load_balancer_id = None if balancer is None else balancer.id
        self.frontend_addresses = (
            {} if balancer is None else dict(balancer.frontend_addresses)
        )
        self.backend_pool_ids = {} if balancer is None else dict(balancer.pool_ids)
        self.interface_ids = (
            {}
            if balancer is None
            else {key: made.id for key, made in balancer.interfaces.items()}
        )
        self.private_link_service_id = None if service is None else service.id
        self.alias = None if service is None else service.alias
        self.action_group_id = group_id
        self.consumer_endpoint_ids = {
            key: item.endpoint.id for key, item in consumers.items()
        }
        self.consumer_addresses = {key: item.address for key, item in consumers.items()}
        self.register_outputs(
            {
                "loadBalancerId": self.load_balancer_id,
                "frontendAddresses": self.frontend_addresses,
                "backendPoolIds": self.backend_pool_ids,
                "interfaceIds": self.interface_ids,
                "privateLinkServiceId": self.private_link_service_id,
                "alias": self.alias,
                "actionGroupId": self.action_group_id,
                "consumerEndpointIds": self.consumer_endpoint_ids,
                "consumerAddresses": self.consumer_addresses,
            }
        )

    @staticmethod
    def check(name: str, args: PublishedServiceArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_service(name, args))


def _private_link_service(
    parts: Surroundings, plan: PublishedServicePlan, balancer: Balancer | None
) -> network.PrivateLinkService | None:
    if plan.private_link is None:
        return None
    frontends: tuple[Input[str], ...] = (
        plan.existing_frontend_ids if balancer is None else balancer.frontend_ids
    )
    return private_link_service(parts, plan.private_link, frontends)


def _consumers(
    parts: Surroundings,
    plan: PublishedServicePlan,
    service: network.PrivateLinkService | None,
) -> dict[str, Consumer]:
    if service is None:
        return {}
    return {
        key: consumer(replace(parts, name=f"{parts.name}-{key}"), item, service.id)
        for key, item in plan.consumers.items()
    }


def _watched(
    parts: Surroundings,
    plan: PublishedServicePlan,
    balancer: Balancer | None,
    service: network.PrivateLinkService | None,
) -> Output[str] | None:
    """Raise the alerts; returns the id of the group that they tell."""
    group_id = action_group(parts, plan.alerts)
    if balancer is not None:
        for row in BALANCER_ALERTS:
            metric_alert(parts, plan.alerts, row, balancer.id, group_id)
    if service is not None:
        for row in PRIVATE_LINK_ALERTS:
            metric_alert(parts, plan.alerts, row, service.id, group_id)
    return group_id


def _observed(
    balancer: Balancer | None, service: network.PrivateLinkService | None
) -> dict[str, Observed]:
    """Return what can tell a diagnostic setting something."""
    observed: dict[str, Observed] = {}
    if balancer is not None:
        observed["lb"] = Observed(resource_id=balancer.id, resource_type=LOAD_BALANCER)
    if service is not None:
        observed["pls"] = Observed(
            resource_id=service.id, resource_type=PRIVATE_LINK_SERVICE
        )
    return observed
