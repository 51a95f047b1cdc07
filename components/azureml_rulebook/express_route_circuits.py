"""ExpressRoute circuits: what they can be made of, and what each change of one costs.

A circuit is ordered from a provider and paid for from the day it is made. What cannot
be changed in place means a new order, weeks of waiting and a second bill, so it is said
before the first one.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network

from azureml_rulebook.address_ranges import elsewhere_findings, read_range
from azureml_rulebook.autonomous_systems import as_number_findings
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.regions import is_published_region
from azureml_rulebook.resource_ids import any_resource_id

_EXPRESS_ROUTE = "https://learn.microsoft.com/azure/expressroute"
_CIRCUITS = f"{_EXPRESS_ROUTE}/expressroute-howto-circuit-arm"
_TIERS = f"{_EXPRESS_ROUTE}/expressroute-circuit-peerings"
_FAQ = f"{_EXPRESS_ROUTE}/expressroute-faqs"
_LOCATIONS = f"{_EXPRESS_ROUTE}/expressroute-locations"
_PEERING = f"{_EXPRESS_ROUTE}/expressroute-howto-routing-portal-resource-manager"
_ROUTING = f"{_EXPRESS_ROUTE}/expressroute-routing"
_GLOBAL_REACH = f"{_EXPRESS_ROUTE}/expressroute-howto-set-global-reach"
_LINKING = f"{_EXPRESS_ROUTE}/expressroute-howto-linkvnet-arm"
_WORKFLOWS = f"{_EXPRESS_ROUTE}/expressroute-workflows"

LOCAL = "Local"
STANDARD = "Standard"
PREMIUM = "Premium"

METERED = "MeteredData"
UNLIMITED = "UnlimitedData"

BANDWIDTHS = (50, 100, 200, 500, 1000, 2000, 5000, 10000)
"""Megabits per second of a circuit by a provider, who may offer fewer (``_FAQ``)."""

LINK_LENGTH = 30
"""Prefix length of each link of a private peering (``_PEERING``)."""

GLOBAL_REACH_LENGTH = 29
"""Prefix length of what two circuits are joined with (``_GLOBAL_REACH``)."""

PRIVATE_PEERING = "AzurePrivatePeering"
"""What Azure calls the private peering of every circuit."""

_FIRST_VLAN, _LAST_VLAN = 1, 4094
"""VLANs of IEEE 802.1Q."""

_KEPT_AS_NUMBERS = range(65515, 65521)
"""Autonomous systems that Azure has itself, one more than with VPN (``_ROUTING``)."""

_LONGEST_SHARED_KEY = 25
"""Letters and digits of an MD5 key (``_PEERING``)."""

_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a circuit, and what it costs."""

    input: str
    change: str
    outcome: str
    """IN_PLACE, REPLACED or REFUSED."""
    note: str
    """What it costs, or takes."""
    property: str = ""
    """What of the resource is replaced, in Azure's words."""
    page: str


IN_PLACE = "in place"
REPLACED = "another circuit"
REFUSED = "refused by Azure"

CHANGES: tuple[Change, ...] = (
    Change(
        input="provider",
        change="another one",
        outcome=REPLACED,
        note="a new order; the old circuit has to be given back first",
        property="serviceProviderProperties.serviceProviderName",
        page=_CIRCUITS,
    ),
    Change(
        input="peering_location",
        change="another one",
        outcome=REPLACED,
        note="a new order; the old circuit has to be given back first",
        property="serviceProviderProperties.peeringLocation",
        page=_CIRCUITS,
    ),
    Change(
        input="bandwidth_megabits",
        change="more",
        outcome=IN_PLACE,
        note="without interruption, where the port has room; the provider has to "
        "follow, and the price rises at once",
        page=_CIRCUITS,
    ),
    Change(
        input="bandwidth_megabits",
        change="less",
        outcome=REFUSED,
        note="a circuit under a new name",
        page=_CIRCUITS,
    ),
    Change(
        input="billing",
        change=f"{METERED} to {UNLIMITED}",
        outcome=IN_PLACE,
        note="without interruption; there is no way back",
        page=_CIRCUITS,
    ),
    Change(
        input="billing",
        change=f"{UNLIMITED} to {METERED}",
        outcome=REFUSED,
        note="a circuit under a new name",
        page=_CIRCUITS,
    ),
    Change(
        input="tier",
        change=f"{STANDARD} to {PREMIUM}",
        outcome=IN_PLACE,
        note="without interruption; the price rises at once",
        page=_TIERS,
    ),
    Change(
        input="tier",
        change=f"{PREMIUM} to {STANDARD}",
        outcome=IN_PLACE,
        note="only with fewer than 10 networks, none of another geopolitical area, and "
        "fewer than 4000 routes; else Azure refuses it, or drops the routes",
        page=_CIRCUITS,
    ),
    Change(
        input="tier",
        change=f"{LOCAL} to {STANDARD} or {PREMIUM}",
        outcome=IN_PLACE,
        note=f"with {UNLIMITED}, which a circuit of tier {LOCAL} has",
        page=_TIERS,
    ),
    Change(
        input="tier",
        change=f"{STANDARD} or {PREMIUM} to {LOCAL}",
        outcome=REFUSED,
        note="a circuit under a new name",
        page=_TIERS,
    ),
)
"""Everything that can be changed of a circuit."""

REPLACED_PROPERTIES = tuple(row.property for row in CHANGES if row.outcome == REPLACED)
"""What makes another circuit when it changes."""


def circuit_sku(tier: str, billing: str) -> str:
    """Return what Azure calls a tier together with its billing."""
    return f"{tier}_{billing}"


def provider_findings(text: str, *, path: str) -> list[Finding]:
    """Check the form of a provider's name."""
    return _spaces_findings(text, path)


def peering_location_findings(text: str, *, path: str) -> list[Finding]:
    """Check the form of a peering location, which is a city and not a region."""
    if is_published_region(text):
        return [
            Finding(
                path,
                f"'{text}' is an Azure region; give the place where the provider meets "
                f"Microsoft, such as 'Amsterdam' ({_LOCATIONS})",
            )
        ]
    return _spaces_findings(text, path)


def _spaces_findings(text: str, path: str) -> list[Finding]:
    if text == text.strip():
        return []
    return [Finding(path, f"'{text}' has spaces around it; write '{text.strip()}'")]


def bandwidth_findings(megabits: int, *, path: str) -> list[Finding]:
    """Check that a circuit can have so many megabits per second."""
    if megabits in BANDWIDTHS:
        return []
    allowed = ", ".join(map(str, BANDWIDTHS))
    return [Finding(path, f"{megabits} is not allowed; use one of {allowed} ({_FAQ})")]


def billing_findings(tier: str, billing: str, *, path: str) -> list[Finding]:
    """Check that a tier can be paid for in this way; ``path`` is the circuit's."""
    if tier != LOCAL or billing == UNLIMITED:
        return []
    return [
        Finding(
            f"{path}.billing",
            f"'{billing}' is not in tier {LOCAL}, whose price includes all data; set "
            f"it to '{UNLIMITED}' or choose another tier ({_FAQ})",
        )
    ]


def vlan_findings(vlan: int, *, path: str) -> list[Finding]:
    """Check the VLAN of a private peering."""
    if _FIRST_VLAN <= vlan <= _LAST_VLAN:
        return []
    return [
        Finding(
            path,
            f"{vlan} is not a VLAN; use {_FIRST_VLAN} to {_LAST_VLAN} ({_PEERING})",
        )
    ]


def peer_as_number_findings(number: int, *, path: str) -> list[Finding]:
    """Check the autonomous system of the on-premises side of a private peering."""
    if number in _KEPT_AS_NUMBERS:
        return [
            Finding(
                path,
                f"{number} is one of those that Azure keeps ({_KEPT_AS_NUMBERS[0]} to "
                f"{_KEPT_AS_NUMBERS[-1]}); give that of the on-premises side "
                f"({_ROUTING})",
            )
        ]
    return as_number_findings(number, path=path)


def read_link(text: object, length: int, *, path: str) -> IPv4Network | Finding:
    """Read the range of a link, which has exactly this prefix length."""
    found = read_range(text, path)
    if isinstance(found, Finding):
        return found
    if found.prefixlen != length:
        page = _PEERING if length == LINK_LENGTH else _GLOBAL_REACH
        example = IPv4Network((found.network_address, 32)).supernet(new_prefix=length)
        return Finding(
            path,
            f"'{found}' is no /{length}; give one, such as '{example}' ({page})",
        )
    return next(iter(elsewhere_findings(found, path)), found)


def shared_key_findings(text: str, *, path: str) -> list[Finding]:
    """Check the MD5 key of a private peering, without telling it."""
    if re.fullmatch(rf"[a-zA-Z0-9]{{1,{_LONGEST_SHARED_KEY}}}", text):
        return []
    return [
        Finding(
            path,
            f"cannot be used; the key has to be 1 to {_LONGEST_SHARED_KEY} letters and "
            f"digits, without other characters ({_PEERING})",
        )
    ]


def authorization_key_findings(text: str, *, path: str) -> list[Finding]:
    """Check the form of an authorization key, without telling it."""
    if re.fullmatch(_UUID, text, re.IGNORECASE):
        return []
    return [
        Finding(
            path,
            "cannot be used; the key has to be 32 hexadecimal digits, in the form "
            "00000000-0000-0000-0000-000000000000, as the owner of the circuit gets "
            f"it with an authorization ({_LINKING})",
        )
    ]


def authorization_findings(
    circuit_id: object, subscription_id: str, *, has_key: bool, path: str
) -> list[Finding]:
    """Check that a circuit of another subscription comes with its owner's key.

    Args:
        circuit_id: id of the circuit; one that is known later is not looked at.
        subscription_id: of the gateway, or of the circuit that is joined with it.
        has_key: whether there is a key.
        path: of what names the circuit and may have the key.
    """
    circuit = any_resource_id(circuit_id) if isinstance(circuit_id, str) else None
    own = subscription_id.lower()
    if has_key or circuit is None or circuit.subscription_id.lower() == own:
        return []
    return [
        Finding(
            joined(path, "authorization_key"),
            f"is not set, and '{circuit}' is in another subscription than the network "
            f"({subscription_id}); give the key that its owner gets with an "
            f"authorization, as a secret ({_LINKING})",
        )
    ]


def unprovisioned_finding(what: str, *, path: str) -> Finding:
    """Return that ``what`` has to wait until the provider has provisioned a circuit."""
    return Finding(
        path,
        f"needs connect: Azure refuses {what} until the provider has provisioned the "
        f"circuit; leave it out until then, and set connect to true with it "
        f"({_WORKFLOWS})",
    )


def unconnected_warning(name: str, provider: str, *, path: str) -> str:
    """Say what is to be done with a circuit that is made and not connected yet."""
    return (
        f"{path}: false, Azure refuses the connection until {provider} has provisioned "
        f"the circuit; send {provider} its service key (the output circuit_service_keys"
        f", at {name}), and set this to true once they have ({_WORKFLOWS})"
    )
