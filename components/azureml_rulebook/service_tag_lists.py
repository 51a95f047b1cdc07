"""The lists of service tags that Azure publishes for each cloud, and how to read them.

Three are shipped (``published_service_tags/``), with every name's service, region and
uses, and the address prefixes of the services that a machine learning network meets:
public Azure as of 2026-06-26 (https://www.microsoft.com/download/details.aspx?id=56519),
US Government and China as of 2026-07-20
(https://www.microsoft.com/download/details.aspx?id=57063 and ``?id=57062``). Names
seldom change; prefixes change weekly, so a proof about today's addresses needs a newer
file: the weekly download itself, or what ``az network list-service-tags`` prints.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from ipaddress import ip_network
from pathlib import Path
from typing import cast

from azureml_rulebook.clouds import CHINA, CLOUDS, PUBLIC, US_GOVERNMENT, cloud

SERVICE_TAGS_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/service-tags-overview"
)


class Use(StrEnum):
    """Where a tag may stand, as the published lists call it."""

    NSG = "NSG"
    ROUTE = "UDR"
    FIREWALL = "FW"

    @property
    def place(self) -> str:
        """How people call it."""
        return _PLACES[self]


_PLACES = {
    Use.NSG: "security group rules",
    Use.ROUTE: "user-defined routes",
    Use.FIREWALL: "Azure Firewall rules",
}


@dataclass(frozen=True)
class ServiceTag:
    """One tag of one cloud."""

    name: str
    """As it is published."""
    service: str
    """The service behind it; empty where the list names none."""
    region: str
    """The region it is narrowed to, as Azure's list calls it (``germanywc`` for
    Germany West Central); empty: the whole cloud."""
    uses: frozenset[Use]
    """Where it may stand; empty: it is published for information only."""


PLATFORM_TAGS: tuple[ServiceTag, ...] = tuple(
    ServiceTag(name, service="", region="", uses=frozenset({Use.NSG}))
    for name in (
        "Internet",
        "VirtualNetwork",
        "AzureLoadBalancer",
        "AzurePlatformDNS",
        "AzurePlatformIMDS",
        "AzurePlatformLKM",
    )
)
"""Tags of every cloud that the platform itself defines, so that no list has them. The
page (``SERVICE_TAGS_PAGE``) takes them in security groups only: it says no to Azure
Firewall and names all six as unsupported in user-defined routes."""


@dataclass(frozen=True, eq=False)
class PublishedTags:
    """The tags of one cloud as of one day."""

    cloud_name: str
    taken: str
    """Day (``2026-06-26``) or number of the list (``change 412``)."""
    listed: tuple[ServiceTag, ...] = field(repr=False)
    """In the list's order, without ``PLATFORM_TAGS``."""
    prefixes: Mapping[str, tuple[str, ...]] = field(repr=False)
    """Published name to its prefixes in CIDR notation; a tag whose prefixes the list
    leaves out is not in it."""

    def find(self, text: str) -> ServiceTag | None:
        """Return the tag called ``text``, without regard to case, or None."""
        return self._by_lower_name.get(text.lower())

    def regional_forms(self, name: str) -> Mapping[str, ServiceTag]:
        """Return the regional forms of a tag by their suffix in lower case."""
        return self._regional_forms.get(name.lower(), {})

    @cached_property
    def whole_names(self) -> tuple[str, ...]:
        """Names of all tags that are not narrowed to a region."""
        return tuple(
            tag.name for tag in (*PLATFORM_TAGS, *self.listed) if not tag.region
        )

    @cached_property
    def regions(self) -> Mapping[str, str]:
        """Every suffix that names a region, in lower case, to the list's own code.

        ``AzureCloud`` is narrowed by the codes, all others by the region's name:
        ``germanywestcentral`` and ``germanywc`` both lead to ``germanywc``.
        """
        return {
            suffix: tag.region
            for forms in self._regional_forms.values()
            for suffix, tag in forms.items()
        }

    @cached_property
    def _by_lower_name(self) -> dict[str, ServiceTag]:
        return {tag.name.lower(): tag for tag in (*PLATFORM_TAGS, *self.listed)}

    @cached_property
    def _regional_forms(self) -> dict[str, dict[str, ServiceTag]]:
        forms: dict[str, dict[str, ServiceTag]] = {}
        for tag in self.listed:
            if tag.region:
                whole, _, suffix = tag.name.lower().rpartition(".")
                forms.setdefault(whole, {})[suffix] = tag
        return forms


def published_tags(cloud_name: str = PUBLIC) -> PublishedTags:
    """Return the tags shipped for a cloud, read on first use and kept.

    Raises ValueError for an unknown cloud, naming the nearest one.
    """
    return _shipped(cloud(cloud_name).name)


@cache
def _shipped(cloud_name: str) -> PublishedTags:
    folder = files("azureml_rulebook") / "published_service_tags"
    text = (folder / f"{cloud_name}.json").read_text(encoding="utf-8")
    return _from_own_format(_mapping(json.loads(text), "the document"))


def read_published(path: Path | str, cloud_name: str = PUBLIC) -> PublishedTags:
    """Read a list that is newer than the shipped one.

    Args:
        path: Azure's weekly download, the output of ``az network list-service-tags``,
            or a file in the form of the shipped ones.
        cloud_name: the cloud that the list must be of.

    Returns:
        Its tags. Output of ``az`` lists what security groups take and may leave out
        ``networkFeatures``: such a tag keeps the uses that the shipped list has for
        it, and where that does not know the tag, no use is refused.

    Raises:
        ValueError: the path and what is wrong: no such file, not JSON, another shape,
            a prefix that is none, no tags, or the list of another cloud.
    """
    wanted = cloud(cloud_name)
    try:
        document = _mapping(json.loads(Path(path).read_bytes()), "the document")
        if "values" in document:
            published = _from_azure(document)
        elif "names" in document:
            published = _from_own_format(document)
        else:
            raise ValueError("has neither 'values' nor 'names'")
        _check_prefixes(published)
    except OSError as fault:
        raise ValueError(f"{path}: cannot be read ({fault.strerror})") from None
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path}: is not text ({fault.reason})") from None
    except json.JSONDecodeError as fault:
        raise ValueError(f"{path}: is not JSON ({fault})") from None
    except ValueError as fault:
        raise ValueError(
            f"{path}: is not a list of service tags: {fault}; take Azure's weekly "
            "download or the output of 'az network list-service-tags' "
            f"({SERVICE_TAGS_PAGE})"
        ) from None
    if published.cloud_name != wanted.name:
        raise ValueError(
            f"{path}: lists the tags of {cloud(published.cloud_name).title} and cloud "
            f"is '{wanted.name}'; take the list of {wanted.title}"
        )
    return published


def _from_own_format(document: Mapping[str, object]) -> PublishedTags:
    """Read ``{cloud, taken, names: {name: {…}}, prefixes: {name: […]}}``."""
    tags: list[ServiceTag] = []
    for name, entry in _mapping(document["names"], "names").items():
        row = _mapping(entry, f"names.{name}")
        tags.append(
            ServiceTag(
                name=name,
                service=_text(row, "service", f"names.{name}"),
                region=_text(row, "region", f"names.{name}"),
                uses=_uses(_texts(row.get("features"), f"names.{name}.features")),
            )
        )
    prefixes = {
        name: _texts(entry, f"prefixes.{name}")
        for name, entry in _mapping(document.get("prefixes"), "prefixes").items()
    }
    taken = _text(document, "taken", "")
    return _published(_cloud_name(document), taken, tags, prefixes)


def _from_azure(document: Mapping[str, object]) -> PublishedTags:
    """Read ``{changeNumber, cloud, values: [{name, properties: {…}}]}``."""
    cloud_name = _cloud_name(document)
    tags: list[ServiceTag] = []
    prefixes: dict[str, tuple[str, ...]] = {}
    for index, entry in enumerate(_list(document["values"], "values")):
        where = f"values[{index}]"
        row = _mapping(entry, where)
        name = _text(row, "name", where)
        where = f"{where}.properties"
        properties = _mapping(row.get("properties"), where)
        features = properties.get("networkFeatures")
        tags.append(
            ServiceTag(
                name=name,
                service=_optional_text(properties, "systemService", where),
                region=_optional_text(properties, "region", where),
                uses=_known_uses(name, cloud_name)
                if features is None
                else _uses(_texts(features, f"{where}.networkFeatures")),
            )
        )
        prefixes[name] = _texts(
            properties.get("addressPrefixes"), f"{where}.addressPrefixes"
        )
    taken = f"change {document.get('changeNumber', 'unknown')}"
    return _published(cloud_name, taken, tags, prefixes)


def _published(
    cloud_name: str,
    taken: str,
    tags: list[ServiceTag],
    prefixes: dict[str, tuple[str, ...]],
) -> PublishedTags:
    if not tags:
        raise ValueError("it has no tags")
    return PublishedTags(cloud_name, taken, tuple(tags), prefixes)


def _cloud_name(document: Mapping[str, object]) -> str:
    """Return our name of the cloud that a list calls ``Public``, ``AzureChina`` …."""
    text = _text(document, "cloud", "")
    spelt = text.lower()
    for mark, name in (("gov", US_GOVERNMENT), ("china", CHINA), ("public", PUBLIC)):
        if mark in spelt:
            return name
    raise ValueError(f"its cloud '{text}' is none of {', '.join(CLOUDS)}")


def _uses(features: tuple[str, ...]) -> frozenset[Use]:
    return frozenset(use for use in Use if use.value in features)


def _known_uses(name: str, cloud_name: str) -> frozenset[Use]:
    shipped = published_tags(cloud_name).find(name)
    return frozenset(Use) if shipped is None else shipped.uses | {Use.NSG}


def _check_prefixes(published: PublishedTags) -> None:
    """Raise ValueError for a prefix that is none, or that has no tag."""
    for name, prefixes in published.prefixes.items():
        if published.find(name) is None:
            raise ValueError(f"prefixes.{name} is not in 'names'")
        for prefix in prefixes:
            try:
                ip_network(prefix)
            except ValueError:
                raise ValueError(
                    f"'{prefix}' of tag '{name}' is not an address range"
                ) from None


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")
    return cast("dict[str, object]", value)


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{where} is not a list")
    return cast("list[object]", value)


def _texts(value: object, where: str) -> tuple[str, ...]:
    texts: list[str] = []
    for item in _list(value, where):
        if not isinstance(item, str):
            raise ValueError(f"{where} holds {item!r}, which is not text")
        texts.append(item)
    return tuple(texts)


def _text(row: Mapping[str, object], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        path = f"{where}.{key}" if where else f"'{key}'"
        raise ValueError(f"{path} is {value!r}, which is not text")
    return value


def _optional_text(row: Mapping[str, object], key: str, where: str) -> str:
    return "" if row.get(key) is None else _text(row, key, where)
