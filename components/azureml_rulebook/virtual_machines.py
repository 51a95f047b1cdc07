"""What Azure demands of virtual machines: their systems, disks, images and networks.

What depends on the operating system is one row for each. Accounts and computer names
have modules of their own (``machine_accounts``, ``computer_names``).
"""

import re
from dataclasses import dataclass

from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.spelling import suggestion

_LEARN = "https://learn.microsoft.com/azure"
WINDOWS_PAGE = f"{_LEARN}/virtual-machines/windows/faq"
LINUX_PAGE = f"{_LEARN}/virtual-machines/linux/faq"
DISKS_PAGE = f"{_LEARN}/virtual-machines/disks-types"
TRUSTED_LAUNCH_PAGE = f"{_LEARN}/virtual-machines/trusted-launch"
_SIZE_NAMES_PAGE = f"{_LEARN}/virtual-machines/vm-naming-conventions"
_LINUX_IMAGES_PAGE = f"{_LEARN}/virtual-machines/linux/endorsed-distros"
_WINDOWS_IMAGES_PAGE = f"{_LEARN}/virtual-machines/windows/cli-ps-findimage"
ZONES_PAGE = f"{_LEARN}/reliability/availability-zones-overview"

LINUX = "linux"
WINDOWS = "windows"


@dataclass(frozen=True, kw_only=True)
class OperatingSystemRow:
    """What differs between the operating systems of machines."""

    name: str
    title: str
    """How its makers call it."""
    longest_computer_name: int
    longest_account_name: int
    smallest_disk: int
    """Gibibytes that the images of its kind need at least."""
    page: str
    publishers: tuple[str, ...]
    """Publishers of images of this system alone."""
    images_page: str


OPERATING_SYSTEMS: dict[str, OperatingSystemRow] = {
    row.name: row
    for row in (
        OperatingSystemRow(
            name=LINUX,
            title="Linux",
            longest_computer_name=64,
            longest_account_name=64,
            smallest_disk=30,
            page=LINUX_PAGE,
            publishers=("canonical", "debian", "redhat", "suse", "almalinux"),
            images_page=_LINUX_IMAGES_PAGE,
        ),
        OperatingSystemRow(
            name=WINDOWS,
            title="Windows",
            longest_computer_name=15,
            longest_account_name=20,
            smallest_disk=127,
            page=WINDOWS_PAGE,
            publishers=("microsoftwindowsserver", "microsoftwindowsdesktop"),
            images_page=_WINDOWS_IMAGES_PAGE,
        ),
    )
}
"""By name. Lengths as the API of virtual machines has them (https://learn.microsoft.com/
azure/templates/microsoft.compute/virtualmachines#osprofile)."""

LARGEST_SYSTEM_DISK = 4095
"""Gibibytes of a disk with an operating system at most (https://learn.microsoft.com/
azure/virtual-machines/managed-disks-overview#os-disk)."""

DISK_TYPES: tuple[str, ...] = (
    "Premium_LRS",
    "Premium_ZRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
)
"""Managed disks that operating systems run from (``DISKS_PAGE``); without
Standard_LRS, whose spinning disks no machine of a person should wait for."""

# Of these families a size without an s takes no premium disks (_SIZE_NAMES_PAGE).
_SIZE = re.compile(
    r"standard_[adef](?P<old>s?)\d+(-\d+)?(?P<features>[a-z]*)(_\w+)?", re.IGNORECASE
)
_ZONES = ("1", "2", "3")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_VERSION = re.compile(r"latest|\d+\.\d+\.\d+")


def zone_findings(zone: str, *, path: str) -> list[Finding]:
    """Check the number of an availability zone."""
    if zone in _ZONES:
        return []
    return [
        Finding(
            path,
            f"'{zone}' is not an availability zone; use 1, 2 or 3, or leave it out "
            f"({ZONES_PAGE})",
        )
    ]


def disk_type_findings(disk_type: str, *, path: str) -> list[Finding]:
    """Check the kind of disk that an operating system runs from."""
    if disk_type in DISK_TYPES:
        return []
    return [
        Finding(
            path,
            f"'{disk_type}' is not allowed; {suggestion(disk_type, DISK_TYPES)} "
            f"({DISKS_PAGE})",
        )
    ]


def premium_disk_findings(size: str, disk_type: str, *, path: str) -> list[Finding]:
    """Check that a machine size takes the disk, as far as its name tells."""
    if not disk_type.startswith("Premium"):
        return []
    found = _SIZE.fullmatch(size)
    if found is None or found["old"] or "s" in found["features"].lower():
        return []
    return [
        Finding(
            path,
            f"'{size}' takes no disks of type '{disk_type}'; use a size with an 's' "
            "behind its number, such as 'Standard_D2s_v5', or another disk_type "
            f"({_SIZE_NAMES_PAGE})",
        )
    ]


def image_system_findings(
    publisher: str, operating_system: str, *, path: str
) -> list[Finding]:
    """Check that an image is not of another operating system, as far as its publisher
    tells."""
    for row in OPERATING_SYSTEMS.values():
        if row.name != operating_system and publisher.lower() in row.publishers:
            return [
                Finding(
                    path,
                    f"'{publisher}' publishes images of {row.title}, and "
                    f"operating_system is '{operating_system}'; make the two fit "
                    f"({row.images_page})",
                )
            ]
    return []


def disk_size_findings(size: int, operating_system: str, *, path: str) -> list[Finding]:
    """Check the size of a disk with an operating system, in gibibytes.

    The image can ask for more than its kind does, which only Azure knows.
    """
    row = OPERATING_SYSTEMS[operating_system]
    if row.smallest_disk <= size <= LARGEST_SYSTEM_DISK:
        return []
    return [
        Finding(
            path,
            f"{size} is not allowed; use {row.smallest_disk} to {LARGEST_SYSTEM_DISK} "
            f"for {row.title}, or leave it out for the image's size",
        )
    ]


def image_findings(
    publisher: str, offer: str, sku: str, version: str, *, path: str
) -> list[Finding]:
    """Check the form of an image's name, and that its generation is not the first.

    Blank parts are left to whoever reads them.
    """
    findings = [
        Finding(
            joined(path, key),
            f"'{text}' is not the {key} of an image; use letters, digits, '.', '_' "
            "and '-', as `az vm image list` shows it",
        )
        for key, text in (("publisher", publisher), ("offer", offer), ("sku", sku))
        if text and _NAME.fullmatch(text) is None
    ]
    if re.search(r"gen-?1\b", sku, re.IGNORECASE):
        findings.append(
            Finding(
                joined(path, "sku"),
                f"'{sku}' is of generation 1, and trusted launch needs generation 2; "
                f"use the sku of that one ({TRUSTED_LAUNCH_PAGE})",
            )
        )
    if _VERSION.fullmatch(version) is None:
        findings.append(
            Finding(
                joined(path, "version"),
                f"'{version}' is not the version of an image; use latest, or three "
                "numbers such as 24.04.202607010",
            )
        )
    return findings
