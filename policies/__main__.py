"""Starts the policy pack: the engine runs this folder.

The rulebook is taken from the folder beside this one where there is one, so that the
pack runs from a checkout without being installed.
"""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE.parent / "components", _HERE):
    if _folder.is_dir() and str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))

from azureml_policies import serve_pack  # noqa: E402

serve_pack()
