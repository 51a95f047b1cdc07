"""Subnets and networks of a plan, in both shapes, and what lives in them.

A subnet is a resource of its own or stands in its network's list. Rules ask both the
same questions here, and get paths that lead to the value in either shape.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network, ip_network

from azureml_policies._frame import (
    Absent,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Reference,
    Resource,
    Stack,
    Unknown,
    Violation,
    parse_arm_id,
    undecided,
)
from azureml_policies._plan import NETWORK, SUBNET

Range = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class PlannedSubnet:
    """A subnet of a plan."""

    resource: Resource
    """The subnet itself, or the network that it stands in."""
    inline: Reading | None = None
    """Its element of the network's list."""

    @property
    def path(self) -> str:
        """Where it stands in its resource: ``subnets[2]``; empty for its own."""
        return "" if self.inline is None else self.inline.path

    @property
    def name(self) -> Reading:
        """Its Azure name."""
        if self.inline is not None:
            return self.inline.at("name")
        name = self.resource.value("subnetName")
        return self.resource.value("name") if isinstance(name, Absent) else name

    @property
    def label(self) -> str:
        """How messages call it."""
        name = self.name
        if isinstance(name, Known):
            return f"subnet {name.text}"
        return f"subnet '{self.path or self.resource.name}'"

    def value(self, path: str) -> Reading:
        """Return the reading of a dotted property path of the subnet."""
        if self.inline is None:
            return self.resource.value(path)
        return self.inline.at(path)

    def is_called(self, names: Iterable[str]) -> bool | None:
        """Say whether its name is one of ``names`` (in any case); None: not known."""
        if isinstance(self.name, Unknown):
            return None
        return isinstance(self.name, Known) and self.name.is_any_of(tuple(names))

    def placed(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Yield findings of the subnet with paths that start at its resource."""
        for finding in findings:
            if self.path and not finding.path.startswith(self.path):
                finding = replace(
                    finding,
                    path=f"{self.path}.{finding.path}",
                    message=f"{self.path}.{finding.message}",
                )
            yield finding

    @property
    def ranges(self) -> "Ranges":
        """Its address ranges."""
        return ranges_in(self.value("addressPrefix"), self.value("addressPrefixes"))


def subnets_of(resource: Resource) -> Iterator[PlannedSubnet]:
    """Yield a stand-alone subnet, or those in a network's list, of which one may be
    all that is known of a list that is not."""
    if resource.key == SUBNET.lower():
        yield PlannedSubnet(resource)
        return
    listed = resource.value("subnets")
    elements = [listed] if isinstance(listed, Unknown) else listed.elements()
    for element in elements:
        yield PlannedSubnet(resource, element)


def each_subnet(
    resource: Resource, judge: Callable[[PlannedSubnet], Iterable[Finding]]
) -> Iterator[Finding]:
    """Yield what ``judge`` says of a subnet, or of each in a network's list."""
    subnets = list(subnets_of(resource))
    if not subnets:
        raise NotApplicable("a network without a list of subnets")
    for subnet in subnets:
        yield from subnet.placed(judge(subnet))


def unless_called(
    subnet: PlannedSubnet, names: Iterable[str], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield findings, unless the subnet has one of these names."""
    called = subnet.is_called(names)
    if called is None:
        for finding in findings:
            yield undecided(subnet.name, f"unless it is exempt, {finding.message}")
    elif not called:
        yield from findings


def if_called(
    subnet: PlannedSubnet, names: Iterable[str], findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield findings if the subnet has one of these names."""
    called = subnet.is_called(names)
    for finding in findings if called is not False else ():
        if called:
            yield finding
        else:
            listed = " or ".join(f"'{name}'" for name in names)
            yield undecided(subnet.name, f"if it is {listed}, {finding.message}")


@dataclass(frozen=True, slots=True)
class Ranges:
    """The address ranges that some properties hold."""

    known: tuple[tuple[str, Range], ...] = ()
    """Each with its path."""
    unknown: tuple[Unknown, ...] = ()
    faults: tuple[Violation, ...] = ()
    """Texts that are no ranges."""

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.known or self.unknown or self.faults)

    def unread(self, wanted: str) -> Iterator[Finding]:
        """Yield what stands in the way of judging all of them."""
        yield from self.faults
        for each in self.unknown:
            yield undecided(each, wanted)

    @property
    def ipv4(self) -> list[tuple[str, IPv4Network]]:
        """Those of IPv4, each with its path."""
        return [
            (path, each) for path, each in self.known if isinstance(each, IPv4Network)
        ]


def ranges_in(*readings: Reading) -> Ranges:
    """Return the ranges that properties hold: one, or a list."""
    known: list[tuple[str, Range]] = []
    unknown: list[Unknown] = []
    faults: list[Violation] = []
    for each in _single(readings):
        match each:
            case Unknown():
                unknown.append(each)
            case Known(is_blank=False):
                found = _range(each)
                if found is None:
                    message = (
                        f"{each.path} is {each.text}, which is no address range; write "
                        "one like '10.20.0.0/22'"
                    )
                    faults.append(Violation(each.path, message))
                else:
                    known.append((each.path, found))
    return Ranges(tuple(known), tuple(unknown), tuple(faults))


def network_ranges(network: Resource) -> Ranges:
    """Return the address space of a network."""
    return ranges_in(network.value("addressSpace.addressPrefixes"))


def _single(readings: Iterable[Reading]) -> Iterator[Reading]:
    for reading in readings:
        if isinstance(reading, Known) and isinstance(reading.value, list):
            yield from reading.elements()
        else:
            yield reading


def _range(reading: Known) -> Range | None:
    if not isinstance(reading.value, str):
        return None
    try:
        return ip_network(reading.value.strip(), strict=False)
    except ValueError:
        return None


class Residents:
    """Resources by the subnet that they live in."""

    def __init__(self, stack: Stack, type_name: str, path: str) -> None:
        """``path``: the property of ``type_name`` that holds the subnet's id."""
        self._certain: dict[tuple[str, str], list[Resource]] = defaultdict(list)
        self._open: list[Reference] = []
        self._by_network: dict[str, list[tuple[Resource, Reading]]] = defaultdict(list)
        for resource in stack.of_type(type_name):
            reading = resource.value(path)
            reference = stack.resolve(resource, reading, SUBNET, NETWORK)
            found = reference.certain
            if found is None and reference.elsewhere:
                self._add_by_id(stack, resource, reading, reference.elsewhere)
            elif found is None:
                self._open.append(reference)
            elif found.key == SUBNET.lower():
                self._certain[found.urn, ""].append(resource)
            else:
                self._by_network[found.urn].append((resource, reading))

    def _add_by_id(
        self, stack: Stack, resource: Resource, reading: Reading, text: str
    ) -> None:
        arm_id = parse_arm_id(text)
        if arm_id is None or arm_id.parent is None:
            return
        parent_id = Known(reading.path, text.rpartition("/subnets/")[0])
        network = stack.resolve(resource, parent_id, NETWORK).certain
        if network is not None:
            self._certain[network.urn, arm_id.names[-1]].append(resource)

    def of(self, subnet: PlannedSubnet) -> tuple[list[Resource], list[Reading]]:
        """Return what lives in a subnet, and the values that may lead to it too."""
        urn = subnet.resource.urn
        open_values = [
            reference.reading
            for reference in self._open
            if reference.may_be(subnet.resource)
        ]
        if subnet.inline is None:
            return self._certain.get((urn, ""), []), open_values
        name = subnet.name
        text = str(name.value).lower() if isinstance(name, Known) else ""
        certain = list(self._certain.get((urn, text), ()))
        by_network = self._by_network.get(urn, ())
        # An edge leads to the network alone, whichever of its subnets is meant.
        if by_network and len(list(subnets_of(subnet.resource))) == 1:
            certain += [resource for resource, _ in by_network]
        else:
            open_values += [reading for _, reading in by_network]
        return certain, open_values
