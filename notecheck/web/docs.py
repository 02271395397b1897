"""The page that describes the HTTP interface, made from its OpenAPI document: no script, and nothing from elsewhere."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from notecheck.web.pages import page

router = APIRouter(include_in_schema=False)

Item = dict[str, Any]


@router.get("/docs")
def docs(request: Request) -> Response:
    """The page of the interface."""
    document = request.app.openapi()
    return page(
        request,
        "docs.html",
        about=document["info"]["description"],
        operations=[operation(path, method, o) for path, methods in document["paths"].items() for method, o in methods.items()],
        schemas=[schema(name, s) for name, s in document.get("components", {}).get("schemas", {}).items()],
    )


def operation(path: str, method: str, o: Item) -> Item:
    """One operation as the template shows it."""
    responses = [
        {"status": status, "words": r["description"], "content": [_content(media, c) for media, c in r.get("content", {}).items()]}
        for status, r in sorted(o["responses"].items())
    ]
    words = (o.get("description") or "").strip().split("\n\n")
    return {
        "id": f"{method}-{path}",
        "method": method.upper(),
        "path": path,
        "paragraphs": [" ".join(w.split()) for w in words if w],
        "parameters": [
            {
                "name": p["name"],
                "where": p["in"],
                "required": p.get("required", False),
                "kind": kind(p["schema"]),
                "words": p.get("description", ""),
            }
            for p in o.get("parameters", [])
        ],
        "body": [_content(media, c) for media, c in o.get("requestBody", {}).get("content", {}).items()],
        "responses": [r for r in responses if r["status"] < "400"],
        "errors": [r for r in responses if r["status"] >= "400"],  # of one kind within an operation
    }


def schema(name: str, s: Item) -> Item:
    """One named schema: its members, or what stands in the place of members."""
    required = s.get("required", [])
    members = [
        {"name": n, "kind": kind(m), "required": n in required, "words": m.get("description", "")}
        for n, m in s.get("properties", {}).items()
    ]
    return {"name": name, "words": " ".join((s.get("description") or "").split()), "members": members, "kind": "" if members else kind(s)}


def kind(s: Item) -> list[Item]:
    """The type in words, as pieces: `{"words": "list of "}, {"words": "Evidence", "to": "Evidence"}`."""
    if "$ref" in s:
        name = s["$ref"].rsplit("/", 1)[-1]
        return [{"words": name, "to": name}]
    if "enum" in s or "const" in s:
        return [{"words": " | ".join(json.dumps(v) for v in s.get("enum", [s.get("const")]))}]
    if "anyOf" in s or "oneOf" in s:
        pieces: list[Item] = []
        for option in s.get("anyOf") or s["oneOf"]:
            pieces += ([{"words": " or "}] if pieces else []) + kind(option)
        return pieces
    if s.get("type") == "array":
        return [{"words": "list of "}, *kind(s.get("items", {}))]
    if s.get("type") == "object" and isinstance(s.get("additionalProperties"), dict):
        return [{"words": "object of "}, *kind(s["additionalProperties"])]
    return [{"words": s.get("format") or s.get("type") or "any"}]


def _content(media: str, c: Item) -> Item:
    return {"media": media, "kind": kind(c.get("schema", {}))}
