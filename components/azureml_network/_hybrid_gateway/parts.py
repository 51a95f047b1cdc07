"""What the parts of a HybridGateway have in common: the address ranges in use.

Every part tells the ranges that it brings, each with its path. They are compared in one
place, so that each pair that overlaps is reported once, whichever parts it comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_network._inputs import InputReader
from azureml_rulebook.address_ranges import overlap_findings, read_ranges
from azureml_rulebook.findings import Finding

Ranges = tuple[tuple[str, IPv4Network], ...]
"""Address ranges, each with the path of its input."""


@dataclass(frozen=True, kw_only=True)
class UsedRanges:
    """Every range in use around a gateway, by who has it."""

    network: Ranges = ()
    """The network's own."""
    elsewhere: Ranges = ()
    """Those of peered networks and on-premises, as `other_address_space` names them."""
    spokes: Ranges = ()
    """Those of networks that use the gateways."""
    sites: Ranges = ()
    """Those behind sites, as the network sees them: translated ones after it."""
    peers: Ranges = ()
    """Addresses that sites talk BGP from, to each of which Azure adds a route."""
    clients: Ranges = ()
    """Those that VPN clients get addresses from."""
    links: Ranges = ()
    """Those of circuits' own links: private peerings and Global Reach."""

    def findings(self) -> list[Finding]:
        """Return each pair of ranges that overlap and must not.

        `other_address_space` may name the ranges of sites and spokes once more; several
        devices of one site have the same ranges, which the sites themselves look at, as
        they do at peers in the network or in ranges of other sites.
        """
        own = self.network
        outside = (*self.elsewhere, *self.spokes, *self.sites, *self.peers)
        return [
            *overlap_findings(self.spokes, own),
            *overlap_findings(self.spokes),
            *overlap_findings(self.sites, (*own, *self.spokes)),
            *overlap_findings(self.peers, self.spokes),
            *overlap_findings(self.clients, (*own, *outside)),
            *overlap_findings(self.clients),
            *overlap_findings(self.links, (*own, *outside, *self.clients)),
            *overlap_findings(self.links),
        ]


def read_network_ranges(reader: InputReader) -> tuple[Ranges, Ranges]:
    """Read the network's ranges, and further ones in use, of the component's inputs."""
    return (
        _ranges(reader, "network_address_space", reader.texts("network_address_space")),
        _ranges(reader, "other_address_space", reader.texts("other_address_space", ())),
    )


def _ranges(reader: InputReader, key: str, texts: Sequence[object]) -> Ranges:
    ranges, findings = read_ranges(texts, key)
    reader.findings += findings
    return tuple(ranges)
