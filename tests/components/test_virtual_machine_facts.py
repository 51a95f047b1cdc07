"""What the rulebook says of machines: names, accounts, passwords, disks, time zones."""

import re
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.computer_names import (
    computer_name_findings,
    derived_computer_name,
    same_computer_name_findings,
)
from azureml_rulebook.machine_accounts import account_name_findings, password_findings
from azureml_rulebook.machine_setup import (
    MONITOR_EXTENSIONS,
    SCRIPT_EXTENSIONS,
    SIGN_IN_EXTENSIONS,
    cloud_init_findings,
    linux_script_findings,
    windows_command_findings,
)
from azureml_rulebook.time_zones import (
    TIME_ZONES,
    time_of_day_findings,
    time_zone_findings,
)
from azureml_rulebook.virtual_machines import (
    disk_size_findings,
    disk_type_findings,
    image_findings,
    image_system_findings,
    premium_disk_findings,
    zone_findings,
)

LONGEST = {"windows": 15, "linux": 64}
SYSTEMS = sorted(LONGEST)
AZURE_NAMES = st.from_regex(
    r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,62}[a-zA-Z0-9])?", fullmatch=True
)


def is_computer_name(name: str, system: str) -> bool:
    """Azure's rule, written once more, a character at a time."""
    ends = ascii_letters + digits
    return (
        1 <= len(name) <= LONGEST[system]
        and all(character in ends + "-" for character in name)
        and name[0] in ends
        and name[-1] in ends
        and not all(character in digits for character in name)
    )


@pytest.mark.parametrize("system", SYSTEMS)
@given(name=st.text(alphabet=ascii_letters + digits + "-._é ", max_size=70))
def test_a_computer_name_is_taken_or_refused(system: str, name: str) -> None:
    """Exactly what Azure takes passes, whatever is written."""
    findings = computer_name_findings(name, system, path="machines.a.computer_name")
    assert (findings == []) is is_computer_name(name, system)


@pytest.mark.parametrize("system", SYSTEMS)
@given(name=st.text(max_size=80))
def test_a_name_made_up_is_always_one(system: str, name: str) -> None:
    """Of whatever the machine is called, and the same each time."""
    made = derived_computer_name(name, system)
    assert is_computer_name(made, system), made
    assert made == derived_computer_name(name, system)


@given(name=AZURE_NAMES)
def test_a_name_that_fits_stays(name: str) -> None:
    """Whoever looks for a machine finds it by the name it has in Azure."""
    if is_computer_name(name, "windows"):
        assert derived_computer_name(name, "windows") == name


@given(names=st.sets(AZURE_NAMES, min_size=2, max_size=2))
def test_other_machines_have_other_names(names: set[str]) -> None:
    """A name that was cut does not meet that of another environment."""
    one, other = names
    assert derived_computer_name(one, "windows") != derived_computer_name(
        other, "windows"
    )


def test_two_environments_with_a_long_project() -> None:
    """C31: the project's name alone is longer than what Windows takes."""
    made = {
        environment: derived_computer_name(
            f"contoso-analytics-{environment}-desk", "windows"
        )
        for environment in ("production", "staging")
    }
    assert made["production"] != made["staging"]
    assert all(re.fullmatch(r"contoso-a-[0-9a-f]{5}", name) for name in made.values())


@pytest.mark.parametrize(
    ("name", "system", "faults"),
    [
        ("desk", "windows", []),
        ("a" * 15, "windows", []),
        ("a" * 16, "windows", ["has 16 characters"]),
        ("a" * 64, "linux", []),
        ("a" * 65, "linux", ["has 65 characters"]),
        ("12345", "windows", ["is all digits"]),
        ("-desk", "windows", ["must be letters, digits and hyphens"]),
        ("desk-", "linux", ["must be letters, digits and hyphens"]),
        ("my_desk", "windows", ["must be letters, digits and hyphens"]),
        ("desk.corp", "linux", ["must be letters, digits and hyphens"]),
    ],
)
def test_computer_names(name: str, system: str, faults: list[str]) -> None:
    """The rules one by one, each with its message."""
    findings = computer_name_findings(name, system, path="computer_name")
    assert len(findings) == len(faults)
    for finding, fault in zip(findings, faults, strict=True):
        assert fault in finding.message


def test_two_machines_of_one_name() -> None:
    """Names differ without regard to case, as Windows compares them."""
    (finding,) = same_computer_name_findings({"a": "desk", "b": "DESK", "c": "other"})
    assert str(finding).startswith("b: 'DESK' is the computer name of a too")


@pytest.mark.parametrize(
    ("name", "system", "fault"),
    [
        ("azureuser", "linux", None),
        ("azureuser", "windows", None),
        ("_ops", "linux", None),
        ("j.doe", "windows", None),
        ("Admin", "windows", "gives to nobody"),
        ("root", "linux", "gives to nobody"),
        ("support_388945a0", "windows", "gives to nobody"),
        ("a" * 21, "windows", "at most 20"),
        ("a" * 65, "linux", "at most 64"),
        ("j.doe", "linux", "must be letters"),
        ("1st", "linux", "must be letters"),
        ("ops.", "windows", "must be letters"),
        ("o/ps", "windows", "must be letters"),
        ("", "linux", "must be letters"),
    ],
)
def test_account_names(name: str, system: str, fault: str | None) -> None:
    """Azure's list, and what each system takes."""
    messages = [
        finding.message for finding in account_name_findings(name, system, path="")
    ]
    assert [fault in message for message in messages] == (
        [] if fault is None else [True]
    )


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("Correct-horse-9", []),
        ("correct horse 9", []),
        ("CORRECTHORSE-9", []),
        ("Sh0rt-enough", []),
        ("Sh0rt-enoug", ["12 to 123"]),
        ("A1-" + "x" * 120, []),
        ("A1-" + "x" * 121, ["12 to 123"]),
        ("onlylowercase", ["three of these"]),
        ("lower-and-other", ["three of these"]),
        ("Password22", ["12 to 123", "everybody tries"]),
        ("My-AzureUser-9", ["name of its account"]),
        ("Correct-horse\n9", ["control characters"]),
        ("", ["12 to 123", "three of these"]),
    ],
)
def test_passwords(password: str, faults: list[str]) -> None:
    """Azure's rules one by one; no message holds the password."""
    findings = password_findings(password, "azureuser", path="password")
    assert len(findings) == len(faults), findings
    for finding, fault in zip(findings, faults, strict=True):
        assert fault in finding.message
        assert not password or password not in str(finding)


@given(password=st.text(min_size=4, max_size=140), account=st.text(max_size=20))
def test_no_password_is_ever_shown(password: str, account: str) -> None:
    """Whatever it is, it is taken or refused, in the same words for all passwords."""
    said = {str(item) for item in password_findings(password, account, path="p")}
    taken = {str(item) for item in password_findings("Correct-horse-9", "", path="p")}
    every = {
        str(item)
        for wrong in ("", "Password22", "ab-azureuser", "\x00" * 12)
        for item in password_findings(wrong, "azureuser", path="p")
    }
    assert taken == set()
    assert said <= every


@given(
    rest=st.text(alphabet=ascii_letters + digits + "-_!", min_size=9, max_size=120),
)
def test_a_good_password_is_taken(rest: str) -> None:
    """Long enough, of three classes, without the account's name."""
    if "ops" not in f"aB3{rest}".lower():
        assert password_findings(f"aB3{rest}", "ops", path="") == []


def test_a_password_that_is_no_text() -> None:
    """A number from a configuration is told apart, and not shown."""
    (finding,) = password_findings(123456789012, "azureuser", path="p")
    assert str(finding) == "p: the password is not text; give a text"


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (zone_findings("1", path="zone"), None),
        (zone_findings("4", path="zone"), "zone: '4' is not an availability zone"),
        (disk_type_findings("StandardSSD_ZRS", path="t"), None),
        (disk_type_findings("premium_lrs", path="t"), "did you mean 'Premium_LRS'?"),
        (disk_type_findings("Standard_LRS", path="t"), "did you mean"),
        (disk_size_findings(30, "linux", path="s"), None),
        (disk_size_findings(29, "linux", path="s"), "use 30 to 4095 for Linux"),
        (disk_size_findings(126, "windows", path="s"), "use 127 to 4095 for Windows"),
        (disk_size_findings(4096, "windows", path="s"), "use 127 to 4095 for Windows"),
        (
            image_findings(
                "Canonical", "ubuntu-24_04-lts", "server", "latest", path="i"
            ),
            None,
        ),
        (
            image_findings(
                "Canonical", "ubuntu", "server", "24.04.202607010", path="i"
            ),
            None,
        ),
        (
            image_findings("Canonical", "ubuntu", "server-gen1", "latest", path="i"),
            "i.sku: 'server-gen1' is of generation 1",
        ),
        (
            image_findings("Canon ical", "ubuntu", "server", "latest", path="i"),
            "i.publisher: 'Canon ical'",
        ),
        (
            image_findings("Canonical", "ubuntu/x", "server", "latest", path="i"),
            "i.offer: 'ubuntu/x'",
        ),
        (
            image_findings("Canonical", "ubuntu", "server", "newest", path="i"),
            "i.version: 'newest'",
        ),
        (time_of_day_findings("19:00", path="t"), None),
        *(
            (premium_disk_findings(size, "Premium_LRS", path="s"), None)
            for size in (
                *("Standard_D2s_v5", "Standard_DS3_v2", "standard_e4-2as_v5"),
                *("Standard_B2ms", "Standard_M64", "Standard_NC6s_v3"),
            )
        ),
        *(
            (
                premium_disk_findings(size, "Premium_ZRS", path="s"),
                f"s: '{size}' takes no disks of type 'Premium_ZRS'; use a size with",
            )
            for size in ("Standard_D2_v5", "Standard_E4d_v5", "Standard_A2m_v2")
        ),
        (premium_disk_findings("Standard_D2_v5", "StandardSSD_LRS", path="s"), None),
        (image_system_findings("Canonical", "linux", path="i"), None),
        (image_system_findings("microsoft-dsvm", "windows", path="i"), None),
        (
            image_system_findings("Canonical", "windows", path="i"),
            "i: 'Canonical' publishes images of Linux, and operating_system is 'windo",
        ),
        (
            image_system_findings("MicrosoftWindowsServer", "linux", path="i"),
            "i: 'MicrosoftWindowsServer' publishes images of Windows",
        ),
        (time_of_day_findings("23:59", path="t"), None),
        (
            time_of_day_findings("24:00", path="t"),
            "t: '24:00' is not a time of the day",
        ),
        (time_of_day_findings("7:00", path="t"), "is not a time of the day"),
        (time_of_day_findings("1900", path="t"), "is not a time of the day"),
        (time_zone_findings("UTC", path="z"), None),
        (time_zone_findings("W. Europe Standard Time", path="z"), None),
        (
            time_zone_findings("W Europe Standard Time", path="z"),
            "did you mean 'W. Europe Standard Time'?",
        ),
        (time_zone_findings("Europe/Berlin", path="z"), "use one of Windows' names"),
        (linux_script_findings("é" * 131072, path="x"), None),
        (linux_script_findings("é" * 131073, path="x"), "has 262146 bytes"),
        (windows_command_findings("x" * 8191, path="x"), None),
        (windows_command_findings("x" * 8199, path="x"), "shorten it by 4"),
        (cloud_init_findings("#cloud-config\n", path="c"), None),
        (cloud_init_findings("Content-Type: multipart/mixed\n", path="c"), None),
        (cloud_init_findings("packages: [git]\n", path="c"), "the first line"),
        (cloud_init_findings("#" * 65536, path="c"), "has 65536 bytes"),
    ],
)
def test_forms(found: list[object], fault: str | None) -> None:
    """Every form that is checked, with what passes at its edge and what does not."""
    if fault is None:
        assert found == []
    else:
        (finding,) = found
        assert fault in str(finding)


def test_time_zones_are_those_of_windows() -> None:
    """No zone of the IANA database among them, each once, and the well known there."""
    assert len(set(TIME_ZONES)) == len(TIME_ZONES)
    assert not [name for name in TIME_ZONES if "/" in name or name != name.strip()]
    assert {
        "UTC",
        "GMT Standard Time",
        "W. Europe Standard Time",
        "Romance Standard Time",
        "Eastern Standard Time",
        "Pacific Standard Time",
        "India Standard Time",
        "China Standard Time",
        "Tokyo Standard Time",
        "AUS Eastern Standard Time",
        "E. South America Standard Time",
        "South Africa Standard Time",
    } <= set(TIME_ZONES)


def test_every_system_has_its_extensions() -> None:
    """Publisher and type as Azure calls them, written out."""
    assert {
        (system, row.publisher, row.kind)
        for table in (SIGN_IN_EXTENSIONS, MONITOR_EXTENSIONS, SCRIPT_EXTENSIONS)
        for system, row in table.items()
    } == {
        ("linux", "Microsoft.Azure.ActiveDirectory", "AADSSHLoginForLinux"),
        ("windows", "Microsoft.Azure.ActiveDirectory", "AADLoginForWindows"),
        ("linux", "Microsoft.Azure.Monitor", "AzureMonitorLinuxAgent"),
        ("windows", "Microsoft.Azure.Monitor", "AzureMonitorWindowsAgent"),
        ("linux", "Microsoft.Azure.Extensions", "CustomScript"),
        ("windows", "Microsoft.Compute", "CustomScriptExtension"),
    }
