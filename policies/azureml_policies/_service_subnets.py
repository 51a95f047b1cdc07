"""Subnets that Azure knows by their names: who lives in one, and at which address.

Bastion and gateways ask the same of theirs. A subnet's name is read from the subnet
where the stack holds it, and else from its id.
"""

from collections.abc import Iterator

from azureml_policies._frame import (
    Absent,
    Finding,
    Known,
    Reading,
    Resource,
    Stack,
    Undecided,
    Unknown,
    Violation,
    parse_arm_id,
    undecided,
)
from azureml_policies._plan import PUBLIC_ADDRESS, SUBNET
from azureml_rulebook import resource_ids
from azureml_rulebook.subnets import SubnetPurpose

_NAME = "subnetName"


def lives_in(
    stack: Stack, tenant: Resource, subnet: Reading, purpose: SubnetPurpose
) -> Iterator[Finding]:
    """Want ``subnet``, an id that ``tenant`` names, to be the one of ``purpose``."""
    wanted = f"'{purpose.azure_name}', the only subnet that Azure takes for it"
    match subnet_name(stack, tenant, subnet):
        case Known() as name if not name.is_any_of((purpose.azure_name or "",)):
            yield Violation(
                subnet.path,
                f"{subnet.path} names subnet {name.text}; give the id of {wanted}",
            )
        case Absent():
            yield Violation(
                subnet.path, f"{subnet.path} is missing; give the id of {wanted}"
            )
        case Unknown() as unknown:
            yield undecided(unknown, f"it has to be the id of {wanted}")


def has_standard_address(
    stack: Stack, tenant: Resource, address: Reading
) -> Iterator[Finding]:
    """Want ``address``, an id that ``tenant`` names, to be Standard and static."""
    path = address.path
    reference = stack.resolve(tenant, address, PUBLIC_ADDRESS)
    found = reference.certain
    wanted = "it needs a Standard, Static PublicIPAddress"
    if found is not None:
        yield from _is_standard(found, path)
    elif isinstance(reference.reading, Absent) or not (
        reference.possible or reference.anything or reference.elsewhere
    ):
        yield Violation(path, f"{path} is missing: {wanted}; add it")
    elif isinstance(reference.reading, Unknown):
        message = f"{wanted}, and this stack does not show which it is"
        yield undecided(reference.reading, message)
    else:
        yield Undecided(
            path,
            f"{path} names an address that this stack does not show: {wanted}; judge "
            "the stack that holds it",
        )


def _is_standard(address: Resource, path: str) -> Iterator[Finding]:
    for key, wanted in (
        ("sku.name", "Standard"),
        ("publicIPAllocationMethod", "Static"),
    ):
        match address.value(key):
            case Known() as value if not value.is_any_of((wanted,)):
                yield Violation(
                    path,
                    f"{path}: {key} of '{address.name}' is {value.text}; set it to "
                    f"'{wanted}'",
                )
            case Absent():
                yield Violation(
                    path,
                    f"{path}: {key} of '{address.name}' is missing: Azure makes the "
                    f"address another one than {wanted}; set it to '{wanted}'",
                )
            case Unknown() as unknown:
                yield undecided(unknown, f"{key} has to be '{wanted}'")


def subnet_name(stack: Stack, tenant: Resource, subnet: Reading) -> Reading:
    """Return the name of a subnet with an id that ``tenant`` names."""
    reference = stack.resolve(tenant, subnet, SUBNET)
    if reference.certain is not None:
        return reference.certain.value(_NAME)
    names = {
        name.value.lower()
        for each in reference.possible
        if isinstance(name := each.value(_NAME), Known) and isinstance(name.value, str)
    }
    if len(names) == 1 and reference.possible:
        return Known(subnet.path, names.pop())
    arm_id = parse_arm_id(reference.elsewhere)
    if arm_id is not None and arm_id.type == resource_ids.SUBNET.lower():
        return Known(subnet.path, arm_id.names[-1])
    match subnet:
        case Absent() | Known(is_blank=True):
            return Absent(subnet.path)
        case Known():
            return subnet
    return Unknown(subnet.path)
