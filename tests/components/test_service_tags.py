"""Service tags are judged by what Azure publishes for each cloud, and the rulebook's
own tables keep to it."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from azureml_rulebook.aml_traffic import (
    INTERNET_BY_FIREWALL,
    REQUIRED_INBOUND,
    REQUIRED_OUTBOUND,
)
from azureml_rulebook.clouds import CHINA, CLOUDS, PUBLIC, US_GOVERNMENT
from azureml_rulebook.default_rules import DEFAULT_RULES
from azureml_rulebook.findings import Finding
from azureml_rulebook.routes import BYPASSES
from azureml_rulebook.security_rules import ANY, Direction
from azureml_rulebook.service_tags import (
    DIRECTIONS,
    PLATFORM_TAGS,
    PublishedTags,
    Use,
    canonical_tag,
    published_tags,
    read_published,
    tag_findings,
    tag_prefixes,
)
from azureml_rulebook.subnet_traffic import PLATFORM_RULES

IN, OUT = Direction.INBOUND, Direction.OUTBOUND


def message(
    text: str,
    use: Use = Use.NSG,
    direction: Direction | None = None,
    cloud_name: str = PUBLIC,
) -> str:
    """What is wrong with a tag, without the page; '' if nothing is."""
    findings = tag_findings(
        text, use=use, direction=direction, cloud_name=cloud_name, path="rules.x.to"
    )
    assert {item.path for item in findings} <= {"rules.x.to"}
    assert len(findings) <= 1
    return "".join(item.message.split(" (https")[0] for item in findings)


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Storage", "Storage"),
        ("storage.westeurope", "Storage.WestEurope"),
        ("STORAGE.WESTEUROPE", "Storage.WestEurope"),
        ("azurefrontdoor.FrontEnd", "AzureFrontDoor.Frontend"),
        ("AzureFrontDoor.FirstParty", "AzureFrontDoor.FirstParty"),
        ("azurecloud.WestEurope", "AzureCloud.westeurope"),
        ("internet", "Internet"),
        ("virtualnetwork", "VirtualNetwork"),
        ("azureplatformdns", "AzurePlatformDNS"),
    ],
)
def test_letter_case_does_not_matter(text: str, published: str) -> None:
    """A tag is accepted in any case and written as it is published."""
    assert message(text) == ""
    assert canonical_tag(text) == published


@pytest.mark.parametrize("text", ["10.0.0.0/8", "*", "Sausages", ""])
def test_what_is_no_tag_keeps_its_spelling(text: str) -> None:
    """Lists of ranges and tags can be rewritten as a whole."""
    assert canonical_tag(text) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "Keyvault",
            "'Keyvault' is not a service tag of Azure; did you mean 'AzureKeyVault'?",
        ),
        (
            "KeyVault.westeurope",
            "'KeyVault.westeurope' is not a service tag of Azure; did you mean "
            "'AzureKeyVault.WestEurope'?",
        ),
        (
            "Frontdoor.FirstParty",
            "'Frontdoor.FirstParty' is not a service tag of Azure; did you mean "
            "'AzureFrontDoor.FirstParty'?",
        ),
        (
            "AzureFrontDoor.First",
            "'AzureFrontDoor.First' is not a service tag of Azure; did you mean "
            "'AzureFrontDoor.FirstParty'?",
        ),
        (
            "AzureFrontDoor",
            "'AzureFrontDoor' is published in parts only; write one of "
            "'AzureFrontDoor.Backend', 'AzureFrontDoor.FirstParty', "
            "'AzureFrontDoor.Frontend', 'AzureFrontDoor.MicrosoftSecurity'",
        ),
        (
            "BatchNodeManagment.westeurope",
            "'BatchNodeManagment.westeurope' is not a service tag of Azure; did you "
            "mean 'BatchNodeManagement.WestEurope'?",
        ),
        (
            "Sausages",
            "'Sausages' is not a service tag of Azure; the names are listed on "
            "https://learn.microsoft.com/azure/virtual-network/service-tags-overview",
        ),
        ("", "is empty; write a service tag like 'Storage'"),
        (" ", "is empty; write a service tag like 'Storage'"),
        (
            "Storage.West Europe",
            "'Storage.West Europe' has a space in it; write 'Storage.WestEurope'",
        ),
        ("Storage ", "'Storage ' has a space in it; write 'Storage'"),
        (
            "Key Vault",
            "'KeyVault' is not a service tag of Azure; did you mean 'AzureKeyVault'?",
        ),
    ],
)
def test_unknown_names_lead_to_known_ones(text: str, fault: str) -> None:
    """Every way people write a tag wrongly is answered with the right one."""
    assert message(text) == fault


@pytest.mark.parametrize(
    ("text", "use", "fault"),
    [
        (
            "Storage.westeurop",
            Use.NSG,
            "'Storage.westeurop' ends in 'westeurop', which is no region of Azure; "
            "write 'Storage.WestEurope'",
        ),
        (
            "Storage.narnia",
            Use.NSG,
            "'Storage.narnia' ends in 'narnia', which is no region of Azure; write "
            "'Storage'",
        ),
        (
            "AzureCloud.germanywestcentral",
            Use.NSG,
            "'AzureCloud' has no form for region 'germanywestcentral'; write "
            "'AzureCloud.germanywc'",
        ),
        (
            "VirtualNetwork.westeurope",
            Use.NSG,
            "'VirtualNetwork' has no regional forms; write 'VirtualNetwork'",
        ),
        (
            "AzureMachineLearning.WestEurope",
            Use.NSG,
            "'AzureMachineLearning.WestEurope' cannot be used in security group rules "
            "in Azure: it is published for information; write 'AzureMachineLearning'",
        ),
        (
            "AzureMonitor.WestEurope",
            Use.ROUTE,
            "'AzureMonitor.WestEurope' cannot be used in user-defined routes in Azure: "
            "it is for security group rules; write 'AzureMonitor'",
        ),
        ("AzureMonitor.WestEurope", Use.NSG, ""),
        ("Storage.WestEurope", Use.ROUTE, ""),
        ("Storage.WestEurope", Use.FIREWALL, ""),
        (
            "AzureCloud",
            Use.FIREWALL,
            "'AzureCloud' cannot be used in Azure Firewall rules in Azure: it is for "
            "security group rules; write address ranges",
        ),
    ],
)
def test_regions_and_uses(text: str, use: Use, fault: str) -> None:
    """A regional form must exist, and must be published for the place it stands in;
    the advice is a tag that may stand there, if there is one."""
    assert message(text, use) == fault


@pytest.mark.parametrize("tag", PLATFORM_TAGS, ids=lambda tag: tag.name)
@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_tags_of_the_platform(tag: object, cloud_name: str) -> None:
    """They are known in every cloud, in security groups only."""
    name = getattr(tag, "name", "")
    assert message(name, Use.NSG, cloud_name=cloud_name) == ""
    for use in (Use.ROUTE, Use.FIREWALL):
        assert f"cannot be used in {use.place}" in message(name, use, None, cloud_name)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("GatewayManager", OUT),
        ("ApiManagement", OUT),
        ("AzureActiveDirectory", IN),
        ("Storage.WestEurope", IN),
        ("AzurePlatformIMDS", IN),
        ("AzureMachineLearning", None),
        ("Internet", None),
        ("AzureCloud", None),
        ("AzureLoadBalancer", None),
        ("PowerPlatformInfra", None),
    ],
)
def test_directions(text: str, wrong: Direction | None) -> None:
    """A tag that the page names for one direction is refused in the other; no
    direction is claimed of the others, and none is judged where none is given."""
    for direction in Direction:
        fault = message(text, Use.NSG, direction)
        if direction == wrong:
            other = IN if wrong == OUT else OUT
            start = f"'{text}' is for {other.lower()} rules and this one is "
            assert fault.startswith(start + wrong.lower())
        else:
            assert fault == ""
    assert message(text, Use.NSG, None) == ""


def test_every_direction_is_of_a_tag_that_exists() -> None:
    """The table of directions has no misspelt row: each is published in some cloud."""
    names = {tag.name for name in CLOUDS for tag in published_tags(name).listed}
    names |= {tag.name for tag in PLATFORM_TAGS}
    assert set(DIRECTIONS) <= names


@pytest.mark.parametrize(
    ("text", "cloud_name", "fault"),
    [
        (
            "AzureFrontDoor.FirstParty",
            US_GOVERNMENT,
            "'AzureFrontDoor.FirstParty' is a service tag of Azure, and not of Azure "
            "US Government; leave it out or write address ranges",
        ),
        (
            "AzureFrontDoor.MicrosoftSecurity",
            CHINA,
            "'AzureFrontDoor.MicrosoftSecurity' is a service tag of Azure and Azure US "
            "Government, and not of Azure operated by 21Vianet (China); leave it out "
            "or write address ranges",
        ),
        (
            "Storage.chinaeast2",
            PUBLIC,
            "'Storage.chinaeast2' is a service tag of Azure operated by 21Vianet "
            "(China), and not of Azure; write 'Storage' or write address ranges",
        ),
        (
            "Storage.WestEurope",
            CHINA,
            "'Storage.WestEurope' is a service tag of Azure, and not of Azure operated "
            "by 21Vianet (China); write 'Storage' or write address ranges",
        ),
    ],
)
def test_tags_of_another_cloud(text: str, cloud_name: str, fault: str) -> None:
    """The error says which cloud has the tag."""
    assert message(text, cloud_name=cloud_name) == fault


def test_the_same_tag_has_other_uses_in_another_cloud() -> None:
    """Storage stands in routes in public Azure, and not in China."""
    assert message("Storage", Use.ROUTE) == ""
    assert "cannot be used in user-defined routes in Azure operated by" in message(
        "Storage", Use.ROUTE, cloud_name=CHINA
    )


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_the_shipped_lists_are_whole(cloud_name: str) -> None:
    """Each list is of its cloud and dated; names are unique whatever their case; every
    prefix is a range of a tag that is listed; no platform tag is listed."""
    tags = published_tags(cloud_name)
    assert tags.cloud_name == cloud_name
    assert tags.taken.startswith("2026-")
    names = [tag.name.lower() for tag in tags.listed]
    assert len(set(names)) == len(names) > 250
    assert not set(names) & {tag.name.lower() for tag in PLATFORM_TAGS}
    assert set(tags.prefixes) <= {tag.name for tag in tags.listed}
    for name in tags.prefixes:
        assert tag_prefixes(name, cloud_name)
    assert published_tags(cloud_name) is tags


def test_an_unknown_cloud_is_named() -> None:
    """The error names the cloud that was meant."""
    with pytest.raises(ValueError, match="did you mean 'china'"):
        published_tags("chna")


def test_prefixes_are_known_or_none() -> None:
    """A tag's ranges come as the list has them; what the list leaves out, or what the
    network decides, is None and never empty."""
    whole, regional = tag_prefixes("Storage"), tag_prefixes("storage.westeurope")
    assert whole is not None
    assert regional is not None
    assert {network.version for network in regional} == {4, 6}
    assert tag_prefixes("AzureLoadBalancer") == (ip_network("168.63.129.16/32"),)
    for name in ("Internet", "VirtualNetwork", "AzurePlatformDNS", "HDInsight", "Nope"):
        assert tag_prefixes(name) is None


def _rulebook_tags() -> Iterator[tuple[str, str, Use, Direction | None]]:
    """Every tag of the rulebook's tables, for each cloud that its row is for."""
    for row in (*REQUIRED_OUTBOUND, INTERNET_BY_FIREWALL):
        for name in row.clouds:
            yield row.tag, name, Use.NSG, OUT
    for inbound in REQUIRED_INBOUND:
        for name in CLOUDS:
            yield inbound.tag, name, Use.NSG, IN
    for bypass in BYPASSES:
        for name in CLOUDS:
            yield bypass.tag, name, Use.ROUTE, None
    for rule in (*DEFAULT_RULES, *(row.rule for row in PLATFORM_RULES)):
        for tag in {*rule.sources, *rule.destinations} - {ANY}:
            for name in CLOUDS:
                yield tag, name, Use.NSG, rule.direction


RULEBOOK_TAGS = sorted(set(_rulebook_tags()), key=repr)

WITHOUT_REGIONAL_FORM = {"BatchNodeManagement.AustraliaCentral2"}
"""Published for information only in June 2026: compute of that region cannot be let out
by this tag's regional form."""


@pytest.mark.parametrize(("tag", "cloud_name", "use", "direction"), RULEBOOK_TAGS)
def test_the_rulebook_spells_tags_as_published(
    tag: str, cloud_name: str, use: Use, direction: Direction | None
) -> None:
    """Each tag of the tables is published so for each cloud that its row claims, for
    the use and direction it has there; a regional one in every region of the cloud
    that has storage."""
    published = published_tags(cloud_name)
    whole, _, placeholder = tag.partition(".{region}")
    assert not placeholder
    found = published.find(whole)
    assert found is not None
    assert found.name == whole
    if whole == tag:
        names = [tag]
    else:
        regions = published.regional_forms("Storage")
        names = [
            f"{whole}.{form.name.partition('.')[2]}"
            for suffix, form in regions.items()
            if not suffix.endswith("stage")
        ]
        assert len(names) > 4
    for name in names:
        assert canonical_tag(name, cloud_name) == name
        findings = tag_findings(
            name, use=use, direction=direction, cloud_name=cloud_name, path="tag"
        )
        assert bool(findings) == (name in WITHOUT_REGIONAL_FORM), findings


def test_the_rulebook_has_tags() -> None:
    """The test above has something to look at in every table and cloud."""
    assert {cloud_name for _, cloud_name, _, _ in RULEBOOK_TAGS} == set(CLOUDS)
    assert {use for _, _, use, _ in RULEBOOK_TAGS} == {Use.NSG, Use.ROUTE}
    assert len(RULEBOOK_TAGS) > 40


def _azure_entry(name: str, **properties: object) -> dict[str, object]:
    return {
        "name": name,
        "id": name,
        "properties": {
            "changeNumber": 3,
            "region": "",
            "regionId": 0,
            "platform": "Azure",
            "systemService": "AzureStorage",
            "addressPrefixes": ["20.1.0.0/24", "2603:1020::/48"],
            "networkFeatures": ["API", "NSG", "UDR", "FW"],
            **properties,
        },
    }


def _azure_list(*entries: object, cloud: object = "Public") -> dict[str, object]:
    return {"changeNumber": 412, "cloud": cloud, "values": list(entries)}


def _written(folder: Path, document: object) -> Path:
    path = folder / "tags.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_the_weekly_download_is_read(tmp_path: Path) -> None:
    """A newer list brings new tags, uses and prefixes, and what it lacks is unknown."""
    path = _written(
        tmp_path,
        _azure_list(
            _azure_entry("Storage"),
            _azure_entry("Storage.WestEurope2", region="westeurope2"),
            _azure_entry("NewService", networkFeatures=["NSG"], systemService=""),
        ),
    )
    newer = read_published(path)
    assert newer.taken == "change 412"
    assert repr(newer) == "PublishedTags(cloud_name='public', taken='change 412')"

    def findings(text: str, use: Use) -> list[Finding]:
        return tag_findings(text, use=use, path="p", published=newer)

    assert not findings("newservice", Use.NSG)
    assert findings("newservice", Use.ROUTE)
    assert not findings("storage.westeurope2", Use.FIREWALL)
    assert findings("AzureKeyVault", Use.NSG)
    assert not findings("Internet", Use.NSG)
    assert (
        canonical_tag("storage.WESTEUROPE2", published=newer) == "Storage.WestEurope2"
    )
    assert tag_prefixes("Storage", published=newer) == (
        ip_network("20.1.0.0/24"),
        ip_network("2603:1020::/48"),
    )


def test_a_tag_without_prefixes_has_unknown_ones(tmp_path: Path) -> None:
    """An empty list is never taken for "no addresses"."""
    entry = _azure_entry("Storage", addressPrefixes=[])
    newer = read_published(_written(tmp_path, _azure_list(entry)))
    assert newer.find("Storage") is not None
    assert tag_prefixes("Storage", published=newer) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_output_of_az_is_read_as_shells_write_it(tmp_path: Path, encoding: str) -> None:
    """``az network list-service-tags`` names no uses and lists what security groups
    take: known tags keep their uses beside that one, an unknown tag is refused
    nowhere. PowerShell may write another encoding."""
    regional = "AzureMachineLearning.WestEurope"
    names = ("Storage", "AzureCloud", "NewService", regional)
    entries = [_azure_entry(name) for name in names]
    for entry in entries:
        properties = entry["properties"]
        assert isinstance(properties, dict)
        del properties["networkFeatures"]
    document = {**_azure_list(*entries), "name": "Public", "nextLink": None}
    path = tmp_path / "tags.json"
    path.write_text(json.dumps(document), encoding=encoding)
    tags = read_published(path)

    def uses(name: str) -> frozenset[Use]:
        found = tags.find(name)
        assert found is not None
        return found.uses

    assert uses("Storage") == frozenset(Use)
    assert uses("AzureCloud") == uses(regional) == {Use.NSG}
    assert uses("NewService") == frozenset(Use)


@pytest.mark.parametrize(
    ("spelt", "cloud_name"),
    [
        ("Public", PUBLIC),
        ("AzureGovernment", US_GOVERNMENT),
        ("USGov", US_GOVERNMENT),
        ("China", CHINA),
        ("AzureChina", CHINA),
    ],
)
def test_clouds_as_lists_call_them(tmp_path: Path, spelt: str, cloud_name: str) -> None:
    """Downloads and commands name one cloud in different ways."""
    path = _written(tmp_path, _azure_list(_azure_entry("Storage"), cloud=spelt))
    assert read_published(path, cloud_name).cloud_name == cloud_name


@pytest.mark.parametrize("cloud_name", CLOUDS)
def test_our_own_format_is_read(cloud_name: str, tmp_path: Path) -> None:
    """A list in the form of the shipped ones is read as they are."""
    shipped = published_tags(cloud_name)
    path = _written(
        tmp_path,
        {
            "cloud": cloud_name.replace("_", ""),
            "taken": "2026-11-25",
            "names": {
                tag.name: {
                    "service": tag.service,
                    "region": tag.region,
                    "features": sorted(tag.uses),
                }
                for tag in shipped.listed
            },
            "prefixes": {name: list(item) for name, item in shipped.prefixes.items()},
        },
    )
    read = read_published(path, cloud_name)
    assert read.listed == shipped.listed
    assert read.prefixes == shipped.prefixes
    assert read.taken == "2026-11-25"


OWN = {
    "cloud": "public",
    "taken": "2026-11-25",
    "names": {"A": {"service": "", "region": "", "features": []}},
    "prefixes": {},
}


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ([], "the document is not an object"),
        ({}, "has neither 'values' nor 'names'"),
        ({"values": []}, "'cloud' is None, which is not text"),
        (
            _azure_list(cloud="Moon"),
            "its cloud 'Moon' is none of public, us_government",
        ),
        (_azure_list(cloud=3), "'cloud' is 3, which is not text"),
        (_azure_list(), "it has no tags"),
        ({**_azure_list(), "values": {}}, "values is not a list"),
        (_azure_list("Storage"), "values[0] is not an object"),
        (_azure_list({"name": "A"}), "values[0].properties is not an object"),
        (_azure_list({"properties": {}}), "values[0].name is None"),
        (
            _azure_list(_azure_entry("A", addressPrefixes=None)),
            "values[0].properties.addressPrefixes is not a list",
        ),
        (
            _azure_list(_azure_entry("A", addressPrefixes=[7])),
            "values[0].properties.addressPrefixes holds 7, which is not text",
        ),
        (
            _azure_list(_azure_entry("A", addressPrefixes=["10.0.0.0/33"])),
            "'10.0.0.0/33' of tag 'A' is not an address range",
        ),
        (
            _azure_list(_azure_entry("A", networkFeatures="NSG")),
            "values[0].properties.networkFeatures is not a list",
        ),
        (
            _azure_list(_azure_entry("A", region=3)),
            "values[0].properties.region is 3, which is not text",
        ),
        ({**OWN, "names": []}, "names is not an object"),
        ({**OWN, "names": {}}, "it has no tags"),
        ({**OWN, "names": {"A": {}}}, "names.A.service is None, which is not text"),
        (
            {**OWN, "names": {"A": {"service": "", "region": ""}}},
            "names.A.features is not a list",
        ),
        ({**OWN, "prefixes": None}, "prefixes is not an object"),
        ({**OWN, "prefixes": {"B": []}}, "prefixes.B is not in 'names'"),
        ({**OWN, "taken": None}, "'taken' is None, which is not text"),
    ],
)
def test_a_malformed_list_is_refused(
    tmp_path: Path, document: object, fault: str
) -> None:
    """The first line names the file, what is wrong in it and what to take instead."""
    path = _written(tmp_path, document)
    with pytest.raises(ValueError) as caught:
        read_published(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: is not a list of service tags: {fault}")
    assert "take Azure's weekly download" in text
    assert "\n" not in text


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    """A missing file, a folder, and text or bytes that are no JSON."""
    with pytest.raises(ValueError, match="missing.json: cannot be read"):
        read_published(tmp_path / "missing.json")
    with pytest.raises(ValueError, match="cannot be read"):
        read_published(tmp_path)
    path = tmp_path / "tags.json"
    path.write_text("{'cloud'", encoding="utf-8")
    with pytest.raises(ValueError, match="tags.json: is not JSON"):
        read_published(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="tags.json: is not text"):
        read_published(path)


def test_the_list_of_another_cloud_is_refused(tmp_path: Path) -> None:
    """Tags of China are not taken for those of public Azure."""
    path = _written(tmp_path, _azure_list(_azure_entry("Storage"), cloud="AzureChina"))
    with pytest.raises(ValueError) as caught:
        read_published(path, PUBLIC)
    assert str(caught.value) == (
        f"{path}: lists the tags of Azure operated by 21Vianet (China) and cloud is "
        "'public'; take the list of Azure"
    )


def test_lists_are_told_apart(tmp_path: Path) -> None:
    """Prefixes of one list are never answered from another."""
    older = _written(tmp_path, _azure_list(_azure_entry("Storage")))
    first: PublishedTags = read_published(older)
    newer = _written(
        tmp_path,
        _azure_list(_azure_entry("Storage", addressPrefixes=["20.9.0.0/16"])),
    )
    second = read_published(newer)
    assert tag_prefixes("Storage", published=first) != tag_prefixes(
        "Storage", published=second
    )
