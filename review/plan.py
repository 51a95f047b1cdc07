"""The plan: what a stack would hold after this change, as plain JSON.

It is made from the digest that `pulumi preview --json --show-sames` prints. The format
is a contract (docs/review.md): others read `plan.json`, and every report is made of it.
"""

import json
import posixpath
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from review.outcomes import Misuse
from review.urns import is_housekeeping, name_of, type_of

Plan = dict[str, Any]
Resource = dict[str, Any]

SECRET = "[secret]"
UNKNOWN = {"unknown": True}

# The engine's marks, from sdk/go/common/resource/plugin/rpc.go (unknowns) and
# sdk/go/common/resource/sig/sig.go (signatures) of pulumi.
_UNKNOWN_MARKS = (
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
_OUTPUT_SIGNATURE = "d0e6a833031e9bbcd3f4e8bde6ca49a4"

_READ_FIELDS = {
    "urn",
    "type",
    "name",
    "inputs",
    "dependencies",
    "propertyDependencies",
}
"""What a resource of a plan must have to be worked with."""
_API_VERSION = "azureApiVersion"
"""What azure-native adds to every resource's inputs for its own use."""
_REPLACING = {
    "replace",
    "create-replacement",
    "delete-replaced",
    "read-replacement",
    "import-replacement",
    "discard-replaced",
}
_OPERATIONS = {
    "create": "create",
    "import": "create",
    "update": "update",
    "delete": "delete",
    "discard": "delete",
    "remove-pending-replace": "delete",
}
_LIBRARY_FOLDERS = {"site-packages", "dist-packages", ".venv", "venv", "node_modules"}
_POSITION = re.compile(r"^(?P<scheme>[a-z]+)://(?P<file>[^#]*)#(?P<line>\d+)")


def plan_from_digest(
    digest: dict[str, Any],
    *,
    project: str,
    stack: str,
    project_directory: str,
    diagnostics: Iterable[dict[str, str]] = (),
) -> Plan:
    """The plan of a preview.

    `digest` is what `pulumi preview --json` prints. `project_directory` is the absolute
    path that source files are made relative to. `diagnostics` are dictionaries with
    `severity`, `message` and `urn`.
    """
    resources: dict[str, Resource] = {}
    deletions: dict[str, Resource] = {}
    for step in digest.get("steps") or []:
        state = step.get("newState")
        operation = _operation(step["op"])
        if operation == "delete" and state is None:
            deletions[step["urn"]] = _deletion(step)
        elif state is not None:
            known = resources.get(step["urn"])
            resource = _resource(step, state, operation, project_directory)
            resources[step["urn"]] = _merged(known, resource) if known else resource
    return {
        "project": project,
        "stack": stack,
        "resources": list(resources.values()),
        "deletions": [each for urn, each in deletions.items() if urn not in resources],
        "diagnostics": list(diagnostics),
    }


def read_plan(file: Path) -> Plan:
    """A plan.json that a review has written.

    Raises `Misuse` when the file cannot be read, or is no plan.
    """
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise Misuse(f"--plan: {file} cannot be read as JSON: {reason}") from error
    resources = plan.get("resources") if isinstance(plan, dict) else None
    if not isinstance(resources, list) or not all(
        isinstance(each, dict) and each.keys() >= _READ_FIELDS for each in resources
    ):
        raise Misuse(
            f"--plan: {file} is no plan; name a plan.json that "
            "`python -m review preview` has written"
        )
    return plan


def plain_value(value: Any) -> Any:
    """A property value as reports may hold it: no secret, unknowns marked.

    A text that contains the engine's mark of an unknown is unknown as a whole.
    """
    if isinstance(value, str):
        unknown = any(mark in value for mark in _UNKNOWN_MARKS)
        return dict(UNKNOWN) if unknown else value
    if isinstance(value, list):
        return [plain_value(each) for each in value]
    if isinstance(value, dict):
        signature = value.get(_SIGNATURE)
        if signature == _SECRET_SIGNATURE:
            return SECRET
        if signature == _OUTPUT_SIGNATURE:
            return _plain_output(value)
        return {key: plain_value(each) for key, each in value.items()}
    return value


def source_of(
    state: dict[str, Any], project_directory: str
) -> dict[str, str | int] | None:
    """Where the user's program makes a resource: `{"file": …, "line": …}`.

    That is the innermost call inside the project and outside of installed libraries,
    with the file relative to the project; else the position that the engine names.
    Pulumi's own resources have none: nothing in the program makes them.
    """
    if is_housekeeping(state.get("type", "")):
        return None
    frames = [
        frame["sourcePosition"]
        for frame in state.get("stackTrace") or []
        if frame.get("sourcePosition")
    ]
    if position := state.get("sourcePosition"):
        frames = [position, *frames]
    places = [place for frame in frames if (place := _place(frame, project_directory))]
    own = [place for place in places if _is_own(str(place["file"]))]
    return next(iter(own or places), None)


def _is_bookkeeping(key: str) -> bool:
    """Whether a provider added an input for its own use; no program sets these."""
    return key == _API_VERSION or key.startswith("__")


def _operation(step_operation: str) -> str:
    if step_operation in _REPLACING:
        return "replace"
    return _OPERATIONS.get(step_operation, "same")


def _resource(
    step: dict[str, Any], state: dict[str, Any], operation: str, project_directory: str
) -> Resource:
    return {
        **_identity(step, state),
        "operation": operation,
        "changedProperties": _changed_properties(step),
        "replaceReasons": sorted(step.get("replaceReasons") or []),
        "inputs": {
            key: plain_value(value)
            for key, value in (state.get("inputs") or {}).items()
            if not _is_bookkeeping(key)
        },
        "dependencies": list(state.get("dependencies") or []),
        "propertyDependencies": {
            name: list(urns or [])
            for name, urns in (state.get("propertyDependencies") or {}).items()
        },
        "source": source_of(state, project_directory),
    }


def _deletion(step: dict[str, Any]) -> Resource:
    return _identity(step, step.get("oldState") or {})


def _identity(step: dict[str, Any], state: dict[str, Any]) -> Resource:
    """Which resource a step is about."""
    return {
        "urn": step["urn"],
        "type": state.get("type") or type_of(step["urn"]),
        "name": name_of(step["urn"]),
        "parent": state.get("parent") or None,
        "custom": bool(state.get("custom")),
    }


def _merged(known: Resource, later: Resource) -> Resource:
    """One entry for the several steps that the engine needs to replace a resource."""
    changed = {*known["changedProperties"], *later["changedProperties"]}
    reasons = {*known["replaceReasons"], *later["replaceReasons"]}
    replaced = "replace" in (known["operation"], later["operation"])
    return later | {
        "operation": "replace" if replaced else later["operation"],
        "changedProperties": sorted(changed),
        "replaceReasons": sorted(reasons),
    }


def _changed_properties(step: dict[str, Any]) -> list[str]:
    if step["op"] in ("create", "same"):
        return []
    return sorted(step.get("detailedDiff") or step.get("diffReasons") or [])


def _plain_output(value: dict[str, Any]) -> Any:
    if value.get("secret"):
        return SECRET
    return plain_value(value["value"]) if "value" in value else dict(UNKNOWN)


def _place(position: str, project_directory: str) -> dict[str, str | int] | None:
    """A position such as `project:///__main__.py#12,3`, in parts."""
    match = _POSITION.match(position)
    if not match:
        return None
    file = unquote(match["file"])
    if match["scheme"] == "project":
        file = posixpath.join(project_directory, file.lstrip("/"))
    path = PurePosixPath(posixpath.normpath(file))
    if path.is_relative_to(project_directory):
        path = path.relative_to(project_directory)
    return {"file": str(path), "line": int(match["line"])}


def _is_own(file: str) -> bool:
    path = PurePosixPath(file)
    return not path.is_absolute() and not _LIBRARY_FOLDERS.intersection(path.parts)
