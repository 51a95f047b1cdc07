"""What looks after machines: shutdown schedules and data collection.

https://learn.microsoft.com/azure/virtual-machines/auto-shutdown-vm
https://learn.microsoft.com/azure/azure-monitor/essentials/data-collection-rule-associations
"""

import re

from emulator.azure_error import AzureError
from emulator.azure_rules.requests import Write, at, token_of
from emulator.resource_paths import last_name

_SHUTDOWN = "computevmshutdowntask"
_ENDPOINT_ASSOCIATION = "configurationAccessEndpoint"
_MACHINE = "compute:VirtualMachine"
_TIME = re.compile(r"([01][0-9]|2[0-3])[0-5][0-9]")
# Names that Windows has for a part of the world, before `Standard Time`, and others.
# https://learn.microsoft.com/windows-hardware/manufacture/desktop/default-time-zones
_ZONES = frozenset(
    zone.strip().lower()
    for zone in """
    Dateline|Aleutian|Hawaiian|Marquesas|Alaskan|Pacific|US Mountain|Mountain|Yukon
    |Central America|Central|Canada Central|Turks And Caicos|Easter Island|SA Pacific
    |Eastern|Haiti|Cuba|US Eastern
    |Paraguay|Atlantic|Venezuela|Central Brazilian|SA Western|Pacific SA|Newfoundland
    |Tocantins|E. South America|SA Eastern|Argentina|Greenland|Montevideo|Magallanes
    |Saint Pierre|Bahia|Mid-Atlantic|Azores|Cape Verde|GMT|Greenwich|Sao Tome|Morocco
    |W. Europe|Central Europe|Romance|Central European|W. Central Africa|Jordan|GTB
    |Middle East|Egypt|E. Europe|Syria|West Bank|South Africa|FLE|Israel|South Sudan
    |Kaliningrad|Sudan|Libya|Namibia|Arabic|Turkey|Arab|Belarus|Russian|E. Africa|Iran
    |Arabian|Astrakhan|Azerbaijan|Russia Time Zone 3|Mauritius|Saratov|Georgian
    |Volgograd|Caucasus|Afghanistan|West Asia|Qyzylorda|Ekaterinburg|Pakistan|India
    |Sri Lanka|Nepal|Central Asia|Bangladesh|Omsk|Myanmar|SE Asia|Altai|W. Mongolia
    |North Asia|N. Central Asia|Tomsk|China|North Asia East|Singapore|W. Australia
    |Taipei|Ulaanbaatar|Aus Central W.|Transbaikal|Tokyo|North Korea|Korea|Yakutsk
    |Cen. Australia|AUS Central|E. Australia|AUS Eastern|West Pacific|Tasmania
    |Vladivostok|Lord Howe|Bougainville|Russia Time Zone 10|Magadan|Norfolk|Sakhalin
    |Central Pacific|Russia Time Zone 11|New Zealand|Fiji|Kamchatka|Chatham Islands
    |Tonga|Samoa|Line Islands
    """.split("|")
)
_OTHER_ZONES = re.compile(
    r"utc([+-][01][0-9])?|.+ standard time( \(mexico\))?|russia time zone (3|10|11)"
)


def shutdown_is_of_its_machine(write: Write) -> None:
    """A shutdown schedule is named after its machine, which is here.

    https://learn.microsoft.com/azure/templates/microsoft.devtestlab/schedules
    """
    if str(write.inputs.get("taskType")).lower() != _SHUTDOWN:
        return
    target = str(write.inputs.get("targetResourceId") or "")
    if token_of(target) != _MACHINE:
        raise _refused(
            "InvalidScheduleTarget",
            f"Schedule {write.id} must name a virtual machine, and not '{target}'.",
        )
    wanted = f"shutdown-computevm-{last_name(target)}"
    if write.name.lower() != wanted.lower():
        raise _refused(
            "InvalidScheduleId",
            f"Schedule {write.id} must be named {wanted}, after its virtual machine.",
        )


def shutdown_time_is_known(write: Write) -> None:
    """A schedule's time has four digits, in one of Windows' time zones."""
    time = at(write.inputs, "dailyRecurrence", "time")
    if isinstance(time, str) and not _TIME.fullmatch(time):
        raise _refused(
            "InvalidScheduleTime",
            f"Schedule {write.id} has the time '{time}', which must be four digits "
            "such as 1900.",
        )
    zone = write.inputs.get("timeZoneId")
    if isinstance(zone, str) and not _is_zone(zone):
        raise _refused(
            "InvalidTimeZoneId",
            f"Schedule {write.id} has the time zone '{zone}', which is not the name of "
            "one of Windows' time zones.",
        )


def association_is_named(write: Write) -> None:
    """An association with an endpoint has a fixed name, and leads to one thing.

    https://learn.microsoft.com/rest/api/monitor/data-collection-rule-associations/create
    """
    endpoint, rule = (
        write.inputs.get(name)
        for name in ("dataCollectionEndpointId", "dataCollectionRuleId")
    )
    if bool(endpoint) == bool(rule):
        raise _refused(
            "InvalidPayload",
            f"Association {write.id} must have either a data collection rule or a data "
            f"collection endpoint, and has {'both' if rule else 'neither'}.",
        )
    if bool(endpoint) != (write.name.lower() == _ENDPOINT_ASSOCIATION.lower()):
        raise _refused(
            "InvalidPayload",
            f"Association {write.id}: the name {_ENDPOINT_ASSOCIATION} goes with a "
            "data collection endpoint, and with nothing else.",
        )


def _is_zone(zone: str) -> bool:
    name = zone.lower()
    if not _OTHER_ZONES.fullmatch(name):
        return False
    place, found, _ = name.partition(" standard time")
    return not found or place in _ZONES


def _refused(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)
