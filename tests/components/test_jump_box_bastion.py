"""Jump boxes behind Bastion as one component: what is made, watched over, refused and
given back; from Python and through the plugin host."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

from azureml_network import JumpBoxBastion, JumpBoxBastionArgs
from azureml_network._plugin import COMPONENTS, NAME
from azureml_network._version import VERSION
from azureml_rulebook.bastion import OPTIONS, TIERS
from azureml_rulebook.roles import Holder, grants_of

GROUP = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg/providers"
)
NETWORK = f"{GROUP}/Microsoft.Network/virtualNetworks/net"
EXISTING = f"{GROUP}/Microsoft.Network/bastionHosts/team"
LOGS = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log"
USERS = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ADMINISTRATORS = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
PEOPLE = {
    "user_group_ids": [USERS],
    "administrator_group_ids": [ADMINISTRATORS],
}
NATIVE = {"tier": "Standard", "native_client": True}
ON_REQUEST = {"just_in_time": {}, "bastion_subnet_prefix": "10.20.1.0/26"}


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
    make_jump_boxes: Callable[..., Any], changes: Mapping[str, Any]
) -> None:
    """Only Bastion has one: no property of a machine or an interface speaks of one."""
    made = make_jump_boxes(**changes)
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


def test_locks_come_last(make_jump_boxes: Callable[..., Any]) -> None:
    """One lock on each machine, after all that is on it, so that a destroy takes the
    lock away first; it is never protected."""
    made = make_jump_boxes(
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


def test_diagnostics(make_jump_boxes: Callable[..., Any]) -> None:
    """Bastion tells who connects, and its address and the interfaces how much passes;
    what exists already is its owner's to observe."""
    settings = {"logs": {"log_analytics_workspace_id": LOGS}}
    made = make_jump_boxes(diagnostic_settings=settings)
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
    joined = make_jump_boxes(
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
def test_refusals(
    two_machine_args: Callable[..., Any], changes: Any, wanted: str
) -> None:
    """Every fault is told at its path, with what to change."""
    args = two_machine_args(**{"machines": LINUX, **changes})
    found = [str(finding) for finding in JumpBoxBastion.check("jump", args)]
    assert [line for line in found if line.startswith(wanted)]


def test_a_lock_that_lets_nothing_change_is_told(
    make_jump_boxes: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So are the limits of just-in-time, and open monitoring, each once."""
    told: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lambda text, _: told.append(text))
    monitoring = {"log_analytics_workspace_id": LOGS}
    make_jump_boxes(lock="ReadOnly", monitoring=monitoring, **ON_REQUEST)
    assert [text.partition(":")[0] for text in told] == [
        "monitoring.private_link_scope_id",
        "just_in_time",
        "lock",
    ]
    assert "Defender for Servers, plan 2" in told[1]


def test_everything_wrong_is_told_at_once(two_machine_args: Callable[..., Any]) -> None:
    """All parts are read before anything is refused, and no fault is told twice."""
    args = two_machine_args(
        machines=LINUX,
        location="nowhere at all",
        bastion={"tier": "Basic", "native_client": True},
        people={"user_group_ids": ["us"]},
        just_in_time={"maximum_hours": 0},
        lock="None",
    )
    found = [finding.path for finding in JumpBoxBastion.check("jump", args)]
    assert {
        "bastion.native_client",
        "people.user_group_ids[0]",
        "just_in_time.maximum_hours",
        "bastion_subnet_prefix",
        "lock",
    } <= set(found)
    assert len(found) == len(set(found))


def test_check_makes_nothing_and_passes_what_is_right(
    record: Any, two_machine_args: Callable[..., Any]
) -> None:
    """For programs that tell the faults of several components together."""
    args = two_machine_args(machines=LINUX)
    assert JumpBoxBastion.check("jump", args) == ()
    assert record(lambda: JumpBoxBastion.check("jump", args)).resources == {}


def test_a_name_that_makes_no_azure_name(jump_box_args: Callable[..., Any]) -> None:
    """Names begin with the component's, which is refused where they would be wrong."""
    (finding,) = JumpBoxBastion.check("j" * 70, jump_box_args())
    assert finding.path == "name"
    assert "shorten it by 2" in finding.message


def test_what_others_need_of_the_machines(make_jump_boxes: Callable[..., Any]) -> None:
    """Addresses, ids and the group that rules can name, by the machine's name."""
    tools = {"operating_system": "linux", "private_address": "10.20.2.10"}
    made = make_jump_boxes(machines={"tools": tools})
    outputs = made.outputs["jump"]
    assert outputs["privateAddresses"] == {"tools": "10.20.2.10"}
    assert outputs["machineIds"] == {"tools": "/fake/jump-tools"}
    assert outputs["interfaceIds"] == {"tools": "/fake/jump-tools-nic"}
    (group,) = made.of_type("ApplicationSecurityGroup")
    assert outputs["applicationSecurityGroupId"] == f"/fake/{group}"
    theirs = f"{GROUP}/Microsoft.Network/applicationSecurityGroups/admins"
    joined = make_jump_boxes(application_security_group_ids=[theirs])
    assert "applicationSecurityGroupId" not in joined.outputs["jump"]
    assert joined.of_type("ApplicationSecurityGroup") == {}


def test_bastion_alone(record: Any, jump_box_args: Callable[..., Any]) -> None:
    """Without machines nothing is made but Bastion and its address, and every output
    is there."""
    made = record(lambda: JumpBoxBastion("jump", jump_box_args()))
    assert set(made.resources) == {"jump", "jump-bastion", "jump-bastion-pip"}
    assert made.outputs["jump"]["bastionId"] == "/fake/jump-bastion"
    assert made.outputs["jump"].get("machineIds", {}) == {}


def test_all_is_known_at_a_first_preview(make_jump_boxes: Callable[..., Any]) -> None:
    """Names and what exists depend on plain inputs only; ids and addresses come."""
    now = make_jump_boxes(people=PEOPLE, bastion=NATIVE)
    first = make_jump_boxes(people=PEOPLE, bastion=NATIVE, first_preview=True)
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
    record: Any, two_machine_args: Callable[..., Any]
) -> None:
    """C99: camel case and floats through the host give the same resources, inputs and
    outputs as a Python program."""
    args = two_machine_args(
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


def test_every_output_is_registered(make_jump_boxes: Callable[..., Any]) -> None:
    """What is annotated is what other languages get."""
    recordings = {
        "storage_account_name": "strecordings1",
        "endpoints_subnet_id": f"{NETWORK}/subnets/endpoints",
    }
    recorded = {"session_recording": True, "recordings": recordings}
    made = make_jump_boxes(bastion={"tier": "Premium", **recorded}, people=PEOPLE)
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


def test_the_page_lists_inputs_and_outputs() -> None:
    """None is missing from its tables."""
    for key in (*JumpBoxBastionArgs.__annotations__, *JumpBoxBastion.__annotations__):
        assert f"`{key}`" in PAGE
