"""A broken pattern pack is one clear sentence that names the file, the line and the rule."""

import shutil
from pathlib import Path

import pytest

from notecheck.packs import PackError, load_pack, shipped_patterns

RULE = """rules:
  - id: fine.one
    concept: fine
    find: ["wobble"]
  - id: broken.one
    {line}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_patterns() / "spine", tmp_path / "spine"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('concept: x\n    find: ["<nowhere> pain"]', "line 5: rule broken.one: the phrase “<nowhere> pain” is not well formed|no lexicon entry is called <nowhere>"),
        ("concept: x\n    find: []", "line 7: rule broken.one: find"),
        ('concept: x\n    find: ["a b"]\n    colour: red', "line 8: rule broken.one: colour"),
        ('find: ["a b"]', "line 5: rule broken.one.*names an element, a concept or attach"),
        ('element: pain.colour\n    find: ["a b"]', "rule broken.one speaks for pain.colour, which elements.yaml does not have"),
        ("concept: [x", "line 7: this is not valid YAML"),
    ],
)  # fmt: skip
def test_a_broken_rule_is_named(pack: Path, line: str, said: str) -> None:
    (pack / "mentions" / "zz.yaml").write_text(RULE.format(line=line), encoding="utf-8")
    with pytest.raises(PackError, match=rf"zz\.yaml.*({said})"):
        load_pack(pack)


def test_a_missing_file_is_named(pack: Path) -> None:
    (pack / "context.yaml").unlink()
    with pytest.raises(PackError, match=r"context\.yaml is missing from the pattern pack"):
        load_pack(pack)


def test_a_file_that_is_not_utf8_is_named(pack: Path) -> None:
    (pack / "mentions" / "zz.yaml").write_bytes("rules: [] # für".encode("latin-1"))
    with pytest.raises(PackError, match=r"zz\.yaml: byte 14 is not UTF-8"):
        load_pack(pack)


def test_a_folder_that_is_no_pack_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"is not a pattern pack: it has no pack\.yaml"):
        load_pack(tmp_path)


def test_a_rule_defined_twice_is_refused(pack: Path) -> None:
    for name in ("zy.yaml", "zz.yaml"):
        (pack / "mentions" / name).write_text('rules:\n  - id: twice.one\n    concept: x\n    find: ["wobble"]\n', encoding="utf-8")
    with pytest.raises(PackError, match=r"zz\.yaml.*rule twice\.one is defined a second time"):
        load_pack(pack)


def test_the_shipped_pack_has_the_25_elements_and_a_source_for_each() -> None:
    known = load_pack()
    assert len(known.elements) == 25
    assert all(e.source in known.info.sources for e in known.elements.values())


def test_every_rule_has_examples_on_both_sides() -> None:
    without = [c.rule.id for c in load_pack().mention_rules if not c.rule.match or not c.rule.no_match]
    assert not without
