"""What is worked out from secrets stays out of messages too: addresses in a range that
is secret, ports, numbers, short names, names in ids. The answers are as without."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from cases_security_groups import GROUP, deny, group, port, rule, source
from policy_calls import Analyzer, answers
from policy_plans import UNKNOWN, Plan, Planned, secret
from rule_cases import BAD, OK, StackCase, resource_cases, stack_cases

from azureml_policies import RULES
from azureml_policies._frame.redaction import Secrets

RULE_BY_ID = {each.id: each for each in RULES}
SIGNATURE = next(iter(secret("")))
CASES: dict[str, list[Any]] = defaultdict(list)
for _case in (*resource_cases(), *stack_cases()):
    if RULE_BY_ID[_case.rule].types and not RULE_BY_ID[_case.rule].asked_last:
        CASES[_case.rule].append(_case)


def all_secret(value: Any) -> Any:
    """Return inputs in which each text, number and flag is a secret by itself."""
    if isinstance(value, Mapping):
        if SIGNATURE in value:
            return value
        return {key: all_secret(each) for key, each in value.items()}
    if isinstance(value, list):
        return [all_secret(each) for each in value]
    return value if value is None else secret(value)


def leaves(value: Any) -> Iterator[Any]:
    """Yield every text, number and flag of inputs."""
    if isinstance(value, Mapping | list):
        parts = value.values() if isinstance(value, Mapping) else value
        for part in parts:
            yield from leaves(part)
    else:
        yield value


def lines_of(verdicts: Path, rule_id: str) -> list[dict[str, Any]]:
    """Return the verdicts of a rule, about each resource once."""
    lines = [json.loads(line) for line in verdicts.read_text().splitlines()]
    return [line for line in lines if line.get("rule") == rule_id]


def told(verdicts: Path, rule_id: str) -> str:
    """Return all that the verdicts of a rule show: paths, messages and witnesses."""
    shown = [
        json.dumps([line["path"], line["message"], line["witness"]])
        for line in lines_of(verdicts, rule_id)
    ]
    # What a configuration or the rule's own tables say is no secret.
    return re.sub(r"the setting .*|Allow\w*\[secret\]\w*", "", "\n".join(shown))


def shows(text: str, value: Any) -> bool:
    """Say whether a text shows a value, or an address that lies in it."""
    if isinstance(value, float):
        return value.is_integer() and _has(text, str(int(value)), r"[\w.\[-]")
    if not isinstance(value, str) or value == UNKNOWN:
        return False
    try:
        network = ip_network(value.strip(), strict=False)
    except ValueError:
        return len(value) > 2 and _has(text, value, r"\w")
    found = re.findall(r"\d+(?:\.\d+){3}", text)
    addresses = [ip_network(each) for each in found]
    return any(
        each.version == network.version and each.subnet_of(network)  # type: ignore[arg-type]
        for each in addresses
    )


def _has(text: str, word: str, besides: str) -> bool:
    pattern = rf"(?<!{besides}){re.escape(word)}(?!\.?\w)"
    return re.search(pattern, text, re.I) is not None


@pytest.mark.parametrize("rule_id", CASES)
def test_no_rule_shows_anything_of_what_is_secret(
    rule_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each case of each rule, with every value of every resource a secret."""
    verdicts = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(verdicts))
    judged = RULE_BY_ID[rule_id]
    for case in CASES[rule_id]:
        verdicts.write_text("")
        analyzer = Analyzer([judged])
        analyzer.configure({judged.name: case.settings} if case.settings else {})
        if isinstance(case, StackCase):
            rendered = case.plan.render(deployed=False)
            given = [value for each in rendered for value in leaves(each.inputs)]
            response = analyzer.analyze_stack(
                [replace(each, inputs=all_secret(each.inputs)) for each in rendered]
            )
        else:
            given = list(leaves(case.inputs))
            inputs = all_secret(case.inputs)
            response = analyzer.analyze(case.type, inputs, told=case.told)
        assert answers(response, judged.name) == {case.answer}, str(case)
        text = told(verdicts, rule_id)
        assert [value for value in given if shows(text, value)] == [], (case, text)


ROUTES = Planned(
    "network:RouteTable",
    "table",
    {
        "routeTableName": "table",
        "disableBgpRoutePropagation": True,
        "routes": [
            {
                "name": "out",
                "addressPrefix": secret("0.0.0.0/0"),
                "nextHopType": "Internet",
            }
        ],
    },
)
IN_A_RANGE = source(secret("203.0.113.0/24"), name="partners")
PARTLY_SECRET: dict[str, tuple[str, str, tuple[Planned, ...], str, str]] = {
    "a range": (
        "SG001",
        BAD,
        (group(IN_A_RANGE),),
        r"203\.0\.",
        "rule 'Allow 100 partners' lets in Tcp [secret]:49152 -> 10.0.0.4:22",
    ),
    "a range in a list": (
        "SG001",
        BAD,
        (
            group(
                rule(
                    sourceAddressPrefix=None,
                    sourceAddressPrefixes=["10.0.0.0/8", secret("20.0.0.0/8")],
                )
            ),
        ),
        r"\b20\.",
        "Tcp [secret]:",
    ),
    "a list": (
        "SG001",
        BAD,
        (
            group(
                rule(
                    sourceAddressPrefix=None,
                    sourceAddressPrefixes=secret(["10.0.0.0/8", "20.0.0.0/8"]),
                )
            ),
        ),
        r"\b20\.",
        "Tcp [secret]:",
    ),
    "a range of IPv6": (
        "SG001",
        BAD,
        (group(source(secret("2a01:111::/32"))),),
        r"(?i)2a01",
        "Tcp [[secret]]:49152",
    ),
    "everybody": (
        "SG001",
        BAD,
        (group(source(secret("0.0.0.0/0"))),),
        r"\d\.\d+\.\d",
        "Tcp [secret]:49152 -> [secret]:22",
    ),
    "a star": (
        "SG001",
        BAD,
        (group(source(secret("*"))),),
        r"\d\.\d+\.\d|:22",
        "Tcp [secret]:[secret] -> [secret]:[secret]",
    ),
    "a tag": (
        "SG003",
        BAD,
        (group(source(secret("AzureCloud"))),),
        r"AzureCloud|\d\.\d+\.\d",
        "[secret]",
    ),
    "where a deny ends": (
        "SG001",
        BAD,
        (group(deny(100, sourceAddressPrefix=secret("0.0.0.0/1")), rule(200)),),
        r"128\.0\.",
        "",
    ),
    "a port": (
        "SG001",
        BAD,
        (group(port(secret("22"))),),
        r"\b22\b",
        "10.0.0.4:[secret]",
    ),
    "a port as a number": (
        "SG001",
        BAD,
        (group(port(secret(22.0))),),
        r"\b22\b",
        "10.0.0.4:[secret]",
    ),
    "a range of ports": (
        "SG001",
        BAD,
        (group(port(secret("20-25"))),),
        r"\b2\d\b",
        "10.0.0.4:[secret]",
    ),
    "ports in a list": (
        "SG001",
        BAD,
        (
            group(
                rule(
                    destinationPortRange=None,
                    destinationPortRanges=["80", secret("22")],
                )
            ),
        ),
        r"\b22\b",
        "10.0.0.4:[secret]",
    ),
    "a short name": (
        "SG001",
        BAD,
        (group(rule(name=secret("ops1"))),),
        r"ops1",
        "rule 'Allow 100 [secret]'",
    ),
    "a name in capitals": (
        "SG001",
        BAD,
        (group(rule(name=secret("FROM-PARTNER")), rule(101, name="x-from-partner")),),
        r"(?i)from-partner",
        "[secret]",
    ),
    "a priority": (
        "SG001",
        BAD,
        (group(rule(secret(3107.0), name="opened")),),
        r"3107",
        "'Allow [secret] opened'",
    ),
    "a route": ("RT001", BAD, (ROUTES,), r"0\.0\.0\.0", "[secret]"),
    "private, and nothing to say": (
        "SG001",
        OK,
        (group(source(secret("10.1.0.0/16"))),),
        r"10\.1\.",
        "",
    ),
}


@pytest.mark.parametrize(
    ("rule_id", "answer", "resources", "hidden", "shown"),
    PARTLY_SECRET.values(),
    ids=PARTLY_SECRET,
)
def test_a_rule_of_which_a_part_is_secret(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule_id: str,
    answer: str,
    resources: tuple[Planned, ...],
    hidden: str,
    shown: str,
) -> None:
    """The part is hidden wherever it shows through, and the rest is told."""
    verdicts = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(verdicts))
    judged = RULE_BY_ID[rule_id]
    analyzer = Analyzer([judged])
    analyzer.configure({})
    analyzer.analyze_stack(Plan(*resources).render(deployed=False))
    assert {line["status"] for line in lines_of(verdicts, rule_id)} == {answer}
    text = told(verdicts, rule_id)
    assert re.search(hidden, text) is None
    assert shown in text


ID = (
    "/subscriptions/9f000000-0000-0000-0000-000000000001/resourceGroups/rg-hub/"
    "providers/Microsoft.Network/virtualNetworks/hub/subnets/desk"
)


@pytest.mark.parametrize(
    ("secrets", "message", "expected"),
    [
        ([], "10.0.0.1:22 of 'x'", "10.0.0.1:22 of 'x'"),
        (["10.0.0.0/8"], "10.255.255.255:22", "[secret]:22"),
        (["10.0.0.0/8"], "10.0.0.0/9, 11.0.0.0/24", "[secret], [secret]"),
        (["10.0.0.5/8"], "'10.0.0.0/8'", "'[secret]'"),
        (["10.0.0.0/8"], "0.0.0.0/0 or 12.0.0.1", "0.0.0.0/0 or 12.0.0.1"),
        (["branch 10.0.0.0/8"], "10.1.2.3", "[secret]"),
        (["fd00::/8"], "[fd12::4]:443 and [fe80::1]", "[[secret]]:443 and [fe80::1]"),
        (["fd00::/8"], "at 12:30:00, not fd", "at 12:30:00, not fd"),
        (["Storage.WestEurope"], "1.2.3.4:443", "[secret]:443"),
        (["443"], "tcp/443, 1443, 443-450", "tcp/[secret], 1443, [secret]-450"),
        (
            ["20-25, 80"],
            "ports 20, 26, 28, 80",
            "ports [secret], [secret], 28, [secret]",
        ),
        (
            ["0"],
            "securityRules[0].ports[1] is 1",
            "securityRules[0].ports[1] is [secret]",
        ),
        ([4096.0], "priority 4096 of 10.4096", "priority [secret] of 10.4096"),
        (["desk"], "the DESK of desktops", "the [secret] of desktops"),
        (["ab"], "'ab' is able, ab", "'[secret]' is able, ab"),
        (["correct-horse"], "My-Correct-Horse-1", "My-[secret]-1"),
        ([ID], "network:hub/desk in rg-hub", "network:[secret]/[secret] in [secret]"),
        ([float("nan"), float("inf")], "1 nan inf", "1 nan inf"),
        (["9" * 5000], "9" * 5000, "[secret]"),
    ],
)
def test_what_is_hidden_of_a_message(
    secrets: list[str | float], message: str, expected: str
) -> None:
    """Ranges with what lies in them and at their ends; ports; whole words."""
    assert Secrets(secrets).hidden(message) == expected


def test_a_list_that_is_secret_hides_little_of_other_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For one secret in it all of a list is secret, with stars, ports and words: what
    is said of another group keeps its own, but no address of a range of the list."""
    verdicts = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(verdicts))
    judged = RULE_BY_ID["SG001"]
    analyzer = Analyzer([judged])
    analyzer.configure({})
    listed = secret([source("9.9.0.0/16", name="open"), rule(200)])
    hidden = Planned(GROUP, "hidden", {"securityRules": listed})
    shown = Planned(
        GROUP,
        "shown",
        {"securityRules": [rule(name="all"), source("9.9.9.0/24", priority=90)]},
    )
    analyzer.analyze_stack(Plan(hidden, shown).render(deployed=False))
    texts = {
        line["urn"].rpartition("::")[2]: line["message"]
        for line in lines_of(verdicts, "SG001")
        if "'all'" in line["message"] or line["urn"].endswith("hidden")
    }
    assert "rule '[secret] [secret] [secret]' lets in" in texts["hidden"]
    lines = [line["message"] for line in lines_of(verdicts, "SG001")]
    assert any("'Allow 100 all' lets in Tcp 203.0.113.1:49152" in m for m in lines)
    assert not any("9.9." in message for message in lines)


def test_what_is_hidden_of_a_witness() -> None:
    """Keys, texts and numbers, at any depth; flags and positions stay."""
    secrets = Secrets(["22", "10.0.0.0/8", "partner"])
    witness = {"port": 22, "other": 443, "of partner": ["10.0.0.4", None, True, 22.0]}
    assert secrets.hidden_in(witness) == {
        "port": "[secret]",
        "other": 443,
        "of [secret]": ["[secret]", None, True, "[secret]"],
    }
    assert secrets.hidden("securityRules[22]", numbers=False) == "securityRules[22]"
