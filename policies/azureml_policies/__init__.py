"""The rules of the policy pack, and the frame that runs them.

``RULES`` are all rules; ``serve_pack`` runs them for the engine.
"""

from azureml_policies import (
    container_registry,
    key_vault,
    machine_learning,
    private_dns,
    private_endpoints,
    storage,
)
from azureml_policies._frame import Rule, pack_rules, rules_of, serve

NAME = "azureml-network-policies"
DESCRIPTION = "Private Azure Machine Learning networks: closed, complete, resolvable"

RULES: tuple[Rule, ...] = rules_of(
    *machine_learning.MODULES,
    *storage.MODULES,
    key_vault,
    container_registry,
    private_endpoints,
    private_dns,
    pack_rules,
)
"""Every rule, in the order of the documentation."""


def serve_pack() -> None:
    """Run the pack until the engine ends it."""
    serve(NAME, RULES, description=DESCRIPTION)


__all__ = ["DESCRIPTION", "NAME", "RULES", "Rule", "serve_pack"]
