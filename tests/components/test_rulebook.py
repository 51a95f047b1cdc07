"""The rulebook's tables hold together, and its checks find what they are for."""

import subprocess
import sys
from itertools import product
from uuid import UUID

import pytest

from azureml_rulebook import subnets
from azureml_rulebook.clouds import CLOUDS, cloud
from azureml_rulebook.compute import (
    machine_size_findings,
    node_count_findings,
)
from azureml_rulebook.dns_zones import (
    CONTAINER_REGISTRY,
    GROUP_IDS,
    GROUP_IDS_BY_TYPE,
    KEY_VAULT,
    STORAGE_ACCOUNT,
    WORKSPACE,
    ZONE_ROWS,
    zone_id_findings,
    zone_names,
    zones_for,
)
from azureml_rulebook.private_endpoints import (
    REQUIRED_GROUPS,
    addresses_needed,
    group_findings,
    missing_groups,
    zone_findings,
)
from azureml_rulebook.regions import region_findings, region_name
from azureml_rulebook.roles import (
    ROLE_GRANTS,
    ROLE_IDS,
    Holder,
    grants_of,
    role_assignment_name,
)
from azureml_rulebook.spelling import suggestion
from azureml_rulebook.tags import (
    PRIVATE_DNS_ZONES,
    RESOURCES,
    STORAGE_ACCOUNTS,
    TagLimits,
    tag_findings,
)


def test_the_rulebook_needs_no_pulumi() -> None:
    """A policy pack can be bundled with the rulebook alone: importing all of its
    modules loads neither Pulumi nor a provider."""
    program = (
        "import importlib, pkgutil, sys, azureml_rulebook as book\n"
        "names = [m.name for m in pkgutil.iter_modules(book.__path__)]\n"
        "assert len(names) > 10, names\n"
        "for name in names: importlib.import_module('azureml_rulebook.' + name)\n"
        "print([m for m in sys.modules if m.startswith('pulumi') or m == 'grpc'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_row_has_its_azure_page() -> None:
    """Each fact can be checked by whoever doubts it."""
    pages = [row.page for row in ZONE_ROWS]
    pages += [row.page for row in subnets.PURPOSES.values()]
    pages += [grant.page for grant in ROLE_GRANTS]
    for page in pages:
        assert page.startswith("https://learn.microsoft.com/azure/"), page


def test_the_workspace_has_two_zones_in_every_cloud() -> None:
    """C01: one endpoint, two zones, whatever the cloud."""
    for name in CLOUDS:
        assert len(zone_names("amlworkspace", name)) == 2


def test_no_zone_belongs_to_two_clouds() -> None:
    """A zone of one cloud never stands in the table of another; only the blob zone is
    shared between services."""
    seen: dict[str, str] = {}
    for row, name in product(ZONE_ROWS, CLOUDS):
        for zone in row.zones.get(name, ()):
            assert zone.startswith("privatelink.")
            assert seen.setdefault(zone, name) == name


@pytest.mark.parametrize(
    ("group", "cloud_name", "expected"),
    [
        ("vault", "public", "privatelink.vaultcore.azure.net"),
        ("vault", "us_government", "privatelink.vaultcore.usgovcloudapi.net"),
        ("vault", "china", "privatelink.vaultcore.azure.cn"),
        ("BLOB", "public", "privatelink.blob.core.windows.net"),
        ("dfs", "china", "privatelink.dfs.core.chinacloudapi.cn"),
        ("registry", "us_government", "privatelink.azurecr.us"),
    ],
)
def test_zone_names(group: str, cloud_name: str, expected: str) -> None:
    """Spot checks, the vault's above all: its zone is not made of its suffix."""
    assert zone_names(group, cloud_name) == (expected,)


def test_shared_zones_come_once() -> None:
    """Storage and Azure Monitor use the same blob zone; it is made once."""
    zones = zones_for(("blob", "azuremonitor"))
    assert len(zones) == len(set(zones)) == 5


@pytest.mark.parametrize(
    ("group", "cloud_name", "message"),
    [
        ("blobb", "public", "did you mean 'blob'"),
        ("blob", "publik", "did you mean 'public'"),
        ("azuremonitor", "china", "no published private DNS zone"),
    ],
)
def test_unknown_groups_and_clouds_name_the_nearest(
    group: str, cloud_name: str, message: str
) -> None:
    """A misspelt word is refused with what was meant."""
    with pytest.raises(ValueError, match=message):
        zone_names(group, cloud_name)


def test_clouds_are_told_apart() -> None:
    """Each cloud has its own title and its own provider setting."""
    assert cloud("us_government").provider_environment == "usgovernment"
    assert len({row.provider_environment for row in CLOUDS.values()}) == len(CLOUDS)


def test_group_ids_by_type_are_complete() -> None:
    """Every group id belongs to exactly one type, and required ones exist."""
    listed = [group for groups in GROUP_IDS_BY_TYPE.values() for group in groups]
    assert sorted(listed) == sorted(GROUP_IDS)
    for resource_type, groups in REQUIRED_GROUPS.items():
        assert set(groups) <= set(GROUP_IDS_BY_TYPE[resource_type])


def test_missing_endpoints_are_found_one_by_one() -> None:
    """Blob and file always; queue, table and dfs where they are used."""
    findings = missing_groups(STORAGE_ACCOUNT, ["Blob"], path="storage")
    assert [finding.path for finding in findings] == ["storage"]
    assert "'file'" in findings[0].message
    everything = missing_groups(
        "microsoft.storage/STORAGEACCOUNTS",
        [],
        hierarchical_namespace=True,
        batch=True,
    )
    assert len(everything) == 5
    assert missing_groups(KEY_VAULT, ["vault"]) == []
    assert missing_groups("Microsoft.Web/sites", []) == []


@pytest.mark.parametrize(
    ("resource_type", "groups", "message"),
    [
        (WORKSPACE, ["amlworkspace"], None),
        (STORAGE_ACCOUNT, ["blob", "file"], "exactly one group id"),
        (STORAGE_ACCOUNT, [], "none; a connection has exactly one"),
        (KEY_VAULT, ["vaults"], "did you mean 'vault'"),
        (CONTAINER_REGISTRY, ["blob"], "known: 'registry'"),
        ("Microsoft.Web/sites", ["sites"], None),
    ],
)
def test_group_ids_fit_their_target(
    resource_type: str, groups: list[str], message: str | None
) -> None:
    """One connection names one group id, from its target's list."""
    findings = group_findings(resource_type, groups)
    if message is None:
        assert findings == []
    else:
        assert message in findings[0].message


def test_zone_groups_are_compared_with_the_table() -> None:
    """C01: a missing zone and a foreign one are both found; case does not count."""
    api, notebooks = zone_names("amlworkspace")
    assert zone_findings(["amlworkspace"], [api.upper(), notebooks]) == []
    findings = zone_findings(
        iter(["amlworkspace"]), [api, "privatelink.blob.core.windows.net"], path="zones"
    )
    assert len(findings) == 2
    assert notebooks in findings[0].message
    assert "does not belong" in findings[1].message
    (unknown,) = zone_findings(["nonsense"], [])
    assert "not a known private endpoint group id" in unknown.message


def test_addresses_of_endpoints() -> None:
    """C57: the workspace takes three addresses and the registry two."""
    groups = ["amlworkspace", "blob", "file", "vault", "registry"]
    assert addresses_needed(groups) == 8
    assert addresses_needed([*groups, "queue", "table", "azuremonitor"]) > 11


@pytest.mark.parametrize(
    ("location", "cloud_name", "message"),
    [
        ("West Europe", "public", None),
        ("westeurope", "public", None),
        ("USGov Virginia", "us_government", None),
        ("chinanorth3", "china", None),
        ("westeurop", "public", "did you mean 'westeurope'?"),
        ("North Europ", "public", "did you mean 'northeurope'?"),
        ("westeurope2", "public", None),
        ("atlantiscentral", "public", None),
        ("west-europe", "public", "is not a region"),
        ("", "public", "is not a region"),
        ("usgovvirginia", "public", "is a region of Azure US Government"),
        ("westeurope", "china", "set cloud to 'public'"),
    ],
)
def test_regions(location: str, cloud_name: str, message: str | None) -> None:
    """C13: a region is normalised, and belongs to the chosen cloud."""
    findings = region_findings(location, cloud_name)
    if message is None:
        assert findings == []
        assert " " not in region_name(location)
        assert region_name(location) == region_name(location).lower()
    else:
        assert message in findings[0].message


def test_purposes_are_consistent() -> None:
    """Sizes are in order, names are unique, and no gateway or firewall subnet has a
    security group."""
    fixed = [row.azure_name for row in subnets.PURPOSES.values() if row.azure_name]
    assert len(fixed) == len(set(fixed))
    for row in subnets.PURPOSES.values():
        assert row.largest <= row.recommended <= row.smallest <= 29
    without = {row.name for row in subnets.PURPOSES.values() if not row.security_group}
    assert without == {"gateway", "firewall", "firewall_management"}
    assert subnets.PURPOSES["bastion"].smallest == 26
    assert subnets.PURPOSES["gateway"].smallest == 27


def test_an_unknown_purpose_names_the_nearest() -> None:
    """A misspelt purpose is refused with what was meant."""
    with pytest.raises(ValueError, match="did you mean 'training'"):
        subnets.subnet_purpose("trainig")


def test_roles_are_known_and_given_once() -> None:
    """Every grant names a role with an id, and no grant is there twice."""
    for definition in ROLE_IDS.values():
        assert str(UUID(definition)) == definition
    for holder in Holder:
        keys = [grant.key for grant in ROLE_GRANTS if grant.holder is holder]
        assert len(keys) == len(set(keys)) > 0
    assert {grant.role for grant in ROLE_GRANTS} == set(ROLE_IDS)
    assert len(set(ROLE_IDS.values())) == len(ROLE_IDS)


@pytest.mark.parametrize(
    ("groups", "further"),
    [
        (["blob", "file"], []),
        (["blob", "file", "queue"], ["Storage Queue Data Contributor"]),
        (
            ["blob", "file", "queue", "table"],
            ["Storage Queue Data Contributor", "Storage Table Data Contributor"],
        ),
    ],
)
def test_a_cluster_gets_roles_on_data_only(
    groups: list[str], further: list[str]
) -> None:
    """It pulls images and uses data, of those storage services that have an endpoint;
    no role of it manages anything."""
    roles = [grant.role for grant in grants_of(Holder.COMPUTE, storage_groups=groups)]
    assert roles == [
        "AcrPull",
        "Storage Blob Data Contributor",
        "Storage File Data Privileged Contributor",
        *further,
    ]


def test_role_assignment_names_are_stable_and_distinct() -> None:
    """The same parts give the same UUID, now and in the next release."""
    assert role_assignment_name("a", "b") == role_assignment_name("a", "b")
    assert role_assignment_name("a", "b") != role_assignment_name("a", "c")
    assert (
        role_assignment_name("id-vision-dev-7k2d", "storage", "Contributor")
        == "02e2d2d9-5eb6-5529-a459-7250cee28379"
    )


def test_node_counts() -> None:
    """Impossible node counts are found at the right input."""
    assert node_count_findings(0, 1) == []
    assert [f.path for f in node_count_findings(-1, 0, path="cluster")] == [
        "cluster.minimum_nodes",
        "cluster.maximum_nodes",
    ]
    assert [f.path for f in node_count_findings(3, 2)] == ["minimum_nodes"]


@pytest.mark.parametrize(
    ("size", "refused"),
    [
        ("Standard_DS3_v2", False),
        ("standard_nc6s_v3", True),
        ("Standard_ND96", True),
        ("DS3_v2", True),
        ("", True),
    ],
)
def test_image_builds_need_a_cpu_size(size: str, refused: bool) -> None:
    """The cluster that builds images cannot be of a GPU size."""
    assert bool(machine_size_findings(size)) is refused


def test_suggestions() -> None:
    """The nearest word where one is near, all of them otherwise."""
    assert suggestion("bolb", ["blob", "file"]) == "did you mean 'blob'?"
    assert suggestion("xyz", ["file", "blob"]) == "known: 'blob', 'file'"


DNS = (RESOURCES, PRIVATE_DNS_ZONES)


@pytest.mark.parametrize(
    ("tags", "limits", "path", "message"),
    [
        ({}, DNS, None, ""),
        ({"cost-centre": "7 (shared) <%>", "a.b:c_d": ""}, DNS, None, ""),
        ({"cost centre (shared)": "x"}, (RESOURCES,), None, ""),
        ({"cost centre": "x"}, DNS, "tags.cost centre", "private DNS zones refuse"),
        ({"a(b)": "x"}, DNS, "tags.a(b)", "private DNS zones refuse"),
        ({"2nd": "x"}, DNS, "tags.2nd", "no digit at the beginning"),
        ({"größe": "x"}, DNS, "tags.größe", "letters beyond ASCII"),
        ({"2nd größe": "x"}, (RESOURCES,), None, ""),
        *(
            ({f"a{c}b": "x"}, (RESOURCES,), f"tags.a{c}b", f"has {c} in its name")
            for c in "<>%&\\?/"
        ),
        ({" ": "x"}, (RESOURCES,), "tags. ", "give it a name"),
        ({"n" * 512: "v" * 256}, (RESOURCES,), None, ""),
        ({"n" * 513: "x"}, (RESOURCES,), "tags." + "n" * 513, "at most 512"),
        ({"n" * 128: "x"}, (RESOURCES, STORAGE_ACCOUNTS), None, ""),
        (
            {"n" * 129: "x"},
            (RESOURCES, STORAGE_ACCOUNTS),
            "tags." + "n" * 129,
            "storage accounts take at most 128",
        ),
        ({"a": "v" * 257}, (RESOURCES,), "tags.a", "257 characters; at most 256"),
        ({"a": None}, (RESOURCES,), "tags.a", "None is not text"),
        ({"a": 7}, (RESOURCES,), "tags.a", "7 is not text; write the value in quotes"),
        ({"Owner": "", "owner": ""}, DNS, "tags.owner", "is 'Owner' to Azure"),
        ({f"t{i}": "" for i in range(15)}, DNS, None, ""),
        ({f"t{i}": "" for i in range(18)}, DNS, "tags", "at most 15, leave out 3"),
        ({f"t{i}": "" for i in range(50)}, (RESOURCES,), None, ""),
        ({f"t{i}": "" for i in range(51)}, (RESOURCES,), "tags", "at most 50"),
    ],
)
def test_tags(
    tags: dict[str, object], limits: tuple[TagLimits, ...], path: str, message: str
) -> None:
    """Azure's limits on tags, the tightest of those that apply."""
    findings = tag_findings(tags, limits)
    if path is None:
        assert findings == []
        return
    (finding,) = findings
    assert finding.path == path
    assert message in finding.message
    assert "tag-resources" in finding.message


@pytest.mark.parametrize(
    ("zone_id", "accepted"),
    [
        ("/subscriptions/s/resourceGroups/g{type}/privatelink.azurecr.io", True),
        ("/SUBSCRIPTIONS/s/resourcegroups/g{type}/PrivateLink.azurecr.io", True),
        ("/subscriptions/s/resourceGroups/g{type}/privatelink.azurecr.us", False),
        ("/subscriptions/s/resourceGroups/g{type}/privatelinkXazurecr.io", False),
        ("/subscriptions/s/resourceGroups/g{type}/privatelink.azurecr.io/A/x", False),
        ("privatelink.azurecr.io", False),
        ("", False),
        (None, False),
        (7, False),
    ],
)
def test_zone_ids(zone_id: object, accepted: bool) -> None:
    """Only the id of a private DNS zone of that very name is one."""
    if isinstance(zone_id, str):
        zone_id = zone_id.format(type="/providers/Microsoft.Network/privateDnsZones")
    findings = zone_id_findings("privatelink.azurecr.io", zone_id, path="zone")
    assert (findings == []) is accepted
    assert all("privateDnsZones/privatelink.azurecr.io" in str(f) for f in findings)
