"""What every part of one workspace has in common: names, place, tags, parent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, ResourceOptions

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
