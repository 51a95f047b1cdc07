"""The configuration of one environment, and what follows from it for the components."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from azureml_network import (
    AccessMode,
    BackendPoolSpec,
    BastionTier,
    HybridGatewayArgs,
    JumpBoxBastionArgs,
    PrivateWorkspaceArgs,
    PublishedServiceArgs,
    SecureVnetArgs,
    WorkspaceKind,
)
from azureml_rulebook.azure_policies import Effect
from azureml_rulebook.private_endpoints import (
    DEFAULT_STORAGE_GROUPS,
    workspace_groups,
)
from azureml_rulebook.service_access import endpoint_services
from settings_form import SHARED


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
    """What is configured of the network's inputs; those that the program has from
    elsewhere are not among them."""
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
            and not has_text(self.workspace, "existing_workspace_id")
            and self.workspace.get("kind", WorkspaceKind.DEFAULT)
            is WorkspaceKind.DEFAULT
        )

    @property
    def shared_with_workspace(self) -> PrivateWorkspaceArgs:
        """What is configured of the network's inputs that are the workspace's too."""
        keys = {
            "cloud": True,
            "diagnostic_settings": not has_text(
                self.workspace, "existing_workspace_id"
            ),
            "lock": self.keeps_data,
        }
        shared = {key: value for key, value in self.shared.items() if keys[key]}
        return cast(PrivateWorkspaceArgs, shared)

    @property
    def shared(self) -> dict[str, Any]:
        """What is configured of the network's inputs that all components have."""
        network = cast(dict[str, Any], self.network)
        return {key: network[key] for key in SHARED if key in network}

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
        return not has_text(workspace, "existing_workspace_id") and any(
            not has_text(workspace.get(service, {}), "existing_id")
            for service in ("storage", "key_vault", "registry")
        )

    @property
    def private_endpoint_groups(self) -> list[str]:
        """Group ids of the private endpoints that the workspace and recordings of
        Bastion's sessions bring along."""
        groups = self._workspace_groups
        records = "recordings" in (self.jump_box or {}).get("bastion", {})
        return [*groups, *(["blob"] if records and "blob" not in groups else [])]

    @property
    def _workspace_groups(self) -> list[str]:
        workspace = self.workspace
        if has_text(workspace, "existing_workspace_id"):
            return ["amlworkspace"]
        monitoring = workspace.get("monitoring", {})
        return workspace_groups(
            ()
            if "storage" in self._by_service_endpoint
            else workspace.get("storage", {}).get("endpoints", DEFAULT_STORAGE_GROUPS),
            private_vault="key_vault" not in self._by_service_endpoint,
            private_monitoring=not (
                monitoring.get("public_access")
                or has_text(monitoring, "private_link_scope_id")
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


def has_text(values: Mapping[str, Any], key: str) -> bool:
    """Whether there is a text at `key`; a blank one counts as left out."""
    return bool(values.get(key, "").strip())
