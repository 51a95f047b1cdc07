"""The connections of private endpoints, as those whom they lead to see and decide them.

Azure keeps each connection twice: in the endpoint, and under a name of its own below
what the endpoint leads to, whose owner approves, rejects or removes it there.
https://learn.microsoft.com/azure/private-link/manage-private-endpoint
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.resource_paths import id_key, last_name, same_id
from emulator.store import Resource, Store

LINK_SERVICE = "network:PrivateLinkService"
ENDPOINT = "network:PrivateEndpoint"
LISTS = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
STATE = "privateLinkServiceConnectionState"
CONNECTIONS_OF = {
    LINK_SERVICE: "network:PrivateLinkServicePrivateEndpointConnection",
    **{
        f"{module}:{name}": f"{module}:PrivateEndpointConnection"
        for module, name in (
            ("containerregistry", "Registry"),
            ("keyvault", "Vault"),
            ("machinelearningservices", "Workspace"),
            ("monitor", "PrivateLinkScope"),
            ("storage", "StorageAccount"),
        )
    },
}
"""The type of a target's connections, by the target's type."""
CONNECTIONS = frozenset(CONNECTIONS_OF.values())
LISTED = "privateEndpointConnections"
"""What holds them: below a target in Azure, and in its answer."""


def link_service(store: Store, target: Any) -> Resource | None:
    """The Private Link service that an id or an alias names, if it is here."""
    if not isinstance(target, str):
        return None
    if is_alias(target):
        for service in store.of_type(LINK_SERVICE):
            if str(service.body.get("alias")).lower() == target.lower():
                return service
        return None
    found = store.get(target)
    return found if found and found.token == LINK_SERVICE else None


def is_alias(target: str) -> bool:
    """Whether a connection names a service by its alias."""
    return target.lower().endswith(".azure.privatelinkservice")


def seen_by_target(
    store: Store, endpoint_id: str, connection: Mapping[str, Any]
) -> Resource | None:
    """A connection of an endpoint as its target has it; None before it is asked for."""
    target = _target(store, connection)
    return None if target is None else store.get(_id(store, target, endpoint_id))


def of_target(store: Store, target: Resource) -> list[Resource]:
    """All connections that lead to a target."""
    token = CONNECTIONS_OF.get(target.token)
    return store.children(target.id, token) if token else []


def answers(store: Store, target: Resource) -> list[dict[str, Any]]:
    """What a target says of its connections."""
    return [
        {"id": each.id, "name": last_name(each.id), **each.body}
        for each in of_target(store, target)
    ]


def show_to_targets(store: Store, endpoint: Resource) -> None:
    """Let the targets of an endpoint that was written see its connections."""
    for name in LISTS:
        for connection in endpoint.body.get(name) or []:
            target = _target(store, connection)
            if target is not None:
                body = {
                    "privateEndpoint": {"id": endpoint.id},
                    STATE: connection.get(STATE),
                    "provisioningState": "Succeeded",
                }
                connection_id = _id(store, target, endpoint.id)
                store.put(connection_id, CONNECTIONS_OF[target.token], body)


def decide(store: Store, connection: Resource) -> Resource:
    """Tell the endpoint what was written about its connection."""
    endpoint = _endpoint_of(store, connection)
    if endpoint is None:
        return connection
    _tell(store, endpoint, connection, connection.body.get(STATE) or {})
    body = {**connection.body, "privateEndpoint": {"id": endpoint.id}}
    return store.put(connection.id, connection.token, body)


def remove(store: Store, connection: Resource) -> None:
    """Tell the endpoint that the owner of its target removed its connection."""
    endpoint = _endpoint_of(store, connection)
    if endpoint is not None:
        state = {"status": "Disconnected", "description": "", "actionsRequired": ""}
        _tell(store, endpoint, connection, state)


def forget(store: Store, endpoint: Resource) -> None:
    """Take the connections of an endpoint that goes away from its targets."""
    for name in LISTS:
        for connection in endpoint.body.get(name) or []:
            seen = seen_by_target(store, endpoint.id, connection)
            if seen is not None:
                store.delete(seen.id)


def _target(store: Store, connection: Mapping[str, Any]) -> Resource | None:
    target = connection.get("privateLinkServiceId")
    found = link_service(store, target)
    if found is None and isinstance(target, str):
        found = store.get(target)
    return found if found and found.token in CONNECTIONS_OF else None


def _id(store: Store, target: Resource, endpoint_id: str) -> str:
    guid = store.made_up_guid(LISTED, id_key(target.id), id_key(endpoint_id))
    return f"{target.id}/{LISTED}/{last_name(endpoint_id)}.{guid}"


def _endpoint_of(store: Store, connection: Resource) -> Resource | None:
    for endpoint, _, _ in _meaning(store, connection):
        return endpoint
    return None


def _meaning(
    store: Store, connection: Resource
) -> Iterator[tuple[Resource, str, Mapping[str, Any]]]:
    """The endpoint, list and element that a target's connection is about."""
    for endpoint in store.of_type(ENDPOINT):
        for name in LISTS:
            for item in endpoint.body.get(name) or []:
                target = _target(store, item)
                if target is not None and same_id(
                    _id(store, target, endpoint.id), connection.id
                ):
                    yield endpoint, name, item


def _tell(
    store: Store, endpoint: Resource, connection: Resource, state: Mapping[str, Any]
) -> None:
    body = dict(endpoint.body)
    for _, name, about in _meaning(store, connection):
        body[name] = [
            {**item, STATE: dict(state)} if item == about else item
            for item in body[name]
        ]
    store.put(endpoint.id, endpoint.token, body)
