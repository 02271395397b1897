"""Pattern packs: YAML on disk to one validated Pack. A bad pack is a PackError that names file, rule and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, TypeAdapter, ValidationError

from notecheck.phrases import Entry, Lexicon, Phrase, PhraseError, parse_phrase
from notecheck.rules import Cue, Element, LexiconEntry, MentionRule, PackInfo, Profile, Scope, Section, Spelling

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PackError(ValueError):
    """A pattern pack that cannot be used. The message names the file, the rule or line, and what is wrong."""


@dataclass
class PackRule:
    """A mention rule with its phrases parsed."""

    rule: MentionRule
    file: str
    find: list[Phrase]
    with_: list[Phrase]
    after: list[Phrase]
    unless: list[Phrase]
    but_not: list[Phrase]


@dataclass
class Pack:
    """Everything one pack knows. `root` is its folder; `rules` maps a rule's id to the rule as written."""

    root: Path
    info: PackInfo
    elements: dict[str, Element]
    profiles: dict[str, Profile]
    sections: list[Section]
    cues: list[Cue]
    scope: Scope
    spelling: Spelling
    lexicon: Lexicon
    mention_rules: list[PackRule] = field(repr=False)

    @property
    def rules(self) -> dict[str, MentionRule]:
        return {c.rule.id: c.rule for c in self.mention_rules}

    def phrases(self, sources: tuple[str, ...], where: str) -> list[Phrase]:
        """These phrases, parsed. Raises PackError naming `where`."""
        try:
            return [parse_phrase(s, self.lexicon) for s in sources]
        except PhraseError as e:
            raise PackError(f"{where}: {e}.") from None


def shipped_patterns() -> Path:
    """The folder of the packs that travel with notecheck: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "patterns"
    return inside if inside.is_dir() else here.parent / "patterns"


def load_pack(path: Path | None = None) -> Pack:
    """The pack in this folder, the shipped `spine` pack by default.

    Raises PackError where a file is missing, is not YAML, or says what the schema or the pattern language does not allow.
    """
    root = Path(path) if path else shipped_patterns() / "spine"
    if not (root / "pack.yaml").is_file():
        raise PackError(f"{root} is not a pattern pack: it has no pack.yaml. Give the folder that holds pack.yaml.")
    info = read_yaml(root / "pack.yaml", PackInfo)
    elements = read_yaml(root / "elements.yaml", list[Element], "elements")
    profiles = read_yaml(root / "profiles.yaml", list[Profile], "profiles")
    mention_files = sorted((root / "mentions").glob("*.yaml"))
    entries: dict[str, Entry] = {}
    for file in [root / "lexicon.yaml", *mention_files]:
        for name, e in read_yaml(file, dict[str, LexiconEntry], "lexicon", optional=True).items():
            if name in entries:
                raise PackError(f"{file}: the lexicon entry {name} is defined a second time. Rename one of the two.")
            entries[name] = Entry(name, e.terms, e.value, e.pattern, e.triggers)
    lexicon = Lexicon(entries.values())
    pack = Pack(
        root=root,
        info=info,
        elements={e.id: e for e in elements},
        profiles={p.id: p for p in profiles},
        sections=read_yaml(root / "sections.yaml", list[Section], "sections"),
        cues=read_yaml(root / "context.yaml", list[Cue], "cues"),
        scope=read_yaml(root / "scope.yaml", Scope),
        spelling=read_yaml(root / "spelling.yaml", Spelling) if (root / "spelling.yaml").is_file() else Spelling(),
        lexicon=lexicon,
        mention_rules=[],
    )
    for file in mention_files:
        pack.mention_rules.extend(_rules(file, lexicon))
    _check(pack)
    return pack


@lru_cache(maxsize=8)
def pack_at(root: str | None) -> Pack:
    """`load_pack`, remembered: the components of one pipeline share one pack."""
    return load_pack(Path(root) if root else None)


def _rules(file: Path, lexicon: Lexicon) -> Iterator[PackRule]:
    for rule in read_yaml(file, list[MentionRule], "rules"):
        try:
            yield PackRule(
                rule,
                file.name,
                [parse_phrase(p, lexicon) for p in rule.find],
                *([parse_phrase(p, lexicon, searched_for=False) for p in ps] for ps in (rule.with_, rule.after, rule.unless, rule.but_not)),
            )
        except PhraseError as e:
            raise PackError(f"{file}{_line_of(file, rule.id)}: rule {rule.id}: {e}.") from None


def _check(pack: Pack) -> None:
    """What one file says of another must be there."""
    seen: dict[str, str] = {}
    for c in pack.mention_rules:
        file, rule = pack.root / "mentions" / c.file, c.rule
        where = f"{file}{_line_of(file, rule.id) if rule.id in seen else ''}: rule {rule.id}"
        if rule.id in seen:
            raise PackError(f"{where} is defined a second time (first in {seen[rule.id]}). Rename one of the two.")
        seen[rule.id] = c.file
        for element in {rule.element, *rule.attach.values()} - {None}:
            if element not in pack.elements:
                raise PackError(f"{where} speaks for {element}, which elements.yaml does not have.")
    for profile in pack.profiles.values():
        for r in profile.requires:
            for element in [r.element, *([r.when.element] if r.when else [])]:
                if element not in pack.elements:
                    raise PackError(
                        f"{pack.root / 'profiles.yaml'}: profile {profile.id} names {element}, which elements.yaml does not have."
                    )
    for e in pack.elements.values():
        if e.source not in pack.info.sources:
            raise PackError(f"{pack.root / 'elements.yaml'}: element {e.id} names the source {e.source}, which pack.yaml does not have.")


def _line_of(file: Path, rule_id: str) -> str:
    found = re.search(rf"^\s*-?\s*id:\s*['\"]?{re.escape(rule_id)}['\"]?\s*(?:#.*)?$", file.read_text(encoding="utf-8"), re.M)
    return f", line {file.read_text(encoding='utf-8').count(chr(10), 0, found.start()) + 1}" if found else ""


def read_yaml(file: Path, kind: Any, key: str | None = None, optional: bool = False) -> Any:
    """The validated content of a YAML file, or of its one key."""
    if not file.is_file():
        raise PackError(f"{file} is missing from the pattern pack.")
    text, data = _content(file, file.stat().st_mtime_ns)
    if key:
        if not isinstance(data, dict) or (key not in data and not optional):
            raise PackError(f"{file} has no “{key}:”.")
        data = data.get(key) or {} if optional else data[key]
    try:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind.model_validate(data)
        return TypeAdapter(kind).validate_python(data)
    except ValidationError as e:
        raise PackError(_explain(file, text, key, data, e)) from None


@lru_cache(maxsize=64)
def _content(file: Path, changed: int) -> tuple[str, Any]:
    """The text of a YAML file and what it says; a mention file is asked twice, for its lexicon and for its rules."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as e:
        raise PackError(f"{file}: byte {e.start + 1:,} is not UTF-8. Save the file as UTF-8.") from None
    try:
        return text, yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as e:
        line = f", line {e.problem_mark.line + 1}" if e.problem_mark else ""
        raise PackError(f"{file}{line}: this is not valid YAML ({e.problem}).") from None


def _explain(file: Path, text: str, key: str | None, data: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    path = [p for p in first["loc"] if not (isinstance(p, str) and p.startswith(("function", "list[", "dict[")))]
    line = _node_line(yaml.compose(text, Loader=_Loader), ([key] if key else []) + path)
    name = ""
    item = data
    for p in path:
        try:
            item = item[p]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(item, dict) and isinstance(item.get("id"), str):
            name = f": rule {item['id']}"
    return f"{file}, line {line}{name}: {'.'.join(str(p) for p in path if not isinstance(p, int))}: {first['msg']}."


def _node_line(node: Any, path: list[Any]) -> int:
    """The line of the deepest YAML node that this path still reaches."""
    line = int(node.start_mark.line) + 1
    for step in path:
        nxt = None
        if isinstance(node, yaml.MappingNode):
            for k, v in node.value:
                if k.value == str(step):
                    nxt, line = v, int(k.start_mark.line) + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            nxt = node.value[step]
            line = int(nxt.start_mark.line) + 1
        if nxt is None:
            break
        node = nxt
    return line
