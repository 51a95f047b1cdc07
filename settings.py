"""This program's configuration: every key, its type and its default, checked once.

`Pulumi.yaml` declares the keys and their defaults, `Pulumi.<stack>.yaml` says what
differs in an environment. `load` turns what the engine hands over into one frozen
object and reports everything that is wrong in one error, each line with the key's path.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic.alias_generators import to_camel

from azureml_network import Finding, PrivateWorkspaceArgs, SecureVnetArgs
from settings_form import (
    FALLBACK_SECRETS,
    FILLED,
    FORM,
    FROM_PROGRAM,
    HYBRID_GATEWAY,
    JUMP_BOX,
    NAMED_BY,
    NETWORK_FORM,
    PROGRAM_KEYS,
    PUBLISHED_SERVICE,
    WAYS_IN,
    WORKSPACE_FORM,
)
from settings_problems import subnet_problems, ways_in_problems, workspace_problems
from settings_secrets import fill_secrets, open_secrets, plain_secret
from settings_values import Settings


class SettingsError(pulumi.RunError):
    """The configuration cannot be used; the message has one line for each problem.

    A `RunError`, so that the engine shows the message and no stack trace.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"configuration error: {p}" for p in self.problems))


def load() -> Settings:
    """Read and check the configuration that the engine handed to this program.

    Raises:
        SettingsError: with every problem found, each naming its key.
    """
    return check(
        {**get_config_env(), **CONFIG.get()},
        project=pulumi.get_project(),
        is_secret=is_config_secret,
    )


def check(
    values: Mapping[str, str],
    *,
    project: str,
    is_secret: Callable[[str], bool] = lambda _: False,
) -> Settings:
    """Turn `values` into settings, or report every problem together.

    Args:
        values: what is configured by `namespace:key`, structured values as JSON.
        project: the project's name, which is the namespace of its own keys.
        is_secret: whether the key (with its namespace) was set as a secret, or anything
            in it.

    Raises:
        SettingsError: with every problem found, each naming its key.
    """
    own = {
        key.removeprefix(f"{project}:"): value
        for key, value in values.items()
        if key.startswith(f"{project}:")
    }
    secret = {key for key in own if is_secret(f"{project}:{key}")}
    problems = list(_namespace_problems(values, project))
    fallbacks = {key: own.pop(key, "") for key in FALLBACK_SECRETS.values()}
    decoded = {key: _decoded(key, value) for key, value in own.items()}
    read, faults = FORM.read(
        {key: value for key, value in decoded.items() if not _left_out(key, value)},
        secret,
    )
    problems += [f"{project}:{path}: {message}" for path, message in faults]
    problems += [
        plain_secret(project, key, path="")
        for key, value in fallbacks.items()
        if value and key not in secret
    ]
    if faults:
        raise SettingsError(problems)
    for key in WAYS_IN:
        problems += open_secrets(read.get(key, {}), project, to_camel(key), secret)
    problems += fill_secrets(read, project, fallbacks)
    settings = _settings(read)
    problems += subnet_problems(settings, project)
    problems += ways_in_problems(settings, project)
    problems += workspace_problems(settings, project)
    if problems:
        raise SettingsError(problems)
    return settings


def _settings(values: Mapping[str, Any]) -> Settings:
    """Sort the values by who takes them."""
    network = {key: values[key] for key in NETWORK_FORM if key in values}
    workspace = {key: values[key] for key in WORKSPACE_FORM if key in values}
    return Settings(
        **{key: values[key] for key in PROGRAM_KEYS},
        network=cast(SecureVnetArgs, network),
        workspace=cast(PrivateWorkspaceArgs, workspace),
        jump_box=values.get(JUMP_BOX),
        hybrid_gateway=values.get(HYBRID_GATEWAY),
        published_service=values.get(PUBLISHED_SERVICE),
    )


def _namespace_problems(values: Iterable[str], project: str) -> Iterator[str]:
    """Keys whose namespace looks like a misspelling of this project's name."""
    for key in sorted(values):
        namespace, _, name = key.partition(":")
        if namespace != project and difflib.get_close_matches(namespace, [project]):
            yield f"{key}: is no key of {project}; did you mean `{project}:{name}`?"


def refused(findings: Iterable[Finding]) -> SettingsError:
    """What components found wrong with values that this configuration gave them.

    Names that the program makes from several keys are put down to one of them. What is
    only a consequence is left out: names that are made of a wrong part, and inputs that
    the program has from elsewhere.
    """
    project = pulumi.get_project()
    found = list(dict.fromkeys(findings))
    paths = {finding.path for finding in found}
    causes = [
        finding
        for finding in found
        if not (finding.path == "name" and paths & {"workload", "environment"})
        and finding.path.partition("[")[0] not in FROM_PROGRAM - NAMED_BY.keys()
        and not _is_told_of_the_network(finding.path, paths)
    ]
    return SettingsError(
        dict.fromkeys(
            f"{project}:{FORM.path(_named(finding.path))}: "
            f"{FORM.text(_with_keys(finding.message))}"
            for finding in causes or found
        )
    )


def _with_keys(message: str) -> str:
    """A message that names keys in place of the inputs that are made from them."""
    for made, key in NAMED_BY.items():
        name = made.rpartition(".")[2]
        if name.endswith("_address_space"):
            message = message.replace(name, key)
    return message


def _named(path: str) -> str:
    """The path of what the program made an input from, or the path itself."""
    for made, key in NAMED_BY.items():
        if path == made or path.startswith((f"{made}[", f"{made}.")):
            return f"{key}{path.removeprefix(made)}"
    return path


def _is_told_of_the_network(path: str, paths: Iterable[str]) -> bool:
    """Whether a fault of a subnet's range is among what the network finds wrong."""
    subnet = NAMED_BY.get(path, "") if path.endswith("_subnet_prefix") else ""
    return bool(subnet) and any(item.startswith(f"{subnet}.") for item in paths)


def _left_out(key: str, value: object) -> bool:
    """Whether this is how Pulumi.yaml leaves a key out that may be left out."""
    return key in FORM.keys - FILLED and value in ("", [], {})


def _decoded(key: str, text: str) -> object:
    """The value of a key: text as it is, anything else from its JSON form."""
    if key in FORM.text_keys:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
