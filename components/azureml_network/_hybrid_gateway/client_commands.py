"""Commands that give people what their VPN clients need, once the gateway is there."""

from collections.abc import Sequence

from pulumi import Input, Output

from azureml_network._hybrid_gateway.point_to_site import PointToSitePlan
from azureml_network._hybrid_gateway.vpn import VpnPlan
from azureml_rulebook.point_to_site import package_command, profile_commands


def client_package_command(
    vpn: VpnPlan | None,
    clients: PointToSitePlan | None,
    resource_group_name: Input[str],
) -> Output[str] | None:
    """Return the command that makes the package; None: there are no clients."""
    if vpn is None or clients is None:
        return None
    return Output.from_input(resource_group_name).apply(
        lambda group: package_command(group, vpn.azure_name, clients.authentication)
    )


def client_profile_commands(
    vpn: VpnPlan | None,
    clients: PointToSitePlan | None,
    resource_group_name: Input[str],
) -> Output[Sequence[str]]:
    """Return the commands that make the profiles and fetch them, in order."""
    if vpn is None or clients is None:
        return Output.from_input(())
    return Output.from_input(resource_group_name).apply(
        lambda group: profile_commands(group, vpn.azure_name, clients.authentication)
    )
