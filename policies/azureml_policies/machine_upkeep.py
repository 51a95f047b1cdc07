"""Rules for how machines start, and how they stay up to date.

A machine that people sign in to is as safe as what it boots, and as the patches and
agents that reach it afterwards.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Resource,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import CIS_3, MCSB, assigned
from azureml_policies._plan import MACHINE
from azureml_policies.machines import runs_windows
from azureml_rulebook.machine_setup import MONITOR_EXTENSIONS

EXTENSION = "compute:VirtualMachineExtension"

_DOCS = "https://learn.microsoft.com/azure/virtual-machines"
_SECURITY = "securityProfile"
_TYPE = f"{_SECURITY}.securityType"
_UEFI = f"{_SECURITY}.uefiSettings"
_BOOT = "diagnosticsProfile.bootDiagnostics"
_PROFILE = "osProfile"
_BY_PLATFORM = "AutomaticByPlatform"
_BY_OS = "AutomaticByOS"


@resource_rule(
    id="VM003",
    name="machine-trusted-launch",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(MACHINE,),
    controls=(Control(MCSB, "PV-4"), Control(CIS_3, "8.11")),
    azure_policies=(
        "c95b54ad-0614-4633-ab29-104b01235cbf",
        "1c30f9cd-b84c-49cc-aa2c-9288447cc3b3",
        "97566dd7-78ae-4997-8b36-1c7bfe0d8121",
    ),
    steps="Set securityProfile.securityType to TrustedLaunch, and secureBootEnabled "
    "and vTpmEnabled of securityProfile.uefiSettings to true; the image has to be of "
    "generation 2.",
    url=f"{_DOCS}/trusted-launch",
    bad={"securityProfile": {"encryptionAtHost": True}},
    good={
        "securityProfile": {
            "securityType": "TrustedLaunch",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
        }
    },
)
def machine_trusted_launch(machine: Resource, context: Context) -> Iterator[Finding]:
    """A machine starts nothing but what its makers have signed."""
    yield from must_be(
        machine,
        _TYPE,
        "TrustedLaunch",
        "ConfidentialVM",
        unset="nothing checks what the machine starts",
    )
    for flag, unset in (
        ("secureBootEnabled", "boot loaders and drivers need no signature"),
        ("vTpmEnabled", "nobody can tell what the machine has started"),
    ):
        yield from must_be_flag(machine, f"{_UEFI}.{flag}", True, unset=unset)


@resource_rule(
    id="VM004",
    name="machine-boot-diagnostics",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(MACHINE,),
    settings={
        "ownStorage": {
            "type": "boolean",
            "default": False,
            "description": "Whether screenshots and logs may go to an account of one's "
            "own, which has to be open for it",
        }
    },
    controls=(assigned("LT-3"),),
    azure_policies=("fb97d6e1-5c98-4743-a439-23e0977bad9e",),
    remedy={f"{_BOOT}.enabled": True},
    steps="Set diagnosticsProfile.bootDiagnostics.enabled to true and leave its "
    "storageUri out: Azure then keeps screenshots and the serial log by itself, and no "
    "storage account has to be open for them.",
    url=f"{_DOCS}/boot-diagnostics",
    bad={"diagnosticsProfile": {"bootDiagnostics": {"enabled": False}}},
    good={"diagnosticsProfile": {"bootDiagnostics": {"enabled": True}}},
)
def machine_boot_diagnostics(machine: Resource, context: Context) -> Iterator[Finding]:
    """What a machine shows while it starts can be looked at, in Azure's own storage."""
    yield from must_be_flag(
        machine, f"{_BOOT}.enabled", True, unset="nobody sees why it does not start"
    )
    if context.settings["ownStorage"]:
        return
    path = f"{_BOOT}.storageUri"
    match machine.value(path):
        case Known(is_blank=False):
            yield Violation(
                path,
                f"{path} is set, so that an account has to be open for it; leave it "
                "out, or set ownStorage in the configuration",
            )
        case Unknown() as unknown:
            yield undecided(unknown, f"{path} has to be left out")


@resource_rule(
    id="VM005",
    name="machine-patched",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(MACHINE,),
    settings={
        "modes": {
            "type": "array",
            "items": {"type": "string", "enum": [_BY_PLATFORM, _BY_OS]},
            "default": [_BY_PLATFORM],
            "description": "Who installs patches: AutomaticByPlatform is Azure, on a "
            "schedule or by itself; AutomaticByOS is Windows alone",
        }
    },
    controls=(Control(MCSB, "PV-6"),),
    azure_policies=("bd876905-5b84-4f73-ab2d-2e7a7c4568d9",),
    steps="Set patchMode and assessmentMode to AutomaticByPlatform in patchSettings of "
    "osProfile.linuxConfiguration or windowsConfiguration, and leave provisionVMAgent, "
    "enableAutomaticUpdates and osProfile.allowExtensionOperations out or true.",
    url=f"{_DOCS}/automatic-vm-guest-patching",
    bad={"osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": True}}},
    good={
        "osProfile": {
            "linuxConfiguration": {
                "disablePasswordAuthentication": True,
                "patchSettings": {
                    "patchMode": "AutomaticByPlatform",
                    "assessmentMode": "AutomaticByPlatform",
                },
            }
        }
    },
)
def machine_patched(machine: Resource, context: Context) -> Iterator[Finding]:
    """A machine is looked at for patches, and gets them by itself."""
    if isinstance(machine.value(_PROFILE), Absent):
        raise NotApplicable("a machine without osProfile takes its settings with it")
    windows = runs_windows(machine)
    if isinstance(windows, Unknown):
        yield undecided(windows, "it says whose patches the machine needs")
        return
    system = "windowsConfiguration" if windows else "linuxConfiguration"
    configuration = f"{_PROFILE}.{system}"
    yield from must_be(
        machine,
        f"{configuration}.patchSettings.patchMode",
        *context.settings["modes"],
        unset="the image decides whether patches come",
    )
    yield from must_be(
        machine,
        f"{configuration}.patchSettings.assessmentMode",
        _BY_PLATFORM,
        unset="Azure does not look for patches that are missing",
    )
    yield from must_be_flag(machine, f"{configuration}.provisionVMAgent", True)
    yield from must_be_flag(machine, f"{_PROFILE}.allowExtensionOperations", True)
    if windows:
        yield from must_be_flag(
            machine, f"{configuration}.enableAutomaticUpdates", True
        )


@resource_rule(
    id="VM006",
    name="machine-extension-upgraded",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(EXTENSION,),
    settings={
        "upgraded": {
            "type": "array",
            "items": {"type": "string"},
            "default": sorted(
                row.kind for row in MONITOR_EXTENSIONS.values() if row.automatic_upgrade
            ),
            "description": "Types of extensions that Azure brings newer versions of to "
            "machines that have them: enableAutomaticUpgrade has to be true",
        }
    },
    controls=(assigned("PV-6"),),
    steps="Set autoUpgradeMinorVersion to true, and enableAutomaticUpgrade where the "
    "extension's publisher offers it.",
    url=f"{_DOCS}/automatic-extension-upgrade",
    bad={"type": "AADSSHLoginForLinux", "typeHandlerVersion": "1.0"},
    good={
        "type": "AADSSHLoginForLinux",
        "typeHandlerVersion": "1.0",
        "autoUpgradeMinorVersion": True,
    },
)
def extension_upgraded(extension: Resource, context: Context) -> Iterator[Finding]:
    """Extensions of a machine do not stay at the version they were made with."""
    yield from must_be_flag(
        extension,
        "autoUpgradeMinorVersion",
        True,
        unset="it is installed in the oldest version that was asked for",
    )
    kind = extension.value("type")
    upgraded = tuple(context.settings["upgraded"])
    if isinstance(kind, Known) and not kind.is_any_of(upgraded):
        return
    for finding in must_be_flag(
        extension, "enableAutomaticUpgrade", True, unset="newer versions do not come"
    ):
        if isinstance(kind, Unknown):
            finding = undecided(kind, f"if Azure upgrades it, {finding.message}")
        yield finding
