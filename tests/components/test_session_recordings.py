"""Where sessions are recorded to: what is made, exactly, and what is told."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from azureml_network import JumpBoxBastion
from azureml_rulebook.bastion import BastionOptions, bastion_warnings

GROUP = (
    "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
    "/providers/Microsoft.Network"
)
ENDPOINTS = f"{GROUP}/virtualNetworks/net/subnets/endpoints"
ZONE = f"{GROUP}/privateDnsZones/privatelink.blob.core.windows.net"
SPEC = {"storage_account_name": "strecordings1", "endpoints_subnet_id": ENDPOINTS}
RECORDED = {"tier": "Premium", "session_recording": True}


def recorded(jump_box_args: Callable[..., Any], **spec: Any) -> Any:
    """Inputs of a Bastion with an account for its recordings."""
    return jump_box_args(bastion={**RECORDED, "recordings": {**SPEC, **spec}})


def test_all_but_the_sas_url_is_made(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """An account that only the network reaches, with keys for a SAS; a container in it
    without versions; and the CORS rule of Azure's page for Bastion's own host."""
    args = recorded(jump_box_args, blob_zone_id=ZONE, retention_days=90)
    made = record(lambda: JumpBoxBastion("jump", args))
    account = made.inputs("jump-recordings-storage")
    assert account["accountName"] == "strecordings1"
    assert account["publicNetworkAccess"] == "Disabled"
    assert account["networkRuleSet"] == {
        "defaultAction": "Deny",
        "bypass": "AzureServices",
        "ipRules": [],
        "virtualNetworkRules": [],
    }
    assert account["allowSharedKeyAccess"] is True
    assert account["allowBlobPublicAccess"] is False
    assert account["minimumTlsVersion"] == "TLS1_2"
    blobs = made.inputs("jump-recordings-storage-blobs")
    assert blobs["isVersioningEnabled"] is False
    # https://learn.microsoft.com/azure/bastion/session-recording
    origin = made.outputs["jump"]["sessionRecordingOrigin"]
    assert origin.startswith("https://bst-")
    assert blobs["cors"] == {
        "corsRules": [
            {
                "allowedOrigins": [origin],
                "allowedMethods": ["GET"],
                "allowedHeaders": ["*"],
                "exposedHeaders": ["*"],
                "maxAgeInSeconds": 86400,
            }
        ]
    }
    container = made.inputs("jump-recordings-container")
    assert container["containerName"] == "recordings"
    assert container["publicAccess"] == "None"
    assert made.waits_for("jump-recordings-container") >= {
        "jump-recordings-storage-blobs"
    }
    (rule,) = made.inputs("jump-recordings-deletion")["policy"]["rules"]
    assert rule["definition"] == {
        "filters": {
            "blobTypes": ["blockBlob", "appendBlob"],
            "prefixMatch": ["recordings/"],
        },
        "actions": {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 90}}},
    }
    endpoint = made.inputs("jump-recordings-blob-endpoint")
    assert endpoint["subnet"] == {"id": ENDPOINTS}
    (connection,) = endpoint["privateLinkServiceConnections"]
    assert connection["groupIds"] == ["blob"]
    (zone,) = made.inputs("jump-recordings-blob-zones")["privateDnsZoneConfigs"]
    assert zone["privateDnsZoneId"] == ZONE
    assert made.outputs["jump"]["sessionRecordingsUrl"] == (
        "https://strecordings1.blob.core.windows.net/recordings"
    )


@pytest.mark.parametrize(
    ("made_here", "said"),
    [(True, "the container in the output sessionRecordingsUrl"), (False, "CORS rule")],
)
def test_what_is_left_to_do_is_said(made_here: bool, said: str) -> None:
    """Bastion refuses every session until it has a SAS URL."""
    options = BastionOptions(tier="Premium", session_recording=True)
    (warning,) = bastion_warnings(
        options,
        cloud_name="public",
        region="westeurope",
        path="bastion",
        has_container=made_here,
    )
    start = "bastion.session_recording: nobody gets into a machine until"
    assert warning.startswith(start)
    assert said in warning


def test_recordings_are_kept_and_a_policy_makes_the_record(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """Unless it is said when they are deleted, and which zone the record is in."""
    args = recorded(jump_box_args)
    made = record(lambda: JumpBoxBastion("jump", args))
    assert not made.of_type("ManagementPolicy")
    assert not made.of_type("PrivateDnsZoneGroup")


def test_subnet_and_zone_may_be_known_later(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """As a network of the same program gives them."""

    def program() -> None:
        args = recorded(
            jump_box_args,
            endpoints_subnet_id=pulumi.Output.from_input(ENDPOINTS),
            blob_zone_id=pulumi.Output.from_input(ZONE),
        )
        JumpBoxBastion("jump", args)

    made = record(program)
    assert made.inputs("jump-recordings-blob-endpoint")["subnet"] == {"id": ENDPOINTS}
    (zone,) = made.inputs("jump-recordings-blob-zones")["privateDnsZoneConfigs"]
    assert zone["privateDnsZoneId"] == ZONE


def test_who_watches_is_recorded(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """Logs of the account go where those of Bastion go."""
    args = recorded(jump_box_args)
    logs = f"{GROUP.partition('/providers')[0]}/providers/Microsoft.OperationalInsights"
    central = {"log_analytics_workspace_id": f"{logs}/workspaces/logs"}
    args["diagnostic_settings"] = {"central": central}
    made = record(lambda: JumpBoxBastion("jump", args))
    watched = {
        name.removeprefix("jump-").removesuffix("-central-diagnostics")
        for name in made.of_type("DiagnosticSetting")
    }
    assert watched >= {"bastion", "recordings-storage", "recordings-storage-blob"}


def test_nothing_is_made_for_an_account_of_somebody_else(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """The origin that its owner has to let in is an output all the same."""
    args = jump_box_args(bastion=RECORDED)
    made = record(lambda: JumpBoxBastion("jump", args))
    assert not made.of_type("StorageAccount")
    outputs = made.outputs["jump"]
    assert outputs["sessionRecordingOrigin"].startswith("https://bst-")
    assert outputs.get("sessionRecordingsUrl") is None


@pytest.mark.parametrize(
    ("bastion", "path", "message"),
    [
        (
            {"tier": "Premium", "recordings": SPEC},
            "bastion.recordings",
            "is for recorded sessions; set session_recording, or leave it out",
        ),
        (
            {**RECORDED, "recordings": {**SPEC, "storage_account_name": "St-1"}},
            "bastion.recordings.storage_account_name",
            "the storage account name 'St-1' must be",
        ),
        (
            {**RECORDED, "recordings": {"storage_account_name": "st1"}},
            "bastion.recordings.endpoints_subnet_id",
            "is required and not set",
        ),
        (
            {**RECORDED, "recordings": {**SPEC, "retention_days": 0}},
            "bastion.recordings.retention_days",
            "0 is not allowed; use 1 or more, or leave it out to keep",
        ),
        (
            {
                **RECORDED,
                "recordings": {**SPEC, "blob_zone_id": ZONE.replace("blob", "file")},
            },
            "bastion.recordings.blob_zone_id",
            "",
        ),
        (
            {**RECORDED, "recordings": {**SPEC, "retentionDays": 3}},
            "bastion.recordings.retentionDays",
            "is not a known input; did you mean 'retention_days'?",
        ),
    ],
)
def test_faults(
    jump_box_args: Callable[..., Any], bastion: Any, path: str, message: str
) -> None:
    """Each is told at its own path."""
    (finding,) = JumpBoxBastion.check("jump", jump_box_args(bastion=bastion))
    assert finding.path == path
    assert finding.message.startswith(message)
