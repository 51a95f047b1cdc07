"""Outbound rules of managed networks that open too much, and durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azureml_rulebook.compute import duration, minutes_of
from azureml_rulebook.managed_outbound import (
    port_findings,
    wide_prefix_findings,
    wide_tag_findings,
)


@pytest.mark.parametrize(
    ("tag", "says"),
    [
        ("Internet", "'Internet' means the whole Internet"),
        ("internet", "'Internet' means the whole Internet"),
        ("AzureCloud.westeurope", "addresses that anybody can rent"),
        ("VirtualNetwork", "is allowed by the service itself"),
    ],
)
def test_tags_that_mean_everybody(tag: str, says: str) -> None:
    """In any spelling, and for one region too."""
    (finding,) = wide_tag_findings(tag, path="tag")
    assert says in finding.message
    assert finding.path == "tag"


@pytest.mark.parametrize("tag", ["Storage", "AzureActiveDirectory", "NoSuchTag"])
def test_tags_of_services(tag: str) -> None:
    """Whether there is such a tag is not judged here."""
    assert wide_tag_findings(tag, path="tag") == []


@pytest.mark.parametrize("text", ["203.0.113.7", "203.0.113.0/24", "12.0.0.0/8"])
def test_ranges_of_one_owner(text: str) -> None:
    """Single addresses are ranges too."""
    assert wide_prefix_findings(text, path="range") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0.0.0.0/0", "wider than /8"),
        ("128.0.0.0/1", "wider than /8"),
        ("12.0.0.0/7", "wider than /8"),
        ("Internet", "is not an address range"),
        ("2001:db8::/32", "is IPv6"),
    ],
)
def test_ranges_that_are_too_wide_or_none(text: str, says: str) -> None:
    """Half of the Internet is as good as all of it."""
    (finding,) = wide_prefix_findings(text, path="range")
    assert says in finding.message


@given(st.lists(st.tuples(st.integers(1, 65535), st.integers(0, 65534)), min_size=1))
def test_ports_are_counted_once(parts: list[tuple[int, int]]) -> None:
    """However ranges overlap: reported when more than half of all ports are open."""
    ranges = [(first, min(first + more, 65535)) for first, more in parts]
    text = ", ".join(f"{first}-{last}" for first, last in ranges)
    opened = {port for first, last in ranges for port in range(first, last + 1)}
    findings = port_findings(text, "TCP", path="ports")
    assert bool(findings) == (len(opened) > 32767)
    if findings:
        assert f"opens {len(opened)} of all 65535" in findings[0].message


@given(st.integers(0, 10**6))
def test_a_duration_is_read_as_it_is_written(minutes: int) -> None:
    """One function is the other's inverse."""
    assert minutes_of(duration(minutes)) == minutes


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT60M", 60),
        ("pt1h30m", 90),
        ("P3D", 4320),
        ("P1DT1H", 1500),
        ("PT30S", 0.5),
        (" PT15M ", 15),
        ("P", None),
        ("PT", None),
        ("P1W", None),
        ("P1DT", None),
        ("60", None),
        ("PT-5M", None),
        ("PT1H30", None),
        ("", None),
        ("P" + "9" * 5000 + "D", None),
    ],
)
def test_durations(text: str, minutes: float | None) -> None:
    """ISO 8601, without years, months and weeks."""
    assert minutes_of(text) == minutes
