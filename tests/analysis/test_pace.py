"""Required pace: what the rest must bring, by formula and on simulated years; and how often such a rest was seen."""

import math
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.analysis.pace import Pace, PaceRow, find_known, measure_pace
from sim.errors import InputError
from sim.inputs.plan.readings import READINGS
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import collect_published
from sim.inputs.quarters_history import find_gains, read_quarters_history
from sim.model.accounting import accumulate

RELEASE = {"Q1": "2024-04-20", "H1": "2024-07-20", "Q1-Q3": "2024-10-20", "FY": "2025-01-20"}
RELEASE |= {"Q2": "2024-07-20", "Q3": "2024-10-20"}


@pytest.fixture(scope="module")
def result() -> sim.Run:
    return sim.run("qingdao-2024", "baseline", n_paths=2000, n_calibrations=0, n_points=64)


def publish(result: sim.Run, *rows: tuple[str, str, str, str], status: str = "first") -> Published:
    units = {each.id: each.unit for each in result.model.plan.deliveries}
    told = [
        {"date": RELEASE[period], "period": period, "series": series, "value": value, "status": status, "source": "s"}
        | {"unit": units.get(series, "%")}
        for period, series, value, _ in rows
    ]
    return collect_published(result.model.plan, told)


def find(pace: Pace, target: str, reading: str = "printed") -> PaceRow:
    return next(row for row in pace.rows if (row.target, row.reading) == (target, reading))


@pytest.fixture(scope="module")
def pace(result: sim.Run) -> Pace:
    return measure_pace(result.attainments, sim.read_published("qingdao-2024", "qingdao-2024-h1"))


@pytest.mark.parametrize("reading", READINGS)
def test_a_rest_that_brings_what_is_needed_just_meets_the_target(result: sim.Run, pace: Pace, reading: str) -> None:
    row = find(pace, "industrial_value_added", reading)
    place = [each.id for each in result.model.plan.indicators].index("industrial_value_added")
    shares = result.model.law.shares[:, place]
    for so_far, needed in ((row.so_far_high, row.needed_low), (row.so_far_low, row.needed_high)):
        quarters = np.array([so_far, so_far, needed, needed])
        assert accumulate(quarters, shares)[-1] == pytest.approx(row.goal, abs=1e-12)
    assert (row.period, row.rest) == ("H1", "Q3-Q4")
    assert (row.so_far_low, row.so_far_high) == pytest.approx((9.75, 9.85))


def test_simulated_years_meet_the_target_when_their_rest_brings_what_is_needed(result: sim.Run) -> None:
    """The second road: every path with a first half of its own, and the rest that it then needs."""
    model = result.model
    paths = sim.simulate(model, result.scenarios[0], sim.draw(model, 4000, seed=5))
    single = np.asarray(paths.growth[:, 0], np.float64)  # (quarter, path)
    shares = model.law.shares[:, 0]
    year = accumulate(single.copy(), shares[:, None])
    rest = (single[2:] * shares[2:, None]).sum(axis=0) / shares[2:].sum()
    figures = [f"{figure:.1f}" for figure in np.unique(np.round(year[1], 1))]
    agreed = 0
    for figure in figures[5:-5:6]:
        row = find(measure_pace(result.attainments, publish(result, ("H1", "gdp", figure, ""))), "gdp")
        inside = (year[1] >= row.so_far_low) & (year[1] < row.so_far_high)
        sure = inside & ((rest >= row.needed_high) | (rest < row.needed_low))
        assert ((rest >= row.needed_high) == (year[-1] >= row.goal))[sure].all()
        agreed += int(sure.sum())
    assert agreed > 200


def test_odds_stand_beside_as_the_run_has_them(result: sim.Run, pace: Pace) -> None:
    attainment = result.attainments[0]
    for number, target in enumerate(attainment.plan.growth):
        for place, reading in enumerate(READINGS):
            assert find(pace, target.id, reading).probability == attainment.met[place, number]


def test_single_quarters_add_up_to_the_half_year(result: sim.Run) -> None:
    figures = publish(result, ("Q1", "gdp", "5.2", ""), ("Q2", "gdp", "5.6", ""))
    known = find_known(result.model, figures)["gdp"]
    first, second = result.model.law.shares[:2, 0]
    assert known.quarter == 1
    assert known.low == pytest.approx((5.15 * first + 5.55 * second) / (first + second))
    both = publish(result, ("Q1", "gdp", "5.2", ""), ("Q2", "gdp", "5.6", ""), ("H1", "gdp", "5.41", ""))
    assert (find_known(result.model, both)["gdp"].low, known.quarter) == (pytest.approx(5.405), 1)  # the narrower way
    broken = publish(result, ("Q1", "gdp", "5.2", ""), ("Q3", "gdp", "5.6", ""))
    assert find_known(result.model, broken)["gdp"].quarter == 0


def test_a_delivery_needs_what_is_left_of_its_goal(result: sim.Run) -> None:
    figures = publish(result, ("H1", "old_communities", "200", ""), ("H1", "charging_piles", "1.1", ""))
    pace = measure_pace(result.attainments, figures)
    row, rounded = find(pace, "old_communities"), find(pace, "charging_piles")
    law = result.model.delivery_law
    due = law.due[1, law.ids.index("old_communities")]
    assert (row.so_far_low, row.needed_low, row.needed_high, row.unit) == (200, 233, 233, "个")
    assert row.times == pytest.approx((233 / (1 - due)) / (200 / due))
    assert (rounded.so_far_low, rounded.so_far_high) == pytest.approx((1.05, 1.1499))  # whole piles
    assert (rounded.needed_low, rounded.needed_high) == pytest.approx((2.4 - 1.1499, 2.4 - 1.05))


def test_more_than_a_number_leaves_the_rest_open_below(result: sim.Run) -> None:
    figures = publish(result, ("Q1-Q3", "urban_jobs", "30.2", ""), status="at_least")
    row = find(measure_pace(result.attainments, figures), "urban_jobs")
    assert (row.so_far_low, row.so_far_high) == (30.2, math.inf)
    assert (row.needed_low, row.needed_high) == (0, pytest.approx(4.8))


def test_a_year_that_is_over_needs_nothing_more(result: sim.Run) -> None:
    row = find(measure_pace(result.attainments, publish(result, ("FY", "gdp", "5.7", ""))), "gdp")
    assert (row.period, row.rest) == ("FY", "")
    assert math.isnan(row.needed_low)
    assert math.isnan(row.expected)


def test_without_figures_the_rest_is_the_year(result: sim.Run) -> None:
    row = find(measure_pace(result.attainments, Published()), "gdp")
    assert (row.period, row.rest, row.needed_low, row.needed_high) == ("", "FY", row.goal, row.goal)
    assert row.expected == pytest.approx(result.attainments[0].growth[-1, 0, 3])


def test_history_is_counted_by_years_that_gained_as_much(result: sim.Run, pace: Pace) -> None:
    plan = result.model.plan
    gains = find_gains(plan, read_quarters_history(plan), "gdp", "H1")
    row = find(pace, "gdp")
    assert row.years == len(gains) == 9
    assert row.seen == sum(gain >= 5.45 - 5.8 - 1e-9 for gain in gains.values())
    assert not row.is_too_few
    assert find(pace, "fixed_asset_investment").is_too_few  # two years alone


def test_a_faulty_history_of_quarters_is_refused_at_its_place(tmp_path: Path) -> None:
    from dataclasses import replace

    plan = replace(sim.read_plan("qingdao-2024"), folder=tmp_path)
    assert read_quarters_history(plan) == ()
    rows = ["Qingdao,2023,H2,gdp,5.9,s", "Qingdao,2024,H1,gdp,5.8,s", "Qingdao,2022,H1,gdp,,s"]
    (tmp_path / "quarters_history.csv").write_text("\n".join(["region,year,period,indicator,figure,source", *rows]))
    with pytest.raises(InputError) as caught:
        read_quarters_history(plan)
    told = [str(fault).removeprefix(f"{tmp_path}/quarters_history.csv") for fault in caught.value.faults]
    assert [each[:5] for each in told] == [":2:3:", ":3:2:", ":4:5:"]
    assert "allowed: Q1, H1, Q1-Q3" in told[0]
