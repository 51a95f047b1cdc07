"""Who may come in to a workspace that is opened to the public, and how it is said.

Addresses cannot be given with the workspace: they are allowed by commands, after it
exists. Until then it stays closed.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import WIDEST_RANGE, read_address
from azureml_rulebook.findings import Finding

PUBLIC_ACCESS_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link"
    "#enable-public-access-only-from-internet-ip-ranges"
)

MOST_ADDRESSES = 200
"""Addresses and ranges that a workspace allows (``PUBLIC_ACCESS_PAGE``)."""


def public_address_findings(texts: Sequence[object], *, path: str) -> list[Finding]:
    """Check the addresses that may come in: IPv4, public, each once, not too many."""
    findings: list[Finding] = []
    ranges: dict[str, IPv4Network] = {}
    for index, text in enumerate(texts):
        place = f"{path}[{index}]"
        found = _read_address(text, place)
        if isinstance(found, Finding):
            findings.append(found)
        else:
            ranges[place] = found
    findings += _held_twice(ranges)
    if len(texts) > MOST_ADDRESSES:
        findings.append(
            Finding(
                path,
                f"are {len(texts)}; a workspace allows at most {MOST_ADDRESSES}, merge "
                f"ranges or leave out {len(texts) - MOST_ADDRESSES} "
                f"({PUBLIC_ACCESS_PAGE})",
            )
        )
    return findings


def opening_commands(
    workspace_name: str, resource_group_name: str, addresses: Sequence[str]
) -> list[str]:
    """Return the commands that open a workspace to ``addresses`` and to nobody else.

    Opening comes first, since the rules of a closed workspace are not kept: until the
    second command has run, the workspace is open to every address.
    """
    if not addresses:
        return []
    return [
        f'az ml workspace update --resource-group "{resource_group_name}" '
        f'--name "{workspace_name}" --public-network-access Enabled',
        *(
            f'az ml workspace network-rule add --resource-group "{resource_group_name}"'
            f' --workspace-name "{workspace_name}" --ip-address "{address}"'
            for address in addresses
        ),
    ]


def _read_address(text: object, path: str) -> IPv4Network | Finding:
    """Read an address or a range that may come in, or say what is wrong with it."""
    found = read_address(text, path)
    if isinstance(found, Finding):
        return found
    if found.prefixlen == 0:
        return Finding(
            path, f"'{text}' is every address; leave addresses out to open all"
        )
    if found.prefixlen < WIDEST_RANGE:
        return Finding(
            path,
            f"'{text}' is wider than /{WIDEST_RANGE}, more than any one owner has; "
            "give the ranges that people come from, or leave addresses out to open to "
            "everybody",
        )
    if not found.is_global:
        return Finding(
            path,
            f"'{text}' is not a public address, and private ones come in by the "
            f"private endpoint; give public addresses ({PUBLIC_ACCESS_PAGE})",
        )
    return found


def _held_twice(ranges: Mapping[str, IPv4Network]) -> list[Finding]:
    """Return a finding for each range that another one, by its path, holds already."""
    findings: list[Finding] = []
    places = list(ranges)
    for index, (path, item) in enumerate(ranges.items()):
        for other in places[:index]:
            if item == ranges[other]:
                findings.append(
                    Finding(path, f"'{item}' is {other} already; leave it out")
                )
                break
        else:
            findings += [
                Finding(path, f"'{item}' is in '{wider}' of {other}; leave it out")
                for other, wider in ranges.items()
                if item != wider and item.subnet_of(wider)
            ][:1]
    return findings
