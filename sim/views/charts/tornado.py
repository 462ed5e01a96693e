"""The tornado: what each shock of a scenario does to the odds of one target, the most telling on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.sensitivity import Sensitivity, gather_shocks, measure_sensitivity
from sim.inputs.scenario.document import Shock
from sim.results.run import Run
from sim.views.charts.arrangement import arrange, finish
from sim.views.charts.layout import Around, count_rows, say_left_out
from sim.views.charts.registry import chart
from sim.views.charts.style import AIM, GRID, INK, LESS, MORE, SHADE, Look, find_look, open_axes
from sim.views.numbers import print_change, print_odds
from sim.views.palette import PALETTE
from sim.views.phrases import say_odds
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

__all__ = ["plot_tornado"]

_VARIANTS = {
    "without": (MORE, -0.27),
    "small": (PALETTE["less-pale"], 0.0),
    "large": (LESS, 0.27),
}  # colour, height of the bar


_ROW = 1.0  # inches a shock


_NUMBER = 0.11  # inches that the number at the end of a bar needs, a point of its letters


def _take_sensitivity(run: Run, name: str) -> dict[str, Any]:
    """Vary the shocks of a run's first scenario on the same draws; of the baseline, those of all shipped scenarios."""
    asked, scenario = run.settings, run.scenarios[0]
    if scenario.name == "baseline":
        scenario = gather_shocks(run.model.plan)
    found = measure_sensitivity(run.model, scenario, n_paths=run.n_paths, seed=asked.seed, method=asked.method)
    return {"sensitivity": found, "target": name}


@chart("tornado", _take_sensitivity, subject="target")
def plot_tornado(sensitivity: Sensitivity, target: str, ax: Axes | None = None, lang: str = "en") -> Axes:
    r"""Draw what each shock of a scenario does to the odds of one target.

    Parameters
    ----------
    sensitivity : Sensitivity
        As `sim.measure_sensitivity` gives it.
    target : str
        Id of a target that has odds.
    ax : Axes, optional
        Where to draw; None means a figure of its own with a footer.
    lang : str
        `en` or `zh`.

    Returns
    -------
    Axes
        `ax`, or new ones; a row a shock, the longest on top. Horizontal: probability as printed, %; bars start at the
        odds of the scenario as it stands, and end at the number beside them.

    Raises
    ------
    ValueError
        If the target has no odds.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> scenario = sim.read_scenario("export-slump", plan)
    >>> found = sim.measure_sensitivity(sim.load_model(plan), scenario, n_paths=1000, method="paths")
    >>> axes = plot_tornado(found, "gdp")
    >>> [line.get_text().split("\n")[0] for line in axes.get_yticklabels()]
    ['Export slump', 'Rare common shock']
    """
    look = find_look(lang, ax)
    plan, scenario = sensitivity.plan, sensitivity.scenario
    judged = next((each for each in plan.judged if each.id == target), None)
    if judged is None:
        raise ValueError(f"no target with odds named {target}; the plan has {', '.join(t.id for t in plan.judged)}")
    frame = sensitivity.table[sensitivity.table["target"] == target]
    wide = 100 * frame.pivot(index="shock", columns="variant", values="probability")
    stands = float(wide["scenario"].iloc[0])
    ends = wide[[*_VARIANTS]]
    reach = ends.max(axis=1).clip(lower=stands) - ends.min(axis=1).clip(upper=stands)
    every = [*reach.sort_values(ascending=False, kind="stable").index]
    shocks = every[: count_rows(ax, len(every), look, points=33)]
    named = [_name_shock(sensitivity, shock, look) for shock in shocks]
    axes = open_axes(10, 2.5 + _ROW * len(shocks)) if ax is None else ax
    axes.set_ylim(len(shocks) - 0.45, -0.55)
    axes.tick_params(axis="y", length=0)
    stood = look.say("tornado.line", odds=say_odds(stands / 100, digits=0))
    around = Around(
        title=look.say("tornado.title", target=look.target(plan, judged)),
        notes=[f"{look.scene(plan, scenario)} · {stood}"],
        xlabel=look.say("tornado.axis"),
        rows=named,
        row_points=9.5,
        key=_list_key(look),
        foot=say_left_out(len(every) - len(shocks), len(every)).pick(look.lang),
    )
    width, _ = arrange(around, axes, look, ax is None)
    _limit(axes, stands, [float(value) for value in ends.to_numpy().ravel()], width, look)
    for row, shock in enumerate(shocks):
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color=SHADE, lw=0, zorder=0)
        drawn = [each for each in _VARIANTS if each != "without" or _is_expected(sensitivity.scenario.shocks[shock])]
        _draw_shock(axes, row, stands, {each: float(wide.loc[shock, each]) for each in drawn}, look)
    axes.axvline(stands, color=AIM, lw=1.8, zorder=4)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    return finish(axes, around, ax is None, sensitivity, look)


def _limit(axes: Axes, stands: float, ends: list[float], width: float, look: Look) -> None:
    """Set limits that leave room for the numbers at the ends of the bars."""
    low, high = min(stands, *ends), max(stands, *ends)
    number = look.points(9.5) * _NUMBER
    left, right = (number if low < stands else 0.15), number
    a_point = max(high - low, 1.0) / max(width - left - right, 0.2 * width)
    axes.set_xlim(low - left * a_point, high + right * a_point)
    axes.set_xticks([tick for tick in axes.get_xticks() if max(low - left * a_point, 0) <= tick <= 100])
    axes.set_xlim(low - left * a_point, high + right * a_point)


def _draw_shock(axes: Axes, row: int, stands: float, ends: dict[str, float], look: Look) -> None:
    """Draw three bars of one shock from the odds of the scenario, each with its odds and their change."""
    for variant, end in ends.items():
        colour, shift = _VARIANTS[variant]
        axes.barh(row + shift, end - stands, 0.24, left=stands, color=colour, ec=INK, lw=0.5, zorder=3)
        right = end > stands or (end == stands and variant == "without")
        style: dict[str, Any] = {"textcoords": "offset points", "ha": "left" if right else "right", "zorder": 5}
        words = f"{print_odds(end / 100)} ({print_change(end - stands)})"
        axes.annotate(
            words, (end, row + shift), (5 if right else -5, 0), va="center_baseline", fontsize=look.points(9.5), **style
        )


def _name_shock(sensitivity: Sensitivity, name: str, look: Look) -> tuple[str, str]:
    """Say the shock's title, its chance in the scenario, and the sizes called small and large."""
    shock, sizes = sensitivity.scenario.shocks[name], sensitivity.sizes[name]
    title = look.printable(getattr(shock.title, look.lang), name)
    size = look.say("tornado.sizes", **{name: f"{sizes[name]:.2g}" for name in ("small", "large")})
    return title, "\n".join([_say_chance(sensitivity, shock, look), size])


def _is_expected(shock: Shock) -> bool:
    """Whether the shock has a part in the odds of the scenario as it stands."""
    return shock.depends_on is not None or bool(shock.probability)


def _say_chance(sensitivity: Sensitivity, shock: Shock, look: Look) -> str:
    if not _is_expected(shock):
        return look.say("tornado.not_here")
    if shock.depends_on is None:
        return look.say("tornado.chance", chance=_say_share(shock.probability or 0.0))
    given = shock.depends_on
    other = getattr(sensitivity.scenario.shocks[given.shock].title, look.lang)
    chances = {
        "with_it": _say_share(given.probability_if_happened),
        "without_it": _say_share(given.probability_if_not),
    }
    return look.say("tornado.depends", other=look.printable(other, given.shock), **chances)


def _say_share(chance: float) -> Phrase:
    """Say a probability that was written down, not computed."""
    return say("odds.percent", number=f"{100 * chance:.3g}")


def _list_key(look: Look) -> list[Patch]:
    """List what the colours of the bars are."""
    from matplotlib.patches import Patch

    return [
        Patch(fc=colour, ec=INK, lw=0.5, label=look.say(f"tornado.{key}")) for key, (colour, _) in _VARIANTS.items()
    ]
