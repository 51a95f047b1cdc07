"""What decides about a place as one number: where packets start, or where they end."""

from collections.abc import Hashable

from azureml_reachability.end_values import End, EndKind
from azureml_reachability.ends import ends_of
from azureml_reachability.ends_in_subnets import end_of_endpoint
from azureml_reachability.part_contents import Numbers, PartContents
from azureml_reachability.place_names import Place, PlaceKind
from azureml_reachability.topology import (
    Gateway,
    PrivateEndpoint,
    Subnet,
    Topology,
)
from azureml_reachability.ways import gateway_subnet


class Contents(PartContents):
    """The contents of the places of one topology.

    Two places of equal numbers, in whichever topologies, reach each other alike.
    """

    def __init__(
        self, topology: Topology, numbers: Numbers, *, with_guards: bool = True
    ) -> None:
        """Read a topology, as ``PartContents`` does."""
        super().__init__(topology, numbers, with_guards=with_guards)
        self._endpoints: dict[str, list[PrivateEndpoint]] = {}
        for endpoint in topology.endpoints:
            names = {name.lower() for name in (endpoint.name, *endpoint.aliases)}
            for name in names:
                self._endpoints.setdefault(name, []).append(endpoint)

    def source(self, place: Place) -> int:
        """Return the number of all that decides where packets of a place start.

        Raises:
            UnknownPlace: the topology does not have it.
        """
        return self._numbers.of(*(self._source(end) for end in self.ends(place)))

    def destination(self, place: Place) -> int:
        """Return the number of all that decides where packets to a place end; raises
        as ``source``."""
        return self._numbers.of(*(self._destination(end) for end in self.ends(place)))

    def ends(self, place: Place) -> tuple[End, ...]:
        """Return the ends that a place is; raises as ``source``."""
        if place.kind is PlaceKind.ENDPOINT:
            named = self._endpoints.get(place.name.lower())
            if named:
                return tuple(end_of_endpoint(self._topology, each) for each in named)
        return ends_of(self._topology, place)

    def _source(self, end: End) -> int:
        gateway = end.gateway
        return self._numbers.of(
            self._end(end),
            end.subnet and self.leaving(end.subnet),
            gateway and self.leaving(self._behind(gateway)),
            self._translations() if end.kind is EndKind.INTERNET else 0,
        )

    def _destination(self, end: End) -> int:
        return self._numbers.of(
            self._end(end), end.subnet and self.arriving(end.subnet)
        )

    def _end(self, end: End) -> int:
        return self._numbers.of(
            end.kind,
            end.addresses,
            end.one_of is not None,
            bool(end.missing),
            end.network and end.network.name,
            end.interface and self.interface(end.interface),
            end.endpoint and self.members(end.endpoint.application_groups),
            end.gateway and self.gateway(end.gateway),
        )

    def _behind(self, gateway: Gateway) -> Subnet:
        """Return the subnet that packets from behind a gateway come from."""
        return gateway.subnet or gateway_subnet(self._topology, gateway.network)

    def _translations(self) -> Hashable:
        return tuple(
            (each.address, each.port)
            for firewall in self._topology.firewalls
            for each in firewall.rules.translations
        )
