"""`services.yaml` of a pack: the services that are ordered, how an order for one is known, and which profile its note must satisfy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from notecheck.models import NoteReport
from notecheck.packs import Pack, PackError, read_yaml

_CONCEPTS = ("code", "codeCodeableConcept", "medicationCodeableConcept")
_WORD = re.compile(r"[a-z0-9]+")


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Repeat(Item):
    """The profile of a service that was done before: taken where this field of the element's value holds `includes`."""

    profile: str
    element: str
    field: str
    includes: str


class Service(Item):
    """One kind of service. `codes` are CPT or HCPCS, `texts` words by which an order without a code is known."""

    id: str
    name: str
    profile: str
    repeat: Repeat | None = None
    source: str
    codes: tuple[str, ...] = Field(min_length=1)
    texts: tuple[str, ...] = ()

    def profile_for(self, report: NoteReport) -> str:
        """The profile that holds for the patient of this note, read under any profile."""
        found = report.elements.get(self.repeat.element) if self.repeat else None
        if self.repeat and found and found.status == "documented":
            value = (found.value or {}).get(self.repeat.field)
            if self.repeat.includes in (value if isinstance(value, list | tuple) else [value]):
                return self.repeat.profile
        return self.profile


class Services(Item):
    """`services.yaml`. `systems` are the code systems whose codes count; a code that names no system counts too."""

    systems: tuple[str, ...]
    services: tuple[Service, ...]

    def ordered(self, order: dict[str, Any]) -> Service | None:
        """The service that this order, a FHIR resource, asks for: by its code first, then by the words of its name."""
        codings = list(_codings(order))
        codes = {c.get("code") for c in codings if c.get("system") in (None, *self.systems)}
        by_code = next((s for s in self.services if codes & set(s.codes)), None)
        if by_code is not None:
            return by_code
        named = [" ".join(["", *_WORD.findall(text.lower()), ""]) for text in _texts(order, codings)]
        hits = [(len(text), s) for s in self.services for text in s.texts if any(f" {text} " in name for name in named)]
        return max(hits, key=lambda hit: hit[0])[1] if hits else None


def load_services(pack: Pack) -> Services | None:
    """The services of a pack; None where it has none. Raises PackError for a file that cannot be used."""
    file = pack.root / "services.yaml"
    if not file.is_file():
        return None
    services: Services = read_yaml(file, Services)
    seen: dict[str, str] = {}
    for s in services.services:
        for profile in {s.profile, *([s.repeat.profile] if s.repeat else [])} - set(pack.profiles):
            raise PackError(f"{file}: service {s.id} names the profile {profile}, which profiles.yaml does not have.")
        if s.repeat and s.repeat.element not in pack.elements:
            raise PackError(f"{file}: service {s.id} names {s.repeat.element}, which elements.yaml does not have.")
        if s.source not in pack.info.sources:
            raise PackError(f"{file}: service {s.id} names the source {s.source}, which pack.yaml does not have.")
        for name in (s.id, *s.codes):
            if name in seen:
                raise PackError(f"{file}: service {s.id} has {name}, which {seen[name]} has already.")
            seen[name] = s.id
    return services


def _codings(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for concept in _concepts(order):
        codings = concept.get("coding")
        yield from (c for c in codings if isinstance(c, dict)) if isinstance(codings, list) else ()


def _texts(order: dict[str, Any], codings: list[dict[str, Any]]) -> Iterator[str]:
    said = [*(concept.get("text") for concept in _concepts(order)), *(c.get("display") for c in codings)]
    return (s for s in said if isinstance(s, str))


def _concepts(order: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (concept for name in _CONCEPTS if isinstance(concept := order.get(name), dict))
