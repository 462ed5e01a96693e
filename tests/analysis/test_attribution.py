"""Why odds moved: parts add up, what is unchanged gets nothing, and shares are those of plain rejection."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rejection import reject
from small_models import make_composite, make_law, make_model, make_scenario, make_shock
from small_plans import WritePlan

import sim
from sim.analysis.attribution import Explanation
from sim.analysis.steps import list_steps
from sim.engine.streams import BLOCK
from sim.errors import InputError
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Published
from sim.model.known import compile_published
from sim.model.model import Model, build_model

POINTS = 64


@pytest.fixture(scope="module")
def base(twin: Plan) -> Model:
    return sim.load_model(twin)


@pytest.fixture(scope="module")
def scenario() -> sim.Scenario:
    return make_scenario(storm=make_shock(loadings={"gdp": -1.0}))


def publish(plan: Plan, *rows: str) -> Published:
    """Figures written as `2024-07-20 H1 gdp 5.4`, with a status where it is not the first print."""
    split = [row.split() for row in rows]
    told = [
        {
            "date": day,
            "period": period,
            "series": series,
            "value": value,
            "unit": "%",
            "status": (rest or ["first"])[0],
            "source": "s",
        }
        for day, period, series, value, *rest in split
    ]
    return sim.collect_published(plan, told)


APRIL = ("2024-04-20 Q1 gdp 5.6", "2024-04-20 Q1 retail_sales 4.4")
JULY = ("2024-07-20 H1 gdp 5.1", "2024-07-20 Q1 gdp 5.5 revised", "2024-07-20 Q1 retail_sales 4.4 revised")


@pytest.fixture(scope="module")
def ends(base: Model, scenario: sim.Scenario) -> tuple[sim.State, sim.State]:
    """All that can change but the plan: figures revised and new, a shock."""
    known = publish(base.plan, *APRIL, *JULY)
    slump = make_scenario(storm=make_shock(loadings={"gdp": -2.0}))
    return (
        sim.State(model=base, scenario=scenario, published=known.as_of("2024-04-30")),
        sim.State(model=base, scenario=slump, published=known),
    )


@pytest.fixture(scope="module")
def found(ends: tuple[sim.State, sim.State]) -> Explanation:
    return sim.explain(*ends, n_points=POINTS)


def pick(found: Explanation, target: str, column: str = "change") -> pd.Series:
    return found.table[found.table.target == target].set_index("part")[column]


def test_parts_add_up_to_the_whole_and_stand_in_their_order(found: Explanation) -> None:
    assert [part.name for part in found.parts] == ["gdp/Q1", "retail_sales/Q1", "gdp/H1", "scenario/storm"]
    assert [part.kind for part in found.parts] == ["revised", "revised", "new", "scenario"]
    assert {*found.table.target} == {"gdp_growth", "retail_growth", "headline", "macro", "all"}
    for row in found.odds.itertuples():
        assert pick(found, row.target).sum() == pytest.approx(row.change, abs=1e-12)
        assert row.after - row.before == pytest.approx(row.change, abs=1e-12)


def test_the_ends_are_those_of_a_run_to_the_bit(found: Explanation, ends: tuple[sim.State, sim.State]) -> None:
    for state, column in zip(ends, ("before", "after"), strict=True):
        settled = {"n_paths": 1, "n_points": POINTS, "n_calibrations": 0, "method": "analytic"}
        run = sim.run(state.model, state.scenario, published=state.published, even_so=True, **settled)
        assert found.odds[column].tolist()[:2] == run.attainments[0].met[0].tolist()


def test_an_unchanged_member_gets_exactly_nothing(found: Explanation) -> None:
    """A figure revised to what it was."""
    for target in ("gdp_growth", "retail_growth", "headline"):
        assert pick(found, target)["retail_sales/Q1"] == 0.0
        assert pick(found, target, "se")["retail_sales/Q1"] == 0.0
        assert pick(found, target)["gdp/Q1"] != 0.0


def test_what_was_expected_is_told_of_new_figures_alone(found: Explanation) -> None:
    expected = {part.name: part.expected for part in found.parts}
    assert 4 < expected["gdp/H1"] < 6
    assert np.isnan(expected["gdp/Q1"])
    assert found.figures.members[0] == "gdp Q1 5.6 % -> gdp Q1 5.5 %"


def test_the_order_of_rows_and_the_way_there_do_not_matter(base: Model, scenario: sim.Scenario) -> None:
    """Antisymmetry: what a day's figures brought is what their loss takes, part by part."""
    nothing = sim.State(model=base, scenario=scenario)
    some = replace(nothing, published=publish(base.plan, *APRIL))
    others = replace(nothing, published=publish(base.plan, *APRIL[::-1]))
    found, again, back = (
        sim.explain(*pair, n_points=16) for pair in ((nothing, some), (nothing, others), (some, nothing))
    )
    pd.testing.assert_frame_equal(found.table, again.table)
    assert [part.kind for part in back.parts] == ["withdrawn"] * 2
    for target in ("gdp_growth", "retail_growth", "all"):
        assert (pick(found, target) + pick(back, target)).abs().max() < 1e-12
    assert np.allclose(found.table.se, back.table.se)


def test_equal_members_get_equal_parts(base: Model) -> None:
    """Two indicators of one law and one figure: either does to the other's target what that does to its own."""
    law = make_law(3, 2, 4, np.inf)
    same = {
        name: getattr(law, name)[..., [0, 0]]
        for name in ("path", "shares", "momentum", "innovation_common", "innovation_own", "trend_common", "trend_own")
    }
    law = replace(law, persistence=np.eye(2) * law.persistence[0, 0], **same)
    model = make_model(base, law)
    first = round(float(law.path[0, 0]) + 0.4, 1)
    rows = [f"2024-04-20 Q1 series_{number} {first}" for number in range(2)]
    state = sim.State(model=model, scenario=make_scenario())
    found = sim.explain(state, replace(state, published=publish(model.plan, *rows)), n_points=256)
    own, other = pick(found, "series_0_target"), pick(found, "series_1_target")
    error = 4 * np.hypot(pick(found, "series_0_target", "se"), pick(found, "series_1_target", "se"))
    assert own["series_0/Q1"] > 0.01
    assert (abs(own.to_numpy() - other.to_numpy()[::-1]) < error + 1e-5).all()
    both, doubt = pick(found, "headline"), pick(found, "headline", "se")
    assert abs(both.iloc[0] - both.iloc[1]) < 4 * np.hypot(*doubt) + 1e-5


def test_shares_are_those_of_plain_rejection(base: Model, scenario: sim.Scenario) -> None:
    rows = [row.replace("5.6", "6").replace("4.4", "4") for row in APRIL]
    wide = [replace(each, low=each.low - 0.5, high=each.high + 0.5) for each in publish(base.plan, *rows)]
    figures = Published(figures=tuple(wide), year=2024)
    nothing = sim.State(model=base, scenario=scenario)
    found = sim.explain(nothing, replace(nothing, published=figures), n_points=256)
    cases = {
        name: compile_published(base, Published(figures=chosen, year=2024))
        for name, chosen in {"one": figures.figures[:1], "two": figures.figures[1:], "both": figures.figures}.items()
    }
    counted = reject(base, scenario, {name: known for name, known in cases.items() if known}, blocks=8)
    ordinary = sim.run(base, scenario, n_paths=8 * BLOCK, n_calibrations=0, method="paths").attainments[0].met[0]
    for place, target in enumerate(["gdp_growth", "retail_growth"]):
        odds = {name: each.met[0, place] / each.kept for name, each in counted.items()} | {"none": ordinary[place]}
        share = (odds["one"] - odds["none"] + odds["both"] - odds["two"]) / 2
        error = np.sqrt(sum(odds[name] * (1 - odds[name]) / counted[name].kept for name in counted))
        assert abs(share) > 0.01
        assert pick(found, target)["gdp/Q1"] == pytest.approx(share, abs=4 * error)


def test_shocks_share_what_the_scenario_does_and_spare_what_they_do_not_touch(base: Model) -> None:
    calm = make_scenario()
    rough = make_scenario(
        storm=make_shock(loadings={"gdp": -1.0}), flood=make_shock(loadings={"gdp": -0.5}, probability=0.5)
    )
    found = sim.explain(*(sim.State(model=base, scenario=each) for each in (calm, rough)), n_points=POINTS)
    assert (pick(found, "gdp_growth") < 0).all()
    assert pick(found, "retail_growth").tolist() == [0.0, 0.0]
    assert pick(found, "gdp_growth").sum() == pytest.approx(found.odds.change[0], abs=1e-12)
    assert pick(found, "gdp_growth", "se").max() < 0.01


def test_calibration_and_plan_are_parts_and_new_targets_are_only_named(base: Model) -> None:
    gdp = base.calibration.indicators["gdp"]
    centre = gdp.centre.model_copy(update={"value": gdp.centre.value - 0.5})
    indicators = {**base.calibration.indicators, "gdp": gdp.model_copy(update={"centre": centre})}
    numbers = base.calibration.model_copy(update={"indicators": indicators})
    lower = [each.model_copy(update={"value": 5.0}) if each.id == "gdp_growth" else each for each in base.plan.targets]
    plan = replace(base.plan, targets=(*lower, make_composite("together", ["gdp_growth", "retail_growth"])))
    states = [sim.State(model=each, scenario=make_scenario()) for each in (base, build_model(plan, numbers))]
    found = sim.explain(*states, n_points=POINTS)
    assert [(part.name, part.changed) for part in found.parts] == [
        ("calibration", ("indicators/gdp/centre 5.2 ± 0.2 -> 4.7 ± 0.2",)),
        ("plan", ("gdp_growth value 5.5 -> 5.0", "targets together added")),
    ]
    gains = pick(found, "gdp_growth")
    assert gains["calibration"] < -0.05 < 0.05 < gains["plan"]
    assert found.alone[["target", "state"]].to_numpy().tolist() == [["together", "after"]]
    assert 0 < found.alone.odds[0] < 1
    assert "together" not in {*found.table.target}


def test_nothing_differs(base: Model, scenario: sim.Scenario) -> None:
    state = sim.State(model=base, scenario=scenario)
    found = sim.explain(state, replace(state), n_points=16)
    assert found.parts == ()
    assert found.odds.change.tolist() == [0.0] * 5


def test_other_years_and_indicators_are_refused(base: Model, scenario: sim.Scenario) -> None:
    state = sim.State(model=base, scenario=scenario)
    later = replace(state, model=replace(base, plan=replace(base.plan, year=2025)))
    with pytest.raises(InputError, match="after: its year: 2025; of the other: 2024; name two plans of the same year"):
        sim.explain(state, later)
    fewer = replace(state, model=replace(base, plan=replace(base.plan, indicators=base.plan.indicators[:1])))
    with pytest.raises(InputError, match="its indicators: gdp; of the other: gdp, retail_sales"):
        sim.explain(state, fewer)
    with pytest.raises(InputError, match="before: an object of type int stands where a run is due"):
        sim.explain(3, state)  # type: ignore[arg-type]


def test_where_a_state_needs_paths_all_are_counted(base: Model, scenario: sim.Scenario) -> None:
    """Two targets of one indicator; the ends are what a run counts."""
    lower = base.plan.targets[0].model_copy(update={"id": "lower", "value": 5.0})
    model = build_model(replace(base.plan, targets=(*base.plan.targets, lower)), base.calibration)
    state = sim.State(model=model, scenario=scenario)
    known = replace(state, published=publish(model.plan, APRIL[0]))
    found = sim.explain(state, known, n_paths=10_000)
    assert (found.n_points, found.n_paths) == (0, 10_000)
    for each, column in ((state, "before"), (known, "after")):
        run = sim.run(model, scenario, n_paths=10_000, n_calibrations=0, method="paths", published=each.published)
        assert np.allclose(found.odds[column][:3], run.attainments[0].met[0], atol=1e-12)
    assert pick(found, "lower").sum() == pytest.approx(found.odds.change[2], abs=1e-12)
    exact = sim.explain(*(replace(each, model=base) for each in (state, known)), n_points=POINTS)
    gap = pick(found, "gdp_growth") - pick(exact, "gdp_growth")
    assert abs(gap["gdp/Q1"]) < 4 * pick(found, "gdp_growth", "se")["gdp/Q1"]


def test_many_figures_of_one_day_are_grouped_by_indicator(base: Model, scenario: sim.Scenario) -> None:
    rows = [
        f"2024-12-20 {period} {series} 5.{place}"
        for series in ("gdp", "retail_sales")
        for place, period in enumerate(("Q1", "H1", "Q1-Q3", "Q2", "Q3"))
    ]
    figures = Published(figures=tuple(publish(base.plan, rows[0]).figures[0] for _ in rows), year=2024)
    figures = replace(
        figures,
        figures=tuple(
            replace(each, series=row.split()[2], period=row.split()[1], low=0.0, high=9.0)
            for each, row in zip(figures, rows, strict=True)
        ),
    )
    state = sim.State(model=base, scenario=scenario)
    (step,) = list_steps(state, replace(state, published=figures))
    assert step.names == ("gdp", "retail_sales")
    assert [len(part.figures) for part in step.parts] == [5, 5]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, two_indicator_plan: WritePlan) -> list[Path]:
    """Two runs of one plan's folder, between which a figure was typed into its table."""
    folder = tmp_path_factory.mktemp("runs")
    plan = two_indicator_plan(folder / "twin")
    head = "date,period,series,value,unit,step,status,source\n"
    written = []
    for number, text in enumerate(("", "2024-04-20,Q1,gdp,5.6,%,,first,s\n")):
        (plan / "published.csv").write_text(head + text)
        model = sim.load_model(plan)
        figures = sim.read_published(model.plan) if text else None
        run = sim.run(model, "baseline", n_paths=500, n_points=POINTS, n_calibrations=0, published=figures)
        run.save(folder / f"run_{number}")
        written.append(folder / f"run_{number}")
    return written


def test_folders_of_runs_are_explained_from_their_manifests(folders: list[Path]) -> None:
    found = sim.explain(*folders)
    assert [part.name for part in found.parts] == ["gdp/Q1"]
    for folder, column in zip(folders, ("before", "after"), strict=True):
        odds = pd.read_csv(folder / "attainment.csv").query("reading == 'printed'").probability
        assert np.allclose(found.odds[column][:2], odds, atol=1e-6)


def test_another_version_of_the_program_is_one_part(folders: list[Path], tmp_path: Path) -> None:
    shutil.copytree(folders[0].parent, tmp_path / "twin")
    old = tmp_path / "twin" / "run_0"
    manifest = json.loads((old / "manifest.json").read_text())
    manifest["versions"]["target-simulator"] = "0.0.1"
    (old / "manifest.json").write_text(json.dumps(manifest))
    odds = pd.read_csv(old / "attainment.csv")
    odds.loc[odds.target == "gdp_growth", "probability"] -= 0.01
    odds.to_csv(old / "attainment.csv", index=False)
    found = sim.explain(old, tmp_path / "twin" / "run_1")
    assert pick(found, "gdp_growth")["program"] == pytest.approx(0.01, abs=2e-6)
    assert pick(found, "gdp_growth", "se")["program"] > 0
    whole = found.odds.set_index("target").loc["gdp_growth"]
    assert whole.before == odds[(odds.target == "gdp_growth") & (odds.reading == "printed")].probability.iloc[0]
    assert pick(found, "gdp_growth").sum() == pytest.approx(whole.change, abs=1e-12)
    (tmp_path / "twin" / "twin" / "targets.csv").write_text("changed")
    with pytest.raises(InputError):
        sim.explain(old, tmp_path / "twin" / "run_1")
