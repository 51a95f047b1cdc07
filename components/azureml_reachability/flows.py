"""Everything that a place reaches, and everything that reaches it."""

from collections.abc import Iterable
from dataclasses import dataclass

from azureml_reachability.end_values import EndKind
from azureml_reachability.ends import ends_of
from azureml_reachability.place_names import (
    INTERNET,
    ON_PREMISES,
    VPN_CLIENTS,
    Place,
    endpoint,
    network,
    subnet,
)
from azureml_reachability.questions import Answer, Question, answer
from azureml_reachability.topology import Topology


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What gets from one place to another."""

    source: Place
    destination: Place
    answer: Answer
    """About all services: ``certain`` and ``possible`` are the packets."""


def reachable_from(topology: Topology, place: Place) -> tuple[Flow, ...]:
    """Return what a place reaches or may reach: a flow for each place that it does.

    Raises:
        UnknownPlace: the place is not in the topology.
    """
    return _flows(topology, ((place, other) for other in all_places(topology)))


def reaching(topology: Topology, place: Place) -> tuple[Flow, ...]:
    """Return who reaches a place or may reach it: a flow for each place that does.

    Raises as ``reachable_from``.
    """
    return _flows(topology, ((other, place) for other in all_places(topology)))


def all_places(topology: Topology) -> tuple[Place, ...]:
    """Return the places of a topology: those outside, then subnets and endpoints."""
    sites = any(gateway.has_sites for gateway in topology.gateways)
    clients = any(gateway.has_clients for gateway in topology.gateways)
    return (
        INTERNET,
        *((ON_PREMISES,) if sites else ()),
        *((VPN_CLIENTS,) if clients else ()),
        *(network(each.name) for each in topology.networks if not each.in_plan),
        *(subnet(each.qualified_name) for each in topology.subnets),
        *(endpoint(each.name) for each in topology.endpoints),
    )


def _flows(
    topology: Topology, pairs: Iterable[tuple[Place, Place]]
) -> tuple[Flow, ...]:
    flows: list[Flow] = []
    for source, destination in pairs:
        if is_outside(topology, source) and is_outside(topology, destination):
            continue
        question = Question(source=source, destination=destination)
        found = answer(topology, question)
        if found.possible:
            flows.append(Flow(source=source, destination=destination, answer=found))
    return tuple(flows)


def is_outside(topology: Topology, place: Place) -> bool:
    """Return whether no network of the plan has it: what is between two such places
    is not the plan's to decide."""
    inside = (EndKind.INSIDE, EndKind.ENDPOINT)
    return all(end.kind not in inside for end in ends_of(topology, place))
