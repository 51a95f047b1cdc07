"""Shows on standard error that something long goes on, and how far it is.

In a terminal one line is kept up to date; elsewhere, as in a CI log, a plain line
comes every few seconds. Standard output stays the command's own.
"""

import sys
import threading
import time
from types import TracebackType

PLAIN_SECONDS = 10.0
TERMINAL_SECONDS = 0.5


class Progress:
    """A running account of one step: what it does, how long, how many of how many.

    ```python
    with Progress("Compiling", 1700) as progress:
        progress.count(12)  # Compiling: 12 of 1700 packages, 0:03
    ```
    """

    def __init__(self, doing: str, packages: int = 0) -> None:
        self.doing = doing
        self._packages = packages
        self._counted = 0
        self._begun = time.monotonic()
        self._done = threading.Event()
        self._terminal = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._keep_showing, daemon=True)

    def __enter__(self) -> "Progress":
        """Begin to show the account."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop showing it; leave its last state as a line when all went well."""
        self._done.set()
        self._thread.join()
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        if kind is None:
            self.line(self.text())

    def count(self, packages: int) -> None:
        """Take the number of packages so far."""
        self._counted = packages

    def text(self) -> str:
        """Return the account as one line."""
        seconds = int(time.monotonic() - self._begun)
        elapsed = f"{seconds // 60}:{seconds % 60:02d}"
        if not self._packages:
            return f"{self.doing}: {elapsed}"
        # What Go has cached from before it does not compile, and does not count.
        return (
            f"{self.doing}: {self._counted} of at most {self._packages} packages, "
            f"{elapsed}"
        )

    @staticmethod
    def line(text: str) -> None:
        """Write one plain line to standard error."""
        print(text, file=sys.stderr, flush=True)

    def _keep_showing(self) -> None:
        pause = TERMINAL_SECONDS if self._terminal else PLAIN_SECONDS
        while not self._done.wait(pause):
            if self._terminal:
                print(f"\r\033[K{self.text()}", end="", file=sys.stderr, flush=True)
            else:
                self.line(self.text())
