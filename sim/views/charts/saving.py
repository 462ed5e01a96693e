"""Charts as files: of one chart, of a run, of a back-test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.inputs.files.marks import mark
from sim.inputs.files.writing import check_file
from sim.learning.track_record import measure_reliability
from sim.results.run import Run
from sim.results.soundness import check_run
from sim.views.charts.all_odds import plot_all_odds, split_rows
from sim.views.charts.burn_up import find_last_year
from sim.views.charts.catalogue import CHARTS
from sim.views.charts.formats import FORMATS
from sim.views.charts.reliability import entitle_record, plot_pit, plot_reliability, plot_skill
from sim.views.charts.style import STYLE, open_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from sim.learning.backtest import Backtest

__all__ = ["draw_file", "save_chart", "write_charts", "write_trust_charts"]


def draw_file(axes: Axes, file_format: str) -> bytes:
    """Draw the figure of the axes as the content of a file.

    Parameters
    ----------
    axes : Axes
    file_format : str
        `png`, `svg` or `pdf`; in the latter two, text stays text, with its letters embedded in the PDF.

    Returns
    -------
    bytes

    Examples
    --------
    >>> from sim.learning.track_record import read_panel_reliability
    >>> from sim.views.charts import plot_reliability
    >>> draw_file(plot_reliability(read_panel_reliability()), "pdf")[:5]
    b'%PDF-'
    """
    import matplotlib

    kept = ("svg.", "pdf.", "savefig.", "text.hinting")
    style: dict[Any, Any] = {key: value for key, value in STYLE.items() if key.startswith(kept)}
    plain = {key: value for key, value in matplotlib.rcParamsDefault.items() if key.startswith(kept)}
    content = BytesIO()
    with matplotlib.rc_context({**plain, **style}):
        cast("Figure", axes.figure).savefig(content, format=file_format, **FORMATS[file_format])
    return content.getvalue()


def save_chart(axes: Axes, path: Path) -> Path:
    """Write the figure of the axes in the format that the path's ending names; returns the path.

    Parameters
    ----------
    axes : Axes
    path : Path
        Ends in a format of `FORMATS`.

    Returns
    -------
    Path

    Raises
    ------
    OutputError
        If there is a file of that name that is not as this program wrote it.
    """
    content = draw_file(axes, path.suffix.removeprefix("."))
    check_file(path)
    path.write_bytes(mark(content, path.suffix))
    return path


def write_trust_charts(result: Backtest, folder: Path, lang: str = "en") -> list[Path]:
    """Write the three charts as PNG and SVG: `reliability`, `pit`, `skill`; the same result, the same bytes.

    Parameters
    ----------
    result : Backtest
    folder : Path
        An existing folder.
    lang : str
        `en` or `zh`.

    Returns
    -------
    list of Path
        The files written.
    """
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


def write_charts(
    run: Run, folder: str | Path, lang: str = "en", *, formats: Sequence[str] = ("png", "svg")
) -> list[Path]:
    """Write the charts of a run as files: the same run writes the same bytes.

    Parameters
    ----------
    run : Run
    folder : str or Path
        Made if it does not exist.
    lang : str
        `en` or `zh`.
    formats : sequence of str
        Of `FORMATS`.

    Returns
    -------
    list of Path
        `odds` and `change` of the headline targets; of the first scenario a `fan-<indicator>` for every indicator,
        and if the plan has more than growth `all-odds`, `number-met`, `milestones` and a `burn-up-<target>` for every
        delivery with a figure of the year before; where `all-odds` is longer than a page of A4, also in parts,
        `all-odds-page-1` and so on; each in all formats.

    Examples
    --------
    >>> import sim, tempfile
    >>> plan = sim.read_plan("china-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_charts(result, Path(folder))[0].name
    'odds.png'
    """
    check_run(run)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with open_look(lang) as look:
        return [
            save_chart(axes, folder / f"{name}.{ending}")
            for name, axes in _draw_charts(run, look.lang)
            for ending in formats
        ]


def _draw_charts(run: Run, lang: str) -> Iterator[tuple[str, Axes]]:
    """Draw the charts one by one, each with the name of its file; a long one again in pages."""
    for name, of in _list_charts(run):
        yield "-".join(filter(None, (name, of))), CHARTS[name].plot(**CHARTS[name].take(run, of), lang=lang)
        pages = split_rows(run.attainments[0]) if name == "all-odds" else []
        for number, page in enumerate(pages if len(pages) > 1 else [], start=1):
            yield f"{name}-page-{number}", plot_all_odds(run.attainments[0], lang=lang, targets=page)


def _list_charts(run: Run) -> Iterator[tuple[str, str]]:
    """Charts of the catalogue, and what each is about."""
    plan = run.model.plan
    if plan.judged:
        yield from (("odds", ""), ("change", ""))
    yield from (("fan", indicator.id) for indicator in plan.indicators)
    if len(plan.judged) > len(plan.headline):
        yield from (("all-odds", ""), ("number-met", ""))
    if plan.milestones:
        yield "milestones", ""
    for target in plan.deliveries:
        if find_last_year(plan, target):
            yield "burn-up", target.id
