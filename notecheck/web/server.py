"""Runs the application on uvicorn, so that no client can hold a connection for long without sending a request."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from notecheck.failures import InputError

PATIENCE = 15.0  # seconds for a request's head to arrive, and between requests
CONNECTIONS = 500
GRACE = 5  # seconds that requests under way have to end when the server is stopped


class Impatient(H11Protocol):
    """uvicorn waits for ever for the rest of a request's head; this closes the connection."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._served():
            self._stop_waiting()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._served():
            self._wait()

    def _served(self) -> bool:
        """Whether a request is under way whose answer is not complete."""
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(PATIENCE, self._give_up)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self._served() and not self.transport.is_closing():
            self.transport.abort()


class Server(uvicorn.Server):
    """Tells when it answers."""

    def __init__(self, app: FastAPI, on_ready: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http=Impatient,
            ws="none",
            log_config=None,
            log_level="critical",  # no request is logged: an address or a header may hold words of a note
            access_log=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def run(app: FastAPI, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serves until it is told to stop. `on_ready` gets the address once requests are answered.

    Raises InputError where the address cannot be listened on, and the error of a checker process that could not start.
    """
    listening = listen(host, port)
    with listening:
        at = address(host, listening)
        server = Server(app, lambda: on_ready(at))
        server.run(sockets=[listening])
    if app.state.broken is not None:
        raise app.state.broken


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address. Raises InputError where there can be none."""
    try:
        family, *_, place = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, lest asyncio leave Nagle's delay on: 40 ms
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(place)
        except OSError:
            listening.close()
            raise
    except OSError as e:
        raise InputError(f"port {port} of {host} cannot be listened on ({e.strerror or 'error'}); choose another with --port.") from None
    return listening


def address(host: str, listening: socket.socket) -> str:
    """The address of the page, as a browser takes it."""
    name = host.strip("[]")
    return f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}/"
