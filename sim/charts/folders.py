"""All charts of a run in one folder."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.charts.fan import draw_fan
from sim.charts.files import save_chart
from sim.charts.grid import draw_change, draw_odds
from sim.charts.look import open_look
from sim.charts.promises import draw_all_odds, draw_burn_up, draw_milestones, draw_number_met, find_last_year
from sim.runs import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["write_charts"]


def write_charts(run: Run, folder: Path, lang: str = "en") -> list[Path]:
    """Write the charts of a run as PNG and SVG: the same run writes the same bytes.

    Parameters
    ----------
    run : Run
    folder : Path
        Made if it does not exist.
    lang : str
        `en` or `zh`.

    Returns
    -------
    list of Path
        `odds` and `change` of the headline targets; of the first scenario a `fan-<indicator>` for every indicator,
        and if the plan has more than growth `all-odds`, `number-met`, `milestones` and a `burn-up-<target>` for every
        delivery with a figure of the year before; each `.png` and `.svg`.

    Examples
    --------
    >>> import sim, tempfile
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.calibrate(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_charts(result, Path(folder))[0].name
    'odds.png'
    """
    folder.mkdir(parents=True, exist_ok=True)
    odds, plan = run.attainments, run.model.plan
    headline = [target.id for target in plan.headline or plan.judged]
    with open_look(lang) as look:
        charts: dict[str, Callable[[], Axes]] = {}
        if headline:
            charts["odds"] = partial(draw_odds, odds, headline, None, look)
            charts["change"] = partial(draw_change, odds, headline, None, look)
        for indicator in plan.indicators:
            charts[f"fan-{indicator.id}"] = partial(draw_fan, odds[0], indicator.id, None, look)
        if len(plan.judged) > len(plan.headline):
            charts["all-odds"] = partial(draw_all_odds, odds[0], run.calibration_sd[0].tolist(), None, look)
            charts["number-met"] = partial(draw_number_met, odds[0], None, look)
        if any(target.kind == "milestone" for target in plan.judged):
            charts["milestones"] = partial(draw_milestones, odds[0], None, look)
        for target in plan.judged:
            if target.is_delivery and find_last_year(plan, target):
                charts[f"burn-up-{target.id}"] = partial(draw_burn_up, odds[0], target.id, None, look)
        return [path for name, draw in charts.items() for path in _save_both(draw(), folder, name)]


def _save_both(axes: Axes, folder: Path, name: str) -> list[Path]:
    return [save_chart(axes, folder / f"{name}.{ending}") for ending in ("png", "svg")]
