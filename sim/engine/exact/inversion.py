"""Marginal odds and quantiles of growth by inverting characteristic functions.

Exact up to a stated truncation, because each growth figure is a sum of independent pieces: trend, news of each quarter,
shocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim._typing import Floats
from sim.model.model import Model
from sim.model.scenario_law import Quantile, ScenarioLaw, find_largest_size
from sim.model.shock_subsets import average_groups

__all__ = ["PRECISION", "SizeTable", "Spectrum", "compute_tail_factor", "find_quantiles", "invert", "open_spectrum"]

Complexes = NDArray[np.complex128]


PRECISION = 1e-7
"""Truncation tolerance, for the characteristic function and for the tail outside the period of the sum."""


_FARTHEST = 3000.0  # standard deviations; heavier tails are cut here


_SIZE_NODES = 129  # of the trapezoid rule over a shock's size


_TURN = 0.15  # radians of a large size's wave from one tabulated value to the next; cubics then err by less than 1e-6


def compute_tail_factor(argument: Floats, degrees_of_freedom: float) -> Floats:
    """Compute the characteristic function of heavy-tailed news with unit variance: Student t, scaled.

    Parameters
    ----------
    argument : array
        Frequency times standard deviation, without unit.
    degrees_of_freedom : float
        More than 2; infinity gives the normal law.

    Returns
    -------
    array, shape of `argument`
        Real, as the law is symmetric.

    See Also
    --------
    sim.model.lookup_table.tabulate_scale : The same heavy-tail scale as it is drawn.

    Notes
    -----
    Mean of exp(-r^2 a^2 / 2) over the squared scale r^2 = (nu - 2) / chi^2, by the trapezoid rule over log chi^2. It is
    exact to about 12 digits and, unlike the closed form with Bessel functions, neither over- nor underflows.

    Examples
    --------
    >>> a = np.array([0.5, 2.0])
    >>> closed = np.exp(-np.sqrt(3) * a) * (1 + np.sqrt(3) * a + a**2)  # 5 degrees of freedom
    >>> np.allclose(compute_tail_factor(a, 5.0), closed, atol=1e-12)
    True
    """
    if not np.isfinite(degrees_of_freedom):
        normal: Floats = np.exp(-(argument**2) / 2)
        return normal
    half = degrees_of_freedom / 2
    low, high = np.log(half) - (37 / half if half < 20 else 9 / np.sqrt(half)), np.log(half + 40 + 9 * np.sqrt(half))
    step = min(0.3, 0.5 / np.sqrt(half))  # at most half the standard deviation of log chi^2
    logs = np.linspace(low, high, int(np.ceil((high - low) / step)))
    density = np.exp(half * logs - np.exp(logs) - half * np.log(half) + half)
    weights = density / density.sum()
    squares = (half - 1) * np.exp(-logs)
    factor = np.zeros(np.shape(argument))
    halved = -(argument**2) / 2
    for square, weight in zip(squares, weights, strict=True):
        if weight > 1e-18:
            factor += weight * np.exp(square * halved)
    return factor


def _lay_sizes(quantile: Quantile) -> tuple[Floats, Floats]:
    """Lay nodes and weights of the trapezoid rule over a size law, evenly in standard normal units."""
    from scipy.special import ndtr

    normals = np.linspace(-8.2, 8.2, _SIZE_NODES)
    density = np.exp(-(normals**2) / 2)
    uniforms = np.clip(ndtr(normals), 2.0**-54, 1 - 2.0**-53)
    return quantile(uniforms), density / density.sum()


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class SizeTable:
    """Characteristic function of a shock's size, tabulated on even frequencies from zero on.

    Attributes
    ----------
    step : float
        Spacing of the frequencies, per unit of size.
    values, slopes : array of complex, shape (frequency,)
        The function, and its derivative times `step`.
    """

    step: float
    values: Complexes
    slopes: Complexes

    def read(self, frequency: Floats) -> Complexes:
        """Interpolate the characteristic function by cubic Hermite polynomials.

        Parameters
        ----------
        frequency : array
            Per unit of size, of either sign.

        Returns
        -------
        array of complex, shape of `frequency`
            Beyond the table, the value at its last frequency.
        """
        position = np.minimum(np.abs(frequency) / self.step, len(self.values) - 1.000001)
        place = position.astype(np.int64)
        t = position - place
        u = 1 - t
        first = self.values[place] * (u * u * (1 + 2 * t)) + self.slopes[place] * (t * u * u)
        place += 1
        value = first + self.values[place] * (t * t * (1 + 2 * u)) - self.slopes[place] * (t * t * u)
        return np.where(frequency < 0, value.conj(), value)


def _tabulate(law: ScenarioLaw, shock: int, highest: float) -> SizeTable:
    sizes, weights = _lay_sizes(law.size[shock])
    count = int(min(max(highest * find_largest_size(law, shock) / _TURN, 32), 8192)) + 2
    step = max(highest, 1e-12) / (count - 2)
    waves = np.tile(np.exp(1j * step * sizes), (count, 1))
    waves[0] = 1
    np.cumprod(waves, axis=0, out=waves)  # powers: many times faster than as many exponentials
    values: Complexes = np.einsum("ks,s->k", waves, weights)
    slopes: Complexes = np.einsum("ks,s->k", waves, weights * sizes * (1j * step))
    return SizeTable(step=step, values=values, slopes=slopes)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Spectrum:
    """The characteristic functions of growth figures under a scenario, on grids of frequencies.

    Attributes
    ----------
    law : ScenarioLaw
    largest : float
        Largest factor on the sizes of shocks that the grids allow.
    figures : array of int, shape (figure,)
        Places among periods by series, flattened.
    mean : array, shape (figure,)
        Mean growth without shocks, %.
    frequencies : array, shape (figure, node)
        Midpoints of equal steps from zero on, per percentage point.
    ordinary : array, shape (figure, node)
        Characteristic function of growth without shocks, around its mean; real, as the law is symmetric.
    tables : tuple of SizeTable, shape (shock,)
        Characteristic functions of the sizes.
    responses : array, shape (shock, onset, figure)
        Response to a size of one, percentage points.
    as_given : array of complex, shape (shock, figure, node)
        Characteristic function of what each shock adds if it happens, at the scenario's own size. Kept because a change
        of one shock leaves the others alone.
    """

    law: ScenarioLaw
    largest: float
    figures: NDArray[np.int64]
    mean: Floats
    frequencies: Floats
    ordinary: Floats
    tables: tuple[SizeTable, ...]
    responses: Floats
    as_given: Complexes

    def transform(self, factors: Floats | None = None, chance: Floats | None = None) -> Complexes:
        """Compute the characteristic functions of the figures around their ordinary means.

        Parameters
        ----------
        factors : array, shape (shock,), optional
            Factors on the sizes of shocks, from 0 to `largest`; None means one.
        chance : array, shape (shock, 2), optional
            Probabilities in place of the law's.

        Returns
        -------
        array of complex, shape (figure, node)
            At `frequencies`.
        """
        shocks = list(self.as_given)
        for place, factor in enumerate([] if factors is None else factors):
            if factor != 1:
                given = self.law, self.frequencies, self.tables[place], self.responses[place]
                shocks[place] = _transform_shock(*given, place, float(factor))
        product = self.ordinary.astype(np.complex128)
        for group in average_groups(self.law, shocks, chance):
            product *= group
        return product


def _transform_shock(
    law: ScenarioLaw, frequencies: Floats, table: SizeTable, response: Floats, shock: int, factor: float = 1.0
) -> Complexes:
    """Compute the characteristic functions of what a shock that happens adds to the figures."""
    value = np.zeros(frequencies.shape, np.complex128)
    for weight, added in zip(law.onset[shock], response, strict=True):
        if weight:
            touched = np.flatnonzero(added)
            value += weight
            arguments = frequencies[touched] * (factor * added[touched, None])
            value[touched] += weight * (table.read(arguments) - 1)
    return value


def open_spectrum(
    model: Model,
    law: ScenarioLaw,
    largest: float = 1.0,
    figures: NDArray[np.int64] | None = None,
    precision: float = PRECISION,
) -> Spectrum:
    """Lay the frequency grids of a scenario and tabulate the characteristic functions on them.

    Parameters
    ----------
    model : Model
    law : ScenarioLaw
    largest : float
        Largest factor on the sizes of shocks that `transform` will be asked for.
    figures : array of int, optional
        Places among periods by series, flattened; None means all.
    precision : float
        Truncation tolerance of probabilities.

    Returns
    -------
    Spectrum

    See Also
    --------
    invert : From the spectrum to probabilities.
    find_quantiles : From the spectrum to quantiles.

    Examples
    --------
    >>> import sim
    >>> from sim.model.scenario_law import compile_scenario
    >>> plan = sim.read_plan("qingdao-2024")
    >>> model = sim.load_model(plan)
    >>> spectrum = open_spectrum(model, compile_scenario(model, sim.read_scenario("baseline", plan)))
    >>> median = find_quantiles(spectrum.frequencies, spectrum.transform(), np.array([0.5]))
    >>> bool(abs(invert(spectrum.frequencies, spectrum.transform(), median)[0] - 0.5).max() < 1e-6)
    True
    """
    reduced, shocks = model.reduced, range(len(law.names))
    chosen = np.arange(reduced.mean.size) if figures is None else figures
    periods, series = np.unravel_index(chosen, reduced.mean.shape)
    spread, trend = reduced.spread[periods, :, series], reduced.trend[series]
    deviation = np.maximum(reduced.deviation[periods, series], 1e-6)
    degrees = float(model.law.degrees_of_freedom)
    responses = law.growth[:, :, periods, series]
    strongest = np.abs(responses).max(axis=1)
    reach = _find_reach(deviation, spread, degrees, precision)
    for shock in shocks:
        reach = reach + strongest[shock] * min(find_largest_size(law, shock, precision), _FARTHEST) * largest
    end = _find_end(deviation, spread, trend, degrees, precision)
    nodes = int(np.ceil((end * reach).max() / np.pi))
    frequencies = (np.arange(nodes) + 0.5) * (end / nodes)[:, None]
    highest = [float((frequencies[:, -1] * strongest[shock]).max()) * largest for shock in shocks]
    tables = tuple(_tabulate(law, shock, highest[shock]) for shock in shocks)
    as_given = [_transform_shock(law, frequencies, tables[shock], responses[shock], shock) for shock in shocks]
    return Spectrum(
        law=law,
        largest=largest,
        figures=chosen,
        mean=reduced.mean[periods, series],
        frequencies=frequencies,
        ordinary=_transform_ordinary(frequencies, spread, trend, degrees),
        tables=tables,
        responses=responses,
        as_given=np.array(as_given, np.complex128).reshape(len(shocks), *frequencies.shape),
    )


def _transform_ordinary(frequencies: Floats, spread: Floats, trend: Floats, degrees_of_freedom: float) -> Floats:
    """Compute the factor of trend and news, shape (figure, node); spread has the shape (figure, quarter)."""
    value: Floats = np.exp(-((frequencies * trend[:, None]) ** 2) / 2)
    for quarter in range(spread.shape[1]):
        touched = np.flatnonzero(spread[:, quarter])
        arguments = frequencies[touched] * spread[touched, quarter, None]
        value[touched] *= compute_tail_factor(arguments, degrees_of_freedom)
    return value


def _find_reach(deviation: Floats, spread: Floats, degrees_of_freedom: float, precision: float) -> Floats:
    """Find how far from the mean tails reach: seven standard deviations, and the power tail of the widest news."""
    power = precision ** (-1 / degrees_of_freedom)  # one where the degrees of freedom are infinite
    reach: Floats = 7 * deviation + spread.max(axis=1) * min(power, _FARTHEST)
    return reach


def _find_end(deviation: Floats, spread: Floats, trend: Floats, degrees_of_freedom: float, precision: float) -> Floats:
    """Find the frequency from which on the characteristic function is negligible."""
    candidates = np.geomspace(3, 3000, 60) / deviation[:, None]
    left = np.abs(_transform_ordinary(candidates, spread, trend, degrees_of_freedom))
    first: Floats = candidates[np.arange(len(left)), np.argmax(left < precision, axis=1)]
    return first


def invert(frequencies: NDArray[Any], transformed: NDArray[Any], values: Floats) -> tuple[Floats, Floats]:
    """Compute distribution function and density from a characteristic function.

    Parameters
    ----------
    frequencies : array, shape (figure, node)
        Midpoints of equal steps from zero on; the sum is taken in their precision (single or double).
    transformed : array of complex, shape (figure, node)
        The characteristic function at the frequencies.
    values : array, shape (figure, value)
        Where to evaluate, in the figure's unit and around the same mean as `transformed`.

    Returns
    -------
    below, density : array, shape (figure, value)
        Probabilities, and density per unit of the figure. Beyond half the sum's period, 0 or 1 and 0.

    See Also
    --------
    find_quantiles : Inverts the distribution function.

    Notes
    -----
    Gil-Pelaez (1951, Biometrika 38, 481) at midpoints: F(y) = 1/2 - sum of Im(exp(-i t y) phi(t)) h / (pi t).
    """
    steps = 2 * frequencies[:, :1] / np.pi
    angle = values[:, :, None].astype(frequencies.dtype) * frequencies[:, None, :]  # (figure, value, node)
    cosine, sine = np.cos(angle), np.sin(angle)
    real, imaginary = transformed.real * steps, transformed.imag * steps
    below: Floats = 0.5 - _sum(cosine, imaginary / frequencies) + _sum(sine, real / frequencies)
    density: Floats = _sum(cosine, real) + _sum(sine, imaginary)
    beyond = np.abs(values) > np.pi / (2 * frequencies[:, :1])  # where the sum would repeat itself
    return np.where(beyond, values > 0, below), np.where(beyond, 0, density)


def _sum(waves: Floats, weights: Floats) -> Floats:
    """Sum over nodes, without BLAS: its last bits and threads differ between machines."""
    total: Floats = np.einsum("fvn,fn->fv", waves, weights)
    return total


def find_quantiles(
    frequencies: NDArray[Any],
    transformed: NDArray[Any],
    levels: Floats,
    start: Floats | None = None,
    tolerance: float = PRECISION,
) -> Floats:
    """Find quantiles from a characteristic function.

    Parameters
    ----------
    frequencies : array, shape (figure, node)
        As for `invert`.
    transformed : array of complex, shape (figure, node)
        The characteristic function at the frequencies.
    levels : array, shape (level,)
        Strictly between 0 and 1.
    start : array, shape (figure, level), optional
        First guess, such as the quantiles of a similar scenario; None means the mean.
    tolerance : float
        Allowed difference of a quantile's level.

    Returns
    -------
    array, shape (figure, level)
        In the figure's unit, around the same mean as `transformed`.

    See Also
    --------
    invert : The distribution function.

    Notes
    -----
    Newton's method inside a shrinking bracket; a step that would leave the bracket goes to its middle instead. At most
    60 steps.
    """
    half = np.pi / (2 * frequencies[:, :1])
    shape = len(frequencies), len(levels)
    low, high = np.broadcast_to(-half, shape).copy(), np.broadcast_to(half, shape).copy()
    values = np.zeros(shape) if start is None else start.copy()
    active = np.arange(len(values))
    for _ in range(60):
        at = values[active]
        below, density = invert(frequencies[active], transformed[active], at)
        off = below - levels
        low[active] = np.where(off < 0, at, low[active])
        high[active] = np.where(off > 0, at, high[active])
        proposed = at - off / np.maximum(density, 1e-12)
        outside = (proposed <= low[active]) | (proposed >= high[active])
        found = np.abs(off) <= tolerance
        values[active] = np.where(found, at, np.where(outside, (low[active] + high[active]) / 2, proposed))
        active = active[~found.all(axis=1)]
        if not len(active):
            break
    return values
