"""The files of a back-test's charts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.charts.files import save_chart
from sim.charts.look import open_look
from sim.charts.trust import entitle_record, plot_pit, plot_reliability, plot_skill
from sim.trust import measure_reliability

if TYPE_CHECKING:
    from sim.backtests import Backtest

__all__ = ["write_trust_charts"]


def write_trust_charts(result: Backtest, folder: Path, lang: str = "en") -> list[Path]:
    """Write the three charts as PNG and SVG: `reliability`, `pit`, `skill`; the same result, the same bytes."""
    written = []
    with open_look(lang) as look:
        score = result.find_score()
        scored = result.forecasts[result.forecasts.outcome.notna()]
        years = f"{scored.year.min()}-{scored.year.max()}"
        title = entitle_record(result.indicator, len(scored), years, score["brier"], score["brier_se"], look.lang)
        charts = {
            "reliability": plot_reliability(measure_reliability(result), title, None, look.lang),
            "pit": plot_pit(result, None, look.lang),
            "skill": plot_skill(result, None, look.lang),
        }
        for name, axes in charts.items():
            written += [save_chart(axes, folder / f"{name}.{ending}") for ending in ("png", "svg")]
    return written
