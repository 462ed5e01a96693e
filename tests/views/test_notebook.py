"""Notebooks: results that show themselves, sliders that agree with the what-if, labelled arrays."""

import ast
import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import ipywidgets
import numpy as np
import pytest

import sim
from sim.analysis.what_if import WhatIf
from sim.errors import InputError, SimError
from sim.inputs.plan.plan import Plan, show_plan
from sim.inputs.scenario.document import Dependence
from sim.inputs.scenario.reading import Scenario, read_scenario, show_scenario
from sim.model.model import Model, show_model
from sim.results.attainment import QUANTILE_LEVELS, Attainment
from sim.results.run import Run, show_run
from sim.views.notebook.sliders import Explorer, Still, explore

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
EVIL = '<script>alert("1")</script>&amp;<img src=x onerror=alert(2)>'


@pytest.fixture(scope="module")
def slump(model: Model) -> Explorer:
    found = explore(model, "export-slump")
    assert isinstance(found, Explorer)
    return found


@pytest.fixture
def explorer(slump: Explorer) -> Explorer:
    slump.reset.click()
    return slump


class Tags(HTMLParser):
    """Names of the elements of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def read_odds(html: str) -> list[list[float]]:
    """Figures of the table's rows."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)[1:]
    return [[float(each) for each in re.findall(r">([-+]?[0-9.]+)(?: %)?<", row)] for row in rows]


def poison_plan(plan: Plan) -> Plan:
    names = {"name_en": EVIL, "name_zh": EVIL}
    targets = tuple(target.model_copy(update={**names, "phrase": EVIL, "source": EVIL}) for target in plan.targets)
    indicators = tuple(indicator.model_copy(update={**names, "source": EVIL}) for indicator in plan.indicators)
    return replace(plan, place_en=EVIL, place_zh=EVIL, targets=targets, indicators=indicators)


def poison_scenario(scenario: Scenario) -> Scenario:
    shocks = {
        name: shock.model_copy(
            update={"title": shock.title.model_copy(update={"en": EVIL, "zh": EVIL}), "source": EVIL}
        )
        for name, shock in scenario.shocks.items()
    }
    return replace(
        scenario, name=EVIL, title_en=EVIL, title_zh=EVIL, why=EVIL, why_zh=EVIL, sources=(EVIL,), shocks=shocks
    )


def test_every_result_shows_itself(plan: Plan, model: Model, result: Run) -> None:
    for thing, words in (
        (plan, "Qingdao 青岛 2024: 6 indicators, 158 targets, 77 with odds"),
        (model, "Model of qingdao-2024"),
        (result.scenarios[1], "Export slump 出口下滑 (export-slump)"),
        (result, "Qingdao 2024: odds as printed, %; seed 2024"),
        (result.attainments[0], "Qingdao 2024, baseline"),
    ):
        page = Tags(thing._repr_html_())  # type: ignore[attr-defined]
        assert words in page.text
        assert "table" in page.names
        assert len(repr(thing)) < 20_000


def test_a_run_shows_the_odds_that_it_found(result: Run) -> None:
    page = show_run(result)
    for attainment in result.attainments:
        printed = attainment.odds[attainment.odds.reading == "printed"].set_index("target").probability
        cells = [
            f'<td style="text-align:left">{100 * printed[target.id]:.1f}</td>' for target in result.model.plan.headline
        ]
        assert "".join(cells) in page
    assert repr(result) == "<Run of qingdao-2024: baseline, export-slump, external-and-property; seed 2024>"


def test_a_scenario_without_shocks_says_so(result: Run) -> None:
    assert "no shocks" in show_scenario(replace(result.scenarios[0], shocks={}, sources=()))


def test_a_script_in_any_text_is_shown_as_text(plan: Plan, model: Model, result: Run) -> None:
    evil_plan, evil_scenario = poison_plan(plan), poison_scenario(result.scenarios[1])
    unbound = model.calibration.model_copy(update={"made_from": None})  # a calibration of another place is refused
    evil_model = replace(model, plan=evil_plan, calibration=unbound)
    attainments = tuple(replace(each, model=evil_model, scenario=evil_scenario) for each in result.attainments)
    evil_run = replace(result, model=evil_model, scenarios=(evil_scenario,) * 2, attainments=attainments)
    pages = [show_plan(evil_plan), show_model(evil_model), show_scenario(evil_scenario), show_run(evil_run)]
    pages.append(attainments[0]._repr_html_())
    for lang in ("en", "zh"):
        explorer = explore(evil_model, evil_scenario, lang=lang)
        assert isinstance(explorer, Explorer)
        pages += [explorer.table.value, explorer.fan.value, *list_html(explorer.view)]
        pages.append(Still(explorer.what_if, "gdp", lang)._repr_html_())
    for page in pages:
        assert not {"script", "img"} & set(Tags(page).names)
    for page in pages[:6]:
        assert EVIL in Tags(page).text


def list_html(widget: ipywidgets.Widget) -> list[str]:
    if isinstance(widget, ipywidgets.HTML):
        return [widget.value]
    assert not getattr(widget, "description_allow_html", False)
    return [html for child in getattr(widget, "children", ()) for html in list_html(child)]


def test_every_shock_has_two_sliders_and_about_has_one(explorer: Explorer, plan: Plan) -> None:
    assert list(explorer.sizes) == list(explorer.probabilities) == ["export_slump", "rare_common_shock"]
    assert [slider.value for slider in explorer.sizes.values()] == [1.0, 1.0]
    assert [slider.value for slider in explorer.probabilities.values()] == [1.0, 0.08]
    (targets,) = explorer.tolerances
    assert set(targets) == {target.id for target in plan.judged if target.criterion == "about"}
    assert explorer.tolerances[targets].value == 0.2
    assert repr(explorer) == "<Explorer of export-slump: 11 sliders>"
    assert "application/vnd.jupyter.widget-view+json" in explorer._repr_mimebundle_()


def test_untouched_sliders_show_the_run(explorer: Explorer, result: Run) -> None:
    frame = result.attainments[1].odds.set_index(["target", "reading"]).probability
    for number, name in enumerate(explorer.published.targets):
        shown = read_odds(explorer.table.value)[number]
        readings = [100 * frame[name, reading] for reading in ("printed", "stated", "tolerance")]
        assert shown[:3] == pytest.approx(readings, abs=0.06)
        assert shown[3] == 0.0


@pytest.mark.parametrize(("size", "chance", "tolerance"), [(0.0, 1.0, 0.2), (1.5, 0.5, 0.3), (3.0, 0.25, 0.0)])
def test_moved_sliders_agree_with_the_what_if(
    explorer: Explorer, model: Model, plan: Plan, size: float, chance: float, tolerance: float
) -> None:
    before = explorer.table.value, explorer.fan.value
    explorer.sizes["export_slump"].value = size
    explorer.probabilities["export_slump"].value = chance
    (slider,) = explorer.tolerances.values()
    slider.value = tolerance
    about = [target.id for target in plan.judged if target.criterion == "about"]
    now = WhatIf(model, explorer.what_if.scenario).odds(
        sizes={"export_slump": size},
        probabilities={"export_slump": chance},
        tolerances=dict.fromkeys(about, tolerance),
    )
    shown = read_odds(explorer.table.value)
    for number in range(len(now.targets)):
        assert shown[number][:3] == pytest.approx([100 * share for share in now.probability[:, number]], abs=0.051)
    assert shown[-1][0] == pytest.approx(100 * now.joint, abs=0.051)
    median = now.quantiles[-1, 0, QUANTILE_LEVELS.index(0.5)]
    assert f" in 2024: median {median:.1f}" in explorer.fan.value
    assert (explorer.table.value, explorer.fan.value) != before


def test_a_larger_tolerance_moves_only_that_reading(explorer: Explorer) -> None:
    before = read_odds(explorer.table.value)[0]
    (slider,) = explorer.tolerances.values()
    slider.value = 0.8
    after = read_odds(explorer.table.value)[0]
    assert after[:2] == before[:2]
    assert after[2] > before[2] + 1


def test_another_indicator_shows_its_fan(explorer: Explorer) -> None:
    table, fan = explorer.table.value, explorer.fan.value
    explorer.indicator.value = "retail_sales"
    assert explorer.table.value == table
    assert "Retail sales in 2024: median" in explorer.fan.value
    explorer.indicator.value = "gdp"
    assert explorer.fan.value == fan


def test_reset_puts_every_slider_back(explorer: Explorer) -> None:
    table, fan = explorer.table.value, explorer.fan.value
    for slider in (*explorer.sizes.values(), *explorer.probabilities.values(), *explorer.tolerances.values()):
        slider.value = 0.5
    assert explorer.table.value != table
    explorer.reset.click()
    assert (explorer.table.value, explorer.fan.value) == (table, fan)
    assert not any(explorer.read().values())


def test_the_fan_is_drawn_where_its_figures_are(explorer: Explorer) -> None:
    heights = [
        [float(point.partition(",")[2]) for point in points.split()]
        for points in re.findall(r'<polygon points="([^"]*)"', explorer.fan.value)
    ]
    assert len(heights) == 3
    wide, middle, narrow = (max(each) - min(each) for each in heights)
    assert wide > middle > narrow
    before = explorer.fan.value
    explorer.sizes["export_slump"].value = 3.0
    assert explorer.fan.value != before


def test_other_onsets_numbers_of_targets_and_a_supposed_figure_are_those_of_the_what_if(explorer: Explorer) -> None:
    explorer.onsets["export_slump"].value = "Q3"
    explorer.values["gdp"].value = 5.0
    asked = {"onsets": {"export_slump": "Q3"}, "values": {"gdp": 5.0}}
    assert {word: found for word, found in explorer.read().items() if found} == asked
    live = explorer.what_if.odds(**asked)  # type: ignore[arg-type]
    assert read_odds(explorer.table.value)[0][0] == pytest.approx(100 * live.probability[0, 0], abs=0.051)
    assert "5 %" in explorer.table.value
    explorer.figure.value = ("gdp", "Q1")
    explorer.print.value = 4.2
    supposed = explorer.what_if.suppose("gdp", "Q1", 4.2).odds(**asked)  # type: ignore[arg-type]
    assert supposed.probability[0, 0] < live.probability[0, 0] - 0.1
    assert read_odds(explorer.table.value)[0][0] == pytest.approx(100 * supposed.probability[0, 0], abs=0.051)
    explorer.reset.click()
    assert not any(explorer.read().values())
    assert explorer.figure.value is None


def test_sliders_speak_chinese(model: Model) -> None:
    explorer = explore(model, "baseline", lang="zh")
    assert isinstance(explorer, Explorer)
    assert "2024 年地区生产总值：中位数" in explorer.fan.value
    assert "6 项主要增长目标全部实现" in explorer.table.value
    assert explorer.sizes["rare_common_shock"].description == "强度（原情景的倍数）"


def test_a_shock_that_depends_on_another_starts_at_its_overall_probability(model: Model, plan: Plan) -> None:
    scenario = read_scenario("export-slump", plan)
    depends = Dependence(shock="rare_common_shock", probability_if_happened=0.9, probability_if_not=0.4)
    slump = scenario.shocks["export_slump"].model_copy(update={"probability": None, "depends_on": depends})
    shocks = {"rare_common_shock": scenario.shocks["rare_common_shock"], "export_slump": slump}
    tied = replace(scenario, shocks=shocks)
    explorer = explore(model, tied)
    assert isinstance(explorer, Explorer)
    assert explorer.probabilities["export_slump"].value == pytest.approx(0.08 * 0.9 + 0.92 * 0.4)
    assert not any(explorer.read().values())
    assert np.array_equal(explorer.published.probability, WhatIf(model, tied).odds().probability)


def test_without_ipywidgets_a_still_picture_says_what_to_install(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    still = explore(model, "export-slump")
    assert isinstance(still, Still)
    assert 'pip install "target-simulator[notebook]"' in repr(still)
    assert "\n" not in repr(still)
    page = Tags(still._repr_html_())
    assert 'pip install "target-simulator[notebook]"' in page.text
    assert {"svg", "table", "polygon"} <= set(page.names)


def test_what_cannot_be_explored_is_told(model: Model, plan: Plan) -> None:
    with pytest.raises(InputError, match="no such file"):
        explore(model, "export-slmp")
    with pytest.raises(ValueError, match="no words in language 'fr'; allowed: en, zh"):
        explore(plan, lang="fr")
    without = replace(plan, targets=tuple(target for target in plan.targets if target.kind != "growth"))
    with pytest.raises(InputError, match="no growth targets with odds; add one"):
        explore(replace(model, plan=without), "baseline")
    twice = replace(plan, targets=(*plan.targets, plan.targets[0].model_copy(update={"id": "again"})))
    with pytest.raises(InputError, match="what-if of scenario 'baseline': several targets on one indicator: gdp"):
        explore(replace(model, plan=twice), "baseline")


def test_a_plan_may_be_named() -> None:
    assert repr(sim.explore("qingdao-2024")) == "<Explorer of baseline: 9 sliders>"


def find(attainment: Attainment, frame: str, **where: object) -> float:
    rows = getattr(attainment, frame)
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return float(rows[rows.columns[-1] if frame == "quantiles" else "probability"].iloc[0])


def test_arrays_hold_what_the_tables_hold(result: Run) -> None:
    arrays = result.to_xarray()
    assert arrays.sizes["scenario"] == 3
    assert arrays.sizes["target"] == 77
    slump = result.attainments[1]
    there = arrays.sel(scenario="export-slump")
    for target, reading in (("gdp", "printed"), ("gdp", "tolerance"), ("grain_output", "H1")):
        wanted = find(slump, "odds", target=target, reading=reading)
        assert float(there.probability.sel(target=target, reading=reading)) == wanted
    assert float(there.at_least_probability.sel(group="headline", at_least=6)) == pytest.approx(
        find(slump, "joint", group="headline", at_least=6)
    )
    assert float(there.at_least_probability.sel(group="headline", at_least=0)) == pytest.approx(1)
    assert np.isnan(there.at_least_probability.sel(group="headline", at_least=7))
    assert float(there.if_missed.sel(missed="gdp", met="retail_sales")) == find(
        slump, "conditional", missed="gdp", met="retail_sales"
    )
    assert float(there.growth.sel(period="FY", indicator="gdp", level=0.95)) == find(
        slump, "quantiles", series="gdp", period="FY", unit="%"
    )
    ranges = [arrays[end].sel(reading="printed").values.T for end in ("range_low", "range_high")]
    assert np.array_equal(ranges, np.stack([each.met_range[:, 0] for each in result.attainments], axis=-1))
    exact = slump.odds.set_index(["target", "reading"]).exact_calibration
    assert float(there.exact_calibration.sel(target="gdp", reading="stated")) == exact["gdp", "stated"]
    assert arrays.attrs["seed"] == 2024


def test_one_attainment_becomes_arrays_too(result: Run) -> None:
    arrays = result.attainments[0].to_xarray()
    assert arrays.probability.dims == ("scenario", "target", "reading")
    assert arrays.progress.sizes["delivery"] == arrays.delivery.size > 0


def test_without_xarray_one_line_says_what_to_install(result: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(SimError, match=r'^xarray is not installed; pip install "target-simulator\[notebook\]"$'):
        result.to_xarray()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_can_be_read_without_being_run(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 1_000_000
    assert not re.findall(r"/(?:home|root|tmp|work|Users)/", text)
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] == number for number, cell in enumerate(cells, start=1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert not [output for output in outputs if output["output_type"] == "error" or output.get("name") == "stderr"]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert json.loads(text)["metadata"]["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_needs_nothing_but_public_names(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = "".join("".join(cell["source"]) + "\n" for cell in cells if cell["cell_type"] == "code")
    used = set()
    for node in ast.walk(ast.parse(code.replace("%matplotlib inline", ""))):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [f"{node.module}."] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
            assert not [each for each in modules if each.startswith("sim.")]
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sim":
            used.add(node.attr)
    assert used
    assert used <= set(sim.__all__)


def test_notebooks_are_numbered() -> None:
    numbers = [int(path.stem.partition("_")[0]) for path in NOTEBOOKS]
    assert numbers == [1, 2, 3, 4, 5, 6, 7]
