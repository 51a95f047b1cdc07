"""What every part of one component has in common: names, place, tags, parent."""

from asyncio import gather
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._place import Place


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The surroundings in which a part of a component is made."""

    name: str
    """Name of the component; the Pulumi names of all children begin with it."""
    parent: pulumi.Resource
    resource_group_name: Input[str]
    place: Place
    tags: Mapping[str, Input[str]] | None

    @classmethod
    def of(
        cls,
        name: str,
        component: pulumi.ComponentResource,
        args: Mapping[str, object],
        place: Place,
    ) -> "Surroundings":
        """Return the surroundings of a component's children.

        ``args``: the component's inputs, checked, of which all components have these.
        """
        return cls(
            name=name,
            parent=component,
            resource_group_name=cast(Input[str], args["resource_group_name"]),
            place=place,
            tags=cast(Mapping[str, Input[str]] | None, args.get("tags")),
        )

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
    """Return ``resource_id``, given once ``others`` are made, which it depends on.

    By their URNs, which are known in every preview: an id of a thing to come would make
    this one unknown too, and each resource that uses it would seem to be replaced.
    """
    urns = [other.urn for other in others]
    return Output.all(resource_id, *urns).apply(lambda values: values[0])


def given_after(resource_id: Output[str], *others: pulumi.Resource) -> Output[str]:
    """Return ``resource_id``, given once ``others`` are made, which it only waits for.

    It depends on its own resource alone: where one of the others is replaced, what uses
    this id stays.
    """

    async def value() -> str:
        await gather(*(other.urn.future() for other in others))
        return cast(str, await resource_id.future(with_unknowns=True))

    return Output(
        resource_id.resources(),
        value(),
        resource_id.is_known(),
        resource_id.is_secret(),
    )


def living_with(name: str, host: Input[str]) -> Input[str]:
    """Return ``name``, depending on the resource that ``host`` is an output of.

    What cannot outlive another resource is named so: the engine deletes with a resource
    what it sees to be replaced for it, and it sees that by a top-level input that
    cannot change, as names are. The name itself is known in every preview.
    """
    if isinstance(host, str):
        return name
    output = Output.from_input(host)

    async def value() -> str:
        return name

    async def always() -> bool:
        return True

    async def never() -> bool:
        return False

    return Output(output.resources(), value(), always(), never())
