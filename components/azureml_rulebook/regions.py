"""Azure regions as service tags and resources spell them.

The portal shows ``West Europe``; tags and resources want ``westeurope``, and a tag with
a space in it is refused.
"""

import re
from difflib import get_close_matches

from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT, cloud
from azureml_rulebook.findings import Finding

_REGIONS_PAGE = "https://learn.microsoft.com/azure/reliability/regions-list"

_PUBLISHED_REGIONS = frozenset(
    """
    australiacentral australiacentral2 australiaeast australiasoutheast austriaeast
    belgiumcentral brazilsouth brazilsoutheast canadacentral canadaeast centralindia
    centralus chilecentral chinaeast chinaeast2 chinaeast3 chinanorth chinanorth2
    chinanorth3 denmarkeast eastasia eastus eastus2 eastus3 francecentral
    francesouth germanynorth germanywestcentral indiasouthcentral indonesiacentral
    israelcentral israelnorthwest italynorth japaneast japanwest jioindiacentral
    jioindiawest koreacentral koreasouth malaysiasouth malaysiawest mexicocentral
    newzealandnorth northcentralus northeastus5 northeurope norwayeast norwaywest
    polandcentral qatarcentral southafricanorth southafricawest southcentralus
    southcentralus2 southeastasia southeastus southeastus3 southindia spaincentral
    swedencentral swedensouth switzerlandnorth switzerlandwest taiwannorth
    taiwannorthwest uaecentral uaenorth uksouth ukwest usdodcentral usdodeast
    usgovarizona usgovtexas usgovvirginia westcentralus westeurope westindia westus
    westus2 westus3
    """.split()
)
"""Regions with a storage service tag in the files of June and July 2026
(https://www.microsoft.com/download/details.aspx?id=56519), test regions left out."""

_REGIONS_WITH_ZONES = frozenset(
    """
    australiaeast austriaeast belgiumcentral brazilsouth canadacentral centralindia
    centralus chilecentral chinanorth3 eastasia eastus eastus2 francecentral
    germanywestcentral indonesiacentral israelcentral italynorth japaneast japanwest
    koreacentral malaysiawest mexicocentral newzealandnorth northeurope norwayeast
    polandcentral qatarcentral southafricanorth southcentralus southeastasia
    spaincentral swedencentral switzerlandnorth uaenorth uksouth usgovvirginia
    westeurope westus2 westus3
    """.split()
)
"""Regions with availability zones (``_REGIONS_PAGE``)."""

ZONES: tuple[str, ...] = ("1", "2", "3")
"""What a subscription calls them (https://learn.microsoft.com/azure/reliability/
availability-zones-overview)."""

_CLOSE_SPELLING = 0.85
"""Similarity from which a region that is not published is taken for a misspelt one; a
wholly unknown name may be a region that is newer than the list."""

# Regions of the other clouds carry their cloud in the name:
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
# https://learn.microsoft.com/azure/china/overview-datacenter
_CLOUD_BY_PREFIX = {"usgov": US_GOVERNMENT, "usdod": US_GOVERNMENT, "china": CHINA}


def region_name(location: str) -> str:
    """Return a location as Azure's programs spell it: lower case, without spaces."""
    return "".join(location.split()).lower()


def cloud_of(location: str) -> str:
    """Return the name of the cloud that a region is of, published or not."""
    name = region_name(location)
    return next(
        (own for start, own in _CLOUD_BY_PREFIX.items() if name.startswith(start)),
        PUBLIC,
    )


def is_published_region(location: str) -> bool:
    """Whether ``location`` is a region, and so no other kind of place."""
    return region_name(location) in _PUBLISHED_REGIONS


def zones_of(region: str) -> tuple[str, ...]:
    """Return the availability zones of a region; () for one that is not known to have
    any, such as one that is newer than the list."""
    return ZONES if region_name(region) in _REGIONS_WITH_ZONES else ()


def region_findings(
    location: str, cloud_name: str = PUBLIC, *, path: str = "location"
) -> list[Finding]:
    """Check that ``location`` can be a region, and one of the chosen cloud.

    ``cloud_name`` is a known one.
    """
    name = region_name(location)
    if re.fullmatch(r"[a-z]{2,}[a-z0-9]*", name) is None:
        return [
            Finding(
                path,
                f"'{location}' is not a region; write one like 'westeurope' "
                f"({_REGIONS_PAGE})",
            )
        ]
    meant = _misspelt(name)
    if meant is not None:
        return [Finding(path, f"'{location}' is not a region; did you mean '{meant}'?")]
    owner = cloud_of(name)
    if owner != cloud_name:
        return [
            Finding(
                path,
                f"'{location}' is a region of {cloud(owner).title} and cloud is "
                f"'{cloud_name}'; set cloud to '{owner}' or choose another region",
            )
        ]
    return []


def _misspelt(name: str) -> str | None:
    """Return the published region that ``name`` is a misspelling of, or None.

    A published name with another number is taken for a newer region of the same place.
    """
    if name in _PUBLISHED_REGIONS:
        return None
    meant = next(
        iter(get_close_matches(name, _PUBLISHED_REGIONS, 1, _CLOSE_SPELLING)), None
    )
    if meant is None or meant.rstrip("0123456789") == name.rstrip("0123456789"):
        return None
    return meant
