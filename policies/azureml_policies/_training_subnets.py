"""Which subnets of a plan hold compute of Azure Machine Learning."""

from azureml_policies._frame import Reading, Resource, Stack, Unknown
from azureml_policies._plan import COMPUTE, WORKSPACE
from azureml_policies._subnets import PlannedSubnet, Residents

_COMPUTE_SUBNET = "properties.properties.subnet.id"
_SERVERLESS_SUBNET = "serverlessComputeSettings.serverlessComputeCustomSubnet"


def trains_in(stack: Stack, subnet: PlannedSubnet) -> bool | Unknown:
    """Say whether compute lives in ``subnet``, or return what tells.

    Serverless compute counts too.
    """
    doubts: list[Reading] = []
    for derive in (compute_residents, _serverless):
        certain, perhaps = stack.once(derive).of(subnet)
        if certain:
            return True
        doubts += perhaps
    return Unknown(doubts[0].path) if doubts else False


def compute_residents(stack: Stack) -> Residents:
    """Return the clusters and instances by subnet; ask through ``stack.once``."""
    return Residents(stack, COMPUTE, _COMPUTE_SUBNET)


def _serverless(stack: Stack) -> Residents:
    return Residents(stack, WORKSPACE, _SERVERLESS_SUBNET)


def subnet_of(compute: Resource) -> Reading:
    """Return the id of the subnet that ``compute`` lives in."""
    return compute.value(_COMPUTE_SUBNET)
