"""What Azure Policy would say of prod's plan, if it refused what the rules forbid."""

from collections.abc import Iterator
from typing import Any

from plan_recordings import recorded_prod

from azureml_rulebook.azure_policies import assignments
from emulator import catalogue
from emulator.azure_rules.policy_conditions import applies
from emulator.azure_rules.policy_definitions import Definition, built_in
from emulator.azure_rules.requests import Write


def denying() -> list[tuple[Definition, dict[str, Any]]]:
    """The definitions that `deny` has Azure refuse by, with their parameters."""
    found = []
    for row in assignments("deny", "public"):
        definition = built_in(row.policy_definition_id)
        denies = "Deny" in row.parameters.values() or not row.parameters
        if definition is not None and row.enforced and denies:
            given = {name.lower(): value for name, value in row.parameters.items()}
            found.append((definition, definition.values(given)))
    return found


def requests() -> Iterator[Write]:
    """The request that Azure gets for each resource of prod's plan."""
    for resource in recorded_prod():
        if resource["type"].startswith("azure-native:"):
            kind = catalogue.find(resource["type"])
            name = resource["inputs"].get(kind.path.own_parameter, resource["name"])
            # The conditions look at nothing else: no store is needed.
            yield Write(None, kind, f"/{name}", resource["inputs"], None)  # type: ignore[arg-type]


def test_a_deny_stops_nothing_of_prod() -> None:
    """No condition is true of a resource, and each can be told from the plan."""
    definitions = denying()
    assert len(definitions) >= 25
    refused = [
        (write.id, definition.display_name)
        for write in requests()
        for definition, values in definitions
        if applies(definition.condition, write, values)
    ]
    assert refused == []
