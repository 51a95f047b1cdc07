"""Keeps secrets, and what is worked out from them, out of all that the rules say.

A value that is marked secret is never shown anyway. Its text may stand unmarked
elsewhere, parts of it are names, and rules about packets show addresses and ports that
come from ranges: none of these leaves the pack either.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from ipaddress import ip_network
from typing import Any

from azureml_policies._frame.arm_ids import parse_arm_id
from azureml_policies._frame.resources import Resource, Stack
from azureml_policies._frame.values import REDACTED
from azureml_reachability.addresses import ALL_ADDRESSES, AddressSet, position_of
from azureml_reachability.ports import ALL_PORTS, PORTS, PortSet
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.service_tags import published_tags

_SHORTEST_ANYWHERE = 6
"""Shorter texts count as whole words only: they would match by accident."""
_SHORTEST_WORD = 3
"""Still shorter ones count between quotes only."""
_BESIDE = 8
"""How far from a range's ends addresses tell where it ends: witnesses are taken from
the first addresses of what a deny leaves over."""
_WORD = r"(?<![\w]){}(?![\w])"
_QUOTED = r"(?<=['\"]){}(?=['\"])"
_IPV4 = r"\d{1,3}(?:\.\d{1,3}){3}"
_IPV6 = rf"(?:[0-9a-f]{{0,4}}:){{2,7}}(?:{_IPV4}|[0-9a-f]{{0,4}})"
_ADDRESS = re.compile(
    rf"(?<![\w:.])(?:{_IPV6}|{_IPV4})(?:/\d{{1,3}})?(?!\w|\.\d)", re.I | re.A
)
# Positions in lists, as in `securityRules[2]`, are no values.
_NUMBER = re.compile(r"(?<![\w.])(?<!\w\[)\d+(?!\.?\w)", re.A)
_PORTS = re.compile(r"\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*", re.A)
_JUDGED_ONE_BY_ONE = frozenset({"network:networksecuritygroup"})
"""Types of which no rule compares resources: what one has, says nothing of another."""
_ANYTHING = frozenset({"*", "any"})
_EVERYTHING = re.compile(r"[\d.:]+/0")


class Secrets:
    """What must not be shown, worked out from the secret values of some resources."""

    def __init__(
        self, values: Iterable[str | float], near: Iterable[str | float] | None = None
    ) -> None:
        """Take the values of all resources, and those near to what is judged.

        Pulumi makes all of a property secret for one secret in it: a list of rules with
        its stars, ports and words. What these stand for is kept out of messages about
        the resource that has them, and not out of all that is said of others.
        """
        self._values = frozenset(values)
        self._near = self._values if near is None else frozenset(near)
        self._texts = frozenset(
            part
            for value in self._values
            for part in _parts(value)
            if len(part) >= _SHORTEST_ANYWHERE or value in self._near
            # Addresses are found as such, however many there are.
            if _ADDRESS.fullmatch(part) is None or _ends(part) is None
        )

    def hidden(self, message: str, *, numbers: bool = True) -> str:
        """Return a message without them.

        Args:
            message: what a rule says.
            numbers: whether whole numbers may be ports.
        """
        if not self._values:
            return message
        lowered = message.lower()
        found = [text for text in self._texts if text in lowered]
        if found:
            longest_first = sorted(found, key=len, reverse=True)
            pattern = "|".join(map(_pattern, longest_first))
            message = re.sub(pattern, REDACTED, message, flags=re.I)
        if self._addresses:
            message = _ADDRESS.sub(self._address, message)
        if numbers and (self._numbers or self._ports):
            message = _NUMBER.sub(self._number, message)
        return message

    def hidden_in(self, witness: Any) -> Any:
        """Return a witness, JSON values, without them."""
        if isinstance(witness, str):
            return self.hidden(witness)
        if isinstance(witness, Mapping):
            return {
                self.hidden(str(key)): self.hidden_in(value)
                for key, value in witness.items()
            }
        if isinstance(witness, list | tuple):
            return [self.hidden_in(value) for value in witness]
        if isinstance(witness, int | float) and not isinstance(witness, bool):
            return REDACTED if self._holds_number(witness) else witness
        return witness

    def _address(self, found: re.Match[str]) -> str:
        ends = _ends(found[0])
        if ends and any(self._addresses.holds(position) for position in ends):
            return REDACTED
        return found[0]

    def _number(self, found: re.Match[str]) -> str:
        return REDACTED if self._holds_number(float(found[0])) else found[0]

    def _holds_number(self, number: float) -> bool:
        if number in self._numbers:
            return True
        is_port = 0 <= number < PORTS and float(number).is_integer()
        return is_port and self._ports.holds(int(number))

    @cached_property
    def _addresses(self) -> AddressSet:
        """The addresses of ranges that are secret, and those at their ends."""
        if any(_stands_for_ranges(text) for text in _texts(self._near)):
            return ALL_ADDRESSES
        return AddressSet.of_ranges(
            (max(first - _BESIDE, 0), min(last + 1 + _BESIDE, AddressSet.line_end))
            for text in _texts(self._values)
            for token in _ADDRESS.findall(text)
            if _EVERYTHING.match(token) is None
            if (ends := _ends(token))
            for first, last in (ends,)
        )

    @cached_property
    def _ports(self) -> PortSet:
        """The ports that are secret, and those beside them."""
        if any(text.strip().lower() in _ANYTHING for text in _texts(self._near)):
            return ALL_PORTS
        return PortSet.of_ranges(
            (max(first - 1, 0), min(last + 2, PORTS))
            for text in _texts(self._near)
            for first, last in _port_ranges(text)
        )

    @cached_property
    def _numbers(self) -> frozenset[float]:
        """The numbers that are secret."""
        return frozenset(each for each in self._near if not isinstance(each, str))


def secrets_of(subject: Resource, stack: Stack) -> Secrets:
    """Return what to keep out of messages about ``subject``.

    That of all of ``stack``, or of ``subject`` where the stack is not known yet. All of
    it is near, but for other resources of types that are judged one by one.
    """
    if not stack.resources:
        return _secrets(frozenset(subject.secret_values()))
    by_type = stack.once(_secrets_by_type)
    nothing = frozenset[str | float]()
    everything = nothing.union(*by_type.values())
    if subject.key not in _JUDGED_ONE_BY_ONE:
        return _secrets(everything)
    others = (values for key, values in by_type.items() if key != subject.key)
    near = nothing.union(subject.secret_values(), *others)
    return _secrets(everything, near)


def _secrets_by_type(stack: Stack) -> dict[str, frozenset[str | float]]:
    found: dict[str, set[str | float]] = {}
    for resource in stack.resources:
        for value in resource.secret_values():
            found.setdefault(resource.key, set()).add(value)
    return {key: frozenset(values) for key, values in found.items()}


@lru_cache(maxsize=32)
def _secrets(
    values: frozenset[str | float], near: frozenset[str | float] | None = None
) -> Secrets:
    return Secrets(values, near)


def _texts(values: Iterable[str | float]) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _parts(value: str | float) -> Iterator[str]:
    """Yield a text in lower case, and the names in it where it is an Azure id."""
    if not isinstance(value, str) or not value.strip():
        return
    yield value.strip().lower()
    arm_id = parse_arm_id(value)
    if arm_id is not None:
        names = (arm_id.subscription, arm_id.resource_group, *arm_id.names)
        yield from (name.lower() for name in names if name)


def _pattern(text: str) -> str:
    if len(text) >= _SHORTEST_ANYWHERE:
        return re.escape(text)
    return (_WORD if len(text) >= _SHORTEST_WORD else _QUOTED).format(re.escape(text))


def _ends(token: str) -> tuple[int, int] | None:
    """Return the first and the last position of an address or a range."""
    try:
        network = ip_network(token, strict=False)
    except ValueError:
        return None
    return position_of(network.network_address), position_of(network.broadcast_address)


def _stands_for_ranges(text: str) -> bool:
    """Say whether a text is a service tag, or stands for all addresses."""
    plain = text.strip()
    if plain.lower() in _ANYTHING or _EVERYTHING.fullmatch(plain) is not None:
        return True
    return published_tags(PUBLIC).find(plain) is not None


def _port_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a text that is ports and nothing else."""
    plain = text.replace(" ", "")
    if _PORTS.fullmatch(plain) is None:
        return
    for part in plain.split(","):
        first, _, last = part.partition("-")
        yield int(first), int(last or first)
