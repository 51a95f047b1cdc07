"""Keys of one's own: read and checked, and taken apart for whoever wants the parts.

The key, its vault and the identity that may read it are the caller's and exist before
the workspace. Ids that are known only later make what they encrypt wait for them.
"""

from dataclasses import dataclass

from pulumi import Input, Output

from azureml_network._inputs import InputError, InputReader
from azureml_network._place import Place
from azureml_network._private_workspace.arguments import CustomerManagedKeySpec
from azureml_rulebook.customer_managed_keys import (
    KeyUri,
    KeyUser,
    key_uri_findings,
    key_vault_findings,
    read_key_uri,
)
from azureml_rulebook.findings import Finding
from azureml_rulebook.resource_ids import (
    KEY_VAULT,
    MANAGED_IDENTITY,
    read_resource_id,
)


@dataclass(frozen=True, kw_only=True)
class CustomerManagedKeyPlan:
    """A key that data at rest is encrypted with, and who may read it."""

    key_vault_id: Input[str]
    key_uri: Input[str]
    identity_id: Input[str]
    identity_client_id: Input[str] | None
    cloud_name: str
    versioned_for: KeyUser | None
    """What it encrypts, if that takes no key without a version."""
    subscription_id: str | None
    """That which the vault must be in; None: any."""
    path: str
    """Of the input."""

    def parsed_uri(self) -> Input[KeyUri]:
        """Return the key's parts, once they are known.

        Raises InputError then, if the URI is not that of a key that can be used.
        """
        if isinstance(self.key_uri, str):
            return self.parse(self.key_uri, self.key_vault_id)
        return Output.all(self.key_uri, self.key_vault_id).apply(
            lambda known: self.parse(*known)
        )

    def checked_uri(self) -> Input[str]:
        """Return the URI as it was given, once it is known to be that of a key."""
        if isinstance(self.key_uri, str):
            return self.key_uri
        return Output.all(self.key_uri, self.parsed_uri()).apply(lambda both: both[0])

    def parse(self, text: str, vault_id: Input[str]) -> KeyUri:
        """Return the parts of ``text``, the key's URI; raises InputError as above."""
        findings = [*self.uri_findings(text), *self.vault_findings(vault_id, text)]
        key = read_key_uri(text, self.path)
        if findings or isinstance(key, Finding):
            raise InputError(findings)
        return key

    def uri_findings(self, text: str) -> list[Finding]:
        """Check the URI of the key."""
        return key_uri_findings(
            text,
            self.cloud_name,
            versioned_for=self.versioned_for,
            path=f"{self.path}.key_uri",
        )

    def vault_findings(
        self, vault_id: Input[str], key_uri: Input[str]
    ) -> list[Finding]:
        """Check that the vault is that of the key, as far as both are known."""
        path = f"{self.path}.key_vault_id"
        vault = read_resource_id(vault_id, KEY_VAULT, path)
        key = read_key_uri(key_uri, path)
        if isinstance(vault, Finding):
            return []
        return key_vault_findings(
            vault,
            key if isinstance(key, KeyUri) else None,
            self.subscription_id,
            path=path,
        )


def read_customer_managed_key(
    reader: InputReader,
    place: Place,
    *,
    key: str = "customer_managed_key",
    versioned_for: KeyUser | None = None,
    client_id_required: bool = False,
    subscription_id: str | None = None,
) -> CustomerManagedKeyPlan | None:
    """Read the key at ``key``; None if there is none.

    Args:
        reader: of what is encrypted with it.
        place: where that is.
        key: the input that names it.
        versioned_for: what it encrypts, if that takes no key without a version.
        client_id_required: whether it knows the identity by its client id.
        subscription_id: that which the vault must be in; None: any.
    """
    if not reader.has(key):
        return None
    spec = reader.nested(key, CustomerManagedKeySpec)
    _note_missing_identity(spec, client_id_required=client_id_required)
    plan = CustomerManagedKeyPlan(
        key_vault_id=spec.resource_id("key_vault_id", KEY_VAULT, required=True) or "",
        key_uri=spec.optional_input("key_uri") or "",
        identity_id=spec.resource_id("identity_id", MANAGED_IDENTITY) or "",
        identity_client_id=spec.optional_input("identity_client_id"),
        cloud_name=place.cloud_name,
        versioned_for=versioned_for,
        subscription_id=subscription_id,
        path=spec.path,
    )
    if not spec.has("key_uri"):
        spec.note_missing("key_uri")
    elif isinstance(plan.key_uri, str) and plan.key_uri:
        spec.findings += plan.uri_findings(plan.key_uri)
    spec.findings += plan.vault_findings(plan.key_vault_id, plan.key_uri)
    return plan


def _note_missing_identity(spec: InputReader, *, client_id_required: bool) -> None:
    if not spec.has("identity_id"):
        spec.note_missing(
            "identity_id",
            "is required and not set; give a user-assigned identity that may get, wrap "
            "and unwrap the key, nobody can read the key without",
        )
    if client_id_required and not spec.has("identity_client_id"):
        spec.note_missing(
            "identity_client_id",
            "is required and not set; give the client id of identity_id, by which a "
            "registry knows it",
        )
