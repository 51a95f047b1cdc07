"""Secrets are looked at when they are known, in previews too.

What is wrong with one stops the deployment without its value.
"""

from collections.abc import Callable

import pulumi
from pulumi import Output

from azureml_network._inputs import InputReader
from azureml_rulebook.findings import Finding, joined

TextCheck = Callable[..., list[Finding]]
"""A check of the rulebook: it takes a text and its path."""


def checked_secret(
    spec: InputReader, key: str, check: TextCheck, *, required: bool = False
) -> Output[str] | None:
    """Return a secret that is checked once it is known; None if it was left out, or
    after a finding."""
    secret = spec.secret(key, required=required)
    if secret is None:
        return None
    path = joined(spec.path, key)

    def checked(text: str) -> str:
        findings = check(text, path=path)
        if findings:
            raise pulumi.RunError(str(findings[0]))
        return text

    return secret.apply(checked)
