"""Names that tell the things of a plan apart: Azure's own, where it is the only one.

Networks of two resource groups, or of two environments in one stack, often have the
same name in Azure; questions are asked by name, and have to mean one thing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from azureml_reachability._plan.values import PlanResource


def distinct_names(
    resources: Iterable[PlanResource], key: str
) -> dict[PlanResource, str]:
    """Return a name for each resource, without regard to case no two the same.

    It is the one in Azure, at ``key``. Where several have it, the resource group stands
    before it, or Pulumi's name, or else a number: ``rg-dev/vnet``.
    """
    same: defaultdict[str, list[PlanResource]] = defaultdict(list)
    for resource in resources:
        same[resource.azure_name(key).lower()].append(resource)
    return {
        resource: f"{before}/{resource.azure_name(key)}"
        if before
        else resource.azure_name(key)
        for items in same.values()
        for resource, before in zip(items, _before(items), strict=True)
    }


def numbered(name: str, taken: set[str]) -> str:
    """Return ``name``, with a number if it is taken, and take it."""
    number, found = 1, name
    while found.lower() in taken:
        number += 1
        found = f"{name} ({number})"
    taken.add(found.lower())
    return found


def _before(items: Sequence[PlanResource]) -> list[str]:
    """Return what tells resources of one name apart; nothing where there is one."""
    if len(items) == 1:
        return [""]
    choices: tuple[Callable[[PlanResource], object], ...] = (
        lambda each: each.at("resourceGroupName").text(),
        lambda each: each.name,
    )
    for choice in choices:
        found = [choice(each) for each in items]
        texts = [text for text in found if isinstance(text, str) and text]
        if len({text.lower() for text in texts}) == len(items):
            return texts
    return [str(number) for number in range(1, len(items) + 1)]
