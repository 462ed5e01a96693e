"""The references that any method must beat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.inputs.history import History, January
from sim.inputs.outlook import Outlook
from sim.learning.features import build_features
from sim.learning.predictive import Predictive
from sim.learning.scores import judge_outcome

__all__ = ["REFERENCES", "Reference"]

DF, SCALE, NO_SHOCK = 4.0, 1.3, 0.9
"""Student-t tails, spread in points, and the chance of no rare shock, as this reference is defined."""


@dataclass(frozen=True)
class Reference:
    """What a reference says: probabilities and, where it has one, its law of the outcome."""

    probability: Floats
    law: Predictive | None


def _mine(now: January, indicator: str) -> NDArray[np.bool_]:
    return np.asarray(now.indicator == indicator, dtype=np.bool_)


def _turn(above: Floats, now: January, indicator: str) -> Floats:
    down = now.down[_mine(now, indicator)]
    return np.where(down, 1 - above, above)


def _spread(location: Floats) -> Predictive:
    none = np.full(len(location), 1e-9)
    return Predictive(
        location=location,
        scale=np.full(len(location), SCALE),
        common_sd=none,
        shock_sd=none,
        shock_probability=0.0,
        shock_size=0.0,
        df=DF,
    )


def say_coin(_past: History, now: January, _outlook: Outlook, indicator: str) -> Reference:
    """Say one half, always."""
    return Reference(np.full(int(_mine(now, indicator).sum()), 0.5), None)


def say_base_rate(past: History, now: January, _outlook: Outlook, indicator: str) -> Reference:
    """Say the share of targets met so far, kept off 0 and 1; one half before any."""
    rows = past.where((past.indicator == indicator) & np.isfinite(past.target) & np.isfinite(past.outcome))
    met = float(judge_outcome(rows.outcome, rows.target, rows.down).sum())
    return Reference(np.full(int(_mine(now, indicator).sum()), (met + 0.5) / (len(rows) + 1.0)), None)


def say_last_gap(past: History, now: January, _outlook: Outlook, indicator: str) -> Reference:
    """Say the target plus the region's gap of last year; one half where that is unknown."""
    gaps = {
        str(past.region[row]): float(past.outcome[row] - past.target[row])
        for row in np.flatnonzero((past.indicator == indicator) & (past.year == now.year - 1))
        if np.isfinite(past.outcome[row] - past.target[row])
    }
    mine = _mine(now, indicator)
    gap = np.array([gaps.get(str(region), 0.0) for region in now.region[mine]], dtype=np.float64)
    law = _spread(now.target[mine] + gap)
    return Reference(_turn(1 - law.cdf(now.target[mine]), now, indicator), law)


def say_outlook_line(past: History, now: January, outlook: Outlook, indicator: str) -> Reference:
    """Say the last outcome plus what the country is expected to change, times 0.9 for the chance of a rare shock.

    The last outcome may be three years old, with the national growth of its year; without any, the target is the
    centre. Its law of the outcome leaves the 0.9 out.
    """
    features = build_features(past, now, outlook, indicator)
    centre = np.where(features.age > 0, features.last + features.shift, features.target)
    law = _spread(centre)
    above = NO_SHOCK * (1 - law.cdf(features.target))
    return Reference(_turn(above, now, indicator), law)


REFERENCES: Mapping[str, Callable[[History, January, Outlook, str], Reference]] = {
    "coin": say_coin,
    "base_rate": say_base_rate,
    "last_gap": say_last_gap,
    "outlook_line": say_outlook_line,
}
"""By name: what each says of the targets of an indicator in `now`, from earlier years (`past`) and an outlook."""
