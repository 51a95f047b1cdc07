"""Reads a pulumi command line as pulumi does, as far as the stack depends on it.

Which flags take a value decides which word is the command, and whether `-s dev` is
a stack or the text of a message. The tables are those of the pinned engine's
`--help`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

_SHORT_WITH_VALUE = frozenset("Ccmpstvx")
_SHORT_WITH_VALUE_OF = {"import": "fo", "new": "dn", "convert": "o"}
"""Letters that take a value after one command and are switches elsewhere."""

_LONG_WITH_VALUE = frozenset(
    """
    attach-debugger checksum color config config-file copilot-instructions cwd
    description env exclude extension file from generate-resources import-file
    import-pending-creates json-file language mappings memprofilerate message name
    otel-traces out output override-env parallel parent plan policy-pack
    policy-pack-config profiling properties provider replace save-plan
    secrets-provider server stack target target-replace tracing verbose
    """.split()
)


@dataclass
class CommandLine:
    """What a pulumi command line says.

    `words` are the command and its own arguments in order, such as
    `["stack", "select", "dev"]`; the last value of a repeated flag counts.
    """

    words: list[str] = field(default_factory=list)
    stack: str | None = None
    folder: str | None = None
    config_file: str | None = None
    flags: set[str] = field(default_factory=set)
    without_config_file: list[str] = field(default_factory=list)
    """The arguments once more, less `--config-file` and its value."""

    @property
    def verb(self) -> str:
        """The command, such as `up`; empty where there is none."""
        return self.words[0] if self.words else ""


def read_arguments(arguments: Sequence[str]) -> CommandLine:
    """Read the arguments that follow `pulumi`.

    A flag that misses its value is left for pulumi itself to complain about.
    """
    line = CommandLine()
    rest = list(arguments)
    while rest:
        taken = [rest.pop(0)]
        word = taken[0]
        if word == "--":
            line.words += rest
            taken += rest
            rest = []
        elif word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            if not equals and name in _LONG_WITH_VALUE and rest:
                value = rest.pop(0)
                taken.append(value)
            _note(line, name, value)
            if name == "config-file":
                continue
        elif word.startswith("-") and len(word) > 1:
            _read_short(line, word[1:], rest, taken)
        else:
            line.words.append(word)
        line.without_config_file += taken
    return line


def _read_short(
    line: CommandLine, letters: str, rest: list[str], taken: list[str]
) -> None:
    """Read `-y`, `-ys dev`, `-sdev` or `-s=dev`; take a value from `rest` if due."""
    with_value = _SHORT_WITH_VALUE | set(_SHORT_WITH_VALUE_OF.get(line.verb, ""))
    for position, letter in enumerate(letters):
        following = letters[position + 1 :]
        if letter in with_value or following.startswith("="):
            value = following.removeprefix("=")
            if not following and rest:
                value = rest.pop(0)
                taken.append(value)
            _note(line, {"s": "stack", "C": "cwd"}.get(letter, letter), value)
            return
        _note(line, letter, "")


def _note(line: CommandLine, name: str, value: str) -> None:
    line.flags.add(name)
    match name:
        case "stack":
            line.stack = value
        case "cwd":
            line.folder = value
        case "config-file":
            line.config_file = value
