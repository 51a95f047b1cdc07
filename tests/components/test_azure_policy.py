"""Azure Policy after the deployment: what is assigned, how strictly, and what not."""

import re
from collections.abc import Mapping

import pulumi
import pytest

from azureml_network.azure_policy import policy_assignments
from azureml_rulebook import azure_policies
from azureml_rulebook.azure_policies import assignments, left_out
from azureml_rulebook.clouds import CLOUDS

PATH = "/providers/Microsoft.Authorization/policyDefinitions/"
WORKSPACE_PRIVATE = "438c38d2-3772-465a-a9cc-7a6666a275ce"
WORKSPACE_CHANGED = "a10ee784-7409-4941-b091-663697637c0f"
USER_IDENTITY = "5f0c7d88-c7de-45b8-ac49-db49e72eaa78"
VAULT_FIREWALL = "55615ac9-af46-4a59-874e-391cc3dfb490"
VAULT_LINK = "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9"
STORAGE_LINK = "6edd7eda-6dd8-40f7-810d-67160c639cd9"
NO_PUBLIC_ADDRESS = "83a86a26-fd1f-447c-b59d-e51f44264114"
PRIVATE_SUBNETS = "7bca8353-aa3b-429b-904a-9229c4385837"
PRIVATE_ONLY_SCOPE = "a499fed8-bcc8-4195-b154-641f14743757"
INFRASTRUCTURE = "4733ea7b-a883-42fe-8cac-97454c2a9e4a"

RULES: dict[str, dict[str, str]] = {
    WORKSPACE_PRIVATE: {"ML001": "mandatory"},
    WORKSPACE_CHANGED: {"ML001": "mandatory"},
    USER_IDENTITY: {"ML006": "advisory"},
    INFRASTRUCTURE: {"ST015": "disabled"},
    VAULT_FIREWALL: {"KV002": "advisory", "KV004": "mandatory"},
    PRIVATE_ONLY_SCOPE: {"MN005": "mandatory"},
    PRIVATE_SUBNETS: {"VN004": "mandatory"},
    NO_PUBLIC_ADDRESS: {"IP001": "mandatory", "IP002": "disabled"},
    STORAGE_LINK: {"PE002": "mandatory"},
    VAULT_LINK: {"PE003": "mandatory"},
}


def chosen(effect: str, cloud: str = "public", **without: object) -> Mapping[str, str]:
    """Return what each definition is assigned with, by its id."""
    return {
        row.policy_definition_id.removeprefix(PATH): "/".join(
            [*row.parameters.values(), *([] if row.enforced else ["not enforced"])]
        )
        for row in assignments(effect, cloud, rules=RULES, **without)  # type: ignore[arg-type]
    }


def test_nothing_is_assigned_when_it_is_off() -> None:
    """The switch is off by itself."""
    assert assignments("off", "public") == ()


def test_audit_lists_and_refuses_nothing() -> None:
    """A definition that can only deny is not enforced."""
    assert chosen("audit") == {
        WORKSPACE_PRIVATE: "Audit",
        USER_IDENTITY: "Audit",
        VAULT_FIREWALL: "Audit",
        PRIVATE_SUBNETS: "Audit",
        NO_PUBLIC_ADDRESS: "not enforced",
        STORAGE_LINK: "AuditIfNotExists",
        VAULT_LINK: "Audit",
    }


def test_deny_refuses_what_mandatory_rules_forbid() -> None:
    """Advisory rules list; so do definitions that cannot deny, or must not."""
    assert chosen("deny") == {
        WORKSPACE_PRIVATE: "Deny",
        USER_IDENTITY: "Audit",
        VAULT_FIREWALL: "Deny",
        PRIVATE_SUBNETS: "Audit",
        NO_PUBLIC_ADDRESS: "",
        STORAGE_LINK: "AuditIfNotExists",
        VAULT_LINK: "Audit",
    }


def test_a_rule_that_the_stack_does_not_keep_to() -> None:
    """Its definitions are left out, those that it shares with another rule too."""
    found = chosen("deny", without={"KV002", "ML001"})
    assert not {VAULT_FIREWALL, WORKSPACE_PRIVATE} & set(found)


@pytest.mark.parametrize(
    ("cloud", "expected"),
    [("us_government", {VAULT_FIREWALL, VAULT_LINK}), ("china", set())],
)
def test_only_what_is_published_for_a_cloud(cloud: str, expected: set[str]) -> None:
    """An assignment of a definition that does not exist fails."""
    assert set(chosen("audit", cloud)) == expected


def test_what_is_left_out_and_why() -> None:
    """Each definition that rules name is either assigned or has a reason."""
    reasons = {
        each.policy.id: each.reason for each in left_out("public", {"PE003"}, RULES)
    }
    assert reasons == {
        WORKSPACE_CHANGED: "it changes resources, which the program does by itself",
        INFRASTRUCTURE: "the rule is off by default",
        PRIVATE_ONLY_SCOPE: "Azure Machine Learning needs the mode that it reports",
        VAULT_LINK: "the stack does not keep to the rule",
    }
    assert (
        "not published for the cloud 'china'"
        in left_out("china", rules=RULES)[0].reason
    )


def test_what_a_row_says() -> None:
    """Names are as Azure wants them, and the rules can be found by their ids."""
    first = assignments("deny", "public", rules=RULES)[0]
    assert first.name == f"azureml-{WORKSPACE_PRIVATE}"
    assert first.display_name == (
        "ML001: Azure Machine Learning Workspaces should disable public network access"
    )
    assert first.rules == ("ML001",)
    rows = assignments("audit", "public", rules=RULES)
    shared = {row.policy_definition_id: row for row in rows}
    assert shared[PATH + VAULT_FIREWALL].rules == ("KV002", "KV004")
    assert shared[PATH + NO_PUBLIC_ADDRESS].rules == ("IP001",)
    assert shared[PATH + VAULT_LINK].parameters == {"audit_effect": "Audit"}


@pytest.mark.parametrize(
    ("effect", "cloud", "text"),
    [
        ("denny", "public", "'denny' is not an effect; did you mean 'deny'?"),
        ("audit", "publik", "did you mean 'public'?"),
    ],
)
def test_misspelt_words(effect: str, cloud: str, text: str) -> None:
    """The nearest word that exists is named."""
    with pytest.raises(ValueError, match=re.escape(text)):
        assignments(effect, cloud)


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("effect", ["audit", "deny"])
def test_names_of_all_that_the_pack_names_fit(cloud: str, effect: str) -> None:
    """At most 64 and 128 characters, each name once, each id a GUID."""
    rows = assignments(effect, cloud)
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert len(row.name) <= 64
        assert len(row.display_name) <= 128
        identifier = row.policy_definition_id.removeprefix(PATH)
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier)


def test_a_definition_can_be_assigned_or_has_a_reason() -> None:
    """The table of definitions is consistent in itself."""
    for policy in azure_policies.azure_policies().values():
        assert bool(policy.effects) or bool(policy.unusable)
        assert set(policy.effects) <= {"Audit", "AuditIfNotExists", "Deny"}
        assert set(policy.clouds) <= set(CLOUDS)
        assert policy.effect_parameter or policy.effects == ("Deny",)


def test_the_resources(record) -> None:
    """One assignment a row, at the scope, with the effect as its parameter."""
    scope = "/subscriptions/s/resourceGroups/rg"

    def program() -> None:
        policy_assignments(
            "ml",
            pulumi.Output.from_input(scope),
            assignments("deny", "public", rules=RULES),
            pulumi.ResourceOptions(retain_on_delete=False),
        )

    recorded = record(program).of_type("PolicyAssignment")
    assert len(recorded) == 7
    assert recorded[f"ml-azureml-{VAULT_LINK}"].inputs == {
        "policyAssignmentName": f"azureml-{VAULT_LINK}",
        "scope": scope,
        "policyDefinitionId": PATH + VAULT_LINK,
        "displayName": "PE003: Azure Key Vaults should use private link",
        "description": "Stands for PE003 of the policy pack.",
        "enforcementMode": "Default",
        "parameters": {"audit_effect": {"value": "Audit"}},
    }
    rows = assignments("audit", "public", rules=RULES)
    not_enforced = record(lambda: policy_assignments("ml", scope, rows)).inputs(
        f"ml-azureml-{NO_PUBLIC_ADDRESS}"
    )
    assert not_enforced["enforcementMode"] == "DoNotEnforce"
    assert not not_enforced.get("parameters")
