"""The rules, probes and pools of load balancers.

https://learn.microsoft.com/azure/load-balancer/load-balancer-ha-ports-overview
https://learn.microsoft.com/azure/load-balancer/load-balancer-custom-probe-overview
https://learn.microsoft.com/rest/api/load-balancer/load-balancers/create-or-update
"""

from collections.abc import Mapping
from typing import Any

from emulator.azure_error import AzureError
from emulator.azure_rules.network_cards import cards_of_pool, mixed_pool
from emulator.azure_rules.private_link_services import has_addresses
from emulator.azure_rules.requests import Write, at
from emulator.resource_paths import id_key, last_name

_SHORTEST_INTERVAL = 5
_WITH_PATH = ("http", "https")
_LAST_PORT = 65535


def probes_are_valid(write: Write) -> None:
    """HTTP probes have a path and TCP ones none; none looks too often."""
    for probe in write.inputs.get("probes") or []:
        place = f"{write.id}/probes/{at(probe, 'name')}"
        protocol = str(at(probe, "protocol")).lower()
        path = at(probe, "requestPath")
        if protocol in _WITH_PATH and not path:
            raise _refused(
                "ProbeRequestPathRequired",
                f"Probe {place} of protocol {at(probe, 'protocol')} needs a request "
                "path.",
            )
        if protocol == "tcp" and path:
            raise _refused(
                "ProbeRequestPathNotAllowed",
                f"Probe {place} of protocol Tcp cannot have a request path.",
            )
        interval = at(probe, "intervalInSeconds")
        if isinstance(interval, int | float) and interval < _SHORTEST_INTERVAL:
            raise _refused(
                "ProbeIntervalTooShort",
                f"Probe {place} has an interval of {interval:g} seconds; the shortest "
                f"is {_SHORTEST_INTERVAL}.",
            )


def ports_are_valid(write: Write) -> None:
    """All ports at once: port 0 with protocol All, at an internal front end."""
    for rule in _rules(write):
        place = f"{write.id}/loadBalancingRules/{rule.get('name')}"
        ports = [rule.get("frontendPort"), rule.get("backendPort")]
        everything = str(rule.get("protocol")).lower() == "all"
        if everything != (0 in ports) or (everything and set(ports) - {0, None}):
            raise _refused(
                "LoadBalancingRuleHaPortsRequireProtocolAllAndPortZero",
                f"Load balancing rule {place}: the protocol All goes with the ports 0 "
                "and 0, and no other protocol does.",
            )
        for port in ports:
            if isinstance(port, int | float) and not 0 <= port <= _LAST_PORT:
                raise _refused(
                    "LoadBalancingRuleInvalidPort",
                    f"Load balancing rule {place} has the port {port:g}.",
                )
        if everything and _is_public(write, rule):
            raise _refused(
                "LoadBalancingRuleHaPortsRequireInternalFrontend",
                f"Load balancing rule {place} of all ports needs an internal front "
                "end.",
            )


def rules_do_not_meet(write: Write) -> None:
    """Two rules do not take one front end's port, nor lead to one pool's port.

    https://github.com/MicrosoftDocs/azure-docs/issues/117762
    """
    fronts: dict[tuple[str, Any, str], str] = {}
    pools: dict[tuple[str, Any, str], str] = {}
    for rule in _rules(write):
        name = f"{write.id}/loadBalancingRules/{rule.get('name')}"
        protocol = str(rule.get("protocol")).lower()
        front = (
            _key(rule, "frontendIPConfiguration"),
            rule.get("frontendPort"),
            protocol,
        )
        if front in fronts:
            raise _refused(
                "RulesUseSameFrontendPortProtocolAndIPConfiguration",
                f"Load balancing rules {fronts[front]} and {name} use the same "
                f"frontend port {front[1]} and protocol {rule.get('protocol')} of the "
                "same frontend IP configuration.",
            )
        fronts[front] = name
        pool = (_key(rule, "backendAddressPool"), rule.get("backendPort"), protocol)
        if rule.get("enableFloatingIP") is True or not pool[0]:
            continue
        if pool in pools:
            raise _refused(
                "RulesUseSameBackendPortProtocolAndPool",
                f"Load balancing rules {pools[pool]} and {name} with floating IP "
                f"disabled use the same protocol {rule.get('protocol')} and backend "
                f"port {pool[1]}, and must not be used with the same backend address "
                f"pool {at(rule, 'backendAddressPool', 'id')}.",
            )
        pools[pool] = name


def pool_is_of_one_kind(write: Write) -> None:
    """A pool with interfaces in it gets no addresses.

    https://learn.microsoft.com/azure/load-balancer/backend-pool-management#limitations
    """
    if has_addresses(write.inputs) and any(cards_of_pool(write.store, write.id)):
        raise mixed_pool(write.id)


def _rules(write: Write) -> list[Mapping[str, Any]]:
    given = write.inputs.get("loadBalancingRules") or []
    return [rule for rule in given if isinstance(rule, Mapping)]


def _key(rule: Mapping[str, Any], name: str) -> str:
    referenced = at(rule, name, "id")
    return id_key(referenced) if isinstance(referenced, str) else ""


def _is_public(write: Write, rule: Mapping[str, Any]) -> bool:
    wanted = last_name(str(at(rule, "frontendIPConfiguration", "id"))).lower()
    for front in write.inputs.get("frontendIPConfigurations") or []:
        if str(at(front, "name")).lower() == wanted:
            return bool(at(front, "publicIPAddress") or at(front, "publicIPPrefix"))
    return False


def _refused(code: str, message: str) -> AzureError:
    return AzureError(400, code, message)
