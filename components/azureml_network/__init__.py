"""Pulumi components for a private Azure Machine Learning network."""

from azureml_network._inputs import InputError
from azureml_network._secure_vnet.arguments import Egress, SecureVnetArgs, SubnetSpec
from azureml_network._version import VERSION as __version__
from azureml_network.secure_vnet import SecureVnet

__all__ = [
    "Egress",
    "InputError",
    "SecureVnet",
    "SecureVnetArgs",
    "SubnetSpec",
    "__version__",
]
