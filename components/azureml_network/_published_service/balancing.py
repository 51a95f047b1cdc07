"""Health probes, and what is passed on to machines that answer them."""

from collections.abc import Iterable
from dataclasses import dataclass

from azureml_network._inputs import InputReader
from azureml_network._published_service.arguments import (
    Distribution,
    ProbeProtocol,
    TransportProtocol,
)
from azureml_rulebook.load_balancers import (
    EVERY_PORT,
    IDLE_MINUTES,
    PORT,
    PROBE_INTERVAL,
    PROBE_THRESHOLD,
    Balancing,
    floating_findings,
    number_findings,
    probe_path_findings,
    transport_findings,
)
from azureml_rulebook.spelling import suggestion


@dataclass(frozen=True, kw_only=True)
class ProbePlan:
    """How it is known whether a machine is well."""

    protocol: ProbeProtocol
    port: int
    path: str | None
    interval_seconds: int
    threshold: int


@dataclass(frozen=True, kw_only=True)
class RulePlan:
    """What is passed on from an address to machines."""

    balancing: Balancing
    probe: str
    idle_minutes: int | None
    """None with Udp, which Azure times by itself."""
    tcp_reset: bool
    distribution: Distribution


def read_probe(spec: InputReader) -> ProbePlan:
    """Read one health probe."""
    if not spec.has("protocol"):
        spec.note_missing("protocol", "is required and not set; use Tcp, Http or Https")
    protocol = spec.choice("protocol", ProbeProtocol.TCP)
    path = spec.optional_text("path")
    spec.findings += probe_path_findings(
        path,
        asks_path=protocol is not ProbeProtocol.TCP,
        path=f"{spec.path}.path",
    )
    port = _port(spec, "port", required=True)
    interval = spec.integer("interval_seconds", PROBE_INTERVAL.least)
    threshold = spec.integer("threshold", 2)
    spec.findings += number_findings(
        interval, PROBE_INTERVAL, path=f"{spec.path}.interval_seconds"
    )
    spec.findings += number_findings(
        threshold, PROBE_THRESHOLD, path=f"{spec.path}.threshold"
    )
    return ProbePlan(
        protocol=protocol,
        port=port or PORT.least,
        path=path,
        interval_seconds=interval,
        threshold=threshold,
    )


def read_rule(
    name: str,
    spec: InputReader,
    frontends: Iterable[str],
    pools: Iterable[str],
    probes: Iterable[str],
    *,
    private_link: bool,
) -> RulePlan:
    """Read the rule called ``name``, which names other parts by the given names.

    ``private_link``: whether a Private Link service is before the load balancer.
    """
    protocol = spec.choice("protocol", TransportProtocol.TCP)
    port, backend_port = _ports(spec, protocol)
    idle = spec.optional_integer("idle_minutes")
    if idle is not None:
        spec.findings += number_findings(
            idle, IDLE_MINUTES, path=f"{spec.path}.idle_minutes"
        )
    tcp_reset = spec.flag("tcp_reset", protocol is not TransportProtocol.UDP)
    spec.findings += transport_findings(
        protocol.value,
        tcp_reset=tcp_reset if spec.has("tcp_reset") else None,
        idle_minutes=idle,
        path=spec.path,
    )
    floating = spec.flag("floating_address", False)
    spec.findings += floating_findings(
        floating=floating,
        private_link=private_link,
        path=f"{spec.path}.floating_address",
    )
    of_tcp = IDLE_MINUTES.least if idle is None else idle
    return RulePlan(
        balancing=Balancing(
            name=name,
            frontend=_named(spec, "frontend", frontends),
            pool=_named(spec, "backend_pool", pools),
            protocol=protocol.value,
            port=port,
            backend_port=backend_port,
            floating=floating,
        ),
        probe=_named(spec, "probe", probes, required=True),
        idle_minutes=None if protocol is TransportProtocol.UDP else of_tcp,
        tcp_reset=tcp_reset,
        distribution=spec.choice("distribution", Distribution.DEFAULT),
    )


def _port(spec: InputReader, key: str, *, required: bool) -> int | None:
    """Read a port; None if it is not given or no port."""
    if required and not spec.has(key):
        spec.note_missing(key)
    port = spec.optional_integer(key)
    if port is None:
        return None
    faults = number_findings(port, PORT, path=f"{spec.path}.{key}")
    spec.findings += faults
    return None if faults else port


def _ports(spec: InputReader, protocol: TransportProtocol) -> tuple[int, int]:
    """Return the ports of both ends, which a rule for every port does not name."""
    if protocol is TransportProtocol.ALL:
        for key in ("port", "backend_port"):
            if spec.has(key):
                spec.note(
                    key,
                    "cannot be used with 'All', which takes every port; leave it out",
                )
        return EVERY_PORT, EVERY_PORT
    port = _port(spec, "port", required=True) or EVERY_PORT
    return port, _port(spec, "backend_port", required=False) or port


def _named(
    spec: InputReader, key: str, names: Iterable[str], *, required: bool = False
) -> str:
    """Read the name of another part; without ``required`` the only one by default.

    Where there are none at all, that is told already.
    """
    known = list(names)
    given = spec.text(key) if required else spec.optional_text(key)
    if given is None:
        if len(known) == 1:
            return known[0]
        spec.note_missing(
            key, f"is required where there are several; one of: {', '.join(known)}"
        )
        return ""
    if given in known:
        return given
    if given and known:
        spec.note(key, f"'{given}' is not there; {suggestion(given, known)}")
    return ""
