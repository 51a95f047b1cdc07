"""Says what the pack holds, and checks its configuration files.

``python -m azureml_policies rules`` prints the list of rules as Markdown;
``python -m azureml_policies check FILE …`` names every fault of the files.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from azureml_policies import RULES
from azureml_policies._frame.catalogue import rules_as_markdown
from azureml_policies._frame.configuration import (
    ConfigurationError,
    configure_from_file,
)

MISUSE = 2


def main(arguments: list[str]) -> int:
    """Run a command; returns 0, or 2 for misuse and faulty files."""
    parser = argparse.ArgumentParser(
        prog="python -m azureml_policies", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("rules", help="print the rules as Markdown")
    check = commands.add_parser("check", help="check --policy-pack-config files")
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.command == "rules":
        print(rules_as_markdown(RULES))
        return 0
    return _check(options.files)


def _check(files: Iterable[Path]) -> int:
    status = 0
    for path in files:
        for fault in _faults(path):
            print(f"{path}: {fault}", file=sys.stderr)
            status = MISUSE
    return status


def _faults(path: Path) -> list[str]:
    try:
        content = json.loads(path.read_text() or "{}")
        if not isinstance(content, dict):
            return ["not an object; write {policy: level or settings}"]
        configure_from_file(RULES, content)
    except OSError as error:
        return [f"cannot be read: {error.strerror}"]
    except json.JSONDecodeError as error:
        return [f"line {error.lineno}: not JSON: {error.msg}"]
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
