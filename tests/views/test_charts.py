"""Charts: what they refuse, what they say, that they say it in letters that exist, and leave no trace."""

import io
import logging
from dataclasses import replace
from itertools import pairwise

import matplotlib
import matplotlib.pyplot
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import sim
from sim.views import charts, fonts
from sim.views.charts.fan import _choose_limits
from sim.views.charts.heatmap import print_odds, print_points
from sim.views.likelihood_words import describe

has_chinese = pytest.mark.skipif(fonts.find_chinese() is None, reason="no font with Chinese characters")
LANGUAGES = ["en", pytest.param("zh", marks=has_chinese)]
CHARTS = ["fan", "odds", "change"]


@pytest.fixture(scope="module")
def run():
    plan = sim.read_plan("qingdao-2024")
    scenarios = sim.read_scenarios(["baseline", "export-slump", "consumption-stimulus"], plan)
    return sim.run(sim.load_model(plan), scenarios, n_paths=2000, n_calibrations=0, method="paths")


@pytest.fixture
def headline(run):
    return [target.id for target in run.model.plan.headline]


@pytest.fixture
def draw(run, headline):
    """Draws any chart by name."""

    def draw(name, ax=None, lang="en"):
        if name == "fan":
            return charts.plot_fan(run.attainments[0], "gdp", ax, lang)
        return getattr(charts, f"plot_{name}")(run.attainments, ax, lang, headline)

    return draw


def rename(attainment, **names):
    """The same attainment with other names of its first target."""
    plan = attainment.plan
    first, *rest = plan.targets
    plan = replace(plan, targets=(first.model_copy(update=names), *rest))
    return replace(attainment, model=replace(attainment.model, plan=plan))


def read_all(axes):
    """Every text of the figure, also titles and labels."""
    from matplotlib.text import Text

    return [text.get_text() for text in axes.figure.findobj(Text) if text.get_text()]


def render(axes):
    for file_format in ("png", "svg"):
        axes.figure.savefig(io.BytesIO(), format=file_format)


def test_refuses_what_cannot_be_drawn(run, draw):
    attainment = run.attainments[0]
    with pytest.raises(ValueError, match=r"no indicator 'gpd'; the plan has gdp, "):
        charts.plot_fan(attainment, "gpd")
    with pytest.raises(ValueError, match="no attainments to draw"):
        charts.plot_odds([])
    with pytest.raises(ValueError, match=r"no target with odds named gpd; the plan has gdp, "):
        charts.plot_odds([attainment], targets=["gpd"])
    with pytest.raises(ValueError, match="no targets to draw"):
        charts.plot_odds([attainment], targets=[])
    with pytest.raises(ValueError, match="different targets"):
        charts.plot_odds([attainment, rename(attainment, value=9.0)])
    with pytest.raises(ValueError, match="on the same draws: one seed and one number of paths"):
        charts.plot_change([attainment, replace(attainment, seed=1)])
    with pytest.raises(ValueError, match=r"no charts in language 'fr'; allowed: en, zh"):
        draw("odds", lang="fr")


@pytest.mark.parametrize("name", CHARTS)
def test_returns_the_given_axes(draw, name):
    figure = Figure()
    given = figure.subplots(1, 2)[0]
    assert draw(name, given) is given
    assert not figure.texts
    assert draw(name).figure is not figure


def test_fan_has_history_and_the_target_year(run, draw):
    plan = run.model.plan
    axes = draw("fan")
    outcomes = [row.outcome for row in plan.history if row.indicator == "gdp" and row.outcome is not None]
    lines = {line.get_label(): line for line in axes.lines}
    drawn = lines["outcome"].get_ydata()
    assert [value for value in drawn if value == value] == outcomes
    promised = [row.target for row in plan.history if row.indicator == "gdp" and row.target is not None]
    assert list(lines["target of that year"].get_ydata()) == promised
    fan = run.attainments[0].quantiles.query("series == 'gdp' and unit == '%'").set_index("period")
    assert list(lines["median"].get_ydata()) == list(fan["q50"].loc[["Q1", "H1", "Q1-Q3", "FY"]])
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels[-5:] == ["2023", "Q1", "H1", "Q1–Q3", "FY"]
    assert "2024: from January to the quarter’s end, as published" in read_all(axes)


def test_fan_has_the_target_its_tolerance_and_odds_in_words(run, draw):
    axes = draw("fan")
    odds = run.attainments[0].odds.set_index(["target", "reading"]).loc[("gdp", "stated")]
    probability, error = float(odds["probability"]), float(odds["mc_se"])
    words = describe(round(probability, 3))
    assert axes.get_title("left") == f"GDP about 5.5 %: {words}, {100 * probability:.1f} % ± {100 * error:.1f}"
    assert any(set(line.get_ydata()) == {5.5} for line in axes.lines)
    assert "target about 5.5 %" in read_all(axes)
    tolerance = next(each for each in axes.collections if each.get_label() == "tolerance")
    heights = tolerance.get_paths()[0].vertices[:, 1]
    assert (heights.min(), heights.max()) == pytest.approx((5.3, 5.5))


def test_fan_of_an_indicator_without_target_or_history(run):
    attainment = run.attainments[0]
    others = tuple(target for target in attainment.plan.targets if target.id != "gdp")
    plan = replace(attainment.plan, targets=others, history=())
    bare = replace(attainment, model=replace(attainment.model, plan=plan))
    axes = charts.plot_fan(bare, "gdp")
    assert axes.get_title("left") == "GDP"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Q1", "H1", "Q1–Q3", "FY"]
    render(axes)


def test_history_does_not_crush_the_fan(run):
    low, high = _choose_limits([2.0, 6.0], [5.0, 8.0, 26.0, -30.0])
    assert (low, high) == pytest.approx((2 - 0.48, 8 + 0.48))
    axes = charts.plot_fan(run.attainments[0], "income_per_capita")
    low, high = axes.get_ylim()
    for row in run.model.plan.history:
        if row.indicator == "income_per_capita" and row.outcome is not None and not low < row.outcome < high:
            assert any(f"{row.outcome:.1f}" in words.split() for words in read_all(axes))


def test_the_target_stays_in_sight_however_far_away(run):
    far = rename(run.attainments[0], value=25.0)
    assert charts.plot_fan(far, "gdp").get_ylim()[1] > 25


def test_heat_map_shows_the_odds(run, headline):
    axes = charts.plot_odds(run.attainments, targets=headline)
    shown = {(round(x), round(y)): text.get_text() for text in axes.texts for x, y in [text.get_position()]}
    for column, attainment in enumerate(run.attainments):
        stated = attainment.odds.query("reading == 'stated'").set_index("target")["probability"]
        for row, target in enumerate(headline):
            assert shown[column, row] == print_odds(stated[target])
    assert len(shown) == len(headline) * len(run.attainments)


def test_heat_map_grows_with_its_rows(run, headline):
    every = charts.plot_odds(run.attainments)
    few = charts.plot_odds(run.attainments[:1], targets=headline)
    assert len(every.get_yticks()) == len(run.model.plan.judged)
    assert every.figure.get_figheight() > 2 * few.figure.get_figheight()
    assert few.figure.get_figwidth() / few.figure.get_figheight() == pytest.approx(16 / 9)
    every.figure.canvas.draw()
    edges = [label.get_window_extent() for label in every.get_yticklabels()]
    assert min(edge.x0 for edge in edges) > 0
    assert all(upper.y0 >= lower.y1 - 2 for upper, lower in pairwise(edges))


def test_colours_darken_steadily_and_numbers_stand_out():
    from matplotlib.colors import LinearSegmentedColormap

    from sim.views.charts.style import DARK, HEAT, INK

    def lighten(colour):
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    colours = LinearSegmentedColormap.from_list("odds", HEAT)
    light = [lighten(colours(percent / 100)) for percent in range(101)]
    assert all(darker < lighter for lighter, darker in pairwise(light[::5]))
    for percent, cell in enumerate(light):
        ink = lighten("white" if percent / 100 > DARK else INK)
        assert (max(ink, cell) + 0.05) / (min(ink, cell) + 0.05) > 3.9


def test_change_of_the_baseline_against_itself_is_zero(run, headline):
    baseline = run.attainments[0]
    for attainments in ([baseline], [baseline, baseline]):
        axes = charts.plot_change(attainments, targets=headline)
        assert [text.get_text() for text in axes.texts[: len(headline)]] == ["0.0"] * len(headline)
        assert {bar.get_width() for bar in axes.patches[-len(headline) :]} == {0.0}
        render(axes)


def test_change_shows_points_and_bars_on_one_scale(run, headline):
    axes = charts.plot_change(run.attainments, targets=headline)
    stated = [
        each.odds.query("reading == 'stated'").set_index("target")["probability"][headline] for each in run.attainments
    ]
    points = [100 * float(each[target] - stated[0][target]) for each in stated[1:] for target in headline]
    assert [text.get_text() for text in axes.texts[: len(points)]] == [print_points(point) for point in points]
    widths = [bar.get_width() for container in axes.containers for bar in container]
    scale = max(widths, key=abs) / max(points, key=abs)
    assert widths == pytest.approx([scale * point for point in points])
    assert scale > 0


def test_footer_names_paths_seed_and_version(run, draw):
    words = f"2,000 paths, seed 2024, sim {sim.__version__}"
    assert all(words in read_all(draw(name)) for name in CHARTS)
    figure = Figure()
    charts.add_footer(figure, run.attainments[0])
    assert [text.get_text() for text in figure.texts] == [words]


def test_exact_odds_claim_no_error_of_counting(run):
    exact = replace(run.attainments[0], n_points=4096, met_se=0 * run.attainments[0].met_se)
    axes = charts.plot_fan(exact, "gdp")
    odds = exact.odds.set_index(["target", "reading"])["probability"]["gdp", "stated"]
    assert axes.get_title("left") == f"GDP about 5.5 %: {describe(round(odds, 3))}, {100 * odds:.1f} %"
    assert not any("standard error" in words for words in read_all(axes))
    assert f"4,096 points, seed 2024, sim {sim.__version__}" in read_all(axes)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_both_languages_have_every_glyph(draw, name, lang, caplog):
    with caplog.at_level(logging.WARNING):
        render(draw(name, lang=lang))
    assert not caplog.records


@has_chinese
def test_chinese_charts_are_chinese(draw):
    assert any("地区生产总值增长5.5%左右：" in words for words in read_all(draw("fan", lang="zh")))
    assert "一般公共预算收入\n5%左右" in read_all(draw("odds", lang="zh"))
    assert any("条路径" in words for words in read_all(draw("change", lang="zh")))


@has_chinese
@pytest.mark.parametrize("name", CHARTS)
def test_axes_made_elsewhere_get_the_fonts_too(draw, name):
    figure = Figure()
    draw(name, figure.add_subplot(), "zh")
    render(figure.axes[0])


@pytest.mark.parametrize("name", CHARTS)
def test_without_a_chinese_font_english_and_one_line_of_advice(draw, name, monkeypatch):
    english = read_all(draw(name))
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    with pytest.warns(UserWarning, match=r"install one: `apt install fonts-noto-cjk`") as caught:
        axes = draw(name, lang="zh")
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    assert caught[0].filename == __file__
    assert read_all(axes) == english
    render(axes)


def test_one_warning_for_all_charts_of_a_run(run, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    with pytest.warns(UserWarning, match="no font with Chinese characters") as caught:
        charts.write_charts(run, tmp_path, "zh")
    assert len(caught) == 1


@pytest.mark.parametrize("name", ["产值 GDP", "GDP 🜲", "$x_{$ & <b>"])
def test_names_in_any_letters(run, name, monkeypatch):
    monkeypatch.setattr(fonts, "find_chinese", lambda: None)
    axes = charts.plot_fan(rename(run.attainments[0], name_en=name), "gdp")
    said = name if name.isascii() else "gdp"
    assert axes.get_title("left").startswith(f"{said} about 5.5 %: ")
    render(axes)


def test_fonts_installed_later_are_found(monkeypatch):
    found = iter([None, "SimHei"])
    monkeypatch.setattr(fonts, "_search", lambda: next(found))
    monkeypatch.setattr(fonts, "_list_new_files", lambda: True)
    assert fonts.find_chinese() == "SimHei"


def test_no_font_is_found_where_none_is(monkeypatch):
    from matplotlib import font_manager

    latin = [entry for entry in font_manager.fontManager.ttflist if entry.name == fonts.LATIN_FAMILY]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", latin)
    monkeypatch.setattr(font_manager, "findSystemFonts", list)
    assert fonts.find_chinese() is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_repeat_writes_identical_bytes_whatever_the_user_has_set(run, tmp_path, lang):
    first = charts.write_charts(run, tmp_path / "first", lang)
    with matplotlib.rc_context({"font.size": 30, "font.family": "serif", "axes.facecolor": "black", "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        second = charts.write_charts(run, tmp_path / "second", lang)
        assert dict(matplotlib.rcParams) == before
    fans = [f"fan-{indicator.id}" for indicator in run.model.plan.indicators]
    names = ["odds", "change", *fans, "all-odds", "number-met", "milestones"]
    written = [path.name for path in first]
    assert written[: 2 * len(names)] == [f"{name}.{ending}" for name in names for ending in ("png", "svg")]
    assert all(name.startswith("burn-up-") for name in written[2 * len(names) :])
    assert sorted(first) == sorted((tmp_path / "first").iterdir())
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    text = (tmp_path / "first" / "fan-gdp.svg").read_text(encoding="utf-8")
    assert "<text" in text
    assert ("地区生产总值" if lang == "zh" else "real growth on a year earlier, %") in text
    assert "dc:date" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_leaves_no_trace(run, draw, lang):
    before = dict(matplotlib.rcParams)
    for name in CHARTS:
        draw(name, lang=lang)
        assert dict(matplotlib.rcParams) == before
    charts.add_footer(Figure(), run.attainments[0], lang)
    assert dict(matplotlib.rcParams) == before
    assert matplotlib.pyplot.get_fignums() == []
