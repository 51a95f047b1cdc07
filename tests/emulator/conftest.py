"""What the emulator's tests share: a store, a provider on it, and a running process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from emulator.provider import Configuration, Provider
from emulator.store import Store
from emulator.wire import read_struct, write_struct

GROUP = {"resourceGroupName": "group", "location": "westeurope"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def provider(store: Store) -> Provider:
    """A provider with a default location, on an empty store."""
    return Provider(store, Configuration(location="westeurope"))


@dataclass(frozen=True)
class Azure:
    """Writes resources by their short tokens, in a resource group called `group`."""

    provider: Provider

    def create(self, token: str, **inputs: Any) -> Any:
        """Create a resource from its wire-name inputs."""
        return self.provider.create(f"azure-native:{token}", inputs)

    def in_group(self, token: str, **inputs: Any) -> Any:
        """Create a resource in the group, in its location."""
        return self.create(token, **{**GROUP, **inputs})

    def update(self, token: str, created: Any, **inputs: Any) -> Any:
        """Write a resource of the group anew."""
        given = {**GROUP, **inputs}
        return self.provider.update(f"azure-native:{token}", created.id, given, given)

    def delete(self, token: str, created: Any) -> None:
        """Delete a resource."""
        self.provider.delete(f"azure-native:{token}", created.id)

    def elsewhere(self, subscription: str) -> "Azure":
        """The same Azure, seen from another subscription."""
        settings = {"azure-native:config:subscriptionId": subscription}
        configuration = Configuration.read(settings)
        return Azure(Provider(self.provider.store, configuration))

    def network(self, *prefixes: str, **inputs: Any) -> Any:
        """Create a virtual network, `net` if no other name is given."""
        space = {"addressPrefixes": list(prefixes or ("10.0.0.0/16",))}
        named = {"virtualNetworkName": "net", "addressSpace": space}
        return self.in_group("network:VirtualNetwork", **{**named, **inputs})

    def subnet(self, name: str, prefix: str, **inputs: Any) -> Any:
        """Create a subnet, of `net` if no other network is given."""
        named = {
            "resourceGroupName": "group",
            "virtualNetworkName": "net",
            "subnetName": name,
            "addressPrefix": prefix,
        }
        return self.create("network:Subnet", **{**named, **inputs})

    def address(self, name: str = "address", **inputs: Any) -> Any:
        """Create a Standard public address in all zones."""
        usual = {
            "publicIpAddressName": name,
            "publicIPAllocationMethod": "Static",
            "sku": {"name": "Standard"},
            "zones": ["1", "2", "3"],
        }
        return self.in_group("network:PublicIPAddress", **{**usual, **inputs})

    def card(self, name: str, subnet: Any, *groups: Any) -> Any:
        """Create a network interface in a subnet and application security groups."""
        configuration = {
            "name": "one",
            "subnet": {"id": subnet.id},
            "applicationSecurityGroups": [{"id": group.id} for group in groups],
        }
        return self.in_group(
            "network:NetworkInterface",
            networkInterfaceName=name,
            ipConfigurations=[configuration],
        )


@pytest.fixture
def empty_azure(provider: Provider) -> Azure:
    """The provider, with nothing created."""
    return Azure(provider)


@pytest.fixture
def azure(empty_azure: Azure) -> Azure:
    """The provider, with the resource group `group` created."""
    empty_azure.create("resources:ResourceGroup", **GROUP)
    return empty_azure


@dataclass
class Emulator:
    """A running emulator process and a connection to it."""

    process: subprocess.Popen[str]
    port: int
    log: Path
    calls: provider_pb2_grpc.ResourceProviderStub

    def configure(self, **settings: str) -> None:
        """Configure this connection's provider."""
        self.calls.Configure(
            provider_pb2.ConfigureRequest(
                variables={f"azure-native:config:{k}": v for k, v in settings.items()},
                sends_old_inputs=True,
                sends_old_inputs_to_delete=True,
            )
        )

    def check(
        self, token: str, inputs: dict[str, Any]
    ) -> tuple[dict[str, Any], list[str]]:
        """Check inputs; returns them completed, and the reasons of all failures."""
        response = self.calls.Check(
            provider_pb2.CheckRequest(
                urn=_urn(token), news=write_struct(inputs), randomSeed=b"seed"
            )
        )
        reasons = [failure.reason for failure in response.failures]
        return read_struct(response.inputs), reasons

    def create(self, token: str, inputs: dict[str, Any]) -> str:
        """Create a resource; returns its id."""
        response = self.calls.Create(
            provider_pb2.CreateRequest(urn=_urn(token), properties=write_struct(inputs))
        )
        return str(response.id)


def _urn(token: str) -> str:
    return f"urn:pulumi:dev::project::azure-native:{token}::thing"


@pytest.fixture
def start_emulator(tmp_path: Path) -> Iterator[Callable[..., Emulator]]:
    """Start emulator processes; those still running are ended after the test."""
    started: list[Emulator] = []

    def start(folder: Path | None = None, *more: str) -> Emulator:
        folder = folder or tmp_path
        log = folder / "log" / "emulator.log"
        command = [sys.executable, "-m", "emulator", "--store", folder / "store"]
        process = subprocess.Popen(
            [*map(str, command), "--log", str(log), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        port = int(process.stdout.readline())
        channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        emulator = Emulator(
            process, port, log, provider_pb2_grpc.ResourceProviderStub(channel)
        )
        started.append(emulator)
        return emulator

    yield start
    for emulator in started:
        if emulator.process.poll() is None:
            os.kill(emulator.process.pid, signal.SIGKILL)
        emulator.process.wait()
        assert emulator.process.stdout is not None
        emulator.process.stdout.close()
