"""Which resource a value of another means: by id where known, else by the edges that
the engine keeps for every property."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from azureml_reachability._plan.values import PlanResource, Value
from azureml_reachability.missing import Missing
from azureml_rulebook.resource_ids import ResourceId, any_resource_id

ARM_TYPES = {
    "network:applicationsecuritygroup": "microsoft.network/applicationsecuritygroups",
    "network:azurefirewall": "microsoft.network/azurefirewalls",
    "network:firewallpolicy": "microsoft.network/firewallpolicies",
    "network:ipgroup": "microsoft.network/ipgroups",
    "network:loadbalancer": "microsoft.network/loadbalancers",
    "network:localnetworkgateway": "microsoft.network/localnetworkgateways",
    "network:networkinterface": "microsoft.network/networkinterfaces",
    "network:networksecuritygroup": "microsoft.network/networksecuritygroups",
    "network:publicipaddress": "microsoft.network/publicipaddresses",
    "network:routetable": "microsoft.network/routetables",
    "network:serviceendpointpolicy": "microsoft.network/serviceendpointpolicies",
    "network:subnet": "microsoft.network/virtualnetworks/subnets",
    "network:virtualnetwork": "microsoft.network/virtualnetworks",
    "network:virtualnetworkgateway": "microsoft.network/virtualnetworkgateways",
}
"""Types of Azure by their Pulumi types
(https://www.pulumi.com/registry/packages/azure-native/)."""

NAME_KEYS = {
    "network:applicationsecuritygroup": "applicationSecurityGroupName",
    "network:azurefirewall": "azureFirewallName",
    "network:firewallpolicy": "firewallPolicyName",
    "network:ipgroup": "ipGroupsName",
    "network:loadbalancer": "loadBalancerName",
    "network:localnetworkgateway": "localNetworkGatewayName",
    "network:networkinterface": "networkInterfaceName",
    "network:networksecuritygroup": "networkSecurityGroupName",
    "network:publicipaddress": "publicIpAddressName",
    "network:routetable": "routeTableName",
    "network:serviceendpointpolicy": "serviceEndpointPolicyName",
    "network:subnet": "subnetName",
    "network:virtualnetwork": "virtualNetworkName",
    "network:virtualnetworkgateway": "virtualNetworkGatewayName",
}
"""Inputs that hold the names in Azure, same page."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A resource that is not in the plan."""

    id: ResourceId | None
    text: str
    """Its id or name, as it was written."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.id.name if self.id is not None else self.text


Found = PlanResource | Elsewhere | Missing | None
"""What a value means; None where nobody set it."""


class Plan:
    """All resources of a plan, and what their values mean."""

    def __init__(self, resources: Iterable[PlanResource]) -> None:
        self.resources = list(resources)
        self._by_urn = {each.urn: each for each in self.resources}
        self._order = {each.urn: at for at, each in enumerate(self.resources)}
        self._by_key: dict[str, list[PlanResource]] = defaultdict(list)
        self._children: dict[str, list[str]] = defaultdict(list)
        self._by_name: dict[tuple[str, str], list[PlanResource]] = defaultdict(list)
        for each in self.resources:
            self._by_key[each.key].append(each)
            if each.parent:
                self._children[each.parent].append(each.urn)
            name_key = NAME_KEYS.get(each.key)
            if name_key is not None:
                name = each.at(name_key).text()
                if isinstance(name, str):
                    self._by_name[each.key, name.lower()].append(each)

    def of_type(self, *keys: str) -> list[PlanResource]:
        """Return the resources of some types."""
        return [each for key in keys for each in self._by_key.get(key, ())]

    def origins(self, value: Value, *keys: str) -> list[PlanResource]:
        """Return the resources of some types that a value's property comes from.

        A component stands for all that is in it.
        """
        top = value.path.partition(".")[0].partition("[")[0]
        waiting = list(value.owner.edges.get(top, ()))
        found: dict[str, PlanResource] = {}
        seen: set[str] = set()
        while waiting:
            urn = waiting.pop()
            if urn in seen:
                continue
            seen.add(urn)
            resource = self._by_urn.get(urn)
            if resource is None or not resource.key:
                waiting += self._children.get(urn, ())
            elif resource.key in keys:
                found[urn] = resource
        return sorted(found.values(), key=lambda each: self._order[each.urn])

    def meant(self, value: Value, key: str) -> Found:
        """Return what a reference means: an id, or ``{"id": …}``."""
        holder = value
        if isinstance(value.raw, dict) and not value.is_unknown:
            value = value.at("id")
            if value.is_absent:
                return self._by_edges(holder, key)
        if value.is_absent:
            return None
        text = value.text()
        if isinstance(text, Missing):
            return self._by_edges(value, key) if value.is_unknown else text
        if not text:
            return None
        found = any_resource_id(text)
        if found is None:
            return value.wrong("id of a resource")
        return self._by_id(value, found, key)

    def named(self, value: Value, key: str) -> Found:
        """Return what a name means, such as that of a subnet's network."""
        text = value.text()
        if text is None or isinstance(text, Missing):
            return self._by_edges(value, key) if value.is_unknown else text
        found = self._same_group(
            value.owner, self._by_name.get((key, text.lower()), ())
        )
        if len(found) > 1:
            origins = self.origins(value, key)
            found = [each for each in found if each in origins] or found
        if len(found) > 1:
            return value.missing(f"is {len(found)} resources of the plan")
        return found[0] if found else Elsewhere(None, text)

    def _by_edges(self, value: Value, key: str) -> Found:
        found = self.origins(value, key)
        if len(found) == 1:
            return found[0]
        names = ", ".join(each.name for each in found[:5])
        reason = (
            f"is one of {names}, and not known yet" if found else "is not known yet"
        )
        return value.missing(reason)

    def _by_id(self, value: Value, found: ResourceId, key: str) -> Found:
        if found.resource_type.lower() != ARM_TYPES.get(key, ""):
            return value.wrong(f"id of a {key.partition(':')[2]}")
        group = found.resource_group_name.lower()
        candidates = [
            each
            for each in self._by_name.get((key, found.name.lower()), ())
            if may_be(each, "resourceGroupName", group)
            and (
                key != "network:subnet"
                or may_be(each, "virtualNetworkName", found.names[0].lower())
            )
        ]
        if len(candidates) > 1:
            origins = self.origins(value, key)
            candidates = [each for each in candidates if each in origins] or candidates
        if len(candidates) > 1:
            return value.missing(f"is {len(candidates)} resources of the plan")
        return candidates[0] if candidates else Elsewhere(found, str(found))

    def _same_group(
        self, owner: PlanResource, found: Sequence[PlanResource]
    ) -> list[PlanResource]:
        group = owner.at("resourceGroupName").text()
        if not isinstance(group, str):
            return list(found)
        return [
            each for each in found if may_be(each, "resourceGroupName", group.lower())
        ]


def may_be(resource: PlanResource, key: str, lower_text: str) -> bool:
    """Return whether an input has this text, as far as it is known."""
    text = resource.at(key).text()
    return not isinstance(text, str) or text.lower() == lower_text
