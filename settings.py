"""This program's configuration: every key, its type and its default, checked once.

`Pulumi.yaml` declares the keys and their defaults, `Pulumi.<stack>.yaml` says what
differs in an environment. `load` turns what the engine hands over into frozen objects
and reports everything that is wrong in one error, each line with the key's path.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

import pulumi
import yaml
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from azureml_network import Egress, Finding, Replication, SubnetSpec

_PROJECT_FILE = Path(__file__).with_name("Pulumi.yaml")
_PROGRAM_SUBNETS = ("training", "endpoints")
"""Subnets that the program places something in: their names, and their purposes."""
_SHAPE = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)

StorageEndpoint = Literal["blob", "file", "queue", "table", "dfs"]


class SettingsError(pulumi.RunError):
    """The configuration cannot be used; the message has one line for each problem.

    A `RunError`, so that the engine shows the message and no stack trace.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"configuration error: {p}" for p in self.problems))


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Subnet:
    """One subnet, asked for by what will live in it."""

    purpose: str
    """What the subnet is for, such as `training` or `endpoints`."""
    size: Annotated[int, Field(ge=8, le=29)] | None = None
    """Prefix length, 8 to 29; unset: the purpose's recommended size."""
    prefix: str | None = None
    """The range it is pinned to, in CIDR notation; unset: planned."""

    def spec(self) -> SubnetSpec:
        """The subnet as `SecureVnet` takes it."""
        spec: SubnetSpec = {"purpose": self.purpose}
        if self.size is not None:
            spec["size"] = self.size
        if self.prefix is not None:
            spec["prefix"] = self.prefix
        return spec


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Storage:
    """The workspace's default storage account."""

    replication: Replication = Replication.STANDARD_LRS
    """Copies of the data: locally redundant unless said otherwise."""
    endpoints: list[StorageEndpoint] = Field(default_factory=lambda: ["blob", "file"])
    """Services that get a private endpoint; blob and file are always needed."""


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Registry:
    """The workspace's container registry (always Premium, for private link)."""

    zone_redundant: bool = False
    """Whether images are kept in several availability zones."""


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Monitoring:
    """Log Analytics and Application Insights."""

    retention_days: Annotated[int, Field(ge=30, le=730)] = 30
    """How long logs are kept, in days (Log Analytics keeps 30 to 730)."""


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Cluster:
    """The compute cluster in the training subnet."""

    vm_size: Annotated[str, Field(pattern=r"^(?i:standard)_\w+$")] = "Standard_DS3_v2"
    """Azure's name of the machine size."""
    minimum_nodes: Annotated[int, Field(ge=0)] = 0
    """Nodes kept running; 0 lets the cluster scale to nothing."""
    maximum_nodes: Annotated[int, Field(ge=1)] = 4
    """Most nodes at a time; each takes one address of the training subnet."""
    idle_minutes: Annotated[int, Field(ge=1)] = 15
    """Minutes without work after which a node is given back."""


@dataclass(frozen=True, config=_SHAPE, kw_only=True)
class Settings:
    """The whole configuration of one environment."""

    location: Annotated[str, Field(min_length=1)]
    workload: Annotated[str, Field(min_length=1)]
    environment: str
    unique_suffix: Annotated[str, Field(pattern=r"^([a-z0-9]{3,8})?$")]
    resource_group: Annotated[str, Field(pattern=r"^([-\w.()]{0,89}[-\w()])?$")]
    address_space: Annotated[list[str], Field(min_length=1)]
    on_premises_address_space: list[str]
    subnets: dict[str, Subnet]
    egress: Egress
    egress_zone: str
    allow_public_packages: bool
    storage: Storage
    registry: Registry
    monitoring: Monitoring
    cluster: Cluster
    tags: dict[str, str]
    protect: bool


_SETTINGS = TypeAdapter(Settings)
_SCHEMA = _SETTINGS.json_schema()
_TEXT_KEYS = {
    key for key, kind in _SCHEMA["properties"].items() if kind.get("type") == "string"
}
_YAML_KEYS = {
    field.name: to_camel(field.name)
    for part in (Settings, Subnet, Storage, Registry, Monitoring, Cluster)
    for field in fields(part)
}
_NAMED_BY = {"name": "workload", "training_subnet_prefix": "subnets.training"}
"""Inputs that the program makes from a key of another name."""


def load() -> Settings:
    """Read and check the configuration that the engine handed to this program.

    Raises:
        SettingsError: with every problem found, each naming its key.
    """
    declarations = yaml.safe_load(_PROJECT_FILE.read_text(encoding="utf-8"))["config"]
    return check(
        {**get_config_env(), **CONFIG.get()},
        project=pulumi.get_project(),
        secrets=[key for key, value in declarations.items() if value.get("secret")],
        is_secret=is_config_secret,
    )


def check(
    values: Mapping[str, str],
    *,
    project: str,
    secrets: Iterable[str] = (),
    is_secret: Callable[[str], bool] = lambda _: False,
) -> Settings:
    """Turn `values` into settings, or report every problem together.

    Args:
        values: what is configured by `namespace:key`, structured values as JSON.
        project: the project's name, which is the namespace of its own keys.
        secrets: keys of the project that must be set, and set as secrets.
        is_secret: whether the key (with its namespace) was set as a secret.

    Raises:
        SettingsError: with every problem found, each naming its key.
    """
    own = {
        key.removeprefix(f"{project}:"): value
        for key, value in values.items()
        if key.startswith(f"{project}:")
    }
    problems = list(_namespace_problems(values, project))
    problems += _secret_problems(own, project, secrets, is_secret)
    open_values = {k: _decoded(k, v) for k, v in own.items() if k not in set(secrets)}
    try:
        settings = _SETTINGS.validate_json(json.dumps(open_values))
    except ValidationError as error:
        problems += [_problem(project, detail) for detail in error.errors()]
        raise SettingsError(problems) from None
    problems += _subnet_problems(settings, project)
    if problems:
        raise SettingsError(problems)
    return settings


def _namespace_problems(values: Iterable[str], project: str) -> Iterator[str]:
    """Keys whose namespace looks like a misspelling of this project's name."""
    for key in sorted(values):
        namespace, _, name = key.partition(":")
        if namespace != project and difflib.get_close_matches(namespace, [project]):
            yield f"{key}: is no key of {project}; did you mean `{project}:{name}`?"


def _subnet_problems(settings: Settings, project: str) -> Iterator[str]:
    """Subnets of the program that are missing, or that are for something else."""
    for name in _PROGRAM_SUBNETS:
        subnet = settings.subnets.get(name)
        if subnet is None:
            yield f"{project}:subnets.{name}: is required and not set"
        elif subnet.purpose != name:
            yield (
                f"{project}:subnets.{name}.purpose: should be '{name}', which this "
                f"program places there, got {subnet.purpose!r}"
            )


def refused(findings: Iterable[Finding]) -> SettingsError:
    """What components found wrong with values that this configuration gave them.

    Names that the program makes from several keys are put down to one of them.
    """
    project = pulumi.get_project()
    return SettingsError(
        f"{project}:{_in_yaml(_NAMED_BY.get(finding.path, finding.path))}: "
        f"{_in_yaml(finding.message)}"
        for finding in dict.fromkeys(findings)
    )


def _in_yaml(text: str) -> str:
    """Text with the names of components' inputs in the spelling of the YAML.

    Names of subnets are the user's and stay as they are.
    """
    return re.sub(r"[a-z]+(_[a-z]+)*", lambda m: _YAML_KEYS.get(m[0], m[0]), text)


def _secret_problems(
    own: Mapping[str, str],
    project: str,
    secrets: Iterable[str],
    is_secret: Callable[[str], bool],
) -> Iterator[str]:
    """Secrets that are not set, or that stand in plain text."""
    for key in secrets:
        path = f"{project}:{key}"
        command = f"run `pulumi config set --secret {path}`"
        if not own.get(key):
            yield f"{path}: is a secret and not set; {command}"
        elif not is_secret(path):
            yield f"{path}: is a secret but stands in plain text; {command}"


def _decoded(key: str, text: str) -> object:
    """The value of a key: text as it is, anything else from its JSON form."""
    if key in _TEXT_KEYS:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _problem(project: str, detail: ErrorDetails) -> str:
    """One line for one fault: the key's path, what it is, and what to change."""
    path = f"{project}:{_path(detail['loc'])}"
    if detail["type"] == "unexpected_keyword_argument":
        *parents, name = detail["loc"]
        known = _known_keys(parents)
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
        meant = f"; did you mean `{near[0]}`?" if near else ""
        return f"{path}: is not a known key{meant} (known: {', '.join(known)})"
    if detail["type"] == "missing":
        return f"{path}: is required and not set"
    wanted = detail["msg"].removeprefix("Input ")
    return f"{path}: {wanted}, got {detail['input']!r}"


def _path(location: Iterable[int | str]) -> str:
    """A dotted path with list positions in brackets, as Pulumi writes it."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _known_keys(parents: Iterable[int | str]) -> list[str]:
    """The keys that are known below `parents`, in the spelling of the YAML."""
    schema: Any = _SCHEMA
    for parent in parents:
        schema = schema.get("properties", {}).get(
            parent, schema.get("additionalProperties", schema.get("items"))
        )
        if "$ref" in schema:
            schema = _SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    return sorted(schema["properties"])
