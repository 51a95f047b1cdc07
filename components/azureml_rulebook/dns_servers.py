"""The DNS servers of a network: how many it takes, and what can be one."""

from collections.abc import Iterable, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from azureml_rulebook.address_ranges import NOT_PUBLIC
from azureml_rulebook.findings import Finding

MOST_DNS_SERVERS = 20
"""DNS servers of one network (https://learn.microsoft.com/azure/azure-resource-manager/
management/azure-subscription-service-limits#networking-limits)."""

AZURE_DNS = IPv4Address("168.63.129.16")
"""Azure's own DNS, which answers inside of networks only
(https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16)."""


def read_dns_servers(
    texts: Sequence[object], path: str
) -> tuple[tuple[IPv4Address, ...], list[Finding]]:
    """Read the addresses of DNS servers; returns those that could be read, in order."""
    first: dict[IPv4Address, int] = {}
    findings: list[Finding] = []
    for index, text in enumerate(texts):
        place = f"{path}[{index}]"
        found = read_server(text, place)
        if isinstance(found, Finding):
            findings.append(found)
        elif found in first:
            findings.append(
                Finding(
                    place,
                    f"'{found}' is {path}[{first[found]}] already; leave one of them "
                    "out",
                )
            )
        else:
            first[found] = index
    if len(texts) > MOST_DNS_SERVERS:
        findings.append(
            Finding(
                path,
                f"are {len(texts)}; a network takes at most {MOST_DNS_SERVERS}, leave "
                f"out {len(texts) - MOST_DNS_SERVERS}",
            )
        )
    return tuple(first), findings


def public_server_findings(
    servers: Iterable[IPv4Address], known: Iterable[IPv4Network], *, path: str
) -> list[Finding]:
    """Check that no DNS server is somewhere on the Internet.

    Names asked there leave the network, data can leave in them, and private zones are
    not known there. ``known``: ranges that are in use here and elsewhere.
    """
    ranges = (*NOT_PUBLIC, *known)
    return [
        Finding(
            path,
            f"'{server}' is a public address: names, and data in them, would leave "
            "the network, and private zones are not known there; give a server in the "
            "network or behind its gateways, which may forward to it",
        )
        for server in servers
        if server != AZURE_DNS and not any(server in network for network in ranges)
    ]


def forwarding_target_findings(address: IPv4Address, *, path: str) -> list[Finding]:
    """Check the address that DNS servers on-premises forward names to.

    It is one inside the network, such as the inbound endpoint of a DNS Private
    Resolver; Azure's own service answers nobody outside.
    """
    if address != AZURE_DNS:
        return []
    return [
        Finding(
            path,
            f"'{address}' answers inside of Azure's networks only; give an address in "
            "the network, such as that of a resolver's inbound endpoint",
        )
    ]


def read_server(text: object, path: str) -> IPv4Address | Finding:
    """Read the address of one DNS server, or say what is wrong with it."""
    wanted = "give an IPv4 address that machines reach, like '10.20.0.4'"
    if not isinstance(text, str):
        return Finding(path, f"{text!r} is not text; {wanted}")
    try:
        address = IPv4Address(text)
    except AddressValueError:
        return Finding(path, f"'{text}' is not an IPv4 address; {wanted}")
    if (
        address.is_unspecified
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
    ):
        return Finding(path, f"'{text}' can be no server; {wanted}")
    return address
