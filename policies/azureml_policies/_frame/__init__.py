"""The frame that runs the rules; what a rule's module needs is named here."""

from azureml_policies._frame.arm_ids import parse_arm_id
from azureml_policies._frame.checks import (
    must_be,
    must_be_at_least,
    must_be_flag,
    must_be_set,
    undecided,
)
from azureml_policies._frame.findings import (
    Approval,
    Approved,
    Finding,
    NotApplicable,
    Undecided,
    Violation,
)
from azureml_policies._frame.remedies import (
    Dropped,
    EntriesFromSetting,
    FromProperties,
    FromSetting,
)
from azureml_policies._frame.resources import (
    Options,
    Provider,
    Reference,
    Resource,
    Stack,
)
from azureml_policies._frame.rules import (
    Context,
    Control,
    Example,
    Rule,
    resource_rule,
    rules_of,
    stack_rule,
)
from azureml_policies._frame.servicer import serve
from azureml_policies._frame.values import (
    Absent,
    Known,
    Reading,
    Unknown,
    WrongType,
)

__all__ = [
    "Absent",
    "Approval",
    "Approved",
    "Context",
    "Control",
    "Dropped",
    "EntriesFromSetting",
    "Example",
    "Finding",
    "FromProperties",
    "FromSetting",
    "Known",
    "NotApplicable",
    "Options",
    "Provider",
    "Reading",
    "Reference",
    "Resource",
    "Rule",
    "Stack",
    "Undecided",
    "Unknown",
    "Violation",
    "WrongType",
    "must_be",
    "must_be_at_least",
    "must_be_flag",
    "must_be_set",
    "parse_arm_id",
    "resource_rule",
    "rules_of",
    "serve",
    "stack_rule",
    "undecided",
]
