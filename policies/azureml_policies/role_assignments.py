"""Rules for role assignments: no identity of a service manages more than it needs.

Which roles the parts of a workspace need, and on what, stands in the rulebook.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    parse_arm_id,
    stack_rule,
    undecided,
)
from azureml_policies._frame.arm_ids import IDENTITIES
from azureml_policies._frameworks import assigned
from azureml_policies._plan import ACCOUNT, REGISTRY, VAULT, WORKSPACE
from azureml_rulebook.roles import BROAD_ROLE_IDS, ROLE_IDS, scopes_of_role

ASSIGNMENT = "authorization:RoleAssignment"
_ROLE = "roleDefinitionId"
_SCOPE = "scope"
_SERVICE = "ServicePrincipal"
_SCOPE_TYPES: dict[str, str] = {
    "application_insights": "applicationinsights:Component",
    "key_vault": VAULT,
    "registry": REGISTRY,
    "storage": ACCOUNT,
    "workspace": WORKSPACE,
}
"""Pulumi's types for the rulebook's scopes of broad roles."""
_GROUP = "resources:ResourceGroup"
_IDENTITY = "managedidentity:UserAssignedIdentity"
_NAMES = {role_id: name for name, role_id in BROAD_ROLE_IDS.items()}


_CONTRIBUTOR = BROAD_ROLE_IDS["Contributor"]


def _example(scope: str) -> list[dict[str, Any]]:
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000001"
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{_CONTRIBUTOR}"
    return [
        {
            "type": ASSIGNMENT,
            "name": "assignment",
            "properties": {
                "principalType": _SERVICE,
                "roleDefinitionId": f"{subscription}{role}",
                "scope": f"{subscription}/resourceGroups/rg{scope}",
            },
        }
    ]


@stack_rule(
    id="PU009",
    name="role-assignment-narrow",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ASSIGNMENT,),
    controls=(assigned("PA-7"),),
    twins=("checkov:CKV_AZURE_39",),
    steps="Give the identity a role that names what it does, on the one resource that "
    "it does it on. Contributor passes on the storage account, vault, registry, "
    "Application Insights component or workspace that a workspace's identity manages.",
    url="https://learn.microsoft.com/azure/role-based-access-control/best-practices",
    bad=_example(""),
    good=_example("/providers/Microsoft.Storage/storageAccounts/data"),
)
def assignment_is_narrow(assignment: Resource, context: Context) -> Iterator[Finding]:
    """No identity has a broad role beyond what it manages, nobody a subscription."""
    stack = context.stack
    scope = assignment.value(_SCOPE)
    yield from _is_no_subscription(assignment, scope, stack)
    principal = assignment.value("principalType")
    if isinstance(principal, Known) and not principal.is_any_of((_SERVICE,)):
        return
    role = assignment.value(_ROLE)
    match role:
        case Known():
            name = _NAMES.get(str(role.value).rpartition("/")[2].lower())
            if name is not None:
                yield from _broad(assignment, name, scope, principal, stack)
        case Unknown():
            yield undecided(role, f"it must not be {', '.join(sorted(BROAD_ROLE_IDS))}")
        case Absent():
            yield Violation(_ROLE, f"{_ROLE} is missing; name a role")


def _is_no_subscription(
    assignment: Resource, scope: Reading, stack: Stack
) -> Iterator[Finding]:
    wanted = "give the role on the one resource that needs it"
    match scope:
        case Known() if "/resourcegroups/" not in str(scope.value).lower():
            yield Violation(
                _SCOPE,
                f"{_SCOPE} is {scope.text}, wider than a resource group; {wanted}",
            )
        case Absent():
            yield Violation(_SCOPE, f"{_SCOPE} is missing; {wanted}")
        case Unknown():
            origins = stack.made_from(assignment, _SCOPE)
            if not any(origin.key for origin in origins):
                yield undecided(scope, "it must be no subscription")


def _broad(
    assignment: Resource, role: str, scope: Reading, principal: Reading, stack: Stack
) -> Iterator[Finding]:
    """Yield a finding for a broad role, unless it is on what an identity manages."""
    types = tuple(
        _SCOPE_TYPES[label]
        for label in sorted(scopes_of_role(role) & set(_SCOPE_TYPES))
    )
    reference = stack.resolve(assignment, scope, *types)
    if reference.certain is not None or _is_of_a_type(reference, types):
        yield from _is_of_a_workspace(assignment, role, stack)
        return
    message = (
        f"an identity gets the role {role} on more than what it manages; give it a "
        "role for what it does, on one resource"
    )
    if isinstance(principal, Unknown):
        yield undecided(principal, f"if it is an identity, {message}")
    elif (
        isinstance(scope, Unknown)
        and types
        and not _is_another(assignment, reference, stack)
    ):
        yield undecided(scope, message)
    else:
        yield Violation(_ROLE, message)


def _is_of_a_workspace(
    assignment: Resource, role: str, stack: Stack
) -> Iterator[Finding]:
    """Want a broad role to be a workspace's, not that of what else has an identity.

    An identity that nothing in the stack uses may be that of a workspace elsewhere.
    """
    principal = assignment.value("principalId")
    identity = stack.resolve(assignment, principal, _IDENTITY).certain
    if identity is None:
        return
    users = [
        each
        for each in stack.resources
        if each.key and identity in stack.made_from(each, "identity")
    ]
    if users and not any(each.key == WORKSPACE.lower() for each in users):
        yield Violation(
            _ROLE,
            f"'{identity.name}', the identity of '{users[0].name}', gets the role "
            f"{role}, and manages nothing; give it a role for what it does",
        )


def _is_of_a_type(reference: Reference, types: tuple[str, ...]) -> bool:
    """Whether an id of another stack is one of these types, or all that may be meant
    are."""
    arm_id = parse_arm_id(reference.elsewhere)
    if arm_id is not None:
        return arm_id.type in {IDENTITIES[each.lower()].type for each in types}
    return bool(reference.possible)


def _is_another(assignment: Resource, reference: Reference, stack: Stack) -> bool:
    """Whether the scope was made from resources of other types alone."""
    origins = [each for each in stack.made_from(assignment, _SCOPE) if each.key]
    return bool(origins) and not reference.possible


def _group_example(scope: str) -> list[dict[str, Any]]:
    subscription = "/subscriptions/00000000-0000-0000-0000-000000000001"
    return [
        {
            "type": ASSIGNMENT,
            "name": "assignment",
            "properties": {
                "principalType": _SERVICE,
                "roleDefinitionId": f"{subscription}/providers/Microsoft.Authorization/"
                f"roleDefinitions/{ROLE_IDS['Storage Blob Data Contributor']}",
                "scope": f"{subscription}/resourceGroups/rg{scope}",
            },
        }
    ]


@stack_rule(
    id="PU012",
    name="role-on-one-resource",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ASSIGNMENT,),
    settings={
        "roles": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Ids of roles that an identity may have on a resource group",
        }
    },
    controls=(assigned("PA-7"),),
    steps="Give the identity its role on the one resource that it works with: what "
    "comes into the group later is not meant.",
    url="https://learn.microsoft.com/azure/role-based-access-control/scope-overview",
    bad=_group_example(""),
    good=_group_example("/providers/Microsoft.Storage/storageAccounts/data"),
)
def role_is_on_one_resource(
    assignment: Resource, context: Context
) -> Iterator[Finding]:
    """An identity has its role on one resource, and not on a group of them."""
    principal = assignment.value("principalType")
    if isinstance(principal, Known) and not principal.is_any_of((_SERVICE,)):
        raise NotApplicable("judges identities, not people")
    role = assignment.value(_ROLE)
    if isinstance(role, Known):
        name = str(role.value).rpartition("/")[2].lower()
        if name in {each.lower() for each in context.settings["roles"]}:
            return
    scope = assignment.value(_SCOPE)
    message = (
        "an identity has its role on all that is in a resource group; give it the role "
        "on the one resource that it works with"
    )
    match scope:
        case Known() if _is_group(str(scope.value)):
            finding: Finding = Violation(_SCOPE, message)
            if isinstance(principal, Unknown):
                finding = undecided(principal, f"if it is an identity, {message}")
            yield finding
        case Unknown():
            origins = [each for each in context.stack.made_from(assignment, _SCOPE)]
            if not origins:
                yield undecided(scope, "it has to be one resource")
            elif all(each.key == _GROUP.lower() for each in origins):
                yield Violation(_SCOPE, message)


def _is_group(scope: str) -> bool:
    parts = scope.strip("/").lower().split("/")
    return len(parts) == 4 and parts[2] == "resourcegroups"
