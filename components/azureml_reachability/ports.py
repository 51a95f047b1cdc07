"""Sets of TCP or UDP ports, written as Azure's rules write them."""

import re
from typing import ClassVar

from azureml_reachability._line_sets import LineSet

PORTS = 65536
"""How many ports there are."""


class PortSet(LineSet):
    """A set of ports: ``PortSet.of("22", "8000-8100")``.

    ``|``, ``&`` and ``-`` are union, intersection and difference, ``~`` all other
    ports, ``<=`` asks for a subset, ``in`` for one port.
    """

    __slots__ = ()

    line_end: ClassVar[int] = PORTS

    @classmethod
    def of(cls, *texts: str) -> "PortSet":
        """Return the union of some texts: a number, ``first-last`` or ``*``.

        Raises ValueError for a text that is none of these or beyond 65535.
        """
        return cls.of_ranges(map(_range, texts))

    def __contains__(self, port: int) -> bool:
        """Return whether one port is in it."""
        return self.holds(port)

    def __repr__(self) -> str:
        """Show it as a rule would write it."""
        return f"PortSet({self})"

    def __str__(self) -> str:
        """Return it as a rule would write it: ``22, 8000-8100`` or ``*``."""
        if self == ALL_PORTS:
            return "*"
        return ", ".join(
            f"{first}" if end == first + 1 else f"{first}-{end - 1}"
            for first, end in self.line_ranges()
        )


def _range(text: str) -> tuple[int, int]:
    """Return the first port and the end, which is not in it."""
    if text == "*":
        return 0, PORTS
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text, re.ASCII)
    if match is not None:
        first, last = int(match[1]), int(match[2] or match[1])
        if first <= last < PORTS:
            return first, last + 1
    raise ValueError(
        f"'{text}' is not a port; write a number up to {PORTS - 1}, a range like "
        "'8000-8100', or '*'"
    )


ALL_PORTS = PortSet(True)
