"""What stands in the subnets of a plan: machines, compute, Bastion, gateways and
firewalls, and private endpoints."""

from collections.abc import Iterator

from azureml_reachability._plan.groups import application_group
from azureml_reachability._plan.joins import Elsewhere, Plan
from azureml_reachability._plan.names import distinct_names
from azureml_reachability._plan.networks import Networks
from azureml_reachability._plan.values import PlanResource, Value, read_ranges
from azureml_reachability.addresses import AddressSet
from azureml_reachability.group_rules import ONE_OF, SecurityGroup
from azureml_reachability.missing import Missing
from azureml_reachability.topology import (
    Interface,
    Kind,
    PrivateEndpoint,
    PublicAddress,
    Subnet,
)

_GROUP = "network:networksecuritygroup"
_INTERFACE = "network:networkinterface"
_PUBLIC = "network:publicipaddress"
_BALANCER = "network:loadbalancer"


class Interfaces:
    """Reads what stands in subnets."""

    def __init__(
        self,
        plan: Plan,
        networks: Networks,
        groups: dict[PlanResource, SecurityGroup],
    ) -> None:
        self._plan = plan
        self._networks = networks
        self._groups = groups

    def all(self) -> Iterator[Interface]:
        """Yield all interfaces."""
        machines = self._machine_names()
        for resource in self._plan.of_type(_INTERFACE):
            yield self._interface(resource, machines.get(resource, ()))
        for resource in self._plan.of_type("machinelearningservices:compute"):
            yield from self._compute(resource)
        for resource in self._plan.of_type("compute:virtualmachinescaleset"):
            yield from self._scale_set(resource)
        for key, name_key, kind in (
            ("network:bastionhost", "bastionHostName", Kind.BASTION),
            (
                "network:virtualnetworkgateway",
                "virtualNetworkGatewayName",
                Kind.GATEWAY,
            ),
            ("network:azurefirewall", "azureFirewallName", Kind.FIREWALL),
        ):
            for resource in self._plan.of_type(key):
                yield from self._service(resource, name_key, kind)

    def _machine_names(self) -> dict[PlanResource, tuple[str, ...]]:
        """Return the names of the machine of each interface."""
        names: dict[PlanResource, tuple[str, ...]] = {}
        for machine in self._plan.of_type("compute:virtualmachine"):
            for item in machine.at("networkProfile.networkInterfaces").items():
                found = self._plan.meant(item, _INTERFACE)
                if isinstance(found, PlanResource):
                    names[found] = (machine.azure_name("vmName"), machine.name)
        return names

    def _interface(
        self, resource: PlanResource, machine_names: tuple[str, ...]
    ) -> Interface:
        listed = resource.at("ipConfigurations")
        configurations = list(listed.items())
        subnet: Subnet | Missing | None = None
        for item in configurations:
            subnet = subnet or self._networks.subnet(item.at("subnet"))
        addresses, path = self._addresses(configurations)
        own_name = resource.azure_name("networkInterfaceName")
        return Interface(
            name=machine_names[0] if machine_names else own_name,
            subnet=subnet or listed.missing("names no subnet"),
            addresses=addresses,
            address_path=path or f"{resource.name}.ipConfigurations",
            group=self._group(resource.at("networkSecurityGroup")),
            application_groups=self._application_groups(
                item.at("applicationSecurityGroups") for item in configurations
            ),
            public=listed.missing()
            if listed.is_unknown
            else self._public(configurations),
            forwards=resource.at("enableIPForwarding").switch(False),
            aliases=(own_name, resource.name, *machine_names),
        )

    def _addresses(self, configurations: list[Value]) -> tuple[AddressSet | None, str]:
        """Return private addresses, and the path of one that is not known.

        None where one of them is not: Azure chooses it in the subnet.
        """
        values = [item.at("privateIPAddress") for item in configurations]
        known, _ = read_ranges(*values)
        for value in values:
            if not isinstance(value.text(), str):
                return None, f"{value.owner.name}.{value.path}"
        return known or None, ""

    def _group(self, value: Value) -> SecurityGroup | Missing | None:
        found = self._plan.meant(value, _GROUP)
        if isinstance(found, PlanResource):
            return self._groups[found]
        if isinstance(found, Elsewhere):
            return value.missing(f"is '{found.text}', which is not in the plan")
        return found

    def _application_groups(self, lists: Iterator[Value]) -> frozenset[str] | Missing:
        keys: set[str] = set()
        for listed in lists:
            if listed.is_unknown:
                return listed.missing()
            for item in listed.items():
                key, missing = application_group(self._plan, item)
                if missing:
                    return missing[0]
                keys.update(key.split(ONE_OF))
        return frozenset(keys)

    def _public(self, configurations: list[Value]) -> PublicAddress | Missing | None:
        """Return what the Internet reaches an interface at."""
        for item in configurations:
            value = item.at("publicIPAddress")
            if not value.is_absent:
                return self._public_address(value)
        for item in configurations:
            for pool in item.at("loadBalancerBackendAddressPools").items():
                return self._balanced(pool)
        return None

    def _public_address(self, value: Value) -> PublicAddress | Missing:
        """Return a public address; where it is not known which, it is there."""
        found = self._plan.meant(value, _PUBLIC)
        if isinstance(found, PlanResource):
            name = found.azure_name("publicIpAddressName")
            return PublicAddress(name=name, standard=_standard(found))
        if value.is_unknown:
            return value.missing()
        name = found.name if isinstance(found, Elsewhere) else value.path
        return PublicAddress(name=name, standard=value.missing("is not in the plan"))

    def _balanced(self, pool: Value) -> PublicAddress | Missing | None:
        """Return the public front of the load balancer that a pool belongs to."""
        found = self._balancer(pool.at("id"))
        if found is None:
            return pool.missing("is of a load balancer that is not in the plan")
        fronts = found.at("frontendIPConfigurations")
        if fronts.is_unknown:
            return fronts.missing()
        for front in fronts.items():
            if front.is_unknown:
                return front.missing()
            if not front.at("publicIPAddress").is_absent:
                name = f"of load balancer {found.azure_name('loadBalancerName')}"
                return PublicAddress(name=name, standard=_standard(found))
        return None

    def _balancer(self, pool: Value) -> PlanResource | None:
        text = pool.text()
        if isinstance(text, str):
            for each in self._plan.of_type(_BALANCER):
                name = each.azure_name("loadBalancerName").lower()
                if f"/loadbalancers/{name}/" in text.lower():
                    return each
            return None
        found = self._plan.origins(pool, _BALANCER)
        return found[0] if len(found) == 1 else None

    def _compute(self, resource: PlanResource) -> Iterator[Interface]:
        """Yield the nodes of compute in a subnet of the plan's."""
        inner = resource.at("properties.properties")
        value = inner.at("subnet")
        if value.is_absent:
            return
        public = inner.at("enableNodePublicIp").switch(True)
        name = resource.azure_name("computeName")
        address = PublicAddress(name=f"of compute {name}", standard=True)
        yield Interface(
            name=name,
            kind=Kind.COMPUTE,
            subnet=self._networks.subnet(value) or value.missing("is not set"),
            public=public
            if isinstance(public, Missing)
            else address
            if public
            else None,
            aliases=(resource.name,),
        )

    def _scale_set(self, resource: PlanResource) -> Iterator[Interface]:
        """Yield the machines of a scale set: any number of them, anywhere."""
        profile = resource.at("virtualMachineProfile.networkProfile")
        for item in profile.at("networkInterfaceConfigurations").items():
            configurations = list(item.at("ipConfigurations").items())
            subnet: Subnet | Missing | None = None
            for each in configurations:
                subnet = subnet or self._networks.subnet(each.at("subnet"))
            name = resource.azure_name("vmScaleSetName")
            public = self._public(configurations)
            if any(
                not each.at("publicIPAddressConfiguration").is_absent
                for each in configurations
            ):
                public = PublicAddress(name=f"of scale set {name}", standard=True)
            yield Interface(
                name=name,
                kind=Kind.COMPUTE,
                subnet=subnet or item.missing("names no subnet"),
                group=self._group(item.at("networkSecurityGroup")),
                application_groups=self._application_groups(
                    each.at("applicationSecurityGroups") for each in configurations
                ),
                public=public,
                aliases=(resource.name,),
            )

    def _service(
        self, resource: PlanResource, name_key: str, kind: Kind
    ) -> Iterator[Interface]:
        """Yield what Azure runs in a subnet of its own."""
        configurations = list(resource.at("ipConfigurations").items())
        for item in configurations[:1]:
            value = item.at("subnet")
            yield Interface(
                name=resource.azure_name(name_key),
                kind=kind,
                subnet=self._networks.subnet(value) or value.missing("is not set"),
                address_path=f"{resource.name}.{item.path}.privateIPAddress",
                public=self._service_address(configurations),
                aliases=(resource.name,),
            )

    def _service_address(
        self, configurations: list[Value]
    ) -> PublicAddress | Missing | None:
        """Return a service's public address; which of several does not matter."""
        public = self._public(configurations)
        first = configurations[0]
        asked = first.at("publicIPAddress").at("id")
        if isinstance(public, Missing) and not (first.is_unknown or asked.is_absent):
            return PublicAddress(name=f"of {asked.owner.name}")
        return public

    def endpoints(self) -> Iterator[PrivateEndpoint]:
        """Yield all private endpoints."""
        names = distinct_names(
            self._plan.of_type("network:privateendpoint"), "privateEndpointName"
        )
        for resource, name in names.items():
            value = resource.at("subnet")
            listed = resource.at("ipConfigurations")
            addresses, _ = read_ranges(
                *(item.at("properties.privateIPAddress") for item in listed.items()),
                *(item.at("privateIPAddress") for item in listed.items()),
            )
            connections = [
                item
                for key in (
                    "privateLinkServiceConnections",
                    "manualPrivateLinkServiceConnections",
                )
                for item in resource.at(key).items()
            ]
            group_ids = [
                text
                for item in connections
                for text in item.at("groupIds").texts()
                if isinstance(text, str)
            ]
            yield PrivateEndpoint(
                name=name,
                subnet=self._networks.subnet(value) or value.missing("is not set"),
                addresses=addresses or None,
                address_path=f"{resource.name}.ipConfigurations",
                target=self._target(connections),
                group_ids=tuple(group_ids),
                application_groups=self._application_groups(
                    iter([resource.at("applicationSecurityGroups")])
                ),
                aliases=(resource.name,),
            )

    def _target(self, connections: list[Value]) -> str | None:
        """Return the name of what an endpoint leads to, for people to read."""
        for item in connections:
            value = item.at("privateLinkServiceId")
            text = value.text()
            if isinstance(text, str) and text:
                return text.rstrip("/").rpartition("/")[2]
            for urn in item.owner.edges.get(item.path.partition("[")[0], ()):
                return urn.rpartition("::")[2]
        return None


def _standard(resource: PlanResource) -> bool | Missing:
    """Return whether an address or load balancer is Standard, which is no default."""
    value = resource.at("sku.name")
    text = value.text()
    if isinstance(text, Missing):
        return text
    return text is not None and text.lower() != "basic"
