"""What encrypts the disks of jump boxes: a key of Microsoft's, or one of one's own."""

from dataclasses import dataclass

from pulumi import Input
from pulumi_azure_native import compute

from azureml_network._inputs import InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.customer_managed_keys import (
    CustomerManagedKeyPlan,
    read_customer_managed_key,
)
from azureml_network._surroundings import Surroundings
from azureml_rulebook.customer_managed_keys import KEY_OF_DISKS
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import DISK_ENCRYPTION_SET

_KEY = "disk_customer_managed_key"
_SET = "disk_encryption_set_id"


@dataclass(frozen=True, kw_only=True)
class DiskEncryptionPlan:
    """What encrypts the disks; neither of the two: a key of Microsoft's."""

    name: str
    """Azure name of the disk encryption set, if one is made."""
    existing_set_id: Input[str] | None
    key: CustomerManagedKeyPlan | None


def read_disk_encryption(
    reader: InputReader, name: str, place: Place
) -> DiskEncryptionPlan:
    """Read what encrypts the disks of the component called ``name``."""
    if reader.has(_KEY) and reader.has(_SET):
        reader.note(
            _SET,
            f"cannot be used together with {_KEY}, of which another set is made; leave "
            "one of the two out",
        )
    set_name = f"{name}-disks"
    key = read_customer_managed_key(reader, place, key=_KEY, versioned_for=KEY_OF_DISKS)
    if key is not None:
        reader.findings += name_findings("disk_encryption_set", set_name, path=_KEY)
    return DiskEncryptionPlan(
        name=set_name,
        existing_set_id=reader.resource_id(_SET, DISK_ENCRYPTION_SET),
        key=key,
    )


def disk_encryption_set_id(
    parts: Surroundings, plan: DiskEncryptionPlan
) -> Input[str] | None:
    """Make the set of a key and return its id, or that of the caller's set."""
    key = plan.key
    if key is None:
        return plan.existing_set_id
    made = compute.DiskEncryptionSet(
        plan.name,
        disk_encryption_set_name=plan.name,
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        identity={
            "type": compute.DiskEncryptionSetIdentityType.USER_ASSIGNED,
            "user_assigned_identities": [key.identity_id],
        },
        encryption_type=(
            compute.DiskEncryptionSetType.ENCRYPTION_AT_REST_WITH_CUSTOMER_KEY
        ),
        # Without the vault's id, which Azure takes in the same subscription only.
        active_key={"key_url": key.checked_uri()},
        rotation_to_latest_key_version_enabled=True,
        tags=parts.tags,
        opts=parts.options(),
    )
    return made.id
