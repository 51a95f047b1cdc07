"""Rules for the links of private DNS zones: what a network does with a zone's names."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._dns_plan import ANY_ZONE
from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    FromSetting,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Stack,
    Unknown,
    Violation,
    must_be,
    must_be_flag,
    parse_arm_id,
    resource_rule,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._networks import Network, network_of
from azureml_policies._plan import (
    ZONE,
    ZONE_LINK,
)

_PRIVATELINK = "privatelink."
_BLOB = "privatelink.blob.core.windows.net"
_LEARN = "https://learn.microsoft.com/azure"
_FALLS_BACK = "NxDomainRedirect"
_POLICY = "resolutionPolicy"
_NETWORK = "virtualNetwork.id"


@resource_rule(
    id="DN002",
    name="dns-link-no-registration",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(ZONE_LINK,),
    controls=(assigned("NS-10"),),
    remedy={"registrationEnabled": False},
    steps="Leave registrationEnabled out, or set it to false: machines would write "
    "their names among those of private endpoints.",
    url=f"{_LEARN}/dns/private-dns-autoregistration",
    bad={"privateZoneName": _BLOB, "registrationEnabled": True},
    good={"privateZoneName": _BLOB, "registrationEnabled": False},
)
def no_registration(link: Resource, context: Context) -> Iterator[Finding]:
    """No machine writes its name into a private link zone."""
    findings = list(must_be_flag(link, "registrationEnabled", False))
    yield from _only_private_link(link, findings)


@resource_rule(
    id="DN005",
    name="dns-link-fallback",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(ZONE_LINK,),
    settings={
        "resolutionPolicy": {
            "type": "string",
            "enum": ["Default", _FALLS_BACK],
            "default": "Default",
            "description": "Default: a name that is missing from the zone does not "
            "exist. NxDomainRedirect: it is looked for in public DNS, so that a "
            "missing record leads to the public side in silence",
        },
        "fallbackZones": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Zones whose links may fall back all the same: a network "
            "with a VPN gateway needs it for blobs, where the gateway keeps what it "
            "needs in accounts of Azure's own",
        },
    },
    controls=(assigned("NS-10"),),
    remedy={_POLICY: FromSetting("resolutionPolicy")},
    steps="Leave resolutionPolicy out, or set it to what the configuration says; list "
    "the zone in fallbackZones where a VPN gateway needs it.",
    url=f"{_LEARN}/dns/private-dns-fallback",
    bad={"privateZoneName": _BLOB, "resolutionPolicy": "NxDomainRedirect"},
    good={"privateZoneName": _BLOB, "resolutionPolicy": "Default"},
)
def fallback(link: Resource, context: Context) -> Iterator[Finding]:
    """A link falls back to public DNS only as configured."""
    wanted = context.settings["resolutionPolicy"]
    unset = "Azure does not fall back" if wanted == _FALLS_BACK else ""
    findings = list(must_be(link, _POLICY, wanted, unset=unset))
    name = link.value("privateZoneName")
    excepted = tuple(context.settings["fallbackZones"])
    if isinstance(name, Known) and name.is_any_of(excepted):
        findings = list(must_be(link, _POLICY, "Default", _FALLS_BACK))
    yield from _only_private_link(link, findings)


def _only_private_link(link: Resource, findings: list[Finding]) -> Iterator[Finding]:
    """Yield ``findings`` for links of private link zones; others are not concerned.

    Where the zone's name is not known, a finding may not count: it is undecided.
    """
    name = link.value("privateZoneName")
    match name:
        case Unknown():
            for finding in findings:
                yield undecided(
                    name, f"if it is a private link zone, {finding.message}"
                )
        case Known(value=str() as text) if text.lower().startswith(_PRIVATELINK):
            yield from findings
        case _:
            raise NotApplicable("judges links of private link zones")


def _zone(group: str) -> dict[str, Any]:
    return {
        "type": ZONE,
        "name": f"blob-{group}",
        "properties": {"resourceGroupName": group, "privateZoneName": _BLOB},
    }


def _link(group: str, network: str) -> dict[str, Any]:
    network_id = (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
        f"/providers/Microsoft.Network/virtualNetworks/{network}"
    )
    return {
        "type": ZONE_LINK,
        "name": f"{group}-{network}",
        "properties": {
            "resourceGroupName": group,
            "privateZoneName": _BLOB,
            "virtualNetwork": {"id": network_id},
        },
    }


@stack_rule(
    id="DN003",
    name="dns-zone-unique",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(ZONE, ZONE_LINK),
    settings={
        "oneZonePerName": {
            "type": "boolean",
            "default": True,
            "description": "A stack has one zone of a name. False where it holds "
            "several workspaces that keep apart, each with zones of its own; a network "
            "takes one zone of a name all the same",
        }
    },
    controls=(assigned("NS-10"),),
    steps="Keep one zone of each name, and link every network to it: a network asks "
    "one zone of a name only, and finds nothing of what the other one holds.",
    url=f"{_LEARN}/private-link/private-endpoint-dns",
    bad=[_zone("one"), _zone("two"), _link("one", "vnet"), _link("two", "vnet")],
    good=[_zone("one"), _link("one", "vnet"), _link("one", "hub")],
)
def zone_is_unique(subject: Resource, context: Context) -> Iterator[Finding]:
    """No network is linked to two zones of a name, and there is one of each name."""
    if subject.key == ZONE.lower():
        if context.settings["oneZonePerName"]:
            yield from _no_namesake(subject, context.stack)
        return
    yield from _no_second_zone(subject, context.stack)


def _no_namesake(zone: Resource, stack: Stack) -> Iterator[Finding]:
    path = "privateZoneName"
    name = zone.value(path)
    for other in stack.of_type(ZONE):
        theirs = other.value(path)
        if other is zone:
            continue
        message = (
            f"zone '{other.name}' has the same name; keep one of the two, or set "
            "oneZonePerName to false where they are to keep apart"
        )
        if isinstance(name, Unknown) or isinstance(theirs, Unknown):
            unknown = name if isinstance(name, Unknown) else theirs
            yield undecided(unknown, f"no other zone may have it, and {message}")
        elif _text(name) == _text(theirs):
            yield Violation(path, f"{path} is {_shown(name)}: {message}")


def _no_second_zone(link: Resource, stack: Stack) -> Iterator[Finding]:
    links = stack.once(_links)
    own = next(each for each in links if each.link is link)
    for other in links:
        if other is own or not own.may_lead_to_another_zone_than(other):
            continue
        message = (
            f"link '{other.link.name}' leads to another zone '{other.name}' from the "
            "same network; keep one of the two"
        )
        unknown = own.unknown or other.unknown
        if unknown is None:
            yield Violation("privateZoneName", message)
        else:
            yield undecided(unknown, f"there must be no such case: {message}")


@dataclass(frozen=True, slots=True)
class _Link:
    """A link, and what it joins."""

    link: Resource
    zone: str
    """What tells its zone apart, or ``ANY_ZONE``."""
    name: str
    """The zone's, in lower case, or ``ANY_ZONE``."""
    network: Network | Reading

    @property
    def unknown(self) -> Reading | None:
        """What is not known of it."""
        if ANY_ZONE in (self.zone, self.name):
            return Unknown("privateZoneName")
        return None if isinstance(self.network, Network) else self.network

    def may_lead_to_another_zone_than(self, other: "_Link") -> bool:
        """Whether both may be of one network and of two zones of a name."""
        names = {self.name, other.name} - {ANY_ZONE}
        if len(names) > 1 or self.zone == other.zone != ANY_ZONE:
            return False
        if isinstance(self.network, Network) and isinstance(other.network, Network):
            return self.network.may_be(other.network)
        return True


def _links(stack: Stack) -> list[_Link]:
    return [
        _Link(link, *_zone_of(stack, link), network_of(stack, link, _NETWORK))
        for link in stack.of_type(ZONE_LINK)
    ]


def _zone_of(stack: Stack, link: Resource) -> tuple[str, str]:
    """Return what tells a link's zone apart, and the zone's name in lower case."""
    reading = link.value("privateZoneName")
    reference = stack.resolve(link, reading, ZONE)
    if reference.certain is not None:
        zone = reference.certain
        return zone.urn, _text(zone.value("privateZoneName"))
    if reference.possible or reference.anything:
        return ANY_ZONE, _text(reading)
    arm_id = parse_arm_id(reference.elsewhere)
    if arm_id is not None:
        return reference.elsewhere, arm_id.names[-1]
    group = _text(link.value("resourceGroupName"))
    return f"{group}/{reference.elsewhere}", reference.elsewhere


def _text(reading: Reading) -> str:
    if isinstance(reading, Known):
        return str(reading.value).strip().rstrip(".").lower()
    return ANY_ZONE if isinstance(reading, Unknown) else ""


def _shown(reading: Reading) -> str:
    match reading:
        case Known():
            return reading.text
        case Absent():
            return "missing"
    return "not known"
