"""The reports for people: complete, violations first, and never cut silently."""

import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from review.changes import changes_by_component, has_changes, kinds_by_operation
from review.event_log import EngineRecord
from review.failures import Problem
from review.markdown import MOST_CHARACTERS, review_markdown
from review.progress import progress_line
from review.reports import all_reports
from review.summary import done_in_words, print_problems, print_summary
from review.urns import kind_of, plural

SUBNET = "azure-native:network:Subnet"
ZONE = "azure-native:privatedns:PrivateZone"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
VAULT = "azure-native:keyvault:Vault"
GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def example(build):
    """A plan and verdicts with everything that a report can hold."""
    network = build.resource(
        "azureml-network:index:SecureVnet", "network", custom=False
    )
    part = {"parent": network["urn"], "source": {"file": "network.py", "line": 40}}
    plan = build.plan(
        build.resource("pulumi:pulumi:Stack", "shop-dev", custom=False, source=None),
        network,
        build.resource(SUBNET, "training", **part),
        build.resource(SUBNET, "endpoints", **part),
        build.resource(ZONE, "privatelink.api.azureml.ms", **part),
        build.resource(
            WORKSPACE, "aml", "update", changedProperties=["publicNetworkAccess"]
        ),
        build.resource(
            VAULT, "vault", "replace", replaceReasons=["properties.tenantId"]
        ),
        build.resource("azure-native:storage:StorageAccount", "store", "same"),
        deletions=[
            {
                "urn": build.urn_of("azure-native:network:RouteTable", "old"),
                "type": "azure-native:network:RouteTable",
                "name": "old",
                "parent": build.stack_urn,
                "custom": True,
            }
        ],
        diagnostics=[
            {
                "severity": "warning",
                "message": "groups.scientists is unset:\nno roles for people",
                "urn": "",
            }
        ],
    )
    verdicts = {
        "findings": [
            build.finding(),
            build.finding(
                rule="pe-subnet-open",
                id="PE010",
                status="undecided",
                severity="high",
                urn=build.urn_of(SUBNET, "endpoints"),
                path="rules[0].access",
                message="the value of rules[0].access is not known | yet",
                witness={"from": "internet", "port": 443},
            ),
            build.finding(
                rule="kv-tags",
                id="KV009",
                level="advisory",
                severity="low",
                urn=build.stack_urn,
                path="",
                message="no tags; add owner",
            ),
            build.finding(
                rule="st-shared-key",
                id="ST003",
                status="exempt",
                exceptions=[{"id": "EXC-42", "reason": "until the move"}],
            ),
            build.finding(
                rule="kv-purge",
                id="KV005",
                status="exempt",
                message="undecided: enablePurgeProtection is not known",
                exceptions=[
                    {
                        "id": "exemptions[0]",
                        "reason": "key vault first",
                        "owner": "data-team",
                        "expires": "2026-06-30",
                        "category": "Waiver",
                    }
                ],
            ),
        ],
        "rules": [
            build.rule("dn-zones", id="DN001", satisfied=9),
            build.rule("kv-tags", id="KV009", level="advisory", violated=1),
            build.rule("kv-purge", id="KV005", exempt=1),
            build.rule("ml-idle", id="ML007"),
            build.rule("ml-workspace-no-public-access", id="ML001", violated=1),
            build.rule("pe-subnet-open", id="PE010", satisfied=1, undecided=1),
            build.rule("st-shared-key", id="ST003", satisfied=2, exempt=1),
        ],
    }
    return plan, verdicts


def printed(function, *arguments: object) -> str:
    """What a function prints where no terminal is."""
    output = io.StringIO()
    function(Console(file=output, highlight=False, width=80), *arguments)
    return output.getvalue()


def test_review_markdown_is_as_agreed(example):
    """The golden file shows the whole page; it changes on purpose only."""
    assert review_markdown(*example) == (GOLDEN / "review.md").read_text()


def test_the_summary_is_as_agreed(example):
    """The golden file shows what a person sees on the terminal."""
    assert printed(print_summary, *example) == (GOLDEN / "summary.txt").read_text()


def test_reports_are_written_in_the_published_formats(example, fits_schema):
    """The two JSON files fit their schemas and hold what they were made of."""
    reports = all_reports(*example)
    assert list(reports) == ["plan.json", "verdicts.json", "review.md"]
    for name, content in zip(("plan", "verdicts"), example, strict=True):
        document = json.loads(reports[f"{name}.json"])
        fits_schema(f"{name}.schema.json", document)
        assert document == content


def test_a_plan_without_changes_says_that_there_is_nothing_to_do(build):
    """Both the page and the summary say it in the same words."""
    plan = build.plan(build.resource(VAULT, "vault", "same"))
    nothing = {"findings": [], "rules": []}
    assert not has_changes(plan)
    assert "Nothing to do" in review_markdown(plan, nothing)
    assert "nothing to do (1 unchanged)" in printed(print_summary, plan, nothing)


def test_a_plan_that_no_pack_judged_says_so(build):
    """Nobody takes a review without rules for a clean one."""
    nothing = {"findings": [], "rules": []}
    assert "No policy pack judged this plan" in review_markdown(build.plan(), nothing)
    assert "nothing was judged" in printed(print_summary, build.plan(), nothing)


@settings(max_examples=12, deadline=None)
@given(
    counts=st.tuples(*[st.sampled_from([0, 1, 9, 400]) for _ in range(4)]),
    length=st.sampled_from([0, 20, 2_000]),
)
def test_any_review_fits_a_comment_and_counts_what_it_leaves_out(build, counts, length):
    """Violations come first; what is not listed is counted and its file is named."""
    findings, resources, rules, messages = counts
    word = "long_|`*<" * (length // 9) or "x"
    plan = build.plan(
        *[build.resource(VAULT, f"{word}{n}") for n in range(resources)],
        diagnostics=[
            {"severity": "info", "message": f"{word}{n}", "urn": ""}
            for n in range(messages)
        ],
    )
    verdicts = {
        "findings": [
            build.finding(path=f"{word}{n}", message=f"{word}{n}", witness=[word])
            for n in range(findings)
        ],
        "rules": [
            build.rule(f"{word}{n}", satisfied=n % 2, violated=n % 3 == 0)
            for n in range(rules)
        ],
    }
    text = review_markdown(plan, verdicts)
    assert len(text) <= MOST_CHARACTERS
    assert f"{resources} to create" in text
    listed = text.count("is **violated** for")
    if listed < findings:
        assert f"{findings - listed} more findings did not fit here" in text
        assert listed > 0
        assert "verdicts.json" in text
    rows = text.count("\n| create | ")
    left_out = sum(map(int, re.findall(r"(\d+) (?:more )?changes did not fit", text)))
    assert rows + left_out == resources
    if findings:
        assert text.index("Rules that do not hold") < text.index("## Changes")


def test_a_long_message_says_how_much_of_it_is_missing(build):
    """A message that is clipped names the rest and where it is."""
    verdicts = {"findings": [build.finding(message="m" * 2_000)], "rules": []}
    text = review_markdown(build.plan(), verdicts)
    assert "(500 more characters in the JSON reports)" in text


def test_markup_in_names_and_messages_stays_text(build):
    """No resource can draw a table cell, a tag or a link into the page."""
    verdicts = {
        "findings": [
            build.finding(message="<img src=x> [a](http://b) | cell", path="`a|b`")
        ],
        "rules": [],
    }
    text = review_markdown(build.plan(), verdicts)
    assert r"\<img src=x\> \[a\](http://b) \| cell" in text
    assert r"`'a\|b'`" in text


def test_kinds_are_grouped_in_words(example):
    """The most frequent kind comes first, each with its number."""
    plan, _verdicts = example
    assert kinds_by_operation(plan) == {
        "create": ["2 subnets", "1 private DNS zone"],
        "update": ["1 machine learning workspace"],
        "replace": ["1 key vault"],
        "delete": ["1 route table"],
    }


def test_changes_are_grouped_by_the_outermost_component(build):
    """A part of a part belongs to the component that the program made."""
    outer = build.resource("my:index:Outer", "o", custom=False)
    inner = build.resource("my:index:Inner", "i", custom=False, parent=outer["urn"])
    part = build.resource(VAULT, "vault", parent=inner["urn"])
    alone = build.resource(SUBNET, "alone")
    groups = changes_by_component(build.plan(alone, outer, inner, part))
    assert [
        (title, [each["name"] for each in them]) for title, them in groups.items()
    ] == [
        ("Outer o", ["vault"]),
        ("Outside of components", ["alone"]),
    ]


@pytest.mark.parametrize(
    ("type_token", "kind", "kinds"),
    [
        ("azure-native:network:PublicIPAddress", "public IP address", "addresses"),
        ("azure-native:network:NatGateway", "NAT gateway", "NAT gateways"),
        ("azure-native:containerregistry:Registry", "container registry", "registries"),
        ("azure-native:privatedns:PrivateZone", "private DNS zone", "zones"),
        (
            "azure-native:network:PrivateDnsZoneGroup",
            "private DNS zone group",
            "groups",
        ),
        ("azure-native:network:VirtualNetwork", "virtual network", "networks"),
        ("azure-native:authorization:RoleAssignment", "role assignment", "assignments"),
        ("odd", "odd", "odds"),
        ("a:b:", "a:b:", ""),
    ],
)
def test_types_are_put_into_words(type_token, kind, kinds):
    """Readers see nouns, in the right number."""
    assert kind_of(type_token) == kind
    assert plural(kind).endswith(kinds)


def test_what_was_done_is_counted_by_kind(build):
    """A replacement is one thing although it creates and deletes."""
    vault = build.urn_of(VAULT, "vault")
    record = EngineRecord(
        finished={
            ("create", build.urn_of(SUBNET, "a")),
            ("create", build.urn_of(SUBNET, "b")),
            ("create-replacement", vault),
            ("replace", vault),
            ("delete-replaced", vault),
            ("delete", build.urn_of(ZONE, "z")),
        }
    )
    assert done_in_words(record) == {
        "create": "2 subnets",
        "replace": "1 key vault",
        "delete": "1 private DNS zone",
    }


def test_problems_name_the_resource_and_keep_every_line(build):
    """Azure's error stands below the resource that it is about."""
    text = printed(
        print_problems,
        "error: the deployment failed",
        [Problem("Code: Conflict\nName taken", build.urn_of(VAULT, "v")), Problem("x")],
    )
    assert text == (
        "error: the deployment failed\n"
        "  key vault v\n"
        "    Code: Conflict\n"
        "    Name taken\n"
        "  x\n"
    )


@pytest.mark.parametrize(
    ("record", "total", "note", "expected"),
    [
        ({}, None, "", "previewing dev: starting the program, 3 s"),
        ({"started": {"a", "b"}}, None, "", "previewing dev: 2 resources seen, 3 s"),
        (
            {
                "finished": {("create-replacement", "a"), ("delete-replaced", "a")},
                "failed_operations": ["x"],
            },
            5,
            "",
            "previewing dev: 1 of 5 resources done, 1 failed, 3 s",
        ),
        (
            {"started": {"a"}, "policy_events": [{}, {}]},
            None,
            "cancelling",
            "previewing dev: 1 resource seen, 2 policy findings, cancelling, 3 s",
        ),
    ],
)
def test_progress_says_how_far_a_run_is(record, total, note, expected):
    """One line holds what is known so far."""
    line = progress_line("previewing dev", EngineRecord(**record), total, 3.2, note)
    assert line == expected
