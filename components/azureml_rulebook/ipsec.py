"""What the two phases of a site's tunnel are encrypted with, and what is too weak.

Azure takes one complete policy for each connection, or else offers a list of its own
that holds weak values; so a policy is always written, from a named suite and from what
the caller changes in it.
"""

from dataclasses import dataclass
from enum import StrEnum

from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.spelling import suggestion

_VPN = "https://learn.microsoft.com/azure/vpn-gateway"
POLICY_PAGE = f"{_VPN}/ipsec-ike-policy-howto"
_FAQ_PAGE = f"{_VPN}/vpn-gateway-vpn-faq"
_PHASE_1_PAGE = "https://www.rfc-editor.org/rfc/rfc8247"
_PHASE_2_PAGE = "https://www.rfc-editor.org/rfc/rfc8221"

PROTOCOL = "IKEv2"
"""Azure also takes IKEv1, which knows none of the current suites, and never changes
the protocol of a connection that exists (``_FAQ_PAGE``)."""

MAIN_MODE_SECONDS = 28800
"""How long the keys of phase 1 live, which nobody can change (``_FAQ_PAGE``)."""

LIFETIME_SECONDS = (300, 172799)
DEFAULT_LIFETIME_SECONDS = 27000
"""How long the keys of phase 2 live (``_FAQ_PAGE``; the most is what the portal takes).
"""

LIFETIME_KILOBYTES = (1024, 2**31 - 1)
DEFAULT_LIFETIME_KILOBYTES = 102_400_000
"""How much they carry (``_FAQ_PAGE``; the most is what Azure's whole number holds)."""


class Choice(StrEnum):
    """What a policy chooses an algorithm for, as its fields are called."""

    IKE_ENCRYPTION = "ike_encryption"
    IKE_INTEGRITY = "ike_integrity"
    DH_GROUP = "dh_group"
    IPSEC_ENCRYPTION = "ipsec_encryption"
    IPSEC_INTEGRITY = "ipsec_integrity"
    PFS_GROUP = "pfs_group"


@dataclass(frozen=True, kw_only=True)
class AlgorithmRow:
    """One value that Azure takes for one choice."""

    choice: Choice
    value: str
    """As Azure spells it."""
    fault: str = ""
    """Why it is refused; empty: it is current."""
    page: str
    """Where Azure lists it, or where the reason for refusing it stands."""


_SHORT_KEY = "has keys of 56 bits, which are found by trying"
_SHORT_BLOCK = "has blocks of 64 bits, which repeat within a day's traffic"
_BROKEN_HASH = "rests on a hash that is broken"
_NO_ENCRYPTION = "does not encrypt"
_NO_EXCHANGE = "exchanges no fresh keys, so that one that leaks opens all that was sent"
_GROUP_1 = "is a group of 768 bits, which has been broken"
_GROUP_2 = "is a group of 1024 bits, which is within reach"
_NO_HASH = "names no hash, and the keys of phase 1 are derived with one"

_VALUES: dict[Choice, tuple[tuple[str, ...], dict[str, str]]] = {
    Choice.IKE_ENCRYPTION: (
        ("GCMAES256", "GCMAES128", "AES256", "AES192", "AES128"),
        {"DES3": _SHORT_BLOCK, "DES": _SHORT_KEY},
    ),
    Choice.IKE_INTEGRITY: (
        ("SHA384", "SHA256"),
        {
            "SHA1": _BROKEN_HASH,
            "MD5": _BROKEN_HASH,
            "GCMAES256": _NO_HASH,
            "GCMAES128": _NO_HASH,
        },
    ),
    Choice.DH_GROUP: (
        ("ECP384", "ECP256", "DHGroup24", "DHGroup14", "DHGroup2048"),
        {"DHGroup2": _GROUP_2, "DHGroup1": _GROUP_1, "None": _NO_EXCHANGE},
    ),
    Choice.IPSEC_ENCRYPTION: (
        ("GCMAES256", "GCMAES192", "GCMAES128", "AES256", "AES192", "AES128"),
        {"DES3": _SHORT_BLOCK, "DES": _SHORT_KEY, "None": _NO_ENCRYPTION},
    ),
    Choice.IPSEC_INTEGRITY: (
        ("GCMAES256", "GCMAES192", "GCMAES128", "SHA256"),
        {"SHA1": _BROKEN_HASH, "MD5": _BROKEN_HASH},
    ),
    Choice.PFS_GROUP: (
        ("ECP384", "ECP256", "PFS24", "PFS2048"),
        {
            "PFS2": _GROUP_2,
            "PFS1": _GROUP_1,
            "None": _NO_EXCHANGE,
            "PFS14": "is in Azure's interface and on none of its pages; PFS2048 is "
            "the same group",
            "PFSMM": "is in Azure's interface and on none of its pages; the group of "
            "phase 1 has a name of its own",
        },
    ),
}
"""By choice: the current values, the first one to be advised first, and the refused
ones with the reason. All are in Azure's interface; those on its page are there
(``POLICY_PAGE``). Both phases' weak values are those that the two RFCs above name."""

_PHASE_1 = (Choice.IKE_ENCRYPTION, Choice.IKE_INTEGRITY, Choice.DH_GROUP)

ALGORITHMS: tuple[AlgorithmRow, ...] = tuple(
    row
    for choice, (current, refused) in _VALUES.items()
    for row in (
        *(
            AlgorithmRow(choice=choice, value=value, page=_FAQ_PAGE)
            for value in current
        ),
        *(
            AlgorithmRow(
                choice=choice,
                value=value,
                fault=fault,
                page=_PHASE_1_PAGE if choice in _PHASE_1 else _PHASE_2_PAGE,
            )
            for value, fault in refused.items()
        ),
    )
)


@dataclass(frozen=True, kw_only=True)
class IpsecPolicy:
    """A whole policy, in Azure's words."""

    ike_encryption: str
    ike_integrity: str
    dh_group: str
    ipsec_encryption: str
    ipsec_integrity: str
    pfs_group: str
    lifetime_seconds: int = DEFAULT_LIFETIME_SECONDS
    lifetime_kilobytes: int = DEFAULT_LIFETIME_KILOBYTES


DEFAULT_SUITE = "gcm256"

SUITES: dict[str, IpsecPolicy] = {
    DEFAULT_SUITE: IpsecPolicy(
        ike_encryption="GCMAES256",
        ike_integrity="SHA384",
        dh_group="ECP384",
        ipsec_encryption="GCMAES256",
        ipsec_integrity="GCMAES256",
        pfs_group="ECP384",
    ),
    "gcm128": IpsecPolicy(
        ike_encryption="GCMAES128",
        ike_integrity="SHA256",
        dh_group="ECP256",
        ipsec_encryption="GCMAES128",
        ipsec_integrity="GCMAES128",
        pfs_group="ECP256",
    ),
    "aes256_sha256": IpsecPolicy(
        ike_encryption="AES256",
        ike_integrity="SHA256",
        dh_group="DHGroup14",
        ipsec_encryption="AES256",
        ipsec_integrity="SHA256",
        pfs_group="PFS2048",
    ),
}
"""Named policies; the last one for devices that know neither GCM nor curves. The first
two are those of RFC 6379 (https://www.rfc-editor.org/rfc/rfc6379) for 256 and 128 bits.
"""


def current_values(choice: Choice) -> tuple[str, ...]:
    """Return the values that are not refused, the one to be advised first."""
    return _VALUES[choice][0]


def policy_findings(policy: IpsecPolicy, path: str = "") -> list[Finding]:
    """Check that a policy has no weak value and that its values go together."""
    findings = [
        finding
        for choice in Choice
        for finding in _value_findings(choice, getattr(policy, choice), path)
    ]
    return findings + _pairing_findings(policy, path) + _lifetime_findings(policy, path)


def _value_findings(choice: Choice, value: str, path: str) -> list[Finding]:
    row = next(
        (row for row in ALGORITHMS if row.choice is choice and row.value == value), None
    )
    at = joined(path, choice)
    if row is None:
        known = current_values(choice)
        return [Finding(at, f"'{value}' is not known; {suggestion(value, known)}")]
    if row.fault:
        allowed = ", ".join(current_values(choice))
        return [
            Finding(at, f"'{value}' {row.fault}; use one of {allowed} ({row.page})")
        ]
    return []


def _pairing_findings(policy: IpsecPolicy, path: str) -> list[Finding]:
    """Check that GCM, which does both, is chosen for both: Azure takes it no other way
    for the encryption (``_FAQ_PAGE``), and no device does for the integrity alone."""
    encryption, integrity = policy.ipsec_encryption, policy.ipsec_integrity
    has_gcm = any(value.startswith("GCM") for value in (encryption, integrity))
    if not has_gcm or encryption == integrity:
        return []
    wanted = encryption if encryption.startswith("GCM") else "SHA256"
    return [
        Finding(
            joined(path, Choice.IPSEC_INTEGRITY),
            f"'{integrity}' does not go with {Choice.IPSEC_ENCRYPTION} '{encryption}': "
            f"GCM encrypts and protects at once, and both are the same; write "
            f"'{wanted}' ({_FAQ_PAGE})",
        )
    ]


def _lifetime_findings(policy: IpsecPolicy, path: str) -> list[Finding]:
    return [
        Finding(
            joined(path, key),
            f"{value} is not allowed; Azure takes {least} to {most} ({_FAQ_PAGE})",
        )
        for key, value, (least, most) in (
            ("lifetime_seconds", policy.lifetime_seconds, LIFETIME_SECONDS),
            ("lifetime_kilobytes", policy.lifetime_kilobytes, LIFETIME_KILOBYTES),
        )
        if not least <= value <= most
    ]
