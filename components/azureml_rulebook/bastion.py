"""What each tier of Azure Bastion has, and what it demands of its network.

An option that a tier lacks is refused by Azure a quarter of an hour after the network
was made, or is taken and does nothing, so every combination is checked here first.
"""

from dataclasses import dataclass

from azureml_rulebook.clouds import PUBLIC, cloud
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.regions import zones_of
from azureml_rulebook.resource_ids import SUBNET, network_of, read_resource_id
from azureml_rulebook.session_recordings import RECORDING_PAGE
from azureml_rulebook.subnets import BASTION, subnet_purpose

_BASTION = "https://learn.microsoft.com/azure/bastion"
SETTINGS_PAGE = f"{_BASTION}/configuration-settings"
FAQ_PAGE = f"{_BASTION}/bastion-faq"
DEVELOPER_PAGE = f"{_BASTION}/quickstart-developer"
_SCALING_PAGE = f"{_BASTION}/configure-host-scaling"
_RELIABILITY_PAGE = "https://learn.microsoft.com/azure/reliability/reliability-bastion"
_LINK_PAGE = f"{_BASTION}/shareable-link"
_ADDRESS_PAGE = f"{_BASTION}/connect-ip-address"
_PRIVATE_PAGE = f"{_BASTION}/private-only-deployment"
_NATIVE_PAGE = f"{_BASTION}/native-client"

DEVELOPER = "Developer"
BASIC = "Basic"
STANDARD = "Standard"
PREMIUM = "Premium"
TIERS = (DEVELOPER, BASIC, STANDARD, PREMIUM)
"""Tiers, each with all that those before it have (``SETTINGS_PAGE``)."""

_DEDICATED = (BASIC, STANDARD, PREMIUM)
_SCALING = (STANDARD, PREMIUM)

FEWEST_SCALE_UNITS, MOST_SCALE_UNITS = 2, 50
"""Scale units of a tier that has them (``SETTINGS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class OptionRow:
    """One option of Bastion, and the tiers that have it."""

    key: str
    """Its input."""
    tiers: tuple[str, ...]
    needs: str | None = None
    """Another option without which Azure refuses it."""
    excludes: str | None = None
    """Another option with which Azure refuses it."""
    page: str = SETTINGS_PAGE


OPTIONS: dict[str, OptionRow] = {
    row.key: row
    for row in (
        # Premium's are a preview.
        OptionRow(key="zones", tiers=_DEDICATED, page=_RELIABILITY_PAGE),
        # Basic has two, and refuses a request that names any:
        # https://github.com/Azure/azure-powershell/issues/25078
        OptionRow(key="scale_units", tiers=_SCALING, page=_SCALING_PAGE),
        OptionRow(key="native_client", tiers=_SCALING, page=_NATIVE_PAGE),
        OptionRow(
            key="file_copy", tiers=_SCALING, needs="native_client", page=_NATIVE_PAGE
        ),
        # What these tiers have is that it can be closed; the others leave it open.
        OptionRow(key="copy_paste", tiers=_SCALING),
        OptionRow(key="connect_by_address", tiers=_SCALING, page=_ADDRESS_PAGE),
        OptionRow(key="shareable_link", tiers=_SCALING, page=_LINK_PAGE),
        # The settings page once gave it to Developer too; Azure's own modules do not.
        OptionRow(key="kerberos", tiers=_DEDICATED),
        OptionRow(
            key="session_recording",
            tiers=(PREMIUM,),
            excludes="native_client",
            page=RECORDING_PAGE,
        ),
        OptionRow(key="private_only", tiers=(PREMIUM,), page=_PRIVATE_PAGE),
    )
}


@dataclass(frozen=True, kw_only=True)
class BastionOptions:
    """What is asked of one Bastion, in plain values."""

    tier: str
    zones: tuple[str, ...] = ()
    """In order; empty: Azure chooses."""
    scale_units: int | None = None
    """None: as many as the tier begins with."""
    native_client: bool = False
    file_copy: bool = False
    copy_paste: bool | None = None
    """None: closed where the tier can close it."""
    connect_by_address: bool = False
    shareable_link: bool = False
    kerberos: bool = False
    session_recording: bool = False
    private_only: bool = False

    def asks_for(self, key: str) -> bool:
        """Whether the option ``key`` is used, which a tier must have for that."""
        value = getattr(self, key)
        if key == "copy_paste":
            return value is False
        return value is not None and value is not False and value != ()

    @property
    def closes_copy_paste(self) -> bool:
        """Whether copying and pasting is switched off."""
        return has_option(self.tier, "copy_paste") and not self.copy_paste

    @property
    def has_public_address(self) -> bool:
        """Whether it has a public address of its own."""
        return is_dedicated(self.tier) and not self.private_only

    @property
    def sent_scale_units(self) -> int | None:
        """Scale units as Azure takes them; None: none may be sent."""
        if not has_option(self.tier, "scale_units"):
            return None
        return self.scale_units or FEWEST_SCALE_UNITS


def is_dedicated(tier: str) -> bool:
    """Whether a tier is a host of one's own, in a subnet of one's own."""
    return tier in _DEDICATED


def has_option(tier: str, key: str) -> bool:
    """Whether a tier has the option ``key``."""
    return tier in OPTIONS[key].tiers


def bastion_findings(options: BastionOptions, *, path: str) -> list[Finding]:
    """Check that the tier has what is asked of it; ``path`` is Bastion's."""
    return [
        *_tier_findings(options, path),
        *_pair_findings(options, path),
        *_scale_unit_findings(options, path),
    ]


def _tier_findings(options: BastionOptions, path: str) -> list[Finding]:
    return [
        Finding(
            joined(path, row.key),
            f"{_asked(options, row.key)} tier {options.tier}; leave it out, or use "
            f"tier {' or '.join(row.tiers)} ({row.page})",
        )
        for row in OPTIONS.values()
        if options.tier not in row.tiers and options.asks_for(row.key)
    ]


def _asked(options: BastionOptions, key: str) -> str:
    """Return what is asked, and that a tier has it not, as the start of a sentence."""
    if key == "scale_units":
        return f"{options.scale_units} cannot be chosen in"
    if key == "copy_paste":
        return "cannot be closed in"
    return "is not in"


def _pair_findings(options: BastionOptions, path: str) -> list[Finding]:
    findings: list[Finding] = []
    for row in OPTIONS.values():
        if options.tier not in row.tiers or not options.asks_for(row.key):
            continue
        where = joined(path, row.key)
        if row.needs is not None and not options.asks_for(row.needs):
            findings.append(
                Finding(
                    where,
                    f"needs {row.needs}; set that to true too, or leave this out "
                    f"({row.page})",
                )
            )
        if row.excludes is not None and options.asks_for(row.excludes):
            findings.append(
                Finding(
                    where,
                    f"does not go with {row.excludes}, whose sessions Azure cannot "
                    f"record; leave one of the two out ({row.page})",
                )
            )
    return findings


def _scale_unit_findings(options: BastionOptions, path: str) -> list[Finding]:
    units = options.scale_units
    if units is None or not has_option(options.tier, "scale_units"):
        return []
    if FEWEST_SCALE_UNITS <= units <= MOST_SCALE_UNITS:
        return []
    return [
        Finding(
            joined(path, "scale_units"),
            f"{units} is not allowed; use {FEWEST_SCALE_UNITS} to {MOST_SCALE_UNITS} "
            f"({_SCALING_PAGE})",
        )
    ]


def bastion_subnet_findings(
    subnet_id: object, resource_group_name: object, *, path: str
) -> list[Finding]:
    """Check that Bastion can live in a subnet: by its name, in Bastion's own resource
    group (``SETTINGS_PAGE``). What is not plain is not looked at."""
    found = read_resource_id(subnet_id, SUBNET, path)
    if isinstance(found, Finding):
        return []
    wanted = subnet_purpose(BASTION).azure_name or ""
    findings: list[Finding] = []
    if found.name.lower() != wanted.lower():
        findings.append(
            Finding(
                path,
                f"'{found.name}' is not the subnet that Bastion lives in; give the id "
                f"of '{wanted}' ({SETTINGS_PAGE})",
            )
        )
    group = found.resource_group_name
    if (
        isinstance(resource_group_name, str)
        and group.lower() != resource_group_name.lower()
    ):
        findings.append(
            Finding(
                path,
                f"is in resource group '{group}' and Bastion would be in "
                f"'{resource_group_name}'; Azure wants both in one, set "
                f"resource_group_name to '{group}' ({SETTINGS_PAGE})",
            )
        )
    return findings


def developer_network_findings(
    network_id: object, machine_subnet_id: object, *, path: str
) -> list[Finding]:
    """Check that machines are in the network of a Bastion without a subnet, which
    reaches no peered one (``DEVELOPER_PAGE``). What is not plain is not looked at."""
    own, machines = network_of(network_id), network_of(machine_subnet_id)
    if own is None or machines is None or machines.is_same(own):
        return []
    return [
        Finding(
            path,
            f"is in the network '{machines}', and tier {DEVELOPER} reaches machines "
            f"of its own, '{own}', alone; give a subnet of that, or use another tier "
            f"({DEVELOPER_PAGE})",
        )
    ]


def bastion_warnings(
    options: BastionOptions,
    *,
    cloud_name: str,
    region: str,
    path: str,
    has_container: bool = False,
) -> tuple[str, ...]:
    """Return what is open, uncertain or still to be done although it can be made.

    ``has_container``: whether there is one for recordings.
    """
    warnings: list[str] = []
    if not is_dedicated(options.tier):
        warnings.append(
            f"{joined(path, 'tier')}: {DEVELOPER} is in some regions only, which Azure "
            "lists, and comes to machines from 168.63.129.16: the network must let it "
            f"in, SecureVnet does with developer_bastion ({DEVELOPER_PAGE})"
        )
    if options.zones and not zones_of(region):
        warnings.append(
            f"{joined(path, 'zones')}: '{region}' is not known to have availability "
            f"zones, and Azure refuses what it has not ({_RELIABILITY_PAGE})"
        )
    if cloud_name != PUBLIC:
        warnings.append(
            f"{path}: Microsoft does not support Bastion in networks with private DNS "
            f"zones in {cloud(cloud_name).title}; try it before people rely on it "
            f"({FAQ_PAGE})"
        )
    if options.shareable_link:
        warnings.append(
            f"{joined(path, 'shareable_link')}: whoever has a link reaches the sign-in "
            f"of its machine without access to Azure ({_LINK_PAGE})"
        )
    if options.session_recording:
        warnings.append(_recording_warning(has_container, path))
    return tuple(warnings)


def _recording_warning(has_container: bool, path: str) -> str:
    """Say what is still to be done where sessions are recorded.

    Without a SAS URL Bastion refuses every session
    (https://github.com/Azure/bicep-registry-modules/issues/6968).
    """
    prepared = (
        "the container in the output sessionRecordingsUrl"
        if has_container
        else "a container, whose account lets the origin in the output "
        "sessionRecordingOrigin GET by a CORS rule,"
    )
    return (
        f"{joined(path, 'session_recording')}: nobody gets into a machine until "
        "somebody gives Bastion's page 'Session recordings' in the portal a SAS URL of "
        f"{prepared} with read, create, write and list ({RECORDING_PAGE})"
    )
