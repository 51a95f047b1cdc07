"""Tells a policy pack about the stack before its code runs.

The engine sends project, stack and configuration to a pack that already serves; the
SDK that packs use reads them from the environment when it starts. So the engine is
first given the address of a relay, which waits for `ConfigureStack`; then the pack
is started with that environment, and every further call is passed on as it is.
"""

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor

import grpc

from toolchain.language_host.protocol import analyzer

_GRACE_SECONDS = 1.0
"""For calls that wait for a pack that did not start to hear of it."""

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]


class PackRelay(grpc.GenericRpcHandler):
    """Stands before a policy pack as the `Analyzer` that the engine talks to.

    ```python
    relay = PackRelay()
    print(relay.port)  # for the engine
    environment = relay.stack_environment()  # waits for the engine
    relay.attach(port_of_the_pack)
    ```
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._configuration = b""
        self._pack: Future[grpc.Channel] = Future()
        self._server = grpc.server(
            ThreadPoolExecutor(max_workers=16), handlers=[self], options=_OPTIONS
        )
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stack_environment(self) -> dict[str, str]:
        """Wait for the engine and return what the pack's environment says of it.

        Empty where the engine asks something else first: there is no stack then.
        """
        self._asked.wait()
        if not self._configuration:
            return {}
        told = analyzer.AnalyzerStackConfigureRequest.FromString(self._configuration)
        return {
            "PULUMI_ORGANIZATION": told.organization or "organization",
            "PULUMI_PROJECT": told.project,
            "PULUMI_STACK": told.stack,
            "PULUMI_DRY_RUN": "true" if told.dry_run else "false",
            "PULUMI_CONFIG": json.dumps(dict(told.config)),
        }

    def attach(self, port: int) -> None:
        """Pass on to the pack that serves on a port of 127.0.0.1."""
        channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS)
        if self._configuration:
            configure = channel.unary_unary("/pulumirpc.Analyzer/ConfigureStack")
            try:
                configure(self._configuration, wait_for_ready=True)
            except grpc.RpcError as error:
                # An older pack has no such call, and needs none.
                if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                    self.close()
                    return
        self._pack.set_result(channel)

    def close(self) -> None:
        """Answer nothing more; calls that wait for the pack fail."""
        self._asked.set()
        if not self._pack.done():
            self._pack.set_exception(ConnectionError("the policy pack did not start"))
        self._server.stop(_GRACE_SECONDS)

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler:
        """Handle one call; every call of an Analyzer is one message each way."""
        method = handler_call_details.method
        answers = {
            "/pulumirpc.Analyzer/Handshake": self._handshake,
            "/pulumirpc.Analyzer/ConfigureStack": self._configure_stack,
        }
        return grpc.unary_unary_rpc_method_handler(
            answers.get(method)
            or (lambda request, context: self._pass_on(method, request, context))
        )

    def _handshake(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        return analyzer.AnalyzerHandshakeResponse().SerializeToString()

    def _configure_stack(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        self._configuration = request
        self._asked.set()
        return analyzer.AnalyzerStackConfigureResponse().SerializeToString()

    def _pass_on(
        self, method: str, request: bytes, context: grpc.ServicerContext
    ) -> bytes:
        self._asked.set()
        try:
            return self._pack.result().unary_unary(method)(request)
        except ConnectionError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except grpc.RpcError as error:
            context.abort(error.code(), error.details() or "")
        raise AssertionError("abort does not return")
