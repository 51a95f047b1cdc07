"""The service that the engine talks to: one method per request of its protocol.

It answers about programs, policy packs and component plugins and runs them as
children; it writes nothing to its own standard error, because the engine shows
that to the user as diagnostics. Code generation belongs to the official host:
those requests are answered as unimplemented, which the engine reports by itself.
"""

import json
import os
import sys
import threading
import tomllib
from pathlib import Path

import grpc
from google.protobuf import empty_pb2, json_format

from toolchain.language_host import dependencies, program
from toolchain.language_host.children import Child
from toolchain.language_host.installation import InstallationError, install
from toolchain.language_host.interpreter import (
    Interpreter,
    OptionsError,
    interpreter_for,
)
from toolchain.language_host.policy_pack import PackRelay
from toolchain.language_host.protocol import language, language_grpc, plugin

VERSION = "3.274.1"
"""The engine whose protocol this host was written for."""


class LanguageHost(language_grpc.LanguageRuntimeServicer):
    """Answers the engine at `engine_address` until `stop` is called."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address
        self._children: set[Child] = set()
        self._lock = threading.Lock()
        self._stopping = False

    def stop(self) -> None:
        """End every child, all at once, and start no more."""
        with self._lock:
            self._stopping = True
            children = list(self._children)
        stops = [threading.Thread(target=child.stop) for child in children]
        for thread in stops:
            thread.start()
        for thread in stops:
            thread.join()

    # What the engine asks first.

    def Handshake(self, request, context):
        """Take the engine's address; newer engines say it here."""
        self._engine_address = request.engine_address or self._engine_address
        return language.LanguageHandshakeResponse()

    def GetPluginInfo(self, request, context):
        """Answer with the version of the protocol."""
        return plugin.PluginInfo(version=VERSION)

    def Cancel(self, request, context):
        """End what is running: the update was interrupted."""
        self.stop()
        return empty_pb2.Empty()

    # Running.

    def Run(self, request, context):
        """Run a program to its end and say how it went."""
        interpreter = self._interpreter(request.info, context)
        if interpreter.typechecker:
            self._typecheck(interpreter, context)
        environment = interpreter.environment(os.environ) | {
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
        }
        child = self._start(
            context,
            [
                str(interpreter.executable),
                program.__file__,
                json.dumps(self._program_request(request)),
            ],
            folder=request.pwd,
            environment=environment,
            stop_signal=program.STOP_SIGNAL,
        )
        for stream, piece in child.output():
            _write_to_engine(stream, piece)
        code = child.wait()
        if code == program.REPORTED:
            return language.RunResponse(bail=True)
        if code < 0:
            return language.RunResponse(error=f"program ended by signal {-code}")
        if code:
            return language.RunResponse(
                error=f"program exited with non-zero exit code: {code}"
            )
        return language.RunResponse()

    def RunPlugin(self, request, context):
        """Run a policy pack or a component plugin; stream its output and exit code."""
        if request.kind == "analyzer":
            yield from self._run_pack(request, context)
            return
        interpreter = self._interpreter(
            request.info, context, default_virtualenv="venv"
        )
        child = self._start(
            context,
            [
                str(interpreter.executable),
                "-u",
                *_plugin_arguments(interpreter.program, list(request.args), context),
            ],
            folder=request.pwd,
            environment=_plugin_environment(interpreter, request),
        )
        for stream, piece in child.output():
            yield language.RunPluginResponse(**{stream: piece})
        yield language.RunPluginResponse(exitcode=child.wait())

    def _run_pack(self, request, context):
        """Run a policy pack behind a relay that tells it about the stack first.

        The SDK's `pulumi.policy` runs it and takes the pack's folder last.
        """
        interpreter = self._interpreter(request.info, context)
        folder = str(interpreter.program)
        relay = PackRelay()
        if not context.add_callback(relay.close):
            relay.close()
        try:
            yield language.RunPluginResponse(stdout=f"{relay.port}\n".encode())
            environment = _plugin_environment(interpreter, request)
            child = self._start(
                context,
                [
                    *(str(interpreter.executable), "-u", "-m", "pulumi.policy"),
                    *(*request.args, folder),
                ],
                folder=folder,
                environment=environment | relay.stack_environment(),
            )
            port = b""
            for stream, piece in child.output():
                if stream == "stdout" and not port.endswith(b"\n"):
                    first, newline, piece = piece.partition(b"\n")
                    port += first + newline
                    if newline:
                        relay.attach(int(port))
                if piece:
                    yield language.RunPluginResponse(**{stream: piece})
            yield language.RunPluginResponse(exitcode=child.wait())
        finally:
            relay.close()

    # Dependencies.

    def InstallDependencies(self, request, context):
        """Make the virtual environment and install into it; stream the output."""
        interpreter = self._interpreter(
            request.info,
            context,
            default_virtualenv="venv" if request.is_plugin else None,
            must_exist=False,
        )
        start = _bound(self._start, context)
        try:
            pieces = install(interpreter, is_plugin=request.is_plugin, start=start)
            for stream, piece in pieces:
                yield language.InstallDependenciesResponse(**{stream: piece})
        except (InstallationError, OptionsError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))

    def GetRequiredPackages(self, request, context):
        """Name no plugins in advance; the engine gets each when it is first used."""
        return language.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request, context):
        """Name no plugins in advance, to engines that ask the older way."""
        return language.GetRequiredPluginsResponse()

    def GetProgramDependencies(self, request, context):
        """List the packages that are installed for the program."""
        interpreter = self._interpreter(request.info, context)
        packages = dependencies.installed(
            interpreter, transitive=request.transitiveDependencies
        )
        return language.GetProgramDependenciesResponse(
            dependencies=[
                language.DependencyInfo(name=name, version=version)
                for name, version in packages
            ]
        )

    def About(self, request, context):
        """Describe the interpreter, for `pulumi about`."""
        interpreter = self._interpreter(request.info, context)
        return language.AboutResponse(
            executable=str(interpreter.executable),
            version=dependencies.python_version(interpreter),
            metadata={
                "toolchain": interpreter.toolchain,
                "typechecker": interpreter.typechecker or "none",
            },
        )

    def RuntimeOptionsPrompts(self, request, context):
        """Ask nothing more when `pulumi new` makes a project."""
        return language.RuntimeOptionsResponse()

    # Inner parts.

    def _interpreter(
        self,
        info,
        context: grpc.ServicerContext,
        *,
        default_virtualenv: str | None = None,
        must_exist: bool = True,
    ) -> Interpreter:
        """Return the program's interpreter, or end the request with what is wrong."""
        try:
            interpreter = interpreter_for(
                info.root_directory,
                info.program_directory,
                json_format.MessageToDict(info.options),
                default_virtualenv=default_virtualenv,
            )
            if must_exist:
                _ = interpreter.executable
            return interpreter
        except OptionsError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
            raise AssertionError("abort does not return") from error

    def _start(self, context: grpc.ServicerContext, command, **arguments) -> Child:
        """Start a child that ends with its request and with the host."""
        with self._lock:
            if self._stopping:
                context.abort(grpc.StatusCode.CANCELLED, "the host is stopping")
            child = Child(command, when_ended=self._children.discard, **arguments)
            self._children.add(child)
        if not context.add_callback(child.stop):
            child.stop()
        return child

    def _typecheck(self, interpreter: Interpreter, context) -> None:
        """Run the type checker that Pulumi.yaml asks for; its errors end the run."""
        child = self._start(
            context,
            [
                str(interpreter.executable),
                "-m",
                str(interpreter.typechecker),
                str(interpreter.program),
            ],
            folder=str(interpreter.program),
            environment=interpreter.environment(os.environ),
        )
        report = b"".join(piece for _, piece in child.output()).decode(errors="replace")
        if child.wait():
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"{interpreter.typechecker} failed:\n{report}",
            )

    def _program_request(self, request) -> dict[str, object]:
        """Return what program.py is told about the run; its docstring lists it."""
        return {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "pwd": request.pwd,
            "program": request.info.entry_point or request.program,
            "args": list(request.args),
            "parallel": request.parallel,
            "dry_run": request.dryRun,
        }


def _bound(start, context: grpc.ServicerContext):
    """Return `start` for this request, in the form that `install` calls."""
    return lambda command, **arguments: start(context, command, **arguments)


def _plugin_environment(interpreter: Interpreter, request) -> dict[str, str]:
    given = dict(entry.split("=", 1) for entry in request.env if "=" in entry)
    return interpreter.environment({**os.environ, **given})


def _plugin_arguments(
    folder: Path, arguments: list[str], context: grpc.ServicerContext
) -> list[str]:
    """Return how Python starts the component plugin in a folder.

    One with a `__main__.py` runs as a folder, one without as the package that its
    pyproject.toml names.
    """
    if (folder / "__main__.py").is_file():
        return [str(folder), *arguments]
    name = _distribution_name(folder / "pyproject.toml")
    if name is None:
        context.abort(
            grpc.StatusCode.FAILED_PRECONDITION,
            f"{folder}: not a plugin; it needs a __main__.py, or a pyproject.toml "
            "that names a package",
        )
    return ["-m", "pulumi.run.plugin", str(name), *arguments]


def _distribution_name(pyproject: Path) -> str | None:
    if not pyproject.is_file():
        return None
    return tomllib.loads(pyproject.read_text("utf-8")).get("project", {}).get("name")


def _write_to_engine(stream: str, piece: bytes) -> None:
    """Hand a program's output to the engine, which reads the host's own streams."""
    target = sys.stdout.buffer if stream == "stdout" else sys.stderr.buffer
    target.write(piece)
    target.flush()
