"""The pack with all that it needs in one folder, for the engine or for publishing.

In a checkout the rulebook lies beside the pack; ``pulumi policy publish`` takes one
folder only.
"""

import shutil
from pathlib import Path

_PACKAGES = ("azureml_rulebook", "azureml_reachability")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc")


def write_bundle(pack: Path, components: Path, to: Path) -> Path:
    """Copy the pack in ``pack`` and its packages in ``components`` into ``to``.

    ``to`` is made; raises FileExistsError if there is something in it, and OSError if
    it cannot be written.
    """
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise FileExistsError(f"{to} is there already and not empty; name a new folder")
    to.mkdir(parents=True, exist_ok=True)
    for name in ("__main__.py", "requirements.txt"):
        shutil.copyfile(pack / name, to / name)
    shutil.copytree(pack / "config", to / "config", ignore=_LEFT_OUT)
    shutil.copytree(
        pack / "azureml_policies", to / "azureml_policies", ignore=_LEFT_OUT
    )
    for name in _PACKAGES:
        shutil.copytree(components / name, to / name, ignore=_LEFT_OUT)
    project = (pack / "PulumiPolicy.yaml").read_text(encoding="utf-8")
    # `pulumi install` makes this environment from the requirements.
    own = project.replace("virtualenv: ../.venv", "virtualenv: venv")
    (to / "PulumiPolicy.yaml").write_text(own, encoding="utf-8")
    return to
