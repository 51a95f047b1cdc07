"""Service endpoint policies, and the subnets that they are put on.

https://learn.microsoft.com/azure/virtual-network/virtual-network-service-endpoint-policies-overview
"""

import re

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at

_STORAGE = "microsoft.storage"
_GLOBAL = "global"
_ALLOWED = {
    _STORAGE: re.compile(
        r"/subscriptions/[^/]+"
        r"(/resourceGroups/[^/]+(/providers/Microsoft\.Storage/storageAccounts/[^/]+)?)?",
        re.IGNORECASE,
    ),
    _GLOBAL: re.compile(r"/services/Azure(/[A-Za-z]+)*", re.IGNORECASE),
}


def definition_is_valid(write: Write) -> None:
    """A definition lists storage accounts (or what holds them), or aliases."""
    service = str(write.inputs.get("service") or "")
    allowed = _ALLOWED.get(service.lower())
    if allowed is None:
        raise AzureError(
            400,
            "ServiceEndpointPolicyDefinitionHasInvalidServiceName",
            f"Service endpoint policy definition {write.id} has an invalid service "
            f"name {service}. Valid values are Microsoft.Storage, Global.",
        )
    resources = write.inputs.get("serviceResources") or []
    wrong = [r for r in resources if not allowed.fullmatch(str(r))]
    if wrong or not resources:
        raise AzureError(
            400,
            "ServiceEndpointPolicyDefinitionHasInvalidServiceResources",
            f"Service endpoint policy definition {write.id} has invalid service "
            f"resources for service {service}: {', '.join(map(str, wrong)) or 'none'}.",
        )


def policy_needs_its_endpoint(write: Write) -> None:
    """A subnet with a policy has the endpoint of the service that it limits."""
    endpoints = write.inputs.get("serviceEndpoints") or []
    services = {
        str(at(e, "service")).lower().rpartition(".global")[0]
        or str(at(e, "service")).lower()
        for e in endpoints
    }
    if write.inputs.get("serviceEndpointPolicies") and _STORAGE not in services:
        raise AzureError(
            400,
            "SubnetWithServiceEndpointPolicyMustHaveServiceEndpoint",
            f"Subnet {write.id} has service endpoint policies, but no service endpoint "
            "for Microsoft.Storage.",
        )
