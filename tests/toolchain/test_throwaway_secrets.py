"""Throwaway values for secrets: which ones, what they look like, where they are."""

import base64
import stat
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain import throwaway
from toolchain.errors import ToolchainError
from toolchain.project import Project

SECRET = {"type": "string", "secret": True}


def project(**config: object) -> Project:
    """Return a project with this `config` block; `__` stands for a colon."""
    named = {key.replace("__", ":"): value for key, value in config.items()}
    folder = Path("/nowhere")
    return Project(folder / "Pulumi.yaml", "shop", named, folder)


@pytest.mark.parametrize(
    ("declared", "stack", "paths"),
    [
        ({"key": SECRET}, {}, ["shop:key"]),
        ({"shop__key": SECRET}, {}, ["shop:key"]),
        ({"other__key": SECRET}, {}, ["other:key"]),
        ({"key": {"secret": True}}, {}, ["shop:key"]),
        ({"key": SECRET}, {"shop:key": "mine"}, []),
        ({"key": SECRET}, {"key": "mine"}, []),
        ({"shop__key": SECRET}, {"key": "mine"}, []),
        ({"key": {**SECRET, "default": "x"}}, {}, []),
        ({"key": {"secret": True, "default": ""}}, {}, ["shop:key"]),
        ({"key": {**SECRET, "value": "x"}}, {}, []),
        ({"key": {"type": "string"}}, {}, []),
        ({"key": {"type": "string", "secret": False}}, {}, []),
        ({"key": {"type": "integer", "secret": True}}, {}, []),
        ({"key": "text"}, {}, []),
        ({"sshPublicKey": {"default": ""}}, {}, ["shop:sshPublicKey"]),
        ({"jumpSshPublicKey": {"default": ""}}, {}, ["shop:jumpSshPublicKey"]),
        ({"sshPublicKey": {"default": ""}}, {"sshPublicKey": "mine"}, []),
        ({"sshPublicKey": {"default": "ssh-rsa A"}}, {}, []),
        ({"sshPublicKeys": {"default": ""}}, {}, []),
        ({}, {"key": {"secure": "v1:a:b"}}, ["shop:key"]),
        ({}, {"a:key": {"x": [1, {"secure": "v1:a:b"}]}}, ["a:key.x.1"]),
        ({"key": SECRET}, {"key": {"secure": "v1:a:b"}}, ["shop:key"]),
        ({}, {"key": {"secure": "v1", "more": 1}}, []),
    ],
)
def test_the_secrets_that_need_a_value(
    declared: dict[str, object], stack: dict[str, object], paths: list[str]
):
    """Declared and unset, or encrypted for a key that offline runs do not hold."""
    assert throwaway.secrets_to_make(project(**declared), stack) == paths


def test_the_configuration_is_filled_and_otherwise_kept():
    """Values encrypted for others are replaced in place; missing ones are added."""
    stack = {
        "plain": "value",
        "list": [1, {"secure": "theirs"}],
        "flag": False,
        "key": {"secure": "theirs"},
    }
    declared = project(key=SECRET, missing=SECRET)
    paths = throwaway.secrets_to_make(declared, stack)
    ours = {path: {"secure": f"ours for {path}"} for path in paths}
    assert throwaway.with_secrets(declared, stack, ours) == {
        "plain": "value",
        "list": [1, {"secure": "ours for shop:list.1"}],
        "flag": False,
        "key": {"secure": "ours for shop:key"},
        "shop:missing": {"secure": "ours for shop:missing"},
    }


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        | st.just({"secure": "theirs"})
    ),
)


@given(st.dictionaries(st.text(string.ascii_letters, min_size=1), VALUES, max_size=4))
def test_no_value_of_theirs_stays_and_no_other_is_touched(stack: dict[str, object]):
    """With each made-up value put back, the configuration is what it was."""
    paths = throwaway.secrets_to_make(project(), stack)
    theirs = {path: {"secure": "theirs"} for path in paths}
    ours = {path: {"secure": "ours"} for path in paths}
    filled = throwaway.with_secrets(project(), stack, ours)
    cleared = throwaway.with_secrets(project(), stack, dict.fromkeys(paths))
    assert throwaway.secrets_to_make(project(), cleared) == []
    assert throwaway.with_secrets(project(), filled, theirs) == stack


def test_values_meet_azures_rules_for_passwords():
    """Long, with all four kinds of characters, and no two alike."""
    made = [throwaway.new_value() for _ in range(200)]
    assert len(set(made)) == len(made)
    for value in made:
        assert len(value) == throwaway.LENGTH
        assert value[0] in string.ascii_letters
        assert set(value) & set(string.ascii_lowercase)
        assert set(value) & set(string.ascii_uppercase)
        assert set(value) & set(string.digits)
        assert set(value) & set("_.")
        assert set(value) <= set(string.ascii_letters + string.digits + "_.")


def test_values_are_kept_for_this_user_alone(tmp_path: Path):
    """The same key has the same value next time, in a file with mode 0600."""
    folder = tmp_path / "data"
    first = throwaway.values(project(), ["shop:a", "shop:b"], folder)
    second = throwaway.values(project(), ["shop:b", "shop:c"], folder)
    assert first["shop:b"] == second["shop:b"]
    assert first["shop:a"] != first["shop:b"]
    file = folder / "throwaway-secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_is_written_where_nothing_is_needed(tmp_path: Path):
    """A project without secrets leaves no file."""
    assert throwaway.values(project(), [], tmp_path / "data") == {}
    assert not (tmp_path / "data").exists()


def test_a_damaged_file_is_an_error_that_says_so(tmp_path: Path):
    """The file is named, and what to do with it."""
    (tmp_path / "throwaway-secrets.json").write_text("{", encoding="utf-8")
    with pytest.raises(ToolchainError, match=r"throwaway-secrets\.json: is not JSON"):
        throwaway.values(project(), ["shop:a"], tmp_path)


def test_a_made_up_ssh_key_has_the_form_of_openssh_and_no_private_half(tmp_path: Path):
    """Its bytes are the name of the kind and 32 random ones, each with a length."""
    shop = project(sshPublicKey={"default": ""})
    made = throwaway.values(shop, ["shop:sshPublicKey"], tmp_path)["shop:sshPublicKey"]

    kind, encoded, _ = made.split(" ")
    assert kind == "ssh-ed25519"
    bytes_ = base64.b64decode(encoded, validate=True)
    assert bytes_[:19] == b"\x00\x00\x00\x0bssh-ed25519\x00\x00\x00 "
    assert len(bytes_) == 19 + 32
    assert made != throwaway.new_ssh_public_key()
