"""What the studio, which runs in people's browsers, needs of a workspace's storage.

The service writes these cross-origin rules on the blob service by itself. Declared,
they are no drift, and a later write of the blob service does not take them away.
"""

from azureml_rulebook.clouds import PUBLIC

# All of this: https://github.com/Azure/terraform-azurerm-avm-res-machinelearningservices-
# workspace/blob/main/examples/private_byo_vnet/main.tf
STUDIO_ORIGINS: dict[str, tuple[str, ...]] = {
    PUBLIC: (
        "https://mlworkspace.azure.ai",
        "https://ml.azure.com",
        "https://*.ml.azure.com",
        "https://ai.azure.com",
        "https://*.ai.azure.com",
    ),
}
"""Pages that may call the blob service, by cloud; clouds without a published list are
left to the service."""

STUDIO_METHODS: tuple[str, ...] = (
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "OPTIONS",
    "POST",
    "PATCH",
)
"""Methods that those pages use."""

STUDIO_MAX_AGE_SECONDS = 1800
"""Seconds that a browser may keep the answer to its first question."""
