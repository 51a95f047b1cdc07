"""Writes the planned Bastion down as Azure resources.

A tier is raised in place; a lower tier, another subnet or address replaces Bastion, so
that a preview shows what will be. Its public address is a resource of its own, and
stays.
"""

from dataclasses import dataclass

import pulumi
from pulumi import CustomTimeouts, Input, Output, ResourceOptions
from pulumi_azure_native import network

from azureml_network._diagnostics import Observed
from azureml_network._jump_box_bastion.bastion import BastionPlan, NewBastionPlan
from azureml_network._secure_vnet.egress_inputs import zones_in_name
from azureml_network._secure_vnet.egress_resources import public_address
from azureml_network._surroundings import Surroundings, living_with
from azureml_rulebook import diagnostics
from azureml_rulebook.bastion import PREMIUM, STANDARD
from azureml_rulebook.bastion_commands import BastionAddress
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import BASTION_HOST, read_resource_id

_FIXED_WHEN_MADE = [
    "zones",
    "virtualNetwork",
    "ipConfigurations[*].subnet",
    "ipConfigurations[*].publicIPAddress",
]
"""Inputs that Azure refuses to change, or to change back."""
_NEVER_RAISED_TO = ["sku", "ipConfigurations"]
"""What else replaces a Bastion whose new tier is the lowest, or shared by all."""
_RAISED_OR_LOWERED_TO = ["ipConfigurations"]
"""What else replaces a Bastion whose new tier may be higher or lower than the old one.

The engine sees that a tier changes and not in which direction. Only the highest tier
writes down how its address is given, which is the same in all of them: who leaves it
changes that, and who comes from below does not."""

_SLOW = CustomTimeouts(create="60m", update="60m", delete="60m")
"""A Bastion takes a quarter of an hour, and more with much else going on."""


@dataclass(frozen=True, kw_only=True)
class Bastion:
    """The Bastion that people come through."""

    id: Output[str]
    address: Output[BastionAddress]
    """Where the command line finds it."""
    made: network.BastionHost | None
    """None: it exists already."""
    public_address: network.PublicIPAddress | None
    """None: it has none, or exists already."""

    @property
    def observed(self) -> dict[str, Observed]:
        """What of it is made here and can tell something, by a word for each."""
        kinds = {
            "bastion": (self.made, diagnostics.BASTION),
            "bastion-pip": (self.public_address, diagnostics.PUBLIC_ADDRESS),
        }
        return {
            word: Observed(resource_id=item.id, resource_type=kind)
            for word, (item, kind) in kinds.items()
            if item is not None
        }


def bastion(
    parts: Surroundings, plan: BastionPlan, subscription_id: Input[str] | None
) -> Bastion:
    """Make the Bastion, or take the one that exists.

    ``subscription_id``: of the resource group, for its commands; None: not known.
    """
    if isinstance(plan, NewBastionPlan):
        return _new(parts, plan, subscription_id)
    resource_id = Output.from_input(plan.id)
    return Bastion(
        id=resource_id,
        address=resource_id.apply(_address_of),
        made=None,
        public_address=None,
    )


def _new(
    parts: Surroundings, plan: NewBastionPlan, subscription_id: Input[str] | None
) -> Bastion:
    options = plan.options
    address = (
        public_address(
            parts,
            plan.address_name,
            in_zones=zones_in_name(options.zones),
            zones=options.zones,
        )
        if options.has_public_address
        else None
    )
    made = network.BastionHost(
        plan.azure_name,
        bastion_host_name=living_with(
            plan.azure_name, plan.subnet_id or plan.network_id or ""
        ),
        resource_group_name=parts.resource_group_name,
        location=parts.place.region,
        sku={"name": network.BastionHostSkuName(options.tier)},
        ip_configurations=_ip_configurations(plan, address),
        virtual_network=None if plan.network_id is None else {"id": plan.network_id},
        zones=list(options.zones) or None,
        scale_units=options.sent_scale_units,
        enable_tunneling=options.native_client,
        enable_file_copy=options.file_copy,
        disable_copy_paste=options.closes_copy_paste,
        enable_ip_connect=options.connect_by_address,
        enable_shareable_link=options.shareable_link,
        enable_kerberos=options.kerberos,
        enable_session_recording=options.session_recording,
        enable_private_only_bastion=options.private_only,
        tags=parts.tags,
        # A subnet holds one Bastion, so another one waits until this one is gone.
        opts=ResourceOptions.merge(
            parts.options(),
            ResourceOptions(
                replace_on_changes=_replaced_for(options.tier),
                delete_before_replace=True,
                custom_timeouts=_SLOW,
            ),
        ),
    )
    return Bastion(
        id=made.id,
        address=Output.all(parts.resource_group_name, subscription_id).apply(
            lambda values: BastionAddress(
                name=plan.azure_name,
                resource_group_name=values[0],
                subscription_id=values[1],
            )
        ),
        made=made,
        public_address=address,
    )


def _replaced_for(tier: str) -> list[str]:
    """Return the inputs whose change replaces a Bastion that gets this tier."""
    if tier == PREMIUM:
        return _FIXED_WHEN_MADE
    if tier == STANDARD:
        return [*_FIXED_WHEN_MADE, *_RAISED_OR_LOWERED_TO]
    return [*_FIXED_WHEN_MADE, *_NEVER_RAISED_TO]


def _ip_configurations(
    plan: NewBastionPlan, address: network.PublicIPAddress | None
) -> list[network.BastionHostIPConfigurationArgsDict] | None:
    if plan.subnet_id is None:
        return None
    configuration: network.BastionHostIPConfigurationArgsDict = {
        "name": "bastion",
        "subnet": {"id": plan.subnet_id},
    }
    if plan.options.tier == PREMIUM:
        configuration["private_ip_allocation_method"] = (
            network.IPAllocationMethod.DYNAMIC
        )
    if address is not None:
        configuration["public_ip_address"] = {"id": address.id}
    return [configuration]


def _address_of(resource_id: str) -> BastionAddress:
    """Return where the Bastion with that id is found."""
    found = read_resource_id(resource_id, BASTION_HOST, "existing_bastion_id")
    if isinstance(found, Finding):
        raise pulumi.RunError(str(found))
    return BastionAddress(
        name=found.name,
        resource_group_name=found.resource_group_name,
        subscription_id=found.subscription_id,
    )
