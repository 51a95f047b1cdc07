"""Where a component is deployed: the Azure cloud and the region, read and checked."""

from dataclasses import dataclass

from azureml_network._inputs import InputReader
from azureml_rulebook.clouds import PUBLIC, cloud
from azureml_rulebook.regions import ZONES, region_findings, region_name


@dataclass(frozen=True, kw_only=True)
class Place:
    """A region of one of the Azure clouds."""

    cloud_name: str
    region: str
    """As Azure spells it, such as westeurope."""


def read_place(reader: InputReader) -> Place:
    """Read ``cloud`` and ``location``; a faulty cloud is read as the public one."""
    cloud_name = reader.text("cloud", PUBLIC)
    try:
        cloud(cloud_name)
    except ValueError as error:
        reader.note("cloud", str(error))
        cloud_name = PUBLIC
    location = reader.text("location")
    if location:
        reader.findings += region_findings(location, cloud_name)
    return Place(cloud_name=cloud_name, region=region_name(location))


def read_zones(reader: InputReader) -> tuple[str, ...]:
    """Read ``zones``, in order: how they are written makes no difference to Azure."""
    zones: list[str] = []
    for index, zone in enumerate(reader.texts("zones", ())):
        if zone not in ZONES:
            reader.note(
                f"zones[{index}]", f"{zone!r} is not a zone; use '1', '2' or '3'"
            )
        elif zone in zones:
            reader.note(f"zones[{index}]", f"'{zone}' is given twice; leave one out")
        else:
            zones.append(str(zone))
    return tuple(sorted(zones))
