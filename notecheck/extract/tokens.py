"""The tokenizer: one regular expression, because clinical tokens (w/o, [x], (+), L4-5) need few rules and much speed."""

from __future__ import annotations

import re

from spacy.tokens import Doc
from spacy.vocab import Vocab

_TOKEN = re.compile(
    r"(\[\s?[xX\u2713\u2714*]?\s?\]"  # a tick box
    r"|\([+\-\u2013\u2212]\)"  # (+) and (-)
    r"|\b[A-Za-z]{1,2}/[A-Za-z]{1,2}\b"  # w/o, s/p, n/t
    r"|\w+(?:['\u2019]\w+)?"
    r"|[^\w\s]"
    r"|\s+)( ?)"
)


class ClinicalTokenizer:
    """Text to a Doc whose text is the note, character for character."""

    def __init__(self, vocab: Vocab):
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        pairs = _TOKEN.findall(text)
        return Doc(self.vocab, words=[w for w, _ in pairs], spaces=[s == " " for _, s in pairs])
