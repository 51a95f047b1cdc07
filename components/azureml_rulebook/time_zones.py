"""Time zones as Windows and Azure's schedules call them, and times of the day.

The names are those of Windows, and not those of the IANA database.
"""

import re

from azureml_rulebook.findings import Finding
from azureml_rulebook.spelling import nearest

TIME_ZONES_PAGE = (
    "https://learn.microsoft.com/windows-hardware/manufacture/desktop/"
    "default-time-zones"
)

TIME_ZONES: tuple[str, ...] = (
    "AUS Central Standard Time",
    "AUS Eastern Standard Time",
    "Afghanistan Standard Time",
    "Alaskan Standard Time",
    "Alberta Standard Time",
    "Aleutian Standard Time",
    "Altai Standard Time",
    "Arab Standard Time",
    "Arabian Standard Time",
    "Arabic Standard Time",
    "Argentina Standard Time",
    "Astrakhan Standard Time",
    "Atlantic Standard Time",
    "Aus Central W. Standard Time",
    "Azerbaijan Standard Time",
    "Azores Standard Time",
    "Bahia Standard Time",
    "Bangladesh Standard Time",
    "Belarus Standard Time",
    "Bougainville Standard Time",
    "British Columbia Standard Time",
    "Canada Central Standard Time",
    "Cape Verde Standard Time",
    "Caucasus Standard Time",
    "Cen. Australia Standard Time",
    "Central America Standard Time",
    "Central Asia Standard Time",
    "Central Brazilian Standard Time",
    "Central Europe Standard Time",
    "Central European Standard Time",
    "Central Pacific Standard Time",
    "Central Standard Time",
    "Central Standard Time (Mexico)",
    "Chatham Islands Standard Time",
    "China Standard Time",
    "Cuba Standard Time",
    "Dateline Standard Time",
    "E. Africa Standard Time",
    "E. Australia Standard Time",
    "E. Europe Standard Time",
    "E. South America Standard Time",
    "Easter Island Standard Time",
    "Eastern Standard Time",
    "Eastern Standard Time (Mexico)",
    "Egypt Standard Time",
    "Ekaterinburg Standard Time",
    "FLE Standard Time",
    "Fiji Standard Time",
    "GMT Standard Time",
    "GTB Standard Time",
    "Georgian Standard Time",
    "Greenland Standard Time",
    "Greenwich Standard Time",
    "Haiti Standard Time",
    "Hawaiian Standard Time",
    "India Standard Time",
    "Iran Standard Time",
    "Israel Standard Time",
    "Jordan Standard Time",
    "Kaliningrad Standard Time",
    "Kamchatka Standard Time",
    "Korea Standard Time",
    "Libya Standard Time",
    "Line Islands Standard Time",
    "Lord Howe Standard Time",
    "Magadan Standard Time",
    "Magallanes Standard Time",
    "Manitoba Standard Time",
    "Marquesas Standard Time",
    "Mauritius Standard Time",
    "Mid-Atlantic Standard Time",
    "Middle East Standard Time",
    "Montevideo Standard Time",
    "Morocco Standard Time",
    "Mountain Standard Time",
    "Mountain Standard Time (Mexico)",
    "Myanmar Standard Time",
    "N. Central Asia Standard Time",
    "Namibia Standard Time",
    "Nepal Standard Time",
    "New Zealand Standard Time",
    "Newfoundland Standard Time",
    "Norfolk Standard Time",
    "North Asia East Standard Time",
    "North Asia Standard Time",
    "North Korea Standard Time",
    "Omsk Standard Time",
    "Pacific SA Standard Time",
    "Pacific Standard Time",
    "Pacific Standard Time (Mexico)",
    "Pakistan Standard Time",
    "Paraguay Standard Time",
    "Qyzylorda Standard Time",
    "Romance Standard Time",
    "Russia Time Zone 10",
    "Russia Time Zone 11",
    "Russia Time Zone 3",
    "Russian Standard Time",
    "SA Eastern Standard Time",
    "SA Pacific Standard Time",
    "SA Western Standard Time",
    "SE Asia Standard Time",
    "Saint Pierre Standard Time",
    "Sakhalin Standard Time",
    "Samoa Standard Time",
    "Sao Tome Standard Time",
    "Saratov Standard Time",
    "Singapore Standard Time",
    "South Africa Standard Time",
    "South Sudan Standard Time",
    "Sri Lanka Standard Time",
    "Sudan Standard Time",
    "Syria Standard Time",
    "Taipei Standard Time",
    "Tasmania Standard Time",
    "Tocantins Standard Time",
    "Tokyo Standard Time",
    "Tomsk Standard Time",
    "Tonga Standard Time",
    "Transbaikal Standard Time",
    "Turkey Standard Time",
    "Turks And Caicos Standard Time",
    "US Eastern Standard Time",
    "US Mountain Standard Time",
    "UTC",
    "UTC+12",
    "UTC+13",
    "UTC-02",
    "UTC-08",
    "UTC-09",
    "UTC-11",
    "Ulaanbaatar Standard Time",
    "Venezuela Standard Time",
    "Vladivostok Standard Time",
    "Volgograd Standard Time",
    "W. Australia Standard Time",
    "W. Central Africa Standard Time",
    "W. Europe Standard Time",
    "W. Mongolia Standard Time",
    "West Asia Standard Time",
    "West Bank Standard Time",
    "West Pacific Standard Time",
    "Yakutsk Standard Time",
    "Yukon Standard Time",
)
"""Ids of Windows' time zones (``TIME_ZONES_PAGE``), and those that Unicode's table of
them has beyond that page (https://github.com/unicode-org/cldr/blob/main/common/
supplemental/windowsZones.xml)."""


def time_zone_findings(name: str, *, path: str) -> list[Finding]:
    """Check the name of a time zone."""
    if name in TIME_ZONES:
        return []
    meant = nearest(name, TIME_ZONES)
    advice = (
        "use one of Windows' names, such as 'W. Europe Standard Time'"
        if meant is None
        else f"did you mean '{meant}'?"
    )
    return [
        Finding(
            path,
            f"'{name}' is not a time zone of Windows; {advice} ({TIME_ZONES_PAGE})",
        )
    ]


def time_of_day_findings(text: str, *, path: str) -> list[Finding]:
    """Check a time of the day, hours and minutes."""
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        return []
    return [
        Finding(
            path,
            f"'{text}' is not a time of the day; write hours and minutes from 00:00 to "
            "23:59, such as 19:00",
        )
    ]
