"""Fetches Debian's strongSwan into a folder of its own, without installing it.

An installed daemon would be started by the system, and would need an administrator. The
packages come from the system's own sources, and nothing outside of the folder changes.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from review.outcomes import ExitCode, Misuse, ReviewError

PACKAGES = (
    "charon-systemd",
    "libstrongswan",
    "strongswan-libcharon",
    "strongswan-swanctl",
)
_NEEDED = (
    "strongSwan is needed: Debian's or Ubuntu's packages "
    f"{', '.join(PACKAGES)}, which `apt-get download` fetches once `apt-get update` "
    "has been run by an administrator"
)


def main(arguments: Sequence[str]) -> int:
    """Fetch and unpack; gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m review.strongswan_packages",
        description="Fetch Debian's strongSwan into a folder.",
        allow_abbrev=False,
    )
    parser.add_argument("--to", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args(arguments).to
    try:
        fetch(folder)
    except ReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


def fetch(folder: Path) -> None:
    """Put strongSwan into `folder`, in place of what is there.

    Raises `Misuse` that says what is needed when there are no such packages.
    """
    for command in ("apt-get", "dpkg-deb"):
        if shutil.which(command) is None:
            raise Misuse(f"{command} is not on PATH; {_NEEDED}")
    shutil.rmtree(folder, ignore_errors=True)
    packages = folder / "packages"
    packages.mkdir(parents=True)
    fault = _download(packages)
    if fault and os.geteuid() == 0:
        # Fresh machines and containers have no lists of packages yet.
        fault = _run(["apt-get", "--quiet", "update"], packages) or _download(packages)
    if fault:
        raise Misuse(f"{_NEEDED}: {fault}")
    for package in sorted(packages.glob("*.deb")):
        fault = _run(["dpkg-deb", "--extract", package.name, ".."], packages)
        if fault:
            raise Misuse(f"{package.name} cannot be unpacked: {fault}")


def _download(folder: Path) -> str:
    return _run(["apt-get", "--quiet", "download", *PACKAGES], folder)


def _run(command: Sequence[str], folder: Path) -> str:
    """What a command complains of when it fails; '' when it does not."""
    done = subprocess.run(
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stderr.strip() or "it failed") if done.returncode else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
