"""The messages of CDS Hooks 2.0, as far as they are used here: a request of a hook, and the cards that answer it."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator

SUMMARY = 139  # characters of a card's summary: fewer than 140


class Message(BaseModel):
    """A client may send members of its own; they are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Request(Message):
    """What an EHR sends when something happens. Its `fhirAuthorization` is not read: nothing is ever fetched."""

    hook: str
    hookInstance: UUID
    context: dict[str, Any]
    prefetch: dict[str, Any] = Field(default_factory=dict, repr=False)

    @field_validator("prefetch", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:
        return {} if value is None else value


class OrderSign(Message):
    """The context of `order-sign`."""

    userId: str
    patientId: str
    encounterId: str | None = None
    draftOrders: dict[str, Any]


class EncounterDischarge(Message):
    """The context of `encounter-discharge`."""

    userId: str
    patientId: str
    encounterId: str


class Coding(Message):
    system: str
    code: str
    display: str | None = None


class Source(Message):
    label: str
    topic: Coding | None = None


class Card(Message):
    uuid: UUID
    summary: str = Field(max_length=SUMMARY)
    detail: str | None = None
    indicator: Literal["info", "warning", "critical"]
    source: Source


class Cards(Message):
    """The answer. No card means that there is nothing to say."""

    cards: tuple[Card, ...] = ()


class Service(Message):
    """One entry of the discovery. `prefetch` maps a key to what the client is asked to send under it."""

    hook: str
    id: str
    title: str
    description: str
    prefetch: dict[str, str]
    usageRequirements: str


class Discovery(Message):
    services: tuple[Service, ...]
