"""What is said of a plan of prod that departs from its approved networks."""

import json
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from approved_plans import Entry, named, prod, said
from policy_plans import secret

from azureml_policies import changed_flows
from azureml_policies._frame.exemptions import utc_today
from azureml_reachability.baselines import as_it_turned_out, deciding
from azureml_reachability.guard_difference import plan_difference
from azureml_reachability.guarded_plans import guarded_plan_of

SIGNED = {
    "owner": "network-team",
    "reason": "change 4711",
    "expires": (utc_today() + timedelta(days=30)).isoformat(),
}


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
        ({"from": "subnet:*", "to": "*"}, 1),
    ],
)
def test_a_guard_is_approved_by_its_name(approval: dict[str, str], count: int) -> None:
    """With owner, reason and expiry as a flow is; an approved flow is no approval."""
    plan = prod()
    rules = named(plan, "azureml-prod-jump-box-nsg")["securityRules"]
    rules[0]["destinationPortRanges"] = ["22", "3389", "5985"]
    found = said(plan, approvals=[{**approval, **SIGNED}])
    assert len([each for each in found if each.startswith("the change")]) == count
    assert len([each for each in found if each.startswith("exempt: ")]) == 1 - count
    assert len([each for each in found if "is not used" in each]) == count


def test_an_approved_guard_stays_visible() -> None:
    """With who answers for it, as what is exempt."""
    plan = prod()
    rules = named(plan, "azureml-prod-jump-box-nsg")["securityRules"]
    rules[0]["destinationPortRanges"] = ["22", "3389", "5985"]
    (found,) = said(plan, approvals=[{"guard": GUARD, **SIGNED}])
    assert found.startswith(
        f"exempt: the change opens {GUARD}: it lets through Tcp 10.40.2.132:49152 -> "
        "10.40.2.228:5985 inbound"
    )
    assert found.endswith(
        f", as approvals[0] allows (Approval until {SIGNED['expires']}, owner "
        "network-team: change 4711)"
    )


def test_programs_get_what_is_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a witness, the number of flows and the approval, and no violation."""
    path = tmp_path / "verdicts.jsonl"
    monkeypatch.setenv("AZUREML_POLICIES_VERDICTS", str(path))
    entry = {"from": "on-premises", "to": "endpoint:*", **SIGNED}
    said(opened_desk(), approvals=[entry])
    (found,) = [
        line
        for line in map(json.loads, path.read_text().splitlines())
        if line.get("status") == "exempt"
    ]
    assert (found["level"], found["path"]) == ("advisory", "approvals[0]")
    assert found["witness"] == {
        "packet": "Tcp 10.0.0.4:49152 -> 10.40.2.4:2222",
        "change": "opened",
        "flows": 9,
    }
    assert found["exemption"] == {
        "path": "approvals[0]",
        **SIGNED,
        "category": "Approval",
    }


@pytest.mark.parametrize(
    ("approval", "meant"),
    [
        ({"from": "subnet:*", "to": "internet"}, "subnet:* to internet"),
        ({"guard": GUARD}, GUARD),
    ],
)
def test_an_approval_of_nothing_is_told(approval: dict[str, str], meant: str) -> None:
    """It would let a later change through that nobody has looked at."""
    entries = [{"guard": "nothing"}, {**approval, **SIGNED}]
    assert said(prod(), approvals=entries)[1:] == [
        f"approvals[1] is not used: nothing changes at {meant}; remove it"
    ]


@pytest.mark.parametrize(
    ("approval", "text"),
    [
        ({"guard": GUARD, "from": "*", "to": "*"}, "about a guard and about a flow"),
        ({"guard": " "}, "lacks guard"),
        ({"guard": GUARD, "owner": ""}, "lacks owner"),
        ({"guard": GUARD, "until": "2999"}, "'until' is none of"),
        ({"guard": GUARD, "expires": "soon"}, "expires is no day"),
        ({"guard": GUARD, "expires": "2999-12-31"}, "2999-12-31 is too far away; set"),
        ({"guard": "*"}, "it is for everything; name the places or the guard"),
        ({"guard": "*:*"}, "it is for everything"),
        ({"from": "*", "to": "*"}, "it is for everything"),
        ({"from": "?*", "to": "**"}, "it is for everything"),
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


def test_alike_flows_are_told_once() -> None:
    """All that one group opens to one place, with the first one's packet."""
    group = "security-group:azureml-prod-{}-nsg".format
    start = "the change opens "
    end = "; approve it with owner, reason and expiry, or take it back"
    pep = "endpoint:pep-azureml-prod-769f2c-{}".format
    listed = f"{pep('amlworkspace')}, {pep('azuremonitor')}, {pep('blob')} and 6 more"
    found = said(opened_desk())
    assert len(found) == 6
    assert found[0] == (
        f"{start}on-premises to subnet:azureml-prod-vnet/endpoints: Tcp "
        f"10.0.0.4:49152 -> 10.40.2.4:2222, and to 9 more: {listed}, which did not "
        f"pass before; by {group('endpoints')}{end}"
    )
    assert found[-1].endswith(
        f"and to 9 more: {listed}, which did not pass before; by {group('endpoints')}, "
        f"{group('training')}{end}"
    )


def test_alike_flows_are_approved_one_by_one() -> None:
    """What is approved of them is no longer counted; both are told."""
    entry = {"from": "on-premises", "to": "endpoint:*-blob", **SIGNED}
    found = said(opened_desk(), approvals=[entry])
    assert "on-premises to subnet:azureml-prod-vnet/endpoints" in found[0]
    assert "and to 8 more: " in found[0]
    assert "-blob" not in found[0]
    assert found[1:6] == said(opened_desk())[1:]
    assert found[6].startswith(
        "exempt: the change opens on-premises to endpoint:pep-azureml-prod-769f2c-blob:"
        " Tcp 10.0.0.4:49152 -> 10.40.2.4:2222, as approvals[0] allows"
    )
    assert len(found) == 7


def test_what_closes_is_told_once() -> None:
    """In words of its own."""
    plan = prod()
    for rule in named(plan, "azureml-prod-endpoints-nsg")["securityRules"]:
        rule["access"] = "Deny"
    found = said(plan)
    assert len(found) == 4
    assert all(", and to 9 more: " in each for each in found)
    assert all("more, which passed before; by " in each for each in found)


def test_what_is_alike_starts_at_several_places() -> None:
    """Where more flows end at one place; what is undecided is told by itself."""
    plan = opened_desk()
    rules = named(plan, "azureml-prod-endpoints-nsg")["securityRules"]
    rules[-1]["destinationAddressPrefix"] = "10.40.2.12"
    one, *undecided = [each for each in said(plan) if "endpoints-nsg;" in each]
    assert one.startswith(
        "the change opens on-premises to subnet:azureml-prod-vnet/endpoints: Tcp "
        "10.0.0.4:49152 -> 10.40.2.12:2222, and from 3 more: vpn-clients, "
        "subnet:azureml-prod-vnet/AzureFirewallSubnet, "
        "subnet:azureml-prod-vnet/GatewaySubnet, which did not pass before; by "
    )
    first = "undecided: azureml-prod-amlworkspace-endpoint.ipConfigurations is not "
    assert len(undecided) == 4
    for each in undecided:
        assert each.startswith(first)
        assert "; and 6 more: whether the change opens " in each
        assert ", and to 8 more: " in each


EVERYBODY = ("subnet:*", "machine:*", "endpoint:*", "on-premises*", "vpn-clients*")


def test_more_than_an_approved_flow_is_told() -> None:
    """An approval of flows does not cover what the group lets in besides."""
    flows = [{"from": from_, "to": "*", **SIGNED} for from_ in EVERYBODY]
    told = said(opened_desk(), approvals=flows)
    found = [each for each in told if each.startswith("the change")]
    assert [each.partition(": it ")[0] for each in found] == [
        "the change opens security-group:azureml-prod-endpoints-nsg",
        "the change opens security-group:azureml-prod-training-nsg",
    ]
    assert all(
        "more than the flows that are approved, such as" in each for each in found
    )


def test_many_flows_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first hundred findings are told, here two; of all others, flows count."""
    every = said(opened_desk())
    monkeypatch.setattr(changed_flows, "_TOLD", 2)
    found = said(opened_desk())
    assert found[:2] == every[:2]
    (told,) = found[2:]
    more = "the change opens 35 flows more, such as "
    assert told.startswith(more)
    assert f"{more}{every[2].removeprefix('the change opens ').partition(': ')[0]}" in (
        told
    )


def test_what_closes_is_told_unless_it_is_not_wanted() -> None:
    """Guards as flows."""
    plan = prod()
    named(plan, "azureml-prod-jump-box-nsg")["securityRules"][0]["access"] = "Deny"
    told = said(plan)
    assert told
    assert all(each.startswith("the change closes ") for each in told)
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


def test_servers_of_names_are_told() -> None:
    """No packet and no other guard has to do with them."""
    plan = prod()
    named(plan, "azureml-prod-vnet")["dhcpOptions"] = {"dnsServers": ["203.0.113.53"]}
    assert said(plan) == [
        "the change opens network:azureml-prod-vnet: it asks DNS servers 203.0.113.53 "
        "in place of 10.40.2.244, which it did not before; no flow shows it; approve "
        "it with owner, reason and expiry, or take it back"
    ]


def test_a_stack_without_networks_has_closed_everything() -> None:
    """Nothing of what was approved is left."""
    left = [each for each in prod() if "network:" not in each["type"]]
    found = said(left)
    assert all(each.startswith("the change closes ") for each in found)
    assert any("network:azureml-prod-vnet" in each for each in found)


HOSTILE = (
    None,
    True,
    -1,
    1e300,
    "",
    "x" * 5000,
    [None],
    {"id": None},
    [[{}]],
    "\ud800",
)


@pytest.mark.parametrize("seed", range(12))
def test_hostile_plans_end_in_an_answer(seed: int) -> None:
    """Whatever stands in a plan or in a baseline; one that is the same departs in
    nothing."""
    chance = Random(seed)
    plan = [*deepcopy(deciding(prod()))]
    for each in chance.sample(plan, 4):
        key = chance.choice([*each["inputs"], "properties"])
        each["inputs"][key] = chance.choice(HOSTILE)
    chance.choice(plan)["propertyDependencies"] = chance.choice(HOSTILE)
    chance.choice(plan)["parent"] = chance.choice(HOSTILE)
    approved = deciding(prod())
    for before, after in ((approved, plan), (plan, approved), (plan, plan)):
        found = plan_difference(
            guarded_plan_of(as_it_turned_out(deciding(before), deciding(after))),
            guarded_plan_of(deciding(after)),
        )
        changes = (*found.opened, *found.closed, *found.guards)
        assert before is not after or not changes
