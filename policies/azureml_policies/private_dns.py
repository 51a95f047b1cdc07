"""Rules for private DNS: a zone answers only in the networks that it is linked to.

Without the link a client resolves the public name, and either reaches the public side
or nothing. Links, endpoints and compute are joined as ``_plan`` does.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._dns_plan import DnsPlan, dns_plan
from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Undecided,
    Unknown,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network
from azureml_policies._plan import (
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
    zones_of,
)

_PRIVATELINK = "privatelink."


_BLOB = "privatelink.blob.core.windows.net"
_BLOB_ZONE = {
    "type": ZONE,
    "name": "blob",
    "properties": {"resourceGroupName": "rg", "privateZoneName": _BLOB},
}


def _link_example(network: str) -> dict[str, Any]:
    network_id = (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
        f"/providers/Microsoft.Network/virtualNetworks/{network}"
    )
    return {
        "type": ZONE_LINK,
        "name": f"blob-{network}",
        "properties": {
            "resourceGroupName": "rg",
            "privateZoneName": _BLOB,
            "virtualNetwork": {"id": network_id},
        },
    }


@stack_rule(
    id="DN001",
    name="dns-zone-linked",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ZONE, ZONE_GROUP),
    controls=(assigned("NS-10"),),
    steps="Add a privatedns.VirtualNetworkLink from the zone to every network with "
    "clients of its names: the endpoints' network, the compute's, and the one that "
    "holds the DNS resolver.",
    url="https://learn.microsoft.com/azure/private-link/private-endpoint-dns",
    bad=[_BLOB_ZONE],
    good=[_BLOB_ZONE, _link_example("vnet-laboratory")],
)
def zone_linked(subject: Resource, context: Context) -> Iterator[Finding]:
    """A private link zone is linked to every network with clients of its names."""
    stack = context.stack
    plan = stack.once(dns_plan)
    if subject.key == ZONE_GROUP.lower():
        outside = zones_of(stack, subject).outside
        if not outside:
            raise NotApplicable("the zones that it names are judged themselves")
        for name in outside:
            yield from _zone_outside(plan, name)
        return
    name = subject.value("privateZoneName")
    if isinstance(name, Unknown):
        yield undecided(name, "a private link zone must be linked to its networks")
        return
    if not isinstance(name, Known) or not str(name.value).lower().startswith(
        _PRIVATELINK
    ):
        raise NotApplicable("judges private link zones")
    used = subject.urn in plan.users
    if not used and not plan.links[subject.urn] and not plan.open_to(subject.urn):
        yield Violation(
            "",
            f"zone {name.text} is linked to no network, so nobody resolves its names; "
            "add a VirtualNetworkLink, or remove the zone",
        )
    if used:
        yield from _missing_links(plan, subject.urn, str(name.value).lower())


def _missing_links(plan: DnsPlan, key: str, name: str) -> Iterator[Finding]:
    """Yield a finding per network with clients that ``key``, a zone ``name``, misses.

    The endpoints of the zone need a link to this very zone; other clients need one to
    any zone of the name that is in use.
    """
    for network in _not_in(plan.links[key], plan.users[key]):
        yield _missing(
            plan.open_to(key),
            f"zone '{name}' is not linked to network {network.label}, which has "
            "clients of it; add a VirtualNetworkLink",
        )
    for unknown in plan.unknown_users[key]:
        yield undecided(unknown, f"zone '{name}' must be linked to the network of it")
    yield from _unserved_clients(plan, name)


def _unserved_clients(plan: DnsPlan, name: str) -> Iterator[Finding]:
    """Yield a finding per network with clients that no zone called ``name`` serves."""
    zones = sorted(plan.named[name])
    served = {network for zone in zones for network in plan.links[zone]}
    # Networks of endpoints are demanded of the zones that these register in.
    demanded = {network for zone in zones for network in plan.users[zone]}
    open_links = [reading for zone in zones for reading in plan.open_to(zone)]
    which, where = f"zone '{name}' is not", ""
    if len(zones) > 1:
        which = f"none of the {len(zones)} zones '{name}' is"
        where = " to one of them"
    for network in _not_in(served | demanded, plan.clients):
        yield _missing(
            open_links,
            f"{which} linked to network {network.label}, which has clients of it; "
            f"add a VirtualNetworkLink{where}",
        )
    for unknown in plan.unknown_clients:
        yield undecided(unknown, f"zone '{name}' must be linked to the network of it")


def _not_in(linked: set[Network], needed: set[Network]) -> list[Network]:
    """Return those of ``needed`` that none of ``linked`` can be."""
    missing = (
        network
        for network in needed
        if not any(network.may_be(other) for other in linked)
    )
    return sorted(missing, key=lambda network: network.label)


def _missing(open_links: list[Reading], message: str) -> Finding:
    if open_links:
        return undecided(open_links[0], message)
    return Violation("", message)


def _zone_outside(plan: DnsPlan, name: str) -> Iterator[Finding]:
    """Yield findings for a zone that another stack holds: its links may be there."""
    for finding in _missing_links(plan, name, name):
        yield Undecided(
            "privateDnsZoneConfigs",
            f"zone '{name}' lies outside of this stack, and so may its links: "
            f"{finding.message}, or judge the stack that holds the zone",
        )
