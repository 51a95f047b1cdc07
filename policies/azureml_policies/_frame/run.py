"""What the frame knows about a run itself, for the rules that watch over the pack."""

import threading
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from azureml_policies._frame.exemptions import Exemptions, utc_today

if TYPE_CHECKING:
    from azureml_policies._frame.pack import Verdict


class Run:
    """One run under one configuration; several threads may add to it."""

    def __init__(
        self,
        exemptions: Exemptions,
        configuration_faults: Iterable[str] = (),
        judged_types: Iterable[str] = (),
        today: Callable[[], date] = utc_today,
    ) -> None:
        self.exemptions = exemptions
        self.configuration_faults = tuple(configuration_faults)
        """What is wrong with the configuration, where that does not end the run."""
        self.judged_types = frozenset(judged_types)
        """The types that rules of the pack are about, as ``Resource.key`` has them."""
        self.today = today
        """Returns the day, which decides what is over."""
        self._lock = threading.Lock()
        self._ignored: list[Verdict] = []

    def add_ignored(self, verdict: "Verdict") -> None:
        """Remember an undecided answer that the engine is not told."""
        with self._lock:
            self._ignored.append(verdict)

    @property
    def ignored(self) -> tuple["Verdict", ...]:
        """The undecided answers that the engine was not told."""
        with self._lock:
            return tuple(self._ignored)
