"""What the components of the program are made of, without an engine."""

import asyncio

import pytest

from stack_inputs import failed


def test_what_failed_never_has_a_value() -> None:
    """Whoever waits for it gets the reason, and does not wait for ever."""

    async def wait() -> str | None:
        return await failed(ValueError("no workspace")).future()

    with pytest.raises(ValueError, match="no workspace"):
        asyncio.run(wait())
