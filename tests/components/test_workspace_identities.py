"""Who acts for a workspace and who works with it: identities made, brought or of the
workspace itself, groups of people, and exactly the roles that each needs."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_azure_native import machinelearningservices

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import PrivateWorkspaceArgs
from azureml_network._private_workspace.identity import (
    IdentityPlan,
    approvals,
    compute_identity,
    read_identity,
    system_assigned_holder,
    workspace_identity,
)
from azureml_network._private_workspace.people import (
    PeoplePlan,
    people_roles,
    read_people,
)
from azureml_network._roles import role_assignments
from azureml_rulebook.roles import (
    ROLE_GRANTS,
    Holder,
    grants_of,
    role_assignment_name,
)

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
OTHER_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
PROVIDERS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/team/providers"
IDENTITY = f"{PROVIDERS}/Microsoft.ManagedIdentity/userAssignedIdentities/id-team"
ACCOUNT = f"{PROVIDERS}/Microsoft.Storage/storageAccounts/stteam"
FOREIGN = ACCOUNT.replace(SUBSCRIPTION, OTHER_SUBSCRIPTION)
PRINCIPAL = "55555555-5555-4555-8555-555555555555"
SCIENTISTS = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
OPERATORS = "bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb"
ADMINISTRATORS = "cccccccc-cccc-4ccc-8ccc-cccccccccccc"
BROUGHT = {"existing_id": IDENTITY, "principal_id": PRINCIPAL}
SCOPES = {
    "storage": "/fake/ml-storage",
    "key_vault": "/fake/ml-vault",
    "registry": "/fake/ml-registry",
    "application_insights": "/fake/ml-insights",
    "monitor_scope": "/fake/ml-monitor-scope",
    "blob_endpoint": "/fake/ml-blob-endpoint",
    "file_endpoint": "/fake/ml-file-endpoint",
    "workspace": "/fake/ml-workspace",
}

# Definition ids, written down once more from Azure's pages.
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
BLOBS = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
FILES = "69566ab7-960f-475b-8e7c-b3118f30c6bd"
QUEUES = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"
TABLES = "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"
VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
APPROVER = "b556d68e-0be0-4f35-a333-ad7ee1ce17ea"
DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"
COMPUTE_OPERATOR = "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815"
AI_ADMINISTRATOR = "b78c5d69-af96-48a3-bf8d-a8b4d589de94"

ON_ENDPOINTS = {("ml-blob-endpoint", READER), ("ml-file-endpoint", READER)}
USER_ASSIGNED = ON_ENDPOINTS | {
    ("ml-storage", CONTRIBUTOR),
    ("ml-storage", BLOBS),
    ("ml-storage", FILES),
    ("ml-vault", CONTRIBUTOR),
    ("ml-vault", VAULT_ADMINISTRATOR),
    ("ml-registry", CONTRIBUTOR),
    ("ml-registry", PULL),
    ("ml-insights", CONTRIBUTOR),
    ("ml-workspace", CONTRIBUTOR),
}
APPROVALS = {
    ("ml-storage", APPROVER),
    ("ml-vault", APPROVER),
    ("ml-registry", APPROVER),
    ("ml-workspace", APPROVER),
    ("ml-monitor-scope", APPROVER),
}
COMPUTE = {("ml-registry", PULL), ("ml-storage", BLOBS), ("ml-storage", FILES)}


def principal(name: str) -> str:
    """The object id that the pretended Azure gives to the resource called ``name``."""
    return str(uuid5(NAMESPACE_OID, name))


def reader_of(**args: Any) -> InputReader:
    """Reads ``args`` as inputs of a workspace."""
    return InputReader(args, PrivateWorkspaceArgs)


def identity_plan(**spec: Any) -> IdentityPlan:
    """The plan of an identity that nothing is wrong with."""
    reader = reader_of(identity=spec)
    plan = read_identity(reader)
    assert reader.findings == []
    return plan


def people_plan(**spec: Any) -> PeoplePlan:
    """The plan of people that nothing is wrong with."""
    reader = reader_of(people=spec)
    plan = read_people(reader)
    assert reader.findings == []
    return plan


def roles(
    made: Any, principal_id: str, subscription: str = SUBSCRIPTION
) -> set[tuple[str, str]]:
    """The roles of one principal as scope and definition id."""
    return {
        (
            item.inputs["scope"].removeprefix("/fake/"),
            item.inputs["roleDefinitionId"].removeprefix(
                f"/subscriptions/{subscription}"
                "/providers/Microsoft.Authorization/roleDefinitions/"
            ),
        )
        for item in made.of_type("RoleAssignment").values()
        if item.inputs["principalId"] == principal_id
    }


@pytest.fixture(scope="module")
def make(record: Any, workspace_parts: Callable[..., Any]) -> Callable[..., Any]:
    """Make the identities of a workspace and all of their roles, the workspace between
    them, as the component does."""

    def run(
        plan: IdentityPlan,
        targets: Mapping[str, Any] | None = None,
        scopes: Mapping[str, Any] = SCOPES,
        storage_groups: tuple[str, ...] = ("blob", "file"),
        **options: Any,
    ) -> Any:
        managed = targets is not None

        def program() -> None:
            parts = workspace_parts()
            nodes = compute_identity(parts, storage_groups)
            identity = workspace_identity(parts, plan, managed_network=managed)
            made = machinelearningservices.Workspace(
                "ml-workspace",
                workspace_name="mlw",
                resource_group_name="rg",
                identity={"type": "SystemAssigned"} if identity is None else None,
            )
            holder = (
                system_assigned_holder(parts, made, managed_network=managed)
                if identity is None
                else identity.holder
            )
            for item in (holder, nodes.holder):
                role_assignments(parts, item, SUBSCRIPTION, scopes)
            if targets is not None:
                approvals(parts, holder, SUBSCRIPTION, targets, scopes)

        return record(program, **options)

    return run


@pytest.fixture(scope="module")
def give(record: Any, workspace_parts: Callable[..., Any]) -> Callable[..., Any]:
    """Give people their roles."""

    def run(
        plan: PeoplePlan,
        storage_groups: tuple[str, ...] = ("blob", "file"),
        **options: Any,
    ) -> Any:
        def program() -> None:
            people_roles(workspace_parts(), plan, SUBSCRIPTION, storage_groups, SCOPES)

        return record(program, **options)

    return run


def test_a_made_identity(make: Callable[..., Any]) -> None:
    """By default one is made, and it and the compute's have their roles and no other;
    each role has its reason, and the principal's type, without which Azure looks for a
    principal that it does not find yet."""
    made = make(identity_plan())
    assert made.inputs("ml-identity") == {
        "resourceName": "id-vision-dev-7k2d",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tags": {"environment": "test"},
    }
    assert roles(made, principal("ml-identity")) == USER_ASSIGNED
    assert roles(made, principal("ml-compute-identity")) == COMPUTE
    given = made.of_type("RoleAssignment")
    assert len(given) == len(USER_ASSIGNED) + len(COMPUTE)
    for item in given.values():
        assert item.inputs["principalType"] == "ServicePrincipal"
        assert item.inputs["description"]
    assert given["ml-storage-contributor"].inputs == {
        "roleAssignmentName": "02e2d2d9-5eb6-5529-a459-7250cee28379",
        "scope": "/fake/ml-storage",
        "roleDefinitionId": f"/subscriptions/{SUBSCRIPTION}"
        f"/providers/Microsoft.Authorization/roleDefinitions/{CONTRIBUTOR}",
        "principalId": principal("ml-identity"),
        "principalType": "ServicePrincipal",
        "description": "a user-assigned workspace identity must manage the default "
        "storage account",
    }


def test_a_brought_identity(make: Callable[..., Any]) -> None:
    """It gets the same roles, under names of its own, and is not made."""
    brought, made = make(identity_plan(**BROUGHT)), make(identity_plan())
    assert set(brought.of_type("UserAssignedIdentity")) == {"ml-compute-identity"}
    assert roles(brought, PRINCIPAL) == USER_ASSIGNED
    assert not names(brought) & names(made) - names_of_compute(made)


def names(made: Any) -> set[str]:
    """The Azure names of all role assignments."""
    return {
        item.inputs["roleAssignmentName"]
        for item in made.of_type("RoleAssignment").values()
    }


def names_of_compute(made: Any) -> set[str]:
    """The Azure names of the role assignments of the compute's identity."""
    return {
        item.inputs["roleAssignmentName"]
        for name, item in made.of_type("RoleAssignment").items()
        if name.startswith("ml-compute-")
    }


def test_a_system_assigned_identity(make: Callable[..., Any]) -> None:
    """The service gives it most of its roles: only what remains is given here, after
    the workspace that it lives with."""
    made = make(identity_plan(kind="system_assigned"))
    assert set(made.of_type("UserAssignedIdentity")) == {"ml-compute-identity"}
    assert roles(made, principal("ml-workspace")) == ON_ENDPOINTS
    assert "ml-workspace" in made.waits_for("ml-blob-endpoint-reader")


@pytest.mark.parametrize(
    ("spec", "own", "who"),
    [
        ({}, USER_ASSIGNED, principal("ml-identity")),
        (BROUGHT, USER_ASSIGNED, PRINCIPAL),
        ({"kind": "system_assigned"}, ON_ENDPOINTS, principal("ml-workspace")),
    ],
)
def test_a_managed_network_is_approved(
    make: Callable[..., Any],
    spec: dict[str, Any],
    own: set[tuple[str, str]],
    who: str,
) -> None:
    """Whoever acts for the workspace may approve the endpoints to its services and to
    what outbound rules name, each once."""
    targets = {"data": ACCOUNT, "more-data": ACCOUNT.upper(), "vault": "/fake/ml-vault"}
    made = make(identity_plan(**spec), targets)
    assert roles(made, who) == own | APPROVALS | {(ACCOUNT, APPROVER)}
    assert roles(made, principal("ml-compute-identity")) == COMPUTE


def test_a_target_keeps_its_role(make: Callable[..., Any]) -> None:
    """Its role is called by the target and not by the rule, so that another rule to the
    same target may take the place of the first one."""
    plan = identity_plan()
    one, other = make(plan, {"a": ACCOUNT}), make(plan, {"b": ACCOUNT})
    assert set(one.resources) == set(other.resources)
    assert names(one) == names(other)


def test_what_the_role_does_not_cover(make: Callable[..., Any]) -> None:
    """No role is given that could not approve anything."""
    factory = f"{PROVIDERS}/Microsoft.DataFactory/factories/theirs"
    made = make(identity_plan(), {"data": ACCOUNT, "pipelines": factory})
    scopes = {scope for scope, _ in roles(made, principal("ml-identity"))}
    assert ACCOUNT in scopes
    assert factory not in scopes


def test_targets_that_are_known_later(make: Callable[..., Any]) -> None:
    """Each has a role, called by its rule; the same output is one target."""
    later = pulumi.Output.secret("/fake/later")
    made = make(
        identity_plan(), {"a": later, "b": later, "c": pulumi.Output.from_input("x")}
    )
    assert {name for name in made.of_type("RoleAssignment") if "outbound" in name} == {
        "ml-outbound-a-approver",
        "ml-outbound-c-approver",
    }


def test_a_scope_in_another_subscription(make: Callable[..., Any]) -> None:
    """A role on a brought resource names the role of that resource's subscription."""
    made = make(identity_plan(), None, {"storage": FOREIGN})
    assert roles(made, principal("ml-identity"), OTHER_SUBSCRIPTION) == {
        (FOREIGN, CONTRIBUTOR),
        (FOREIGN, BLOBS),
        (FOREIGN, FILES),
    }


def test_roles_follow_what_there_is(make: Callable[..., Any]) -> None:
    """Storage that is reached by a service endpoint has no endpoints to read, and
    parallel runs come with their storage services."""
    scopes = {key: id for key, id in SCOPES.items() if not key.endswith("_endpoint")}
    made = make(identity_plan(), None, scopes, ("blob", "file", "queue", "table"))
    assert roles(made, principal("ml-identity")) == USER_ASSIGNED - ON_ENDPOINTS
    assert roles(made, principal("ml-compute-identity")) == COMPUTE | {
        ("ml-storage", QUEUES),
        ("ml-storage", TABLES),
    }


def test_names_are_known_in_every_preview(make: Callable[..., Any]) -> None:
    """In a first preview no principal is known, and every name is already the one that
    it will be, in whatever order things are made."""
    for spec in ({}, BROUGHT, {"kind": "system_assigned"}):
        plan = identity_plan(**spec)
        first = make(plan, {"data": ACCOUNT}, first_preview=True)
        assert names(first) == names(make(plan, {"data": ACCOUNT}))
        assert len(names(first)) == len(first.of_type("RoleAssignment"))


def test_an_identity_that_is_known_later(make: Callable[..., Any]) -> None:
    """Its roles have names all the same, and it may be secret."""
    plan = identity_plan(
        existing_id=pulumi.Output.secret(IDENTITY),
        principal_id=pulumi.Output.secret(PRINCIPAL),
    )
    made = make(plan)
    given = made.of_type("RoleAssignment")
    assert len(names(made)) == len(given) == len(USER_ASSIGNED) + len(COMPUTE)
    assert PRINCIPAL in str(given["ml-storage-contributor"].inputs["principalId"])


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (
            {"existing_id": IDENTITY},
            "identity.principal_id: is required with existing_id; give the object id",
        ),
        (
            {"principal_id": PRINCIPAL},
            "identity.principal_id: is of an identity that exists already; give its "
            "existing_id too, or leave it out",
        ),
        (
            {"existing_id": "id-team", "principal_id": PRINCIPAL},
            "identity.existing_id: 'id-team' is not a resource id; give",
        ),
        (
            {"existing_id": ACCOUNT, "principal_id": PRINCIPAL},
            f"identity.existing_id: '{ACCOUNT}' is the id of a Microsoft.Storage",
        ),
        (
            {"existing_id": IDENTITY, "principal_id": "id-team"},
            "identity.principal_id: 'id-team' is not an object id; give the one of",
        ),
        (
            {"kind": "system_assigned", "existing_id": IDENTITY},
            "identity.existing_id: is of a user-assigned identity, and identity.kind",
        ),
        (
            {"kind": "system_assigned", "principal_id": PRINCIPAL},
            "identity.principal_id: is of a user-assigned identity, and identity.kind",
        ),
        (
            {"kind": "SystemAssigned"},
            "identity.kind: 'SystemAssigned' is not allowed; did you mean",
        ),
        ({"object_id": PRINCIPAL}, "identity.object_id: is not a known input"),
        ([], "identity: [] is not an object with kind, existing_id, principal_id"),
    ],
)
def test_wrong_identities(spec: Any, wanted: str) -> None:
    """An identity that roles cannot be given to is refused at its path."""
    reader = reader_of(identity=spec)
    read_identity(reader)
    (finding,) = reader.findings
    assert str(finding).startswith(wanted)


def test_people_have_their_roles(give: Callable[..., Any]) -> None:
    """Each group what its task needs, by the group and never by single persons; whoever
    works with data has the roles on it that an account without keys demands."""
    made = give(
        people_plan(
            data_scientist_group_ids=[SCIENTISTS],
            compute_operator_group_ids=[OPERATORS],
            administrator_group_ids=[ADMINISTRATORS],
        )
    )
    assert roles(made, SCIENTISTS) == {
        ("ml-workspace", DATA_SCIENTIST),
        ("ml-storage", BLOBS),
        ("ml-storage", FILES),
    }
    assert roles(made, OPERATORS) == {("ml-workspace", COMPUTE_OPERATOR)}
    assert roles(made, ADMINISTRATORS) == {("ml-workspace", AI_ADMINISTRATOR)}
    given = made.of_type("RoleAssignment")
    assert len(given) == len(names(made)) == 5
    for item in given.values():
        assert item.inputs["principalType"] == "Group"
        assert item.inputs["description"]


def test_people_of_parallel_runs(give: Callable[..., Any]) -> None:
    """With the queue and table endpoints come the roles on those services."""
    plan = people_plan(data_scientist_group_ids=[SCIENTISTS])
    made = give(plan, ("blob", "file", "queue", "table"))
    assert {("ml-storage", QUEUES), ("ml-storage", TABLES)} <= roles(made, SCIENTISTS)


def test_a_group_may_have_two_tasks(give: Callable[..., Any]) -> None:
    """In whatever case its id is written; no role is given twice."""
    made = give(
        people_plan(
            data_scientist_group_ids=[SCIENTISTS.upper()],
            administrator_group_ids=[SCIENTISTS],
        )
    )
    given = made.of_type("RoleAssignment")
    assert len(given) == len(names(made)) == len(roles(made, SCIENTISTS)) == 4


def test_roles_of_people_do_not_depend_on_their_place(
    give: Callable[..., Any],
) -> None:
    """A group that comes first moves no role of another one."""
    alone = give(people_plan(data_scientist_group_ids=[SCIENTISTS]))
    second = give(people_plan(data_scientist_group_ids=[OPERATORS, SCIENTISTS]))
    for name, item in alone.of_type("RoleAssignment").items():
        assert second.inputs(name) == item.inputs


def test_groups_that_are_known_later(give: Callable[..., Any]) -> None:
    """A secret id has its roles under the names that a plain one has, and an unknown
    one is no obstacle to a first preview."""
    secret = [pulumi.Output.secret(SCIENTISTS.upper())]
    made = give(people_plan(data_scientist_group_ids=secret))
    plain = give(people_plan(data_scientist_group_ids=[SCIENTISTS]))
    assert len(made.of_type("RoleAssignment")) == 3
    assert all(name in str(secret_names(made)) for name in names(plain))
    later = pulumi.Output.from_input("x").apply(lambda text: text)
    preview = give(people_plan(administrator_group_ids=[later]), first_preview=True)
    assert set(preview.resources) >= {
        "ml-administrators-0-workspace-azure-ai-administrator"
    }


def secret_names(made: Any) -> list[Any]:
    """The Azure names of all role assignments, perhaps secret."""
    return [
        item.inputs["roleAssignmentName"]
        for item in made.of_type("RoleAssignment").values()
    ]


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        (
            {"data_scientist_group_ids": ["scientists"]},
            "people.data_scientist_group_ids[0]: 'scientists' is not an object id",
        ),
        (
            {"administrator_group_ids": [ADMINISTRATORS, ADMINISTRATORS.upper()]},
            f"people.administrator_group_ids[1]: '{ADMINISTRATORS}' is "
            "administrator_group_ids[0] already; leave it out",
        ),
        (
            {"compute_operator_group_ids": [7]},
            "people.compute_operator_group_ids[0]: '7' is not an object id",
        ),
        (
            {"compute_operator_group_ids": OPERATORS},
            f"people.compute_operator_group_ids: '{OPERATORS}' is not a list of texts",
        ),
        ({"owners": []}, "people.owners: is not a known input"),
        ("me", "people: 'me' is not an object with data_scientist_group_ids"),
    ],
)
def test_wrong_people(spec: Any, wanted: str) -> None:
    """What is no group's id, or there twice, is refused at its path."""
    reader = reader_of(people=spec)
    read_people(reader)
    (finding,) = reader.findings
    assert str(finding).startswith(wanted)


def test_the_table_gives_no_role_twice() -> None:
    """No holder has the same role on the same resource by two rows: Azure refuses
    that. The tasks of people share no row, so that a group may have several."""
    rows = [(grant.holder, grant.scope, grant.role) for grant in ROLE_GRANTS]
    assert len(set(rows)) == len(rows)
    people = (Holder.DATA_SCIENTISTS, Holder.COMPUTE_OPERATORS, Holder.ADMINISTRATORS)
    shared = [row[1:] for row in rows if row[0] in people]
    assert len(set(shared)) == len(shared)


def test_nobody_can_give_roles() -> None:
    """No row lets its holder give roles; only identities and data have Contributor."""
    wide = {"Owner", "User Access Administrator", "Role Based Access Control Admin"}
    assert not wide & {grant.role for grant in ROLE_GRANTS}
    holders = {grant.holder for grant in ROLE_GRANTS if grant.role == "Contributor"}
    assert holders == {Holder.WORKSPACE}


@pytest.mark.parametrize("holder", list(Holder))
@pytest.mark.parametrize("managed", [False, True])
def test_less_is_given_where_the_service_gives(holder: Holder, managed: bool) -> None:
    """A system-assigned identity is given a part of what a user-assigned one is, and a
    managed network only adds."""
    every = ("blob", "file", "queue", "table")
    full = set(grants_of(holder, storage_groups=every, managed_network=managed))
    less = set(
        grants_of(
            holder, storage_groups=every, managed_network=managed, system_assigned=True
        )
    )
    assert less <= full
    assert set(grants_of(holder)) <= full


words = st.text(st.sampled_from("ab|\\/ "), max_size=5)


@given(st.lists(st.lists(words, min_size=1, max_size=4), max_size=20))
def test_names_of_role_assignments_never_collide(parts: list[list[str]]) -> None:
    """Other parts give another name, whatever they contain and however many there are,
    and the same parts give the same name; each is a UUID, as Azure wants."""
    named = {tuple(item): role_assignment_name(*item) for item in parts}
    assert len(set(named.values())) == len(named)
    for item, name in named.items():
        assert role_assignment_name(*item) == name
        assert str(UUID(name)) == name
