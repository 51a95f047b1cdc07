"""The approved networks of prod: what they hold, before a deployment and after it."""

import json
from pathlib import Path
from typing import Any

import pytest
from approved_plans import (
    BASELINE,
    PACK,
    Entry,
    deployed,
    named,
    plan_of_prod,
    prod,
    said,
)
from policy_plans import secret

from azureml_policies.__main__ import main
from azureml_policies._frame.bundle import write_bundle
from azureml_policies._stack_topology import _TYPES
from azureml_reachability.baselines import (
    as_it_turned_out,
    baseline_text,
    deciding,
)
from azureml_reachability.deciding_inputs import DECIDING_TYPES
from azureml_reachability.guard_difference import plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of

RENEW = "prod's networks have changed: review what reach-diff says, then run"


def test_the_baseline_is_that_of_prods_plan() -> None:
    """What is approved is what a preview of prod holds; its change is reviewed."""
    written = baseline_text({"stack": "prod", "resources": list(plan_of_prod())})
    assert BASELINE.read_text() == written, f"{RENEW} make baseline STACK=prod"


def test_prod_departs_from_it_in_nothing() -> None:
    """And the configuration of prod names it."""
    configured = json.loads((PACK / "config" / "prod.json").read_text())["reach-diff"]
    assert configured["baseline"] == "config/baselines/prod.json"
    assert said(prod(), baseline=configured["baseline"]) == []


def test_it_holds_what_decides_and_nothing_else() -> None:
    """Neither tags nor descriptions nor keys, in an order of its own; written again it
    stays the same, in whatever order a plan is."""
    text = BASELINE.read_text()
    for word in ("description", '"tags"', "sharedKey", "osProfile", "[secret]"):
        assert word not in text
    content = json.loads(text)
    urns = [each["urn"] for each in content["resources"]]
    assert urns == sorted(urns)
    assert baseline_text(content) == text
    backwards = {"stack": "prod", "resources": list(reversed(plan_of_prod()))}
    assert baseline_text(backwards) == text


def test_a_bundle_holds_it(tmp_path: Path) -> None:
    """A pack that is published compares, too."""
    folder = write_bundle(PACK, PACK.parent / "components", tmp_path / "bundle")
    copied = folder / "config" / "baselines" / "prod.json"
    assert copied.read_text() == BASELINE.read_text()


def test_all_that_is_read_of_a_plan_is_in_it() -> None:
    """The networks of prod are the same, read whole and as a baseline; the types are
    those that the other rules on reachability read, and what guards besides."""
    whole = guarded_plan_of(plan_of_prod())
    kept = guarded_plan_of(json.loads(BASELINE.read_text())["resources"])
    for before, after in ((whole, kept), (kept, whole)):
        found = plan_difference(before, after)
        assert (found.opened, found.closed, found.guards) == ((), (), ())
    more = {"network:serviceendpointpolicy", "network:serviceendpointpolicydefinition"}
    assert set(DECIDING_TYPES) == {each.lower() for each in _TYPES} | more


# Before the deployment and after


@pytest.mark.parametrize("edges", [True, False], ids=["edges", "no edges"])
def test_a_preview_and_its_deployment_are_the_same(edges: bool) -> None:
    """Names join what ids do; what Azure chooses is no change."""
    plan = deployed(prod())
    ids = [each for each in json.dumps(plan).split('"') if "/subnets/" in each]
    assert len(ids) > 15
    if not edges:
        for each in plan:
            each["propertyDependencies"] = {}
    assert said(plan) == []


def test_a_baseline_is_the_same_before_the_deployment_and_after() -> None:
    """Ids of prod's own resources are not in it, so that its diff shows changes."""
    after = {"stack": "prod", "resources": deployed(prod())}
    assert baseline_text(after) == BASELINE.read_text()


def test_what_was_known_once_is_joined_by_name_before_the_next_deployment() -> None:
    """A whole plan with ids as the baseline, and one without them."""
    found = plan_difference(
        guarded_plan_of(as_it_turned_out(deciding(deployed(prod())), deciding(prod()))),
        guarded_plan_of(deciding(prod())),
    )
    assert (found.opened, found.closed, found.guards) == ((), (), ())


def test_an_id_that_the_program_writes_is_another_one() -> None:
    """A subnet that names the group of another, by its id, is told."""
    plan = deployed(prod())
    for each in plan:
        if each["name"] == "azureml-prod-training":
            group = each["inputs"]["networkSecurityGroup"]
            group["id"] = group["id"].replace("training-nsg", "bastion-nsg")
            each["propertyDependencies"]["networkSecurityGroup"] = []
    found = said(plan)
    assert any("by security-group:azureml-prod-bastion-nsg" in each for each in found)


def entry(kind: str, name: str, inputs: Entry, *origins: str) -> Entry:
    """A resource; all that it has comes from some others."""
    urns = [f"urn:pulumi:dev::p::azure-native:x:Y::{each}" for each in origins]
    return {
        "urn": f"urn:pulumi:dev::p::azure-native:network:{kind}::{name}",
        "type": f"azure-native:network:{kind}",
        "name": name,
        "parent": None,
        "inputs": inputs,
        "propertyDependencies": {key: urns for key in inputs},
    }


NOT_KNOWN = {"unknown": True}


@pytest.mark.parametrize(
    ("before", "after", "taken"),
    [
        (NOT_KNOWN, "10.0.0.4", True),
        (NOT_KNOWN, "10.0.0.4/32", True),
        ([NOT_KNOWN], ["fd00::4"], True),
        (NOT_KNOWN, ["10.0.0.4", "10.0.0.5"], True),
        (NOT_KNOWN, [], False),
        (NOT_KNOWN, "*", False),
        (NOT_KNOWN, "10.0.0.0/24", False),
        (NOT_KNOWN, "Internet", False),
        (NOT_KNOWN, ["10.0.0.4", "*"], False),
        ([NOT_KNOWN], ["10.0.0.4", "10.0.0.5"], False),
        ("10.0.0.4", "10.0.0.5", False),
        (NOT_KNOWN, NOT_KNOWN, False),
        (NOT_KNOWN, {"id": "10.0.0.4"}, False),
        (NOT_KNOWN, "/subscriptions/s/resourceGroups/rg", False),
    ],
)
def test_one_address_that_was_not_known_is_taken(
    before: Any, after: Any, taken: bool
) -> None:
    """An address that the deployment gave: nothing wider, and only from the same
    resource."""

    def turned(*origins: str) -> Any:
        (found,) = as_it_turned_out(
            [entry("VirtualNetwork", "v", {"a": {"b": before}}, "server")],
            [entry("VirtualNetwork", "v", {"a": {"b": after}}, *origins)],
        )
        return found["inputs"]["a"]["b"]

    assert turned("server") == (after if taken else before)
    assert turned("other") == before
    assert turned() == before


def test_accounts_of_a_policy_are_known_by_their_ids() -> None:
    """A service endpoint policy names resources; nothing else takes an id."""
    account = "/subscriptions/s/resourceGroups/rg/providers/M.S/storageAccounts/a"
    for kind, taken in (("ServiceEndpointPolicy", True), ("RouteTable", False)):
        (found,) = as_it_turned_out(
            [entry(kind, "p", {"a": [NOT_KNOWN]}, "account")],
            [entry(kind, "p", {"a": [account]}, "account")],
        )
        assert found["inputs"]["a"] == ([account] if taken else [NOT_KNOWN])


def test_a_server_that_gets_its_address_is_no_change() -> None:
    """A network asks a resolver of the same program, whose address comes later."""
    name = "azureml-prod-vnet"
    before, after = prod(), prod()
    for plan, value in ((before, [NOT_KNOWN]), (after, ["10.40.2.244"])):
        named(plan, name)["dhcpOptions"] = {"dnsServers": value}
    found = plan_difference(
        guarded_plan_of(as_it_turned_out(deciding(before), deciding(after))),
        guarded_plan_of(deciding(after)),
    )
    assert found.guards == ()


# The command


def test_the_command_writes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a plan, wherever both are; secrets of a state stay out, too."""
    resources = prod()
    rules = named(resources, "azureml-prod-jump-box-nsg")["securityRules"]
    rules[0]["sourceAddressPrefix"] = {**secret("10.99.0.0/16"), "ciphertext": "v1:x"}
    plan, to = tmp_path / "plan.json", tmp_path / "prod.json"
    plan.write_text(json.dumps({"stack": "prod", "resources": resources}))
    assert main(["baseline", "--plan", str(plan), "--to", str(to)]) == 0
    assert capsys.readouterr().out == f"{to}\n"
    text = to.read_text()
    assert "10.99" not in text
    assert text.count("[secret]") == 1
    assert text.replace('"[secret]"', '"10.40.2.128/26"') == BASELINE.read_text()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read: No such file or directory; write it with"),
        ("no json", "is no plan.json; write it with 'python -m review preview'"),
        ("[]", "is no plan.json"),
        ("{}", "is no plan.json"),
        ('{"resources": 1}', "is no plan.json"),
        ('{"resources": []}', "nothing in it decides who reaches whom"),
        ('{"resources": [1, {"type": "a:b:C"}]}', "nothing in it decides"),
    ],
)
def test_the_command_names_faults(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    told: str,
) -> None:
    """With the file and what to do; nothing is written."""
    plan, to = tmp_path / "plan.json", tmp_path / "to.json"
    if content is not None:
        plan.write_text(content)
    assert main(["baseline", "--plan", str(plan), "--to", str(to)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"{plan}: ") and told in error
    assert not to.exists()


def test_the_command_cannot_write_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder has to exist."""
    to = tmp_path / "nowhere" / "to.json"
    assert main(["baseline", "--plan", str(BASELINE), "--to", str(to)]) == 2
    told = "cannot be written: No such file or directory; name a file in a folder"
    assert capsys.readouterr().err.startswith(f"{to}: {told}")
