"""The rule on how people sign in to machines through Azure Bastion."""

from collections.abc import Iterator

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Context,
    Finding,
    Resource,
    must_be_flag,
    resource_rule,
)
from azureml_policies._frameworks import assigned
from azureml_policies._plan import BASTION_HOST


@resource_rule(
    id="BA007",
    name="bastion-no-kerberos",
    level=EnforcementLevel.ADVISORY,
    severity=Severity.LOW,
    types=(BASTION_HOST,),
    settings={
        "kerberos": {
            "type": "boolean",
            "default": False,
            "description": "People may sign in to machines of a domain by Kerberos",
        }
    },
    controls=(assigned("PA-6"),),
    remedy={"enableKerberos": False},
    steps="Leave enableKerberos out, or set it to false, where machines belong to no "
    "domain, or open it in this environment's configuration. The level `remediate` "
    "closes it, whatever is open there.",
    url="https://learn.microsoft.com/azure/bastion/kerberos-authentication-portal",
    bad={"sku": {"name": "Standard"}, "enableKerberos": True},
    good={"sku": {"name": "Standard"}, "enableKerberos": False},
)
def no_kerberos(bastion: Resource, context: Context) -> Iterator[Finding]:
    """A Bastion takes sign-in by Kerberos only where it is meant."""
    if not context.settings["kerberos"]:
        yield from must_be_flag(bastion, "enableKerberos", False)
