"""The rule on whose traffic an ExpressRoute gateway carries besides its network's."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Resource,
    must_be_flag,
    resource_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import GATEWAY


def _may_pass(whose: str) -> dict[str, Any]:
    return {
        "type": "boolean",
        "default": False,
        "description": f"Whether {whose} may send through the gateway's circuits",
    }


@resource_rule(
    id="VG009",
    name="er-gateway-no-transit",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(GATEWAY,),
    settings={
        "remoteNetworks": _may_pass("networks of other regions"),
        "virtualWan": _may_pass("networks of Virtual WAN"),
    },
    controls=(assigned("NS-1"),),
    remedy={"allowRemoteVnetTraffic": False, "allowVirtualWanTraffic": False},
    steps="Leave allowRemoteVnetTraffic and allowVirtualWanTraffic out or false, or "
    "open one of them in this environment's configuration. The level `remediate` "
    "closes both, whatever is open there.",
    url="https://learn.microsoft.com/azure/expressroute/"
    "expressroute-howto-add-gateway-portal-resource-manager",
    bad={"gatewayType": "ExpressRoute", "allowRemoteVnetTraffic": True},
    good={"gatewayType": "ExpressRoute", "allowRemoteVnetTraffic": False},
)
def gateway_without_transit(gateway: Resource, context: Context) -> Iterator[Finding]:
    """A gateway carries no traffic of networks that it is not there for."""
    for setting, path in (
        ("remoteNetworks", "allowRemoteVnetTraffic"),
        ("virtualWan", "allowVirtualWanTraffic"),
    ):
        if not context.settings[setting]:
            yield from must_be_flag(gateway, path, False)
