"""Makes the policy pack and the test modules beside this file importable."""

import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE, _HERE.parents[1] / "policies"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

from policy_calls import Analyzer  # noqa: E402


@pytest.fixture
def analyzer() -> Analyzer:
    """An analyzer with all rules, not configured."""
    return Analyzer()
