"""Tables and progress as every command shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

__all__ = ["open_console", "open_table", "show", "show_progress"]


@contextmanager
def show_progress() -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr; nothing where stderr is no terminal.

    Yields
    ------
    callable
        To be told how many pieces of work are done, and of how many.
    """
    console = Console(stderr=True)
    if not console.is_terminal:  # where rich before 15 prints an empty line even if it is disabled
        yield lambda _done, _total: None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def open_table(title: str, caption: str) -> Table:
    """Open an empty table in the style of all.

    Parameters
    ----------
    title : str
    caption : str

    Returns
    -------
    Table
    """
    return Table(
        title=title,
        caption=caption,
        box=SIMPLE_HEAD,
        padding=0,
        show_edge=False,
        title_justify="left",
        caption_justify="left",
    )


def open_console() -> Console:
    """Open a console that takes every text as it is: names come from files, and may hold square brackets.

    Returns
    -------
    Console
    """
    return Console(markup=False)


def show(table: Table, console: Console) -> None:
    """Print a table, its title and caption as wide as the screen however narrow the table; nothing if it is empty.

    Parameters
    ----------
    table : Table
    console : Console
    """
    if not table.row_count:
        return
    title, caption = str(table.title or ""), str(table.caption or "")
    table.title = table.caption = None
    if title:
        console.print(Text(title, "italic"))
    console.print(table)
    if caption:
        console.print(Text(caption, "dim italic"))
