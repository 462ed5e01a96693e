"""Tables and progress as every command shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from sim.views.terminal.breaks import break_lines
from sim.views.terminal.signs import replace_missing
from sim.views.words import say

__all__ = ["open_console", "open_table", "show", "show_progress"]

_SHORT = 12
"""Columns of the screen that a word may take before it is broken."""


@contextmanager
def show_progress(doing: str = "odds") -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar on stderr; nothing where stderr is no terminal.

    Parameters
    ----------
    doing : str
        What is being done, a key of the words on progress.

    Yields
    ------
    callable
        To be told how many pieces of work are done, and of how many.
    """
    console = Console(stderr=True)
    if not console.is_terminal:  # where rich before 15 prints an empty line even if it is disabled
        yield lambda _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(" ".join(say(f"progress.{doing}")), total=None)
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


class _Console(Console):
    """A console that lays out what its output can hold: stand-ins are put before widths are measured."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts, lines of Chinese broken where they may be."""
        if not options.get("soft_wrap"):
            objects = tuple(break_lines(each, self.width) if isinstance(each, str | Text) else each for each in objects)
        super().print(*objects, **options)

    def render_str(self, text: str, **style: Any) -> Text:
        """Render a text with stand-ins for signs that the output lacks."""
        return super().render_str(replace_missing(text, self.encoding), **style)


def open_console() -> Console:
    """Open a console that takes every text as it is: names come from files, and may hold square brackets.

    Returns
    -------
    Console
    """
    return _Console(markup=False)


def show(table: Table, console: Console) -> None:
    """Print a table, its title and caption as wide as the screen however narrow the table; nothing if it is empty.

    Names wrap, numbers never: where a table is too wide for that, its columns follow in further tables, each with the
    first column again. On a screen that is too narrow for this, each row is a list, a line a cell.

    Parameters
    ----------
    table : Table
        Numbers stand in columns that are justified to the right.
    console : Console
    """
    if not table.row_count:
        return
    title, caption = str(table.title or ""), str(table.caption or "")
    table.title = table.caption = None
    if title:
        console.print(Text(title, "italic"))
    sizes = [_measure(column, console) for column in table.columns]
    blocks = _split([least for least, _ in sizes], console.width)
    if any(sum(sizes[number][0] + 1 for number in block) - 1 > console.width for block in blocks):
        _list_cells(table, console)
        blocks = []
    for block in blocks:
        part = table if len(block) == len(sizes) else _choose(table, block)
        widths = _share([sizes[number] for number in block], console.width)
        if widths:
            for column, width in zip(part.columns, widths, strict=True):
                column.width, column.ratio, column.no_wrap, column.overflow = width, None, False, "fold"
                column._cells = [_break(each, width) for each in column.cells]
        console.print(part, width=max(console.width, sum(widths) + len(widths)), crop=False)
    if caption:
        console.print(Text(caption, "dim italic"))


def _break(cell: Any, width: int) -> Any:
    return break_lines(cell, width) if isinstance(cell, str | Text) else cell


def _list_cells(table: Table, console: Console) -> None:
    """Print each row as a list: its first cell, and under it a line for each other that is not empty."""
    first, *others = table.columns
    for number, name in enumerate(first.cells):
        console.print(Text(" ".join(_render(name, console).split()), "bold"), overflow="fold")
        for column in others:
            head, cell = (" ".join(_render(each, console).split()) for each in (column.header, [*column.cells][number]))
            if cell:
                gap = " " if cell_len(head) + cell_len(cell) + 2 <= console.width else "\n "
                console.print(Text(f" {head}{gap}{cell}" if head else f" {cell}"), overflow="fold")
    console.print()


def _measure(column: Column, console: Console) -> tuple[int, int]:
    """Measure a column: how narrow it may become and how wide it would be; only words of a header may be broken up."""
    if column.width is not None:
        return column.width, column.width
    head, *cells = [_render(cell, console) for cell in (column.header, *column.cells)]
    lines = [cell_len(line) for text in (head, *cells) for line in text.split("\n")]
    widest = min(max(lines), column.max_width or max(lines))
    if column.justify == "right":
        words = [*head.split(), *(line for text in cells for line in text.split("\n"))]
    else:
        words = [word for text in (head, *cells) for word in text.split() if _is_whole(word)]
    least = max([1, *(cell_len(word) for word in words)])
    return least, max(least, widest)


def _is_whole(word: str) -> bool:
    """Whether a word is not to be broken: it is short, or holds a number."""
    return cell_len(word) <= (2 * _SHORT if any(sign.isdigit() for sign in word) else _SHORT)


def _render(cell: object, console: Console) -> str:
    return cell.plain if isinstance(cell, Text) else console.render_str(str(cell)).plain


def _split(widths: Sequence[int], room: int) -> list[list[int]]:
    """Split columns into as few blocks as fit into a width, each with the first column.

    Examples
    --------
    >>> _split([10, 5, 5, 5], 23)
    [[0, 1, 2], [0, 3]]
    """
    blocks, taken = [[0]], widths[0]
    for number in range(1, len(widths)):
        if len(blocks[-1]) > 1 and taken + 1 + widths[number] > room:
            blocks.append([0])
            taken = widths[0]
        blocks[-1].append(number)
        taken += 1 + widths[number]
    return blocks


def _share(sizes: Sequence[tuple[int, int]], room: int) -> list[int]:
    """Narrow the widest columns until all fit; empty if they do as they are.

    Examples
    --------
    >>> _share([(4, 30), (5, 5), (6, 16)], 29)
    [11, 5, 11]
    """
    left = room - (len(sizes) - 1)
    if sum(widest for _, widest in sizes) <= left:
        return []
    for most in range(left, 0, -1):
        widths = [max(least, min(widest, most)) for least, widest in sizes]
        if sum(widths) <= left:
            return widths
    return [least for least, _ in sizes]


def _choose(table: Table, block: Sequence[int]) -> Table:
    """Make a table of some columns of another."""
    part = open_table("", "")
    for number in block:
        kept = table.columns[number]
        part.add_column(kept.header, justify=kept.justify, no_wrap=kept.no_wrap)
    cells = zip(*(table.columns[number].cells for number in block), strict=True)
    for row, texts in zip(table.rows, cells, strict=True):
        part.add_row(*texts, end_section=row.end_section)
    return part
