"""Where sessions of Bastion are recorded to: an account with one container.

All of it is made here but the SAS URL that Bastion writes by, which is a secret with a
last day, and which azure-native cannot give to Bastion.
"""

from dataclasses import dataclass

from pulumi import Input, Output
from pulumi_azure_native import network, storage

from azureml_network._blob_endpoint import blob_endpoint
from azureml_network._closed_storage import (
    observed_account,
    records_account,
    soft_delete_inputs,
)
from azureml_network._diagnostics import Observed
from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import RecordingsSpec
from azureml_network._place import Place
from azureml_network._surroundings import Surroundings
from azureml_rulebook.dns_zones import zone_id_findings, zone_names
from azureml_rulebook.findings import joined
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import PRIVATE_DNS_ZONE, SUBNET
from azureml_rulebook.session_recordings import (
    CONTAINER,
    PLAYER_MAX_AGE_SECONDS,
    PLAYER_METHODS,
    player_origin,
    retention_findings,
)

_KEY = "recordings"


@dataclass(frozen=True, kw_only=True)
class RecordingsPlan:
    """The account of the recordings."""

    account_name: str
    subnet_id: Input[str]
    zone_id: Input[str] | None
    """None: a policy makes the record."""
    retention_days: int | None
    """None: recordings are kept."""


def read_recordings(
    spec: InputReader, place: Place, *, records: bool
) -> RecordingsPlan | None:
    """Read ``recordings`` of Bastion; None: there is no account here.

    ``records``: whether sessions are recorded.
    """
    if not spec.has(_KEY):
        return None
    if not records:
        spec.note(
            _KEY, "is for recorded sessions; set session_recording, or leave it out"
        )
    inner = spec.nested(_KEY, RecordingsSpec)
    name = inner.text("storage_account_name")
    if name:
        inner.findings += name_findings(
            "storage_account", name, path=joined(inner.path, "storage_account_name")
        )
    inner.require("endpoints_subnet_id")
    zone_id = inner.resource_id("blob_zone_id", PRIVATE_DNS_ZONE)
    if isinstance(zone_id, str):
        inner.findings += zone_id_findings(
            zone_names("blob", place.cloud_name)[0],
            zone_id,
            path=joined(inner.path, "blob_zone_id"),
        )
    days = inner.optional_integer("retention_days")
    if days is not None:
        inner.findings += retention_findings(
            days, path=joined(inner.path, "retention_days")
        )
    return RecordingsPlan(
        account_name=name,
        subnet_id=inner.resource_id("endpoints_subnet_id", SUBNET) or "",
        zone_id=zone_id,
        retention_days=days,
    )


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """Where sessions are recorded to."""

    account_id: Output[str]
    url: Output[str]
    """Of the container, given once that is made."""

    @property
    def observed(self) -> dict[str, Observed]:
        """What tells who has watched or deleted recordings, by a word for each."""
        return observed_account("recordings-storage", self.account_id)


def recordings(
    parts: Surroundings, plan: RecordingsPlan, host: network.BastionHost
) -> Recordings:
    """Make the account and its container.

    ``host``: the Bastion whose player reads the recordings.
    """
    name = f"{parts.name}-recordings"
    # A SAS that lasts longer than a week is signed with a key. Bastion is none of the
    # services that are trusted.
    account = records_account(
        parts, f"{name}-storage", plan.account_name, with_keys=True
    )
    blobs = storage.BlobServiceProperties(
        f"{name}-storage-blobs",
        # The only name Azure takes.
        blob_services_name="default",
        account_name=plan.account_name,
        resource_group_name=parts.resource_group_name,
        **soft_delete_inputs(),
        # Bastion records neither over versions nor under an immutability policy.
        is_versioning_enabled=False,
        cors={
            "cors_rules": [
                {
                    "allowed_origins": [
                        host.dns_name.apply(lambda dns: player_origin(dns or ""))
                    ],
                    "allowed_methods": list(PLAYER_METHODS),
                    "allowed_headers": ["*"],
                    "exposed_headers": ["*"],
                    "max_age_in_seconds": PLAYER_MAX_AGE_SECONDS,
                }
            ]
        },
        opts=parts.options(account),
    )
    container = storage.BlobContainer(
        f"{name}-container",
        container_name=CONTAINER,
        account_name=plan.account_name,
        resource_group_name=parts.resource_group_name,
        public_access=storage.PublicAccess.NONE,
        opts=parts.options(blobs),
    )
    if plan.retention_days is not None:
        _deletion(parts, name, plan, plan.retention_days, container)
    blob_endpoint(parts, f"{name}-blob", account, plan.subnet_id, plan.zone_id)
    hosts = zone_names("blob", parts.place.cloud_name)[0].removeprefix("privatelink.")
    url = f"https://{plan.account_name}.{hosts}/{CONTAINER}"
    return Recordings(account_id=account.id, url=container.id.apply(lambda _: url))


def _deletion(
    parts: Surroundings,
    name: str,
    plan: RecordingsPlan,
    days: int,
    container: storage.BlobContainer,
) -> None:
    """Delete each recording some days after it was written."""
    storage.ManagementPolicy(
        f"{name}-deletion",
        # The only name Azure takes.
        management_policy_name="default",
        account_name=plan.account_name,
        resource_group_name=parts.resource_group_name,
        policy={
            "rules": [
                {
                    "name": "recordings",
                    "enabled": True,
                    "type": storage.RuleType.LIFECYCLE,
                    "definition": {
                        "filters": {
                            "blob_types": ["blockBlob", "appendBlob"],
                            "prefix_match": [f"{CONTAINER}/"],
                        },
                        "actions": {
                            "base_blob": {
                                "delete": {"days_after_modification_greater_than": days}
                            }
                        },
                    },
                }
            ]
        },
        opts=parts.options(container),
    )
