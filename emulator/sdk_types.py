"""The shapes of azure-native's values, as small objects parsed from the SDK.

A shape says what a value may be: text, a number, one of some words, a list, a map, an
object with named properties, or one of several such objects. Objects are resolved
when first needed, because the types of one module refer to each other in circles.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from emulator import sdk_source


@dataclass(frozen=True)
class Scalar:
    """Text, a whole number, a number or a truth value.

    `kind` is one of `string`, `integer`, `number`, `boolean`.
    """

    kind: str


@dataclass(frozen=True)
class Words:
    """One of Azure's named values.

    `values` are the published ones. `is_open`: Azure's description allows others too.
    """

    module: str
    name: str
    values: tuple[object, ...]
    is_open: bool


@dataclass(frozen=True)
class ListOf:
    """A list of values of one shape."""

    items: "Shape"


@dataclass(frozen=True)
class MapOf:
    """A map from text to values of one shape."""

    values: "Shape"


@dataclass(frozen=True)
class OneOf:
    """A value that fits one of several shapes (Azure's discriminated variants)."""

    options: tuple["Shape", ...]


@dataclass(frozen=True)
class Anything:
    """A value that Azure does not describe."""


@dataclass(frozen=True)
class FileContent:
    """A Pulumi asset or archive."""


@dataclass(frozen=True)
class Property:
    """A named property of an object.

    `constant` is the only value that the property may have, `default` what the SDK
    fills in for an unset one. Both are None if there is no such value.
    """

    name: str
    shape: "Shape"
    required: bool
    description: str = field(default="", repr=False)
    default: object = None
    constant: object = None


@dataclass(frozen=True)
class ObjectOf:
    """An object type of an SDK module, resolved on first use.

    `stem` is the file that holds the class: `_inputs`, `outputs`, or a resource's.
    """

    module: str
    stem: str
    class_name: str

    @cached_property
    def properties(self) -> dict[str, Property]:
        """Properties by their name on the wire."""
        return _object_properties(self.module, self.stem, self.class_name)

    @property
    def type_name(self) -> str:
        """The name of the type in a Pulumi schema."""
        return self.class_name.removesuffix("Args")


Shape = Scalar | Words | ListOf | MapOf | OneOf | Anything | FileContent | ObjectOf

TEXT = Scalar("string")
_SCALARS = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}


@cache
def _object_properties(module: str, stem: str, class_name: str) -> dict[str, Property]:
    source = sdk_source.source_file(module, stem)
    if source is None:
        raise LookupError(f"the SDK has no file {module}/{stem}.py")
    return {
        found.wire: read_property(module, found)
        for found in source.properties(class_name)
    }


def read_property(module: str, found: sdk_source.SourceProperty) -> Property:
    """Turn a property as written in the SDK into one with a shape."""
    shape, optional = _read_annotation(module, found.annotation)
    return Property(
        name=found.wire,
        shape=shape,
        required=not optional,
        description=found.description,
        default=found.default,
        constant=found.constant,
    )


@cache
def _read_annotation(module: str, annotation: str) -> tuple[Shape, bool]:
    node = ast.parse(annotation, mode="eval").body
    node = _without(node, "Input", "Output")
    inner = _without(node, "Optional")
    return _shape(module, inner), inner is not node


def _without(node: ast.expr, *wrappers: str) -> ast.expr:
    """The type inside of `pulumi.Input[...]`, `Optional[...]` and the like."""
    while isinstance(node, ast.Subscript) and _name(node.value) in wrappers:
        node = node.slice
    return node


def _name(node: ast.expr) -> str:
    match node:
        case ast.Attribute(attr=attribute):
            return attribute
        case ast.Name(id=name):
            return name
        case _:
            return ""


def _shape(module: str, node: ast.expr) -> Shape:
    node = _without(node, "Input", "Output", "Optional")
    match node:
        case ast.Constant(value=str(reference)):
            return _named(module, reference)
        case ast.Subscript(value=outer, slice=inner):
            return _generic(module, _name(outer), inner)
        case _:
            name = _name(node)
            if name in _SCALARS:
                return Scalar(_SCALARS[name])
            return FileContent() if name in ("Asset", "Archive") else Anything()


def _generic(module: str, outer: str, inner: ast.expr) -> Shape:
    match outer, inner:
        case "Sequence", _:
            return ListOf(_shape(module, inner))
        case "Mapping", ast.Tuple(elts=[_, values]):
            return MapOf(_shape(module, values))
        case "Union", ast.Tuple(elts=options):
            return _union([_shape(module, option) for option in options])
        case _:
            return Anything()


def _union(options: list[Shape]) -> Shape:
    options = [o for o in options if not _is_typed_dict(o)]
    if len(options) == 1:
        return options[0]
    words = [o for o in options if isinstance(o, Words)]
    if words and all(isinstance(o, Words | Scalar) for o in options):
        return Words(words[0].module, words[0].name, words[0].values, is_open=True)
    if all(isinstance(o, FileContent) for o in options):
        return FileContent()
    return OneOf(tuple(options))


def _is_typed_dict(shape: Shape) -> bool:
    """Whether a shape is only the dictionary form of another option."""
    return isinstance(shape, ObjectOf) and shape.class_name.endswith("Dict")


def _named(module: str, reference: str) -> Shape:
    if reference.startswith("outputs."):
        return ObjectOf(module, "outputs", reference.removeprefix("outputs."))
    if reference.endswith("Args") or not _is_enum(module, reference):
        return ObjectOf(module, "_inputs", reference)
    return Words(module, reference, _enum_values(module, reference), is_open=False)


def _is_enum(module: str, name: str) -> bool:
    source = sdk_source.source_file(module, "_enums")
    return source is not None and name in source.class_starts


@cache
def _enum_values(module: str, name: str) -> tuple[object, ...]:
    source = sdk_source.source_file(module, "_enums")
    if source is None:
        raise LookupError(f"the SDK module {module} has no enums, but uses {name}")
    return source.enum_values(name)


def variant(options: tuple[Shape, ...], value: dict[str, object]) -> ObjectOf | None:
    """The variant whose constant properties the value has; None if none fits.

    Constants are compared without regard to case, as Azure compares them.
    """
    for option in options:
        if isinstance(option, ObjectOf) and _fits_constants(option, value):
            return option
    return None


def _fits_constants(option: ObjectOf, value: dict[str, object]) -> bool:
    constants = [p for p in option.properties.values() if p.constant is not None]
    return bool(constants) and all(
        str(value.get(p.name)).lower() == str(p.constant).lower() for p in constants
    )


def discriminators(options: tuple[Shape, ...]) -> Iterator[Property]:
    """The constant properties of all variants: name and the value each demands."""
    for option in options:
        if isinstance(option, ObjectOf):
            yield from (p for p in option.properties.values() if p.constant is not None)
