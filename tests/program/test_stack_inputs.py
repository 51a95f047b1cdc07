"""What the components of the program are made of, without an engine."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import settings
from stack_inputs import StackInputs, failed
from tests.program.test_settings import PROJECT, declared, engine_form


@pytest.fixture
def chosen(checkout: Path) -> settings.Settings:
    """What Pulumi.yaml says by itself."""
    values = {
        key: value.get("default", value.get("value"))
        for key, value in declared(checkout).items()
    }
    return settings.check(engine_form(values), project=PROJECT)


def stack_inputs(chosen: settings.Settings) -> StackInputs:
    """The inputs of all components, of one configuration."""
    return StackInputs(
        chosen=chosen,
        environment="dev",
        subscription_id="22222222-2222-4222-8222-222222222222",
        tenant_id="11111111-1111-4111-8111-111111111111",
        own_logs="",
    )


def test_what_failed_never_has_a_value() -> None:
    """Whoever waits for it gets the reason, and does not wait for ever."""

    async def wait() -> str | None:
        return await failed(ValueError("no workspace")).future()

    # Not `asyncio.run`, which leaves no loop to the tests after this one.
    loop = asyncio.new_event_loop()
    with pytest.raises(ValueError, match="no workspace"):
        loop.run_until_complete(wait())
    loop.close()


@pytest.mark.parametrize(
    ("jump_box", "closed"),
    [
        ({"machines": {}, "just_in_time": {}}, True),
        ({"machines": {}, "just_in_time": {"maximum_hours": 8}}, True),
        ({"machines": {}}, False),
        (None, False),
    ],
)
def test_one_key_closes_jump_boxes_and_opens_them_on_request(
    chosen: settings.Settings, jump_box: Any, closed: bool
) -> None:
    """What the machines' component opens on request, the network does not open."""
    inputs = stack_inputs(replace(chosen, jump_box=jump_box))
    assert inputs.network["just_in_time_access"] is closed
