"""Accounts of machines' administrators: names and passwords that Azure refuses.

No message ever shows a password, nor any part of it.
"""

import re

from azureml_rulebook.findings import Finding
from azureml_rulebook.virtual_machines import (
    OPERATING_SYSTEMS,
    WINDOWS,
    WINDOWS_PAGE,
)

FORBIDDEN_NAMES = frozenset(
    """
    1 123 a actuser adm admin admin1 admin2 administrator aspnet backup console david
    guest john owner root server sql support support_388945a0 sys test test1 test2 test3
    user user1 user2 user3 user4 user5
    """.split()
)
"""Names that Azure gives to no administrator (https://learn.microsoft.com/azure/
templates/microsoft.compute/virtualmachines#osprofile)."""

FORBIDDEN_PASSWORDS = frozenset(
    {
        "abc@123",
        "iloveyou!",
        "P@$$w0rd",
        "P@ssw0rd",
        "P@ssword123",
        "Pa$$word",
        "pass@word1",
        "Password!",
        "Password1",
        "Password22",
    }
)
"""Passwords that Azure refuses (``WINDOWS_PAGE``)."""

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 123
"""Characters of a password (``WINDOWS_PAGE``); its API would take 8 as well."""

_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", r"[\W_]")
_WANTED_CLASSES = 3
_COMPLEXITY_PAGE = (
    "https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/"
    "threat-protection/security-policy-settings/"
    "password-must-meet-complexity-requirements"
)
_SHORTEST_NAME_LOOKED_FOR = 3
"""Windows looks for no shorter account name in a password (``_COMPLEXITY_PAGE``)."""


def account_name_findings(
    name: str, operating_system: str, *, path: str
) -> list[Finding]:
    """Check the name of an administrator's account."""
    row = OPERATING_SYSTEMS[operating_system]
    if name.lower() in FORBIDDEN_NAMES:
        return [
            Finding(
                path,
                f"'{name}' is one of the names that Azure gives to nobody; use another "
                f"one, such as azureuser ({row.page})",
            )
        ]
    findings: list[Finding] = []
    if len(name) > row.longest_account_name:
        findings.append(
            Finding(
                path,
                f"'{name}' has {len(name)} characters; an account of {row.title} has "
                f"at most {row.longest_account_name} ({row.page})",
            )
        )
    if operating_system == WINDOWS:
        form, wanted = (
            r"[A-Za-z]([A-Za-z0-9._-]*[A-Za-z0-9_-])?",
            "letters, digits, '.', '_' and '-', a letter first and no '.' at the end",
        )
    else:
        form, wanted = (
            "[A-Za-z_][A-Za-z0-9_-]*",
            "letters, digits, '_' and '-', beginning with a letter or '_'",
        )
    if re.fullmatch(form, name) is None:
        findings.append(
            Finding(path, f"the account name '{name}' must be {wanted} ({row.page})")
        )
    return findings


def password_findings(text: object, account_name: str, *, path: str) -> list[Finding]:
    """Check the password of an administrator of Windows, without showing it."""
    if not isinstance(text, str):
        return [Finding(path, "the password is not text; give a text")]
    findings: list[Finding] = []
    if not SHORTEST_PASSWORD <= len(text) <= LONGEST_PASSWORD:
        findings.append(
            Finding(
                path,
                f"the password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} "
                f"characters; give another one ({WINDOWS_PAGE})",
            )
        )
    if sum(bool(re.search(one, text)) for one in _CLASSES) < _WANTED_CLASSES:
        findings.append(
            Finding(
                path,
                "the password must have three of these: a lower-case letter, an "
                "upper-case letter, a digit, another character; give another one "
                f"({WINDOWS_PAGE})",
            )
        )
    if text in FORBIDDEN_PASSWORDS:
        findings.append(
            Finding(
                path,
                "the password is one of those that Azure refuses since everybody "
                f"tries them; give another one ({WINDOWS_PAGE})",
            )
        )
    looked_for = len(account_name) >= _SHORTEST_NAME_LOOKED_FOR
    if looked_for and account_name.lower() in text.lower():
        findings.append(
            Finding(
                path,
                "the password holds the name of its account; give another one "
                f"({_COMPLEXITY_PAGE})",
            )
        )
    if any(ord(character) < ord(" ") for character in text):
        findings.append(
            Finding(path, "the password holds control characters; give another one")
        )
    return findings
