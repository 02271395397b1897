"""The command that opens the pages and the HTTP interface on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from notecheck.cli_options import Profile


def serve(
    ctx: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on. Any but this machine's own needs --token.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen on; 0 takes a free one.")] = 8347,
    token: Annotated[
        str | None,
        typer.Option(
            envvar="NOTECHECK_TOKEN",
            help="What every request must show. Better given as an environment variable: other users of the machine can see a command line.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Checker processes.", show_default="the cores, at most 4")] = None,
    time_limit: Annotated[float, typer.Option(min=0.1, help="Seconds a note may take.", metavar="SECONDS")] = 20.0,
    profile: Profile = "spine-visit",
    audit: Annotated[
        Path | None, typer.Option(help="The folder of an audit to browse.", metavar="DIR", exists=True, file_okay=False, show_default=False)
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Open the page that checks one note before submission, and the HTTP interface. Nothing of a note is kept."""
    from notecheck.batch.local import cores
    from notecheck.failures import InputError

    try:
        from notecheck.web import server
        from notecheck.web.app import create_app
        from notecheck.web.settings import SHORTEST_TOKEN, Settings, is_loopback, names_of
    except ModuleNotFoundError as e:
        if (e.name or "").startswith("notecheck"):
            raise
        raise InputError("serving pages needs an extra: pip install 'notecheck[web]'.") from None
    if token is None and not is_loopback(host):
        raise InputError(f"others could reach the server at {host}: give a token (NOTECHECK_TOKEN), or listen on 127.0.0.1.")
    if token is not None and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token):
        raise InputError(
            f"the token can be guessed or cannot be sent: use at least {SHORTEST_TOKEN} letters, digits and signs without spaces."
        )
    settings = Settings(
        patterns=ctx.obj,
        profile=profile,
        workers=workers or min(4, cores()),
        time_limit=time_limit,
        token=token,
        hosts=names_of(host),
        audit=audit,
    )

    def on_ready(address: str) -> None:
        typer.echo(f"notecheck is at {address} (Ctrl-C stops it)")
        if open_page:
            typer.launch(address)

    server.run(create_app(settings), host, port, on_ready)
