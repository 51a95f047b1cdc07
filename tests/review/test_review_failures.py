"""What went wrong is said once, and the exit code says whose fault it is."""

import pytest

from review.event_log import Diagnostic, EngineRecord
from review.failures import Problem, exit_code_of, is_locked, problems, remedy
from review.outcomes import ExitCode

PROGRAM_ENDED = "an unhandled error occurred: program exited with non-zero exit code: 1"
LOCK = (
    "error: the stack is currently locked by 1 lock(s). Either wait for the other "
    "process(es) to end or delete the lock file with `pulumi cancel`.\n"
    "  file:///home/me/1.json: created by me@host (pid 7) at 2026-01-01T00:00:00Z\n"
)


def errors(*messages: str) -> EngineRecord:
    """A record with these error diagnostics."""
    return EngineRecord(diagnostics=[Diagnostic("error", each) for each in messages])


@pytest.mark.parametrize(
    ("record", "error_text", "expected"),
    [
        (errors("boom", "preview failed"), "error: preview failed\n", ["boom"]),
        (errors("boom", "boom"), "error: boom\n", ["boom"]),
        (errors("update failed"), "error: update failed\n", []),
        (errors(), "error: a\n  more of a\nerror: b\n", ["a\n  more of a", "b"]),
        (errors(), "warning: w\nerror: a\n", ["a"]),
        (errors(), "panic: p\ngoroutine 1\n", ["panic: p\ngoroutine 1"]),
        (errors(), LOCK, [LOCK.removeprefix("error: ").strip()]),
        (errors(), "", []),
        (
            errors(
                "configuration error: a",
                PROGRAM_ENDED,
            ),
            "",
            ["configuration error: a"],
        ),
        (
            errors(PROGRAM_ENDED),
            "",
            [PROGRAM_ENDED],
        ),
        (
            errors("a vault exists", "failed to run remediation: context canceled"),
            "",
            ["a vault exists"],
        ),
    ],
)
def test_each_problem_is_said_once(record, error_text, expected):
    """Repetitions and lines that say nothing are left out."""
    assert [each.message for each in problems(record, error_text)] == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("configuration error: cluster.nodes is 3", ExitCode.MISUSE),
        ("Program failed:\n  configuration error: a\n", ExitCode.MISUSE),
        ("Stack 'dev' is missing configuration value 'shop:name'", ExitCode.MISUSE),
        (
            "Stack 'dev' is missing configuration values 'shop:a' and 'shop:b'",
            ExitCode.MISUSE,
        ),
        (
            "Stack 'dev' with configuration key 'shop:n' must be of type 'integer'",
            ExitCode.MISUSE,
        ),
        (
            'configuring policy pack "p": ml-acess: there is no such policy',
            ExitCode.MISUSE,
        ),
        (
            'parsing enforcement level for "p": "x" is not a valid enforcement level',
            ExitCode.MISUSE,
        ),
        ("validating policy config: p 0.1  cloud: not public", ExitCode.MISUSE),
        ("ValueError: no configuration error: here", ExitCode.FAILED),
        ("boom", ExitCode.FAILED),
    ],
)
def test_a_refused_configuration_is_told_from_a_failed_program(message, expected):
    """Whoever runs this corrects the one in a YAML file and the other in a program."""
    assert exit_code_of([Problem("first"), Problem(message)]) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (LOCK, True),
        ("[409] Conflict: Another update is currently in progress.", True),
        ("boom", False),
    ],
)
def test_another_run_is_recognised(message, expected):
    """Local state and Pulumi Cloud say it in different words."""
    assert is_locked([Problem(message)]) is expected


@pytest.mark.parametrize(
    ("message", "helped"),
    [
        (
            'Status=409 Code="ConflictError" Message="A vault with the same name '
            "'kv-a' already exists in deleted state. You need to either recover or "
            'purge existing key vault."',
            True,
        ),
        (
            'Status=400 Code="BadRequest" Message="Soft-deleted workspace exists. '
            'Please purge or recover it."',
            True,
        ),
        ('Status=409 Code="Conflict" Message="A vault exists already"', False),
    ],
)
def test_a_name_that_a_deleted_resource_holds_gets_a_way_out(message, helped):
    """C69: recover, purge and the suffix are named, whichever service refused."""
    said = remedy([Problem("boom"), Problem(message)])
    assert bool(said) == helped
    if helped:
        assert all(word in said for word in ("recover", "purge", "uniqueSuffix"))
