"""Plain rejection: years in which a known figure is not as it was published are thrown away, the rest counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.engine.draws import draw
from sim.engine.judging import judge
from sim.engine.path_runs import cut_draws
from sim.engine.paths import Paths, start, unfold
from sim.engine.streams import BLOCK
from sim.inputs.plan.readings import list_groups
from sim.inputs.scenario.reading import Scenario
from sim.model.known import Known
from sim.model.model import Model


@dataclass
class Rejected:
    """Counts of the years kept."""

    n_paths: int
    kept: int
    met: np.ndarray  # (reading, target)
    number_met: dict[str, np.ndarray]
    both: np.ndarray  # (target, target) of the headline


def accept(paths: Paths, known: Known) -> np.ndarray:
    """The years in which every figure lies in its cell; of single things, whether what was due had come."""
    accepted = np.ones(paths.n_paths, bool)
    for each in known.growth:
        figure = paths.figures[each.kind, each.quarter, each.series]
        accepted &= (figure >= each.low) & (figure < each.high)
    law = paths.model.delivery_law
    for number, cells in known.deliveries.items():
        for each in cells:
            ahead = paths.courses[paths.course_of[number]][each.quarter] - paths.needed[each.quarter, number]
            if np.isfinite(law.arrivals[number]):
                accepted &= (ahead >= 0) if np.isinf(each.high) else (ahead < 0)
            else:
                amount = np.exp(ahead) * (law.due[each.quarter, number] if each.quarter < 3 else 1)
                accepted &= (amount >= each.low) & (amount < each.high)
    for number, told in known.milestones.items():
        for each in told:
            accepted &= paths.reached[each.quarter, number] == each.reached
    return accepted


def reject(
    model: Model, scenario: Scenario, cases: dict[str, Known], blocks: int, seed: int = 7
) -> dict[str, Rejected]:
    """Count so many blocks of years, the same for all cases."""
    groups = list_groups(model.plan)
    found = {case: Rejected(blocks * BLOCK, 0, 0, dict.fromkeys(groups, 0), 0) for case in cases}
    for block in range(blocks):
        for part in cut_draws(draw(model, BLOCK, seed, block), len(model.plan.judged)):
            paths = unfold(start(model, part), scenario)
            judged = judge(paths)
            for case, known in cases.items():
                _count(judged[:, :, accept(paths, known)], groups, found[case])
    return found


def _count(reached: np.ndarray, groups: Mapping[str, Sequence[int]], found: Rejected) -> None:
    headline = reached[0, groups["headline"]].astype(float)
    found.kept += reached.shape[-1]
    found.met = found.met + reached.sum(axis=-1)
    found.both = found.both + headline @ headline.T
    for group, members in groups.items():
        counts = np.bincount(reached[0, members].sum(axis=0), minlength=len(members) + 1)
        found.number_met[group] = found.number_met[group] + counts
