"""Relations of plans that no environment has: each right shape passes, each wrong one
is told. The plans are a recorded one of dev, changed.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from plan_relations import relation_findings
from planned_stack import UNKNOWN
from relation_facts import (
    COMPUTE,
    ENDPOINT,
    IDENTITY,
    INSIGHTS,
    MONITOR_SCOPE,
    OUTBOUND_GRANT,
    ROLE_ASSIGNMENT,
    ROLE_OF_ID,
    SCOPED,
    STORAGE,
    SUBNET,
    VAULT,
    WORKSPACE,
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
)

RECORDED = (
    Path(__file__).resolve().parents[1]
    / "review/recordings/private_workspace/plan.json"
)
ELSEWHERE = (
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg-other"
    "/providers"
)
ROLE_IDS = {name: role_id for role_id, name in ROLE_OF_ID.items()}

Resource = dict[str, Any]


class Changed:
    """A copy of the recorded plan, to be changed."""

    def __init__(self) -> None:
        self.plan = json.loads(RECORDED.read_text())

    def of(self, type_: str, part: str = "") -> list[Resource]:
        """All resources of a type with a part of a name."""
        return [
            each
            for each in self.plan["resources"]
            if each["type"] == f"azure-native:{type_}" and part in each["name"]
        ]

    def one(self, type_: str, part: str = "") -> Resource:
        """The only one."""
        (found,) = self.of(type_, part)
        return found

    def without(self, *resources: Resource) -> None:
        """Take resources away, and all that names them."""
        gone = {each["urn"] for each in resources}
        self.plan["resources"] = [
            each for each in self.plan["resources"] if each["urn"] not in gone
        ]
        for each in self.plan["resources"]:
            each["dependencies"] = [u for u in each["dependencies"] if u not in gone]
            for urns in each["propertyDependencies"].values():
                urns[:] = [urn for urn in urns if urn not in gone]

    def named_by_id(self, resource: Resource, resource_id: str) -> None:
        """Take a resource away, and name it by its id wherever it was named."""
        for each in self.plan["resources"]:
            for key, urns in each["propertyDependencies"].items():
                if resource["urn"] in urns and key in each["inputs"]:
                    known = _known(each["inputs"][key], resource_id)
                    each["inputs"][key] = known
        self.without(resource)

    def twin(self, resource: Resource, name: str, **inputs: Any) -> Resource:
        """Add a copy under another name."""
        found = copy.deepcopy(resource)
        found["urn"] += f"-{name}"
        found["name"] = name
        found["inputs"] |= inputs
        self.plan["resources"].append(found)
        return found

    def findings(self, *openings: tuple[str, str]) -> list[str]:
        """What the relations say."""
        return relation_findings(self.plan, openings)


def _known(value: Any, resource_id: str) -> Any:
    if value == UNKNOWN:
        return resource_id
    if isinstance(value, dict):
        return {key: _known(each, resource_id) for key, each in value.items()}
    if isinstance(value, list):
        return [_known(each, resource_id) for each in value]
    return value


@pytest.fixture
def changed() -> Changed:
    """The recorded plan, in which every relation holds."""
    found = Changed()
    assert found.findings() == []
    return found


def test_records_may_be_left_to_a_central_policy(changed: Changed) -> None:
    """No zone group and no zone anywhere; zones of one's own would stay empty."""
    cluster = changed.one(COMPUTE)
    cluster["dependencies"] += [each["urn"] for each in changed.of(ENDPOINT)]
    changed.without(*changed.of(ZONE_GROUP))
    assert any("no zone group names" in each for each in changed.findings())
    changed.without(*changed.of(ZONE), *changed.of(ZONE_LINK))
    assert changed.findings() == []


def _reached_by_service_endpoint(changed: Changed) -> None:
    account = changed.one(STORAGE)
    account["inputs"] |= {
        "publicNetworkAccess": "Enabled",
        "networkRuleSet": {
            "defaultAction": "Deny",
            "virtualNetworkRules": [{"virtualNetworkResourceId": UNKNOWN}],
        },
    }
    account["propertyDependencies"]["networkRuleSet"] = [
        each["urn"] for each in changed.of(SUBNET)
    ]
    for part in ("blob", "file"):
        changed.without(
            changed.one(ZONE_GROUP, f"{part}-zones"),
            changed.one(ROLE_ASSIGNMENT, f"{part}-endpoint"),
            changed.one(ENDPOINT, f"{part}-endpoint"),
        )
    file_zone = ".file.core"
    changed.without(changed.one(ZONE, file_zone), changed.one(ZONE_LINK, file_zone))
    changed.one(SUBNET, "training")["inputs"]["serviceEndpoints"] = [
        {"service": "Microsoft.Storage"}
    ]


def test_storage_may_be_reached_by_service_endpoints(changed: Changed) -> None:
    """Subnets with the service endpoint are let in, and all else is denied."""
    _reached_by_service_endpoint(changed)
    assert changed.findings() == []


def test_a_subnet_without_the_service_endpoint_reaches_nothing(
    changed: Changed,
) -> None:
    """The virtual network rule alone does not do it."""
    _reached_by_service_endpoint(changed)
    changed.one(SUBNET, "training")["inputs"]["serviceEndpoints"] = []
    assert changed.findings() != []


def test_a_default_that_allows_is_no_service_endpoint(changed: Changed) -> None:
    """The rules would not matter."""
    _reached_by_service_endpoint(changed)
    changed.one(STORAGE)["inputs"]["networkRuleSet"]["defaultAction"] = "Allow"
    assert changed.findings() != []


def test_services_may_be_brought_by_id(changed: Changed) -> None:
    """Their endpoints and roles are in the plan, and must be."""
    vault_id = f"{ELSEWHERE}/Microsoft.KeyVault/vaults/kv-other"
    changed.named_by_id(changed.one(VAULT), vault_id)
    assert changed.findings() == []
    changed.without(changed.one(ROLE_ASSIGNMENT, "key-vault-administrator"))
    assert changed.findings() == [
        f"azureml-dev-identity: lacks Key Vault Administrator on {vault_id.lower()}"
    ]


def test_a_private_link_scope_may_be_somebody_elses(changed: Changed) -> None:
    """Then its endpoint is somebody else's too; both resources must be in it."""
    changed.without(
        changed.one(MONITOR_SCOPE),
        changed.one(ENDPOINT, "azuremonitor"),
        changed.one(ZONE_GROUP, "azuremonitor"),
        *changed.of(ZONE, "opinsights"),
        *changed.of(ZONE_LINK, "opinsights"),
        *changed.of(ZONE, "privatelink.monitor"),
        *changed.of(ZONE_LINK, "privatelink.monitor"),
        *changed.of(ZONE, "azure-automation"),
        *changed.of(ZONE_LINK, "azure-automation"),
    )
    for each in changed.of(SCOPED):
        each["inputs"]["scopeName"] = "ampls-other"
    assert changed.findings() == []
    changed.without(changed.one(SCOPED, "insights"))
    assert "in no private link scope" in changed.findings()[0]


def test_an_opening_counts_only_when_it_was_asked_for(changed: Changed) -> None:
    """The switch, and no other one."""
    changed.one(WORKSPACE)["inputs"]["publicNetworkAccess"] = "Enabled"
    assert changed.findings((WORKSPACE, "publicNetworkAccess")) == []
    assert changed.findings((INSIGHTS, "publicNetworkAccessForQuery")) == [
        "azureml-dev-workspace: publicNetworkAccess is 'Enabled' and must be closed"
    ]


def _acts_by_itself(changed: Changed) -> None:
    workspace = changed.one(WORKSPACE)
    workspace["inputs"]["identity"] = {"type": "SystemAssigned"}
    del workspace["inputs"]["primaryUserAssignedIdentity"]
    own = changed.one(IDENTITY, "dev-identity")
    for each in changed.of(ROLE_ASSIGNMENT):
        if own["urn"] not in each["propertyDependencies"]["principalId"]:
            continue
        if "endpoint-reader" in each["name"]:
            each["propertyDependencies"]["principalId"] = [workspace["urn"]]
        else:
            changed.without(each)
    changed.without(own)


def test_a_system_assigned_identity_reads_the_endpoints(changed: Changed) -> None:
    """All else it is given by the service; more than that is too much."""
    _acts_by_itself(changed)
    assert changed.findings() == []
    reader = changed.of(ROLE_ASSIGNMENT, "endpoint-reader")[0]
    reader["inputs"]["roleDefinitionId"] = ROLE_IDS["Contributor"]
    assert len(changed.findings()) == 2


def test_a_managed_network_lets_the_workspace_approve_endpoints(
    changed: Changed,
) -> None:
    """On each service and on itself; without such a network each is one too many."""
    workspace = changed.one(WORKSPACE)
    for word in ("storage", "key-vault", "registry", "workspace"):
        approver = changed.twin(
            changed.one(ROLE_ASSIGNMENT, f"dev-{word}-contributor"),
            f"{word}-approver",
            roleDefinitionId=ROLE_IDS[OUTBOUND_GRANT],
        )
        if word != "workspace":
            workspace["dependencies"].append(approver["urn"])
    assert len(changed.findings()) == 4
    workspace["inputs"]["managedNetwork"] = {"isolationMode": "AllowInternetOutbound"}
    assert changed.findings() == []
    changed.without(changed.one(ROLE_ASSIGNMENT, "registry-approver"))
    assert len(changed.findings()) == 1


def test_an_identity_that_exists_is_the_principal_that_is_not_of_the_plan(
    changed: Changed,
) -> None:
    """It is named by its id in the workspace, by its object id in its roles."""
    own = changed.one(IDENTITY, "dev-identity")
    for each in changed.of(ROLE_ASSIGNMENT):
        if own["urn"] in each["propertyDependencies"]["principalId"]:
            each["inputs"]["principalId"] = "00000000-0000-4000-8000-0000000000bb"
            each["propertyDependencies"]["principalId"] = []
    changed.named_by_id(
        own,
        f"{ELSEWHERE}/Microsoft.ManagedIdentity/userAssignedIdentities/id-other",
    )
    assert changed.findings() == []
    changed.without(changed.one(ROLE_ASSIGNMENT, "vault-administrator"))
    assert len(changed.findings()) == 1


@pytest.mark.parametrize(
    ("role", "scope", "fits"),
    [
        ("AzureML Data Scientist", WORKSPACE, True),
        ("Storage Blob Data Contributor", STORAGE, True),
        ("Contributor", STORAGE, False),
        ("AzureML Data Scientist", VAULT, False),
    ],
)
def test_people_have_roles_of_a_table(
    changed: Changed, role: str, scope: str, fits: bool
) -> None:
    """Each on the type of resource that it is for."""
    given = changed.twin(
        changed.one(ROLE_ASSIGNMENT, "workspace-contributor"),
        "people",
        roleDefinitionId=ROLE_IDS[role],
        principalId="00000000-0000-4000-8000-0000000000cc",
        principalType="Group",
    )
    given["propertyDependencies"] |= {
        "principalId": [],
        "scope": [changed.one(scope)["urn"]],
    }
    assert (changed.findings() == []) is fits


def test_two_endpoints_must_not_write_the_same_records(changed: Changed) -> None:
    """The later one would take the records of the first away
    (https://learn.microsoft.com/azure/private-link/private-endpoint-dns).
    """
    network = f"{ELSEWHERE}/Microsoft.Network/virtualNetworks/vnet-other"
    changed.twin(
        changed.one(ENDPOINT, "vault-endpoint"),
        "other-endpoint",
        privateEndpointName="pep-other",
        subnet={"id": f"{network}/subnets/clients"},
    )
    changed.twin(
        changed.one(ZONE_GROUP, "vault-zones"),
        "other-zones",
        privateEndpointName="pep-other",
    )
    changed.twin(
        changed.one(ZONE_LINK, "vaultcore"),
        "other-link",
        virtualNetwork={"id": network},
    )
    assert len(changed.findings()) == 1
    assert "write the same records" in changed.findings()[0]
