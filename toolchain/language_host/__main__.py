"""Start the host: serve on a free loopback port, print it, run until told to stop.

The engine passes its address as the last argument and ends the host with SIGINT.
The host also ends when the engine is gone. It is silent on every way out.
"""

import os
import signal
import sys
import threading

PARENT_CHECK_SECONDS = 1.0


def main(arguments: list[str]) -> int:
    """Serve the engine whose address is the last argument; return the exit code."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    if not arguments:
        print("usage: pulumi-language-python ENGINE_ADDRESS", file=sys.stderr)
        return 2
    parent = os.getppid()
    # Only now, so that a signal meets the handlers and not half an import.
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    from toolchain.language_host.host import LanguageHost
    from toolchain.language_host.protocol import language_grpc

    server = grpc.server(
        ThreadPoolExecutor(max_workers=64),
        options=[
            ("grpc.max_receive_message_length", -1),
            ("grpc.max_send_message_length", -1),
        ],
    )
    host = LanguageHost(arguments[-1])
    language_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    while not stopped.wait(PARENT_CHECK_SECONDS) and os.getppid() == parent:
        pass
    host.stop()
    server.stop(None)
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    # Not sys.exit: it would wait for requests that nobody reads any more.
    os._exit(code)
