"""This program's configuration: every key, its type and its default, checked once.

`Pulumi.yaml` declares the keys and their defaults, `Pulumi.<stack>.yaml` says what
differs in an environment. `load` turns what the engine hands over into one frozen
object and reports everything that is wrong in one error, each line with the key's path.
"""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret
from pydantic import Field
from pydantic.alias_generators import to_camel

from azureml_network import (
    AccessMode,
    BackendPoolSpec,
    BastionTier,
    ComputeMode,
    Finding,
    HybridGatewayArgs,
    InterfaceSpec,
    JumpBoxBastionArgs,
    OperatingSystem,
    PointToSiteSpec,
    PrivateLinkSpec,
    PrivateWorkspaceArgs,
    PublishedServiceArgs,
    RecordingsSpec,
    ResolverSpec,
    SecureVnetArgs,
    WorkspaceKind,
)
from azureml_rulebook import subnets
from azureml_rulebook.azure_policies import Effect
from azureml_rulebook.private_endpoints import (
    DEFAULT_STORAGE_GROUPS,
    workspace_groups,
)
from azureml_rulebook.service_access import endpoint_services
from yaml_form import SECRETS, YamlForm, inputs_in_yaml, mapping_of, optional

_TRAINING = "training"
_ENDPOINTS = "endpoints"
"""Subnets that the program places something in: their names, and their purposes."""


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
    "ssh_public_key": str,
    "diagnostics_to_own_logs": bool,
    "azure_policies": Effect,
    "azure_policies_without": list[str],
}
"""What the program itself reads. All other keys are inputs of its components."""
_FROM_PROGRAM = {
    "resource_group_name",
    "developer_bastion",
    "just_in_time_access",
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
"""Inputs of the network that are those of the other components too, by one key."""
_PLACE = ("resource_group_name", "location", "tags")
"""Inputs of all components that the program has from its own keys."""
_JUMP_BOX, _HYBRID_GATEWAY = "jump_box", "hybrid_gateway"
_PUBLISHED_SERVICE = "published_service"
_WAYS_IN = (_JUMP_BOX, _HYBRID_GATEWAY, _PUBLISHED_SERVICE)
"""Keys that hold the inputs of one component each; what is left out is not made."""
_WAYS_IN_FROM_PROGRAM: dict[type, tuple[str, ...]] = {
    JumpBoxBastionArgs: (
        *_PLACE,
        *_SHARED,
        "subscription_id",
        "network_id",
        "bastion_subnet_id",
        "bastion_subnet_prefix",
        "machine_subnet_id",
        "machine_subnet_prefix",
        "monitoring",
        "ssh_public_key",
    ),
    HybridGatewayArgs: (
        *_PLACE,
        *_SHARED,
        "network_id",
        "network_name",
        "network_address_space",
        "gateway_subnet_id",
        "gateway_subnet_prefix",
        "other_address_space",
        "dns_servers",
        "private_endpoint_groups",
    ),
    RecordingsSpec: ("endpoints_subnet_id", "blob_zone_id"),
    PointToSiteSpec: ("tenant_id",),
    ResolverSpec: (
        "inbound_subnet_id",
        "inbound_subnet_prefix",
        "outbound_subnet_id",
    ),
    PublishedServiceArgs: (
        *_PLACE,
        *_SHARED,
        "network_id",
        "load_balancer_subnet_id",
        "load_balancer_subnet_prefix",
    ),
    InterfaceSpec: ("subnet_id",),
    PrivateLinkSpec: ("subnet_id", "subnet_prefix"),
}
"""Inputs of the ways in, and of their parts, that the program has from elsewhere."""
_FALLBACK_SECRETS = {
    "administrator_password": "machinePassword",
    "shared_key": "sharedKey",
}
"""Keys with the secrets of all Windows machines, and of all sites, that have none of
their own."""


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
    ssh_public_key: str
    """Public key of the administrator of Linux machines."""
    diagnostics_to_own_logs: bool
    """Whether logs and metrics of all that is made here go to the Log Analytics
    workspace that is made here too."""
    azure_policies: Effect
    """What Azure Policy does about what does not keep to the rules."""
    azure_policies_without: list[str]
    """Ids of rules whose definitions are left out."""
    network: SecureVnetArgs
    """What is configured of the network's inputs; those of `_FROM_PROGRAM` are not
    among them."""
    workspace: PrivateWorkspaceArgs
    """What is configured of the workspace's inputs; those that the program has from
    elsewhere, or shares with the network, are not among them."""
    jump_box: JumpBoxBastionArgs | None
    """What is configured of Bastion and the machines; None: there are none."""
    hybrid_gateway: HybridGatewayArgs | None
    """What is configured of gateways and names; None: there are none."""
    published_service: PublishedServiceArgs | None
    """What is configured of a service of one's own; None: there is none."""

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
        keys = {
            "cloud": True,
            "diagnostic_settings": not _has(self.workspace, "existing_workspace_id"),
            "lock": self.keeps_data,
        }
        shared = {key: value for key, value in self.shared.items() if keys[key]}
        return cast(PrivateWorkspaceArgs, shared)

    @property
    def shared(self) -> dict[str, Any]:
        """What is configured of the network's inputs that all components have."""
        network = cast(dict[str, Any], self.network)
        return {key: network[key] for key in _SHARED if key in network}

    @property
    def uses_developer_bastion(self) -> bool:
        """Whether Bastion has no subnet of its own."""
        bastion = None if self.jump_box is None else self.jump_box.get("bastion")
        return bastion is not None and bastion.get("tier") is BastionTier.DEVELOPER

    @property
    def opens_jump_boxes_on_request(self) -> bool:
        """Whether Bastion reaches machines only once somebody asked for it."""
        return self.jump_box is not None and "just_in_time" in self.jump_box

    def subnet_of(self, purpose: str) -> str | None:
        """Return the name of the subnet with that purpose; None without one."""
        return next(iter(self.subnets_of(purpose)), None)

    def subnets_of(self, purpose: str) -> list[str]:
        """Return the names of all subnets with that purpose."""
        return [
            name
            for name, subnet in self.network.get("subnets", {}).items()
            if subnet["purpose"] == purpose
        ]

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


def backend_pools(service: PublishedServiceArgs) -> Mapping[str, BackendPoolSpec]:
    """Return what is configured of a service's pools of machines, by name."""
    return service.get("backend_pools", {})


def _has(values: Mapping[str, Any], key: str) -> bool:
    """Whether there is a text at `key`; a blank one counts as left out."""
    return bool(values.get(key, "").strip())


_NETWORK_FORM = {
    name: hint
    for name, hint in inputs_in_yaml(SecureVnetArgs).items()
    if name not in _FROM_PROGRAM | set(_PROGRAM_KEYS)
} | {"address_space": Annotated[list[str], Field(min_length=1)]}
_WORKSPACE_FORM = {
    name: optional(hint)
    for name, hint in inputs_in_yaml(PrivateWorkspaceArgs).items()
    if name not in _WORKSPACE_FROM_PROGRAM | {*_SHARED, *_PROGRAM_KEYS}
}
_WAYS_IN_FORM = {
    key: optional(
        mapping_of(kind.__name__, inputs_in_yaml(kind, _WAYS_IN_FROM_PROGRAM))
    )
    for key, kind in {
        _JUMP_BOX: JumpBoxBastionArgs,
        _HYBRID_GATEWAY: HybridGatewayArgs,
        _PUBLISHED_SERVICE: PublishedServiceArgs,
    }.items()
}
_FORM = YamlForm(_PROGRAM_KEYS | _NETWORK_FORM | _WORKSPACE_FORM | _WAYS_IN_FORM)
KEYS = _FORM.keys | set(_FALLBACK_SECRETS.values())
"""Every key of this program, as it is spelt in YAML."""
_FILLED = {to_camel(key) for key in _PROGRAM_KEYS} | {"addressSpace", "subnets"}
"""Keys that must be there; any other one that is empty is one left out."""
_NAMED_BY = {
    "name": "workload",
    "endpoints_subnet_prefix": "subnets.endpoints",
    "training_subnet_prefix": "subnets.training",
    "service_endpoint_policy_storage_ids": "service_endpoint_policy",
    "jump_box.bastion_subnet_prefix": "subnets",
    "jump_box.machine_subnet_prefix": "subnets",
    "jump_box.ssh_public_key": "ssh_public_key",
    "hybrid_gateway.network_address_space": "address_space",
    "hybrid_gateway.gateway_subnet_prefix": "subnets",
    "hybrid_gateway.resolver.inbound_subnet_prefix": "subnets",
    "hybrid_gateway.other_address_space": "on_premises_address_space",
    "published_service.load_balancer_subnet_prefix": "subnets",
    "published_service.private_link.subnet_prefix": "subnets",
    **{
        f"{way}.{name}": name
        for way in _WAYS_IN
        for name in (*_PLACE, *_SHARED, "dns_servers")
    },
}
"""Inputs that the program makes from a key of another name."""


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
    fallbacks = {key: own.pop(key, "") for key in _FALLBACK_SECRETS.values()}
    decoded = {key: _decoded(key, value) for key, value in own.items()}
    read, faults = _FORM.read(
        {key: value for key, value in decoded.items() if not _left_out(key, value)},
        secret,
    )
    problems += [f"{project}:{path}: {message}" for path, message in faults]
    problems += [
        _plain_secret(project, key, path="")
        for key, value in fallbacks.items()
        if value and key not in secret
    ]
    if faults:
        raise SettingsError(problems)
    for key in _WAYS_IN:
        problems += _open_secrets(read.get(key, {}), project, to_camel(key), secret)
    problems += _fill_secrets(read, project, fallbacks)
    settings = _settings(read)
    problems += _subnet_problems(settings, project)
    problems += _ways_in_problems(settings, project)
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
        jump_box=values.get(_JUMP_BOX),
        hybrid_gateway=values.get(_HYBRID_GATEWAY),
        published_service=values.get(_PUBLISHED_SERVICE),
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


def _ways_in_problems(settings: Settings, project: str) -> Iterator[str]:
    """Subnets that the ways in need, by their purposes, and that are missing."""
    for key, purpose in _ways_in_purposes(settings):
        having = settings.subnets_of(purpose)
        if len(having) != 1:
            found = " and ".join(having) or "none"
            yield (
                f"{project}:subnets: should have one subnet of purpose '{purpose}', "
                f"which {key} is placed in, got {found}"
            )


def _ways_in_purposes(settings: Settings) -> Iterator[tuple[str, str]]:
    """The purposes of subnets that the ways in need, each with the key that does."""
    jump_box, hybrid = settings.jump_box, settings.hybrid_gateway
    if jump_box is not None:
        exists = _has(cast(dict[str, Any], jump_box), "existing_bastion_id")
        if not (exists or settings.uses_developer_bastion):
            yield "jumpBox.bastion", subnets.BASTION
        if jump_box.get("machines"):
            yield "jumpBox.machines", subnets.JUMP_BOX
    if hybrid is not None:
        for key in ("vpn", "express_route"):
            if key in hybrid:
                yield f"hybridGateway.{to_camel(key)}", subnets.GATEWAY
        if "resolver" in hybrid:
            yield "hybridGateway.resolver", subnets.RESOLVER_INBOUND
            if hybrid["resolver"].get("forwarding_rules"):
                yield (
                    "hybridGateway.resolver.forwardingRules",
                    subnets.RESOLVER_OUTBOUND,
                )
    service = settings.published_service
    if service is not None:
        if not service.get("existing_frontend_ids"):
            yield "publishedService", subnets.LOAD_BALANCER
        if any(pool.get("interfaces") for pool in backend_pools(service).values()):
            yield "publishedService.backendPools", subnets.INFERENCE
        if "private_link" in service:
            yield "publishedService.privateLink", subnets.PRIVATE_LINK_SERVICE


def _workspace_problems(settings: Settings, project: str) -> Iterator[str]:
    """What the workspace and the network around it say differently."""
    if settings.workspace.get("kind") is WorkspaceKind.PROJECT:
        yield (
            f"{project}:kind: 'Project' has no network of its own, which this program "
            "makes; use Default or Hub, and the component PrivateWorkspace for a "
            "project"
        )
    if settings.diagnostics_to_own_logs and (
        _has(settings.workspace, "existing_workspace_id")
    ):
        yield (
            f"{project}:diagnosticsToOwnLogs: true needs the Log Analytics workspace "
            "that comes with a workspace made here, and existingWorkspaceId names one "
            "that exists already; set diagnosticSettings instead"
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
        dict.fromkeys(
            f"{project}:{_FORM.path(_named(finding.path))}: "
            f"{_FORM.text(_with_keys(finding.message))}"
            for finding in causes or found
        )
    )


def _with_keys(message: str) -> str:
    """A message that names keys in place of the inputs that are made from them."""
    for made, key in _NAMED_BY.items():
        name = made.rpartition(".")[2]
        if name.endswith("_address_space"):
            message = message.replace(name, key)
    return message


def _named(path: str) -> str:
    """The path of what the program made an input from, or the path itself."""
    for made, key in _NAMED_BY.items():
        if path == made or path.startswith((f"{made}[", f"{made}.")):
            return f"{key}{path.removeprefix(made)}"
    return path


def _is_told_of_the_network(path: str, paths: Iterable[str]) -> bool:
    """Whether a fault of a subnet's range is among what the network finds wrong."""
    subnet = _NAMED_BY.get(path, "") if path.endswith("_subnet_prefix") else ""
    return bool(subnet) and any(item.startswith(f"{subnet}.") for item in paths)


def _open_secrets(
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
                yield from _open_secrets(value, project, inner, secret)
            elif path.partition(".")[0] in secret:
                inputs[name] = pulumi.Output.secret(value)
            else:
                yield _plain_secret(project, _FORM.path(inner), path="--path ")
    elif isinstance(values, list):
        for index, value in enumerate(cast(list[Any], values)):
            yield from _open_secrets(value, project, f"{path}[{index}]", secret)


def _fill_secrets(
    values: Mapping[str, Any], project: str, fallbacks: Mapping[str, str]
) -> Iterator[str]:
    """Give Windows machines and sites the secrets that they have none of their own of;
    say which of these is not set."""
    machines = values.get(_JUMP_BOX, {}).get("machines", {})
    sites = values.get(_HYBRID_GATEWAY, {}).get("sites", {})
    windows = [
        machine
        for machine in machines.values()
        if machine["operating_system"] is OperatingSystem.WINDOWS
    ]
    holders = {"administrator_password": windows, "shared_key": [*sites.values()]}
    for name, key in _FALLBACK_SECRETS.items():
        without = [holder for holder in holders[name] if name not in holder]
        if without and not fallbacks[key]:
            yield (
                f"{project}:{key}: is a secret and not set; run `pulumi config set "
                f"--secret {project}:{key}`"
            )
        for holder in without:
            holder[name] = pulumi.Output.secret(fallbacks[key])


def _plain_secret(project: str, key: str, *, path: str) -> str:
    """Say that a secret stands in plain text, without showing it."""
    return (
        f"{project}:{key}: is a secret but stands in plain text; run `pulumi config "
        f"set --secret {path}{project}:{key}`"
    )


def _left_out(key: str, value: object) -> bool:
    """Whether this is how Pulumi.yaml leaves a key out that may be left out."""
    return key in _FORM.keys - _FILLED and value in ("", [], {})


def _decoded(key: str, text: str) -> object:
    """The value of a key: text as it is, anything else from its JSON form."""
    if key in _FORM.text_keys:
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
