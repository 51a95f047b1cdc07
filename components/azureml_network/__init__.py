"""Pulumi components for a private Azure Machine Learning network."""

from azureml_network._inputs import InputError
from azureml_network._private_workspace.arguments import (
    ClusterSpec,
    MonitoringSpec,
    PrivateWorkspaceArgs,
    RegistrySpec,
    Replication,
    StorageSpec,
)
from azureml_network._private_workspace.component import PrivateWorkspace
from azureml_network._secure_vnet.arguments import (
    AllowedHost,
    ComputeMode,
    DetectionMode,
    DiagnosticSettingSpec,
    Egress,
    FirewallSpec,
    FirewallTier,
    FlowLogsSpec,
    LockKind,
    PeeringSpec,
    PrivateDnsSpec,
    ReservationSpec,
    RuleAccess,
    SecureVnetArgs,
    SubnetSpec,
    TrafficRule,
    ZoneOwner,
)
from azureml_network._secure_vnet.component import SecureVnet
from azureml_network._version import VERSION as __version__
from azureml_rulebook.findings import Finding

__all__ = [
    "AllowedHost",
    "ClusterSpec",
    "ComputeMode",
    "DetectionMode",
    "DiagnosticSettingSpec",
    "Egress",
    "Finding",
    "FirewallSpec",
    "FirewallTier",
    "FlowLogsSpec",
    "InputError",
    "LockKind",
    "MonitoringSpec",
    "PeeringSpec",
    "PrivateDnsSpec",
    "PrivateWorkspace",
    "PrivateWorkspaceArgs",
    "RegistrySpec",
    "Replication",
    "ReservationSpec",
    "RuleAccess",
    "SecureVnet",
    "SecureVnetArgs",
    "StorageSpec",
    "SubnetSpec",
    "TrafficRule",
    "ZoneOwner",
    "__version__",
]
