"""Joint map, tornado, ridgeline and charts of trust: what they show is what the frames say, in both languages."""

import io
import logging
from dataclasses import replace

import matplotlib
import matplotlib.pyplot
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text

import sim
from sim.analysis.sensitivity import VARIANTS, measure_sensitivity
from sim.inputs.plan.plan import Plan
from sim.learning.track_record import read_panel_reliability
from sim.results.attainment import QUANTILE_LEVELS
from sim.views import charts, fonts
from sim.views.charts.catalogue import CHARTS, list_subjects, plot_chart
from sim.views.charts.data import list_history
from sim.views.charts.heatmap import print_odds, print_points
from sim.views.charts.reliability import entitle_record
from sim.views.charts.ridgeline import trace_density
from sim.views.charts.saving import draw_file
from sim.views.charts.tornado import _VARIANTS
from sim.views.charts.words import WORDS

has_chinese = pytest.mark.skipif(fonts.find_chinese() is None, reason="no font with Chinese characters")
LANGUAGES = ["en", pytest.param("zh", marks=has_chinese)]
NAMES = ["joint", "tornado", "ridgeline", "reliability", "pit", "skill"]
FAMILIES = ["Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "SimHei", "WenQuanYi Micro Hei"]


@pytest.fixture(scope="module")
def run(model):
    scenarios = sim.read_scenarios(["baseline", "external-and-property", "tax-refunds"], model.plan)
    return sim.run(model, scenarios, n_paths=2000, n_calibrations=0, method="paths")


@pytest.fixture(scope="module")
def sensitivity(model):
    scenario = sim.read_scenario("external-and-property", model.plan)
    return measure_sensitivity(model, scenario, n_paths=4000, seed=7, method="paths")


@pytest.fixture(scope="module")
def backtest(plan):
    return sim.backtest(sim.read_history(plan.folder / "history.csv"), first=2019)


@pytest.fixture
def draw(run, sensitivity, backtest):
    """Draws any of these charts by name."""

    def draw(name, ax=None, lang="en"):
        if name == "joint":
            return charts.plot_joint(run.attainments[0], ax, lang)
        if name == "tornado":
            return charts.plot_tornado(sensitivity, "fixed_asset_investment", ax, lang)
        if name == "ridgeline":
            return charts.plot_ridgeline(run.attainments, "gdp", ax, lang)
        if name == "reliability":
            return charts.plot_reliability(read_panel_reliability(), "", ax, lang)
        return {"pit": charts.plot_pit, "skill": charts.plot_skill}[name](backtest, ax, lang)

    return draw


def read_all(axes):
    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def render(axes):
    for file_format in ("png", "svg"):
        axes.figure.savefig(io.BytesIO(), format=file_format, dpi=60)


def list_stated(attainment):
    return attainment.odds.query("reading == 'stated'").set_index("target")["probability"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_every_glyph_is_there_and_no_trace_is_left(draw, name, lang, caplog):
    before = dict(matplotlib.rcParams)
    with caplog.at_level(logging.WARNING):
        render(draw(name, lang=lang))
    assert not caplog.records
    assert dict(matplotlib.rcParams) == before
    assert matplotlib.pyplot.get_fignums() == []


@pytest.mark.parametrize("name", NAMES)
def test_returns_the_given_axes_in_its_own_fonts(draw, name):
    figure = Figure(figsize=(14, 6))
    given = figure.subplots(1, 2)[0]
    assert draw(name, given, "en") is given
    assert not figure.texts
    figure.savefig(io.BytesIO(), dpi=60)
    assert draw(name).figure is not figure


@pytest.mark.parametrize("name", NAMES)
def test_axes_have_words_or_units_in_both_languages(draw, name):
    words = {lang: set(read_all(draw(name, lang=lang))) for lang in ("en", "zh")}
    if fonts.find_chinese():
        assert any("\u4e00" <= letter <= "\u9fff" for text in words["zh"] for letter in text)
    assert not any("\u4e00" <= letter <= "\u9fff" for text in words["en"] for letter in text)


@pytest.mark.parametrize("name", NAMES)
def test_without_a_chinese_font_english_and_one_line_of_advice(draw, name, monkeypatch):
    english = read_all(draw(name))
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught:
        axes = draw(name, lang="zh")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert read_all(axes) == english
    render(axes)


@has_chinese
@pytest.mark.parametrize("family", FAMILIES)
def test_each_common_family_is_found_and_draws_every_glyph(draw, family, monkeypatch, caplog):
    manager = font_manager.fontManager
    chinese = fonts.find_chinese()
    latin = [entry for entry in manager.ttflist if entry.name == fonts.LATIN_FAMILY]
    only = [replace(entry, name=family) for entry in manager.ttflist if entry.name == chinese]
    monkeypatch.setattr(manager, "ttflist", [*latin, *only])
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    assert fonts.find_chinese() == family
    with caplog.at_level(logging.WARNING):
        axes = draw("joint", lang="zh")
        axes.figure.savefig(io.BytesIO(), dpi=60)
    assert not caplog.records
    assert "同时实现" in read_all(axes)


def test_every_phrase_is_there_in_both_languages_with_the_same_blanks():
    import re

    quarters = {"Q1", "Q2", "Q3", "Q4", "H1", "Q1-Q3", "FY"}
    assert set(WORDS["zh"]) - quarters == set(WORDS["en"])
    for key, english in WORDS["en"].items():
        blanks = [sorted(re.findall(r"{(\w*)", words)) for words in (english, WORDS["zh"][key])]
        assert blanks[0] == blanks[1], key


def test_joint_map_shows_the_frames(run):
    attainment = run.attainments[0]
    axes = charts.plot_joint(attainment)
    shown = {tuple(text.get_position()): text for text in axes.texts if text.get_text() and text.get_fontsize() == 13}
    headline = [target.id for target in run.model.plan.headline]
    spared = attainment.conditional.set_index(["missed", "met"])["probability"]
    for column, missed in enumerate(headline):
        for row, met in enumerate(headline):
            own = missed == met
            found = list_stated(attainment)[met] if own else spared[missed, met]
            assert shown[column, row].get_text() == print_odds(found)
            assert (shown[column, row].get_weight() == "bold") == own
    together = attainment.joint.query("group == 'headline'")["probability"]
    beside = [text.get_text() for (x, _), text in shown.items() if x > len(headline) - 1]
    assert beside == [print_odds(found) for found in together]
    assert [words for words in read_all(axes) if words.startswith("at least ") and "%" not in words][:2] == [
        "at least 1",
        "at least 2",
    ]
    assert f"all {len(headline)}" in read_all(axes)


def test_joint_map_of_what_is_never_missed(run):
    attainment = run.attainments[0]
    nothing = replace(attainment, if_missed=np.full_like(attainment.if_missed, np.nan))
    count = len(run.model.plan.headline)
    axes = charts.plot_joint(nothing)
    assert [text.get_text() for text in axes.texts].count("–") == count * (count - 1)
    render(axes)


def test_joint_map_needs_two_targets(run):
    attainment = run.attainments[0]
    plan = attainment.plan
    alone = [target.model_copy(update={"headline": "yes" if target.id == "gdp" else "no"}) for target in plan.targets]
    model = replace(attainment.model, plan=replace(plan, targets=tuple(alone)))
    with pytest.raises(ValueError, match="fewer than two headline targets"):
        charts.plot_joint(replace(attainment, model=model))


def test_sensitivity_is_tidy_and_runs_what_it_says(model, sensitivity):
    table, scenario = sensitivity.table, sensitivity.scenario
    assert table.columns.tolist() == ["scenario", "shock", "target", "variant", "probability", "mc_se"]
    judged = len(model.plan.judged)
    assert len(table) == len(scenario.shocks) * len(VARIANTS) * judged
    assert not table.duplicated(["shock", "target", "variant"]).any()
    bare = replace(scenario, shocks={k: v for k, v in scenario.shocks.items() if k != "rare_common_shock"})
    expected = sim.run(model, [scenario, bare], n_paths=4000, seed=7, n_calibrations=0, method="paths")
    for variant, attainment in zip(("scenario", "without"), expected.attainments, strict=True):
        rows = table[(table.shock == "rare_common_shock") & (table.variant == variant)].set_index("target")
        assert rows["probability"].to_dict() == list_stated(attainment).to_dict()
    sizes = sensitivity.sizes["rare_common_shock"]
    assert sizes["small"] < sizes["median"] < sizes["large"]
    gdp = table[(table.shock == "rare_common_shock") & (table.target == "gdp")].set_index("variant")["probability"]
    assert gdp["without"] > gdp["small"] > gdp["large"]


def test_a_dependent_shock_is_varied_and_children_keep_their_tree(model, sensitivity):
    """Leaving the parent out gives the child its probability of the parent's not happening."""
    scenario = sensitivity.scenario
    parent, child = scenario.shocks["export_slump"], scenario.shocks["property_slide"]
    alone = {
        **scenario.shocks,
        "export_slump": parent.model_copy(update={"probability": 0.0}),
        "property_slide": child.model_copy(
            update={"probability": child.depends_on.probability_if_not, "depends_on": None}
        ),
    }
    expected = sim.run(
        model, [replace(scenario, shocks=alone)], n_paths=4000, seed=7, n_calibrations=0, method="paths"
    ).attainments[0]
    rows = sensitivity.table.query("shock == 'export_slump' and variant == 'without'").set_index("target")
    assert rows["probability"].to_dict() == list_stated(expected).to_dict()
    slide = sensitivity.table.query("shock == 'property_slide' and target == 'fixed_asset_investment'")
    odds = slide.set_index("variant")["probability"]
    assert odds["without"] > odds["scenario"] > odds["large"]


def test_a_scenario_without_shocks_names_those_that_have_some(model):
    from sim.inputs.scenario.reading import ORDINARY

    with pytest.raises(ValueError, match=r"scenario 'ordinary' has no shocks.*export-slump") as caught:
        measure_sensitivity(model, ORDINARY, n_paths=100)
    assert "\n" not in str(caught.value)


def test_tornado_shows_the_table_longest_on_top(sensitivity):
    target = "fixed_asset_investment"
    axes = charts.plot_tornado(sensitivity, target)
    rows = sensitivity.table[sensitivity.table.target == target]
    wide = 100 * rows.pivot(index="shock", columns="variant", values="probability")
    stands = wide["scenario"].iloc[0]
    spans = wide[["scenario", *_VARIANTS]].max(axis=1) - wide[["scenario", *_VARIANTS]].min(axis=1)
    order = list(spans.sort_values(ascending=False).index)
    titles = [label.get_text().split("\n")[0] for label in axes.get_yticklabels()]
    assert titles == [sensitivity.scenario.shocks[shock].title.en for shock in order]
    bars = [bar for container in axes.containers for bar in container]
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    expected = [wide.loc[shock, variant] for shock in order for variant in _VARIANTS]
    assert ends == pytest.approx(expected)
    assert all(bar.get_x() == pytest.approx(stands) for bar in bars)
    for end in expected:
        assert f"{print_odds(end / 100)} ({print_points(end - stands)})" in read_all(axes)
    assert any("chance 75 % with" in words for words in read_all(axes))
    with pytest.raises(ValueError, match="no target with odds named gpd; the plan has gdp, "):
        charts.plot_tornado(sensitivity, "gpd")


def test_tornado_numbers_stay_within_the_figure_and_apart(sensitivity):
    for target in ("gdp", "retail_sales", "fixed_asset_investment"):
        axes = charts.plot_tornado(sensitivity, target)
        axes.figure.canvas.draw()
        frame = axes.get_window_extent()
        numbers = [text.get_window_extent() for text in axes.texts if "(" in text.get_text()]
        assert len(numbers) == 3 * len(sensitivity.scenario.shocks)
        assert all(frame.x0 - 2 < box.x0 and box.x1 < axes.figure.bbox.x1 for box in numbers)
        labels = [label.get_window_extent() for label in axes.get_yticklabels()]
        assert min(box.x0 for box in labels) > 0
        assert not any(one.overlaps(other) for k, one in enumerate(labels) for other in labels[k + 1 :])


def test_tornado_bars_differ_in_grey():
    greys = sorted(np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour, _ in _VARIANTS.values())
    assert min(np.diff(greys)) > 0.15


@pytest.mark.parametrize("spread", [1.0, 4.0])
def test_a_density_through_normal_quantiles_is_normal(spread):
    from scipy.special import ndtri

    x, density = trace_density(QUANTILE_LEVELS, 2 + spread * ndtri(QUANTILE_LEVELS))
    normal = np.exp(-0.5 * ((x - 2) / spread) ** 2) / np.sqrt(2 * np.pi) / spread
    assert density == pytest.approx(normal, rel=1e-6)


@pytest.mark.parametrize("quantiles", [[-9, -3, 4.4, 5.0, 5.6, 6.2, 6.5], [0, 0.1, 0.2, 5, 9.8, 9.9, 10]])
def test_a_density_is_positive_and_holds_the_shares_of_its_quantiles(quantiles):
    x, density = trace_density(QUANTILE_LEVELS, quantiles)
    assert (density >= 0).all()
    mass = np.concatenate([[0.005], 0.005 + np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    assert np.interp(quantiles, x, mass) == pytest.approx(QUANTILE_LEVELS, abs=0.03)


def test_ridgeline_shows_the_odds_the_target_and_the_past(run):
    axes = charts.plot_ridgeline(run.attainments, "gdp")
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels[:-1] == [scenario.title_en.replace("\n", " ") for scenario in run.scenarios]
    past = [row for row in run.model.plan.history if row.indicator == "gdp" and row.outcome is not None]
    assert labels[-1] == f"outcomes {past[0].year}–{past[-1].year}"
    shown = [text.get_text() for text in axes.texts if text.get_text().endswith(" %")]
    assert shown == [f"{print_odds(list_stated(each)['gdp'])} %" for each in run.attainments]
    assert any(set(line.get_xdata()) == {5.5} for line in axes.lines)
    low, high = axes.get_xlim()
    ticks = next(line for line in axes.lines if line.get_marker() == "|").get_xdata()
    assert list(ticks) == [row.outcome for row in past if low <= row.outcome <= high]
    beyond = sum(row.outcome > high for row in past)
    assert f"{beyond} higher" in read_all(axes)


def test_ridges_peak_near_the_median_and_are_parted_at_the_target(run):
    axes = charts.plot_ridgeline(run.attainments[:1], "gdp")
    median = run.attainments[0].quantiles.query("series == 'gdp' and period == 'FY' and unit == '%'")["q50"].iloc[0]
    ridge = max((line for line in axes.lines), key=lambda line: len(line.get_xdata()))
    assert ridge.get_xdata()[np.argmax(ridge.get_ydata())] == pytest.approx(median, abs=0.3)
    parts = [patch.get_paths()[0].vertices[:, 0] for patch in axes.collections]
    assert sorted((part.min() == 5.5, part.max() == 5.5) for part in parts) == [(False, True), (True, False)]


@pytest.mark.parametrize("name", ["fan", "burn-up", "ridgeline"])
def test_a_result_without_quantiles_says_what_to_run(run, monkeypatch, name):
    from sim.results.attainment import Attainment

    empty = run.attainments[0].quantiles.iloc[:0]
    monkeypatch.setattr(Attainment, "quantiles", property(lambda _: empty))
    with pytest.raises(ValueError, match=r"holds no quantiles of \w+; run it again with paths: .*`sim run ") as caught:
        plot_chart(name, run)
    assert "\n" not in str(caught.value)


def test_ridgeline_refuses_what_cannot_be_drawn(run):
    with pytest.raises(ValueError, match="no indicator 'gpd'; the plan has gdp, "):
        charts.plot_ridgeline(run.attainments, "gpd")
    with pytest.raises(ValueError, match="no attainments to draw"):
        charts.plot_ridgeline([], "gdp")


def test_reliability_shows_the_bins_in_per_cent():
    bins = read_panel_reliability()
    axes = charts.plot_reliability(bins, "title")
    points = axes.collections[-1].get_offsets()
    assert np.asarray(points) == pytest.approx(100 * bins[["probability", "met"]].to_numpy())
    assert [f"{count:.0f}" for count in bins.n] == [text.get_text() for text in axes.texts[: len(bins)]]
    assert axes.get_title("left") == "title"


@has_chinese
def test_trust_charts_are_chinese(backtest):
    axes = charts.plot_reliability(read_panel_reliability(), lang="zh")
    assert axes.get_xlabel() == "1 月给出的概率，%"
    assert charts.plot_skill(backtest, lang="zh").get_title("left").startswith("地区生产总值，2019–2023 年 ")
    legend = [text.get_text() for text in charts.plot_skill(backtest, lang="zh").get_legend().get_texts()]
    assert legend[-1] == "本方法"
    assert "抛硬币" not in legend
    title = entitle_record("gdp", 203, "2014-2021", 0.2084, float("nan"), "zh")
    assert title == "地区生产总值，2014–2021 年 203 项目标：Brier 得分 0.208（仅一年，误差未知）"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", [name for name in CHARTS if name not in ("tornado", "all-odds")])
def test_every_chart_of_the_catalogue_draws(run, name, lang, caplog):
    with caplog.at_level(logging.WARNING):
        axes = plot_chart(name, run, lang=lang)
        axes.figure.savefig(io.BytesIO(), dpi=60)
    assert not caplog.records
    with pytest.raises(ValueError, match="no chart 'fann'; allowed: fan, "):
        plot_chart("fann", run)


def test_the_catalogue_knows_what_a_chart_may_be_about(plan):
    assert list_subjects(plan, CHARTS["tornado"])[0] == plan.headline[0].id
    assert len(list_subjects(plan, CHARTS["tornado"])) == len(plan.judged)
    deliveries = {target.id for target in plan.deliveries}
    assert set(list_subjects(plan, CHARTS["burn-up"])) <= deliveries
    assert list_subjects(plan, CHARTS["joint"]) == []


def test_a_tornado_of_the_catalogue_takes_the_run_s_draws(model):
    run = sim.run(
        model, sim.read_scenarios(["export-slump"], model.plan), n_paths=500, seed=3, n_calibrations=0, method="paths"
    )
    expected = charts.plot_tornado(measure_sensitivity(model, run.scenarios[0], 500, 3, "paths"), "gdp")
    assert read_all(plot_chart("tornado", run)) == read_all(expected)
    assert "500 paths, seed 3" in next(words for words in read_all(expected) if "seed" in words)


def test_pdf_keeps_letters_and_no_date(draw):
    content = draw_file(draw("reliability"), "pdf")
    assert b"/CIDFontType2" in content
    assert b"/Type3" not in content
    assert b"CreationDate" not in content
    assert draw_file(draw("reliability"), "pdf") == content


def test_words_about_the_number_met_stand_above_the_bars(run):
    few = {"all": np.array([0.0, 0.0, 0.05, 0.14, 0.55, 0.26])}
    axes = charts.plot_number_met(replace(run.attainments[0], number_met=few))
    axes.figure.canvas.draw()
    words = next(text for text in axes.texts if "expected" in text.get_text()).get_window_extent()
    assert all(bar.get_window_extent().y1 < words.y0 for bar in axes.patches if bar.get_height() > 0)
    assert "4.0 expected; 3 to 5 in eight years of ten" in read_all(axes)


def test_history_is_in_the_order_of_years_whatever_the_rows(plan: Plan) -> None:
    turned = replace(plan, history=plan.history[::-1])
    assert list_history(turned, "gdp") == list_history(plan, "gdp")
    assert len(list_history(plan, "gdp")) > 10
