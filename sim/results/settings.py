"""Settings of a run: what was asked for, in one value from the call to the manifest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

from sim.errors import Fault, InputError, blame, find_nearest
from sim.inputs.plan.plan import Plan

__all__ = ["METHODS", "MOST_CALIBRATIONS", "MOST_PATHS", "MOST_POINTS", "RunSettings", "check_paths", "check_settings"]

METHODS = ("auto", "analytic", "paths")


MOST_PATHS = 10**9


MOST_POINTS = 65_536


MOST_CALIBRATIONS = 1024


_TOLERANCES = (1e-6, 0.1)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunSettings:
    """What a run is asked for; `Run.settings` says what it took.

    Attributes
    ----------
    n_paths : int, optional
        Paths to count; None leaves the choice to `sim.run`.
    seed : int
        Same seed, same bits.
    method : str
        `auto`, `analytic` or `paths`.
    n_points : int
        Points of each of the 16 replicates of the analytic road, a power of two.
    n_calibrations : int
        Calibrations of which the range is made, a power of two from 16 on; 0 means none.
    tolerance : float, optional
        Standard error to reach, as a probability, in place of `n_points` or `n_paths`.

    Examples
    --------
    >>> RunSettings(n_paths=1000).seed
    2024
    """

    n_paths: int | None = None
    seed: int = 2024
    method: str = "auto"
    n_points: int = 1024
    n_calibrations: int = 256
    tolerance: float | None = None


def check_settings(settings: RunSettings, plan: Plan) -> RunSettings:
    """Refuse settings that mean nothing or could not be met.

    Returns
    -------
    RunSettings
        The same, whole numbers such as 2e5 as `int`.

    Raises
    ------
    InputError
        With the faults of all settings.

    Examples
    --------
    >>> import sim
    >>> check_settings(RunSettings(n_points=100, method="exact"), sim.read_plan("qingdao-2024"))
    Traceback (most recent call last):
    sim.errors.InputError: method: unknown 'exact'; allowed: auto, analytic, paths
    n_points: 100 points; allowed: powers of two from 16 to 65,536
    """
    faults = [*_check_count("seed", settings.seed, 0, None)]
    calibrations = settings.n_calibrations
    if calibrations != 0 and not (
        _is_whole(calibrations) and 16 <= calibrations <= MOST_CALIBRATIONS and int(calibrations).bit_count() == 1
    ):
        said = f"{calibrations:,} calibrations" if _is_whole(calibrations) else repr(calibrations)
        faults.append(blame("n_calibrations", said, f"allowed: 0, or powers of two from 16 to {MOST_CALIBRATIONS:,}"))
    if settings.n_paths is not None:
        faults += _check_paths(settings.n_paths, plan)
    if settings.method not in METHODS:
        nearest = find_nearest(settings.method, METHODS)
        faults.append(
            blame("method", f"unknown '{settings.method}'", "allowed: " + ", ".join(METHODS), nearest, code="unknown")
        )
    points = settings.n_points
    if not (_is_whole(points) and 16 <= points <= MOST_POINTS and int(points).bit_count() == 1):
        said = f"{points:,} points" if _is_whole(points) else repr(points)
        faults.append(blame("n_points", said, f"allowed: powers of two from 16 to {MOST_POINTS:,}"))
    low, high = _TOLERANCES
    error = settings.tolerance
    if error is not None and not (isinstance(error, Real) and low <= error <= high):
        faults.append(blame("tolerance", f"{error!r}", f"allowed: a standard error from {low:g} to {high:g}"))
    if faults:
        raise InputError(faults)
    given = {name: getattr(settings, name) for name in ("n_paths", "seed", "n_points", "n_calibrations")}
    whole: dict[str, Any] = {name: int(count) for name, count in given.items() if count is not None}
    return replace(settings, **whole)


def check_paths(n_paths: int, plan: Plan) -> None:
    """Refuse a number of paths that means nothing or could not be finished.

    Raises
    ------
    InputError
        With what is allowed, and the memory that too many would take.
    """
    faults = _check_paths(n_paths, plan)
    if faults:
        raise InputError(faults)


def _check_paths(n_paths: int, plan: Plan) -> list[Fault]:
    if not _is_whole(n_paths):
        return _check_count("n_paths", n_paths, 1, MOST_PATHS)
    if 1 <= n_paths <= MOST_PATHS:
        return []
    problem = f"{n_paths:,} paths"
    if n_paths > MOST_PATHS:
        terabytes = n_paths * len(plan.indicators) * len(plan.quarter_names) * 4 / 1e12
        problem += f" would take {terabytes:,.0f} TB if kept, and days if streamed"
    return [blame("n_paths", problem, f"allowed: 1 to {MOST_PATHS:,}")]


def _check_count(argument: str, number: int, low: int, high: int | None) -> list[Fault]:
    bounds = f"{low} or more" if high is None else f"{low} to {high:,}"
    if not _is_whole(number):
        return [blame(argument, f"{number!r} is not a whole number", f"allowed: {bounds}")]
    if number < low or (high is not None and number > high):
        return [blame(argument, f"{number:,}", f"allowed: {bounds}")]
    return []


def _is_whole(number: object) -> bool:
    if isinstance(number, float):
        return number.is_integer()
    return isinstance(number, Integral) and not isinstance(number, bool)
