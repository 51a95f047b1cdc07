"""Keys of one's own that data at rest is encrypted with: where, and who reads them.

A key is named by its URI, whose host says in which vault of which cloud it is. The
identity, the vault, the key and the role of the identity on it exist before what is
encrypted with it.
"""

import re
from dataclasses import dataclass

from azureml_rulebook.clouds import CHINA, PUBLIC, US_GOVERNMENT, cloud
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import ResourceId

_LEARN = "https://learn.microsoft.com/azure"
KEYS_PAGE = f"{_LEARN}/machine-learning/how-to-setup-customer-managed-keys"
REGISTRY_KEYS_PAGE = f"{_LEARN}/container-registry/tutorial-customer-managed-keys"
DISK_KEYS_PAGE = f"{_LEARN}/virtual-machines/disk-encryption"
_OBJECTS_PAGE = f"{_LEARN}/key-vault/general/about-keys-secrets-certificates"

VAULT_HOSTS: dict[str, str] = {
    PUBLIC: "vault.azure.net",
    US_GOVERNMENT: "vault.usgovcloudapi.net",
    CHINA: "vault.azure.cn",
}
"""What the names of vaults end in, by cloud (``_OBJECTS_PAGE``)."""

_VERSION_LENGTH = 32
_KEY_URI = re.compile(
    r"https://(?P<vault>[a-zA-Z0-9-]+)\.(?P<host>[a-zA-Z0-9.-]+)(:443)?"
    rf"/keys/(?P<name>[a-zA-Z0-9-]+)(/(?P<version>[0-9a-f]{{{_VERSION_LENGTH}}}))?/?"
)
"""The form of a key's URI (``_OBJECTS_PAGE``)."""


@dataclass(frozen=True, kw_only=True)
class KeyUser:
    """Something that takes no key without a version."""

    reason: str
    """Why, as the second half of a sentence."""
    page: str


KEY_OF_WORKSPACE = KeyUser(
    reason="a workspace is encrypted with one version of its key", page=KEYS_PAGE
)
KEY_OF_DISKS = KeyUser(
    reason="a disk encryption set begins with one version of its key, also where it "
    "follows rotation",
    page=DISK_KEYS_PAGE,
)


@dataclass(frozen=True, kw_only=True)
class KeyUri:
    """A key in a vault."""

    vault_name: str
    vault_host: str
    """Host of all vaults of the cloud, such as vault.azure.net."""
    key_name: str
    key_version: str | None
    """None: the newest one, whenever it is looked up."""

    @property
    def vault_uri(self) -> str:
        """URI of the vault."""
        return f"https://{self.vault_name}.{self.vault_host}/"


def read_key_uri(text: object, path: str) -> KeyUri | Finding:
    """Read the URI of a key, or say what is wrong with it."""
    match = _KEY_URI.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return Finding(
            path,
            f"{text!r} is not the URI of a key; give "
            f"https://VAULT.{VAULT_HOSTS[PUBLIC]}/keys/NAME/VERSION, VERSION of "
            f"{_VERSION_LENGTH} hexadecimal digits ({_OBJECTS_PAGE})",
        )
    return KeyUri(
        vault_name=match["vault"],
        vault_host=match["host"].lower(),
        key_name=match["name"],
        key_version=match["version"],
    )


def key_uri_findings(
    text: object, cloud_name: str, *, versioned_for: KeyUser | None, path: str
) -> list[Finding]:
    """Check the URI of a key that something in the cloud ``cloud_name`` uses.

    ``versioned_for``: what takes no key without a version; None: it takes any.
    """
    key = read_key_uri(text, path)
    if isinstance(key, Finding):
        return [key]
    wanted = VAULT_HOSTS[cloud_name]
    if key.vault_host != wanted:
        return [
            Finding(
                path,
                f"'{text}' is not in a vault of {cloud(cloud_name).title}, whose names "
                f"end in '{wanted}'; give a key of such a vault",
            )
        ]
    if versioned_for is not None and key.key_version is None:
        return [
            Finding(
                path,
                f"'{text}' has no version, and {versioned_for.reason}; add it "
                f"({versioned_for.page})",
            )
        ]
    return []


def key_vault_findings(
    vault: ResourceId,
    key: KeyUri | None,
    subscription_id: str | None,
    *,
    path: str,
) -> list[Finding]:
    """Check that the vault holds the key, in the subscription of what uses it.

    ``key``, ``subscription_id``: None where they are known only later. ``path``: of the
    vault's id.
    """
    findings: list[Finding] = []
    if key is not None and key.vault_name.lower() != vault.name.lower():
        findings.append(
            Finding(
                path,
                f"'{vault}' is not the vault of key_uri, which is "
                f"'{key.vault_name}'; give the id of that vault, or a key of this one",
            )
        )
    if (
        subscription_id is not None
        and vault.subscription_id.lower() != subscription_id.lower()
    ):
        findings.append(
            Finding(
                path,
                f"'{vault}' is in another subscription than the workspace "
                f"('{subscription_id}'); use a vault of that one ({KEYS_PAGE})",
            )
        )
    return findings
