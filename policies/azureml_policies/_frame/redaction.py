"""Keeps the texts of secrets out of all that the rules say.

A value that is marked secret is never shown anyway; its text may stand unmarked
elsewhere, and a rule shows that.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from azureml_policies._frame.resources import Resource, Stack
from azureml_policies._frame.values import REDACTED

_SHORTEST_SECRET = 6
"""Shorter texts are not searched for in messages: they would match by accident. They
stay out of messages anyway, as ``Known.text`` does not show them."""


def secrets_of(subject: Resource, stack: Stack) -> tuple[str, ...]:
    """Return the texts to keep out of messages, the longest first.

    Those of all of ``stack``, or of ``subject`` where the stack is not known yet.
    """
    if stack.resources:
        return stack.once(_stack_secrets)
    return _searched(subject.secret_texts())


def redacted(message: str, secrets: tuple[str, ...]) -> str:
    """Return ``message`` with the texts of secrets replaced."""
    for text in secrets:
        message = message.replace(text, REDACTED)
    return message


def without_secrets(witness: Any, secrets: tuple[str, ...]) -> Any:
    """Return ``witness``, JSON values, with the texts of secrets replaced."""
    if isinstance(witness, str):
        return redacted(witness, secrets)
    if isinstance(witness, Mapping):
        return {
            redacted(str(key), secrets): without_secrets(value, secrets)
            for key, value in witness.items()
        }
    if isinstance(witness, list | tuple):
        return [without_secrets(value, secrets) for value in witness]
    return witness


def _stack_secrets(stack: Stack) -> tuple[str, ...]:
    return _searched(
        text for resource in stack.resources for text in resource.secret_texts()
    )


def _searched(texts: Iterable[str]) -> tuple[str, ...]:
    found = {text for text in texts if len(text) >= _SHORTEST_SECRET}
    return tuple(sorted(found, key=len, reverse=True))
