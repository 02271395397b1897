"""What a run is about to do, and by which patterns: what decides whether an earlier result still holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notecheck import __version__, codesets
from notecheck.packs import Pack, shipped_patterns


@dataclass(frozen=True)
class Plan:
    """A run of the same source and profile goes on where the last one was cut short; equal hashes make equal reports."""

    source: str
    profile: str
    notecheck_version: str
    pack_name: str
    pack_version: str
    pack_hash: str
    options: dict[str, Any] = field(default_factory=dict)


def plan(pack: Pack, source: str, profile: str, **options: Any) -> Plan:
    """The plan to hold this source against a profile of the pack. `options` are told, and decide nothing."""
    return Plan(source, profile, __version__, pack.info.name, pack.info.version, patterns_hash(pack.root), options)


def patterns_hash(root: Path) -> str:
    """SHA-256 over all that a report may rest on: the files of the pack, the code set beside it, and the code sets that are installed."""
    beside = root.parent / "icd10cm"
    code_set = beside if beside.is_dir() else shipped_patterns() / "icd10cm"
    digest = hashlib.sha256()
    for folder in (root, code_set):
        for file in sorted(p for p in folder.rglob("*") if p.suffix in (".yaml", ".csv")):
            _add(digest, file.relative_to(folder).as_posix(), file)
    for installed in codesets.installed():
        _add(digest, installed.file.name, installed.file)
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, file: Path) -> None:
    digest.update(f"{name}\0{file.stat().st_size}\0".encode())
    digest.update(file.read_bytes())
