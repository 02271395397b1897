"""`manifest.json`: what a run was made of and with what, so that it can be made again or stood up for. It holds no word of a note."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from notecheck.failures import InputError
from notecheck.tables import Audit
from notecheck.write.files import private_file

_LIBRARIES = ("duckdb", "medspacy", "pydantic", "spacy")
_BLOCK = 1 << 20


class InputFile(Protocol):
    """A file that was read, and its name from where the source begins."""

    @property
    def path(self) -> Path: ...
    @property
    def name(self) -> str: ...


def write(audit: Audit, inputs: Iterable[tuple[str, Iterable[InputFile]]], path: Path, **facts: Any) -> None:
    """Writes the manifest of a finished run. The files of each of the `inputs` are hashed; `facts` stand beside the rest as they are."""
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
        "inputs": [_input(source, files) for source, files in inputs],
        "counts": totals.model_dump(mode="json"),
        **facts,
    }
    with private_file(path) as f:
        f.write(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n")


def _input(source: str, files: Iterable[InputFile]) -> dict[str, Any]:
    """A file with its hash; what holds several with one hash over their names and hashes. What is gone by now has none."""
    digest, count, size = hashlib.sha256(), 0, 0
    only: str | None = None
    try:
        for file in files:
            only = _hash(file.path)
            count, size = count + 1, size + file.path.stat().st_size
            digest.update(f"{only}  {file.name}\n".encode("utf-8", "surrogateescape"))
    except (OSError, InputError):
        return {"path": source, "files": None, "bytes": None, "sha256": None}
    return {"path": source, "files": count, "bytes": size, "sha256": only if Path(source).is_file() else digest.hexdigest()}


def _hash(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as f:
        while block := f.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
