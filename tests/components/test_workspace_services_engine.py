"""The real engine makes a workspace of services that are brought, opened to subnets and
encrypted with keys of one's own."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
Offline = Callable[..., subprocess.CompletedProcess[str]]

PROJECT = """
name: services
runtime:
  name: python
  options:
    virtualenv: .venv
"""
SETTINGS = """
config:
  services:workspace: "false"
"""

OPENED_AND_ENCRYPTED = """
import pulumi
import pulumi_azure_native as azure_native
from pulumi_azure_native import (
    authorization, keyvault, managedidentity, monitor, operationalinsights, resources
)

from azureml_network import PrivateWorkspace, SecureVnet

CENTRAL = "33333333-3333-4333-8333-333333333333"
login = authorization.get_client_config()
central = azure_native.Provider("central", subscription_id=CENTRAL)


def within(*others, provider=None):
    return pulumi.ResourceOptions(depends_on=others, provider=provider)


def group(name, provider=None):
    return resources.ResourceGroup(
        name,
        resource_group_name=name,
        location="westeurope",
        opts=within(provider=provider),
    )


here = {"resource_group_name": "rg", "location": "westeurope"}
there = {"resource_group_name": "logs", "location": "westeurope"}
rg, logs = group("rg"), group("logs", central)
log = operationalinsights.Workspace(
    "log",
    **there,
    workspace_name="log-central",
    sku={"name": "PerGB2018"},
    opts=within(logs, provider=central),
)
scope = monitor.PrivateLinkScope(
    "scope",
    scope_name="ampls-central",
    resource_group_name="logs",
    location="global",
    access_mode_settings={
        "ingestion_access_mode": "Open", "query_access_mode": "Open"
    },
    opts=within(logs, provider=central),
)

# In the order in which they are needed: identity, vault, key, role.
reader = managedidentity.UserAssignedIdentity(
    "reader", **here, resource_name_="id-keys", opts=within(rg)
)
vault = keyvault.Vault(
    "vault",
    **here,
    vault_name="kv-keys",
    properties={
        "tenant_id": login.tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "enable_rbac_authorization": True,
        "enable_soft_delete": True,
        "enable_purge_protection": True,
        "public_network_access": "Disabled",
    },
    opts=within(rg),
)
key = keyvault.Key(
    "key",
    key_name="data",
    vault_name="kv-keys",
    resource_group_name="rg",
    properties={"kty": "RSA", "key_size": 3072},
    opts=within(vault),
)
role = authorization.RoleAssignment(
    "role",
    role_assignment_name="99999999-9999-4999-8999-999999999999",
    scope=vault.id,
    principal_id=reader.principal_id,
    principal_type="ServicePrincipal",
    role_definition_id="/providers/Microsoft.Authorization/roleDefinitions/"
    "e147488a-f6f5-4113-8e2d-b22465e65bf6",
)
data_key = {
    "key_vault_id": vault.id,
    # Who uses the key waits for the role on it.
    "key_uri": pulumi.Output.all(key.key_uri_with_version, role.id).apply(
        lambda known: known[0]
    ),
    "identity_id": reader.id,
}

services = ["Microsoft.Storage", "Microsoft.KeyVault"]
net = SecureVnet(
    "net",
    {
        **here,
        "address_space": ["10.20.0.0/22"],
        "subnets": {
            name: {"purpose": name, "prefix": prefix, "service_endpoints": services}
            for name, prefix in (
                ("training", "10.20.0.0/25"), ("endpoints", "10.20.1.0/27")
            )
        },
        "private_endpoint_groups": ["amlworkspace", "registry"],
    },
    within(rg),
)
PrivateWorkspace(
    "ml",
    {
        **here,
        "tenant_id": login.tenant_id,
        "subscription_id": login.subscription_id,
        "workload": "vision",
        "environment": "dev",
        "unique_suffix": "7k2d",
        "endpoints_subnet_id": net.subnet_ids["endpoints"],
        "training_subnet_id": net.subnet_ids["training"],
        "private_dns_zone_ids": net.private_dns_zone_ids,
        "storage": {"access": "service_endpoint", "customer_managed_key": data_key},
        "key_vault": {"access": "service_endpoint"},
        "service_endpoint_subnet_ids": list(net.subnet_ids.values()),
        "registry": {
            "customer_managed_key": {
                **data_key, "identity_client_id": reader.client_id
            }
        },
        "monitoring": {
            "log_analytics_workspace_id": log.id,
            "private_link_scope_id": f"/subscriptions/{CENTRAL}/resourceGroups/logs"
            "/providers/Microsoft.Insights/privateLinkScopes/ampls-central",
            "disable_local_authentication": True,
        },
        "customer_managed_key": data_key,
        "diagnostic_settings": {"team": {"log_analytics_workspace_id": log.id}},
        "lock": "CanNotDelete",
    },
    within(scope, central),
)
"""

BROUGHT = """
import pulumi
from pulumi_azure_native import authorization, containerregistry, resources, storage

from azureml_network import PrivateWorkspace

login = authorization.get_client_config()
rg = resources.ResourceGroup("rg", resource_group_name="rg", location="westeurope")
in_rg = pulumi.ResourceOptions(depends_on=[rg])
storage.StorageAccount(
    "account",
    account_name="stteam",
    resource_group_name="rg",
    location="northeurope",
    kind="StorageV2",
    sku={"name": "Standard_LRS"},
    is_hns_enabled=True,
    opts=in_rg,
)
containerregistry.Registry(
    "registry",
    registry_name="crteam",
    resource_group_name="rg",
    location="westeurope",
    sku={"name": "Basic"},
    opts=in_rg,
)
if pulumi.Config().require_bool("workspace"):
    start = f"/subscriptions/{login.subscription_id}/resourceGroups/rg/providers"
    subnets = f"{start}/Microsoft.Network/virtualNetworks/net/subnets"
    PrivateWorkspace(
        "ml",
        {
            "resource_group_name": "rg",
            "location": "westeurope",
            "tenant_id": login.tenant_id,
            "subscription_id": login.subscription_id,
            "workload": "vision",
            "environment": "dev",
            "unique_suffix": "7k2d",
            "endpoints_subnet_id": f"{subnets}/endpoints",
            "training_subnet_id": f"{subnets}/training",
            "zone_groups_by": "policy",
            "storage": {
                "existing_id": f"{start}/Microsoft.Storage/storageAccounts/stteam"
            },
            "key_vault": {"existing_id": f"{start}/Microsoft.KeyVault/vaults/kv-team"},
            "registry": {
                "existing_id": f"{start}/Microsoft.ContainerRegistry/registries/crteam"
            },
        },
    )
"""


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Make a project of a program."""

    def make(program: str) -> Path:
        folder = tmp_path / "services"
        folder.mkdir()
        (folder / ".venv").symlink_to(ROOT / ".venv", target_is_directory=True)
        (folder / "Pulumi.yaml").write_text(PROJECT, "utf-8")
        (folder / "Pulumi.dev.yaml").write_text(SETTINGS, "utf-8")
        (folder / "__main__.py").write_text(program, "utf-8")
        return folder

    return make


def test_services_live_and_go(offline: Offline, project: Callable[[str], Path]) -> None:
    """Keys, an existing scope in another subscription and service endpoints: all of it
    is made in one go although keys, roles and subnets are known only on the way; a
    second preview shows no change; and a destroy takes the locks away first and leaves
    nothing."""
    folder = project(OPENED_AND_ENCRYPTED)

    def pulumi(*command: str) -> str:
        done = offline(folder, "pulumi", *command, "--stack", "dev")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    made = {
        item["urn"].rpartition("::")[2]: item
        for item in json.loads(pulumi("stack", "export"))["deployment"]["resources"]
    }
    endpoints = {name for name in made if name.endswith("-endpoint")}
    assert endpoints == {"ml-amlworkspace-endpoint", "ml-registry-endpoint"}
    member = made["ml-monitor-scope-insights"]
    assert member["id"].startswith(
        "/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/logs/"
    )
    encryption = made["ml-storage"]["inputs"]["encryption"]["keyVaultProperties"]
    assert encryption["keyVaultUri"] == "https://kv-keys.vault.azure.net/"

    gone = [
        line.split()[2]
        for line in pulumi("destroy", "--yes", "--skip-preview").splitlines()
        if " deleted (" in line
    ]
    assert set(gone[:3]) == {"ml-storage-lock", "ml-vault-lock", "ml-registry-lock"}
    left = json.loads(pulumi("stack", "export"))["deployment"].get("resources", [])
    assert left == []


def test_what_exists_is_looked_at_in_a_preview(
    offline: Offline, project: Callable[[str], Path]
) -> None:
    """An account in another region with a hierarchy, and a registry that is not
    Premium, are refused together, before anything is made."""
    folder = project(BROUGHT)
    done = offline(folder, "pulumi", "up", "--yes", "--skip-preview", "--stack", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    settings = folder / "Pulumi.dev.yaml"
    settings.write_text(SETTINGS.replace("false", "true"), "utf-8")
    done = offline(folder, "pulumi", "preview", "--stack", "dev")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert "storage.existing_id: the storage account is in 'northeurope'" in said
    assert "storage.existing_id: the storage account has a hierarchical" in said
    assert "registry.existing_id: the container registry is 'Basic'" in said
    assert "ml-workspace" not in said
