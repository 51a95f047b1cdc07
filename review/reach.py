"""One question about a plan's networks: who reaches whom, and which rule decides.

The plan is read as it was written, so the answer is about what a deployment would make
and not about what stands in Azure today.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from azureml_reachability.ends import ends_of
from azureml_reachability.packets import ALL_PROTOCOLS, Protocol
from azureml_reachability.place_names import (
    Place,
    PlaceKind,
    UnknownPlace,
    read_place,
)
from azureml_reachability.plan_reading import topology_of
from azureml_reachability.ports import ALL_PORTS, PortSet
from azureml_reachability.questions import Answer, Question, Verdict, answer
from azureml_reachability.topology import Topology
from azureml_rulebook.service_tags import published_tags
from azureml_rulebook.spelling import nearest, suggestion
from review.outcomes import ExitCode, Misuse
from review.plan import read_plan

_SERVICE = re.compile(r"(?P<protocol>[A-Za-z*]+)(?:/(?P<ports>[0-9*,\- ]+))?")
_ANY = ("any", "*")
_EXIT_CODES = {
    Verdict.ALLOWED: ExitCode.OK,
    Verdict.BLOCKED: ExitCode.BLOCKED,
    Verdict.UNDECIDED: ExitCode.UNDECIDED,
}


@dataclass(frozen=True)
class Reach:
    """An answer, as the command tells it."""

    verdict: str
    lines: tuple[tuple[str, str], ...]
    """Headings and texts, in order."""
    exit_code: ExitCode


def reach(plan_file: Path, source: str, destination: str, service: str) -> Reach:
    """The answer to one question about a plan.

    Raises `Misuse` for a file that is no plan, a place that is none or not in it, and a
    service that is none, naming the option and the nearest known name.
    """
    plan = read_plan(plan_file)
    protocols, ports = read_service(service)
    topology = topology_of(plan["resources"])
    question = Question(
        source=_place("--from", source, topology),
        destination=_place("--to", destination, topology),
        protocols=protocols,
        ports=ports,
    )
    found = answer(topology, question)
    return Reach(
        verdict=found.verdict,
        lines=tuple(_lines(question, service, found)),
        exit_code=_EXIT_CODES[found.verdict],
    )


def read_service(text: str) -> tuple[frozenset[Protocol], PortSet]:
    """Protocols and ports of `tcp/443`, `udp/8000-8100`, `icmp` or `any`.

    Raises `Misuse`, naming the nearest protocol.
    """
    match = _SERVICE.fullmatch(text.strip())
    known = {item.lower(): frozenset({item}) for item in Protocol}
    known |= dict.fromkeys(_ANY, ALL_PROTOCOLS)
    name = match["protocol"].lower() if match else text.partition("/")[0]
    protocols = known.get(name)
    if match is None or protocols is None:
        wanted = "give tcp/443, udp/8000-8100, icmp or any"
        close = nearest(name, known)
        hint = f"did you mean '{close}'? {wanted}" if close else wanted
        raise Misuse(f"--port: '{text}' is no service; {hint}")
    if match["ports"] is None:
        return protocols, ALL_PORTS
    if not any(protocol.has_ports for protocol in protocols):
        raise Misuse(f"--port: '{text}' has ports, and {name} has none; give {name}")
    try:
        texts = [each.strip() for each in match["ports"].split(",")]
        return protocols, PortSet.of(*texts)
    except ValueError as error:
        raise Misuse(f"--port: {error}") from error


def _place(option: str, text: str, topology: Topology) -> Place:
    try:
        place = read_place(text)
        if place.kind is PlaceKind.TAG:
            _check_tag(place, topology)
        ends_of(topology, place)
    except UnknownPlace as error:
        raise Misuse(f"{option}: {error}") from error
    return place


def _check_tag(place: Place, topology: Topology) -> None:
    """Refuse a tag that is a slip of the pen; one that is merely new is undecided."""
    tags = published_tags(topology.cloud_name)
    if tags.find(place.name) is None and nearest(place.name, tags.whole_names):
        hint = suggestion(place.name, tags.whole_names)
        raise UnknownPlace(f"'{place}' is not a service tag of the list; {hint}")


def _lines(question: Question, service: str, found: Answer) -> list[tuple[str, str]]:
    asked = f"{question.source} to {question.destination}, {service}"
    lines = [(f"{found.verdict}", asked)]
    if found.witness is not None:
        lines.append(("packet", str(found.witness)))
    else:
        lines.append(("packet", "none is possible between their addresses"))
    lines += [("hop", str(hop)) for hop in found.hops]
    lines += [("missing", str(value)) for value in found.missing]
    return lines
