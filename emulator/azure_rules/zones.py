"""The regions that have availability zones.

https://learn.microsoft.com/azure/reliability/regions-list (2026)
"""

from emulator.made_up_values import normalised_location

_REGIONS = frozenset(
    """
    australiaeast austriaeast belgiumcentral brazilsouth canadacentral centralindia
    centralus chilecentral chinanorth3 denmarkeast eastasia eastus eastus2
    francecentral germanywestcentral indonesiacentral israelcentral italynorth
    japaneast japanwest koreacentral malaysiawest mexicocentral newzealandnorth
    northeurope norwayeast polandcentral qatarcentral southafricanorth
    southcentralus southeastasia spaincentral swedencentral switzerlandnorth
    uaenorth uksouth usgovvirginia westeurope westus2 westus3
    """.split()
)


def has_zones(region: str) -> bool:
    """Whether a region is known to have availability zones."""
    return normalised_location(region) in _REGIONS
