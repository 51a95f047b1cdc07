"""What Azure demands of the peerings of one network, together and each by itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import overlap_findings
from azureml_rulebook.findings import Finding

_PEERING_PAGE = (
    "https://learn.microsoft.com/azure/virtual-network/"
    "virtual-network-manage-peering#requirements-and-constraints"
)


@dataclass(frozen=True, kw_only=True)
class Peering:
    """One peering, as this network sees it."""

    path: str
    address_space: Sequence[tuple[str, IPv4Network]]
    """The other network's ranges, each with its path."""
    allow_gateway_transit: bool
    use_remote_gateways: bool


def peering_findings(
    peerings: Mapping[str, Peering],
    address_space: Sequence[tuple[str, IPv4Network]],
    *,
    own_gateway: bool,
) -> list[Finding]:
    """Check all ``peerings`` of a network that has ``address_space``.

    ``own_gateway``: whether the network has a subnet for gateways of its own.
    """
    return [
        *_gateway_findings(list(peerings.values()), own_gateway),
        *_overlap_findings(list(peerings.values()), address_space),
    ]


def same_network_findings(networks: Iterable[tuple[str, str]]) -> list[Finding]:
    """Find networks that are peered twice, or with themselves.

    ``networks``: their ids, each with its path; the network's own first, if known.
    """
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for path, network_id in networks:
        other = first.setdefault(network_id.lower(), path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{network_id}' is {other} too; two networks are peered once, "
                    "give another network or leave this out",
                )
            )
    return findings


def _overlap_findings(
    peerings: Sequence[Peering], address_space: Sequence[tuple[str, IPv4Network]]
) -> list[Finding]:
    """Compare the other networks' ranges with this one's and with each other."""
    findings: list[Finding] = []
    others = list(address_space)
    for peering in peerings:
        ranges = list(peering.address_space)
        findings += overlap_findings(ranges, others)
        findings += overlap_findings(ranges)
        others += ranges
    return findings


def _gateway_findings(peerings: Sequence[Peering], own_gateway: bool) -> list[Finding]:
    findings: list[Finding] = []
    users = [peering for peering in peerings if peering.use_remote_gateways]
    for user in users:
        path = f"{user.path}.use_remote_gateways"
        if user.allow_gateway_transit:
            findings.append(
                Finding(
                    path,
                    "cannot be true together with allow_gateway_transit: one of two "
                    f"networks has the gateways; set one to false ({_PEERING_PAGE})",
                )
            )
        elif own_gateway:
            findings.append(
                Finding(
                    path,
                    "cannot be true in a network with a gateway subnet of its own; "
                    "leave out that subnet, or set this to false "
                    f"({_PEERING_PAGE})",
                )
            )
    findings += [
        Finding(
            f"{user.path}.use_remote_gateways",
            f"is true in {users[0].path} already; a network uses the gateways of one "
            f"other, set it to false here or there ({_PEERING_PAGE})",
        )
        for user in users[1:]
    ]
    return findings
