"""Probabilities of events that people name: against paths, against the run's own tables, against sets added by hand."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from small_models import make_composite

import sim
from sim.analysis.probability import probability
from sim.engine.batches import count_event
from sim.errors import InputError, QuestionWarning
from sim.inputs.plan.aims import Named, read_aims, read_event
from sim.inputs.plan.names import recognize
from sim.inputs.plan.plan import Plan
from sim.model.amounts import find_capacity
from sim.model.deliveries import show_delivered
from sim.model.model import Model
from sim.results.run import Run

PATHS = 65_536


@pytest.fixture(scope="module")
def one(model: Model) -> Run:
    return sim.run(model, "external-and-property", n_paths=1000, n_points=256, n_calibrations=16)


def ask(result: Run, met: Named, missed: Named | None = None, **how: object) -> float:
    return float(probability(result, met, missed, **how).probability[0])


QUESTIONS = [
    ("gdp:5.0", None, {}),
    ("gdp", None, {"at_most": 5.0}),
    ("headline", None, {}),
    (["gdp", "retail_sales"], ["income_per_capita:6", "budget_revenue"], {"which_met": "any"}),
    (["gdp", "policy_lists_issued"], ["retail_sales", "gdp:6"], {"which_missed": "all"}),
    (["gdp:5", "retail_sales<=7"], ["gdp", "industrial_value_added"], {"which_met": "any", "which_missed": "all"}),
    ("gdp:5", "gdp", {}),
    (["gdp", "new_energy_vehicle_output"], "new_energy_vehicle_output", {"reading": "H1", "which_met": "any"}),
    ("policy_lists_issued:Q2", "headline", {}),
    ({"national_key_laboratories": 2.2, "gdp": None}, None, {}),
    ("national_key_laboratories:1", "gdp", {}),
]


@pytest.mark.parametrize(("met", "missed", "how"), QUESTIONS, ids=str)
def test_both_roads_agree(one: Run, model: Model, met: Named, missed: Named | None, how: dict[str, object]) -> None:
    row = probability(one, met, missed, **how).iloc[0]
    both, given = count_event(model, one.scenarios[0], read_event(model.plan, met, missed, **how), PATHS, 11)
    share = both.mean() / given.mean()
    error = np.sqrt(max(share * (1 - share), 1e-5) / (PATHS * given.mean()))
    assert row.probability == pytest.approx(share, abs=4.5 * error)
    assert 0 < share < 1


def test_targets_as_the_plan_has_them_have_the_odds_of_the_run(model: Model) -> None:
    result = sim.run(model, ["baseline", "external-and-property"], n_paths=1000, n_points=256, n_calibrations=16)
    attainments = result.attainments
    for name in ("gdp", "policy_lists_issued", "national_key_laboratories"):
        for reading in ("printed", "H1"):
            found = probability(result, name, reading=reading)
            odds = result.odds[(result.odds.target == name) & (result.odds.reading == reading)]
            assert np.allclose(found.probability, odds.probability, rtol=0, atol=2e-7)
            assert np.allclose(found[["range_low", "range_high"]], odds[["range_low", "range_high"]], atol=2e-6)
    both = probability(result, "headline").probability
    assert np.allclose(both, [each.number_met["headline"][-1] for each in attainments], rtol=0, atol=2e-7)
    pair = probability(result, "retail_sales", "gdp")
    headline = [target.id for target in result.model.plan.headline]
    place = headline.index("gdp"), headline.index("retail_sales")
    assert np.allclose(pair.probability, [each.if_missed[place] for each in attainments], rtol=0, atol=2e-6)


def test_any_of_several_is_their_sets_added_by_hand(one: Run) -> None:
    names = ["gdp", "retail_sales", "fixed_asset_investment"]
    by_hand = sum(
        (-1) ** (size + 1) * sum(ask(one, list(chosen)) for chosen in combinations(names, size)) for size in (1, 2, 3)
    )
    assert ask(one, names, which_met="any") == pytest.approx(by_hand, abs=1e-7)


def test_a_programme_surely_brings_nothing_and_never_more_than_all(model: Model) -> None:
    law = model.delivery_law
    number = law.ids.index("culture_tourism_projects")
    capacity = find_capacity(law, number, np.array([0, 0.5, 0.9, 1, 1.1]))
    assert (capacity[0], capacity[-1]) == (-np.inf, np.inf)
    assert (np.diff(capacity[1:-1]) > 0).all()


def test_what_is_given_and_its_opposite_make_the_whole(one: Run) -> None:
    missed = ask(one, "gdp", "retail_sales") * (1 - ask(one, "retail_sales"))
    assert missed + ask(one, ["gdp", "retail_sales"]) == pytest.approx(ask(one, "gdp"), abs=1e-7)
    assert ask(one, "gdp:5.0") + ask(one, "gdp<=4.9") == pytest.approx(1, abs=1e-6)


def test_a_composite_is_met_with_its_members_and_missed_without_one(model: Model) -> None:
    composite, other = make_composite("pair", ["retail_sales", "income_per_capita"]), "gdp"
    plan = replace(model.plan, targets=(*model.plan.targets, composite))
    one = sim.run(replace(model, plan=plan), "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    members = list(composite.members)
    both, given = count_event(one.model, one.scenarios[0], read_event(plan, other, composite.id), PATHS, 11)
    assert ask(one, other, composite.id) == pytest.approx(both.mean() / given.mean(), abs=0.012)
    assert ask(one, composite.id) == pytest.approx(ask(one, members), abs=1e-9)
    assert ask(one, other, composite.id) == pytest.approx(ask(one, other, members), abs=1e-9)
    assert ask(one, members[0], composite.id) == pytest.approx(ask(one, members[0], members), abs=1e-9)


def test_a_range_is_met_between_its_ends(model: Model) -> None:
    targets = tuple(
        each.model_copy(update={"criterion": "between", "upper": 6.0, "tolerance": 0.0}) if each.id == "gdp" else each
        for each in model.plan.targets
    )
    changed = replace(model, plan=replace(model.plan, targets=targets))
    one = sim.run(changed, "export-slump", n_paths=1000, n_points=64, n_calibrations=0)
    assert ask(one, "gdp") == pytest.approx(one["export-slump"].met[0, 0], abs=2e-7)
    event = read_event(changed.plan, ["gdp", "retail_sales"], "income_per_capita")
    both, given = count_event(changed, one.scenarios[0], event, PATHS, 11)
    assert ask(one, ["gdp", "retail_sales"], "income_per_capita") == pytest.approx(both.mean() / given.mean(), abs=0.01)
    assert ask(one, "retail_sales", "gdp") > 0


def test_what_cannot_happen_has_no_odds(one: Run) -> None:
    row = probability(one, "retail_sales", ["gdp", "gdp<=7"], which_missed="all").iloc[0]
    assert np.isnan([row.probability, row.mc_se, row.range_low]).all()


def test_paths_are_asked_where_the_run_counted_them(counted: Run, model: Model) -> None:
    found = probability(counted, "gdp:5.0")
    assert found.range_low.isna().all()
    assert (found.mc_se > 1e-3).all()
    many = count_event(model, counted.scenarios[0], read_event(model.plan, "gdp:5.0"), PATHS, 3)[0].mean()
    assert found.probability[0] == pytest.approx(many, abs=5 * found.mc_se[0])


@pytest.mark.parametrize("ratio", [0.2, 0.9, 1.0, 1.02, 1.2])
def test_the_capacity_that_is_due_brings_just_so_much(model: Model, ratio: float) -> None:
    law = model.delivery_law
    for number in range(len(law.ids)):
        due = find_capacity(law, number, ratio)
        if law.capped[number] and ratio > 1:
            assert due == np.inf
        elif np.isfinite(due):
            around = np.array([due - 1e-3, due + 1e-3], np.float32)
            brought = show_delivered(law, number, around)
            assert brought[0] < ratio + 1e-3
            assert brought[1] > ratio - 1e-3


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"met": "gpd"}, "met: no target with odds 'gpd'; allowed: gdp, .* did you mean 'gdp'"),
        ({"met": "gdp:high"}, "met: 'high' is no number for gdp; write a number in %"),
        ({"met": "gdp:nan"}, "nan is no number for gdp"),
        ({"met": "gdp:"}, "'' is no number"),
        ({"met": "headline:5"}, "'headline' is a group, which has no number"),
        ({"met": "policy_lists_issued:Q7"}, "no quarter 'Q7' for policy_lists_issued; allowed: Q1, Q2, Q3, Q4"),
        ({"met": "national_key_laboratories:-1"}, "-1 for national_key_laboratories is not positive"),
        ({"met": []}, "names no target"),
        ({"met": "headline", "at_least": 5.0}, "is given for 6 targets"),
        ({"met": "gdp", "at_least": 5.0, "at_most": 6.0}, "at_most: is given beside at_least"),
        ({"met": "gdp:5", "at_least": 5.0}, "at_least: is given beside"),
        ({"met": "gdp", "which_met": "some"}, "which_met: unknown 'some'; allowed: all, any"),
        ({"met": "gdp", "reading": "spoken"}, "reading: unknown 'spoken'; allowed: printed"),
        ({"met": "gdp==5"}, "no target with odds 'gdp==5'"),
        ({"met": {"gdp": True}}, "nan is no number for gdp"),
        ({"met": "gdp", "at_most": "high"}, "'high' is no number for gdp"),
    ],
)
def test_what_makes_no_sense_is_refused(one: Run, asked: dict[str, object], told: str) -> None:
    with pytest.raises(InputError, match=told):
        probability(one, **asked)


def test_all_faults_are_told_at_once(one: Run) -> None:
    with pytest.raises(InputError) as caught:
        probability(one, "gpd", "headline:3", reading="spoken")
    assert len(caught.value.faults) == 3
    with pytest.raises(InputError, match="result: an object of type str stands where a run is due"):
        probability("baseline", "gdp")  # type: ignore[arg-type]


def test_names_read_as_they_are_printed(plan: Plan) -> None:
    names = ["gdp:5", "gdp<=5", "retail_sales", "policy_lists_issued:Q3"]
    assert [aim.name for aim in read_aims(plan, names)] == names
    assert [aim.name for aim in read_aims(plan, "gdp >= 5.00")] == ["gdp:5"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GDP", "gdp"),
        ("ｇｄｐ：5", "gdp:5"),
        ("地区生产总值≥5.0", "gdp:5"),
        ("社零:4.5 %", "retail_sales:4.5"),
        ("Retail Sales<=4", "retail_sales<=4"),
        ("城镇新增就业: 36万人", "urban_jobs:36"),
    ],
)
def test_names_are_read_as_people_write_them(plan: Plan, written: str, name: str) -> None:
    assert [aim.name for aim in read_aims(plan, written)] == [name]


def test_a_name_that_two_targets_share_is_neither(plan: Plan) -> None:
    first, second = plan.milestones[:2]
    shared = replace(plan, targets=(first, second.model_copy(update={"name_en": first.name_en})))
    assert recognize(plan, first.name_en.upper()) == first.id
    assert recognize(shared, first.name_en) == first.name_en


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("gdp:0.055", "a share"), ("gdp:105.5", "an index"), ("urban_jobs:380000", "the plan says 35 万人; another unit")],
)
def test_a_number_of_another_size_than_the_plan_s_is_questioned(plan: Plan, asked: str, meant: str) -> None:
    with pytest.warns(QuestionWarning, match=meant):
        read_aims(plan, asked)
