"""Consumers of a Private Link service: what is made, and what is refused."""

from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.provider.experimental.component import ComponentProvider

from azureml_network import ServiceConsumer
from azureml_network._plugin import COMPONENTS, NAME
from azureml_rulebook.host_names import record_findings, zone_name_findings
from azureml_rulebook.private_link_services import (
    alias_findings,
    request_message_findings,
)

SUBSCRIPTION = "/subscriptions/22222222-2222-4222-8222-222222222222"
OTHER = "/subscriptions/33333333-3333-4333-8333-333333333333"
NETWORK = (
    f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net"
)
SUBNET = f"{NETWORK}/subnets/endpoints"
SERVICE = (
    f"{OTHER}/resourceGroups/provider/providers/Microsoft.Network"
    "/privateLinkServices/scoring-pls"
)
ALIAS = (
    "scoring-pls.44444444-4444-4444-8444-444444444444.westeurope"
    ".azure.privatelinkservice"
)
DNS = {
    "zone_name": "services.example.com",
    "record": "scoring",
    "network_id": NETWORK,
}


def zone_id(subscription: str, zone: str = "services.example.com") -> str:
    """The id of a zone in the group ``dns``."""
    return (
        f"{subscription}/resourceGroups/dns/providers/Microsoft.Network"
        f"/privateDnsZones/{zone}"
    )


def consumer_args(**changes: Any) -> Any:
    """Inputs that work, with ``changes``; None leaves one out."""
    args = {
        "resource_group_name": "rg",
        "location": "northeurope",
        "service_id": SERVICE,
        "subnet_id": SUBNET,
        **changes,
    }
    return {key: value for key, value in args.items() if value is not None}


@pytest.fixture(scope="module")
def make(record: Any) -> Callable[..., Any]:
    """Make the consumer of these inputs, called ``claims``."""

    def made(*, first_preview: bool = False, **changes: Any) -> Any:
        return record(
            lambda: ServiceConsumer("claims", consumer_args(**changes)),
            first_preview=first_preview,
        )

    return made


def findings(**changes: Any) -> list[str]:
    """Everything that is wrong with inputs, in order."""
    found = ServiceConsumer.check("claims", consumer_args(**changes))
    return [str(finding) for finding in found]


def test_all_inputs(make: Callable[..., Any]) -> None:
    """A manual connection with a message, a zone with its link, and the record of the
    address that Azure chose."""
    made = make(
        approval="manual",
        request_message="Claims team: scoring",
        dns=DNS,
        tags={"team": "claims"},
    )
    assert made.kinds() == {
        "ServiceConsumer": 1,
        "PrivateEndpoint": 1,
        "PrivateZone": 1,
        "VirtualNetworkLink": 1,
        "PrivateRecordSet": 1,
    }
    assert made.inputs("claims-pep") == {
        "privateEndpointName": "claims-pep",
        "resourceGroupName": "rg",
        "location": "northeurope",
        "subnet": {"id": SUBNET},
        "customNetworkInterfaceName": "claims-pep-nic",
        "manualPrivateLinkServiceConnections": [
            {
                "name": "service",
                "privateLinkServiceId": SERVICE,
                "requestMessage": "Claims team: scoring",
            }
        ],
        "tags": {"team": "claims"},
    }
    assert made.inputs("claims-services.example.com") == {
        "privateZoneName": "services.example.com",
        "resourceGroupName": "rg",
        "location": "global",
        "tags": {"team": "claims"},
    }
    assert made.inputs("claims-services.example.com-link") == {
        "virtualNetworkLinkName": "claims-vnet",
        "privateZoneName": "services.example.com",
        "resourceGroupName": "rg",
        "location": "global",
        "registrationEnabled": False,
        "virtualNetwork": {"id": NETWORK},
        "tags": {"team": "claims"},
    }
    address = "of claims-pep-interface in rg-of-endpoints"
    assert made.inputs("claims-scoring.services.example.com") == {
        "relativeRecordSetName": "scoring",
        "privateZoneName": "services.example.com",
        "resourceGroupName": "rg",
        "recordType": "A",
        "ttl": 300,
        "aRecords": [{"ipv4Address": address}],
    }
    zone = {"claims-services.example.com"}
    assert zone <= made.waits_for("claims-scoring.services.example.com")
    assert zone <= made.waits_for("claims-services.example.com-link")
    assert made.outputs["claims"] == {
        "endpointId": "/fake/claims-pep",
        "address": address,
        "hostName": "scoring.services.example.com",
    }


def test_the_least(make: Callable[..., Any]) -> None:
    """An endpoint with an automatic connection, and an address without a name."""
    made = make()
    assert made.kinds() == {"ServiceConsumer": 1, "PrivateEndpoint": 1}
    assert made.inputs("claims-pep") == {
        "privateEndpointName": "claims-pep",
        "resourceGroupName": "rg",
        "location": "northeurope",
        "subnet": {"id": SUBNET},
        "customNetworkInterfaceName": "claims-pep-nic",
        "privateLinkServiceConnections": [
            {"name": "service", "privateLinkServiceId": SERVICE}
        ],
    }
    assert made.outputs["claims"] == {
        "endpointId": "/fake/claims-pep",
        "address": "of claims-pep-interface in rg-of-endpoints",
    }


def test_an_alias(make: Callable[..., Any]) -> None:
    """It stands where the id does, and somebody at the service approves."""
    made = make(service_id=None, service_alias=ALIAS)
    inputs = made.inputs("claims-pep")
    assert inputs["manualPrivateLinkServiceConnections"] == [
        {"name": "service", "privateLinkServiceId": ALIAS}
    ]
    assert "privateLinkServiceConnections" not in inputs


def test_an_address_that_is_asked_for(make: Callable[..., Any]) -> None:
    """Without group and member; the record is known before anything is made."""
    made = make(private_address="10.30.0.70", dns=DNS, first_preview=True)
    assert made.inputs("claims-pep")["ipConfigurations"] == [
        {"name": "service", "privateIPAddress": "10.30.0.70"}
    ]
    record = made.inputs("claims-scoring.services.example.com")
    assert record["aRecords"] == [{"ipv4Address": "10.30.0.70"}]
    assert made.outputs["claims"]["address"] == "10.30.0.70"


def test_a_first_preview(make: Callable[..., Any]) -> None:
    """The address that Azure will choose is not known, the name is."""
    made = make(dns=DNS, first_preview=True)
    unknown = pulumi.runtime.rpc.UNKNOWN
    record = made.inputs("claims-scoring.services.example.com")
    assert record["aRecords"] == [{"ipv4Address": unknown}]
    assert made.outputs["claims"] == {
        "endpointId": unknown,
        "address": unknown,
        "hostName": "scoring.services.example.com",
    }


@pytest.mark.parametrize(
    ("existing", "providers"),
    [
        (zone_id(SUBSCRIPTION), []),
        (zone_id(SUBSCRIPTION.upper().replace("SUBSCRIPTIONS", "subscriptions")), []),
        (zone_id(OTHER), ["claims-zone-subscription"]),
        (pulumi.Output.from_input(zone_id(OTHER)), []),
    ],
)
def test_a_zone_that_exists(
    make: Callable[..., Any], existing: Any, providers: list[str]
) -> None:
    """Only the record is made, in the zone's group and, by its plain id, in its
    subscription."""
    dns = {"zone_name": "services.example.com", "record": "scoring"}
    made = make(dns={**dns, "existing_zone_id": existing})
    assert not made.of_type("PrivateZone")
    assert not made.of_type("VirtualNetworkLink")
    record = made.resources["claims-scoring.services.example.com"]
    assert record.inputs["resourceGroupName"] == "dns"
    assert ([record.provider] if record.provider else []) == providers
    assert list(made.of_type("azure-native")) == providers


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"resource_group_name": None}, "resource_group_name: is required and not set"),
        ({"location": None}, "location: is required and not set"),
        ({"location": "westeuorpe"}, "location: 'westeuorpe' is not a region; did you"),
        ({"subnet_id": None}, "subnet_id: is required and not set"),
        ({"subnet_id": NETWORK}, f"subnet_id: '{NETWORK}' is the id of a Microsoft."),
        (
            {"service_id": None},
            "service_id: is required and not set; give it, or service_alias",
        ),
        (
            {"service_alias": ALIAS},
            "service_alias: cannot be used with service_id, which names the service",
        ),
        ({"service_id": NETWORK}, f"service_id: '{NETWORK}' is the id of a Microsoft."),
        (
            {"service_id": None, "service_alias": "scoring"},
            "service_alias: 'scoring' is not an alias; ask the service's owner for it",
        ),
        (
            {"service_id": None, "service_alias": ALIAS, "approval": "automatic"},
            "approval: 'automatic' cannot be used with service_alias; leave it out",
        ),
        ({"approval": "Manual"}, "approval: 'Manual' is not allowed; did you mean"),
        (
            {"request_message": "let us in"},
            "request_message: is read by whoever approves, and nobody does with",
        ),
        (
            {"approval": "manual", "request_message": "x" * 141},
            "request_message: has 141 characters; Azure takes 140, shorten it by 1",
        ),
        (
            {"private_address": "10.30.0"},
            "private_address: '10.30.0' is not an IPv4 address; give an address of the "
            "endpoint's subnet",
        ),
        ({"dns": {**DNS, "zone_name": None}}, "dns.zone_name: is required and not set"),
        ({"dns": {**DNS, "record": " "}}, "dns.record: is blank; give a text"),
        (
            {"dns": {**DNS, "zone_name": "services"}},
            "dns.zone_name: 'services' is not the name of a private DNS zone; write",
        ),
        (
            {"dns": {**DNS, "zone_name": "azure.com"}},
            "dns.zone_name: 'azure.com' is a name that Azure keeps",
        ),
        (
            {"dns": {**DNS, "record": "scoring.services.example.com"}},
            "dns.record: 'scoring.services.example.com' ends with its zone; write "
            "'scoring'",
        ),
        (
            {"dns": {**DNS, "network_id": None}},
            "dns.network_id: is required for a new zone, which is linked to it; give",
        ),
        (
            {"dns": {**DNS, "existing_zone_id": zone_id(SUBSCRIPTION)}},
            "dns.network_id: is for a new zone, and existing_zone_id says that it "
            "exists",
        ),
        (
            {
                "dns": {
                    **DNS,
                    "network_id": None,
                    "existing_zone_id": zone_id(SUBSCRIPTION, "example.com"),
                }
            },
            f"dns.existing_zone_id: '{zone_id(SUBSCRIPTION, 'example.com')}' is not",
        ),
        (
            {"dns": DNS, "tags": {f"tag{number}": "x" for number in range(16)}},
            "tags: ",
        ),
        ({"serviceid": "x"}, "serviceid: is not a known input; did you mean"),
    ],
)
def test_what_is_refused(changes: dict[str, Any], expected: str) -> None:
    """Each with its path, the value and what to change, and nothing besides."""
    found = findings(**changes)
    assert len(found) == 1, found
    assert found[0].startswith(expected)


def test_all_faults_in_one_run() -> None:
    """A consumer with several faults tells them together."""
    found = findings(location="moon!", service_id="x", subnet_id="y", approval="z")
    paths = [finding.partition(":")[0] for finding in found]
    assert paths == ["location", "service_id", "approval", "subnet_id"]


def test_a_consumer_of_another_language(record: Any) -> None:
    """Through the plugin host: camel case, secrets and ids known later."""

    def program() -> None:
        ComponentProvider(COMPONENTS, NAME).construct(
            "claims",
            "azureml-network:index:ServiceConsumer",
            {
                "resourceGroupName": pulumi.Output.secret("rg"),
                "location": "northeurope",
                "serviceAlias": pulumi.Output.from_input(ALIAS),
                "subnetId": pulumi.Output.from_input(SUBNET),
                "requestMessage": "let us in",
                "dns": {
                    "zoneName": "Services.Example.com",
                    "record": "Scoring",
                    "networkId": pulumi.Output.from_input(NETWORK),
                },
            },
        )

    made = record(program)
    connections = made.inputs("claims-pep")["manualPrivateLinkServiceConnections"]
    assert connections[0]["privateLinkServiceId"] == ALIAS
    assert "claims-scoring.services.example.com" in made.resources


@given(st.text(max_size=200), st.booleans())
def test_request_messages(message: str, manual: bool) -> None:
    """Up to 140 characters, where somebody reads them."""
    found = request_message_findings(message, manual=manual, path="request_message")
    assert bool(found) == (not manual or len(message) > 140)


@given(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True),
    st.uuids(),
    st.from_regex(r"[a-z]{4,10}[0-9]?", fullmatch=True),
    st.sampled_from(["", "x", " ", ".", "/"]),
)
def test_aliases(prefix: str, guid: Any, region: str, rest: str) -> None:
    """Prefix, id, region and a fixed end, whole and in any case."""
    alias = f"{prefix}.{guid}.{region}.azure.privatelinkservice"
    assert alias_findings(alias, path="a") == []
    assert alias_findings(alias.upper(), path="a") == []
    assert bool(alias_findings(alias + rest, path="a")) == bool(rest)
    assert alias_findings(alias.replace(str(guid), "1"), path="a")


LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABELS, min_size=1, max_size=40), LABELS)
def test_names_in_zones(labels: list[str], record: str) -> None:
    """A zone has 2 to 34 labels, and no name is longer than 253 characters."""
    zone = ".".join(labels)
    fits = 2 <= len(labels) <= 34 and len(zone) <= 253
    assert bool(zone_name_findings(zone, "zone")) == (not fits)
    too_long = len(f"{record}.{zone}") > 253
    assert bool(record_findings(record, zone, "record")) == too_long
    assert record_findings(f"-{record}", zone, "record")
    assert record_findings(f"{record}.{zone}", zone, "record")
