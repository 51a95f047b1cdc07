"""This program's configuration: every key, its type and its default, checked once.

`Pulumi.yaml` declares the keys and their defaults, `Pulumi.<stack>.yaml` says what
differs in an environment. `load` turns what the engine hands over into one frozen
object and reports everything that is wrong in one error, each line with the key's path.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import (
    Annotated,
    Any,
    NotRequired,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

import pulumi
import yaml
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails
from typing_extensions import TypedDict, is_typeddict

from azureml_network import (
    AccessMode,
    ComputeMode,
    Finding,
    PrivateWorkspaceArgs,
    SecureVnetArgs,
    WorkspaceKind,
)
from azureml_rulebook.private_endpoints import (
    DEFAULT_STORAGE_GROUPS,
    workspace_groups,
)
from azureml_rulebook.service_access import endpoint_services

_PROJECT_FILE = Path(__file__).with_name("Pulumi.yaml")
_TRAINING = "training"
_ENDPOINTS = "endpoints"
"""Subnets that the program places something in: their names, and their purposes."""
_SHAPE = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)


class SettingsError(pulumi.RunError):
    """The configuration cannot be used; the message has one line for each problem.

    A `RunError`, so that the engine shows the message and no stack trace.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"configuration error: {p}" for p in self.problems))


_PROGRAM_KEYS: dict[str, Any] = {
    "location": Annotated[str, Field(min_length=1)],
    "workload": Annotated[str, Field(min_length=1)],
    "environment": str,
    "unique_suffix": Annotated[str, Field(pattern=r"^([a-z0-9]{3,8})?$")],
    "resource_group": Annotated[str, Field(pattern=r"^([-\w.()]{0,89}[-\w()])?$")],
    "create_resource_group": bool,
    "service_endpoint_policy": bool,
    "tags": dict[str, str],
    "protect": bool,
}
"""What the program itself reads. All other keys are inputs of its components."""
_FROM_PROGRAM = {
    "resource_group_name",
    "high_business_impact",
    "private_endpoint_groups",
    "service_endpoint_policy_storage_ids",
}
"""Inputs of the network that the program has from elsewhere."""
_WORKSPACE_FROM_PROGRAM = {
    "resource_group_name",
    "tenant_id",
    "subscription_id",
    "endpoints_subnet_id",
    "endpoints_subnet_prefix",
    "training_subnet_id",
    "training_subnet_prefix",
    "service_endpoint_subnet_ids",
    "private_dns_zone_ids",
    "zone_groups_by",
    "hub_id",
}
"""Inputs of the workspace that the program has from elsewhere, or has no use for: a
project has no network."""
_SHARED = ("diagnostic_settings", "lock", "cloud")
"""Inputs of the network that are the workspace's too, by one key."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration of one environment."""

    location: str
    workload: str
    environment: str
    unique_suffix: str
    resource_group: str
    create_resource_group: bool
    """Whether the resource group is made here, and deleted with the stack."""
    service_endpoint_policy: bool
    """Whether subnets with storage's service endpoint reach this stack's own storage
    accounts only."""
    tags: dict[str, str]
    protect: bool
    network: SecureVnetArgs
    """What is configured of the network's inputs; those of `_FROM_PROGRAM` are not
    among them."""
    workspace: PrivateWorkspaceArgs
    """What is configured of the workspace's inputs; those that the program has from
    elsewhere, or shares with the network, are not among them."""

    @property
    def uses_training_subnet(self) -> bool:
        """Whether compute lives in a subnet of the network, called training."""
        return (
            "managed_network" not in self.workspace
            and not _has(self.workspace, "existing_workspace_id")
            and self.workspace.get("kind", WorkspaceKind.DEFAULT)
            is WorkspaceKind.DEFAULT
        )

    @property
    def shared_with_workspace(self) -> PrivateWorkspaceArgs:
        """What is configured of the network's inputs that are the workspace's too."""
        network = cast(dict[str, Any], self.network)
        keys = {
            "cloud": True,
            "diagnostic_settings": not _has(self.workspace, "existing_workspace_id"),
            "lock": self.keeps_data,
        }
        shared = {key: network[key] for key in _SHARED if key in network and keys[key]}
        return cast(PrivateWorkspaceArgs, shared)

    @property
    def keeps_data(self) -> bool:
        """Whether a service that keeps data is made here and not brought by id."""
        workspace = cast(dict[str, Any], self.workspace)
        return not _has(workspace, "existing_workspace_id") and any(
            not _has(workspace.get(service, {}), "existing_id")
            for service in ("storage", "key_vault", "registry")
        )

    @property
    def private_endpoint_groups(self) -> list[str]:
        """Group ids of the private endpoints that the workspace brings along."""
        workspace = self.workspace
        if _has(workspace, "existing_workspace_id"):
            return ["amlworkspace"]
        monitoring = workspace.get("monitoring", {})
        return workspace_groups(
            ()
            if "storage" in self._by_service_endpoint
            else workspace.get("storage", {}).get("endpoints", DEFAULT_STORAGE_GROUPS),
            private_vault="key_vault" not in self._by_service_endpoint,
            private_monitoring=not (
                monitoring.get("public_access")
                or _has(monitoring, "private_link_scope_id")
            ),
        )

    @property
    def service_endpoint_subnets(self) -> list[str]:
        """Names of the subnets that reach services by service endpoints."""
        needed = set(endpoint_services(self._by_service_endpoint))
        subnets = self.network.get("subnets", {})
        return [
            name
            for name, subnet in subnets.items()
            if needed and needed <= set(subnet.get("service_endpoints", ()))
        ]

    @property
    def _by_service_endpoint(self) -> list[str]:
        """The services that are reached so."""
        access = {
            "storage": self.workspace.get("storage", {}).get("access"),
            "key_vault": self.workspace.get("key_vault", {}).get("access"),
        }
        return [
            service
            for service, mode in access.items()
            if mode is AccessMode.SERVICE_ENDPOINT
        ]


def _has(values: Mapping[str, Any], key: str) -> bool:
    """Whether there is a text at `key`; a blank one counts as left out."""
    return bool(values.get(key, "").strip())


def _yaml_form(kind: type) -> dict[str, Any]:
    """The types of a component's inputs as they stand in YAML, by name.

    A component also takes values that are known only after deployment; YAML has plain
    ones.
    """
    # The alias `Input` names these two as text, which only its own module can look up.
    names = {"Output": pulumi.Output, "T": TypeVar("T")}
    hints = get_type_hints(kind, localns=names, include_extras=True)
    return {name: _plain(hint) for name, hint in hints.items()}


def _plain(hint: Any) -> Any:
    """The type of one input as it stands in YAML."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return NotRequired[_plain(parts[0])]
    if origin in (Union, UnionType):
        return _plain(parts[0])
    if origin is Mapping:
        return dict[str, _plain(parts[1])]
    if origin is Sequence:
        return list[_plain(parts[0])]
    return _typed(hint.__name__, _yaml_form(hint)) if is_typeddict(hint) else hint


def _typed(name: str, form: dict[str, Any]) -> Any:
    """A mapping of that form, with its keys in camel case and no others."""
    kind = TypedDict(name, form)  # pyright: ignore[reportArgumentType]
    kind.__pydantic_config__ = _SHAPE  # pyright: ignore[reportAttributeAccessIssue]
    return kind


_NETWORK_FORM = {
    name: hint
    for name, hint in _yaml_form(SecureVnetArgs).items()
    if name not in _FROM_PROGRAM | set(_PROGRAM_KEYS)
} | {"address_space": Annotated[list[str], Field(min_length=1)]}
_WORKSPACE_FORM = {
    name: NotRequired[hint] if get_origin(hint) is not NotRequired else hint
    for name, hint in _yaml_form(PrivateWorkspaceArgs).items()
    if name not in _WORKSPACE_FROM_PROGRAM | {*_SHARED, *_PROGRAM_KEYS}
}
_CONFIGURATION = TypeAdapter[dict[str, Any]](
    _typed("Configuration", _PROGRAM_KEYS | _NETWORK_FORM | _WORKSPACE_FORM)
)
_SCHEMA: dict[str, Any] = _CONFIGURATION.json_schema()
KEYS = frozenset(_SCHEMA["properties"])
"""Every key of this program, as it is spelt in YAML."""
_TEXT_KEYS = {
    key
    for key, kind in _SCHEMA["properties"].items()
    if _SCHEMA["$defs"].get(str(kind.get("$ref")).rpartition("/")[2], kind)["type"]
    == "string"
}
_FILLED = {to_camel(key) for key in _PROGRAM_KEYS} | {"addressSpace", "subnets"}
"""Keys that must be there; any other one that is empty is one left out."""
_SPELLINGS = KEYS.union(
    *(kind.get("properties", {}) for kind in _SCHEMA["$defs"].values())
)
"""The names of all keys and of all that is in them, as they are spelt in YAML."""
_NAMED_BY = {
    "name": "workload",
    "endpoints_subnet_prefix": "subnets.endpoints",
    "training_subnet_prefix": "subnets.training",
    "service_endpoint_policy_storage_ids": "service_endpoint_policy",
}
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
    decoded = {k: _decoded(k, v) for k, v in own.items() if k not in set(secrets)}
    open_values = {k: v for k, v in decoded.items() if not _left_out(k, v)}
    try:
        values = _CONFIGURATION.validate_json(json.dumps(open_values))
    except ValidationError as error:
        problems += [_problem(project, detail) for detail in error.errors()]
        raise SettingsError(problems) from None
    settings = _settings(values)
    problems += _subnet_problems(settings, project)
    problems += _workspace_problems(settings, project)
    if problems:
        raise SettingsError(problems)
    return settings


def _settings(values: Mapping[str, Any]) -> Settings:
    """Sort the values by who takes them."""
    network = {key: values[key] for key in _NETWORK_FORM if key in values}
    workspace = {key: values[key] for key in _WORKSPACE_FORM if key in values}
    return Settings(
        **{key: values[key] for key in _PROGRAM_KEYS},
        network=cast(SecureVnetArgs, network),
        workspace=cast(PrivateWorkspaceArgs, workspace),
    )


def _namespace_problems(values: Iterable[str], project: str) -> Iterator[str]:
    """Keys whose namespace looks like a misspelling of this project's name."""
    for key in sorted(values):
        namespace, _, name = key.partition(":")
        if namespace != project and difflib.get_close_matches(namespace, [project]):
            yield f"{key}: is no key of {project}; did you mean `{project}:{name}`?"


def _subnet_problems(settings: Settings, project: str) -> Iterator[str]:
    """Subnets of the program that are missing, or that are for something else."""
    needed = [_TRAINING] if settings.uses_training_subnet else []
    for name in (*needed, _ENDPOINTS):
        subnet = settings.network.get("subnets", {}).get(name)
        if subnet is None:
            yield f"{project}:subnets.{name}: is required and not set"
        elif subnet["purpose"] != name:
            yield (
                f"{project}:subnets.{name}.purpose: should be '{name}', which this "
                f"program places there, got {subnet['purpose']!r}"
            )


def _workspace_problems(settings: Settings, project: str) -> Iterator[str]:
    """What the workspace and the network around it say differently."""
    if settings.workspace.get("kind") is WorkspaceKind.PROJECT:
        yield (
            f"{project}:kind: 'Project' has no network of its own, which this program "
            "makes; use Default or Hub, and the component PrivateWorkspace for a "
            "project"
        )
    managed = ComputeMode.MANAGED_NETWORK
    mode = settings.network.get("compute_mode", ComputeMode.NO_PUBLIC_IP)
    if mode is ComputeMode.PUBLIC_IP:
        yield (
            f"{project}:computeMode: '{mode}' is for other compute than this program "
            "makes, which has no public addresses; leave it out"
        )
    elif ("managed_network" in settings.workspace) != (mode is managed):
        yield (
            f"{project}:computeMode: should be '{managed}' if managedNetwork is set, "
            f"and only then, got '{mode}'"
        )


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
        and finding.path.partition("[")[0] not in _FROM_PROGRAM - _NAMED_BY.keys()
        and not _is_told_of_the_network(finding.path, paths)
    ]
    return SettingsError(
        f"{project}:{_path_in_yaml(_NAMED_BY.get(finding.path, finding.path))}: "
        f"{_text_in_yaml(finding.message)}"
        for finding in causes or found
    )


def _is_told_of_the_network(path: str, paths: Iterable[str]) -> bool:
    """Whether a fault of a subnet's range is among what the network finds wrong."""
    subnet = _NAMED_BY.get(path, "") if path.endswith("_subnet_prefix") else ""
    return bool(subnet) and any(item.startswith(f"{subnet}.") for item in paths)


def _path_in_yaml(path: str) -> str:
    """A path of components' inputs in the spelling of the YAML.

    Names that are the user's, of subnets and so on, stay as they are.
    """
    schema, steps = _SCHEMA, list[str]()
    for step in path.split("."):
        name, bracket, index = step.partition("[")
        known = schema.get("properties", {})
        key = to_camel(name) if to_camel(name) in known else name
        schema = _resolved(known.get(key) or schema.get("additionalProperties"))
        if bracket:
            schema = _resolved(schema.get("items"))
        steps.append(f"{key}{bracket}{index}")
    return ".".join(steps)


def _text_in_yaml(text: str) -> str:
    """Text with the names of components' inputs in the spelling of the YAML."""
    return re.sub(
        r"[a-z]+(_[a-z]+)+",
        lambda m: camel if (camel := to_camel(m[0])) in _SPELLINGS else m[0],
        text,
    )


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


def _left_out(key: str, value: object) -> bool:
    """Whether this is how Pulumi.yaml leaves a key out that may be left out."""
    return key in KEYS - _FILLED and value in ("", [], {})


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
    if detail["type"] == "extra_forbidden":
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
    schema = _SCHEMA
    for parent in parents:
        schema = _resolved(
            schema.get("properties", {}).get(
                parent, schema.get("additionalProperties", schema.get("items"))
            )
        )
    return sorted(schema["properties"])


def _resolved(schema: Any) -> dict[str, Any]:
    """A part of the schema, with what it refers to in its place."""
    if not isinstance(schema, dict):
        return {}
    part = cast(dict[str, Any], schema)
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return _SCHEMA["$defs"][name] if name else part
