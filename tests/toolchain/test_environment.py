"""Making `.venv`: when it is made again, one at a time, and what failures say."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_up_builds import write_script

from toolchain import environment

FAKE_PYTHON = r"""#!/bin/sh
# Stands in for a Python that makes virtual environments; FAKE_PIP says how it goes.
case "$*" in
    *"-m venv"*)
        [ "$FAKE_PIP" = no-venv ] && { echo "No module named ensurepip" >&2; exit 1; }
        for folder in "$@"; do :; done
        mkdir -p "$folder/bin"
        cp "$0" "$folder/bin/python"
        cp "$FAKE_UV" "$folder/bin/uv" ;;
    *"-m pip install"*)
        echo pip "$@" >> "$FAKE_LOG"
        case "$FAKE_PIP" in
            unreachable) echo "ERROR: No matching distribution found for uv" >&2
                exit 1 ;;
            full) echo "OSError: [Errno 28] No space left on device" >&2; exit 1 ;;
            slow) sleep 1 ;;
        esac ;;
    *"-m pip config"*)
        echo "global.index-url='https://index.invalid/simple'"
        echo "global.cert='/certificates.pem'" ;;
esac
"""


FAKE_UV = r"""#!/bin/sh
echo uv $SSL_CERT_FILE "$@" >> "$FAKE_LOG"
[ "$FAKE_PIP" != no-uv ]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with requirements, and a made-up Python to make `.venv` with."""
    root = tmp_path / "root"
    for folder in ("components", "policies"):
        (root / folder).mkdir(parents=True)
        (root / folder / "requirements.txt").write_text("one\n", encoding="utf-8")
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (root / name).write_text("one\n", encoding="utf-8")
    python = write_script(tmp_path / "python", FAKE_PYTHON)
    monkeypatch.setattr(environment, "base_python", lambda: str(python))
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    monkeypatch.setenv("FAKE_UV", str(write_script(tmp_path / "uv", FAKE_UV)))
    monkeypatch.setenv("FAKE_PIP", "")
    return root


def installations(root: Path) -> list[str]:
    """Return what was installed, a line each."""
    log = root.parent / "log"
    return log.read_text("utf-8").splitlines() if log.exists() else []


def test_the_environment_is_made_once_with_pips_own_index(root: Path):
    """uv comes by pip, the requirements by uv from the index that pip uses."""
    environment.prepare(root)
    environment.prepare(root)
    pip, uv = installations(root)
    assert environment.UV in pip
    assert uv.startswith("uv /certificates.pem pip install")
    assert "--index-url https://index.invalid/simple" in uv
    assert uv.endswith("-r requirements-dev.txt")


@pytest.mark.parametrize(
    "name",
    [
        "requirements.txt",
        "requirements-dev.txt",
        "pyproject.toml",
        "components/requirements.txt",
        "policies/requirements.txt",
    ],
)
def test_a_changed_requirement_is_installed(root: Path, name: str):
    """Each file that decides what is installed counts."""
    environment.prepare(root)
    before = len(installations(root))
    (root / name).write_text("two\n", encoding="utf-8")
    environment.prepare(root)
    assert len(installations(root)) > before


def test_pip_has_the_last_word_where_uv_fails(
    root: Path, monkeypatch: pytest.MonkeyPatch
):
    """pip reads settings that uv does not."""
    monkeypatch.setenv("FAKE_PIP", "no-uv")
    environment.prepare(root)
    last = installations(root)[-1]
    assert last.startswith("pip")
    assert last.endswith("--no-compile -r requirements-dev.txt")


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ("no-venv", "apt install python3-venv"),
        ("unreachable", "make a Python package index reachable"),
        ("full", "is full"),
    ],
)
def test_failures_say_what_to_do_on_their_first_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str, told: str
):
    """The folder and the remedy; the next run starts anew and succeeds."""
    monkeypatch.setenv("FAKE_PIP", behaviour)
    with pytest.raises(environment.EnvironmentFailure) as failure:
        environment.prepare(root)
    first = str(failure.value).splitlines()[0]
    assert told in first
    assert str(root / ".venv") in first
    monkeypatch.setenv("FAKE_PIP", "")
    environment.prepare(root)


PREPARE = """
import sys
from pathlib import Path
from toolchain import environment
environment.base_python = lambda: sys.argv[2]
environment.prepare(Path(sys.argv[1]))
"""


def test_two_runs_at_once_install_once(root: Path, monkeypatch: pytest.MonkeyPatch):
    """The second one says that it waits."""
    monkeypatch.setenv("FAKE_PIP", "slow")
    processes = []
    for _ in range(2):
        processes.append(
            subprocess.Popen(
                [sys.executable, "-I", "-c", PREPARE, root, environment.base_python()],
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        until = time.monotonic() + 30
        while not installations(root):
            assert time.monotonic() < until
            time.sleep(0.02)
    told = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert "Another process prepares" in told[1]
    assert "Another process" not in told[0]
    assert len(installations(root)) == 2  # uv by pip, then the requirements by uv


def test_an_old_python_is_refused_in_one_line(tmp_path: Path):
    """`./offline` looks for Python 3.11 or newer and says so."""
    root = Path(__file__).resolve().parents[2]
    copy = tmp_path / "offline"
    copy.write_bytes((root / "offline").read_bytes())
    old = write_script(tmp_path / "bin" / "python3", "#!/bin/sh\nexit 1\n")
    for tool in ("dirname", "sh"):
        (old.parent / tool).symlink_to(f"/bin/{tool}")
    answer = subprocess.run(
        ["/bin/sh", str(copy), "true"],
        env={**os.environ, "PATH": str(old.parent)},
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 3
    assert answer.stderr.startswith("offline: error: no Python 3.11 or newer on PATH")
