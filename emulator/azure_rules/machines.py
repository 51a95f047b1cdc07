"""Virtual machines: names, sign-in, and the interfaces and disks they take.

https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update
https://learn.microsoft.com/azure/virtual-machines/windows/faq
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at
from emulator.made_up_values import normalised_location
from emulator.resource_paths import id_key, same_id
from emulator.store import Resource, Store

_MACHINE = "compute:VirtualMachine"
_WINDOWS, _LINUX = "windows", "linux"
_LONGEST_WINDOWS_NAME, _LONGEST_LINUX_NAME = 15, 64
_NOT_IN_NAMES = "`~!@#$%^&*()=+_[]{}\\|;:.'\",<>/?"
_PASSWORD_LENGTHS = {_WINDOWS: (8, 123), _LINUX: (6, 72)}
_PASSWORD_CLASSES = 3
_FORBIDDEN_USERS = frozenset(
    """
    administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm
    admin2 aspnet backup console david guest john owner root server sql support
    support_388945a0 sys test2 test3 user4 user5
    """.split()
)
_FORBIDDEN_PASSWORDS = frozenset(
    """
    abc@123 p@$$w0rd p@ssw0rd p@ssword123 pa$$word pass@word1 password! password1
    password22 iloveyou!
    """.split()
)


def computer_name_is_allowed(write: Write) -> None:
    """A Windows machine's name has 15 characters at most, and is no number.

    https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
    """
    system, profile = system_of(write.inputs), write.inputs.get("osProfile")
    if system is None or not isinstance(profile, Mapping):
        return
    name = str(profile.get("computerName") or write.name)
    if system == _WINDOWS and (
        len(name) > _LONGEST_WINDOWS_NAME
        or name.isdigit()
        or set(_NOT_IN_NAMES) & set(name)
    ):
        raise _invalid(
            "computerName",
            f"Windows computer name cannot be more than {_LONGEST_WINDOWS_NAME} "
            "characters long, be entirely numeric, or contain the following "
            f"characters: {' '.join(_NOT_IN_NAMES)}. It is '{name}'.",
        )
    if len(name) > _LONGEST_LINUX_NAME:
        raise _invalid(
            "computerName",
            f"Linux host name cannot exceed {_LONGEST_LINUX_NAME} characters.",
        )


def user_is_allowed(write: Write) -> None:
    """The administrator has none of the names that everybody would guess."""
    user = at(write.inputs, "osProfile", "adminUsername")
    if isinstance(user, str) and user.lower() in _FORBIDDEN_USERS:
        raise _invalid(
            "adminUsername",
            "The Admin Username specified is not allowed.",
        )


def password_is_strong(write: Write) -> None:
    """A password is long enough, of three classes, and none of the common ones.

    https://github.com/redhat-developer/mapt/issues/405
    """
    system = system_of(write.inputs)
    password = at(write.inputs, "osProfile", "adminPassword")
    if not isinstance(password, str):
        return
    shortest, longest = _PASSWORD_LENGTHS[system or _LINUX]
    classes = [
        any(c.isupper() for c in password),
        any(c.islower() for c in password),
        any(c.isdigit() for c in password),
        any(not c.isalnum() for c in password),
    ]
    if (
        not shortest <= len(password) <= longest
        or sum(classes) < _PASSWORD_CLASSES
        or not password.isprintable()
    ):
        raise _invalid(
            "adminPassword",
            f"The supplied password must be between {shortest}-{longest} characters "
            "long and must satisfy at least 3 of password complexity requirements from "
            "the following: 1) Contains an uppercase character 2) Contains a lowercase "
            "character 3) Contains a numeric digit 4) Contains a special character 5) "
            "Control characters are not allowed",
        )
    if password.lower() in _FORBIDDEN_PASSWORDS:
        raise _invalid("adminPassword", "The supplied password is not allowed.")


def somebody_can_sign_in(write: Write) -> None:
    """A Windows machine is made with a password, a Linux one with that or a key."""
    profile = write.inputs.get("osProfile")
    system = system_of(write.inputs)
    if not isinstance(profile, Mapping) or write.existing is not None:
        return
    if not profile.get("adminUsername"):
        raise _missing("adminUsername")
    if system == _WINDOWS and not profile.get("adminPassword"):
        raise _missing("adminPassword")
    if system == _LINUX:
        keys = at(profile, "linuxConfiguration", "ssh", "publicKeys")
        closed = at(profile, "linuxConfiguration", "disablePasswordAuthentication")
        if not keys and (closed is True or not profile.get("adminPassword")):
            raise _invalid(
                "linuxConfiguration",
                "Authentication using either SSH or by user name and password must be "
                "enabled in Linux profile.",
            )


def secure_boot_has_its_type(write: Write) -> None:
    """Secure boot and a virtual TPM belong to a security type.

    https://learn.microsoft.com/azure/virtual-machines/trusted-launch
    https://github.com/Azure/azure-cli/issues/30210
    """
    settings = at(write.inputs, "securityProfile", "uefiSettings")
    kind = at(write.inputs, "securityProfile", "securityType")
    if settings and str(kind or "standard").lower() == "standard":
        raise AzureError(
            400,
            "BadRequest",
            "Use of UEFI settings is not supported when security type is "
            f"'{kind or '<NULL>'}'.",
        )


def interfaces_are_free(write: Write) -> None:
    """A machine's interfaces are in its region, and of no other machine.

    https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface-vm
    """
    for interface in _interfaces(write.store, write.inputs):
        if _region(interface.body) != _region(write.inputs):
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {interface.id} referenced by resource {write.id} was not "
                "found. Please make sure that the referenced resource exists, and that "
                "both resources are in the same region.",
            )
        for other in write.store.of_type(_MACHINE):
            used = [id_key(i.id) for i in _interfaces(write.store, other.body)]
            if not same_id(other.id, write.id) and id_key(interface.id) in used:
                raise AzureError(
                    400,
                    "NicInUse",
                    f"Network Interface {interface.id} is used by existing resource "
                    f"{other.id}. A network interface can be attached to one virtual "
                    "machine.",
                )


def disks_are_in_the_zone(write: Write) -> None:
    """A disk in a zone goes with a machine of that zone; a copied one with any.

    https://learn.microsoft.com/azure/virtual-machines/disks-redundancy
    """
    own = [str(zone) for zone in write.inputs.get("zones") or []]
    for disk in _disks(write.store, write.inputs):
        zones = [str(zone) for zone in disk.body.get("zones") or []]
        copied = str(at(disk.body, "sku", "name")).lower().endswith("_zrs")
        if zones and not copied and zones != own:
            raise AzureError(
                400,
                "BadRequest",
                f"Disk {disk.id} is in zone {', '.join(zones)} and cannot be attached "
                f"to virtual machine {write.name}, which is "
                + (f"in zone {', '.join(own)}." if own else "in no zone."),
            )


def disk_is_detached(store: Store, disk: Resource) -> None:
    """A disk of a machine cannot be deleted.

    https://learn.microsoft.com/azure/virtual-machines/linux/detach-disk
    """
    for machine in store.of_type(_MACHINE):
        if id_key(disk.id) in [id_key(d.id) for d in _disks(store, machine.body)]:
            raise AzureError(
                409,
                "OperationNotAllowed",
                f"Disk {disk.id} is attached to VM {machine.id}.",
            )


def system_of(values: Mapping[str, Any]) -> str | None:
    """`windows` or `linux`, or None if nothing tells."""
    told = str(at(values, "storageProfile", "osDisk", "osType") or "").lower()
    if told in (_WINDOWS, _LINUX):
        return told
    for system in (_WINDOWS, _LINUX):
        if at(values, "osProfile", f"{system}Configuration"):
            return system
    publisher = at(values, "storageProfile", "imageReference", "publisher")
    if str(publisher).lower().startswith("microsoftwindows"):
        return _WINDOWS
    return None


def _interfaces(store: Store, values: Mapping[str, Any]) -> Iterator[Resource]:
    for reference in at(values, "networkProfile", "networkInterfaces") or []:
        found = store.get(str(at(reference, "id")))
        if found is not None:
            yield found


def _disks(store: Store, values: Mapping[str, Any]) -> Iterator[Resource]:
    profile = values.get("storageProfile") or {}
    for disk in [at(profile, "osDisk"), *(at(profile, "dataDisks") or [])]:
        found = store.get(str(at(disk or {}, "managedDisk", "id")))
        if found is not None:
            yield found


def _region(values: Mapping[str, Any]) -> str:
    return normalised_location(str(values.get("location")))


def _missing(name: str) -> AzureError:
    return _invalid(name, f"Required parameter '{name}' is missing (null).")


def _invalid(target: str, message: str) -> AzureError:
    return AzureError(400, "InvalidParameter", f"{message} (Target: {target})")
