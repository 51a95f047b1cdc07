"""Runs any command with the Pulumi engine on PATH and Azure emulated.

`./offline COMMAND …` keeps its state beside the nearest Pulumi.yaml, takes no Azure
login and no secret, and ends with the command's own exit code.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from toolchain import engine, shim, throwaway
from toolchain.arguments import read_arguments
from toolchain.emulation import emulated_azure
from toolchain.errors import MISUSE, ToolchainError, keeping_files_in, report
from toolchain.project import OTHER_STATE_FOLDER, STATE_VARIABLE, state_folder
from toolchain.stacks import OfflineState, state_lock

ROOT = Path(__file__).resolve().parent.parent
SHIMS = ROOT / "toolchain" / "shims"
LANGUAGE_HOST = ROOT / "toolchain" / "language_host" / "bin" / "pulumi-language-python"

HELP = f"""\
usage: ./offline COMMAND [ARGUMENT ...]

Runs COMMAND with the Pulumi engine on PATH, its state in a local folder and Azure
emulated: no Azure login, no Pulumi account, no secret. The exit code is COMMAND's.

  ./offline pulumi preview --stack dev
  ./offline pulumi up --stack dev
  ./offline python -m review preview --stack dev
  ./offline pulumi package get-schema components
  ./offline sh                       a shell in which `pulumi` is all that

It works in any folder with a Pulumi project. State is kept in `.pulumi-offline/`
beside its Pulumi.yaml, or where {STATE_VARIABLE} says; delete that folder
to start anew. A stack that has a Pulumi.<stack>.yaml is created on first use. The
files of the project are never changed: each run configures its stack from a copy,
with random values for declared secrets that are not set.

The first run prepares what is missing: the virtual environment and the engine. That
is the pulumi on PATH if it is {".".join(map(str, engine.MINIMUM))} or newer, else one
that is built, once, into the user's cache in three to five minutes.

exit codes of ./offline itself: 2 misuse, 3 something could not be prepared
"""

_NO_PROVIDER = frozenset(
    "version help about whoami config login logout plugin schema cancel completion "
    "gen-completion".split()
)
"""Commands of pulumi that never speak to a provider, so need no emulated Azure."""

_DROPPED = (
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "PULUMI_IGNORE_AMBIENT_PLUGINS",
    shim.CONFIG_FILE_VARIABLE,
)
_DROPPED_PREFIXES = ("ARM_", "AZURE_")
"""Login settings of azure-native, the Azure CLI and the Azure SDKs."""


def main(arguments: Sequence[str]) -> int:
    """Run the command and return the exit code to end with."""
    end_on_signals()
    if not arguments or arguments[0] in ("-h", "--help"):
        print(HELP, end="", file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else MISUSE
    if arguments[0].startswith("-"):
        return report(
            ToolchainError(
                f"unknown option {arguments[0]!r}; allowed: --help, or a command",
                MISUSE,
            )
        )
    try:
        return run(arguments)
    except ToolchainError as error:
        return report(error)
    except KeyboardInterrupt:
        print("offline: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT


def run(arguments: Sequence[str]) -> int:
    """Prepare engine, state and emulator, run the command, return its exit code."""
    found = engine.find_engine()
    state = state_folder(start_folder(arguments))
    with keeping_files_in(state, OTHER_STATE_FOLDER):
        _make_state(state)
        with _azure(arguments, state) as port:
            return _run(arguments, environment(os.environ, state, found, port))


def environment(
    base: Mapping[str, str], state: Path, found: engine.Engine, port: int | None
) -> dict[str, str]:
    """Return the command's environment. `port` is the emulator's, if it runs."""
    kept_in = OfflineState(state, str(found.path))
    path = [str(SHIMS), str(found.path.parent), str(ROOT / ".venv" / "bin")]
    if not found.has_language_host:
        path.insert(2, str(LANGUAGE_HOST.parent))
    kept = {
        name: value
        for name, value in base.items()
        if name not in _DROPPED and not name.startswith(_DROPPED_PREFIXES)
    }
    kept |= {
        "PATH": os.pathsep.join([*path, base.get("PATH", os.defpath)]),
        "PULUMI_BACKEND_URL": kept_in.backend,
        "PULUMI_HOME": str(kept_in.home),
        "PULUMI_CONFIG_PASSPHRASE": (state / "passphrase").read_text("utf-8"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        STATE_VARIABLE: str(state),
        shim.ENGINE_VARIABLE: str(found.path),
        engine.LANGUAGE_HOST_VARIABLE: str(LANGUAGE_HOST),
    }
    if port is not None:
        kept["PULUMI_DEBUG_PROVIDERS"] = _with_azure(
            base.get("PULUMI_DEBUG_PROVIDERS", ""), port
        )
    return kept


def _with_azure(providers: str, port: int) -> str:
    """Return `name:port,…` with azure-native at `port` and the others kept."""
    others = [
        one
        for one in providers.split(",")
        if one and not one.startswith("azure-native:")
    ]
    return ",".join([f"azure-native:{port}", *others])


def start_folder(arguments: Sequence[str]) -> Path:
    """Return the folder that decides the project.

    It is what pulumi's --cwd or the review's --project names, else this one.
    """
    if Path(arguments[0]).name == "pulumi":
        return Path(read_arguments(arguments[1:]).folder or ".")
    if list(arguments[1:3]) == ["-m", "review"]:
        options = argparse.ArgumentParser(add_help=False, exit_on_error=False)
        options.add_argument("--project", default=".")
        with suppress(argparse.ArgumentError):
            return Path(options.parse_known_args(arguments[3:])[0].project)
    return Path(".")


def _make_state(state: Path) -> None:
    """Make the state folder, which git ignores, and its passphrase, once."""
    (state / "state").mkdir(parents=True, exist_ok=True)
    ignore = state / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    passphrase = state / "passphrase"
    with state_lock(state):
        if not passphrase.exists():
            throwaway.write_private(passphrase, secrets.token_urlsafe(32))


def _azure(arguments: Sequence[str], state: Path) -> AbstractContextManager[int | None]:
    if Path(arguments[0]).name == "pulumi":
        line = read_arguments(arguments[1:])
        if line.verb in _NO_PROVIDER or not line.verb:
            return nullcontext()
    return emulated_azure(state / "azure", state / "log" / "emulator.log")


def _run(command: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command to its end, whatever signals come, and return its exit code.

    Ctrl-C goes to the whole foreground group, so the command has it already; SIGTERM
    and SIGHUP come to this process alone and are passed on.
    """
    try:
        process = subprocess.Popen(command, env=variables)
    except OSError as error:
        raise ToolchainError(
            f"cannot run {command[0]!r}: {error.strerror}", MISUSE
        ) from error
    signal.signal(signal.SIGINT, lambda *_: None)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: process.send_signal(number))
    code = process.wait()
    return 128 - code if code < 0 else code


def end_on_signals() -> None:
    """Have SIGTERM and SIGHUP end this process the orderly way, as SIGINT does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
