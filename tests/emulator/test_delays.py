"""Writes end in an order that a text chooses: the same text, the same order."""

import logging
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2

from emulator.delays import SECONDS, Delays
from emulator.server import Servicer
from emulator.store import Store

SUBJECTS = [f"urn:pulumi:dev::project::type::name{number}" for number in range(200)]


def test_nothing_is_held_up_without_a_text() -> None:
    """The emulated Azure answers at once unless it is asked to take its time."""
    assert {Delays().seconds("Create", each) for each in SUBJECTS} == {0.0}


@pytest.mark.parametrize("method", ["Create", "Update", "Delete"])
def test_each_text_has_an_order_of_its_own(method: str) -> None:
    """All times occur, the same ones again for a text, others for another text."""
    first = [Delays("first").seconds(method, each) for each in SUBJECTS]
    assert set(first) == set(SECONDS)
    assert first == [Delays("first").seconds(method, each) for each in SUBJECTS]
    assert first != [Delays("second").seconds(method, each) for each in SUBJECTS]


@pytest.mark.parametrize("method", ["Create (preview)", "Check", "Read", "Diff"])
def test_what_writes_nothing_is_not_held_up(method: str) -> None:
    """A preview is as fast as ever."""
    assert {Delays("first").seconds(method, each) for each in SUBJECTS} == {0.0}


def test_a_write_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group is made after its time, and previewed without."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    delays = Delays("first")
    urns = [
        f"urn:pulumi:dev::project::azure-native:resources:ResourceGroup::{number}"
        for number in range(10)
    ]
    store = Store(tmp_path)
    servicer = Servicer(store, logging.getLogger("test"), delays)
    inputs = struct_pb2.Struct()
    context = SimpleNamespace(peer=lambda: "here")
    for number, urn in enumerate(urns):
        inputs.update({"resourceGroupName": f"group{number}", "location": "westeurope"})
        for preview in (True, False):
            request = provider_pb2.CreateRequest(
                urn=urn, properties=inputs, preview=preview
            )
            servicer.Create(request, context)  # type: ignore[arg-type]
    store.close()
    expected = [delays.seconds("Create", urn) for urn in urns]
    assert waited == [seconds for seconds in expected if seconds]
    assert waited
