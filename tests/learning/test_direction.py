"""Which direction is better: one fact for plan, back-test, calibration and references."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_histories import OUTLOOK, make_history
from small_plans import WritePlan

import sim
from sim.errors import InputError
from sim.inputs.direction import COMPARATORS, direct
from sim.inputs.history import History, read_history
from sim.inputs.plan.past import recall_history
from sim.inputs.plan.readings import direct as direct_target
from sim.learning.annual_law import fit_annual, predict
from sim.learning.backtest import backtest
from sim.learning.panel_fit import summarize_years
from sim.learning.reference_forecasts import REFERENCES
from sim.learning.track_record import measure_reliability

HEADER = "region,year,indicator,target,comparator,outcome,unit,source"


def read(folder: Path, rows: list[str], header: str = HEADER) -> History:
    path = folder / "history.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return read_history(path)


@pytest.mark.parametrize(
    ("rows", "header", "down"),
    [
        (["A,2020,unemployment,5.5,~,5.1,%,s", "A,2021,gdp,5.5,~,5.1,%,s"], HEADER, [True, False]),
        (["A,2020,layoffs,4,<=,3,%,s", "A,2021,layoffs,4,~,3,%,s"], HEADER, [True, True]),
        (
            ["A,2020,debt,4,~,3,%,s,lower", "A,2021,debt,4,>=,3,%,s,", "A,2022,debt,4,=,3,%,s,"],
            HEADER + ",better",
            [1, 0, 1],
        ),
        (["A,2020,consumer_prices,2,~,3,%,s,higher"], HEADER + ",better", [False]),
        (["A,2020,exports,2,<=,3,%,s", "A,2021,exports,2,>=,3,%,s", "A,2022,exports,2,~,3,%,s"], HEADER, [1, 0, 0]),
    ],
    ids=["by name", "by its bounds", "as the table says", "against its name", "bounds of both kinds"],
)
def test_a_table_of_its_own_tells_the_direction(tmp_path: Path, rows: list[str], header: str, down: list[bool]) -> None:
    assert read(tmp_path, rows, header).down.tolist() == [bool(each) for each in down]


def test_two_directions_of_one_indicator_are_refused(tmp_path: Path) -> None:
    rows = ["A,2020,debt,4,~,3,%,s,lower", "A,2021,debt,4,~,3,%,s,higher"]
    with pytest.raises(InputError, match=r"3:9: 'higher' is better of debt here; line 2 says lower"):
        read(tmp_path, rows, HEADER + ",better")


@pytest.mark.parametrize("name", ["qingdao-2024", "china-2024"])
def test_a_plan_and_its_history_alone_say_the_same(name: str) -> None:
    plan = sim.read_plan(name)
    own, alone = recall_history(plan), read_history(plan.folder / "history.csv")
    assert own.down[: len(alone)].tolist() == alone.down.tolist()
    for target in plan.growth:
        lower = target.indicator in own.lower
        assert direct_target(plan, target) == direct(target.criterion, lower=lower)


def test_a_plan_that_turns_an_indicator_round_turns_its_history_round() -> None:
    plan = sim.read_plan("china-2024")
    turned = [each.model_copy(update={"better": "higher"}) for each in plan.indicators]
    assert not recall_history(replace(plan, indicators=tuple(turned))).lower


def test_forecasts_references_and_scores_turn_with_it() -> None:
    """With "about" throughout, only the direction differs: every probability is the other side's."""
    up = make_history(6, range(2012, 2018), seed=3)
    down = replace(up, lower=frozenset({"gdp"}))
    above, below = (backtest(each, OUTLOOK, "gdp", 2015, 2017) for each in (up, down))
    assert set(below.forecasts.better) == {"lower"}
    past, now = down.before(2017), down.open_january(2017)
    law = predict(fit_annual(past, OUTLOOK, "gdp", 2017), past, now, OUTLOOK)
    rows = below.forecasts[below.forecasts.year == 2017]
    np.testing.assert_allclose(rows.probability, law.cdf(now.target + 0.05))
    met = below.forecasts.outcome <= below.forecasts.target
    assert below.find_score()["brier"] == pytest.approx(((below.forecasts.probability - met) ** 2).mean())
    assert measure_reliability(below).met @ measure_reliability(below).n == pytest.approx(met.sum())
    assert above.scores[above.scores.forecaster == "coin"].brier.eq(0.25).all()
    for name in ("last_gap", "base_rate"):
        one, other = (
            REFERENCES[name](each.before(2017), each.open_january(2017), OUTLOOK, "gdp") for each in (up, down)
        )
        np.testing.assert_allclose(one.probability + other.probability, 1, atol=1e-12)
    for one, other in zip(summarize_years(up, "gdp"), summarize_years(down, "gdp"), strict=True):
        assert one.share_met + other.share_met == pytest.approx(1, abs=2e-3)


def test_every_sign_of_a_table_has_a_direction() -> None:
    assert {direct(criterion, lower=False) for criterion in COMPARATORS.values()} == {1, -1}


@pytest.mark.parametrize(
    ("indicators", "targets", "words"),
    [
        (
            ("higher,-0.3", "lower,-0.3"),
            ("gdp,about,5.5,%,0.2", "gdp,at_least,5.5,%,0"),
            r"targets.csv:2:7: 'at_least' on gdp, of which lower",
        ),
        (
            ("%,nominal,7.3", "%,nominal,7.3"),
            ("retail_sales,at_least", "retail_sales,at_most"),
            "of which higher is better",
        ),
        (("higher,0.2", "lower,0.2"), ("5.5%左右", "5.5%"), "'at_least' on retail_sales, of which lower"),
    ],
)
def test_a_bound_on_the_other_side_of_what_is_better_is_a_fault(
    two_indicator_plan: WritePlan, indicators: tuple[str, str], targets: tuple[str, str], words: str
) -> None:
    folder = two_indicator_plan(indicators=indicators, targets=targets)
    with pytest.raises(InputError, match=words):
        sim.read_plan(folder)


def test_a_band_has_bounds_on_both_sides(two_indicator_plan: WritePlan) -> None:
    row = "retail_cap,二,不超过9%,Retail cap,零售上限,retail_sales,at_most,9,%,0,no,macro,s\n"
    folder = two_indicator_plan()
    with (folder / "targets.csv").open("a", encoding="utf-8") as file:
        file.write(row)
    assert len(sim.read_plan(folder).growth) == 3


def test_an_unusual_direction_is_questioned_and_kept(two_indicator_plan: WritePlan) -> None:
    plan = sim.read_plan(two_indicator_plan(indicators=("higher,-0.3", "lower,-0.3")))
    assert "lower is better of gdp here" in str(plan.warnings[0])
    assert "gdp" in recall_history(plan).lower


@pytest.mark.parametrize("name", ["fiscal_deficit", "失业人数", "energy_intensity"])
def test_a_table_alone_is_asked_where_less_may_be_better(tmp_path: Path, name: str) -> None:
    rows = [f"A,{year},{name},5.5,~,5.1,%,s" for year in (2020, 2021)]
    with pytest.raises(InputError, match=f"history.csv:2:3: which way is better of {name}"):
        read(tmp_path, rows)
    assert read(tmp_path, [f"{row},lower" for row in rows], HEADER + ",better").down.all()
    (tmp_path / "indicators.csv").write_text(f"id,better\n{name},lower\n", encoding="utf-8")
    assert read(tmp_path, rows).down.all()


def test_a_history_that_contradicts_its_plan_is_refused(two_indicator_plan: WritePlan) -> None:
    folder = two_indicator_plan()
    read(folder, ["Twin,2022,gdp,5,~,5,%,s,lower"], HEADER + ",better")
    with pytest.raises(InputError, match=r"history.csv:2:9: 'lower' is better of gdp here, higher in indicators.csv"):
        sim.read_plan(folder)
