"""Requests that the tests of machines share: a machine and its inputs."""

from typing import Any

PASSWORD = "Correct-Horse-7"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample someone"
WINDOWS_PROFILE: dict[str, Any] = {
    "adminUsername": "operator7",
    "adminPassword": PASSWORD,
    "computerName": "jump",
    "windowsConfiguration": {"provisionVMAgent": True},
}
LINUX_PROFILE: dict[str, Any] = {
    "adminUsername": "operator7",
    "computerName": "jump",
    "customData": "I2Nsb3VkLWNvbmZpZwo=",
    "linuxConfiguration": {
        "disablePasswordAuthentication": True,
        "ssh": {"publicKeys": [{"path": "/home/operator7/.ssh/k", "keyData": KEY}]},
    },
}
IMAGE = {"publisher": "Canonical", "offer": "ubuntu", "sku": "server", "version": "1.0"}


def card_of_machines(azure: Any, name: str = "card") -> Any:
    """Create an interface in the subnet `machines` of `net`."""
    subnet_id = id_of(azure, "virtualNetworks/net/subnets/machines")
    if azure.provider.store.get(subnet_id) is None:
        azure.network()
        azure.subnet("machines", "10.0.1.0/24")
    return azure.card(name, azure.provider.store.get(subnet_id))


def id_of(azure: Any, rest: str, provider: str = "Microsoft.Network") -> str:
    """The id of something in the group."""
    subscription = azure.provider.configuration.account.subscription_id
    group = f"/subscriptions/{subscription}/resourceGroups/group"
    return f"{group}/providers/{provider}/{rest}"


def machine(azure: Any, profile: dict[str, Any], **inputs: Any) -> Any:
    """Create the machine `vm` with one interface."""
    interfaces = inputs.pop("interfaces", None) or [card_of_machines(azure)]
    return azure.in_group(
        "compute:VirtualMachine", **machine_inputs(profile, interfaces, **inputs)
    )


def machine_inputs(
    profile: dict[str, Any], interfaces: list[Any], **inputs: Any
) -> dict[str, Any]:
    """A machine's inputs, with these interfaces."""
    usual = {
        "vmName": "vm",
        "zones": ["1"],
        "networkProfile": {
            "networkInterfaces": [{"id": interface.id} for interface in interfaces]
        },
        "osProfile": profile,
        "storageProfile": {
            "imageReference": IMAGE,
            "osDisk": {"createOption": "FromImage", "name": "vm-os"},
        },
    }
    return {**usual, **inputs}
