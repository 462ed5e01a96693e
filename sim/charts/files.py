"""Charts as files: the same result writes the same bytes, without date and version, which would change them."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["FORMATS", "draw_file", "save_chart"]

FORMATS: Mapping[str, Mapping[str, Any]] = {
    "png": {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 3}},
    "svg": {"metadata": {"Date": None, "Creator": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
}
"""File formats, and what keeps dates and versions out of them."""


def draw_file(axes: Axes, file_format: str) -> bytes:
    """The figure of the axes as the content of a file.

    Parameters
    ----------
    axes : Axes
    file_format : str
        `png`, `svg` or `pdf`; in the latter two, text stays text, with its letters embedded in the PDF.

    Examples
    --------
    >>> from sim.trust import read_panel_reliability
    >>> from sim.charts import plot_reliability
    >>> draw_file(plot_reliability(read_panel_reliability()), "pdf")[:5]
    b'%PDF-'
    """
    import matplotlib

    from sim.charts.look import STYLE

    kept = ("svg.", "pdf.", "savefig.")
    style: dict[Any, Any] = {key: value for key, value in STYLE.items() if key.startswith(kept)}
    plain = {key: value for key, value in matplotlib.rcParamsDefault.items() if key.startswith(kept)}
    content = BytesIO()
    with matplotlib.rc_context({**plain, **style}):
        cast("Figure", axes.figure).savefig(content, format=file_format, **FORMATS[file_format])
    return content.getvalue()


def save_chart(axes: Axes, path: Path) -> Path:
    """Write the figure of the axes in the format that the path's ending names; returns the path."""
    content = draw_file(axes, path.suffix.removeprefix("."))
    path.write_bytes(content)
    return path
