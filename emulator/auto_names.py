"""Names that azure-native makes for resources whose program leaves the name out.

Only the last path parameter is ever named. What kind of name it gets depends on where
the type stands in its path.
"""

import enum
import hashlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.catalogue import ResourceType

CREATE_BEFORE_DELETE = "__createBeforeDelete"
_UUID_PARAMETERS = frozenset({"roleAssignmentName", "roleDefinitionId"})
_RANDOM_DIGITS = 8


class NameKind(enum.Enum):
    """How a left-out name is made.

    RANDOM: the logical name and eight hexadecimal digits. COPY: the logical name.
    UUID: a random UUID.
    """

    RANDOM = "random"
    COPY = "copy"
    UUID = "uuid"


class Mode(enum.IntEnum):
    """The engine's `pulumi:autonaming` setting, numbered as in its protocol."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True)
class Autonaming:
    """What the engine says about a name: its own proposal and how binding it is."""

    proposed_name: str
    mode: Mode


def name_kind(resource_type: ResourceType) -> NameKind | None:
    """How a type's own name is made; None if its path holds no name of its own."""
    path = resource_type.path
    own = path.own_parameter
    if own is None or own not in resource_type.inputs:
        return None
    if own in _UUID_PARAMETERS:
        return NameKind.UUID
    if own == "endpointName" or path.own_levels <= 1:
        return NameKind.RANDOM
    return NameKind.COPY


def fill_name(
    resource_type: ResourceType,
    inputs: dict[str, Any],
    logical_name: str,
    old_inputs: Mapping[str, Any],
    seed: bytes,
    autonaming: Autonaming | None = None,
) -> None:
    """Put a name into `inputs` where the program left it out.

    An old name is kept. A made-up name other than a copy allows the replacement to be
    created before the old resource is deleted; that is noted in the inputs too.
    """
    kind = name_kind(resource_type)
    own = resource_type.path.own_parameter
    if kind is None or own is None or inputs.get(own) is not None:
        return
    if old_inputs.get(own) is not None:
        inputs[own] = old_inputs[own]
        if CREATE_BEFORE_DELETE in old_inputs:
            inputs[CREATE_BEFORE_DELETE] = old_inputs[CREATE_BEFORE_DELETE]
        return
    if autonaming is not None:
        if autonaming.mode is Mode.DISABLE:
            return
        if autonaming.mode is Mode.ENFORCE or kind is not NameKind.UUID:
            inputs[own] = autonaming.proposed_name
            inputs[CREATE_BEFORE_DELETE] = True
            return
    inputs[own] = _make_name(kind, logical_name, seed)
    if kind is not NameKind.COPY:
        inputs[CREATE_BEFORE_DELETE] = True


def _make_name(kind: NameKind, logical_name: str, seed: bytes) -> str:
    if kind is NameKind.COPY:
        return logical_name
    random = hashlib.sha256(seed or secrets.token_bytes(32)).digest()
    if kind is NameKind.UUID:
        return str(uuid.UUID(bytes=random[:16], version=4))
    return logical_name + random.hex()[:_RANDOM_DIGITS]
