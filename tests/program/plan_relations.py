"""The relations that must hold in every plan with a private workspace, over plain data.

`relation_findings` reads a plan.json as the review writes it and says what is missing:
endpoints of services, zone groups and zones of endpoints, links of zones, roles of
identities, the order of things; and which public switch is on. It is a second opinion:
nothing of the components, their rulebook or the policy pack is used.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from planned_stack import UNKNOWN, Planned, PlannedStack
from relation_facts import (
    COLLECTION_ENDPOINT,
    COMPUTE,
    COMPUTE_GRANTS,
    DEPENDENCY_GROUPS,
    ENDPOINT,
    FLOW_LOG,
    FLOW_LOG_ROLE,
    IDENTITY,
    INSIGHTS,
    LOGS,
    MANAGED_NETWORK_GRANTS,
    MONITOR_SCOPE,
    OUTBOUND_GRANT,
    OUTBOUND_RULE,
    PEOPLE_ROLES,
    REGISTRY,
    ROLE_ASSIGNMENT,
    ROLE_OF_ID,
    SCOPED,
    STORAGE,
    SWITCHES,
    SYSTEM_IDENTITY_GRANTS,
    VAULT,
    WORKSPACE,
    WORKSPACE_GRANTS,
    ZONE,
    ZONE_GROUP,
    ZONE_LINK,
    ZONES,
    Grant,
)

Given = tuple[str, str, str]
"""Who has it, the role's name, what it is given on: keys of a PlannedStack."""


def relation_findings(
    plan: Mapping[str, Any], openings: Collection[tuple[str, str]] = ()
) -> list[str]:
    """All that does not hold, one line for each; empty when the plan is whole.

    `openings`: type and input path of the switches that the stack's configuration has
    opened on purpose, such as ``("operationalinsights:Workspace",
    "publicNetworkAccessForQuery")``.
    """
    stack = PlannedStack(plan)
    endpoints = _Endpoints(stack)
    return [
        *endpoints.findings(),
        *_service_findings(stack, endpoints, openings),
        *_monitor_findings(stack, endpoints, openings),
        *_zone_findings(stack, endpoints),
        *_link_findings(stack, endpoints),
        *_switch_findings(stack, openings),
        *_role_findings(stack, endpoints),
        *_order_findings(stack, endpoints),
    ]


class _Endpoints:
    """The private endpoints of a plan: what each reaches, from which network."""

    def __init__(self, stack: PlannedStack):
        self.stack = stack
        self.all = list(stack.of(ENDPOINT))
        self.connection = {each.urn: _connections(each) for each in self.all}
        self.target = {each.urn: self._target(each) for each in self.all}
        self.network = {
            each.urn: stack.network_of_subnet(each, "subnet", each.get("subnet.id"))
            for each in self.all
        }
        self.zone_groups = {
            each.urn: [
                group
                for group in stack.of(ZONE_GROUP)
                if stack.by_name(ENDPOINT, group.get("privateEndpointName")) is each
            ]
            for each in self.all
        }

    def group(self, endpoint: Planned) -> str:
        """The group id of an endpoint that has exactly one; else ''."""
        groups = [
            group
            for connection in self.connection[endpoint.urn]
            for group in connection.get("groupIds") or []
        ]
        return groups[0] if len(groups) == 1 else ""

    def of(self, target: str, network: str | None = None) -> dict[str, Planned]:
        """The endpoints of a service by group id, in one network or in all."""
        return {
            self.group(each): each
            for each in self.all
            if self.target[each.urn] == target
            and network in (None, self.network[each.urn])
        }

    def networks_of(self, target: str) -> set[str | None]:
        """The networks from which a service has an endpoint."""
        return {
            self.network[each.urn]
            for each in self.all
            if self.target[each.urn] == target
        }

    def findings(self) -> Iterator[str]:
        """What an endpoint must be by itself."""
        for each in self.all:
            if len(self.connection[each.urn]) != 1:
                yield f"{each.name}: must have exactly one connection"
            if not self.group(each):
                yield f"{each.name}: must have exactly one group id"
            if self.target[each.urn] is None:
                yield f"{each.name}: names no service"
            if self.network[each.urn] is None:
                yield f"{each.name}: is in no network"
        seen = Counter(
            (self.target[each.urn], self.group(each), self.network[each.urn])
            for each in self.all
        )
        for (target, group, network), count in seen.items():
            if count > 1:
                yield f"{target}: {count} endpoints for {group} in {network}"

    def _target(self, endpoint: Planned) -> str | None:
        connections = self.connection[endpoint.urn]
        if len(connections) != 1:
            return None
        top = next(key for key in _CONNECTION_INPUTS if endpoint.get(key))
        value = connections[0].get("privateLinkServiceId")
        return self.stack.named(endpoint, top, value, _SERVICES)


_CONNECTION_INPUTS = (
    "privateLinkServiceConnections",
    "manualPrivateLinkServiceConnections",
)
_SERVICES = (WORKSPACE, STORAGE, VAULT, REGISTRY, MONITOR_SCOPE)


def _connections(endpoint: Planned) -> list[dict[str, Any]]:
    return [
        connection
        for key in _CONNECTION_INPUTS
        for connection in endpoint.get(key) or []
    ]


def _service_findings(
    stack: PlannedStack, endpoints: _Endpoints, openings: Collection[tuple[str, str]]
) -> Iterator[str]:
    """Each workspace, and each service that it depends on, has its endpoints."""
    for workspace in stack.of(WORKSPACE):
        if workspace.get("kind") == "Project":
            if stack.target(workspace, "hubResourceId", WORKSPACE) is None:
                yield f"{workspace.name}: hubResourceId names no hub"
            continue
        networks = endpoints.networks_of(workspace.urn)
        if "amlworkspace" not in endpoints.of(workspace.urn):
            yield f"{workspace.name}: no private endpoint for amlworkspace"
        for key, (type_, groups, service) in DEPENDENCY_GROUPS.items():
            target = stack.target(workspace, key, type_)
            if target is None:
                yield f"{workspace.name}: {key} names no service"
                continue
            if service and _by_service_endpoint(stack, target):
                continue
            if _is_open(stack, target, openings):
                continue
            reached = [set(endpoints.of(target, network)) for network in networks]
            if not any(set(groups) <= each for each in reached):
                yield (
                    f"{stack.label(target)}: no network with the workspace's endpoint "
                    f"has private endpoints for {', '.join(groups)}"
                )
    for each in stack.of(STORAGE, VAULT, REGISTRY):
        closed = not (
            _by_service_endpoint(stack, each.urn) or _is_open(stack, each.urn, openings)
        )
        if closed and not endpoints.of(each.urn):
            yield f"{each.name}: is closed to the public and has no private endpoint"


def _by_service_endpoint(stack: PlannedStack, target: str) -> bool:
    """Whether a service admits some subnets by its public address, and no one else."""
    if target not in stack.resources:
        return False
    service = stack.resources[target]
    if service.type not in _SUBNET_RULES:
        return False
    public, rules, key, word = _SUBNET_RULES[service.type]
    subnet_rules = service.get(f"{rules}.virtualNetworkRules")
    if service.get(public) != "Enabled" or not subnet_rules:
        return False
    if service.get(f"{rules}.defaultAction") != "Deny":
        return False
    ids = [rule.get(key) for rule in subnet_rules]
    subnets = stack.subnets(service, rules.split(".")[0], ids)
    if not subnets and UNKNOWN in ids:
        return False
    return all(
        any(
            each.get("service") == word for each in subnet.get("serviceEndpoints") or []
        )
        for subnet in subnets
    )


_SUBNET_RULES = {
    STORAGE: (
        "publicNetworkAccess",
        "networkRuleSet",
        "virtualNetworkResourceId",
        "Microsoft.Storage",
    ),
    VAULT: (
        "properties.publicNetworkAccess",
        "properties.networkAcls",
        "id",
        "Microsoft.KeyVault",
    ),
}
"""Type to the switch, the rules, the input of a rule that names a subnet, and the
service endpoint that the subnet must have."""


def _is_open(
    stack: PlannedStack, target: str, openings: Collection[tuple[str, str]]
) -> bool:
    """Whether a switch for public access is on, and the configuration says so."""
    return target in stack.resources and any(
        switch.type == stack.type_of(target)
        and "publicNetworkAccess" in switch.path
        and (switch.type, switch.path) in openings
        and stack.resources[target].get(switch.path) not in switch.closed
        for switch in SWITCHES
    )


def _monitor_findings(
    stack: PlannedStack, endpoints: _Endpoints, openings: Collection[tuple[str, str]]
) -> Iterator[str]:
    """Application Insights and its Log Analytics workspace are in one private scope.

    The endpoint of a scope that is not of this plan is its owner's.
    """
    for workspace in stack.of(WORKSPACE):
        if workspace.get("kind") == "Project":
            continue
        insights = stack.target(workspace, "applicationInsights", INSIGHTS)
        if insights is None:
            yield f"{workspace.name}: applicationInsights names no component"
            continue
        if insights not in stack.resources:
            continue
        component = stack.resources[insights]
        logs = stack.target(component, "workspaceResourceId", LOGS)
        if logs is None:
            yield f"{component.name}: workspaceResourceId names no workspace"
            continue
        if _is_open(stack, insights, openings):
            continue
        scopes = _scopes_of(stack, insights) & _scopes_of(stack, logs)
        if not scopes:
            yield f"{component.name}: in no private link scope with {stack.label(logs)}"
        for scope in scopes:
            planned = stack.by_name(MONITOR_SCOPE, scope)
            if planned and "azuremonitor" not in endpoints.of(planned.urn):
                yield f"{planned.name}: no private endpoint for azuremonitor"
    for collector in stack.of(COLLECTION_ENDPOINT):
        access = str(collector.get("networkAcls.publicNetworkAccess"))
        closed = access.lower() == "disabled"
        if closed and not _scopes_of(stack, collector.urn):
            yield f"{collector.name}: closed, and in no private link scope"


def _scopes_of(stack: PlannedStack, key: str) -> set[str]:
    """The names of the private link scopes that hold a resource."""
    return {
        str(each.get("scopeName")).lower()
        for each in stack.of(SCOPED)
        if stack.target(each, "linkedResourceId", INSIGHTS, LOGS, COLLECTION_ENDPOINT)
        == key
    }


def _zone_findings(stack: PlannedStack, endpoints: _Endpoints) -> Iterator[str]:
    """Each endpoint has one zone group, with all zones of its group id and no other.

    A plan without any zone group leaves the records to a central policy; it must not
    have zones of its own then.
    """
    used: Counter[tuple[str, str | None, str]] = Counter()
    for endpoint in endpoints.all:
        groups = endpoints.zone_groups[endpoint.urn]
        if len(groups) != 1 and any(stack.of(ZONE_GROUP)):
            yield f"{endpoint.name}: has {len(groups)} zone groups and must have one"
        for group in groups:
            expected = _zones_of(stack, endpoints, endpoint)
            zones = _zones_in(stack, group)
            target, own = endpoints.target[endpoint.urn], endpoints.group(endpoint)
            used.update((zone, target, own) for zone in zones)
            names = sorted(_zone_name(stack, zone) for zone in zones)
            configured = len(group.get("privateDnsZoneConfigs") or [])
            if names != sorted(expected) or configured != len(expected):
                yield (
                    f"{group.name}: has {configured} zones ({', '.join(names)}) "
                    f"and must have {', '.join(expected) or 'a known group id'}"
                )
    for group in stack.of(ZONE_GROUP):
        if stack.by_name(ENDPOINT, group.get("privateEndpointName")) is None:
            yield f"{group.name}: its endpoint is not in the plan"
    for (zone, target, own), count in used.items():
        if count > 1:
            service = stack.label(target or "")
            yield (
                f"{stack.label(zone)}: {count} endpoints of {service} for {own} "
                "write the same records"
            )
    named = {zone for zone, _, _ in used}
    for zone in stack.of(ZONE):
        is_of_private_link = str(zone.get("privateZoneName")).startswith("privatelink.")
        if is_of_private_link and zone.urn not in named:
            yield f"{zone.name}: no zone group names this zone"


def _zones_of(
    stack: PlannedStack, endpoints: _Endpoints, endpoint: Planned
) -> tuple[str, ...]:
    """The zones that an endpoint needs in the cloud of its region."""
    location = str(endpoint.get("location")).lower()
    cloud = "public"
    if location.startswith("china"):
        cloud = "china"
    elif location.startswith(("usgov", "usdod")):
        cloud = "us_government"
    return ZONES[cloud].get(endpoints.group(endpoint), ())


def _zones_in(stack: PlannedStack, group: Planned) -> list[str]:
    """The keys of the zones that a zone group names.

    Those with a known id one by one; what is unknown are the zones of this plan that
    the group depends on.
    """
    top = "privateDnsZoneConfigs"
    ids = [config.get("privateDnsZoneId") for config in group.get(top) or []]
    known = [
        key
        for value in ids
        if isinstance(value, str)
        and (key := stack.named(group, top, value, (ZONE,))) is not None
    ]
    if len(known) == len(ids):
        return known
    return known + [
        urn for urn in stack.depended(group, top, (ZONE,)) if urn not in known
    ]


def _zone_name(stack: PlannedStack, key: str) -> str:
    if key in stack.resources:
        return str(stack.resources[key].get("privateZoneName"))
    return key.rpartition("/")[2]


def _link_findings(stack: PlannedStack, endpoints: _Endpoints) -> Iterator[str]:
    """Each zone is linked once to each network with clients, without registration.

    Clients of a zone are in the networks of the endpoints that it has records of, and
    in those of compute, which asks for all names.
    """
    compute_networks: set[str] = set()
    for compute in stack.of(COMPUTE):
        if compute.get(_COMPUTE_SUBNET) is not None:
            network = _network_of_compute(stack, compute)
            if network is None:
                yield f"{compute.name}: is in no network"
            else:
                compute_networks.add(network)
    clients: defaultdict[str, set[str]] = defaultdict(lambda: set(compute_networks))
    for endpoint in endpoints.all:
        for group in endpoints.zone_groups[endpoint.urn]:
            for key in _zones_in(stack, group):
                clients[key].add(endpoints.network[endpoint.urn] or "")
    for link in stack.of(ZONE_LINK):
        if stack.by_name(ZONE, link.get("privateZoneName")) is None:
            yield f"{link.name}: its zone is not in the plan"
        if link.get("registrationEnabled") is not False:
            yield f"{link.name}: registrationEnabled must be false"
    for zone in stack.of(ZONE):
        networks = Counter(
            stack.network_of(link, "virtualNetwork", link.get("virtualNetwork.id"))
            for link in stack.of(ZONE_LINK)
            if stack.by_name(ZONE, link.get("privateZoneName")) is zone
        )
        if None in networks:
            yield f"{zone.name}: a link names no network"
        linked = {each for each in networks if each}
        for network in sorted(clients[zone.urn] | linked):
            if networks[network] != 1:
                yield f"{zone.name}: {networks[network]} links to network {network}"


def _switch_findings(
    stack: PlannedStack, openings: Collection[tuple[str, str]]
) -> Iterator[str]:
    """No public switch is on that the configuration has not opened."""
    for switch in SWITCHES:
        for each in stack.of(switch.type):
            if switch.when and each.get(switch.when[0]) != switch.when[1]:
                continue
            value = each.get(switch.path)
            if value in switch.closed or (switch.type, switch.path) in openings:
                continue
            if switch.path.endswith("publicNetworkAccess") and _by_service_endpoint(
                stack, each.urn
            ):
                continue
            yield f"{each.name}: {switch.path} is {value!r} and must be closed"


def _role_findings(stack: PlannedStack, endpoints: _Endpoints) -> Iterator[str]:
    """Each identity has exactly its roles, each where it is needed and nowhere else."""
    given: Counter[Given] = Counter()
    people: Counter[Given] = Counter()
    for each in stack.of(ROLE_ASSIGNMENT):
        kind = each.get("principalType")
        role = ROLE_OF_ID.get(str(each.get("roleDefinitionId")).lower()[-36:], "")
        scope = stack.target(each, "scope")
        if kind not in ("ServicePrincipal", "Group", "User"):
            yield f"{each.name}: principalType is {kind!r} and must be set"
        elif not role:
            yield f"{each.name}: {each.get('roleDefinitionId')} is no role needed here"
        elif scope is None:
            yield f"{each.name}: its scope is not known"
        elif kind == "ServicePrincipal":
            principal = stack.target(
                each, "principalId", IDENTITY, WORKSPACE, COMPUTE, STORAGE
            )
            if principal is None:
                yield f"{each.name}: its principal is not known"
            else:
                given[principal, role, scope] += 1
        elif not _may_have(stack, role, scope):
            yield f"{each.name}: people must not have {role} on {stack.label(scope)}"
        else:
            people[str(each.get("principalId")), role, scope] += 1
    for workspace in stack.of(WORKSPACE):
        own = stack.target(workspace, "primaryUserAssignedIdentity", IDENTITY)
        identities = stack.targets(
            workspace, "identity.userAssignedIdentities", IDENTITY
        )
        is_its_own = "SystemAssigned" in str(workspace.get("identity.type"))
        if own not in identities and not is_its_own:
            yield f"{workspace.name}: acts as none of its identities"
    needed = _needed_roles(stack, endpoints, given)
    for who, role, scope in sorted(needed - set(given)):
        yield f"{stack.label(who)}: lacks {role} on {stack.label(scope)}"
    for who, role, scope in sorted(set(given) - needed):
        yield f"{stack.label(who)}: must not have {role} on {stack.label(scope)}"
    for (who, role, scope), count in (given + people).items():
        if count > 1:
            holder, place = stack.label(who), stack.label(scope)
            yield f"{holder}: has {role} on {place} {count} times"
    for identity in stack.of(IDENTITY):
        if not any(who == identity.urn for who, _, _ in needed):
            yield f"{identity.name}: nothing acts as this identity"
    for compute in stack.of(COMPUTE):
        is_assigned = "UserAssigned" in str(compute.get("identity.type"))
        if is_assigned and not stack.targets(
            compute, "identity.userAssignedIdentities", IDENTITY
        ):
            yield f"{compute.name}: acts as no identity that is known"


def _may_have(stack: PlannedStack, role: str, scope: str) -> bool:
    types = PEOPLE_ROLES.get(role, frozenset())
    return scope not in stack.resources or stack.type_of(scope) in types


def _needed_roles(
    stack: PlannedStack, endpoints: _Endpoints, given: Collection[Given]
) -> set[Given]:
    """What the identities of workspaces, compute and flow logs need."""
    needed: set[Given] = set()
    for workspace in stack.of(WORKSPACE):
        for who, grants in _acts_as(stack, workspace, given):
            needed |= _granted(stack, endpoints, workspace, who, grants)
            if workspace.get("managedNetwork.isolationMode") not in (None, "Disabled"):
                needed |= _approvals(stack, endpoints, workspace, who)
    for compute in stack.of(COMPUTE):
        home = stack.by_name(WORKSPACE, compute.get("workspaceName"))
        if home is None:
            continue
        identities = stack.targets(compute, "identity.userAssignedIdentities", IDENTITY)
        if "SystemAssigned" in str(compute.get("identity.type")):
            identities.add(compute.urn)
        for who in identities:
            needed |= _granted(stack, endpoints, home, who, COMPUTE_GRANTS)
    for log in stack.of(FLOW_LOG):
        account = stack.target(log, "storageId", STORAGE)
        for who in stack.targets(log, "identity.userAssignedIdentities", IDENTITY):
            if account and who in stack.resources:
                needed.add((who, FLOW_LOG_ROLE, account))
    return needed


def _approvals(
    stack: PlannedStack, endpoints: _Endpoints, workspace: Planned, who: str
) -> set[Given]:
    """What a workspace with a managed network needs to approve its endpoints."""
    needed = _granted(stack, endpoints, workspace, who, MANAGED_NETWORK_GRANTS)
    for rule in stack.of(OUTBOUND_RULE):
        target = stack.target(rule, "properties.destination.serviceResourceId")
        if (
            target is not None
            and stack.by_name(WORKSPACE, rule.get("workspaceName")) is workspace
        ):
            needed.add((who, OUTBOUND_GRANT, target))
    return needed


def _acts_as(
    stack: PlannedStack, workspace: Planned, given: Collection[Given]
) -> list[tuple[str, tuple[Grant, ...]]]:
    """The identity that a workspace acts as, and the roles that this needs.

    Any other identity of a workspace only reads its key.
    """
    own = stack.target(workspace, "primaryUserAssignedIdentity", IDENTITY)
    if own is not None:
        return [(_principal(stack, own, given), WORKSPACE_GRANTS)]
    return [(workspace.urn, SYSTEM_IDENTITY_GRANTS)]


def _principal(stack: PlannedStack, identity: str, given: Collection[Given]) -> str:
    """Whom role assignments name for an identity.

    One that exists already is named by its object id, which no plan joins to its
    resource id; it is the only principal that is not of the plan.
    """
    strangers = {who for who, _, _ in given if who not in stack.resources}
    if identity not in stack.resources and len(strangers) == 1:
        return strangers.pop()
    return identity


def _granted(
    stack: PlannedStack,
    endpoints: _Endpoints,
    workspace: Planned,
    who: str,
    grants: tuple[Grant, ...],
) -> set[Given]:
    """Roles of a table, on the resources around one workspace."""
    storage = stack.target(workspace, "storageAccount", STORAGE) or ""
    storage_endpoints = [
        each for each in endpoints.all if endpoints.target[each.urn] == storage
    ]
    groups = {endpoints.group(each) for each in storage_endpoints}
    found: set[Given] = set()
    for grant in grants:
        if grant.group and grant.group not in groups:
            continue
        if grant.on == "endpoints":
            found |= {
                (who, grant.role, each.urn)
                for each in storage_endpoints
                if endpoints.group(each) in ("blob", "file")
            }
        elif grant.on == "workspace":
            found.add((who, grant.role, workspace.urn))
        elif (target := stack.target(workspace, grant.on, *_ROLE_SCOPES)) is not None:
            found.add((who, grant.role, target))
    return found


_ROLE_SCOPES = (STORAGE, VAULT, REGISTRY, INSIGHTS)


def _order_findings(stack: PlannedStack, endpoints: _Endpoints) -> Iterator[str]:
    """Roles come before who needs them; endpoints and their names before compute."""
    for assignment in stack.of(ROLE_ASSIGNMENT):
        who = stack.target(assignment, "principalId", IDENTITY)
        scope = stack.target(assignment, "scope")
        for each in stack.of(WORKSPACE, COMPUTE, FLOW_LOG):
            identities = stack.targets(
                each, "identity.userAssignedIdentities", IDENTITY
            )
            about_itself = stack.type_of(scope or "") == WORKSPACE
            if who not in identities or (each.type == WORKSPACE and about_itself):
                continue
            if assignment.urn not in stack.comes_after(each.urn):
                yield f"{each.name}: does not wait for {assignment.name}"
    for compute in stack.of(COMPUTE):
        home = stack.by_name(WORKSPACE, compute.get("workspaceName"))
        if home is None:
            yield f"{compute.name}: its workspace is not in the plan"
            continue
        before = stack.comes_after(compute.urn)
        network = _network_of_compute(stack, compute)
        awaited = [
            needed
            for each in _reached_by(stack, endpoints, home)
            if network in (None, endpoints.network[each.urn])
            for needed in (each, *endpoints.zone_groups[each.urn])
        ] + [
            link
            for link in stack.of(ZONE_LINK)
            if network
            in (
                None,
                stack.network_of(link, "virtualNetwork", link.get("virtualNetwork.id")),
            )
        ]
        awaited += [
            role
            for role in stack.of(ROLE_ASSIGNMENT)
            if stack.target(role, "principalId", WORKSPACE) == home.urn
        ]
        for needed in awaited:
            if needed.urn not in before:
                yield f"{compute.name}: does not wait for {needed.name}"
    for rule in stack.of(OUTBOUND_RULE):
        before = stack.comes_after(rule.urn)
        for role in stack.of(ROLE_ASSIGNMENT):
            if _is_approval(role) and role.urn not in before:
                yield f"{rule.name}: does not wait for {role.name}"


def _is_approval(role: Planned) -> bool:
    role_id = str(role.get("roleDefinitionId")).lower()[-36:]
    return ROLE_OF_ID.get(role_id) == OUTBOUND_GRANT


_COMPUTE_SUBNET = "properties.properties.subnet.id"


def _network_of_compute(stack: PlannedStack, compute: Planned) -> str | None:
    """The network of a subnet of ours; None where the service manages the network."""
    value = compute.get(_COMPUTE_SUBNET)
    return stack.network_of_subnet(compute, "properties", value) if value else None


def _reached_by(
    stack: PlannedStack, endpoints: _Endpoints, workspace: Planned
) -> list[Planned]:
    """The endpoints of a workspace and of what it depends on."""
    services = {workspace.urn} | {
        target
        for key, (type_, _, _) in DEPENDENCY_GROUPS.items()
        if (target := stack.target(workspace, key, type_))
    }
    insights = stack.target(workspace, "applicationInsights", INSIGHTS)
    services |= {
        scope.urn
        for name in _scopes_of(stack, insights or "")
        if (scope := stack.by_name(MONITOR_SCOPE, name))
    }
    return [each for each in endpoints.all if endpoints.target[each.urn] in services]
