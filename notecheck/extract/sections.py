"""Section headings: in capitals or not, with a colon or alone on a line, glued into the middle of a line where a line break was lost."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from spacy.language import Language
from spacy.tokens import Doc

from notecheck.extract.analysis import Analysis, Heading
from notecheck.packs import pack_at
from notecheck.phrases import fold, normal
from notecheck.rules import Section

DEFAULT_SECTION = "hpi"  # what stands before the first heading is the story
MOST_WORDS = 8  # in a heading

_PLANNED = {
    "imaging",
    "labs",
    "medications",
    "procedure",
    "function",
    "allergies",
}  # one-word headings of these inside a plan say what is planned
_CLAUSE = re.compile(r"(?P<words>[^\n\r:.;!?]+)(?P<end>[:.;!?]?)")
_BRACKET = re.compile(r"\s*\([^)]{0,60}\)\s*$")
_DASH = re.compile(r"\s-\s")
_WORD = re.compile(r"(?<![\w'/&-])[a-z0-9][\w'/&-]*")
_NEXT_LINE = re.compile(r"[\n\r]\W*(?P<text>\w)")
_LABEL = re.compile(r"^[ \t]*[A-Za-z][^:\n]{2,48}:", re.M)


class SectionFinder:
    """Finds headings in folded text: the words before a colon, or a line of their own, that a section lists."""

    def __init__(self, sections: Sequence[Section]):
        self.names: dict[str, tuple[str, str]] = {}
        for section in sections:
            for kind in ("headings", "only_with_colon", "one_line"):
                for heading in getattr(section, kind):
                    self.names[normal(heading)] = (section.name, kind)

    def find(self, folded: str) -> list[Heading]:
        """The headings, in order. After a one-line heading's line the section around it goes on, as a heading without words."""
        found: list[Heading] = []
        around = DEFAULT_SECTION
        for m in _CLAUSE.finditer(folded):
            words, colon, end = m["words"], m["end"] == ":", m.end()
            line_start = max(folded.rfind("\n", 0, m.start()), folded.rfind("\r", 0, m.start())) + 1
            if not colon:
                if any(c.isalnum() for c in folded[line_start : m.start()]):
                    continue
                if dash := _DASH.search(words):
                    words, end = words[: dash.start()], m.start() + dash.end()
                elif m["end"]:
                    continue
            hit = self._known(_BRACKET.sub("", words), alone=not colon)
            if hit is None:
                continue
            section, kind = self.names[hit[0]]
            if around == "plan" and section in _PLANNED and " " not in hit[0]:
                continue
            start = m.start() + hit[1]
            before = folded[line_start:start]
            if any(c.isalpha() for c in before) and not _may_stand_in_mid_line(before, hit[0], kind):
                continue
            found.append(Heading(start, end, section))
            if kind != "one_line":
                around = section
            elif line := _NEXT_LINE.search(folded, end):
                found.append(Heading(line.start("text"), line.start("text"), around))
        found.sort(key=lambda h: (h.start, h.end))
        return [h for i, h in enumerate(found) if i + 1 == len(found) or found[i + 1].start > h.start]

    def _known(self, words: str, alone: bool) -> tuple[str, int] | None:
        """The longest heading that these words end in (or, standing alone, are), and where it begins in them."""
        starts = [m.start() for m in _WORD.finditer(words) if not m.group().isdigit()]
        for start in starts[:1] if alone else starts[-MOST_WORDS:]:
            key = normal(words[start:])
            if key in self.names and not (alone and self.names[key][1] != "headings"):
                return key, start
        return None


def _may_stand_in_mid_line(before: str, heading: str, kind: str) -> bool:
    """After a stop any heading may; where a line break was lost without trace, only one too long to be an everyday word."""
    return before.rstrip(" *-\u2022#")[-1:] in ".,;!?)" or (kind == "headings" and len(heading) >= 8)


def section_at(headings: Sequence[Heading], position: int, starts: Sequence[int]) -> str:
    """The section a position stands in; `starts` are the headings' starts."""
    i = bisect_right(starts, position) - 1
    return headings[i].section if i >= 0 else DEFAULT_SECTION


def close_family(headings: list[Heading], folded: str) -> list[Heading]:
    """An unknown label at the start of a line ends a family history: its blame must not spill over the rest of the note."""
    if not any(h.section == "family" for h in headings):
        return headings
    known = {h.start for h in headings}
    out = list(headings)
    for i, h in enumerate(headings):
        if h.section != "family":
            continue
        stop = headings[i + 1].start if i + 1 < len(headings) else len(folded)
        for m in _LABEL.finditer(folded, h.end, stop):
            start = m.start() + len(m.group()) - len(m.group().lstrip())
            if start not in known and folded.rfind("\n", h.end, start) >= 0:
                out.append(Heading(start, m.end(), "other"))
                break
    return sorted(out, key=lambda x: x.start)


@Language.factory("notecheck_sections", default_config={"pack": None})
class Sections:
    """Pipeline component: starts `doc._.notecheck` and fills its `headings`."""

    def __init__(self, nlp: Language, name: str, pack: str | None):
        self.finder = SectionFinder(pack_at(pack).sections)

    def __call__(self, doc: Doc) -> Doc:
        analysis = doc._.notecheck = Analysis(fold(doc.text))
        analysis.headings = close_family(self.finder.find(analysis.folded), analysis.folded)
        return doc
