"""IPsec policies: every value of Azure's, what is refused, and strongSwan's words."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network._hybrid_gateway.arguments import SiteSpec
from azureml_network._hybrid_gateway.ipsec_policy import read_ipsec_policy
from azureml_network._inputs import InputReader
from azureml_rulebook.ipsec import ALGORITHMS, SUITES, IpsecPolicy, policy_findings
from azureml_rulebook.strongswan import esp_proposal, ike_proposal

CURRENT = {
    "ike_encryption": {"GCMAES256", "GCMAES128", "AES256", "AES192", "AES128"},
    "ike_integrity": {"SHA384", "SHA256"},
    "dh_group": {"DHGroup24", "ECP384", "ECP256", "DHGroup14", "DHGroup2048"},
    "ipsec_encryption": {
        *("GCMAES256", "GCMAES192", "GCMAES128", "AES256", "AES192", "AES128"),
    },
    "ipsec_integrity": {"GCMAES256", "GCMAES192", "GCMAES128", "SHA256"},
    "pfs_group": {"PFS24", "ECP384", "ECP256", "PFS2048"},
}
WEAK = {
    "ike_encryption": {"DES", "DES3"},
    "ike_integrity": {"SHA1", "MD5", "GCMAES256", "GCMAES128"},
    "dh_group": {"DHGroup1", "DHGroup2", "None"},
    "ipsec_encryption": {"DES", "DES3", "None"},
    "ipsec_integrity": {"SHA1", "MD5"},
    "pfs_group": {"PFS1", "PFS2", "PFS14", "PFSMM", "None"},
}
"""What Azure's SDK lists, written down once more."""


def read(**inputs: Any) -> tuple[IpsecPolicy, list[str]]:
    """Read a site's policy; gives it and what is wrong with it."""
    site = InputReader({"ipsec_policy": inputs}, SiteSpec, path="sites.hq")
    policy = read_ipsec_policy(site)
    return policy, [str(finding) for finding in site.findings]


def test_every_value_of_azure_has_a_verdict():
    """One row for each value that azure-native lists, and no other."""
    from pulumi_azure_native import network

    listed = {
        "ike_encryption": network.IkeEncryption,
        "ike_integrity": network.IkeIntegrity,
        "dh_group": network.DhGroup,
        "ipsec_encryption": network.IpsecEncryption,
        "ipsec_integrity": network.IpsecIntegrity,
        "pfs_group": network.PfsGroup,
    }
    rows = {(str(row.choice), row.value): bool(row.fault) for row in ALGORITHMS}
    assert len(rows) == len(ALGORITHMS)
    assert set(rows) == {
        (choice, str(value.value)) for choice, kind in listed.items() for value in kind
    }
    for choice in listed:
        assert {v for (c, v), weak in rows.items() if c == choice and weak} == WEAK[
            choice
        ]
        assert {v for (c, v), weak in rows.items() if c == choice and not weak} == (
            CURRENT[choice]
        )
    assert all(row.page.startswith("https://") for row in ALGORITHMS)


@pytest.mark.parametrize(
    ("choice", "value"),
    [(choice, value) for choice in WEAK for value in sorted(WEAK[choice])],
)
def test_a_weak_value_is_refused_with_the_reason(choice: str, value: str):
    """With its path, itself, and all that may stand in its place."""
    inputs = {"suite": "aes256_sha256", choice: value}
    _, [finding] = read(**inputs)
    start, _, allowed = finding.rpartition("; use one of ")
    assert start.startswith(f"sites.hq.ipsec_policy.{choice}: '{value}' ")
    assert len(start) > len(f"sites.hq.ipsec_policy.{choice}: '{value}' ") + 10
    assert set(allowed.partition(" (")[0].split(", ")) == CURRENT[choice]


@pytest.mark.parametrize(
    ("choice", "value"),
    [(choice, value) for choice in CURRENT for value in sorted(CURRENT[choice])],
)
def test_a_current_value_is_taken(choice: str, value: str):
    """In a suite that it goes with."""
    inputs = {"suite": "aes256_sha256", choice: value}
    if choice.startswith("ipsec") and value.startswith("GCM"):
        inputs |= {"ipsec_encryption": value, "ipsec_integrity": value}
    policy, findings = read(**inputs)
    assert findings == []
    assert getattr(policy, choice) == value


@pytest.mark.parametrize(
    ("suite", "expected"),
    {
        "gcm256": (
            *("GCMAES256", "SHA384", "ECP384", "GCMAES256", "GCMAES256", "ECP384"),
            *(27000, 102400000),
        ),
        "gcm128": (
            *("GCMAES128", "SHA256", "ECP256", "GCMAES128", "GCMAES128", "ECP256"),
            *(27000, 102400000),
        ),
        "aes256_sha256": (
            *("AES256", "SHA256", "DHGroup14", "AES256", "SHA256", "PFS2048"),
            *(27000, 102400000),
        ),
    }.items(),
)
def test_suites(suite: str, expected: tuple[Any, ...]):
    """Each is whole and current."""
    policy, findings = read(suite=suite)
    assert findings == []
    assert tuple(vars(policy).values()) == expected
    assert policy_findings(policy) == []


def test_the_default_is_the_strongest():
    """Also where the policy, or the suite, is blank or left out."""
    for inputs in ({}, {"suite": None}, {"suite": " ", "dh_group": ""}):
        assert read(**inputs) == (SUITES["gcm256"], [])
    site = InputReader({}, SiteSpec, path="sites.hq")
    assert read_ipsec_policy(site) == SUITES["gcm256"]


@pytest.mark.parametrize("name", ["gcm256", "aes256_sha256"])
def test_what_the_policy_pack_asks_of_a_strong_policy(name: str):
    """AES of 256 bits, SHA-2 or GCM, a group of 2048 bits or a curve (VG004)."""
    policy = SUITES[name]
    assert {policy.ike_encryption, policy.ipsec_encryption} <= {"AES256", "GCMAES256"}
    assert {policy.ike_integrity, policy.ipsec_integrity} <= {
        *("SHA256", "SHA384", "GCMAES256"),
    }
    assert policy.dh_group in {"DHGroup14", "DHGroup24", "ECP256", "ECP384"}


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        ({"ipsec_encryption": "AES256"}, "SHA256"),
        ({"ipsec_encryption": "GCMAES128"}, "GCMAES128"),
        ({"ipsec_integrity": "SHA256"}, "GCMAES256"),
        ({"ipsec_integrity": "GCMAES192"}, "GCMAES256"),
        ({"suite": "aes256_sha256", "ipsec_integrity": "GCMAES256"}, "SHA256"),
        ({"suite": "aes256_sha256", "ipsec_encryption": "GCMAES192"}, "GCMAES192"),
    ],
)
def test_gcm_is_chosen_for_both(inputs: dict[str, Any], wanted: str):
    """Where it is not, the other value is told."""
    _, [finding] = read(**inputs)
    assert finding.startswith("sites.hq.ipsec_policy.ipsec_integrity: ")
    assert f"write '{wanted}'" in finding


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"suite": "gcm"}, "suite: 'gcm' is not known; did you mean 'gcm256'?"),
        ({"suite": "best"}, "known: 'aes256_sha256', 'gcm128', 'gcm256'"),
        ({"dh_group": "dhgroup14"}, "dh_group: 'dhgroup14' is not known; did you mean"),
        ({"ike_encryption": "AES-256"}, "did you mean 'AES256'?"),
        ({"ike_integrity": "SHA512"}, "ike_integrity: 'SHA512' is not known"),
        (
            {"lifetime_seconds": 299},
            "lifetime_seconds: 299 is not allowed; Azure takes",
        ),
        ({"lifetime_seconds": 172800}, "300 to 172799"),
        ({"lifetime_kilobytes": 1023}, "1024 to 2147483647"),
        ({"lifetime_kilobytes": 2**31}, "lifetime_kilobytes: 2147483648 is not"),
        ({"lifetime_seconds": "3600"}, "'3600' is not a whole number"),
        ({"encryption": "AES256"}, "encryption: is not a known input"),
    ],
)
def test_what_is_not_understood_is_told(inputs: dict[str, Any], said: str):
    """With the nearest word, or what is allowed."""
    _, [finding] = read(**inputs)
    assert finding.startswith("sites.hq.ipsec_policy.")
    assert said in finding


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lifetime_seconds", 300),
        ("lifetime_seconds", 172799),
        ("lifetime_kilobytes", 1024),
        ("lifetime_kilobytes", 2147483647),
    ],
)
def test_lifetimes_at_their_limits(key: str, value: int):
    """Both ends are allowed."""
    policy, findings = read(**{key: value})
    assert findings == []
    assert getattr(policy, key) == value


anything = {
    choice: st.sampled_from(sorted(CURRENT[choice] | WEAK[choice] | {"AES512", ""}))
    for choice in CURRENT
}
specs = st.fixed_dictionaries(
    {},
    optional={
        **anything,
        "suite": st.sampled_from(["gcm256", "gcm128", "aes256_sha256", "best"]),
        "lifetime_seconds": st.integers(0, 200_000),
        "lifetime_kilobytes": st.integers(0, 2**32),
    },
)
WORD = re.compile(r"aes(128|192|256)(gcm16)?-[a-z0-9]+(-[a-z0-9]+)?")


@given(specs)
def test_whatever_is_accepted_is_whole_current_and_consistent(spec: dict[str, Any]):
    """And strongSwan has a word for it; whatever is not, is refused by its field."""
    policy, findings = read(**spec)
    fields = vars(policy)
    assert len(fields) == 8
    faulty = [choice for choice in CURRENT if fields[choice] not in CURRENT[choice]]
    encryption, integrity = fields["ipsec_encryption"], fields["ipsec_integrity"]
    matched = encryption == integrity or not (
        encryption.startswith("GCM") or integrity.startswith("GCM")
    )
    in_limits = (
        300 <= policy.lifetime_seconds <= 172799
        and 1024 <= policy.lifetime_kilobytes <= 2147483647
    )
    known_suite = spec.get("suite") != "best"
    assert (findings == []) == (not faulty and matched and in_limits and known_suite)
    for choice in faulty:
        assert any(f".{choice}: " in finding for finding in findings)
    if not findings:
        assert WORD.fullmatch(ike_proposal(policy))
        assert WORD.fullmatch(esp_proposal(policy))


@pytest.mark.parametrize(
    ("inputs", "ike", "esp"),
    [
        ({}, "aes256gcm16-prfsha384-ecp384", "aes256gcm16-ecp384"),
        ({"suite": "gcm128"}, "aes128gcm16-prfsha256-ecp256", "aes128gcm16-ecp256"),
        (
            {"suite": "aes256_sha256"},
            "aes256-sha256-modp2048",
            "aes256-sha256-modp2048",
        ),
        (
            {
                "suite": "aes256_sha256",
                "ike_encryption": "AES192",
                "ike_integrity": "SHA384",
                "dh_group": "DHGroup24",
                "ipsec_encryption": "AES128",
                "pfs_group": "PFS24",
            },
            "aes192-sha384-modp2048s256",
            "aes128-sha256-modp2048s256",
        ),
        (
            {
                "ike_encryption": "AES128",
                "ike_integrity": "SHA256",
                "dh_group": "DHGroup2048",
                "ipsec_encryption": "GCMAES192",
                "ipsec_integrity": "GCMAES192",
                "pfs_group": "ECP256",
            },
            "aes128-sha256-modp2048",
            "aes192gcm16-ecp256",
        ),
    ],
)
def test_strongswan_has_a_word_for_each(inputs: dict[str, Any], ike: str, esp: str):
    """GCM needs no hash to protect; phase 1 keeps it to derive keys."""
    policy, findings = read(**inputs)
    assert findings == []
    assert (ike_proposal(policy), esp_proposal(policy)) == (ike, esp)
