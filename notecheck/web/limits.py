"""Bounds what one client can cost: the size of a body, the time it may take to come and to be taken, and what all bodies together hold."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notecheck.web.problems import Problem

DOCUMENT = 10_000_000  # bytes of one document
BODY = DOCUMENT + 100_000  # with what a form puts around it
ALL_BODIES = 256_000_000
IDLE = 15.0  # seconds until the next part of a body, or until a client takes the next part of an answer
WHOLE = 60.0  # seconds for a body that is read as a whole
STREAMS = ("/api/check/batch",)  # read line by line, and bounded line by line

TOO_LARGE = f"The request is larger than the {DOCUMENT // 1_000_000} MB that are taken; send one note at a time."


class Limits:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        streamed = scope["path"] in STREAMS
        if not streamed and _announced(scope) > BODY:
            raise Problem(413, TOO_LARGE)
        loop = asyncio.get_running_loop()
        until = loop.time() + WHOLE
        got, more = 0, True

        async def bounded() -> Message:
            nonlocal got, more
            if not more:  # the body is there: what comes next is the end of the connection, however long that takes
                return await receive()
            patience = IDLE if streamed else min(IDLE, until - loop.time())
            try:
                async with asyncio.timeout(patience):
                    message = await receive()
            except TimeoutError:
                raise Problem(408, "The request did not come in time; send it again.", headers={"Connection": "close"}) from None
            more = message.get("more_body", False)
            if not streamed:
                size = len(message.get("body", b""))
                got, self._held = got + size, self._held + size
                if got > BODY:
                    raise Problem(413, TOO_LARGE)
                if self._held > ALL_BODIES:
                    raise Problem(503, "The server holds as much as it can; try again shortly.", headers={"Retry-After": "5"})
            return message

        async def taken(message: Message) -> None:
            try:
                async with asyncio.timeout(IDLE * 2):
                    await send(message)
            except TimeoutError:
                raise ClientDisconnect from None  # as good as gone

        try:
            await self.app(scope, bounded, taken)
        finally:
            self._held -= got


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "0")
    return int(length) if length.isdecimal() else 0
