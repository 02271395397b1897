"""What a file of `patterns/*/coverage/` may say: criteria of payers as data. `coverage.py` judges them.

A criterion's `test` is a tree: `all`, `any` and `not` over three kinds of leaf, which look at an element's finding, at mentions of a concept,
or at the codes the note supports. Each leaf answers yes, no or not_documented; `silent` says what it answers where the note has nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator

from notecheck.assess.times import Span, span
from notecheck.models import Met, Status
from notecheck.packs import Pack, PackError, read_yaml


class Item(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=True)


def _limit(x: Any) -> Any:
    return span(x) if isinstance(x, str) else float(x) if isinstance(x, int) else x


def _span(x: Any) -> Any:
    return span(x) if isinstance(x, str) else x


def _met(x: Any) -> Any:
    return {True: "yes", False: "no"}.get(x, x) if isinstance(x, bool) else x  # YAML reads a bare yes or no as a truth value


def _kind(x: Any) -> str:
    """Which test this is, by the one key that only it has."""
    keys = set(x) if isinstance(x, dict) else {"not" if name == "not_" else name for name in getattr(type(x), "model_fields", ())}
    return next((key for key in _KINDS if key in keys), "element")


_KINDS = ("all", "any", "not", "codes", "concept", "element")
Silence = Annotated[Met, BeforeValidator(_met)]
Limit = Annotated[float | Span, BeforeValidator(_limit)]
TimeSpan = Annotated[Span, BeforeValidator(_span)]


class Tally(Item):
    """Counts the named findings of a list field (say, tests) that have this result. Each name has its synonyms; `not_names` rule an item out."""

    names: tuple[tuple[str, ...], ...]
    result: str
    not_names: tuple[str, ...] = ()


class Compared(Item):
    """How the readings of a leaf are compared. At most one comparison; with none, the presence of a reading is enough.

    `at_least`, `more_than`, `at_most`: a number for a number field, a time such as "3 months" for a length of time. A `field` must name the length
    itself; without one the evidence is read, where a date ("since March 2024") counts up to the service.
    `within`, `older_than`: the time a reading dates itself to lies so far before the service date.
    """

    field: str | None = None
    at_least: Limit | None = None
    more_than: Limit | None = None
    at_most: Limit | None = None
    within: TimeSpan | None = None
    older_than: TimeSpan | None = None
    one_of: tuple[str, ...] = ()
    unclear: tuple[str, ...] = Field((), description="values of the field that decide nothing")
    includes: tuple[str, ...] = Field((), description="the field, a list, holds one of these")
    tally: Tally | None = None
    times: int = Field(1, description="so many readings must pass")
    fewer_than: int | None = Field(None, description="with `within`: fewer readings than this pass")
    silent: Silence = "not_documented"

    @model_validator(mode="after")
    def _one_comparison(self) -> Compared:
        named = [
            n
            for n in ("at_least", "more_than", "at_most", "within", "older_than", "one_of", "includes")
            if getattr(self, n) not in (None, ())
        ]
        if len(named) > 1:
            raise ValueError(f"a leaf compares once, not by {' and '.join(named)}; use all: or any:")
        if self.tally and not isinstance(self.at_least, float):
            raise ValueError("a tally needs at_least: a number")
        if (self.one_of or self.includes or self.tally) and not self.field:
            raise ValueError("one_of, includes and tally need a field")
        if self.fewer_than is not None and self.within is None:
            raise ValueError("fewer_than needs within")
        return self


class ElementTest(Compared):
    """Looks at one element's finding; `mentions: true` at all its mentions instead of the merged value."""

    element: str
    met_by: tuple[Status, ...] = ("documented",)
    failed_by: tuple[Status, ...] = ("denied",)
    mentions: bool = False


class ConceptTest(Compared):
    """Looks at the mentions of a concept: one affirmed is yes, else one denied is no."""

    concept: str


class CodeTest(Item):
    """Yes where the note supports a code that begins with one of `codes`."""

    codes: tuple[str, ...] = Field(min_length=1)
    silent: Silence = "not_documented"


class All(Item):
    all: tuple[Test, ...] = Field(min_length=1)


class AnyOf(Item):
    any: tuple[Test, ...] = Field(min_length=1)


class Not(Item):
    not_: Test = Field(alias="not")


Leaf = ElementTest | ConceptTest | CodeTest
Test = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[CodeTest, Tag("codes")]
    | Annotated[ConceptTest, Tag("concept")]
    | Annotated[ElementTest, Tag("element")],
    Discriminator(_kind),
]
All.model_rebuild()
AnyOf.model_rebuild()
Not.model_rebuild()


class InForce(Item):
    """The service dates a criterion holds for; an open end is null."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None

    def covers(self, day: date | None) -> bool:
        """Whether a service on this day falls under the rule; a note of unknown date is judged by the rules still in force."""
        if day is None:
            return self.to is None
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


class Criterion(Item):
    """One thing a payer asks for: in words, as a test, with what to say where the note leaves it open."""

    id: str
    policies: tuple[str, ...] = Field(min_length=1)
    says: str
    source: str
    in_force: InForce = Field(default_factory=lambda: InForce.model_validate({}))
    applies_when: Test | None = None
    test: Test
    lacks: str = Field(description="what the note would have to say, where it does not")


def leaves(criterion: Criterion) -> Iterator[Leaf]:
    """The leaves of a criterion's tests: what it looks at in a note."""
    open_: list[Test] = [criterion.test, *([criterion.applies_when] if criterion.applies_when else [])]
    while open_:
        match open_.pop(0):
            case All(all=parts) | AnyOf(any=parts):
                open_ += parts
            case Not(not_=part):
                open_.append(part)
            case leaf:
                yield leaf


class Policy(Item):
    """The criteria of one coverage profile, of all payers that have one, in pack order."""

    id: str
    criteria: tuple[Criterion, ...]

    def on(self, day: date | None) -> tuple[Criterion, ...]:
        """The criteria in force on this day."""
        return tuple(c for c in self.criteria if c.in_force.covers(day))


def policies(criteria: Iterable[Criterion]) -> dict[str, Policy]:
    """The criteria of all coverage files, by policy. Raises ValueError where two criteria share an id."""
    found: dict[str, list[Criterion]] = {}
    seen: set[str] = set()
    for criterion in criteria:
        if criterion.id in seen:
            raise ValueError(f"the criterion {criterion.id} is defined a second time")
        seen.add(criterion.id)
        for policy in criterion.policies:
            found.setdefault(policy, []).append(criterion)
    return {id_: Policy(id=id_, criteria=tuple(own)) for id_, own in found.items()}


def load_policies(pack: Pack) -> dict[str, Policy]:
    """The coverage policies of a pack, by profile. Raises PackError where a criterion is wrong or names what the pack does not have."""
    criteria: list[Criterion] = []
    concepts = {rule.concept for rule in pack.rules.values()}
    for file in sorted((pack.root / "coverage").glob("*.yaml")):
        sources = {*pack.info.sources, *read_yaml(file, dict[str, str], "sources", optional=True)}
        for criterion in read_yaml(file, list[Criterion], "criteria"):
            unknown = [f"the policy {p}" for p in criterion.policies if p not in pack.profiles]
            unknown += [f"the source {criterion.source}"] if criterion.source not in sources else []
            for leaf in leaves(criterion):
                unknown += [f"the element {leaf.element}"] if isinstance(leaf, ElementTest) and leaf.element not in pack.elements else []
                unknown += [f"the concept {leaf.concept}"] if isinstance(leaf, ConceptTest) and leaf.concept not in concepts else []
            if unknown:
                raise PackError(f"{file}: criterion {criterion.id} names {unknown[0]}, which the pack does not have.")
            criteria.append(criterion)
    try:
        return policies(criteria)
    except ValueError as e:
        raise PackError(f"{pack.root / 'coverage'}: {e}.") from None
