"""The pattern language: a phrase and a sentence, whether the one is found in the other, and what it captures."""

import re

import pytest

from notecheck.extract.matcher import Found, PhraseMatcher
from notecheck.extract.target_rules import phrase_regex
from notecheck.phrases import Entry, Lexicon, PhraseError, fold, parse_phrase

LEXICON = Lexicon(
    [
        Entry("limb", ("leg", "legs", "lower extremity")),
        Entry("limb.foot", ("foot", "great toe"), {"extent": "below_knee"}),
        Entry("goes", ("radiat*", "travels")),
        Entry("level", (), {}, r"l[1-5](?:-[1-5s]1?)?", ("l1", "l2", "l3", "l4", "l5")),
        Entry("no", ("no", "not")),
    ]
)
MATCHES = [
    ("low back pain", "Chronic Low-Back  pain.", "low-back pain"),
    ("low back pain", "low\nback pain", "low back pain"),
    ("low-back pain", "low back pain", "low back pain"),
    ("radiat*", "It radiated.", "radiated"),
    ("<goes> ..3 <limb>", "Pain radiates sharply down the great toe", "radiates sharply down the great toe"),
    ("(down|all the way to) the? <limb>", "all the way to foot", "all the way to foot"),
    ("(down|all the way to) the? <limb>", "down the leg", "down the leg"),
    ("pain : none", "Pain:none", "pain:none"),
    (r"slr ..2 \(\+\)", "SLR left (+)", "slr left (+)"),
    (r"slr \(\+\)", "SLR(+) left", "slr(+)"),
    ("<@score> pain?", "6-7 out of 10 pain", "6-7 out of 10 pain"),
    ("pain ..3 <@score>", "pain today is 7/10", "pain today is 7/10"),
    ("<@percent> relief", "about 75% relief", "75% relief"),
    ("<level> pain", "L4-5 pain", "l4-5 pain"),
    ("don't know", "don\u2019t know", "don't know"),
    (r"/\d+ lb/ box", "a 60 lb box", "60 lb box"),
    ("pain ..5!<no> <limb>", "pain runs down the leg", "pain runs down the leg"),
    ("back pain|leg pain", "leg pain", "leg pain"),
]


def found(phrase: str, text: str) -> list[str]:
    parsed = parse_phrase(phrase, LEXICON)
    matcher = PhraseMatcher([parsed], LEXICON)
    s = matcher.read(fold(text), 0, len(text))
    return [s.text[f.start : f.end] for f in matcher.find(parsed, s)]


@pytest.mark.parametrize(("phrase", "text", "words"), MATCHES)
def test_a_phrase_matches(phrase: str, text: str, words: str) -> None:
    assert found(phrase, text) == [words]


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("leg", "the legend"),
        ("<goes> ..1 <limb>", "radiates down into the left leg"),
        ("<@score> pain", "strength 5/5 pain, 7/10/2024 pain"),
        ("low back pain", "low, back pain"),
        ("pain ..5!<no> <limb>", "pain but not in the leg"),
        ("pain ..3 <@number>", "pain 7/10"),
    ],
)
def test_a_phrase_does_not_match(phrase: str, text: str) -> None:
    assert found(phrase, text) == []


def test_every_match_is_found_and_none_twice() -> None:
    assert found("<goes> ..3 <limb>", "radiates to the leg and travels to the foot") == ["radiates to the leg", "travels to the foot"]


def test_a_captured_term_says_which_entry_it_is() -> None:
    phrase = parse_phrase("<goes> ..3 <limb>", LEXICON)
    matcher = PhraseMatcher([phrase], LEXICON)
    text = "pain travels to the great  toe"
    s = matcher.read(text, 0, len(text))
    assert matcher.find(phrase, s) == [Found(5, 29, (("goes", "travels"), ("limb", "great toe")))]
    assert (s.origin(5), s.origin(28)) == (5, 29)
    assert [e.value for e in LEXICON.resolve("limb", "great toe")] == [{"extent": "below_knee"}]


@pytest.mark.parametrize(("phrase", "text", "words"), [m for m in MATCHES if "!" not in m[0] and m[1] != "Pain:none"])
def test_as_a_medspacy_rule_a_phrase_finds_the_same(phrase: str, text: str, words: str) -> None:
    m = re.search(phrase_regex(parse_phrase(phrase, LEXICON).items, LEXICON), fold(text))
    assert m and " ".join(m.group().split()) == words


@pytest.mark.parametrize(
    ("phrase", "why"),
    [
        ("<nowhere> pain", "no lexicon entry is called <nowhere>"),
        ("pain ..3!<nowhere> leg", "no lexicon entry is called <nowhere>"),
        ("(down|into", "a bracket is not closed"),
        ("pain)", "a closing bracket too many"),
        ("<@colour>", "no measure is called <@colour>"),
        ("/(a)/ b", r"use \(\?:…\) instead"),
        ("..3", "holds no literal word"),
    ],
)
def test_a_phrase_that_is_not_well_formed_says_why(phrase: str, why: str) -> None:
    with pytest.raises(PhraseError, match=why):
        parse_phrase(phrase, LEXICON)


def test_folding_keeps_every_position() -> None:
    text = "\u201cİstanbul\u201d \u2013 don\u2019t\u00a0stop ẞ"
    assert len(fold(text)) == len(text)
    assert fold(text).endswith("- don't stop ß")
