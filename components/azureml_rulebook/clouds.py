"""The Azure clouds that the rulebook knows, and how the provider calls each of them.

A name, zone, tag or host of one cloud never works in another, so every table that
differs by cloud is keyed by ``Cloud.name``.
"""

from dataclasses import dataclass

from azureml_rulebook.spelling import suggestion

PUBLIC = "public"
US_GOVERNMENT = "us_government"
CHINA = "china"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """One Azure cloud."""

    name: str
    """How inputs and tables call it."""
    title: str
    """How Microsoft calls it."""
    provider_environment: str
    """Value of the Azure Native provider's ``environment`` setting for it."""
    portal_host: str
    """Host of the portal."""


# https://www.pulumi.com/registry/packages/azure-native/installation-configuration/
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
# https://learn.microsoft.com/azure/china/resources-developer-guide
CLOUDS: dict[str, Cloud] = {
    row.name: row
    for row in (
        Cloud(
            name=PUBLIC,
            title="Azure",
            provider_environment="public",
            portal_host="portal.azure.com",
        ),
        Cloud(
            name=US_GOVERNMENT,
            title="Azure US Government",
            provider_environment="usgovernment",
            portal_host="portal.azure.us",
        ),
        Cloud(
            name=CHINA,
            title="Azure operated by 21Vianet (China)",
            provider_environment="china",
            portal_host="portal.azure.cn",
        ),
    )
}


def cloud(name: str) -> Cloud:
    """Return the cloud called ``name``.

    Raises ValueError for an unknown name, naming the nearest one.
    """
    try:
        return CLOUDS[name]
    except KeyError:
        raise ValueError(
            f"'{name}' is not a known cloud; {suggestion(name, CLOUDS)}"
        ) from None
