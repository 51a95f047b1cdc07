"""Rules of security groups that examples in the documentation share."""

from typing import Any

DENY_ALL_IN = {
    "name": "DenyAllInbound",
    "priority": 4096,
    "direction": "Inbound",
    "access": "Deny",
    "protocol": "*",
    "sourceAddressPrefix": "*",
    "sourcePortRange": "*",
    "destinationAddressPrefix": "*",
    "destinationPortRange": "*",
}
DENY_ALL_OUT = {**DENY_ALL_IN, "name": "DenyAllOutbound", "direction": "Outbound"}


def example_rule(**changes: Any) -> dict[str, Any]:
    """Return a rule that lets clients reach endpoints, with changes."""
    return {
        "name": "AllowHttpsInbound",
        "priority": 100,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "10.20.0.0/25",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "10.20.0.128/27",
        "destinationPortRange": "443",
        **changes,
    }
