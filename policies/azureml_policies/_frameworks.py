"""The compliance frameworks whose controls the rules serve, as reports name them."""

from azureml_policies._frame import Control

MCSB = "Microsoft cloud security benchmark"
MCSB_V2 = "Microsoft cloud security benchmark v2"
NIST = "NIST SP 800-53"
PCI = "PCI DSS"
CIS_2 = "CIS Microsoft Azure Foundations 2.0"
CIS_3 = "CIS Microsoft Azure Foundations 3.0"


def assigned(code: str) -> Control:
    """Return a control of the benchmark that this pack itself gave to a rule."""
    return Control(MCSB, code, confirmed=False)
