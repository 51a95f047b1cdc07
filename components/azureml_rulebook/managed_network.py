"""What a network that Azure Machine Learning manages lets out, by mode and by kind.

The service makes its own rules for what the workspace needs. What a caller adds is
judged here: which kind of rule a mode takes, and what each kind can name. Rules of the
wrong kind are refused by Azure only once the workspace exists.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from azureml_rulebook.address_ranges import WIDEST_RANGE, read_address
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.host_names import covers, host_findings
from azureml_rulebook.resource_ids import (
    CONTAINER_REGISTRY,
    KEY_VAULT,
    STORAGE_ACCOUNT,
    ResourceId,
    id_form,
)
from azureml_rulebook.security_rules import Direction
from azureml_rulebook.service_tags import Use, canonical_tag, tag_findings
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

HOST_PORTS = (80, 443)
"""All that a host rule opens (``MANAGED_NETWORK_PAGE``)."""

PROTOCOLS = ("TCP", "UDP", "ICMP", "*")
"""Protocols of service tag rules (https://learn.microsoft.com/azure/templates/
microsoft.machinelearningservices/workspaces/outboundrules)."""

RULE_NAME = r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}"
"""Form of the name of a rule (https://learn.microsoft.com/azure/templates/
microsoft.machinelearningservices/workspaces/outboundrules)."""

_STORAGE_SERVICES = ("blob", "file", "queue", "table", "dfs", "web")
_STORAGE_DOMAINS = (
    "core.windows.net",
    "core.usgovcloudapi.net",
    "core.chinacloudapi.cn",
    "storage.azure.net",
)
"""What the names of storage services end in, in the clouds and with DNS zone endpoints
(https://learn.microsoft.com/azure/storage/common/storage-account-overview)."""
_STORAGE_PLACES = tuple(
    f"{service}.{domain}"
    for domain in _STORAGE_DOMAINS
    for service in _STORAGE_SERVICES
)
_PUBLISHED_STORAGE_HOSTS = ("vscode.blob.core.windows.net",)
"""Storage hosts that the page itself allows by name, for VS Code."""

_MOST_PORTS = 65535 // 2
"""Ports that one rule opens at most: with more it names those that it leaves out, and
not those that a service uses."""

_TAGS_OF_ANYBODY = {
    "internet": "means the whole Internet",
    "azurecloud": "also means addresses that anybody can rent",
    "virtualnetwork": "is allowed by the service itself",
}


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


def host_rule_findings(host: str, *, path: str) -> list[Finding]:
    """Check the host of a host rule: a name, and none of a storage account."""
    findings = host_findings(host, path)
    if findings:
        return findings
    if host.lower() in _PUBLISHED_STORAGE_HOSTS:
        return []
    if any(
        host.lower() == place or covers(f"*.{place}", host) for place in _STORAGE_PLACES
    ):
        what = "is a storage account"
    elif any(covers(host, f"account.{place}") for place in _STORAGE_PLACES):
        what = "has every storage account below it"
    else:
        return []
    return [
        Finding(
            path,
            f"'{host}' {what}, which host rules cannot open; make it a rule of kind "
            f"{PRIVATE_ENDPOINT} instead ({MANAGED_NETWORK_PAGE})",
        )
    ]


def tag_rule_findings(
    tag: str,
    protocol: str,
    ports: str,
    cloud_name: str = PUBLIC,
    *,
    path: str,
) -> list[Finding]:
    """Check a service tag rule; ``path`` is the rule's."""
    findings = tag_findings(
        tag,
        use=Use.NSG,
        direction=Direction.OUTBOUND,
        cloud_name=cloud_name,
        path=f"{path}.service_tag",
    )
    if not findings:
        findings += wide_tag_findings(tag, cloud_name, path=f"{path}.service_tag")
    if protocol not in PROTOCOLS:
        findings.append(
            Finding(
                f"{path}.protocol",
                f"'{protocol}' is not a protocol of outbound rules; "
                f"{suggestion(protocol, PROTOCOLS)}",
            )
        )
    return findings + port_findings(ports, protocol, path=f"{path}.ports")


def wide_tag_findings(
    tag: str, cloud_name: str = PUBLIC, *, path: str
) -> list[Finding]:
    """Check that a tag does not let out to everybody; its name is not judged."""
    reason = _TAGS_OF_ANYBODY.get(tag.strip().lower().partition(".")[0])
    if reason is None:
        return []
    return [
        Finding(
            path,
            f"'{canonical_tag(tag, cloud_name)}' {reason}; name the tags of services",
        )
    ]


def wide_prefix_findings(text: str, *, path: str) -> list[Finding]:
    """Check a range of a tag rule, which the rule then opens in place of its tag
    (https://learn.microsoft.com/azure/templates/
    microsoft.machinelearningservices/workspaces/outboundrules)."""
    network = read_address(text, path)
    if isinstance(network, Finding):
        return [network]
    if network.prefixlen >= WIDEST_RANGE:
        return []
    return [
        Finding(
            path,
            f"'{text}' is wider than /{WIDEST_RANGE}, more than any one owner has; "
            "give the ranges of the service",
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


def port_findings(ports: str, protocol: str, *, path: str) -> list[Finding]:
    """Check ports as the service takes them: ``80, 8080-8089``; not nearly all."""
    if ports == "*" and protocol.upper() == "ICMP":
        return []
    if ports == "*":
        return [Finding(path, "'*' opens every port; name those that the service uses")]
    items = [item.strip() for item in ports.split(",")]
    ranges = {item: _port_range(item) for item in items}
    faults = [
        Finding(
            path,
            f"'{item}' is not a port or a range of ports from 1 to 65535; "
            "write like '443' or '80,8080-8089'",
        )
        for item in items
        if not ranges[item]
    ]
    opened = _count_of_ports(ranges.values())
    if faults or opened <= _MOST_PORTS:
        return faults
    return [
        Finding(
            path,
            f"'{ports}' opens {opened} of all 65535 ports; name those that the service "
            "uses",
        )
    ]


def _count_of_ports(ranges: Iterable[range]) -> int:
    """Return how many ports are in one range at least."""
    count = last = 0
    for each in sorted(ranges, key=lambda item: item.start):
        count += max(0, each.stop - max(each.start, last))
        last = max(last, each.stop)
    return count


def _port_range(text: str) -> range:
    """Read a port or a range of them; empty if it is neither."""
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text, re.ASCII)
    if match is None:
        return range(0)
    first = int(match[1])
    last = int(match[2] or first)
    return range(first, last + 1) if 1 <= first <= last <= 65535 else range(0)
