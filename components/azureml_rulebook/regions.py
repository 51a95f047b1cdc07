"""Azure regions as service tags and resources spell them.

The portal shows ``West Europe``; tags and resources want ``westeurope``, and a tag with
a space in it is refused.
"""

import re

from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT, cloud
from azureml_rulebook.findings import Finding

_REGIONS_PAGE = "https://learn.microsoft.com/azure/reliability/regions-list"

# Regions of the other clouds carry their cloud in the name:
# https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
# https://learn.microsoft.com/azure/china/overview-datacenter
_CLOUD_BY_PREFIX = {"usgov": US_GOVERNMENT, "usdod": US_GOVERNMENT, "china": CHINA}


def region_name(location: str) -> str:
    """Return a location as Azure's programs spell it: lower case, without spaces."""
    return "".join(location.split()).lower()


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
    owner = next(
        (own for start, own in _CLOUD_BY_PREFIX.items() if name.startswith(start)),
        PUBLIC,
    )
    if owner != cloud_name:
        return [
            Finding(
                path,
                f"'{location}' is a region of {cloud(owner).title} and cloud is "
                f"'{cloud_name}'; set cloud to '{owner}' or choose another region",
            )
        ]
    return []
