"""What changes from one scenario to another: a bar a target, in the shares of the shocks in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.analysis.compare import Comparison, compare
from sim.inputs.plan.readings import READINGS
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.arrangement import finish
from sim.views.charts.layout import Around, Beside
from sim.views.charts.registry import chart, take_fewer
from sim.views.charts.style import GREY, INK, WIDTH, Look, find_look, open_axes, rule_rows
from sim.views.numbers import print_change, print_error, print_odds
from sim.views.palette import SERIES
from sim.views.question_lines import name_asked, name_shock
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_comparison"]

_ROW = 0.52  # inches
_SURE = 1.96  # standard errors


def _take(run: Run, _: str) -> dict[str, Any]:
    """Take the first scenario of a run, and of the others the one that costs the headline most."""
    if len(run) < 2:
        raise ValueError("chart 'compare' shows two scenarios; name them")
    group = "headline" if run.model.plan.headline else "all"
    first, *others = run.scenarios
    second = min(others, key=lambda each: run[each.name].number_met[group][-1])
    by = () if first.mixture or second.mixture else ("shocks",)
    return {"attainments": run.attainments, "comparison": compare(take_fewer(run), first.name, second.name, by=by)}


@chart("compare", _take, scenarios="many")
def plot_comparison(
    attainments: Sequence[Attainment], comparison: Comparison, ax: Axes | None = None, lang: str = "en"
) -> Axes:
    """Draw what changes between two scenarios: of each target, and which shock makes how much of it.

    Parameters
    ----------
    attainments : sequence of Attainment
        Of a run that holds both scenarios.
    comparison : Comparison
        Of the same run. Targets whose changes are shared out among shocks are drawn; without any, the headline's.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; horizontal: change as printed, percentage points. Dots are whole changes, whiskers their
        95 % error, both scenarios being on the same points or paths.

    Raises
    ------
    ValueError
        If the run does not hold both scenarios.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=1000, n_points=64, n_calibrations=0)
    >>> plot_comparison(result, sim.compare(result, "baseline", "export-slump")).get_xlabel()
    'change of the probability as printed, percentage points'
    """
    look = find_look(lang, ax)
    found = {each.scenario.name: each for each in attainments}
    if missing := [name for name in (comparison.before, comparison.after) if name not in found]:
        raise ValueError(f"no scenario {missing[0]!r}; the run has {', '.join(found)}")
    first, second = found[comparison.before], found[comparison.after]
    table, shares = comparison.table, comparison.shocks
    wanted = dict.fromkeys(shares.target) or [*(target.id for target in first.plan.headline), "headline", "all"]
    rows = table[(table.reading == READINGS[0]) & table.target.isin([*wanted])].to_numpy().tolist()
    axes = open_axes(WIDTH, max(3.0, _ROW * len(rows) + 2.3)) if ax is None else ax
    parts = [*dict.fromkeys(shares.part)]
    sides = {row[0]: [0.0, 0.0] for row in rows}
    for number, part in enumerate(parts):
        own = shares[shares.part == part].set_index("target").change * 100
        for place, (name, *_) in enumerate(rows):
            change = float(own.get(name, 0.0))
            side = sides[name]
            axes.barh(place, change, 0.5, side[change > 0], color=SERIES[number % len(SERIES)], lw=0, zorder=2)
            side[change > 0] += change
    for place, (*_, change, error) in enumerate(rows):
        whisker = 0.0 if error != error else _SURE * 100 * error
        axes.errorbar(100 * change, place, xerr=whisker, fmt="o", color=INK, ms=5, lw=1.4, capsize=3, zorder=4)
    axes.axvline(0, color=GREY, lw=1, zorder=3)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.use_sticky_edges = False
    axes.margins(x=0.06)
    rule_rows(axes)
    around = Around(
        title=_say_title(first, second, rows, look),
        notes=[look.say("chart.scene", place=look.name(first.plan, "place"), year=first.plan.year_name, scenario=word)]
        if (word := look.say("compare.title", before=look.title(first.scenario), after=look.title(second.scenario)))
        else [],
        xlabel=look.say("compare.axis"),
        rows=[(look.printable(name_asked(first.plan, name).pick(look.lang), name), "") for name, *_ in rows],
        beside=[Beside(height=place, words=_tell(row, look), colour=INK) for place, row in enumerate(rows)],
        apart=False,
        key=_make_key(parts, (first, second), look),
    )
    return finish(axes, around, ax is None, first, look)


def _say_title(first: Attainment, second: Attainment, rows: Sequence[Sequence[Any]], look: Look) -> str:
    """Say what moves most."""
    name, *_, change, _ = max(rows, key=lambda row: abs(row[-2]))
    if not change:
        return look.say("compare.title", before=look.title(first.scenario), after=look.title(second.scenario))
    named = look.printable(name_asked(first.plan, name).pick(look.lang), name)
    return look.say("compare.most", target=named, change=print_change(100 * change))


def _tell(row: Sequence[Any], look: Look) -> str:
    _, _, before, after, change, error = row
    words = look.say("compare.row", before=print_odds(before, 1), after=print_odds(after, 1), change=_print(change))
    return words if error != error or not change else f"{words} ± {print_error(error, 2)}"


def _print(change: float) -> str:
    return print_change(100 * change) if change else "0"


def _make_key(parts: Sequence[str], pair: tuple[Attainment, Attainment], look: Look) -> list[Any]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    key: list[Any] = [Line2D([], [], marker="o", color=INK, ms=5, lw=1.4, label=look.say("compare.whole"))]
    for number, part in enumerate(parts):
        owner = next(each.scenario for each in reversed(pair) if part in each.scenario.shocks)
        named = Phrase(*(look.printable(word, part) for word in name_shock(owner, part)))
        words = say("compare.share", shock=named).pick(look.lang)
        key.append(Patch(color=SERIES[number % len(SERIES)], label=words))
    return key
