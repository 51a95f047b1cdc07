"""Which of Azure Policy's definitions stand for the rules, as documentation."""

from collections.abc import Mapping

from azureml_policies._frame.catalogue import table
from azureml_rulebook.azure_policies import (
    PolicyAssignmentRow,
    assignments,
    azure_policies,
    left_out,
)
from azureml_rulebook.clouds import PUBLIC, US_GOVERNMENT


def azure_policy_page(rules: Mapping[str, Mapping[str, str]]) -> str:
    """Return a Markdown page on definition id to rules and their levels."""
    audited = assignments("audit", PUBLIC, rules=rules)
    denied = {row.name: row for row in assignments("deny", PUBLIC, rules=rules)}
    governed = {row.name for row in assignments("audit", US_GOVERNMENT, rules=rules)}
    assigned = (
        (
            row.display_name.partition(": ")[2],
            ", ".join(row.rules),
            _effect(row),
            _effect(denied[row.name]),
            "yes" if row.name in governed else "",
        )
        for row in audited
    )
    others = (
        (each.policy.display_name, ", ".join(each.rules), each.reason)
        for each in left_out(PUBLIC, rules=rules)
    )
    return "\n\n".join(
        [
            "# Azure Policy for the rules",
            "[All rules](../policies.md#the-rules)",
            "What each definition is assigned with where the switch says `audit` or "
            "`deny`, and whether it is known for Azure US Government.",
            table(("Definition", "Rules", "audit", "deny", "US Government"), assigned),
            "## Left out",
            table(("Definition", "Rules", "Why"), others),
            f"{len(azure_policies())} definitions are known.\n",
        ]
    )


def _effect(row: PolicyAssignmentRow) -> str:
    if not row.enforced:
        return "Deny, not enforced"
    return next(iter(row.parameters.values()), "Deny")
