"""Preview, deployment and destruction of one stack, each a run of the engine.

A preview gives plan and verdicts both. Policies judge before anything is created:
a deployment begins with a preview and stops where a mandatory rule does not hold.
"""

import json
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from review.engine import EngineRun, run_engine
from review.failures import Problem, exit_code_of, is_locked, problems, says_nothing
from review.outcomes import ExitCode, ReviewError
from review.plan import Plan, plain_value, plan_from_digest
from review.progress import Progress
from review.project import PolicyPack, Project, short_name
from review.verdicts import (
    SIDE_FILE_VARIABLE,
    Finding,
    Verdicts,
    blocking_findings,
    join_verdicts,
    read_side_file,
)


@dataclass(frozen=True)
class Target:
    """What a command works on: a stack of a project, and the pack that judges it."""

    project: Project
    stack: str
    pack: PolicyPack | None = None
    config_file: Path | None = None

    @property
    def stack_name(self) -> str:
        """The stack's name without organisation and project."""
        return short_name(self.stack)


@dataclass(frozen=True)
class Preview:
    """What deploying a stack would do, and what the rules say about that."""

    plan: Plan
    verdicts: Verdicts
    outputs: dict[str, Any] = field(default_factory=dict)
    """What the program exports, secrets and unknown values marked as in the plan."""


class RunFailed(ReviewError):
    """A run of the engine came to no good end.

    Carries what went wrong, what the rules had said by then, and what was done by then.
    `changing` tells a deployment or a destruction from a preview, whose record is of
    work that was only thought through.
    """

    def __init__(
        self, title: str, run: EngineRun, verdicts: Verdicts, *, changing: bool
    ):
        super().__init__(title)
        self.title = title
        self.problems: list[Problem] = problems(run.record, run.error_text)
        self.findings: list[Finding] = verdicts["findings"]
        blocked = bool(blocking_findings(verdicts))
        if not (self.problems or blocked or run.interrupted):
            self.problems = [Problem(_ending(run.exit_code))]
        self.record = run.record
        self.changing = changing
        self.locked = is_locked(self.problems)
        self.interrupted = run.interrupted
        self.note = ""

    @property
    def exit_code(self) -> ExitCode:
        """130 for an interruption, 2 for a refused configuration, else 1 or 3."""
        if self.interrupted:
            return ExitCode.INTERRUPTED
        return exit_code_of(self.problems) if self.problems else ExitCode.RULES


def preview(target: Target, progress_console: Console) -> Preview:
    """Preview a stack; raises `RunFailed` when there is no complete plan."""
    with _Run(target, progress_console) as run:
        result = run(
            ["preview", "--json", "--show-sames"], f"previewing {target.stack_name}"
        )
        verdicts = run.verdicts(result)
        digest = _read_digest(result.output_file)
        stopped_by_rules = bool(blocking_findings(verdicts))
        failed = result.exit_code != 0 and (
            not stopped_by_rules or problems(result.record, result.error_text)
        )
        if failed or digest is None or result.interrupted:
            title = f"the preview of {target.stack_name} {_outcome(result)}"
            raise RunFailed(title, result, verdicts, changing=False)
        plan = plan_from_digest(
            digest,
            project=target.project.name,
            stack=target.stack_name,
            project_directory=str(target.project.directory),
            diagnostics=[
                asdict(each)
                for each in result.record.diagnostics
                if not says_nothing(each.message)
            ],
        )
        return Preview(plan, verdicts, plain_value(result.record.stack_outputs))


def deploy(target: Target, progress_console: Console, total: int) -> EngineRun:
    """Deploy a stack that was previewed; `total` is the number of changes to come.

    Raises `RunFailed` when a resource could not be deployed.
    """
    return _change(
        target,
        progress_console,
        ["up", "--yes", "--skip-preview"],
        (f"deploying {target.stack_name}", f"the deployment of {target.stack_name}"),
        total,
    )


def destroy(target: Target, progress_console: Console) -> EngineRun:
    """Delete all of a stack; raises `RunFailed` when something could not be deleted."""
    return _change(
        target,
        progress_console,
        ["destroy", "--yes", "--skip-preview"],
        (f"destroying {target.stack_name}", f"the destruction of {target.stack_name}"),
        None,
    )


def _change(
    target: Target,
    progress_console: Console,
    arguments: list[str],
    words: tuple[str, str],
    total: int | None,
) -> EngineRun:
    verb, noun = words
    with _Run(target, progress_console) as run:
        result = run(arguments, verb, total)
        if result.exit_code != 0 or result.interrupted:
            title = f"{noun} {_outcome(result)}"
            raise RunFailed(title, result, run.verdicts(result), changing=True)
        return result


class _Run:
    """One run of the engine on a target, with a scratch folder that it cleans up."""

    def __init__(self, target: Target, progress_console: Console):
        self._target = target
        self._console = progress_console
        self._folder = tempfile.TemporaryDirectory(prefix="review-")
        self._scratch = Path(self._folder.name)
        self._side_file = self._scratch / "verdicts.jsonl"

    def __enter__(self) -> "_Run":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._folder.cleanup()

    def __call__(
        self, arguments: list[str], verb: str, total: int | None = None
    ) -> EngineRun:
        target = self._target
        options = ["--stack", target.stack]
        if target.config_file:
            options += ["--config-file", str(target.config_file)]
        if target.pack and arguments[0] != "destroy":
            options += target.pack.arguments()
        with Progress(self._console, verb, total) as progress:
            return run_engine(
                [*arguments, *options],
                directory=target.project.directory,
                scratch=self._scratch,
                environment={SIDE_FILE_VARIABLE: str(self._side_file)},
                on_progress=progress.show,
                on_interrupt=progress.interrupted,
            )

    def verdicts(self, run: EngineRun) -> Verdicts:
        """What the rules said in that run."""
        return join_verdicts(run.record, read_side_file(self._side_file))


def _outcome(run: EngineRun) -> str:
    return "was interrupted" if run.interrupted else "failed"


def _ending(exit_code: int) -> str:
    """What is known of an engine that ended without a word."""
    if exit_code < 0:
        return f"the engine was ended by signal {-exit_code} (out of memory?)"
    return f"the engine ended with exit code {exit_code} and gave no reason"


def _read_digest(file: Path) -> dict[str, Any] | None:
    """What `pulumi preview --json` printed; None when it printed no such thing."""
    with file.open(encoding="utf-8") as stream:
        try:
            digest = json.load(stream)
        except ValueError:
            return None
    return digest if isinstance(digest, dict) else None
