"""The shipped pack's coverage, as the tests of this folder look at it."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from notecheck.assess.coverage_rules import Criterion, Policy, policies
from notecheck.packs import shipped_patterns

PACK = shipped_patterns() / "spine"


def pack_yaml(name: str) -> Any:
    return yaml.safe_load((PACK / name).read_text(encoding="utf-8"))


@cache
def shipped() -> dict[str, Policy]:
    files = sorted((PACK / "coverage").glob("*.yaml"))
    return policies(Criterion.model_validate(c) for f in files for c in yaml.safe_load(f.read_text(encoding="utf-8"))["criteria"])


@cache
def criteria() -> dict[str, Criterion]:
    return {c.id: c for p in shipped().values() for c in p.criteria}
