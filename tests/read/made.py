"""Documents of each kind, made of the same lines."""

from __future__ import annotations

import html
import io
import zipfile
import zlib
from collections.abc import Callable

import docx
from docx.document import Document


def word(lines: list[str]) -> bytes:
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    return saved(document)


def saved(document: Document) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def rtf(lines: list[str]) -> bytes:
    body = "\\par\n".join(line.replace("\\", "\\\\").replace("{", "\\{").replace("}", "\\}") for line in lines)
    coded = "".join(c if ord(c) < 128 else f"\\u{ord(c)}?" for c in body)
    return ("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Arial;}}\\f0\\fs22 " + coded + "\\par}").encode("ascii")


def page(lines: list[str]) -> bytes:
    body = "".join(f"<p>{html.escape(line) or '&nbsp;'}</p>" for line in lines)
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Note</title></head><body>{body}</body></html>'.encode()


def page_of_paragraphs(lines: list[str]) -> bytes:
    blocks = "\n".join(lines).split("\n\n")
    return ("<html><body>" + "".join(f"<p>{html.escape(b).replace(chr(10), '<br>')}</p>" for b in blocks) + "</body></html>").encode()


def pdf(lines: list[str], lines_a_page: int = 50) -> bytes:
    """A PDF with a text layer, written by hand: one font, a text object a page."""
    pages = [lines[i : i + lines_a_page] for i in range(0, len(lines), lines_a_page)]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, shown in enumerate(pages):
        said = b"".join(b"(" + _escaped(line) + b") Tj 0 -14 Td\n" for line in shown)
        stream = zlib.compress(b"BT /F1 9 Tf 40 780 Td\n" + said + b"ET")
        resources = "/MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {5 + 2 * i} 0 R >>".encode())
        objects.append(f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode() + stream + b"\nendstream")
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode() + table + trailer.encode()


def _escaped(line: str) -> bytes:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")


def plain(lines: list[str]) -> bytes:
    return "\n".join(lines).encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, data in parts.items():
            z.writestr(name, data)
    return out.getvalue()


KINDS: dict[str, Callable[[list[str]], bytes]] = {
    "note.docx": word,
    "note.rtf": rtf,
    "note.html": page,
    "paragraphs.html": page_of_paragraphs,
    "note.pdf": pdf,
}
