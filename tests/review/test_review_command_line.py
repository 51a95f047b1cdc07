"""Every exit code and what goes with it, with an engine of cardboard.

The engine's events are played from the test, so that each way a run can end is tried in
a moment; the same commands on the real engine are in test_review_engine.py.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from review.command_line import main
from review.outcomes import Misuse
from review.project import PolicyPack, find_policy_pack, find_project

VAULT = "azure-native:keyvault:Vault"
SUMMARY = {"summaryEvent": {"resourceChanges": {"create": 1}, "result": "succeeded"}}


def error(message: str, urn: str = "") -> dict:
    """An error diagnostic of the engine."""
    return {"diagnosticEvent": {"message": message, "severity": "error", "urn": urn}}


def digest(build, *names: str, operation: str = "create") -> str:
    """What `pulumi preview --json` prints for some key vaults."""
    steps = [
        {
            "op": operation,
            "urn": build.urn_of(VAULT, name),
            "newState": {"type": VAULT, "custom": True, "inputs": {}},
        }
        for name in names
    ]
    return json.dumps({"steps": steps})


def done(build, operation: str, name: str) -> dict:
    """The event that a key vault was worked on to the end."""
    metadata = {
        "op": operation,
        "urn": build.urn_of(VAULT, name),
        "type": VAULT,
        "new": {"custom": True},
    }
    return {"resOutputsEvent": {"metadata": metadata}}


def test_a_clean_preview_ends_with_0(shop, build, cardboard_engine, capsys):
    """Reports are written, and the summary says what would be done and what is next."""
    cardboard_engine.plays(
        "preview",
        SUMMARY,
        output=digest(build, "vault"),
        side=build.json_lines(build.side_line(status="satisfied")),
    )
    assert main(["preview", "--stack", "dev"]) == 0
    output = capsys.readouterr().out
    assert "1 to create" in output
    assert "deploy it with: python -m review up --stack dev" in output
    assert {each.name for each in (shop / "out" / "dev").iterdir()} == {
        "plan.json",
        "verdicts.json",
        "review.md",
        ".lock",
    }


def test_one_preview_is_run_with_pack_and_configuration(shop, build, cardboard_engine):
    """Plan and verdicts come from one run, judged by the project's own pack."""
    (shop / "policies" / "config").mkdir()
    (shop / "policies" / "config" / "dev.json").write_text("{}")
    cardboard_engine.plays("preview", output=digest(build))
    assert main(["preview", "-s", "dev"]) == 0
    [call] = cardboard_engine.calls()
    assert "preview --json --show-sames --stack dev" in call
    assert f"--policy-pack {shop / 'policies'}" in call
    assert f"--policy-pack-config {shop / 'policies' / 'config' / 'dev.json'}" in call


def test_policies_can_be_left_out_and_the_summary_says_so(
    shop, build, cardboard_engine, capsys
):
    """Nobody takes a preview without rules for a judged one."""
    cardboard_engine.plays("preview", output=digest(build))
    assert main(["preview", "-s", "dev", "--no-policies"]) == 0
    assert "--policy-pack" not in cardboard_engine.calls()[0]
    assert "nothing was judged" in capsys.readouterr().out


@pytest.mark.parametrize("status", ["violated", "undecided"])
@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_mandatory_rule_that_does_not_hold_ends_with_1(
    shop, build, cardboard_engine, capsys, command, status
):
    """The rule, the resource and the path are named, and nothing is deployed."""
    cardboard_engine.plays(
        "preview",
        build.policy_event(),
        error("preview failed"),
        exit_code=255,
        output=digest(build, "vault"),
        side=build.json_lines(build.side_line(status=status)),
        errors="error: preview failed\n",
    )
    assert main([command, "--stack", "dev"]) == 1
    output = capsys.readouterr().out
    for word in (status, "ml-workspace-no-public-access", "aml", "publicNetworkAccess"):
        assert word in output
    assert [call.split()[0] for call in cardboard_engine.calls()] == ["preview"]
    verdicts = json.loads((shop / "out" / "dev" / "verdicts.json").read_text())
    assert verdicts["findings"][0]["status"] == status


def test_an_advisory_rule_that_does_not_hold_ends_with_0(
    shop, build, cardboard_engine, capsys
):
    """It is shown, and it does not stand in the way."""
    event = build.policy_event(enforcementLevel="advisory")
    cardboard_engine.plays("preview", event, output=digest(build))
    assert main(["preview", "--stack", "dev"]) == 0
    assert "ml-workspace-no-public-access (advisory)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["preview", "--stack", "stage"], "known stacks: dev, prod"),
        (["preview", "--stack", "pord"], "did you mean prod?"),
        (["preview", "--stack", "dev", "--project", "none"], "--project: none is not"),
        (["preview", "--stack", "dev", "--project", "/"], "no Pulumi.yaml in /"),
        (
            ["preview", "--stack", "dev", "--policy-pack", "out"],
            "--policy-pack: out has no PulumiPolicy.yaml",
        ),
        (
            ["preview", "--stack", "dev", "--policy-pack-config", "none.json"],
            "--policy-pack-config: none.json cannot be read",
        ),
        (
            ["up", "--stack", "dev", "--policy-pack-config", "Pulumi.yaml"],
            "is not valid JSON",
        ),
    ],
)
def test_misuse_ends_with_2_before_the_engine_starts(
    shop, cardboard_engine, capsys, arguments, expected
):
    """The error says what is wrong and what is allowed; no preview is run."""
    cardboard_engine.plays("stack", output="[]")
    assert main(arguments) == 2
    assert expected in capsys.readouterr().err
    assert not any("preview" in call for call in cardboard_engine.calls())


@pytest.mark.parametrize("command", ["preview", "up", "destroy", "pin"])
def test_a_stack_in_the_folder_of_further_ones_is_not_passed_over(
    shop, cardboard_engine, capsys, command
):
    """Known to the backend or not: its file counts where it is named alone."""
    cardboard_engine.plays("stack", output='[{"name": "trial"}]')
    (shop / "stacks").mkdir()
    (shop / "stacks" / "Pulumi.trial.yaml").write_text("config: {}\n")
    assert main([command, "--stack", "organization/shop/trial"]) == 2
    first_line, *others = capsys.readouterr().err.splitlines()
    assert first_line == (
        "error: stack organization/shop/trial is configured in "
        "stacks/Pulumi.trial.yaml, which the engine uses only when it is named: python "
        f"-m review {command} --stack organization/shop/trial --config-file "
        "stacks/Pulumi.trial.yaml"
    )
    assert not others
    assert cardboard_engine.calls() == []


@pytest.mark.parametrize("named", [True, False])
def test_a_stack_with_its_own_or_a_named_file_is_reviewed(
    shop, build, cardboard_engine, named
):
    """A file of the same name in `stacks` stands in nobody's way then."""
    cardboard_engine.plays("preview", SUMMARY, output=digest(build, "vault"))
    (shop / "stacks").mkdir()
    file = shop / "stacks" / "Pulumi.dev.yaml"
    file.write_text("config: {}\n")
    if named:
        (shop / "Pulumi.dev.yaml").unlink()
    options = ["--config-file", str(file)] if named else []
    assert main(["preview", "--stack", "dev", *options]) == 0


@pytest.mark.parametrize("arguments", [[], ["preview"], ["preview", "-s", "dev", "-x"]])
def test_wrong_arguments_end_with_2(shop, capsys, arguments):
    """The command line itself is checked with the same exit code."""
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 2
    assert "usage: python -m review" in capsys.readouterr().err


def test_a_broken_project_file_ends_with_2(shop, cardboard_engine, capsys):
    """A Pulumi.yaml that is no YAML is named with the place of the error."""
    (shop / "Pulumi.yaml").write_text("name: [shop\n")
    assert main(["preview", "--stack", "dev"]) == 2
    assert "cannot be read as YAML" in capsys.readouterr().err


def test_a_stack_without_configuration_is_known_to_the_backend(
    shop, build, cardboard_engine
):
    """A stack with no configuration has no file; the backend is asked."""
    listing = json.dumps([{"name": "contoso/shop/stage"}])
    cardboard_engine.plays("stack", output=listing)
    cardboard_engine.plays("preview", output=digest(build))
    assert main(["preview", "--stack", "contoso/shop/stage"]) == 0
    assert (shop / "out" / "stage" / "plan.json").exists()


@pytest.mark.parametrize(
    ("events", "errors", "expected_code", "expected_text"),
    [
        (
            [error("configuration error: cluster.nodes: 3 is no text; write '3'")],
            "error: preview failed\n",
            2,
            "cluster.nodes: 3 is no text",
        ),
        (
            [],
            "error: Stack 'dev' is missing configuration value 'shop:name'\n",
            2,
            "missing configuration value 'shop:name'",
        ),
        (
            [error("Program failed:\nTraceback\nValueError: boom")],
            "error: preview failed\n",
            3,
            "ValueError: boom",
        ),
        ([], "error: could not load plugin\n", 3, "could not load plugin"),
        ([], "", 3, "the engine ended with exit code 1 and gave no reason"),
    ],
)
def test_a_failed_preview_ends_with_2_or_3(
    shop, cardboard_engine, capsys, events, errors, expected_code, expected_text
):
    """The engine's own words are shown once, and no report pretends to be complete."""
    cardboard_engine.plays("preview", *events, exit_code=1, errors=errors)
    assert main(["preview", "--stack", "dev"]) == expected_code
    text = capsys.readouterr().err
    assert text.count(expected_text) == 1
    assert "nothing was changed" in text
    assert not (shop / "out").exists()


def test_a_failure_keeps_the_earlier_reports_and_says_so(
    shop, build, cardboard_engine, capsys
):
    """What an earlier run wrote stays; nobody takes it for the review of this one."""
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    main(["preview", "--stack", "dev"])
    before = (shop / "out" / "dev" / "plan.json").read_text()
    cardboard_engine.plays("preview", error("boom"), exit_code=1)
    assert main(["preview", "--stack", "dev"]) == 3
    assert (shop / "out" / "dev" / "plan.json").read_text() == before
    assert "out/dev holds the review of an earlier run" in capsys.readouterr().err


def test_violations_before_a_failure_are_shown_too(
    shop, build, cardboard_engine, capsys
):
    """A program that fails after a violation ends with 3 and tells both."""
    cardboard_engine.plays("preview", build.policy_event(), error("boom"), exit_code=1)
    assert main(["preview", "--stack", "dev"]) == 3
    text = capsys.readouterr().err
    assert "boom" in text
    assert "ml-workspace-no-public-access" in text


def test_no_engine_on_path_ends_with_3(shop, monkeypatch, capsys):
    """The error says how to get one."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(["preview", "--stack", "dev"]) == 3
    assert "no `pulumi` on PATH" in capsys.readouterr().err


def test_up_deploys_what_was_previewed(shop, build, cardboard_engine, capsys):
    """The rules judge first; then the engine deploys without asking again."""
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    cardboard_engine.plays("up", done(build, "create", "vault"), SUMMARY)
    assert main(["up", "--stack", "dev"]) == 0
    assert [call.split()[0] for call in cardboard_engine.calls()] == ["preview", "up"]
    assert "--yes --skip-preview" in cardboard_engine.calls()[1]
    assert "--policy-pack" in cardboard_engine.calls()[1]
    assert "created     1 key vault" in capsys.readouterr().out


def test_a_failed_deployment_names_the_resource_and_what_was_done(
    shop, build, cardboard_engine, capsys
):
    """Azure's error, what exists by now, and that the state is usable."""
    vault = build.urn_of(VAULT, "second")
    cardboard_engine.plays("preview", output=digest(build, "first", "second"))
    cardboard_engine.plays(
        "up",
        done(build, "create", "first"),
        error("Code=VaultAlreadyExists: choose another name", vault),
        error("update failed"),
        exit_code=1,
    )
    assert main(["up", "--stack", "dev"]) == 3
    text = capsys.readouterr().err
    assert "key vault second" in text
    assert text.count("Code=VaultAlreadyExists") == 1
    assert "created     1 key vault" in text
    assert "the state is usable" in text


def test_rules_that_only_the_deployment_can_decide_end_with_1(
    shop, build, cardboard_engine, capsys
):
    """A value that becomes known during the deployment may violate a rule."""
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    cardboard_engine.plays(
        "up", build.policy_event(), error("update failed"), exit_code=1
    )
    assert main(["up", "--stack", "dev"]) == 1
    assert "ml-workspace-no-public-access" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_preview_that_failed_has_changed_nothing(
    shop, build, cardboard_engine, capsys, command
):
    """What it only thought through is not told as done, not under `up` either."""
    cardboard_engine.plays(
        "preview", done(build, "create", "vault"), error("boom"), exit_code=1
    )
    assert main([command, "--stack", "dev"]) == 3
    text = capsys.readouterr().err
    assert "created" not in text
    assert "the state is usable" not in text
    assert f"nothing was changed; again with: python -m review {command}" in text


@pytest.mark.parametrize(
    "message",
    [
        "failed to save snapshot: write dev.json: no space left on device",
        "failed to load checkpoint: unexpected end of JSON input",
        "get stack: incorrect passphrase",
    ],
)
def test_no_promise_is_made_about_a_state_in_doubt(
    shop, build, cardboard_engine, capsys, message
):
    """A note says what to do about it instead."""
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    cardboard_engine.plays("up", error(message), exit_code=1)
    assert main(["up", "--stack", "dev"]) == 3
    text = capsys.readouterr().err
    assert "the state is usable" not in text
    assert "delete its state, .pulumi-offline" in text


def test_the_next_command_repeats_the_options(
    shop, build, cardboard_engine, capsys, monkeypatch
):
    """The line that is printed deploys what was reviewed, through the typed path."""
    monkeypatch.setenv("AZUREML_NETWORK_OFFLINE", "../b offline")
    (shop.parent / "b offline").touch()
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    given = "--stack dev --config-file Pulumi.prod.yaml --out there --no-policies"
    assert main(["preview", *given.split()]) == 0
    expected = f"'../b offline' python -m review up {given}"
    assert expected in capsys.readouterr().out


def test_a_late_interruption_says_how_to_go_on(
    shop, cardboard_engine, capsys, monkeypatch
):
    """Ctrl-C outside the engine's run: the lock that may be left is not kept quiet."""

    def interrupted(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("review.command_line.destroy", interrupted)
    assert main(["destroy", "--stack", "dev"]) == 130
    assert "locked: pulumi cancel --stack dev" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("events", "expected"),
    [(["delete"], "deleted     1 key vault"), ([], "dev: nothing left to delete")],
)
def test_destroy_says_what_is_gone(
    shop, build, cardboard_engine, capsys, events, expected
):
    """An empty stack is told from one that had something."""
    finished = [done(build, operation, "vault") for operation in events]
    cardboard_engine.plays("destroy", *finished, SUMMARY)
    assert main(["destroy", "--stack", "dev"]) == 0
    assert expected in capsys.readouterr().out


WORKSPACE = "azure-native:machinelearningservices/v20251201:Workspace"
LOGS = "azure-native:operationalinsights:Workspace"


@pytest.mark.parametrize(
    ("type_token", "inputs", "expected"),
    [
        (
            VAULT,
            {"properties": {"enablePurgeProtection": True}},
            "stays       key vault thing for 90 days, with its name; have it back "
            "with: az keyvault recover --name thing (purge protection: nobody can free "
            "the name sooner)",
        ),
        (
            VAULT,
            {"properties": {"softDeleteRetentionInDays": 7}},
            "key vault thing for 7 days, with its name; have it back with: az keyvault "
            "recover --name thing, or free the name with: az keyvault purge --name "
            "thing",
        ),
        (WORKSPACE, {}, "machine learning workspace thing for 14 days"),
        (WORKSPACE, {"encryption": {"status": "Enabled"}}, "encrypted data costs"),
        (LOGS, {}, "Log Analytics workspace thing for 14 days"),
    ],
)
def test_destroy_says_what_azure_keeps(
    shop, build, cardboard_engine, capsys, type_token, inputs, expected
):
    """Soft-deleted resources are named, with how long they hold their names."""
    gone = done(build, "delete", "one")
    metadata = gone["resOutputsEvent"]["metadata"]
    metadata["type"] = type_token
    metadata["old"] = {"custom": True, "id": "/groups/g/thing", "inputs": inputs}
    cardboard_engine.plays("destroy", gone, SUMMARY)
    assert main(["destroy", "--stack", "dev"]) == 0
    output = capsys.readouterr().out
    assert expected in output
    assert "with other names, or after what stays was had back or is gone" in output


def test_another_run_on_the_stack_is_a_clear_error(
    shop, build, cardboard_engine, capsys
):
    """The other run is named, and what to do when there is none any more."""
    cardboard_engine.plays("preview", output=digest(build, "vault"))
    cardboard_engine.plays(
        "up",
        exit_code=1,
        errors="error: the stack is currently locked by 1 lock(s). Either wait for the "
        "other process(es) to end or delete the lock file with `pulumi cancel`.\n"
        "  file:///s/1.json: created by ada@host (pid 4711) at 2026-01-01T00:00:00Z\n",
    )
    assert main(["up", "--stack", "dev"]) == 3
    text = capsys.readouterr().err
    assert "another run is working on stack dev" in text
    assert "ada@host (pid 4711)" in text
    assert "pulumi cancel --stack dev" in text


# Waits for the interruption, and says that the engine has finished its cancellation.
_FINISHES = 'trap "echo finished >> $PLAY/ends.txt; exit 0" INT; '
_WAITS = "touch $PLAY/waits; while :; do sleep 0.05; done"


@pytest.mark.parametrize(
    "endings",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGTERM, signal.SIGINT]],
    ids=["ctrl-c", "terminated", "passed on twice"],
)
def test_an_interruption_lets_the_engine_finish(
    shop, tmp_path, build, cardboard_engine, endings
):
    """The engine gets one interruption and its time; the command ends with 130."""
    engine = tmp_path / "programs" / "pulumi"
    engine.write_text(f"#!/bin/sh\n{_FINISHES}{_WAITS}\n")
    review = _started("preview")
    _wait_for(tmp_path / "play" / "waits")
    for ending in endings:
        review.send_signal(ending)
    _output, text = review.communicate(timeout=60)
    assert review.returncode == 130
    assert (tmp_path / "play" / "ends.txt").read_text() == "finished\n"
    assert text.count("press Ctrl-C again") == 1
    assert "ending the engine at once" not in text
    assert "nothing was changed" in text


def test_an_interrupted_engine_leaves_no_process(shop, tmp_path, cardboard_engine):
    """A plugin that an engine ended in haste has left behind is ended too."""
    engine = tmp_path / "programs" / "pulumi"
    engine.write_text(
        "#!/bin/sh\n"
        "(trap '' INT; exec sleep 600) >/dev/null 2>&1 &\n"
        f"echo $! > $PLAY/plugin\n{_FINISHES}{_WAITS}\n"
    )
    review = _started("destroy")
    _wait_for(tmp_path / "play" / "waits")
    review.send_signal(signal.SIGINT)
    _output, text = review.communicate(timeout=60)
    assert review.returncode == 130
    assert "the state knows what the engine has finished" in text
    assert "pulumi cancel --stack dev" in text
    plugin = int((tmp_path / "play" / "plugin").read_text())
    with pytest.raises(ProcessLookupError):
        _wait_until_gone(plugin)


def _started(command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "review", command, "--stack", "dev"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for(file) -> None:
    while not file.exists():
        time.sleep(0.02)


def _wait_until_gone(process: int) -> None:
    """Raise `ProcessLookupError` once there is no such process."""
    for _attempt in range(200):
        os.kill(process, 0)
        time.sleep(0.05)


def test_a_misspelt_rule_is_told_before_the_engine_runs(checkout: Path, tmp_path: Path):
    """All mistakes of a pack's configuration, each with the name that was meant."""
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"pe-for-storag": {"batch": false}, "acr-no-public-acces": "on"}')
    project = find_project(checkout)
    with pytest.raises(Misuse) as refused:
        find_policy_pack(project, "dev", None, wrong)
    said = str(refused.value)
    assert "did you mean 'pe-for-storage'?" in said
    assert "did you mean 'acr-no-public-access'?" in said


def test_a_pack_of_others_is_left_to_the_engine(tmp_path: Path):
    """Only our own pack is known to check its configuration."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    pack = tmp_path / "policies"
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    config = tmp_path / "config.json"
    config.write_text('{"any-rule": {}}')
    found = find_policy_pack(find_project(tmp_path), "dev", None, config)
    assert found == PolicyPack(pack.resolve(), config.resolve())
