"""Cases of the rules on virtual machines."""

from typing import Any

from policy_plans import UNKNOWN, secret
from rule_cases import BAD, NONE, OK, OPEN, Case

MACHINE = "compute:VirtualMachine"
LINUX_DISK = {"storageProfile": {"osDisk": {"osType": "Linux"}}}
WINDOWS_DISK = {"storageProfile": {"osDisk": {"osType": "windows"}}}


def profile(**given: Any) -> dict[str, Any]:
    """Return the inputs of a machine with accounts."""
    return {"osProfile": given}


def linux(keys_only: Any, **given: Any) -> dict[str, Any]:
    """Return the inputs of a Linux machine."""
    configuration = {"disablePasswordAuthentication": keys_only}
    return profile(linuxConfiguration=configuration, **given)


RESOURCE_CASES = (
    Case("VM001", OK, MACHINE, linux(True)),
    Case("VM001", OK, MACHINE, linux(True) | LINUX_DISK),
    Case("VM001", BAD, MACHINE, linux(False), "set it to true"),
    Case("VM001", BAD, MACHINE, linux(None), "is missing: people can sign in"),
    Case("VM001", BAD, MACHINE, profile(adminUsername="ada"), "is missing"),
    Case("VM001", BAD, MACHINE, linux("true"), "'true'"),
    Case(
        "VM001",
        BAD,
        MACHINE,
        linux(True, adminPassword=secret("correct horse battery")),
        "osProfile.adminPassword is set; leave it out",
    ),
    Case("VM001", BAD, MACHINE, profile() | LINUX_DISK, "is missing"),
    Case("VM001", OPEN, MACHINE, linux(UNKNOWN)),
    Case("VM001", OPEN, MACHINE, linux(True, adminPassword=secret(UNKNOWN))),
    Case("VM001", OPEN, MACHINE, {"osProfile": UNKNOWN}, "osProfile is not known"),
    Case("VM001", NONE, MACHINE, {}),
    Case("VM001", NONE, MACHINE, profile(windowsConfiguration={})),
    Case(
        "VM001", NONE, MACHINE, profile(adminPassword=secret("password")) | WINDOWS_DISK
    ),
    Case(
        "VM001",
        OPEN,
        MACHINE,
        profile() | {"storageProfile": UNKNOWN},
        "storageProfile is not known",
    ),
    Case("VM001", OPEN, MACHINE, profile(windowsConfiguration=UNKNOWN), "unless it is"),
    Case("VM002", OK, MACHINE, {"securityProfile": {"encryptionAtHost": True}}),
    Case("VM002", BAD, MACHINE, {"securityProfile": {"encryptionAtHost": False}}),
    Case("VM002", BAD, MACHINE, {}, "securityProfile.encryptionAtHost is missing"),
    Case("VM002", OPEN, MACHINE, {"securityProfile": UNKNOWN}, "securityProfile is"),
)
