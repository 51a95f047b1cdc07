"""Providers for what a component makes in another subscription than its own."""

import pulumi_azure_native as azure_native
from pulumi import ResourceOptions

from azureml_network._place import Place
from azureml_rulebook.clouds import cloud


def subscription_provider(
    name: str, subscription_id: str, place: Place, options: ResourceOptions
) -> azure_native.Provider:
    """Make the provider called ``name`` for a subscription of ``place``'s cloud."""
    return azure_native.Provider(
        name,
        subscription_id=subscription_id,
        environment=cloud(place.cloud_name).provider_environment,
        opts=options,
    )
