"""The numbers of an indicator: its year, its quarters, and what is shared among indicators."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.inputs.files.validation import Checked, Text
from sim.inputs.numbers import (
    AnnualCentre,
    AnnualLoading,
    AnnualSpread,
    Loading,
    Persistence,
    Positive,
)

__all__ = ["NOTHING", "IndicatorNumbers", "QuarterlyNumbers", "ShockNumbers"]

NOTHING = Positive(value=0, sd=0, unit="pp", source="assumption: news lasts")
"""Nothing is a quarter's own unless a calibration says so."""


class IndicatorNumbers(Checked):
    """The numbers of one indicator.

    Attributes
    ----------
    centre : Number
        Expected growth of an ordinary year, %; its `sd` is what is not known about the annual law it comes from.
    trend_sd, trend_common : Number
        Spread of ordinary years around the centre that quarterly news does not explain, percentage points, and its
        correlation with what is common to all.
    innovation_sd, innovation_common : Number
        Standard deviation of a quarter's news, percentage points, and its correlation with the common factor.
    persistence : Number
        Share of a quarter's deviation that is left a quarter later.
    quarter_sd : Number
        Standard deviation of what is a quarter's own and does not last, percentage points.
    """

    centre: AnnualCentre
    trend_sd: AnnualSpread
    trend_common: AnnualLoading
    innovation_sd: Positive
    innovation_common: Loading
    persistence: Persistence
    quarter_sd: Positive = NOTHING

    @property
    def reason_unfitted(self) -> str:
        """Why the indicator's year is not the annual law's; empty where all of it is as fitted.

        Examples
        --------
        >>> import sim
        >>> numbers = sim.load_model(sim.read_plan("china-2024")).calibration.indicators
        >>> numbers["gdp"].reason_unfitted
        'assumed, not fitted'
        """
        if not self.centre.is_fitted:
            return self.centre.provenance
        others = {"spread": self.trend_sd, "common share": self.trend_common}
        return next((f"{name} {each.provenance}" for name, each in others.items() if not each.is_fitted), "")


class QuarterlyNumbers(Checked):
    """The numbers of one indicator that no fit of annual figures can give.

    Attributes
    ----------
    centre, trend_sd, trend_common : Number, optional
        As in `IndicatorNumbers`; where they are given, they are kept and nothing is fitted. All three or none, and all
        three for a price or a rate, of which the annual law of growth says nothing.
    year_common : Number
        Correlation of what is common to all regions in the indicator's year with what is common in GDP's.
    gdp_correlation : Number, optional
        Correlation of the error of the indicator's trend with that of GDP's, where it is known as such: in the place of
        `year_common`, in a plan with an indicator `gdp`.
    innovation_sd, innovation_common, persistence, quarter_sd : Number
        As in `IndicatorNumbers`.
    """

    centre: AnnualCentre | None = None
    trend_sd: AnnualSpread | None = None
    trend_common: AnnualLoading | None = None
    year_common: Loading
    gdp_correlation: Loading | None = None
    innovation_sd: Positive
    innovation_common: Loading
    persistence: Persistence
    quarter_sd: Positive = NOTHING

    @property
    def needs_fit(self) -> bool:
        """Whether the annual law has to say where the year lies."""
        return self.centre is None


class ShockNumbers(Checked):
    """How far what scenarios say of shocks is known.

    Attributes
    ----------
    strength : float
        Standard deviation of the log of a shock's size, beside the law of its size.
    loading : float
        Standard deviation of each loading, as a share of it.
    records : float
        Number of years that would tell as much of a shock's probability as is known.
    source : str
    """

    strength: Annotated[float, Field(ge=0, le=2)] = 0.25
    loading: Annotated[float, Field(ge=0, le=2)] = 0.3
    records: Annotated[float, Field(gt=0, le=100_000)] = 16
    source: Text = "assumption: sizes and loadings are read off one or two episodes, chances off sixteen years"
