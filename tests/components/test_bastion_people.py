"""The people who come to jump boxes: their roles, their commands and pages, and ports
that open on request; each exactly."""

import shlex
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.bastion_commands import (
    BastionAddress,
    rdp_command,
    ssh_command,
    tunnel_command,
)
from azureml_rulebook.just_in_time import just_in_time_findings

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
OTHER_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
NETWORK = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network"
    "/virtualNetworks/net"
)
EXISTING = (
    f"/subscriptions/{OTHER_SUBSCRIPTION}/resourceGroups/hub/providers"
    "/Microsoft.Network/bastionHosts/bas-hub"
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


def test_roles(make_jump_boxes: Callable[..., Any]) -> None:
    """Each group has exactly what its people need, each once and nowhere wider."""
    made = make_jump_boxes(people=PEOPLE)
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
    make_jump_boxes: Callable[..., Any],
) -> None:
    """With the network's id everybody reads the network; a Bastion that exists in
    another subscription is read by that subscription's role."""
    made = make_jump_boxes(
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


def names_of(make_jump_boxes: Callable[..., Any], **changes: Any) -> list[str]:
    """The Azure names of all role assignments, sorted."""
    made = make_jump_boxes(people=PEOPLE, **changes)
    return sorted(
        item.inputs["roleAssignmentName"]
        for item in made.of_type("RoleAssignment").values()
    )


def test_names_of_roles_are_this_deployments(
    make_jump_boxes: Callable[..., Any],
) -> None:
    """The same in every preview, and others in another group or subscription, where
    Azure would take the same name for the same assignment; however ids are written and
    whenever they are known."""
    own = names_of(make_jump_boxes)
    assert own == names_of(make_jump_boxes, first_preview=True)
    assert own == names_of(
        make_jump_boxes,
        bastion_subnet_id=pulumi.Output.from_input(
            f"{NETWORK}/subnets/AzureBastionSubnet"
        ),
        resource_group_name=pulumi.Output.from_input("RG"),
    )
    elsewhere = names_of(make_jump_boxes, subscription_id=OTHER_SUBSCRIPTION)
    assert not set(own) & set(elsewhere)


def test_groups_known_later(make_jump_boxes: Callable[..., Any]) -> None:
    """A group's id may be an output; it is called by its place then, and named in
    Azure as if it were known."""
    later = make_jump_boxes(
        people={"user_group_ids": [pulumi.Output.from_input(USERS.upper())]}
    ).of_type("RoleAssignment")
    plain = make_jump_boxes(people={"user_group_ids": [USERS]}).of_type(
        "RoleAssignment"
    )
    assert "jump-jump-box-users-0-bastion-reader" in later
    assert {item.inputs["roleAssignmentName"] for item in later.values()} == {
        item.inputs["roleAssignmentName"] for item in plain.values()
    }


NATIVE = {"tier": "Standard", "native_client": True}
START = "az network bastion"
PLACE = f"--name jump-bastion --resource-group rg --subscription {SUBSCRIPTION}"


def test_commands(make_jump_boxes: Callable[..., Any]) -> None:
    """Exactly what people type: by the kind of machine, signed in with Entra ID."""
    outputs = make_jump_boxes(bastion=NATIVE).outputs["jump"]
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


def test_commands_without_a_subscription(make_jump_boxes: Callable[..., Any]) -> None:
    """Then the command line's own is meant."""
    outputs = make_jump_boxes(bastion=NATIVE, subscription_id=None).outputs["jump"]
    assert outputs["sshCommands"]["tools"] == (
        f"{START} ssh --name jump-bastion --resource-group rg "
        "--target-resource-id /fake/jump-tools --auth-type AAD"
    )


@pytest.mark.parametrize("later", [False, True])
def test_commands_of_a_bastion_that_exists(
    make_jump_boxes: Callable[..., Any], *, later: bool
) -> None:
    """They name it, its group and its subscription; plain, or known later."""
    outputs = make_jump_boxes(
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
    make_jump_boxes: Callable[..., Any], changes: Mapping[str, Any]
) -> None:
    """What would be refused is not offered; the portal's pages are."""
    outputs = make_jump_boxes(**changes).outputs["jump"]
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
    make_jump_boxes: Callable[..., Any], cloud: str, location: str, host: str
) -> None:
    """The page of a machine in its own cloud's portal."""
    outputs = make_jump_boxes(cloud=cloud, location=location).outputs["jump"]
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
def test_just_in_time(
    make_jump_boxes: Callable[..., Any], spec: Any, hours: int
) -> None:
    """One policy for all machines, each with its own port, to Bastion's subnet only,
    once everything is installed."""
    made = make_jump_boxes(**{**ON_REQUEST, "just_in_time": spec})
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
