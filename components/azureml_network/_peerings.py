"""One half of a peering of two networks, as every component makes it."""

from collections.abc import Sequence

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import network

from azureml_network._surroundings import Surroundings

_SET_BY_AZURE = (
    "peeringState",
    "peeringSyncLevel",
    "localAddressSpace",
    "localVirtualNetworkAddressSpace",
    "remoteAddressSpace",
    "remoteVirtualNetworkAddressSpace",
)


def peering_half(
    parts: Surroundings,
    name: str,
    azure_name: str,
    *,
    resource_group_name: Input[str],
    network_name: str,
    remote_id: Input[str],
    allow_forwarded_traffic: bool = False,
    allow_gateway_transit: bool = False,
    use_remote_gateways: bool = False,
    after: Sequence[pulumi.Resource],
    provider: pulumi.ProviderResource | None = None,
) -> network.VirtualNetworkPeering:
    """Let a network reach another one, and nothing beyond it unless that is said.

    Args:
        parts: what the component's parts are made in.
        name: in Pulumi.
        azure_name: in Azure; a network has each once.
        resource_group_name: that of the network whose half this is.
        network_name: the network's own.
        remote_id: resource id of the other network.
        allow_forwarded_traffic: opens it to what the other one forwards from elsewhere.
        allow_gateway_transit: lends its gateways to the other one.
        use_remote_gateways: uses the other one's, once its half lends them.
        after: what is made first; a network takes one change at a time.
        provider: of the network's subscription, where that may be another one.
    """
    return network.VirtualNetworkPeering(
        name,
        virtual_network_peering_name=azure_name,
        virtual_network_name=network_name,
        resource_group_name=resource_group_name,
        remote_virtual_network={"id": remote_id},
        allow_virtual_network_access=True,
        allow_forwarded_traffic=allow_forwarded_traffic,
        allow_gateway_transit=allow_gateway_transit,
        use_remote_gateways=use_remote_gateways,
        # Azure changes a half together with the two networks.
        opts=ResourceOptions.merge(
            parts.options(*after, provider=provider),
            ResourceOptions(ignore_changes=list(_SET_BY_AZURE)),
        ),
    )
