"""Cases of the rules on locks, and on where identities have their roles."""

from typing import Any

from policy_plans import RG, SUBSCRIPTION, Id, Nowhere, Plan, Planned
from rule_cases import BAD, NONE, OK, OPEN, StackCase

LOCK = "authorization:ManagementLockByScope"
ON = {"enforcementLevel": "mandatory"}
IN_SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION}"
IN_GROUP = f"{IN_SUBSCRIPTION}/resourceGroups/rg"
ROLES = f"{IN_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


def locked(scope: Any, level: Any = "CanNotDelete") -> Plan:
    """Return a vault, and a lock on something."""
    inputs = {"level": level, "scope": scope}
    return Plan(
        Planned("resources:ResourceGroup", "group", {"resourceGroupName": "rg"}),
        Planned("keyvault:Vault", "vault", {**RG, "vaultName": "kv"}),
        Planned(
            LOCK,
            "lock",
            {key: each for key, each in inputs.items() if each is not None},
        ),
    )


OTHER = Planned("compute:VirtualMachine", "desk", {**RG, "vmName": "desk"})
_LOCKS = (
    StackCase("PU011", OK, "a lock", locked(Id("vault")), settings=ON),
    StackCase("PU011", OK, "read only", locked(Id("vault"), "readonly"), settings=ON),
    StackCase("PU011", OK, "on the group", locked(IN_GROUP), settings=ON),
    StackCase(
        "PU011",
        OK,
        "on the group that is made",
        locked(Id("group")),
        settings=ON,
        preview_only=True,
    ),
    StackCase("PU011", OK, "on the subscription", locked(IN_SUBSCRIPTION), settings=ON),
    StackCase(
        "PU011",
        BAD,
        "on another group",
        locked(f"{IN_SUBSCRIPTION}/resourceGroups/other"),
        "'vault' has no lock",
        ON,
    ),
    StackCase(
        "PU011", BAD, "none", locked(Id("vault")).without("lock"), "has no lock", ON
    ),
    StackCase(
        "PU011",
        BAD,
        "one that stops nothing",
        locked(Id("vault"), "NotSpecified"),
        "has no lock",
        ON,
    ),
    StackCase("PU011", BAD, "no level", locked(Id("vault"), None), settings=ON),
    StackCase(
        "PU011",
        BAD,
        "on something else",
        locked(Id("desk")).adding(OTHER),
        "has no lock",
        ON,
    ),
    StackCase(
        "PU011",
        NONE,
        "a type that is not asked for",
        Plan(OTHER),
        settings=ON,
    ),
    StackCase("PU011", OPEN, "on something", locked(Nowhere()), settings=ON),
    StackCase(
        "PU011", OPEN, "of some level", locked(Id("vault"), Nowhere()), settings=ON
    ),
)


def given(role: str, scope: Any, principal: Any = "ServicePrincipal") -> Plan:
    """Return an account, a group, and a role of an identity."""
    return Plan(
        Planned("resources:ResourceGroup", "group", {"resourceGroupName": "rg"}),
        Planned("storage:StorageAccount", "account", {**RG, "accountName": "acc"}),
        Planned(
            "authorization:RoleAssignment",
            "assignment",
            {
                "principalType": principal,
                "roleDefinitionId": f"{ROLES}/{role}",
                "scope": scope,
            },
        ),
    )


def used_by(type_name: str, **names: Any) -> Plan:
    """Return an identity that is Contributor of an account, and who uses it."""
    identity = Planned(
        "managedidentity:UserAssignedIdentity", "identity", {**RG, "resourceName": "id"}
    )
    user = Planned(
        type_name,
        "user",
        {
            **RG,
            **names,
            "identity": {
                "type": "UserAssigned",
                "userAssignedIdentities": [Id("identity")],
            },
        },
    )
    plan = given(CONTRIBUTOR, Id("account")).adding(identity, user)
    return plan.with_inputs("assignment", principalId=Id("identity"))


_ROLES = (
    StackCase("PU012", OK, "on an account", given(BLOB_CONTRIBUTOR, Id("account"))),
    StackCase(
        "PU012", BAD, "on a group", given(BLOB_CONTRIBUTOR, IN_GROUP), "all that is in"
    ),
    StackCase(
        "PU012",
        BAD,
        "on the group that is made",
        given(BLOB_CONTRIBUTOR, Id("group")),
        "all that is in",
        preview_only=True,
    ),
    StackCase(
        "PU012",
        OK,
        "a role that may be on one",
        given(BLOB_CONTRIBUTOR, IN_GROUP),
        settings={"roles": [BLOB_CONTRIBUTOR.upper()]},
    ),
    StackCase("PU012", NONE, "of people", given(BLOB_CONTRIBUTOR, IN_GROUP, "Group")),
    StackCase("PU012", OPEN, "on something", given(BLOB_CONTRIBUTOR, Nowhere())),
    StackCase(
        "PU012",
        OPEN,
        "of somebody",
        given(BLOB_CONTRIBUTOR, IN_GROUP, Nowhere()),
        "if it is an identity",
    ),
    StackCase(
        "PU009",
        OK,
        "Contributor is the identity of a workspace",
        used_by("machinelearningservices:Workspace", workspaceName="mlw"),
    ),
    StackCase(
        "PU009",
        BAD,
        "Contributor is the identity of a cluster",
        used_by("machinelearningservices:Compute", computeName="cpu"),
        "the identity of 'user', gets the role Contributor",
        preview_only=True,
    ),
)
STACK_CASES = (*_LOCKS, *_ROLES)
