"""The share of a programme's projects under way at the end of the year, and what a rule makes of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim._typing import Floats
from sim.inputs.records import Programmes
from sim.learning.class_rates import Rate

__all__ = ["ShareLaw", "fit_shares"]

_PRIOR_MEAN, _PRIOR_SD = np.array([-2.5, -0.2, 2.0]), np.array([1.5, 0.15, 1.0])
_YEAR = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareLaw:
    """Share of the projects under way: a beta law.

    Attributes
    ----------
    mean, sd : float
        Of the share, between one programme and the next.
    mean_sd, sd_sd : float
        Standard deviations of what is not known about them.
    n : int
        Figures that it was fitted to.
    """

    mean: float
    sd: float
    mean_sd: float
    sd_sd: float
    n: int

    def meet(self, required: float, projects: int | None = None) -> float:
        """Find the chance that at least the share `required` is under way.

        Parameters
        ----------
        required : float
        projects : int, optional
            Of the programme: of so many whole ones, at least required x projects (beta-binomial); None means many.

        Returns
        -------
        float

        Examples
        --------
        >>> law = ShareLaw(mean=0.5, sd=0.2886751, mean_sd=0.0, sd_sd=0.0, n=0)
        >>> round(law.meet(0.9), 3), round(law.meet(0.9, 4), 3)
        (0.1, 0.2)
        """
        share = Rate(mean=self.mean, weight=self.mean * (1 - self.mean) / self.sd**2 - 1)
        if projects is None:
            kept = share.mean * share.weight
            return float(scipy.special.betainc(share.weight - kept, kept, 1 - required))
        return float(share.list_chances(projects)[int(np.ceil(required * projects - 1e-9)) :].sum())


def fit_shares(programmes: Programmes) -> ShareLaw:
    """Fit the law of the share under way at the end of the year.

    Parameters
    ----------
    programmes : Programmes
        Figures within the year serve: they show how what is missing shrinks month by month.

    Returns
    -------
    ShareLaw

    Notes
    -----
    Beta regression (Ferrari and Cribari-Neto 2004) of the missing share on the months left, with weak normal priors;
    posterior mode and Laplace covariance. The priors: some 8 % missing at the year's end within a factor of four, a
    fifth less of it each month, and a beta weight of about 7 within a factor of three.
    """
    known = np.isfinite(programmes.missing)
    missing, left = programmes.missing[known], programmes.month[known] - _YEAR
    missing = np.clip(missing, 1e-4, 1 - 1e-4)

    def lose(number: Floats) -> Floats:  # minus the log posterior; shapes (3, ...) to (...)
        a, b, c = number[..., None]
        mean, weight = scipy.special.expit(a + b * left), np.exp(c)
        first, second = mean * weight, (1 - mean) * weight
        told = (first - 1) * np.log(missing) + (second - 1) * np.log1p(-missing) - scipy.special.betaln(first, second)
        strange = (np.moveaxis(number, 0, -1) - _PRIOR_MEAN) / _PRIOR_SD
        return np.asarray((strange**2).sum(axis=-1) / 2 - told.sum(axis=-1), dtype=np.float64)

    search = scipy.optimize.minimize(lambda number, *_: float(lose(number)), _PRIOR_MEAN, method="BFGS")
    mode = np.asarray(search.x, dtype=np.float64)
    covariance = np.linalg.inv(np.asarray(scipy.differentiate.hessian(lose, mode).ddf))
    mean, weight = float(scipy.special.expit(mode[0])), float(np.exp(mode[2]))
    sd = float(np.sqrt(mean * (1 - mean) / (weight + 1)))
    slope = np.array([(1 - 2 * mean) / 2, 0.0, -weight / (weight + 1) / 2]) * sd  # of sd, by the numbers
    return ShareLaw(
        mean=1 - mean,
        sd=sd,
        mean_sd=mean * (1 - mean) * float(np.sqrt(covariance[0, 0])),
        sd_sd=float(np.sqrt(slope @ covariance @ slope)),
        n=int(known.sum()),
    )
