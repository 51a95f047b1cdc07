"""Virtual machines: each refusal once, and good ones."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.azure_error import AzureError
from tests.emulator.machine_requests import (
    IMAGE,
    KEY,
    LINUX_PROFILE,
    PASSWORD,
    WINDOWS_PROFILE,
    card_of_machines,
    id_of,
    machine,
    machine_inputs,
)


def _windows(**changes: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        machine(azure, {**WINDOWS_PROFILE, **changes})

    return act


def _linux(**changes: Any) -> Callable[[Any], None]:
    def act(azure: Any) -> None:
        machine(azure, {**LINUX_PROFILE, **changes})

    return act


def _boot_without_type(azure: Any) -> None:
    settings = {"uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True}}
    machine(azure, LINUX_PROFILE, securityProfile=settings)


def _interface_of_another_region(azure: Any) -> None:
    azure.network(location="northeurope")
    azure.subnet("machines", "10.0.1.0/24")
    subnet = {"id": id_of(azure, "virtualNetworks/net/subnets/machines")}
    card = azure.in_group(
        "network:NetworkInterface",
        networkInterfaceName="card",
        location="northeurope",
        ipConfigurations=[{"name": "one", "subnet": subnet}],
    )
    machine(azure, LINUX_PROFILE, interfaces=[card])


def _interface_of_another_machine(azure: Any) -> None:
    card = card_of_machines(azure)
    machine(azure, LINUX_PROFILE, interfaces=[card])
    machine(azure, LINUX_PROFILE, interfaces=[card], vmName="second")


def _interface_that_is_gone(azure: Any) -> None:
    card = card_of_machines(azure)
    azure.delete("network:NetworkInterface", card)
    machine(azure, LINUX_PROFILE, interfaces=[card])


def _with_disk(azure: Any, sku: str, *zones: str) -> Any:
    disk = azure.in_group(
        "compute:Disk",
        diskName="data",
        sku={"name": sku},
        creationData={"createOption": "Empty"},
        **({"zones": list(zones)} if zones else {}),
    )
    attached = {
        "lun": 0,
        "createOption": "Attach",
        "managedDisk": {"id": disk.id},
    }
    profile = {
        "imageReference": IMAGE,
        "osDisk": {"createOption": "FromImage"},
        "dataDisks": [attached],
    }
    machine(azure, LINUX_PROFILE, storageProfile=profile)
    return disk


def _disk_of_another_zone(azure: Any) -> None:
    _with_disk(azure, "Premium_LRS", "2")


def _attached_disk_goes(azure: Any) -> None:
    azure.delete("compute:Disk", _with_disk(azure, "Premium_LRS", "1"))


def _used_interface_goes(azure: Any) -> None:
    card = card_of_machines(azure)
    machine(azure, LINUX_PROFILE, interfaces=[card])
    azure.delete("network:NetworkInterface", card)


def _extension_without_machine(azure: Any) -> None:
    azure.in_group(
        "compute:VirtualMachineExtension",
        vmName="vm",
        vmExtensionName="agent",
        publisher="Microsoft.Azure.Monitor",
        type="AzureMonitorLinuxAgent",
        typeHandlerVersion="1.0",
    )


def _changed(
    profile: dict[str, Any] | None = None, **changes: Any
) -> Callable[[Any], None]:
    """Make the Linux machine, and write it again with a change."""

    def act(azure: Any) -> None:
        card = card_of_machines(azure)
        made = machine(azure, LINUX_PROFILE, interfaces=[card])
        wanted = {**LINUX_PROFILE, **(profile or {})}
        again = machine_inputs(wanted, [card], **changes)
        azure.update("compute:VirtualMachine", made, **again)

    return act


def _new_password(azure: Any) -> None:
    card = card_of_machines(azure)
    made = machine(azure, WINDOWS_PROFILE, interfaces=[card])
    profile = {**WINDOWS_PROFILE, "adminPassword": PASSWORD + "!"}
    azure.update("compute:VirtualMachine", made, **machine_inputs(profile, [card]))


OTHER_KEY = {
    "disablePasswordAuthentication": True,
    "ssh": {"publicKeys": [{"path": "/home/operator7/.ssh/k", "keyData": KEY + "2"}]},
}
OTHER_IMAGE = {
    "imageReference": {**IMAGE, "sku": "other"},
    "osDisk": {"createOption": "FromImage", "name": "vm-os"},
}
CASES: list[tuple[str, str, Callable[[Any], None]]] = [
    # (what, code, act)
    ("long Windows name", "InvalidParameter", _windows(computerName="a" * 16)),
    ("number for a name", "InvalidParameter", _windows(computerName="12345")),
    ("dotted Windows name", "InvalidParameter", _windows(computerName="a.b")),
    ("long Linux name", "InvalidParameter", _linux(computerName="a" * 65)),
    ("no password", "InvalidParameter", _windows(adminPassword=None)),
    ("short password", "InvalidParameter", _windows(adminPassword="Ab1!xyz")),
    ("two classes", "InvalidParameter", _windows(adminPassword="onlyletters7")),
    ("common password", "InvalidParameter", _windows(adminPassword="P@ssw0rd")),
    ("long password", "InvalidParameter", _windows(adminPassword="Ab1!" * 31)),
    ("administrator", "InvalidParameter", _windows(adminUsername="Administrator")),
    ("root", "InvalidParameter", _linux(adminUsername="root")),
    ("no user", "InvalidParameter", _linux(adminUsername=None)),
    (
        "nobody can sign in",
        "InvalidParameter",
        _linux(linuxConfiguration={"disablePasswordAuthentication": True}),
    ),
    ("UEFI without type", "BadRequest", _boot_without_type),
    (
        "interface elsewhere",
        "InvalidResourceReference",
        _interface_of_another_region,
    ),
    ("interface twice", "NicInUse", _interface_of_another_machine),
    ("no interface", "InvalidResourceReference", _interface_that_is_gone),
    ("disk elsewhere", "BadRequest", _disk_of_another_zone),
    ("disk in use", "OperationNotAllowed", _attached_disk_goes),
    ("interface in use", "NicInUse", _used_interface_goes),
    ("no machine", "ParentResourceNotFound", _extension_without_machine),
    ("custom data", "PropertyChangeNotAllowed", _changed({"customData": "eA=="})),
    ("password", "PropertyChangeNotAllowed", _new_password),
    ("user", "PropertyChangeNotAllowed", _changed({"adminUsername": "other7"})),
    ("name", "PropertyChangeNotAllowed", _changed({"computerName": "other"})),
    (
        "key",
        "PropertyChangeNotAllowed",
        _changed({"linuxConfiguration": OTHER_KEY}),
    ),
    ("image", "PropertyChangeNotAllowed", _changed(storageProfile=OTHER_IMAGE)),
    ("zone", "PropertyChangeNotAllowed", _changed(zones=["2"])),
    ("no zone", "PropertyChangeNotAllowed", _changed(zones=None)),
]


@pytest.mark.parametrize(
    ("code", "act"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_azure_refuses(azure: Any, code: str, act: Callable[[Any], None]) -> None:
    """Each rule answers with its code, and no message has a password."""
    with pytest.raises(AzureError) as refusal:
        act(azure)
    assert refusal.value.code == code
    assert PASSWORD not in refusal.value.message


ACCEPTED: list[tuple[str, Callable[[Any], Any]]] = [
    ("Windows", _windows()),
    ("Linux", _linux()),
    ("a name of 15", _windows(computerName="a" * 15)),
    (
        "Linux with password",
        _linux(adminPassword=PASSWORD, linuxConfiguration={"provisionVMAgent": True}),
    ),
    ("a disk of the zone", lambda azure: _with_disk(azure, "Premium_LRS", "1")),
    ("a disk of all zones", lambda azure: _with_disk(azure, "Premium_ZRS")),
    ("the same again", _changed()),
    ("other tags", _changed(tags={"a": "b"})),
    ("a larger size", _changed(hardwareProfile={"vmSize": "Standard_D4s_v5"})),
]


@pytest.mark.parametrize(
    "act", [act for _, act in ACCEPTED], ids=[name for name, _ in ACCEPTED]
)
def test_azure_accepts(azure: Any, act: Callable[[Any], Any]) -> None:
    """What goes together is written, and looked up again."""
    act(azure)
    written = azure.provider.store.of_type("compute:VirtualMachine")
    assert [machine.body["vmId"] for machine in written]


def test_secure_boot_goes_with_trusted_launch(azure: Any) -> None:
    """The three fields together are accepted."""
    settings = {
        "securityType": "TrustedLaunch",
        "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
    }
    made = machine(azure, LINUX_PROFILE, securityProfile=settings)
    assert made.outputs["securityProfile"]["uefiSettings"]["vTpmEnabled"] is True


def test_a_new_life_has_no_memory(azure: Any) -> None:
    """A machine that was deleted can be made anew with another password."""
    card = card_of_machines(azure)
    made = machine(azure, WINDOWS_PROFILE, interfaces=[card])
    azure.delete("compute:VirtualMachine", made)
    profile = {**WINDOWS_PROFILE, "adminPassword": PASSWORD + "2"}
    again = machine(azure, profile, interfaces=[card])
    azure.update("compute:VirtualMachine", again, **machine_inputs(profile, [card]))


def test_secrets_are_remembered_by_four_bytes(azure: Any, tmp_path: Path) -> None:
    """What is kept of a password tells a change, and is too short to find it."""
    machine(azure, WINDOWS_PROFILE)
    with sqlite3.connect(tmp_path / "store" / "azure.sqlite") as file:
        rows = file.execute("SELECT name, value FROM fingerprints").fetchall()
    assert [(name, len(value)) for name, value in rows] == [("adminPassword", 8)]
