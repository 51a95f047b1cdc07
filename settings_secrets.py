"""Secrets in the configuration: they stay secret, and none stands in plain text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

import pulumi
from pydantic.alias_generators import to_camel

from azureml_network import OperatingSystem
from settings_form import FALLBACK_SECRETS, FORM, HYBRID_GATEWAY, JUMP_BOX
from yaml_form import SECRETS


def open_secrets(
    values: Any, project: str, path: str, secret: Iterable[str]
) -> Iterator[str]:
    """Make the secrets in a component's inputs secret; say which stand in plain text.

    The engine tells of a key whether anything in it is a secret.
    """
    if isinstance(values, dict):
        inputs = cast(dict[str, Any], values)
        for name, value in inputs.items():
            inner = f"{path}.{to_camel(name) if name in SECRETS else name}"
            if name not in SECRETS or not isinstance(value, str):
                yield from open_secrets(value, project, inner, secret)
            elif path.partition(".")[0] in secret:
                inputs[name] = pulumi.Output.secret(value)
            else:
                yield plain_secret(project, FORM.path(inner), path="--path ")
    elif isinstance(values, list):
        for index, value in enumerate(cast(list[Any], values)):
            yield from open_secrets(value, project, f"{path}[{index}]", secret)


def fill_secrets(
    values: Mapping[str, Any], project: str, fallbacks: Mapping[str, str]
) -> Iterator[str]:
    """Give Windows machines and sites the secrets that they have none of their own of;
    say which of these is not set."""
    machines = values.get(JUMP_BOX, {}).get("machines", {})
    sites = values.get(HYBRID_GATEWAY, {}).get("sites", {})
    windows = [
        machine
        for machine in machines.values()
        if machine["operating_system"] is OperatingSystem.WINDOWS
    ]
    holders = {"administrator_password": windows, "shared_key": [*sites.values()]}
    for name, key in FALLBACK_SECRETS.items():
        without = [holder for holder in holders[name] if name not in holder]
        if without and not fallbacks[key]:
            yield (
                f"{project}:{key}: is a secret and not set; run `pulumi config set "
                f"--secret {project}:{key}`"
            )
        for holder in without:
            holder[name] = pulumi.Output.secret(fallbacks[key])


def plain_secret(project: str, key: str, *, path: str) -> str:
    """Say that a secret stands in plain text, without showing it."""
    return (
        f"{project}:{key}: is a secret but stands in plain text; run `pulumi config "
        f"set --secret {path}{project}:{key}`"
    )
