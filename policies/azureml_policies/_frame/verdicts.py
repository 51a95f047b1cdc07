"""A file of verdicts for programs, beside what the engine shows to people.

The engine's policy events carry a text and nothing else. Where the environment names a
file, every verdict is appended to it as a line of JSON: rule, resource, status, path of
the deciding value, message and witness, rules that hold included.
"""

import json
import os
import threading
from collections.abc import Iterable, Mapping
from typing import Any

VARIABLE = "AZUREML_POLICIES_VERDICTS"


class VerdictFile:
    """Appends lines of JSON to a file; several threads may write at once."""

    def __init__(self, path: str) -> None:
        """Open ``path`` for appending; raises OSError if that is not possible."""
        self._lock = threading.Lock()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Append a line per record, all with one call, so that no line is torn."""
        lines = "".join(json.dumps(record) + "\n" for record in records)
        if lines:
            with self._lock:
                os.write(self._descriptor, lines.encode())


def verdict_file_from_environment() -> VerdictFile | None:
    """Return the file that the environment asks for, or None.

    Raises OSError if it cannot be opened.
    """
    path = os.environ.get(VARIABLE)
    return VerdictFile(path) if path else None
