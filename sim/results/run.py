"""A run: the odds of several scenarios of one plan."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.html import tabulate
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.results.attainment import Attainment
from sim.results.settings import RunSettings

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["Deviation", "Run", "show_run"]


@dataclass(frozen=True)
class Deviation:
    """A probability in which the two roads differ by more than chance explains.

    Attributes
    ----------
    scenario, target, reading : str
    analytic, paths, z : float
        Both probabilities, and their difference in standard errors.
    """

    scenario: str
    target: str
    reading: str
    analytic: float
    paths: float
    z: float


@dataclass(frozen=True, kw_only=True)
class Run:
    """The odds of every scenario, on the same draws.

    Attributes
    ----------
    model : Model
    scenarios : tuple of Scenario
    attainments : tuple of Attainment
        In the order of the scenarios.
    settings : RunSettings
        As asked for, with the paths and points that it took.
    calibration_sd : array, shape (scenario, target)
        Spread of the odds as stated over redrawn calibrations; NaN where none were redrawn.
    deviations : tuple of Deviation
        Where the roads differ by more than four standard errors: a fault of the program, to be reported.
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    attainments: tuple[Attainment, ...]
    settings: RunSettings
    calibration_sd: NDArray[np.float64]
    deviations: tuple[Deviation, ...] = ()

    @property
    def n_paths(self) -> int:
        """Paths that were counted, of each scenario."""
        return int(self.settings.n_paths or 0)

    def to_xarray(self) -> xr.Dataset:
        """All results as labelled arrays; see `sim.results.attainment.label_attainments`."""
        from sim.results.attainment import label_attainments

        return label_attainments(self.attainments, self.calibration_sd)

    def __repr__(self) -> str:
        return f"<Run of {self.model.plan.name}: {len(self.attainments)} scenarios, seed {self.settings.seed}>"

    def _repr_html_(self) -> str:

        return show_run(self)


def show_run(run: Run) -> str:
    """A run: headline odds by scenario, and those of all headline targets together, in per cent.

    Parameters
    ----------
    run : Run

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> plan = sim.read_plan("qingdao-2024")
    >>> result = sim.run(sim.load_model(plan), sim.read_scenarios(["baseline"], plan), n_paths=1000, n_calibrations=0)
    >>> show_run(result)[:34]
    '<p>Qingdao 2024: odds as stated, %'
    """
    plan = run.model.plan
    targets = plan.headline or plan.judged
    rows = []
    for attainment in run.attainments:
        stated = attainment.odds[attainment.odds.reading == "stated"].set_index("target")
        joint = attainment.joint[attainment.joint.group == ("headline" if plan.headline else "all")]
        odds = [*(float(stated.probability[target.id]) for target in targets), float(joint.probability.iloc[-1])]
        titles = attainment.scenario.title_en, attainment.scenario.title_zh
        rows.append((*titles, *(f"{100 * each:.1f}" for each in odds)))
    heads = ["scenario", "情景", *(target.name_en for target in targets), "all of them"]
    words = f"{plan.place_en} {plan.year}: odds as stated, %; seed {run.settings.seed}"
    return f"<p>{escape(words)}</p>{tabulate(heads, rows)}"
