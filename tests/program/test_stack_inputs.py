"""What the components of the program are made of, without an engine."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from stack_configuration import PROJECT, declared, engine_form

import settings
from azureml_network import (
    JumpBoxBastion,
    PrivateWorkspace,
    PublishedService,
    ZoneOwner,
)
from stack_inputs import NetworkFacts, StackInputs, failed


@pytest.fixture
def chosen(checkout: Path) -> settings.Settings:
    """What Pulumi.yaml says by itself."""
    values = {
        key: value.get("default", value.get("value"))
        for key, value in declared(checkout).items()
    }
    return settings.check(engine_form(values), project=PROJECT)


def stack_inputs(chosen: settings.Settings) -> StackInputs:
    """The inputs of all components, of one configuration."""
    return StackInputs(
        chosen=chosen,
        environment="dev",
        subscription_id="22222222-2222-4222-8222-222222222222",
        tenant_id="11111111-1111-4111-8111-111111111111",
        own_logs="",
    )


def test_what_failed_never_has_a_value() -> None:
    """Whoever waits for it gets the reason, and does not wait for ever."""

    async def wait() -> str | None:
        return await failed(ValueError("no workspace")).future()

    # Not `asyncio.run`, which leaves no loop to the tests after this one.
    loop = asyncio.new_event_loop()
    with pytest.raises(ValueError, match="no workspace"):
        loop.run_until_complete(wait())
    loop.close()


@pytest.mark.parametrize(
    ("jump_box", "closed"),
    [
        ({"machines": {}, "just_in_time": {}}, True),
        ({"machines": {}, "just_in_time": {"maximum_hours": 8}}, True),
        ({"machines": {}}, False),
        (None, False),
    ],
)
def test_one_key_closes_jump_boxes_and_opens_them_on_request(
    chosen: settings.Settings, jump_box: Any, closed: bool
) -> None:
    """What the machines' component opens on request, the network does not open."""
    inputs = stack_inputs(replace(chosen, jump_box=jump_box))
    assert inputs.network["just_in_time_access"] is closed


SERVICE: Any = {
    "backend_pools": {
        "machines": {"interfaces": {"first": {"private_address": "10.0.0.9"}}},
        "others": {},
    },
    "private_link": {"address_count": 2},
}
IN_SUBNETS: Any = {
    name: {"purpose": name, "prefix": prefix}
    for name, prefix in (
        ("training", "10.20.0.0/26"),
        ("endpoints", "10.20.0.64/27"),
        ("inference", "10.20.0.96/28"),
        ("load_balancer", "10.20.0.112/28"),
        ("private_link_service", "10.20.0.128/28"),
    )
}


def made_of(chosen: settings.Settings, service: Any, **changes: Any) -> Any:
    """The inputs of a service in subnets of its own."""
    network: Any = {**chosen.network, "subnets": IN_SUBNETS}
    given = replace(chosen, published_service=service, network=network, **changes)
    ids = {name: f"/subnets/{name}" for name in IN_SUBNETS}
    facts = NetworkFacts(
        vnet_id="/network",
        vnet_name="net",
        subnet_ids=ids,
        subnet_prefixes={name: item["prefix"] for name, item in IN_SUBNETS.items()},
        zone_ids={},
    )
    return stack_inputs(given).published_service(facts)


def test_a_service_is_placed_by_purpose(chosen: settings.Settings) -> None:
    """Load balancer, machines and consumers' addresses, each in the subnet for it; what
    is configured stays."""
    assert made_of(chosen, SERVICE, protect=True) == {
        "resource_group_name": "rg-azureml-dev",
        "location": "westeurope",
        "network_id": "/network",
        "load_balancer_subnet_id": "/subnets/load_balancer",
        "load_balancer_subnet_prefix": "10.20.0.112/28",
        "backend_pools": {
            "machines": {
                "interfaces": {
                    "first": {
                        "private_address": "10.0.0.9",
                        "subnet_id": "/subnets/inference",
                        "subnet_prefix": "10.20.0.96/28",
                    }
                }
            },
            "others": {},
        },
        "private_link": {
            "address_count": 2,
            "subnet_id": "/subnets/private_link_service",
            "subnet_prefix": "10.20.0.128/28",
        },
        "lock": "CanNotDelete",
        "cloud": "public",
        "tags": {},
    }


@pytest.mark.parametrize(
    ("service", "left_out"),
    [
        ({"private_link": {}, "existing_frontend_ids": ["/one"]}, "load_balancer"),
        ({"private_link": {}, "existing_frontend_ids": ["/one"]}, "network_id"),
        ({"rules": {}}, "private_link"),
        ({"rules": {}}, "lock"),
    ],
)
def test_what_a_service_has_not_is_not_placed(
    chosen: settings.Settings, service: Any, left_out: str
) -> None:
    """Neither a load balancer that exists, nor what only Private Link has."""
    args = made_of(chosen, service, protect=True)
    assert not [key for key in args if key.startswith(left_out)]


def test_no_service_is_published_unless_asked(chosen: settings.Settings) -> None:
    """The key is unset by default."""
    assert chosen.published_service is None
    assert made_of(chosen, None) is None


GROUP = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg"
SSH_PUBLIC_KEY = (
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIIQtWmmAcWfyWsXpD//nx32f+NwxWEhtMlgb2HGKP6wm ada"
)
OTHERS: Any = {
    "workspace": f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/w",
    "bastion": f"{GROUP}/providers/Microsoft.Network/bastionHosts/b",
    "frontend": (
        f"{GROUP}/providers/Microsoft.Network/loadBalancers/l"
        "/frontendIPConfigurations/f"
    ),
}


def test_what_exists_already_is_taken_as_it_is(chosen: settings.Settings) -> None:
    """A workspace, a Bastion in this network's own subnet and a load balancer of
    somebody else's: the program adds nothing that the components refuse with them."""
    purposes = ("training", "endpoints", "bastion", "jump_box", "private_link_service")
    layout: Any = {name: {"purpose": name} for name in purposes}
    network: Any = {**chosen.network, "subnets": layout}
    machines: Any = {
        "tools": {"operating_system": "linux", "setup": {"enabled": False}}
    }
    inputs = stack_inputs(
        replace(
            chosen,
            network=network,
            workspace=cast(Any, {"existing_workspace_id": OTHERS["workspace"]}),
            jump_box=cast(
                Any,
                {
                    "existing_bastion_id": OTHERS["bastion"],
                    "machines": machines,
                    "just_in_time": {},
                },
            ),
            ssh_public_key=SSH_PUBLIC_KEY,
            published_service={
                "existing_frontend_ids": [OTHERS["frontend"]],
                "private_link": cast(Any, {}),
            },
        )
    )
    planned = inputs.planned_network()
    jump_box: Any = inputs.jump_box(planned, None)
    service: Any = inputs.published_service(planned)
    assert not [
        *PrivateWorkspace.check("ml", inputs.workspace(planned)),
        *JumpBoxBastion.check("jump", jump_box),
        *PublishedService.check("service", service),
    ]


@pytest.mark.parametrize(("machines", "locked"), [({}, False), ({"a": {}}, True)])
def test_a_protected_bastion_without_machines_has_no_lock(
    chosen: settings.Settings, machines: Any, locked: bool
) -> None:
    """A lock is on machines, and refused where there are none."""
    given = replace(chosen, protect=True, jump_box={"machines": machines})
    inputs = stack_inputs(given)
    args: Any = inputs.jump_box(inputs.planned_network(), None)
    assert ("lock" in args) is locked


@pytest.mark.parametrize(
    ("existing", "network"),
    [
        (
            "",
            "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/"
            "rg-azureml-dev/providers/Microsoft.Network/virtualNetworks/azureml-dev-vnet",
        ),
        (" /hub ", "/hub"),
    ],
)
def test_the_network_is_known_before_it_is_made(
    chosen: settings.Settings, existing: str, network: str
) -> None:
    """So that circuits of another subscription are told before anything is made."""
    args: Any = {**chosen.network, "existing_network_id": existing}
    planned = stack_inputs(replace(chosen, network=args)).planned_network()
    assert planned.vnet_id == network


@pytest.mark.parametrize("by", ["stack", "policy"])
def test_recordings_are_among_the_private_endpoints(
    chosen: settings.Settings, by: str
) -> None:
    """With the zone of blobs that the network has, unless a policy makes records."""
    network: Any = {
        **chosen.network,
        "subnets": IN_SUBNETS,
        "private_dns": {"zones_by": ZoneOwner(by)},
    }
    spec = {"storage_account_name": "strecordings1", "retention_days": 90}
    bastion = {"tier": "Premium", "session_recording": True, "recordings": spec}
    given = replace(chosen, jump_box=cast(Any, {"bastion": bastion}), network=network)
    facts = NetworkFacts(
        vnet_id="/network",
        vnet_name="net",
        subnet_ids={"endpoints": "/subnets/endpoints"},
        subnet_prefixes={},
        zone_ids={"privatelink.blob.core.windows.net": "/zones/blob"},
    )
    args = stack_inputs(given).jump_box(facts, None)
    assert args is not None
    recordings = dict(args.get("bastion", {}).get("recordings", {}))
    zone = recordings.pop("blob_zone_id", None)
    assert recordings == {**spec, "endpoints_subnet_id": "/subnets/endpoints"}
    assert (zone is None) is (by == "policy")
