"""Count how often the 95 % intervals of changes between two scenarios hold them, without figures and given some.

    python tests/covering.py [SEEDS]

Of so many seeds, 300 unless another number is given, each computes the change of every odds from few points; what it is
held against comes from many. Takes some minutes of one processor.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from small_models import make_law, make_model, make_scenario, make_shock

import sim
from sim.analysis.compare import compare
from sim.engine.exact.pilot import fit_proposal
from sim.engine.tasks import RunTask
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known, KnownGrowth
from sim.model.model import Model, keep_growth
from sim.results.settings import RunSettings

FEW, MANY, MANY_SEEDS = 64, 16_384, 3
STUDENT = 2.1314  # at 95 %, of sixteen replicates


def make_pair() -> tuple[Model, list[Scenario]]:
    """A small model of two indicators; a calm year, and one with a storm that the figures may have seen."""
    model = make_model(keep_growth(sim.load_model("qingdao-2024")), make_law(9, 2, 4, 5.0), [0.1, -0.2])
    size = {"law": "lognormal", "median": 0.6, "sigma": 0.5}
    storm = make_shock(size=size, onset={"Q1": 0.5, "Q3": 0.5}, loadings={"series_0": -1.0, "series_1": -0.6})
    return model, [replace(make_scenario(), name="calm"), replace(make_scenario(storm=storm), name="rough")]


def know(model: Model, periods: int) -> Known | None:
    """What so many periods print of the first indicator: a little below what was expected of them."""
    cells = []
    for quarter in range(periods):
        middle = float(model.reduced.mean[model.reduced.find_cumulative(quarter), 0]) - 0.3
        name, ends = f"series_0/{('Q1', 'H1')[quarter]}", {"low": middle - 0.05, "high": middle + 0.05}
        cells.append(KnownGrowth(name=name, kind=1, quarter=quarter, series=0, **ends))
    return Known(growth=tuple(cells), deliveries={}, milestones={}, words={}) if cells else None


def measure(model: Model, pair: list[Scenario], known: Known | None, count: int, seed: int) -> np.ndarray:
    """Changes and their paired errors, shape (2, row)."""
    proposal = None if known is None else fit_proposal(model, pair, known, seed)
    settings = RunSettings(n_points=count, seed=seed, n_calibrations=0, n_paths=1000)
    task = RunTask(
        model=model, scenarios=tuple(pair), settings=settings, exact=(True, True), known=known, proposal=proposal
    )
    table = compare(task, "calm", "rough", by=()).table
    return table[["change", "paired_se"]].to_numpy().T


def main(seeds: int) -> None:
    """Print one line for each number of figures."""
    model, pair = make_pair()
    for periods, few in ((0, FEW), (1, 4 * FEW), (2, 4 * FEW)):
        begun, known = time.process_time(), know(model, periods)
        truth = np.mean([measure(model, pair, known, MANY, 10_000 + seed)[0] for seed in range(MANY_SEEDS)], axis=0)
        found = np.stack([measure(model, pair, known, few, seed) for seed in range(seeds)], axis=1)
        inside = np.abs(found[0] - truth) <= STUDENT * found[1]
        by_row = inside.mean(axis=0)
        sys.stdout.write(
            f"{periods} figures, {few} points a replicate, {seeds} seeds: {100 * inside.mean():.1f} % of {inside.size} "
            f"intervals hold the change; by row {100 * by_row.min():.1f} to {100 * by_row.max():.1f} %; "
            f"{time.process_time() - begun:.0f} s\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
