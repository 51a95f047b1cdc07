"""Jump boxes: what is registered for each, exactly; nothing public, nothing secret."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi_azure_native import network

from azureml_network import JumpBoxBastion, _jump_box_bastion
from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import JumpBoxBastionArgs
from azureml_network._jump_box_bastion.machine_resources import jump_boxes
from azureml_network._jump_box_bastion.machines import read_machines
from azureml_network._place import Place
from azureml_network._surroundings import living_with

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
OTHER_SUBSCRIPTION = "33333333-3333-4333-8333-333333333333"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers"
HUB = f"/subscriptions/{OTHER_SUBSCRIPTION}/resourceGroups/hub/providers"
SUBNET = f"{GROUP}/Microsoft.Network/virtualNetworks/net/subnets/jump"
SECURITY_GROUP = f"{GROUP}/Microsoft.Network/applicationSecurityGroups/people"
POOL = f"{GROUP}/Microsoft.Network/loadBalancers/out/backendAddressPools/machines"
LOGS = f"{GROUP}/Microsoft.OperationalInsights/workspaces/log"
SCOPE = f"{GROUP}/Microsoft.Insights/privateLinkScopes/ampls"
HUB_SCOPE = f"{HUB}/Microsoft.Insights/privateLinkScopes/ampls"
ENCRYPTION_SET = f"{GROUP}/Microsoft.Compute/diskEncryptionSets/des"
VAULT = f"{GROUP}/Microsoft.KeyVault/vaults/kv-team"
IDENTITY = f"{GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/id-disks"
KEY_URI = f"https://kv-team.vault.azure.net/keys/disks/{'0' * 32}"
KEY = (
    "ssh-ed25519 "
    "AAAAC3NzaC1lZDI1NTE5AAAAIIQtWmmAcWfyWsXpD//nx32f+NwxWEhtMlgb2HGKP6wm ada"
)
PASSWORD = "Correct-horse-9"
SECRET = "4dabf18193072939515e22adb298388d"
A_SECRET = "1b47061264138c4ac30d75fd1eb44270"
"""What the engine's protocol marks secrets with."""
LINUX = {"operating_system": "linux"}


def windows(**changes: Any) -> dict[str, Any]:
    """A Windows machine; to be called within the program."""
    password = pulumi.Output.secret(PASSWORD)
    return {
        "operating_system": "windows",
        "administrator_password": password,
        **changes,
    }


@pytest.fixture(scope="session", name="make")
def make_fixture(record: Any, surroundings: Any) -> Callable[..., Any]:
    """Make machines for ``jump``; ``given`` returns the inputs within the program."""

    def make(given: Callable[[], dict[str, Any]], **options: Any) -> Any:
        def program() -> None:
            args = {"machine_subnet_id": SUBNET, "ssh_public_key": KEY, **given()}
            reader = InputReader(args, JumpBoxBastionArgs)
            place = Place(cloud_name="public", region="westeurope")
            plan = read_machines(reader, "jump", place)
            reader.raise_findings()
            jump_boxes(surroundings(name="jump"), plan)

        return record(program, **options)

    return make


def leaves(value: Any, *, secret: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text within inputs, and whether it is secret there."""
    if isinstance(value, dict):
        if SECRET in value:
            yield from leaves(value["value"], secret=True)
            return
        for key, item in value.items():
            yield str(key), secret
            yield from leaves(item, secret=secret)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, secret=secret)
    elif isinstance(value, str):
        yield value, secret


def test_a_linux_machine(make: Callable[..., Any]) -> None:
    """All that Azure is told of it, written out."""
    recording = make(lambda: {"machines": {"tools": LINUX}})
    common = {
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tags": {"environment": "test"},
    }
    assert recording.inputs("jump-tools") == {
        **common,
        "vmName": "jump-tools",
        "identity": {"type": "SystemAssigned"},
        "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
        "networkProfile": {
            "networkInterfaces": [
                {
                    "id": "/fake/jump-tools-nic",
                    "primary": True,
                    "deleteOption": "Detach",
                }
            ]
        },
        "osProfile": {
            "computerName": "jump-tools",
            "adminUsername": "azureuser",
            "allowExtensionOperations": True,
            "linuxConfiguration": {
                "provisionVMAgent": True,
                "disablePasswordAuthentication": True,
                "ssh": {
                    "publicKeys": [
                        {
                            "path": "/home/azureuser/.ssh/authorized_keys",
                            "keyData": KEY,
                        }
                    ]
                },
                "patchSettings": {
                    "patchMode": "AutomaticByPlatform",
                    "assessmentMode": "AutomaticByPlatform",
                },
            },
        },
        "storageProfile": {
            "imageReference": {
                "publisher": "Canonical",
                "offer": "ubuntu-24_04-lts",
                "sku": "server",
                "version": "latest",
            },
            "osDisk": {
                "name": "jump-tools-os-disk",
                "createOption": "FromImage",
                "deleteOption": "Delete",
                "caching": "ReadWrite",
                "managedDisk": {"storageAccountType": "Premium_LRS"},
            },
        },
        "securityProfile": {
            "securityType": "TrustedLaunch",
            "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
            "encryptionAtHost": True,
        },
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    assert recording.inputs("jump-tools-nic") == {
        **common,
        "networkInterfaceName": "jump-tools-nic",
        "ipConfigurations": [
            {
                "name": "primary",
                "primary": True,
                "subnet": {"id": SUBNET},
                "privateIPAllocationMethod": "Dynamic",
                "applicationSecurityGroups": [{"id": "/fake/jump-jump-box-asg"}],
            }
        ],
    }
    assert recording.inputs("jump-tools-sign-in") == {
        **common,
        "vmName": "jump-tools",
        "vmExtensionName": "AADSSHLoginForLinux",
        "publisher": "Microsoft.Azure.ActiveDirectory",
        "type": "AADSSHLoginForLinux",
        "typeHandlerVersion": "1.0",
        "autoUpgradeMinorVersion": True,
    }
    script = Path(_jump_box_bastion.__file__).parent / "setup" / "linux.sh"
    assert recording.inputs("jump-tools-setup") == {
        **common,
        "vmName": "jump-tools",
        "vmExtensionName": "CustomScript",
        "publisher": "Microsoft.Azure.Extensions",
        "type": "CustomScript",
        "typeHandlerVersion": "2.1",
        "autoUpgradeMinorVersion": True,
        "settings": {"script": b64encode(script.read_bytes()).decode()},
    }
    assert recording.kinds() == {
        "Net": 1,
        "ApplicationSecurityGroup": 1,
        "NetworkInterface": 1,
        "VirtualMachine": 1,
        "VirtualMachineExtension": 2,
    }


def test_a_windows_machine(make: Callable[..., Any]) -> None:
    """What differs from Linux: the account, patching, the image, the extensions."""
    recording = make(lambda: {"machines": {"desk": windows(zone="2")}})
    machine = recording.inputs("jump-desk")
    assert machine["osProfile"] == {
        "computerName": "jump-desk",
        "adminUsername": "azureuser",
        "adminPassword": {
            SECRET: "1b47061264138c4ac30d75fd1eb44270",
            "value": PASSWORD,
        },
        "allowExtensionOperations": True,
        "windowsConfiguration": {
            "provisionVMAgent": True,
            "enableAutomaticUpdates": True,
            "patchSettings": {
                "patchMode": "AutomaticByPlatform",
                "assessmentMode": "AutomaticByPlatform",
            },
        },
    }
    assert machine["zones"] == ["2"]
    assert machine["storageProfile"]["imageReference"] == {
        "publisher": "MicrosoftWindowsServer",
        "offer": "WindowsServer",
        "sku": "2025-datacenter-azure-edition",
        "version": "latest",
    }
    assert {
        name: (item.inputs["type"], item.inputs["typeHandlerVersion"])
        for name, item in recording.of_type("VirtualMachineExtension").items()
    } == {
        "jump-desk-sign-in": ("AADLoginForWindows", "2.0"),
        "jump-desk-setup": ("CustomScriptExtension", "1.10"),
    }
    command = recording.inputs("jump-desk-setup")["settings"]["commandToExecute"]
    program, _, encoded = command.rpartition(" ")
    assert program == (
        "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass "
        "-EncodedCommand"
    )
    script = Path(_jump_box_bastion.__file__).parent / "setup" / "windows.ps1"
    assert b64decode(encoded).decode("utf-16-le") == script.read_text()
    assert len(command) <= 8191


def everything() -> dict[str, Any]:
    """Inputs with all that can be chosen; to be called within the program."""
    return {
        "application_security_group_ids": [SECURITY_GROUP],
        "disk_customer_managed_key": {
            "key_vault_id": VAULT,
            "key_uri": KEY_URI,
            "identity_id": IDENTITY,
        },
        "monitoring": {
            "log_analytics_workspace_id": LOGS,
            "private_link_scope_id": SCOPE,
        },
        "subscription_id": SUBSCRIPTION,
        "machines": {
            "tools": {
                **LINUX,
                "private_address": "10.0.1.10",
                "backend_pool_ids": [POOL],
                "disk_size_gigabytes": 128,
                "disk_type": "StandardSSD_ZRS",
                "encryption_at_host": False,
                "setup": {"cloud_init": "#cloud-config\npackages: [git]\n"},
                "shutdown": {
                    "time": "19:30",
                    "time_zone": "W. Europe Standard Time",
                    "notified_email": "team@example.com",
                },
            },
            "desk": windows(
                computer_name="desk",
                administrator_name="ops",
                setup={"script": "Write-Output 'ready'"},
                shutdown={"time": "07:05"},
            ),
        },
    }


def test_what_can_be_chosen(make: Callable[..., Any]) -> None:
    """Each choice reaches the property that it names, and no other."""
    recording = make(everything)
    (configuration,) = recording.inputs("jump-tools-nic")["ipConfigurations"]
    assert configuration == {
        "name": "primary",
        "primary": True,
        "subnet": {"id": SUBNET},
        "privateIPAllocationMethod": "Static",
        "privateIPAddress": "10.0.1.10",
        "applicationSecurityGroups": [{"id": SECURITY_GROUP}],
        "loadBalancerBackendAddressPools": [{"id": POOL}],
    }
    tools = recording.inputs("jump-tools")
    assert tools["storageProfile"]["osDisk"] == {
        "name": "jump-tools-os-disk",
        "createOption": "FromImage",
        "deleteOption": "Delete",
        "caching": "ReadWrite",
        "diskSizeGB": 128,
        "managedDisk": {
            "storageAccountType": "StandardSSD_ZRS",
            "diskEncryptionSet": {"id": "/fake/jump-disks"},
        },
    }
    assert tools["securityProfile"]["encryptionAtHost"] is False
    assert (
        b64decode(tools["osProfile"]["customData"])
        == b"#cloud-config\npackages: [git]\n"
    )
    assert "jump-tools-setup" not in recording.resources
    desk = recording.inputs("jump-desk")["osProfile"]
    assert (desk["computerName"], desk["adminUsername"]) == ("desk", "ops")
    assert recording.inputs("jump-desk-setup")["settings"] == {
        "commandToExecute": "powershell.exe -NoProfile -NonInteractive "
        "-ExecutionPolicy Bypass -EncodedCommand "
        + b64encode("Write-Output 'ready'".encode("utf-16-le")).decode()
    }
    assert recording.of_type("ApplicationSecurityGroup") == {}


def test_a_set_of_ones_own_key(make: Callable[..., Any]) -> None:
    """The key, the identity that reads it, and rotation."""
    recording = make(everything)
    assert recording.inputs("jump-disks") == {
        "diskEncryptionSetName": "jump-disks",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tags": {"environment": "test"},
        "encryptionType": "EncryptionAtRestWithCustomerKey",
        "identity": {
            "type": "UserAssigned",
            "userAssignedIdentities": [IDENTITY],
        },
        "activeKey": {"keyUrl": KEY_URI},
        "rotationToLatestKeyVersionEnabled": True,
    }


def test_a_set_that_exists(make: Callable[..., Any]) -> None:
    """It is used as it is."""
    recording = make(
        lambda: {
            "machines": {"tools": LINUX},
            "disk_encryption_set_id": ENCRYPTION_SET,
        }
    )
    disk = recording.inputs("jump-tools")["storageProfile"]["osDisk"]["managedDisk"]
    assert disk["diskEncryptionSet"] == {"id": ENCRYPTION_SET}
    assert recording.of_type("DiskEncryptionSet") == {}


def test_shutdown(make: Callable[..., Any]) -> None:
    """Under the name by which Azure finds a machine's schedule; told or not."""
    recording = make(everything)
    assert recording.inputs("jump-tools-shutdown") == {
        "name": "shutdown-computevm-jump-tools",
        "resourceGroupName": "rg",
        "location": "westeurope",
        "tags": {"environment": "test"},
        "status": "Enabled",
        "taskType": "ComputeVmShutdownTask",
        "dailyRecurrence": {"time": "1930"},
        "timeZoneId": "W. Europe Standard Time",
        "targetResourceId": "/fake/jump-tools",
        "notificationSettings": {
            "status": "Enabled",
            "timeInMinutes": 30,
            "emailRecipient": "team@example.com",
        },
    }
    desk = recording.inputs("jump-desk-shutdown")
    assert desk["dailyRecurrence"] == {"time": "0705"}
    assert desk["timeZoneId"] == "UTC"
    assert desk["notificationSettings"] == {"status": "Disabled", "timeInMinutes": 30}


def test_monitoring(make: Callable[..., Any]) -> None:
    """A closed endpoint in the scope, a rule for each system, two ties for each
    machine."""
    recording = make(everything)
    endpoint = recording.inputs("jump-dce")
    assert endpoint["networkAcls"] == {"publicNetworkAccess": "Disabled"}
    assert recording.inputs("jump-dce-scope") == {
        "name": "jump-dce",
        "scopeName": "ampls",
        "resourceGroupName": "rg",
        "linkedResourceId": "/fake/jump-dce",
    }
    for system, logs in (("linux", "Syslog"), ("windows", "Event")):
        rule = recording.inputs(f"jump-{system}-dcr")
        assert rule["kind"] == system.title()
        assert rule["dataCollectionEndpointId"] == "/fake/jump-dce"
        assert rule["destinations"] == {
            "logAnalytics": [{"name": "workspace", "workspaceResourceId": LOGS}]
        }
        assert rule["dataFlows"] == [
            {
                "streams": [f"Microsoft-{logs}", "Microsoft-Perf"],
                "destinations": ["workspace"],
            }
        ]
    syslog = recording.inputs("jump-linux-dcr")["dataSources"]["syslog"]
    assert syslog[0]["facilityNames"] == ["auth", "authpriv"]
    events = recording.inputs("jump-windows-dcr")["dataSources"]["windowsEventLogs"]
    assert events[0]["xPathQueries"] == [
        "Security!*[System[(band(Keywords,13510798882111488))]]"
    ]
    ties = recording.of_type("DataCollectionRuleAssociation")
    assert {name: item.inputs for name, item in ties.items()} == {
        f"jump-{machine}-{word}": {
            "resourceUri": f"/fake/jump-{machine}",
            **rest,
        }
        for machine, system in (("tools", "linux"), ("desk", "windows"))
        for word, rest in (
            (
                "collection",
                {
                    "associationName": f"jump-{machine}-collection",
                    "dataCollectionRuleId": f"/fake/jump-{system}-dcr",
                },
            ),
            (
                "collection-endpoint",
                {
                    "associationName": "configurationAccessEndpoint",
                    "dataCollectionEndpointId": "/fake/jump-dce",
                },
            ),
        )
    }


def test_monitoring_without_a_scope(make: Callable[..., Any]) -> None:
    """The endpoint is open then, and nothing joins anything."""
    recording = make(
        lambda: {
            "machines": {"tools": LINUX},
            "monitoring": {"log_analytics_workspace_id": LOGS},
        }
    )
    endpoint = recording.inputs("jump-dce")
    assert endpoint["networkAcls"] == {"publicNetworkAccess": "Enabled"}
    assert recording.of_type("PrivateLinkScopedResource") == {}
    assert list(recording.of_type("DataCollectionRule")) == ["jump-linux-dcr"]


@pytest.mark.parametrize(
    ("scope", "later", "group", "provider"),
    [
        (SCOPE, False, "rg", ""),
        (SCOPE, True, "rg", ""),
        (HUB_SCOPE, False, "hub", "jump-monitor-scope-subscription"),
    ],
)
def test_the_scope_is_where_its_id_says(
    make: Callable[..., Any], scope: str, later: bool, group: str, provider: str
) -> None:
    """In its own group, and in its own subscription where that is known."""
    recording = make(
        lambda: {
            "machines": {"tools": LINUX},
            "subscription_id": SUBSCRIPTION,
            "monitoring": {
                "log_analytics_workspace_id": LOGS,
                "private_link_scope_id": pulumi.Output.from_input(scope)
                if later
                else scope,
            },
        }
    )
    member = recording.resources["jump-dce-scope"]
    assert member.inputs["scopeName"] == "ampls"
    assert member.inputs["resourceGroupName"] == group
    assert member.provider == provider


def test_one_extension_after_another(make: Callable[..., Any]) -> None:
    """Sign-in first, then the agent, once it may ask what to collect, then the rest."""
    recording = make(everything)
    agent = recording.waits_for("jump-desk-monitor-agent")
    assert {
        "jump-desk",
        "jump-desk-sign-in",
        "jump-desk-collection",
        "jump-desk-collection-endpoint",
        "jump-dce-scope",
    } <= agent
    setup = recording.waits_for("jump-desk-setup")
    assert {"jump-desk-monitor-agent", "jump-desk-sign-in"} <= setup
    assert not any("tools" in name for name in setup)


def test_nothing_has_a_public_address(make: Callable[..., Any]) -> None:
    """No address is made, and no property anywhere names one."""
    recording = make(everything)
    assert recording.of_type("PublicIPAddress") == {}
    for item in recording.resources.values():
        for text, _ in leaves(item.inputs):
            assert "publicipaddress" not in text.replace("_", "").lower(), item.name


def test_the_password_is_secret_wherever_it_is(make: Callable[..., Any]) -> None:
    """C33, C103: it reaches the machine as a secret, and nothing else at all."""
    recording = make(everything)
    found = [
        (item.name, secret)
        for item in recording.resources.values()
        for text, secret in leaves(item.inputs)
        if PASSWORD in text or b64encode(PASSWORD.encode()).decode() in text
    ]
    assert found == [("jump-desk", True)]


def test_what_cannot_change_replaces_the_machine(make: Callable[..., Any]) -> None:
    """With its name, so that the old one goes first."""
    recording = make(lambda: {"machines": {"tools": LINUX}})
    machine = recording.resources["jump-tools"]
    assert machine.deletes_first
    assert set(machine.replace_on_changes) == {
        "zones",
        "osProfile.adminPassword",
        "osProfile.adminUsername",
        "osProfile.computerName",
        "osProfile.customData",
        "osProfile.linuxConfiguration.ssh",
        "storageProfile.imageReference",
        "storageProfile.osDisk.managedDisk.storageAccountType",
    }
    assert recording.resources["jump-tools-nic"].deletes_first


def test_names_are_known_in_the_first_preview(make: Callable[..., Any]) -> None:
    """Also those that depend on what does not exist yet."""
    recording = make(everything, first_preview=True)
    assert recording.inputs("jump-tools")["vmName"] == "jump-tools"
    assert recording.inputs("jump-tools-nic")["networkInterfaceName"] == (
        "jump-tools-nic"
    )
    assert recording.inputs("jump-tools-sign-in")["vmName"] == "jump-tools"


@pytest.mark.parametrize(
    ("name", "key", "host"),
    [
        ("jump-tools-nic", "networkInterfaceName", "net-subnet"),
        ("jump-tools", "vmName", "jump-tools-nic"),
        ("jump-tools-sign-in", "vmName", "jump-tools"),
        ("jump-tools-monitor-agent", "vmName", "jump-tools"),
        ("jump-tools-collection", "resourceUri", "jump-tools"),
        ("jump-tools-collection-endpoint", "resourceUri", "jump-tools"),
    ],
)
def test_what_lives_with_another_is_replaced_with_it(
    make: Callable[..., Any], name: str, key: str, host: str
) -> None:
    """A name that cannot change depends on the host, by which the engine sees it."""

    def given() -> dict[str, Any]:
        subnet = network.Subnet(
            "net-subnet", resource_group_name="rg", virtual_network_name="net"
        )
        return {**everything(), "machine_subnet_id": subnet.id}

    recording = make(given)
    assert host in recording.resources[name].property_dependencies[key]


def test_a_plain_id_has_nothing_to_depend_on() -> None:
    """The name stays as it is then."""
    assert living_with("nic", SUBNET) == "nic"


def test_the_component_keeps_no_password(
    record: Any, jump_box_args: Callable[..., Any]
) -> None:
    """C103: not in what the state keeps of the component's own inputs either."""
    recording = record(
        lambda: JumpBoxBastion(
            "jump",
            jump_box_args(
                machine_subnet_id=SUBNET,
                machines={"desk": windows()},
            ),
        )
    )
    found = [
        (item.name, secret)
        for item in recording.resources.values()
        for text, secret in leaves(item.inputs)
        if PASSWORD in text
    ]
    assert ("jump-desk", True) in found
    assert all(secret for _, secret in found)
    for outputs in recording.outputs.values():
        assert PASSWORD not in str(outputs)


def test_no_machines(make: Callable[..., Any]) -> None:
    """Nothing is made for them then, whatever else is given."""
    recording = make(lambda: {**everything(), "machines": {}})
    assert recording.kinds() == {"Net": 1}
