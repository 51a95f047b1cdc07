"""What a guard lets through in one plan and not in another: the words for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from azureml_reachability.missing import Missing, distinct
from azureml_reachability.packets import NO_PACKETS, Packet, PacketSet

_SHOWN = 3


class Change(StrEnum):
    """What a change does to a guard."""

    OPENED = "opens"
    CLOSED = "closes"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedGuard:
    """A guard that lets through in one plan what it stops in the other."""

    guard: str
    """Its kind and name: ``security-group:training-nsg``."""
    change: Change
    what: str
    """What it does now, as a sentence goes on behind its name."""
    at: tuple[str, ...] = ()
    """The places where it stands, if that is told."""
    packets: PacketSet = NO_PACKETS
    """What it lets through in one plan only; nothing where it is not about packets."""
    witness: Packet | None = None
    missing: tuple[Missing, ...] = ()
    """Why it is not certain."""

    @property
    def sentence(self) -> str:
        """What it does now, and where."""
        return f"{self.what} ({listed(self.at)})" if self.at else self.what


@dataclass(frozen=True, slots=True)
class Passing:
    """What a guard lets through: surely, and in the reading that lets most through."""

    certain: PacketSet
    possible: PacketSet
    missing: tuple[Missing, ...] = ()


NOTHING = Passing(NO_PACKETS, NO_PACKETS)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one of two guards lets through and the other does not."""

    packets: PacketSet
    witness: Packet
    missing: tuple[Missing, ...] = ()


def opened(before: Passing, after: Passing) -> Gain | None:
    """Return what ``after`` lets through, or may, and ``before`` did not.

    What may have passed before and surely does now counts, too.
    """
    packets = (after.possible - before.possible) | (after.certain - before.certain)
    certain = (packets & after.certain).witness()
    if certain is not None:
        return Gain(packets, certain)
    witness = packets.witness()
    return None if witness is None else Gain(packets, witness, after.missing)


def closed(before: Passing, after: Passing) -> Gain | None:
    """Return what passed ``before``, or may have, and surely does not any more."""
    packets = before.possible - after.possible
    witness = packets.witness()
    return None if witness is None else Gain(packets, witness)


def merged(changes: Iterable[ChangedGuard]) -> list[ChangedGuard]:
    """Return the changes with those of one guard at several places as one."""
    found: dict[tuple[str, Change, str], ChangedGuard] = {}
    for each in changes:
        # The witness is another one at each place.
        words = each.what.replace(str(each.witness), "…")
        key = (each.guard, each.change, words)
        known = found.get(key)
        if known is None:
            found[key] = each
        else:
            found[key] = replace(
                known,
                at=(*known.at, *each.at),
                packets=known.packets | each.packets,
                missing=distinct((*known.missing, *each.missing)),
            )
    return list(found.values())


def listed(texts: Iterable[str]) -> str:
    """Return texts in one line, the first few of many."""
    known = list(texts)
    more = len(known) - _SHOWN
    shown = ", ".join(known[:_SHOWN])
    return f"{shown} and {more} more" if more > 0 else shown
