"""Numbers of the model: each with its uncertainty, its source, and whether it was fitted, given or assumed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim._typing import Floats
from sim.inputs.files.validation import MOST_AMOUNT, Checked, Name, Text, refuse

__all__ = [
    "AnnualCentre",
    "AnnualLoading",
    "AnnualNumber",
    "AnnualSpread",
    "Basis",
    "CentreParts",
    "DegreesOfFreedom",
    "Evidence",
    "Fraction",
    "Level",
    "Loading",
    "LogNumber",
    "LogSpread",
    "Number",
    "Persistence",
    "Positive",
    "Spillover",
]


MOST, MOST_LOG = 1000.0, 10.0
"""What a number of the model may be: percentage points or quarters, and logarithms."""


Basis = Literal["fitted", "given", "assumed"]


class Number(Checked):
    """A number of the model.

    Attributes
    ----------
    value : float
        What the model uses.
    sd : float
        Standard deviation of what is not known about it.
    unit : str
        `pp` (percentage points), `pp/pp`, `share`, `quarters`, or `1`.
    basis : str
        `fitted` to data by this program, `given` by whom the source names, or `assumed`.
    fitted : float, optional
        The value as fitted; whoever overrides `value` leaves it as it is.
    source : str
        What it was fitted on, or who is cited, or the word "assumption" with the reason.
    """

    range: ClassVar[tuple[float, float]] = (-MOST, MOST)
    """Values that make sense; `move` stays within them."""

    value: Annotated[float, Field(ge=-MOST, le=MOST)]
    sd: Annotated[float, Field(ge=0, le=MOST)]
    unit: Literal["pp", "pp/pp", "share", "quarters", "1"]
    basis: Basis = "given"
    fitted: float | None = None
    source: Text

    @model_validator(mode="after")
    def _check_fitted(self) -> Self:
        if self.basis == "fitted" and self.fitted is None:
            raise refuse("key 'fitted' is missing", "basis: fitted needs the value as fitted; or write basis: given")
        return self

    @property
    def is_overridden(self) -> bool:
        """Whether somebody has put another value in place of the fitted one.

        Examples
        --------
        >>> number = Number(value=5.14, sd=0.17, unit="pp", basis="fitted", fitted=5.14, source="the annual law")
        >>> number.is_overridden, number.model_copy(update={"value": 9.5}).is_overridden
        (False, True)
        """
        return self.fitted is not None and self.value != self.fitted

    @property
    def is_fitted(self) -> bool:
        """Whether the value is what a fit gave."""
        return self.basis == "fitted" and not self.is_overridden

    @property
    def provenance(self) -> str:
        """How the value came about, in words.

        Examples
        --------
        >>> Number(value=9.5, sd=0.17, unit="pp", basis="fitted", fitted=5.14, source="the annual law").provenance
        'given by hand, fitted 5.14'
        """
        if self.is_overridden:
            return f"given by hand, fitted {self.fitted:.2f}"
        return "fitted" if self.is_fitted else f"{self.basis}, not fitted"

    def move(self, normals: Floats) -> Floats:
        """Move the value by so many of its standard deviations, as far as its range allows.

        Parameters
        ----------
        normals : array

        Returns
        -------
        array, shape of `normals`
        """
        moved: Floats = np.clip(self.value + normals * self.sd, *self.range)
        return moved


class Evidence(Checked):
    """Data that a number was fitted on.

    Attributes
    ----------
    n : int
        Targets with outcome.
    years : tuple of int
        First and last.
    weight : float
        Share of what is known of the number that came from them.
    """

    n: Annotated[int, Field(ge=1)]
    years: tuple[int, int]
    weight: Annotated[float, Field(ge=0, le=1)]

    @property
    def span(self) -> str:
        """The years in words, such as `2011-2021`."""
        return "-".join(str(year) for year in dict.fromkeys(self.years))


class AnnualNumber(Number):
    """A number of an indicator's year, which the annual law can fit.

    Attributes
    ----------
    panel, own : Evidence, optional
        The panel of regions that the fit started from, and the plan's own history; the rest is the prior.
    """

    panel: Evidence | None = None
    own: Evidence | None = None

    @property
    def evidence(self) -> str:
        """How much of the fitted number came from which data, in words.

        Examples
        --------
        >>> own = Evidence(n=1, years=(2017, 2017), weight=0.05)
        >>> AnnualNumber(value=4.5, sd=1.7, unit="pp", basis="fitted", fitted=4.5, own=own, source="s").evidence
        '5% from 1 own target with outcome, 2017; 95% prior'
        """
        words, rest = [], 1.0
        if self.panel:
            told = f"{self.panel.n} targets with outcome of a panel, {self.panel.span}"
            words.append(f"{self.panel.weight:.0%} from {told}")
            rest -= self.panel.weight
        if self.own:
            plural = "s" * (self.own.n > 1)
            words.append(f"{self.own.weight:.0%} from {self.own.n} own target{plural} with outcome, {self.own.span}")
            rest -= self.own.weight
        else:
            words.append("nothing from own targets, as none has an outcome")
        return "; ".join([*words, f"{max(rest, 0):.0%} prior"])


class CentreParts(Checked):
    """What the fitted centre of an ordinary year adds up from.

    Attributes
    ----------
    year : int, optional
        Of the last outcome; none where no outcome is known, and the target alone is the centre.
    start : float
        That outcome, or the target, %.
    outlook, premium, own_gap, bias, at_least, lean : float
        What is added, percentage points: by the outlook for the country, by the way back towards the country's growth,
        by the place's own gap of last year, by the bias of such forecasts, by the word "at least", and by leaning on
        the target.
    """

    year: int | None = None
    start: float
    outlook: float = 0.0
    premium: float = 0.0
    own_gap: float = 0.0
    bias: float = 0.0
    at_least: float = 0.0
    lean: float = 0.0

    @property
    def steps(self) -> dict[str, float]:
        """What is added to the start, by name: steps that are not zero, in order, percentage points.

        Examples
        --------
        >>> CentreParts(year=2023, start=5.9, outlook=-0.74, lean=0.15).steps
        {'outlook': -0.74, 'lean': 0.15}
        """
        names = ("outlook", "premium", "own_gap", "bias", "at_least", "lean")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


class AnnualCentre(AnnualNumber):
    """The expected growth of an ordinary year.

    Attributes
    ----------
    parts : CentreParts, optional
        What the value as fitted adds up from.
    """

    parts: CentreParts | None = None


class Positive(Number):
    """A number that is not negative."""

    value: Annotated[float, Field(ge=0, le=MOST)]
    range: ClassVar[tuple[float, float]] = (0.0, MOST)


class Level(Number):
    """A level in a unit of its own."""

    value: Annotated[float, Field(ge=0, le=MOST_AMOUNT)]
    sd: Annotated[float, Field(ge=0, le=MOST_AMOUNT)]
    range: ClassVar[tuple[float, float]] = (0.0, MOST_AMOUNT)


class LogNumber(Number):
    """A number on the scale of logarithms: ten of it is more than twenty thousand fold."""

    value: Annotated[float, Field(ge=-MOST_LOG, le=MOST_LOG)]
    sd: Annotated[float, Field(ge=0, le=MOST_LOG)]
    range: ClassVar[tuple[float, float]] = (-MOST_LOG, MOST_LOG)


class LogSpread(LogNumber):
    """A standard deviation on the scale of logarithms."""

    value: Annotated[float, Field(ge=0, le=MOST_LOG)]
    range: ClassVar[tuple[float, float]] = (0.0, MOST_LOG)


class Fraction(Number):
    """A share between 0 and 1."""

    value: Annotated[float, Field(ge=0, le=1)]
    range: ClassVar[tuple[float, float]] = (0.0, 1.0)


class Loading(Number):
    """A correlation with something common."""

    value: Annotated[float, Field(ge=-1, le=1)]
    range: ClassVar[tuple[float, float]] = (-1.0, 1.0)


class AnnualSpread(Positive, AnnualNumber):
    """The spread of ordinary years that quarterly news does not explain.

    Attributes
    ----------
    year_sd : float, optional
        The whole spread of ordinary years as fitted, percentage points.
    """

    year_sd: Annotated[float, Field(ge=0, le=MOST)] | None = None


class AnnualLoading(Loading, AnnualNumber):
    """The correlation of an indicator's year with what is common to all."""


class Persistence(Number):
    """A share of a deviation that is left a quarter later."""

    value: Annotated[float, Field(gt=-1, lt=1)]
    range: ClassVar[tuple[float, float]] = (-0.98, 0.98)


class DegreesOfFreedom(Number):
    """Degrees of freedom of a Student t with a variance."""

    value: Annotated[float, Field(gt=2, le=1_000_000)]
    range: ClassVar[tuple[float, float]] = (2.2, 1_000_000)


class Spillover(Number):
    """How much of one indicator's deviation moves another a quarter later."""

    origin: Name
    reaches: Name
