"""What machines call themselves: names that Windows and Linux take, and names made up.

Azure's name of a machine may be longer than the name that its system takes, so the two
are apart. A name that has to be cut ends in a hash of the whole, so that machines of
two environments differ.
"""

import re
from collections.abc import Mapping
from hashlib import sha256

from azureml_rulebook.findings import Finding
from azureml_rulebook.virtual_machines import OPERATING_SYSTEMS

_PAGE = (
    "https://learn.microsoft.com/azure/azure-resource-manager/management/"
    "resource-name-rules#microsoftcompute"
)
_FORM = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_HASH_LENGTH = 5


def computer_name_findings(
    name: str, operating_system: str, *, path: str
) -> list[Finding]:
    """Check the name that somebody chose for a machine."""
    row = OPERATING_SYSTEMS[operating_system]
    findings: list[Finding] = []
    over = len(name) - row.longest_computer_name
    if over > 0:
        findings.append(
            Finding(
                path,
                f"'{name}' has {len(name)} characters; a computer name of {row.title} "
                f"has at most {row.longest_computer_name}, shorten it by {over} "
                f"({_PAGE})",
            )
        )
    if _FORM.fullmatch(name) is None:
        findings.append(
            Finding(
                path,
                f"the computer name '{name}' must be letters, digits and hyphens, a "
                f"letter or digit at both ends ({_PAGE})",
            )
        )
    if name.isdigit():
        findings.append(
            Finding(
                path,
                f"the computer name '{name}' is all digits, which no machine takes; "
                f"add a letter ({_PAGE})",
            )
        )
    return findings


def derived_computer_name(name: str, operating_system: str) -> str:
    """Return a computer name made of Azure's name of the machine.

    The same where that is one already; else as much of it as fits, with a hash of all
    of it.
    """
    longest = OPERATING_SYSTEMS[operating_system].longest_computer_name
    plain = re.sub("[^A-Za-z0-9]+", "-", name).strip("-")
    if name and plain == name and len(name) <= longest and not name.isdigit():
        return name
    ending = sha256(name.encode()).hexdigest()[:_HASH_LENGTH]
    kept = plain[: longest - _HASH_LENGTH - 1].rstrip("-") or "vm"
    return f"{kept}-{ending}"


def same_computer_name_findings(names: Mapping[str, str]) -> list[Finding]:
    """Find machines that would call themselves the same, by the path of each."""
    findings: list[Finding] = []
    first: dict[str, str] = {}
    for path, name in names.items():
        other = first.setdefault(name.lower(), path)
        if other != path:
            findings.append(
                Finding(
                    path,
                    f"'{name}' is the computer name of {other} too; machines of one "
                    "network have different ones",
                )
            )
    return findings
