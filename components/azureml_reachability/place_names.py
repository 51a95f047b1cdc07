"""Places that questions are about, as people write them: ``subnet:training``."""

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_network

from azureml_rulebook.spelling import nearest, suggestion


class PlaceKind(StrEnum):
    """What kind of place; the word before the colon, or the whole place."""

    INTERNET = "internet"
    ON_PREMISES = "on-premises"
    VPN_CLIENTS = "vpn-clients"
    SUBNET = "subnet"
    ENDPOINT = "endpoint"
    MACHINE = "machine"
    NETWORK = "network"
    TAG = "tag"
    ADDRESSES = "addresses"
    """A range or an address, written as it is."""


WHOLE = (PlaceKind.INTERNET, PlaceKind.ON_PREMISES, PlaceKind.VPN_CLIENTS)
"""Places that have no name."""
NAMED = (
    PlaceKind.SUBNET,
    PlaceKind.ENDPOINT,
    PlaceKind.MACHINE,
    PlaceKind.NETWORK,
    PlaceKind.TAG,
)
"""Places that are written with a name after a colon."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place, by its kind and name."""

    kind: PlaceKind
    name: str = ""
    """Of the subnet, endpoint, machine, network or service tag; a range."""

    def __str__(self) -> str:
        """Return it as ``read_place`` takes it."""
        if self.kind is PlaceKind.ADDRESSES:
            return self.name
        return f"{self.kind}:{self.name}" if self.name else f"{self.kind}"


INTERNET = Place(PlaceKind.INTERNET)
ON_PREMISES = Place(PlaceKind.ON_PREMISES)
VPN_CLIENTS = Place(PlaceKind.VPN_CLIENTS)


class UnknownPlace(ValueError):
    """A place that is not in the plan, or none at all; the text names the nearest."""


def subnet(name: str) -> Place:
    """Return the place of a subnet: its name, or ``network/subnet``."""
    return Place(PlaceKind.SUBNET, name)


def endpoint(name: str) -> Place:
    """Return the place of a private endpoint."""
    return Place(PlaceKind.ENDPOINT, name)


def machine(name: str) -> Place:
    """Return the place of a machine or of a network interface."""
    return Place(PlaceKind.MACHINE, name)


def network(name: str) -> Place:
    """Return the place of a whole network."""
    return Place(PlaceKind.NETWORK, name)


def tag(name: str) -> Place:
    """Return the place of a service tag's addresses."""
    return Place(PlaceKind.TAG, name)


def addresses(text: str) -> Place:
    """Return the place of an address or a range."""
    return Place(PlaceKind.ADDRESSES, text)


def read_place(text: str) -> Place:
    """Read a place as people write it.

    Raises:
        UnknownPlace: it is none; the text names the nearest form.
    """
    word, colon, name = text.strip().partition(":")
    kinds = {kind.value: kind for kind in (NAMED if colon else WHOLE)}
    kind = kinds.get(word.strip().lower())
    if kind is not None and bool(name.strip()) == bool(colon):
        return Place(kind, name.strip())
    try:
        return Place(PlaceKind.ADDRESSES, str(ip_network(text.strip(), strict=False)))
    except ValueError:
        raise UnknownPlace(f"'{text}' is no place; {_advice(word, kinds)}") from None


def _advice(word: str, kinds: dict[str, PlaceKind]) -> str:
    forms = [*WHOLE, *(f"{kind}:NAME" for kind in NAMED), "an address or range"]
    close = nearest(word, kinds)
    if close is not None:
        form = close if close in [str(kind) for kind in WHOLE] else f"{close}:NAME"
        return f"did you mean '{form}'?"
    return f"give one of {', '.join(forms)}"


def unknown_name(place: Place, known: list[str]) -> UnknownPlace:
    """Return the error for a place whose name is not in the plan."""
    if not known:
        return UnknownPlace(f"'{place}' is not in the plan, which has no {place.kind}")
    shown = known[:20]
    hint = suggestion(place.name, known if nearest(place.name, known) else shown)
    return UnknownPlace(f"'{place}' is not in the plan; {hint}")
