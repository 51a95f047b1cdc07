"""A scoring service in one network, and a consumer in another of the same addresses.

The provider's machines answer on 443 behind an internal load balancer and a Private
Link service in West Europe. The consumer's network in North Europe has the same address
space, is not peered, and reaches the service by a private endpoint under a name of its
own.
"""

import pulumi
from pulumi_azure_native import resources

from azureml_network import (
    Approval,
    Egress,
    ProbeProtocol,
    PublishedService,
    SecureVnet,
    ServiceConsumer,
)

ADDRESS_SPACE = ["10.30.0.0/24"]
PROVIDER = "westeurope"
CONSUMER = "northeurope"

config = pulumi.Config()

provider_group = resources.ResourceGroup(
    "provider", resource_group_name="rg-scoring-provider", location=PROVIDER
)
provider = SecureVnet(
    "provider",
    {
        "resource_group_name": provider_group.name,
        "location": PROVIDER,
        "address_space": ADDRESS_SPACE,
        "subnets": {
            "inference": {"purpose": "inference", "prefix": "10.30.0.0/26"},
            "load-balancer": {"purpose": "load_balancer", "prefix": "10.30.0.64/28"},
            "private-link": {
                "purpose": "private_link_service",
                "prefix": "10.30.0.80/28",
            },
        },
        "private_endpoint_groups": [],
        "egress": Egress.NONE,
        "rules": {
            "consumers": {
                "sources": ["subnet:private-link"],
                "destinations": ["subnet:inference"],
                "ports": ["443"],
                "reason": "consumers come from the Private Link service's addresses",
            },
            "health-probes": {
                "sources": ["tag:AzureLoadBalancer"],
                "destinations": ["subnet:inference"],
                "ports": ["443"],
                "reason": "the load balancer asks whether machines are well",
            },
        },
    },
)
service = PublishedService(
    "scoring",
    {
        "resource_group_name": provider_group.name,
        "location": PROVIDER,
        "load_balancer_subnet_id": provider.subnet_ids["load-balancer"],
        "load_balancer_subnet_prefix": provider.subnet_prefixes["load-balancer"],
        "frontends": {"service": {"private_address": "10.30.0.68"}},
        "backend_pools": {
            "machines": {
                "interfaces": {
                    "first": {"subnet_id": provider.subnet_ids["inference"]},
                    "second": {"subnet_id": provider.subnet_ids["inference"]},
                }
            }
        },
        "probes": {
            "health": {
                "protocol": ProbeProtocol.HTTPS,
                "port": 443,
                "path": "/health",
            }
        },
        "rules": {"https": {"probe": "health", "port": 443}},
        "private_link": {
            "subnet_id": provider.subnet_ids["private-link"],
            "subnet_prefix": provider.subnet_prefixes["private-link"],
            "address_count": 2,
        },
        "alerts": {"emails": {"operators": config.require("operators")}},
    },
)

consumer_group = resources.ResourceGroup(
    "consumer", resource_group_name="rg-scoring-consumer", location=CONSUMER
)
consumer = SecureVnet(
    "consumer",
    {
        "resource_group_name": consumer_group.name,
        "location": CONSUMER,
        "address_space": ADDRESS_SPACE,
        "subnets": {
            "clients": {"purpose": "general", "prefix": "10.30.0.0/26"},
            "endpoints": {"purpose": "endpoints", "prefix": "10.30.0.64/27"},
        },
        "private_endpoint_groups": [],
        "egress": Egress.NONE,
    },
)
connection = ServiceConsumer(
    "claims",
    {
        "resource_group_name": consumer_group.name,
        "location": CONSUMER,
        "service_id": service.private_link_service_id,
        "subnet_id": consumer.subnet_ids["endpoints"],
        "approval": Approval.MANUAL,
        "request_message": "Claims team, claims@example.com: scoring of new claims",
        "dns": {
            "zone_name": "services.example.com",
            "record": "scoring",
            "network_id": consumer.vnet_id,
        },
    },
)

pulumi.export("alias", service.alias)
pulumi.export("machineInterfaces", service.interface_ids)
pulumi.export("consumerHost", connection.host_name)
pulumi.export("consumerAddress", connection.address)
