"""A storage account for flow logs: nobody reads or deletes records unseen.

It is closed but for trusted services, which flow logs are one of, and for a private
endpoint; an identity of its own writes there, and nowhere else.
"""

from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions
from pulumi_azure_native import authorization, managedidentity, storage

from azureml_network._blob_endpoint import blob_endpoint
from azureml_network._closed_storage import (
    observed_account,
    records_account,
    soft_delete_inputs,
)
from azureml_network._diagnostics import Observed
from azureml_network._surroundings import Surroundings
from azureml_rulebook.roles import FLOW_LOG_GRANT, ROLE_IDS, role_assignment_name


@dataclass(frozen=True, kw_only=True)
class FlowLogReaders:
    """From where people and programs of the network read its flow logs."""

    subnet_id: Input[str]
    """Subnet of the account's private endpoint."""
    zone_id: Input[str] | None
    """Private DNS zone of its records; None: a policy makes them."""


@dataclass(frozen=True, kw_only=True)
class FlowLogStore:
    """Where flow logs are written, and as whom."""

    account_id: Input[str]
    identity_id: Input[str]
    role: pulumi.Resource
    """What lets the identity write."""
    made: tuple[pulumi.Resource, ...]
    """The account, and everything in it and on it."""


def flow_log_store(
    parts: Surroundings, account_name: str, readers: FlowLogReaders | None
) -> FlowLogStore:
    """Make the account called ``account_name``, with an identity that writes there.

    ``readers``: from where it is read.
    """
    account = records_account(parts, f"{parts.name}-flow-logs-storage", account_name)
    blobs = _blobs(parts, account_name, account)
    identity = _identity(parts)
    ways_in = [] if readers is None else _ways_in(parts, account, readers)
    role = _role(parts, account_name, account, identity)
    return FlowLogStore(
        account_id=account.id,
        identity_id=identity.id,
        role=role,
        made=(account, blobs, *ways_in, role),
    )


def observed_store(store: FlowLogStore) -> dict[str, Observed]:
    """Return what tells who has read or deleted records, by a word for each."""
    return observed_account("flow-logs-storage", store.account_id)


def _blobs(
    parts: Surroundings, account_name: str, account: storage.StorageAccount
) -> storage.BlobServiceProperties:
    """Let records that somebody deletes be brought back for a while."""
    return storage.BlobServiceProperties(
        f"{parts.name}-flow-logs-storage-blobs",
        # The only name Azure takes.
        blob_services_name="default",
        account_name=account_name,
        resource_group_name=parts.resource_group_name,
        **soft_delete_inputs(),
        opts=parts.options(account),
    )


def _ways_in(
    parts: Surroundings, account: storage.StorageAccount, readers: FlowLogReaders
) -> list[pulumi.Resource]:
    """Let the account be read from inside the network, which is the only way in."""
    name = f"{parts.name}-flow-logs-blob"
    return blob_endpoint(parts, name, account, readers.subnet_id, readers.zone_id)


def _identity(parts: Surroundings) -> managedidentity.UserAssignedIdentity:
    """Make the identity that writes the records.

    It keeps the tags it was made with: at the preview of their change its principal
    would be unknown, and its role would seem to be replaced.
    """
    return managedidentity.UserAssignedIdentity(
        f"{parts.name}-flow-logs-identity",
        resource_name_=f"{parts.name}-flow-logs-id",
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        tags=parts.tags,
        opts=ResourceOptions.merge(
            parts.options(), ResourceOptions(ignore_changes=["tags"])
        ),
    )


def _role(
    parts: Surroundings,
    account_name: str,
    account: storage.StorageAccount,
    identity: managedidentity.UserAssignedIdentity,
) -> authorization.RoleAssignment:
    """Let the identity write blobs in the account, and nowhere else."""
    return authorization.RoleAssignment(
        f"{parts.name}-flow-logs-{FLOW_LOG_GRANT.key}",
        # From plain text, so that it is the same in every preview.
        role_assignment_name=role_assignment_name(
            account_name, FLOW_LOG_GRANT.scope, FLOW_LOG_GRANT.role
        ),
        scope=account.id,
        role_definition_id=(
            "/providers/Microsoft.Authorization/roleDefinitions/"
            f"{ROLE_IDS[FLOW_LOG_GRANT.role]}"
        ),
        principal_id=identity.principal_id,
        # Without it Azure looks the principal up, and a new one is not found yet.
        principal_type=authorization.PrincipalType.SERVICE_PRINCIPAL,
        description=FLOW_LOG_GRANT.reason,
        opts=parts.options(),
    )
