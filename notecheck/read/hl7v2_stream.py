"""From a stream to HL7 v2 messages: MLLP frames, batch envelopes, any line end, the character set that MSH-18 names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from notecheck.failures import InputError
from notecheck.read.encoding import decode

LARGEST = 64_000_000  # bytes of one message; with a scan inside it has a few million
MOST_SEGMENTS = 100_000
_CHUNK = 1 << 20
_FRAME = b"\x0b\x1c"  # MLLP: start and end of a block
_ENDS = re.compile(rb"[\r\n]+")
_SEGMENT = re.compile(rb"[A-Z][A-Z0-9]{2}(?=[^A-Za-z0-9\s])")
_ENVELOPE = (b"FHS", b"BHS", b"BTS", b"FTS")
_CHARSETS = {
    "ASCII": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "UNICODE": "utf-8",
    "UTF-8": "utf-8",
    "UTF8": "utf-8",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
    "CNS 11643-1992": "big5",
} | {f"8859/{n}": f"iso8859_{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)}


def messages(stream: BinaryIO) -> Iterator[tuple[int, str | InputError]]:
    """The messages with their numbers, segments ended by carriage returns; an InputError in place of one that cannot be had."""
    for row, segments in enumerate(_messages(stream), start=1):
        data = b"\r".join(segments)
        if len(data) > LARGEST or len(segments) > MOST_SEGMENTS:
            yield (
                row,
                InputError(
                    f"the message is larger than the {LARGEST // 1_000_000} MB or {MOST_SEGMENTS:,} segments one may have; split it into its documents."
                ),
            )
            continue
        try:
            yield row, _decoded(data)
        except InputError as e:
            yield row, e


def _messages(stream: BinaryIO) -> Iterator[list[bytes]]:
    message: list[bytes] = []
    size = 0
    for line in _lines(stream):
        if line.startswith(b"MSH") and _SEGMENT.match(line):
            if message:
                yield message
            message, size = [line], len(line)
        elif line.startswith(_ENVELOPE) and _SEGMENT.match(line):
            if message:
                yield message
            message = []
        elif message and size <= LARGEST and len(message) <= MOST_SEGMENTS:
            size += len(line) + 1
            separator = message[0][3:4]
            if _SEGMENT.match(line) and line[3:4] == separator:
                message.append(line)
            else:  # a bare line end inside a value: some systems leave them in
                message[-1] += _escaped_break(message[0]) + line
    if message:
        yield message


def _escaped_break(header: bytes) -> bytes:
    escape = header[6:7] if len(header) > 6 and header[6:7] != header[3:4] else b"\\"
    return escape + b".br" + escape


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The non-empty lines by any line end, without framing. Of an endless line no more is kept than shows that it is one."""
    rest = b""
    while chunk := stream.read(_CHUNK):
        *lines, rest = _ENDS.split(rest + chunk.translate(None, _FRAME))
        yield from filter(None, lines)
        if len(rest) > LARGEST:
            yield rest
            rest = b""
    if rest:
        yield rest


def _decoded(data: bytes) -> str:
    header = data.split(b"\r", 1)[0]
    fields = header.split(header[3:4])
    named = fields[17].split(b"~")[0].decode("ascii", "replace").strip().upper() if len(fields) > 17 else ""
    encoding = _CHARSETS.get(named)
    if encoding:
        try:
            text = data.decode(encoding)
            if "\0" not in text:
                return text
        except UnicodeDecodeError:
            pass  # the header says one thing and the text is another: tell it from the bytes
    return decode(data, "the message")
