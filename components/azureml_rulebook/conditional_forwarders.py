"""What DNS servers on-premises must forward into a network with private endpoints.

Zone by zone, and never the private zones themselves: an administrator enters this list
as conditional forwarders, each to an address inside the network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.dns_servers import forwarding_target_findings
from azureml_rulebook.dns_zones import forwarded_zones, groups_with_zones, zone_names
from azureml_rulebook.findings import Finding
from azureml_rulebook.private_endpoints import workspace_groups


@dataclass(frozen=True, kw_only=True)
class ForwardingTarget:
    """An address in the network that names are forwarded to."""

    address: IPv4Address
    path: str
    """Where it was given."""


def default_groups(cloud_name: str = PUBLIC) -> tuple[str, ...]:
    """Return the group ids of a workspace's endpoints that have zones in a cloud."""
    known = groups_with_zones(cloud_name)
    return tuple(group for group in workspace_groups() if group in known)


def group_findings(
    groups: Sequence[object], cloud_name: str = PUBLIC, *, path: str
) -> list[Finding]:
    """Check that each of ``groups`` is a group id with zones in a cloud."""
    findings: list[Finding] = []
    for index, group in enumerate(groups):
        place = f"{path}[{index}]"
        if not isinstance(group, str):
            findings.append(Finding(place, f"{group!r} is not text; give a group id"))
            continue
        try:
            zone_names(group, cloud_name)
        except ValueError as error:
            findings.append(Finding(place, str(error)))
    return findings


def conditional_forwarders(
    groups: Sequence[str],
    target: ForwardingTarget | None,
    cloud_name: str = PUBLIC,
) -> dict[str, str]:
    """Return the address that each public zone is forwarded to, by the zone.

    Empty without a target: nobody in the network answers for it. ``groups``: group ids
    with zones in the cloud, as ``group_findings`` checks.
    """
    if target is None:
        return {}
    return dict.fromkeys(forwarded_zones(groups, cloud_name), str(target.address))


def target_findings(target: ForwardingTarget | None) -> list[Finding]:
    """Check that on-premises can reach what it forwards names to."""
    if target is None:
        return []
    return forwarding_target_findings(target.address, path=target.path)
