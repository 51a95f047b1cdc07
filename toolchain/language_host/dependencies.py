"""What is installed for a program, asked of the program's own interpreter.

`pulumi about` and `pulumi stack` show it. Package metadata is read with
`importlib.metadata` in a short-lived child, so pip need not be there.
"""

import json
import subprocess

from toolchain.language_host.interpreter import Interpreter

_LIST_PACKAGES = """
import importlib.metadata, json, re
names = {}
needed = set()
for one in importlib.metadata.distributions():
    names[re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()] = one.version
    for requirement in one.requires or ():
        if "extra ==" not in requirement:
            name = re.match(r"[A-Za-z0-9._-]+", requirement)[0]
            needed.add(re.sub(r"[-_.]+", "-", name).lower())
print(json.dumps([[n, v, n in needed] for n, v in sorted(names.items())]))
"""


def installed(interpreter: Interpreter, *, transitive: bool) -> list[tuple[str, str]]:
    """Return `(name, version)` pairs; without `transitive` only what nothing needs."""
    packages = json.loads(_answer(interpreter, _LIST_PACKAGES))
    return [
        (name, version)
        for name, version, needed in packages
        if transitive or not needed
    ]


def python_version(interpreter: Interpreter) -> str:
    """Return the interpreter's version, such as `3.11.7`."""
    return _answer(interpreter, "import platform; print(platform.python_version())")


def _answer(interpreter: Interpreter, code: str) -> str:
    finished = subprocess.run(
        [str(interpreter.executable), "-I", "-c", code],
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout.strip()
