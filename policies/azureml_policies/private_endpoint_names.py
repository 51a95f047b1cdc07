"""Rules for the names of private endpoints: an endpoint without them serves nobody.

Which zones a group id needs stands in the rulebook.
"""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._endpoint_examples import shown_with_endpoints
from azureml_policies._frame import (
    Context,
    Finding,
    NotApplicable,
    Reference,
    Resource,
    Stack,
    Undecided,
    Violation,
    stack_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import ENDPOINT, ZONE_GROUP, connections, zones_of
from azureml_rulebook import dns_zones
from azureml_rulebook.clouds import CLOUDS, PUBLIC
from azureml_rulebook.private_endpoints import zone_findings

_DNS_DOCS = "https://learn.microsoft.com/azure/private-link/private-endpoint-dns"


def _with_zones(zone: str) -> list[dict[str, Any]]:
    zone_id = (
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg"
        f"/providers/Microsoft.Network/privateDnsZones/{zone}"
    )
    return [
        *shown_with_endpoints("vault", "vault"),
        {
            "type": ZONE_GROUP,
            "name": "names",
            "properties": {
                "resourceGroupName": "rg",
                "privateEndpointName": "pe-vault-vault",
                "privateDnsZoneConfigs": [
                    {"name": "vault", "privateDnsZoneId": zone_id}
                ],
            },
        },
    ]


@stack_rule(
    id="PE009",
    name="pe-no-pending-dns",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ENDPOINT,),
    settings={
        "centralDns": {
            "type": "boolean",
            "default": False,
            "description": "Something outside of the stack, as a policy of Azure's, "
            "gives every endpoint its zone group",
        }
    },
    controls=(assigned("NS-10"),),
    azure_policies=(
        "ee40564d-486e-4f68-a5ca-7a621edae0fb",
        "ac673a9a-f77d-4846-b2d8-a57f8e1c01d4",
        "e9585a95-5b8c-4d03-b193-dc7eb5ac4c32",
        "75973700-529f-4de2-b794-fb9b6781b6b0",
        "6df98d03-368a-4438-8730-a93c4d7693d6",
    ),
    steps="Add a network.PrivateDnsZoneGroup to the endpoint with the zones of its "
    "group id, or set centralDns where that happens elsewhere.",
    url=_DNS_DOCS,
    bad=shown_with_endpoints("vault", "vault"),
    good=_with_zones("privatelink.vaultcore.azure.net"),
)
def endpoint_has_zone_group(endpoint: Resource, context: Context) -> Iterator[Finding]:
    """A private endpoint to a service of Azure's has a zone group for its names."""
    if context.settings["centralDns"]:
        raise NotApplicable("the configuration says that DNS is central")
    led = context.stack.once(connections).of(endpoint)
    if led and all(connection.leads_to_own_service for connection in led):
        raise NotApplicable("leads to a Private Link service, which has no zones")
    references = context.stack.once(_endpoints_of_zone_groups)
    if any(reference.certain is endpoint for reference in references):
        return
    for reference in references:
        if reference.may_be(endpoint):
            yield undecided(
                reference.reading, f"it has to be endpoint '{endpoint.name}'"
            )
            return
    yield Violation(
        "",
        f"endpoint '{endpoint.name}' has no zone group, so its names resolve to public "
        "addresses; add a PrivateDnsZoneGroup",
    )


@stack_rule(
    id="PE010",
    name="pe-dns-zone-matches-group",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.CRITICAL,
    types=(ZONE_GROUP,),
    settings={
        "cloud": {
            "type": "string",
            "enum": list(CLOUDS),
            "default": PUBLIC,
            "description": "The Azure cloud that the stack is deployed to",
        }
    },
    controls=(assigned("NS-10"),),
    azure_policies=("ee40564d-486e-4f68-a5ca-7a621edae0fb",),
    steps="Name exactly the zones that the endpoint's group id needs, all in the one "
    "zone group of the endpoint: the workspace needs two.",
    url=_DNS_DOCS,
    bad=_with_zones("privatelink.vault.azure.net"),
    good=_with_zones("privatelink.vaultcore.azure.net"),
)
def zones_match_group(zone_group: Resource, context: Context) -> Iterator[Finding]:
    """The zones of an endpoint's zone group are those that its group id needs."""
    stack = context.stack
    cloud = context.settings["cloud"]
    name = zone_group.value("privateEndpointName")
    endpoint = stack.resolve(zone_group, name, ENDPOINT).certain
    if endpoint is None:
        yield Undecided(
            name.path,
            f"{name.path}: the endpoint is not to be seen in this stack, so its group "
            "ids are not known; declare the endpoint and its zone group in one stack",
        )
        return
    groups: list[str] = []
    for connection in stack.once(connections).of(endpoint):
        if connection.unknown_group is not None:
            yield undecided(
                connection.unknown_group,
                f"the zones of endpoint '{endpoint.name}' depend on it",
            )
            return
        groups.extend(connection.groups)
    known = {group.lower() for group in dns_zones.GROUP_IDS}
    if not groups or not known.issuperset(groups):
        raise NotApplicable("judges endpoints of the services of a workspace")
    zones = zones_of(stack, zone_group)
    path = "privateDnsZoneConfigs"
    findings = zone_findings(groups, zones.names, cloud, path=path)
    if zones.unknown is not None:
        # Whatever the unknown zones are, they cannot make a wrong one right.
        wanted = dns_zones.zones_for(tuple(groups), cloud)
        certain = zone_findings(groups, (*zones.names, *wanted), cloud, path=path)
        if certain != findings:
            listed = ", ".join(f"'{name}'" for name in wanted)
            yield undecided(zones.unknown, f"the zones must be {listed}")
        findings = certain
    for finding in findings:
        yield Violation(path, str(finding))


def _endpoints_of_zone_groups(stack: Stack) -> list[Reference]:
    """Return which endpoint each zone group belongs to."""
    return [
        stack.resolve(group, group.value("privateEndpointName"), ENDPOINT)
        for group in stack.of_type(ZONE_GROUP)
    ]
