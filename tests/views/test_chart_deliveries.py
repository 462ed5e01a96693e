"""Charts of the whole report: burn-up, all odds, milestones, number met."""

from dataclasses import replace

import matplotlib
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import sim
from sim.results.run import Run
from sim.views import charts, fonts
from sim.views.charts.heatmap import print_odds

has_chinese = pytest.mark.skipif(fonts.find_chinese() is None, reason="no font with Chinese characters")
LANGUAGES = ["en", pytest.param("zh", marks=has_chinese)]
DRAW = {
    "burn_up": lambda run, ax, lang: charts.plot_burn_up(run.attainments[0], "charging_piles", ax, lang),
    "all_odds": lambda run, ax, lang: charts.plot_all_odds(
        run.attainments[0], run.calibration_sd[0].tolist(), ax, lang
    ),
    "milestones": lambda run, ax, lang: charts.plot_milestones(run.attainments[0], ax, lang),
    "number_met": lambda run, ax, lang: charts.plot_number_met(run.attainments[0], ax, lang),
}


@pytest.fixture(scope="module")
def run() -> Run:
    plan = sim.read_plan("qingdao-2024")
    return sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=2000, n_calibrations=2)


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_what_is_no_delivery_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match=r"no delivery 'gdp'; the plan has national_key_laboratories"):
        charts.plot_burn_up(run.attainments[0], "gdp")


def test_a_plan_without_milestones_is_refused(run: Run) -> None:
    model = run.model
    bare = replace(model, plan=replace(model.plan, targets=model.plan.headline))
    with pytest.raises(ValueError, match="has no milestones"):
        charts.plot_milestones(replace(run.attainments[0], model=bare))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", DRAW)
def test_given_axes_come_back_and_settings_stay(run: Run, name: str, lang: str) -> None:
    before = dict(matplotlib.rcParams)
    axes = Figure().add_subplot()
    assert DRAW[name](run, axes, lang) is axes
    axes.figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before


def test_burn_up_shows_goal_pace_and_the_odds(run: Run) -> None:
    axes = DRAW["burn_up"](run, None, "en")
    heights = [line.get_ydata() for line in axes.lines]
    quantiles = run.attainments[0].quantiles.query("series == 'charging_piles'")
    assert any(list(height) == [0, *quantiles.q50] for height in heights)
    assert any(list(height) == [2.4, 2.4] for height in heights)
    assert any(list(height) == [0, 2.0] for height in heights)
    odds = run.attainments[0].odds.query("target == 'charging_piles' and reading == 'stated'").probability.item()
    assert f"{100 * odds:.1f} %" in axes.get_title(loc="left")


def test_all_odds_has_a_row_a_target_and_its_number(run: Run) -> None:
    axes = DRAW["all_odds"](run, None, "en")
    labels = [label.get_text() for label in axes.get_yticklabels()]
    plan = run.model.plan
    assert sorted(labels) == sorted([*(each.name_en for each in plan.judged), *(each.name_en for each in plan.groups)])
    odds = run.attainments[0].odds.query("reading == 'stated'").set_index("name_en").probability
    shown = [text for text in texts(axes) if text in {print_odds(each) for each in odds}]
    assert len(shown) == 79
    industry = labels[labels.index("Industry") + 1 : labels.index("Consumption")]
    assert odds[industry].is_monotonic_decreasing


def test_milestones_show_every_quarter_and_whose_decision_it_is(run: Run) -> None:
    axes = DRAW["milestones"](run, None, "en")
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert len(labels) == 31
    assert sum(label.endswith(" *") for label in labels) == 9
    frame = run.attainments[0].odds.query("target == 'metro_line_6'").set_index("reading").probability
    row = labels.index("Metro line 6 phase 1 opened")
    cells = [text.get_text() for text in axes.texts if text.get_position()[1] == row]
    assert cells[:4] == [print_odds(frame[reading]) for reading in ("Q1", "H1", "Q1-Q3", "stated")]


def test_number_met_adds_up_to_every_path(run: Run) -> None:
    axes = DRAW["number_met"](run, None, "en")
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(100)
    expected = run.attainments[0].odds.query("reading == 'stated'").probability.sum()
    assert f"{expected:.1f} expected" in " ".join(texts(axes))
