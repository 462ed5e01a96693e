"""Sweeps over several plans: the same cases over each, in one table."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from small_models import make_scenario, make_shock
from small_plans import write_counties

import sim
from sim.analysis.sweep import design as design_module
from sim.cli import main
from sim.errors import InputError

SCENARIO = """\
schema_version: 1
title: {en: Storm, zh: 风暴}
why: It may come.
sources: [s]
shocks:
  storm:
    title: {en: Storm, zh: 风暴}
    probability: 0.3
    onset: Q2
    size: {law: fixed, value: 1}
    profile: pulse
    loadings: {gdp: -2}
    source: "assumption: s"
"""
SWEEP = """\
schema_version: 1
scenario: storm.yaml
design: list
vary:
  shocks.storm.probability: [0.1, 0.9]
  targets.gdp_growth.value: [5, 4.5]
"""


class StoppedError(Exception):
    """Somebody stops a sweep."""


@pytest.fixture
def counties(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three plans; the scenario and the sweep stand beside it."""
    monkeypatch.chdir(tmp_path)
    write_counties(tmp_path / "counties", 3)
    (tmp_path / "counties" / "README.md").write_text("no plan")
    (tmp_path / "storm.yaml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "sweep.yaml").write_text(SWEEP, encoding="utf-8")
    return tmp_path / "counties"


def call(*words: str) -> Result:
    return CliRunner().invoke(main, ["sweep", "sweep.yaml", *words])


def test_each_plan_has_the_odds_that_it_has_alone(counties: Path) -> None:
    names = [f"county_{number:03d}" for number in range(3)]
    result = call("--plan", "counties/*", "--out", "all")
    assert result.exit_code == 0, result.output
    assert "6 cases in all/sweep.csv" in result.output
    found = pd.read_csv("all/sweep.csv")
    assert [*found.plan.unique()] == names
    together = sim.sweep([counties / name for name in names], "sweep.yaml")
    pd.testing.assert_frame_equal(found, together, check_dtype=False, atol=1e-6)
    for name in names:
        among = together[together.plan == name].drop(columns="plan").reset_index(drop=True)
        pd.testing.assert_frame_equal(among, sim.sweep(counties / name, "sweep.yaml"), check_exact=True)


def test_plans_are_printed_from_the_lowest_odds_and_the_last_are_counted(
    counties: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.views.terminal.sweep._MOST_PLANS", 2)
    lines = call("--plan", str(counties / "*"), "--seed", "5").output.splitlines()
    odds = pd.read_csv("sweep/sweep.csv").query("quantity == 'joint' and name == 'headline'")
    lowest = odds.loc[odds.groupby("plan").probability.idxmin()].sort_values("probability")
    rows = [line.split() for line in lines if line.startswith("county")]
    assert [row[:2] for row in rows] == [
        [row.plan, f"{100 * row.probability:.1f}"] for row in lowest.head(2).itertuples()
    ]
    assert "and 1 plans more, whose lowest odds are higher" in lines
    assert "case 2: storm.probability 0.9, gdp_growth.value 4.5" in lines


def test_a_fault_of_some_plans_names_them(counties: Path) -> None:
    targets = counties / "county_001" / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace("gdp_growth", "gdp_real"), encoding="utf-8")
    result = call("--plan", "counties/*")
    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("sweep.yaml:6:3: no number 'targets.gdp_growth.value' (in plan county_001); allowed: ")
    Path("sweep.yaml").write_text(SWEEP.replace("0.9", "1.9"), encoding="utf-8")
    told = call("--plan", "counties/*").output
    assert told.startswith("sweep.yaml:5:29: 1.9 cannot be: ")
    assert "(in 2 of 3 plans, such as county_000)" in told
    assert not Path("sweep").exists()


@pytest.mark.usefixtures("counties")
def test_a_fault_of_all_plans_is_told_once() -> None:
    Path("sweep.yaml").write_text(SWEEP.replace("targets.gdp_growth", "targets.gpd_growth"), encoding="utf-8")
    (line,) = call("--plan", "counties/*").output.splitlines()
    assert "no number 'targets.gpd_growth.value'; allowed: " in line


@pytest.mark.usefixtures("counties")
@pytest.mark.parametrize(
    ("plans", "told"),
    [
        (["towns/*"], "--plan: no folder of tables fits 'towns/*'; write such as 'counties/*', in quotes"),
        (["counties/*", "./counties/county_000"], "--plan: several are named 'county_000'; give each plan.csv another"),
        (["counties/county_000", "counties/county_01"], "counties/county_01: no such plan folder"),
    ],
)
def test_plans_that_cannot_be_are_refused(plans: list[str], told: str) -> None:
    result = call(*(word for plan in plans for word in ("--plan", plan)))
    assert result.exit_code == 2
    assert result.output.startswith(told)
    assert not Path("sweep").exists()


def test_no_plan_and_too_many_cases_are_refused(counties: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"^plan: none is given"):
        sim.sweep([], "sweep.yaml")
    monkeypatch.setattr(design_module, "MOST_CASES", 5)
    with pytest.raises(InputError, match=r"^plan: 6 cases over all plans; allowed: up to 5"):
        sim.sweep([counties / f"county_00{number}" for number in range(3)], "sweep.yaml")


def test_pieces_of_other_plans_are_not_gone_on_with(counties: Path) -> None:
    def stop(*cases: int) -> None:
        assert cases == (2, 6)
        raise StoppedError

    places = [counties / f"county_00{number}" for number in range(3)]
    with pytest.raises(StoppedError):
        sim.sweep(places, "sweep.yaml", folder="pieces", advance=stop)
    with pytest.raises(sim.OutputError, match="pieces of another sweep"):
        sim.sweep(places[:2], "sweep.yaml", folder="pieces")
    done: list[int] = []
    sim.sweep(places, "sweep.yaml", folder="pieces", advance=lambda so_far, _: done.append(so_far))
    assert done == [4, 6]  # the first plan's two cases were kept


def test_a_scenario_from_code_is_taken_for_every_plan(counties: Path) -> None:
    storm = replace(make_scenario(storm=make_shock(loadings={"gdp": -1.0})), name="from_code")
    vary = {"shocks.storm.probability": [0.2, 0.8]}
    found = sim.sweep(
        [counties / "county_000", counties / "county_001"], {"scenario": storm, "design": "list", "vary": vary}
    )
    joint = found[(found.quantity == "joint") & (found.name == "headline")].pivot(
        index="case", columns="plan", values="probability"
    )
    assert joint.shape == (2, 2)
    assert (joint.loc[1] > joint.loc[2]).all()
    assert (joint.county_001 > joint.county_000).all()
