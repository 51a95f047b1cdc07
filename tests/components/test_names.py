"""Names: valid for their kind or refused, never cut, the same for the same parts."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.names import (
    NAME_RULES,
    Naming,
    name_findings,
    name_rule,
)

KINDS = (
    "storage_account",
    "key_vault",
    "container_registry",
    "machine_learning_workspace",
)
# Written down once more from Azure's naming page, apart from the rulebook.
VALID = {
    "storage_account": r"[a-z0-9]{3,24}",
    "key_vault": r"(?=.{3,24}$)(?!.*--)[a-zA-Z][a-zA-Z0-9-]*[a-zA-Z0-9]",
    "container_registry": r"[a-zA-Z0-9]{5,50}",
    "machine_learning_workspace": r"(?=.{3,33}$)[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]",
}
any_word = st.text("aZ09-_ é", max_size=14) | st.from_regex(
    r"[a-z][a-z0-9-]{0,12}", fullmatch=True
)


@given(any_word, any_word, any_word)
def test_names_are_valid_or_refused(
    workload: str, environment: str, suffix: str
) -> None:
    """C53, C55: no combination of parts gives an invalid name without a finding, and
    every finding names one of the three inputs."""
    naming = Naming(workload=workload, environment=environment, unique_suffix=suffix)
    findings = naming.findings(KINDS)
    for finding in findings:
        assert finding.path in ("workload", "environment", "unique_suffix")
    if not findings:
        for kind in KINDS:
            assert re.fullmatch(VALID[kind], naming.name(kind))
            assert name_findings(kind, naming.name(kind), path="x") == []


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,4}", fullmatch=True),
    st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True),
    st.from_regex(r"[a-z0-9]{4}", fullmatch=True),
)
def test_names_hold_all_their_parts(
    workload: str, environment: str, suffix: str
) -> None:
    """Nothing is cut off: every part stands whole in every name, and the suffix, which
    tells deployments apart, is the end of it."""
    naming = Naming(workload=workload, environment=environment, unique_suffix=suffix)
    assert naming.findings(KINDS) == []
    for kind in KINDS:
        name = naming.name(kind)
        assert workload in name
        assert environment in name
        assert name.endswith(suffix)
        assert name == naming.name(kind)


def test_too_long_a_name_names_the_part_and_the_excess() -> None:
    """C53: the vault and the account hold 24 characters, and the message says by how
    much the longest part is too long."""
    naming = Naming(
        workload="contoso-machinelearning", environment="production", unique_suffix="1"
    )
    (finding,) = naming.findings(KINDS)
    assert finding.path == "workload"
    assert (
        "'kv-contoso-machinelearning-production-1' 15 characters too long (at most 24)"
        in finding.message
    )


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        (("2025-ML_Platform", "dev", "x1"), "workload"),
        (("vision", "Dev", "x1"), "environment"),
        (("vision", "dev", "X-1"), "unique_suffix"),
        (("vision--lab", "dev", "x1"), "workload"),
        (("vision-", "dev", "x1"), "workload"),
        (("vision", "1dev", "x1"), "environment"),
    ],
)
def test_parts_of_the_wrong_form_are_refused(
    parts: tuple[str, str, str], path: str
) -> None:
    """C55: a digit first, capitals, underscores and stray hyphens are refused, naming
    the input, and no invalid name is made of them."""
    workload, environment, suffix = parts
    naming = Naming(workload=workload, environment=environment, unique_suffix=suffix)
    (finding,) = naming.findings(KINDS)
    assert finding.path == path
    assert "cannot be part of Azure names" in finding.message


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("compute_cluster", "training-cluster", "training-cluster1"),
        ("compute_cluster", "a1b", "1ab"),
        ("compute_cluster", "gpu-a100", "gpu-100"),
        ("kubernetes_compute", "aks-a", "aks-"),
        ("compute_instance", "ci-ada", "ci-ada-1"),
        ("compute_instance", "a" * 24, "a" * 25),
        ("online_endpoint", "churn-v2", "churn--v2"),
        ("online_endpoint", "a" * 32, "a-"),
        ("virtual_network", "net_", "n"),
        ("virtual_network", "n-1", "n-"),
        ("subnet", "jump_box", "-jump"),
        ("managed_identity", "id-vision_1", "_id"),
        ("log_analytics_workspace", "log-1", "log-"),
        ("application_insights", "appi.(1)", "appi."),
        ("key_vault", "kv-a", "kv--a"),
        ("private_endpoint", "p" * 80, "p" * 81),
    ],
)
def test_each_kind_keeps_its_own_rule(kind: str, good: str, bad: str) -> None:
    """One accepted and one refused name per kind; the message names kind and name."""
    assert name_findings(kind, good, path="name") == []
    finding = name_findings(kind, bad, path="name")[0]
    assert finding.path == "name"
    assert bad in finding.message
    assert kind.replace("_", " ") in finding.message


def test_a_misspelt_kind_names_the_nearest() -> None:
    """Asking for an unknown kind is a programming error that says what was meant."""
    with pytest.raises(ValueError, match="did you mean 'key_vault'"):
        name_rule("key_valt")


def test_rules_are_consistent() -> None:
    """A name of the shortest and of the longest length can exist for every kind."""
    for rule in NAME_RULES.values():
        assert 1 <= rule.shortest < rule.longest
        for length in (rule.shortest, rule.longest):
            assert re.fullmatch(rule.pattern, "a" * length)
