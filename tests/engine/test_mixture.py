"""Mixtures: sums by hand, one part alone, a shock that says the same, both roads, faults of the file."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rejection import reject
from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.compare import compare
from sim.analysis.probability import probability
from sim.analysis.promise import promise
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.path_runs import count_scenarios, weigh_first_paths
from sim.engine.run import run
from sim.engine.tasks import prepare_run
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import Scenario, read_scenario
from sim.model.known import Known, KnownGrowth
from sim.model.model import Model
from sim.results.integrals import settle
from sim.results.settings import RunSettings
from sim.views.warning_lines import list_warnings

PARTS = {"baseline": 0.55, "export-slump": 0.3, "property-slide": 0.15}
FILE = """schema_version: 1
title: {en: Outlook, zh: 展望}
why: One of three stories.
sources: [assumption]
mixture: {baseline: 0.55, export-slump: 0.3, property-slide: 0.15}
"""


def write(folder: Path, text: str = FILE, name: str = "outlook.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def outlook(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return read_scenario(write(tmp_path_factory.mktemp("mixture")), plan)


@pytest.fixture(scope="module")
def mixed(model: Model, outlook: Scenario) -> sim.Run:
    return run(model, [*PARTS, outlook], n_points=256, n_calibrations=16, n_paths=20_000)


def test_a_mixture_is_read_with_its_parts(outlook: Scenario) -> None:
    assert [(part.name, weight) for part, weight in outlook.mixture] == list(PARTS.items())
    assert repr(outlook) == "<Scenario outlook: 0.55 baseline or 0.3 export-slump or 0.15 property-slide>"
    assert outlook.shocks == {}
    assert {path.stem for path in outlook.files} >= {"outlook", *PARTS}


def test_odds_are_the_sums_by_hand(mixed: sim.Run) -> None:
    whole = mixed["outlook"]
    assert not mixed.deviations

    def add(pick: object) -> np.ndarray:
        return sum(weight * pick(mixed[name]) for name, weight in PARTS.items())  # type: ignore[operator]

    np.testing.assert_allclose(whole.met, add(lambda each: each.met), rtol=0, atol=1e-15)
    np.testing.assert_allclose(whole.plug_in, add(lambda each: each.plug_in), rtol=0, atol=1e-15)
    for group, exactly in whole.number_met.items():
        np.testing.assert_allclose(exactly, add(lambda each, group=group: each.number_met[group]), rtol=0, atol=1e-15)
    assert (whole.met_range[0] <= whole.met + 1e-12)[~np.isnan(whole.met)].all()


def test_conditionals_are_ratios_of_sums(mixed: sim.Run) -> None:
    def miss(name: str) -> np.ndarray:
        both = mixed[name].replicates.both.mean(axis=-1)
        return np.diag(both)[None] - both, 1 - np.diag(both)[:, None]

    hits = sum(weight * miss(name)[0] for name, weight in PARTS.items())
    misses = sum(weight * miss(name)[1] for name, weight in PARTS.items())
    np.testing.assert_allclose(mixed["outlook"].if_missed, hits / misses, rtol=0, atol=1e-12)


def test_paths_take_one_part_each(model: Model, outlook: Scenario, mixed: sim.Run) -> None:
    counted = run(model, outlook, method="paths", n_paths=65_536, n_calibrations=0)["outlook"]
    exact = mixed["outlook"]
    error = 5 * np.sqrt(np.maximum(exact.met * (1 - exact.met), 1e-6) / 65_536) + 1e-3
    known = ~np.isnan(exact.met)
    assert (np.abs(counted.met - exact.met)[known] < error[known]).all()
    assert np.abs(counted.growth - exact.growth).max() < 0.35
    assert np.abs(counted.growth - exact.growth)[..., 2:5].max() < 0.25
    threaded = run(model, outlook, method="paths", n_paths=65_536, n_calibrations=0)["outlook"]
    assert np.array_equal(threaded.met, counted.met, equal_nan=True)


def test_one_part_alone_has_its_bits(model: Model, plan: Plan, tmp_path: Path) -> None:
    text = FILE.replace("{baseline: 0.55, export-slump: 0.3, property-slide: 0.15}", "{export-slump: 1}")
    alone = read_scenario(write(tmp_path, text), plan)
    both = run(model, ["export-slump", alone], n_points=64, n_calibrations=16, n_paths=2_000)
    one, other = both["export-slump"], both["outlook"]
    for name in ("met", "met_se", "met_range", "plug_in", "if_missed", "progress"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert np.array_equal(one.number_met["all"], other.number_met["all"])
    np.testing.assert_allclose(one.growth, other.growth, atol=1e-6)


def test_a_shock_of_that_probability_says_the_same(twin: Plan) -> None:
    model = make_model(sim.load_model(twin), make_law(5, 2, 4, 5.0), [0.1, -0.3])
    size = {"law": "lognormal", "median": 0.8, "sigma": 0.4}
    storm = make_shock(probability=1.0, size=size, onset={"Q1": 0.5, "Q3": 0.5})
    calm, rough = replace(make_scenario(), name="calm"), replace(make_scenario(storm=storm), name="rough")
    mixture = replace(make_scenario(), name="either", mixture=((calm, 0.7), (rough, 0.3)))
    single = replace(make_scenario(storm=storm.model_copy(update={"probability": 0.3})), name="single")
    tasks = [prepare_run(model, each, RunSettings(n_calibrations=0)) for each in (mixture, single)]
    for target in ("series_0_target", ["series_0_target", "series_1_target"]):
        odds = [float(probability(task, target).probability[0]) for task in tasks]
        assert odds[0] == pytest.approx(odds[1], abs=2e-4)


def test_questions_of_a_mixture(mixed: sim.Run, model: Model, outlook: Scenario) -> None:
    found = probability(mixed, "gdp:5.0", missed="retail_sales").set_index("scenario").probability
    both = probability(mixed, "gdp:5.0", missed="retail_sales", which_met="all").set_index("scenario").probability
    assert found.between(0, 1).all()
    assert found["outlook"] == both["outlook"]
    assert min(found[[*PARTS]]) < found["outlook"] < max(found[[*PARTS]])
    task = prepare_run(model, ["baseline", outlook], RunSettings(n_points=64, n_calibrations=0))
    change = compare(task, "baseline", "outlook", by=()).table.set_index(["target", "reading"]).change["gdp", "printed"]
    assert change < 0
    with pytest.raises(InputError, match="by: 'outlook' is a mixture"):
        compare(task, "baseline", "outlook")
    with pytest.raises(InputError, match="'outlook' is a mixture, and this is asked of one scenario"):
        sim.WhatIf(model, outlook)
    alone = promise(prepare_run(model, outlook, RunSettings(n_points=64, n_calibrations=0)), found["outlook"])
    given = probability(mixed, {"gdp": float(alone.number[0])}).set_index("scenario").probability["outlook"]
    assert given >= found["outlook"] - 0.01


@pytest.fixture(scope="module")
def told(model: Model, outlook: Scenario, plan: Plan) -> sim.Run:
    """Given figures: the parts, their mixture, and one of them as a mixture of its own."""
    slump = read_scenario("export-slump", plan)
    alone = replace(outlook, name="alone", mixture=((slump, 1.0),))
    chosen = [*PARTS, outlook, alone]
    return run(model, chosen, n_points=64, n_calibrations=16, n_paths=4_096, published="qingdao-2024-h1")


def test_given_figures_parts_weigh_by_how_likely_these_are_in_them(told: sim.Run) -> None:
    evidence = np.array([weight * told[name].evidence.weight.mean() for name, weight in PARTS.items()])
    weights = evidence / evidence.sum()
    table = told.weights.set_index(["scenario", "part"]).loc["outlook"]
    np.testing.assert_allclose(table.after, weights, rtol=1e-12)
    assert table.before.tolist() == [*PARTS.values()]
    assert 0 < table.se.max() < 0.02
    whole = told["outlook"]
    by_hand = sum(weight * told[name].met for name, weight in zip(PARTS, weights, strict=True))
    np.testing.assert_allclose(whole.met, by_hand, rtol=0, atol=1e-12)
    joint = sum(weight * told[name].number_met["headline"] for name, weight in zip(PARTS, weights, strict=True))
    np.testing.assert_allclose(whole.number_met["headline"], joint, rtol=0, atol=1e-12)
    middle = np.array([told[name].growth[..., 3] for name in PARTS])
    assert (whole.growth[..., 3] >= middle.min(axis=0) - 1e-3).all()
    assert (whole.growth[..., 3] <= middle.max(axis=0) + 1e-3).all()


def test_given_figures_one_part_alone_has_its_bits(told: sim.Run) -> None:
    one, other = told["export-slump"], told["alone"]
    for name in ("met", "met_se", "met_range", "plug_in", "if_missed", "progress", "n_effective"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert told.weights.set_index("scenario").after["alone"] == 1


def test_it_is_said_which_story_the_figures_favour(told: sim.Run) -> None:
    said = [each for each in list_warnings(told) if "favour" in each.en]
    assert [each.en.partition(" %; ")[0] for each in said] == [
        "Of the stories of outlook the figures favour baseline: its weight rises from 55 % to 70",
        "The figures favour none of the stories of alone: export-slump from 100 to 100 %.",
    ]
    assert "其权重由 55% 升至 70%；export-slump 由 30% 变为 17%" in said[0].zh
    assert list(told.tables)[-1] == "weights"


def test_weights_and_odds_are_those_of_the_years_that_rejection_keeps(twin: Plan) -> None:
    """On paths of each part, on those of the mixture, on points, and on weighted paths."""
    model = make_model(sim.load_model(twin), make_law(5, 2, 4, 5.0), [0.1, -0.3])
    storm = make_shock(probability=0.8, onset="Q1", size={"law": "lognormal", "median": 0.8, "sigma": 0.4})
    calm, rough = replace(make_scenario(), name="calm"), replace(make_scenario(storm=storm), name="rough")
    mixture = replace(make_scenario(), name="either", mixture=((calm, 0.7), (rough, 0.3)))
    middle = float(model.reduced.mean.reshape(7, -1)[4, 0])
    cell = KnownGrowth(name="series_0/H1", kind=1, quarter=1, series=0, low=middle - 1.4, high=middle - 0.9)
    known = Known(growth=(cell,), deliveries={}, milestones={}, words={})
    kept = {each.name: reject(model, each, {"": known}, blocks=4)[""] for each in (calm, rough, mixture)}
    shares = np.array([0.7 * kept["calm"].kept, 0.3 * kept["rough"].kept])
    after = shares[1] / shares.sum()
    assert after > 0.4
    error = 3 * after * np.sqrt(1 / kept["calm"].kept + 1 / kept["rough"].kept)
    found = integrate_replicates(model, [mixture], 256, 2024, range(16), known=known)[0]
    units, (first,) = weigh_first_paths(model, [mixture], 65_536, 2024, known)
    (tally,) = count_scenarios(model, [mixture], 65_536, 2024, known=known, units=units)
    for evidence, slack in ((found.evidence, error), (first, 0.02)):
        assert abs(evidence.share_weights(2)[1][0] - after) < slack
    odds = kept["either"].met / kept["either"].kept
    error = 4 * np.sqrt(odds * (1 - odds) / kept["either"].kept) + 1e-3
    assert (np.abs(settle(found).met.mean(axis=-1) - odds) < error).all()
    assert (np.abs(tally.met / tally.total - odds) < 2 * error).all()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0.55", "0.65", r"outlook.yaml:5:.*weights of the mixture sum to 1.1; they must sum to 1"),
        ("baseline:", "basline:", r"no such file.*did you mean 'baseline'"),
        ("0.55", "-0.55", r"outlook.yaml:5:\d+: "),
        ("sources: [assumption]", "sources: [assumption]\nextends: baseline", "a mixture has no shocks of its own"),
    ],
)
def test_faults_of_the_file_are_told(plan: Plan, tmp_path: Path, before: str, after: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        read_scenario(write(tmp_path, FILE.replace(before, after)), plan)


def test_a_mixture_of_mixtures_is_refused(plan: Plan, tmp_path: Path) -> None:
    write(tmp_path)
    outer = FILE.replace("{baseline: 0.55, export-slump: 0.3, property-slide: 0.15}", "{outlook.yaml: 1}")
    with pytest.raises(InputError, match=r"outer.yaml:5:\d+: 'outlook.yaml' is a mixture"):
        read_scenario(write(tmp_path, outer, "outer.yaml"), plan)
    itself = outer.replace("outlook.yaml", "itself.yaml")
    with pytest.raises(InputError, match=r"'itself\.yaml' is a mixture"):
        read_scenario(write(tmp_path, itself, "itself.yaml"), plan)
