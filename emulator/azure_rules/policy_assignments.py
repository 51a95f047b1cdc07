"""Policy assignments: what Azure takes as one, and what the assigned policies refuse.

https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure
https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-policy-requestdisallowedbypolicy
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.policy_conditions import NotRead, applies, parameter_of
from emulator.azure_rules.policy_definitions import Definition, built_in, is_unknown
from emulator.azure_rules.requests import Write
from emulator.resource_paths import id_key, parent_id
from emulator.store import Resource

_TOKEN = "authorization:PolicyAssignment"
_SCOPE = re.compile(
    r"/subscriptions/[^/]+(/resourceGroups/[^/]+(/providers/.+)?)?"
    r"|/providers/Microsoft\.Management/managementGroups/[^/]+",
    re.I,
)
_LONGEST_NAME = 64
_OFF = "donotenforce"


def scope_is_one(write: Write) -> None:
    """Assignments are of a management group, subscription, resource group or resource.

    Whatever else is asked about is no place that Azure Resource Manager has.
    """
    scope = str(write.inputs.get("scope") or "").strip("/")
    if _SCOPE.fullmatch(f"/{scope}") is None:
        raise AzureError(
            404,
            "MissingSubscription",
            "The request did not have a subscription or a valid tenant level resource "
            "provider.",
        )


def name_is_short(write: Write) -> None:
    """Names have at most 64 characters below management groups."""
    if len(write.name) > _LONGEST_NAME:
        raise AzureError(
            400,
            "InvalidPolicyAssignmentName",
            f"The policy assignment name '{write.name}' is invalid. The policy "
            f"assignment name length must not exceed '{_LONGEST_NAME}' characters.",
        )


def definition_exists(write: Write) -> None:
    """A built-in definition is one that Azure has."""
    wanted = str(write.inputs.get("policyDefinitionId") or "")
    if is_unknown(wanted):
        raise AzureError(
            404,
            "PolicyDefinitionNotFound",
            f"The policy definition '{wanted.rpartition('/')[2]}' could not be found.",
        )


def parameters_fit(write: Write) -> None:
    """Every parameter is the definition's, those without a default are given, and
    values are among those allowed, to the letter."""
    wanted = str(write.inputs.get("policyDefinitionId") or "")
    definition = built_in(wanted)
    if definition is None:
        return
    given = _given(write.inputs)
    known = {name.lower(): about for name, about in definition.parameters.items()}
    undefined = [name for name in given if name.lower() not in known]
    if undefined:
        raise AzureError(
            400,
            "UndefinedPolicyParameter",
            f"The policy assignment '{write.name}' has the parameter(s) "
            f"'{','.join(undefined)}' which are not defined in the policy definition "
            f"'{definition.id}'.",
        )
    lowered = {name.lower() for name in given}
    missing = [
        name
        for name, about in definition.parameters.items()
        if "defaultValue" not in about and name.lower() not in lowered
    ]
    if missing:
        raise AzureError(
            400,
            "MissingPolicyParameter",
            f"The policy assignment '{write.name}' is missing the parameter(s) "
            f"'{','.join(missing)}' as defined in the policy definition "
            f"'{definition.id}'.",
        )
    for name, value in given.items():
        _value_is_allowed(definition, name, value, known[name.lower()])


def _value_is_allowed(
    definition: Definition, name: str, value: Any, about: Mapping[str, Any]
) -> None:
    allowed = about.get("allowedValues")
    if allowed is not None and value not in allowed:
        raise AzureError(
            400,
            "PolicyParameterValueNotAllowed",
            f"The value '{value}' is not allowed for policy parameter '{name}' in "
            f"policy definition '{definition.id}'. The allowed values are "
            f"'{', '.join(map(str, allowed))}'.",
        )


def policies_allow(write: Write) -> None:
    """No enforced assignment above a resource denies what it is to be."""
    refusals = [
        {
            "policyAssignment": {
                "name": assignment.body.get("displayName", ""),
                "id": assignment.id,
            },
            "policyDefinition": {
                "name": definition.display_name,
                "id": assignment.body["policyDefinitionId"],
            },
        }
        for assignment, definition in _denying(write)
    ]
    if refusals:
        identifiers = json.dumps(refusals, separators=(",", ":"))
        raise AzureError(
            403,
            "RequestDisallowedByPolicy",
            f"Resource '{write.name}' was disallowed by policy. Policy identifiers: "
            f"'{identifiers}'.",
        )


def _denying(write: Write) -> Iterator[tuple[Resource, Definition]]:
    for assignment in write.store.of_type(_TOKEN):
        definition = built_in(str(assignment.body.get("policyDefinitionId") or ""))
        if definition is None or not _is_enforced_on(assignment, write.id):
            continue
        given = {k.lower(): v for k, v in _given(assignment.body).items()}
        if denies(definition, given, write):
            yield assignment, definition


def denies(definition: Definition, given: Mapping[str, Any], write: Write) -> bool:
    """Whether a definition, with parameters by name in lower case, denies a request.

    A condition that is not read here denies nothing.
    """
    values = definition.values(given)
    if str(parameter_of(definition.effect, values)).lower() != "deny":
        return False
    try:
        return applies(definition.condition, write, values)
    except NotRead:
        return False


def _is_enforced_on(assignment: Resource, resource_id: str) -> bool:
    if str(assignment.body.get("enforcementMode") or "").lower() == _OFF:
        return False
    key = id_key(resource_id)

    def holds(scope: str) -> bool:
        return key == id_key(scope) or key.startswith(id_key(scope) + "/")

    excluded = assignment.body.get("notScopes") or []
    return holds(parent_id(assignment.id) or "") and not any(map(holds, excluded))


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an assignment's parameters, by name."""
    return {
        name: each.get("value") if isinstance(each, Mapping) else each
        for name, each in (values.get("parameters") or {}).items()
    }
