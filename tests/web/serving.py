"""A real server on a free port of this machine, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from notecheck.web.app import create_app
from notecheck.web.server import Server, address, listen
from notecheck.web.settings import Settings


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """The address of a server that answers."""
    app, answers = create_app(settings), threading.Event()
    with listen("127.0.0.1", 0) as listening:
        server = Server(app, answers.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            while not answers.wait(0.1):
                assert thread.is_alive(), f"the server did not start: {app.state.broken}"
            yield address("127.0.0.1", listening).rstrip("/")
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()
