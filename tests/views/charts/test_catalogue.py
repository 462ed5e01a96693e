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
    expected = charts.plot_tornado(measure_sensitivity(model, counted.scenarios[0], 500, 3, "paths"), "gdp")
    assert read_all(plot_chart("tornado", counted)) == read_all(expected)
    assert "500 paths, seed 3" in next(words for words in read_all(expected) if "seed" in words)
