"""Runs one Pulumi program; started by the host with the program's own Python.

It connects the SDK to the engine, runs the program as `__main__` and reports an
unhandled exception to the engine once, with the frames of the user's own code. It
may import nothing but the standard library and `pulumi`.

Exit codes: 0 done, 32 failed and already reported, 1 failed otherwise.
"""

import asyncio
import json
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPORTED = 32

STOP_SIGNAL = signal.SIGINT
"""Ends a program with its `finally` blocks run."""


def main(request: dict) -> int:
    """Run the program that `request` describes and return the exit code.

    `request` is the JSON object that the host writes: `monitor`, `engine`,
    `project`, `stack`, `organization`, `root_directory`, `pwd`, `program`, `args`,
    `parallel`, `dry_run`. Configuration, which can hold secrets, comes through the
    environment (`PULUMI_CONFIG`, `PULUMI_CONFIG_SECRET_KEYS`) instead.
    """
    try:
        import pulumi
        import pulumi.runtime
    except ImportError as error:
        print(
            f"The Pulumi SDK cannot be imported by {sys.executable} ({error}); run "
            "`pulumi install` to install the program's requirements",
            file=sys.stderr,
        )
        return 1

    os.chdir(request["pwd"])
    program = os.path.abspath(request["program"])
    sys.argv = [request["program"], *request["args"]]
    # The interpreter put this file's folder first; the program's belongs there.
    sys.path[0] = program if os.path.isdir(program) else os.path.dirname(program)
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    pulumi.runtime.configure(
        pulumi.runtime.Settings(
            project=request["project"],
            stack=request["stack"],
            organization=request["organization"],
            parallel=request["parallel"],
            dry_run=request["dry_run"],
            monitor=request["monitor"],
            engine=request["engine"],
            root_directory=request["root_directory"],
        )
    )
    if os.path.isdir(program) and not os.path.exists(f"{program}/__main__.py"):
        pulumi.log.error(
            f"unable to find main python program `__main__.py` in `{program}`"
        )
        return REPORTED
    # Futures that nobody awaited are normal when a program stops half-way.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    threads = ThreadPoolExecutor(max_workers=max(request["parallel"], 1) * 4)
    loop.set_default_executor(threads)

    def run() -> None:
        runpy.run_path(program, run_name="__main__")

    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(run))
        return 0
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return REPORTED
    except Exception as error:
        pulumi.log.error(_unhandled(error, program))
        return REPORTED
    finally:
        threads.shutdown(wait=True, cancel_futures=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()


def _unhandled(error: Exception, program: str) -> str:
    """Return the message for the user: the traceback from the program's frames on."""
    folder = program if os.path.isdir(program) else os.path.dirname(program)
    start = error.__traceback__
    while start and not _is_inside(start.tb_frame.f_code.co_filename, folder):
        start = start.tb_next
    lines = traceback.format_exception(type(error), error, start or error.__traceback__)
    return "Program failed with an unhandled exception:\n" + "".join(lines)


def _is_inside(file: str, folder: str) -> bool:
    if file.startswith("<"):  # Python's own name for code that is in no file
        return False
    path = Path(os.path.abspath(file))
    return path.is_relative_to(folder) and "site-packages" not in path.parts


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
