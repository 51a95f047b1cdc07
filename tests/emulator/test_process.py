"""The process: its port, its silence, its end, its log, and several at once."""

import dataclasses
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from emulator import lifetime
from emulator.store import Store

GROUP = {"resourceGroupName": "group", "location": "westeurope"}
TIMEOUT = 30
Start = Callable[..., Any]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_quietly_at_a_signal(start_emulator: Start, number: int) -> None:
    """It exits 0 and has printed nothing but its port."""
    emulator = start_emulator()
    emulator.process.send_signal(number)
    rest, _ = emulator.process.communicate(timeout=TIMEOUT)
    assert emulator.process.returncode == 0
    assert rest == ""


def test_ends_with_its_parent(start_emulator: Start, tmp_path: Path) -> None:
    """It does not outlive the process that it was started for."""
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    emulator = start_emulator(tmp_path, "--parent", str(parent.pid))
    assert emulator.process.poll() is None
    parent.communicate(b"\n", timeout=TIMEOUT)
    assert emulator.process.wait(timeout=TIMEOUT) == 0
    assert f"parent {parent.pid} is gone" in emulator.log.read_text()


def test_says_why_it_cannot_start(tmp_path: Path) -> None:
    """A store that cannot be used is one line on stderr, and exit status 2."""
    (tmp_path / "azure.sqlite").write_text("no database " * 500)
    log = str(tmp_path / "log")
    done = subprocess.run(
        [sys.executable, "-m", "emulator", "--store", str(tmp_path), "--log", log],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("emulator: error: the store of the emulated Azure in ")


def test_process_exists() -> None:
    """This process runs; one that has ended does not, even before it is collected."""
    assert lifetime.process_exists(os.getpid())
    ended = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert ended.stdout is not None
    ended.stdout.read()
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    assert not lifetime.process_exists(ended.pid)
    ended.communicate()
    assert not lifetime.process_exists(ended.pid)


def test_speaks_the_protocol(start_emulator: Start) -> None:
    """Handshake, version, settings and cancellation are answered as azure-native."""
    calls = start_emulator().calls
    hello = calls.Handshake(provider_pb2.ProviderHandshakeRequest())
    assert not hello.accept_secrets
    assert hello.supports_autonaming_configuration
    assert calls.GetPluginInfo(empty_pb2.Empty()).version == "3.29.0"
    calls.Cancel(empty_pb2.Empty())
    changed = calls.DiffConfig(provider_pb2.DiffRequest())
    assert changed.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_old_engines_are_refused(start_emulator: Start) -> None:
    """An engine that does not send old inputs is too old."""
    with pytest.raises(grpc.RpcError, match="requires Pulumi CLI v3.74.0"):
        start_emulator().calls.Configure(provider_pb2.ConfigureRequest())


def test_connections_have_their_own_settings(
    start_emulator: Start, tmp_path: Path
) -> None:
    """Two provider instances of one program do not share a configuration."""
    first = start_emulator()
    first.configure(location="westeurope")
    inputs, _ = first.check("resources:ResourceGroup", {})
    assert inputs["location"] == "westeurope"
    options = [("grpc.use_local_subchannel_pool", 1)]
    channel = grpc.insecure_channel(f"127.0.0.1:{first.port}", options)
    second = dataclasses.replace(first, calls=type(first.calls)(channel))
    second.configure(location="northeurope")
    assert second.check("resources:ResourceGroup", {})[0]["location"] == "northeurope"
    assert first.check("resources:ResourceGroup", {})[0]["location"] == "westeurope"
    channel.close()


def _reconnected(emulator: Any, number: int) -> Any:
    """The emulator through a connection of its own."""
    options = [("grpc.use_local_subchannel_pool", 1), ("test.number", number)]
    channel = grpc.insecure_channel(f"127.0.0.1:{emulator.port}", options)
    return dataclasses.replace(emulator, calls=type(emulator.calls)(channel))


def test_a_connection_that_is_opened_again(start_emulator: Start) -> None:
    """It works on with the only settings that there are, never with one of several."""
    emulator = start_emulator()
    emulator.configure(location="westeurope", subscriptionId="one")
    again = _reconnected(emulator, 1)
    inputs, _ = again.check("resources:ResourceGroup", {})
    assert inputs["location"] == "westeurope"
    _reconnected(emulator, 2).configure(location="westeurope", subscriptionId="two")
    with pytest.raises(grpc.RpcError, match="cannot tell which one"):
        _reconnected(emulator, 3).check("resources:ResourceGroup", {})


def test_an_unknown_cloud_is_refused(start_emulator: Start) -> None:
    """The engine is told which clouds there are."""
    with pytest.raises(grpc.RpcError, match="public, usgovernment, china"):
        start_emulator().configure(environment="germany")


def test_refusals_reach_the_engine(start_emulator: Start) -> None:
    """Azure's refusals and unknown types become errors with their own text."""
    emulator = start_emulator()
    emulator.configure()
    network = {**GROUP, "virtualNetworkName": "net"}
    with pytest.raises(grpc.RpcError, match='Code="ResourceGroupNotFound"'):
        emulator.create("network:VirtualNetwork", network)
    with pytest.raises(grpc.RpcError, match="did you mean azure-native:network:Subnet"):
        emulator.check("network:Subnett", {})
    _, reasons = emulator.check("network:VirtualNetwork", {**network, "tag": {}})
    assert reasons == [
        "'tag' is not a property of this type; did you mean 'tags'?",
    ]


def test_two_processes_share_a_store(start_emulator: Start, tmp_path: Path) -> None:
    """What one emulator creates the other one has."""
    first, second = start_emulator(tmp_path), start_emulator(tmp_path)
    first.configure()
    second.configure()
    first.create("resources:ResourceGroup", GROUP)
    network = {**GROUP, "virtualNetworkName": "net"}
    created = second.create("network:VirtualNetwork", network)
    with pytest.raises(grpc.RpcError, match="already existing resource"):
        first.create("network:VirtualNetwork", network)
    store = Store(tmp_path / "store")
    assert store.get(created) is not None
    store.close()


def test_secrets_are_written_nowhere(start_emulator: Start, tmp_path: Path) -> None:
    """A password reaches neither the log nor the store, refused or accepted."""
    emulator = start_emulator()
    emulator.configure()
    emulator.create("resources:ResourceGroup", GROUP)
    secret = "hunter2-is-not-a-good-one"
    machine = {
        **GROUP,
        "vmName": "vm",
        "osProfile": {"adminUsername": "someone", "adminPassword": secret},
    }
    emulator.create("compute:VirtualMachine", machine)
    wrong = {**machine, "osProfile": {"adminPassword": [secret]}, "size": secret}
    _, reasons = emulator.check("compute:VirtualMachine", wrong)
    assert any("osProfile.adminPassword" in reason for reason in reasons)
    emulator.process.send_signal(signal.SIGTERM)
    emulator.process.wait(timeout=TIMEOUT)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path == emulator.log for path in files)
    assert any(path.suffix == ".sqlite" for path in files)
    for path in files:
        assert secret.encode() not in path.read_bytes(), path


def test_log_has_one_line_for_each_call(start_emulator: Start) -> None:
    """The log names method and resource, and what was refused by its path."""
    emulator = start_emulator()
    emulator.configure()
    emulator.check("network:VirtualNetwork", {**GROUP, "tag": "x"})
    emulator.create("resources:ResourceGroup", GROUP)
    log = emulator.log.read_text()
    assert "VirtualNetwork::thing refused at tag" in log
    assert log.count(" Check urn:") == 1
    assert log.count(" Create urn:") == 1


def test_store_and_log_are_private(start_emulator: Start, tmp_path: Path) -> None:
    """A secret in a tag stands in the store's private files, and in no log line."""
    emulator = start_emulator()
    emulator.configure()
    secret = "hunter2-in-a-tag"
    group = {**GROUP, "tags": {"note": secret}}
    emulator.check("resources:ResourceGroup", group)
    emulator.create("resources:ResourceGroup", group)
    assert secret not in emulator.log.read_text()
    folder = tmp_path / "store"
    assert folder.stat().st_mode & 0o777 == 0o700
    files = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert files == dict.fromkeys(
        ("azure.sqlite", "azure.sqlite-wal", "azure.sqlite-shm", "azure.sqlite.lock"),
        0o600,
    )
    assert any(secret.encode() in path.read_bytes() for path in folder.iterdir())
