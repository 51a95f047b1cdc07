"""Host names as people write them for a firewall or a zone, and what is wrong with one.

On a firewall a name, or a name behind ``*.`` that stands for every name below it: Azure
Firewall reads an asterisk at the front only, and takes it for anything at all to the
left (https://learn.microsoft.com/azure/firewall/firewall-faq).
"""

import re

from azureml_rulebook.findings import Finding

_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_NAME = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})+")
_ZONE_LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
_ZONE = re.compile(rf"{_ZONE_LABEL}(\.{_ZONE_LABEL}){{1,33}}")
_RECORD = re.compile(rf"{_ZONE_LABEL}(\.{_ZONE_LABEL})*")
_ZONES_PAGE = "https://learn.microsoft.com/azure/dns/private-dns-privatednszone"
_RESERVED_ZONES = frozenset(
    """
    azclient.ms azure.com cloudapp.net core.windows.net microsoft.com msidentity.com
    trafficmanager.net windows.net
    azclient.us azure.us usgovcloudapp.net core.usgovcloudapi.net microsoft.us
    msidentity.us usgovtrafficmanager.net usgovcloudapi.net
    azclient.cn azure.cn chinacloudapp.cn core.chinacloudapi.cn microsoft.cn
    msidentity.cn trafficmanager.cn chinacloudapi.cn
    """.split()
)
"""Names that Azure gives to no private zone (``_ZONES_PAGE``)."""

_LONGEST = 253
"""Characters of a host name (https://www.rfc-editor.org/rfc/rfc1035)."""


def host_findings(host: str, path: str) -> list[Finding]:
    """Check that ``host`` is a host name, perhaps behind ``*.``, in ASCII."""
    fault = _fault(host.lower())
    return [Finding(path, f"'{host}' {fault}")] if fault else []


def is_host_name(text: str) -> bool:
    """Whether ``text`` is one host's name, with a dot and in ASCII."""
    name = text.lower()
    return not (name.startswith("*") or _fault(name))


def covers(pattern: str, host: str) -> bool:
    """Whether ``pattern`` lets through all that ``host`` does; both may have ``*.``."""
    pattern, host = pattern.lower(), host.lower()
    return host == pattern or (pattern.startswith("*.") and host.endswith(pattern[1:]))


def zone_name_findings(zone: str, path: str) -> list[Finding]:
    """Check that a private DNS zone can be called ``zone``, in lower case."""
    if zone in _RESERVED_ZONES:
        return [
            Finding(
                path,
                f"'{zone}' is a name that Azure keeps; use a name of your own, like "
                f"'services.example.com' ({_ZONES_PAGE})",
            )
        ]
    if len(zone) <= _LONGEST and _ZONE.fullmatch(zone):
        return []
    return [
        Finding(
            path,
            f"'{zone}' is not the name of a private DNS zone; write two labels or "
            f"more, like 'services.example.com' ({_ZONES_PAGE})",
        )
    ]


def record_findings(record: str, zone: str, path: str) -> list[Finding]:
    """Check that a name in ``zone`` can be called ``record``, in lower case."""
    if zone and record.endswith(f".{zone}"):
        return [
            Finding(
                path,
                f"'{record}' ends with its zone; write "
                f"'{record.removesuffix('.' + zone)}'",
            )
        ]
    if len(f"{record}.{zone}") <= _LONGEST and _RECORD.fullmatch(record):
        return []
    return [
        Finding(
            path,
            f"'{record}' is not a name within a zone; write letters, digits and "
            f"hyphens, like 'scoring' ({_ZONES_PAGE})",
        )
    ]


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
