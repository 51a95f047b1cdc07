"""Reads Global Reach: connections of one ExpressRoute circuit with others."""

from dataclasses import dataclass

from pulumi import Input, Output

from azureml_network._hybrid_gateway.arguments import GlobalReachSpec
from azureml_network._hybrid_gateway.circuit_inputs import (
    checked_authorization_key,
    checked_link,
)
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_rulebook.express_route_circuits import GLOBAL_REACH_LENGTH
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import EXPRESS_ROUTE_CIRCUIT


@dataclass(frozen=True, kw_only=True)
class GlobalReachPlan:
    """One connection of a circuit with another; one of its two peers is there."""

    path: str
    peer_circuit: str | None
    """Name of the other circuit among those of the gateway."""
    peer_circuit_id: Input[str] | None
    address_prefix: str
    links: Ranges
    """The same as a range, with its path."""
    authorization_key: Output[str] | None
    """Of a peer in another subscription, secret and checked."""


def read_global_reach(circuit: InputReader) -> dict[str, GlobalReachPlan]:
    """Read the connections of one circuit, in order of their names.

    Whether the peers exist and can be joined is seen where all circuits are known.
    """
    readers = sorted(circuit.each_optional("global_reach", GlobalReachSpec).items())
    return {key: _connection(spec, key) for key, spec in readers}


def _connection(spec: InputReader, key: str) -> GlobalReachPlan:
    spec.findings += name_findings("global_reach_connection", key, path=spec.path)
    link = checked_link(spec, "address_prefix", GLOBAL_REACH_LENGTH)
    has_name, has_id = spec.has("peer_circuit"), spec.has("peer_circuit_id")
    if not has_name and not has_id:
        spec.note_missing(
            "",
            "names no other circuit; give peer_circuit for one of these circuits, or "
            "peer_circuit_id for another",
        )
    elif has_name and has_id:
        spec.note(
            "peer_circuit_id", "is given together with peer_circuit; leave one out"
        )
    return GlobalReachPlan(
        path=spec.path,
        peer_circuit=spec.optional_text("peer_circuit"),
        peer_circuit_id=spec.resource_id("peer_circuit_id", EXPRESS_ROUTE_CIRCUIT),
        address_prefix="" if link is None else str(link[1]),
        links=() if link is None else (link,),
        authorization_key=checked_authorization_key(spec),
    )
