"""Reads ExpressRoute circuits: made here and connected in two steps, or brought by id.

A provider needs days to provision a new circuit, and Azure refuses everything that is
to carry traffic until then. So a new circuit is not connected unless its inputs say so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input, Output

from azureml_network._hybrid_gateway.arguments import (
    CircuitBilling,
    CircuitSpec,
    CircuitTier,
    PrivatePeeringSpec,
)
from azureml_network._hybrid_gateway.checked_secrets import checked_secret
from azureml_network._hybrid_gateway.circuit_inputs import (
    checked_authorization_key,
    checked_integer,
    checked_link,
    checked_text,
)
from azureml_network._hybrid_gateway.global_reach import (
    GlobalReachPlan,
    read_global_reach,
)
from azureml_network._hybrid_gateway.parts import Ranges
from azureml_network._inputs import InputReader
from azureml_rulebook.express_route import weight_findings
from azureml_rulebook.express_route_circuits import (
    LINK_LENGTH,
    bandwidth_findings,
    billing_findings,
    peer_as_number_findings,
    peering_location_findings,
    provider_findings,
    shared_key_findings,
    unconnected_warning,
    unprovisioned_finding,
    vlan_findings,
)
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.resource_ids import EXPRESS_ROUTE_CIRCUIT

_OF_A_NEW_CIRCUIT = (
    "provider",
    "peering_location",
    "bandwidth_megabits",
    "tier",
    "billing",
)
_ONCE_PROVISIONED = {
    "private_peering": "a peering",
    "global_reach": "Global Reach",
}
_OF_ITS_OWNER = (*_OF_A_NEW_CIRCUIT, *_ONCE_PROVISIONED)


@dataclass(frozen=True, kw_only=True)
class PrivatePeeringPlan:
    """The routing between a circuit and the on-premises side."""

    vlan_id: int
    peer_as_number: int
    primary_prefix: str
    secondary_prefix: str
    links: Ranges
    """Both prefixes, each with its path."""
    shared_key: Output[str] | None
    """MD5 key of the BGP sessions, secret and checked; None: none."""


@dataclass(frozen=True, kw_only=True)
class NewCircuitPlan:
    """A circuit that is made here."""

    azure_name: str
    provider: str
    peering_location: str
    bandwidth_megabits: int
    tier: CircuitTier
    billing: CircuitBilling
    private_peering: PrivatePeeringPlan | None
    """None: the provider does the routing, or it is not connected yet."""
    global_reach: Mapping[str, GlobalReachPlan]
    """In order of name."""


@dataclass(frozen=True, kw_only=True)
class CircuitPlan:
    """A circuit of the gateway; one of ``new`` and ``existing_id`` is there."""

    path: str
    connection_name: str
    """Of its connection with the gateway, in Pulumi and in Azure."""
    new: NewCircuitPlan | None
    existing_id: Input[str] | None
    authorization_key: Output[str] | None
    """Of a circuit in another subscription, secret and checked."""
    connect: bool
    routing_weight: int
    fast_path: bool

    @property
    def links(self) -> Ranges:
        """The ranges of its links, each with its path."""
        if self.new is None:
            return ()
        peering = self.new.private_peering
        return (
            *(() if peering is None else peering.links),
            *(item for reach in self.new.global_reach.values() for item in reach.links),
        )

    def warnings(self, name: str) -> tuple[str, ...]:
        """Return what is to be done with the circuit called ``name``."""
        if self.new is None or self.connect:
            return ()
        return (
            unconnected_warning(name, self.new.provider, path=f"{self.path}.connect"),
        )


def read_circuits(reader: InputReader, name: str) -> dict[str, CircuitPlan]:
    """Read the circuits of the component called ``name``, in order of their names."""
    readers = sorted(reader.each_optional("circuits", CircuitSpec).items())
    plans = {key: _circuit(spec, name, key) for key, spec in readers}
    reader.findings += _same_circuit_findings(plans)
    return plans


def _circuit(spec: InputReader, name: str, key: str) -> CircuitPlan:
    existing = spec.has("existing_id")
    connect = spec.flag("connect", existing)
    if existing:
        _note_what_its_owner_sets(spec)
    elif spec.has("authorization_key"):
        spec.note(
            "authorization_key",
            "belongs to a circuit that exists already; leave it out, or give "
            "existing_id too",
        )
    connection_name = f"{name}-{key}-erc-con"
    spec.findings += name_findings(
        "express_route_connection", connection_name, path=spec.path
    )
    weight = spec.integer("routing_weight", 0)
    spec.findings += weight_findings(weight, path=joined(spec.path, "routing_weight"))
    return CircuitPlan(
        path=spec.path,
        connection_name=connection_name,
        new=None if existing else _new_circuit(spec, name, key, connect=connect),
        existing_id=spec.resource_id("existing_id", EXPRESS_ROUTE_CIRCUIT),
        authorization_key=checked_authorization_key(spec),
        connect=connect,
        routing_weight=weight,
        fast_path=spec.flag("fast_path", False),
    )


def _note_what_its_owner_sets(spec: InputReader) -> None:
    for key in _OF_ITS_OWNER:
        if spec.has(key) and not spec.is_empty(key):
            spec.note(
                key,
                "belongs to the circuit, which existing_id says exists already; leave "
                "it out, its owner sets it",
            )


def _note_what_comes_later(spec: InputReader) -> None:
    for key, what in _ONCE_PROVISIONED.items():
        if spec.has(key) and not spec.is_empty(key):
            spec.findings.append(
                unprovisioned_finding(what, path=joined(spec.path, key))
            )


def _new_circuit(
    spec: InputReader, name: str, key: str, *, connect: bool
) -> NewCircuitPlan:
    tier = spec.choice("tier", CircuitTier.STANDARD)
    billing = spec.choice("billing", CircuitBilling.METERED)
    spec.findings += billing_findings(tier, billing, path=spec.path)
    if not connect:
        _note_what_comes_later(spec)
    return NewCircuitPlan(
        azure_name=f"{name}-{key}-erc",
        provider=checked_text(spec, "provider", provider_findings),
        peering_location=checked_text(
            spec, "peering_location", peering_location_findings
        ),
        bandwidth_megabits=checked_integer(
            spec, "bandwidth_megabits", bandwidth_findings
        ),
        tier=tier,
        billing=billing,
        private_peering=_private_peering(spec),
        global_reach=read_global_reach(spec),
    )


def _private_peering(circuit: InputReader) -> PrivatePeeringPlan | None:
    if not circuit.has("private_peering"):
        return None
    spec = circuit.nested("private_peering", PrivatePeeringSpec)
    links = {
        key: checked_link(spec, key, LINK_LENGTH)
        for key in ("primary_prefix", "secondary_prefix")
    }
    prefixes = {
        key: "" if link is None else str(link[1]) for key, link in links.items()
    }
    return PrivatePeeringPlan(
        vlan_id=checked_integer(spec, "vlan_id", vlan_findings),
        peer_as_number=checked_integer(spec, "peer_as_number", peer_as_number_findings),
        **prefixes,
        links=tuple(link for link in links.values() if link is not None),
        shared_key=checked_secret(spec, "shared_key", shared_key_findings),
    )


def _same_circuit_findings(plans: Mapping[str, CircuitPlan]) -> list[Finding]:
    """Find circuits that are brought twice, or differ in the case of their names."""
    findings = same_name_findings(
        "express_route_connection",
        [(plan.path, plan.connection_name) for plan in plans.values()],
    )
    first: dict[str, str] = {}
    for plan in plans.values():
        path = joined(plan.path, "existing_id")
        if not isinstance(plan.existing_id, str):
            continue
        other = first.setdefault(plan.existing_id.lower(), path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{plan.existing_id}' is {other} too; a circuit is connected "
                    "once, give another one or leave this out",
                )
            )
    return findings
