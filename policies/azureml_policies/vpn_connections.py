"""Rules for the connections of VPN gateways: which protocol, and which encryption.

Azure offers weak values beside strong ones where a connection names no policy of its
own. Which values are weak, and why, stands in the rulebook.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_policy import EnforcementLevel, Severity

from azureml_policies._frame import (
    Absent,
    Context,
    Finding,
    Known,
    NotApplicable,
    Reading,
    Resource,
    Unknown,
    Violation,
    must_be,
    resource_rule,
    undecided,
)
from azureml_policies._frameworks import assigned
from azureml_rulebook.ipsec import (
    DEFAULT_SUITE,
    POLICY_PAGE,
    PROTOCOL,
    SUITES,
    Choice,
    IpsecPolicy,
    current_values,
    policy_findings,
)

CONNECTION = "network:VirtualNetworkGatewayConnection"
_KIND = "connectionType"
_TUNNELS = ("IPsec", "Vnet2Vnet")
"""Connections that are encrypted by IPsec
(https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings).
"""
_POLICIES = "ipsecPolicies"
_KEYS: dict[Choice, str] = {
    Choice.IKE_ENCRYPTION: "ikeEncryption",
    Choice.IKE_INTEGRITY: "ikeIntegrity",
    Choice.DH_GROUP: "dhGroup",
    Choice.IPSEC_ENCRYPTION: "ipsecEncryption",
    Choice.IPSEC_INTEGRITY: "ipsecIntegrity",
    Choice.PFS_GROUP: "pfsGroup",
}
"""What Azure calls the choices of a policy."""
_SHORTER = ("AES128", "AES192")


def _strong(choice: Choice) -> tuple[str, ...]:
    """Return the current values of a choice, without those of keys under 256 bits."""
    return tuple(v for v in current_values(choice) if not v.endswith(_SHORTER))


def _example(**changed: str) -> dict[str, Any]:
    strong = SUITES[DEFAULT_SUITE]
    policy = {key: getattr(strong, choice) for choice, key in _KEYS.items()}
    return {"connectionType": "IPsec", "ipsecPolicies": [policy | changed]}


@resource_rule(
    id="VG004",
    name="vpn-ipsec-policy-strong",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.HIGH,
    types=(CONNECTION,),
    controls=(assigned("DP-3"),),
    azure_policies=("50b83b09-03da-41c1-b656-c293c914862b",),
    steps="Give the connection one complete policy in ipsecPolicies, with AES of 256 "
    "bits in both phases, SHA-256 or better, a group of 2048 bits or a curve, and "
    "perfect forward secrecy. HybridGateway also takes suites of 128 and 192 bits, "
    "which are not broken; this rule takes 256 alone.",
    url=POLICY_PAGE,
    bad=_example(ikeEncryption="DES3"),
    good=_example(),
)
def strong_policy(connection: Resource, context: Context) -> Iterator[Finding]:
    """A VPN connection names a policy of strong encryption, of 256 bits."""
    yield from _only_tunnels(connection, _policies(connection))


def _policies(connection: Resource) -> Iterator[Finding]:
    reading = connection.value(_POLICIES)
    if isinstance(reading, Unknown):
        yield undecided(reading, "it has to hold a policy of 256 bits")
        return
    policies = reading.elements()
    if not policies:
        yield Violation(
            _POLICIES,
            f"{_POLICIES} is missing: Azure also offers weak encryption; add a policy "
            "with AES of 256 bits",
        )
    for policy in policies:
        findings = [
            finding
            for choice, key in _KEYS.items()
            for finding in _value(policy.at(key), choice)
        ]
        yield from findings or _together(policy)


def _value(value: Reading, choice: Choice) -> Iterator[Finding]:
    allowed = _strong(choice)
    listed = ", ".join(allowed)
    match value:
        case Known() if not value.is_any_of(allowed):
            reason = _reason(value, choice)
            yield Violation(
                value.path,
                f"{value.path} is {value.text}{reason}; use one of {listed}",
            )
        case Absent():
            yield Violation(value.path, f"{value.path} is missing; use one of {listed}")
        case Unknown():
            yield undecided(value, f"it has to be one of {listed}")


def _reason(value: Known, choice: Choice) -> str:
    """Return why the rulebook refuses a value, as the rest of a sentence."""
    if value.is_any_of(current_values(choice)):
        return ", of fewer than 256 bits"
    return ", which is weak or unknown"


def _together(policy: Reading) -> Iterator[Finding]:
    """Check that strong values go together, and the lifetimes of keys."""
    chosen: dict[str, Any] = {
        str(choice): next(each for each in _strong(choice) if value.is_any_of((each,)))
        for choice, key in _KEYS.items()
        if isinstance(value := policy.at(key), Known)
    }
    lifetimes: dict[str, Any] = {
        field: int(value.value)
        for field, key in (
            ("lifetime_seconds", "saLifeTimeSeconds"),
            ("lifetime_kilobytes", "saDataSizeKilobytes"),
        )
        if isinstance(value := policy.at(key), Known)
        and isinstance(value.value, float)
        and abs(value.value) < 2**53
    }
    for finding in policy_findings(IpsecPolicy(**chosen, **lifetimes)):
        yield Violation(policy.path, f"{policy.path}.{finding}")


@resource_rule(
    id="VG005",
    name="vpn-ikev2",
    level=EnforcementLevel.MANDATORY,
    severity=Severity.MEDIUM,
    types=(CONNECTION,),
    controls=(assigned("DP-3"),),
    remedy={"connectionProtocol": PROTOCOL},
    steps="Set connectionProtocol to IKEv2. Azure never changes the protocol of a "
    "connection that exists: it is replaced.",
    url="https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq",
    bad={"connectionType": "IPsec", "connectionProtocol": "IKEv1"},
    good={"connectionType": "IPsec", "connectionProtocol": "IKEv2"},
)
def current_protocol(connection: Resource, context: Context) -> Iterator[Finding]:
    """A VPN connection negotiates its keys by IKEv2."""
    findings = must_be(
        connection,
        "connectionProtocol",
        PROTOCOL,
        unset="Azure chooses by the type of the gateway",
    )
    yield from _only_tunnels(connection, findings)


def _only_tunnels(
    connection: Resource, findings: Iterable[Finding]
) -> Iterator[Finding]:
    """Yield ``findings`` for connections by IPsec; others are not concerned.

    Where the kind is not known, a finding may not count: it is undecided.
    """
    kind = connection.value(_KIND)
    match kind:
        case Known() if kind.is_any_of(_TUNNELS):
            yield from findings
        case Known(value=str(), is_blank=False):
            raise NotApplicable("judges connections that IPsec encrypts")
        case Unknown():
            for finding in findings:
                yield undecided(kind, f"if IPsec encrypts it, {finding.message}")
        case _:
            yield Violation(
                _KIND, f"{_KIND} is missing or no text; set it to the connection's type"
            )
