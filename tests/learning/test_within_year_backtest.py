"""Odds given figures of a year: Bayes' rule against draws, no leak, and the shipped record as docs tell it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import sim
from sim.cli import main
from sim.errors import InputError
from sim.inputs.bundled import find_plan
from sim.inputs.history import read_history
from sim.inputs.outlook import read_outlook
from sim.inputs.quarters_history import PartYear, read_part_years
from sim.learning.backtest import Backtest, backtest
from sim.learning.given_figure import SHOCK_PROFILE, condition_on_figure, relate_course
from sim.learning.predictive import Predictive
from sim.learning.within_year import compute_course_covariance
from sim.learning.within_year_backtest import find_shares, read_within_year_scores, score_within_year

ROOT, FOLDER = Path(__file__).parents[2], find_plan("qingdao-2024")
HISTORY, OUTLOOK = read_history(FOLDER / "history.csv"), read_outlook(FOLDER / "outlook.csv")
PARTS = read_part_years(FOLDER / "quarters_history.csv")
ONE = np.ones(1)
LAW = Predictive(
    **{"location": 5.0 * ONE, "scale": 0.7 * ONE, "common_sd": 0.4 * ONE, "shock_sd": 0.9 * ONE},
    **{"shock_probability": 0.15, "shock_size": -3.0, "df": 4.0},
)


@pytest.fixture(scope="module")
def result() -> Backtest:
    return backtest(HISTORY, OUTLOOK, "gdp", first=2022)


@pytest.mark.parametrize("figure", [5.4, 2.0])
def test_bayes_rule_agrees_with_draws_kept_where_they_print_the_figure(figure: float) -> None:
    shares, rng, count = find_shares("gdp"), np.random.default_rng(4), 2_000_000
    course = relate_course(compute_course_covariance(shares, 0.7, 0.3, 0.5), 1.0, shares, 1)
    struck = rng.random(count) < LAW.shock_probability
    size = np.where(struck, rng.normal(-3.0, 0.9, count), 0.0)
    ordinary = 0.7 * rng.standard_t(4, count) + np.where(struck, 0.0, rng.normal(0, 0.4, count))
    rest = course.rest_sd * np.sqrt(3 / 5) * rng.standard_t(5, count)
    first = 5 + course.slope * ordinary + rest + size * course.struck[rng.integers(0, 4, count)]
    kept = (5 + ordinary + size)[np.abs(first - figure) < 0.05]
    given = condition_on_figure(LAW, course, figure - 0.05, figure + 0.05)
    for level in (0.1, 0.5, 0.9):
        at = np.quantile(kept, level)
        assert given.cdf(at) == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / len(kept)) + 1e-3)


def test_figures_to_come_average_to_the_odds_of_the_start() -> None:
    shares = find_shares("gdp")
    course = relate_course(compute_course_covariance(shares, 0.7, 0.3, 0.5), 1.0, shares, 2)
    cells = [(-np.inf, 3.0), *((low, low + 0.5) for low in np.arange(3.0, 7.0, 0.5)), (7.0, np.inf)]
    ways = [condition_on_figure(LAW, course, *cell) for cell in cells]
    assert sum(each.probability for each in ways) == pytest.approx(1, abs=1e-5)
    average = sum(each.probability * float(each.cdf(5.0)) for each in ways)
    assert average == pytest.approx(LAW.cdf(5.0)[0], abs=1e-4)
    assert ways[0].cdf(5.0) > 0.99 > 0.1 > ways[-1].cdf(5.0)


def test_a_shock_takes_from_the_quarters_what_its_profile_says() -> None:
    struck = relate_course(np.zeros((4, 4)), 1.0, np.full(4, 0.25), 1).struck
    first, second, third = SHOCK_PROFILE
    half = [(first + second) / (first + second + third), first / (first + second + third), 0, 0]
    assert struck == pytest.approx([2 * share for share in half])


def test_later_years_and_the_figures_of_others_change_nothing(result: Backtest) -> None:
    before = score_within_year(result, HISTORY, PARTS, OUTLOOK).forecasts
    late = [PartYear.model_validate(dict(row) | {"figure": row.figure + 9}) for row in PARTS if row.year == 2023]
    changed = replace(HISTORY, outcome=np.where(HISTORY.year == 2023, 99.0, HISTORY.outcome))
    kept = [row for row in PARTS if row.year < 2023]
    after = score_within_year(result, changed, [*kept, *late], OUTLOOK).forecasts
    pd.testing.assert_frame_equal(before[before.year == 2022], after[after.year == 2022])
    assert not np.allclose(before[before.year == 2023].probability, after[after.year == 2023].probability)


def test_odds_given_the_first_half_are_those_of_the_model_but_for_where_the_year_began() -> None:
    model = sim.load_model("qingdao-2024")
    known = sim.read_published(model.plan, "qingdao-2024-h1")
    half = replace(known, figures=tuple(row for row in known.figures if (row.series, row.period) == ("gdp", "H1")))
    run = sim.run(model, "baseline", published=half, method="analytic", n_calibrations=0, n_paths=1)
    odds = run["baseline"].odds
    found = float(odds[(odds.target == "gdp") & (odds.reading == "printed")].probability.iloc[0])
    numbers, shares = model.calibration.indicators["gdp"], find_shares("gdp")
    spread = float(numbers.trend_sd.year_sd or 0.0)
    values = [getattr(numbers, name).value for name in ("persistence", "innovation_sd", "quarter_sd")]
    course = relate_course(compute_course_covariance(shares, *values), spread, shares, 1)
    law = replace(LAW, location=numbers.centre.value * ONE, scale=0.9 * spread * ONE, common_sd=0.43 * spread * ONE)
    given = condition_on_figure(replace(law, df=100.0, shock_probability=0.08), course, 5.75, 5.85)
    assert 1 - given.cdf(5.45) == pytest.approx(found, abs=0.02)


def test_the_record_that_is_shipped_is_the_one_the_method_gives() -> None:
    """Of the shipped figures; those of provinces need panels that stay outside."""
    scores = read_within_year_scores()
    row = scores[(scores["of"] == "all") & (scores.period == "H1") & (scores["sample"] == "all")].iloc[0]
    assert row.lead > 3 * row.lead_se > 0
    assert row.coverage_80 >= row.start_coverage_80 - row.coverage_80_se
    rows = read_rows(ROOT / "docs/trust.md")
    told = {"all": "all", "provinces and cities": "GDP, provinces and cities", "China": "GDP, nation"}
    for each in scores[(scores["sample"] == "all") & scores.indicator.isin(["all", "gdp"])].itertuples():
        lead = f"{each.lead:+.3f} ± {each.lead_se:.3f}"
        said = [f"{each.n}", f"{each.start_brier:.3f}", f"{each.brier:.3f}", lead]
        assert rows[each.period, told[each.of]][:4] == said


def read_rows(path: Path) -> dict[tuple[str, str], list[str]]:
    """Rows of the table within the year, by what was known and whose targets."""
    text = path.read_text(encoding="utf-8").split("## Within the year")[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    return {(row[0], row[1]): row[2:] for row in cells[2:]}


def test_the_terminal_scores_what_it_is_given(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["backtest", "--from", "2022", "--no-charts", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "odds once figures are published" in done.output
    written = pd.read_csv(tmp_path / "out/within_year.csv", encoding="utf-8-sig")
    assert written[written["sample"] == "all"].n.tolist() == [1, 2, 1]
    table = tmp_path / "parts.csv"
    table.write_text("region,year,period,indicator,figure,source\nQ,2022,H3,gdp,x,s\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_part_years(table)
    assert "'x' is not a number" in str(caught.value)
    refused = CliRunner().invoke(main, ["backtest", "--quarters", str(table), "--out", str(tmp_path / "no")])
    assert refused.exit_code == 2
    assert not (tmp_path / "no").exists()
