"""What the plugin serves: its name and its components.

They are listed one by one: the host serves what it is given and finds nothing itself.
"""

import pulumi

from azureml_network._hybrid_gateway.component import HybridGateway
from azureml_network._jump_box_bastion.component import JumpBoxBastion
from azureml_network._private_workspace.component import PrivateWorkspace
from azureml_network._published_service.component import PublishedService
from azureml_network._published_service.consumer_component import ServiceConsumer
from azureml_network._secure_vnet.component import SecureVnet

NAME = "azureml-network"
COMPONENTS: list[type[pulumi.ComponentResource]] = [
    HybridGateway,
    JumpBoxBastion,
    PrivateWorkspace,
    PublishedService,
    SecureVnet,
    ServiceConsumer,
]
