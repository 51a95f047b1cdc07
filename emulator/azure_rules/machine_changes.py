"""What of a virtual machine cannot change any more.

https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
https://github.com/hashicorp/terraform/pull/6528
"""

from collections.abc import Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.store import Resource, Store

_MACHINE = "compute:VirtualMachine"
# Paths of inputs, and what Azure calls them.
_SECRET = (
    (("osProfile", "adminPassword"), "adminPassword"),
    (("osProfile", "customData"), "customData"),
)
_FIXED = (
    (("osProfile", "adminUsername"), "adminUsername"),
    (("osProfile", "computerName"), "computerName"),
    (
        ("osProfile", "linuxConfiguration", "disablePasswordAuthentication"),
        "linuxConfiguration.disablePasswordAuthentication",
    ),
    (
        ("osProfile", "linuxConfiguration", "ssh", "publicKeys"),
        "linuxConfiguration.ssh.publicKeys",
    ),
    (("storageProfile", "imageReference"), "imageReference"),
    (("storageProfile", "osDisk", "createOption"), "osDisk.createOption"),
    (("storageProfile", "osDisk", "name"), "osDisk.name"),
    (("availabilitySet", "id"), "availabilitySet.id"),
    (("zones",), "zones"),
)


def fixed_properties_stay(write: Write) -> None:
    """What a machine was made from, and with, stays: another takes a new machine."""
    if write.existing is None or not write.existing.body:
        return
    for path, name in _FIXED:
        before, after = at(write.existing.body, *path), at(write.inputs, *path)
        if before is not None and after is not None and _plain(before) != _plain(after):
            raise _not_allowed(name)
    if bool(write.existing.body.get("zones")) != bool(write.inputs.get("zones")):
        raise _not_allowed("zones")
    for path, name in _SECRET:
        after = at(write.inputs, *path)
        if isinstance(after, str) and write.store.fingerprints.differ(
            write.id, name, after
        ):
            raise _not_allowed(name)


def remember_secrets(
    store: Store, resource: Resource, inputs: Mapping[str, Any]
) -> None:
    """Keep what tells whether a machine's secret inputs change."""
    if resource.token == _MACHINE:
        for path, name in _SECRET:
            value = at(inputs, *path)
            if isinstance(value, str):
                store.fingerprints.remember(resource.id, name, value)


def _plain(value: Any) -> Any:
    """A value without case, and without what Azure adds to an image reference."""
    match value:
        case Mapping():
            left = {k: _plain(v) for k, v in value.items() if k != "exactVersion"}
            return {k: v for k, v in left.items() if v is not None}
        case list():
            return [_plain(item) for item in value]
        case str():
            return value.lower()
        case _:
            return value


def _not_allowed(name: str) -> AzureError:
    return AzureError(
        409,
        "PropertyChangeNotAllowed",
        f"Changing property '{name}' is not allowed. (Target: {name})",
    )
