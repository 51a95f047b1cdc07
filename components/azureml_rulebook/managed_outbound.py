"""What an outbound rule of a managed network opens: hosts, service tags, ranges, ports.

A rule that opens the Internet by another name is as good as an open network, so what a
rule leads to has to be named.
"""

import re
from collections.abc import Iterable

from azureml_rulebook.address_ranges import WIDEST_RANGE, read_address
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.findings import Finding
from azureml_rulebook.host_names import covers, host_findings
from azureml_rulebook.managed_network import MANAGED_NETWORK_PAGE, PRIVATE_ENDPOINT
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tags import Use, canonical_tag, tag_findings
from azureml_rulebook.spelling import suggestion

HOST_PORTS = (80, 443)
"""All that a host rule opens (``MANAGED_NETWORK_PAGE``)."""

PROTOCOLS = ("TCP", "UDP", "ICMP", "*")
"""Protocols of service tag rules (https://learn.microsoft.com/azure/templates/
microsoft.machinelearningservices/workspaces/outboundrules)."""

_STORAGE_SERVICES = ("blob", "file", "queue", "table", "dfs", "web")
_STORAGE_DOMAINS = (
    "core.windows.net",
    "core.usgovcloudapi.net",
    "core.chinacloudapi.cn",
    "storage.azure.net",
)
"""What the names of storage services end in, in the clouds and with DNS zone endpoints
(https://learn.microsoft.com/azure/storage/common/storage-account-overview)."""
_STORAGE_PLACES = tuple(
    f"{service}.{domain}"
    for domain in _STORAGE_DOMAINS
    for service in _STORAGE_SERVICES
)
_PUBLISHED_STORAGE_HOSTS = ("vscode.blob.core.windows.net",)
"""Storage hosts that the page itself allows by name, for VS Code."""

_MOST_PORTS = 65535 // 2
"""Ports that one rule opens at most: with more it names those that it leaves out, and
not those that a service uses."""

_TAGS_OF_ANYBODY = {
    "internet": "means the whole Internet",
    "azurecloud": "also means addresses that anybody can rent",
    "virtualnetwork": "is allowed by the service itself",
}


def host_rule_findings(host: str, *, path: str) -> list[Finding]:
    """Check the host of a host rule: a name, and none of a storage account."""
    findings = host_findings(host, path)
    if findings:
        return findings
    if host.lower() in _PUBLISHED_STORAGE_HOSTS:
        return []
    if any(
        host.lower() == place or covers(f"*.{place}", host) for place in _STORAGE_PLACES
    ):
        what = "is a storage account"
    elif any(covers(host, f"account.{place}") for place in _STORAGE_PLACES):
        what = "has every storage account below it"
    else:
        return []
    return [
        Finding(
            path,
            f"'{host}' {what}, which host rules cannot open; make it a rule of kind "
            f"{PRIVATE_ENDPOINT} instead ({MANAGED_NETWORK_PAGE})",
        )
    ]


def tag_rule_findings(
    tag: str,
    protocol: str,
    ports: str,
    cloud_name: str = PUBLIC,
    *,
    path: str,
) -> list[Finding]:
    """Check a service tag rule; ``path`` is the rule's."""
    findings = tag_findings(
        tag,
        use=Use.NSG,
        direction=Direction.OUTBOUND,
        cloud_name=cloud_name,
        path=f"{path}.service_tag",
    )
    if not findings:
        findings += wide_tag_findings(tag, cloud_name, path=f"{path}.service_tag")
    if protocol not in PROTOCOLS:
        findings.append(
            Finding(
                f"{path}.protocol",
                f"'{protocol}' is not a protocol of outbound rules; "
                f"{suggestion(protocol, PROTOCOLS)}",
            )
        )
    return findings + port_findings(ports, protocol, path=f"{path}.ports")


def wide_tag_findings(
    tag: str, cloud_name: str = PUBLIC, *, path: str
) -> list[Finding]:
    """Check that a tag does not let out to everybody; its name is not judged."""
    reason = _TAGS_OF_ANYBODY.get(tag.strip().lower().partition(".")[0])
    if reason is None:
        return []
    return [
        Finding(
            path,
            f"'{canonical_tag(tag, cloud_name)}' {reason}; name the tags of services",
        )
    ]


def wide_prefix_findings(text: str, *, path: str) -> list[Finding]:
    """Check a range of a tag rule, which the rule then opens in place of its tag
    (https://learn.microsoft.com/azure/templates/
    microsoft.machinelearningservices/workspaces/outboundrules)."""
    network = read_address(text, path)
    if isinstance(network, Finding):
        return [network]
    if network.prefixlen >= WIDEST_RANGE:
        return []
    return [
        Finding(
            path,
            f"'{text}' is wider than /{WIDEST_RANGE}, more than any one owner has; "
            "give the ranges of the service",
        )
    ]


def port_findings(ports: str, protocol: str, *, path: str) -> list[Finding]:
    """Check ports as the service takes them: ``80, 8080-8089``; not nearly all."""
    if ports == "*" and protocol.upper() == "ICMP":
        return []
    if ports == "*":
        return [Finding(path, "'*' opens every port; name those that the service uses")]
    items = [item.strip() for item in ports.split(",")]
    ranges = {item: _port_range(item) for item in items}
    faults = [
        Finding(
            path,
            f"'{item}' is not a port or a range of ports from 1 to 65535; "
            "write like '443' or '80,8080-8089'",
        )
        for item in items
        if not ranges[item]
    ]
    opened = _count_of_ports(ranges.values())
    if faults or opened <= _MOST_PORTS:
        return faults
    return [
        Finding(
            path,
            f"'{ports}' opens {opened} of all 65535 ports; name those that the service "
            "uses",
        )
    ]


def _count_of_ports(ranges: Iterable[range]) -> int:
    """Return how many ports are in one range at least."""
    count = last = 0
    for each in sorted(ranges, key=lambda item: item.start):
        count += max(0, each.stop - max(each.start, last))
        last = max(last, each.stop)
    return count


def _port_range(text: str) -> range:
    """Read a port or a range of them; empty if it is neither."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text, re.ASCII)
    if match is None:
        return range(0)
    first = int(match[1])
    last = int(match[2] or first)
    return range(first, last + 1) if 1 <= first <= last <= 65535 else range(0)
