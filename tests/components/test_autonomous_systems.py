"""Autonomous system numbers: which can be used, and which Azure or IANA keep.

The table is written by hand, from https://learn.microsoft.com/azure/vpn-gateway/
vpn-gateway-vpn-faq#bgp and IANA's registry of special numbers.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.autonomous_systems import (
    as_number_findings,
    same_number_findings,
)

KEPT_BY_AZURE = [8074, 8075, 12076, 65515, 65517, 65518, 65519, 65520]
KEPT_BY_IANA = [0, 23456, 64496, 64511, 65535, 65540, 65551, 4_294_967_295]
FREE = [1, 8073, 8076, 12075, 64495, 64512, 65514, 65516, 65521, 65534, 65552]
FREE_OF_FOUR_BYTES = [131_072, 4_200_000_000, 4_294_967_294]


def messages(number: int, **sides: bool) -> list[str]:
    """What is said of a number."""
    return [str(item) for item in as_number_findings(number, path="asn", **sides)]


@pytest.mark.parametrize("number", [*FREE, *FREE_OF_FOUR_BYTES])
def test_a_free_number_is_taken(number: int) -> None:
    """By sites and by gateways alike."""
    assert messages(number) == []
    assert messages(number, of_gateway=True) == []


@pytest.mark.parametrize(
    ("number", "owner"),
    [
        *((number, "Azure") for number in KEPT_BY_AZURE),
        *((number, "IANA") for number in KEPT_BY_IANA),
    ],
)
def test_a_kept_number_is_refused(number: int, owner: str) -> None:
    """It is told who keeps it, and which are free."""
    (message,) = messages(number)
    assert message.startswith(f"asn: {number} is kept by {owner}; use one of 64512")


def test_a_gateway_keeps_the_number_that_azure_gives_it() -> None:
    """65515 is refused for a site only; the others for a gateway, too."""
    assert messages(65515, of_gateway=True) == []
    assert [
        number for number in KEPT_BY_AZURE if messages(number, of_gateway=True)
    ] == [number for number in KEPT_BY_AZURE if number != 65515]


@pytest.mark.parametrize("number", [-1, 4_294_967_296])
def test_what_is_no_number_is_refused(number: int) -> None:
    """Numbers have four bytes."""
    (message,) = messages(number)
    assert f"{number} is not an autonomous system number" in message


def test_both_sides_have_numbers_of_their_own() -> None:
    """Two sides with one number would drop each other's routes."""
    sides = {"path": "sites.a.bgp.as_number", "gateway_path": "vpn.bgp.as_number"}
    assert same_number_findings(65010, 65515, **sides) == []
    (finding,) = same_number_findings(65010, 65010, **sides)
    assert "65010 is vpn.bgp.as_number too" in finding.message


@given(st.integers())
def test_a_number_is_free_or_refused_once(number: int) -> None:
    """Against the ranges as the page has them."""
    kept = (
        number in (0, 8074, 8075, 12076, 23456, 65515, 4_294_967_295)
        or 64496 <= number <= 64511
        or 65517 <= number <= 65520
        or 65535 <= number <= 65551
    )
    usable = 0 <= number <= 4_294_967_295 and not kept
    assert len(messages(number)) == (0 if usable else 1)
