"""Priors of the annual law, and what a panel of regions has taught: the file `panel.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from sim._typing import Floats
from sim.errors import InputError
from sim.inputs.bundled import find_seed
from sim.inputs.files.validation import Checked, Name, Text, check_record
from sim.inputs.files.yaml_files import read_yaml
from sim.inputs.identity import rename_indicator

__all__ = ["OTHER", "PANEL_FILE", "TRANSFORMS", "Learned", "Panel", "Prior", "find_prior", "read_panel"]

TRANSFORMS: Mapping[str, str] = {
    "bias": "identity",
    "outlook_response": "identity",
    "lean": "logit",
    "lean_surprise": "log",
    "lean_age": "log",
    "at_least": "identity",
    "premium_reversion": "identity",
    "gap_persistence": "identity",
    "common_sd": "log",
    "scale": "log",
    "df": "log",
    "age_widening": "log",
    "shock_probability": "logit",
    "shock_size": "identity",
}
"""Parameters of the annual law, and how each is taken to the real line, where priors are normal."""


PANEL_FILE = find_seed("panel.yaml")
"""The shipped priors and learned parameters."""


OTHER = "other"
"""The prior of an indicator that has none of its own."""


Positive = Annotated[float, Field(gt=0)]


class Belief(Checked):
    """A normal law on the real line."""

    how: Literal["identity", "log", "logit"]
    mean: float
    sd: Positive


class Prior(Checked):
    """What is believed of an indicator's annual law before any history is read.

    Attributes
    ----------
    unit : float
        Size of its spread relative to GDP's: surprises are measured in it.
    source : str
    real_line : dict of str to Belief
        By parameter, after `TRANSFORMS`.
    """

    unit: Positive
    source: Text
    real_line: dict[Name, Belief]

    @cached_property
    def mean(self) -> Floats:
        """Means in the order of `TRANSFORMS`."""
        return np.array([self.real_line[name].mean for name in TRANSFORMS])

    @cached_property
    def sd(self) -> Floats:
        """Standard deviations in the order of `TRANSFORMS`."""
        return np.array([self.real_line[name].sd for name in TRANSFORMS])

    def move(self, mean: Floats, sd: Floats, source: str) -> Prior:
        """Give the prior other means and standard deviations.

        Parameters
        ----------
        mean, sd : array, shape (parameter,)
            On the real line, in the order of `TRANSFORMS`.
        source : str

        Returns
        -------
        Prior
        """
        beliefs = {
            name: Belief(how=self.real_line[name].how, mean=float(m), sd=float(s))
            for name, m, s in zip(TRANSFORMS, mean, sd, strict=True)
        }
        return Prior(unit=self.unit, source=source, real_line=beliefs)


class Learned(Checked):
    """A parameter that a panel of regions has taught.

    Attributes
    ----------
    value, sd : float
        As the law uses it.
    real_line_mean, real_line_sd : float
        On the real line, where a further fit starts.
    n : int
        Targets with outcomes.
    years : tuple of int
        First and last.
    from_data : float
        Share that came from them; the rest is the prior.
    """

    value: float
    sd: Annotated[float, Field(ge=0)]
    real_line_mean: float
    real_line_sd: Positive
    n: int
    years: tuple[int, int]
    from_data: Annotated[float, Field(ge=0, le=1)]
    source: Text


class Fixed(Checked):
    """A number of the annual law that is not fitted."""

    value: float
    source: Text


class Summary(Checked):
    """One year of the panel in short: gaps are outcome minus target, percentage points."""

    year: int
    n: int
    mean_gap: float
    sd_gap: float
    share_met: float


class Panel(Checked):
    """Priors, what a panel of regions has taught, and its years in short.

    Attributes
    ----------
    fixed : dict of str to Fixed
        `shock_sd`, `no_outlook_sd`.
    priors : dict of str to Prior
        By indicator.
    learned : dict of str to dict of str to Learned
        By indicator and parameter.
    yearly : dict of str to list of Summary
        By indicator.
    regions : dict of str to list of str
        By indicator: whose targets and outcomes it was taught by.
    """

    schema_version: Literal[1]
    fixed: dict[Name, Fixed]
    priors: dict[Name, Prior]
    learned: dict[Name, dict[Name, Learned]]
    yearly: dict[Name, list[Summary]]
    regions: dict[Name, list[Text]]


@cache
def read_panel(path: Path | None = None) -> Panel:
    """Read a file of priors and learned parameters.

    Parameters
    ----------
    path : Path, optional
        None means the shipped `panel.yaml`.

    Returns
    -------
    Panel

    Raises
    ------
    InputError
        With every fault.

    Examples
    --------
    >>> sorted(read_panel().priors)[:3]
    ['budget_revenue', 'fixed_asset_investment', 'gdp']
    """
    record, faults = read_yaml(path or PANEL_FILE)
    panel = check_record(Panel, record, faults)
    if panel is not None:
        for indicator, prior in panel.priors.items():
            at = record.locate(("priors", indicator, "real_line"))
            lacking = [name for name in TRANSFORMS if name not in prior.real_line]
            faults.extend(at.fault(f"'{name}' is missing in real_line", code="missing") for name in lacking)
    if faults or panel is None:
        raise InputError(faults)
    return panel


def find_prior(indicator: str, panel: Panel | None = None) -> Prior:
    """Find the prior of an indicator, or that of any other growth series.

    Parameters
    ----------
    indicator : str
    panel : Panel, optional
        None means the shipped one.

    Returns
    -------
    Prior

    Examples
    --------
    >>> find_prior("gdp").unit, find_prior("exports").source[:10]
    (1.0, 'assumption')
    """
    panel = panel or read_panel()
    return panel.priors.get(rename_indicator(indicator), panel.priors[OTHER])
