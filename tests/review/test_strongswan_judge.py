"""What strongSwan says to configurations is read, with a cardboard strongSwan.

Its answers are recorded ones of strongSwan 5.9.8; `make judges` runs the true one.
"""

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from review.outcomes import EngineFailed, Misuse
from review.strongswan_judge import (
    Answer,
    broken_file,
    judge,
    main,
    policy_files,
    running_charon,
)
from review.strongswan_packages import fetch
from review.strongswan_packages import main as fetch_main

NOISE = """\
plugin 'random': failed to load - random_plugin_create not found and no plugin file
opening directory '/tmp/strongswan-x/x509' failed: No such file or directory
"""
NOTHING_ELSE = "no authorities found, 0 unloaded\nno pools found, 0 unloaded\n"
LOADED = (
    f"{NOISE}{NOTHING_ELSE}loaded connection 'azure-policy-first'\n"
    "successfully loaded 1 connections, 0 unloaded\n"
)
REFUSED = (
    f"{NOISE}loading connection 'azure-policy-first' failed: invalid value for: "
    "proposals, config discarded\n"
    f"loaded 0 of 1 connections, 1 failed to load, 0 unloaded\n{NOTHING_ELSE}"
)
NO_FILE = (
    f"{NOISE}syntax error, unexpected end of file, expecting NAME or NEWLINE or '}}'\n"
    "invalid config file '/tmp/strongswan-x/swanctl.conf'\n"
    f"{NOTHING_ELSE}no connections found, 1 unloaded\n"
)
TEXT = policy_files()["gcm256"]


class Cardboard:
    """Refuses every text that a word is in."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused
        self.loaded: list[str] = []

    def load(self, text: str) -> Answer:
        self.loaded.append(text)
        if any(word in text for word in self.refused):
            return Answer(22, REFUSED)
        names = [line.split()[0] for line in text.splitlines() if line[4:6] == "az"]
        return Answer(0, "".join(f"loaded connection '{each}'\n" for each in names))


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(0, LOADED), ""),
        (
            Answer(22, REFUSED),
            "loading connection 'azure-policy-first' failed: invalid value for: "
            "proposals, config discarded",
        ),
        (
            Answer(0, NO_FILE),
            "swanctl ended with 0: syntax error, unexpected end of file, expecting "
            "NAME or NEWLINE or '}' / invalid config file "
            "'/tmp/strongswan-x/swanctl.conf' / no authorities found, 0 unloaded / no "
            "pools found, 0 unloaded / no connections found, 1 unloaded",
        ),
        (Answer(0, ""), "swanctl ended with 0: it says nothing"),
        (
            Answer(0, "loaded connection 'another'\n"),
            "swanctl ended with 0: loaded connection 'another'",
        ),
        (
            Answer(1, "loaded connection 'azure-policy-first'\n"),
            "swanctl ended with 1: loaded connection 'azure-policy-first'",
        ),
    ],
    ids=["taken", "refused", "no file", "silence", "another", "an error besides"],
)
def test_what_swanctl_says(answer: Answer, fault: str):
    """A file is taken when all of its connections are, without any error."""
    assert answer.fault(TEXT) == fault


def test_every_current_value_is_judged():
    """Each suite, and each value of each choice, in a policy of its own."""
    files = policy_files()
    assert {"gcm256", "gcm128", "aes256_sha256"} <= set(files)
    assert "ike_encryption AES192" in files
    assert "proposals = aes192-" in files["ike_encryption AES192"]
    assert "esp_proposals = aes192gcm16-" in files["ipsec_encryption GCMAES192"]
    assert "modp2048s256" in files["pfs_group PFS24"]
    assert len(files) == 3 + 5 + 2 + 5 + 6 + 4 + 4


def test_all_is_well(capsys: pytest.CaptureFixture[str]):
    """All files load, and the broken one does not."""
    charon = Cardboard("ecp385")
    assert judge(charon, policy_files(), {"hq.conf": TEXT}) == 0
    assert capsys.readouterr().out == (
        "strongSwan  29 policies and 1 sites load, a broken one does not\n"
    )
    assert len(charon.loaded) == 31
    assert broken_file() in charon.loaded


def test_a_refused_file_ends_with_1(capsys: pytest.CaptureFixture[str]):
    """By its name, with what strongSwan says; the others are judged all the same."""
    charon = Cardboard("ecp385", "modp2048s256")
    assert judge(charon, policy_files(), {"hq.conf": TEXT}) == 1
    said = capsys.readouterr().out
    assert "refused     dh_group DHGroup24: loading connection " in said
    assert "refused     pfs_group PFS24: " in said
    assert said.count("refused ") == 2
    assert len(charon.loaded) == 31


def test_a_judge_that_takes_anything_ends_with_1(capsys: pytest.CaptureFixture[str]):
    """It has proved nothing."""
    assert judge(Cardboard(), policy_files(), {}) == 1
    assert "nothing is proved" in capsys.readouterr().out


def command(folder: Path, name: str, script: str) -> None:
    """A command of cardboard."""
    file = folder / name
    file.write_text(script)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Packages of cardboard, whose daemon listens where it is told to."""
    programs = tmp_path / "root" / "usr" / "sbin"
    programs.mkdir(parents=True)
    command(
        programs,
        "charon-systemd",
        f"#!{sys.executable}\nimport os, re, socket, sys\n"
        "sys.stderr.close()\n"
        "text = open(os.environ['STRONGSWAN_CONF']).read()\n"
        "path = re.search('unix://(.+)', text)[1]\n"
        "listener = socket.socket(socket.AF_UNIX)\n"
        "listener.bind(path)\nlistener.listen(50)\n"
        "while True: listener.accept()[0].close()\n",
    )
    command(
        programs,
        "swanctl",
        "#!/bin/sh\n"
        f'echo "$@" >> {tmp_path}/arguments\n'
        'while [ "$1" != --file ]; do shift; done\n'
        'if grep -q ecp385 "$2"; then\n'
        "echo \"loading connection 'a' failed: x\"; exit 22\nfi\n"
        'sed -n "s/^    \\(azure-[^ ]*\\) {$/loaded connection \'\\1\'/p" "$2"\n',
    )
    commands = tmp_path / "bin"
    commands.mkdir()
    command(
        commands,
        "unshare",
        f'#!/bin/sh\necho "$@" > {tmp_path}/network\n'
        'while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n',
    )
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    return tmp_path / "root"


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """A plan without sites."""
    file = tmp_path / "plan.json"
    content: dict[str, Any] = {
        "project": "shop",
        "stack": "dev",
        "resources": [],
        "deletions": [],
        "diagnostics": [],
    }
    file.write_text(json.dumps(content))
    return file


def test_a_whole_run(
    root: Path, plan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The daemon has a network of its own, and swanctl a private socket."""
    assert main(["--plan", str(plan), "--strongswan", str(root)]) == 0
    assert "29 policies and 0 sites load" in capsys.readouterr().out
    assert "--net" in (tmp_path / "network").read_text()
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert len(arguments) == 30
    assert all("--load-all --noprompt --file /" in each for each in arguments)
    assert all("--uri unix:///" in each for each in arguments)


def test_a_daemon_that_does_not_start_is_told(root: Path):
    """With what it says, and what it needs."""
    command(
        root / "usr" / "sbin",
        "charon-systemd",
        "#!/bin/sh\necho no luck >&2\nexit 66\n",
    )
    with (
        pytest.raises(EngineFailed, match=r"(?s)unshare --net.*no luck"),
        running_charon(root),
    ):
        pass


def test_missing_packages_are_told(
    tmp_path: Path, plan: Path, capsys: pytest.CaptureFixture[str]
):
    """With the command that fetches them."""
    assert main(["--plan", str(plan), "--strongswan", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: --strongswan: ")
    assert f"python -m review.strongswan_packages --to {tmp_path}" in said


def test_a_missing_plan_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Before anything is started."""
    missing = str(tmp_path / "no.json")
    assert main(["--plan", missing, "--strongswan", str(tmp_path)]) == 2
    assert missing in capsys.readouterr().err


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Debian's commands of cardboard; a file ``lists`` says that lists are there."""
    folder = tmp_path / "debian"
    folder.mkdir()
    command(
        folder,
        "apt-get",
        f'#!/bin/sh\necho "$@" >> {folder}/calls\n'
        f'case "$2" in\nupdate) [ ! -e {folder}/offline ] && touch {folder}/lists ;;\n'
        f"download) if [ ! -e {folder}/lists ]; then\n"
        "echo E: no such package >&2; exit 100\nfi\n"
        "for each in a b; do : > $each.deb; done ;;\nesac\n",
    )
    command(
        folder,
        "dpkg-deb",
        f'#!/bin/sh\n[ ! -e {folder}/broken ] || exit 2\ntouch "$3/from-$2"\n',
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def test_packages_are_unpacked_and_not_installed(debian: Path, tmp_path: Path):
    """In place of what was there; nothing is asked of an administrator."""
    (debian / "lists").touch()
    target = tmp_path / "target"
    target.mkdir()
    (target / "old").touch()
    assert fetch_main(["--to", str(target)]) == 0
    names = {each.name for each in target.iterdir()}
    assert names == {"packages", "from-a.deb", "from-b.deb"}
    [call] = (debian / "calls").read_text().splitlines()
    assert call.startswith("--quiet download charon-systemd libstrongswan ")
    assert call.endswith(" strongswan-libcharon strongswan-swanctl")


@pytest.mark.parametrize(("user", "calls"), [(0, 3), (1000, 1)])
def test_lists_are_fetched_by_an_administrator_only(
    debian: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    user: int,
    calls: int,
):
    """Anybody else is told what is needed."""
    monkeypatch.setattr("os.geteuid", lambda: user)
    if user == 0:
        fetch(tmp_path / "target")
        assert (tmp_path / "target" / "from-a.deb").exists()
    else:
        with pytest.raises(Misuse, match=r"apt-get update.*E: no such package"):
            fetch(tmp_path / "target")
    assert len((debian / "calls").read_text().splitlines()) == calls


@pytest.mark.parametrize("marks", [("offline",), ("lists", "broken")])
def test_what_is_needed_is_told(
    debian: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    marks: tuple[str, ...],
):
    """Where there is no network, or a package is broken."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    for mark in marks:
        (debian / mark).touch()
    assert fetch_main(["--to", str(tmp_path / "target")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_other_systems_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """They have none of these packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Misuse, match="apt-get is not on PATH; strongSwan is needed"):
        fetch(tmp_path / "target")
