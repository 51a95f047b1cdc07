"""Autonomous system numbers: which are free to use, and which mean something else.

A session of BGP never comes up with a number that Azure or the Internet's registries
keep for themselves, and Azure tells so only when the gateway is made.
"""

from dataclasses import dataclass

from azureml_rulebook.findings import Finding

AZURE = 65515
"""The number of Azure's gateways, unless another one is given (``BGP_PAGE``)."""

HIGHEST = 4_294_967_295
"""Of numbers of four bytes (https://www.rfc-editor.org/rfc/rfc6793)."""

BGP_PAGE = "https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-vpn-faq#bgp"

_IANA_PAGE = (
    "https://www.iana.org/assignments/iana-as-numbers-special-registry/"
    "iana-as-numbers-special-registry.xhtml"
)


@dataclass(frozen=True, kw_only=True)
class ReservedNumbers:
    """Numbers from ``first`` to ``last`` that somebody keeps."""

    first: int
    last: int
    owner: str
    page: str


RESERVED: tuple[ReservedNumbers, ...] = (
    ReservedNumbers(first=0, last=0, owner="IANA", page=_IANA_PAGE),
    ReservedNumbers(first=8074, last=8075, owner="Azure", page=BGP_PAGE),
    ReservedNumbers(first=12076, last=12076, owner="Azure", page=BGP_PAGE),
    ReservedNumbers(first=23456, last=23456, owner="IANA", page=BGP_PAGE),
    ReservedNumbers(first=64496, last=64511, owner="IANA", page=BGP_PAGE),
    ReservedNumbers(first=AZURE, last=AZURE, owner="Azure", page=BGP_PAGE),
    ReservedNumbers(first=65517, last=65520, owner="Azure", page=BGP_PAGE),
    ReservedNumbers(first=65535, last=65551, owner="IANA", page=BGP_PAGE),
    ReservedNumbers(first=HIGHEST, last=HIGHEST, owner="IANA", page=_IANA_PAGE),
)

_FREE = "64512 to 65514 or 65521 to 65534"
"""Private numbers that nobody keeps (``BGP_PAGE``)."""


def as_number_findings(
    number: int, *, path: str, of_gateway: bool = False
) -> list[Finding]:
    """Check that a side of a session may call itself ``number``.

    ``of_gateway``: whether that side is Azure's gateway, which may keep Azure's own.
    """
    if not 0 <= number <= HIGHEST:
        return [
            Finding(
                path,
                f"{number} is not an autonomous system number; use one of {_FREE}, or "
                f"a public one of your own ({BGP_PAGE})",
            )
        ]
    if of_gateway and number == AZURE:
        return []
    row = next((row for row in RESERVED if row.first <= number <= row.last), None)
    if row is None:
        return []
    return [
        Finding(
            path,
            f"{number} is kept by {row.owner}; use one of {_FREE}, or a public one of "
            f"your own ({row.page})",
        )
    ]


def same_number_findings(
    number: int, gateway_number: int, *, path: str, gateway_path: str
) -> list[Finding]:
    """Check that a site does not call itself as the gateway does.

    Both would take the routes of the other for their own, and drop them.
    """
    if number != gateway_number:
        return []
    return [
        Finding(
            path,
            f"{number} is {gateway_path} too; the two sides need different numbers, "
            f"change one ({BGP_PAGE})",
        )
    ]
