"""Requests made up from the OpenAPI document, good and bad: none ends in an error of the server's own, and each answer is as described."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

schemathesis = pytest.importorskip("schemathesis", reason="needs Schemathesis: pip install schemathesis")
_MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
_EXAMPLES = 15  # of each operation and mode


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: Any, value: Any) -> bytes:
    """What is made up for a batch: a string as it is, anything else as a line of JSON."""
    return value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode()


@pytest.mark.parametrize("mode", _MODES, ids=["good", "bad"])
def test_no_request_ends_in_an_error_of_the_server(site: str, client: httpx.Client, mode: Any) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
    schema = schemathesis.openapi.from_url(f"{site}/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert {"/api/check", "/api/check/batch", "/api/explain/{id}"} <= {o.path for o in operations}
    sent: list[str] = []
    for operation in operations:

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=_EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: Any) -> None:
            sent.append(case.path)
            case.call_and_validate(checks=checks)

        with suppress(Unsatisfiable):  # an operation that takes nothing has no bad request
            holds()
    assert {"/api/check", "/api/check/batch"} <= set(sent) and len(sent) > 4 * _EXAMPLES
    assert client.get("/healthz").status_code == 200
