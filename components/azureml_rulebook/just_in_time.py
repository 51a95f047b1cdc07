"""Ports of machines that Microsoft Defender for Cloud opens on request.

Defender writes rules into the machines' security groups; rules that are there already
for the same port come before its own (``JUST_IN_TIME_PAGE``).
"""

from azureml_rulebook.findings import Finding

JUST_IN_TIME_PAGE = (
    "https://learn.microsoft.com/azure/defender-for-cloud/just-in-time-access-overview"
)

FEWEST_HOURS, MOST_HOURS = 1, 24
"""Hours that a port is open on request; Azure takes up to a day
(``JUST_IN_TIME_PAGE``)."""


def just_in_time_findings(hours: int, *, path: str) -> list[Finding]:
    """Check for how many hours a port may be opened."""
    if FEWEST_HOURS <= hours <= MOST_HOURS:
        return []
    return [
        Finding(
            path,
            f"{hours} is not allowed; use {FEWEST_HOURS} to {MOST_HOURS} hours "
            f"({JUST_IN_TIME_PAGE})",
        )
    ]
