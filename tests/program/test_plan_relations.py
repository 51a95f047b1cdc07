"""Relations of each environment's plan: they hold, and fail when one thing is missing.

The plans come from the real engine, once for all tests. Each mutation takes one thing
away as if the program had never made it, or flips one switch; no mutation may survive.
"""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml
from plan_relations import relation_findings
from planned_stack import UNKNOWN
from published_arm_types import names_not_published
from relation_facts import (
    COMPUTE,
    ENDPOINT,
    INSIGHTS,
    LOGS,
    ROLE_ASSIGNMENT,
    SCOPED,
    SWITCHES,
    WORKSPACE,
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
    Switch,
)

from review.arm_template import arm_template

pytestmark = pytest.mark.engine

Run = Callable[..., CompletedProcess[str]]
Plan = dict[str, Any]
Mutation = tuple[str, Plan]

STACKS = (
    "dev",
    "prod",
    "us-government",
    "china",
    "spoke",
    "managed-internet",
    "managed-approved",
    "brought-in",
    "customer-keys",
)
"""Their files stand beside Pulumi.yaml or in stacks/."""

OPENINGS: dict[str, tuple[tuple[str, str], ...]] = {
    "monitoring.publicAccess": tuple(
        (type_, f"publicNetworkAccessFor{use}")
        for type_ in (LOGS, INSIGHTS)
        for use in ("Ingestion", "Query")
    ),
    "publicAccess": ((WORKSPACE, "publicNetworkAccess"),),
    "workspace.publicAccess": ((WORKSPACE, "publicNetworkAccess"),),
}
"""Key of the configuration to the switches that it opens."""

REMOVED = (ENDPOINT, ZONE_GROUP, ZONE, ZONE_LINK, ROLE_ASSIGNMENT, SCOPED)
"""Types of which each single resource is taken away."""

EDGES: dict[str, tuple[str, ...]] = {
    ENDPOINT: ("privateLinkServiceConnections", "subnet"),
    ZONE_GROUP: ("privateDnsZoneConfigs",),
    ZONE_LINK: ("virtualNetwork",),
    ROLE_ASSIGNMENT: ("principalId", "scope"),
    SCOPED: ("linkedResourceId",),
    INSIGHTS: ("workspaceResourceId",),
    WORKSPACE: (
        "storageAccount",
        "keyVault",
        "containerRegistry",
        "applicationInsights",
        "identity",
        "primaryUserAssignedIdentity",
    ),
    COMPUTE: ("identity", "properties"),
}
"""Inputs that name other resources, by type."""


def stack_file(checkout: Path, stack: str) -> Path:
    """The configuration of a stack."""
    beside = checkout / f"Pulumi.{stack}.yaml"
    return beside if beside.exists() else checkout / "stacks" / beside.name


def openings(file: Path) -> set[tuple[str, str]]:
    """The switches that a stack's configuration opens on purpose."""
    found: set[tuple[str, str]] = set()
    for key, switches in OPENINGS.items():
        first, *rest = key.split(".")
        value = yaml.safe_load(file.read_text())["config"].get(
            f"private-azureml:{first}"
        )
        for part in rest:
            value = value.get(part) if isinstance(value, dict) else None
        if value:
            found |= set(switches)
    return found


_READ_BY_PEOPLE = ("flow-logs", "-offices-")
"""Parts of the names of endpoints and zone groups that no compute uses or waits for:
those that people read flow logs by, and those of a client network."""


@pytest.fixture(scope="session")
def plan_of(
    checkout: Path,
    copy_program: Callable[[Path], Path],
    offline: Run,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Plan]:
    """The plan of a stack's first preview, made once for all tests."""
    project = copy_program(tmp_path_factory.mktemp("relations") / "project")

    @cache
    def preview(stack: str) -> Plan:
        done = offline(
            project,
            *("python", "-m", "review", "preview", "--stack", stack, "--no-policies"),
            *("--config-file", str(stack_file(checkout, stack))),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads((project / "out" / stack / "plan.json").read_text())

    return preview


@pytest.mark.parametrize("stack", STACKS)
def test_every_relation_holds(
    stack: str, plan_of: Callable[[str], Plan], checkout: Path
) -> None:
    """Endpoints, groups, zones, links, switches, roles and order are complete."""
    opened = openings(stack_file(checkout, stack))
    assert relation_findings(plan_of(stack), opened) == []


@pytest.mark.parametrize("stack", STACKS)
def test_no_mutation_survives(
    stack: str, plan_of: Callable[[str], Plan], checkout: Path
) -> None:
    """Whatever single thing is taken away or flipped, something is said about it."""
    opened = openings(stack_file(checkout, stack))
    tried = list(mutations(plan_of(stack)))
    survivors = [name for name, plan in tried if not relation_findings(plan, opened)]
    assert survivors == []
    kinds = {name.partition(":")[0] for name, _ in tried}
    assert kinds == {
        "without",
        "without endpoint and group",
        "without zone config",
        "second connection",
        "other group id",
        "second group id",
        "switch",
        "edge",
        "order",
        "role elsewhere",
        "role twice",
        "principalType",
        "registration",
    }


@pytest.mark.parametrize("stack", STACKS)
def test_a_plan_is_exported_whole(stack: str, plan_of: Callable[[str], Plan]) -> None:
    """Outside judges see every resource, with the properties that Azure publishes."""
    template = arm_template(plan_of(stack))
    assert template.left_out == {}
    faults = {
        each["comments"]: found
        for each in template.content["resources"]
        if (found := names_not_published(each))
    }
    assert faults == {}


def mutations(plan: Plan) -> Iterator[Mutation]:
    """Every mutation of a plan, with its name."""
    yield from _removals(plan)
    yield from _endpoint_changes(plan)
    yield from _switches(plan)
    yield from _edges(plan)
    yield from _orders(plan)
    yield from _role_changes(plan)


def _removals(plan: Plan) -> Iterator[Mutation]:
    for resource in _of(plan, *REMOVED):
        if not _is_chosen(resource):
            yield f"without: {resource['name']}", _without(plan, resource)
    for endpoint in _of(plan, ENDPOINT):
        if _is_chosen(endpoint):
            continue
        name = endpoint["inputs"]["privateEndpointName"]
        group = [
            each
            for each in _of(plan, ZONE_GROUP)
            if each["inputs"]["privateEndpointName"] == name
        ]
        yield (
            f"without endpoint and group: {endpoint['name']}",
            _without(plan, endpoint, *group),
        )
    for group in _of(plan, ZONE_GROUP):
        for index, config in enumerate(group["inputs"]["privateDnsZoneConfigs"]):
            changed = copy.deepcopy(plan)
            del _same(changed, group)["inputs"]["privateDnsZoneConfigs"][index]
            yield f"without zone config: {group['name']} {config['name']}", changed


def _is_chosen(resource: dict[str, Any]) -> bool:
    """Whether only the configuration says that there is such a one: a role of people,
    or the endpoint to the workspace in a client network."""
    inputs = resource["inputs"]
    of_people = inputs.get("principalType", "ServicePrincipal") != "ServicePrincipal"
    return of_people or resource["name"].endswith("-offices-amlworkspace-endpoint")


def _endpoint_changes(plan: Plan) -> Iterator[Mutation]:
    key = "privateLinkServiceConnections"
    for endpoint in _of(plan, ENDPOINT):
        name = endpoint["name"]
        for kind, change in {
            "second connection": lambda found: found.append(copy.deepcopy(found[0])),
            "second group id": lambda found: found[0]["groupIds"].append("sites"),
            "other group id": lambda found: found[0].update(groupIds=["sites"]),
        }.items():
            changed = copy.deepcopy(plan)
            change(_same(changed, endpoint)["inputs"][key])
            yield f"{kind}: {name}", changed
    for link in _of(plan, ZONE_LINK):
        changed = copy.deepcopy(plan)
        _same(changed, link)["inputs"]["registrationEnabled"] = True
        yield f"registration: {link['name']}", changed


def _switches(plan: Plan) -> Iterator[Mutation]:
    for switch in SWITCHES:
        for resource in _of(plan, switch.type):
            found = _value(resource["inputs"], switch.path)
            if (
                switch.when
                and _value(resource["inputs"], switch.when[0]) != (switch.when[1])
            ):
                continue
            if found not in switch.closed:
                continue
            changed = copy.deepcopy(plan)
            if _flip(_same(changed, resource)["inputs"], switch):
                yield f"switch: {resource['name']} {switch.path}", changed


def _edges(plan: Plan) -> Iterator[Mutation]:
    for type_, inputs in EDGES.items():
        for resource in _of(plan, type_):
            for name in inputs:
                if not _has_unknown(resource["inputs"].get(name)):
                    continue
                changed = copy.deepcopy(plan)
                _same(changed, resource)["propertyDependencies"][name] = []
                yield f"edge: {resource['name']} {name}", changed


def _orders(plan: Plan) -> Iterator[Mutation]:
    """Nothing waits any longer for one endpoint, zone group, link or role."""
    on_itself = {
        each["urn"]
        for each in _of(plan, ROLE_ASSIGNMENT)
        if any(
            urn.split("::")[-2].endswith(WORKSPACE)
            for urn in each["propertyDependencies"]["scope"]
        )
    }
    for resource in _of(plan, ENDPOINT, ZONE_GROUP, ZONE_LINK, ROLE_ASSIGNMENT):
        waited = any(
            resource["urn"] in each["dependencies"] for each in plan["resources"]
        )
        if resource["urn"] in on_itself or not waited:
            continue
        is_role = resource["type"].endswith(ROLE_ASSIGNMENT)
        read_by_people = any(part in resource["name"] for part in _READ_BY_PEOPLE)
        if read_by_people and not is_role:
            continue
        changed = copy.deepcopy(plan)
        for each in changed["resources"]:
            each["dependencies"] = [
                urn for urn in each["dependencies"] if urn != resource["urn"]
            ]
        yield f"order: {resource['name']}", changed


def _role_changes(plan: Plan) -> Iterator[Mutation]:
    group = next(
        each
        for each in plan["resources"]
        if each["type"] == "azure-native:resources:ResourceGroup"
    )
    for assignment in _of(plan, ROLE_ASSIGNMENT):
        name = assignment["name"]
        changed = copy.deepcopy(plan)
        moved = _same(changed, assignment)
        moved["inputs"]["scope"] = UNKNOWN
        moved["propertyDependencies"]["scope"] = [group["urn"]]
        yield f"role elsewhere: {name}", changed
        changed = copy.deepcopy(plan)
        twin = copy.deepcopy(assignment)
        twin["urn"] += "-twin"
        changed["resources"].append(twin)
        yield f"role twice: {name}", changed
        changed = copy.deepcopy(plan)
        del _same(changed, assignment)["inputs"]["principalType"]
        yield f"principalType: {name}", changed


def _flip(inputs: dict[str, Any], switch: Switch) -> bool:
    """Open a switch; False where it stands in an object that is not there."""
    *above, last = switch.path.split(".")
    place = _value(inputs, ".".join(above)) if above else inputs
    if not isinstance(place, dict):
        return False
    value = next(each for each in switch.closed if each is not None)
    place[last] = _OPEN[str(value)]
    return True


_OPEN: dict[str, Any] = {
    "Disabled": "Enabled",
    "disabled": "enabled",
    "Deny": "Allow",
    "True": False,
    "False": True,
    "[]": [{"value": "198.51.100.7"}],
}
"""A closed value, as text, to what opens it."""


def _of(plan: Plan, *types: str) -> list[dict[str, Any]]:
    tokens = {f"azure-native:{each}" for each in types}
    return [each for each in plan["resources"] if each["type"] in tokens]


def _same(plan: Plan, resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource in another copy of the plan."""
    return next(each for each in plan["resources"] if each["urn"] == resource["urn"])


def _without(plan: Plan, *resources: dict[str, Any]) -> Plan:
    """The plan as if the program had never made these."""
    gone = {each["urn"] for each in resources}
    changed = copy.deepcopy(plan)
    changed["resources"] = [
        each for each in changed["resources"] if each["urn"] not in gone
    ]
    for each in changed["resources"]:
        each["dependencies"] = [urn for urn in each["dependencies"] if urn not in gone]
        each["propertyDependencies"] = {
            name: [urn for urn in urns if urn not in gone]
            for name, urns in each["propertyDependencies"].items()
        }
    return changed


def _has_unknown(value: Any) -> bool:
    if value == UNKNOWN:
        return True
    parts = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(_has_unknown(each) for each in parts)


def _value(inputs: Any, path: str) -> Any:
    for key in path.split("."):
        inputs = inputs.get(key) if isinstance(inputs, dict) else None
    return inputs
