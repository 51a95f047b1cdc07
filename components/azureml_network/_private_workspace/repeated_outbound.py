"""Ways out of a managed network that are there twice, which Azure refuses.

Two rules of the caller's may say the same, or one says what is made for the
workspace's own services.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from azureml_network._private_workspace.dependencies import ServicesPlan
from azureml_network._private_workspace.services import ServicePlan
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.managed_network import ALWAYS_REACHED, MANAGED_NETWORK_PAGE
from azureml_rulebook.resource_ids import (
    CONTAINER_REGISTRY,
    KEY_VAULT,
    STORAGE_ACCOUNT,
    any_resource_id,
)


@dataclass(frozen=True, kw_only=True)
class OwnService:
    """A service of the workspace, and where it is reached without a rule."""

    title: str
    resource_type: str
    plan: ServicePlan
    groups: frozenset[str]
    """Group ids of endpoints that are made anyway, in lower case."""

    def is_at(self, target_id: Input[str]) -> bool:
        """Whether it is what a rule leads to, as far as that is known.

        Names of these services are unique in Azure, so that one that is made here is
        known by its name.
        """
        existing_id = self.plan.existing_id
        if not isinstance(target_id, str):
            return target_id is existing_id
        if isinstance(existing_id, str):
            return target_id.lower() == existing_id.lower()
        found = any_resource_id(target_id)
        return (
            existing_id is None
            and found is not None
            and found.resource_type.lower() == self.resource_type.lower()
            and found.name.lower() == self.plan.name.lower()
        )


def own_services(plan: ServicesPlan) -> tuple[OwnService, ...]:
    """Return the services of a workspace that its managed network reaches anyway."""
    rows = (
        ("storage account", STORAGE_ACCOUNT, plan.storage, plan.storage.groups),
        ("key vault", KEY_VAULT, plan.key_vault, ()),
        ("registry", CONTAINER_REGISTRY, plan.registry, ()),
    )
    return tuple(
        OwnService(
            title=title,
            resource_type=resource_type,
            plan=service,
            groups=ALWAYS_REACHED[resource_type] | {*map(str.lower, groups)},
        )
        for title, resource_type, service, groups in rows
    )


def repeated_host_findings(hosts: Mapping[str, str], *, path: str) -> list[Finding]:
    """Find hosts that two rules open; Azure reads names without regard to case.

    ``hosts``: by the rule's name. ``path``: of all rules.
    """
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for name, host in hosts.items():
        other = first.setdefault(host.lower(), name)
        if host and other != name:
            findings.append(
                Finding(
                    joined(path, name, "host"),
                    f"'{host}' is opened by {joined(path, other)} already; leave one "
                    "of the two out",
                )
            )
    return findings


def repeated_target_findings(
    targets: Mapping[str, tuple[Input[str], str]],
    own: tuple[OwnService, ...],
    *,
    path: str,
) -> list[Finding]:
    """Find private endpoints that are made twice, or that the service makes itself.

    Args:
        targets: id and group id by the rule's name.
        own: the workspace's services.
        path: of all rules.
    """
    findings: list[Finding] = []
    first: dict[tuple[str | int, str], str] = {}
    for name, (target_id, group_id) in targets.items():
        where = joined(path, name, "target_id")
        group = group_id.lower()
        # An id that is known later is the same as itself only.
        key = target_id.lower() if isinstance(target_id, str) else id(target_id)
        other = first.setdefault((key, group), name)
        if other != name:
            findings.append(
                Finding(
                    where,
                    f"has its '{group_id}' endpoint by {joined(path, other)} already, "
                    "and Azure makes one; leave one of the two out",
                )
            )
        findings += [
            Finding(
                where,
                f"is the workspace's own {service.title}, whose '{group_id}' endpoint "
                f"is made without a rule; leave it out ({MANAGED_NETWORK_PAGE}"
                "#list-of-required-rules)",
            )
            for service in own
            if group in service.groups and service.is_at(target_id)
        ]
    return findings
