"""What went wrong in a run of the engine, said once and readably.

The engine says the same thing in several places: as a diagnostic of a resource, as one
of the stack, on its standard error. Here it becomes one list of problems.
"""

import re
from dataclasses import dataclass

from review.event_log import EngineRecord
from review.outcomes import ExitCode

CONFIGURATION_ERROR = "configuration error"
"""How a stack program begins the message about a setting that it refuses."""

_ENGINE_REFUSES_CONFIGURATION = re.compile(
    r"^Stack '.*' (is missing configuration value|with configuration key)"
    r"|^(validating policy config|configuring policy pack|policy pack config)"
    r"|^parsing enforcement level"
)
_LOCKED = "the stack is currently locked"
_LOCK_OF_SERVICE = "Another update is currently in progress"
_SAYS_NOTHING = re.compile(
    r"^(error: )?(preview|update|destroy)( of stack .*)? failed\.?$"
    r"|^resource violates|^$"
)


@dataclass(frozen=True)
class Problem:
    """One thing that went wrong; `urn` is empty when it is of no single resource."""

    message: str
    urn: str = ""


# What is said besides, when something else has already said what is wrong: by the
# language host of the program's end, by the engine of work that it broke off.
_FOLLOWS_ANOTHER = re.compile(
    r"^an unhandled error occurred: program exited with non-zero exit code: \d+$"
    r"|\bcontext canceled$"
)


@dataclass(frozen=True)
class _Remedy:
    """What to do about failures whose message fits `pattern`."""

    pattern: re.Pattern[str]
    advice: str
    state_in_doubt: bool = False


_START_ANEW = "with ./offline: delete its state, .pulumi-offline, to start anew"
_REMEDIES = (
    # https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview
    # https://learn.microsoft.com/azure/machine-learning/concept-soft-delete
    _Remedy(
        re.compile(
            r"already exists in deleted state|soft-deleted workspace exists",
            re.IGNORECASE,
        ),
        "a deleted resource still holds the name: recover or purge it "
        "(`az keyvault purge`, `az ml workspace delete --permanently-delete`; on the "
        "emulated Azure `make purge`), or set another uniqueSuffix in the stack's "
        "configuration",
    ),
    _Remedy(
        re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE),
        "the disk is full: make room",
        state_in_doubt=True,
    ),
    _Remedy(
        re.compile(r"failed to save snapshot"),
        "the state may miss what was done last: compare the stack with Azure before "
        f"you go on ({_START_ANEW})",
        state_in_doubt=True,
    ),
    _Remedy(
        re.compile(r"failed to load checkpoint|unable to load snapshot"),
        "the stack's state cannot be read: restore it from a backup of the backend "
        f"({_START_ANEW})",
        state_in_doubt=True,
    ),
    _Remedy(
        re.compile(r"incorrect passphrase"),
        "the state was made with another passphrase: set PULUMI_CONFIG_PASSPHRASE to "
        f"that one ({_START_ANEW})",
        state_in_doubt=True,
    ),
    _Remedy(
        re.compile(
            r"could not load provider .*azure-native"
            r"|plugin \[azure-native\] did not begin responding"
        ),
        "nothing answers for Azure: when ./offline was killed, the emulated Azure "
        "ended with it, and the next ./offline starts it anew",
    ),
)


def problems(record: EngineRecord, error_text: str) -> list[Problem]:
    """Every problem of a run, each once, in the order in which it came up.

    `error_text` is the engine's standard error: it counts only where the event log is
    silent, as for an engine that could not even begin.
    """
    found: dict[str, Problem] = {}
    for diagnostic in record.errors:
        if not says_nothing(diagnostic.message):
            found.setdefault(
                diagnostic.message, Problem(diagnostic.message, diagnostic.urn)
            )
    if not found:
        for message in _messages_of_text(error_text):
            found.setdefault(message, Problem(message))
    telling = [
        each for each in found.values() if not _FOLLOWS_ANOTHER.search(each.message)
    ]
    return telling or list(found.values())


def remedy(found: list[Problem]) -> str:
    """What to do about failures whose own words do not say it; '' for others."""
    return "\n".join(each.advice for each in _remedies_for(found))


def leaves_state_in_doubt(found: list[Problem]) -> bool:
    """Whether the state may not hold what was done, or cannot be read at all."""
    return any(each.state_in_doubt for each in _remedies_for(found))


def says_nothing(message: str) -> bool:
    """Whether a message only says that something failed, and not what."""
    return bool(_SAYS_NOTHING.match(message))


def exit_code_of(found: list[Problem]) -> ExitCode:
    """Whether the configuration is to blame, or the program or the engine."""
    refused = any(is_configuration_error(each.message) for each in found)
    return ExitCode.MISUSE if refused else ExitCode.FAILED


def is_configuration_error(message: str) -> bool:
    """Whether a message says that a configuration, of stack or pack, is not valid."""
    return any(
        line.startswith(CONFIGURATION_ERROR)
        or _ENGINE_REFUSES_CONFIGURATION.match(line)
        for line in map(str.strip, message.splitlines())
    )


def is_locked(found: list[Problem]) -> bool:
    """Whether the run gave way to another one on the same stack."""
    return any(
        mark in each.message for each in found for mark in (_LOCKED, _LOCK_OF_SERVICE)
    )


def _remedies_for(found: list[Problem]) -> list[_Remedy]:
    return [
        remedy
        for remedy in _REMEDIES
        if any(remedy.pattern.search(each.message) for each in found)
    ]


def _messages_of_text(text: str) -> list[str]:
    """The messages of a standard error, each with its further lines."""
    messages: list[str] = []
    for line in text.splitlines():
        if line.startswith(("error: ", "warning: ")) or not messages:
            messages.append(line)
        else:
            messages[-1] += "\n" + line
    return [
        message.removeprefix("error: ").strip()
        for message in messages
        if not message.startswith("warning: ") and not says_nothing(message)
    ]
