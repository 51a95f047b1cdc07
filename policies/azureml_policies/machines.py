"""Rules for virtual machines, such as the jump boxes that people sign in to."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Control,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be_flag,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import MCSB
from azureml_policies._plan import MACHINE

_DOCS = "https://learn.microsoft.com/azure/virtual-machines"
_PROFILE = "osProfile"
_PASSWORD = f"{_PROFILE}.adminPassword"
_KEYS_ONLY = f"{_PROFILE}.linuxConfiguration.disablePasswordAuthentication"


@resource_rule(
    id="VM001",
    name="jumpbox-ssh-key-only",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(MACHINE,),
    controls=(Control(MCSB, "IM-6"),),
    azure_policies=("630c64f9-8b6b-4c64-b511-6544ceff6fd6",),
    twins=(
        "psrule:Azure.VM.PublicKey",
        "checkov:CKV_AZURE_149",
        "checkov:CKV_AZURE_178",
        "checkov:CKV_AZURE_1",
    ),
    remedy={_KEYS_ONLY: True},
    steps="Set osProfile.linuxConfiguration.disablePasswordAuthentication to true, "
    "leave osProfile.adminPassword out and give the account an SSH key.",
    url=f"{_DOCS}/linux/create-ssh-keys-detailed",
    bad={"osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": False}}},
    good={"osProfile": {"linuxConfiguration": {"disablePasswordAuthentication": True}}},
)
def machine_ssh_key_only(machine: Resource, context: Context) -> Iterator[Finding]:
    """A Linux machine takes SSH keys only, no passwords."""
    profile = machine.value(_PROFILE)
    if isinstance(profile, Absent):
        raise NotApplicable("a machine without osProfile takes its accounts with it")
    windows = runs_windows(machine)
    if windows is True:
        raise NotApplicable("judges machines with Linux")
    for finding in _passwords(machine):
        if isinstance(windows, Unknown):
            yield undecided(windows, f"unless it is Windows, {finding.message}")
        else:
            yield finding


@resource_rule(
    id="VM002",
    name="jumpbox-encryption-at-host",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(MACHINE,),
    controls=(Control(MCSB, "DP-4"),),
    azure_policies=("fc4d8e41-e223-45ea-9bf5-eada37891d87",),
    twins=("checkov:CKV_AZURE_97",),
    remedy={"securityProfile.encryptionAtHost": True},
    steps="Set securityProfile.encryptionAtHost to true; the subscription has to have "
    "the feature Microsoft.Compute/EncryptionAtHost registered once.",
    url=f"{_DOCS}/disk-encryption#encryption-at-host---end-to-end-encryption-for-your-vm-data",
    bad={"securityProfile": {"securityType": "TrustedLaunch"}},
    good={"securityProfile": {"encryptionAtHost": True}},
)
def machine_encryption_at_host(
    machine: Resource, context: Context
) -> Iterator[Finding]:
    """Temporary disks and caches of a machine are encrypted too."""
    yield from must_be_flag(
        machine,
        "securityProfile.encryptionAtHost",
        True,
        unset="caches and temporary disks stay unencrypted",
    )


def runs_windows(machine: Resource) -> bool | Unknown:
    """Say whether a machine runs Windows, or return the value that tells."""
    configuration = machine.value(f"{_PROFILE}.windowsConfiguration")
    linux = machine.value(f"{_PROFILE}.linuxConfiguration")
    system = machine.value("storageProfile.osDisk.osType")
    if isinstance(configuration, Known):
        return True
    if isinstance(linux, Known):
        return False
    if isinstance(system, Known):
        return system.is_any_of(("Windows",))
    return _first_unknown(system, configuration) or False


def _first_unknown(*readings: Reading) -> Unknown | None:
    return next((each for each in readings if isinstance(each, Unknown)), None)


def _passwords(machine: Resource) -> Iterator[Finding]:
    yield from must_be_flag(
        machine, _KEYS_ONLY, True, unset="people can sign in with a password"
    )
    match machine.value(_PASSWORD):
        case Known():
            yield Violation(
                _PASSWORD, f"{_PASSWORD} is set; leave it out and give SSH keys"
            )
        case Unknown(path=path) as unknown if path == _PASSWORD:
            yield undecided(unknown, "it has to be left out")
