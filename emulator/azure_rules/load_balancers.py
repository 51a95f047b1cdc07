"""Load balancers: what their parts refer to, and outbound rules.

https://learn.microsoft.com/azure/load-balancer/outbound-rules
https://learn.microsoft.com/azure/load-balancer/skus
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.public_addresses import found, is_standard
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import id_key, last_name

_POOL = "network:LoadBalancerBackendAddressPool"
_USING_PARTS = ("loadBalancingRules", "outboundRules", "inboundNatRules")
_REFERENCES = (
    "frontendIPConfiguration",
    "frontendIPConfigurations",
    "backendAddressPool",
    "backendAddressPools",
    "probe",
)


def sku_is_offered(write: Write) -> None:
    """The Basic SKU is retired; a balancer's addresses are of its own SKU.

    https://learn.microsoft.com/azure/load-balancer/load-balancer-basic-upgrade-guidance
    """
    sku = str(at(write.inputs, "sku", "name") or "Basic").lower()
    if sku == "basic":
        raise AzureError(
            400,
            "BasicSkuLoadBalancerNotSupported",
            f"Basic sku load balancer {write.id} cannot be created: the Basic SKU is "
            "retired. Use the Standard SKU.",
        )
    for front in write.inputs.get("frontendIPConfigurations") or []:
        address = found(write.store, at(front, "publicIPAddress", "id"))
        if address and not is_standard(address.body):
            raise AzureError(
                400,
                "PublicIPAndLBSkuDoNotMatch",
                f"Standard sku load balancer {write.id} cannot reference Basic sku "
                f"publicIP {address.id}.",
            )


def zones_stay(write: Write) -> None:
    """A front end keeps its zones.

    https://github.com/Azure/azure-powershell/issues/14326
    """
    if write.existing is None:
        return
    before = _zones(write.existing.body)
    for name, zones in _zones(write.inputs).items():
        had = before.get(name, zones)
        if had != zones:
            raise AzureError(
                400,
                "ResourceAvailabilityZonesCannotBeModified",
                f"Resource {write.id}/frontendIPConfigurations/{name} has an existing "
                f"availability zone constraint {', '.join(sorted(had))} and the "
                f"request has availability zone constraint {', '.join(sorted(zones))}, "
                "which do not match.",
            )


def _zones(balancer: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {
        str(front.get("name")): frozenset(front.get("zones") or ())
        for front in balancer.get("frontendIPConfigurations") or []
    }


def parts_exist(write: Write) -> None:
    """Rules refer to front ends, pools and probes that the balancer has."""
    own = id_key(write.id)
    pools = [p for p in write.store.children(write.id, _POOL)]
    known = {id_key(pool.id) for pool in pools}
    for name in ("frontendIPConfigurations", "backendAddressPools", "probes"):
        for part in write.inputs.get(name) or []:
            known.add(id_key(f"{write.id}/{name}/{at(part, 'name')}"))
    for rules in _USING_PARTS:
        for rule in write.inputs.get(rules) or []:
            for referenced in _referenced(rule):
                key = id_key(referenced)
                if key.startswith(own) and key not in known:
                    raise AzureError(
                        400,
                        "InvalidResourceReference",
                        f"Resource {referenced} referenced by resource "
                        f"{write.id}/{rules}/{at(rule, 'name')} was not found. Please "
                        "make sure that the referenced resource exists, and that both "
                        "resources are in the same region.",
                    )


def outbound_rules_are_public(write: Write) -> None:
    """Outbound rules: public front ends, each once for a protocol, no other SNAT."""
    used: dict[str, list[tuple[str, str]]] = {}
    fronts = {
        id_key(f"{write.id}/frontendIPConfigurations/{at(front, 'name')}"): front
        for front in write.inputs.get("frontendIPConfigurations") or []
    }
    for rule in write.inputs.get("outboundRules") or []:
        name = str(at(rule, "name"))
        protocol = str(at(rule, "protocol")).lower()
        for reference in at(rule, "frontendIPConfigurations") or []:
            front_id = str(at(reference, "id"))
            front = fronts.get(id_key(front_id))
            if front is not None and not _is_public(front):
                raise _internal(write.id, front_id)
            for other, other_protocol in used.setdefault(id_key(front_id), []):
                if protocol == other_protocol or "all" in (protocol, other_protocol):
                    raise _twice(front_id, other, name)
            used[id_key(front_id)].append((name, protocol))
    for rule in write.inputs.get("loadBalancingRules") or []:
        front_id = str(at(rule, "frontendIPConfiguration", "id"))
        rules = used.get(id_key(front_id))
        if rules and at(rule, "disableOutboundSnat") is not True:
            raise AzureError(
                400,
                "LoadBalancingRuleMustDisableSNATSinceSameFrontendIPConfiguration"
                "IsReferencedByOutboundRule",
                f"Load balancing rule {at(rule, 'name')} must disable SNAT "
                f"(disableOutboundSnat) since outbound rule {rules[0][0]} references "
                f"the same frontend IP configuration {front_id}.",
            )


def _is_public(front: Mapping[str, Any]) -> bool:
    return bool(at(front, "publicIPAddress") or at(front, "publicIPPrefix"))


def _referenced(rule: Mapping[str, Any]) -> Iterator[str]:
    for name in _REFERENCES:
        value = rule.get(name)
        for reference in value if isinstance(value, list) else [value]:
            referenced = at(reference or {}, "id")
            if isinstance(referenced, str):
                yield referenced


def _internal(balancer: str, front_id: str) -> AzureError:
    return AzureError(
        400,
        "InternalLoadBalancerCannotHaveOutboundRules",
        f"Internal load balancer {balancer} cannot have any outbound rules. Either "
        f"remove outbound rules or make sure frontend IP configurations "
        f"{last_name(front_id)} reference public IP addresses and not subnets.",
    )


def _twice(front_id: str, one: str, other: str) -> AzureError:
    return AzureError(
        400,
        "MoreThanOneOutboundRuleUsingSameFrontendIPConfigurationAndProtocolIsNotSupported",
        "Is is not supported to have more than a single outbound rule using "
        f"frontendIPConfiguration {front_id} with same or overlapping protocol. This "
        "frontendIPConfiguration is used by the following outbound rules: "
        f"{one},{other}.",
    )
