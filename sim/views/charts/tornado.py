"""The tornado: what each shock of a scenario does to the odds of one target, the most telling on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis.sensitivity import Sensitivity, measure_sensitivity
from sim.inputs.scenario.document import Shock
from sim.results.run import Run
from sim.views.charts.registry import chart
from sim.views.charts.style import (
    AIM,
    GREY,
    GRID,
    INK,
    LESS,
    MORE,
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
from sim.views.numbers import print_change, print_odds
from sim.views.palette import PALETTE
from sim.views.phrases import say_odds
from sim.views.words import Phrase, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_tornado"]

_VARIANTS = {
    "without": (MORE, -0.27),
    "small": (PALETTE["less-pale"], 0.0),
    "large": (LESS, 0.27),
}  # colour, height of the bar


_ROW = 1.0  # inches a shock


_NUMBER = 1.05  # inches that the number at the end of a bar needs


_NAME = 26  # letters of a shock's name


def _take_sensitivity(run: Run, name: str) -> dict[str, Any]:
    """Vary the shocks of a run's first scenario on the same draws."""
    asked = run.settings
    found = measure_sensitivity(run.model, run.scenarios[0], n_paths=run.n_paths, seed=asked.seed, method=asked.method)
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
    look = find_look(lang)
    plan, scenario = sensitivity.plan, sensitivity.scenario
    judged = next((each for each in plan.judged if each.id == target), None)
    if judged is None:
        raise ValueError(f"no target with odds named {target}; the plan has {', '.join(t.id for t in plan.judged)}")
    frame = sensitivity.table[sensitivity.table["target"] == target]
    wide = 100 * frame.pivot(index="shock", columns="variant", values="probability")
    stands = float(wide["scenario"].iloc[0])
    ends = wide[[*_VARIANTS]]
    reach = ends.max(axis=1).clip(lower=stands) - ends.min(axis=1).clip(upper=stands)
    shocks = [*reach.sort_values(ascending=False, kind="stable").index]
    named = [_name_shock(sensitivity, shock, look) for shock in shocks]
    axes = open_axes(10, 2.5 + _ROW * len(shocks)) if ax is None else ax
    if ax is None:
        widest = max(measure(line) for words in named for line in words.split("\n"))
        set_margins(axes, 0.35 + 0.078 * widest, 0.35, 0.95, 1.1)
    title = wrap(look.say("tornado.title", target=look.target(plan, judged)), int(8.9 * find_width(axes)))
    if ax is None and "\n" in title:
        set_margins(axes, 0.35 + 0.078 * widest, 0.35, 1.2, 1.1)
    _limit(axes, stands, [float(value) for value in ends.to_numpy().ravel()], len(shocks))
    for row, shock in enumerate(shocks):
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color=SHADE, lw=0, zorder=0)
        _draw_shock(axes, row, stands, {each: float(wide.loc[shock, each]) for each in _VARIANTS})
    axes.axvline(stands, color=AIM, lw=1.8, zorder=4)
    axes.set_yticks(range(len(shocks)), named)
    axes.set_xlabel(look.say("tornado.axis"))
    axes.tick_params(axis="y", length=0, labelsize=9.5)
    axes.grid(axis="x", color=GRID, lw=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_title(title, loc="left", pad=28)
    stood = look.say("tornado.line", odds=say_odds(stands / 100, digits=0))
    axes.annotate(
        f"{look.scene(plan, scenario)} · {stood}", (0, 1), (0, 10), "axes fraction", "offset points", color=GREY
    )
    _explain(axes, look)
    return finish(axes, ax is None, sensitivity, look)


def _limit(axes: Axes, stands: float, ends: list[float], rows: int) -> None:
    """Set limits that leave room for the numbers at the ends of the bars."""
    low, high = min(stands, *ends), max(stands, *ends)
    left, right = (_NUMBER if low < stands else 0.15), _NUMBER
    a_point = max(high - low, 1.0) / max(find_width(axes) - left - right, 1.0)
    axes.set_xlim(low - left * a_point, high + right * a_point)
    axes.set_xticks([tick for tick in axes.get_xticks() if max(low - left * a_point, 0) <= tick <= 100])
    axes.set_xlim(low - left * a_point, high + right * a_point)
    axes.set_ylim(rows - 0.45, -0.55)


def _draw_shock(axes: Axes, row: int, stands: float, ends: dict[str, float]) -> None:
    """Draw three bars of one shock from the odds of the scenario, each with its odds and their change."""
    for variant, (colour, shift) in _VARIANTS.items():
        end = ends[variant]
        axes.barh(row + shift, end - stands, 0.24, left=stands, color=colour, ec=INK, lw=0.5, zorder=3)
        right = end > stands or (end == stands and variant == "without")
        style: dict[str, Any] = {"textcoords": "offset points", "ha": "left" if right else "right", "zorder": 5}
        words = f"{print_odds(end / 100)} ({print_change(end - stands)})"
        axes.annotate(words, (end, row + shift), (5 if right else -5, 0), va="center_baseline", fontsize=9.5, **style)


def _name_shock(sensitivity: Sensitivity, name: str, look: Look) -> str:
    """Say the shock's title, its chance in the scenario, and the sizes called small and large."""
    shock, sizes = sensitivity.scenario.shocks[name], sensitivity.sizes[name]
    title = look.printable(getattr(shock.title, look.lang), name)
    size = look.say("tornado.sizes", **{name: f"{sizes[name]:.2g}" for name in ("small", "large")})
    return "\n".join([wrap(title, _NAME, 2), _say_chance(sensitivity, shock, look), size])


def _say_chance(sensitivity: Sensitivity, shock: Shock, look: Look) -> str:
    if shock.depends_on is None:
        return look.say("tornado.chance", chance=_say_share(shock.probability or 0.0))
    given = shock.depends_on
    other = getattr(sensitivity.scenario.shocks[given.shock].title, look.lang)
    chances = {
        "with_it": _say_share(given.probability_if_happened),
        "without_it": _say_share(given.probability_if_not),
    }
    return wrap(look.say("tornado.depends", other=look.printable(other, given.shock), **chances), 34, 3)


def _say_share(chance: float) -> Phrase:
    """Say a probability that was written down, not computed."""
    return say("odds.percent", number=f"{100 * chance:.3g}")


def _explain(axes: Axes, look: Look) -> None:
    """Write the key below the name of the horizontal axis."""
    from matplotlib.patches import Patch
    from matplotlib.transforms import ScaledTranslation

    patches = [
        Patch(fc=colour, ec=INK, lw=0.5, label=look.say(f"tornado.{key}")) for key, (colour, _) in _VARIANTS.items()
    ]
    below = axes.transAxes + ScaledTranslation(0, -44 / 72, axes.figure.dpi_scale_trans)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0, 0), "bbox_transform": below}
    columns = 3 if find_width(axes) > 5 else 1
    axes.legend(handles=patches, ncols=columns, borderaxespad=0, borderpad=0, handlelength=1.4, **place)
