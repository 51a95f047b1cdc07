"""What every part of one workspace has in common: names, place, tags, parent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._place import Place
from azureml_rulebook.names import Naming


@dataclass(frozen=True, kw_only=True)
class WorkspaceParts:
    """The surroundings in which a part of the workspace is made."""

    name: str
    """Name of the component; the Pulumi names of all children begin with it."""
    parent: pulumi.Resource
    place: Place
    naming: Naming
    """What the Azure names of all children are made of."""
    resource_group_name: Input[str]
    tags: Mapping[str, Input[str]] | None

    def options(self, waits_for: Iterable[pulumi.Resource] = ()) -> ResourceOptions:
        """Return the options of a child that is made after ``waits_for``."""
        return ResourceOptions(parent=self.parent, depends_on=list(waits_for))

    def kept_options(
        self, waits_for: Iterable[pulumi.Resource] = ()
    ) -> ResourceOptions:
        """Return the options of a child that keeps its name when it is deleted.

        Azure holds on to what was deleted, so that a replacement of the same name could
        not be made after it. It is to be made first: Azure refuses that while the old
        one is there, and nothing is lost.
        """
        return ResourceOptions.merge(
            self.options(waits_for), ResourceOptions(delete_before_replace=False)
        )


def name_in_subnet(name: str, subnet_id: Input[str] | None) -> Input[str]:
    """Return ``name``, depending on the subnet that its resource lives in.

    Compute cannot move, and Azure deletes no subnet in use. The engine deletes with a
    subnet what it sees to be replaced for it, and it sees that by a top-level input
    that cannot change: the subnet itself stands too deep in compute's properties. The
    name stays known while the subnet's id is not, for whoever reads a preview.
    """
    if subnet_id is None or isinstance(subnet_id, str):
        return name
    return Output.from_input(subnet_id).apply(lambda _: name, run_with_unknowns=True)
