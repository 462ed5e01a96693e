"""The part of a figure that axes have, and the size of letters that suits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["find_room", "find_scale"]

_USUAL = 10.0, 5.625  # inches, for which letters are sized
_LEAST = 0.6  # times that size


def find_room(axes: Axes) -> tuple[float, float, float, float]:
    """Find the part of a figure that belongs to axes, in inches: of subplots, up to half of the gap between them.

    Returns
    -------
    left, bottom, width, height : float
    """
    figure = axes.figure
    width, height = figure.bbox.width / figure.dpi, figure.bbox.height / figure.dpi
    spec = axes.get_subplotspec()
    if spec is not None:
        grid = spec.get_gridspec()
        bottoms, tops, lefts, rights = (list(map(float, each)) for each in grid.get_grid_positions(axes.get_figure()))  # type: ignore[arg-type]
        across = [0.0, *((right + left) / 2 for right, left in zip(rights, lefts[1:], strict=False)), 1.0]
        down = [1.0, *((bottom + top) / 2 for bottom, top in zip(bottoms, tops[1:], strict=False)), 0.0]
        x0, x1 = across[spec.colspan.start], across[spec.colspan.stop]
        y0, y1 = down[spec.rowspan.stop], down[spec.rowspan.start]
    elif len(figure.axes) == 1:
        x0, y0, x1, y1 = 0.0, 0.0, 1.0, 1.0
    else:
        x0, y0, x1, y1 = axes.get_position().extents
    return float(x0 * width), float(y0 * height), float((x1 - x0) * width), float((y1 - y0) * height)


def find_scale(axes: Axes) -> float:
    """Find how large letters are beside those on a figure of 10 inches: smaller where there is less room."""
    _, _, width, height = find_room(axes)
    return float(min(1.0, max(_LEAST, min(width / _USUAL[0], height / _USUAL[1]) ** 0.5)))
