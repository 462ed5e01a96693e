"""The joint map: what is left of the odds when one target is missed, and how many are met together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.inputs.plan.targets import Judged
from sim.results.attainment import Attainment
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import (
    GREY,
    INK,
    SHADE,
    Look,
    find_look,
    find_width,
    finish,
    measure,
    open_axes,
    set_margins,
    wrap,
)
from sim.views.numbers import print_odds
from sim.views.palette import DARK, HEAT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["plot_joint"]

_GAP = 0.55  # between the map and the column of targets met together, where a cell is 1 wide


_BESIDE = 2.0  # room for the words of that column, in cells


@chart("joint", take_first)
def plot_joint(attainment: Attainment, ax: Axes | None = None, lang: str = "en") -> Axes:
    r"""Draw the odds of each headline target if another is missed, and of several together.

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
        `ax`, or new ones; the number in each cell is in per cent. Framed, on the diagonal: the target's own
        probability. `–` where no path misses the column's target. At the right: at least k of them met together.

    Raises
    ------
    ValueError
        If the plan has fewer than two headline targets.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_joint(result.attainments[0])
    >>> [label.get_text() for label in axes.get_yticklabels()][0]
    'GDP\nabout 5.5 %'
    """
    look = find_look(lang)
    from matplotlib.colors import LinearSegmentedColormap

    plan, targets = attainment.plan, list(attainment.plan.headline)
    if len(targets) < 2:
        raise ValueError(f"plan {plan.name!r} has fewer than two headline targets; nothing is joint")
    axes = open_axes(max(10.0, 4.6 + 0.85 * len(targets)), 2.5 + 0.55 * len(targets)) if ax is None else ax
    if ax is None:
        set_margins(axes, 2.4, 0.15, 1.75, 0.75)
    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    printed = attainment.odds[attainment.odds["reading"] == "printed"].set_index("target")["probability"]
    spared = attainment.conditional.set_index(["missed", "met"])["probability"]
    for column, missed in enumerate(targets):
        for row, met in enumerate(targets):
            own = missed.id == met.id
            found = float(printed[met.id]) if own else float(spared[missed.id, met.id])
            _fill_cell(axes, column, row, found, colours, own)
    _list_together(axes, attainment, len(targets), colours, look)
    rise = _name_sides(axes, targets, look)
    axes.set_title(wrap(look.say("joint.title"), int(10 * find_width(axes))), loc="left", pad=rise + 20, y=1.0)
    above: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "color": GREY}
    axes.annotate(look.scene(plan, attainment.scenario), (0, 1), (0, rise + 4), **above)
    note = wrap(look.say("joint.key"), int(12 * find_width(axes)))
    axes.annotate(note, (0, 0), (0, -8), va="top", fontsize=9.5, **above)
    if ax is None:
        title = 0.24 * (1 + axes.get_title("left").count("\n"))
        set_margins(axes, _find_names(targets, look), 0.15, 0.35 + rise / 72 + title, 0.75)
    return finish(axes, ax is None, attainment, look)


def _fill_cell(axes: Axes, column: float, row: int, found: float, colours: Colormap, framed: bool = False) -> None:
    """Draw a cell with its number; a frame lies inside, in the colour of the number."""
    from matplotlib.patches import Rectangle

    known = found == found
    fill = colours(found) if known else SHADE
    axes.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fc=fill, lw=0, zorder=2))
    ink = "white" if known and found > DARK else INK
    if framed:
        axes.add_patch(Rectangle((column - 0.44, row - 0.41), 0.88, 0.82, fill=False, ec=ink, lw=2, zorder=3))
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": 13, "zorder": 4}
    axes.text(column, row, print_odds(found) if known else "–", color=ink, weight="bold" if framed else None, **style)


def _list_together(axes: Axes, attainment: Attainment, count: int, colours: Colormap, look: Look) -> None:
    """Draw a column at the right: at least one, two, ... of the targets met together."""
    frame = attainment.joint[attainment.joint["group"] == "headline"].set_index("at_least")["probability"]
    at = count + _GAP
    for row, number in enumerate(frame.index):
        _fill_cell(axes, at, row, float(frame[number]), colours)
        words = look.say("odds.at_least" if number < count else "odds.all", number=number)
        axes.annotate(words, (at + 0.5, row), (5, 0), textcoords="offset points", va="center_baseline")
    axes.set_xlim(-0.5, at + 0.5 + _BESIDE)
    axes.set_ylim(max(count, len(frame)) - 0.5, -0.5)


def _name_sides(axes: Axes, targets: list[Judged], look: Look) -> float:
    """Targets down the left and along the top; returns the points that those along the top take."""
    count = len(targets)
    cell = find_width(axes) / (count + _GAP + 0.5 + _BESIDE)
    room = max(8, int((13 if look.lang == "zh" else 12.5) * cell))
    names = [wrap(look.name(each), 30, 2) for each in targets]
    axes.set_yticks(range(count), [f"{name}\n{look.aim(each)}" for name, each in zip(names, targets, strict=True)])
    tops = [wrap(look.name(each), room, 3) for each in targets]
    axes.set_xticks(range(count), tops, fontsize=9.5, va="baseline")
    axes.tick_params(length=0, top=False, labeltop=True, bottom=False, labelbottom=False)
    axes.tick_params(axis="x", pad=6)
    axes.spines[:].set_visible(False)
    lines = max(top.count("\n") + 1 for top in tops)
    rise = 8 + 11.4 * look.spacing * lines
    style: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "color": GREY, "fontsize": 9.5}
    across = axes.get_xaxis_transform()
    axes.annotate(look.say("joint.missed"), (-0.5, 1), (0, rise), xycoords=across, **style)
    axes.annotate(look.say("joint.together"), (count + _GAP - 0.5, 1), (0, rise), xycoords=across, **style)
    return rise + 18


def _find_names(targets: list[Judged], look: Look) -> float:
    """Inches that the names down the left need."""
    widest = max(measure(part) for each in targets for part in (wrap(look.name(each), 30, 2), look.aim(each)))
    lines = [line for each in targets for line in wrap(look.name(each), 30, 2).split("\n")]
    return 0.35 + 0.083 * max(min(widest, 30), *(measure(line) for line in lines))
