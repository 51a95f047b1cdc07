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
from azureml_network._secure_vnet.arguments import Egress, SecureVnetArgs, SubnetSpec
from azureml_network._secure_vnet.component import SecureVnet
from azureml_network._version import VERSION as __version__
from azureml_rulebook.findings import Finding

__all__ = [
    "ClusterSpec",
    "Egress",
    "Finding",
    "InputError",
    "MonitoringSpec",
    "PrivateWorkspace",
    "PrivateWorkspaceArgs",
    "RegistrySpec",
    "Replication",
    "SecureVnet",
    "SecureVnetArgs",
    "StorageSpec",
    "SubnetSpec",
    "__version__",
]
