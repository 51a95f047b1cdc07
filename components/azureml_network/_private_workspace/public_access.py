"""The one opening of a workspace to the public: for a reason, and said aloud."""

from collections.abc import Sequence
from dataclasses import dataclass

from pulumi import Input, Output

from azureml_network._inputs import InputReader
from azureml_network._private_workspace.arguments import PublicAccessSpec
from azureml_rulebook.findings import joined
from azureml_rulebook.public_access import opening_commands, public_address_findings


@dataclass(frozen=True, kw_only=True)
class PublicAccessPlan:
    """How a workspace is opened."""

    reason: str
    addresses: tuple[str, ...]
    """Who may come in; empty: everybody."""

    @property
    def opens_to_everybody(self) -> bool:
        """Whether the workspace itself is made open.

        With addresses it is made closed and opened by commands: to everybody between
        the first and the second.
        """
        return not self.addresses

    @property
    def warning(self) -> str:
        """What a review is told."""
        if self.opens_to_everybody:
            return (
                "public_access: the workspace is open to every public address; reason: "
                f"{self.reason}"
            )
        return (
            "public_access: the workspace is to be open to "
            f"{', '.join(self.addresses)}; reason: {self.reason}. It is made closed; "
            "the output publicAccessCommands has the commands that open it, and "
            "between the first of them and the second it is open to everybody. Every "
            "later update of the workspace closes it again; run them anew after one"
        )


def read_public_access(reader: InputReader) -> PublicAccessPlan | None:
    """Read whether the workspace is opened; None: it is closed."""
    key = "public_access"
    if not reader.has(key):
        return None
    spec = reader.nested(key, PublicAccessSpec)
    reason = spec.text("reason")
    addresses = spec.texts("addresses", ())
    if spec.is_empty("addresses"):
        spec.note("addresses", "is an empty list; leave it out to open to everybody")
    spec.findings += public_address_findings(
        addresses, path=joined(spec.path, "addresses")
    )
    return PublicAccessPlan(
        reason=reason, addresses=tuple(str(address) for address in addresses)
    )


def public_access_commands(
    plan: PublicAccessPlan | None,
    workspace_name: str,
    resource_group_name: Input[str],
) -> Output[Sequence[str]]:
    """Return the commands that open the workspace to the planned addresses."""
    addresses = () if plan is None else plan.addresses
    return Output.from_input(resource_group_name).apply(
        lambda group: opening_commands(workspace_name, group, addresses)
    )
