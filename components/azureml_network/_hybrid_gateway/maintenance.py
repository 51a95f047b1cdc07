"""The hours of a day in which Azure may update the VPN gateway."""

from dataclasses import dataclass

from pulumi_azure_native import maintenance, network

from azureml_network._hybrid_gateway.arguments import MaintenanceSpec
from azureml_network._inputs import InputReader
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook.vpn_gateways import DEFAULT_HOURS, maintenance_findings

_UTC = "UTC"

_EVERY_DAY = "1Day"
"""The only recurrence that windows of gateways have."""

_SUB_SCOPE = {"maintenanceSubScope": "NetworkGatewayMaintenance"}
"""What tells gateways from other resources of the scope Resource
(https://learn.microsoft.com/azure/vpn-gateway/customer-controlled-gateway-maintenance).
"""


@dataclass(frozen=True, kw_only=True)
class MaintenancePlan:
    """A window that comes every day."""

    start: str
    """First day and time, as ``2027-01-03 02:00``."""
    hours: int
    time_zone: str
    """As Windows calls it."""


def read_maintenance(spec: InputReader) -> MaintenancePlan | None:
    """Read when Azure may update the gateway; None: whenever Azure does.

    ``spec``: the gateway's inputs.
    """
    if not spec.has("maintenance"):
        return None
    window = spec.nested("maintenance", MaintenanceSpec)
    start = window.text("start")
    hours = window.integer("hours", DEFAULT_HOURS)
    time_zone = window.optional_text("time_zone") or _UTC
    if start:
        window.findings += maintenance_findings(
            start, hours, time_zone, path=window.path
        )
    return MaintenancePlan(start=start, hours=hours, time_zone=time_zone)


def make_maintenance(
    parts: Surroundings,
    plan: MaintenancePlan,
    gateway: network.VirtualNetworkGateway,
    gateway_name: str,
) -> list[maintenance.ConfigurationAssignment | maintenance.MaintenanceConfiguration]:
    """Make the window and put the gateway in it; ``gateway_name``: its Azure name."""
    name = f"{gateway_name}-maintenance"
    window = maintenance.MaintenanceConfiguration(
        name,
        resource_name_=name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        maintenance_scope=maintenance.MaintenanceScope.RESOURCE,
        extension_properties=_SUB_SCOPE,
        start_date_time=plan.start,
        duration=f"{plan.hours:02}:00",
        time_zone=plan.time_zone,
        recur_every=_EVERY_DAY,
        visibility=maintenance.Visibility.CUSTOM,
        tags=parts.tags,
        opts=parts.options(),
    )
    assignment = maintenance.ConfigurationAssignment(
        f"{name}-assignment",
        configuration_assignment_name=living_with(name, gateway.id),
        provider_name="Microsoft.Network",
        resource_type="virtualNetworkGateways",
        resource_name_=gateway_name,
        resource_group_name=parts.resource_group_name,
        resource_id=gateway.id,
        maintenance_configuration_id=window.id,
        location=parts.place.region,
        opts=parts.options(gateway),
    )
    return [window, assignment]
