"""Lets strongSwan itself read the configurations that sites get from us.

`python -m review.strongswan_judge --plan out/prod/plan.json --strongswan .strongswan`
ends with 1 for a configuration that strongSwan does not take: one for each named suite
and each single value of a policy, and those of the plan's sites. A broken one has to be
refused, so that a judge that takes anything is noticed. The daemon has a network of its
own, with nothing in it: it reaches nobody and changes nothing.
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from azureml_rulebook.ipsec import (
    SUITES,
    Choice,
    IpsecPolicy,
    current_values,
    policy_findings,
)
from azureml_rulebook.strongswan import Peer, PeerTunnel, peer_configuration
from review.outcomes import EngineFailed, ExitCode, Misuse, ReviewError
from review.peers import peer_files
from review.plan import read_plan

_PLUGINS = ("nonce", "sha1", "random", "socket-default", "kernel-netlink", "vici")
"""What a charon that only reads needs to start; it computes nothing."""
_SETTINGS = """\
charon-systemd {{
    load = {plugins}
    port = 0
    port_nat_t = 0
    install_routes = no
    install_virtual_ip = no
    routing_table = 0
    plugins {{
        vici {{
            socket = unix://{socket}
        }}
    }}
    filelog {{
        stderr {{
            default = 1
        }}
    }}
}}
swanctl {{
    load = random
}}
"""
_START_SECONDS = 30
_NOISE = ("plugin '", "opening directory '")
"""How lines begin about folders and plugins that nobody needs here."""
_CONNECTION = re.compile(r"^    (\S+) \{$", re.MULTILINE)
_LOADED = re.compile(r"^loaded connection '(.+)'$", re.MULTILINE)
_FAILED = re.compile(r"^loading connection '.+' failed: .+$", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What `swanctl --load-all` has said to a file."""

    exit_code: int
    output: str

    def fault(self, text: str) -> str:
        """Why the file `text` was not taken whole; '' when it was."""
        if found := _FAILED.search(self.output):
            return found[0]
        missing = set(_CONNECTION.findall(text)) - set(_LOADED.findall(self.output))
        if self.exit_code or missing or not _LOADED.search(self.output):
            said = " / ".join(
                line
                for line in self.output.splitlines()
                if line and not line.startswith(_NOISE)
            )
            return f"swanctl ended with {self.exit_code}: {said or 'it says nothing'}"
        return ""


class Charon:
    """A running daemon that has loaded nothing yet."""

    def __init__(self, root: Path, folder: Path) -> None:
        self._swanctl = root / "usr" / "sbin" / "swanctl"
        self._folder = folder
        self._environment = _environment(root, folder)

    def load(self, text: str) -> Answer:
        """Let swanctl load a configuration, in place of the one before."""
        file = self._folder / "swanctl.conf"
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [
                str(self._swanctl),
                *("--load-all", "--noprompt", "--file", str(file)),
                *("--uri", f"unix://{_socket(self._folder)}"),
            ],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout)


def main(arguments: Sequence[str]) -> int:
    """Let strongSwan load everything, print; gives the exit code."""
    options = _parser().parse_args(arguments)
    try:
        sites = peer_files(read_plan(options.plan))
        with running_charon(options.strongswan) as charon:
            return judge(charon, policy_files(), sites)
    except ReviewError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def judge(charon: Charon, policies: Mapping[str, str], sites: Mapping[str, str]) -> int:
    """Load all files, and a broken one; prints, and gives the exit code."""
    accepted = True
    for name, text in {**policies, **sites}.items():
        if fault := charon.load(text).fault(text):
            accepted = False
            print(f"refused     {name}: {fault}")
    broken = broken_file()
    if not charon.load(broken).fault(broken):
        accepted = False
        print("accepted    a proposal that there is not, so that nothing is proved")
    if not accepted:
        print("Next        correct azureml_rulebook/strongswan.py")
        return ExitCode.RULES
    print(
        f"strongSwan  {len(policies)} policies and {len(sites)} sites load, a broken "
        "one does not"
    )
    return ExitCode.OK


def policy_files() -> dict[str, str]:
    """A configuration for each suite, and for each value that a policy can have."""
    files = {name: _policy_file(policy) for name, policy in SUITES.items()}
    for choice in Choice:
        for value in current_values(choice):
            policy = next(
                changed
                for suite in SUITES.values()
                if not policy_findings(changed := _changed(suite, choice, value))
            )
            files[f"{choice} {value}"] = _policy_file(policy)
    return files


def broken_file() -> str:
    """A configuration with a group that nobody has."""
    text = _policy_file(next(iter(SUITES.values())))
    return text.replace("-ecp384", "-ecp385")


def _changed(suite: IpsecPolicy, choice: Choice, value: str) -> IpsecPolicy:
    """A suite with one other value; GCM is one value of two fields."""
    fields = {str(choice): value}
    both = (Choice.IPSEC_ENCRYPTION, Choice.IPSEC_INTEGRITY)
    if choice in both and value.startswith("GCM"):
        fields = dict.fromkeys(map(str, both), value)
    return replace(suite, **fields)


def _policy_file(policy: IpsecPolicy) -> str:
    peer = Peer(
        name="policy",
        public_address="198.51.100.1",
        policy=policy,
        dead_peer_timeout_seconds=45,
        begins=False,
    )
    tunnel = PeerTunnel(instance="first", gateway_address="203.0.113.1")
    return peer_configuration(peer, [tunnel])


@contextmanager
def running_charon(root: Path) -> Iterator[Charon]:
    """Run a daemon out of the unpacked packages in `root` as long as it is asked.

    Raises `Misuse` when there are none, `EngineFailed` when the daemon does not start.
    """
    root = root.resolve()
    daemon = root / "usr" / "sbin" / "charon-systemd"
    if not daemon.exists():
        raise Misuse(
            f"--strongswan: {root} has no {daemon.relative_to(root)}; fill it with "
            f"`python -m review.strongswan_packages --to {root}`"
        )
    with tempfile.TemporaryDirectory(prefix="strongswan-") as name:
        folder = Path(name)
        (folder / "strongswan.conf").write_text(
            _SETTINGS.format(plugins=" ".join(_PLUGINS), socket=_socket(folder)),
            encoding="utf-8",
        )
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [*_own_network(), *_preloaded(root), str(daemon)],
                env=_environment(root, folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_for_start(process, folder)
            yield Charon(root, folder)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _own_network() -> list[str]:
    """The command before a command that gives it a network with nothing in it."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *as_root, "--net", "--"]


def _preloaded(root: Path) -> list[str]:
    """The command before the daemon's that gives it its plugins.

    Debian's charon looks for them in the system's folder only; those that are loaded
    already are found wherever they come from.
    """
    folder = root / "usr" / "lib" / "ipsec" / "plugins"
    files = [str(folder / f"libstrongswan-{each}.so") for each in _PLUGINS]
    return ["env", f"LD_PRELOAD={':'.join(files)}"]


def _environment(root: Path, folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LD_LIBRARY_PATH": str(root / "usr" / "lib" / "ipsec"),
        "STRONGSWAN_CONF": str(folder / "strongswan.conf"),
    }


def _socket(folder: Path) -> Path:
    return folder / "charon.vici"


def _wait_for_start(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(_socket(folder))) == 0:
                return
        time.sleep(0.05)
    said = (folder / "log").read_text(errors="replace").strip()
    raise EngineFailed(
        "strongSwan's charon does not start; it needs a network namespace of its own, "
        f"which `unshare --net` makes: {said or 'it says nothing'}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m review.strongswan_judge",
        description="Let strongSwan read what sites are told.",
        allow_abbrev=False,
    )
    for name, metavar, text in (
        ("plan", "FILE", "the plan of a stack, such as out/prod/plan.json"),
        ("strongswan", "DIR", "what `python -m review.strongswan_packages` has filled"),
    ):
        parser.add_argument(
            f"--{name}", type=Path, required=True, metavar=metavar, help=text
        )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
