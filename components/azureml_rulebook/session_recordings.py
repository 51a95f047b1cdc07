"""What Azure Bastion asks of the storage account that sessions are recorded to.

The player is a page of Bastion's own, which reads recordings in the browser of whoever
watches, by a SAS URL (``RECORDING_PAGE``).
"""

from azureml_rulebook.findings import Finding

RECORDING_PAGE = "https://learn.microsoft.com/azure/bastion/session-recording"

CONTAINER = "recordings"
"""Of recordings alone, as the page recommends."""

PLAYER_METHODS = ("GET",)
PLAYER_MAX_AGE_SECONDS = 86400
"""What the CORS rule of the account lets the player do (``RECORDING_PAGE``)."""


def player_origin(dns_name: str) -> str:
    """Return where the player comes from: Bastion's own host, case included."""
    return f"https://{dns_name}"


def retention_findings(days: int, *, path: str) -> list[Finding]:
    """Check after how many days recordings are deleted."""
    if days >= 1:
        return []
    return [
        Finding(path, f"{days} is not allowed; use 1 or more, or leave it out to keep")
    ]
