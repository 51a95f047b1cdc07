"""Outputs, secrets and coroutines in every position of the components' inputs."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from typing import Any, NotRequired, get_args, get_origin, is_typeddict

import pulumi
import pytest

from azureml_network import (
    JumpBoxBastion,
    PrivateWorkspace,
    PublishedService,
    SecureVnet,
    ServiceConsumer,
)
from azureml_network._jump_box_bastion.arguments import JumpBoxBastionArgs
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._published_service.arguments import (
    PublishedServiceArgs,
    ServiceConsumerArgs,
)
from azureml_network._secure_vnet.arguments import SecureVnetArgs

Position = tuple[str | int, ...]
"""Keys and indices that lead to a value, outermost first."""

UGLY = ("Output object", "Calling __str__", "coroutine object")
LATER = "is known only after deployment, or secret; it decides what is made"


def positions(kind: Any, start: Position = ()) -> Iterator[Position]:
    """Every position below an annotated type: objects, maps, lists and their items."""
    if start:
        yield start
    origin = get_origin(kind)
    if origin is NotRequired:
        kind, origin = get_args(kind)[0], get_origin(get_args(kind)[0])
    if is_typeddict(kind):
        for key, hint in kind.__annotations__.items():
            yield from positions(hint, (*start, key))
    elif origin is Mapping:
        yield from positions(get_args(kind)[1], (*start, "a"))
    elif origin is Sequence:
        yield from positions(get_args(kind)[0], (*start, 0))


def planted(args: Any, position: Position, value: object) -> Any:
    """``args`` with ``value`` at a position; containers on the way are made."""
    key, *rest = position
    if isinstance(key, int):
        return [planted({}, tuple(rest), value) if rest else value]
    held = args.get(key) if isinstance(args, dict) else None
    inner = planted(held or {}, tuple(rest), value) if rest else value
    return {**args, key: inner}


async def _later() -> str:
    return "later"


def kinds_of_later_values() -> Iterator[tuple[object, Coroutine[Any, Any, str] | None]]:
    """Each kind, and the coroutine to close after use."""
    yield pulumi.Output.from_input("later"), None
    yield pulumi.Output.secret("later"), None
    coroutine = _later()
    yield coroutine, coroutine


def check_every_kind(
    check: Callable[[Any], Any], args: dict[str, Any], position: Position
) -> list[str]:
    """Check inputs with each kind of value; returns all findings."""
    found: list[str] = []
    for value, coroutine in kinds_of_later_values():
        try:
            found += map(str, check(planted(args, position, value)))
        finally:
            if coroutine is not None:
                coroutine.close()
    return found


def shown(position: Position) -> str:
    """A position as a test's name."""
    return ".".join(map(str, position))


@pytest.mark.parametrize("position", list(positions(SecureVnetArgs)), ids=shown)
def test_a_value_known_later_anywhere_in_a_network(
    network_args: Callable[..., Any], position: Position
) -> None:
    """It gives a plan, or findings that can be read; never a traceback."""
    found = check_every_kind(
        lambda args: SecureVnet.check("net", args), network_args(), position
    )
    assert [line for line in found if any(ugly in line for ugly in UGLY)] == []


@pytest.mark.parametrize("position", list(positions(PrivateWorkspaceArgs)), ids=shown)
def test_a_value_known_later_anywhere_in_a_workspace(
    workspace_args: Callable[..., Any], position: Position
) -> None:
    """As in a network."""
    found = check_every_kind(
        lambda args: PrivateWorkspace.check("ml", args), workspace_args(), position
    )
    assert [line for line in found if any(ugly in line for ugly in UGLY)] == []


@pytest.mark.parametrize("position", list(positions(JumpBoxBastionArgs)), ids=shown)
def test_a_value_known_later_anywhere_in_jump_boxes(
    jump_box_args: Callable[..., Any], position: Position
) -> None:
    """As in a network."""
    found = check_every_kind(
        lambda args: JumpBoxBastion.check("jump", args), jump_box_args(), position
    )
    assert [line for line in found if any(ugly in line for ugly in UGLY)] == []


@pytest.mark.parametrize("position", list(positions(PublishedServiceArgs)), ids=shown)
def test_a_value_known_later_anywhere_in_a_service(position: Position) -> None:
    """As in a network."""
    found = check_every_kind(
        lambda args: PublishedService.check("svc", args), {}, position
    )
    assert [line for line in found if any(ugly in line for ugly in UGLY)] == []


@pytest.mark.parametrize("position", list(positions(ServiceConsumerArgs)), ids=shown)
def test_a_value_known_later_anywhere_in_a_consumer(position: Position) -> None:
    """As in a network."""
    found = check_every_kind(
        lambda args: ServiceConsumer.check("claims", args), {}, position
    )
    assert [line for line in found if any(ugly in line for ugly in UGLY)] == []


IDS = [
    (
        lambda args: PrivateWorkspace.check("ml", args),
        ("endpoint_application_security_group_ids",),
    ),
    (
        lambda args: PrivateWorkspace.check("ml", args),
        ("service_endpoint_subnet_ids",),
    ),
    (
        lambda args: JumpBoxBastion.check("jump", args),
        ("application_security_group_ids",),
    ),
    (
        lambda args: JumpBoxBastion.check("jump", args),
        ("machines", "a", "backend_pool_ids"),
    ),
    (
        lambda args: PublishedService.check("svc", args),
        (
            *("backend_pools", "a", "interfaces", "a"),
            "application_security_group_ids",
        ),
    ),
]


@pytest.mark.parametrize("item", [7, None, {}, [], b"x", "x"], ids=repr)
@pytest.mark.parametrize(
    ("check", "position"), IDS, ids=[shown(case[1]) for case in IDS]
)
def test_what_is_no_id_in_a_list_of_ids(
    check: Callable[[Any], Any], position: Position, item: object
) -> None:
    """It is refused with its own path; an id that is known later is none of these."""
    path = f"{shown(position)}[0]: "
    found = list(map(str, check(planted({}, position, [item]))))
    later = list(
        map(str, check(planted({}, position, [pulumi.Output.from_input("x")])))
    )
    assert any(line.startswith(path) for line in found)
    assert not any(line.startswith(path) for line in later)


def test_the_positions_are_all_positions() -> None:
    """Objects in maps and items of lists are among them."""
    found = set(positions(SecureVnetArgs))
    assert {
        ("address_space", 0),
        ("subnets", "a", "service_endpoints", 0),
        ("firewall", "allowed_hosts", "a", "ports", 0),
        ("private_dns", "linked_network_ids", "a"),
    } <= found
    assert len(found) > 100


@pytest.mark.parametrize(
    ("position", "path"),
    [
        (("address_space", 0), "address_space[0]"),
        (("private_endpoint_groups", 0), "private_endpoint_groups[0]"),
        (("dns_servers", 0), "dns_servers[0]"),
        (("subnets", "a"), "subnets.a"),
        (
            ("subnets", "training", "service_endpoints", 0),
            "subnets.training.service_endpoints[0]",
        ),
        (("rules", "a", "ports", 0), "rules.a.ports[0]"),
    ],
)
def test_the_item_that_must_be_plain_is_named(
    network_args: Callable[..., Any], position: Position, path: str
) -> None:
    """Of a list or a map, with what to give."""
    found = check_every_kind(
        lambda args: SecureVnet.check("net", args), network_args(), position
    )

    assert sum(line.startswith(f"{path}: {LATER}") for line in found) == 3


@pytest.mark.parametrize("key", ["subnets", "tags", "rules"])
def test_names_must_be_plain(network_args: Callable[..., Any], key: str) -> None:
    """A name in a map that is known later is refused, and never written out."""
    args = network_args(**{key: {pulumi.Output.from_input("a"): {}}})
    found = list(map(str, SecureVnet.check("net", args)))
    assert any(line.startswith(f"{key}: has a name that is known") for line in found)
    assert not any(ugly in line for line in found for ugly in UGLY)


def test_an_input_whose_name_is_no_text(network_args: Callable[..., Any]) -> None:
    """It is no known input."""
    args = {**network_args(), 7: "x", pulumi.Output.from_input("a"): "y"}
    found = list(map(str, SecureVnet.check("net", args)))
    assert any(line.startswith("7: is not a known input") for line in found)
    assert not any(ugly in line for line in found for ugly in UGLY)
