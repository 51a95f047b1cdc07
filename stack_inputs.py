"""What the components of this program are made of, in the order they are made.

The configuration says what differs between environments; names, ids and what one
component has from another are put together here, so that the program itself reads like
the architecture.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from pulumi import Input, Output

from azureml_network import (
    BackendPoolSpec,
    BastionSpec,
    DiagnosticSettingSpec,
    Finding,
    HybridGatewayArgs,
    InputError,
    InterfaceSpec,
    JumpBoxBastionArgs,
    LockKind,
    MachineMonitoringSpec,
    PrivateWorkspace,
    PrivateWorkspaceArgs,
    PublishedServiceArgs,
    RecordingsSpec,
    SecureVnet,
    SecureVnetArgs,
    ZoneOwner,
)
from azureml_rulebook import subnets
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.azure_policies import PolicyAssignmentRow, assignments
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.dns_resolvers import inbound_address
from azureml_rulebook.dns_zones import zone_names
from azureml_rulebook.names import Naming
from settings_values import Settings, backend_pools, has_text


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """What the other components need to know of the network."""

    vnet_id: Input[str]
    vnet_name: str
    subnet_ids: Mapping[str, Input[str]]
    subnet_prefixes: Mapping[str, str]
    zone_ids: Input[Mapping[str, Input[str]]]

    @classmethod
    def made(cls, network: SecureVnet) -> "NetworkFacts":
        """Return the facts of a network that is made."""
        return cls(
            vnet_id=network.vnet_id,
            vnet_name=network.vnet_name,
            subnet_ids=network.subnet_ids,
            subnet_prefixes=network.subnet_prefixes,
            zone_ids=network.private_dns_zone_ids,
        )


@dataclass(frozen=True, kw_only=True)
class StackInputs:
    """The inputs of all components, of one configuration and one login."""

    chosen: Settings
    environment: str
    subscription_id: str
    tenant_id: str
    own_logs: Input[str]
    """Resource id of the Log Analytics workspace that is made with the workspace, known
    only once it is."""

    @property
    def stem(self) -> str:
        """How the names of all components begin."""
        return f"{self.chosen.workload}-{self.environment}"

    @property
    def group_name(self) -> str:
        """Name of the resource group."""
        return self.chosen.resource_group or f"rg-{self.stem}"

    @property
    def group_id(self) -> str:
        """Resource id of the resource group."""
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.group_name}"

    @property
    def _network_id(self) -> str:
        """Resource id of the network, which follows from its name."""
        made = (
            f"{self.group_id}/providers/Microsoft.Network/virtualNetworks/"
            f"{self.stem}-vnet"
        )
        existing = self.chosen.network.get("existing_network_id", "")
        return existing.strip() or made

    @property
    def azure_policies(self) -> tuple[PolicyAssignmentRow, ...]:
        """What is assigned to the resource group; empty if nothing is."""
        return assignments(
            self.chosen.azure_policies,
            self.chosen.network.get("cloud", PUBLIC),
            self.chosen.azure_policies_without,
        )

    @cached_property
    def naming(self) -> Naming:
        """What names are made of that must be unique in the world."""
        # Azure takes names in any case for the same, so the case must not matter here.
        home = f"{self.subscription_id}/{self.group_name}".lower()
        suffix = hashlib.sha256(home.encode()).hexdigest()[:6]
        return Naming(
            workload=self.chosen.workload,
            environment=self.environment,
            unique_suffix=self.chosen.unique_suffix or suffix,
        )

    @cached_property
    def network(self) -> SecureVnetArgs:
        """What the network is made of, its DNS server included."""
        args = self._network_without_resolver
        server = self._resolver_address
        if server is not None and not args.get("dns_servers"):
            args = cast(SecureVnetArgs, {**args, "dns_servers": [server]})
        return args

    def planned_network(self) -> NetworkFacts:
        """Return what is known of the network before it is made."""
        later = Output.from_input("made by this program")
        return NetworkFacts(
            vnet_id=self._network_id,
            vnet_name=f"{self.stem}-vnet",
            subnet_ids=dict.fromkeys(self.chosen.network["subnets"], later),
            subnet_prefixes=self._layout,
            zone_ids=Output.from_input({}),
        )

    def workspace(self, network: NetworkFacts) -> PrivateWorkspaceArgs:
        """Return what the workspace is made of."""
        chosen = self.chosen
        args: PrivateWorkspaceArgs = {
            **chosen.workspace,
            **chosen.shared_with_workspace,
            **cast(PrivateWorkspaceArgs, self._diagnostics),
            "resource_group_name": self.group_name,
            "location": chosen.location,
            "tenant_id": self.tenant_id,
            "subscription_id": self.subscription_id,
            "workload": chosen.workload,
            "environment": self.environment,
            "unique_suffix": self.naming.unique_suffix,
            "endpoints_subnet_id": network.subnet_ids["endpoints"],
            "endpoints_subnet_prefix": network.subnet_prefixes.get("endpoints", ""),
            "private_dns_zone_ids": network.zone_ids,
            "zone_groups_by": chosen.network.get("private_dns", {}).get(
                "zones_by", ZoneOwner.STACK
            ),
            "tags": chosen.tags,
        }
        if chosen.service_endpoint_subnets:
            args["service_endpoint_subnet_ids"] = [
                network.subnet_ids[name] for name in chosen.service_endpoint_subnets
            ]
        if chosen.uses_training_subnet:
            args["training_subnet_id"] = network.subnet_ids["training"]
            args["training_subnet_prefix"] = network.subnet_prefixes.get("training", "")
        if chosen.protect and chosen.keeps_data:
            args.setdefault("lock", LockKind.CAN_NOT_DELETE)
        return args

    def jump_box(
        self, network: NetworkFacts, workspace: PrivateWorkspace | None
    ) -> JumpBoxBastionArgs | None:
        """Return what Bastion and the machines are made of; None: there are none."""
        if self.chosen.jump_box is None:
            return None
        args: JumpBoxBastionArgs = {
            **self.chosen.jump_box,
            **cast(JumpBoxBastionArgs, self._shared),
            "resource_group_name": self.group_name,
            "location": self.chosen.location,
            "subscription_id": self.subscription_id,
            "network_id": network.vnet_id,
            "ssh_public_key": self.chosen.ssh_public_key,
            "tags": self.chosen.tags,
        }
        bastion = self.chosen.subnet_of(subnets.BASTION)
        if bastion is not None and not self.chosen.uses_developer_bastion:
            if not has_text(self.chosen.jump_box, "existing_bastion_id"):
                args["bastion_subnet_id"] = network.subnet_ids[bastion]
            args["bastion_subnet_prefix"] = network.subnet_prefixes.get(bastion, "")
        host = args.get("bastion", {})
        if "recordings" in host:
            args["bastion"] = self._recorded(host, host["recordings"], network)
        machines = self.chosen.subnet_of(subnets.JUMP_BOX)
        if machines is not None:
            args["machine_subnet_id"] = network.subnet_ids[machines]
            args["machine_subnet_prefix"] = network.subnet_prefixes.get(machines, "")
        if not args.get("machines"):
            # A lock is on machines.
            args.pop("lock", None)
            return args
        monitoring = _monitoring(workspace)
        if monitoring is not None:
            args["monitoring"] = monitoring
        return args

    def _recorded(
        self, bastion: BastionSpec, chosen: RecordingsSpec, network: NetworkFacts
    ) -> BastionSpec:
        """Return a Bastion with its recordings among the private endpoints."""
        place: dict[str, Any] = {"endpoints_subnet_id": network.subnet_ids["endpoints"]}
        by = self.chosen.network.get("private_dns", {}).get("zones_by", ZoneOwner.STACK)
        if by is ZoneOwner.STACK:
            (zone,) = zone_names("blob", self.chosen.network.get("cloud", PUBLIC))
            ids = network.zone_ids
            place["blob_zone_id"] = (
                ids[zone]
                if isinstance(ids, Mapping)
                else Output.from_input("made by this program")
            )
        recordings = cast(RecordingsSpec, {**chosen, **place})
        return {**bastion, "recordings": recordings}

    def hybrid_gateway(self, network: NetworkFacts) -> HybridGatewayArgs | None:
        """Return what gateways and resolver are made of; None: there are none."""
        chosen = self.chosen.hybrid_gateway
        if chosen is None:
            return None
        vnet = self.chosen.network
        args: HybridGatewayArgs = {
            **chosen,
            **cast(HybridGatewayArgs, self._shared),
            "resource_group_name": self.group_name,
            "location": self.chosen.location,
            "network_id": network.vnet_id,
            "network_name": network.vnet_name,
            "network_address_space": vnet["address_space"],
            "other_address_space": [
                *vnet.get("on_premises_address_space", []),
                *(
                    prefix
                    for peering in vnet.get("peerings", {}).values()
                    for prefix in peering["address_space"]
                ),
            ],
            "dns_servers": vnet.get("dns_servers", []),
            "private_endpoint_groups": self.chosen.private_endpoint_groups,
            "tags": self.chosen.tags,
        }
        gateway = self.chosen.subnet_of(subnets.GATEWAY)
        if gateway is not None:
            args["gateway_subnet_id"] = network.subnet_ids[gateway]
            args["gateway_subnet_prefix"] = network.subnet_prefixes.get(gateway, "")
        clients = chosen.get("point_to_site")
        if clients is not None and "entra_id" in clients.get(
            "authentication", ["entra_id"]
        ):
            args["point_to_site"] = {
                **clients,
                "tenant_id": self.tenant_id,
            }
        inbound = self.chosen.subnet_of(subnets.RESOLVER_INBOUND)
        if "resolver" in chosen and inbound is not None:
            args["resolver"] = {
                **chosen["resolver"],
                "inbound_subnet_id": network.subnet_ids[inbound],
                "inbound_subnet_prefix": network.subnet_prefixes.get(inbound, ""),
            }
            outbound = self.chosen.subnet_of(subnets.RESOLVER_OUTBOUND)
            if outbound is not None:
                args["resolver"]["outbound_subnet_id"] = network.subnet_ids[outbound]
        return args

    @property
    def service_name(self) -> str:
        """Name of the published service, which has alerts of its own beside those of
        gateways."""
        return f"{self.stem}-service"

    def published_service(self, network: NetworkFacts) -> PublishedServiceArgs | None:
        """Return what a service of one's own is made of; None: there is none."""
        chosen = self.chosen.published_service
        if chosen is None:
            return None
        args: PublishedServiceArgs = {
            **chosen,
            **cast(PublishedServiceArgs, self._shared),
            "resource_group_name": self.group_name,
            "location": self.chosen.location,
            "tags": self.chosen.tags,
        }
        is_new = "existing_frontend_ids" not in chosen
        if is_new:
            args["network_id"] = network.vnet_id
        frontends = self.chosen.subnet_of(subnets.LOAD_BALANCER)
        if frontends is not None and is_new:
            args["load_balancer_subnet_id"] = network.subnet_ids[frontends]
            prefix = network.subnet_prefixes.get(frontends, "")
            args["load_balancer_subnet_prefix"] = prefix
        machines = self.chosen.subnet_of(subnets.INFERENCE)
        if machines is not None and backend_pools(chosen):
            args["backend_pools"] = {
                name: _placed(pool, network, machines)
                for name, pool in backend_pools(chosen).items()
            }
        consumers = self.chosen.subnet_of(subnets.PRIVATE_LINK_SERVICE)
        if "private_link" not in chosen:
            # A lock is on the Private Link service.
            args.pop("lock", None)
        elif consumers is not None:
            args["private_link"] = {
                **chosen["private_link"],
                "subnet_id": network.subnet_ids[consumers],
                "subnet_prefix": network.subnet_prefixes.get(consumers, ""),
            }
        return args

    @property
    def _shared(self) -> dict[str, Any]:
        """What all components have by one key; a lock also from `protect`."""
        lock = {"lock": LockKind.CAN_NOT_DELETE} if self.chosen.protect else {}
        return {**lock, **self.chosen.shared, **self._diagnostics}

    @property
    def _diagnostics(self) -> dict[str, Any]:
        """Where logs and metrics go, if that is not only what is configured."""
        if not self.chosen.diagnostics_to_own_logs:
            return {}
        settings = self.chosen.shared.get("diagnostic_settings", {})
        own: DiagnosticSettingSpec = {"log_analytics_workspace_id": self.own_logs}
        return {"diagnostic_settings": {**settings, "own-logs": own}}

    @property
    def _network_without_resolver(self) -> SecureVnetArgs:
        chosen = self.chosen
        args: SecureVnetArgs = {
            **chosen.network,
            **cast(SecureVnetArgs, self._diagnostics),
            "resource_group_name": self.group_name,
            "location": chosen.location,
            "private_endpoint_groups": chosen.private_endpoint_groups,
            "developer_bastion": chosen.uses_developer_bastion,
            "just_in_time_access": chosen.opens_jump_boxes_on_request,
            "high_business_impact": chosen.workspace.get("high_business_impact", False),
            "service_endpoint_policy_storage_ids": (
                [self.group_id] if chosen.service_endpoint_policy else []
            ),
            "tags": chosen.tags,
        }
        clients = (chosen.hybrid_gateway or {}).get("point_to_site", {})
        if clients:
            args["vpn_client_address_space"] = [
                *args.get("vpn_client_address_space", []),
                *clients["address_pool"],
            ]
        flow_logs = args.get("flow_logs")
        account = {"storage_account_id", "storage_account_name"}
        if flow_logs and not flow_logs.keys() & account:
            name = self.naming.name("storage_account", "flow")
            args["flow_logs"] = {**flow_logs, "storage_account_name": name}
        if chosen.protect and "existing_network_id" not in args:
            args.setdefault("lock", LockKind.CAN_NOT_DELETE)
        return args

    @cached_property
    def _layout(self) -> Mapping[str, str]:
        """The range of each subnet, pinned or planned; pinned ones only, where the
        network's inputs have faults, which are told as such."""
        try:
            return SecureVnet.layout(self.stem, self._network_without_resolver)
        except InputError:
            return {
                name: subnet.get("prefix", "")
                for name, subnet in self.chosen.network["subnets"].items()
            }

    @property
    def _resolver_address(self) -> str | None:
        """The static address of the resolver, fixed before the network is made: the
        network names it as its DNS server, and it lives in the network."""
        resolver = (self.chosen.hybrid_gateway or {}).get("resolver")
        subnet = self.chosen.subnet_of(subnets.RESOLVER_INBOUND)
        if resolver is None or subnet is None:
            return None
        try:
            return resolver.get("inbound_address") or inbound_address(
                self._layout[subnet]
            )
        except ValueError:  # told as a fault of the subnet
            return None


def _placed(
    pool: BackendPoolSpec, network: NetworkFacts, subnet: str
) -> BackendPoolSpec:
    """Return a pool with its interfaces in the subnet of that name."""
    if "interfaces" not in pool:
        return pool
    place: dict[str, Any] = {"subnet_id": network.subnet_ids[subnet]}
    prefix = network.subnet_prefixes.get(subnet, "")
    # What is no range is told of the network.
    if not isinstance(read_range(prefix, ""), Finding):
        place["subnet_prefix"] = prefix
    interfaces = {
        name: cast(InterfaceSpec, {**interface, **place})
        for name, interface in pool["interfaces"].items()
    }
    return {**pool, "interfaces": interfaces}


def _monitoring(workspace: PrivateWorkspace | None) -> MachineMonitoringSpec | None:
    """Return where machines send logs: to the workspace's own Log Analytics."""
    if workspace is None or workspace.log_analytics_workspace_id is None:
        return None
    monitoring: MachineMonitoringSpec = {
        "log_analytics_workspace_id": workspace.log_analytics_workspace_id
    }
    if workspace.private_link_scope_id is not None:
        monitoring["private_link_scope_id"] = workspace.private_link_scope_id
    return monitoring


def failed(error: Exception) -> Output[str]:
    """Return an output that never has a value, for the reason that `error` gives."""

    def refuse(_: str) -> str:
        raise error

    return Output.from_input("").apply(refuse)
