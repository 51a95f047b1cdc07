"""Auto-names: the kind of each type, and what the engine's setting changes."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import auto_names, catalogue
from emulator.auto_names import CREATE_BEFORE_DELETE, Autonaming, Mode, NameKind

KINDS = {
    NameKind.RANDOM: (
        "resources:ResourceGroup network:VirtualNetwork network:NetworkSecurityGroup "
        "network:PrivateEndpoint network:BastionHost network:AzureFirewall "
        "privatedns:PrivateZone dnsresolver:DnsResolver "
        "machinelearningservices:Workspace machinelearningservices:Registry "
        "machinelearningservices:OnlineEndpoint machinelearningservices:BatchEndpoint "
        "storage:StorageAccount keyvault:Vault containerregistry:Registry "
        "compute:VirtualMachine compute:Disk managedidentity:UserAssignedIdentity "
        "operationalinsights:Workspace applicationinsights:Component "
        "monitor:ActionGroup monitor:PrivateLinkScope monitor:DataCollectionRule "
        "authorization:PolicyAssignment authorization:ManagementLockByScope "
        "monitor:DiagnosticSetting monitor:DataCollectionRuleAssociation"
    ),
    NameKind.COPY: (
        "network:Subnet network:SecurityRule network:Route "
        "network:VirtualNetworkPeering network:PrivateDnsZoneGroup network:FlowLog "
        "network:FirewallPolicyRuleCollectionGroup "
        "network:ExpressRouteCircuitPeering network:VirtualNetworkGatewayNatRule "
        "privatedns:VirtualNetworkLink privatedns:PrivateRecordSet "
        "dnsresolver:InboundEndpoint dnsresolver:ForwardingRule "
        "machinelearningservices:Compute machinelearningservices:Datastore "
        "machinelearningservices:OnlineDeployment "
        "machinelearningservices:WorkspaceConnection storage:BlobContainer "
        "storage:FileShare storage:BlobServiceProperties keyvault:Key keyvault:Secret "
        "containerregistry:Replication compute:VirtualMachineExtension "
        "monitor:PrivateLinkScopedResource managedidentity:FederatedIdentityCredential"
    ),
    NameKind.UUID: "authorization:RoleAssignment authorization:RoleDefinition",
}
TABLE = [(token, kind) for kind, tokens in KINDS.items() for token in tokens.split()]


def _name(
    token: str,
    inputs: dict[str, Any] | None = None,
    old: dict[str, Any] | None = None,
    autonaming: Autonaming | None = None,
) -> dict[str, Any]:
    filled = dict(inputs or {})
    auto_names.fill_name(
        catalogue.find(f"azure-native:{token}"),
        filled,
        "Thing",
        old or {},
        b"seed",
        autonaming,
    )
    return filled


@pytest.mark.parametrize(("token", "kind"), TABLE)
def test_kind_of_each_type(token: str, kind: NameKind) -> None:
    """A type's own parameter is named in the way that its place in the path says."""
    found = catalogue.find(f"azure-native:{token}")
    assert auto_names.name_kind(found) is kind
    filled = _name(token)
    name = filled[found.path.own_parameter or ""]
    pattern = {
        NameKind.RANDOM: r"Thing[0-9a-f]{8}",
        NameKind.COPY: r"Thing",
        NameKind.UUID: r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}",
    }[kind]
    assert re.fullmatch(pattern, name)
    made_up = kind is not NameKind.COPY
    assert filled.get(CREATE_BEFORE_DELETE, False) is made_up


def test_body_inputs_called_name_are_left_alone() -> None:
    """Only the path parameter is named, not `name` in the body."""
    assert "name" not in _name("network:Subnet")


def test_explicit_name_stays() -> None:
    """A name in the program is used as it is, and forces deletion first."""
    filled = _name("network:VirtualNetwork", {"virtualNetworkName": "mine"})
    assert filled == {"virtualNetworkName": "mine"}


def test_old_name_is_kept() -> None:
    """An old name stays when the program leaves it out, with its flag."""
    old = {"virtualNetworkName": "vnet1234", CREATE_BEFORE_DELETE: True}
    assert _name("network:VirtualNetwork", old=old) == old
    explicit = {"virtualNetworkName": "mine"}
    assert _name("network:VirtualNetwork", old=explicit) == explicit


@pytest.mark.parametrize(
    ("token", "mode", "expected"),
    [
        ("network:VirtualNetwork", Mode.PROPOSE, "proposed"),
        ("network:Subnet", Mode.PROPOSE, "proposed"),
        ("authorization:RoleAssignment", Mode.PROPOSE, None),
        ("authorization:RoleAssignment", Mode.ENFORCE, "proposed"),
        ("network:VirtualNetwork", Mode.ENFORCE, "proposed"),
    ],
)
def test_engine_proposes_names(token: str, mode: Mode, expected: str | None) -> None:
    """The engine's name is taken; a UUID only gives way when it is enforced."""
    filled = _name(token, autonaming=Autonaming("proposed", mode))
    own = catalogue.find(f"azure-native:{token}").path.own_parameter
    assert filled[CREATE_BEFORE_DELETE] is True
    if expected is None:
        assert filled[own or ""] != "proposed"
    else:
        assert filled[own or ""] == expected


def test_engine_switches_names_off() -> None:
    """With autonaming disabled nothing is named."""
    off = Autonaming("", Mode.DISABLE)
    assert _name("network:VirtualNetwork", autonaming=off) == {}


@given(seed=st.binary(min_size=1, max_size=32))
def test_same_seed_same_name(seed: bytes) -> None:
    """Preview and update of one run agree, because they get the same seed."""
    group = catalogue.find("azure-native:resources:ResourceGroup")
    one: dict[str, Any] = {}
    other: dict[str, Any] = {}
    auto_names.fill_name(group, one, "g", {}, seed)
    auto_names.fill_name(group, other, "g", {}, seed)
    assert one == other
