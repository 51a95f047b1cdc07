"""Host names as people allow them on a firewall, and what is wrong with one.

A name, or a name behind ``*.`` that stands for every name below it: Azure Firewall
reads an asterisk at the front only, and takes it for anything at all to the left
(https://learn.microsoft.com/azure/firewall/firewall-faq).
"""

import re

from azureml_rulebook.findings import Finding

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})+")
_LONGEST = 253
"""Characters of a host name (https://www.rfc-editor.org/rfc/rfc1035)."""


def host_findings(host: str, path: str) -> list[Finding]:
    """Check that ``host`` is a host name, perhaps behind ``*.``, in ASCII."""
    fault = _fault(host.lower())
    return [Finding(path, f"'{host}' {fault}")] if fault else []


def covers(pattern: str, host: str) -> bool:
    """Whether ``pattern`` lets through all that ``host`` does; both may have ``*.``."""
    pattern, host = pattern.lower(), host.lower()
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def _fault(host: str) -> str:
    """Return what is wrong with a name in lower case and what to write, or ''."""
    wanted = "write a name like 'pypi.example.com' or '*.example.com'"
    if "://" in host:
        return f"is a URL; {wanted}, without scheme and path"
    if "/" in host:
        return f"has a path; a firewall reads host names only, {wanted}"
    if ":" in host:
        return f"has a port; {wanted}, and the port in 'ports'"
    if host in ("*", "*."):
        return f"would open the whole Internet; {wanted}"
    if "*" in host.removeprefix("*."):
        return f"has an asterisk elsewhere than in front of the first dot; {wanted}"
    if re.fullmatch(r"[\d.]+", host):
        return "is an address and no name; allow addresses with the network's 'rules'"
    if not host.isascii():
        return "has letters beyond ASCII; write its form that begins with 'xn--'"
    if host.startswith("*.") and host.count(".") == 1:
        return f"would open a whole top-level domain; {wanted}"
    if len(host) > _LONGEST or _NAME.fullmatch(host) is None:
        return f"is not a host name; {wanted}"
    return ""
