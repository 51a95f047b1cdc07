"""Small Pulumi projects that run in this checkout's virtual environment."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def write_project(
    folder: Path, program: str, *, config: str = "", stacks: Mapping[str, str]
) -> Path:
    """Write a Pulumi project for this checkout's virtual environment."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Pulumi.yaml").write_text(
        textwrap.dedent(
            f"""\
            name: small
            runtime:
              name: python
              options:
                virtualenv: {ROOT / ".venv"}
            """
        )
        + textwrap.dedent(config),
        encoding="utf-8",
    )
    (folder / "__main__.py").write_text(textwrap.dedent(program), encoding="utf-8")
    for stack, text in stacks.items():
        (folder / f"Pulumi.{stack}.yaml").write_text(
            textwrap.dedent(text), encoding="utf-8"
        )
    return folder
