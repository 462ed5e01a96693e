"""Further figures of speed and memory, as JSON: `python tests/benchmarks/more.py [ROW...]`.

About job J (see job.py), and `package` about the shipped plan; processor seconds of things done in turn.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as `sim` does: its threads would fight with ours

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from job import build_job
from straightforward import simulate_straightforward
from timing import Report, call_apart, print_rows, time_in_turn

import sim
from sim.analysis.stored_paths import keep_paths
from sim.engine.counting import divide
from sim.engine.exact.inversion import open_spectrum
from sim.engine.exact.normal import compute_normal_cdf
from sim.engine.exact.odds import judge_growth
from sim.engine.exact.separation import open_separation
from sim.engine.executors import open_executor
from sim.engine.path_runs import count_scenarios
from sim.engine.sobol import find_directions, lay_net, scramble
from sim.inputs.files.folders import open_folder
from sim.model.model import build_model
from sim.model.scenario_law import compile_scenario
from sim.views.folder import write_run

PATHS = 1_000_000
MODEL, SCENARIO = build_job()
LAW = compile_scenario(MODEL, SCENARIO)
YEAR = np.arange(36, 42)  # the annual figures among seven periods of six indicators
WANTED_ERROR = 1e-4


def count_job(workers: int, n_paths: int = PATHS, seed: int = 1, kind: str = "threads") -> sim.Attainment:
    """The whole job by counted paths: odds, pairs, joint, quantiles."""
    with open_executor(f"{kind}:{workers}") as executor:
        return divide(count_scenarios(MODEL, [SCENARIO], n_paths, seed, executor)[0], seed)


def compare_straightforward() -> Report:
    """A straightforward program against counted paths."""
    times = time_in_turn(
        one=lambda: count_job(1), straightforward=lambda: simulate_straightforward(MODEL, SCENARIO, PATHS, 1)
    )
    return {"straightforward J(1e6) over ours": times["straightforward"] / times["one"]}


def compare_memory() -> Report:
    """Memory of counted paths does not grow with their number."""
    small, large = (call_apart(f"more.prepare_job({n_paths})")["MB"] for n_paths in (100_000, 10_000_000))
    return {"peak MB at 1e7 paths minus at 1e5": large - small, "peak MB at 1e7": large}


def prepare_job(n_paths: int) -> Callable[[], object]:
    """Make the job ready to be counted."""
    return lambda: count_job(2, n_paths)


def separate(count: int, seed: int) -> np.ndarray:
    """15 pairs and the joint odds, one a replicate."""
    separation = open_separation(MODEL, LAW, count, seed)
    both, joint = separation.integrate()
    places = np.argsort(separation.places)
    return np.concatenate([both[np.ix_(places, places)][np.triu_indices(6, 1)], joint[None]])


def invert_job() -> np.ndarray:
    """The six marginal odds from cold."""
    spectrum = open_spectrum(MODEL, LAW, figures=YEAR)
    return judge_growth(MODEL, spectrum, spectrum.transform())[1][::3]


def compare_estimators() -> Report:
    """What counting needs for the same error."""
    exact = separate(16_384, 99).mean(axis=1)
    count, errors = 64, {}
    while True:  # the first number of points whose true error, over 40 seeds, is what is wanted
        found = np.array([separate(count, seed).mean(axis=1) for seed in range(40)])
        errors[16 * count] = float(np.sqrt(((found - exact) ** 2).mean()))
        if errors[16 * count] <= WANTED_ERROR:
            break
        count *= 2
    odds = np.concatenate([invert_job(), exact])
    needed = (odds * (1 - odds)).mean() / WANTED_ERROR**2  # paths, for the same root mean square over the 22
    spectrum = open_spectrum(MODEL, LAW, figures=YEAR)
    fine = open_spectrum(MODEL, LAW, figures=YEAR, precision=1e-11)
    error = np.abs(invert_job() - judge_growth(MODEL, fine, fine.transform())[1][::3]).max()
    times = time_in_turn(
        counting=lambda: count_job(1),
        both=lambda: (separate(count, 5), invert_job()),
        cold=invert_job,
        warm=lambda: judge_growth(MODEL, spectrum, spectrum.transform()),
    )
    counted = times["counting"] * needed / PATHS
    marginals = times["counting"] * (odds[:6] * (1 - odds[:6])).mean() / WANTED_ERROR**2 / PATHS
    return {
        "seconds of the estimators": times,
        "true rmse by points": errors,
        "paths that counting needs": needed,
        "counting over separation, 22 odds at rmse 1e-4": counted / times["both"],
        "error of the marginals": float(error),
        "counting at rmse 1e-4 over inversion, 6 marginals, warm": marginals / times["warm"],
        "the same from cold": marginals / times["cold"],
    }


def compare_reuse() -> Report:
    """Another size of the shocks, drawn anew and on kept draws."""
    kept = keep_paths(MODEL, SCENARIO, PATHS)
    sizes, factors = dict.fromkeys(SCENARIO.shocks, 1.1), np.full(len(LAW.names), 1.1)
    spectrum = open_spectrum(MODEL, LAW, largest=1.5, figures=YEAR)
    times = time_in_turn(
        draw_paths=lambda: count_job(1),
        keep_paths=lambda: kept.judge(sizes),
        open_spectrum=invert_job,
        keep_spectrum=lambda: judge_growth(MODEL, spectrum, spectrum.transform(factors)),
    )
    return {
        "seconds of scenarios": times,
        "redraw over reuse, paths": times["draw_paths"] / times["keep_paths"],
        "redraw over reuse, marginals": times["open_spectrum"] / times["keep_spectrum"],
    }


def compare_live() -> Report:
    """A slider, on J with five shocks and on the shipped scenario with three."""
    plan = sim.read_plan("qingdao-2024")
    odds = {
        "J": (sim.WhatIf(MODEL, SCENARIO), "demand_slump"),
        "external-and-property": (
            sim.WhatIf(sim.load_model(plan), sim.read_scenario("external-and-property", plan)),
            "export_slump",
        ),
    }
    report: Report = {}
    for name, (live, shock) in odds.items():
        factors = iter(np.tile(np.linspace(0.5, 2.5, 40), 3))
        seconds = []
        for factor in factors:
            start = time.perf_counter()
            live.odds(sizes={shock: float(factor)})
            seconds.append(time.perf_counter() - start)
        report[f"slider to all odds and fans, {name}, ms (median, 95 %)"] = [
            1000 * float(np.quantile(seconds, level)) for level in (0.5, 0.95)
        ]
    return report


def compare_own_functions() -> Report:
    """What our own normal function and Sobol net gain over scipy's."""
    from scipy.special import ndtr
    from scipy.stats import qmc

    values = np.random.default_rng(1).standard_normal(1 << 16).astype(np.float32)
    directions, shifts = find_directions(20), np.zeros((20, 16), np.uint32)
    rows = np.random.default_rng(1).integers(0, 2**32, (20, 32), dtype=np.uint32)
    times = time_in_turn(
        20,
        ndtr=lambda: ndtr(values),
        ours=lambda: compute_normal_cdf(values),
        sobol=lambda: [qmc.Sobol(20, rng=seed).random(1024) for seed in range(16)],
        net=lambda: lay_net(scramble(directions, rows), shifts, 1024),
    )
    imports = [sys.executable, "-c"]
    starts = time_in_turn(
        5,
        time.perf_counter,
        stats=lambda: subprocess.run([*imports, "import scipy.stats"], check=True),
        special=lambda: subprocess.run([*imports, "import scipy.special"], check=True),
    )
    return {
        "scipy's ndtr over ours": times["ndtr"] / times["ours"],
        "scipy's scrambled Sobol over ours": times["sobol"] / times["net"],
        "seconds that importing scipy.stats adds": starts["stats"] - starts["special"],
    }


def write(run: sim.Run, charts: tuple[str, ...] = ()) -> None:
    with tempfile.TemporaryDirectory() as folder, open_folder(Path(folder) / "out") as out:
        write_run(run, out, charts=charts)


def compare_package() -> Report:
    """The shipped plan: what all targets, tables and charts add, and the nine scenarios."""
    plan = sim.read_plan("qingdao-2024")
    model = sim.load_model(plan)
    headline = build_model(replace(plan, targets=plan.headline), model.calibration)
    one, all_nine = sim.read_scenarios(["baseline"], plan), sim.read_scenarios([], plan)
    ready = sim.run(headline, one, n_calibrations=0)
    times = time_in_turn(
        3,
        headline_paths=lambda: count_scenarios(headline, one, PATHS, 1),
        all_target_paths=lambda: count_scenarios(model, one, PATHS, 1),
        nine_analytic=lambda: sim.run(model, all_nine, n_calibrations=0),
        nine_paths=lambda: sim.run(model, all_nine, n_calibrations=0, method="paths"),
        tables=lambda: write(ready, charts=()),
        tables_and_charts=lambda: write(ready, charts=("png", "svg")),
    )
    return {
        "seconds of the package": times,
        "all 77 targets over the headline, paths": times["all_target_paths"] / times["headline_paths"],
    }


def compare_sweeps() -> Report:
    """Sweeps of ten cases over 10, 100 and 1,000 plans, on two processes."""
    found = {count: call_apart(f"wide.sweep_plans({count})") for count in (10, 100, 1_000)}
    return {
        "sweeps over plans, ten cases each": found,
        "ms an added case, from 1e3 to 1e4": (found[1_000]["seconds"] - found[100]["seconds"]) / 9_000 * 1_000,
    }


ROWS = {
    "straightforward": compare_straightforward,
    "memory": compare_memory,
    "estimators": compare_estimators,
    "reuse": compare_reuse,
    "live": compare_live,
    "own": compare_own_functions,
    "package": compare_package,
    "sweeps": compare_sweeps,
}


if __name__ == "__main__":
    print_rows(ROWS, sys.argv[1:])
