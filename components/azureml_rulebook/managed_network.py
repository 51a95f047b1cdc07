"""What a network that Azure Machine Learning manages lets out, by mode and by kind.

The service makes its own rules for what the workspace needs. What a caller adds is
judged here: which kind of rule a mode takes, and what each kind can name. Rules of the
wrong kind are refused by Azure only once the workspace exists.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.resource_ids import (
    CONTAINER_REGISTRY,
    KEY_VAULT,
    STORAGE_ACCOUNT,
    ResourceId,
    id_form,
)
from azureml_rulebook.spelling import suggestion

MANAGED_NETWORK_PAGE = (
    "https://learn.microsoft.com/azure/machine-learning/how-to-managed-network"
)
_SUBRESOURCES_PAGE = (
    "https://learn.microsoft.com/azure/private-link/private-endpoint-overview"
)

INTERNET_OUTBOUND = "AllowInternetOutbound"
APPROVED_OUTBOUND = "AllowOnlyApprovedOutbound"

FQDN = "FQDN"
SERVICE_TAG = "ServiceTag"
PRIVATE_ENDPOINT = "PrivateEndpoint"


@dataclass(frozen=True, kw_only=True)
class RuleKind:
    """One kind of outbound rule."""

    name: str
    """As Azure spells it."""
    input: str
    """The component's input that makes a rule one of this kind."""
    modes: tuple[str, ...]
    """Isolation modes that take it."""
    page: str = MANAGED_NETWORK_PAGE


RULE_KINDS: tuple[RuleKind, ...] = (
    RuleKind(name=FQDN, input="host", modes=(APPROVED_OUTBOUND,)),
    RuleKind(name=SERVICE_TAG, input="service_tag", modes=(APPROVED_OUTBOUND,)),
    RuleKind(
        name=PRIVATE_ENDPOINT,
        input="target_id",
        modes=(INTERNET_OUTBOUND, APPROVED_OUTBOUND),
    ),
)

ALWAYS_REACHED: dict[str, frozenset[str]] = {
    STORAGE_ACCOUNT: frozenset({"blob", "file"}),
    KEY_VAULT: frozenset({"vault"}),
    CONTAINER_REGISTRY: frozenset({"registry"}),
}
"""Group ids of the endpoints to the workspace's own services that are made in every
managed network, by their ARM type (``MANAGED_NETWORK_PAGE``#list-of-required-rules)."""

FIREWALL_TIERS = ("Standard", "Basic")
"""Tiers of the firewall that comes with the first host rule; its default first
(``MANAGED_NETWORK_PAGE``)."""

RULE_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}"
"""Form of the name of a rule (https://learn.microsoft.com/azure/templates/
microsoft.machinelearningservices/workspaces/outboundrules)."""


@dataclass(frozen=True, kw_only=True)
class PrivateTarget:
    """One type of resource that a managed network makes private endpoints to."""

    resource_type: str
    groups: tuple[str, ...]
    """Its group ids (``_SUBRESOURCES_PAGE``)."""
    approved_by_role: bool = True
    """Whether the role "Azure AI Enterprise Network Connection Approver" can approve
    the endpoint; for other types a custom role is needed."""
    page: str = field(default=f"{MANAGED_NETWORK_PAGE}#private-endpoints")


PRIVATE_TARGETS: dict[str, PrivateTarget] = {
    row.resource_type.lower(): row
    for row in (
        PrivateTarget(
            resource_type="Microsoft.MachineLearningServices/workspaces",
            groups=("amlworkspace",),
        ),
        PrivateTarget(
            resource_type="Microsoft.MachineLearningServices/registries",
            groups=("amlregistry",),
        ),
        PrivateTarget(
            resource_type="Microsoft.Storage/storageAccounts",
            groups=("blob", "file", "queue", "table", "dfs", "web"),
        ),
        PrivateTarget(
            resource_type="Microsoft.ContainerRegistry/registries",
            groups=("registry",),
        ),
        PrivateTarget(resource_type="Microsoft.KeyVault/vaults", groups=("vault",)),
        PrivateTarget(
            resource_type="Microsoft.CognitiveServices/accounts", groups=("account",)
        ),
        PrivateTarget(
            resource_type="Microsoft.Search/searchServices", groups=("searchService",)
        ),
        PrivateTarget(resource_type="Microsoft.Sql/servers", groups=("sqlServer",)),
        PrivateTarget(
            resource_type="Microsoft.DataFactory/factories",
            groups=("dataFactory", "portal"),
            approved_by_role=False,
        ),
        PrivateTarget(
            resource_type="Microsoft.DocumentDB/databaseAccounts",
            groups=("Sql", "MongoDB", "Cassandra", "Gremlin", "Table"),
        ),
        PrivateTarget(
            resource_type="Microsoft.EventHub/namespaces", groups=("namespace",)
        ),
        PrivateTarget(resource_type="Microsoft.Cache/Redis", groups=("redisCache",)),
        PrivateTarget(
            resource_type="Microsoft.Databricks/workspaces",
            groups=("databricks_ui_api", "browser_authentication"),
            approved_by_role=False,
        ),
        PrivateTarget(
            resource_type="Microsoft.DBforMariaDB/servers",
            groups=("mariadbServer",),
            approved_by_role=False,
        ),
        PrivateTarget(
            resource_type="Microsoft.DBforPostgreSQL/servers",
            groups=("postgresqlServer",),
        ),
        PrivateTarget(
            resource_type="Microsoft.DBforPostgreSQL/flexibleServers",
            groups=("postgresqlServer",),
        ),
        PrivateTarget(
            resource_type="Microsoft.DBforMySQL/servers", groups=("mysqlServer",)
        ),
        PrivateTarget(
            resource_type="Microsoft.DBforMySQL/flexibleServers",
            groups=("mysqlServer",),
        ),
        PrivateTarget(
            resource_type="Microsoft.ApiManagement/service", groups=("Gateway",)
        ),
        PrivateTarget(
            resource_type="Microsoft.Insights/privateLinkScopes",
            groups=("azuremonitor",),
        ),
    )
}
"""By ARM type in lower case: the types that the page lists."""


def kind_findings(given: Mapping[str, bool], mode: str, *, path: str) -> list[Finding]:
    """Check that a rule is of exactly one kind, and of one that the mode takes.

    ``given``: whether each of the inputs that make a kind is there, by its name.
    """
    kinds = [kind for kind in RULE_KINDS if given.get(kind.input)]
    inputs = ", ".join(kind.input for kind in RULE_KINDS)
    if len(kinds) != 1:
        named = " and ".join(kind.input for kind in kinds) or "none"
        return [
            Finding(path, f"has {named} of {inputs}; give exactly one, a rule for each")
        ]
    (kind,) = kinds
    if mode in kind.modes:
        return []
    return [
        Finding(
            joined(path, kind.input),
            f"needs isolation {' or '.join(kind.modes)}, and isolation is {mode}; "
            f"leave the rule out or change the isolation ({kind.page})",
        )
    ]


def rule_name_findings(name: str, *, path: str) -> list[Finding]:
    """Check the name of a rule."""
    if re.fullmatch(RULE_NAME, name):
        return []
    return [
        Finding(
            path,
            f"'{name}' cannot be the name of an outbound rule; use 3 to 33 letters, "
            "digits, '-' and '_', a letter or digit first",
        )
    ]


def firewall_tier_findings(
    tier: str, *, has_host_rules: bool, path: str
) -> list[Finding]:
    """Check the tier of the firewall, which only host rules bring."""
    if tier not in FIREWALL_TIERS:
        return [
            Finding(
                path,
                f"'{tier}' is not a tier of the managed network's firewall; use "
                f"{' or '.join(FIREWALL_TIERS)} ({MANAGED_NETWORK_PAGE})",
            )
        ]
    if has_host_rules:
        return []
    return [
        Finding(
            path,
            f"'{tier}' has no firewall to be of: one is made with the first host rule; "
            f"add a rule with host, or leave it out ({MANAGED_NETWORK_PAGE})",
        )
    ]


def private_target_findings(
    target: ResourceId | None, group: str, *, path: str
) -> list[Finding]:
    """Check what a private endpoint rule leads to; ``path`` is the rule's.

    ``target``: None where its id is known only later, so that any group may be right.
    """
    if target is None:
        known = {name for row in PRIVATE_TARGETS.values() for name in row.groups}
        kind = "any resource that can be reached so"
    else:
        row = PRIVATE_TARGETS.get(target.resource_type.lower())
        if row is None:
            return [
                Finding(
                    f"{path}.target_id",
                    f"'{target}' is a {target.resource_type}, which managed networks "
                    "reach by no private endpoint; give the id of one of "
                    f"{', '.join(item.resource_type for item in PRIVATE_TARGETS.values())}"  # noqa: E501
                    f" ({MANAGED_NETWORK_PAGE}#private-endpoints)",
                )
            ]
        known, kind = set(row.groups), row.resource_type
    if group.lower() in {name.lower() for name in known}:
        return []
    return [
        Finding(
            f"{path}.group_id",
            f"'{group}' is not a group id of {kind}; {suggestion(group, known)}",
        )
    ]


def target_findings(target_id: str, *, path: str) -> list[Finding]:
    """Say what the id of a target must look like, of one that is no resource id."""
    form = id_form("Microsoft.Storage/storageAccounts")
    return [Finding(path, f"'{target_id}' is not a resource id; give one like {form}")]


def approval_needs_custom_role(resource_type: str) -> bool:
    """Whether the approver role cannot approve an endpoint to such a resource."""
    row = PRIVATE_TARGETS.get(resource_type.lower())
    return row is not None and not row.approved_by_role
