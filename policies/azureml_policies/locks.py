"""The rule on management locks: what holds data, or is the way in, needs one.

The option protect guards against the program; a lock guards against everybody else.
"""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import (
    ACCOUNT,
    BASTION_HOST,
    CIRCUIT,
    FIREWALL,
    GATEWAY,
    LOGS,
    MACHINE,
    NETWORK,
    REGISTRY,
    VAULT,
    WORKSPACE,
)
from azureml_rulebook.locks import LOCKS_PAGE

LOCK = "authorization:ManagementLockByScope"

_GROUP = "resources:ResourceGroup"
_LEVELS = ("CanNotDelete", "ReadOnly")
_LOCKABLE = (
    VAULT,
    ACCOUNT,
    REGISTRY,
    NETWORK,
    GATEWAY,
    CIRCUIT,
    MACHINE,
    WORKSPACE,
    LOGS,
    FIREWALL,
    BASTION_HOST,
)
_SCOPE = "scope"


@stack_rule(
    id="PU011",
    name="stateful-locked",
    level=EnforcementLevel.DISABLED,
    severity=Severity.MEDIUM,
    types=_LOCKABLE,
    settings={
        "types": {
            "type": "array",
            "items": {"type": "string", "enum": list(_LOCKABLE)},
            "default": [VAULT, ACCOUNT, REGISTRY, NETWORK],
            "description": "Types of resources that have to have a lock; a workspace "
            "with one cannot delete its compute",
        }
    },
    controls=(assigned("BR-1"),),
    steps="Add an authorization.ManagementLockByScope with level CanNotDelete and the "
    "id of the resource, or of its resource group, as scope; leave this policy off for "
    "environments that are destroyed and made again.",
    url=LOCKS_PAGE,
    bad=({"type": VAULT, "name": "vault", "properties": {"vaultName": "kv"}},),
    good=(
        {"type": VAULT, "name": "vault", "properties": {"vaultName": "kv"}},
        {
            "type": LOCK,
            "name": "vault-lock",
            "properties": {"level": "CanNotDelete", "scope": {"ref": "vault"}},
        },
    ),
)
def stateful_is_locked(resource: Resource, context: Context) -> Iterator[Finding]:
    """What holds data, or is the way to it, has a lock against deletion."""
    if resource.key not in {each.lower() for each in context.settings["types"]}:
        raise NotApplicable("locks of this type are not asked for")
    open_to: Reading | None = None
    for lock in context.stack.of_type(LOCK):
        level = lock.value("level")
        if isinstance(level, Absent) or (
            isinstance(level, Known) and not level.is_any_of(_LEVELS)
        ):
            continue
        covers = _covers(context.stack, lock, resource)
        if covers is True and isinstance(level, Unknown):
            covers = level
        if covers is True:
            return
        if covers is not False:
            open_to = covers
    message = (
        f"'{resource.name}' has no lock, so that whoever may write deletes it; add a "
        "ManagementLockByScope with level CanNotDelete"
    )
    yield undecided(open_to, message) if open_to else Violation("", message)


def _covers(stack: Stack, lock: Resource, resource: Resource) -> bool | Reading:
    """Say whether a lock is on a resource, or on what it lies in, or what tells."""
    scope = lock.value(_SCOPE)
    reference = stack.resolve(lock, scope, *_LOCKABLE)
    if reference.certain is resource:
        return True
    if reference.certain is not None:
        return False
    if isinstance(scope, Known) and isinstance(scope.value, str):
        wide = _covers_by_text(scope.value, resource)
        return scope if wide is False and reference.may_be(resource) else wide
    if not isinstance(scope, Unknown):
        return False
    if reference.anything or reference.may_be(resource):
        return scope
    groups = {
        each for each in stack.made_from(lock, _SCOPE) if each.key == _GROUP.lower()
    }
    if len(groups) != 1:
        return False
    return _is_in(stack, resource, groups.pop())


def _covers_by_text(scope: str, resource: Resource) -> bool | Reading:
    """Whether an id of a subscription or of a resource group is around a resource."""
    parts = scope.strip("/").lower().split("/")
    if parts[0] != "subscriptions" or len(parts) not in (2, 4):
        return False
    if len(parts) == 2:
        return True
    group = resource.value("resourceGroupName")
    if isinstance(group, Unknown):
        return group
    return isinstance(group, Known) and group.is_any_of((parts[3],))


def _is_in(stack: Stack, resource: Resource, group: Resource) -> bool:
    """Whether a resource is in a group of the stack, by its name or by an edge."""
    if group in stack.made_from(resource, "resourceGroupName"):
        return True
    name = resource.value("resourceGroupName")
    own = group.value("resourceGroupName")
    return (
        isinstance(name, Known)
        and isinstance(own, Known)
        and own.is_any_of((str(name.value),))
    )
