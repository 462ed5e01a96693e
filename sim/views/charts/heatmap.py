"""Tables as pictures: odds and their changes, a row a target and a column a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Judged
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import arrange, finish
from sim.views.charts.layout import Around, count_rows, say_left_out
from sim.views.charts.lettering import Lettering
from sim.views.charts.registry import chart
from sim.views.charts.room import find_room
from sim.views.charts.style import HEIGHT, INK, LESS, MORE, PALE, SHADE, WIDTH, Look, find_look, open_axes
from sim.views.likelihood_words import BANDS
from sim.views.numbers import print_change, print_odds, print_range
from sim.views.palette import DARK, HEAT
from sim.views.series import list_printed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_change", "plot_odds"]

_FEW = 12  # rows up to which there is room for large letters


def _take_headline(run: Run, _: str) -> dict[str, Any]:
    """Take every scenario of a run, and the headline targets if there are any."""
    plan = run.model.plan
    return {"attainments": run.attainments, "targets": [target.id for target in plan.headline or plan.judged]}


@chart("odds", _take_headline, scenarios="many")
def plot_odds(
    attainments: Sequence[Attainment], ax: Axes | None = None, lang: str = "en", targets: Sequence[str] | None = None
) -> Axes:
    """Draw the probability that each target is met as printed, by scenario, as a heat map.

    Parameters
    ----------
    attainments : sequence of Attainment
        One a scenario, all of the same targets.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.
    targets : sequence of str, optional
        Ids of the targets to show, in this order; None means every target that has odds.

    Returns
    -------
    Axes
        `ax`, or new ones; the number in each cell is in per cent, with its range over calibrations where there is
        room for it.

    Raises
    ------
    ValueError
        If there is nothing to draw, the targets differ, or one that is asked for has no odds.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_odds(result.attainments, targets=["gdp", "retail_sales"])
    >>> len(axes.get_yticks())
    2
    """
    look = find_look(lang, ax)
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.patches import Patch

    plan, chosen = _choose_targets(attainments, targets)
    axes = open_axes(*_find_size(len(chosen), len(attainments))) if ax is None else ax
    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    cells: dict[str, Any] = {"cmap": colours, "vmin": 0, "vmax": 1, "edgecolors": "white", "linewidth": 1.5}
    every, chosen = chosen, chosen[: count_rows(ax, len(chosen), look)]
    columns, rows = len(attainments), len(chosen)
    edges = [column - 0.5 for column in range(columns + 1)], [row - 0.5 for row in range(rows + 1)]
    printed = [_list_printed(each, chosen) for each in attainments]
    axes.pcolormesh(*edges, [*zip(*printed, strict=True)], **cells)
    _clear_frame(axes, columns, rows)
    bounds = [1.0, *(band.lowest for band in BANDS)]
    patches = [
        Patch(fc=colours((low.lowest + top) / 2), ec=PALE, lw=0.6, label=look.band(low, top))
        for low, top in zip(BANDS, bounds, strict=False)
    ]
    left_out = say_left_out(len(every) - rows, len(every)).pick(look.lang)
    around = Around(
        title=look.say("heatmap.odds", place=look.name(plan, "place"), year=plan.year_name),
        rows=_name_rows(chosen, look),
        columns=[look.title(each.scenario) for each in attainments],
        key=patches[::-1],
        foot=left_out,
    )
    width, height = arrange(around, axes, look, ax is None)
    if _write_odds(axes, attainments, chosen, (width / columns, height / rows), look):
        around.foot = " · ".join(filter(None, [look.say("heatmap.odds_key"), left_out]))
    return finish(axes, around, ax is None, attainments[0], look)


def _write_odds(
    axes: Axes, attainments: Sequence[Attainment], targets: Sequence[Judged], cell: tuple[float, float], look: Look
) -> bool:
    """Write odds into cells, each with its range below it where there is room; returns whether there is."""
    size, small = look.points(13 if len(targets) <= _FEW else 10), look.points(8)
    judged = attainments[0].plan.judged
    ranges = [[print_range(*each.find_range(judged.index(target))) for target in targets] for each in attainments]
    letters = Lettering(axes.figure, look.families, look.spacing)
    wide, low = letters.measure(max((words for column in ranges for words in column), key=len), small)
    high = letters.measure("88", size)[1]
    ranged = 0 < wide < cell[0] - 0.06 and low + high < cell[1] - 0.04
    for column, attainment in enumerate(attainments):
        for row, probability in enumerate(_list_printed(attainment, targets)):
            ink, words = "white" if probability > DARK else INK, ranges[column][row]
            if not (ranged and words):
                style: dict[str, Any] = {"ha": "center", "va": "center_baseline", "fontsize": size}
                axes.text(column, row, print_odds(probability), color=ink, **style)
                continue
            between = row + (high - low) / 2 / cell[1]
            axes.text(column, between, print_odds(probability), color=ink, fontsize=size, ha="center", va="bottom")
            axes.text(column, between, words, color=ink, fontsize=small, ha="center", va="top")
    return ranged


@chart("change", _take_headline, scenarios="many")
def plot_change(
    attainments: Sequence[Attainment], ax: Axes | None = None, lang: str = "en", targets: Sequence[str] | None = None
) -> Axes:
    """Draw how each target's probability changes against the first scenario.

    Parameters
    ----------
    attainments : sequence of Attainment
        The baseline first, then scenarios on the same draws; alone, the baseline stands against itself.
    ax : Axes, optional
        Where to draw; None means a figure of its own, as high as its rows need, with a footer.
    lang : str
        `en` or `zh`.
    targets : sequence of str, optional
        Ids of the targets to show, in this order; None means every target that has odds.

    Returns
    -------
    Axes
        `ax`, or new ones: a row a target, a column a scenario, bars on one scale with the number beside each.

    Raises
    ------
    ValueError
        As `plot_odds`, or if the attainments differ in seed or number of paths.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> axes = plot_change(result.attainments, targets=["gdp"])
    >>> axes.texts[0].get_text()
    '0.0'
    """
    look = find_look(lang, ax)
    plan, chosen = _choose_targets(attainments, targets)
    baseline, shown = attainments[0], attainments[1:] or attainments
    if any((each.seed, each.n_paths) != (baseline.seed, baseline.n_paths) for each in shown):
        raise ValueError("changes need attainments on the same draws: one seed and one number of paths")
    axes = open_axes(*_find_size(len(chosen), len(shown))) if ax is None else ax
    every, chosen = chosen, chosen[: count_rows(ax, len(chosen), look)]
    number = 0.045 * look.points(9.5)  # inches of a number with its sign
    named = len(shown)
    if ax is not None:
        shown = shown[: max(1, int(0.6 * find_room(ax)[2] / (2.2 * number)))]
    before = _list_printed(baseline, chosen)
    after = [_list_printed(each, chosen) for each in shown]
    changes = [[100 * (new - old) for new, old in zip(column, before, strict=True)] for column in after]
    for row in range(0, len(chosen), 2):
        axes.axhspan(row - 0.5, row + 0.5, color=SHADE, lw=0, zorder=0)
    _clear_frame(axes, len(shown), len(chosen))
    scenario, place = look.name(baseline.scenario, "title"), look.name(plan, "place")
    left_out = [
        say_left_out(len(every) - len(chosen), len(every)).pick(look.lang),
        say_left_out(named - len(shown), named, "chart.left_out_scenarios").pick(look.lang),
    ]
    around = Around(
        title=look.say("heatmap.change", place=place, year=plan.year_name, scenario=scenario),
        rows=_name_rows(chosen, look),
        columns=[look.title(each.scenario) for each in shown],
        foot=" · ".join(filter(None, [look.say("heatmap.change_key"), *left_out])),
    )
    cell = arrange(around, axes, look, ax is None)[0] / len(shown)
    zero, scale = _choose_scale([point for column in changes for point in column], min(0.45, number / cell))
    for column, points in enumerate(changes):
        _draw_bars(axes, column + zero, scale, points, look.points(9.5))
    return finish(axes, around, ax is None, baseline, look)


def _draw_bars(axes: Axes, zero: float, scale: float, points: Sequence[float], size: float) -> None:
    """Draw a column of bars from its zero line, each with its number on the line's other side."""
    hues = [MORE if point > 0 else LESS for point in points]
    axes.barh(range(len(points)), [scale * point for point in points], 0.5, left=zero, color=hues, zorder=2)
    axes.axvline(zero, color=PALE, lw=0.9, zorder=3)
    for row, point in enumerate(points):
        side, gap = ("left", 4) if point <= 0 else ("right", -4)
        style: dict[str, Any] = {"textcoords": "offset points", "ha": side, "va": "center_baseline", "fontsize": size}
        axes.annotate(print_change(point), (zero, row), (gap, 0), zorder=4, **style)


def _choose_scale(changes: Sequence[float], number: float) -> tuple[float, float]:
    """Choose where zero stands in a column from -0.5 to 0.5, and how long a point is.

    On each side of zero stand the bars of one sign and the numbers of the other, `number` wide.
    """
    down, up = max(0.0, -min(changes)), max(0.0, max(changes))
    whole = 0.92
    left, right = number * (up > 0), number
    options = [whole / (down + up or 1), (whole - right) / (down or 1), (whole - left) / (up or 1)]
    fits = [scale for scale in options if max(down * scale, left) + max(up * scale, right) <= whole + 1e-9]
    scale = max(fits, default=0.0)
    return (max(down * scale, left) - max(up * scale, right)) / 2, scale


def _choose_targets(attainments: Sequence[Attainment], chosen: Sequence[str] | None) -> tuple[Plan, list[Judged]]:
    """Find the plan of the attainments, and those of its targets that are wanted."""
    if not attainments:
        raise ValueError("no attainments to draw")
    plan = attainments[0].plan
    if any(each.plan.judged != plan.judged for each in attainments):
        raise ValueError("the attainments have different targets")
    valid = {target.id: target for target in plan.judged}
    unknown = [name for name in chosen or () if name not in valid]
    if unknown:
        raise ValueError(f"no target with odds named {', '.join(unknown)}; the plan has {', '.join(valid)}")
    targets = [valid[name] for name in (valid if chosen is None else chosen)]
    if not targets:
        raise ValueError("no targets to draw")
    return plan, targets


def _list_printed(attainment: Attainment, targets: Sequence[Judged]) -> list[float]:
    """List the probability of each target as printed."""
    printed = list_printed(attainment)
    return [printed[target.id] for target in targets]


def _find_size(rows: int, columns: int) -> tuple[float, float]:
    """Width and height in inches that a table of so many rows and columns needs."""
    names = 2.3 if rows <= _FEW else 4.4
    return max(WIDTH, names + (0.85 if rows <= _FEW else 0.9) * columns), max(HEIGHT, 1.9 + 0.27 * rows)


def _name_rows(targets: Sequence[Judged], look: Look) -> list[tuple[str, str]]:
    """Name the targets, and what each asks for."""
    return [(look.name(target), look.aim(target)) for target in targets]


def _clear_frame(axes: Axes, columns: int, rows: int) -> None:
    """Leave cells alone on the axes."""
    axes.tick_params(length=0)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[:].set_visible(False)
