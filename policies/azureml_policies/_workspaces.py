"""What several rules ask of a workspace: its kind, and whose network compute lives in.

A project has neither services nor a network of its own: it uses its hub's.
"""

from collections.abc import Iterable, Iterator

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Undecided,
    Unknown,
    undecided,
)
from azureml_policies._plan import WORKSPACE
from azureml_rulebook.workspace_kinds import PROJECT

DOCS = "https://learn.microsoft.com/azure/machine-learning"
_KIND = "kind"
_MODE = "managedNetwork.isolationMode"


def perhaps(
    unknown: Unknown, condition: str, findings: Iterable[Finding]
) -> Iterator[Undecided]:
    """Yield ``findings`` as undecided: they count only on ``condition``.

    ``unknown``: the value that tells whether it is so.
    """
    for finding in findings:
        yield undecided(unknown, f"if {condition}, {finding.message}")


def unless_hub_project(
    workspace: Resource, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings``, unless the workspace is a project, which leans on its hub.

    Where the kind is not known, a finding may not count: it is undecided.
    """
    kind = workspace.value(_KIND)
    match kind:
        case Known() if kind.is_any_of((PROJECT,)):
            raise NotApplicable("a project uses the resources of its hub")
        case Unknown():
            yield from perhaps(kind, f"it is not '{PROJECT}'", findings)
        case _:
            yield from findings


def unless_managed_network(
    workspace: Resource, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings``, unless the service manages the network of the compute."""
    mode = workspace.value(_MODE)
    match is_managed(mode):
        case True:
            raise NotApplicable("compute lives in a managed network")
        case Unknown() as unknown:
            yield from perhaps(unknown, "it is 'Disabled'", findings)
        case False:
            yield from findings


def is_managed(mode: Reading) -> bool | Unknown:
    """Say whether an isolation mode is one of a managed network; unset, it is not."""
    match mode:
        case Unknown():
            return mode
        case Known(is_blank=False):
            return not mode.is_any_of(("Disabled",))
    return False


def isolation_mode(member: Resource, context: Context) -> Reading | None:
    """Return the isolation mode of the network around something in a workspace.

    ``member``: has a ``workspaceName``. Returns None where neither its workspace nor,
    of a project, its hub is in this stack.
    """
    workspace = _named(member, "workspaceName", context)
    if workspace is None:
        return None
    kind = workspace.value(_KIND)
    if isinstance(kind, Known) and kind.is_any_of((PROJECT,)):
        workspace = _named(workspace, "hubResourceId", context)
    return None if workspace is None else workspace.value(_MODE)


def _named(source: Resource, path: str, context: Context) -> Resource | None:
    return context.stack.resolve(source, source.value(path), WORKSPACE).certain
