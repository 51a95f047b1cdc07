"""Jump boxes: what is refused before anything is made, and in which words."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import (
    generate_private_key as generate_curve_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    generate_private_key as generate_rsa_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import example, given
from hypothesis import strategies as st

from azureml_network._inputs import InputError, InputReader
from azureml_network._jump_box_bastion.administrators import (
    read_administrator,
    ssh_public_key_findings,
)
from azureml_network._jump_box_bastion.arguments import (
    JumpBoxBastionArgs,
    MachineSpec,
    OperatingSystem,
)
from azureml_network._jump_box_bastion.machine_resources import jump_boxes
from azureml_network._jump_box_bastion.machines import MachinesPlan, read_machines
from azureml_network._place import Place

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/net/subnets/jump"
LOGS = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv-team"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-disks"
ENCRYPTION_SET = f"{GROUP}/Microsoft.Compute/diskEncryptionSets/des"
KEY = (
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIIQtWmmAcWfyWsXpD//nx32f+NwxWEhtMlgb2HGKP6wm ada"
)
LINUX = {"operating_system": "linux"}


def read(
    changes: dict[str, Any], *, name: str = "jump", cloud_name: str = "public"
) -> tuple[MachinesPlan, list[str]]:
    """The plan of some inputs and everything that is wrong with them."""
    args = {"machine_subnet_id": SUBNET, "ssh_public_key": KEY, **changes}
    reader = InputReader(
        {key: value for key, value in args.items() if value is not None},
        JumpBoxBastionArgs,
    )
    plan = read_machines(reader, name, Place(cloud_name=cloud_name, region="westus"))
    return plan, list(dict.fromkeys(str(finding) for finding in reader.findings))


def faults_of(changes: dict[str, Any], **rest: Any) -> list[str]:
    """Everything that is wrong with some inputs."""
    return read(changes, **rest)[1]


def linux(**changes: Any) -> dict[str, Any]:
    """One Linux machine called tools."""
    return {"machines": {"tools": {**LINUX, **changes}}}


def windows(**changes: Any) -> dict[str, Any]:
    """One Windows machine called desk."""
    machine = {
        "operating_system": "windows",
        "administrator_password": pulumi.Output.secret("Correct-horse-9"),
        **changes,
    }
    return {
        "machines": {
            "desk": {key: item for key, item in machine.items() if item is not None}
        }
    }


def public_key(private: Any) -> str:
    """The line of a key's .pub file."""
    line = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return line.decode()


@pytest.fixture(autouse=True)
def _a_program(record: Callable[..., Any]) -> None:
    """Outputs need a running program, which an empty one leaves behind."""
    record(lambda: None)


@pytest.mark.parametrize(
    "changes",
    [
        {"machines": {}},
        {"machines": {}, "machine_subnet_id": None, "ssh_public_key": None},
        linux(),
        {**linux(ssh_public_key=KEY), "ssh_public_key": None},
        linux(zone="3", size="Standard_NC4as_T4_v3", disk_type="Premium_ZRS"),
        linux(shutdown={"time": "19:00"}, setup={"enabled": False}),
        {**linux(private_address="10.0.1.4"), "machine_subnet_prefix": "10.0.1.0/28"},
        {
            "machines": {f"m{number}": LINUX for number in range(3)},
            "machine_subnet_prefix": "10.0.1.0/29",
        },
    ],
)
def test_what_passes(changes: dict[str, Any]) -> None:
    """Nothing is said about inputs that work."""
    assert faults_of(changes) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (
            {"machines": {"tools": {}}},
            ["machines.tools.operating_system: is required and not set"],
        ),
        (
            linux(operating_system="Linux"),
            ["machines.tools.operating_system: 'Linux' is not allowed; did you mean"],
        ),
        (
            {**linux(), "machine_subnet_id": None},
            ["machine_subnet_id: is required and not set"],
        ),
        (
            {**linux(), "machine_subnet_id": VAULT},
            [f"machine_subnet_id: '{VAULT}' is the id of a Microsoft.KeyVault/vaults"],
        ),
        (
            {**linux(), "ssh_public_key": None},
            ["machines.tools.ssh_public_key: is required and not set; give a public"],
        ),
        (
            linux(administrator_password="Correct-horse-9"),
            ["machines.tools.administrator_password: is for Windows"],
        ),
        (
            linux(administrator_name="root"),
            ["machines.tools.administrator_name: 'root' is one of the names"],
        ),
        (
            linux(computer_name="tools_1"),
            ["machines.tools.computer_name: the computer name 'tools_1' must be"],
        ),
        (linux(size="D2s_v5"), ["machines.tools.size: 'D2s_v5' is not a machine size"]),
        (linux(zone="0"), ["machines.tools.zone: '0' is not an availability zone"]),
        (
            linux(disk_type="UltraSSD_LRS"),
            ["machines.tools.disk_type: 'UltraSSD_LRS' is not allowed"],
        ),
        (
            linux(disk_size_gigabytes=8),
            ["machines.tools.disk_size_gigabytes: 8 is not allowed; use 30 to 4095"],
        ),
        (
            linux(image={"publisher": "Canonical", "offer": "ubuntu-24_04-lts"}),
            ["machines.tools.image.sku: is required and not set"],
        ),
        (
            linux(
                image={
                    "publisher": "Canonical",
                    "offer": "ubuntu-24_04-lts",
                    "sku": "server-gen1",
                }
            ),
            ["machines.tools.image.sku: 'server-gen1' is of generation 1"],
        ),
        (
            linux(shutdown={"time": "7pm", "time_zone": "W Europe Standard Time"}),
            [
                "machines.tools.shutdown.time: '7pm' is not a time of the day",
                "machines.tools.shutdown.time_zone: 'W Europe Standard Time' is not a "
                "time zone of Windows; did you mean 'W. Europe Standard Time'?",
            ],
        ),
        (
            linux(shutdown={"time": "19:00", "notified_email": "team"}),
            ["machines.tools.shutdown.notified_email: 'team' is not an e-mail address"],
        ),
        (
            linux(setup={"script": "true", "cloud_init": "#cloud-config\n"}),
            ["machines.tools.setup.cloud_init: cannot be used together with script"],
        ),
        (
            linux(setup={"enabled": False, "script": "true"}),
            ["machines.tools.setup.script: is not run with enabled: false"],
        ),
        (
            linux(setup={"cloud_init": "packages: [git]"}),
            ["machines.tools.setup.cloud_init: does not begin as cloud-init takes it"],
        ),
        (
            linux(setup={"script": "#" * 262145}),
            ["machines.tools.setup.script: the script has 262145 bytes"],
        ),
        (
            linux(backend_pool_ids=[SUBNET]),
            [f"machines.tools.backend_pool_ids[0]: '{SUBNET}' is the id of a"],
        ),
        (
            {**linux(), "application_security_group_ids": ["people"]},
            ["application_security_group_ids[0]: 'people' is not a resource id"],
        ),
        (
            {
                **linux(private_address="10.0.2.4"),
                "machine_subnet_prefix": "10.0.1.0/28",
            },
            ["machines.tools.private_address: '10.0.2.4' is outside of the subnet"],
        ),
        (
            {
                **linux(private_address="10.0.1.3"),
                "machine_subnet_prefix": "10.0.1.0/28",
            },
            ["machines.tools.private_address: '10.0.1.3' is one of the 5 addresses"],
        ),
        (
            linux(private_address="tools"),
            ["machines.tools.private_address: 'tools' is not an IPv4 address"],
        ),
        (
            {
                "machines": {
                    "a": {**LINUX, "private_address": "10.0.1.4"},
                    "b": {**LINUX, "private_address": "10.0.1.4"},
                }
            },
            [
                "machines.b.private_address: '10.0.1.4' is "
                "machines.a.private_address already"
            ],
        ),
        (
            {
                "machines": {f"m{number}": LINUX for number in range(4)},
                "machine_subnet_prefix": "10.0.1.0/29",
            },
            ["machine_subnet_prefix: /29 has 3 usable addresses and the 4 machines"],
        ),
        (
            {**linux(), "machine_subnet_prefix": "10.0.1.0"},
            ["machine_subnet_prefix: '10.0.1.0' has no"],
        ),
        (
            {
                "machines": {
                    "a": {**LINUX, "computer_name": "desk"},
                    "b": {**LINUX, "computer_name": "Desk"},
                }
            },
            ["machines.b.computer_name: 'Desk' is the computer name of machines.a"],
        ),
        (
            {"machines": {"desk": LINUX, "Desk": LINUX}},
            [
                "machines.desk: makes the virtual machine name 'jump-desk', which "
                "differs from that of machines.Desk in case only",
                "machines.desk.computer_name: 'jump-desk' is the computer name of",
            ],
        ),
        (
            {"machines": {"my desk": LINUX}},
            ["machines.my desk: the virtual machine name 'jump-my desk' must be"],
        ),
        (
            {"machines": {"a" * 60: LINUX}},
            [f"machines.{'a' * 60}: the virtual machine name 'jump-aaaa"],
        ),
        (
            {**linux(), "monitoring": {"private_link_scope_id": "ampls"}},
            [
                "monitoring.log_analytics_workspace_id: is required and not set",
                "monitoring.private_link_scope_id: 'ampls' is not a resource id",
            ],
        ),
        (
            {
                **linux(),
                "disk_encryption_set_id": ENCRYPTION_SET,
                "disk_customer_managed_key": {
                    "key_vault_id": VAULT,
                    "key_uri": "https://kv-team.vault.azure.net/keys/disks",
                    "identity_id": IDENTITY,
                },
            },
            [
                "disk_encryption_set_id: cannot be used together with",
                "disk_customer_managed_key.key_uri: 'https://kv-team.vault.azure.net/"
                "keys/disks' has no version, and a disk encryption set begins with",
            ],
        ),
    ],
)
def test_what_is_refused(changes: dict[str, Any], faults: list[str]) -> None:
    """Each fault with its path, and no other fault beside it."""
    found = faults_of(changes)
    assert len(found) == len(faults), found
    for message, beginning in zip(sorted(found), sorted(faults), strict=True):
        assert message.startswith(beginning), message


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (
            {"administrator_password": None},
            [
                "machines.desk.administrator_password: is required and not set; set it "
                "with 'pulumi config set --secret"
            ],
        ),
        (
            {"administrator_password": "Correct-horse-9"},
            ["machines.desk.administrator_password: is plain text"],
        ),
        (
            {"computer_name": "a" * 16},
            ["machines.desk.computer_name: 'aaaaaaaaaaaaaaaa' has 16 characters"],
        ),
        (
            {"computer_name": "12345"},
            ["machines.desk.computer_name: the computer name '12345' is all digits"],
        ),
        ({"ssh_public_key": KEY}, ["machines.desk.ssh_public_key: is for Linux"]),
        (
            {"administrator_name": "Administrator"},
            ["machines.desk.administrator_name: 'Administrator' is one of the names"],
        ),
        (
            {"setup": {"cloud_init": "#cloud-config\n"}},
            ["machines.desk.setup.cloud_init: is for Linux; give Windows a script"],
        ),
        (
            {"setup": {"script": "x" * 4000}},
            ["machines.desk.setup.script: the script makes a command of 10"],
        ),
        (
            {"disk_size_gigabytes": 64},
            ["machines.desk.disk_size_gigabytes: 64 is not allowed; use 127 to 4095"],
        ),
    ],
)
def test_what_windows_refuses(changes: dict[str, Any], faults: list[str]) -> None:
    """C31, C33: names, passwords and what only Linux has; no password is shown."""
    found = faults_of(windows(**changes))
    assert len(found) == len(faults), found
    for message, beginning in zip(found, faults, strict=True):
        assert message.startswith(beginning), message
        assert "Correct-horse-9" not in message


def test_a_script_that_was_shortened_as_told_passes() -> None:
    """The number of characters in the message is enough."""
    (fault,) = faults_of(windows(setup={"script": "x" * 4000}))
    over = int(fault.split("shorten it by ")[1].split(",")[0])
    assert faults_of(windows(setup={"script": "x" * (4000 - over)})) == []
    assert faults_of(windows(setup={"script": "x" * (4000 - over + 3)})) != []


def test_everything_wrong_is_found_in_one_run() -> None:
    """Of all machines and of what they share."""
    found = faults_of(
        {
            "machines": {
                "a": {"operating_system": "windows", "zone": "9"},
                "b": {**LINUX, "size": "large"},
            },
            "ssh_public_key": "no key",
            "machine_subnet_id": None,
        }
    )
    assert {message.split(":")[0] for message in found} == {
        "machines.a.administrator_password",
        "machines.a.zone",
        "machines.b.size",
        "machine_subnet_id",
        "ssh_public_key",
    }


@pytest.mark.parametrize(
    ("environment", "expected"),
    [("production", "contoso-a-"), ("staging", "contoso-a-")],
)
def test_a_long_project_gets_a_computer_name(environment: str, expected: str) -> None:
    """C31: Azure's name stays long, the machine's own is cut."""
    name = f"contoso-analytics-{environment}"
    plan, faults = read(windows(), name=name)
    assert faults == []
    desk = plan.machines["desk"]
    assert desk.azure_name == f"{name}-desk"
    assert desk.computer_name.startswith(expected)
    assert len(desk.computer_name) == 15


def test_no_private_link_scope_where_there_are_no_zones() -> None:
    """In China Azure Monitor has no published private zones."""
    scope = f"{GROUP}/Microsoft.Insights/privateLinkScopes/ampls"
    monitoring = {
        "log_analytics_workspace_id": LOGS,
        "private_link_scope_id": scope,
    }
    (fault,) = faults_of({**linux(), "monitoring": monitoring}, cloud_name="china")
    assert fault.startswith("monitoring.private_link_scope_id: cannot be used in")


@pytest.mark.parametrize(
    ("monitoring", "told"),
    [
        (None, 0),
        ({"log_analytics_workspace_id": LOGS}, 1),
        (
            {
                "log_analytics_workspace_id": LOGS,
                "private_link_scope_id": f"{GROUP}/Microsoft.Insights/"
                "privateLinkScopes/ampls",
            },
            0,
        ),
    ],
)
def test_an_open_endpoint_is_told(monitoring: dict[str, Any] | None, told: int) -> None:
    """A review sees that agents send to a public endpoint."""
    plan, faults = read({**linux(), "monitoring": monitoring})
    assert faults == []
    assert len(plan.warnings) == told
    for warning in plan.warnings:
        assert warning.startswith("monitoring.private_link_scope_id: is not set")


SHORT_RSA = public_key(generate_rsa_key(65537, 1024))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (KEY, None),
        (public_key(Ed25519PrivateKey.generate()), None),
        (public_key(generate_rsa_key(65537, 2048)), None),
        (SHORT_RSA, "is an RSA key of 1024 bits"),
        (public_key(generate_curve_key(SECP256R1())), "is not a public key that Azure"),
        ("ssh-dss AAAAB3NzaC1kc3M=", "is not a public key that Azure takes"),
        (KEY[:60], "cannot be read as a public key"),
        (KEY.replace("ssh-ed25519", "ssh-rsa"), "cannot be read as a public key"),
        (f"{KEY}\n{KEY}", "is not a public key that Azure takes"),
        ("ssh-ed25519", "is not a public key that Azure takes"),
        ("ssh-rsa é", "cannot be read as a public key"),
    ],
    # Keys that are made anew in each process are no names for tests.
    ids=range(11),
)
def test_ssh_keys(text: str, fault: str | None) -> None:
    """RSA of 2048 bits and ed25519, as Azure takes them; no key is shown."""
    findings = ssh_public_key_findings(text, path="ssh_public_key")
    assert not any(text[12:] in str(finding) for finding in findings if text[12:])
    if fault is None:
        assert findings == []
    else:
        (finding,) = findings
        assert finding.message.startswith(fault)


@pytest.mark.parametrize("form", [PrivateFormat.OpenSSH, PrivateFormat.PKCS8])
def test_a_private_key_is_refused_and_not_shown(form: PrivateFormat) -> None:
    """Not a line of it, and with what to do about it."""
    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(Encoding.PEM, form, NoEncryption()).decode()
    (fault,) = faults_of({**linux(), "ssh_public_key": text})
    assert fault.startswith("ssh_public_key: is a private key; give the public one")
    for line in text.splitlines():
        assert line not in fault


def key_lines() -> st.SearchStrategy[str]:
    """Lines that look like a public key and hold anything."""
    kinds = st.sampled_from(["ssh-rsa", "ssh-ed25519"])
    anything = st.binary(max_size=80).map(lambda content: b64encode(content).decode())
    return st.builds(lambda kind, rest: f"{kind} {rest}", kinds, anything)


@given(text=st.text(max_size=300) | key_lines())
@example("ssh-rsa AAAA")
@example("ssh-ed25519 \x00")
def test_any_text_for_a_key_is_refused(text: str) -> None:
    """Whatever it is, it is told in the same words, and never shown."""
    findings = ssh_public_key_findings(text, path="k")
    assert len(findings) == 1
    assert "key" in findings[0].message
    said = findings[0].message
    assert said == ssh_public_key_findings("x", path="k")[0].message or said in {
        ssh_public_key_findings("-- PRIVATE KEY --", path="k")[0].message,
        ssh_public_key_findings("ssh-rsa AAAA", path="k")[0].message,
    }


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Sh0rt", "must have 12 to 123 characters"),
        ("onlylowercase", "must have three of these"),
        ("Password22", "everybody tries them"),
        ("My-Azureuser-9", "holds the name of its account"),
    ],
)
def test_a_weak_password_stops_on_its_way(
    record: Callable[..., Any], password: str, said: str
) -> None:
    """It is looked at once it is known, and what stops there does not show it."""

    def program() -> None:
        _, faults = read(windows(administrator_password=pulumi.Output.secret(password)))
        assert faults == []

    with pytest.raises(InputError) as stopped:
        record(program)
    assert str(stopped.value).startswith("machines.desk.administrator_password: ")
    assert said in str(stopped.value)
    assert password not in str(stopped.value)


@given(password=st.text(min_size=1, max_size=130))
def test_any_password_is_taken_or_refused(password: str) -> None:
    """Never shown, nor the cause of another error."""
    spec = InputReader(
        {"administrator_password": pulumi.Output.secret(password)},
        MachineSpec,
        path="machines.desk",
    )
    plain = InputReader({"administrator_password": password}, MachineSpec)
    read_administrator(
        InputReader({}, JumpBoxBastionArgs), spec, OperatingSystem.WINDOWS
    )
    read_administrator(
        InputReader({}, JumpBoxBastionArgs), plain, OperatingSystem.WINDOWS
    )
    assert spec.findings == []
    (fault,) = plain.findings
    other = InputReader({"administrator_password": "Correct-horse-9"}, MachineSpec)
    read_administrator(
        InputReader({}, JumpBoxBastionArgs), other, OperatingSystem.WINDOWS
    )
    if password.strip():
        assert [fault] == other.findings


def test_a_password_known_later_is_left_to_later(
    record: Callable[..., Any], surroundings: Callable[..., Any]
) -> None:
    """One that another resource makes up is unknown in the first preview."""

    def program() -> None:
        maker = pulumi.ComponentResource("test:index:Maker", "maker")
        later: pulumi.Output[str] = pulumi.Output(
            pulumi.Output.from_input(maker.urn).resources(),
            pulumi.Output.from_input("").future(),
            _known(False),
            _known(True),
        )
        plan, faults = read(windows(administrator_password=later))
        assert faults == []
        jump_boxes(surroundings(name="jump"), plan)

    recording = record(program, first_preview=True)
    assert "jump-desk" in recording.resources


async def _known(value: bool) -> bool:
    return value
