"""Makes importable what stands beside this file, and what reads published types and
recorded plans."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
for _folder in (_HERE, _HERE.parent / "review", _HERE.parent / "policies"):
    if str(_folder) not in sys.path:
        sys.path.insert(0, str(_folder))
