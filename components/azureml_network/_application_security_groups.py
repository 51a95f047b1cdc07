"""Reads the application security groups that network interfaces join."""

from pulumi import Input

from azureml_network._inputs import InputReader
from azureml_rulebook.findings import joined
from azureml_rulebook.network_interfaces import security_group_findings
from azureml_rulebook.resource_ids import APPLICATION_SECURITY_GROUP


def read_application_security_groups(
    reader: InputReader, key: str
) -> tuple[Input[str], ...]:
    """Return the ids of the groups at ``key``; empty if it was left out."""
    ids = reader.resource_ids(key, APPLICATION_SECURITY_GROUP)
    reader.findings += security_group_findings(len(ids), path=joined(reader.path, key))
    return ids
