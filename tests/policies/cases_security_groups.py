"""Cases of the rules on security groups, one group at a time.

The truth table asks whether the Internet reaches TCP 22, through groups that checkers
of texts get wrong. The field cases C73 to C85 stand under their numbers.
"""

from typing import Any

from policy_plans import RG, UNKNOWN, Id, Name, Nowhere, Plan, Planned, secret
from rule_cases import BAD, OK, OPEN, Case, StackCase

GROUP = "network:NetworkSecurityGroup"
RULE = "network:SecurityRule"
ON = {"enforcementLevel": "advisory"}
SSH_AND_RDP = {"ports": ["22", "3389"]}


def rule(priority: Any = 100, **changes: Any) -> dict[str, Any]:
    """Return an inbound rule that opens TCP 22 to everybody; None removes."""
    whole = {
        "name": f"rule-{priority}",
        "priority": priority,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def source(text: Any, **changes: Any) -> dict[str, Any]:
    """Return that rule for one source."""
    return rule(sourceAddressPrefix=text, **changes)


def port(text: Any, **changes: Any) -> dict[str, Any]:
    """Return that rule for other ports."""
    return rule(destinationPortRange=text, **changes)


def deny(priority: Any = 4096, **changes: Any) -> dict[str, Any]:
    """Return a deny of everything."""
    anything = {"protocol": "*", "destinationPortRange": "*", "access": "Deny"}
    return rule(priority, **anything | changes)


def out(priority: Any = 100, **changes: Any) -> dict[str, Any]:
    """Return that rule for what goes out, on port 443."""
    return rule(
        priority, **{"direction": "Outbound", "destinationPortRange": "443"} | changes
    )


CLOSED = (deny(), deny(direction="Outbound"))


def group(*rules: Any, **inputs: Any) -> Planned:
    """Return a group with a list of rules."""
    named = {**RG, "networkSecurityGroupName": "nsg"}
    return Planned(GROUP, "nsg", {**named, "securityRules": list(rules), **inputs})


def beside(name: str, inputs: dict[str, Any], of: Any = None) -> Planned:
    """Return a rule of its own, of the group ``nsg`` or of another."""
    holder = Name("nsg") if of is None else of
    return Planned(RULE, name, {**RG, "networkSecurityGroupName": holder, **inputs})


BARE = Planned(GROUP, "nsg", {**RG, "networkSecurityGroupName": "nsg"})
WEB = Planned(
    "network:ApplicationSecurityGroup",
    "web",
    {**RG, "applicationSecurityGroupName": "web"},
)
NETWORK = Planned(
    "network:VirtualNetwork",
    "net",
    {
        **RG,
        "virtualNetworkName": "net",
        "addressSpace": {"addressPrefixes": ["10.20.0.0/22"]},
    },
)


def subnet(name: str) -> Planned:
    """Return a subnet that the group guards."""
    return Planned(
        "network:Subnet",
        name,
        {
            **RG,
            "virtualNetworkName": Name("net"),
            "subnetName": name,
            "networkSecurityGroup": {"id": Id("nsg")},
        },
    )


def sg(
    number: int,
    answer: str,
    label: str,
    *resources: Planned,
    says: str = "",
    settings: dict[str, Any] | None = None,
    preview_only: bool = False,
) -> StackCase:
    """Return a case of a plan of these resources."""
    return StackCase(
        f"SG{number:03}",
        answer,
        label,
        Plan(*resources),
        says,
        settings or {},
        preview_only,
    )


TRUTH_TABLE: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "A": (BAD, (rule(),)),
    "B": (BAD, (source("0.0.0.0/0"),)),
    "C": (BAD, (source("Internet"),)),
    "D": (BAD, (source("::/0"),)),
    "F": (
        BAD,
        (
            rule(
                sourceAddressPrefix=None,
                sourceAddressPrefixes=["0.0.0.0/1", "128.0.0.0/1"],
            ),
        ),
    ),
    "G": (BAD, (port("20-25"),)),
    "H": (
        BAD,
        (rule(destinationPortRange=None, destinationPortRanges=["80", "22"]),),
    ),
    "K": (BAD, (port("*", protocol="*"),)),
    "L": (BAD, (rule(), deny(200))),
    "E": (OK, (deny(100, destinationPortRange="22", protocol="Tcp"), rule(200))),
    "M": (OK, (deny(100, sourceAddressPrefix="Internet"), rule(200))),
    "J": (OK, (source("10.1.0.0/16"),)),
}
"""Twelve groups of which the answer is beyond doubt, by the letters of the table."""


def _sources(*ranges: str, **changes: Any) -> dict[str, Any]:
    return rule(sourceAddressPrefix=None, sourceAddressPrefixes=list(ranges), **changes)


_SSH_DENIED = {"destinationPortRange": "22", "protocol": "Tcp"}
TRUTH_TABLE_OF_IPV6: dict[str, tuple[str, tuple[dict[str, Any], ...]]] = {
    "F6": (BAD, (_sources("::/1", "8000::/1"),)),
    "G6": (BAD, (source("::/0", destinationPortRange="20-25"),)),
    "H6": (
        BAD,
        (
            source(
                "::/0", destinationPortRange=None, destinationPortRanges=["80", "22"]
            ),
        ),
    ),
    "K6": (BAD, (source("::/0", destinationPortRange="*", protocol="*"),)),
    "L6": (BAD, (source("::/0"), deny(200))),
    "E6": (
        OK,
        (
            deny(100, sourceAddressPrefix="::/0", **_SSH_DENIED),
            source("::/0", priority=200),
        ),
    ),
    "M6": (
        OK,
        (deny(100, sourceAddressPrefix="Internet"), source("::/0", priority=200)),
    ),
    "J6": (OK, (source("fd00:1::/64"),)),
    "public": (BAD, (source("2000::/3"),)),
    "one-address": (BAD, (source("2a01:111:f100::7"),)),
    "halves-denied": (
        OK,
        (
            deny(100, sourceAddressPrefix="::/1"),
            deny(110, sourceAddressPrefix="8000::/1"),
            source("::/0", priority=200),
        ),
    ),
    "half-denied": (
        BAD,
        (deny(100, sourceAddressPrefix="::/3"), source("::/0", priority=200)),
    ),
    "only-IPv4-denied": (
        BAD,
        (deny(100, sourceAddressPrefix="0.0.0.0/0"), rule(200)),
    ),
}
"""The same of IPv6, where all that is open is open to IPv6 alone; D is in the first
table."""
OPEN_TO_IPV6_ALONE = (
    "D",
    *(letter for letter, (answer, _) in TRUTH_TABLE_OF_IPV6.items() if answer == BAD),
)

_TRUTH = tuple(
    sg(1, answer, f"truth table {letter}", group(*rules))
    for letter, (answer, rules) in (TRUTH_TABLE | TRUTH_TABLE_OF_IPV6).items()
)
_NO_TAG = (
    sg(
        1,
        OPEN,
        "neither a range nor a tag",
        group(source("NotATag")),
        says="has 'NotATag', which is neither a range nor a service tag",
    ),
)
_C73 = tuple(
    sg(1, BAD, f"C73 {label}", group(rule(**changes)), settings=SSH_AND_RDP)
    for label, changes in {
        "a": {
            "sourceAddressPrefix": "Internet",
            "destinationPortRange": None,
            "destinationPortRanges": ["22", "3389"],
        },
        "b": {
            "sourceAddressPrefix": "Internet",
            "destinationPortRange": None,
            "destinationPortRanges": ["8000-9000", "20-25"],
        },
        "c": {"sourceAddressPrefix": "Internet", "destinationPortRange": "*"},
        "d": {
            "sourceAddressPrefix": None,
            "sourceAddressPrefixes": ["10.0.0.0/8", "0.0.0.0/0"],
        },
    }.items()
)
_C75 = tuple(
    sg(1, BAD, f"C75 {text!r}", group(source(text)))
    for text in ("Internet", "internet", "INTERNET", "*", "Any", "any", " Internet ")
)
_C77 = tuple(
    sg(1, answer, f"C77 {text!r}", group(port(text)), settings=SSH_AND_RDP)
    for answer, texts in (
        (BAD, ("20-25", "22-22", "0-65535", "3000-4000", " 22 ", 22.0)),
        (OK, ("1-21", "2200", "23-3388")),
    )
    for text in texts
)
_C79 = tuple(
    sg(1, answer, f"C79 {protocol}", group(port("*", protocol=protocol)), says=says)
    for protocol, answer, says in (
        ("Icmp", OK, ""),
        ("ICMP", OK, ""),
        ("Esp", OK, ""),
        ("Tcp", BAD, ":22"),
        ("tcp", BAD, ""),
        ("Udp", BAD, ":3389"),
    )
)
_SSH_ALONE = {"ports": ["22"], "udpPorts": []}
_RDP_ALONE = {"ports": ["3389"]}
_C79_APART = tuple(
    sg(
        1,
        answer,
        f"C79 {protocol}, {label}",
        group(port("*", protocol=protocol)),
        settings=settings,
    )
    for protocol, label, answer, settings in (
        ("Tcp", "SSH", BAD, _SSH_ALONE),
        ("Tcp", "RDP", BAD, _RDP_ALONE | {"udpPorts": []}),
        ("Udp", "SSH", OK, _SSH_ALONE),
        ("Udp", "RDP", BAD, _RDP_ALONE),
        ("Ah", "both", OK, SSH_AND_RDP),
    )
)
_C81 = tuple(
    sg(1, answer, f"C81 {label}", group(*rules))
    for label, answer, rules in (
        ("a", OK, (deny(100), source("Internet", priority=200))),
        ("b", BAD, (rule(200), deny(300))),
        ("c", BAD, (deny(100, sourceAddressPrefix="203.0.113.0/24"), rule(200))),
        ("d", BAD, (deny(100, direction="Outbound"), rule(200))),
        ("e, of a", OK, (source("Internet", priority=200), deny(100))),
        ("e, of b", BAD, (deny(300), rule(200))),
    )
)
# One block of public addresses counts: the rule is about public sources.
_C83 = tuple(
    sg(1, answer, f"C83 {text}", group(source(text)))
    for text, answer in (
        ("10.0.0.0/8", OK),
        ("20.0.0.0/8", BAD),
        ("172.16.0.0/12", OK),
        ("VirtualNetwork", OK),
        ("AzureLoadBalancer", OK),
        ("100.64.0.0/10", OK),
    )
)
_TO_WEB = {
    "destinationAddressPrefix": None,
    "destinationApplicationSecurityGroups": [{"id": Id("web")}],
}

_EXPOSURE = (
    *_TRUTH,
    *_NO_TAG,
    *_C73,
    *_C75,
    *_C77,
    *_C79,
    *_C79_APART,
    *_C81,
    *_C83,
    sg(
        1,
        BAD,
        "C85 b",
        group(rule(sourceAddressPrefix=None, sourceAddressPrefixes=["Internet"])),
    ),
    sg(
        1,
        BAD,
        "C85 c",
        group(source("10.0.0.0/8", sourceAddressPrefixes=["0.0.0.0/0"])),
    ),
    sg(
        1,
        BAD,
        "C89 c: an unknown source hides nothing",
        group(source(Nowhere()), rule(200)),
        says="rule 'Allow 200 rule-200' lets in Tcp 203.0.113.1",
    ),
    sg(
        1,
        OPEN,
        "a deny of an unknown source may come first",
        group(deny(100, sourceAddressPrefix=Nowhere()), rule(200)),
        says="unless that stops it, rule 'Allow 200 rule-200' lets in",
    ),
    sg(
        1,
        OPEN,
        "source unknown",
        group(source(Nowhere())),
        says="AddressPrefix is not known yet: whether it lets in Tcp 203.0.113.1",
    ),
    sg(1, OPEN, "rules unknown", group(securityRules=Nowhere())),
    sg(1, OPEN, "access unknown", group(rule(access=Nowhere()))),
    sg(1, OPEN, "tag unknown", group(source("Intranet")), says="Intranet"),
    sg(1, BAD, "every Azure tenant", group(source("AzureCloud"))),
    sg(1, BAD, "beside the group", BARE, beside("ssh", rule()), says="rule 'Allow 100"),
    sg(
        1,
        OK,
        "beside the group, behind a deny in it",
        group(deny(100)),
        beside("ssh", rule(200)),
    ),
    sg(1, BAD, "secret", group(source(secret("0.0.0.0/0")))),
    sg(1, BAD, "to machines of a group", WEB, group(rule(**_TO_WEB)), says="'web'"),
    sg(
        1,
        OK,
        "to machines of a group, denied",
        WEB,
        group(deny(100, **_TO_WEB), rule(200, **_TO_WEB)),
    ),
    sg(
        1,
        BAD,
        "to a network of public addresses of one's own",
        group(rule(destinationAddressPrefix="10.20.0.0/22")),
    ),
    sg(
        1,
        OPEN,
        "group outside",
        beside("ssh", rule(), "elsewhere"),
        says="names a group outside of this stack",
    ),
    sg(
        1, OK, "group outside, closed", beside("ssh", source("10.0.0.0/8"), "elsewhere")
    ),
    sg(1, BAD, "other ports", group(port("2222")), settings={"ports": ["2222"]}),
    sg(
        1,
        BAD,
        "setting unreadable",
        group(),
        says="the setting 'ports' is not a list of ports",
        settings={"ports": ["ssh"]},
    ),
    sg(1, OPEN, "hostile", group(source({"a": 1}), "rule", 7.0, rule(300))),
)

_INBOUND = (
    sg(2, OK, "closed", group(*CLOSED)),
    sg(2, OK, "no rules", BARE),
    sg(2, OK, "private", group(source("10.0.0.0/8"))),
    sg(2, BAD, "HTTPS", group(port("443")), says="lets in Tcp 203.0.113.1"),
    sg(2, BAD, "ping", group(port("*", protocol="Icmp")), says="Icmp 203.0.113.1"),
    sg(2, BAD, "a service", group(source("AzureMachineLearning"))),
    sg(
        2,
        OK,
        "Bastion",
        NETWORK,
        group(
            source("Internet", destinationPortRange="443"),
            source("GatewayManager", priority=200, destinationPortRange="443"),
        ),
        subnet("AzureBastionSubnet"),
    ),
    sg(
        2,
        BAD,
        "Bastion, another port",
        NETWORK,
        group(source("Internet", destinationPortRange="80")),
        subnet("AzureBastionSubnet"),
    ),
    sg(
        2,
        BAD,
        "Bastion and another subnet",
        NETWORK,
        group(port("443")),
        subnet("AzureBastionSubnet"),
        subnet("training"),
    ),
    sg(
        2,
        OK,
        "excepted",
        group(source("AzureMachineLearning", destinationPortRange="44224")),
        settings={"exceptions": ["nsg: AzureMachineLearning tcp/44224"]},
    ),
    sg(
        2,
        BAD,
        "excepted for another group",
        group(source("AzureMachineLearning", destinationPortRange="44224")),
        settings={"exceptions": ["other-*: AzureMachineLearning tcp/44224"]},
    ),
    sg(
        2,
        BAD,
        "exception unreadable",
        group(),
        says="the setting 'exceptions' is not",
        settings={"exceptions": ["everything"]},
    ),
    sg(2, OPEN, "source unknown", group(source(Nowhere()))),
    sg(2, OPEN, "number unknown", group(deny(Nowhere()), rule(200))),
    sg(2, BAD, "number unknown, of an allow", group(rule(Nowhere()), rule(200))),
    sg(3, OK, "private", group(source("10.0.0.0/8"))),
    sg(3, OK, "a service that sends by itself", group(source("AzureMachineLearning"))),
    sg(3, OK, "denied before", group(deny(100), source("AzureCloud", priority=200))),
    sg(3, OK, "out", group(out(destinationAddressPrefix="AzureCloud"))),
    sg(3, BAD, "all of Azure", group(source("AzureCloud")), says="'AzureCloud'"),
    sg(3, BAD, "a region of it", group(source("azurecloud.westeurope"))),
    sg(3, BAD, "a shared service", group(source("AzureDevOps"))),
    sg(
        3,
        OK,
        "accepted",
        group(source("AzureDevOps")),
        settings={"acceptedTags": ["azuredevops"]},
    ),
    sg(3, BAD, "beside", BARE, beside("cloud", source("AzureCloud"))),
    sg(3, OPEN, "source unknown", group(source(Nowhere()))),
    sg(4, OK, "everything", group(deny())),
    sg(
        4,
        OK,
        "the network",
        group(
            rule(),
            deny(
                sourceAddressPrefix="VirtualNetwork",
                destinationAddressPrefix="VirtualNetwork",
            ),
        ),
    ),
    sg(4, OK, "beside", BARE, beside("deny", deny())),
    sg(4, BAD, "none", BARE, says="'Allow 65000 AllowVNetInBound'"),
    sg(4, BAD, "a part", group(deny(sourceAddressPrefix="10.0.0.0/8"))),
    sg(4, BAD, "of a port", group(deny(destinationPortRange="22", protocol="Tcp"))),
    sg(4, BAD, "out", group(deny(direction="Outbound"))),
    sg(4, OPEN, "source unknown", group(deny(sourceAddressPrefix=Nowhere()))),
    sg(4, OPEN, "rules unknown", group(securityRules=Nowhere())),
)

_OUTBOUND = (
    sg(5, OK, "closed", group(*CLOSED)),
    sg(
        5,
        OK,
        "what compute needs",
        group(
            out(destinationAddressPrefix="AzureMachineLearning"),
            out(110, destinationAddressPrefix="Storage.westeurope"),
            *CLOSED,
        ),
    ),
    sg(5, BAD, "Azure's default", BARE, says="'Allow 65001 AllowInternetOutBound'"),
    sg(
        5,
        BAD,
        "everything",
        group(out(destinationAddressPrefix="Internet"), *CLOSED),
        says="lets out Tcp 10",
    ),
    sg(
        5,
        BAD,
        "another port",
        group(
            out(
                destinationAddressPrefix="AzureResourceManager",
                destinationPortRange="*",
            ),
            *CLOSED,
        ),
    ),
    sg(
        5,
        BAD,
        "one address",
        group(out(destinationAddressPrefix="203.0.113.7"), *CLOSED),
        says="203.0.113.7:443",
    ),
    sg(
        5,
        OK,
        "allowed",
        group(out(destinationAddressPrefix="203.0.113.7"), *CLOSED),
        settings={"exceptions": ["nsg: Internet tcp/80,443"]},
    ),
    sg(5, OK, "private", group(out(destinationAddressPrefix="10.0.0.0/8"), *CLOSED)),
    sg(
        5,
        OK,
        "Bastion",
        NETWORK,
        group(
            out(destinationAddressPrefix="AzureCloud"),
            out(
                110,
                destinationAddressPrefix="Internet",
                destinationPortRange="80",
                protocol="*",
            ),
            *CLOSED,
        ),
        subnet("AzureBastionSubnet"),
    ),
    sg(
        5,
        OPEN,
        "destination unknown",
        group(out(destinationAddressPrefix=Nowhere()), *CLOSED),
    ),
    sg(
        5,
        BAD,
        "from machines of a group",
        WEB,
        group(
            out(
                sourceAddressPrefix=None,
                sourceApplicationSecurityGroups=[{"id": Id("web")}],
            ),
            *CLOSED,
        ),
        says="'web'",
    ),
)

_FORM = (
    sg(6, OK, "well-formed", group(rule(), deny(), deny(direction="Outbound"))),
    sg(6, OK, "any case", group(rule(protocol="TCP", access="allow"))),
    sg(6, OK, "source unknown", group(source(Nowhere()))),
    sg(6, BAD, "number too low", group(rule(99.0)), says="priority is 99"),
    sg(6, BAD, "number too high", group(rule(4097.0))),
    sg(6, BAD, "number broken", group(rule(100.5))),
    sg(6, BAD, "number huge", group(rule(1e300))),
    sg(6, BAD, "number a text", group(rule("first"))),
    sg(6, BAD, "number a power", group(rule("²²"))),
    sg(6, BAD, "number twice", group(rule(), deny(100)), says="have one priority, 100"),
    sg(6, OK, "number twice, both ways", group(rule(), out())),
    sg(
        6,
        BAD,
        "number twice, inline and beside",
        group(rule()),
        beside("other", deny(100)),
    ),
    sg(
        6,
        BAD,
        "ports twice",
        group(rule(destinationPortRanges=["80"])),
        says="are both set",
    ),
    sg(6, BAD, "no ports", group(rule(sourcePortRange=None)), says="is missing"),
    sg(6, BAD, "range backwards", group(port("443-80")), says="'443-80'"),
    sg(6, BAD, "port too high", group(port("65536"))),
    sg(6, OK, "port a number", group(port(443.0))),
    sg(
        6,
        BAD,
        "C85 a: a tag in the list",
        group(
            rule(
                sourceAddressPrefix=None,
                sourceAddressPrefixes=["VirtualNetwork", "10.0.0.0/8"],
            )
        ),
        says="'VirtualNetwork', and lists take ranges only",
    ),
    sg(
        6,
        BAD,
        "C85 c: one and many",
        group(source("10.0.0.0/8", sourceAddressPrefixes=["10.1.0.0/16"])),
    ),
    sg(
        6,
        BAD,
        "addresses beside groups",
        WEB,
        group(rule(sourceApplicationSecurityGroups=[{"id": Id("web")}])),
    ),
    sg(6, BAD, "protocol", group(rule(protocol="Sctp")), says="'Sctp'"),
    sg(6, BAD, "direction missing", group(rule(direction=None))),
    sg(6, BAD, "no rule at all", group("rule")),
    sg(6, BAD, "beside", BARE, beside("other", rule(50.0))),
    sg(6, OPEN, "number unknown", group(rule(Nowhere()))),
    sg(6, OPEN, "rules unknown", group(securityRules=Nowhere())),
    sg(6, OPEN, "port unknown", group(port(Nowhere()))),
    sg(7, OK, "few", group(*CLOSED)),
    sg(
        7,
        BAD,
        "rules",
        group(*(rule(float(number)) for number in range(100, 1101))),
        says="1001 rules; Azure takes 1000",
    ),
    sg(
        7,
        BAD,
        "ranges",
        group(
            *(
                rule(
                    float(number),
                    sourceAddressPrefix=None,
                    sourceAddressPrefixes=[
                        f"10.{number}.{third}.0/24" for third in range(0, 205)
                    ],
                )
                for number in range(100, 120)
            )
        ),
        says="4100 source ranges; Azure takes 4000",
    ),
    sg(
        7,
        BAD,
        "application security groups of a side",
        group(
            rule(
                sourceAddressPrefix=None,
                sourceApplicationSecurityGroups=[
                    {
                        "id": "/subscriptions/s/resourceGroups/rg/providers/"
                        f"Microsoft.Network/applicationSecurityGroups/asg-{number}"
                    }
                    for number in range(11)
                ],
            )
        ),
        says="Azure takes 10",
    ),
    sg(7, OPEN, "rules unknown", group(securityRules=Nowhere())),
    sg(8, OK, "ranges and tags", group(source("Storage.WestEurope"), rule(200))),
    sg(
        8,
        BAD,
        "misspelt",
        group(source("Storge")),
        says="'Storge' is not a service tag",
    ),
    sg(8, BAD, "no such region", group(source("Storage.atlantis"))),
    sg(
        8,
        OK,
        "a tag of another cloud, there",
        group(source("AzureMachineLearning"), location="usgovvirginia"),
    ),
    sg(
        8,
        BAD,
        "a tag of another cloud",
        group(source("AzureFrontDoor.FirstParty"), location="chinanorth3"),
    ),
    sg(8, BAD, "beside", BARE, beside("other", source("Storge"))),
    sg(8, OPEN, "unknown", group(source(Nowhere()))),
    sg(8, OK, "none", BARE),
)

_HTTPS = {"priority": 200, "destinationPortRange": "443"}
_SMALL = {"sourceAddressPrefix": "10.20.0.0/25"}
_ORDER = (
    sg(9, OK, "in order", group(rule(**_SMALL), *CLOSED)),
    sg(
        9,
        BAD,
        "a deny behind",
        group(rule(), deny(200, protocol="Tcp", destinationPortRange="22")),
        says="a deny that never counts): 'Allow 100 rule-100' come before it",
    ),
    sg(
        9,
        BAD,
        "an allow behind two halves",
        group(
            deny(100, sourceAddressPrefix="0.0.0.0/1"),
            deny(110, sourceAddressPrefix="128.0.0.0/1"),
            source("0.0.0.0/0", priority=200),
        ),
        says="'Deny 100 rule-100', 'Deny 110 rule-110'",
    ),
    sg(
        9,
        OK,
        "an allow behind one half",
        group(
            deny(100, sourceAddressPrefix="0.0.0.0/1"),
            source("0.0.0.0/0", priority=200),
        ),
    ),
    sg(9, BAD, "beside", group(deny(100)), beside("ssh", rule(200))),
    sg(
        9,
        OK,
        "what Bastion demands",
        NETWORK,
        group(port("443"), source("GatewayManager", **_HTTPS)),
        subnet("AzureBastionSubnet"),
    ),
    sg(
        9,
        BAD,
        "what Bastion demands, elsewhere",
        NETWORK,
        group(port("443"), source("GatewayManager", **_HTTPS)),
        subnet("training"),
    ),
    sg(
        9,
        BAD,
        "of a group, behind everything",
        WEB,
        group(deny(100), rule(200, **_TO_WEB)),
    ),
    sg(9, OK, "behind a group", WEB, group(deny(100, **_TO_WEB), rule(200))),
    sg(9, OPEN, "source unknown", group(source(Nowhere()), rule(200))),
    sg(
        9,
        OK,
        "of a source port",
        group(rule(sourcePortRange="1024-65535"), rule(200)),
    ),
    sg(10, OK, "in order", group(rule(**_SMALL), *CLOSED)),
    sg(
        10,
        BAD,
        "a deny before the deny of everything",
        group(deny(100, protocol="Tcp", destinationPortRange="22"), *CLOSED),
        says="without it, 'Deny 4096 rule-4096' decide the same way",
    ),
    sg(
        10,
        BAD,
        "an allow before a wider one",
        group(rule(**_SMALL), rule(200), *CLOSED),
    ),
    sg(
        10,
        OK,
        "an allow before a wider one, with a deny between",
        group(rule(**_SMALL), deny(150, sourceAddressPrefix="10.0.0.0/8"), rule(200)),
    ),
    sg(
        10,
        OPEN,
        "source unknown",
        group(rule(**_SMALL), source(Nowhere(), priority=200)),
    ),
    sg(11, OK, "at the end", group(rule(), *CLOSED)),
    sg(
        11, OK, "of a part", group(deny(100, sourceAddressPrefix="Internet"), rule(200))
    ),
    sg(11, OK, "none", BARE),
    sg(11, OK, "meant", group(deny()), settings={"closedGroups": ["NSG"]}),
    sg(11, BAD, "the only one", group(deny()), says="and it is the only rule"),
    sg(11, BAD, "at the start", group(rule(200), deny(100)), says="comes first"),
    sg(11, BAD, "beside", BARE, beside("deny", deny(100)), beside("ssh", rule(200))),
    sg(11, OPEN, "source unknown", group(deny(100, sourceAddressPrefix=Nowhere()))),
    sg(12, OK, "open", group(rule(), *CLOSED)),
    sg(12, OK, "allowed", group(out(destinationAddressPrefix="AzurePlatformDNS"))),
    sg(
        12,
        BAD,
        "names",
        group(
            deny(100, direction="Outbound", destinationAddressPrefix="azureplatformdns")
        ),
        says="denies 'azureplatformdns'",
    ),
    sg(
        12,
        OPEN,
        "access unknown",
        group(out(access=Nowhere(), destinationAddressPrefix="AzurePlatformLKM")),
    ),
)


def balanced(name: str) -> Planned:
    """Return an interface behind a balancer, in a subnet."""
    return Planned(
        "network:NetworkInterface",
        "nic",
        {
            **RG,
            "networkInterfaceName": "nic",
            "ipConfigurations": [
                {
                    "subnet": {"id": Id(name)},
                    "loadBalancerBackendAddressPools": [{"id": Nowhere()}],
                }
            ],
        },
    )


_BALANCED = (NETWORK, subnet("app"), balanced("app"))

STACK_CASES = (
    *_EXPOSURE,
    *_INBOUND,
    *_OUTBOUND,
    *_FORM,
    *_ORDER,
    sg(12, BAD, "probes", *_BALANCED, group(*CLOSED), says="AzureLoadBalancer"),
    sg(
        12,
        OK,
        "probes let in",
        *_BALANCED,
        group(source("AzureLoadBalancer", destinationPortRange="443"), *CLOSED),
    ),
    sg(12, OK, "probes, by default", *_BALANCED, BARE),
    sg(12, OK, "behind no balancer", NETWORK, subnet("app"), group(*CLOSED)),
)

RESOURCE_CASES = (
    Case("SG013", OK, GROUP, {"securityRules": [rule(description="SSH")]}, settings=ON),
    Case("SG013", OK, GROUP, {"securityRules": [deny()]}, settings=ON),
    Case(
        "SG013", BAD, GROUP, {"securityRules": [rule()]}, "description is missing", ON
    ),
    Case("SG013", BAD, RULE, rule(description=" "), "description is missing", ON),
    Case(
        "SG013",
        BAD,
        RULE,
        rule(description="SSH"),
        "without 'NET-[0-9]+'",
        ON | {"pattern": "NET-[0-9]+"},
    ),
    Case(
        "SG013",
        OK,
        RULE,
        rule(description="SSH, NET-17"),
        settings=ON | {"pattern": "NET-[0-9]+"},
    ),
    Case(
        "SG013",
        OPEN,
        RULE,
        rule(description=UNKNOWN),
        settings=ON,
    ),
    Case("SG013", OK, RULE, rule()),
)
