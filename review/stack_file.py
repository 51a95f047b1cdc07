"""A stack's configuration file: read whole, changed whole or not at all.

The new text is written beside the file and moved into its place; a file that is a link
stays one, and what someone else has written meanwhile is not lost.
"""

import contextlib
import os
import stat
from pathlib import Path
from typing import Any

import yaml

from review.outcomes import EngineFailed, Misuse
from review.report_files import write_beside
from review.yaml_edits import NoPlace, Tree, read_yaml, with_values


class StackFile:
    """A Pulumi.<stack>.yaml as it was when it was read."""

    def __init__(self, path: Path):
        """Read the file; one that does not exist yet is empty.

        Raises `Misuse` when it cannot be read as YAML.
        """
        self.path = path
        self._text = ""
        try:
            if path.exists():
                self._text = path.read_bytes().decode()
            self._content: Any = read_yaml(self._text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            reason = " ".join(str(error).split())
            raise Misuse(f"{path}: cannot be read as YAML: {reason}") from error

    @property
    def configuration(self) -> Any:
        """What stands under `config`."""
        content = self._content if isinstance(self._content, dict) else {}
        return content.get("config") or {}

    def check_writable(self) -> None:
        """Raise `Misuse` for a file that has been made read-only."""
        file = self.path.resolve()
        if not file.exists():
            return
        if not (os.access(file, os.W_OK) and file.stat().st_mode & 0o222):
            raise Misuse(f"{self.path}: is read-only; make it writable (chmod u+w)")

    def add(self, values: Tree) -> None:
        """Put `values` in under `config`, and leave the rest byte for byte as it is.

        Raises `Misuse` when a value has no place of its own or when the file was
        changed since it was read, and `EngineFailed` when it cannot be written.
        """
        try:
            text = with_values(self._text, {"config": values})
        except NoPlace as error:
            raise Misuse(f"{self.path}: {error}") from error
        self.check_writable()
        if StackFile(self.path)._text != self._text:
            raise Misuse(f"{self.path}: was changed meanwhile; run the command again")
        try:
            _replace(self.path.resolve(), text)
        except OSError as error:
            raise EngineFailed(f"{self.path}: cannot be written: {error}") from error


def _replace(file: Path, text: str) -> None:
    mode = stat.S_IMODE(file.stat().st_mode) if file.exists() else 0o644
    temporary = write_beside(file, text, mode)
    try:
        os.replace(temporary, file)
    except OSError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
