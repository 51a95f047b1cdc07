"""What a plan changes, grouped for reading: by operation, by kind and by component."""

from collections import Counter
from typing import Any

from review.plan import Plan, Resource
from review.urns import counted, is_housekeeping, kind_of, name_of

OPERATIONS = ("create", "update", "replace", "delete")
"""The operations that change something, in the order in which reports name them."""

IN_WORDS = {
    "create": "create",
    "update": "change",
    "replace": "replace",
    "delete": "delete",
    "same": "unchanged",
}


def changing_resources(plan: Plan) -> list[Resource]:
    """Every resource that the plan touches, deletions last, with its `operation`.

    Pulumi's own (the stack, providers) and components are not among them.
    """
    kept = [
        each
        for each in plan["resources"]
        if each["operation"] in OPERATIONS and _is_real(each)
    ]
    deleted = [
        each | {"operation": "delete", "changedProperties": [], "replaceReasons": []}
        for each in plan["deletions"]
        if _is_real(each)
    ]
    return kept + deleted


def unchanged_count(plan: Plan) -> int:
    """How many of the user's resources stay as they are."""
    return sum(
        each["operation"] == "same" and _is_real(each) for each in plan["resources"]
    )


def has_changes(plan: Plan) -> bool:
    """Whether deploying the plan would do anything."""
    return bool(changing_resources(plan))


def kinds_by_operation(plan: Plan) -> dict[str, list[str]]:
    """Per operation the kinds in words: `{"create": ["2 subnets", "1 key vault"]}`.

    The most frequent kind comes first; an operation without resources is left out.
    """
    counts: dict[str, Counter[str]] = {}
    for resource in changing_resources(plan):
        kinds = counts.setdefault(resource["operation"], Counter())
        kinds[kind_of(resource["type"])] += 1
    return {
        operation: [
            counted(number, kind) for kind, number in _ranked(counts[operation])
        ]
        for operation in OPERATIONS
        if operation in counts
    }


def count_by_operation(plan: Plan) -> dict[str, int]:
    """Per operation the number of resources, zeros included."""
    counts = Counter(each["operation"] for each in changing_resources(plan))
    return {operation: counts[operation] for operation in OPERATIONS}


def changes_by_component(plan: Plan) -> dict[str, list[Resource]]:
    """The changing resources under the title of their component.

    A title is such as `SecureVnet network`; resources outside of any component are
    under `Outside of components`, which comes last.
    """
    components = {
        each["urn"]: each
        for each in [*plan["resources"], *plan["deletions"]]
        if not each["custom"] and not is_housekeeping(each["type"])
    }
    outside = "Outside of components"
    groups: dict[str, list[Resource]] = {}
    for resource in changing_resources(plan):
        component = _component_of(resource, components)
        groups.setdefault(_title(component) if component else outside, []).append(
            resource
        )
    if outside in groups:
        groups[outside] = groups.pop(outside)
    return groups


def _is_real(resource: Resource) -> bool:
    return resource["custom"] and not is_housekeeping(resource["type"])


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _component_of(
    resource: Resource, components: dict[str, Resource]
) -> Resource | None:
    """The outermost component that a resource is part of."""
    outermost: Resource | None = None
    seen: set[str] = set()
    parent: Any = resource["parent"]
    while parent in components and parent not in seen:
        seen.add(parent)
        outermost = components[parent]
        parent = outermost["parent"]
    return outermost


def _title(component: Resource) -> str:
    kind = component["type"].rsplit(":", 1)[-1]
    return f"{kind} {name_of(component['urn'])}"
