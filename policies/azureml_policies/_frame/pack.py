"""Runs the rules: which ones concern a resource, what they answer, how it is reported.

Nothing here knows gRPC. A rule that crashes is that rule's violation, an unknown value
is that rule's undecided answer, and no message leaves with the text of a secret in it.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from pulumi_policy import EnforcementLevel

from azureml_policies._frame.configuration import (
    CONFIGURATION_KNOWN,
    EXEMPTIONS_VALID,
    ConfigurationError,
    RuleConfiguration,
    configure_leniently,
)
from azureml_policies._frame.exemptions import (
    Exemption,
    Exemptions,
    read_exemptions,
    utc_today,
)
from azureml_policies._frame.findings import (
    Approval,
    Approved,
    Finding,
    NotApplicable,
    Undecided,
    Violation,
)
from azureml_policies._frame.redaction import secrets_of
from azureml_policies._frame.resources import Resource, Stack
from azureml_policies._frame.rules import Check, Context, OnUnknown, Rule
from azureml_policies._frame.run import Run
from azureml_policies._frame.values import UnknownRead, WrongType


class Status(StrEnum):
    """The three answers, and the two bad ones that an exemption covers."""

    SATISFIED = "satisfied"
    VIOLATED = "violated"
    UNDECIDED = "undecided"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says about one resource: one verdict per finding."""

    rule: Rule
    urn: str
    """The resource judged; empty for the stack as a whole."""
    status: Status
    level: EnforcementLevel
    """The level it counts at: the rule's, or advisory for what is tolerated."""
    reported: bool
    """Whether the engine is told."""
    path: str = ""
    message: str = ""
    witness: Any = None
    exemption: Approval | None = None

    def record(self) -> dict[str, Any]:
        """Return the verdict as a line of the verdict file."""
        record = {
            "rule": self.rule.id,
            "name": self.rule.name,
            "level": self.level.value,
            "severity": self.rule.severity.value,
            "urn": self.urn,
            "status": self.status.value,
            "path": self.path,
            "message": self.message,
            "witness": self.witness,
        }
        if self.exemption is not None:
            record["exemption"] = self.exemption.record()
        return record


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that the rules of one kind say about one resource or stack."""

    verdicts: list[Verdict]
    not_applicable: list[tuple[str, str]]
    """Policy name and reason."""


@dataclass(frozen=True, slots=True)
class _Active:
    """A rule that is switched on, and how."""

    rule: Rule
    configuration: RuleConfiguration
    context: Context


class Pack:
    """The rules under one configuration, and the resources seen in this run.

    Several threads may judge at once.
    """

    def __init__(
        self, rules: Iterable[Rule], today: Callable[[], date] = utc_today
    ) -> None:
        """``today`` decides which exemptions are over."""
        self.rules = tuple(rules)
        self._today = today
        self._lock = threading.Lock()
        self._seen: dict[str, Resource] = {}
        self.configure({}, {})

    def configure(
        self,
        levels: Mapping[str, EnforcementLevel],
        settings: Mapping[str, Mapping[str, Any]],
    ) -> None:
        """Start a run under this configuration.

        Raises ConfigurationError for its faults, unless the rule on them is advisory or
        disabled: then they are left out.
        """
        configuration, faults = configure_leniently(self.rules, levels, settings)
        watch = configuration.get(CONFIGURATION_KNOWN)
        if faults and (
            watch is None or _counted(watch.level) is EnforcementLevel.MANDATORY
        ):
            raise ConfigurationError(faults)
        with self._lock:
            self._seen = {}
        judged = {name.lower() for rule in self.rules for name in rule.types}
        run = Run(self._exemptions(configuration), faults, judged, self._today)
        self._use(configuration, run)

    def _exemptions(self, configuration: Mapping[str, RuleConfiguration]) -> Exemptions:
        """Return the exemptions, none where nobody watches over them."""
        watch = configuration.get(EXEMPTIONS_VALID)
        if watch is None or watch.level is EnforcementLevel.DISABLED:
            return Exemptions()
        return read_exemptions(watch.settings, self.rules, self._today)

    def level(self, rule: Rule) -> EnforcementLevel:
        """Return the level that ``rule`` counts at in this run."""
        return _counted(self._configuration[rule.name].level)

    def settings(self, rule: Rule) -> Mapping[str, Any]:
        """Return the configuration of ``rule`` in this run, defaults filled in."""
        return self._configuration[rule.name].settings

    def keep(self, resource: Resource) -> None:
        """Remember the inputs of ``resource`` for the stack rules."""
        with self._lock:
            self._seen[resource.urn] = resource

    def kept(self, urn: str) -> Resource | None:
        """Return the inputs that this run has seen for ``urn``."""
        with self._lock:
            return self._seen.get(urn)

    def judge_resource(self, resource: Resource) -> Judgement:
        """Return what the resource rules say about ``resource``."""
        judgement = Judgement([], [])
        for active in self._rules_for(resource.key):
            _judge(active, resource, active.context, judgement)
        return judgement

    def to_remedy(self, resource: Resource) -> list[Rule]:
        """Return the rules that are to change ``resource``, as it violates them."""
        return [
            active.rule
            for active in (*self._rules_for(resource.key), *self._stack_rules)
            if active.configuration.level is EnforcementLevel.REMEDIATE
            and _has_remedy(active.rule, resource.key)
            and self._violates(active, resource)
        ]

    def others(self, key: str) -> list[str]:
        """Return the names of the resource rules that do not concern type ``key``."""
        concerned = {active.rule.name for active in self._rules_for(key)}
        return [name for name in self._resource_rule_names if name not in concerned]

    def _rules_for(self, key: str) -> list[_Active]:
        """Return the resource rules that concern type ``key``."""
        return self._resource_rules.get(key, self._rules_for_any)

    def judge_stack(self, stack: Stack) -> Judgement:
        """Return what the stack rules say about each of their subjects."""
        judgement = Judgement([], [])
        for active in self._stack_rules:
            context = replace(active.context, stack=stack)
            rule = active.rule
            answers = Judgement([], [])
            for subject in _subjects(rule, stack):
                _judge(active, subject, context, answers)
            judgement.verdicts.extend(answers.verdicts)
            if not answers.verdicts:
                judgement.not_applicable.append(
                    (rule.name, "the stack has nothing that this rule judges")
                )
        return judgement

    def _violates(self, active: _Active, resource: Resource) -> bool:
        judgement = Judgement([], [])
        alone = active.rule.mended_alone or active.rule.check
        _judge(active, resource, active.context, judgement, alone)
        return any(each.status is Status.VIOLATED for each in judgement.verdicts)

    def _use(self, configuration: dict[str, RuleConfiguration], run: Run) -> None:
        nothing = Stack(())
        active = [
            _Active(rule, chosen, Context(chosen.settings, nothing, run))
            for rule in self.rules
            if (chosen := configuration[rule.name]).level
            is not EnforcementLevel.DISABLED
        ]
        on_resources = [one for one in active if not one.rule.whole_stack]
        keys = {name.lower() for one in on_resources for name in one.rule.types}
        by_type: dict[str, list[_Active]] = defaultdict(list)
        for one in on_resources:
            for key in {name.lower() for name in one.rule.types} or keys:
                by_type[key].append(one)
        self._configuration = configuration
        self._resource_rules = dict(by_type)
        self._rules_for_any = [one for one in on_resources if not one.rule.types]
        self._resource_rule_names = [one.rule.name for one in on_resources]
        self._stack_rules = sorted(
            (one for one in active if one.rule.whole_stack),
            key=lambda one: (one.rule.of_the_run, one.rule.asked_last),
        )


def _subjects(rule: Rule, stack: Stack) -> Iterable[Resource]:
    if rule.every_resource:
        return stack.resources
    return stack.of_type(*rule.types) if rule.types else (stack.root,)


def _has_remedy(rule: Rule, key: str) -> bool:
    types = rule.remedied_types or rule.types
    return bool(rule.remedy) and (not types or key in {name.lower() for name in types})


def _judge(
    active: _Active,
    subject: Resource,
    context: Context,
    judgement: Judgement,
    check: Check | None = None,
) -> None:
    """Add the verdicts of one rule on one subject to ``judgement``.

    ``check``: what is asked instead of the rule's own.
    """
    rule = active.rule
    findings: list[Finding] = []
    try:
        findings.extend((check or rule.check)(subject, context))
    except NotApplicable as reason:
        judgement.not_applicable.append((rule.name, str(reason)))
        return
    except Exception as error:
        findings.append(_finding(rule, error))
    if not findings:
        level = _counted(active.configuration.level)
        judgement.verdicts.append(
            Verdict(rule, subject.urn, Status.SATISFIED, level, reported=False)
        )
        return
    secrets = secrets_of(subject, context.stack)
    exemption = context.run.exemptions.covering(rule, subject)
    if exemption and any(not isinstance(each, Approved) for each in findings):
        context.run.exemptions.use(rule, subject)
    for finding in findings:
        verdict = _verdict(active, subject, finding, exemption)
        judgement.verdicts.append(
            replace(
                verdict,
                path=secrets.hidden(verdict.path, numbers=False),
                message=secrets.hidden(verdict.message),
                witness=secrets.hidden_in(verdict.witness),
            )
        )
        if not verdict.reported:
            context.run.add_ignored(judgement.verdicts[-1])


def _verdict(
    active: _Active, subject: Resource, finding: Finding, exemption: Exemption | None
) -> Verdict:
    """Return what a finding counts as; its texts are not redacted yet."""
    undecided = isinstance(finding, Undecided)
    on_unknown = active.configuration.on_unknown
    status = Status.UNDECIDED if undecided else Status.VIOLATED
    level = _counted(active.configuration.level)
    reported = True
    message = finding.message
    accepted = finding.approval if isinstance(finding, Approved) else exemption
    if accepted is not None:
        status, level = Status.EXEMPT, EnforcementLevel.ADVISORY
        message = f"undecided: {message}" if undecided else message
    elif undecided and on_unknown is not OnUnknown.VIOLATION:
        level = EnforcementLevel.ADVISORY
        reported = on_unknown is not OnUnknown.IGNORE
    return Verdict(
        active.rule,
        subject.urn,
        status,
        level,
        reported,
        finding.path,
        message,
        None if isinstance(finding, Undecided) else finding.witness,
        accepted,
    )


def _finding(rule: Rule, error: Exception) -> Finding:
    """Return what an exception of a rule means; never the exception's own text."""
    match error:
        case UnknownRead(path=path):
            return Undecided(
                path,
                f"{path} is not known before the deployment, and the rule needs it: "
                "give it a value that the program knows",
            )
        case WrongType(path=path, wanted=wanted):
            return Violation(path, f"{path} is not {wanted}; set it to {wanted}")
    traceback = error.__traceback__
    place = "?"
    while traceback is not None:
        code = traceback.tb_frame.f_code
        place = f"{PurePath(code.co_filename).name}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return Violation(
        "",
        f"the rule itself failed with {type(error).__name__} at {place}, so nothing is "
        f"proved; report it, or set '{rule.name}' to 'disabled' until it is mended",
    )


def _counted(level: EnforcementLevel) -> EnforcementLevel:
    """Return the level a violation counts at: what is not remedied is mandatory."""
    if level is EnforcementLevel.REMEDIATE:
        return EnforcementLevel.MANDATORY
    return level
