"""Management locks: the last thing that is made, and the first that a destroy takes."""

from collections.abc import Sequence

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import authorization

from azureml_network._secure_vnet.arguments import LockKind


def management_lock(
    name: str,
    parent: pulumi.Resource,
    kind: LockKind,
    scope: Input[str],
    notes: str,
    after: Sequence[pulumi.Resource],
) -> authorization.ManagementLockByScope:
    """Lock what ``scope`` names.

    Args:
        name: of the lock, in Pulumi and in Azure.
        parent: the component.
        kind: what the lock stops.
        scope: resource id of what is locked.
        notes: why, for those who meet it.
        after: everything in and on it, which a destroy can delete only once the lock is
            gone.
    """
    return authorization.ManagementLockByScope(
        name,
        lock_name=name,
        scope=scope,
        level=kind.value,
        notes=notes,
        # A protected lock could not be given up together with the protection.
        opts=ResourceOptions(parent=parent, depends_on=list(after), protect=False),
    )
