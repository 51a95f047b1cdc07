"""The networks of a plan, and those outside of it: which one an id lies in."""

from dataclasses import dataclass, field

from azureml_policies._frame import (
    Absent,
    Known,
    Reading,
    Resource,
    Stack,
    Unknown,
    parse_arm_id,
)
from azureml_policies._plan import NETWORK, SUBNET


@dataclass(frozen=True, slots=True)
class Network:
    """A virtual network, of this stack or not."""

    key: str
    label: str = field(compare=False)
    """How messages call it."""
    subscription: str = ""
    """Empty for a network of this stack, and where it is not known."""

    def may_be(self, other: "Network") -> bool:
        """Say whether nothing that is known tells this network from ``other``.

        A subscription that nobody configured is taken for the other's.
        """
        subscriptions = {self.subscription, other.subscription} - {""}
        return self.key == other.key and len(subscriptions) < 2


def network_of(stack: Stack, source: Resource, path: str) -> Network | Reading:
    """Return the network that the id at ``path`` lies in, as ``network_at`` does."""
    return network_at(stack, source, source.value(path))


def network_at(stack: Stack, source: Resource, reading: Reading) -> Network | Reading:
    """Return the network that an id lies in, ``reading``, a property of ``source``.

    The id may be a subnet's or a network's. Returns the reading where there is none or
    where it cannot be told.
    """
    reference = stack.resolve(source, reading, SUBNET, NETWORK)
    found = (reference.certain,) if reference.certain else reference.possible
    networks = {network_around(stack, resource) for resource in found}
    if len(networks) == 1 and None not in networks:
        return next(iter(filter(None, networks)))
    arm_id = parse_arm_id(reference.elsewhere)
    if arm_id is None:
        return reading if isinstance(reading, Absent) else Unknown(reading.path)
    if arm_id.parent is not None:
        text = reference.elsewhere.rpartition("/subnets/")[0]
        parent = stack.resolve(source, Known(reading.path, text), NETWORK).certain
        if parent is not None:
            return _network(parent)
        arm_id = arm_id.parent
    return _network_outside(
        arm_id.subscription, arm_id.resource_group, arm_id.names[-1]
    )


def network_around(stack: Stack, resource: Resource) -> Network | None:
    """Return the network that ``resource`` is, or is a child of; None: not known."""
    if resource.key == NETWORK.lower():
        return _network(resource)
    name = resource.value("virtualNetworkName")
    reference = stack.resolve(resource, name, NETWORK)
    if reference.certain is not None:
        return _network(reference.certain)
    group = resource.value("resourceGroupName")
    if isinstance(group, Known) and isinstance(name, Known):
        configured = resource.subscription
        subscription = configured.value if isinstance(configured, Known) else ""
        return _network_outside(str(subscription), str(group.value), str(name.value))
    return None


def _network(resource: Resource) -> Network:
    return Network(resource.urn, f"'{resource.name}'")


def _network_outside(subscription: str, group: str, name: str) -> Network:
    subscription, group, name = subscription.lower(), group.lower(), name.lower()
    where = f"resource group '{group}'"
    if subscription:
        where += f", subscription '{subscription}'"
    return Network(f"{group}/{name}", f"'{name}' ({where})", subscription)
