"""The order of rows: what a table says does not depend on where in it a row stands."""

import shutil
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.reading import read_plan

TABLES = ("targets", "history", "outlook", "quarters", "groups", "figures")


def reverse(plan: Plan, folder: Path, tables: tuple[str, ...]) -> Plan:
    """Copy a plan's folder with the rows of some tables upside down."""
    shutil.copytree(plan.folder, folder)
    for table in tables:
        head, *rows = (folder / f"{table}.csv").read_text(encoding="utf-8-sig").splitlines()
        (folder / f"{table}.csv").write_text("\n".join([head, *reversed(rows)]) + "\n", encoding="utf-8")
    return read_plan(folder)


def test_odds_do_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    plan = read_plan("china-2024")
    odds, centres = [], []
    for each in (plan, reverse(plan, tmp_path / "plan", TABLES)):
        fitted = sim.fit_calibration(each)
        centres.append([fitted.indicators[name.id].centre.value for name in plan.indicators])
        frame = sim.run(sim.load_model(each, fitted), "baseline", n_points=256, n_paths=2000, n_calibrations=0)
        odds.append(frame.attainments[0].odds.set_index(["target", "reading"])["probability"].sort_index())
    np.testing.assert_allclose(centres[0], centres[1], atol=1e-6)
    np.testing.assert_allclose(odds[0], odds[1], atol=1e-5)


@pytest.mark.parametrize("first", ["low", "high"])
def test_the_target_that_a_year_leans_on_is_the_headline_one(tmp_path: Path, first: str) -> None:
    """Of two targets on one indicator, the year leans on what the report opens with, wherever it stands."""
    plan = read_plan("china-2024")
    shutil.copytree(plan.folder, tmp_path / "plan")
    (tmp_path / "plan" / "evidence.csv").unlink()
    path = tmp_path / "plan" / "targets.csv"
    head, *rows = path.read_text(encoding="utf-8-sig").splitlines()
    gdp = next(row for row in rows if row.startswith("gdp,"))
    more = gdp.replace("gdp,", "gdp_more,", 1).replace(",yes,", ",no,").replace(",5,", ",9,")
    assert ",yes," in gdp
    assert more != gdp.replace("gdp,", "gdp_more,", 1)
    rest = [row for row in rows if row != gdp]
    pair = [gdp, more] if first == "low" else [more, gdp]
    path.write_text("\n".join([head, *pair, *rest]) + "\n", encoding="utf-8")
    centre = sim.fit_calibration(read_plan(tmp_path / "plan")).indicators["gdp"].centre.value
    assert centre == pytest.approx(sim.fit_calibration(plan).indicators["gdp"].centre.value, abs=1e-9)
