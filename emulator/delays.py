"""Lets writes take different times, so that they end in another order than asked for.

Azure takes a second for one resource and an hour for another; the emulated one answers
at once. A dependency that a program forgets then shows up by chance only. With delays
that a text chooses, the same text gives the same order again.
"""

import time
from random import Random

SECONDS = (0.0, 0.0, 0.1, 0.3, 0.8)
"""What a write may take; all are about as frequent as they stand here."""
_WRITES = ("Create", "Update", "Delete")


class Delays:
    """How long the calls of one run take; without a text, none is delayed."""

    def __init__(self, seed: str = "") -> None:
        self._seed = seed

    def seconds(self, method: str, subject: str) -> float:
        """Return for how many seconds a call about a resource is held up.

        ``subject`` is its URN. Previews and reads are never held up.
        """
        if not self._seed or method not in _WRITES:
            return 0.0
        return Random(f"{self._seed} {method} {subject}").choice(SECONDS)

    def hold_up(self, method: str, subject: str) -> None:
        """Wait as long as a call takes."""
        seconds = self.seconds(method, subject)
        if seconds:
            time.sleep(seconds)
