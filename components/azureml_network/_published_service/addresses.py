"""Addresses and ranges of the subnets that a published service lives in, as inputs."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import read_range, read_subnet_address
from azureml_rulebook.findings import Finding, joined


def read_subnet_prefix(reader: InputReader, key: str) -> IPv4Network | None:
    """Read the range of a subnet; None if it is not known."""
    text = reader.optional_text(key)
    if text is None:
        return None
    found = read_range(text, joined(reader.path, key))
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def read_address(
    reader: InputReader, key: str, subnet: IPv4Network | None, *, whose: str
) -> IPv4Address | None:
    """Read an address in a subnet; None: Azure chooses. ``whose``: the subnet."""
    text = reader.optional_text(key)
    if text is None:
        return None
    found = read_subnet_address(text, subnet, joined(reader.path, key), whose=whose)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    return found


def twice_findings(
    addresses: Iterable[tuple[str, IPv4Address | None]],
) -> list[Finding]:
    """Find addresses that are given twice; each with the path of its input."""
    findings: list[Finding] = []
    first: dict[IPv4Address, str] = {}
    for path, address in addresses:
        if address is None:
            continue
        other = first.setdefault(address, path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{address}' is {other} already; give each an address of its own",
                )
            )
    return findings
