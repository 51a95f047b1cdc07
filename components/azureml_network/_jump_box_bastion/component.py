"""Azure Bastion, and jump boxes that only it can reach."""

from collections.abc import Mapping

import pulumi
from pulumi import Input, Output, ResourceOptions

from azureml_network._diagnostics import Observed, diagnostic_settings
from azureml_network._inputs import findings_of
from azureml_network._jump_box_bastion.arguments import JumpBoxBastionArgs
from azureml_network._jump_box_bastion.bastion import NewBastionPlan
from azureml_network._jump_box_bastion.bastion_resources import Bastion, bastion
from azureml_network._jump_box_bastion.commands import (
    native_client_commands,
    portal_addresses,
)
from azureml_network._jump_box_bastion.just_in_time import just_in_time
from azureml_network._jump_box_bastion.machine_resources import JumpBox, jump_boxes
from azureml_network._jump_box_bastion.people import people_roles
from azureml_network._jump_box_bastion.plan import JumpBoxBastionPlan, plan_jump_boxes
from azureml_network._jump_box_bastion.recordings import Recordings, recordings
from azureml_network._locks import management_lock
from azureml_network._surroundings import Surroundings, given_after
from azureml_rulebook.diagnostics import NETWORK_INTERFACE
from azureml_rulebook.findings import Finding
from azureml_rulebook.session_recordings import player_origin


class JumpBoxBastion(pulumi.ComponentResource):
    """Azure Bastion and jump boxes without public addresses, which groups of people reach through it with Microsoft Entra ID."""  # noqa: E501

    bastion_id: Output[str]
    """Resource id of Bastion, made here or not."""
    bastion_name: Output[str]
    """Azure name of Bastion."""
    bastion_public_address: Output[str] | None
    """Public address of Bastion; not set where it has none of its own, or exists already."""  # noqa: E501
    session_recordings_url: Output[str] | None
    """URL of the container of the recordings, which a SAS token is added to; not set where it is not made here."""  # noqa: E501
    session_recording_origin: Output[str] | None
    """Origin that the CORS rule of the account with the recordings allows; not set where sessions are not recorded."""  # noqa: E501
    machine_ids: Mapping[str, Output[str]]
    """Resource ids of the machines by name; each is given once all is installed on its machine."""  # noqa: E501
    machine_names: Mapping[str, str]
    """Azure names of the machines by name."""
    interface_ids: Mapping[str, Output[str]]
    """Resource ids of the machines' network interfaces by name."""
    application_security_group_id: Output[str] | None
    """Resource id of the application security group that is made for the interfaces; not set where they join the caller's, or there are none."""  # noqa: E501
    private_addresses: Mapping[str, Output[str]]
    """Addresses of the machines in their subnet by name."""
    ssh_commands: Mapping[str, Output[str]]
    """Commands that open a shell on Linux machines by name; none where native clients are closed."""  # noqa: E501
    rdp_commands: Mapping[str, Output[str]]
    """Commands that open the desktop of Windows machines by name, for clients on Windows; as above."""  # noqa: E501
    tunnel_commands: Mapping[str, Output[str]]
    """Commands that lead a local port to each machine by name; as above."""
    portal_addresses: Mapping[str, Output[str]]
    """Pages of the portal that open a session in the browser, by name of the machine."""  # noqa: E501

    def __init__(
        self, name: str, args: JumpBoxBastionArgs, opts: ResourceOptions | None = None
    ) -> None:
        plan = plan_jump_boxes(name, args)
        super().__init__("azureml-network:index:JumpBoxBastion", name, {}, opts)
        for warning in plan.warnings:
            pulumi.log.warn(warning, self)
        parts = Surroundings.of(name, self, args, plan.place)
        host = bastion(parts, plan.bastion, plan.people.subscription_id)
        boxes = jump_boxes(parts, plan.machines)
        roles = people_roles(parts, plan.people, _shared_scopes(plan, host), boxes)
        on_request = just_in_time(parts, plan.just_in_time, boxes)
        store = _recordings(parts, plan, host)
        settings = diagnostic_settings(
            name, self, plan.diagnostic_settings, _observed(host, boxes, store)
        )
        _locks(parts, plan, boxes, [*roles, *on_request, *settings])

        self.bastion_id = host.id
        self.bastion_name = host.address.apply(lambda address: address.name)
        self.bastion_public_address = (
            None
            if host.public_address is None
            else host.public_address.ip_address.apply(lambda ip: ip or "")
        )
        self.session_recording_origin = _recording_origin(plan, host)
        self.session_recordings_url = None if store is None else store.url
        self.machine_ids = {
            key: given_after(box.machine.id, *box.made) for key, box in boxes.items()
        }
        self.machine_names = {
            key: machine.azure_name for key, machine in plan.machines.machines.items()
        }
        self.interface_ids = {key: box.interface.id for key, box in boxes.items()}
        self.application_security_group_id = next(
            (
                box.application_security_group.id
                for box in boxes.values()
                if box.application_security_group is not None
            ),
            None,
        )
        self.private_addresses = {
            key: _private_address(box) for key, box in boxes.items()
        }
        commands = native_client_commands(
            plan.machines,
            host.address,
            self.machine_ids,
            native_client=plan.bastion.native_client,
        )
        self.ssh_commands = commands.ssh
        self.rdp_commands = commands.rdp
        self.tunnel_commands = commands.tunnel
        self.portal_addresses = portal_addresses(plan.place, self.machine_ids)
        self.register_outputs(
            {
                "bastionId": self.bastion_id,
                "bastionName": self.bastion_name,
                "bastionPublicAddress": self.bastion_public_address,
                "sessionRecordingOrigin": self.session_recording_origin,
                "sessionRecordingsUrl": self.session_recordings_url,
                "machineIds": self.machine_ids,
                "machineNames": self.machine_names,
                "interfaceIds": self.interface_ids,
                "applicationSecurityGroupId": self.application_security_group_id,
                "privateAddresses": self.private_addresses,
                "sshCommands": self.ssh_commands,
                "rdpCommands": self.rdp_commands,
                "tunnelCommands": self.tunnel_commands,
                "portalAddresses": self.portal_addresses,
            }
        )

    @staticmethod
    def check(name: str, args: JumpBoxBastionArgs) -> tuple[Finding, ...]:
        """Return everything that is wrong with the inputs, and make nothing.

        For programs that tell the faults of several components together.
        """
        return findings_of(lambda: plan_jump_boxes(name, args))


def _shared_scopes(plan: JumpBoxBastionPlan, host: Bastion) -> dict[str, Input[str]]:
    """Return what people see besides the machines, by the rulebook's words."""
    existing = plan.bastion if not isinstance(plan.bastion, NewBastionPlan) else None
    scopes: dict[str, Input[str]] = {
        # A plain id tells the subscription, which may be another one.
        "bastion": host.id if existing is None else existing.id
    }
    if plan.network_id is not None:
        scopes["network"] = plan.network_id
    return scopes


def _observed(
    host: Bastion, boxes: Mapping[str, JumpBox], store: Recordings | None
) -> dict[str, Observed]:
    """Return what can tell something, by a word for each."""
    return {
        **host.observed,
        **({} if store is None else store.observed),
        **{
            f"{key}-nic": Observed(
                resource_id=box.interface.id, resource_type=NETWORK_INTERFACE
            )
            for key, box in boxes.items()
        },
    }


def _locks(
    parts: Surroundings,
    plan: JumpBoxBastionPlan,
    boxes: Mapping[str, JumpBox],
    after: list[pulumi.Resource],
) -> None:
    """Lock the machines; ``after``: what can be deleted only while there is no lock."""
    if plan.lock is None:
        return
    everything = [*after, *(item for box in boxes.values() for item in box.made)]
    for key, box in boxes.items():
        management_lock(
            f"{parts.name}-{key}-lock",
            parts.parent,
            plan.lock,
            box.machine.id,
            "Guards a jump box of a private Azure Machine Learning network.",
            everything,
        )


def _recording_origin(plan: JumpBoxBastionPlan, host: Bastion) -> Output[str] | None:
    """Return where recordings are played from, if sessions are recorded."""
    planned = plan.bastion
    if host.made is None or not isinstance(planned, NewBastionPlan):
        return None
    if not planned.options.session_recording:
        return None
    return host.made.dns_name.apply(lambda dns_name: player_origin(dns_name or ""))


def _recordings(
    parts: Surroundings, plan: JumpBoxBastionPlan, host: Bastion
) -> Recordings | None:
    """Make what sessions are recorded to, if it is asked for."""
    planned = plan.bastion
    if host.made is None or not isinstance(planned, NewBastionPlan):
        return None
    if planned.recordings is None:
        return None
    return recordings(parts, planned.recordings, host.made)


def _private_address(box: JumpBox) -> Output[str]:
    """Return the address that the interface has, wished for or not."""
    return box.interface.ip_configurations.apply(
        lambda configurations: (
            configurations[0].private_ip_address or "" if configurations else ""
        )
    )
