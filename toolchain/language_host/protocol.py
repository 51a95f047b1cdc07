"""The engine's protocol, from the stubs that the `pulumi` wheel brings.

`import pulumi.runtime.proto` runs the whole SDK first, 0.7 seconds that every
preview would wait for. The folder of the stubs is a package of its own that needs
only grpc and protobuf, so it is loaded under a name of ours, without its parents.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

_PACKAGE = "_pulumi_protocol"


def _load_stubs() -> None:
    """Make the folder `pulumi/runtime/proto` importable as `_pulumi_protocol`."""
    pulumi = importlib.util.find_spec("pulumi")
    if pulumi is None or pulumi.origin is None:
        raise ModuleNotFoundError("the package `pulumi` is not installed")
    folder = Path(pulumi.origin).parent / "runtime" / "proto"
    spec = importlib.machinery.ModuleSpec(_PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)


def _stub(name: str) -> ModuleType:
    return importlib.import_module(f"{_PACKAGE}.{name}")


_load_stubs()
language = _stub("language_pb2")
language_grpc = _stub("language_pb2_grpc")
plugin = _stub("plugin_pb2")
analyzer = _stub("analyzer_pb2")
