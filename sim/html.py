"""Tables as HTML, for what notebooks show of plans, models, scenarios and runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["tabulate"]


def tabulate(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table of texts as HTML; every cell is escaped, as it may come from a file.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequence
        Cells of each row, as many as heads.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> "&lt;b&gt;" in tabulate(["name"], [["<b>"]])
    True
    """
    head = "".join(f'<th style="text-align:left">{escape(text)}</th>' for text in heads)
    body = "".join(
        "<tr>" + "".join(f'<td style="text-align:left">{escape(str(cell))}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
