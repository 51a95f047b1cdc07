"""The topology of a plan: read from its resources, joined by ids or by edges."""

from collections.abc import Iterable

from azureml_reachability._plan.firewalls import read_firewalls
from azureml_reachability._plan.gateways import read_gateways
from azureml_reachability._plan.groups import read_groups
from azureml_reachability._plan.interfaces import Interfaces
from azureml_reachability._plan.joins import Plan
from azureml_reachability._plan.networks import Networks, read_tables
from azureml_reachability._plan.values import plan_resource
from azureml_reachability.topology import Topology
from azureml_rulebook.clouds import PUBLIC
from azureml_rulebook.service_tags import PublishedTags


def topology_of(
    resources: Iterable[object],
    *,
    cloud_name: str = PUBLIC,
    published: PublishedTags | None = None,
) -> Topology:
    """Return the topology of resources as a ``plan.json`` holds them.

    Each is a mapping with ``urn``, ``type``, ``name``, ``inputs`` (in which
    ``{"unknown": true}`` stands for what is not known), ``propertyDependencies`` and,
    if any, ``parent``. Nothing that stands in them raises: what cannot be read is
    ``Missing``, with its path.

    Args:
        resources: in any order; those of other kinds are passed by.
        cloud_name: the cloud whose service tags are meant.
        published: a newer list of service tags of that cloud.
    """
    plan = Plan(
        found for entry in resources if (found := plan_resource(entry)) is not None
    )
    groups = read_groups(plan)
    networks = Networks(plan, groups, read_tables(plan))
    interfaces = Interfaces(plan, networks, groups)
    return Topology(
        networks=networks.networks,
        subnets=networks.subnets,
        interfaces=tuple(interfaces.all()),
        endpoints=tuple(interfaces.endpoints()),
        peerings=networks.peerings,
        loose_peerings=tuple(networks.loose_peerings),
        gateways=read_gateways(plan, networks),
        firewalls=tuple(read_firewalls(plan, networks)),
        groups=tuple(groups.values()),
        application_groups={
            each.urn.lower(): each.azure_name("applicationSecurityGroupName")
            for each in plan.of_type("network:applicationsecuritygroup")
        },
        faults=tuple(networks.faults),
        cloud_name=cloud_name,
        published=published,
    )
