"""Reads Azure Bastion: the one that is made, or the one that exists already.

What each tier has and lacks stands in the rulebook; here it is compared with what is
asked for, and with the network that is given for it.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_network._jump_box_bastion.arguments import BastionSpec, BastionTier
from azureml_network._jump_box_bastion.recordings import (
    RecordingsPlan,
    read_recordings,
)
from azureml_network._place import Place, read_zones
from azureml_network._secure_vnet.egress_inputs import zones_in_name
from azureml_rulebook.address_ranges import read_range
from azureml_rulebook.bastion import (
    DEVELOPER_PAGE,
    SETTINGS_PAGE,
    BastionOptions,
    bastion_findings,
    bastion_subnet_findings,
    bastion_warnings,
    is_dedicated,
)
from azureml_rulebook.capacity import capacity_findings
from azureml_rulebook.findings import Finding
from azureml_rulebook.names import name_findings
from azureml_rulebook.resource_ids import BASTION_HOST, SUBNET
from azureml_rulebook.subnets import BASTION

_SPEC, _EXISTING = "bastion", "existing_bastion_id"
_SUBNET, _PREFIX = "bastion_subnet_id", "bastion_subnet_prefix"
_NATIVE_CLIENT = "native_client"


@dataclass(frozen=True, kw_only=True)
class NewBastionPlan:
    """A Bastion as it will be made."""

    azure_name: str
    options: BastionOptions
    network_id: Input[str] | None
    """The network of one that has no subnet."""
    subnet_id: Input[str] | None
    """The subnet of one that has one."""
    subnet_prefix: IPv4Network | None
    recordings: RecordingsPlan | None
    """Where sessions are recorded to; None: to an account of the caller's, or nowhere.
    """
    warnings: tuple[str, ...]

    @property
    def native_client(self) -> bool:
        """Whether clients on people's own machines may be used."""
        return self.options.native_client

    @property
    def address_name(self) -> str:
        """Pulumi name of its public address."""
        return f"{self.azure_name}-pip"


@dataclass(frozen=True, kw_only=True)
class ExistingBastionPlan:
    """A Bastion that exists already."""

    id: Input[str]
    native_client: bool
    """Whether clients on people's own machines may be used, as the caller says."""
    subnet_prefix: IPv4Network | None
    warnings: tuple[str, ...] = ()


BastionPlan = NewBastionPlan | ExistingBastionPlan


def read_bastion(
    reader: InputReader, name: str, place: Place, network_id: Input[str] | None
) -> BastionPlan:
    """Read the Bastion of the component called ``name``.

    ``network_id``: of the network, as it was read.
    """
    if reader.has(_EXISTING):
        return _existing(reader)
    return _new(reader, name, place, network_id)


def _existing(reader: InputReader) -> ExistingBastionPlan:
    spec = reader.nested(_SPEC, BastionSpec)
    for key in BastionSpec.__annotations__:
        if key != _NATIVE_CLIENT and spec.has(key):
            spec.note(
                key,
                f"is of a Bastion that is made here, and {_EXISTING} is set; leave one "
                f"of the two out. Of one that exists only {_NATIVE_CLIENT} is asked, "
                "for its commands",
            )
    if reader.has(_SUBNET):
        reader.note(
            _SUBNET,
            f"is of a Bastion that is made here, and {_EXISTING} is set; leave one of "
            "the two out",
        )
    return ExistingBastionPlan(
        id=reader.resource_id(_EXISTING, BASTION_HOST) or "",
        native_client=spec.flag(_NATIVE_CLIENT, False),
        subnet_prefix=_prefix(reader, exists=True),
    )


def _new(
    reader: InputReader, name: str, place: Place, network_id: Input[str] | None
) -> NewBastionPlan:
    spec = reader.nested(_SPEC, BastionSpec)
    options = _options(spec)
    recordings = read_recordings(spec, place, records=options.session_recording)
    reader.findings += bastion_findings(options, path=_SPEC)
    dedicated = is_dedicated(options.tier)
    if dedicated:
        subnet_id = _subnet(reader)
    else:
        subnet_id = None
        _note_no_subnet(reader)
    plan = NewBastionPlan(
        azure_name=f"{name}-bastion",
        options=options,
        network_id=None if dedicated else network_id,
        subnet_id=subnet_id,
        subnet_prefix=_prefix(reader, exists=False) if dedicated else None,
        recordings=recordings,
        warnings=bastion_warnings(
            options,
            cloud_name=place.cloud_name,
            region=place.region,
            has_container=recordings is not None,
            path=_SPEC,
        ),
    )
    reader.findings += _name_findings(plan)
    return plan


def _options(spec: InputReader) -> BastionOptions:
    return BastionOptions(
        tier=spec.choice("tier", BastionTier.BASIC).value,
        zones=read_zones(spec),
        scale_units=spec.optional_integer("scale_units"),
        native_client=spec.flag(_NATIVE_CLIENT, False),
        file_copy=spec.flag("file_copy", False),
        copy_paste=spec.flag("copy_paste", False) if spec.has("copy_paste") else None,
        connect_by_address=spec.flag("connect_by_address", False),
        shareable_link=spec.flag("shareable_link", False),
        kerberos=spec.flag("kerberos", False),
        session_recording=spec.flag("session_recording", False),
        private_only=spec.flag("private_only", False),
    )


def _subnet(reader: InputReader) -> Input[str] | None:
    subnet_id = reader.resource_id(_SUBNET, SUBNET)
    if subnet_id is None:
        reader.note_missing(
            _SUBNET,
            "is required and not set: a Bastion of this tier lives in "
            f"AzureBastionSubnet ({SETTINGS_PAGE})",
        )
    reader.findings += bastion_subnet_findings(
        subnet_id, reader.optional_input("resource_group_name"), path=_SUBNET
    )
    return subnet_id


def _note_no_subnet(reader: InputReader) -> None:
    """Note what is missing and what is too much for a tier without a subnet."""
    for key in (_SUBNET, _PREFIX):
        if reader.has(key):
            reader.note(
                key,
                "is of a Bastion with a subnet of its own, and tier Developer has "
                f"none; leave it out, or use another tier ({DEVELOPER_PAGE})",
            )
    if not reader.has("network_id"):
        reader.note_missing(
            "network_id",
            "is required and not set: tier Developer belongs to a network, and to no "
            f"subnet ({DEVELOPER_PAGE})",
        )


def _prefix(reader: InputReader, *, exists: bool) -> IPv4Network | None:
    """Read the range of Bastion's subnet, which of a new one has a size to keep."""
    text = reader.optional_text(_PREFIX)
    if text is None:
        return None
    found = read_range(text, _PREFIX)
    if isinstance(found, Finding):
        reader.findings.append(found)
        return None
    reader.findings += capacity_findings(
        BASTION, found.prefixlen, path=_PREFIX, exists=exists
    )
    return found


def _name_findings(plan: NewBastionPlan) -> list[Finding]:
    """Check the names that the component's name makes; the longest one is enough."""
    if not plan.options.has_public_address:
        return name_findings("bastion_host", plan.azure_name, path="name")
    address = f"{plan.address_name}{zones_in_name(plan.options.zones)}"
    return name_findings("public_ip_address", address, path="name")
