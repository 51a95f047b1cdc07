"""Local administrators of jump boxes: an SSH key on Linux, a password on Windows.

People sign in with Microsoft Entra ID; this account is what Azure asks for, and what is
left when that fails. Neither a password nor a key that may be a private one is shown.
"""

from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from pulumi import Output

from azureml_network._inputs import InputError, InputReader
from azureml_network._jump_box_bastion.arguments import OperatingSystem
from azureml_rulebook.findings import Finding, joined
from azureml_rulebook.machine_accounts import account_name_findings, password_findings

_KEYS_PAGE = (
    "https://learn.microsoft.com/azure/virtual-machines/linux/mac-create-ssh-keys"
)
_KINDS = ("ssh-ed25519", "ssh-rsa")
_SHORTEST_RSA = 2048
"""Bits of an RSA key (``_KEYS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class AdministratorPlan:
    """The local administrator of a machine."""

    name: str
    ssh_public_key: str | None
    """None on Windows."""
    password: Output[str] | None
    """A secret; None on Linux, which takes keys only."""


def read_administrator(
    reader: InputReader, spec: InputReader, system: OperatingSystem
) -> AdministratorPlan:
    """Read the administrator of one machine.

    ``reader``: the component's inputs; ``spec``: the machine's.
    """
    name = spec.text("administrator_name", "azureuser")
    spec.findings += account_name_findings(
        name, system.value, path=joined(spec.path, "administrator_name")
    )
    if system is OperatingSystem.LINUX:
        if spec.has("administrator_password"):
            spec.note(
                "administrator_password",
                "is for Windows, a Linux machine takes SSH keys only; leave it out",
            )
        return AdministratorPlan(
            name=name, ssh_public_key=_key_of(reader, spec), password=None
        )
    if spec.has("ssh_public_key"):
        spec.note("ssh_public_key", "is for Linux; leave it out on Windows")
    return AdministratorPlan(
        name=name, ssh_public_key=None, password=_password(spec, name)
    )


def read_ssh_public_key(reader: InputReader) -> str | None:
    """Read ``ssh_public_key`` of the component or of one machine; None if left out."""
    text = reader.optional_text("ssh_public_key")
    if text is None:
        return None
    reader.findings += ssh_public_key_findings(
        text.strip(), path=joined(reader.path, "ssh_public_key")
    )
    return text.strip()


def ssh_public_key_findings(text: str, *, path: str) -> list[Finding]:
    """Check a public key of SSH, which no message shows: it may be a private one."""
    if "PRIVATE KEY" in text.upper():
        return [
            Finding(
                path,
                "is a private key; give the public one, the file that ends in .pub, "
                "and make a new pair: who reads the configuration has this one",
            )
        ]
    if len(text.splitlines()) != 1 or not text.startswith(
        tuple(f"{kind} " for kind in _KINDS)
    ):
        return [
            Finding(
                path,
                "is not a public key that Azure takes; give the line in id_ed25519.pub "
                f"or id_rsa.pub, which begins with {' or '.join(_KINDS)} "
                f"({_KEYS_PAGE})",
            )
        ]
    try:
        key = load_ssh_public_key(text.encode())
    except (ValueError, UnsupportedAlgorithm):
        return [
            Finding(
                path,
                "cannot be read as a public key; give the whole line of the .pub file "
                f"({_KEYS_PAGE})",
            )
        ]
    if isinstance(key, RSAPublicKey) and key.key_size < _SHORTEST_RSA:
        return [
            Finding(
                path,
                f"is an RSA key of {key.key_size} bits; use one of {_SHORTEST_RSA} "
                f"bits or more, or ed25519 ({_KEYS_PAGE})",
            )
        ]
    return []


def _key_of(reader: InputReader, spec: InputReader) -> str | None:
    key = read_ssh_public_key(spec)
    if key is None and not reader.has("ssh_public_key"):
        spec.note_missing(
            "ssh_public_key",
            "is required and not set; give a public key here, or one for all machines "
            "in ssh_public_key of the component",
        )
    return key or (reader.optional_text("ssh_public_key") or "").strip()


def _password(spec: InputReader, account_name: str) -> Output[str] | None:
    key = "administrator_password"
    given = spec.secret(key, required=True)
    if given is None:
        return None
    path = joined(spec.path, key)

    def checked(text: str) -> str:
        findings = password_findings(text, account_name, path=path)
        if findings:
            raise InputError(findings)
        return text

    return given.apply(checked)
