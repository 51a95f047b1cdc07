"""Values go into a configuration file, and every other byte of it stays."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from review.yaml_edits import NoPlace, read_yaml, with_values

A = {"config": {"shop:subnets": {"a": {"prefix": "10.99.0.0/24"}}}}
TWO = {
    "config": {
        "shop:subnets": {
            "a": {"prefix": "10.99.0.0/24"},
            "b": {"prefix": "10.99.1.0/25"},
        }
    }
}

EDITS = {
    "comments and blank lines": (
        TWO,
        """\
# Ours.
config:
  # the subnets
  shop:subnets:  # by name
    a:
      purpose: training  # machines
      # more to come

    b:

      purpose: endpoints

  # the end of the subnets
  shop:x: 1
""",
        """\
# Ours.
config:
  # the subnets
  shop:subnets:  # by name
    a:
      purpose: training  # machines
      prefix: 10.99.0.0/24
      # more to come

    b:

      purpose: endpoints
      prefix: 10.99.1.0/25

  # the end of the subnets
  shop:x: 1
""",
    ),
    "odd indentation": (
        TWO,
        "config:\n     shop:subnets:\n      a:\n         purpose: x\n"
        "      b:\n       purpose: y\n",
        "config:\n     shop:subnets:\n      a:\n         purpose: x\n"
        "         prefix: 10.99.0.0/24\n"
        "      b:\n       purpose: y\n       prefix: 10.99.1.0/25\n",
    ),
    "quotes": (
        TWO,
        'config:\n  "shop:subnets":\n    "a":\n      "purpose": "x"\n'
        "    'b': \n      'purpose': y\n",
        'config:\n  "shop:subnets":\n    "a":\n      "purpose": "x"\n'
        '      "prefix": "10.99.0.0/24"\n'
        "    'b': \n      'purpose': y\n      'prefix': 10.99.1.0/25\n",
    ),
    "flow maps": (
        TWO,
        "config:\n  shop:subnets:\n    a: {purpose: training} # a\n"
        "    b: { purpose: y, }",
        "config:\n  shop:subnets:\n"
        "    a: {purpose: training, prefix: 10.99.0.0/24} # a\n"
        "    b: { purpose: y, prefix: 10.99.1.0/25, }",
    ),
    "a flow map over several lines": (
        TWO,
        "config:\n  shop:subnets: {\n    a: {purpose: x # a\n    },\n"
        '    "b": {"size": 27}\n  }\n',
        "config:\n  shop:subnets: {\n    a: {purpose: x, prefix: 10.99.0.0/24 # a\n"
        '    },\n    "b": {"size": 27, "prefix": "10.99.1.0/25"}\n  }\n',
    ),
    "a file that is JSON": (
        A,
        '{"config": {"shop:subnets": {"a": {"purpose": "x"}}}}',
        '{"config": {"shop:subnets": {"a": {"purpose": "x", '
        '"prefix": "10.99.0.0/24"}}}}',
    ),
    "line ends of Windows": (
        TWO,
        "config:\r\n  shop:subnets:\r\n    a:\r\n      purpose: x\r\n"
        "    b:\r\n      purpose: y",
        "config:\r\n  shop:subnets:\r\n    a:\r\n      purpose: x\r\n"
        "      prefix: 10.99.0.0/24\r\n"
        "    b:\r\n      purpose: y\r\n      prefix: 10.99.1.0/25",
    ),
    "no line end at the end": (
        A,
        "config:\n  shop:subnets:\n    a:\n      purpose: x",
        "config:\n  shop:subnets:\n    a:\n      purpose: x\n"
        "      prefix: 10.99.0.0/24",
    ),
    "a comment at the very end": (
        A,
        "config:\n  shop:subnets:\n    a:\n      purpose: x  # why",
        "config:\n  shop:subnets:\n    a:\n      purpose: x  # why\n"
        "      prefix: 10.99.0.0/24",
    ),
    "a key without a value": (
        TWO,
        "config:\n  shop:subnets:\n    a:\n      prefix:\n      purpose: x\n"
        "    b:\n      prefix: ~ # later\n",
        "config:\n  shop:subnets:\n    a:\n      prefix: 10.99.0.0/24\n"
        "      purpose: x\n    b:\n      prefix: 10.99.1.0/25 # later\n",
    ),
    "a last value that is nothing, a list, a text of lines, a map": (
        {
            "config": {
                name: {"prefix": f"10.99.{n}.0/24"} for n, name in enumerate("abcde")
            }
        },
        "config:\n  a:\n    size:\n  b:\n    x:\n    - 1\n    - 2 # two\n"
        "  c:\n    x: |\n      one\n\n  d:\n    x:\n        y:\n          z: 1\n"
        "  e: {x: [1, {y: 2}]}\n",
        "config:\n  a:\n    size:\n    prefix: 10.99.0.0/24\n  b:\n    x:\n    - 1\n"
        "    - 2 # two\n    prefix: 10.99.1.0/24\n"
        "  c:\n    x: |\n      one\n\n    prefix: 10.99.2.0/24\n"
        "  d:\n    x:\n        y:\n          z: 1\n    prefix: 10.99.3.0/24\n"
        "  e: {x: [1, {y: 2}], prefix: 10.99.4.0/24}\n",
    ),
    "an alias beside": (
        A,
        "x: &x training\nconfig:\n  shop:subnets:\n    a:\n      purpose: *x # x\n",
        "x: &x training\nconfig:\n  shop:subnets:\n    a:\n      purpose: *x # x\n"
        "      prefix: 10.99.0.0/24\n",
    ),
    "no text": (
        A,
        "",
        "config:\n  shop:subnets:\n    a:\n      prefix: 10.99.0.0/24\n",
    ),
    "comments alone": (
        A,
        "# ours",
        "# ours\nconfig:\n  shop:subnets:\n    a:\n      prefix: 10.99.0.0/24\n",
    ),
    "an empty map at the top": (
        A,
        "{} # nothing\n",
        "config:\n  shop:subnets:\n    a:\n      prefix: 10.99.0.0/24 # nothing\n",
    ),
    "an empty map": (
        A,
        "config: {} # none\nx: 1\n",
        "config: # none\n  shop:subnets:\n    a:\n      prefix: 10.99.0.0/24\nx: 1\n",
    ),
    "an empty map in a flow map": (
        A,
        "{config: {}}\n",
        "{config: {'shop:subnets': {a: {prefix: 10.99.0.0/24}}}}\n",
    ),
    "no map yet": (
        A,
        "encryptionsalt: v1\nconfig:\n# none\n",
        "encryptionsalt: v1\nconfig:\n  shop:subnets:\n    a:\n"
        "      prefix: 10.99.0.0/24\n# none\n",
    ),
    "no config": (
        A,
        "encryptionsalt: v1",
        "encryptionsalt: v1\nconfig:\n  shop:subnets:\n    a:\n"
        "      prefix: 10.99.0.0/24",
    ),
    "the file's own step": (
        {"config": {"shop:subnets": {"a": {"purpose": "x", "zones": ["1"]}}}},
        "config:\n    shop:location: 'here'\n    shop:x: 1\n",
        "config:\n    shop:location: 'here'\n    shop:x: 1\n    shop:subnets:\n"
        "        a:\n            purpose: x\n            zones:\n            - '1'\n",
    ),
    "letters of other languages": (
        A,
        "\ufeffconfig:\n  shop:owner: Zoë 😀\n  shop:subnets:\n    a: {purpose: x}\n",
        "\ufeffconfig:\n  shop:owner: Zoë 😀\n  shop:subnets:\n"
        "    a: {purpose: x, prefix: 10.99.0.0/24}\n",
    ),
}


@pytest.mark.parametrize("case", EDITS)
def test_values_go_in_and_the_rest_stays(case: str) -> None:
    """The exact text after the edit, for each way in which people write YAML."""
    wanted, before, after = EDITS[case]
    assert with_values(before, wanted) == after


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config: {shop:subnets: {a: {prefix: 10.0.0.0/24}}}",
            "config.shop:subnets.a.prefix has a value already",
        ),
        ("config: {shop:subnets: {a: x}}", "config.shop:subnets.a is no map"),
        ("config: {shop:subnets: [a]}", "config.shop:subnets is no map"),
        (
            "x: &x {purpose: y}\nconfig: {shop:subnets: {a: *x}}",
            r"config.shop:subnets.a is the alias \*x; write it out as a map",
        ),
        (
            "config:\n  shop:subnets:\n    a: &x\n      purpose: y\n    b: *x\n",
            "config cannot be changed alone; write out what is shared",
        ),
        ("- 1", " is no map"),
    ],
)
def test_a_value_without_a_place_of_its_own_is_refused(text: str, message: str) -> None:
    """Nothing is overwritten, and nothing changes besides by an anchor."""
    with pytest.raises(NoPlace, match=message):
        with_values(text, A)


names = st.sampled_from(["a", "training", "gpu-2", "x_y", "on", "1"])
comments = st.sampled_from(["", "  # why", " # a: {b}"])


@st.composite
def stack_files(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A configuration file in a made-up hand, and the names of its subnets."""
    step = draw(st.integers(1, 5))
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    subnets = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    lines = [*draw(st.lists(st.sampled_from(["# ours", ""]), max_size=2)), "config:"]
    if draw(st.booleans()):
        lines += [" " * step + "shop:space:", " " * step + "- 10.99.0.0/16"]
    lines.append(" " * step + "shop:subnets:" + draw(comments))
    for name in subnets:
        quote = draw(st.sampled_from(["", '"', "'"])) or ("'" if name == "1" else "")
        key = f"{quote}{name}{quote}:"
        pairs = draw(
            st.lists(
                st.sampled_from(
                    ["purpose: training", '"size": 25', "'note': 'a, {b}'", "x: [1, 2]"]
                ),
                min_size=1,
                unique=True,
            )
        )
        if draw(st.booleans()):
            space = draw(st.sampled_from(["", " "]))
            flow = "{" + space + ", ".join(pairs) + space + "}"
            lines.append(" " * step * 2 + f"{key} {flow}" + draw(comments))
        else:
            lines.append(" " * step * 2 + key + draw(comments))
            for pair in pairs:
                lines.append(" " * step * 3 + pair + draw(comments))
                lines += draw(st.lists(st.sampled_from(["", "# between"]), max_size=1))
    if draw(st.booleans()):
        lines.append(" " * step + "shop:last: |" + newline + " " * step * 2 + "text")
    text = newline.join(lines) + draw(st.sampled_from(["", newline]))
    return text, subnets


@given(stack_files(), st.data())
def test_a_pinned_file_says_the_same_and_the_pins(
    written: tuple[str, list[str]], data: st.DataObject
) -> None:
    """Parsed by two parsers, the file is what it was with the pins in it; with the pins
    cut out it is the same text."""
    before, subnets = written
    chosen = data.draw(st.lists(st.sampled_from(subnets), min_size=1, unique=True))
    pins = {name: f"10.99.{n}.0/24" for n, name in enumerate(chosen)}
    wanted = {name: {"prefix": prefix} for name, prefix in pins.items()}
    after = with_values(before, {"config": {"shop:subnets": wanted}})
    for load in (read_yaml, _load_yaml_1_2):
        expected = load(before)
        for name, prefix in pins.items():
            expected["config"]["shop:subnets"][name]["prefix"] = prefix
        assert load(after) == expected
    pin = r"(?:\r?\n *|, )(['\"]?)prefix\1: (['\"]?)10\.99\.\d\.0/24\2"
    without, count = re.subn(pin, "", after)
    assert (without, count) == (before, len(pins))


def _load_yaml_1_2(text: str):
    return YAML(typ="safe", pure=True).load(io.StringIO(text, newline=""))
