"""A consumer of a Private Link service, as it was asked for, read and checked.

A consumer is a private endpoint in some network and the name by which that network's
machines find it. A service of one's own has no groups and no names of Azure's, so the
name is one of the consumer's zone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address

from pulumi import Input

from azureml_network._inputs import InputReader, is_known_later
from azureml_network._place import Place
from azureml_network._published_service.addresses import read_address
from azureml_network._published_service.arguments import (
    Approval,
    ConsumerDnsSpec,
    ConsumerSpec,
)
from azureml_rulebook.dns_zones import zone_id_findings
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.host_names import record_findings, zone_name_findings
from azureml_rulebook.names import name_findings
from azureml_rulebook.private_link_services import (
    alias_findings,
    request_message_findings,
)
from azureml_rulebook.regions import region_findings, region_name
from azureml_rulebook.resource_ids import (
    NETWORK,
    PRIVATE_LINK_SERVICE,
    SUBNET,
    any_resource_id,
)


@dataclass(frozen=True, kw_only=True)
class ConsumerDnsPlan:
    """The name by which a service is reached."""

    zone_name: str
    record: str
    existing_zone_id: Input[str] | None
    """None: the zone is made, and linked."""
    zone_subscription_id: str | None
    """That of the existing zone, where it may be another than the endpoint's."""
    network_id: Input[str] | None
    """The network that a new zone is linked to."""

    @property
    def host_name(self) -> str:
        """The whole name."""
        return f"{self.record}.{self.zone_name}"


@dataclass(frozen=True, kw_only=True)
class ConsumerPlan:
    """A private endpoint to a service, in some network."""

    place: Place
    subnet_id: Input[str]
    resource_group_name: Input[str] | None
    """None: the component's."""
    address: IPv4Address | None
    """None: Azure chooses."""
    manual: bool
    """Whether somebody at the service lets it in."""
    request_message: str | None
    dns: ConsumerDnsPlan | None


def endpoint_name(stem: str) -> str:
    """Return what the endpoint of the consumer is called whose names begin so."""
    return f"{stem}-pep"


def interface_name(stem: str) -> str:
    """Return what the interface of that endpoint is called."""
    return f"{endpoint_name(stem)}-nic"


def read_consumers(
    reader: InputReader, name: str, place: Place
) -> dict[str, ConsumerPlan]:
    """Read the consumers of the component called ``name``, in order."""
    readers = dict(sorted(reader.each_optional("consumers", ConsumerSpec).items()))
    consumers = {
        key: read_consumer(spec, f"{name}-{key}", place.cloud_name)
        for key, spec in readers.items()
    }
    reader.findings += _same_zone_findings(
        consumers, reader.optional_input("resource_group_name")
    )
    return consumers


def read_consumer(
    spec: InputReader, stem: str, cloud_name: str, *, by_alias: bool = False
) -> ConsumerPlan:
    """Read one consumer, whose names begin with ``stem``.

    ``by_alias``: whether only the service's alias is known, which nothing but somebody
    at the service lets in
    (https://learn.microsoft.com/azure/private-link/private-endpoint-overview).
    """
    location = spec.text("location")
    if location:
        path = joined(spec.path, "location")
        spec.findings += region_findings(location, cloud_name, path=path)
    default = Approval.MANUAL if by_alias else Approval.AUTOMATIC
    approval = spec.choice("approval", default)
    if by_alias and approval is Approval.AUTOMATIC:
        spec.note(
            "approval",
            "'automatic' cannot be used with service_alias; leave it out, somebody at "
            "the service approves the connection",
        )
    manual = approval is Approval.MANUAL
    message = spec.optional_text("request_message")
    spec.findings += request_message_findings(
        message, manual=manual, path=joined(spec.path, "request_message")
    )
    spec.findings += name_findings(
        "private_endpoint", endpoint_name(stem), path=spec.path or "name"
    )
    subnet_id = spec.resource_id("subnet_id", SUBNET, required=True) or ""
    return ConsumerPlan(
        place=Place(cloud_name=cloud_name, region=region_name(location)),
        subnet_id=subnet_id,
        resource_group_name=spec.optional_input("resource_group_name"),
        address=read_address(
            spec, "private_address", None, whose="the endpoint's subnet"
        ),
        manual=manual,
        request_message=message,
        dns=_dns(spec, subnet_id),
    )


def read_service(reader: InputReader) -> tuple[Input[str], bool]:
    """Return the id or the alias of the service, and whether it is the alias."""
    service_id = reader.resource_id("service_id", PRIVATE_LINK_SERVICE)
    alias = reader.optional_input("service_alias")
    if isinstance(alias, str):
        reader.findings += alias_findings(alias, path="service_alias")
    if service_id is not None and alias is not None:
        reader.note(
            "service_alias",
            "cannot be used with service_id, which names the service already; leave "
            "one of the two out",
        )
    if service_id is None and alias is None:
        reader.note_missing(
            "service_id", "is required and not set; give it, or service_alias"
        )
    if service_id is None and alias is not None:
        return alias, True
    return service_id or "", False


def _dns(spec: InputReader, subnet_id: Input[str]) -> ConsumerDnsPlan | None:
    if not spec.has("dns"):
        return None
    dns = spec.nested("dns", ConsumerDnsSpec)
    zone_name = dns.text("zone_name").lower()
    record = dns.text("record").lower()
    if zone_name:
        dns.findings += zone_name_findings(zone_name, f"{dns.path}.zone_name")
    if record:
        dns.findings += record_findings(record, zone_name, f"{dns.path}.record")
    zone_id = dns.optional_input("existing_zone_id")
    if zone_id is not None and not is_known_later(zone_id):
        dns.findings += zone_id_findings(
            zone_name, zone_id, path=f"{dns.path}.existing_zone_id"
        )
    network_id = dns.resource_id("network_id", NETWORK)
    if zone_id is None and network_id is None and not dns.has("network_id"):
        dns.note_missing(
            "network_id",
            "is required for a new zone, which is linked to it; give it, or "
            "existing_zone_id",
        )
    if zone_id is not None and network_id is not None:
        dns.note(
            "network_id",
            "is for a new zone, and existing_zone_id says that it exists already, with "
            "its links; leave one of the two out",
        )
    return ConsumerDnsPlan(
        zone_name=zone_name,
        record=record,
        existing_zone_id=zone_id,
        zone_subscription_id=_other_subscription(zone_id, subnet_id),
        network_id=network_id,
    )


def _other_subscription(
    zone_id: Input[str] | None, subnet_id: Input[str]
) -> str | None:
    """Return the subscription of a zone, if it may not be the endpoint's.

    That of a zone whose id is known only later is taken for the endpoint's.
    """
    zone = any_resource_id(zone_id) if isinstance(zone_id, str) else None
    if zone is None:
        return None
    subnet = any_resource_id(subnet_id) if isinstance(subnet_id, str) else None
    own = "" if subnet is None else subnet.subscription_id.lower()
    return None if zone.subscription_id.lower() == own else zone.subscription_id


def _same_zone_findings(
    consumers: Mapping[str, ConsumerPlan], default_group: Input[str] | None
) -> list[Finding]:
    """Find new zones that would be one and the same, or one network's twice.

    ``default_group``: the resource group of consumers that name none.
    """
    findings: list[Finding] = []
    groups: dict[tuple[str, object], str] = {}
    networks: dict[tuple[str, object], str] = {}
    for key, consumer in consumers.items():
        dns = consumer.dns
        if dns is None or dns.existing_zone_id is not None:
            continue
        path = f"consumers.{key}.dns"
        group = consumer.resource_group_name or default_group
        other = groups.setdefault((dns.zone_name, _comparable(group)), path)
        if other != path:
            findings.append(
                Finding(
                    f"{path}.zone_name",
                    f"'{dns.zone_name}' is the zone of {other} in the same resource "
                    "group; give this consumer a resource_group_name of its own, or "
                    "make the zone apart and give both existing_zone_id",
                )
            )
            continue
        network = (dns.zone_name, _comparable(dns.network_id))
        other = networks.setdefault(network, path)
        if other != path:
            findings.append(
                Finding(
                    f"{path}.network_id",
                    f"is linked to the zone '{dns.zone_name}' of {other}, and a "
                    "network takes each zone name once; make the zone apart and give "
                    "both existing_zone_id",
                )
            )
    return findings


def _comparable(value: Input[str] | None) -> object:
    """Return what two inputs have in common if they are surely the same."""
    return value.lower() if isinstance(value, str) else id(value)
