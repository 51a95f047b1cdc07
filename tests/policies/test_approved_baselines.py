"""The approved networks of prod, and what is said of a plan that departs from them."""

import json
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from plan_recordings import recorded_prod
from policy_calls import Analyzer, CallContext, messages, struct
from policy_plans import SUBSCRIPTION, UNKNOWN, secret
from pulumi.runtime import proto

from azureml_policies import RULES
from azureml_policies.__main__ import main
from azureml_policies._frame.bundle import write_bundle
from azureml_reachability.baselines import (
    as_it_turned_out,
    baseline_text,
    deciding,
)
from azureml_reachability.deciding_inputs import DECIDING_TYPES
from azureml_reachability.guard_difference import plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of

PACK = Path(__file__).resolve().parents[2] / "policies"
BASELINE = PACK / "config" / "baselines" / "prod.json"
RENEW = "prod's networks have changed: review what reach-diff says, then run"
SIGNED = {"owner": "network-team", "reason": "change 4711", "expires": "2999-12-31"}

Entry = dict[str, Any]


@cache
def plan_of_prod() -> tuple[Entry, ...]:
    """The recorded resources of prod."""
    return tuple(recorded_prod())


def prod() -> list[Entry]:
    """A plan of prod to be changed."""
    return deepcopy(list(plan_of_prod()))


def named(plan: list[Entry], name: str) -> Any:
    """The inputs of one resource."""
    (found,) = [
        each["inputs"]
        for each in plan
        if each["name"] == name and each["type"].startswith("azure-native:network:")
    ]
    return found


def said(plan: list[Entry], **settings: Any) -> list[str]:
    """What the rule says about a plan, as the engine sends it."""
    rule = next(rule for rule in RULES if rule.name == "reach-diff")
    analyzer = Analyzer([rule])
    analyzer.configure({rule.name: {"baseline": str(BASELINE), **settings}})
    for each in plan:
        request = proto.AnalyzeRequest(
            type=each["type"],
            urn=each["urn"],
            name=each["name"],
            properties=struct(as_sent(each["inputs"])),
        )
        analyzer.servicer.Analyze(request, CallContext())
    stack = proto.AnalyzeStackRequest(
        resources=[
            proto.AnalyzerResource(
                type=each["type"],
                urn=each["urn"],
                name=each["name"],
                parent=each["parent"] or "",
                propertyDependencies={
                    key: proto.AnalyzerPropertyDependencies(urns=urns)
                    for key, urns in each["propertyDependencies"].items()
                },
            )
            for each in plan
        ]
    )
    response = analyzer.servicer.AnalyzeStack(stack, CallContext())
    return [each.partition("\n")[2] for each in messages(response, rule.name)]


def as_sent(value: Any) -> Any:
    """A value of a plan as the engine sends it."""
    if value == {"unknown": True}:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: as_sent(each) for key, each in value.items()}
    return [as_sent(each) for each in value] if isinstance(value, list) else value


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
    from azureml_policies._stack_topology import _TYPES

    more = {"network:serviceendpointpolicy", "network:serviceendpointpolicydefinition"}
    assert set(DECIDING_TYPES) == {each.lower() for each in _TYPES} | more


# What is said


def test_a_guard_is_told_while_others_hold() -> None:
    """The rule of one group, where no packet comes that it would let through."""
    plan = prod()
    rules = named(plan, "azureml-prod-jump-box-nsg")["securityRules"]
    (bastion,) = [
        each for each in rules if each["name"] == "AllowBastionToMachinesInbound"
    ]
    bastion["destinationPortRanges"] = ["22", "3389", "5985"]
    assert said(plan) == [
        "the change opens security-group:azureml-prod-jump-box-nsg: it lets through "
        "Tcp 10.40.2.132:49152 -> 10.40.2.228:5985 inbound, which it did not before "
        "(subnet:azureml-prod-vnet/jump-box); no flow changes yet: other guards on the "
        "way hold; approve it with owner, reason and expiry, or take it back"
    ]


GUARD = "security-group:azureml-prod-jump-box-nsg"


@pytest.mark.parametrize(
    ("approval", "count"),
    [
        ({"guard": GUARD}, 0),
        ({"guard": "Security-Group:*-jump-box-nsg"}, 0),
        ({"guard": "security-group:another"}, 1),
        ({"from": "*", "to": "*"}, 1),
    ],
)
def test_a_guard_is_approved_by_its_name(approval: dict[str, str], count: int) -> None:
    """With owner, reason and expiry as a flow is; an approved flow is no approval."""
    plan = prod()
    rules = named(plan, "azureml-prod-jump-box-nsg")["securityRules"]
    rules[0]["destinationPortRanges"] = ["22", "3389", "5985"]
    assert len(said(plan, approvals=[{**approval, **SIGNED}])) == count


@pytest.mark.parametrize(
    ("approval", "text"),
    [
        ({"guard": GUARD, "from": "*", "to": "*"}, "about a guard and about a flow"),
        ({"guard": " "}, "lacks guard"),
        ({"guard": GUARD, "owner": ""}, "lacks owner"),
        ({"guard": GUARD, "until": "2999"}, "'until' is none of"),
        ({"guard": GUARD, "expires": "soon"}, "expires is no day"),
    ],
)
def test_approvals_of_guards_have_faults(approval: dict[str, str], text: str) -> None:
    """Each is told with its place."""
    (found,) = said(prod(), approvals=[{**SIGNED, **approval}])
    assert found.startswith("approvals[0] approves nothing: ")
    assert text in found


def opened_desk() -> list[Entry]:
    """Prod, in which the endpoints let anybody in by SSH, and training sends it."""
    plan = prod()
    for name, direction, side in (
        ("azureml-prod-endpoints-nsg", "Inbound", "source"),
        ("azureml-prod-training-nsg", "Outbound", "destination"),
    ):
        named(plan, name)["securityRules"].append(
            {
                "name": f"Open{direction}",
                "priority": 200,
                "direction": direction,
                "access": "Allow",
                "protocol": "Tcp",
                "sourceAddressPrefix": "*",
                "sourcePortRange": "*",
                "destinationAddressPrefix": "*",
                "destinationPortRange": "2222",
                "description": side,
            }
        )
    return plan


def test_a_guard_that_a_flow_shows_is_told_once() -> None:
    """Both groups are named with the flows that they open, and not again."""
    found = said(opened_desk())
    assert found
    by = {each.partition("; by ")[2].partition(";")[0] for each in found}
    groups = "security-group:azureml-prod-{}-nsg".format
    assert by <= {
        f"{groups('endpoints')}, {groups('training')}",
        groups("endpoints"),
        groups("training"),
    }
    assert not any("no flow changes" in each for each in found)


def test_more_than_an_approved_flow_is_told() -> None:
    """An approval of flows does not cover what the group lets in besides."""
    flows = [{"from": "*", "to": "*", **SIGNED}]
    found = said(opened_desk(), approvals=flows)
    assert [each.partition(": it ")[0] for each in found] == [
        "the change opens security-group:azureml-prod-endpoints-nsg",
        "the change opens security-group:azureml-prod-training-nsg",
    ]
    assert all(
        "more than the flows that are approved, such as" in each for each in found
    )


def test_what_closes_is_told_unless_it_is_not_wanted() -> None:
    """Guards as flows."""
    plan = prod()
    named(plan, "azureml-prod-training-rt")["disableBgpRoutePropagation"] = True
    assert any("closes route-table:azureml-prod-training-rt" in s for s in said(plan))
    assert said(plan, listClosed=False) == []


def test_secrets_are_not_compared_nor_shown() -> None:
    """A range that is secret now stands for any, and its text stays out."""
    plan = prod()
    rules = named(plan, "azureml-prod-jump-box-nsg")["securityRules"]
    rules[0]["sourceAddressPrefix"] = secret("10.99.98.0/24")
    found = said(plan)
    assert found
    assert "securityRules[0].sourceAddressPrefix" in found[0]
    assert not any("10.99" in each for each in found)


# Before the deployment and after


_JOINED = {
    "applicationSecurityGroups": "applicationSecurityGroups",
    "firewallPolicy": "firewallPolicies",
    "localNetworkGateway2": "localNetworkGateways",
    "networkInterfaces": "networkInterfaces",
    "networkSecurityGroup": "networkSecurityGroups",
    "publicIPAddress": "publicIPAddresses",
    "routeTable": "routeTables",
    "serviceEndpointPolicies": "serviceEndpointPolicies",
    "subnet": "subnets",
    "virtualNetworkGateway1": "virtualNetworkGateways",
}
"""Properties that hold ids, and the collections of Azure that these are in."""
_MEMBERS = "ApplicationSecurityGroup"
_NAMES = {
    "applicationSecurityGroups": (_MEMBERS, "applicationSecurityGroupName"),
    "firewallPolicies": ("FirewallPolicy", "firewallPolicyName"),
    "localNetworkGateways": ("LocalNetworkGateway", "localNetworkGatewayName"),
    "networkInterfaces": ("NetworkInterface", "networkInterfaceName"),
    "networkSecurityGroups": ("NetworkSecurityGroup", "networkSecurityGroupName"),
    "publicIPAddresses": ("PublicIPAddress", "publicIpAddressName"),
    "routeTables": ("RouteTable", "routeTableName"),
    "serviceEndpointPolicies": ("ServiceEndpointPolicy", "serviceEndpointPolicyName"),
    "subnets": ("Subnet", "subnetName"),
    "virtualNetworkGateways": ("VirtualNetworkGateway", "virtualNetworkGatewayName"),
}
"""Types of a collection's resources, and the inputs that name them."""


def deployed(plan: list[Entry]) -> list[Entry]:
    """The plan as its saved state holds it: the ids of what it made are known."""
    by_urn = {each["urn"]: each for each in plan}

    def known(value: Any, key: str, origins: list[Entry]) -> Any:
        if isinstance(value, list):
            return [known(each, key, origins) for each in value]
        if not isinstance(value, dict):
            return value
        if value.get("id") == {"unknown": True} and key in _JOINED:
            kind, _ = _NAMES[_JOINED[key]]
            found = [each for each in origins if each["type"].endswith(f":{kind}")]
            return {**value, "id": _id(_JOINED[key], found[0]["inputs"])}
        return {each: known(inner, each, origins) for each, inner in value.items()}

    return [
        {
            **each,
            "inputs": {
                key: known(
                    value,
                    key,
                    [
                        by_urn[urn]
                        for urn in each["propertyDependencies"].get(key, ())
                        if urn in by_urn
                    ],
                )
                for key, value in each["inputs"].items()
            },
        }
        for each in plan
    ]


def _id(collection: str, inputs: Entry) -> str:
    own = f"{collection}/{inputs[_NAMES[collection][1]]}"
    network = inputs.get("virtualNetworkName")
    path = f"virtualNetworks/{network}/{own}" if collection == "subnets" else own
    group = inputs["resourceGroupName"]
    return (
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/"
        f"Microsoft.Network/{path}"
    )


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
