"""How many targets are met: the distribution of their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.results.attainment import Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import AIM, GRID, MORE, entitle, find_look, finish, open_axes, set_margins
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
    look = find_look(lang)
    shares = attainment.number_met["all"]
    numbers = np.arange(len(shares))
    mean = float(shares @ numbers)
    low, high = (int(np.searchsorted(shares.cumsum(), level)) for level in (0.1, 0.9))
    axes = open_axes() if ax is None else ax
    if ax is None:
        set_margins(axes, 0.85, 0.35, 0.95, 0.85)
    colours = [MORE if low <= number <= high else PALETTE["band-80"] for number in numbers]
    axes.bar(numbers, 100 * shares, 0.86, color=colours, lw=0)
    axes.axvline(mean, color=AIM, lw=1.8)
    side = -8 if mean > len(shares) / 2 else 8
    words = look.say("number_met.expected", mean=f"{mean:.1f}", low=low, high=high)
    axes.annotate(
        words,
        (mean, 1),
        (side, -6),
        ("data", "axes fraction"),
        "offset points",
        color=AIM,
        va="top",
        ha="right" if side < 0 else "left",
    )
    axes.set_xlim(-0.6, len(shares) - 0.4)
    axes.set_ylim(0, 112 * shares.max())  # the words stand above the bars
    axes.set_xlabel(look.say("number_met.axis", number=len(shares) - 1))
    axes.set_ylabel(look.say("number_met.share"))
    axes.grid(axis="y", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    entitle(axes, look.say("number_met.title", number=len(shares) - 1), attainment, look)
    return finish(axes, ax is None, attainment, look)
