"""Jump boxes behind Bastion as one component: who may connect, how, and what is given
back; from Python and through the plugin host."""

import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.component import ComponentProvider

from azureml_network import JumpBoxBastion
from azureml_network._plugin import COMPONENTS, NAME
from azureml_network._version import VERSION
from azureml_rulebook.bastion import (
    OPTIONS,
    TIERS,
    BastionAddress,
    just_in_time_findings,
    rdp_command,
    ssh_command,
    tunnel_command,
)
from azureml_rulebook.roles import Holder, grants_of

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
OTHER_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/net"
JUMP_SUBNET = f"{NETWORK}/subnets/jump"
EXISTING = (
    f"/subscriptions/{OTHER_SUBSCRIPTION}/resourceGroups/hub/providers"
    "/Microsoft.Network/bastionHosts/bas-hub"
)
LOGS = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log"
KEY = (
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIIQtWmmAcWfyWsXpD//nx32f+NwxWEhtMlgb2HGKP6wm ada"
)
USERS = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ADMINISTRATORS = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
PEOPLE = {
    "user_group_ids": [USERS],
    "administrator_group_ids": [ADMINISTRATORS],
}

# Definition ids, written down once more from Azure's pages.
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
USER_LOGIN = "fb879df8-f326-4884-b1cf-06f3ad86be52"
ADMINISTRATOR_LOGIN = "1c0163c0-47e6-4577-8991-ea5c83e286e4"


@pytest.fixture(scope="session", name="two_machines")
def two_machines_fixture(jump_box_args: Callable[..., Any]) -> Callable[..., Any]:
    """Inputs with a Linux and a Windows machine; to be called within the program."""

    def two_machines(**changes: Any) -> Any:
        machines = {
            "tools": {"operating_system": "linux"},
            "desk": {
                "operating_system": "windows",
                "administrator_password": pulumi.Output.secret(f"Aa1!{uuid4()}"),
            },
        }
        return jump_box_args(
            **{
                "machine_subnet_id": JUMP_SUBNET,
                "ssh_public_key": KEY,
                "subscription_id": SUBSCRIPTION,
                "machines": machines,
                **changes,
            }
        )

    return two_machines


@pytest.fixture(scope="session", name="make")
def make_fixture(record: Any, two_machines: Callable[..., Any]) -> Callable[..., Any]:
    """Make two machines and a Bastion, called ``jump``."""

    def make(*, first_preview: bool = False, **changes: Any) -> Any:
        return record(
            lambda: JumpBoxBastion("jump", two_machines(**changes)),
            first_preview=first_preview,
        )

    return make


def roles(recording: Any) -> set[tuple[str, str, str]]:
    """Who has which role on what: principal, last name of the scope, definition id."""
    return {
        (
            item.inputs["principalId"],
            item.inputs["scope"].rpartition("/")[2],
            item.inputs["roleDefinitionId"].rpartition("/")[2],
        )
        for item in recording.of_type("RoleAssignment").values()
    }


def keys_within(value: Any) -> Iterator[str]:
    """Every name of a property, however deep."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from keys_within(item)
    if isinstance(value, list):
        for item in value:
            yield from keys_within(item)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "bastion": {"tier": "Developer"},
            "bastion_subnet_id": None,
            "network_id": NETWORK,
        },
        {"bastion": {"tier": "Standard", "zones": ["1", "2", "3"]}},
        {"bastion": {"tier": "Premium", "private_only": True}},
        {"existing_bastion_id": EXISTING, "bastion_subnet_id": None},
    ],
)
def test_no_machine_has_a_public_address(
    make: Callable[..., Any], changes: Mapping[str, Any]
) -> None:
    """Only Bastion has one: no property of a machine or an interface speaks of one."""
    made = make(**changes)
    machines = {**made.of_type("VirtualMachine"), **made.of_type("NetworkInterface")}
    assert set(machines) == {
        "jump-tools",
        "jump-tools-nic",
        "jump-desk",
        "jump-desk-nic",
    }
    for item in machines.values():
        assert not [
            key
            for key in keys_within(item.inputs)
            if "public" in key.lower() and key != "publicKeys"
        ]
    assert set(made.of_type("PublicIPAddress")) <= {"jump-bastion-pip"}
    assert made.of_type("PublicIPPrefix") == {}


def test_roles(make: Callable[..., Any]) -> None:
    """Each group has exactly what its people need, each once and nowhere wider."""
    made = make(people=PEOPLE)
    both = {
        (group, scope, READER)
        for group in (USERS, ADMINISTRATORS)
        for scope in (
            "jump-bastion",
            "jump-tools",
            "jump-tools-nic",
            "jump-desk",
            "jump-desk-nic",
        )
    }
    assert roles(made) == both | {
        (USERS, "jump-tools", USER_LOGIN),
        (USERS, "jump-desk", USER_LOGIN),
        (ADMINISTRATORS, "jump-tools", ADMINISTRATOR_LOGIN),
        (ADMINISTRATORS, "jump-desk", ADMINISTRATOR_LOGIN),
    }
    assignments = made.of_type("RoleAssignment").values()
    assert len(assignments) == 14
    names = {item.inputs["roleAssignmentName"] for item in assignments}
    assert len({str(UUID(name)) for name in names}) == 14
    assert {item.inputs["principalType"] for item in assignments} == {"Group"}
    starts = {
        item.inputs["roleDefinitionId"].rpartition("/")[0] for item in assignments
    }
    assert starts == {
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization"
        "/roleDefinitions"
    }


def test_people_from_a_peered_network_see_the_network(
    make: Callable[..., Any],
) -> None:
    """With the network's id everybody reads the network; a Bastion that exists in
    another subscription is read by that subscription's role."""
    made = make(
        people={"user_group_ids": [USERS]},
        network_id=NETWORK,
        existing_bastion_id=EXISTING,
        bastion_subnet_id=None,
    )
    found = roles(made)
    assert {(USERS, "net", READER), (USERS, "bas-hub", READER)} <= found
    name = f"jump-jump-box-users-{USERS}-bastion-reader"
    assert made.inputs(name)["roleDefinitionId"].startswith(
        f"/subscriptions/{OTHER_SUBSCRIPTION}/"
    )
    assert made.of_type("BastionHost") == {}


def names_of(make: Callable[..., Any], **changes: Any) -> list[str]:
    """The Azure names of all role assignments, sorted."""
    made = make(people=PEOPLE, **changes)
    return sorted(
        item.inputs["roleAssignmentName"]
        for item in made.of_type("RoleAssignment").values()
    )


def test_names_of_roles_are_this_deployments(make: Callable[..., Any]) -> None:
    """The same in every preview, and others in another group or subscription, where
    Azure would take the same name for the same assignment; however ids are written and
    whenever they are known."""
    own = names_of(make)
    assert own == names_of(make, first_preview=True)
    assert own == names_of(
        make,
        bastion_subnet_id=pulumi.Output.from_input(
            f"{NETWORK}/subnets/AzureBastionSubnet"
        ),
        resource_group_name=pulumi.Output.from_input("RG"),
    )
    elsewhere = names_of(make, subscription_id=OTHER_SUBSCRIPTION)
    assert not set(own) & set(elsewhere)


def test_groups_known_later(make: Callable[..., Any]) -> None:
    """A group's id may be an output; it is called by its place then, and named in
    Azure as if it were known."""
    later = make(
        people={"user_group_ids": [pulumi.Output.from_input(USERS.upper())]}
    ).of_type("RoleAssignment")
    plain = make(people={"user_group_ids": [USERS]}).of_type("RoleAssignment")
    assert "jump-jump-box-users-0-bastion-reader" in later
    assert {item.inputs["roleAssignmentName"] for item in later.values()} == {
        item.inputs["roleAssignmentName"] for item in plain.values()
    }


NATIVE = {"tier": "Standard", "native_client": True}
START = "az network bastion"
PLACE = f"--name jump-bastion --resource-group rg --subscription {SUBSCRIPTION}"


def test_commands(make: Callable[..., Any]) -> None:
    """Exactly what people type: by the kind of machine, signed in with Entra ID."""
    outputs = make(bastion=NATIVE).outputs["jump"]
    assert outputs["sshCommands"] == {
        "tools": f"{START} ssh {PLACE} --target-resource-id /fake/jump-tools "
        "--auth-type AAD"
    }
    assert outputs["rdpCommands"] == {
        "desk": f"{START} rdp {PLACE} --target-resource-id /fake/jump-desk --enable-mfa"
    }
    assert outputs["tunnelCommands"] == {
        "tools": f"{START} tunnel {PLACE} --target-resource-id /fake/jump-tools "
        "--resource-port 22 --port 50022",
        "desk": f"{START} tunnel {PLACE} --target-resource-id /fake/jump-desk "
        "--resource-port 3389 --port 53389",
    }


def test_commands_without_a_subscription(make: Callable[..., Any]) -> None:
    """Then the command line's own is meant."""
    outputs = make(bastion=NATIVE, subscription_id=None).outputs["jump"]
    assert outputs["sshCommands"]["tools"] == (
        f"{START} ssh --name jump-bastion --resource-group rg "
        "--target-resource-id /fake/jump-tools --auth-type AAD"
    )


@pytest.mark.parametrize("later", [False, True])
def test_commands_of_a_bastion_that_exists(
    make: Callable[..., Any], *, later: bool
) -> None:
    """They name it, its group and its subscription; plain, or known later."""
    outputs = make(
        existing_bastion_id=pulumi.Output.from_input(EXISTING) if later else EXISTING,
        bastion_subnet_id=None,
        bastion={"native_client": True},
    ).outputs["jump"]
    assert outputs["sshCommands"]["tools"] == (
        f"{START} ssh --name bas-hub --resource-group hub "
        f"--subscription {OTHER_SUBSCRIPTION} "
        "--target-resource-id /fake/jump-tools --auth-type AAD"
    )
    assert outputs["bastionName"] == "bas-hub"
    assert outputs["bastionId"] == EXISTING


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bastion": {"tier": "Standard"}},
        {"bastion": {"tier": "Premium", "session_recording": True}},
        {"existing_bastion_id": EXISTING, "bastion_subnet_id": None},
    ],
)
def test_no_commands_where_native_clients_are_closed(
    make: Callable[..., Any], changes: Mapping[str, Any]
) -> None:
    """What would be refused is not offered; the portal's pages are."""
    outputs = make(**changes).outputs["jump"]
    for kind in ("sshCommands", "rdpCommands", "tunnelCommands"):
        assert outputs.get(kind, {}) == {}
    assert set(outputs["portalAddresses"]) == {"tools", "desk"}


@pytest.mark.parametrize(
    ("cloud", "location", "host"),
    [
        ("public", "westeurope", "portal.azure.com"),
        ("us_government", "usgovvirginia", "portal.azure.us"),
        ("china", "chinanorth3", "portal.azure.cn"),
    ],
)
def test_portal_pages(
    make: Callable[..., Any], cloud: str, location: str, host: str
) -> None:
    """The page of a machine in its own cloud's portal."""
    outputs = make(cloud=cloud, location=location).outputs["jump"]
    assert outputs["portalAddresses"] == {
        "tools": f"https://{host}/#@/resource/fake/jump-tools/bastionHost",
        "desk": f"https://{host}/#@/resource/fake/jump-desk/bastionHost",
    }


words = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1)


@given(words, words)
def test_commands_pass_names_on_as_they_are(group: str, machine: str) -> None:
    """Whatever a group is called, parentheses included, a shell reads it as one word
    and as it was."""
    place = BastionAddress(name="b", resource_group_name=group, subscription_id=None)
    for text in (
        ssh_command(place, machine),
        rdp_command(place, machine),
        tunnel_command(place, machine, "linux"),
    ):
        read = shlex.split(text)
        assert read[read.index("--resource-group") + 1] == group
        assert read[read.index("--target-resource-id") + 1] == machine


ON_REQUEST = {"just_in_time": {}, "bastion_subnet_prefix": "10.20.1.0/26"}


def on_request(port: int, hours: int) -> dict[str, Any]:
    """A port that opens to Bastion's subnet."""
    return {
        "number": port,
        "protocol": "TCP",
        "allowedSourceAddressPrefix": "10.20.1.0/26",
        "maxRequestAccessDuration": f"PT{hours}H",
    }


@pytest.mark.parametrize(("spec", "hours"), [({}, 3), ({"maximum_hours": 24}, 24)])
def test_just_in_time(make: Callable[..., Any], spec: Any, hours: int) -> None:
    """One policy for all machines, each with its own port, to Bastion's subnet only,
    once everything is installed."""
    made = make(**{**ON_REQUEST, "just_in_time": spec})
    assert made.inputs("jump-jit") == {
        "jitNetworkAccessPolicyName": "jump-jit",
        "resourceGroupName": "rg",
        "ascLocation": "westeurope",
        "kind": "Basic",
        "virtualMachines": [
            {"id": "/fake/jump-desk", "ports": [on_request(3389, hours)]},
            {"id": "/fake/jump-tools", "ports": [on_request(22, hours)]},
        ],
    }
    on_machines = {
        name
        for name, item in made.resources.items()
        if item.type.endswith((":VirtualMachine", ":VirtualMachineExtension"))
    }
    assert on_machines <= made.waits_for("jump-jit")


@given(st.integers(-5, 60))
def test_hours(hours: int) -> None:
    """A port is open for an hour to a day
    (https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-usage)."""
    assert (just_in_time_findings(hours, path="hours") == []) is (1 <= hours <= 24)


def test_locks_come_last(make: Callable[..., Any]) -> None:
    """One lock on each machine, after all that is on it, so that a destroy takes the
    lock away first; it is never protected."""
    made = make(
        lock="CanNotDelete",
        people=PEOPLE,
        diagnostic_settings={"logs": {"log_analytics_workspace_id": LOGS}},
        **ON_REQUEST,
    )
    locks = made.of_type("ManagementLockByScope")
    assert {name: item.inputs["scope"] for name, item in locks.items()} == {
        "jump-tools-lock": "/fake/jump-tools",
        "jump-desk-lock": "/fake/jump-desk",
    }
    for name, item in locks.items():
        assert item.inputs["level"] == "CanNotDelete"
        on_machines = {
            other
            for other, it in made.resources.items()
            if other not in locks
            and (
                it.type.startswith("azure-native:compute:")
                or "authorization" in it.type
                or "security" in it.type
            )
        }
        assert on_machines <= made.waits_for(name)


def test_diagnostics(make: Callable[..., Any]) -> None:
    """Bastion tells who connects, and its address and the interfaces how much passes;
    what exists already is its owner's to observe."""
    settings = {"logs": {"log_analytics_workspace_id": LOGS}}
    made = make(diagnostic_settings=settings)
    found = {
        item.inputs["resourceUri"]: "logs" in item.inputs
        for item in made.of_type("DiagnosticSetting").values()
    }
    assert found == {
        "/fake/jump-bastion": True,
        "/fake/jump-bastion-pip": True,
        "/fake/jump-tools-nic": False,
        "/fake/jump-desk-nic": False,
    }
    joined = make(
        diagnostic_settings=settings,
        existing_bastion_id=EXISTING,
        bastion_subnet_id=None,
    )
    assert {
        item.inputs["resourceUri"]
        for item in joined.of_type("DiagnosticSetting").values()
    } == {"/fake/jump-tools-nic", "/fake/jump-desk-nic"}


LINUX = {"tools": {"operating_system": "linux"}}


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"resource_group_name": None}, "resource_group_name: is required and not set"),
        ({"location": None}, "location: is required and not set"),
        ({"people": {}, "subscription_id": "x"}, "subscription_id: 'x' is not a"),
        (
            {"people": PEOPLE, "subscription_id": None},
            "subscription_id: is required and not set: the roles of people are named",
        ),
        (
            {"people": {"user_group_ids": ["us"]}},
            "people.user_group_ids[0]: 'us' is not an object id",
        ),
        (
            {"people": {"user_group_ids": [USERS, USERS]}},
            f"people.user_group_ids[1]: '{USERS}' is user_group_ids[0] already",
        ),
        (
            {
                "people": {
                    "user_group_ids": [ADMINISTRATORS.upper()],
                    "administrator_group_ids": [ADMINISTRATORS],
                }
            },
            f"people.user_group_ids[0]: '{ADMINISTRATORS}' is in "
            "administrator_group_ids too, whose groups can do all that users can; "
            "leave it out of one of the two",
        ),
        ({"people": {"owners": []}}, "people.owners: is not a known input"),
        (
            {
                "just_in_time": {"maximum_hours": 25},
                "bastion_subnet_prefix": "10.0.0.0/26",
            },
            "just_in_time.maximum_hours: 25 is not allowed; use 1 to 24 hours (",
        ),
        (
            {"just_in_time": {}},
            "bastion_subnet_prefix: is required with just_in_time and not set: ports "
            "are opened to that range",
        ),
        (
            {**ON_REQUEST, "machines": None, "ssh_public_key": None},
            "just_in_time: is for machines, and there are none; leave it out",
        ),
        (
            {
                "just_in_time": {},
                "bastion": {"tier": "Developer"},
                "network_id": NETWORK,
                "bastion_subnet_id": None,
            },
            "just_in_time: opens ports to the subnet of Bastion, and tier Developer "
            "has none; leave it out, or use another tier (",
        ),
        (
            {"lock": "CanNotDelete", "machines": None, "ssh_public_key": None},
            "lock: is on the machines, and there are none; leave it out",
        ),
        (
            {
                "lock": "ReadOnly",
                "machines": {
                    "tools": {
                        "operating_system": "linux",
                        "shutdown": {"time": "19:00"},
                    }
                },
            },
            "lock: 'ReadOnly' cannot be used with machines.tools.shutdown: such a lock "
            "lets no machine be started or stopped; use 'CanNotDelete' (",
        ),
        ({"lock": "Readonly"}, "lock: 'Readonly' is not allowed; did you mean"),
        ({"tags": {"a?b": "c"}}, "tags.a?b: has ? in its name"),
        ({"bastions": {}}, "bastions: is not a known input; did you mean 'bastion'?"),
        (
            {"diagnostic_settings": {"logs": {}}},
            "diagnostic_settings.logs: names no destination",
        ),
    ],
)
def test_refusals(two_machines: Callable[..., Any], changes: Any, wanted: str) -> None:
    """Every fault is told at its path, with what to change."""
    args = two_machines(**{"machines": LINUX, **changes})
    found = [str(finding) for finding in JumpBoxBastion.check(args, "jump")]
    assert [line for line in found if line.startswith(wanted)]


def test_a_lock_that_lets_nothing_change_is_told(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are the limits of just-in-time, and open monitoring, each once."""
    told: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lambda text, _: told.append(text))
    monitoring = {"log_analytics_workspace_id": LOGS}
    make(lock="ReadOnly", monitoring=monitoring, **ON_REQUEST)
    assert [text.partition(":")[0] for text in told] == [
        "monitoring.private_link_scope_id",
        "just_in_time",
        "lock",
    ]
    assert "Defender for Servers, plan 2" in told[1]


def test_everything_wrong_is_told_at_once(two_machines: Callable[..., Any]) -> None:
    """All parts are read before anything is refused, and no fault is told twice."""
    args = two_machines(
        machines=LINUX,
        location="nowhere at all",
        bastion={"tier": "Basic", "native_client": True},
        people={"user_group_ids": ["us"]},
        just_in_time={"maximum_hours": 0},
        lock="None",
    )
    found = [finding.path for finding in JumpBoxBastion.check(args, "jump")]
    assert {
        "bastion.native_client",
        "people.user_group_ids[0]",
        "just_in_time.maximum_hours",
        "bastion_subnet_prefix",
        "lock",
    } <= set(found)
    assert len(found) == len(set(found))


def test_check_makes_nothing_and_passes_what_is_right(
    record: Any, two_machines: Callable[..., Any]
) -> None:
    """For programs that tell the faults of several components together."""
    args = two_machines(machines=LINUX)
    assert JumpBoxBastion.check(args) == ()
    assert JumpBoxBastion.check(args, "jump") == ()
    assert record(lambda: JumpBoxBastion.check(args)).resources == {}


def test_a_name_that_makes_no_azure_name(jump_box_args: Callable[..., Any]) -> None:
    """Names begin with the component's, which is refused where they would be wrong."""
    (finding,) = JumpBoxBastion.check(jump_box_args(), "j" * 70)
    assert finding.path == "name"
    assert "shorten it by 2" in finding.message


def test_what_others_need_of_the_machines(make: Callable[..., Any]) -> None:
    """Addresses, ids and the group that rules can name, by the machine's name."""
    tools = {"operating_system": "linux", "private_address": "10.20.2.10"}
    made = make(machines={"tools": tools})
    outputs = made.outputs["jump"]
    assert outputs["privateAddresses"] == {"tools": "10.20.2.10"}
    assert outputs["machineIds"] == {"tools": "/fake/jump-tools"}
    assert outputs["interfaceIds"] == {"tools": "/fake/jump-tools-nic"}
    (group,) = made.of_type("ApplicationSecurityGroup")
    assert outputs["applicationSecurityGroupId"] == f"/fake/{group}"
    theirs = f"{GROUP}/Microsoft.Network/applicationSecurityGroups/admins"
    joined = make(application_security_group_ids=[theirs])
    assert "applicationSecurityGroupId" not in joined.outputs["jump"]
    assert joined.of_type("ApplicationSecurityGroup") == {}


def test_bastion_alone(record: Any, jump_box_args: Callable[..., Any]) -> None:
    """Without machines nothing is made but Bastion and its address, and every output
    is there."""
    made = record(lambda: JumpBoxBastion("jump", jump_box_args()))
    assert set(made.resources) == {"jump", "jump-bastion", "jump-bastion-pip"}
    assert made.outputs["jump"]["bastionId"] == "/fake/jump-bastion"
    assert made.outputs["jump"].get("machineIds", {}) == {}


def test_all_is_known_at_a_first_preview(make: Callable[..., Any]) -> None:
    """Names and what exists depend on plain inputs only; ids and addresses come."""
    now = make(people=PEOPLE, bastion=NATIVE)
    first = make(people=PEOPLE, bastion=NATIVE, first_preview=True)
    assert set(now.resources) == set(first.resources)
    assert first.outputs["jump"]["machineNames"] == {
        "tools": "jump-tools",
        "desk": "jump-desk",
    }
    assert first.outputs["jump"]["bastionName"] == "jump-bastion"


def test_what_follows_an_empty_component_still_waits(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """C101: a component without children in between loses nothing, since the subnet
    comes by its id."""

    def program(*, with_link: bool) -> None:
        subnet = pulumi.CustomResource("test:index:Subnet", "subnet", {})
        links = (
            [
                pulumi.ComponentResource(
                    "test:index:Empty",
                    "empty",
                    opts=pulumi.ResourceOptions(depends_on=[subnet]),
                )
            ]
            if with_link
            else []
        )
        JumpBoxBastion(
            "jump",
            jump_box_args(
                bastion_subnet_id=subnet.id.apply(
                    lambda _: f"{NETWORK}/subnets/AzureBastionSubnet"
                )
            ),
            pulumi.ResourceOptions(depends_on=links),
        )

    for with_link in (False, True):
        made = record(lambda linked=with_link: program(with_link=linked))
        assert "subnet" in made.waits_for("jump-bastion")


def camel(key: str) -> str:
    """An input's name as other languages write it."""
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)


def on_the_wire(value: Any) -> Any:
    """Inputs as the host hands them over: camel case, and every number a float."""
    if isinstance(value, dict):
        return {camel(key): on_the_wire(item) for key, item in value.items()}
    if isinstance(value, list):
        return [on_the_wire(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def construct(inputs: dict[str, Any]) -> None:
    """Build the component as the plugin does."""
    provider = ComponentProvider(COMPONENTS, NAME, version=VERSION)
    provider.construct("jump", "azureml-network:index:JumpBoxBastion", inputs)


def test_it_is_the_same_from_everywhere(
    record: Any, two_machines: Callable[..., Any]
) -> None:
    """C99: camel case and floats through the host give the same resources, inputs and
    outputs as a Python program."""
    args = two_machines(
        machines=LINUX,
        bastion={"tier": "Standard", "scale_units": 3, "native_client": True},
        people=PEOPLE,
        just_in_time={"maximum_hours": 2},
        bastion_subnet_prefix="10.20.1.0/26",
        lock="CanNotDelete",
        tags={"team": "vision"},
    )
    here = record(lambda: JumpBoxBastion("jump", args))
    there = record(lambda: construct(on_the_wire(args)))
    assert {name: item.inputs for name, item in here.resources.items()} == {
        name: item.inputs for name, item in there.resources.items()
    }
    assert here.outputs == there.outputs


def test_errors_pass_the_host(record: Any, jump_box_args: Callable[..., Any]) -> None:
    """A wrong input from another language gets the same one-line message."""
    inputs = on_the_wire(jump_box_args(bastion={"tier": "Basic", "scale_units": 5}))
    with pytest.raises(Exception, match="bastion.scale_units: 5 cannot be chosen in"):
        record(lambda: construct(inputs))


def test_every_output_is_registered(make: Callable[..., Any]) -> None:
    """What is annotated is what other languages get."""
    made = make(bastion={"tier": "Premium", "session_recording": True}, people=PEOPLE)
    wanted = {camel(key) for key in JumpBoxBastion.__annotations__}
    closed = {"sshCommands", "rdpCommands", "tunnelCommands"}
    assert wanted - closed <= set(made.outputs["jump"])
    assert set(made.outputs["jump"]) <= wanted


PAGE = (Path(__file__).parents[2] / "docs" / "jump-box-and-bastion.md").read_text(
    encoding="utf-8"
)


def test_the_page_lists_what_tiers_have() -> None:
    """Its table is the rulebook's."""
    for option in OPTIONS.values():
        cells = ["yes" if tier in option.tiers else "no" for tier in TIERS]
        assert f"| `{option.key}` | {' | '.join(cells)} | " in PAGE


def test_the_page_lists_roles() -> None:
    """Every role of people with its reason, and no other."""
    places = {
        "machine": "each machine",
        "interface": "each interface",
        "bastion": "Bastion",
        "network": "the network, with `network_id`",
    }
    users = grants_of(Holder.JUMP_BOX_USERS)
    administrators = grants_of(Holder.JUMP_BOX_ADMINISTRATORS)
    section = PAGE.partition("## Who may connect\n")[2].partition("\n## ")[0]
    listed = [line for line in section.splitlines() if line.startswith("| ")][1:]
    for line, user, administrator in zip(listed, users, administrators, strict=True):
        start = f"| {places[user.scope]} | {user.role} | {administrator.role} | "
        assert line.startswith(start)
        if user.reason == administrator.reason:
            assert line == f"{start}{user.reason} |"


def test_the_page_lists_outputs() -> None:
    """No output is missing from its table."""
    for key in JumpBoxBastion.__annotations__:
        assert f"`{key}`" in PAGE
