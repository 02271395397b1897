"""The progress bar of a long run, on standard error, with its rate and the time left; nothing where that is no terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} notes/s" if task.speed else "starting")


@contextmanager
def progress(total: Callable[[], int | None]) -> Iterator[Callable[[], None]]:
    """Gives a function to be called once a note. The total is asked for only where there is a bar to show; None is one that is not known."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda: None
        return
    columns = (BarColumn(bar_width=None), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("notes", total=total())
        yield lambda: bar.advance(task)
