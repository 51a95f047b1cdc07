"""Serves the engine's ResourceProvider protocol: each call is turned into plain values.

Several provider instances of one program (several subscriptions or clouds) reach the
same process, and a call does not say which of them it is for. But the engine opens a
connection for each, so a configuration belongs to the address of the caller.
"""

import logging
import time
from collections.abc import Callable
from concurrent import futures
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from emulator import auto_names, catalogue, package_schema, sdk_source
from emulator.auto_names import Autonaming
from emulator.azure_error import AzureError
from emulator.delays import Delays
from emulator.differences import Difference, Kind, deletes_before_replacing
from emulator.functions import UnknownFunction
from emulator.provider import AlreadyExists, Configuration, Provider, RequestFailed
from emulator.store import Store, StoreUnusable
from emulator.wire import read_struct, write_struct

_THREADS = 16
_LARGEST_MESSAGE_BYTES = 400 * 1024 * 1024
_PACKAGE = "azure-native"

_KINDS = {
    (Kind.ADD, False): provider_pb2.PropertyDiff.ADD,
    (Kind.ADD, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (Kind.DELETE, False): provider_pb2.PropertyDiff.DELETE,
    (Kind.DELETE, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (Kind.UPDATE, False): provider_pb2.PropertyDiff.UPDATE,
    (Kind.UPDATE, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}
_REFUSALS = (
    AlreadyExists,
    AzureError,
    RequestFailed,
    StoreUnusable,
    UnknownFunction,
    ValueError,
    catalogue.UnknownType,
)

Answer = TypeVar("Answer")


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """The protocol's methods, named as the protocol names them."""

    def __init__(self, store: Store, log: logging.Logger, delays: Delays) -> None:
        self._store = store
        self._log = log
        self._delays = delays
        self._configurations: dict[str, Configuration] = {}

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Say what the provider can do: plain values only, autonaming supported."""
        return provider_pb2.ProviderHandshakeResponse(
            accept_secrets=False,
            accept_resources=False,
            accept_outputs=False,
            supports_autonaming_configuration=True,
        )

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The engine attaches to this running process."""
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The version: that of the installed SDK."""
        return plugin_pb2.PluginInfo(version=sdk_source.sdk_version())

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:
        """The package's schema, for languages that are not compiled against it."""
        return self._answer(
            "GetSchema",
            _PACKAGE,
            context,
            lambda: provider_pb2.GetSchemaResponse(
                schema=package_schema.cached_schema()
            ),
        )

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Provider settings are echoed."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:
        """A change of provider settings never counts as one."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_NONE)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Remember the settings of this connection."""
        if not request.sends_old_inputs or not request.sends_old_inputs_to_delete:
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION,
                "Azure Native provider requires Pulumi CLI v3.74.0 or later",
            )
        try:
            configuration = Configuration.read(dict(request.variables))
        except ValueError as failure:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(failure))
        self._configurations[_connection(context)] = configuration
        self._log.info(
            "Configure location=%s subscription=%s",
            configuration.location,
            configuration.account.subscription_id,
        )
        return provider_pb2.ConfigureResponse(
            acceptSecrets=False,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Nothing here takes long enough to be cancelled."""
        return empty_pb2.Empty()

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Complete and judge a resource's inputs."""

        def answer() -> Any:
            inputs, problems = self._provider(context).check(
                _type_of(request),
                _name_of(request),
                read_struct(request.news),
                read_struct(request.olds),
                request.randomSeed,
                _autonaming(request),
            )
            for problem in problems:
                self._log.warning("%s refused at %s", request.urn, problem.path)
            return provider_pb2.CheckResponse(
                inputs=write_struct(inputs),
                failures=[
                    provider_pb2.CheckFailure(reason=problem.reason)
                    for problem in problems
                ],
            )

        return self._answer("Check", request.urn, context, answer)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Compare old and new inputs."""

        def answer() -> Any:
            old_inputs = read_struct(request.old_inputs)
            found = self._provider(context).diff(
                _type_of(request),
                old_inputs,
                read_struct(request.news),
                read_struct(request.olds),
            )
            return _diff_response(found, deletes_before_replacing(old_inputs, found))

        return self._answer("Diff", request.urn, context, answer)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Create a resource, or say what its outputs would be."""

        def answer() -> Any:
            provider = self._provider(context)
            token, inputs = _type_of(request), read_struct(request.properties)
            if request.preview:
                outputs = provider.preview_create(token, inputs)
                return provider_pb2.CreateResponse(properties=write_struct(outputs))
            written = provider.create(token, inputs)
            return provider_pb2.CreateResponse(
                id=written.id, properties=write_struct(written.outputs)
            )

        name = "Create (preview)" if request.preview else "Create"
        return self._answer(name, request.urn, context, answer)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Read a resource for a refresh, an import or a lookup."""

        def answer() -> Any:
            written = self._provider(context).read(
                _type_of(request),
                request.id,
                read_struct(request.inputs),
                read_struct(request.properties),
            )
            if written is None:
                return provider_pb2.ReadResponse()
            return provider_pb2.ReadResponse(
                id=written.id,
                properties=write_struct(written.outputs),
                inputs=write_struct(written.inputs),
            )

        return self._answer("Read", request.urn, context, answer)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Update a resource, or say what its outputs would be."""

        def answer() -> Any:
            provider = self._provider(context)
            token, inputs = _type_of(request), read_struct(request.news)
            if request.preview:
                outputs = provider.preview_update(
                    token, inputs, read_struct(request.olds)
                )
            else:
                old_inputs = read_struct(request.old_inputs)
                outputs = provider.update(token, request.id, inputs, old_inputs).outputs
            return provider_pb2.UpdateResponse(properties=write_struct(outputs))

        name = "Update (preview)" if request.preview else "Update"
        return self._answer(name, request.urn, context, answer)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Delete a resource."""

        def answer() -> Any:
            self._provider(context).delete(_type_of(request), request.id)
            return empty_pb2.Empty()

        return self._answer("Delete", request.urn, context, answer)

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Call a function."""

        def answer() -> Any:
            found = self._provider(context).invoke(
                request.tok, read_struct(request.args)
            )
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(write_struct(found))
            return response

        return self._answer("Invoke", request.tok, context, answer)

    def _provider(self, context: grpc.ServicerContext) -> Provider:
        configuration = self._configurations.get(_connection(context))
        return Provider(self._store, configuration or self._only_configuration())

    def _only_configuration(self) -> Configuration:
        """What an unknown connection works with: one that was opened again, say.

        ValueError instead of one of several: it might be another subscription's.
        """
        known = set(self._configurations.values())
        if len(known) > 1:
            raise ValueError(
                "the emulated Azure serves several provider configurations and cannot "
                "tell which one this new connection belongs to: run the command again"
            )
        return next(iter(known), Configuration())

    def _answer(
        self,
        method: str,
        subject: str,
        context: grpc.ServicerContext,
        make: Callable[[], Answer],
    ) -> Answer:
        """Make the answer and log the call; a refusal becomes a gRPC error."""
        self._delays.hold_up(method, subject)
        started = time.perf_counter()
        try:
            answer = make()
        except _REFUSALS as refusal:
            self._log.warning("%s %s refused: %s", method, subject, _reason(refusal))
            context.abort(grpc.StatusCode.UNKNOWN, str(refusal))
        except Exception as failure:
            self._log.exception("%s %s failed", method, subject)
            context.abort(
                grpc.StatusCode.INTERNAL,
                f"the emulated Azure failed at {method}: {type(failure).__name__}",
            )
        milliseconds = (time.perf_counter() - started) * 1000
        self._log.info("%s %s %.1f ms", method, subject, milliseconds)
        return answer


def _reason(refusal: Exception) -> str:
    """What may be logged of a refusal: Azure's code, or the kind of the error."""
    if isinstance(refusal, AzureError):
        return f"{refusal.status} {refusal.code}"
    return type(refusal).__name__


def _connection(context: grpc.ServicerContext) -> str:
    return str(context.peer())


def _type_of(request: Any) -> str:
    """The type token of a request's resource; older engines send only the URN."""
    return request.type or request.urn.split("::")[2].rpartition("$")[2]


def _name_of(request: Any) -> str:
    return request.name or request.urn.split("::", 3)[3]


def _autonaming(request: Any) -> Autonaming | None:
    if not request.HasField("autonaming"):
        return None
    return Autonaming(
        request.autonaming.proposed_name, auto_names.Mode(request.autonaming.mode)
    )


def _diff_response(found: list[Difference], delete_first: bool) -> Any:
    changes = provider_pb2.DiffResponse
    return provider_pb2.DiffResponse(
        changes=changes.DIFF_SOME if found else changes.DIFF_NONE,
        diffs=list(dict.fromkeys(d.top_level for d in found)),
        replaces=list(dict.fromkeys(d.top_level for d in found if d.replaces)),
        deleteBeforeReplace=delete_first,
        hasDetailedDiff=True,
        detailedDiff={
            d.path: provider_pb2.PropertyDiff(
                kind=_KINDS[(d.kind, d.replaces)], inputDiff=True
            )
            for d in found
        },
    )


def start(
    store: Store, log: logging.Logger, port: int, delays: Delays
) -> tuple[grpc.Server, int]:
    """Serve on the loopback interface; returns the server and its port (0: any)."""
    server = grpc.server(
        futures.ThreadPoolExecutor(max_workers=_THREADS),
        options=[
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.max_send_message_length", _LARGEST_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),
        ],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        Servicer(store, log, delays), server
    )
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    return server, bound
