"""Looks at services that exist already, before anything is made that needs them.

Azure is asked for what it can tell about each plain id, at preview too. Where it cannot
be asked, a warning says so: what is not known is not taken for right.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

from pulumi_azure_native import containerregistry, keyvault, storage

from azureml_network._inputs import InputError
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import AccessMode
from azureml_network._private_workspace.dependencies import ServicesPlan
from azureml_network._private_workspace.services import EXISTING
from azureml_rulebook.existing_services import (
    ExistingService,
    existing_service_findings,
    existing_service_warnings,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import (
    CONTAINER_REGISTRY,
    KEY_VAULT,
    STORAGE_ACCOUNT,
    ResourceId,
    read_resource_id,
)

_ANSWER = re.compile(r'Status=\d+ Code="[^"]*"')
"""What Azure answers, in the words of azure-native."""

_RESOURCE_TYPES = {
    "storage": STORAGE_ACCOUNT,
    "key_vault": KEY_VAULT,
    "registry": CONTAINER_REGISTRY,
}


def check_existing_services(
    plan: ServicesPlan, place: Place, subscription_id: object
) -> tuple[str, ...]:
    """Compare the services that exist already with what a workspace needs.

    ``subscription_id``: the workspace's, perhaps known only later. What is made here,
    or known only later, is not looked at.

    Returns: what cannot be known, and what their owners may want to know; one line
    each.

    Raises:
        InputError: with everything that is wrong.
    """
    findings: list[Finding] = []
    warnings: list[str] = []
    for word, service in plan.data_services.items():
        path = f"{word}.{EXISTING}"
        target = read_resource_id(service.existing_id, _RESOURCE_TYPES[word], path)
        if isinstance(target, Finding):
            continue
        found = _looked_up(word, target, subscription_id)
        if isinstance(found, ExistingService):
            private = service.access is AccessMode.PRIVATE_ENDPOINT
            findings += existing_service_findings(found, place.region, path=path)
            warnings += existing_service_warnings(found, private=private, path=path)
        else:
            warnings.append(
                f"{path}: '{target}' was not looked at ({found}); see that it is in "
                f"'{place.region}' and fit for a workspace"
            )
    if findings:
        raise InputError(findings)
    return tuple(warnings)


class _Located(Protocol):
    """What Azure tells about a resource."""

    @property
    def location(self) -> str | None:
        """Its region."""
        ...


Told = TypeVar("Told", bound=_Located)
Part = TypeVar("Part")


class _NotTold(LookupError):
    """Azure cannot be asked about a service; the reason."""


def _looked_up(
    word: str, target: ResourceId, subscription_id: object
) -> ExistingService | str:
    """Ask Azure about one service; returns why not if that cannot be done."""
    own = subscription_id if isinstance(subscription_id, str) else None
    if own is not None and target.subscription_id.lower() != own.lower():
        return "it is in another subscription"
    try:
        return _LOOKUPS[word](target)
    except _NotTold as error:
        return str(error)


def _asked(ask: Callable[[], Told]) -> Told:
    """Return what Azure tells.

    Raises:
        _NotTold: if it does not.
    """
    try:
        told = ask()
    # The engine tells in words only what failed, whatever the reason.
    except Exception as error:
        text = " ".join(str(error).split())
        answer = _ANSWER.search(text)
        raise _NotTold(answer[0] if answer else text) from error
    if not told.location:
        raise _NotTold("Azure tells nothing about it")
    return told


def _part(value: Part | None, name: str) -> Part:
    """Return a part of what Azure told.

    Raises:
        _NotTold: if it is not there.
    """
    if value is None:
        raise _NotTold(f"Azure's answer has no {name}")
    return value


def _storage(target: ResourceId) -> ExistingService:
    found = _asked(
        lambda: storage.get_storage_account(
            account_name=target.name, resource_group_name=target.resource_group_name
        )
    )
    return ExistingService(
        service="storage",
        location=found.location,
        hierarchical_namespace=found.is_hns_enabled,
        admits_trusted_services=_account_admits(found.network_rule_set),
        public_access=found.public_network_access,
    )


def _account_admits(
    rules: "storage.outputs.NetworkRuleSetResponse | None",
) -> bool | None:
    """Whether trusted services pass; None: unknown, or single resources may instead."""
    if rules is None or rules.resource_access_rules:
        return None
    return _admits(rules.bypass)


def _key_vault(target: ResourceId) -> ExistingService:
    found = _asked(
        lambda: keyvault.get_vault(
            vault_name=target.name, resource_group_name=target.resource_group_name
        )
    )
    properties = _part(found.properties, "properties")
    rules = properties.network_acls
    return ExistingService(
        service="key_vault",
        location=found.location,
        uses_roles=properties.enable_rbac_authorization,
        admits_trusted_services=None if rules is None else _admits(rules.bypass),
        public_access=properties.public_network_access,
    )


def _registry(target: ResourceId) -> ExistingService:
    found = _asked(
        lambda: containerregistry.get_registry(
            registry_name=target.name, resource_group_name=target.resource_group_name
        )
    )
    return ExistingService(
        service="registry",
        location=found.location,
        tier=_part(found.sku, "sku").name,
        admits_trusted_services=_admits(found.network_rule_bypass_options),
        public_access=found.public_network_access,
    )


def _admits(bypass: str | None) -> bool | None:
    """Whether trusted services are among those who pass; None: Azure did not tell."""
    return None if bypass is None else "azureservices" in bypass.lower()


_LOOKUPS: Mapping[str, Callable[[ResourceId], ExistingService]] = {
    "storage": _storage,
    "key_vault": _key_vault,
    "registry": _registry,
}
