"""How the inputs of circuits are read: numbers and texts, each with its check."""

from collections.abc import Callable
from ipaddress import IPv4Network

from pulumi import Output

from azureml_network._hybrid_gateway.checked_secrets import TextCheck, checked_secret
from azureml_network._inputs import InputReader
from azureml_rulebook.express_route_circuits import (
    authorization_key_findings,
    read_link,
)
from azureml_rulebook.findings import Finding, joined

NumberCheck = Callable[..., list[Finding]]
"""A check of the rulebook: it takes a number and its path."""


def checked_text(spec: InputReader, key: str, check: TextCheck) -> str:
    """Return a required text; '' after a finding."""
    text = spec.text(key)
    if text:
        spec.findings += check(text, path=joined(spec.path, key))
    return text


def checked_integer(spec: InputReader, key: str, check: NumberCheck) -> int:
    """Return a required number; 0 after a finding that it is missing."""
    number = spec.optional_integer(key)
    if number is not None:
        spec.findings += check(number, path=joined(spec.path, key))
        return number
    if not spec.has(key):
        spec.note_missing(key)
    return 0


def checked_link(
    spec: InputReader, key: str, length: int
) -> tuple[str, IPv4Network] | None:
    """Return a required range of a link with its path; None after a finding."""
    text = spec.text(key)
    if not text:
        return None
    path = joined(spec.path, key)
    found = read_link(text, length, path=path)
    if isinstance(found, Finding):
        spec.findings.append(found)
        return None
    return path, found


def checked_authorization_key(spec: InputReader) -> Output[str] | None:
    """Return the key that the owner of a circuit gave; None if it was left out."""
    return checked_secret(spec, "authorization_key", authorization_key_findings)
