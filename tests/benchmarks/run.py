"""Figures of speed and memory, as JSON: `python tests/benchmarks/run.py [ROW...]`; further ones in more.py.

Processor seconds, compared in turn within this run; memory is the peak of a process of its own. The rows are those of
README's table.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `sim` does: its threads would fight with ours

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))  # models of the tests

from browser import time_sliders
from job import build_job
from more import compare_estimators, count_job, invert_job, separate
from skilled import estimate
from straightforward import draw_floor, gather
from timing import Report, call_apart, print_rows, spend, time_in_turn
from wide import make_storms

import sim
from sim.analysis.sweep.design import read_sweep
from sim.analysis.sweep.running import _keep_headline, sweep_piece
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.odds import estimate_replicate_error, explain_paths
from sim.engine.pieces import RANGE_POINTS, cut_calibrations, cut_replicates
from sim.errors import InputError
from sim.model.model import Model
from sim.results.integrals import join

ROOT = Path(__file__).parents[2]
UNIT = [sys.executable, "-c", "import numpy, scipy.stats, pandas, matplotlib.pyplot"]
POINTS, SEED = 1024, 1


def integrate(model: Model, scenarios: list, calibrations: str = "each") -> list:
    """Odds of scenarios in the pieces of a run."""
    cut = cut_replicates(POINTS, len(model.plan.judged))
    return [integrate_replicates(model, scenarios, POINTS, SEED, each, calibrations) for each in cut]


def compare_predictive() -> Report:
    """Row 1."""
    model = sim.load_model("qingdao-2024")
    scenarios = sim.read_scenarios([], model.plan)

    def predict() -> None:
        integrate(model, scenarios)
        for each in cut_calibrations(256, len(model.plan.judged)):
            integrate_replicates(model, scenarios, RANGE_POINTS, SEED, each, "replicate", 256)

    seconds = time_in_turn(3, predictive=predict, fixed=lambda: integrate(model, scenarios, "stated"))
    return {"1: seconds": seconds, "1: predictive odds over fixed numbers": seconds["predictive"] / seconds["fixed"]}


def time_commands(repetitions: int = 3) -> tuple[dict[str, float], Report]:
    """Median processor seconds of whole commands, in turn, and what the page of a report is like."""
    program = [sys.executable, "-m", "sim"]
    with tempfile.TemporaryDirectory() as folder:
        ran = [*program, "run", "--out", f"{folder}/out", "--force"]
        commands = {
            "pass": [sys.executable, "-c", "pass"],
            "unit": UNIT,
            "help": [*program, "--help"],
            "lint": [*program, "lint", str(ROOT / "scenarios" / "export-slump.yaml")],
            "no charts": [*ran, "--no-charts"],
            "svg": [*ran, "--charts", "svg"],
            "both": ran,
            "report": [*program, "report", "--lang", "both", "--out", f"{folder}/report.html", "--force"],
        }
        found = [{name: spend(command) for name, command in commands.items()} for _ in range(repetitions)]
        page = Path(folder) / "report.html"
        seen: Report = {"11: MB of the page": page.stat().st_size / 1e6, "11: ms of a slider": time_sliders(page)}
    return {name: float(np.median([each[name] for each in found])) for name in commands}, seen


def compare_commands() -> Report:
    """Rows 2, 9 and 11, and a case of a sweep (row 3)."""
    (seconds, page), a_case = time_commands(), time_a_case()
    return {
        "2: seconds of commands": seconds,
        "2: sim run --no-charts over the unit": seconds["no charts"] / seconds["unit"],
        "2: sim run --charts svg over the unit": seconds["svg"] / seconds["unit"],
        "2: sim run over the unit": seconds["both"] / seconds["unit"],
        "3: ms an added case of a sweep": 1000 * a_case,
        "3: 10,000 cases over sim run --no-charts": 10_000 * a_case / seconds["no charts"],
        "9: sim --help over python -c pass": seconds["help"] / seconds["pass"],
        "9: sim lint over the unit": seconds["lint"] / seconds["unit"],
        "11: sim report --lang both over the unit": seconds["report"] / seconds["unit"],
        **page,
    }


def time_a_case(cases: int = 400) -> float:
    """Processor seconds of a case: headline odds with error and jointly, another size and chance of a shock each."""
    model = sim.load_model("qingdao-2024")
    vary = {
        "shocks.export_slump.size_factor": {"low": 0.5, "high": 2.0},
        "shocks.export_slump.probability": {"low": 0.1, "high": 0.5},
    }
    task = read_sweep(
        {"scenario": "external-and-property", "design": "latin_hypercube", "cases": cases, "vary": vary}, model
    )
    start = time.process_time()
    sweep_piece(_keep_headline(task.model, task.scenario), task.scenario, 0, task.settings, SEED)
    return (time.process_time() - start) / cases


def compare_shocks() -> Report:
    """Row 4: time for the same error, which falls with the root of the points."""
    model = sim.load_model("qingdao-2024")
    scenarios = {number: make_storms(model, number) for number in (1, 4, 8, 16)}
    exact = {number: each for number, each in scenarios.items() if not explain_paths(model, each)}
    seconds = time_in_turn(
        2, **{str(number): lambda each=each: integrate(model, [each]) for number, each in exact.items()}
    )
    errors = {}
    for number, each in exact.items():
        met = join([part[0] for part in integrate(model, [each])]).met[0]
        errors[number] = float(np.sqrt(np.nanmean(estimate_replicate_error(met, POINTS) ** 2)))
    cost = {number: seconds[str(number)] * errors[number] ** 2 for number in exact}
    return {
        "4: seconds": seconds,
        "4: errors": errors,
        "4: over one shock, at equal error": {number: cost[number] / cost[1] for number in exact},
        "4: by paths": [number for number in scenarios if number not in exact],
    }


def compare_scenarios() -> Report:
    """Row 5."""
    found = {count: call_apart(f"wide.run_scenarios({count})") for count in (1, 10, 100)}
    each = {count: seen["seconds"] / count for count, seen in found.items()}
    return {
        "5: scenarios": found,
        "5: memory of 100 over one": found[100]["MB"] / found[1]["MB"],
        "5: time a scenario, of 100 over of ten": each[100] / each[10],
    }


def compare_width() -> Report:
    """Row 6."""
    calls = [f"run_targets({count})" for count in (80, 720, 1_900)]
    calls += [f"run_indicators({count})" for count in (6, 43, 100)] + [f"run_quarters({count})" for count in (4, 20)]
    return {f"6: {call}": call_apart(f"wide.{call}") for call in calls}


def compare_skill() -> Report:
    """Row 7: the points that somebody skilled needs for the error that ours has, over 20 seeds each."""
    model, scenario = build_job()
    numbers, ours = gather(model, scenario), compare_estimators()
    exact = np.concatenate([invert_job(), separate(16_384, 99).mean(axis=1)])
    count = 64
    while True:
        found = np.array([estimate(numbers, count, seed).mean(axis=1) for seed in range(20)])
        error = float(np.sqrt(((found - exact) ** 2).mean()))
        if error <= 1e-4:
            break
        count *= 2
    errors = ours["true rmse by points"]  # of pairs and joint odds; the six marginal ones have next to none
    points = min(each for each, error in errors.items() if error <= 1e-4) // 16
    seconds = time_in_turn(
        9,
        skilled=lambda: estimate(numbers, count, 1),
        ours=lambda: (separate(points, 5), invert_job()),
    )
    return {
        "7: seconds": seconds,
        "7: points a replicate, skilled and ours": [count, points],
        "7: true errors, skilled and ours": [error, errors[16 * points] * np.sqrt(16 / 22)],
        "7: skilled user over ours": seconds["skilled"] / seconds["ours"],
    }


def compare_paths() -> Report:
    """Row 8."""
    seconds = time_in_turn(floor=lambda: draw_floor(1_000_000, 1), one=lambda: count_job(1))
    wall = time_in_turn(clock=time.perf_counter, one=lambda: count_job(1), two=lambda: count_job(2))
    return {
        "8: seconds": seconds | {f"wall, {name}": each for name, each in wall.items()},
        "8: J(1e6) over numpy drawing its numbers": seconds["one"] / seconds["floor"],
        "8: two threads over one, wall": wall["two"] / wall["one"],
    }


def compare_large_files() -> Report:
    """Row 10."""
    model = sim.load_model("qingdao-2024")
    steps = {"low": 0.5, "high": 1.0}
    vary = {
        "shocks.export_slump.size_factor": steps | {"steps": 400},
        "shocks.export_slump.probability": steps | {"steps": 250},
    }
    start = time.process_time()
    cases = len(read_sweep({"scenario": "export-slump", "design": "grid", "vary": vary}, model).settings)
    seconds = time.process_time() - start
    history = call_apart("run.read_large_history(100)")
    return {f"10: reading {cases:,} cases, seconds": seconds, "10: a history of 100 MB": history}


def read_large_history(megabytes: int):
    """A plan whose history has so many megabytes."""
    folder = Path(tempfile.mkdtemp())
    for file in (ROOT / "seeds" / "qingdao-2024").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    row = b"Place,2011,gdp,12,~,11.7,%,a source\n"
    with (folder / "history.csv").open("wb") as file:
        file.write(b"region,year,indicator,target,comparator,outcome,unit,source\n")
        file.writelines(row for _ in range((megabytes << 20) // len(row)))

    def read() -> None:
        try:
            sim.read_plan(folder)
        except InputError as error:
            print(error)  # noqa: T201

    return read


ROWS = {
    "predictive": compare_predictive,
    "commands": compare_commands,
    "shocks": compare_shocks,
    "scenarios": compare_scenarios,
    "width": compare_width,
    "skill": compare_skill,
    "paths": compare_paths,
    "files": compare_large_files,
}

if __name__ == "__main__":
    print_rows(ROWS, sys.argv[1:])
