"""Assigns Azure Policy's built-in definitions, so that Azure keeps to the rules too.

The policy pack judges before a deployment; what is changed at Azure afterwards, by
whom or whatever, is judged by these.
"""

from collections.abc import Iterable

import pulumi
from pulumi import Input
from pulumi_azure_native import authorization

from azureml_rulebook.azure_policies import PolicyAssignmentRow


def policy_assignments(
    name: str,
    scope: Input[str],
    rows: Iterable[PolicyAssignmentRow],
    opts: pulumi.ResourceOptions | None = None,
) -> list[authorization.PolicyAssignment]:
    """Assign ``rows`` to what ``scope`` names, and return the assignments.

    Args:
        name: what the Pulumi names begin with.
        scope: resource id of a resource group or a subscription.
        rows: from ``azureml_rulebook.azure_policies.assignments``.
        opts: of every assignment.
    """
    return [
        authorization.PolicyAssignment(
            f"{name}-{row.name}",
            policy_assignment_name=row.name,
            scope=scope,
            policy_definition_id=row.policy_definition_id,
            display_name=row.display_name,
            description=row.description,
            enforcement_mode=(
                authorization.EnforcementMode.DEFAULT
                if row.enforced
                else authorization.EnforcementMode.DO_NOT_ENFORCE
            ),
            parameters={
                parameter: {"value": value}
                for parameter, value in row.parameters.items()
            },
            opts=opts,
        )
        for row in rows
    ]
