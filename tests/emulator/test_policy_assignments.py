"""Policy assignments: what Azure takes, and what assigned policies refuse."""

import re
from typing import Any

import pytest

from azureml_rulebook.azure_policies import assignments
from emulator.azure_error import AzureError
from emulator.azure_rules.policy_definitions import built_in
from tests.emulator.conftest import Azure

GROUP_ID = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/group"
DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/"
PRIVATE_ACCOUNT = "b2982f36-99f2-4db5-8eff-283140c09693"
NO_SHARED_KEY = "8c6a50c6-9ffd-4ae7-986f-5fa6111f9a54"
HTTPS = "404c3081-a854-4457-ae30-26a93ef643f9"
TLS = "fe83a0eb-a853-422d-aac2-1bffd182c5d0"
VAULT_FIREWALL = "55615ac9-af46-4a59-874e-391cc3dfb490"
NO_PUBLIC_ADDRESS = "83a86a26-fd1f-447c-b59d-e51f44264114"
GATEWAY_SUBNET = "35f9c03a-cc27-418e-9c0c-539ff999d010"
ALLOWED_LOCATIONS = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
NETWORKS = f"{GROUP_ID}/providers/Microsoft.Network"


@pytest.fixture
def azure(provider: Any) -> Azure:
    """An Azure with the resource group."""
    made = Azure(provider)
    made.create(
        "resources:ResourceGroup", resourceGroupName="group", location="westeurope"
    )
    return made


def assign(
    azure: Azure,
    definition: str,
    scope: str = GROUP_ID,
    mode: str = "Default",
    name: str = "rule",
    without: tuple[str, ...] = (),
    **parameters: Any,
) -> Any:
    """Assign a built-in definition."""
    return azure.create(
        "authorization:PolicyAssignment",
        policyAssignmentName=name,
        scope=scope,
        displayName="Our rule",
        policyDefinitionId=DEFINITION + definition,
        enforcementMode=mode,
        notScopes=list(without),
        parameters={key: {"value": value} for key, value in parameters.items()},
    )


def account(azure: Azure, **inputs: Any) -> Any:
    """Create the storage account `account1`."""
    return azure.in_group(
        "storage:StorageAccount",
        accountName="account1",
        kind="StorageV2",
        sku={"name": "Standard_LRS"},
        **inputs,
    )


@pytest.mark.parametrize(
    ("about", "code", "text"),
    [
        ({"scope": "group"}, "MissingSubscription", "tenant level resource provider"),
        ({"scope": f"{GROUP_ID}/x"}, "ParentResourceNotFound", "group/x"),
        ({"scope": "/resourceGroups/group"}, "MissingSubscription", "did not have"),
        (
            {"definition": PRIVATE_ACCOUNT[:-1] + "0"},
            "PolicyDefinitionNotFound",
            f"'{PRIVATE_ACCOUNT[:-1]}0' could not be found",
        ),
        (
            {"Effect1": "Deny"},
            "UndefinedPolicyParameter",
            f"has the parameter(s) 'Effect1' which are not defined in the policy "
            f"definition '{PRIVATE_ACCOUNT}'",
        ),
        (
            {"definition": VAULT_FIREWALL, "auditEffect": "Audit"},
            "UndefinedPolicyParameter",
            "'auditEffect'",
        ),
        (
            {"effect": "deny"},
            "PolicyParameterValueNotAllowed",
            "The value 'deny' is not allowed for policy parameter 'effect' in policy "
            f"definition '{PRIVATE_ACCOUNT}'. The allowed values are 'Audit, Deny, "
            "Disabled'",
        ),
        (
            {"definition": ALLOWED_LOCATIONS},
            "MissingPolicyParameter",
            "is missing the parameter(s) 'listOfAllowedLocations'",
        ),
        ({"name": "n" * 65}, "InvalidPolicyAssignmentName", "exceed '64' characters"),
    ],
    ids=lambda each: str(each)[:40],
)
def test_what_is_no_assignment(
    azure: Azure, about: dict[str, Any], code: str, text: str
) -> None:
    """Azure's code and words, for each way to be wrong."""
    with pytest.raises(AzureError, match=re.escape(text)) as refused:
        assign(azure, **{"definition": PRIVATE_ACCOUNT, **about})
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("about", "parameters"),
    [
        ({}, {"effect": "Deny"}),
        ({}, {}),
        ({"definition": "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d"}, {}),
        ({"scope": "/subscriptions/00000000-0000-4000-8000-000000000001"}, {}),
        ({"scope": "/providers/Microsoft.Management/managementGroups/all"}, {}),
    ],
    ids=["an effect", "by default", "another one", "a subscription", "above it"],
)
def test_what_is_one(
    azure: Azure, about: dict[str, Any], parameters: dict[str, Any]
) -> None:
    """Definitions that Azure has, with their own parameters, at any scope."""
    assign(azure, **{"definition": PRIVATE_ACCOUNT, **about}, **parameters)


@pytest.mark.parametrize("effect", ["audit", "deny"])
@pytest.mark.parametrize("cloud", ["public", "us_government"])
def test_all_that_the_pack_assigns_is_taken(
    azure: Azure, cloud: str, effect: str
) -> None:
    """Names and values of parameters are Azure's, and none that it needs is missing."""
    rows = assignments(effect, cloud)
    assert rows
    for row in rows:
        # Whose parameters are not kept (published_policies/README.md), nothing judges.
        assert built_in(row.policy_definition_id) is not None, row.display_name
        assign(
            azure,
            row.policy_definition_id.removeprefix(DEFINITION),
            name=row.name,
            mode="Default" if row.enforced else "DoNotEnforce",
            **row.parameters,
        )


CLOSED = {"publicNetworkAccess": "Disabled"}


@pytest.mark.parametrize(
    ("definition", "inputs", "is_refused"),
    [
        (PRIVATE_ACCOUNT, CLOSED, False),
        (PRIVATE_ACCOUNT, {"publicNetworkAccess": "Enabled"}, True),
        (PRIVATE_ACCOUNT, {}, True),
        (NO_SHARED_KEY, {"allowSharedKeyAccess": False}, False),
        (NO_SHARED_KEY, {"allowSharedKeyAccess": True}, True),
        (NO_SHARED_KEY, {}, True),
        (HTTPS, {"enableHttpsTrafficOnly": True}, False),
        (HTTPS, {"enableHttpsTrafficOnly": False}, True),
        (HTTPS, {}, False),
        (TLS, {"minimumTlsVersion": "TLS1_2"}, False),
        (TLS, {"minimumTlsVersion": "TLS1_0"}, True),
        (TLS, {}, True),
    ],
)
def test_what_is_denied_of_a_storage_account(
    azure: Azure, definition: str, inputs: dict[str, Any], is_refused: bool
) -> None:
    """By the definition's own condition, in azure-native's words for properties."""
    assign(azure, definition, effect="Deny")
    if not is_refused:
        account(azure, **inputs)
        return
    with pytest.raises(AzureError, match="'account1' was disallowed by policy") as told:
        account(azure, **inputs)
    assert told.value.code == "RequestDisallowedByPolicy"
    assert f'"name":"Our rule","id":"{GROUP_ID}/providers/Microsoft.A' in str(
        told.value
    )


@pytest.mark.parametrize(
    ("properties", "is_refused"),
    [
        ({"publicNetworkAccess": "disabled"}, False),
        ({"publicNetworkAccess": "enabled"}, True),
        ({"networkAcls": {"bypass": "None", "defaultAction": "Deny"}}, False),
        ({"networkAcls": {"bypass": "None", "defaultAction": "Allow"}}, True),
        ({}, True),
    ],
)
def test_what_is_denied_of_a_vault(
    azure: Azure, properties: dict[str, Any], is_refused: bool
) -> None:
    """Properties that azure-native leaves in a level of their own, and other
    parameters at their defaults."""
    assign(azure, VAULT_FIREWALL, effect="Deny")
    inputs = {
        "tenantId": "00000000-0000-4000-8000-000000000002",
        "sku": {"family": "A", "name": "standard"},
        **properties,
    }

    def write() -> None:
        azure.in_group("keyvault:Vault", vaultName="vault1", properties=inputs)

    if is_refused:
        with pytest.raises(AzureError, match="RequestDisallowedByPolicy"):
            write()
    else:
        write()


def test_what_is_denied_of_networks(azure: Azure) -> None:
    """An address in a list, and a subnet by its name."""
    assign(azure, NO_PUBLIC_ADDRESS, name="addresses")
    assign(azure, GATEWAY_SUBNET, name="gateways")
    azure.network()
    azure.subnet("one", "10.0.0.0/27")
    group = azure.in_group("network:NetworkSecurityGroup", networkSecurityGroupName="n")
    address = azure.in_group(
        "network:PublicIPAddress",
        publicIpAddressName="ip",
        sku={"name": "Standard"},
        publicIPAllocationMethod="Static",
    )

    def card(name: str, **configuration: Any) -> None:
        first = {
            "name": "one",
            "subnet": {"id": f"{NETWORKS}/virtualNetworks/net/subnets/one"},
        }
        azure.in_group(
            "network:NetworkInterface",
            networkInterfaceName=name,
            ipConfigurations=[{**first, **configuration}],
        )

    card("private")
    with pytest.raises(AzureError, match="should not have public IPs"):
        card("public", publicIPAddress={"id": address.id})
    with pytest.raises(AzureError, match="Gateway subnets should not"):
        azure.subnet(
            "GatewaySubnet", "10.0.1.0/27", networkSecurityGroup={"id": group.id}
        )
    azure.subnet("GatewaySubnet", "10.0.1.0/27")


@pytest.mark.parametrize(
    ("about", "parameters"),
    [
        ({}, {"effect": "Audit"}),
        ({}, {"effect": "Disabled"}),
        ({"mode": "DoNotEnforce"}, {"effect": "Deny"}),
        ({"scope": f"{GROUP_ID}-other"}, {"effect": "Deny"}),
        ({"without": (GROUP_ID,)}, {"effect": "Deny"}),
    ],
    ids=["audit", "off", "not enforced", "of another group", "left out"],
)
def test_what_denies_nothing(
    azure: Azure, about: dict[str, Any], parameters: dict[str, Any]
) -> None:
    """Only an enforced assignment above the resource stops it, and only by Deny."""
    assign(azure, PRIVATE_ACCOUNT, **about, **parameters)
    account(azure)


def test_a_deny_stops_updates_too(azure: Azure) -> None:
    """What was there before the assignment cannot be written as it is."""
    created = account(azure)
    assign(azure, PRIVATE_ACCOUNT, effect="Deny")
    inputs = {
        "accountName": "account1",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "tags": {"changed": "yes"},
    }
    with pytest.raises(AzureError, match="RequestDisallowedByPolicy"):
        azure.update("storage:StorageAccount", created, **inputs)
    azure.update("storage:StorageAccount", created, **inputs, **CLOSED)
