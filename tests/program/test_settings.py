"""The configuration is typed, and refused as a whole when anything is wrong."""

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from stack_configuration import PROJECT, declared, declared_values, engine_form

import settings
import settings_form
from azureml_network import Finding


@pytest.fixture
def defaults(checkout: Path) -> dict[str, Any]:
    """The values that Pulumi.yaml gives every key."""
    return declared_values(checkout)


def problems(values: dict[str, Any], **options: Any) -> tuple[str, ...]:
    """What is said of a configuration that is refused."""
    with pytest.raises(settings.SettingsError) as caught:
        settings.check(engine_form(values), project=PROJECT, **options)
    return caught.value.problems


def test_every_key_is_declared_with_a_description_and_a_default(checkout: Path) -> None:
    """Pulumi.yaml and the settings know the same keys."""
    keys = declared(checkout)
    assert sorted(keys) == sorted(settings_form.KEYS)
    for key, declaration in keys.items():
        assert declaration["description"], key
        assert "default" in declaration or "value" in declaration, key


def test_defaults_are_valid(defaults: dict[str, Any]) -> None:
    """A stack that sets nothing is a valid one."""
    chosen = settings.check(engine_form(defaults), project=PROJECT)
    assert chosen.network["egress"] == "nat_gateway"
    assert chosen.network["subnets"]["training"] == {"purpose": "training"}
    assert chosen.workspace == {}


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_environments_are_valid(
    stack: str, checkout: Path, defaults: dict[str, Any]
) -> None:
    """The committed environments pass, and name only keys of this project."""
    stack_values = yaml.safe_load((checkout / f"Pulumi.{stack}.yaml").read_text())
    assert set(stack_values) == {"config"}
    values = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in stack_values["config"].items()
    }
    secrets = dict.fromkeys(SECRETS, "open sesame")
    chosen = settings.check(
        engine_form(defaults | values | secrets),
        project=PROJECT,
        is_secret=lambda path: path.partition(":")[2] in secrets,
    )
    assert chosen.tags["environment"] == stack
    subnets = chosen.network["subnets"].values()
    assert all("prefix" in subnet for subnet in subnets)


WORKSPACE = (
    "/subscriptions/00000000-0000-4000-8000-0000000000aa/resourceGroups/rg/providers/"
    "Microsoft.MachineLearningServices/workspaces/mlw"
)
RECORDED = {
    "jumpBox": {
        "bastion": {
            "tier": "Premium",
            "sessionRecording": True,
            "recordings": {"storageAccountName": "strecordings1"},
        },
    },
    "subnets": {
        name: {"purpose": name} for name in ("training", "endpoints", "bastion")
    },
}
ALL_GROUPS = ["amlworkspace", "blob", "file", "vault", "registry", "azuremonitor"]


@pytest.mark.parametrize(
    ("values", "groups", "uses_training", "keeps_data"),
    [
        ({}, ALL_GROUPS, True, True),
        ({"existingWorkspaceId": WORKSPACE}, ["amlworkspace"], False, False),
        (
            {"storage": {"access": "service_endpoint"}},
            ["amlworkspace", "vault", "registry", "azuremonitor"],
            True,
            True,
        ),
        (
            {"keyVault": {"access": "service_endpoint"}},
            ["amlworkspace", "blob", "file", "registry", "azuremonitor"],
            True,
            True,
        ),
        (
            {key: {"existingId": ""} for key in ("storage", "keyVault", "registry")},
            ALL_GROUPS,
            True,
            True,
        ),
        (
            {"existingWorkspaceId": WORKSPACE, **RECORDED},
            ["amlworkspace", "blob"],
            False,
            False,
        ),
        (RECORDED, ALL_GROUPS, True, True),
        ({"existingWorkspaceId": " "}, ALL_GROUPS, True, True),
        ({"monitoring": {"privateLinkScopeId": ""}}, ALL_GROUPS, True, True),
        ({"monitoring": {"privateLinkScopeId": "x"}}, ALL_GROUPS[:-1], True, True),
        ({"monitoring": {"publicAccess": True}}, ALL_GROUPS[:-1], True, True),
        (
            {
                "computeMode": "managed_network",
                "managedNetwork": {"isolation": "AllowInternetOutbound"},
            },
            ALL_GROUPS,
            False,
            True,
        ),
        (
            {key: {"existingId": "x"} for key in ("storage", "keyVault", "registry")},
            ALL_GROUPS,
            True,
            False,
        ),
    ],
)
def test_what_the_network_needs_follows_from_the_workspace(
    values: dict[str, Any],
    groups: list[str],
    uses_training: bool,
    keeps_data: bool,
    defaults: dict[str, Any],
) -> None:
    """Endpoints, and with them zones and rules; whether compute lives in a subnet; and
    whether there is data here that a lock guards."""
    chosen = settings.check(engine_form(defaults | values), project=PROJECT)
    assert chosen.private_endpoint_groups == groups
    assert chosen.uses_training_subnet is uses_training
    assert chosen.keeps_data is keeps_data


def test_services_open_to_the_subnets_that_have_their_endpoints(
    defaults: dict[str, Any],
) -> None:
    """A subnet counts only if it has the service endpoint of every such service."""
    values = defaults | {
        "storage": {"access": "service_endpoint"},
        "keyVault": {"access": "service_endpoint"},
        "subnets": {
            "training": {
                "purpose": "training",
                "serviceEndpoints": ["Microsoft.Storage", "Microsoft.KeyVault"],
            },
            "endpoints": {
                "purpose": "endpoints",
                "serviceEndpoints": ["Microsoft.Storage"],
            },
        },
    }
    chosen = settings.check(engine_form(values), project=PROJECT)
    assert chosen.service_endpoint_subnets == ["training"]
    assert (
        settings.check(engine_form(defaults), project=PROJECT).service_endpoint_subnets
        == []
    )


def test_what_the_network_says_holds_for_the_workspace_too(
    defaults: dict[str, Any],
) -> None:
    """Cloud, diagnostic settings and lock, as far as there is something of it here."""
    values = defaults | {
        "lock": "CanNotDelete",
        "diagnosticSettings": {"central": {"logAnalyticsWorkspaceId": "x"}},
    }
    chosen = settings.check(engine_form(values), project=PROJECT)
    assert chosen.shared_with_workspace == {
        "cloud": "public",
        "lock": "CanNotDelete",
        "diagnostic_settings": {"central": {"log_analytics_workspace_id": "x"}},
    }
    values |= {"existingWorkspaceId": WORKSPACE}
    chosen = settings.check(engine_form(values), project=PROJECT)
    assert chosen.shared_with_workspace == {"cloud": "public"}


def test_settings_are_frozen(defaults: dict[str, Any]) -> None:
    """No part of the program can put other settings in their place."""
    chosen = settings.check(engine_form(defaults), project=PROJECT)
    with pytest.raises(FrozenInstanceError):
        chosen.location = "northeurope"  # pyright: ignore[reportAttributeAccessIssue]


ALLOWED = {"host": "conda.anaconda.org", "owner": "platform", "expires": "2099-12-31"}
WRONG = {
    "misspelt key": (
        {"adressSpace": ["10.0.0.0/16"]},
        "private-azureml:adressSpace: is not a known key; did you mean `addressSpace`?",
    ),
    "misspelt nested key": (
        {"cluster": {"maximumNode": 3}},
        "private-azureml:cluster.maximumNode: is not a known key; "
        "did you mean `maximumNodes`?",
    ),
    "misspelt key of a subnet": (
        {"subnets": {"training": {"purpose": "training", "sise": 25}}},
        "private-azureml:subnets.training.sise: is not a known key; "
        "did you mean `size`?",
    ),
    "text for a number": (
        {"cluster": {"maximumNodes": "four"}},
        "private-azureml:cluster.maximumNodes: should be a valid integer, got 'four'",
    ),
    "number for text": (
        {"subnets": {"training": {"purpose": 3}}},
        "private-azureml:subnets.training.purpose: should be a valid string, got 3",
    ),
    "text for a list": (
        {"addressSpace": "10.0.0.0/16"},
        "private-azureml:addressSpace: should be a valid array, got '10.0.0.0/16'",
    ),
    "number in a list of text": (
        {"addressSpace": ["10.0.0.0/16", 5]},
        "private-azureml:addressSpace[1]: should be a valid string, got 5",
    ),
    "text for a map": (
        {"storage": "Standard_LRS"},
        "private-azureml:storage: should be an object, got 'Standard_LRS'",
    ),
    "text for true or false": (
        {"protect": "yes"},
        "private-azureml:protect: should be a valid boolean, got 'yes'",
    ),
    "unknown choice": (
        {"egress": "firewal"},
        "private-azureml:egress: should be 'nat_gateway', 'load_balancer', 'firewall', "
        "'virtual_appliance' or 'none', got 'firewal'",
    ),
    "misspelt key of an allowed host": (
        {"firewall": {"allowedHosts": {"conda": ALLOWED | {"hosts": "x"}}}},
        "private-azureml:firewall.allowedHosts.conda.hosts: is not a known key; "
        "did you mean `host`?",
    ),
    "a component's own spelling": (
        {"firewall": {"dns_proxy": True}},
        "private-azureml:firewall.dns_proxy: is not a known key; "
        "did you mean `dnsProxy`?",
    ),
    "empty list": (
        {"addressSpace": []},
        "private-azureml:addressSpace: List should have at least 1 item "
        "after validation, not 0, got []",
    ),
    "missing nested key": (
        {"subnets": {"training": {}}},
        "private-azureml:subnets.training.purpose: is required and not set",
    ),
    "a subnet that the program needs": (
        {"subnets": {"endpoints": {"purpose": "endpoints"}}},
        "private-azureml:subnets.training: is required and not set",
    ),
    "a subnet that is for something else": (
        {
            "subnets": {
                "training": {"purpose": "general"},
                "endpoints": {"purpose": "endpoints"},
            }
        },
        "private-azureml:subnets.training.purpose: should be 'training'",
    ),
    "a managed network and compute in a subnet": (
        {"managedNetwork": {"isolation": "AllowOnlyApprovedOutbound"}},
        "private-azureml:computeMode: should be 'managed_network' if managedNetwork "
        "is set, and only then, got 'no_public_ip'",
    ),
    "no managed network and compute in one": (
        {"computeMode": "managed_network"},
        "private-azureml:computeMode: should be 'managed_network' if managedNetwork "
        "is set, and only then, got 'managed_network'",
    ),
    "logs to a workspace that is not made here": (
        {"existingWorkspaceId": WORKSPACE, "diagnosticsToOwnLogs": True},
        "private-azureml:diagnosticsToOwnLogs: true needs the Log Analytics workspace",
    ),
    "a project, which has no network": (
        {
            "kind": "Project",
            "subnets": {"endpoints": {"purpose": "endpoints"}},
        },
        "private-azureml:kind: 'Project' has no network of its own",
    ),
    "misspelt key of an outbound rule": (
        {
            "computeMode": "managed_network",
            "managedNetwork": {
                "isolation": "AllowOnlyApprovedOutbound",
                "outboundRules": {"packages": {"hots": "packages.example.com"}},
            },
        },
        "private-azureml:managedNetwork.outboundRules.packages.hots: is not a known "
        "key; did you mean `host`?",
    ),
    "suffix with capitals": (
        {"uniqueSuffix": "ABC"},
        "private-azureml:uniqueSuffix: String should match pattern "
        "'^([a-z0-9]{3,8})?$', got 'ABC'",
    ),
}


@pytest.mark.parametrize(("values", "expected"), WRONG.values(), ids=WRONG)
def test_wrong_values_name_key_value_and_remedy(
    values: dict[str, Any], expected: str, defaults: dict[str, Any]
) -> None:
    """One fault gives one line: the path, what it should be, what it is."""
    (problem,) = problems(defaults | values)
    assert problem.startswith(expected)


def test_all_problems_are_reported_together(defaults: dict[str, Any]) -> None:
    """One error has a line for each of five faults of different kinds."""
    found = problems(
        defaults
        | {
            "adressSpace": [],
            "cluster": {"maximumNodes": "four", "vmSise": "x"},
            "egress": "out",
            "sharedKey": "open sesame",
        },
    )
    assert len(found) == 5
    text = str(settings.SettingsError(found))
    assert text.count("configuration error: private-azureml:") == 5


def test_a_misspelt_namespace_is_refused(defaults: dict[str, Any]) -> None:
    """Keys of providers pass; a key that was meant for the program does not."""
    values = engine_form(defaults)
    settings.check(values | {"azure-native:location": "x"}, project=PROJECT)
    with pytest.raises(settings.SettingsError) as caught:
        settings.check(values | {"private-azurml:protect": "true"}, project=PROJECT)
    (problem,) = caught.value.problems
    assert problem.endswith("did you mean `private-azureml:protect`?")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("address_space[0]", "addressSpace[0]"),
        ("on_premises_address_space[1]", "onPremisesAddressSpace[1]"),
        ("subnets.jump_box.size", "subnets.jump_box.size"),
        ("subnets.private_dns.azure_name", "subnets.private_dns.azureName"),
        ("firewall.allowed_hosts.a_b.expires", "firewall.allowedHosts.a_b.expires"),
        ("rules.open_it.sources[0]", "rules.open_it.sources[0]"),
        (
            "private_dns_zone_ids.privatelink.blob.core.windows.net",
            "privateDnsZoneIds.privatelink.blob.core.windows.net",
        ),
        ("cluster.vm_size", "cluster.vmSize"),
        ("monitoring.retention_days", "monitoring.retentionDays"),
    ],
)
def test_findings_of_components_name_the_key_of_the_yaml(
    path: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Components speak of their inputs, people of what they wrote."""
    monkeypatch.setattr(settings.pulumi, "get_project", lambda: PROJECT)
    finding = Finding(path, "overlaps on_premises_address_space[1]")
    (problem,) = settings.refused([finding]).problems
    assert problem == f"{PROJECT}:{key}: overlaps onPremisesAddressSpace[1]"


def test_consequences_of_a_fault_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that are made of a wrong part, and inputs that the program makes, are no
    faults of their own; alone they are told."""
    monkeypatch.setattr(settings.pulumi, "get_project", lambda: PROJECT)
    cause = Finding("environment", "'my env' cannot be part of names")
    made = Finding("name", "is no name")
    group = Finding("private_endpoint_groups[5]", "has no zone")
    assert settings.refused([made, cause, group]).problems == (
        f"{PROJECT}:environment: 'my env' cannot be part of names",
    )
    assert len(settings.refused([group]).problems) == 1
    own = Finding("subnets.endpoints.prefix", "overlaps")
    given = Finding("endpoints_subnet_prefix", "overlaps")
    assert settings.refused([own, given]).problems == (
        f"{PROJECT}:subnets.endpoints.prefix: overlaps",
    )
    assert len(settings.refused([given]).problems) == 1


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("name", "workload"),
        ("endpoints_subnet_prefix", "subnets.endpoints"),
        ("training_subnet_prefix", "subnets.training"),
    ],
)
def test_findings_about_what_the_program_made_name_the_key_behind_it(
    path: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No message names a key that nobody can set."""
    monkeypatch.setattr(settings.pulumi, "get_project", lambda: PROJECT)
    (problem,) = settings.refused([Finding(path, "the name is wrong")]).problems
    assert problem == f"{PROJECT}:{key}: the name is wrong"


WINDOWS = {"machines": {"desk": {"operatingSystem": "windows"}}}
SITE = {
    "vpn": {},
    "sites": {
        "office": {"publicAddress": "198.51.100.7", "addressSpace": ["10.99.0.0/16"]}
    },
}
PURPOSES = {
    "training": {"purpose": "training"},
    "endpoints": {"purpose": "endpoints"},
    "host": {"purpose": "bastion"},
    "jump": {"purpose": "jump_box"},
    "gateway": {"purpose": "gateway"},
}
SECRETS = {
    "machinePassword": ({"jumpBox": WINDOWS}, "administrator_password"),
    "sharedKey": ({"hybridGateway": SITE}, "shared_key"),
}


def holder_in(chosen: settings.Settings) -> dict[str, Any]:
    """The machine or site of one of the configurations above."""
    if chosen.jump_box is not None:
        return dict(chosen.jump_box.get("machines", {})["desk"])
    assert chosen.hybrid_gateway is not None
    return dict(chosen.hybrid_gateway.get("sites", {})["office"])


@pytest.mark.parametrize("key", SECRETS)
def test_unset_secret_names_the_command(key: str, defaults: dict[str, Any]) -> None:
    """C33: a missing secret stops the run and says exactly what to type."""
    values, _ = SECRETS[key]
    (problem,) = problems(defaults | {"subnets": PURPOSES} | values)
    assert problem == (
        f"private-azureml:{key}: is a secret and not set; "
        f"run `pulumi config set --secret private-azureml:{key}`"
    )


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_that_nothing_needs_may_be_left_out(
    key: str, defaults: dict[str, Any]
) -> None:
    """A Linux machine, or no machine and no site, has no use for them."""
    linux = {"machines": {"desk": {"operatingSystem": "linux"}}}
    values = {"subnets": PURPOSES, "jumpBox": linux, key: ""}
    assert settings.check(engine_form(defaults | values), project=PROJECT).jump_box


@pytest.mark.parametrize("key", SECRETS)
def test_secret_in_plain_text_is_refused_and_not_repeated(
    key: str, defaults: dict[str, Any]
) -> None:
    """C33: a plain-text secret stops the run, and its value is not printed."""
    values = {key: "open sesame"}
    (problem,) = problems(defaults | values)
    assert problem.startswith(f"private-azureml:{key}: is a secret but stands in plain")
    assert "sesame" not in problem


@pytest.mark.parametrize("key", SECRETS)
def test_secret_that_is_set_as_one_is_given_to_who_needs_it(
    key: str, defaults: dict[str, Any]
) -> None:
    """Every machine and every site that has none of its own gets it, as a secret."""
    values, name = SECRETS[key]
    chosen = settings.check(
        engine_form(defaults | {"subnets": PURPOSES, key: "open sesame"} | values),
        project=PROJECT,
        is_secret=lambda path: path == f"{PROJECT}:{key}",
    )
    assert isinstance(holder_in(chosen)[name], pulumi.Output)
    assert "sesame" not in repr(chosen)


OWN_SECRETS = {
    "of a machine": (
        "jumpBox",
        {"machines": {"desk": {**WINDOWS["machines"]["desk"]}}},
        ("machines", "desk", "administratorPassword"),
    ),
    "of a site": ("hybridGateway", SITE, ("sites", "office", "sharedKey")),
    "of a RADIUS server": (
        "hybridGateway",
        {
            "vpn": {},
            "pointToSite": {
                "addressPool": ["172.20.0.0/24"],
                "radiusServers": {"first": {"address": "10.20.0.9"}},
            },
        },
        ("pointToSite", "radiusServers", "first", "secret"),
    ),
    "of a circuit": (
        "hybridGateway",
        {"expressRoute": {"circuits": {"west": {"existingId": "x"}}}},
        ("expressRoute", "circuits", "west", "authorizationKey"),
    ),
}


def with_secret(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The same values with a secret at a path."""
    copied = json.loads(json.dumps(values))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = "open sesame"
    return copied


@pytest.mark.parametrize(
    ("key", "values", "path"), OWN_SECRETS.values(), ids=OWN_SECRETS
)
def test_secrets_of_one_thing_are_set_by_path(
    key: str, values: dict[str, Any], path: tuple[str, ...], defaults: dict[str, Any]
) -> None:
    """In plain text they are refused with the command; as secrets they stay secret."""
    full = ".".join((key, *path))
    given = defaults | {"subnets": PURPOSES, key: with_secret(values, path)}
    (problem,) = problems(given)
    assert problem == (
        f"private-azureml:{full}: is a secret but stands in plain text; run `pulumi "
        f"config set --secret --path private-azureml:{full}`"
    )
    chosen = settings.check(
        engine_form(given),
        project=PROJECT,
        is_secret=lambda name: name == f"{PROJECT}:{key}",
    )
    assert "sesame" not in repr(chosen)


@pytest.mark.parametrize("value", [12345, ["open sesame"], {"value": "open sesame"}])
def test_a_secret_of_the_wrong_type_is_not_printed(
    value: Any, defaults: dict[str, Any]
) -> None:
    """The message says what it should be, and not what it is."""
    machine = {"operatingSystem": "windows", "administratorPassword": value}
    (problem,) = problems(defaults | {"jumpBox": {"machines": {"desk": machine}}})
    assert problem == (
        "private-azureml:jumpBox.machines.desk.administratorPassword: should be a "
        "valid string"
    )


def test_a_key_that_holds_secrets_is_not_printed(defaults: dict[str, Any]) -> None:
    """Whatever stands in the wrong place of it may be one."""
    found = problems(
        defaults | {"jumpBox": {"machines": ["open sesame"]}},
        is_secret=lambda path: path == f"{PROJECT}:jumpBox",
    )
    assert found == ("private-azureml:jumpBox.machines: should be an object",)


SERVICE = {
    "backendPools": {"machines": {"interfaces": {"first": {}}}},
    "probes": {"health": {"protocol": "Tcp", "port": 443}},
    "rules": {"https": {"probe": "health", "port": 443}},
    "privateLink": {},
}
NEEDED_SUBNETS = {
    "bastion": ({"jumpBox": {"bastion": {}}}, "bastion", "jumpBox.bastion"),
    "machines": (
        {"jumpBox": {"machines": {"a": {"operatingSystem": "linux"}}}},
        "jump_box",
        "jumpBox.machines",
    ),
    "vpn": ({"hybridGateway": {"vpn": {}}}, "gateway", "hybridGateway.vpn"),
    "expressRoute": (
        {"hybridGateway": {"expressRoute": {}}},
        "gateway",
        "hybridGateway.expressRoute",
    ),
    "resolver": (
        {"hybridGateway": {"resolver": {}}},
        "resolver_inbound",
        "hybridGateway.resolver",
    ),
    "rules": (
        {
            "hybridGateway": {
                "resolver": {
                    "forwardingRules": {"a": {"domain": "b.c", "servers": ["10.1.1.1"]}}
                }
            }
        },
        "resolver_outbound",
        "hybridGateway.resolver.forwardingRules",
    ),
    "service": ({"publishedService": SERVICE}, "load_balancer", "publishedService"),
    "machines of a service": (
        {"publishedService": SERVICE},
        "inference",
        "publishedService.backendPools",
    ),
    "Private Link": (
        {"publishedService": SERVICE},
        "private_link_service",
        "publishedService.privateLink",
    ),
}


@pytest.mark.parametrize(
    ("values", "purpose", "key"), NEEDED_SUBNETS.values(), ids=NEEDED_SUBNETS
)
def test_ways_in_need_one_subnet_of_their_purpose(
    values: dict[str, Any], purpose: str, key: str, defaults: dict[str, Any]
) -> None:
    """None and several are refused, with what needs it."""
    all_purposes = PURPOSES | {
        "in": {"purpose": "resolver_inbound"},
        "out": {"purpose": "resolver_outbound"},
        "models": {"purpose": "inference"},
        "frontends": {"purpose": "load_balancer"},
        "consumers": {"purpose": "private_link_service"},
    }
    settings.check(
        engine_form(defaults | values | {"subnets": all_purposes}), project=PROJECT
    )
    without = {n: s for n, s in all_purposes.items() if s["purpose"] != purpose}
    (problem,) = problems(defaults | values | {"subnets": without})
    assert problem == (
        f"private-azureml:subnets: should have one subnet of purpose '{purpose}', "
        f"which {key} is placed in, got none"
    )
    twice = all_purposes | {"again": {"purpose": purpose}}
    (problem,) = problems(defaults | values | {"subnets": twice})
    assert problem.endswith(" and again")


@pytest.mark.parametrize(
    "bastion", [{"tier": "Developer"}, None], ids=["Developer", "one that exists"]
)
def test_some_bastions_need_no_subnet(
    bastion: dict[str, str] | None, defaults: dict[str, Any]
) -> None:
    """The shared tier has none, and one that exists has its own."""
    jump_box = {"bastion": bastion} if bastion else {"existingBastionId": "x"}
    chosen = settings.check(
        engine_form(defaults | {"jumpBox": jump_box}), project=PROJECT
    )
    assert chosen.uses_developer_bastion == (bastion is not None)


@pytest.mark.parametrize(
    ("service", "unneeded"),
    [
        ({**SERVICE, "privateLink": None}, "private_link_service"),
        ({**SERVICE, "backendPools": {"machines": {}}}, "inference"),
        (
            {"existingFrontendIds": ["/one"], "privateLink": {}},
            "load_balancer",
        ),
    ],
)
def test_some_services_need_fewer_subnets(
    service: dict[str, Any], unneeded: str, defaults: dict[str, Any]
) -> None:
    """What is not there is placed nowhere."""
    left = {key: value for key, value in service.items() if value is not None}
    subnets = PURPOSES | {
        purpose: {"purpose": purpose}
        for purpose in ("inference", "load_balancer", "private_link_service")
        if purpose != unneeded
    }
    chosen = settings.check(
        engine_form(defaults | {"publishedService": left, "subnets": subnets}),
        project=PROJECT,
    )
    assert chosen.published_service is not None


def test_a_service_is_typed_and_takes_no_place_by_itself(
    defaults: dict[str, Any],
) -> None:
    """Misspelt keys, wrong types and what the program gives are told with paths."""
    service = {
        **SERVICE,
        "probe": {},
        "privateLink": {"subnetId": "/x", "visibleTo": "*"},
        "rules": {"https": {"probe": "health", "port": "443"}},
    }
    found = problems(defaults | {"publishedService": service})
    start = "private-azureml:publishedService."
    assert [line.partition(": ")[0].removeprefix(start) for line in found] == [
        "rules.https.port",
        "privateLink.visibleTo",
        "privateLink.subnetId",
        "probe",
    ]
    assert "did you mean `probes`?" in found[-1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), json_values, max_size=4), st.data()
)
def test_any_input_is_accepted_or_refused_with_paths(
    extra: dict[str, Any], data: st.DataObject
) -> None:
    """Whatever stands in the YAML, the answer is settings or lines that name keys."""
    project_file = Path(settings.__file__).with_name("Pulumi.yaml")
    known = yaml.safe_load(project_file.read_text())["config"]
    values = {k: v.get("default", v.get("value")) for k, v in known.items()}
    for key in data.draw(st.sets(st.sampled_from(sorted(known)))):
        values[key] = data.draw(json_values)
    try:
        settings.check(engine_form(values | extra), project=PROJECT)
    except settings.SettingsError as error:
        assert error.problems
        assert all(line.startswith(f"{PROJECT}:") for line in error.problems)
