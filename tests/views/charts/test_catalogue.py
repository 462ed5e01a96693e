"""The catalogue: every chart by its name, what it may be about, what it refuses."""

import io
import logging
from dataclasses import replace

import pytest
from chart_reading import LANGUAGES, read_all, rename

import sim
from sim.analysis.sensitivity import measure_sensitivity
from sim.views import charts
from sim.views.charts.catalogue import CHARTS, list_subjects, plot_chart


def test_refuses_what_cannot_be_drawn(counted):
    attainment = counted.attainments[0]
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
        charts.plot_odds([attainment], lang="fr")


def test_a_run_is_taken_where_there_is_no_doubt_what_is_meant(counted):
    one = replace(counted, scenarios=counted.scenarios[:1], attainments=counted.attainments[:1])
    expected = read_all(charts.plot_fan(counted.attainments[0], "gdp"))
    for given in (one, [counted["baseline"]], counted["baseline"]):
        assert read_all(charts.plot_fan(given, "gdp")) == expected
    expected = read_all(charts.plot_odds(counted.attainments, targets=["gdp"]))
    for given in (counted, list(counted.values())):
        assert read_all(charts.plot_odds(given, targets=["gdp"])) == expected
    alone = read_all(charts.plot_odds([counted["baseline"]], targets=["gdp"]))
    assert read_all(charts.plot_odds(counted["baseline"], targets=["gdp"])) == alone


def test_what_a_chart_cannot_take_is_told_with_what_to_write(counted):
    words = r"plot_fan shows one scenario, the run has 3; write plot_fan\(run\['baseline'\], \.\.\.\)"
    with pytest.raises(ValueError, match=words):
        charts.plot_fan(counted, "gdp")
    with pytest.raises(ValueError, match="plot_milestones shows one scenario, and was given an object of type Plan"):
        charts.plot_milestones(counted.model.plan)
    with pytest.raises(
        ValueError, match="plot_odds shows the scenarios of a run, and was given an object of type dict"
    ):
        charts.plot_odds(dict(counted))
    with pytest.raises(
        ValueError, match=r"plot_tornado shows the sensitivity .* type Run; write .*measure_sensitivity"
    ):
        charts.plot_tornado(counted, "gdp")
    with pytest.raises(ValueError, match="chart 'odds' shows a run, and was given an object of type Attainment"):
        plot_chart("odds", counted["baseline"])


@pytest.mark.parametrize("name", ["fan", "burn-up", "ridgeline"])
def test_a_result_without_quantiles_says_what_to_run(counted, monkeypatch, name):
    from sim.results.attainment import Attainment

    empty = counted.attainments[0].quantiles.iloc[:0]
    monkeypatch.setattr(Attainment, "quantiles", property(lambda _: empty))
    with pytest.raises(ValueError, match=r"holds no quantiles of \w+; run it again with paths: .*`sim run ") as caught:
        plot_chart(name, counted)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_of_the_catalogue_draws(counted, name, lang, caplog):
    with caplog.at_level(logging.WARNING):
        plot_chart(name, counted, lang=lang).figure.savefig(io.BytesIO(), dpi=60)
    assert not caplog.records


def test_a_name_that_is_none_is_refused(counted):
    with pytest.raises(ValueError, match="no chart 'fann'; allowed: fan, "):
        plot_chart("fann", counted)


def test_the_catalogue_knows_what_a_chart_may_be_about(plan):
    assert list_subjects(plan, CHARTS["tornado"])[0] == plan.headline[0].id
    assert len(list_subjects(plan, CHARTS["tornado"])) == len(plan.judged)
    deliveries = {target.id for target in plan.deliveries}
    assert set(list_subjects(plan, CHARTS["burn-up"])) <= deliveries
    assert list_subjects(plan, CHARTS["joint"]) == []


def test_a_tornado_of_the_catalogue_takes_the_run_s_draws(model):
    scenarios = sim.read_scenarios(["export-slump"], model.plan)
    counted = sim.run(model, scenarios, n_paths=500, seed=3, n_calibrations=0, method="paths")
    expected = charts.plot_tornado(
        measure_sensitivity(model, counted.scenarios[0], n_paths=500, seed=3, method="paths"), "gdp"
    )
    assert read_all(plot_chart("tornado", counted)) == read_all(expected)
    assert "500 paths, seed 3" in next(words for words in read_all(expected) if "seed" in words)
