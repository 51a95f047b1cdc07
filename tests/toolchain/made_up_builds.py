"""An engine that is built from nothing by a Go that is a shell script."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

FAKE_GO = r"""#!/bin/sh
# Stands in for `go`: what FAKE_GO says decides how it behaves.
case "$1" in
    version)
        if [ "$GOTOOLCHAIN" = local ] || [ "$FAKE_GO" = stays ]; then
            version=${FAKE_GO_VERSION:-1.27.0}
        else
            version=${FAKE_GO_SWITCHED:-1.27.0}
        fi
        [ "$FAKE_GO" = broken ] && { echo "cannot start" >&2; exit 1; }
        echo "go version go$version linux/amd64"
        exit ;;
    env) eval "echo \$$2"; exit ;;
    list)
        if [ "$FAKE_GO" = unreachable ]; then
            echo 'module: Get "https://modules.invalid/": dial tcp: no such host' >&2
            exit 1
        fi
        echo one; echo two; echo three
        exit ;;
esac
while [ "$1" != -o ]; do shift; done
echo "$$" >> "$FAKE_GO_STARTED"
printf '#!/bin/sh\n' > "$2"
echo one >&2
case "$FAKE_GO" in
    full)
        echo "write $2: no space left on device" >&2
        exit 1 ;;
    wrong) echo "prog.go:1:1: syntax error" >&2; exit 1 ;;
    hangs)
        parent=$(ps -o ppid= -p $$)
        while kill -0 $parent; do sleep 0.1; done 2> /dev/null
        exit 1 ;;
    slow) sleep 1 ;;
esac
printf 'echo v%s\n' "${FAKE_ENGINE_VERSION:-9.8.7}" >> "$2"
chmod +x "$2"
"""

MODULE = """module example/engine

go 1.26.6

require github.com/pulumi/pulumi/pkg/v3 v9.8.7
"""

BUILD = """
import sys
from pathlib import Path
from toolchain import engine, offline
offline.end_on_signals()
engine.build_engine(Path(sys.argv[1]), module=Path(sys.argv[2]))
"""


@dataclass
class Build:
    """A build of a made-up engine by a made-up Go, in processes of their own."""

    cache: Path
    module: Path
    folder_on_path: Path
    started: Path
    environment: dict[str, str] = field(default_factory=dict)

    def start(self, behaviour: str = "", **more: str) -> subprocess.Popen[str]:
        """Start one build; `behaviour` is what the fake Go does."""
        return subprocess.Popen(
            [sys.executable, "-I", "-c", BUILD, self.cache, self.module],
            env={**self.environment, "FAKE_GO": behaviour, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, behaviour: str = "", **more: str) -> tuple[int, str]:
        """Run one build to its end; returns exit code and standard error."""
        process = self.start(behaviour, **more)
        _, errors = process.communicate(timeout=60)
        return process.returncode, errors

    def builds_started(self) -> int:
        """How often Go was asked to build."""
        if not self.started.exists():
            return 0
        return len(self.started.read_text("utf-8").splitlines())

    def left_behind(self) -> list[str]:
        """What lies in the cache beside the lock, the log and whole engines."""
        return sorted(path.name for path in self.cache.glob("*.partial"))

    def engines(self) -> list[Path]:
        """The engines in the cache."""
        return [
            path
            for path in self.cache.glob("*/pulumi")
            if not path.parent.name.endswith(".partial")
        ]


def write_script(path: Path, text: str) -> Path:
    """Write an executable file and return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path
