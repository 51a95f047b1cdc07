"""Reading pulumi's command line: the stack, the folder and the command."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchain.arguments import read_arguments


@pytest.mark.parametrize(
    ("text", "stack"),
    [
        ("preview -s dev", "dev"),
        ("preview --stack dev", "dev"),
        ("preview --stack=dev", "dev"),
        ("preview -s=dev", "dev"),
        ("preview -sdev", "dev"),
        ("up -ys dev", "dev"),
        ("up -yfsdev", "dev"),
        ("-s dev preview", "dev"),
        ("preview -s one -s two", "two"),
        ("preview --stack acme/shop/dev", "acme/shop/dev"),
        ("preview", None),
        ("preview --message -s", None),
        ("preview -m -s", None),
        ("preview -ms", None),
        ("preview -c a:b=-s --config x=y", None),
        ("preview --policy-pack policies -s dev", "dev"),
        ("preview --save-plan plan.json --stack dev", "dev"),
        ("preview -t urn:x -s dev", "dev"),
        ("preview -r -s dev", "dev"),
        ("import -f file.json -s dev", "dev"),
        ("import -fs", None),
        ("up -f -s dev", "dev"),
        ("env run -- tool -s dev", None),
        ("preview -s", ""),
        ("preview --stack", ""),
    ],
)
def test_the_stack_is_found_where_pulumi_finds_it(text: str, stack: str | None):
    """In every spelling of the flag, and never inside another flag's value."""
    assert read_arguments(text.split()).stack == stack


@pytest.mark.parametrize(
    ("text", "words", "folder"),
    [
        ("", [], None),
        ("stack select dev", ["stack", "select", "dev"], None),
        ("-C there stack ls", ["stack", "ls"], "there"),
        ("--cwd=there preview", ["preview"], "there"),
        ("--color never preview", ["preview"], None),
        ("-v 9 --logtostderr preview", ["preview"], None),
        ("-v=9 preview", ["preview"], None),
        ("config set name --secret", ["config", "set", "name"], None),
        ("env run org/x -- ls -l", ["env", "run", "org/x", "ls", "-l"], None),
    ],
)
def test_the_command_and_the_folder_are_found(
    text: str, words: list[str], folder: str | None
):
    """Values of flags are not taken for commands."""
    line = read_arguments(text.split())
    assert (line.words, line.folder) == (words, folder)


@pytest.mark.parametrize(
    ("text", "file", "rest"),
    [
        ("preview --config-file a.yaml -s dev", "a.yaml", "preview -s dev"),
        ("preview --config-file=a.yaml", "a.yaml", "preview"),
        ("preview -s dev", None, "preview -s dev"),
    ],
)
def test_the_configuration_file_is_taken_out(text: str, file: str | None, rest: str):
    """What is left starts the real pulumi, which gets the copy instead."""
    line = read_arguments(text.split())
    assert line.config_file == file
    assert line.without_config_file == rest.split()


WORDS = st.text(string.ascii_letters + string.digits + "-=/.", max_size=8)


@given(st.lists(WORDS, max_size=8))
def test_no_argument_is_lost(arguments: list[str]):
    """Without --config-file the real pulumi gets exactly what was typed."""
    kept = [one for one in arguments if not one.startswith("--config-file")]
    assert read_arguments(kept).without_config_file == kept
