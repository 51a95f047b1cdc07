"""What the owner of a target may do with the connection of a private endpoint.

https://learn.microsoft.com/azure/private-link/manage-private-endpoint
"""

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.endpoint_connections import STATE

_PENDING, _APPROVED, _REJECTED = "Pending", "Approved", "Rejected"
_MAY_FOLLOW = {
    _PENDING: (_APPROVED, _REJECTED),
    _APPROVED: (_REJECTED,),
    _REJECTED: (_APPROVED,),
}
_STORAGE = "storage:PrivateEndpointConnection"


def endpoint_asked_for_it(write: Write) -> None:
    """A connection comes with its endpoint; nobody else makes one."""
    if write.existing is None:
        raise AzureError(
            404,
            "ResourceNotFound",
            f"The Resource '{write.id}' was not found: a private endpoint connection "
            "is made by its private endpoint, and then approved, rejected or removed.",
        )


def state_follows(write: Write) -> None:
    """A connection is approved or rejected, and waits no more.

    Storage refuses to be told again what it knows:
    https://github.com/Azure/azure-rest-api-specs/issues/30308
    """
    if write.existing is None:
        return
    before = str(at(write.existing.body, STATE, "status"))
    after = str(at(write.inputs, STATE, "status") or before)
    same = after == before and write.existing.token != _STORAGE
    if not same and after not in _MAY_FOLLOW.get(before, ()):
        raise AzureError(
            400,
            "InvalidValuesForRequestParameters",
            "Values for request parameters are invalid: "
            f"privateLinkServiceConnectionState.status. ({write.id} is {before} and "
            f"cannot be {after}.)",
        )
