"""Thresholds: each growth target judged once more by hand, on figures at, above and below what it asks for."""

from dataclasses import replace

import numpy as np
import pytest
from small_models import make_law, make_model

from sim.engine.draws import draw
from sim.engine.paths import simulate
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, list_readings, name_readings
from sim.inputs.scenario.reading import read_scenario
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.model.thresholds import (
    Thresholds,
    find_bound,
    find_odds,
    measure_margins,
    met,
    place_thresholds,
    reaches,
)


@pytest.fixture(scope="module")
def mixed(twin: Plan) -> Model:
    """At least, at most, about where more is better, and about where less is."""
    model = make_model(load_model(twin), make_law(1, 4, 3, 5.0))
    criteria = ("at_least", "at_most", "about", "about")
    targets = tuple(
        target.model_copy(update={"criterion": each, "value": 5.0, "tolerance": 0.2 if each == "about" else 0.0})
        for target, each in zip(model.plan.growth, criteria, strict=True)
    )
    *others, last = model.plan.indicators
    indicators = (*others, last.model_copy(update={"better": "lower"}))
    return replace(model, plan=replace(model.plan, targets=targets, indicators=indicators))


def judge_by_hand(figure: float, criterion: str, better: str, reading: str) -> bool:
    """Whether a figure meets a target of 5 %, in hundredths of a point; all but stated as printed."""
    hundredths = round(100 * figure)
    room = {"stated": 0, "tolerance": 25 if criterion == "about" else 5}.get(reading, 5)
    down = criterion == "at_most" or (criterion == "about" and better == "lower")
    return hundredths <= 500 + room if down else hundredths >= 500 - room


@pytest.mark.parametrize("figure", [4.74, 4.76, 4.81, 4.94, 4.96, 4.99, 5.0, 5.01, 5.04, 5.06, 5.19, 5.24, 5.26])
def test_every_reading_of_every_target_is_judged_as_by_hand(mixed: Model, figure: float) -> None:
    asked, plan = mixed.thresholds, mixed.plan
    reached = met(asked, np.full(len(asked.figure), figure))
    names = name_readings(plan)
    for row, target in enumerate(asked.target):
        aim = plan.growth[target]
        better = plan.find_indicator(aim.indicator).better
        assert reached[row] == judge_by_hand(figure, aim.criterion, better, names[asked.reading[row]]), (row, figure)


def test_every_target_has_its_readings_and_their_figures(mixed: Model) -> None:
    asked, plan = mixed.thresholds, mixed.plan
    found = list(zip(asked.target.tolist(), asked.reading.tolist(), strict=True))
    assert found == [(n, place) for n, each in enumerate(plan.judged) for place, _ in list_readings(plan, each)]
    quarters, series = mixed.reduced.split_cumulative(asked.figure)
    assert series.tolist() == asked.target.tolist()
    assert quarters.tolist() == [2 if place < 3 else place - 3 for place in asked.reading]


def test_a_figure_on_the_line_meets_it_in_its_own_precision(mixed: Model) -> None:
    asked = mixed.thresholds
    for kind in (np.float32, np.float64):
        line = asked.value.astype(kind)
        assert met(asked, line).all()
        assert not met(asked, np.nextafter(line, (-np.inf * asked.sign).astype(kind))).any()
        assert (measure_margins(asked, line) == 0).all()


def test_met_is_a_margin_that_is_not_negative(mixed: Model) -> None:
    asked = mixed.thresholds
    figures = np.random.default_rng(2).normal(5, 0.2, (len(asked.figure), 500)).astype(np.float32)
    np.testing.assert_array_equal(met(asked, figures), measure_margins(asked, figures) >= 0)
    np.testing.assert_array_equal(met(asked, list(figures)), met(asked, figures))
    assert met(asked.pick(np.zeros(len(asked.figure), bool)), figures[:0]).shape == (0, 500)


def test_odds_are_the_share_of_figures_that_meet(mixed: Model) -> None:
    asked = mixed.thresholds
    figures = np.random.default_rng(3).normal(5, 0.2, (len(asked.figure), 400))
    ends = asked.value + asked.sign * asked.width  # where a range ends, and nothing where none does
    below, below_end = ((figures < each[:, None]).mean(axis=1) for each in (asked.value, ends))
    np.testing.assert_allclose(find_odds(asked, below, below_end), met(asked, figures).mean(axis=1), atol=1e-12)


def test_another_tolerance_moves_that_reading_of_that_target_alone(mixed: Model) -> None:
    name = mixed.plan.growth[3].id
    asked, moved = mixed.thresholds, place_thresholds(mixed.plan, mixed.reduced, {name: 0.7})
    changed = np.flatnonzero(asked.value != moved.value)
    assert [(asked.target[row], READINGS[asked.reading[row]]) for row in changed] == [(3, "tolerance")]
    assert moved.value[changed[0]] == find_bound(mixed.plan, mixed.plan.growth[3], "tolerance", 0.7) == 5.75


def test_picking_keeps_the_order_asked_for(mixed: Model) -> None:
    year = mixed.thresholds.pick_year([2, 0])
    assert year.target.tolist() == [2, 0]
    assert [READINGS[place] for place in year.reading] == ["printed", "printed"]
    assert isinstance(year, Thresholds)


def test_all_targets_of_a_real_plan_are_judged_as_the_words_say(model: Model, plan: Plan) -> None:
    """On simulated years, in every reading, one target after the other."""
    paths = simulate(model, read_scenario("export-slump", plan), draw(model, 2_000))
    asked = model.thresholds
    quarters, series = model.reduced.split_cumulative(asked.figure)
    reached = met(asked, [paths.cumulative[at] for at in zip(quarters, series, strict=True)])
    ids = [indicator.id for indicator in plan.indicators]
    for row, place in enumerate(asked.target):
        target = plan.judged[place]
        reading = name_readings(plan)[asked.reading[row]]
        room = {"stated": 0.0, "tolerance": target.tolerance + 0.05}.get(reading, 0.05)
        year = paths.annual if asked.reading[row] < 3 else paths.cumulative[asked.reading[row] - 3]
        figure = year[ids.index(target.indicator)]
        assert plan.find_indicator(target.indicator).better == "higher"
        np.testing.assert_array_equal(reached[row], figure >= np.float32(target.value - room))


def test_reaching_takes_signs_and_values_side_by_side() -> None:
    figures, signs, values = np.array([5.0, 5.0, np.nan]), np.array([1, -1, 1]), np.array([4.0, 4.0, 0.0])
    assert reaches(figures, signs, values).tolist() == [True, False, False]
