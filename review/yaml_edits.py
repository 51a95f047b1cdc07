"""Puts values into a YAML text and leaves every other byte of it alone.

A file of configuration belongs to people: comments, order, quotes, indentation and line
ends are theirs, so nothing of it is written anew. The text is read for the places of
its keys, and the new lines go in there. The result is read again: it must say what the
text said before and the new values, and nothing else.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

Tree = dict[str, Any]
"""Values by key, as deep as the maps that they belong into."""

_ALIAS = "alias"
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
_USUAL_STEP = 2
_LINE_END = re.compile(r"\r?\n")


class NoPlace(Exception):
    """A value cannot be put in; the message says where and why."""


def read_yaml(text: str) -> Any:
    """What a YAML text says, with keys as they are written: `no` is a name."""
    return yaml.load(text, Loader=_TextKeyLoader)


def with_values(text: str, wanted: Tree) -> str:
    """The YAML `text` with the values of `wanted` in their places.

    Missing maps are made; a key whose value is null gets the wanted one. Raises
    `NoPlace` for a key that has another value, for a place that is no map, and for one
    that is shared by an anchor; `yaml.YAMLError` when the text is no YAML.
    """
    root = yaml.compose(text, Loader=_PlaceLoader)
    before = read_yaml(text)
    if root is None or _is_empty(root):
        edits = [_first_lines(text, root, wanted)]
    else:
        edits = list(_edits(text, root, wanted, "", _step(root)))
    changed = text
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        changed = changed[: edit.start] + edit.text + changed[edit.end :]
    try:
        after = read_yaml(changed)
    except yaml.YAMLError:
        after = None
    if after != _merged(before, wanted):
        raise NoPlace(
            f"{', '.join(wanted)} cannot be changed alone; "
            "write out what is shared by anchors, aliases or several documents"
        )
    return changed


class _TextKeyLoader(yaml.SafeLoader):
    """Takes each key for text, as Pulumi does."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


class _PlaceLoader(yaml.SafeLoader):
    """Gives an alias as a node in its own place, not the node that it stands for."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()
            return yaml.ScalarNode(
                _ALIAS, event.anchor, event.start_mark, event.end_mark
            )
        return super().compose_node(parent, index)


@dataclass(frozen=True)
class _Edit:
    """`text` in the place of what is between two positions."""

    start: int
    end: int
    text: str


def _edits(
    text: str, node: yaml.Node, wanted: Tree, path: str, step: int
) -> Iterator[_Edit]:
    """The edits of one map and of those below it."""
    if not isinstance(node, yaml.MappingNode):
        raise NoPlace(f"{path} is {_in_words(node)}; write it out as a map")
    places = {key.value: (key, value) for key, value in node.value}
    missing: Tree = {}
    for name, value in wanted.items():
        below = f"{path}.{name}" if path else name
        if name not in places:
            missing[name] = value
        elif _is_empty(places[name][1]):
            yield _filled(text, node, places[name], value, step)
        elif isinstance(value, dict):
            yield from _edits(text, places[name][1], value, below, step)
        else:
            raise NoPlace(f"{below} has a value already")
    if missing:
        yield _appended(text, node, missing, step)


def _first_lines(text: str, root: yaml.Node | None, wanted: Tree) -> _Edit:
    """The values for a text that holds none: below its comments, or in place of {}."""
    newline = _newline(text, 0)
    lines = newline.join(_lines(wanted, "", _USUAL_STEP))
    if root is not None and root.end_mark.index > root.start_mark.index:
        return _Edit(root.start_mark.index, root.end_mark.index, lines)
    start = "" if not text or text.endswith("\n") else newline
    return _Edit(len(text), len(text), start + lines + newline)


def _appended(text: str, node: yaml.MappingNode, wanted: Tree, step: int) -> _Edit:
    """New last pairs of a map that has some."""
    last_key, last_value = node.value[-1]
    end = _end(last_value)
    if node.flow_style:
        return _Edit(end, end, f", {_in_flow(wanted, last_key)}")
    indentation = " " * last_key.start_mark.column
    lines = _lines(wanted, indentation, step, last_key, last_value)
    if text[end - 1] == "\n":
        newline = _newline(text, end)
        return _Edit(end, end, "".join(line + newline for line in lines))
    return _below(text, end, end, lines)


def _filled(
    text: str,
    parent: yaml.MappingNode,
    place: tuple[yaml.Node, yaml.Node],
    value: Any,
    step: int,
) -> _Edit:
    """A value for a key that has none, or an empty map."""
    key, empty = place
    start, end = empty.start_mark.index, empty.end_mark.index
    if parent.flow_style or not isinstance(value, dict):
        space = "" if text[start - 1].isspace() else " "
        return _Edit(start, end, space + _inline(value))
    indentation = " " * (key.start_mark.column + step)
    lines = _lines(value, indentation, step, key)
    return _below(text, len(text[:start].rstrip(" \t")), end, lines)


def _below(text: str, start: int, end: int, lines: list[str]) -> _Edit:
    """Lines below the one at `end`; what is between `start` and `end` goes."""
    found = _LINE_END.search(text, end)
    line_end = found.start() if found else len(text)
    newline = _newline(text, end)
    rest = text[end:line_end].rstrip() if start < end else text[end:line_end]
    return _Edit(start, line_end, rest + "".join(f"{newline}{line}" for line in lines))


def _end(node: yaml.Node) -> int:
    """The position behind a value; blank lines and comments after it do not count."""
    if not node.value or isinstance(node, yaml.ScalarNode) or node.flow_style:
        return node.end_mark.index
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


def _lines(
    wanted: Tree,
    indentation: str,
    step: int,
    key: yaml.Node | None = None,
    value: yaml.Node | None = None,
) -> list[str]:
    """Pairs as lines, quoted as the `key` and `value` beside them are."""
    lines = []
    for name, each in wanted.items():
        start = f"{indentation}{_quoted(name, key)}:"
        if isinstance(each, dict) and each:
            dumped = _dump(each, default_flow_style=False, indent=step)
            lines.append(start)
            lines += [f"{indentation}{' ' * step}{x}" for x in dumped.splitlines()]
        else:
            lines.append(f"{start} {_quoted(each, value)}")
    return lines


def _in_flow(wanted: Tree, key: yaml.Node) -> str:
    """Pairs of a flow map, quoted as its `key` is: JSON stays JSON."""
    return ", ".join(
        f"{_quoted(name, key)}: {_quoted(value, key)}" for name, value in wanted.items()
    )


def _quoted(value: Any, beside: yaml.Node | None) -> str:
    """A scalar in quotes where its neighbour has some; anything else on one line."""
    style = beside.style if isinstance(beside, yaml.ScalarNode) else None
    quoted = isinstance(value, str) and style in ("'", '"')
    return _dump(value, default_style=style) if quoted else _inline(value)


def _inline(value: Any) -> str:
    return _dump(value, default_flow_style=True)


def _dump(value: Any, **options: Any) -> str:
    text = yaml.safe_dump(
        _unshared(value),
        sort_keys=False,
        allow_unicode=True,
        width=float("inf"),
        **options,
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _step(root: yaml.Node) -> int:
    """How far the text indents a map below its key."""
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    for key, value in pairs:
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            return value.value[0][0].start_mark.column - key.start_mark.column
    return _USUAL_STEP


def _newline(text: str, position: int) -> str:
    """The line end there, else the first of the text."""
    found = _LINE_END.search(text, position) or _LINE_END.search(text)
    return found[0] if found else "\n"


def _is_empty(node: yaml.Node) -> bool:
    return node.tag == _NULL or (isinstance(node, yaml.MappingNode) and not node.value)


def _in_words(node: yaml.Node) -> str:
    return f"the alias *{node.value}" if node.tag == _ALIAS else "no map"


def _merged(before: Any, wanted: Any) -> Any:
    """What the text must say in the end."""
    if not isinstance(wanted, dict):
        return wanted
    merged = dict(before) if isinstance(before, dict) else {}
    for key, value in wanted.items():
        merged[key] = _merged(merged.get(key), value)
    return merged


def _unshared(value: Any) -> Any:
    """A copy in which nothing is held twice, so that it is written without anchors."""
    if isinstance(value, dict):
        return {key: _unshared(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unshared(each) for each in value]
    return value
