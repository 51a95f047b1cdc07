"""Cases of the rules on private endpoints, DNS and compute's place, each judged within
a whole plan.

Each starts from a workspace with all its parts and changes something.
"""

from typing import Any

from policy_plans import (
    RG,
    SUBSCRIPTION,
    Id,
    Nowhere,
    Plan,
    Planned,
    private_endpoint,
    private_plan,
    zone_group,
)
from rule_cases import BAD, NONE, OK, OPEN, StackCase

PLAN = private_plan()
FOREIGN = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/other/providers/"
    "Microsoft.{}/{}/elsewhere"
)
STORAGE_ELSEWHERE = FOREIGN.format("Storage", "storageAccounts")
VAULT_ELSEWHERE = FOREIGN.format("KeyVault", "vaults")
REGISTRY_ELSEWHERE = FOREIGN.format("ContainerRegistry", "registries")
NETWORK_ELSEWHERE = FOREIGN.format("Network", "virtualNetworks")
STACK_REFERENCE = Planned("pulumi:pulumi:StackReference", "other-stack")


def _connection(target: Any, groups: Any, name: str = "c") -> list[dict[str, Any]]:
    return [{"name": name, "privateLinkServiceId": target, "groupIds": groups}]


def _cluster(**properties: Any) -> dict[str, Any]:
    return {
        "properties": {
            "computeType": "AmlCompute",
            "disableLocalAuth": True,
            "properties": properties,
        }
    }


def _manual(name: str) -> Plan:
    connections = PLAN[name].inputs["privateLinkServiceConnections"]
    return PLAN.with_inputs(
        name,
        privateLinkServiceConnections=None,
        manualPrivateLinkServiceConnections=connections,
    )


OTHER_NETWORK = Planned(
    "network:VirtualNetwork", "hub", {**RG, "virtualNetworkName": "hub"}
)
RESOLVER = Planned(
    "dnsresolver:DnsResolver",
    "resolver",
    {**RG, "dnsResolverName": "r", "virtualNetwork": {"id": Id("hub")}},
)
NOTES = Planned("storage:StorageAccount", "notes", {**RG, "accountName": "notes"})
INLINE_SUBNET = {"id": Id("network", "/subnets/inline")}


def _workspace_of_unknown(path: str, group: str, target: str | None = None) -> Plan:
    """Return a workspace with an unknown part, and an endpoint that names nothing."""
    connection = {"groupIds": [group], "privateLinkServiceId": target}
    return Plan(
        PLAN["network"],
        PLAN["subnet"],
        Planned(
            "machinelearningservices:Workspace",
            "w",
            {**RG, "workspaceName": "w", path: Nowhere()},
        ),
        private_endpoint("p", "w", group),
    ).with_inputs("p", privateLinkServiceConnections=[connection])


ALIAS = (
    "scoring.00000000-0000-0000-0000-000000000000.westeurope.azure.privatelinkservice"
)
OWN_SERVICE = Planned(
    "network:PrivateLinkService", "service", {**RG, "serviceName": "scoring-pls"}
)


def _to(target: Any, *groups: Any) -> Plan:
    """Return a plan with an endpoint to ``target`` that has no zone group."""
    connection = {"name": "c", "privateLinkServiceId": target}
    if groups:
        connection["groupIds"] = list(groups)
    return PLAN.adding(
        OWN_SERVICE,
        Planned(
            "network:PrivateEndpoint",
            "pe-own",
            {
                **RG,
                "privateEndpointName": "pe-own",
                "subnet": {"id": Id("subnet")},
                "manualPrivateLinkServiceConnections": [connection],
            },
        ),
    )


STACK_CASES = (
    StackCase("ML014", OK, "in a subnet", PLAN),
    StackCase(
        "ML014",
        OK,
        "in an inline subnet",
        PLAN.with_inputs("cluster", **_cluster(subnet=INLINE_SUBNET)),
    ),
    StackCase(
        "ML014",
        BAD,
        "no subnet",
        PLAN.with_inputs("cluster", **_cluster()),
        "subnet.id is missing",
    ),
    StackCase(
        "ML014",
        OK,
        "managed network",
        PLAN.with_inputs("cluster", **_cluster()).with_inputs(
            "workspace", managedNetwork={"isolationMode": "AllowOnlyApprovedOutbound"}
        ),
    ),
    StackCase(
        "ML014",
        BAD,
        "managed network off",
        PLAN.with_inputs("cluster", **_cluster()).with_inputs(
            "workspace", managedNetwork={"isolationMode": "disabled"}
        ),
    ),
    StackCase(
        "ML014",
        OPEN,
        "managed network unknown",
        PLAN.with_inputs("cluster", **_cluster()).with_inputs(
            "workspace", managedNetwork=Nowhere()
        ),
        "managedNetwork is not known",
    ),
    StackCase(
        "ML014",
        OPEN,
        "workspace of another stack",
        PLAN.with_inputs("cluster", **_cluster(), workspaceName="elsewhere"),
        "subnet.id is not set, and this stack does not show",
    ),
    StackCase(
        "ML014",
        OPEN,
        "subnet unknown",
        PLAN.with_inputs("cluster", **_cluster(subnet=Nowhere())),
    ),
    StackCase(
        "ML014",
        NONE,
        "another kind",
        PLAN.with_inputs("cluster", properties={"computeType": "Kubernetes"}),
    ),
    StackCase(
        "ML014",
        BAD,
        "kind missing",
        PLAN.with_inputs("cluster", properties={"properties": {}}),
        "properties.computeType is missing",
    ),
    StackCase(
        "ML014",
        OPEN,
        "kind unknown",
        PLAN.with_inputs("cluster", properties={"computeType": Nowhere()}),
        "properties.computeType is not known",
    ),
    StackCase("PE001", OK, "one endpoint", PLAN),
    StackCase(
        "PE001",
        BAD,
        "no endpoint",
        PLAN.without("pe-workspace", "pe-workspace-zones"),
        "'workspace': no private endpoint with group id 'amlworkspace'",
    ),
    StackCase(
        "PE001",
        BAD,
        "endpoint of something else",
        PLAN.with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(Id("vault"), ["amlworkspace"]),
        ),
    ),
    StackCase(
        "PE001",
        BAD,
        "wrong group",
        PLAN.with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(Id("workspace"), ["blob"]),
        ),
    ),
    StackCase(
        "PE001", BAD, "manual", _manual("pe-workspace"), "a manual connection waits"
    ),
    StackCase(
        "PE001",
        OK,
        "manual, accepted",
        _manual("pe-workspace"),
        settings={"acceptManualApproval": True},
    ),
    StackCase(
        "PE001",
        OPEN,
        "group unknown",
        PLAN.with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(Id("workspace"), Nowhere()),
        ),
        "privateLinkServiceConnections[0].groupIds is not known",
    ),
    StackCase(
        "PE001",
        OPEN,
        "one group of a list unknown",
        PLAN.with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(Id("workspace"), [Nowhere()]),
        ),
        "groupIds[0] is not known",
    ),
    StackCase(
        "PE001",
        OPEN,
        "target unknown",
        PLAN.with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(Nowhere(), ["amlworkspace"]),
        ),
        "privateLinkServiceId is not known",
    ),
    StackCase(
        "PE001",
        OPEN,
        "connections unknown",
        PLAN.with_inputs("pe-workspace", privateLinkServiceConnections=Nowhere()),
        "privateLinkServiceConnections is not known",
    ),
    StackCase(
        "PE001",
        BAD,
        "target of another stack",
        PLAN.adding(STACK_REFERENCE).with_inputs(
            "pe-workspace",
            privateLinkServiceConnections=_connection(
                Id("other-stack"), ["amlworkspace"]
            ),
        ),
        preview_only=True,
    ),
    StackCase(
        "PE001",
        NONE,
        "hub project",
        PLAN.without("pe-workspace", "pe-workspace-zones").with_inputs(
            "workspace", kind="Project"
        ),
    ),
    StackCase(
        "PE001",
        OPEN,
        "kind unknown",
        PLAN.without("pe-workspace", "pe-workspace-zones").with_inputs(
            "workspace", kind=Nowhere()
        ),
    ),
    StackCase("PE002", OK, "blob and file", PLAN),
    StackCase(
        "PE002",
        BAD,
        "no file",
        PLAN.without("pe-file", "pe-file-zones"),
        "group id 'file'",
    ),
    StackCase(
        "PE002",
        BAD,
        "hierarchical",
        PLAN.with_inputs("account", isHnsEnabled=True),
        "group id 'dfs'",
    ),
    StackCase(
        "PE002",
        OPEN,
        "hierarchical unknown",
        PLAN.with_inputs("account", isHnsEnabled=Nowhere()),
        "isHnsEnabled is not known",
    ),
    StackCase(
        "PE002",
        BAD,
        "batch by setting",
        PLAN,
        "group id 'queue'",
        settings={"batch": True},
    ),
    StackCase(
        "PE002",
        BAD,
        "batch by plan",
        PLAN.adding(Planned("machinelearningservices:BatchEndpoint", "batch", RG)),
        "group id 'table'",
    ),
    StackCase(
        "PE002",
        BAD,
        "another account without any",
        PLAN.adding(NOTES),
        "'notes': no private endpoint; add one",
    ),
    StackCase(
        "PE002",
        OK,
        "another account with one",
        PLAN.adding(NOTES, private_endpoint("pe-notes", "notes", "table")),
    ),
    StackCase(
        "PE002",
        OPEN,
        "account of the workspace unknown",
        PLAN.with_inputs("workspace", storageAccount=Nowhere()).without(
            "pe-file", "pe-file-zones"
        ),
        "if it is 'account'",
    ),
    StackCase(
        "PE002",
        OPEN,
        "account outside",
        PLAN.with_inputs("workspace", storageAccount=STORAGE_ELSEWHERE),
        "storageAccount names a resource outside",
    ),
    StackCase(
        "PE002",
        OK,
        "account outside, endpoints here",
        PLAN.with_inputs("workspace", storageAccount=STORAGE_ELSEWHERE)
        .adding(
            private_endpoint("x", "workspace", "x"),
            private_endpoint("y", "workspace", "y"),
        )
        .with_inputs(
            "x",
            privateLinkServiceConnections=_connection(
                STORAGE_ELSEWHERE.upper().replace("/SUBSCRIPTIONS", "/subscriptions"),
                ["blob"],
            ),
        )
        .with_inputs(
            "y", privateLinkServiceConnections=_connection(STORAGE_ELSEWHERE, ["File"])
        ),
    ),
    StackCase("PE003", OK, "one endpoint", PLAN),
    StackCase(
        "PE003",
        BAD,
        "no endpoint",
        PLAN.without("pe-vault", "pe-vault-zones"),
        "group id 'vault'",
    ),
    StackCase(
        "PE003",
        OPEN,
        "group unknown",
        PLAN.with_inputs(
            "pe-vault",
            privateLinkServiceConnections=_connection(Id("vault"), Nowhere()),
        ),
    ),
    StackCase(
        "PE003",
        OPEN,
        "vault outside",
        PLAN.with_inputs("workspace", keyVault=VAULT_ELSEWHERE),
        "keyVault names a resource outside",
    ),
    StackCase(
        "PE003",
        OPEN,
        "vault unknown, and an endpoint of nothing",
        _workspace_of_unknown("keyVault", "vault"),
        "keyVault is not known",
    ),
    StackCase("PE004", OK, "one endpoint", PLAN),
    StackCase(
        "PE004",
        BAD,
        "no endpoint",
        PLAN.without("pe-registry", "pe-registry-zones"),
        "group id 'registry'",
    ),
    StackCase(
        "PE004",
        OPEN,
        "group unknown",
        PLAN.with_inputs(
            "pe-registry",
            privateLinkServiceConnections=_connection(Id("registry"), Nowhere()),
        ),
    ),
    StackCase(
        "PE004",
        OPEN,
        "registry outside",
        PLAN.with_inputs("workspace", containerRegistry=REGISTRY_ELSEWHERE),
        "containerRegistry names",
    ),
    StackCase(
        "PE004",
        NONE,
        "no registry",
        Plan(
            Planned(
                "machinelearningservices:Workspace", "w", {**RG, "workspaceName": "w"}
            )
        ),
    ),
    StackCase(
        "PE004",
        OPEN,
        "registry unknown, and an endpoint of a blank id",
        _workspace_of_unknown("containerRegistry", "registry", target=""),
        "containerRegistry is not known",
    ),
    StackCase(
        "PE004",
        NONE,
        "registry blank",
        Plan(
            Planned(
                "machinelearningservices:Workspace",
                "w",
                {**RG, "workspaceName": "w", "containerRegistry": " "},
            )
        ),
    ),
    StackCase("PE009", OK, "a zone group each", PLAN),
    StackCase(
        "PE009",
        BAD,
        "no zone group",
        PLAN.without("pe-blob-zones"),
        "endpoint 'pe-blob' has no zone group",
    ),
    StackCase(
        "PE009",
        BAD,
        "an endpoint of another service",
        PLAN.adding(private_endpoint("pe-more", "vault", "sites")),
        "endpoint 'pe-more' has no zone group",
    ),
    StackCase(
        "PE009",
        BAD,
        "zone group of another stack's endpoint",
        PLAN.with_inputs("pe-blob-zones", privateEndpointName="elsewhere"),
        "endpoint 'pe-blob' has no zone group",
    ),
    StackCase(
        "PE009",
        NONE,
        "DNS is central",
        PLAN.without("pe-blob-zones"),
        settings={"centralDns": True},
    ),
    StackCase(
        "PE009",
        OPEN,
        "endpoint of a zone group unknown",
        PLAN.with_inputs("pe-blob-zones", privateEndpointName=Nowhere()),
        "privateEndpointName is not known",
    ),
    *(
        StackCase("PE009", OK, f"to an own service {title}", _to(target))
        for title, target in (
            ("of this stack", Id("service", known=True)),
            ("to come", Id("service")),
            ("by its id elsewhere", FOREIGN.format("Network", "privateLinkServices")),
            ("by its alias", ALIAS),
            ("by an alias to come", Nowhere()),
        )
    ),
    *(
        StackCase(
            "PE009",
            BAD,
            f"to a service of Azure's {title}",
            _to(target, *groups),
            "endpoint 'pe-own' has no zone group",
        )
        for title, target, groups in (
            ("of this stack, without a group", Id("vault"), ()),
            ("elsewhere, without a group", VAULT_ELSEWHERE, ()),
            ("that is not known", Nowhere(), ("vault",)),
            ("that is not known, in a group that is not", Nowhere(), (Nowhere(),)),
            ("by a name that is no alias", "scoring", ()),
        )
    ),
    StackCase(
        "PE009",
        BAD,
        "no connection at all",
        _to(ALIAS).with_inputs("pe-own", manualPrivateLinkServiceConnections=None),
        "endpoint 'pe-own' has no zone group",
    ),
    StackCase("PE010", OK, "all zones", PLAN),
    # C01: the second zone of the workspace is forgotten.
    StackCase(
        "PE010",
        BAD,
        "one of two zones",
        PLAN.adding(zone_group("pe-workspace", "zone-api")),
        "zone 'privatelink.notebooks.azure.net' is missing",
    ),
    StackCase(
        "PE010",
        BAD,
        "another group's zone",
        PLAN.adding(zone_group("pe-blob", "zone-file")),
        "zone 'privatelink.blob.core.windows.net' is missing",
    ),
    StackCase(
        "PE010",
        BAD,
        "a zone too many",
        PLAN.adding(zone_group("pe-blob", "zone-blob", "zone-file")),
        "does not belong to 'blob'",
    ),
    StackCase(
        "PE010",
        BAD,
        "no zones",
        PLAN.with_inputs("pe-vault-zones", privateDnsZoneConfigs=None),
        "is missing",
    ),
    StackCase(
        "PE010",
        BAD,
        "another cloud",
        PLAN,
        "usgovcloudapi",
        settings={"cloud": "us_government"},
    ),
    StackCase(
        "PE010",
        OPEN,
        "zone unknown",
        PLAN.with_inputs(
            "pe-vault-zones", privateDnsZoneConfigs=[{"privateDnsZoneId": Nowhere()}]
        ),
        "privateDnsZoneConfigs[0].privateDnsZoneId is not known",
    ),
    StackCase(
        "PE010",
        OPEN,
        "zones unknown",
        PLAN.with_inputs("pe-vault-zones", privateDnsZoneConfigs=Nowhere()),
    ),
    StackCase(
        "PE010",
        OPEN,
        "zone name unknown",
        PLAN.with_inputs("zone-vault", privateZoneName=Nowhere()).with_inputs(
            "zone-vault-link", privateZoneName=Nowhere()
        ),
        preview_only=True,
    ),
    # An update that adds a zone: the first one's id is known, the second one's is not.
    StackCase(
        "PE010",
        OK,
        "a zone of a deployed stack and a new one",
        PLAN.with_inputs(
            "pe-workspace-zones",
            privateDnsZoneConfigs=[
                {"privateDnsZoneId": Id("zone-api", known=True)},
                {"privateDnsZoneId": Id("zone-notebooks")},
            ],
        ),
    ),
    StackCase(
        "PE010",
        BAD,
        "a zone of a deployed stack and a new wrong one",
        PLAN.with_inputs(
            "pe-workspace-zones",
            privateDnsZoneConfigs=[
                {"privateDnsZoneId": Id("zone-api", known=True)},
                {"privateDnsZoneId": Id("zone-blob")},
            ],
        ),
        "zone 'privatelink.notebooks.azure.net' is missing",
    ),
    StackCase(
        "PE010",
        OPEN,
        "a zone of a deployed stack and an unknown one",
        PLAN.with_inputs(
            "pe-workspace-zones",
            privateDnsZoneConfigs=[
                {"privateDnsZoneId": Id("zone-api", known=True)},
                {"privateDnsZoneId": Nowhere()},
            ],
        ),
        "privateDnsZoneConfigs[1].privateDnsZoneId is not known",
    ),
    StackCase(
        "PE010",
        OPEN,
        "one of two zones of one name, whose resource groups are unknown",
        PLAN.with_inputs("zone-vault", resourceGroupName=Nowhere())
        .adding(
            Planned(
                "privatedns:PrivateZone",
                "zone-vault-2",
                {
                    "resourceGroupName": Nowhere(),
                    "privateZoneName": "privatelink.vaultcore.azure.net",
                },
            )
        )
        .with_inputs(
            "pe-vault-zones",
            privateDnsZoneConfigs=[
                {
                    "privateDnsZoneId": FOREIGN.format(
                        "Network", "privateDnsZones"
                    ).replace("elsewhere", "privatelink.vaultcore.azure.net")
                }
            ],
        ),
        "resourceGroupName is not known",
    ),
    StackCase(
        "PE010",
        OPEN,
        "endpoint of another stack",
        PLAN.with_inputs("pe-vault-zones", privateEndpointName="elsewhere"),
        "not to be seen in this stack",
    ),
    StackCase(
        "PE010",
        OPEN,
        "group unknown",
        PLAN.with_inputs(
            "pe-vault",
            privateLinkServiceConnections=_connection(Id("vault"), Nowhere()),
        ),
    ),
    StackCase(
        "PE010",
        NONE,
        "another service",
        Plan(
            private_endpoint("p", "n", "sqlServer"),
            Planned("network:VirtualNetwork", "n", {**RG, "virtualNetworkName": "n"}),
            Planned(
                "network:Subnet",
                "subnet",
                {**RG, "virtualNetworkName": "n", "subnetName": "s"},
            ),
            zone_group("p"),
        ),
    ),
)
