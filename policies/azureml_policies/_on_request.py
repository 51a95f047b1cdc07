"""Machines whose ports Microsoft Defender for Cloud opens on request only.

Just-in-time access closes them to everybody in between, Bastion included
(https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview).
"""

from collections.abc import Iterator

from azureml_policies._frame.resources import Resource, Stack
from azureml_policies._frame.values import Known
from azureml_policies._plan import MACHINE
from azureml_policies._public_addresses import readings_at

_POLICY = "security:JitNetworkAccessPolicy"


def opened_on_request(stack: Stack) -> frozenset[str]:
    """Return the names, in Azure and in Pulumi, of all machines that a just-in-time
    policy of the stack is for, or may be for where their ids are not known yet."""
    return stack.once(_names_of_all)


def _names_of_all(stack: Stack) -> frozenset[str]:
    return frozenset(
        name
        for policy in stack.of_type(_POLICY)
        for machine in _machines(stack, policy)
        for name in _names(machine)
    )


def _machines(stack: Stack, policy: Resource) -> Iterator[Resource]:
    for reading in readings_at(policy, "virtualMachines[].id"):
        found = stack.resolve(policy, reading, MACHINE)
        yield from found.possible
        if found.certain is not None:
            yield found.certain


def _names(machine: Resource) -> Iterator[str]:
    yield machine.name
    match machine.value("vmName"):
        case Known(value=str() as name):
            yield name
        case _:
            pass
