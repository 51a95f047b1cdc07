"""The plan is complete, plain, free of secrets, and in the published format."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.plan import plain_value, plan_from_digest, source_of

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK_URN = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
SUBNET_URN = "urn:pulumi:dev::shop::azure-native:network:Subnet::endpoints"
THE_SECRET = "correct-horse-battery-staple"

plain_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def wrapped(form: str, value: object) -> dict:
    """A secret as the engine writes it, in one of its forms."""
    if form == "output":
        output = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
        return {SIGNATURE: output, "value": value, "secret": True, "dependencies": []}
    return {SIGNATURE: SECRET_SIGNATURE, form: json.dumps(value)}


secrets = st.builds(
    wrapped,
    st.sampled_from(["value", "plaintext", "ciphertext", "output"]),
    st.just(THE_SECRET) | st.just({"user": "me", "password": [THE_SECRET]}),
)
values_with_secrets = st.recursive(
    secrets,
    lambda inner: (
        st.tuples(inner, plain_json).map(list)
        | st.tuples(st.text(max_size=5), inner, plain_json).map(
            lambda parts: {"other": parts[2], parts[0]: parts[1]}
        )
    ),
    max_leaves=4,
)


def step(operation: str, **fields: object) -> dict:
    """A step of a digest on one subnet."""
    state = {
        "urn": SUBNET_URN,
        "type": "azure-native:network:Subnet",
        "custom": True,
        "parent": STACK_URN,
        "inputs": {"addressPrefix": "10.0.0.0/24"},
    }
    return {"op": operation, "urn": SUBNET_URN, "newState": state} | fields


def converted(*steps: dict) -> dict:
    """The plan of some steps."""
    return plan_from_digest(
        {"steps": list(steps)},
        project="shop",
        stack="dev",
        project_directory="/home/me/shop",
    )


@given(value=values_with_secrets)
def test_no_secret_is_left_wherever_it_was_wrapped(value):
    """A secret inside lists, maps or other secrets never reaches a plan."""
    text = json.dumps(converted(step("create", newState={"inputs": {"key": value}})))
    assert THE_SECRET not in text
    assert "[secret]" in text


@given(value=plain_json)
def test_plain_values_stay_as_they_are(value):
    """What holds neither secrets nor unknowns is not touched."""
    assert plain_value(value) == value


@pytest.mark.parametrize(
    "mark",
    [
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_every_mark_of_an_unknown_becomes_one_form(mark):
    """The engine has one mark for each kind of value; readers see one form."""
    assert plain_value({"ids": [mark, "known"]}) == {
        "ids": [{"unknown": True}, "known"]
    }


def test_a_text_with_an_unknown_inside_is_unknown():
    """Part of a text is no less unknown, and the mark would mislead a reader."""
    assert plain_value(f"/subnets/{UNKNOWN_TEXT}") == {"unknown": True}


def test_an_output_without_a_value_is_unknown():
    """An output that is not known yet has no value at all."""
    output = {SIGNATURE: "d0e6a833031e9bbcd3f4e8bde6ca49a4"}
    assert plain_value(output) == {"unknown": True}


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        (["create"], "create"),
        (["import"], "create"),
        (["same"], "same"),
        (["read"], "same"),
        (["update"], "update"),
        (["create-replacement", "replace", "delete-replaced"], "replace"),
        (["delete-replaced", "replace", "create-replacement"], "replace"),
        (["replace"], "replace"),
    ],
)
def test_the_steps_on_a_resource_become_one_operation(operations, expected):
    """A replacement is three steps of the engine and one change for a reader."""
    steps = [
        step(operation)
        if operation != "delete-replaced"
        else step(operation, newState=None, oldState={"custom": True})
        for operation in operations
    ]
    plan = converted(*steps)
    assert [each["operation"] for each in plan["resources"]] == [expected]
    assert plan["deletions"] == []


def test_a_deleted_resource_is_no_part_of_the_plan():
    """Who judges the plan must not see what will be gone; it is listed apart."""
    plan = converted(step("delete", newState=None, oldState={"custom": True}))
    assert plan["resources"] == []
    assert [each["urn"] for each in plan["deletions"]] == [SUBNET_URN]


def test_changed_properties_and_reasons_are_named():
    """A reader sees what changes and which property makes it a replacement."""
    plan = converted(
        step(
            "create-replacement",
            detailedDiff={"addressPrefix": {"kind": "update-replace"}},
            replaceReasons=["addressPrefix"],
        ),
        step("replace", diffReasons=["addressPrefix", "delegations"]),
    )
    [subnet] = plan["resources"]
    assert subnet["changedProperties"] == ["addressPrefix", "delegations"]
    assert subnet["replaceReasons"] == ["addressPrefix"]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (["project:///__main__.py#8,3"], {"file": "__main__.py", "line": 8}),
        (
            [
                "project:///.venv/lib/python3.11/site-packages/network/subnet.py#99",
                "project:///components/network.py#21",
                "project:///__main__.py#8",
            ],
            {"file": "components/network.py", "line": 21},
        ),
        (
            ["file:///home/me/shop/a%20b/__main__.py#5"],
            {"file": "a b/__main__.py", "line": 5},
        ),
        (
            ["project:///../shared/parts.py#7", "project:///__main__.py#8"],
            {"file": "__main__.py", "line": 8},
        ),
        (
            ["project:///../shared/parts.py#7"],
            {"file": "/home/me/shared/parts.py", "line": 7},
        ),
        (["nonsense"], None),
        ([], None),
    ],
)
def test_the_source_is_the_users_own_line(frames, expected):
    """Installed libraries and other folders give way to the project's own files."""
    state = {"stackTrace": [{"sourcePosition": frame} for frame in frames] + [{}]}
    assert source_of(state, "/home/me/shop") == expected


def test_pulumis_own_resources_have_no_source():
    """The stack is made by Pulumi's start-up code, which helps no reader."""
    state = {"type": "pulumi:pulumi:Stack", "sourcePosition": "project:///run.py#1"}
    assert source_of(state, "/home/me/shop") is None


def test_what_a_provider_adds_for_itself_is_no_input():
    """The plan holds what the program wants, not the provider's bookkeeping."""
    inputs = {"tags": {}, "azureApiVersion": "2024-01-01", "__defaults": []}
    [subnet] = converted(step("create", newState={"inputs": inputs}))["resources"]
    assert subnet["inputs"] == {"tags": {}}


def test_a_digest_without_steps_is_an_empty_plan(fits_schema):
    """A stack without resources has a plan as well."""
    plan = converted()
    fits_schema("plan.schema.json", plan)
    assert plan["resources"] == []


def test_recorded_digests_become_plans_in_the_published_format(recordings, fits_schema):
    """What the real engine printed fits the schema, and every parent is in the plan."""
    digests = sorted(recordings.glob("*/digest.json"))
    assert digests
    for file in digests:
        digest = json.loads(file.read_text())
        plan = plan_from_digest(
            digest,
            project="shop",
            stack="dev",
            project_directory="/home/me/shop",
        )
        fits_schema("plan.schema.json", plan)
        urns = {each["urn"] for each in plan["resources"]}
        assert len(urns) == len(plan["resources"])
        for each in plan["resources"]:
            assert each["parent"] is None or each["parent"] in urns
            assert set(each["dependencies"]) <= urns


def test_names_may_hold_the_separator_of_urns():
    """Only the first three separators part a URN."""
    urn = "urn:pulumi:dev::shop::my:C$azure-native:network:Subnet::a::b$c:d"
    plan = converted({"op": "create", "urn": urn, "newState": {"custom": True}})
    assert plan["resources"][0]["name"] == "a::b$c:d"
    assert plan["resources"][0]["type"] == "azure-native:network:Subnet"


def test_a_recorded_change_has_each_operation_once(recordings):
    """A replaced, a changed, a deleted and unchanged resources, as the engine plans."""
    digest = json.loads((recordings / "changed" / "digest.json").read_text())
    plan = plan_from_digest(
        digest, project="shop", stack="dev", project_directory="/home/me/shop"
    )
    operations = {each["name"]: each["operation"] for each in plan["resources"]}
    assert operations["endpoints"] == "replace"
    assert operations["aml"] == "update"
    assert operations["vnet"] == "same"
    assert [each["name"] for each in plan["deletions"]] == ["extra"]
    [subnet] = [each for each in plan["resources"] if each["name"] == "endpoints"]
    assert subnet["replaceReasons"] == ["subnetName"]
    [workspace] = [each for each in plan["resources"] if each["name"] == "aml"]
    assert workspace["inputs"]["description"] == "[secret]"
    assert workspace["inputs"]["tags"]["subnet"] == {"unknown": True}
    assert workspace["propertyDependencies"]["tags"] == [subnet["urn"]]
