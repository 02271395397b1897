"""`manifest.json`: what a run was made of and with what, so that it can be made again or stood up for. It holds no word of a note."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from notecheck.tables import Audit
from notecheck.write.files import private_file

_LIBRARIES = ("duckdb", "medspacy", "pydantic", "spacy")
_BLOCK = 1 << 20


def write(audit: Audit, sources: Iterable[Path], path: Path, **facts: Any) -> None:
    """Writes the manifest of a finished run. `sources` are hashed; `facts` stand beside the rest as they are."""
    run, totals = audit.run, audit.totals()
    manifest = {
        "manifest_version": 1,
        "run": {
            "id": run.run_id,
            "started": run.started.isoformat(timespec="seconds"),
            "finished": run.finished and run.finished.isoformat(timespec="seconds"),
            "as_of": run.as_of.isoformat(),
            "source": run.source,
            "profile": run.profile,
            "keeps_text": run.with_text,
            "options": run.options,
        },
        "versions": {
            "notecheck": run.notecheck_version,
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
        "patterns": {"name": run.pack_name, "version": run.pack_version, "sha256": run.pack_hash},
        "inputs": [_input(source) for source in sources],
        "counts": totals.model_dump(mode="json"),
        **facts,
    }
    with private_file(path) as f:
        f.write(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")


def _input(source: Path) -> dict[str, Any]:
    """A file with its hash; a folder with one hash over the names and hashes of all its files."""
    if source.is_file():
        return {"path": str(source), "files": 1, "bytes": source.stat().st_size, "sha256": _hash(source)}
    digest, files, size = hashlib.sha256(), 0, 0
    for file in _files(source):
        files, size = files + 1, size + file.stat().st_size
        digest.update(f"{_hash(file)}  {file.relative_to(source).as_posix()}\n".encode("utf-8", "surrogateescape"))
    return {"path": str(source), "files": files, "bytes": size, "sha256": digest.hexdigest()}


def _files(folder: Path) -> Iterator[Path]:
    return iter(sorted(p for p in folder.rglob("*") if p.is_file()))


def _hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as f:
        while block := f.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
