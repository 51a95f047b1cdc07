"""azure-native's behaviour on plain values: check, compare, create, read and so on.

The protocol is in server.py, Azure's own refusals are in azure_rules.py. Everything
here is as the real provider does it, with one intended difference: inputs that the
SDK or Azure's published types do not allow are refused at Check.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator import (
    auto_names,
    azure_rules,
    catalogue,
    differences,
    endpoint_connections,
    functions,
    private_addresses,
    refresh,
    responses,
    side_effects,
)
from emulator.auto_names import Autonaming
from emulator.azure_error import AzureError
from emulator.catalogue import ResourceType
from emulator.child_lists import kept_lists, protected_lists
from emulator.clouds import cloud_named
from emulator.differences import Difference
from emulator.input_checks import Problem, sdk_problems, told_paths
from emulator.made_up_values import Identity, Subject
from emulator.published_checks import published_problems
from emulator.resource_paths import id_key
from emulator.sdk_types import ListOf, ObjectOf, Property
from emulator.store import Resource, Store
from emulator.wire import UNKNOWN, has_unknown

# Parts of an account that always exist: created by writing, never deleted.
SINGLETONS = frozenset(
    {"storage:BlobServiceProperties", "storage:FileServiceProperties"}
)
# What azure-native sends in place of a removed input: without it Azure would keep the
# old value. Source: azure-native's documentation of StorageAccount.networkRuleSet.
_RESTORED_DEFAULTS: dict[tuple[str, str], dict[str, Any]] = {
    ("storage:StorageAccount", "networkRuleSet"): {
        "bypass": "AzureServices",
        "defaultAction": "Allow",
        "ipRules": [],
        "virtualNetworkRules": [],
    }
}
_RESOURCE_GROUP = "resourceGroupName"


@dataclass(frozen=True)
class Configuration:
    """The provider's own settings: a default location and the account."""

    location: str | None = None
    account: Identity = field(default_factory=Identity)

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Configuration":
        """Read the engine's `azure-native:config:NAME` variables.

        ValueError: the environment is none of Azure's clouds.
        """
        values = {key.rpartition(":")[2]: value for key, value in variables.items()}
        account = Identity()
        return cls(
            location=values.get("location") or None,
            account=Identity(
                subscription_id=values.get("subscriptionId") or account.subscription_id,
                tenant_id=values.get("tenantId") or account.tenant_id,
                client_id=values.get("clientId") or account.client_id,
                cloud=cloud_named(values.get("environment")),
            ),
        )


@dataclass(frozen=True)
class Written:
    """An existing resource as the engine stores it."""

    id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)


class Provider:
    """One configured azure-native provider on a store."""

    def __init__(self, store: Store, configuration: Configuration) -> None:
        self.store = store
        self.configuration = configuration

    def check(
        self,
        token: str,
        logical_name: str,
        new_inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any],
        seed: bytes,
        autonaming: Autonaming | None = None,
    ) -> tuple[dict[str, Any], list[Problem]]:
        """Complete a program's inputs and judge them; all problems together."""
        resource_type = catalogue.find(token)
        inputs = dict(new_inputs)
        auto_names.fill_name(
            resource_type, inputs, logical_name, old_inputs, seed, autonaming
        )
        self._fill_location(resource_type, inputs, old_inputs)
        if resource_type.api_version:
            inputs[responses.API_VERSION] = resource_type.api_version
        problems = list(_name_problems(resource_type, inputs))
        problems += sdk_problems(resource_type, inputs)
        problems += published_problems(resource_type, inputs, told_paths(problems))
        return inputs, problems

    def _fill_location(
        self,
        resource_type: ResourceType,
        inputs: dict[str, Any],
        old_inputs: Mapping[str, Any],
    ) -> None:
        if "location" not in resource_type.body_inputs or inputs.get("location"):
            return
        location = old_inputs.get("location") or self.configuration.location
        if location is None and resource_type.token != "resources:ResourceGroup":
            location = self._group_location(inputs.get(_RESOURCE_GROUP))
        if location is not None:
            inputs["location"] = location

    def _group_location(self, name: object) -> Any:
        if name is UNKNOWN:
            return UNKNOWN
        if not isinstance(name, str):
            return None
        subscription = self.configuration.account.subscription_id
        group = self.store.get(f"/subscriptions/{subscription}/resourceGroups/{name}")
        return group.body.get("location") if group else None

    def diff(
        self,
        token: str,
        old_inputs: Mapping[str, Any],
        new_inputs: Mapping[str, Any],
        old_outputs: Mapping[str, Any],
    ) -> list[Difference]:
        """What an update from the old to the new inputs would change."""
        return differences.differences(
            catalogue.find(token), old_inputs, new_inputs, old_outputs
        )

    def preview_create(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The outputs of a resource that is going to be created."""
        return responses.preview_outputs(catalogue.find(token), inputs)

    def create(self, token: str, inputs: Mapping[str, Any]) -> Written:
        """Create a resource; AzureError if Azure refuses or has it already."""
        resource_type = catalogue.find(token)
        resource_id = self._new_id(resource_type, inputs)
        with self.store.transaction():
            if resource_type.token not in SINGLETONS and self.store.get(resource_id):
                raise AlreadyExists(resource_id)
            resource = self._request(resource_type, resource_id, inputs)
            return self._written(resource_type, resource, inputs)

    def _new_id(self, resource_type: ResourceType, inputs: Mapping[str, Any]) -> str:
        return resource_type.path.build(
            self.configuration.account.subscription_id, inputs
        )

    def preview_update(
        self,
        token: str,
        inputs: Mapping[str, Any],
        old_outputs: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The outputs of a resource that is going to be updated."""
        return responses.preview_outputs(catalogue.find(token), inputs, old_outputs)

    def update(
        self,
        token: str,
        resource_id: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any],
    ) -> Written:
        """Write a resource anew; child lists that are unset stay as they are."""
        resource_type = catalogue.find(token)
        sent = dict(inputs)
        for (owner, name), default in _RESTORED_DEFAULTS.items():
            if owner == resource_type.token and old_inputs.get(name) is not None:
                if sent.get(name) is None:
                    sent[name] = default
        with self.store.transaction():
            resource = self._request(resource_type, resource_id, sent)
            return self._written(resource_type, resource, inputs)

    def _request(
        self,
        resource_type: ResourceType,
        resource_id: str,
        inputs: Mapping[str, Any],
    ) -> Resource:
        """Carry one PUT out, children in its lists too, or raise Azure's refusal."""
        azure_rules.check_locks(self.store, resource_id, deletes=False)
        existing = self.store.get(resource_id)
        resource = self._put(resource_type, resource_id, inputs, existing)
        azure_rules.check_outcome(self.store, resource)
        return resource

    def _put(
        self,
        resource_type: ResourceType,
        resource_id: str,
        inputs: Mapping[str, Any],
        existing: Resource | None,
        *,
        in_list: bool = False,
    ) -> Resource:
        inputs = responses.with_own_id(resource_id, inputs)
        azure_rules.check_write(
            self.store,
            resource_type,
            resource_id,
            inputs,
            existing=existing,
            in_list=in_list,
        )
        private_addresses.hold_named_addresses(
            self.store, resource_type.token, resource_id, inputs
        )
        placeholder = existing or self.store.put(resource_id, resource_type.token, {})
        body = responses.written_body(
            resource_type,
            Subject(
                id=placeholder.id,
                token=resource_type.token,
                identity=placeholder.identity,
                inputs=inputs,
                account=self.configuration.account,
                store=self.store,
            ),
        )
        _keep_values(resource_type, body, existing.body if existing else {}, inputs)
        resource = self.store.put(resource_id, resource_type.token, body)
        for name, child in kept_lists(resource_type.token).items():
            if isinstance(inputs.get(name), list):
                self._put_children(resource, name, child, inputs[name])
        return side_effects.after_write(self.store, resource, inputs)

    def _put_children(
        self, parent: Resource, name: str, token: str, elements: list[Any]
    ) -> None:
        """Make a parent's children exactly those of a given list."""
        child_type = catalogue.find(token)
        wanted = {
            f"{parent.id}/{name}/{element['name']}": element
            for element in elements
            if isinstance(element, dict) and isinstance(element.get("name"), str)
        }
        keys = {id_key(child_id) for child_id in wanted}
        before: dict[str, Resource] = {}
        for child in self.store.children(parent.id, token):
            if id_key(child.id) in keys:
                # Azure judges the whole list at once: what a sibling was is no matter.
                before[id_key(child.id)] = child
                self.store.put(child.id, token, {})
            else:
                azure_rules.check_delete(self.store, child)
                self._remove(child)
        for child_id, element in wanted.items():
            existing = before.get(id_key(child_id))
            self._put(child_type, child_id, element, existing, in_list=True)

    def _remove(self, resource: Resource) -> None:
        side_effects.before_delete(self.store, resource)
        self.store.delete(resource.id)

    def _written(
        self,
        resource_type: ResourceType,
        resource: Resource,
        inputs: Mapping[str, Any] | None,
    ) -> Written:
        """The resource as stored now. `inputs`: the program's, None for a lookup."""
        children = {
            name: self._child_answers(resource_type, resource, name, child)
            for name, child in kept_lists(resource_type.token).items()
        }
        outputs = responses.read_outputs(
            resource_type, resource.body, children, _unset_lists(resource_type, inputs)
        )
        self._answer_connections(resource_type, resource, outputs)
        return Written(resource.id, outputs)

    def _answer_connections(
        self, resource_type: ResourceType, target: Resource, outputs: dict[str, Any]
    ) -> None:
        """Add what a target says of the private endpoints that lead to it."""
        found = endpoint_connections.answers(self.store, target)
        shapes: Mapping[str, Property] = resource_type.outputs
        holder = outputs
        if found and endpoint_connections.LISTED not in shapes:
            # A vault says everything in its properties.
            inner = shapes["properties"].shape
            shapes = inner.properties if isinstance(inner, ObjectOf) else {}
            holder = outputs["properties"] = dict(outputs["properties"])
        if found:
            known = _element_properties(shapes[endpoint_connections.LISTED])
            holder[endpoint_connections.LISTED] = [
                {key: value for key, value in item.items() if key in known}
                for item in found
            ]

    def _child_answers(
        self, resource_type: ResourceType, parent: Resource, name: str, token: str
    ) -> list[Any]:
        known = _element_properties(resource_type.outputs[name])
        return [
            {"id": child.id}
            | {key: value for key, value in child.body.items() if key in known}
            for child in self.store.children(parent.id, token)
        ]

    def read(
        self,
        token: str,
        resource_id: str,
        inputs: Mapping[str, Any],
        old_outputs: Mapping[str, Any],
    ) -> Written | None:
        """A resource as it is now, with refreshed inputs; None if it is gone.

        Without inputs it is an import: they are made from the id and the answer.
        """
        resource_type = catalogue.find(token)
        resource = azure_rules.find(self.store, resource_id)
        if not inputs:
            resource_type.path.parse(resource_id)
        if resource is None:
            return None
        written = self._written(resource_type, resource, inputs)
        if inputs:
            new_inputs = refresh.refreshed_inputs(
                resource_type, inputs, old_outputs, written.outputs
            )
        else:
            new_inputs = refresh.inputs_of_import(
                resource_type, resource.id, written.outputs
            )
            if resource_type.api_version:
                new_inputs[responses.API_VERSION] = resource_type.api_version
        return Written(written.id, written.outputs, new_inputs)

    def delete(self, token: str, resource_id: str) -> None:
        """Delete a resource; one that is gone already counts as deleted."""
        resource_type = catalogue.find(token)
        with self.store.transaction():
            resource = self.store.get(resource_id)
            if resource is None:
                return
            if resource_type.token in SINGLETONS:
                self._request(resource_type, resource_id, {})
                return
            azure_rules.check_locks(self.store, resource_id, deletes=True)
            azure_rules.check_delete(self.store, resource)
            azure_rules.keep_deleted_names(self.store, resource)
            self._remove(resource)
            azure_rules.check_outcome(self.store, resource)

    def invoke(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call one of azure-native's functions."""
        if has_unknown(dict(arguments)):
            raise ValueError(f"{token} was called with values that are not known yet")
        call = functions.Call(
            store=self.store,
            account=self.configuration.account,
            arguments=arguments,
            read=self._lookup,
        )
        return functions.invoke(token, call)

    def _lookup(
        self, resource_type: ResourceType, arguments: Mapping[str, Any]
    ) -> Written:
        resource_id = self._new_id(resource_type, arguments)
        resource = azure_rules.find(self.store, resource_id)
        if resource is None:
            error = azure_rules.not_found(resource_type, resource_id)
            raise RequestFailed(resource_id, error)
        return self._written(resource_type, resource, None)


class AlreadyExists(Exception):
    """A resource of that id is there already."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(f"cannot create already existing resource '{resource_id}'")


class RequestFailed(Exception):
    """A function's request was refused by Azure."""

    def __init__(self, resource_id: str, error: AzureError) -> None:
        super().__init__(f"request failed {resource_id}: {error}")


def _element_properties(found: Property) -> Mapping[str, Property]:
    """What an element of a list may have."""
    items = found.shape.items if isinstance(found.shape, ListOf) else None
    return items.properties if isinstance(items, ObjectOf) else {}


def _name_problems(
    resource_type: ResourceType, inputs: Mapping[str, Any]
) -> Iterator[Problem]:
    """The resource's own name, where nobody gave it one (autonaming is off)."""
    own = resource_type.path.own_parameter
    if own in resource_type.inputs and inputs.get(own) is None:
        yield Problem(own, f"missing required property '{own}'")


def _unset_lists(
    resource_type: ResourceType, inputs: Mapping[str, Any] | None
) -> frozenset[str]:
    if inputs is None:
        return frozenset()
    return frozenset(
        entry.path
        for entry in protected_lists(resource_type.token)
        if _at(inputs, entry.path) is None
    )


def _keep_values(
    resource_type: ResourceType,
    body: dict[str, Any],
    old_body: Mapping[str, Any],
    inputs: Mapping[str, Any],
) -> None:
    """Carry a protected list without ids of its own over from the old body."""
    for entry in protected_lists(resource_type.token):
        if entry.child is None and _at(inputs, entry.path) is None:
            *above, last = entry.path.split(".")
            holder = body
            for name in above:
                holder = holder.setdefault(name, {})
            holder[last] = _at(old_body, entry.path) or []


def _at(values: Mapping[str, Any], path: str) -> Any:
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
