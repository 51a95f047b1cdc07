"""Azure Bastion: what each tier may and must have, and what is made of it, exactly."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_network import JumpBoxBastion, SecureVnet
from azureml_rulebook.bastion import BastionOptions, bastion_findings

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network"
NETWORK = f"{GROUP}/virtualNetworks/net"
SUBNET = f"{NETWORK}/subnets/AzureBastionSubnet"
EXISTING = f"{GROUP}/bastionHosts/team"

TIERS = ("Developer", "Basic", "Standard", "Premium")

# What each tier has, written down once more from
# https://learn.microsoft.com/azure/bastion/configuration-settings#skus
HAS = {
    "Developer": set[str](),
    "Basic": {"zones", "kerberos"},
    "Standard": {
        "zones",
        "kerberos",
        "scale_units",
        "native_client",
        "file_copy",
        "copy_paste",
        "connect_by_address",
        "shareable_link",
    },
    "Premium": {
        "zones",
        "kerberos",
        "scale_units",
        "native_client",
        "file_copy",
        "copy_paste",
        "connect_by_address",
        "shareable_link",
        "session_recording",
        "private_only",
    },
}
ASKED: dict[str, Any] = {
    "zones": ["1", "2"],
    "scale_units": 5,
    "native_client": True,
    "file_copy": True,
    # A tier has it where it can be closed.
    "copy_paste": False,
    "connect_by_address": True,
    "shareable_link": True,
    "kerberos": True,
    "session_recording": True,
    "private_only": True,
}
"""Each option as somebody asks for it."""
SAID = {"scale_units": "5 cannot be chosen in", "copy_paste": "cannot be closed in"}
"""How a refusal begins; of the others: is not in."""
ALONG = {"file_copy": {"native_client": True}}
"""What goes along with an option."""


def tier_args(jump_box_args: Callable[..., Any], tier: str, **bastion: Any) -> Any:
    """Inputs with a Bastion of that tier, in what that tier needs."""
    place = (
        {"network_id": NETWORK, "bastion_subnet_id": None}
        if tier == "Developer"
        else {}
    )
    return jump_box_args(bastion={"tier": tier, **bastion}, **place)


def lines(args: Any) -> list[str]:
    """Everything that is wrong, one line each."""
    return [str(finding) for finding in JumpBoxBastion.check("jump", args)]


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("option", ASKED)
def test_what_each_tier_has(
    jump_box_args: Callable[..., Any], tier: str, option: str
) -> None:
    """Every option of every tier: taken, or refused at its own path with the tiers
    that have it."""
    asked = {option: ASKED[option], **ALONG.get(option, {})}
    found = lines(tier_args(jump_box_args, tier, **asked))
    if option in HAS[tier]:
        assert found == []
        return
    others = " or ".join(other for other in TIERS if option in HAS[other])
    said = SAID.get(option, "is not in")
    start = (
        f"bastion.{option}: {said} tier {tier}; leave it out, or use tier {others} ("
    )
    assert [line for line in found if line.startswith(start)]
    paths = {line.partition(":")[0] for line in found}
    assert paths == {f"bastion.{key}" for key in asked if key not in HAS[tier]}


@pytest.mark.parametrize("tier", TIERS)
def test_what_is_switched_off_goes_with_every_tier(
    jump_box_args: Callable[..., Any], tier: str
) -> None:
    """To say no is the same as to leave it out; copying is open where it must be."""
    off = {key: False for key, value in ASKED.items() if value is True}
    args = tier_args(jump_box_args, tier, **off, zones=[], copy_paste=True)
    assert lines(args) == []


@pytest.mark.parametrize(
    ("bastion", "wanted"),
    [
        (
            {"tier": "Premium", "session_recording": True, "native_client": True},
            "bastion.session_recording: does not go with native_client, whose sessions "
            "Azure cannot record; leave one of the two out "
            "(https://learn.microsoft.com/azure/bastion/session-recording)",
        ),
        (
            {"tier": "Standard", "file_copy": True},
            "bastion.file_copy: needs native_client; set that to true too, or leave "
            "this out (https://learn.microsoft.com/azure/bastion/native-client)",
        ),
        # C29: both are named.
        (
            {"tier": "Basic", "scale_units": 5},
            "bastion.scale_units: 5 cannot be chosen in tier Basic; leave it out, or "
            "use tier Standard or Premium "
            "(https://learn.microsoft.com/azure/bastion/configure-host-scaling)",
        ),
        (
            {"tier": "Standard", "scale_units": 51},
            "bastion.scale_units: 51 is not allowed; use 2 to 50 "
            "(https://learn.microsoft.com/azure/bastion/configure-host-scaling)",
        ),
        ({"zones": ["4"]}, "bastion.zones[0]: '4' is not a zone; use '1', '2' or '3'"),
        ({"zones": [1]}, "bastion.zones[0]: 1 is not a zone; use '1', '2' or '3'"),
        (
            {"zones": ["1", "1"]},
            "bastion.zones[1]: '1' is given twice; leave one out",
        ),
        (
            {"tier": "standard"},
            "bastion.tier: 'standard' is not allowed; did you mean 'Standard'?",
        ),
        ({"native_client": "yes"}, "bastion.native_client: 'yes' is not true or false"),
        ({"scale_units": 2.5}, "bastion.scale_units: 2.5 is not a whole number"),
        ({"sku": "Basic"}, "bastion.sku: is not a known input; "),
    ],
)
def test_wrong_options(
    jump_box_args: Callable[..., Any], bastion: Any, wanted: str
) -> None:
    """What goes with no tier, or not together, is refused at its path."""
    (found,) = lines(jump_box_args(bastion=bastion))
    assert found.startswith(wanted)


@given(st.sampled_from(["Standard", "Premium"]), st.integers(-5, 60))
def test_scale_units(tier: str, units: int) -> None:
    """From 2 to 50 (https://learn.microsoft.com/azure/bastion/configuration-settings);
    what is taken is what is sent."""
    options = BastionOptions(tier=tier, scale_units=units)
    findings = bastion_findings(options, path="bastion")
    assert (findings == []) is (2 <= units <= 50)
    if not findings:
        assert options.sent_scale_units == units


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        (
            {"bastion_subnet_id": None},
            "bastion_subnet_id: is required and not set: a Bastion of this tier lives",
        ),
        (
            {"bastion_subnet_id": f"{NETWORK}/subnets/bastion"},
            "bastion_subnet_id: 'bastion' is not the subnet that Bastion lives in; "
            "give the id of 'AzureBastionSubnet' (",
        ),
        (
            {
                "bastion": {"tier": "Developer"},
                "network_id": NETWORK,
                "bastion_subnet_id": None,
                "machine_subnet_id": f"{NETWORK}-of-others/subnets/jump",
            },
            f"machine_subnet_id: is in the network '{NETWORK}-of-others', and tier "
            f"Developer reaches machines of its own, '{NETWORK}', alone; give a subnet",
        ),
        (
            {"bastion_subnet_id": NETWORK},
            f"bastion_subnet_id: '{NETWORK}' is the id of a Microsoft.Network/",
        ),
        (
            {"resource_group_name": "other"},
            "bastion_subnet_id: is in resource group 'rg' and Bastion would be in "
            "'other'; Azure wants both in one, set resource_group_name to 'rg' (",
        ),
        # C27 (a)
        (
            {"bastion_subnet_prefix": "10.20.1.0/27"},
            "bastion_subnet_prefix: /27 is too small for purpose 'bastion'; use /26 or "
            "larger (https://learn.microsoft.com/azure/bastion/configuration-settings",
        ),
        (
            {"bastion_subnet_prefix": "10.20.1.1/26"},
            "bastion_subnet_prefix: '10.20.1.1/26' has host bits set",
        ),
        (
            {"bastion": {"tier": "Developer"}, "bastion_subnet_id": None},
            "network_id: is required and not set: tier Developer belongs to a network",
        ),
        (
            {"bastion": {"tier": "Developer"}, "network_id": NETWORK},
            "bastion_subnet_id: is of a Bastion with a subnet of its own, and tier "
            "Developer has none; leave it out, or use another tier (",
        ),
        (
            {
                "bastion": {"tier": "Developer"},
                "network_id": NETWORK,
                "bastion_subnet_id": None,
                "bastion_subnet_prefix": "10.20.1.0/26",
            },
            "bastion_subnet_prefix: is of a Bastion with a subnet of its own",
        ),
        ({"network_id": SUBNET}, f"network_id: '{SUBNET}' is the id of a Microsoft."),
        ({"existing_bastion_id": NETWORK}, f"existing_bastion_id: '{NETWORK}' is the"),
        (
            {"existing_bastion_id": EXISTING, "people": {"user_group_ids": ["later"]}},
            "bastion_subnet_id: is of a Bastion that is made here, and "
            "existing_bastion_id is set; leave one of the two out",
        ),
        (
            {"existing_bastion_id": EXISTING, "bastion": {"tier": "Basic"}},
            "bastion.tier: is of a Bastion that is made here, and existing_bastion_id "
            "is set; leave one of the two out. Of one that exists only native_client "
            "is asked, for its commands",
        ),
        (
            {"existing_bastion_id": EXISTING, "bastion_subnet_id": None},
            "existing_bastion_id: leaves nothing to make, without machines and people",
        ),
    ],
)
def test_wrong_places(
    jump_box_args: Callable[..., Any], changes: Any, wanted: str
) -> None:
    """A Bastion in the wrong place, or in none, is refused at the input's path."""
    found = lines(jump_box_args(**changes))
    assert [line for line in found if line.startswith(wanted)]


@pytest.mark.parametrize(
    "changes",
    [
        # C27 (b)
        {"bastion_subnet_prefix": "10.20.1.0/26"},
        {
            "bastion_subnet_id": SUBNET.replace("AzureB", "azureb").replace(
                "/rg/", "/RG/"
            )
        },
        {"bastion": {}},
    ],
)
def test_right_places(jump_box_args: Callable[..., Any], changes: Any) -> None:
    """Azure compares ids without regard to case, and the size is large enough."""
    assert lines(jump_box_args(**changes)) == []


ADDRESS = {
    "publicIpAddressName": "jump-bastion-pip",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "sku": {"name": "Standard"},
    "publicIPAllocationMethod": "Static",
    "publicIPAddressVersion": "IPv4",
}
CLOSED = {
    "bastionHostName": "jump-bastion",
    "resourceGroupName": "rg",
    "location": "westeurope",
    "disableCopyPaste": False,
    "enableFileCopy": False,
    "enableIpConnect": False,
    "enableKerberos": False,
    "enablePrivateOnlyBastion": False,
    "enableSessionRecording": False,
    "enableShareableLink": False,
    "enableTunneling": False,
}
IN_SUBNET = {
    "ipConfigurations": [
        {
            "name": "bastion",
            "subnet": {"id": SUBNET},
            "publicIPAddress": {"id": "/fake/jump-bastion-pip"},
        }
    ]
}
DYNAMIC = {"privateIPAllocationMethod": "Dynamic"}
"""What tells Premium from other tiers, and is so in all of them."""
RECORDED = {"ipConfigurations": [IN_SUBNET["ipConfigurations"][0] | DYNAMIC]}
PRIVATE = {
    "ipConfigurations": [{"name": "bastion", "subnet": {"id": SUBNET}, **DYNAMIC}]
}


@pytest.mark.parametrize(
    ("bastion", "wanted"),
    [
        ({"tier": "Developer"}, {"virtualNetwork": {"id": NETWORK}}),
        # C29 (b): no scale units.
        ({"tier": "Basic"}, IN_SUBNET),
        (
            {"tier": "Basic", "zones": ["3", "1"], "kerberos": True},
            {**IN_SUBNET, "zones": ["1", "3"], "enableKerberos": True},
        ),
        (
            {"tier": "Standard"},
            {**IN_SUBNET, "scaleUnits": 2, "disableCopyPaste": True},
        ),
        # C29 (c)
        (
            {
                "tier": "Standard",
                "scale_units": 5,
                "native_client": True,
                "file_copy": True,
                "copy_paste": True,
                "connect_by_address": True,
                "shareable_link": True,
            },
            {
                **IN_SUBNET,
                "scaleUnits": 5,
                "enableTunneling": True,
                "enableFileCopy": True,
                "enableIpConnect": True,
                "enableShareableLink": True,
            },
        ),
        (
            {"tier": "Premium", "session_recording": True},
            {
                **RECORDED,
                "scaleUnits": 2,
                "disableCopyPaste": True,
                "enableSessionRecording": True,
            },
        ),
        (
            {"tier": "Premium", "private_only": True, "native_client": True},
            {
                **PRIVATE,
                "scaleUnits": 2,
                "disableCopyPaste": True,
                "enablePrivateOnlyBastion": True,
                "enableTunneling": True,
            },
        ),
    ],
)
def test_inputs_by_tier(
    record: Any, jump_box_args: Callable[..., Any], bastion: Any, wanted: Any
) -> None:
    """Bastion's inputs, exactly, and its address if it has one."""
    args = tier_args(jump_box_args, **bastion)
    made = record(lambda: JumpBoxBastion("jump", args))
    expected = {**CLOSED, "sku": {"name": bastion["tier"]}, **wanted}
    assert made.inputs("jump-bastion") == expected
    addresses = made.of_type("PublicIPAddress")
    if "publicIPAddress" not in wanted.get("ipConfigurations", [{}])[0]:
        assert addresses == {}
        assert made.outputs["jump"].get("bastionPublicAddress") is None
        return
    zones = wanted.get("zones")
    in_zones = {
        "zones": zones,
        "publicIpAddressName": f"jump-bastion-pip-zones-{'-'.join(zones or [])}",
    }
    assert addresses["jump-bastion-pip"].inputs == ADDRESS | (in_zones if zones else {})
    assert made.outputs["jump"]["bastionPublicAddress"] == "203.0.113.7"


def changed_paths(before: Any, after: Any, path: str = "") -> list[str]:
    """The paths whose values differ, as the provider tells the engine."""
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict):
        return [
            found
            for key in before.keys() | after.keys()
            for found in changed_paths(before.get(key), after.get(key), f"{path}.{key}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == 1:
        return changed_paths(before[0], after[0], f"{path}[*]")
    return [path]


def is_replaced(before: Any, after: Any) -> bool:
    """What the engine makes of a change, by the options that come with it."""
    return any(
        f"{path}.".startswith((f".{key}.", f".{key}["))
        for path in changed_paths(before.inputs, after.inputs)
        for key in after.replace_on_changes
    )


@pytest.mark.parametrize("old", TIERS)
@pytest.mark.parametrize("new", TIERS)
def test_a_higher_tier_is_taken_in_place(
    record: Any, jump_box_args: Callable[..., Any], old: str, new: str
) -> None:
    """Azure raises a tier in place and lowers none: the preview shows a lower one as
    the replacement that it is, and a change from or to Developer, which has neither
    subnet nor address. Bastion's address, which others may have let in, stays."""
    before, after = (
        record(
            lambda tier=tier: JumpBoxBastion("jump", tier_args(jump_box_args, tier))
        ).resources
        for tier in (old, new)
    )
    dedicated = TIERS[1:]
    raised = old in dedicated and TIERS.index(new) >= TIERS.index(old)
    stays = raised or old == new
    host = after["jump-bastion"]
    assert is_replaced(before["jump-bastion"], host) is not stays
    # A subnet holds one Bastion.
    assert host.deletes_first is True
    if {old, new} <= set(dedicated):
        addresses = [made["jump-bastion-pip"] for made in (before, after)]
        assert addresses[0].inputs == addresses[1].inputs
        assert addresses[1].deletes_first is False


@pytest.mark.parametrize("tier", TIERS[1:])
@pytest.mark.parametrize(
    ("args", "bastion"),
    [
        ({"bastion_subnet_id": f"{NETWORK}-of-others/subnets/AzureBastionSubnet"}, {}),
        ({}, {"zones": ["1", "2"]}),
        ({}, {"tier": "Premium", "private_only": True}),
    ],
    ids=["subnet", "zones", "private only"],
)
def test_another_place_replaces_bastion(
    record: Any, jump_box_args: Callable[..., Any], tier: str, args: Any, bastion: Any
) -> None:
    """Azure changes neither subnet nor zones nor address of a Bastion of any tier."""
    before, after = (
        record(lambda inputs=inputs: JumpBoxBastion("jump", inputs)).resources[
            "jump-bastion"
        ]
        for inputs in (
            jump_box_args(bastion={"tier": tier}),
            jump_box_args(bastion={"tier": tier, **bastion}, **args),
        )
    )
    assert is_replaced(before, after)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, []),
        (
            {
                "bastion": {"tier": "Developer"},
                "network_id": NETWORK,
                "bastion_subnet_id": None,
            },
            ["bastion.tier: Developer is in some regions only"],
        ),
        (
            {"location": "usgovvirginia", "cloud": "us_government"},
            [
                "bastion: Microsoft does not support Bastion in networks with private "
                "DNS zones in Azure US Government"
            ],
        ),
        (
            {"location": "chinaeast2", "cloud": "china", "bastion": {"zones": ["1"]}},
            [
                "bastion.zones: 'chinaeast2' is not known to have availability zones",
                "bastion: Microsoft does not support Bastion in networks with private",
            ],
        ),
        (
            {"bastion": {"tier": "Standard", "shareable_link": True}},
            ["bastion.shareable_link: whoever has a link reaches the sign-in of its"],
        ),
        (
            {"bastion": {"tier": "Premium", "session_recording": True}},
            ["bastion.session_recording: nobody gets into a machine until"],
        ),
    ],
)
def test_warnings(
    record: Any,
    jump_box_args: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    changes: Any,
    wanted: list[str],
) -> None:
    """A review is told what is open, uncertain, or still to be done by hand."""
    told: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lambda text, _: told.append(text))
    args = jump_box_args(**changes)
    record(lambda: JumpBoxBastion("jump", args))
    assert len(told) == len(wanted)
    for text, start in zip(told, wanted, strict=True):
        assert text.startswith(start)


def test_recordings_have_an_origin(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """The output names what the account of the recordings has to let in."""
    args = jump_box_args(bastion={"tier": "Premium", "session_recording": True})
    made = record(lambda: JumpBoxBastion("jump", args))
    origin = made.outputs["jump"]["sessionRecordingOrigin"]
    assert origin == "https://bst-00000000.bastion.azure.com"
    plain = record(lambda: JumpBoxBastion("jump", jump_box_args()))
    assert "sessionRecordingOrigin" not in plain.outputs["jump"]


# https://learn.microsoft.com/azure/bastion/bastion-nsg
RULES = {
    ("Inbound", "Tcp", "Internet", "*", ("443",)),
    ("Inbound", "Tcp", "GatewayManager", "*", ("443",)),
    ("Inbound", "Tcp", "AzureLoadBalancer", "*", ("443",)),
    ("Inbound", "*", "VirtualNetwork", "VirtualNetwork", ("5701", "8080")),
    ("Outbound", "*", "*", "VirtualNetwork", ("22", "3389")),
    ("Outbound", "Tcp", "*", "AzureCloud", ("443",)),
    ("Outbound", "*", "VirtualNetwork", "VirtualNetwork", ("5701", "8080")),
    ("Outbound", "*", "*", "Internet", ("80",)),
}


def ports(rule: dict[str, Any]) -> tuple[str, ...]:
    """The ports of a rule, sorted."""
    several = rule.get("destinationPortRanges") or [rule.get("destinationPortRange")]
    return tuple(sorted(several))


def test_bastion_lives_behind_its_full_group(
    record: Any, network_args: Callable[..., Any], jump_box_args: Callable[..., Any]
) -> None:
    """C25, C101: the subnet's group has all that Azure demands, ahead of any deny, and
    Bastion comes after every subnet of the network."""
    args = network_args(
        subnets={
            "bastion": {"purpose": "bastion"},
            "jump": {"purpose": "jump_box"},
            "training": {"purpose": "training", "size": 25},
        }
    )

    def program() -> None:
        network = SecureVnet("net", args)
        ids = network.subnet_ids
        JumpBoxBastion("jump", jump_box_args(bastion_subnet_id=ids["bastion"]))

    made = record(program)
    rules = made.inputs("net-bastion-nsg")["securityRules"]
    allowed = [rule for rule in rules if rule["access"] == "Allow"]
    denied = [rule["priority"] for rule in rules if rule["access"] == "Deny"]
    found = {
        (
            rule["direction"],
            rule["protocol"],
            rule.get("sourceAddressPrefix"),
            rule.get("destinationAddressPrefix"),
            ports(rule),
        )
        for rule in allowed
    }
    assert RULES - found == set()
    assert max(rule["priority"] for rule in allowed) < min(denied)
    subnets = set(made.of_type("Subnet"))
    assert len(subnets) == 3
    assert "net-bastion" in made.resources["jump-bastion"].depends_on
    order = list(made.resources)
    assert max(map(order.index, subnets)) < order.index("jump-bastion")
