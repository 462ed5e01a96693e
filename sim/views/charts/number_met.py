"""How many targets are met: the distribution of their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.results.attainment import Attainment
from sim.views.charts.arrangement import arrange, finish
from sim.views.charts.layout import Around
from sim.views.charts.lettering import Lettering
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import AIM, GRID, MORE, Look, find_look, open_axes
from sim.views.palette import PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_number_met"]


@chart("number-met", take_first)
def plot_number_met(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    """Draw the distribution of the number of targets met, its mean and its middle 80 %.

    Parameters
    ----------
    attainment : Attainment
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: number of targets; vertical: probability, %.
    """
    look = find_look(lang, ax)
    shares = attainment.number_met["all"]
    numbers = np.arange(len(shares))
    mean = float(shares @ numbers)
    low, high = (int(np.searchsorted(shares.cumsum(), level)) for level in (0.1, 0.9))
    axes = open_axes() if ax is None else ax
    colours = [MORE if low <= number <= high else PALETTE["band-80"] for number in numbers]
    axes.bar(numbers, 100 * shares, 0.86, color=colours, lw=0)
    axes.axvline(mean, color=AIM, lw=1.8)
    axes.set_xlim(-0.6, len(shares) - 0.4)
    axes.set_ylim(0, 100 * shares.max())
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    around = Around(
        title=look.say("number_met.title", number=len(shares) - 1),
        notes=[look.scene(attainment.plan, attainment.scenario)],
        ylabel=look.say("number_met.share"),
        xlabel=look.say("number_met.axis", number=len(shares) - 1),
    )
    size = arrange(around, axes, look, ax is None)
    words = look.say("number_met.expected", mean=f"{mean:.1f}", low=low, high=high)
    _write_expected(axes, words, mean / len(shares), size, look)
    return finish(axes, around, ax is None, attainment, look)


def _write_expected(axes: Axes, words: str, share: float, size: tuple[float, float], look: Look) -> None:
    """Write words beside the line of the mean on its roomier side, and let the axes end above them."""
    left, points = share > 0.5, look.points(10)
    letters = Lettering(axes.figure, look.families, look.spacing)
    lines = letters.wrap(words, max(share, 1 - share) * size[0] - 0.15, points)
    high = letters.measure(lines, points)[1] + 0.14
    axes.set_ylim(0, axes.get_ylim()[1] * size[1] / max(size[1] - high, 0.4 * size[1]))  # words stand above bars
    style: dict[str, Any] = {"color": AIM, "va": "top", "ha": "right" if left else "left", "fontsize": points}
    mean = axes.lines[0].get_xdata()[0]  # type: ignore[index]
    axes.annotate(lines, (mean, 1), (-8 if left else 8, -5), ("data", "axes fraction"), "offset points", **style)
