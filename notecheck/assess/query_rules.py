"""What `queries.yaml` of a pack may say: the wording of questions to the clinician. `queries.py` fills it in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from notecheck.packs import Pack, read_yaml


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wording(Item):
    """The sentences every query is put together from; `{topic}` and `{quotes}` are filled in."""

    heading: str
    missing: str
    partial: str
    context: str
    options: str


class Question(Item):
    """What is asked on one topic, and which elements' evidence is quoted as clinical indicators. Without `options` it is an open question."""

    topic: str
    indicators: tuple[str, ...]
    ask: str
    options: tuple[str, ...] = ()


class ElementQuestion(Question):
    element: str


class CodeQuestion(Question):
    """For codes that begin with one of `starts_with` and lack documentation."""

    starts_with: tuple[str, ...] = Field(min_length=1)


class QueryTexts(Item):
    """`queries.yaml`."""

    source: str
    wording: Wording
    always_offered: tuple[str, ...] = Field(min_length=1)
    elements: tuple[ElementQuestion, ...]
    codes: tuple[CodeQuestion, ...]


def load_questions(pack: Pack) -> QueryTexts | None:
    """The wording of a pack's queries; None where it has none."""
    file = pack.root / "queries.yaml"
    return read_yaml(file, QueryTexts) if file.is_file() else None
