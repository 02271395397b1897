"""Attachment: whose pain, score or relief a mention speaks of, by the nearest body part and the nearest treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from notecheck.extract.analysis import Match, Sentence

LOOK_BACK = 6  # sentences without a body part of their own take that of the sentence before, so far back
ANCHOR_BACK = 2
_LINE_BREAKS = frozenset("\n\r")


def is_about_spine(match: Match, topics: Mapping[int, Sequence[Match]], sentences: Sequence[Sentence], folded: str, default: bool) -> bool:
    """Whether the words around a match speak of the spine rather than of another body part.

    `topics` are the topic matches by sentence; `default` holds where no sentence before it in the same paragraph names any body part.
    """
    here = topics.get(match.sentence, ())
    inside = [t for t in here if t.start < match.end and match.start < t.end]
    for near in (inside, here):
        if near:
            return _kind(min(near, key=lambda t: (_distance(t, match), _kind(t) != "spine"))) != "other"
    section = sentences[match.sentence].section
    for i in range(match.sentence - 1, max(-1, match.sentence - 1 - LOOK_BACK), -1):
        if sentences[i].section != section or _LINE_BREAKS.intersection(folded[sentences[i].end : sentences[i + 1].start]):
            break
        kinds = {_kind(t) for t in topics.get(i, ())} - {"neutral"}
        if kinds:
            return "spine" in kinds
    return default


def _kind(topic: Match) -> str:
    return (topic.rule.rule.concept or "").removeprefix("topic.")


def _distance(a: Match, b: Match) -> int:
    return max(0, a.start - b.end, b.start - a.end)


def anchor_of(match: Match, anchors: Sequence[Match], sentences: Sequence[Sentence]) -> Match | None:
    """The treatment a response speaks of: in its sentence the nearest one before it, else after it, else the last one shortly before."""
    same = [a for a in anchors if a.sentence == match.sentence]
    before = [a for a in same if a.start < match.start]
    if before:
        return max(before, key=lambda a: (a.end, a.start))
    inside_or_after = [a for a in same if a.start >= match.start]
    if inside_or_after:
        return min(inside_or_after, key=lambda a: a.start)
    section = sentences[match.sentence].section
    earlier = [a for a in anchors if 0 < match.sentence - a.sentence <= ANCHOR_BACK and sentences[a.sentence].section == section]
    return max(earlier, key=lambda a: (a.sentence, a.end), default=None)
