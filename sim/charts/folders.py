"""All charts of a run in one folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sim.charts.catalogue import CHARTS
from sim.charts.files import save_chart
from sim.charts.look import open_look
from sim.charts.promises import find_last_year
from sim.runs import Run

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
    with open_look(lang) as look:
        return [
            save_chart(axes, folder / f"{'-'.join(filter(None, (name, of)))}.{ending}")
            for name, of in _list_charts(run)
            for axes in [CHARTS[name].draw(run, of, look)]
            for ending in ("png", "svg")
        ]


def _list_charts(run: Run) -> Iterator[tuple[str, str]]:
    """Charts of the catalogue, and what each is about."""
    plan = run.model.plan
    if plan.judged:
        yield from (("odds", ""), ("change", ""))
    yield from (("fan", indicator.id) for indicator in plan.indicators)
    if len(plan.judged) > len(plan.headline):
        yield from (("all-odds", ""), ("number-met", ""))
    if any(target.kind == "milestone" for target in plan.judged):
        yield "milestones", ""
    for target in plan.judged:
        if target.is_delivery and find_last_year(plan, target):
            yield "burn-up", target.id
