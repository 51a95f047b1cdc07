"""What is measured: previews of an empty program and of each environment.

Each is measured with and without the policy pack, so that the pack's own cost shows.
"""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class MeasuredPreview:
    """One preview: a program, a stack, and the policy pack or none."""

    program: str
    """What the table calls it."""
    directory: Path
    stack: str
    pack: Path | None

    def command(self) -> list[str]:
        """The command line that is timed."""
        command = ["pulumi", "preview", "--stack", self.stack, "--non-interactive"]
        if self.pack:
            command += ["--policy-pack", str(self.pack)]
            config = self.pack / "config" / f"{self.stack}.json"
            if config.is_file():
                command += ["--policy-pack-config", str(config)]
        return command


def all_previews(root: Path, scratch: Path) -> list[MeasuredPreview]:
    """The previews in the order of the table; the first one is the floor.

    `scratch` is a folder in which the empty program is made.
    """
    empty = _empty_program(scratch / "empty")
    return [
        MeasuredPreview(name, directory, stack, pack)
        for name, directory, stack in (
            ("empty program", empty, "dev"),
            ("dev", root, "dev"),
            ("prod", root, "prod"),
        )
        for pack in (None, root / "policies")
    ]


def _empty_program(folder: Path) -> Path:
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text(
        "name: empty\n"
        "runtime:\n"
        "  name: python\n"
        "  options:\n"
        f"    virtualenv: {sys.prefix}\n",
        encoding="utf-8",
    )
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    (folder / "__main__.py").write_text("", encoding="utf-8")
    return folder
