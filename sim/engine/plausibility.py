"""Whether published figures can be believed of the model, and whether enough points or paths still speak given them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.errors import Fault, InputError, blame
from sim.inputs.scenario.reading import Scenario
from sim.results.evidence import Evidence
from sim.results.integrals import Integrals
from sim.results.settings import MOST_POINTS

__all__ = ["COUNTED", "FEWEST", "UNBELIEVABLE", "check_paths_left", "check_points_left", "choose_points"]

COUNTED = "figures are known and paths were counted, so that nobody has seen whether enough points are left"
"""Why a question that is only asked of points is not answered."""

UNBELIEVABLE = 1e-6
"""Probability of figures so far out or farther, below which they are refused."""

FEWEST = 320
"""Effective points, or paths, that odds given figures rest on at least: 2 % of as many as a run has by itself."""


def choose_points(scenarios: Sequence[Scenario], pilot: Sequence[Integrals], count: int, even_so: bool) -> int:
    """Choose the points of a replicate so that enough of them still speak given published figures.

    Parameters
    ----------
    scenarios : sequence of Scenario
    pilot : sequence of Integrals
        Of each, with their evidence.
    count : int
        Points asked for, a power of two.
    even_so : bool
        Whether figures that are unbelievable of the model are taken.

    Returns
    -------
    int
        The same, or doubled as often as needed; the same where nothing is published.

    Raises
    ------
    InputError
        If figures are unbelievable, or too few points would be left of the most there may be.
    """
    told = [
        (scenario, each.evidence)
        for scenario, each in zip(scenarios, pilot, strict=True)
        if each.evidence is not None and each.evidence.names
    ]
    if not told:
        return count
    faults = [fault for pair in told for fault in _find_unbelievable(*pair, even_so)]
    if faults:
        raise InputError(faults)
    for scenario, evidence in told:
        replicates = len(evidence.weight)
        while count < MOST_POINTS and evidence.share * count * replicates < FEWEST:
            count *= 2
        faults += _find_too_few(scenario, evidence, count * replicates, "points", "leave some of them out")
    if faults:
        raise InputError(faults)
    return count


def check_points_left(scenario: Scenario, evidence: Evidence | None, even_so: bool) -> None:
    """Refuse an answer on points where figures are unbelievable, or too few points would be left.

    Parameters
    ----------
    scenario : Scenario
    evidence : Evidence, optional
        By the points of the answer; None where nothing is published.
    even_so : bool

    Raises
    ------
    InputError
    """
    if evidence is None:
        return
    count = evidence.n_points * len(evidence.weight)
    faults = [*_find_unbelievable(scenario, evidence, even_so)]
    faults = faults or [*_find_too_few(scenario, evidence, count, "points", "leave some of them out")]
    if faults:
        raise InputError(faults)


def check_paths_left(
    scenarios: Sequence[Scenario],
    evidence: Sequence[Evidence | None],
    exact: Sequence[bool],
    n_paths: int,
    even_so: bool,
) -> None:
    """Refuse to count where figures are unbelievable, or too few paths would be left.

    Parameters
    ----------
    scenarios : sequence of Scenario
    evidence : sequence of Evidence or None
        By the first paths of each.
    exact : sequence of bool
        Whether a scenario takes the analytic road, of which paths are a check alone.
    n_paths : int
    even_so : bool

    Raises
    ------
    InputError
    """
    counted = [
        (scenario, told) for scenario, told, on in zip(scenarios, evidence, exact, strict=True) if told and not on
    ]
    faults = [fault for pair in counted for fault in _find_unbelievable(*pair, even_so)]
    for scenario, told in counted if not faults else ():
        faults += _find_too_few(scenario, told, n_paths, "paths", "ask for more, or leave some of them out")
    if faults:
        raise InputError(faults)


def _find_unbelievable(scenario: Scenario, evidence: Evidence, even_so: bool) -> Iterator[Fault]:
    if not even_so and evidence.surprise < UNBELIEVABLE:
        said = f"{evidence.most_surprising} comes less than once in a million years of scenario '{scenario.name}'"
        yield blame("published", said, "correct the figure, or the calibration; or write `even_so=True`")


def _find_too_few(scenario: Scenario, evidence: Evidence, count: int, noun: str, mend: str) -> Iterator[Fault]:
    left = evidence.share * count
    if left < FEWEST:
        said = f"given the figures, {count:,} {noun} of scenario '{scenario.name}' are worth only {left:,.0f}"
        yield blame("published", said, f"{FEWEST} are needed: {mend}")
