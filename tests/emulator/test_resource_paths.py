"""Ids: what is built from a template is parsed back, whatever the names are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import derived_paths
from emulator.known_paths import KNOWN_PATHS
from emulator.resource_paths import (
    SCOPES,
    PathTemplate,
    id_key,
    parent_id,
    same_id,
)

SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
names = st.text(
    st.characters(categories=["Ll", "Lu", "Nd"], include_characters="-_.()"),
    min_size=1,
    max_size=20,
)


@given(template=st.sampled_from(sorted(KNOWN_PATHS.values())), data=st.data())
def test_built_ids_parse_back(template: str, data: st.DataObject) -> None:
    """Every parameter of every written template survives building and parsing."""
    path = PathTemplate(template)
    scope = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/A.B/c/d"
    values = {
        name: scope if name in SCOPES else data.draw(names, label=name)
        for name in path.parameters
    }
    built = path.build(SUBSCRIPTION, values)
    parsed = path.parse(built)
    for name, value in values.items():
        assert parsed[name].strip("/") == value.strip("/")
    assert path.parse(built.upper()).keys() == parsed.keys()


@given(name=names)
def test_ids_are_the_same_whatever_their_case(name: str) -> None:
    """Azure ignores case in ids, and so does the store's key."""
    one = f"/subscriptions/s/resourceGroups/{name}"
    assert same_id(one, one.replace("resourceGroups", "resourcegroups") + "/")
    assert id_key(one) == id_key(id_key(one))


@pytest.mark.parametrize(
    ("resource_id", "parent"),
    [
        ("/subscriptions/s", None),
        ("/subscriptions/s/resourceGroups/g", "/subscriptions/s"),
        (
            "/subscriptions/s/resourceGroups/g/providers/N.S/things/t",
            "/subscriptions/s/resourceGroups/g",
        ),
        (
            "/subscriptions/s/resourceGroups/g/providers/N.S/things/t/parts/p",
            "/subscriptions/s/resourceGroups/g/providers/N.S/things/t",
        ),
        (
            "/subscriptions/s/resourceGroups/g/providers/N.S/things/t"
            "/providers/Microsoft.Authorization/locks/l",
            "/subscriptions/s/resourceGroups/g/providers/N.S/things/t",
        ),
    ],
)
def test_parents(resource_id: str, parent: str | None) -> None:
    """A child's parent is the resource, a top-level resource's its group."""
    assert parent_id(resource_id) == parent


def test_missing_parameters_are_named() -> None:
    """An id cannot be built without its names; the error says which are missing."""
    path = PathTemplate(KNOWN_PATHS["network:Subnet"])
    with pytest.raises(ValueError, match="virtualNetworkName, subnetName"):
        path.build(SUBSCRIPTION, {"resourceGroupName": "g"})


def test_foreign_id_is_refused() -> None:
    """An id of another type does not parse."""
    path = PathTemplate(KNOWN_PATHS["network:Subnet"])
    with pytest.raises(ValueError, match="does not match the path"):
        path.parse("/subscriptions/s/resourceGroups/g")


@pytest.mark.parametrize(
    ("module", "class_name", "expected"),
    [
        (
            "network",
            "ReachabilityAnalysisIntent",
            "Microsoft.Network/networkManagers/{networkManagerName}"
            "/verifierWorkspaces/{workspaceName}"
            "/reachabilityAnalysisIntents/{reachabilityAnalysisIntentName}",
        ),
        (
            "sql",
            "LongTermRetentionPolicy",
            "Microsoft.Sql/servers/{serverName}/databases/{databaseName}"
            "/longTermRetentionPolicies/{policyName}",
        ),
    ],
)
def test_derived_paths_follow_the_parents(
    module: str, class_name: str, expected: str
) -> None:
    """Parents are found by their parameters, however deep the type lies."""
    assert derived_paths.derive_path(module, class_name).endswith(expected)


def test_written_paths_agree_with_derived_ones() -> None:
    """Where a path is written down, deriving it gives the same order of names."""
    for token, template in KNOWN_PATHS.items():
        module, class_name = token.split(":")
        if class_name in ("PrivateRecordSet", "JitNetworkAccessPolicy"):
            continue  # their parents are no resources of their own
        derived = PathTemplate(derived_paths.derive_path(module, class_name))
        if token != "resources:ResourceGroup":
            assert derived.parameters == PathTemplate(template).parameters, token
