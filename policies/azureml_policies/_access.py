"""How a service is reached: through private endpoints, or from chosen subnets.

Storage accounts and vaults can be shut altogether, or stay open to a list of subnets
with service endpoints. A stack chooses one mode in the configuration, and the rules on
public access follow it.
"""

from collections.abc import Iterator

from azureml_policies._frame import (
    Context,
    Finding,
    Known,
    Resource,
    Violation,
    must_be,
)

PRIVATE_ENDPOINT = "privateEndpoint"
SERVICE_ENDPOINT = "serviceEndpoint"

ACCESS_MODE = {
    "accessMode": {
        "type": "string",
        "enum": [PRIVATE_ENDPOINT, SERVICE_ENDPOINT],
        "default": PRIVATE_ENDPOINT,
        "description": "privateEndpoint: no public access at all. serviceEndpoint: "
        "public access is allowed where the firewall denies by default and names the "
        "subnets that may pass",
    }
}
"""The setting of the rules that ``closed_or_networks_only`` serves."""


def closed_or_networks_only(
    subject: Resource,
    context: Context,
    path: str,
    *allowed: str,
    rules: str,
    unset: str,
) -> Iterator[Finding]:
    """Want the public switch at ``path`` to be one of ``allowed``.

    In the service endpoint mode an open switch is accepted too, if the firewall at
    ``rules`` denies by default and lists subnets.
    """
    if context.settings["accessMode"] == PRIVATE_ENDPOINT:
        yield from must_be(subject, path, *allowed, unset=unset)
        return
    switch = subject.value(path)
    if isinstance(switch, Known) and switch.is_any_of(allowed):
        return
    yield from must_be(
        subject,
        f"{rules}.defaultAction",
        "Deny",
        unset="everybody may pass",
    )
    subnets = subject.value(f"{rules}.virtualNetworkRules")
    if not subnets.elements():
        yield Violation(
            subnets.path,
            f"{subnets.path} is empty: nobody may pass; name the subnets that may",
        )
