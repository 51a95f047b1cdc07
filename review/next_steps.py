"""What to do next after a command, with command lines that work as they are.

A printed line repeats every option that was given and goes through `./offline` when
this command did, by the path that was typed.
"""

import argparse
import os
import shlex
from pathlib import Path

from review.failures import leaves_state_in_doubt
from review.operations import RunFailed

OFFLINE_VARIABLE = "AZUREML_NETWORK_OFFLINE"
"""How `./offline` was called; set by `./offline`."""

_OPTIONS_OF_ALL = ("project", "config_file")
_OPTIONS_OF_PIN = ("check",)
_OPTIONS_OF_REVIEWS = ("out", "policy_pack", "policy_pack_config", "no_policies")


def review_command(options: argparse.Namespace, name: str) -> str:
    """The line of the review command `name` on the same stack, as it was reviewed."""
    words = ["python", "-m", "review", name, "--stack", options.stack]
    names = _OPTIONS_OF_ALL
    if name == "pin":
        names += _OPTIONS_OF_PIN
    elif name != "destroy":
        names += _OPTIONS_OF_REVIEWS
    for each in names:
        value = getattr(options, each, None)
        if value and value != Path():
            words.append("--" + each.replace("_", "-"))
            words += [] if value is True else [str(value)]
    return _typed(words)


def pin_command(options: argparse.Namespace) -> str:
    """The line that pins what a check has found."""
    return review_command(
        argparse.Namespace(**{**vars(options), "check": False}), "pin"
    )


def unlock_command(options: argparse.Namespace) -> str:
    """The line that takes away the lock that an ended run has left on the stack."""
    words = ["pulumi", "cancel", "--stack", options.stack]
    if options.project != Path():
        words += ["--cwd", str(options.project)]
    return _typed(words)


def after_destruction(options: argparse.Namespace, *, names_are_held: bool) -> str:
    """How to make a destroyed stack anew, also while deleted things hold its names."""
    again = f"make it anew with: {review_command(options, 'up')}"
    if not names_are_held:
        return again
    return f"{again} (with other names, or after what stays was had back or is gone)"


def after_rules(options: argparse.Namespace) -> str:
    """What to do when rules do not hold."""
    again = review_command(options, options.command_name)
    return f"correct the program where the rules point, then: {again}"


def after_failure(options: argparse.Namespace, failure: RunFailed) -> str:
    """What to do after a run that came to no good end."""
    again = review_command(options, options.command_name)
    if failure.locked:
        return (
            f"wait for the other run and then: {again}\n"
            f"when no other run is there any more: {unlock_command(options)}"
        )
    if not failure.changing:
        return f"nothing was changed; again with: {again}"
    if leaves_state_in_doubt(failure.problems):
        return f"when that is done: {again}"
    if failure.interrupted:
        return after_interruption(options)
    return f"the state is usable, it knows what was done; go on with: {again}"


def after_interruption(options: argparse.Namespace) -> str:
    """What to do after Ctrl-C, whenever it came."""
    again = review_command(options, options.command_name)
    if options.command_name in ("preview", "pin"):
        return f"nothing was changed; again with: {again}"
    return (
        f"the state knows what the engine has finished; go on with: {again}\n"
        f"when that finds the stack locked: {unlock_command(options)}"
    )


def _typed(words: list[str]) -> str:
    """The words as a line for the shell, through `./offline` if that runs this.

    In a shell that `./offline` has opened, and from whose folder the typed path leads
    nowhere, the engine is on PATH without it.
    """
    offline = os.environ.get(OFFLINE_VARIABLE, "")
    return shlex.join([offline, *words] if os.path.isfile(offline) else words)
