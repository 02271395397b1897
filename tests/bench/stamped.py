"""The notecheck command, which also writes down when notes are stored: python stamped.py FILE COMMAND… (lines of: notes so far, seconds)."""

import sys
import time
from pathlib import Path


def main(stamps: str, command: list[str]) -> None:
    from notecheck.batch.store import Store
    from notecheck.cli import app

    add = Store.add
    with Path(stamps).open("w", encoding="utf-8", buffering=1) as written:

        def stamped(store: Store, outcome: object) -> None:
            add(store, outcome)  # type: ignore[arg-type]
            if store.seq % 100 == 0:
                print(store.seq, time.time(), file=written)

        Store.add = stamped  # type: ignore[method-assign, assignment]
        sys.argv = ["notecheck", *command]
        app()


if __name__ == "__main__":  # the workers import this file too
    main(sys.argv[1], sys.argv[2:])
