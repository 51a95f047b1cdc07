"""All inputs of a published service, read and checked together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulumi import Input

from azureml_network._alerts import NOBODY, AlertsPlan, read_alerts
from azureml_network._diagnostics import DiagnosticSettingPlan, read_diagnostic_settings
from azureml_network._inputs import InputReader, is_known_later
from azureml_network._place import Place, read_place
from azureml_network._published_service.arguments import (
    PublishedServiceArgs,
    ServiceConsumerArgs,
)
from azureml_network._published_service.balancer import (
    INPUTS,
    BalancerPlan,
    read_balancer,
)
from azureml_network._published_service.consumers import (
    ConsumerPlan,
    interface_name,
    read_consumer,
    read_consumers,
    read_service,
)
from azureml_network._published_service.private_link import (
    PrivateLinkPlan,
    read_private_link,
)
from azureml_network._secure_vnet.arguments import LockKind
from azureml_rulebook.findings import Finding
from azureml_rulebook.load_balancers import network_findings
from azureml_rulebook.names import name_findings, same_name_findings
from azureml_rulebook.private_link_services import (
    consumer_subscription_findings,
    lock_findings,
)
from azureml_rulebook.resource_ids import (
    LOAD_BALANCER_FRONTEND,
    ResourceId,
    read_resource_id,
)
from azureml_rulebook.tags import PRIVATE_DNS_ZONES, RESOURCES, TagLimits

_EXISTING = "existing_frontend_ids"


@dataclass(frozen=True, kw_only=True)
class PublishedServicePlan:
    """A published service as it will be."""

    place: Place
    balancer: BalancerPlan | None
    """None: it exists already."""
    existing_frontend_ids: tuple[Input[str], ...]
    """Addresses of a load balancer that exists."""
    alerts: AlertsPlan
    private_link: PrivateLinkPlan | None
    consumers: Mapping[str, ConsumerPlan]
    diagnostic_settings: Mapping[str, DiagnosticSettingPlan]
    lock: LockKind | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a review is told, a line for each."""
        return () if self.private_link is None else self.private_link.warnings


@dataclass(frozen=True, kw_only=True)
class ServiceConsumerPlan:
    """A consumer of a service somewhere else, as it will be."""

    service: Input[str]
    """Id or alias of the Private Link service."""
    consumer: ConsumerPlan


def plan_service(name: str, args: PublishedServiceArgs) -> PublishedServicePlan:
    """Check the inputs of the component called ``name`` and plan the service.

    Raises:
        InputError: with everything that is wrong.
    """
    reader = InputReader(args, PublishedServiceArgs)
    reader.require("resource_group_name")
    place = read_place(reader)
    private_link = read_private_link(reader)
    existing = _existing_frontends(reader)
    balancer = (
        None
        if reader.has(_EXISTING)
        else read_balancer(reader, name, place, private_link=private_link is not None)
    )
    consumers = read_consumers(reader, name, place)
    _check_consumers(reader, consumers, private_link)
    plan = PublishedServicePlan(
        place=place,
        balancer=balancer,
        existing_frontend_ids=existing,
        alerts=read_alerts(reader) or NOBODY,
        private_link=private_link,
        consumers=consumers,
        diagnostic_settings=read_diagnostic_settings(reader, name),
        lock=_lock(reader, consumers),
    )
    reader.findings += name_findings("private_link_service", f"{name}-pls", path="name")
    reader.findings += _same_interface_findings(name, balancer, consumers)
    reader.findings += _network_findings(balancer, private_link)
    reader.check_tags(_tag_limits(consumers))
    reader.raise_findings()
    return plan


def plan_consumer(name: str, args: ServiceConsumerArgs) -> ServiceConsumerPlan:
    """Check the inputs of the consumer called ``name`` and plan it.

    Raises:
        InputError: with everything that is wrong.
    """
    reader = InputReader(args, ServiceConsumerArgs)
    reader.require("resource_group_name")
    place = read_place(reader)
    service, by_alias = read_service(reader)
    consumer = read_consumer(reader, name, place.cloud_name, by_alias=by_alias)
    reader.check_tags(_tag_limits({name: consumer}))
    reader.raise_findings()
    return ServiceConsumerPlan(service=service, consumer=consumer)


def _check_consumers(
    reader: InputReader,
    consumers: Mapping[str, ConsumerPlan],
    private_link: PrivateLinkPlan | None,
) -> None:
    """Check that there is a service for the consumers, and that it is beside them."""
    if consumers and private_link is None:
        reader.note(
            "consumers",
            "reach a Private Link service, and there is none; set private_link, or "
            "leave them out",
        )
    if private_link is None:
        return
    for key, consumer in consumers.items():
        reader.findings += consumer_subscription_findings(
            consumer.subnet_id,
            private_link.subnet_id,
            path=f"consumers.{key}.subnet_id",
        )


def _network_findings(
    balancer: BalancerPlan | None, private_link: PrivateLinkPlan | None
) -> list[Finding]:
    """Find what is in another network than the load balancer."""
    if balancer is None:
        return []
    ids: dict[str, object] = {
        f"backend_pools.{pool}.interfaces.{key}.subnet_id": interface.subnet_id
        for (pool, key), interface in balancer.interfaces.items()
    }
    ids["network_id"] = balancer.network_id
    if private_link is not None:
        ids["private_link.subnet_id"] = private_link.subnet_id
    return network_findings(balancer.subnet_id, ids)


def _same_interface_findings(
    name: str, balancer: BalancerPlan | None, consumers: Mapping[str, ConsumerPlan]
) -> list[Finding]:
    """Find interfaces that would be called alike, those of endpoints too."""
    interfaces = {} if balancer is None else balancer.interfaces
    return same_name_findings(
        "network_interface",
        [
            *(
                (f"backend_pools.{pool}.interfaces.{key}", interface.name)
                for (pool, key), interface in interfaces.items()
            ),
            *(
                (f"consumers.{key}", interface_name(f"{name}-{key}"))
                for key in consumers
            ),
        ],
    )


def _existing_frontends(reader: InputReader) -> tuple[Input[str], ...]:
    """Read the addresses of a load balancer that exists; all of one.

    Of such a one only a Private Link service is made: what else was asked for is noted.
    """
    if not reader.has(_EXISTING):
        return ()
    ids = reader.input_texts(_EXISTING)
    if not ids:
        reader.note(_EXISTING, "is empty; give at least one, or leave it out")
        return ()
    _note_inputs_of_a_new_balancer(reader)
    if not reader.has("private_link"):
        reader.note(
            _EXISTING,
            "are for a Private Link service, and nothing else is made with them; set "
            "private_link",
        )
    _check_one_balancer(reader, ids)
    return ids


def _check_one_balancer(reader: InputReader, ids: Sequence[Input[str]]) -> None:
    """Check that plain ids are addresses of one load balancer, each given once."""
    balancer: ResourceId | None = None
    first: dict[str, str] = {}
    for index, frontend_id in enumerate(ids):
        if is_known_later(frontend_id):
            continue
        path = f"{_EXISTING}[{index}]"
        found = read_resource_id(frontend_id, LOAD_BALANCER_FRONTEND, path)
        if isinstance(found, Finding):
            reader.findings.append(found)
            continue
        other = first.setdefault(str(found).lower(), path)
        if other != path:
            reader.note(path, f"'{found}' is {other} already; leave it out")
        balancer = balancer or found.parent
        if not balancer.is_same(found.parent):
            reader.note(
                path,
                f"'{found}' is of another load balancer than those before; a Private "
                "Link service is before one, make another one for this",
            )


def _note_inputs_of_a_new_balancer(reader: InputReader) -> None:
    for key in INPUTS:
        if reader.has(key):
            reader.note(
                key,
                f"is for a new load balancer, and {_EXISTING} says that it exists "
                "already; leave it out, its owner sets it",
            )


def _lock(
    reader: InputReader, consumers: Mapping[str, ConsumerPlan]
) -> LockKind | None:
    if not reader.has("lock"):
        return None
    if not reader.has("private_link"):
        reader.note(
            "lock",
            "is on the Private Link service, and there is none; set private_link, or "
            "leave it out",
        )
    lock = reader.choice("lock", LockKind.CAN_NOT_DELETE)
    reader.findings += lock_findings(
        read_only=lock is LockKind.READ_ONLY,
        manual=[key for key, plan in consumers.items() if plan.manual],
        path="lock",
    )
    return lock


def _tag_limits(consumers: Mapping[str, ConsumerPlan]) -> list[TagLimits]:
    """Return the limits of all kinds of resources that get the tags."""
    makes_zones = any(
        plan.dns is not None and plan.dns.existing_zone_id is None
        for plan in consumers.values()
    )
    return [RESOURCES, *([PRIVATE_DNS_ZONES] if makes_zones else [])]
