"""Starts the emulated Azure: prints its port as one line, then stays silent.

Usage: python -m emulator --store DIR --log FILE [--port N] [--parent PID]
                          [--delays TEXT]

Exit status: 0 after SIGTERM, SIGINT or the end of the parent; 2 if it cannot start.
"""

import argparse
import os
import sys
from pathlib import Path

from emulator import call_log, lifetime, server
from emulator.delays import Delays
from emulator.store import Store, StoreUnusable


def main(arguments: list[str]) -> int:
    """Serve until told to stop; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m emulator",
        description="Answers the Pulumi engine as the azure-native provider.",
    )
    parser.add_argument(
        "--store", type=Path, required=True, help="folder that keeps the resources"
    )
    parser.add_argument("--log", type=Path, required=True, help="log file")
    parser.add_argument("--port", type=int, default=0, help="port; 0 takes a free one")
    parser.add_argument(
        "--parent", type=int, help="stop when the process with this id is gone"
    )
    parser.add_argument(
        "--delays",
        default="",
        metavar="TEXT",
        help="hold writes up, each for a time that this text chooses (default: none)",
    )
    options = parser.parse_args(arguments)
    ending = lifetime.Ending()
    try:
        log = call_log.open_log(options.log)
        store = Store(options.store)
        serving, port = server.start(store, log, options.port, Delays(options.delays))
    except (OSError, RuntimeError, StoreUnusable) as failure:
        print(f"emulator: error: {failure}", file=sys.stderr)
        return 2
    log.info("serving on port %d, store %s", port, options.store)
    print(port, flush=True)
    _silence()
    reason = ending.wait(options.parent)
    log.info("ending: %s", reason)
    serving.stop(grace=1).wait()
    store.close()
    return 0


def _silence() -> None:
    """Whatever a library still prints goes nowhere: the terminal is the engine's."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    sys.stdout.flush()
    os.dup2(nothing, sys.stdout.fileno())
    os.dup2(nothing, sys.stderr.fileno())
    os.close(nothing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
