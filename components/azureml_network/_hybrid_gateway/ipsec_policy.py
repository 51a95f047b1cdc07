"""Reads what a site's tunnel is encrypted with: a named suite, changed by field."""

from dataclasses import replace

from azureml_network._hybrid_gateway.arguments import IpsecPolicySpec
from azureml_network._inputs import InputReader
from azureml_rulebook.ipsec import (
    DEFAULT_SUITE,
    SUITES,
    Choice,
    IpsecPolicy,
    policy_findings,
)
from azureml_rulebook.spelling import suggestion


def read_ipsec_policy(site: InputReader) -> IpsecPolicy:
    """Read the complete policy of a site's connection.

    ``site``: of that site's inputs.
    """
    spec = site.nested("ipsec_policy", IpsecPolicySpec)
    suite = _suite(spec)
    policy = replace(
        suite,
        **{
            choice: spec.optional_text(choice) or getattr(suite, choice)
            for choice in Choice
        },
        lifetime_seconds=spec.integer("lifetime_seconds", suite.lifetime_seconds),
        lifetime_kilobytes=spec.integer("lifetime_kilobytes", suite.lifetime_kilobytes),
    )
    spec.findings += policy_findings(policy, spec.path)
    return policy


def _suite(spec: InputReader) -> IpsecPolicy:
    name = spec.optional_text("suite") or DEFAULT_SUITE
    if name in SUITES:
        return SUITES[name]
    spec.note("suite", f"'{name}' is not known; {suggestion(name, SUITES)}")
    return SUITES[DEFAULT_SUITE]
