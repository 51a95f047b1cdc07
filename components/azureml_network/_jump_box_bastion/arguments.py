"""The inputs of a JumpBoxBastion, as every Pulumi language sees them."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NotRequired, TypedDict

from pulumi import Input

from azureml_network._private_workspace.arguments import CustomerManagedKeySpec
from azureml_network._secure_vnet.arguments import DiagnosticSettingSpec, LockKind


class BastionTier(StrEnum):
    """Tiers of Azure Bastion, as Azure spells them."""

    DEVELOPER = "Developer"
    """Shared by all customers, free, one session at a time; without a subnet and an
    address of its own, in some regions only."""
    BASIC = "Basic"
    """A host of one's own, from the browser."""
    STANDARD = "Standard"
    """As Basic, with scaling, native clients and sessions by address."""
    PREMIUM = "Premium"
    """As Standard, with recorded sessions or without a public address."""


class OperatingSystem(StrEnum):
    """What runs on a jump box."""

    LINUX = "linux"
    """Reached by SSH."""
    WINDOWS = "windows"
    """Reached by RDP."""


class RecordingsSpec(TypedDict):
    """A storage account for recorded sessions, closed to the public; its keys are on, since the SAS URL that Bastion writes by is signed with one."""  # noqa: E501

    storage_account_name: str
    """Name of the account, unique in all of Azure; another one later is another account."""  # noqa: E501
    endpoints_subnet_id: Input[str]
    """Resource id of the subnet for its private endpoint, which Bastion and the browsers of people who watch must reach on TCP 443."""  # noqa: E501
    blob_zone_id: NotRequired[Input[str]]
    """Resource id of the private DNS zone for blobs. Default: a policy makes the record."""  # noqa: E501
    retention_days: NotRequired[int]
    """Days after which recordings are deleted, 1 or more. Default: they are kept."""


class BastionSpec(TypedDict):
    """Azure Bastion; what a tier does not have is refused."""

    tier: NotRequired[BastionTier]
    """Developer, Basic (the default), Standard or Premium. A higher tier later is taken in place, but from Developer; a lower one replaces Bastion."""  # noqa: E501
    zones: NotRequired[Sequence[str]]
    """Availability zones of Bastion and its address: 1, 2, 3; not with Developer. Default: Azure chooses."""  # noqa: E501
    scale_units: NotRequired[int]
    """2 to 50; each serves 20 RDP or 40 SSH sessions. Standard and Premium only. Default: 2."""  # noqa: E501
    native_client: NotRequired[bool]
    """Opens sessions and tunnels from clients on people's own machines. Standard and Premium, not with session_recording. Default: closed."""  # noqa: E501
    file_copy: NotRequired[bool]
    """Opens the copying of files with native clients; needs native_client. Default: closed."""  # noqa: E501
    copy_paste: NotRequired[bool]
    """Opens copying and pasting of text between a browser and a machine. Basic and Developer cannot close it. Default: closed on Standard and Premium."""  # noqa: E501
    connect_by_address: NotRequired[bool]
    """Opens sessions to any private address that the network reaches, on-premises too. Standard and Premium. Default: closed."""  # noqa: E501
    shareable_link: NotRequired[bool]
    """Opens links that let people in without access to Azure. Standard and Premium. Default: closed."""  # noqa: E501
    kerberos: NotRequired[bool]
    """Whether people sign in to Windows with Kerberos; not with Developer. Default: false."""  # noqa: E501
    session_recording: NotRequired[bool]
    """Whether sessions are recorded, to a container that is named in the portal; without one nobody gets in. Premium only, not with native_client. Default: false."""  # noqa: E501
    recordings: NotRequired[RecordingsSpec]
    """Where sessions are recorded to; with session_recording. Default: an account of the caller's."""  # noqa: E501
    private_only: NotRequired[bool]
    """Whether Bastion has no public address and is reached through the network only. Premium only. Default: false."""  # noqa: E501


class ImageSpec(TypedDict):
    """An image of Azure's marketplace, generation 2 for trusted launch."""

    publisher: str
    """Such as Canonical."""
    offer: str
    """Such as ubuntu-24_04-lts."""
    sku: str
    """Such as server."""
    version: NotRequired[str]
    """Default: latest, at the time the machine is made."""


class ShutdownSpec(TypedDict):
    """When a machine is switched off every day."""

    time: str
    """Hours and minutes, such as 19:00."""
    time_zone: NotRequired[str]
    """Windows' name of the time zone, such as W. Europe Standard Time. Default: UTC."""
    notified_email: NotRequired[str]
    """Who is told half an hour before. Default: nobody."""


class SetupSpec(TypedDict):
    """What is installed on a machine after it was made."""

    enabled: NotRequired[bool]
    """Whether anything is installed. Default: true."""
    script: NotRequired[str]
    """A script of one's own in place of ours: Bash on Linux, PowerShell on Windows. Another one later runs on the same machine."""  # noqa: E501
    cloud_init: NotRequired[str]
    """Cloud-init configuration for the first boot, Linux only. Another one later replaces the machine."""  # noqa: E501


class MachineSpec(TypedDict):
    """A jump box: a virtual machine without a public address."""

    operating_system: OperatingSystem
    """linux or windows."""
    size: NotRequired[str]
    """Azure's name of the machine size. Default: Standard_D2s_v5."""
    zone: NotRequired[str]
    """Availability zone: 1, 2 or 3; another one later replaces the machine. Default: none."""  # noqa: E501
    image: NotRequired[ImageSpec]
    """Another one later replaces the machine. Default: Ubuntu Server 24.04 LTS, or Windows Server 2025 Azure Edition."""  # noqa: E501
    private_address: NotRequired[str]
    """Its address in the subnet. Default: Azure chooses."""
    computer_name: NotRequired[str]
    """Its name for itself, at most 15 characters on Windows and 64 on Linux; another one later replaces the machine. Default: made of the component's and the machine's name."""  # noqa: E501
    administrator_name: NotRequired[str]
    """Local account of the administrator; another one later replaces the machine. Default: azureuser."""  # noqa: E501
    ssh_public_key: NotRequired[str]
    """Public key of the administrator, Linux only; another one later replaces the machine. Default: that of the component."""  # noqa: E501
    administrator_password: NotRequired[Input[str]]
    """Password of the administrator as a secret; required on Windows, refused on Linux. Another one later replaces the machine."""  # noqa: E501
    disk_size_gigabytes: NotRequired[int]
    """Size of the disk with the operating system. Default: the image's."""
    disk_type: NotRequired[str]
    """Premium_LRS (the default), Premium_ZRS, StandardSSD_LRS or StandardSSD_ZRS; another one later replaces the machine."""  # noqa: E501
    encryption_at_host: NotRequired[bool]
    """Whether caches and temporary disks are encrypted too, for which the subscription has the feature EncryptionAtHost registered. Default: true."""  # noqa: E501
    shutdown: NotRequired[ShutdownSpec]
    """When it is switched off. Default: never."""
    setup: NotRequired[SetupSpec]
    """What is installed on it. Default: tools for data science."""
    backend_pool_ids: NotRequired[Sequence[Input[str]]]
    """Resource ids of load balancers' pools that its interface joins, one of them for its way out. Default: none."""  # noqa: E501


class MachineMonitoringSpec(TypedDict):
    """Where the agents on machines send logs and performance counters."""

    log_analytics_workspace_id: Input[str]
    """Resource id of the Log Analytics workspace."""
    private_link_scope_id: NotRequired[Input[str]]
    """Resource id of the Azure Monitor private link scope that the data collection endpoint joins; left out, the endpoint is open to the public."""  # noqa: E501


class JumpBoxPeopleSpec(TypedDict):
    """Who may connect: object ids of groups in Microsoft Entra ID."""

    user_group_ids: NotRequired[Sequence[Input[str]]]
    """Groups that sign in as users."""
    administrator_group_ids: NotRequired[Sequence[Input[str]]]
    """Groups that sign in as administrators."""


class JustInTimeSpec(TypedDict):
    """Ports that stay closed until somebody asks; needs Defender for Servers, plan 2."""  # noqa: E501

    maximum_hours: NotRequired[int]
    """Hours that a port is open at most, 1 to 24. Default: 3."""


class JumpBoxBastionArgs(TypedDict):
    """What a JumpBoxBastion needs."""

    resource_group_name: Input[str]
    """Resource group that holds Bastion and the machines; that of the network, with Bastion."""  # noqa: E501
    location: str
    """Azure region, such as westeurope; that of the network."""
    subscription_id: NotRequired[Input[str]]
    """Subscription of the resource group, which role definitions are named in; required with people."""  # noqa: E501
    network_id: NotRequired[Input[str]]
    """Resource id of the network; required for Developer, and for the roles of people who come from a peered one."""  # noqa: E501
    bastion: NotRequired[BastionSpec]
    """Azure Bastion. Default: Basic."""
    existing_bastion_id: NotRequired[Input[str]]
    """Resource id of a Bastion that exists already, of this network or a peered one; none is made then, and of bastion only native_client is taken, for the commands."""  # noqa: E501
    bastion_subnet_id: NotRequired[Input[str]]
    """Resource id of AzureBastionSubnet; required but for Developer."""
    bastion_subnet_prefix: NotRequired[str]
    """Its range in CIDR notation; with it, the range is checked, and just-in-time opens ports to it alone."""  # noqa: E501
    machine_subnet_id: NotRequired[Input[str]]
    """Resource id of the machines' subnet; required with machines."""
    machine_subnet_prefix: NotRequired[str]
    """Its range in CIDR notation; with it, static addresses and the number of machines are checked."""  # noqa: E501
    application_security_group_ids: NotRequired[Sequence[Input[str]]]
    """Application security groups that the machines' interfaces join. Default: one that is made here."""  # noqa: E501
    machines: NotRequired[Mapping[str, MachineSpec]]
    """Jump boxes, by name. Default: none, Bastion alone."""
    ssh_public_key: NotRequired[str]
    """Public key of the administrator of Linux machines; required where a machine has none of its own."""  # noqa: E501
    disk_customer_managed_key: NotRequired[CustomerManagedKeySpec]
    """Key that the disks are encrypted with. Default: a key of Microsoft's."""
    disk_encryption_set_id: NotRequired[Input[str]]
    """Resource id of a disk encryption set that exists already, in place of a key."""
    monitoring: NotRequired[MachineMonitoringSpec]
    """Where the machines' agents send their data. Default: no agent."""
    people: NotRequired[JumpBoxPeopleSpec]
    """Who may connect. Default: nobody is given a role."""
    just_in_time: NotRequired[JustInTimeSpec]
    """Ports that are opened on request. Default: open to Bastion at all times."""
    diagnostic_settings: NotRequired[Mapping[str, DiagnosticSettingSpec]]
    """Where logs and metrics of Bastion and the interfaces go, by a name for each setting. Default: nowhere."""  # noqa: E501
    lock: NotRequired[LockKind]
    """CanNotDelete or ReadOnly, on the machines; a destroy takes it away first. Default: none."""  # noqa: E501
    cloud: NotRequired[str]
    """Azure cloud: public (the default), us_government or china."""
    tags: NotRequired[Mapping[str, Input[str]]]
    """Tags put on every resource that takes tags."""
