"""Firewall, routes and hosts in the rulebook: the tables, and what is made of them."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook import aml_traffic, subnets
from azureml_rulebook.aml_traffic import REQUIRED_OUTBOUND
from azureml_rulebook.clouds import CHINA, CLOUDS, PUBLIC, US_GOVERNMENT
from azureml_rulebook.findings import Finding
from azureml_rulebook.firewall_rules import BANDS, tag_destinations
from azureml_rulebook.firewall_tiers import (
    BASIC,
    PREMIUM,
    STANDARD,
    TIERS,
    option_findings,
    subnet_findings,
    tier_facts,
)
from azureml_rulebook.firewall_traffic import (
    RequiredPassage,
    caller_passage,
    required_passage,
)
from azureml_rulebook.host_names import covers, host_findings
from azureml_rulebook.outbound_ports import ports_for_each
from azureml_rulebook.required_hosts import REQUIRED_HOSTS
from azureml_rulebook.routes import BYPASSES, routes_for
from azureml_rulebook.security_rules import Access, Direction, SecurityRule
from azureml_rulebook.service_tag_lists import Use, published_tags
from azureml_rulebook.service_tags import tag_findings

REGIONS = {
    PUBLIC: "westeurope",
    US_GOVERNMENT: "usgovvirginia",
    CHINA: "chinanorth3",
}
ALL_GROUPS = ("azuremonitor", "file", "registry", "vault")
TRAINING_RANGE, JUMP_BOX_RANGE = "10.0.0.0/25", "10.0.1.0/28"
SOURCES = {
    subnets.TRAINING: (TRAINING_RANGE,),
    subnets.JUMP_BOX: (JUMP_BOX_RANGE,),
    subnets.INFERENCE: ("10.0.2.0/25",),
}
EVERYTHING_HOLDS = aml_traffic.conditions(())


def passage(
    cloud_name: str,
    groups: tuple[str, ...] = ALL_GROUPS,
    *,
    sources: Mapping[str, tuple[str, ...]] = SOURCES,
    compute: bool = True,
) -> RequiredPassage:
    """What machines in that cloud need of a firewall, with those private endpoints."""
    return required_passage(
        sources,
        REGIONS[cloud_name],
        published_tags(cloud_name),
        holding=aml_traffic.conditions(groups),
        compute=compute,
    )


def hosts_by_rule(found: RequiredPassage) -> dict[str, tuple[str, ...]]:
    """Hosts of each application rule by its name."""
    return {rule.name: rule.hosts for rule in found.by_host}


# Endings of host names, written out beside the table: which cloud they belong to.
OF_ONE_CLOUD = {
    PUBLIC: (
        "microsoftonline.com",
        "management.azure.com",
        "ml.azure.com",
        "azureedge.net",
        "aka.ms",
        "azureml.net",
        "notebooks.azure.net",
        "graph.microsoft.com",
        "batch.azure.com",
        "core.windows.net",
        "vault.azure.net",
        "azurecr.io",
        "applicationinsights.azure.com",
        "applicationinsights.microsoft.com",
        "visualstudio.com",
        "enterpriseregistration.windows.net",
        "pas.windows.net",
        "monitor.azure.com",
        "opinsights.azure.com",
    ),
    US_GOVERNMENT: (".us", "usgovcloudapi.net"),
    CHINA: (".cn",),
}
OF_EVERY_CLOUD = (
    "*.aznbcontent.net",
    "mcr.microsoft.com",
    "*.data.mcr.microsoft.com",
    "*.instances.azureml.ms",
    "packages.microsoft.com",
    "azure.archive.ubuntu.com",
    "security.ubuntu.com",
    "windowsupdate.microsoft.com",
    "*.windowsupdate.microsoft.com",
    "*.windowsupdate.com",
    "*.update.microsoft.com",
    "download.microsoft.com",
    "*.delivery.mp.microsoft.com",
    "*.prod.do.dsp.mp.microsoft.com",
)
OF_TWO_CLOUDS = ("graph.windows.net",)
"""Public and US Government, as the page has it."""
PUBLIC_ONLY = (
    "*.azureml.ms",
    "{region}.tundra.azureml.ms",
    "*.tundra.{region}.api.azureml.ms",
)


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_no_host_of_another_cloud(cloud_name: str) -> None:
    """Every host ends as those of its own cloud do, or is one of the few that the page
    lists for several clouds."""
    for row in REQUIRED_HOSTS:
        for host in row.hosts.get(cloud_name, ()):
            shared = host in OF_EVERY_CLOUD or (
                host in OF_TWO_CLOUDS and cloud_name != CHINA
            )
            own = host.endswith(OF_ONE_CLOUD[cloud_name]) or (
                cloud_name == PUBLIC and host in PUBLIC_ONLY
            )
            assert shared or own, (row.name, host)
            for other, endings in OF_ONE_CLOUD.items():
                assert other == cloud_name or not host.endswith(endings), host


def test_rows_of_hosts_hold_together() -> None:
    """Each row has its page and a name of its own, serves somebody, says under which
    condition, and names existing rows by tag that hold under the same one."""
    rows = {row.name: row for row in REQUIRED_OUTBOUND}
    names = [row.name for row in REQUIRED_HOSTS]
    assert len(set(names)) == len(names)
    for row in REQUIRED_HOSTS:
        assert row.page.startswith("https://learn.microsoft.com/")
        assert row.machines <= {subnets.TRAINING, subnets.JUMP_BOX}
        assert row.machines
        for name in row.covered_by:
            assert rows[name].when == row.when, (row.name, name)
        for hosts in row.hosts.values():
            for host in hosts:
                name = host.format(region="westeurope")
                assert host_findings(name, "") == [], host


@pytest.mark.parametrize("cloud_name", CLOUDS)
@pytest.mark.parametrize("groups", [(), ALL_GROUPS])
def test_everything_required_passes(cloud_name: str, groups: tuple[str, ...]) -> None:
    """In every cloud each need of compute passes by tag, by host or by address, and
    each tag that is written is one that firewalls of that cloud take."""
    found = passage(cloud_name, groups)
    assert found.impassable == ()
    by_tag = {rule.name for rule in found.by_tag}
    hosts = hosts_by_rule(found)
    for row in REQUIRED_OUTBOUND:
        if row.when not in aml_traffic.conditions(groups):
            continue
        if cloud_name not in row.clouds:
            continue
        covering = [r for r in REQUIRED_HOSTS if row.name in r.covered_by]
        assert row.name in by_tag or any(r.name in hosts for r in covering), row.name
    for rule in found.by_tag:
        if "/" not in rule.destinations[0]:
            (tag,) = rule.destinations
            assert (
                tag_findings(tag, use=Use.FIREWALL, cloud_name=cloud_name, path="")
                == []
            )


def test_rules_of_the_public_cloud() -> None:
    """The whole set, written out: compute goes by tag where one is taken, people by
    host for what only their browsers need, and Front Door by its two hosts."""
    found = passage(PUBLIC)
    both = (TRAINING_RANGE, JUMP_BOX_RANGE)
    compute, people = (TRAINING_RANGE,), (JUMP_BOX_RANGE,)
    assert [
        (rule.destinations, rule.protocols, rule.ports, rule.sources)
        for rule in found.by_tag
    ] == [
        (("AzureActiveDirectory",), ("TCP",), ("80", "443"), both),
        (("AzureMachineLearning",), ("TCP",), ("443", "8787", "18881"), compute),
        (("AzureMachineLearning",), ("UDP",), ("5831",), compute),
        (("BatchNodeManagement",), ("TCP", "UDP"), ("443",), compute),
        (("AzureResourceManager",), ("TCP",), ("443",), both),
        (("Storage.WestEurope",), ("TCP",), ("443",), compute),
        (("MicrosoftContainerRegistry",), ("TCP",), ("443",), compute),
        (("AzureFrontDoor.FirstParty",), ("TCP",), ("443",), compute),
    ]
    assert [(rule.hosts, rule.ports, rule.sources) for rule in found.by_host] == [
        (("ml.azure.com",), (443,), both),
        (("automlresources-prod.azureedge.net",), (443,), both),
        (("aka.ms",), (443,), compute),
        (("*.azureml.ms", "*.azureml.net"), (443,), people),
        (("*.notebooks.azure.net",), (443,), people),
        (("*.aznbcontent.net",), (443,), both),
        (("*.instances.azureml.net", "*.instances.azureml.ms"), (443,), people),
        (("graph.windows.net",), (443,), compute),
        (("graph.microsoft.com",), (443,), people),
        (("enterpriseregistration.windows.net", "pas.windows.net"), (443,), people),
        (("packages.microsoft.com",), (443,), people),
        (("azure.archive.ubuntu.com", "security.ubuntu.com"), (80, 443), people),
        (
            (
                "windowsupdate.microsoft.com",
                "*.windowsupdate.microsoft.com",
                "*.windowsupdate.com",
                "*.update.microsoft.com",
                "download.microsoft.com",
                "*.delivery.mp.microsoft.com",
                "*.prod.do.dsp.mp.microsoft.com",
            ),
            (80, 443),
            people,
        ),
    ]
    assert found.dated == ()


def test_without_private_endpoints_their_services_are_reached_in_public() -> None:
    """Monitor, vault, registry and file share join when they have no endpoint."""
    more = {rule.name for rule in passage(PUBLIC, ()).by_tag}
    less = {rule.name for rule in passage(PUBLIC).by_tag}
    assert more - less == {
        "AllowStorageFilesOutbound",
        "AllowMonitorOutbound",
        "AllowKeyVaultOutbound",
        "AllowContainerRegistryOutbound",
    }


def test_hosts_stand_in_for_tags_that_a_cloud_does_not_take() -> None:
    """US Government has no tag for the front of Microsoft's registry, so both of its
    hosts are named; China publishes most tags for security groups only; what has no
    host there, passes by the addresses of the shipped list."""
    government = hosts_by_rule(passage(US_GOVERNMENT))
    registry = ("mcr.microsoft.com", "*.data.mcr.microsoft.com")
    assert government["AllowMicrosoftRegistryHosts"] == registry
    assert "AllowMicrosoftRegistryHosts" not in hosts_by_rule(passage(PUBLIC))

    china = passage(CHINA, ())
    hosts = hosts_by_rule(china)
    assert hosts["AllowStorageHosts"] == (
        "*.blob.core.chinacloudapi.cn",
        "*.table.core.chinacloudapi.cn",
        "*.queue.core.chinacloudapi.cn",
    )
    assert hosts["AllowKeyVaultHosts"] == ("*.vault.azure.cn",)
    assert china.dated == ("BatchNodeManagement.chinanorth3", "Storage.chinanorth3")
    written_out = {
        rule.name: rule.destinations
        for rule in china.by_tag
        if "/" in rule.destinations[0]
    }
    assert set(written_out) == {
        "AllowBatchNodeManagementOutbound",
        "AllowStorageFilesOutbound",
    }
    assert all("." in item for ranges in written_out.values() for item in ranges)


def test_compute_elsewhere_needs_nothing_here() -> None:
    """With compute in the network that the service manages, only people's browsers
    need the firewall."""
    found = passage(PUBLIC, compute=False)
    rules = (*found.by_tag, *found.by_host)
    assert {source for rule in rules for source in rule.sources} == {JUMP_BOX_RANGE}
    assert {rule.destinations for rule in found.by_tag} == {
        ("AzureActiveDirectory",),
        ("AzureResourceManager",),
    }


@given(
    cloud_name=st.sampled_from(sorted(CLOUDS)),
    groups=st.sets(st.sampled_from(ALL_GROUPS)),
    purposes=st.sets(st.sampled_from(sorted(SOURCES))),
    compute=st.booleans(),
)
def test_rules_are_for_those_who_are_there(
    cloud_name: str, groups: set[str], purposes: set[str], compute: bool
) -> None:
    """Whatever there is: no rule without a sender, none for a sender that is not there,
    no two of one name, and nothing open but what has a row."""
    sources = {purpose: SOURCES[purpose] for purpose in purposes}
    found = passage(cloud_name, tuple(sorted(groups)), sources=sources, compute=compute)
    rules = (*found.by_tag, *found.by_host)
    present = {item for ranges in sources.values() for item in ranges}
    names = [rule.name for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert rule.sources
        assert set(rule.sources) <= present
    assert SOURCES[subnets.INFERENCE][0] not in {s for r in rules for s in r.sources}
    for rule in found.by_tag:
        assert rule.destinations[0] not in ("*", "Internet")
    for rule in found.by_host:
        assert set(rule.ports) <= {80, 443}
        assert "*" not in rule.hosts


def rule(**changes: object) -> SecurityRule:
    """A rule as callers' rules are written on a subnet, with ``changes``."""
    values: dict[str, object] = {
        "name": "AllowDataOutbound",
        "priority": 2000,
        "direction": Direction.OUTBOUND,
        "sources": (TRAINING_RANGE,),
        "destinations": ("Sql.WestEurope",),
        "ports": ("1433",),
        "description": "data",
        **changes,
    }
    return SecurityRule(**values)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("changes", "cloud_name", "destinations"),
    [
        ({}, PUBLIC, ("Sql.WestEurope",)),
        (
            {"destinations": ("BatchNodeManagement.WestEurope",)},
            PUBLIC,
            ("BatchNodeManagement",),
        ),
        ({"destinations": ("203.0.113.0/24",)}, PUBLIC, ("203.0.113.0/24",)),
        (
            {"destinations": ("10.9.0.0/16", "203.0.113.0/24")},
            PUBLIC,
            ("203.0.113.0/24",),
        ),
        ({"destinations": ("Internet",)}, PUBLIC, ("*",)),
        ({"destinations": ("*",)}, PUBLIC, ("*",)),
        ({"destinations": ("BatchNodeManagement.ChinaNorth3",)}, CHINA, ("52.131.",)),
        ({"destinations": ("10.9.0.0/16",)}, PUBLIC, None),
        ({"destinations": ("VirtualNetwork",)}, PUBLIC, None),
        ({"destinations": (), "destination_groups": ("web",)}, PUBLIC, None),
        ({"direction": Direction.INBOUND}, PUBLIC, None),
        ({"access": Access.DENY}, PUBLIC, None),
        ({"priority": 510}, PUBLIC, None),
    ],
)
def test_what_callers_open_passes_too(
    changes: dict[str, object], cloud_name: str, destinations: tuple[str, ...] | None
) -> None:
    """A caller's rule to public places is on the firewall too; private places, denies,
    inbound rules and the service's own needs are not."""
    groups = {TRAINING_RANGE: [rule(**changes)]}
    found = caller_passage(groups, published_tags(cloud_name))
    assert found.impassable == ()
    if destinations is None:
        assert found.rules == ()
        return
    (written,) = found.rules
    assert written.sources == (TRAINING_RANGE,)
    assert written.ports == ("1433",)
    if cloud_name == CHINA:
        assert written.destinations[0].startswith(destinations)
        assert found.dated == ("BatchNodeManagement.ChinaNorth3",)
    else:
        assert written.destinations == destinations
        assert found.dated == ()


def test_one_rule_of_several_subnets_is_one_on_the_firewall() -> None:
    """Its senders are all of them; protocols without a counterpart are told."""
    groups = {
        TRAINING_RANGE: [rule(), rule(name="AllowTunnelOutbound", protocol="Esp")],
        JUMP_BOX_RANGE: [rule()],
    }
    found = caller_passage(groups, published_tags(PUBLIC))
    assert [item.sources for item in found.rules] == [(TRAINING_RANGE, JUMP_BOX_RANGE)]
    assert [item.name for item in found.impassable] == ["AllowTunnelOutbound"]


def test_a_tag_that_is_not_published_is_let_through_by_nothing() -> None:
    """A tag that the cloud does not have has neither a form nor addresses."""
    assert (
        tag_destinations("AzureFrontDoor.FirstParty", published_tags(CHINA)).names == ()
    )


def test_bands_stand_apart() -> None:
    """Groups have names and priorities of their own that Azure takes."""
    priorities = [band.priority for band in BANDS]
    assert priorities == sorted(set(priorities))
    assert all(100 <= priority <= 65_000 for priority in priorities)
    assert len({band.name for band in BANDS}) == len(BANDS)


TIER_FEATURES = {
    # threat intelligence, intrusion detection, TLS inspection, DNS proxy, custom DNS,
    # hosts in network rules, web categories
    BASIC: (("Off", "Alert"), False, False, False, False, False, False),
    STANDARD: (("Off", "Alert", "Deny"), False, False, True, True, True, True),
    PREMIUM: (("Off", "Alert", "Deny"), True, True, True, True, True, True),
}


@pytest.mark.parametrize("tier", TIERS)
def test_what_tiers_have(tier: str) -> None:
    """The table against Azure's pages, written a second time."""
    facts = tier_facts(tier)
    assert TIER_FEATURES[tier] == (
        facts.threat_intelligence,
        facts.intrusion_detection,
        facts.tls_inspection,
        facts.dns_proxy,
        facts.custom_dns,
        facts.network_rules_by_host,
        facts.web_categories,
    )
    assert facts.application_rules
    assert facts.zones
    assert facts.page.startswith("https://learn.microsoft.com/azure/firewall/")
    assert {BASIC: 0.25, STANDARD: 30, PREMIUM: 100}[tier] == facts.gigabits_per_second


@pytest.mark.parametrize(
    ("tier", "threats", "detection", "proxy", "servers"),
    list(
        product(
            TIERS,
            ("Off", "Alert", "Deny"),
            ("Off", "Alert", "Deny"),
            (False, True),
            ((), ("10.0.3.4",)),
        )
    ),
)
def test_options_against_tiers(
    tier: str, threats: str, detection: str, proxy: bool, servers: tuple[str, ...]
) -> None:
    """Every combination: exactly the options that a tier lacks are refused, each at its
    own path."""
    facts = tier_facts(tier)
    found = option_findings(
        tier,
        threat_intelligence=threats,
        intrusion_detection=detection,
        dns_proxy=proxy,
        dns_servers=servers,
        path="firewall",
    )
    expected = {
        "firewall.threat_intelligence": threats not in facts.threat_intelligence,
        "firewall.intrusion_detection": detection != "Off" and tier != PREMIUM,
        "firewall.dns_proxy": proxy and tier == BASIC,
        "firewall.dns_servers": bool(servers) and tier == BASIC,
    }
    assert [finding.path for finding in found] == [
        path for path, refused in expected.items() if refused
    ]


def test_subnets_of_tiers() -> None:
    """Basic needs its management subnet too; an unknown tier is told the nearest."""
    assert subnet_findings(STANDARD, {"firewall"}, path="subnets") == []
    missing = subnet_findings(BASIC, {"training"}, path="subnets")
    assert [finding.message.split("'")[1] for finding in missing] == [
        "firewall",
        "firewall_management",
    ]
    with pytest.raises(ValueError, match="did you mean 'Premium'"):
        tier_facts("premum")


@pytest.mark.parametrize(
    ("host", "fault"),
    [
        ("pypi.example.com", None),
        ("*.Example.com", None),
        ("xn--bcher-kva.example", None),
        ("https://example.com", "is a URL"),
        ("example.com/simple", "has a path"),
        ("example.com:443", "has a port"),
        ("*", "would open the whole Internet"),
        ("*.com", "would open a whole top-level domain"),
        ("www.*.com", "has an asterisk elsewhere"),
        ("*example.com", "has an asterisk elsewhere"),
        ("*.*.example.com", "has an asterisk elsewhere"),
        ("203.0.113.7", "is an address"),
        ("bücher.example", "has letters beyond ASCII"),
        ("localhost", "is not a host name"),
        ("-a.example.com", "is not a host name"),
        ("a_b.example.com", "is not a host name"),
        (f"{'a' * 64}.example.com", "is not a host name"),
        (".".join(["a" * 60] * 5), "is not a host name"),
        ("example.com ", "is not a host name"),
        ("", "is not a host name"),
    ],
)
def test_host_names(host: str, fault: str | None) -> None:
    """Names that a firewall reads pass; all others say what to write instead."""
    found = host_findings(host, "here")
    if fault is None:
        assert found == []
    else:
        (finding,) = found
        assert isinstance(finding, Finding)
        assert finding.path == "here"
        assert finding.message.startswith(f"'{host}' {fault}")


_NAMES = st.from_regex(r"[a-z]{1,3}(\.[a-z]{1,3}){1,3}", fullmatch=True)


@given(name=_NAMES, label=st.from_regex(r"[a-z]{1,3}", fullmatch=True))
def test_what_a_pattern_covers(name: str, label: str) -> None:
    """A name covers itself; behind an asterisk it covers all below it, at any depth and
    in any case, but neither itself nor names that merely end alike."""
    assert covers(name, name.upper())
    assert covers(f"*.{name}", f"{label}.{name}")
    assert covers(f"*.{name}", f"{label}.{label}.{name}")
    assert covers(f"*.{name}", f"*.{label}.{name}")
    assert not covers(f"*.{name}", name)
    assert not covers(f"*.{name}", f"{label}{name}") or f"{label}{name}".endswith(
        f".{name}"
    )
    assert not covers(name, f"*.{name}")


@pytest.mark.parametrize("purpose", subnets.PURPOSES.values(), ids=lambda p: p.name)
@pytest.mark.parametrize("public", [False, True])
def test_routes_by_purpose(purpose: subnets.SubnetPurpose, public: bool) -> None:
    """Subnets where machines can be have a route to the next hop; compute with public
    addresses has one past it as well. The gateway's and the firewall's have none."""
    routes = routes_for(purpose, "10.0.3.4", public_compute=public)
    machines = {
        subnets.TRAINING,
        subnets.INFERENCE,
        subnets.JUMP_BOX,
        subnets.GENERAL,
    }
    if purpose.name not in machines:
        assert routes == ()
        return
    found = [(r.destination, r.next_hop.value, r.address) for r in routes]
    expected: list[tuple[str, str, str | None]] = [
        ("0.0.0.0/0", "VirtualAppliance", "10.0.3.4")
    ]
    if public and purpose.name == subnets.TRAINING:
        expected.append(("AzureMachineLearning", "Internet", None))
    assert found == expected


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_bypasses_may_stand_in_routes(cloud_name: str) -> None:
    """Every tag that a route names is published for routes in every cloud."""
    for row in BYPASSES:
        found = tag_findings(row.tag, use=Use.ROUTE, cloud_name=cloud_name, path="")
        assert found == []


@given(machines=st.integers(min_value=0, max_value=2000))
def test_ports_suffice_for_all_machines(machines: int) -> None:
    """One address has 64,000 ports: what each machine gets is never more than there is,
    and a multiple of 8, as Azure wants it."""
    ports = ports_for_each(machines)
    assert ports * machines <= 64_000
    assert ports % 8 == 0
    assert ports >= 32
