"""Rules for ExpressRoute circuits: who else is let onto one."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    Reading,
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
AUTHORIZATION = "network:ExpressRouteCircuitAuthorization"
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


@resource_rule(
    id="ER002",
    name="er-circuit-authorizations",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.MEDIUM,
    types=(CIRCUIT, AUTHORIZATION),
    settings={
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "description": "Names of authorizations that are meant",
        }
    },
    controls=(assigned("NS-1"),),
    steps="Take the authorization out: whoever has its key joins a network of another "
    "subscription or tenant to the circuit. List those that are meant in `allowed`.",
    url="https://learn.microsoft.com/azure/expressroute/"
    "expressroute-howto-linkvnet-portal-resource-manager",
    bad={"circuitName": "amsterdam", "authorizations": [{"name": "partner"}]},
    good={"circuitName": "amsterdam"},
)
def circuit_lets_nobody_join(subject: Resource, context: Context) -> Iterator[Finding]:
    """Nobody gets a key to join networks of his own to an ExpressRoute circuit."""
    allowed = tuple(context.settings["allowed"])
    if subject.key == AUTHORIZATION.lower():
        name = subject.value("authorizationName")
        yield from _is_meant(
            subject.value("name") if isinstance(name, Absent) else name, allowed
        )
        return
    authorizations = subject.value("authorizations")
    if isinstance(authorizations, Unknown):
        yield undecided(authorizations, "it has to hold what is meant only")
        return
    for each in authorizations.elements():
        yield from _is_meant(each.at("name"), allowed)


def _is_meant(name: Reading, allowed: tuple[str, ...]) -> Iterator[Finding]:
    if isinstance(name, Unknown) and allowed:
        yield undecided(name, f"it has to be one of {', '.join(allowed)}")
    elif not isinstance(name, Known) or not name.is_any_of(allowed):
        called = f" {name.text}" if isinstance(name, Known) else ""
        yield Violation(
            name.path,
            f"authorization{called} lets others join the circuit; take it out, or list "
            "its name in allowed",
        )
