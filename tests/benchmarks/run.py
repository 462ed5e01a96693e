"""Ratios of speed and memory, as JSON: `python tests/benchmarks/run.py`.

Every ratio compares things timed in turn within this run, so that a slow or busy machine slows both. Memory is the
peak of a process of its own.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

import sim
from sim.draws import BLOCK
from sim.model import Model, build_model
from sim.records import open_folder, write_run

PATHS = 1_000_000
REPETITIONS = 5


def time_in_turn(**tasks: Callable[[], object]) -> dict[str, float]:
    """Median seconds of each task, run in turn after one warm-up."""
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for repetition in range(REPETITIONS + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if repetition:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def draw_floor(model: Model) -> None:
    """The standard normals of the macro block, drawn by numpy and thrown away."""
    quarters, series = model.law.path.shape
    generator = np.random.Generator(np.random.SFC64(1))
    block = np.empty(((quarters + 1) * (series + 1), BLOCK))
    for _ in range(-(-PATHS // BLOCK)):
        generator.standard_normal(out=block)


def write(run: sim.Run, charts: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, open_folder(Path(folder) / "out") as out:
        write_run(run, out, charts=charts)


def peak_megabytes(n_paths: int) -> float:
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import run; run.print_peak({n_paths})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout)


def print_peak(n_paths: int) -> None:
    """Peak memory of one run of the baseline, in MB; called in a process of its own."""
    plan = sim.read_plan("qingdao-2024")
    sim.run(sim.calibrate(plan), sim.read_scenarios(["baseline"], plan), n_paths, n_calibrations=0)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # noqa: T201


def main() -> None:
    plan = sim.read_plan("qingdao-2024")
    model = sim.calibrate(plan)
    headline = build_model(replace(plan, targets=plan.headline), model.calibration)
    one, all_nine = sim.read_scenarios(["baseline"], plan), sim.read_scenarios([], plan)
    ready = sim.run(headline, one, 10_000, n_calibrations=0)
    times = time_in_turn(
        floor=lambda: draw_floor(model),
        headline=lambda: sim.run(headline, one, PATHS, n_calibrations=0),
        all_targets=lambda: sim.run(model, one, PATHS, n_calibrations=0),
        tables=lambda: write(ready, charts=False),
        tables_and_charts=lambda: write(ready, charts=True),
    )
    nine = time_in_turn(all_nine=lambda: sim.run(model, all_nine, PATHS // 5, n_calibrations=0))
    floor = times["floor"]
    report = {
        "paths": PATHS,
        "seconds": {name: round(value, 3) for name, value in {**times, **nine}.items()},
        "headline over numpy's normals": round(times["headline"] / floor, 2),
        "headline and tables over numpy's normals": round((times["headline"] + times["tables"]) / floor, 2),
        "headline, tables and charts over numpy's normals": round(
            (times["headline"] + times["tables_and_charts"]) / floor, 2
        ),
        "all targets over headline": round(times["all_targets"] / times["headline"], 2),
        "peak MB at 1e5 paths": round(peak_megabytes(100_000), 1),
        "peak MB at 1e7 paths": round(peak_megabytes(10_000_000), 1),
    }
    print(json.dumps(report, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
