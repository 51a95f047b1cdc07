"""Plans the ExpressRoute gateway and its circuits, and says what is to be done next.

Everything that depends on several circuits is seen here: how many there are for the
gateway's size, which of them share a peering location, and which are joined.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from azureml_network._hybrid_gateway.arguments import ExpressRouteSpec
from azureml_network._hybrid_gateway.circuits import CircuitPlan, read_circuits
from azureml_network._hybrid_gateway.global_reach import GlobalReachPlan
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_rulebook.express_route import (
    FEWEST_UNITS,
    SCALABLE,
    SMALLEST,
    circuit_number_findings,
    fast_path_findings,
    fast_path_warnings,
    location_findings,
    scale_unit_findings,
    size_findings,
)
from azureml_rulebook.express_route_circuits import authorization_findings
from azureml_rulebook.global_reach import (
    Reach,
    ReachableCircuit,
    global_reach_findings,
)
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import any_resource_id


@dataclass(frozen=True, kw_only=True)
class ScaleUnits:
    """Between how many scale units a gateway moves by itself."""

    minimum: int
    maximum: int


@dataclass(frozen=True, kw_only=True)
class ExpressRoutePlan:
    """An ExpressRoute gateway with its circuits."""

    azure_name: str
    size: str
    scale_units: ScaleUnits | None
    """None: its size has none."""
    circuits: Mapping[str, CircuitPlan]
    """In order of name."""

    @property
    def links(self) -> Ranges:
        """The ranges of all links of its circuits, each with its path."""
        return tuple(link for plan in self.circuits.values() for link in plan.links)

    @property
    def joined_circuits(self) -> frozenset[str]:
        """Names of the new circuits that Global Reach joins, from either side."""
        return frozenset(
            name
            for key, plan in self.circuits.items()
            if plan.new is not None
            for reach in plan.new.global_reach.values()
            for name in (key, reach.peer_circuit)
            if name is not None
        )

    def warnings(self, *, resolver: bool) -> tuple[str, ...]:
        """Return what a review is told, a line for each.

        ``resolver``: whether the network has a DNS Private Resolver.
        """
        lines: list[str] = []
        for name, plan in self.circuits.items():
            lines += plan.warnings(name)
            if plan.fast_path:
                lines += fast_path_warnings(
                    path=f"{plan.path}.fast_path", resolver=resolver
                )
        return tuple(lines)


def read_express_route(reader: InputReader, name: str) -> ExpressRoutePlan | None:
    """Read ``express_route`` of the component called ``name``; None if it is left out.

    The ranges of its links are in the plan, to be compared with every other range.
    """
    if not reader.has("express_route"):
        return None
    spec = reader.nested("express_route", ExpressRouteSpec)
    size, units = _size(spec)
    azure_name = f"{name}-ergw"
    spec.findings += name_findings("express_route_gateway", azure_name, path=spec.path)
    circuits = read_circuits(spec, name)
    _check_circuits(spec, size, units, circuits)
    _check_authorizations(spec, circuits, reader.optional_input("network_id"))
    return ExpressRoutePlan(
        azure_name=azure_name, size=size, scale_units=units, circuits=circuits
    )


def _size(spec: InputReader) -> tuple[str, ScaleUnits | None]:
    """Read the gateway's size and scale units; a faulty size is read as the default."""
    size = spec.text("size", SMALLEST) or SMALLEST
    given = (
        spec.optional_integer("minimum_scale_units"),
        spec.optional_integer("maximum_scale_units"),
    )
    faults = size_findings(size, path=f"{spec.path}.size")
    spec.findings += faults
    if faults:
        return SMALLEST, None
    spec.findings += scale_unit_findings(size, *given, path=spec.path)
    if size != SCALABLE:
        return size, None
    minimum = FEWEST_UNITS if given[0] is None else given[0]
    return size, ScaleUnits(
        minimum=minimum, maximum=minimum if given[1] is None else given[1]
    )


def _check_circuits(
    spec: InputReader,
    size: str,
    scale_units: ScaleUnits | None,
    circuits: Mapping[str, CircuitPlan],
) -> None:
    """Note what is wrong with the circuits together, and with them on this gateway."""
    units = FEWEST_UNITS if scale_units is None else scale_units.minimum
    spec.findings += circuit_number_findings(
        size, units, len(circuits), path=f"{spec.path}.circuits"
    )
    spec.findings += location_findings(
        [
            (f"{plan.path}.peering_location", plan.new.peering_location)
            for plan in circuits.values()
            if plan.new is not None and plan.new.peering_location
        ]
    )
    for plan in circuits.values():
        if plan.fast_path:
            spec.findings += fast_path_findings(
                size, units, path=f"{plan.path}.fast_path"
            )
    spec.findings += global_reach_findings(
        _reaches(circuits),
        {name: _reachable(plan) for name, plan in circuits.items()},
    )


def _reaches(circuits: Mapping[str, CircuitPlan]) -> list[Reach]:
    return [
        Reach(
            path=reach.path,
            circuit=name,
            peer=reach.peer_circuit or "",
            peer_id=reach.peer_circuit_id
            if isinstance(reach.peer_circuit_id, str)
            else "",
            has_key=reach.authorization_key is not None,
        )
        for name, plan in circuits.items()
        if plan.new is not None
        for reach in plan.new.global_reach.values()
    ]


def _reachable(plan: CircuitPlan) -> ReachableCircuit:
    if plan.new is None:
        existing = plan.existing_id if isinstance(plan.existing_id, str) else ""
        return ReachableCircuit(path=plan.path, resource_id=existing)
    return ReachableCircuit(
        path=plan.path,
        tier=plan.new.tier,
        peering_location=plan.new.peering_location,
        provisioned=plan.connect,
    )


def _check_authorizations(
    spec: InputReader, circuits: Mapping[str, CircuitPlan], network_id: object
) -> None:
    """Note circuits of other subscriptions than the network's without their key."""
    network = any_resource_id(network_id) if isinstance(network_id, str) else None
    if network is None:
        return
    # A key in plain text is refused, and so not in the plan.
    noted = {item.path for item in spec.findings}
    for plan in circuits.values():
        reaches = () if plan.new is None else plan.new.global_reach.values()
        named = [
            (plan.path, plan.existing_id, plan.authorization_key),
            *(
                (reach.path, _peer_id(reach, circuits), reach.authorization_key)
                for reach in reaches
            ),
        ]
        for path, circuit_id, key in named:
            if f"{path}.authorization_key" not in noted:
                spec.findings += authorization_findings(
                    circuit_id,
                    network.subscription_id,
                    has_key=key is not None,
                    path=path,
                )


def _peer_id(reach: GlobalReachPlan, circuits: Mapping[str, CircuitPlan]) -> object:
    """Return the id of the other circuit, where that exists already."""
    if reach.peer_circuit is None:
        return reach.peer_circuit_id
    peer = circuits.get(reach.peer_circuit)
    return None if peer is None else peer.existing_id
