"""What every chart keeps to: axes given and returned, every letter drawn, the same bytes, no trace left."""

import datetime
import logging
import re
from collections.abc import Callable

import matplotlib
import matplotlib.pyplot
import pytest
from chart_reading import LANGUAGES, read_all, render
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sim
from sim.analysis.sensitivity import Sensitivity
from sim.engine.tasks import prepare_run
from sim.learning.backtest import Backtest
from sim.learning.track_record import read_panel_reliability
from sim.results.archive import archive_run
from sim.results.run import Run
from sim.results.settings import RunSettings
from sim.views import charts, fonts
from sim.views.charts.saving import draw_file
from sim.views.charts.style import open_look

Plot = Callable[..., Axes]
PLOTS = [name for name in charts.__all__ if name.startswith("plot_") and name != "plot_chart"]
WITHOUT_A_RUN = ("plot_release", "plot_why", "plot_odds_over_year", "plot_pit", "plot_reliability", "plot_skill")
ANSWERS = ("plot_comparison", "plot_stress", "plot_misses", "plot_promise")
OTHER_SETTINGS = {"font.size": 30, "font.family": "serif", "axes.facecolor": "black", "axes.grid": True}


@pytest.fixture(scope="module")
def answers(counted: Run) -> dict[str, tuple[object, ...]]:
    """Answers to questions, on few points: what some charts draw beside an attainment."""
    task = prepare_run(
        counted.model,
        [*counted][:2],
        RunSettings(method="analytic", n_points=64, n_calibrations=16, seed=counted.settings.seed),
    )
    asked = {"target": "gdp", "scenario": "export-slump", "shock": "export_slump", "by": "size"}
    first, second = counted.attainments[:2]
    return {
        "plot_comparison": (counted.attainments, sim.compare(task, "baseline", "export-slump")),
        "plot_stress": (second, sim.find_stress(task, below=0.1, **asked), sim.trace_stress(task, **asked)),
        "plot_misses": (first, sim.describe_misses(task, "gdp")),
        "plot_promise": (first, sim.promise(task)),
    }


@pytest.fixture
def subject(name: str, counted: Run, request: pytest.FixtureRequest) -> tuple[object, ...]:
    """What a function draws, of a run unless it is about something else."""
    first = counted.attainments[0]
    if name in ("plot_pit", "plot_skill"):
        backtest: Backtest = request.getfixturevalue("backtest")
        return (backtest,)
    if name in ANSWERS:
        answers: dict[str, tuple[object, ...]] = request.getfixturevalue("answers")
        return answers[name]
    if name == "plot_odds_over_year":
        return archive_run(counted, datetime.date(2024, 1, 1)), counted.model.plan
    if name == "plot_release":
        return (sim.measure_suspense(counted.model, "baseline", n_points=32, series="gdp"),)
    if name == "plot_why":
        states = [sim.State(model=counted.model, scenario=each) for each in counted.scenarios[:2]]
        return (sim.explain(*states, n_points=16), "gdp")
    if name == "plot_pace":
        figures = sim.read_published(counted.model.plan, "qingdao-2024-h1")
        return (sim.measure_pace(counted.attainments, figures),)
    if name == "plot_tornado":
        sensitivity: Sensitivity = request.getfixturevalue("sensitivity")
        return sensitivity, "fixed_asset_investment"
    return {
        "plot_fan": (first, "gdp"),
        "plot_odds": (counted.attainments,),
        "plot_change": (counted.attainments,),
        "plot_joint": (first,),
        "plot_ridgeline": (counted.attainments, "gdp"),
        "plot_reliability": (read_panel_reliability(), ""),
        "plot_burn_up": (first, "charging_piles"),
        "plot_milestones": (first,),
        "plot_number_met": (first,),
        "plot_all_odds": (first,),
    }[name]


@pytest.fixture
def plot(name: str, subject: tuple[object, ...], counted: Run) -> Plot:
    """Draws the chart, of the headline targets alone where a choice is left."""
    headline = [target.id for target in counted.model.plan.headline]
    chosen = {"targets": headline} if name in ("plot_odds", "plot_change") else {}

    def plot(ax: Axes | None = None, lang: str = "en") -> Axes:
        drawn: Axes = getattr(charts, name)(*subject, ax=ax, lang=lang, **chosen)
        return drawn

    return plot


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_every_letter_is_there_and_the_bytes_are_the_same_whatever_the_user_has_set(
    plot: Plot, lang: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        drawn = [draw_file(plot(lang=lang), each) for each in ("png", "svg")]
        with matplotlib.rc_context(OTHER_SETTINGS), open_look(lang):  # as files are written
            again = [draw_file(plot(lang=lang), each) for each in ("png", "svg")]
    assert not caplog.records
    assert drawn == again


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", PLOTS)
def test_given_axes_come_back_and_no_trace_is_left(plot: Plot, lang: str) -> None:
    before = dict(matplotlib.rcParams)
    figure = Figure(figsize=(14, 6))
    given = figure.subplots(1, 2)[0]
    assert plot(given, lang) is given
    assert not figure.texts
    render(given)  # in the chart's own fonts
    assert plot(lang=lang).figure is not figure
    assert dict(matplotlib.rcParams) == before
    assert matplotlib.pyplot.get_fignums() == []


@pytest.mark.parametrize("name", PLOTS)
def test_each_language_is_spoken_in_its_own_letters(plot: Plot) -> None:
    words = {lang: "".join(read_all(plot(lang=lang))) for lang in ("en", "zh")}
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in words["en"])
    if fonts.find_chinese():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words["zh"])


@pytest.mark.parametrize("name", PLOTS)
def test_without_a_chinese_font_english_and_one_line_of_advice(plot: Plot, monkeypatch: pytest.MonkeyPatch) -> None:
    english = read_all(plot())
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    with pytest.warns(UserWarning, match=r"no font with Chinese.*install one: `apt install fonts-noto-cjk`") as caught:
        axes = plot(lang="zh")
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    assert caught[0].filename == __file__
    assert read_all(axes) == english
    render(axes)


@pytest.mark.parametrize("name", [name for name in PLOTS if name not in WITHOUT_A_RUN])
def test_the_footer_names_paths_seed_and_version(plot: Plot) -> None:
    footer = re.compile(rf"[\d,]+ paths, seed \d+, sim {re.escape(sim.__version__)}")
    assert any(footer.search(words) for words in read_all(plot()))


def test_a_footer_can_be_had_by_itself(counted: Run) -> None:
    before = dict(matplotlib.rcParams)
    figure = Figure()
    charts.add_footer(figure, counted.attainments[0])
    assert [text.get_text() for text in figure.texts] == [f"2,000 paths, seed 2024, sim {sim.__version__}"]
    assert dict(matplotlib.rcParams) == before
