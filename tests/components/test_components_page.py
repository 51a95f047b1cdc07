"""The page on the components says what the code does: its tables are the rulebook's."""

import json
from pathlib import Path
from typing import Any

import pytest

from azureml_rulebook.aml_traffic import ALWAYS, REQUIRED_OUTBOUND
from azureml_rulebook.roles import ROLE_GRANTS, Holder, RoleGrant
from azureml_rulebook.subnet_traffic import (
    FIREWALL_NAMES_TO_SERVERS,
    FLOWS,
    NAMES_TO_SERVERS,
)
from azureml_rulebook.subnets import PURPOSES, SubnetPurpose

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "components.md").read_text(encoding="utf-8")
README = (ROOT / "components" / "README.md").read_text(encoding="utf-8")
SCHEMA: dict[str, Any] = json.loads(
    Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
)


def row(*cells: object) -> str:
    """One row of a Markdown table."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def yes(value: bool) -> str:
    """A switch in words."""
    return "yes" if value else "no"


def way_out(item: SubnetPurpose) -> str:
    """Whether there is a way out, in words."""
    by_rule = item.egress_by_rule and not item.egress
    return "by rule" if by_rule else yes(item.egress)


def test_purposes() -> None:
    """Every purpose is there with its name, sizes, group and way out."""
    for item in PURPOSES.values():
        name = f"`{item.azure_name}`" if item.azure_name else "yours"
        assert (
            row(
                f"`{item.name}`",
                item.description,
                name,
                f"/{item.smallest}",
                f"/{item.recommended}",
                yes(item.security_group),
                way_out(item),
            )
            in PAGE
        )


def test_traffic() -> None:
    """Every flow and every required service is there with its priority and ports."""
    for flow in FLOWS:
        traffic = f"{flow.protocol} {', '.join(flow.ports)}"
        target = flow.destination or "the same subnet"
        sources = ", ".join(flow.sources)
        assert row(flow.priority, sources, target, traffic, flow.reason) in PAGE
    for flow in (NAMES_TO_SERVERS, FIREWALL_NAMES_TO_SERVERS):
        assert f"(priority {flow.priority})" in PAGE
    for item in REQUIRED_OUTBOUND:
        start = row(
            item.priority, f"`{item.tag}`", f"{item.protocol} {', '.join(item.ports)}"
        )
        line = next(text for text in PAGE.splitlines() if text.startswith(start))
        assert line.endswith(f"| {item.reason} |")
        assert ("| always |" in line) is (item.when == ALWAYS)


@pytest.mark.parametrize(
    ("heading", "holder"),
    [
        ("#### The workspace's identity", Holder.WORKSPACE),
        ("#### The cluster's identity", Holder.COMPUTE),
        ("##### Data scientists", Holder.DATA_SCIENTISTS),
        ("##### Compute operators", Holder.COMPUTE_OPERATORS),
        ("##### Administrators", Holder.ADMINISTRATORS),
    ],
)
def test_roles(heading: str, holder: Holder) -> None:
    """Every role is there with its scope and reason, and no other."""
    section = PAGE.partition(f"{heading}\n")[2].partition("\n#")[0]
    listed = [line for line in section.splitlines() if line.startswith("| ")]
    assert listed[1:] == [
        row(grant.scope.replace("_", " "), grant.role, because(grant), *source(grant))
        for grant in ROLE_GRANTS
        if grant.holder is holder
    ]


def because(grant: RoleGrant) -> str:
    """Why a role is given, and with what if not always."""
    parts = [grant.reason]
    if grant.storage_group is not None:
        parts.append(f"with a `{grant.storage_group}` endpoint")
    if grant.managed_network:
        parts.append("with a managed network")
    return ", ".join(parts)


def source(grant: RoleGrant) -> tuple[str, ...]:
    """From whom a system-assigned identity of a workspace has the role."""
    if grant.holder is not Holder.WORKSPACE:
        return ()
    return ("by the service" if grant.given_by_service else "here",)


def snake(key: str) -> str:
    """A schema's property name as Python writes it."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in key)


@pytest.mark.parametrize("component", ["SecureVnet", "PrivateWorkspace"])
def test_every_input_and_output_is_listed(component: str) -> None:
    """No input or output of the schema is missing from the page's tables."""
    section = PAGE.partition(f"## {component}\n")[2].partition("\n## ")[0]
    resource = SCHEMA["resources"][f"azureml-network:index:{component}"]
    nested = {"storage", "key_vault", "registry", "monitoring", "cluster"}
    for key in {**resource["inputProperties"], **resource["properties"]}:
        name = snake(key)
        assert f"`{name}`" in section or (name in nested and f"`{name}." in section)


def test_the_examples_run(record: Any) -> None:
    """The program in the README is a program: it registers both components."""
    program = README.partition("```python\n")[2].partition("```")[0]
    made = record(lambda: exec(compile(program, "README.md", "exec"), {}))
    assert made.kinds()["SecureVnet"] == made.kinds()["PrivateWorkspace"] == 1
    assert made.kinds()["PrivateEndpoint"] == 6
