"""The host names of Azure's clouds, as they stand in addresses that Azure makes up.

https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
https://learn.microsoft.com/azure/china/resources-developer-guide
https://learn.microsoft.com/azure/machine-learning/how-to-access-azureml-behind-firewall
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloud:
    """One cloud's host names; each is what follows a resource's own name."""

    management: str
    storage: str
    vault: str
    registry: str
    machine_learning: str
    inference: str
    insights: str
    bastion: str


_PUBLIC = Cloud(
    management="https://management.azure.com",
    storage="core.windows.net",
    vault="vault.azure.net",
    registry="azurecr.io",
    machine_learning="api.azureml.ms",
    inference="inference.ml.azure.com",
    insights="in.applicationinsights.azure.com",
    bastion="bastion.azure.com",
)
_CLOUDS = {
    "public": _PUBLIC,
    "usgovernment": Cloud(
        management="https://management.usgovcloudapi.net",
        storage="core.usgovcloudapi.net",
        vault="vault.usgovcloudapi.net",
        registry="azurecr.us",
        machine_learning="api.ml.azure.us",
        inference="inference.ml.azure.us",
        insights="in.applicationinsights.azure.us",
        bastion="bastion.azure.us",
    ),
    "china": Cloud(
        management="https://management.chinacloudapi.cn",
        storage="core.chinacloudapi.cn",
        vault="vault.azure.cn",
        registry="azurecr.cn",
        machine_learning="api.ml.azure.cn",
        inference="inference.ml.azure.cn",
        insights="in.applicationinsights.azure.cn",
        bastion="bastion.azure.cn",
    ),
}


def cloud_named(environment: str | None) -> Cloud:
    """The cloud of azure-native's `environment`; ValueError names the known ones."""
    found = _CLOUDS.get((environment or "public").lower())
    if found is None:
        known = ", ".join(_CLOUDS)
        raise ValueError(
            f"azure-native:environment is {environment!r}, but must be one of: {known}"
        )
    return found
