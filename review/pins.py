"""Which ranges of a layout are not yet in the stack's configuration.

The plan chooses a range for each subnet and each reservation that has none. Once the
choice stands in the configuration, whatever is added later is planned around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from review.outcomes import Misuse
from review.project import Project
from review.stack_file import StackFile
from review.yaml_edits import Tree

_OUTPUT_BY_KEY = {"subnets": "subnetPrefixes", "reservations": "reservedPrefixes"}
"""Key of the configuration to the stack's output with the chosen ranges."""


@dataclass(frozen=True)
class Pin:
    """A range that the plan chose, and where it belongs."""

    key: str
    """The key of the project, with its namespace: `shop:subnets`."""
    name: str
    prefix: str

    @property
    def path(self) -> str:
        """Where the range belongs, as Pulumi writes a path."""
        return f"{self.key}.{self.name}.prefix"


@dataclass(frozen=True)
class Pinning:
    """What is to be pinned, and the configuration that does it."""

    pins: tuple[Pin, ...]
    values: Tree
    """What to add under `config` of the stack's file."""


def pinning(project: Project, file: StackFile, outputs: Mapping[str, Any]) -> Pinning:
    """Compare the layout that the stack exports with what its file pins.

    Raises `Misuse` when the stack exports no layout, and, for all of them together,
    when a range is pinned elsewhere than the layout has it or belongs to no subnet of
    the configuration.
    """
    pins: list[Pin] = []
    values: Tree = {}
    faults: list[str] = []
    for key, output in _OUTPUT_BY_KEY.items():
        chosen = _prefixes(outputs, output, required=key == "subnets")
        full_key, configured, is_default = _configured(project, file, key)
        if not isinstance(configured, dict):
            faults.append(f"{full_key}: is no map; write it as one")
            continue
        new: Tree = {}
        for name, prefix in chosen.items():
            pin = Pin(full_key, name, prefix)
            asked = configured.get(name)
            if fault := _fault(pin, asked):
                faults.append(fault)
            elif not asked.get("prefix"):
                pins.append(pin)
                new[name] = {"prefix": prefix}
        if new:
            values[full_key] = _completed(configured, new) if is_default else new
    if faults:
        raise Misuse("\n".join(f"{file.path}: {fault}" for fault in faults))
    return Pinning(tuple(pins), values)


def _prefixes(
    outputs: Mapping[str, Any], output: str, *, required: bool
) -> dict[str, str]:
    """The ranges of an output by name, in order of name."""
    chosen = outputs.get(output)
    if chosen is None and not required:
        return {}
    if not isinstance(chosen, dict):
        raise Misuse(
            f"the stack's output {output} is no map; export the range of each subnet "
            f'by name: pulumi.export("{output}", …)'
        )
    for name, prefix in chosen.items():
        if not (isinstance(prefix, str) and _network(prefix)):
            raise Misuse(
                f"the stack's output {output}.{name} is {prefix!r}; "
                "it must be a range that a preview knows"
            )
    return dict(sorted(chosen.items()))


def _configured(project: Project, file: StackFile, key: str) -> tuple[str, Any, bool]:
    """A key as the file spells it, its value, and whether Pulumi.yaml gives that."""
    own = file.configuration if isinstance(file.configuration, dict) else {}
    full_key = f"{project.name}:{key}"
    for spelling in (full_key, key):
        if own.get(spelling) is not None:
            return spelling, own[spelling], False
    default = project.default_of(key)
    return full_key, {} if default is None else default, True


def _completed(configured: Tree, new: Tree) -> Tree:
    """A map from Pulumi.yaml with the new ranges, for the stack's own file."""
    return {
        name: {**asked, **new.get(name, {})} if isinstance(asked, dict) else asked
        for name, asked in configured.items()
    }


def _fault(pin: Pin, asked: Any) -> str:
    """What keeps a range from being pinned where it was asked for; '' for nothing."""
    if not isinstance(asked, dict):
        return (
            f"{pin.key}.{pin.name}: is in the layout ({pin.prefix}) and not in the "
            "configuration; add it there"
        )
    pinned = asked.get("prefix")
    if pinned and not _is_same(pinned, pin.prefix):
        return (
            f"{pin.path}: is '{pinned}' and the layout has '{pin.prefix}'; "
            "the program does not follow its configuration"
        )
    return ""


def _is_same(pinned: Any, chosen: str) -> bool:
    return isinstance(pinned, str) and _network(pinned) == _network(chosen)


def _network(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text)
    except ValueError:
        return None
