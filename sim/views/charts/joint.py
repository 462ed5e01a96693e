"""The joint map: what is left of the odds when one target is missed, and how many are met together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.results.attainment import Attainment
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart, take_first
from sim.views.charts.style import INK, SHADE, Look, find_look, open_axes
from sim.views.numbers import print_odds
from sim.views.palette import DARK, HEAT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = ["plot_joint"]

_GAP = 0.55  # between the map and the column of targets met together, where a cell is 1 wide


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
    look = find_look(lang, ax)
    from matplotlib.colors import LinearSegmentedColormap

    plan, targets = attainment.plan, list(attainment.plan.headline)
    if len(targets) < 2:
        raise ValueError(f"plan {plan.name!r} has fewer than two headline targets; nothing is joint")
    axes = open_axes(max(10.0, 4.6 + 0.85 * len(targets)), 2.5 + 0.55 * len(targets)) if ax is None else ax
    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    printed = attainment.odds[attainment.odds["reading"] == "printed"].set_index("target")["probability"]
    spared = attainment.conditional.set_index(["missed", "met"])["probability"]
    for column, missed in enumerate(targets):
        for row, met in enumerate(targets):
            own = missed.id == met.id
            found = float(printed[met.id]) if own else float(spared[missed.id, met.id])
            _fill_cell(axes, column, row, found, colours, look, own)
    beside = _list_together(axes, attainment, len(targets), colours, look)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    around = Around(
        title=look.say("joint.title"),
        notes=[look.scene(plan, attainment.scenario)],
        rows=[(look.name(each), look.aim(each)) for each in targets],
        columns=[look.name(each) for each in targets],
        captions=[(-0.5, look.say("joint.missed")), (len(targets) + _GAP - 0.5, look.say("joint.together"))],
        beside=beside,
        apart=False,
        foot=look.say("joint.key"),
    )
    return finish(axes, around, ax is None, attainment, look)


def _fill_cell(
    axes: Axes, column: float, row: int, found: float, colours: Colormap, look: Look, framed: bool = False
) -> None:
    """Draw a cell with its number; a frame lies inside, in the colour of the number."""
    from matplotlib.patches import Rectangle

    known = found == found
    fill = colours(found) if known else SHADE
    axes.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, fc=fill, lw=0, zorder=2))
    ink = "white" if known and found > DARK else INK
    if framed:
        axes.add_patch(Rectangle((column - 0.44, row - 0.41), 0.88, 0.82, fill=False, ec=ink, lw=2, zorder=3))
    style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": look.points(13), "zorder": 4}
    axes.text(column, row, print_odds(found) if known else "–", color=ink, weight="bold" if framed else None, **style)


def _list_together(axes: Axes, attainment: Attainment, count: int, colours: Colormap, look: Look) -> list[Beside]:
    """Draw a column at the right: at least one, two, ... of the targets met together; returns the words beside it."""
    frame = attainment.joint[attainment.joint["group"] == "headline"].set_index("at_least")["probability"]
    at, beside = count + _GAP, list[Beside]()
    for row, number in enumerate(frame.index):
        _fill_cell(axes, at, row, float(frame[number]), colours, look)
        words = look.say("odds.at_least" if number < count else "odds.all", number=number)
        beside.append(Beside(height=row, words=words, points=10))
    axes.set_xlim(-0.5, at + 0.5)
    axes.set_ylim(max(count, len(frame)) - 0.5, -0.5)
    return beside
