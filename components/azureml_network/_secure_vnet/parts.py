"""What every part of one network has in common: names, place, tags, parent."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._place import Place


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The surroundings in which a part of the network is made."""

    name: str
    """Name of the component; the Pulumi names of all children begin with it."""
    parent: pulumi.Resource
    resource_group_name: Input[str]
    place: Place
    tags: Mapping[str, Input[str]] | None

    def options(
        self,
        *waits_for: pulumi.Resource,
        provider: pulumi.ProviderResource | None = None,
    ) -> ResourceOptions:
        """Return the options of a child that is made after ``waits_for``.

        ``provider``: makes it in another subscription; left out, the component's.
        """
        return ResourceOptions(
            parent=self.parent, depends_on=list(waits_for), provider=provider
        )


def once_made(resource_id: Output[str], *others: pulumi.Resource) -> Output[str]:
    """Return ``resource_id``, given once ``others`` are made.

    By their URNs, which are known in every preview: an id of a thing to come would make
    this one unknown too, and each resource that uses it would seem to be replaced.
    """
    urns = [other.urn for other in others]
    return Output.all(resource_id, *urns).apply(lambda values: values[0])
