"""Names of compute: plain to read, and tied to the subnet that it lives in."""

import asyncio
from typing import Any, cast

import pytest
from pulumi import Output, Resource

from azureml_network._private_workspace.parts import name_in_subnet


@pytest.mark.parametrize("known", [True, False])
def test_a_name_is_known_and_goes_with_the_subnet(known: bool) -> None:
    """Also in the first preview, when the id of the subnet is not known."""
    subnet = cast(Resource, object())

    async def resolved(value: Any) -> Any:
        return value

    async def read() -> tuple[Any, bool, set[Resource]]:
        subnet_id = Output({subnet}, resolved("/subnets/a"), resolved(known))
        name = name_in_subnet("cpu", subnet_id)
        assert isinstance(name, Output)
        return await name.future(), await name.is_known(), await name.resources()

    assert asyncio.run(read()) == ("cpu", True, {subnet})


@pytest.mark.parametrize("subnet_id", [None, "/subnets/existing"])
def test_a_name_without_a_subnet_of_the_program(subnet_id: str | None) -> None:
    """A managed network, or a subnet that exists already: nothing to go with."""
    assert name_in_subnet("cpu", subnet_id) == "cpu"
