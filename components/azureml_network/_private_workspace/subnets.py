"""The subnets that a workspace is given: ids of the right form, ranges that are free.

They exist already or are made elsewhere. Here is only seen to it that what is placed in
them can be, as far as their ids and ranges are plain.
"""

from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import (
    forbidden_range_findings,
    overlap_findings,
    read_range,
)
from azureml_rulebook.compute import training_subnet_findings
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.resource_ids import SUBNET
from azureml_rulebook.subnets import kept_subnet_findings

ENDPOINTS_ID = "endpoints_subnet_id"
ENDPOINTS_PREFIX = "endpoints_subnet_prefix"
TRAINING_ID = "training_subnet_id"
TRAINING_PREFIX = "training_subnet_prefix"


def read_subnet_id(reader: InputReader, key: str) -> Input[str] | None:
    """Return the id of a subnet, perhaps known only later; None if left out.

    A plain one is not of a subnet that Azure keeps for something else.
    """
    subnet_id = reader.resource_id(key, SUBNET)
    reader.findings += kept_subnet_findings(subnet_id, path=joined(reader.path, key))
    return subnet_id


def read_training_subnet(reader: InputReader) -> Input[str] | None:
    """Return the id of the subnet that compute lives in; None if left out."""
    subnet_id = read_subnet_id(reader, TRAINING_ID)
    reader.findings += training_subnet_findings(
        subnet_id, reader.optional_input("subscription_id"), path=TRAINING_ID
    )
    return subnet_id


def note_range_faults(reader: InputReader) -> None:
    """Note what is wrong with the ranges of both subnets, as far as they are known.

    Compute and endpoints may share one subnet, and with it a range.
    """
    ranges: list[tuple[str, IPv4Network]] = []
    for key in (ENDPOINTS_PREFIX, TRAINING_PREFIX):
        text = reader.optional_text(key)
        if text is None:
            continue
        found = read_range(text, key)
        if isinstance(found, Finding):
            reader.findings.append(found)
        else:
            reader.findings += forbidden_range_findings(found, key)
            ranges.append((key, found))
    if not _share_a_subnet(reader):
        reader.findings += overlap_findings(ranges)


def _share_a_subnet(reader: InputReader) -> bool:
    """Whether both ids are the same, as far as that is known before deployment."""
    one, other = map(reader.optional_input, (ENDPOINTS_ID, TRAINING_ID))
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    return one is other
