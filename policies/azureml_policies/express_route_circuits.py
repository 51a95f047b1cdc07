"""Rules for ExpressRoute circuits: who else is let onto one."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Resource,
    Unknown,
    Violation,
    must_be_flag,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import assigned

CIRCUIT = "network:ExpressRouteCircuit"
CIRCUIT_CONNECTION = "network:ExpressRouteCircuitConnection"
_ADVICE = "remove it, or set globalReach in the configuration"


@resource_rule(
    id="ER001",
    name="er-no-classic",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(CIRCUIT, CIRCUIT_CONNECTION),
    settings={
        "globalReach": {
            "type": "boolean",
            "default": False,
            "description": "Circuits may be joined, so that on-premises networks reach "
            "one another through Microsoft's network",
        }
    },
    controls=(assigned("NS-1"),),
    remedy={"allowClassicOperations": False},
    remedied_types=(CIRCUIT,),
    steps="Leave allowClassicOperations and globalReachEnabled out, and connections "
    "between circuits, or set globalReach in this environment's configuration.",
    url="https://learn.microsoft.com/azure/expressroute/expressroute-global-reach",
    bad={"circuitName": "amsterdam", "allowClassicOperations": True},
    good={"circuitName": "amsterdam", "allowClassicOperations": False},
)
def circuit_is_closed(subject: Resource, context: Context) -> Iterator[Finding]:
    """An ExpressRoute circuit takes no classic networks, and joins no other circuit."""
    joined = context.settings["globalReach"]
    if subject.key == CIRCUIT_CONNECTION.lower():
        if not joined:
            yield Violation("", f"it joins two circuits (Global Reach); {_ADVICE}")
        return
    yield from must_be_flag(subject, "allowClassicOperations", False)
    if joined:
        return
    yield from must_be_flag(subject, "globalReachEnabled", False)
    peerings = subject.value("peerings")
    if isinstance(peerings, Unknown):
        yield undecided(peerings, "no peering may join another circuit")
        return
    for peering in peerings.elements():
        connections = peering.at("connections")
        if isinstance(connections, Unknown):
            yield undecided(connections, "it must not join another circuit")
        elif connections.elements():
            yield Violation(
                connections.path,
                f"{connections.path} joins other circuits (Global Reach); {_ADVICE}",
            )
