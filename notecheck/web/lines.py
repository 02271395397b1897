"""Newline-delimited JSON in and out, at the same time and in bounded memory."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from notecheck.failures import spoken
from notecheck.web.limits import BODY
from notecheck.web.problems import Problem, invalid

MEDIA_TYPE = "application/x-ndjson"
TAKEN = {MEDIA_TYPE, "application/ndjson", "application/jsonl", "application/json-lines"}
_UNREAD = 32_000_000  # characters of answers that wait for a client that reads only when it has sent everything

Model = TypeVar("Model", bound=BaseModel)
Answer = Callable[[int, bytes], Awaitable[str]]


def parse(line: bytes, model: type[Model]) -> Model:
    """The object of one line. Raises Problem, without a word of the line."""
    if len(line) > BODY:
        raise Problem(413, "The line is longer than the 10 MB a note may take.")
    try:
        values = json.loads(line)
    except (ValueError, RecursionError):
        raise Problem(400, "The line is not valid JSON; send one JSON object a line.") from None
    try:
        return model.model_validate(values)
    except ValidationError as e:
        raise invalid(RequestValidationError(e.errors(include_input=False, include_url=False))) from None


def problem(e: Problem, number: int, note_id: str | None) -> str:
    """The line for a note that got no report: a problem object that says which line it is about."""
    return json.dumps({**e.details(), "line": number, "note_id": note_id}, ensure_ascii=False)


async def respond(request: Request, answer: Answer, ahead: int) -> Response:
    """One answer a line, in order, up to `ahead` of them under way at a time. Blank lines are passed over."""
    came = split(request.stream())
    # The first line is awaited here, so that a client that asks before it sends is told to go on.
    first = await anext(came, None)
    return _Live(_outbox(_answers(first, came, answer, ahead)), media_type=MEDIA_TYPE)


class _Live(StreamingResponse):
    """The stock one would read the rest of the request, to learn whether the client is gone, and so throw it away."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


async def split(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """The lines with their numbers. Of a line that is too long only so much is kept that it can be told."""
    rest, number = bytearray(), 0
    async for chunk in chunks:
        *whole, tail = chunk.split(b"\n")
        for piece in whole:
            number += 1
            line = bytes(rest + piece) if len(rest) <= BODY else bytes(rest)
            rest.clear()
            if line.strip():
                yield number, line
        if len(rest) <= BODY:
            rest += tail
    if rest.strip():
        yield number + 1, bytes(rest)


async def _answers(
    first: tuple[int, bytes] | None, rest: AsyncIterator[tuple[int, bytes]], answer: Answer, ahead: int
) -> AsyncIterator[str]:
    under_way: deque[asyncio.Task[str]] = deque()

    def begin(item: tuple[int, bytes]) -> None:
        under_way.append(asyncio.create_task(_safely(answer, *item)))

    try:
        if first is not None:
            begin(first)
        try:
            async for item in rest:
                begin(item)
                if len(under_way) >= ahead:
                    yield await under_way.popleft()
        except Problem as e:  # the body stopped coming
            under_way.append(asyncio.create_task(_said(problem(e, 0, None))))
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()


async def _safely(answer: Answer, number: int, line: bytes) -> str:
    try:
        return await answer(number, line)
    except Exception as e:  # the other lines are still to be answered
        return problem(Problem(500, spoken(e)), number, None)


async def _said(line: str) -> str:
    return line


async def _outbox(answers: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """The answers, made while earlier ones wait to be read, up to a bound: most clients send everything before they read anything."""
    waiting: deque[str] = deque()
    held, done = 0, False
    changed = asyncio.Condition()

    async def fill() -> None:
        nonlocal held, done
        try:
            async for line in answers:
                async with changed:
                    waiting.append(line)
                    held += len(line)
                    changed.notify_all()
                    while held > _UNREAD:
                        await changed.wait()
        except ClientDisconnect:
            pass
        finally:
            async with changed:
                done = True
                changed.notify_all()

    filling = asyncio.create_task(fill())
    try:
        while True:
            async with changed:
                while not (waiting or done):
                    await changed.wait()
                if not waiting:
                    break
                line = waiting.popleft()
                held -= len(line)
                changed.notify_all()
            yield (line + "\n").encode()
    finally:
        filling.cancel()
