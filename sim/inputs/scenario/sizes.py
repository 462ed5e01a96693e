"""Size laws: how large a shock is."""

from __future__ import annotations

from abc import abstractmethod
from math import exp, inf, log
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, model_validator

from sim.inputs.files.validation import Checked, refuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Uniforms = NDArray[np.float64]

__all__ = ["Fixed", "LogNormal", "Normal", "Size", "StudentT", "Triangular", "UniformSize", "name_forms", "scale_size"]

_MOST = 1e9


Positive = Annotated[float, Field(gt=0, le=_MOST)]


Bounded = Annotated[float, Field(ge=-_MOST, le=_MOST)]


Interval = Annotated[list[Bounded], Field(min_length=2, max_length=2)]


_Z95 = 1.6448536269514722  # standard normal quantile: half the width of a 90 % interval, in standard deviations
_Z85 = 1.0364333894937898  # standard normal quantile that 15 % exceed
_FAR = 4.264890793922602  # standard normal quantile that one in a hundred thousand exceeds


class _Law(Checked):
    """A size law given by its parameters or by a 90 % interval, never both.

    Each law turns a uniform into a size by its quantile function, so that the same draw gives a larger size
    under a larger law.
    """

    interval_90: Interval | None = None
    unit: str = "1"

    @model_validator(mode="after")
    def _check_parameters(self) -> _Law:
        given = {name for name in self._parameters() if getattr(self, name) is not None}
        listed = " and ".join(self._parameters())
        if self.interval_90 is None and given != set(self._parameters()):
            raise refuse(f"law {self._name()} needs {listed}", "or interval_90: [low, high]")
        if self.interval_90 is not None:
            if given:
                raise refuse("both interval_90 and parameters are given", f"give either, not both: {listed}")
            if not self.interval_90[0] < self.interval_90[1]:
                raise refuse("interval_90 does not rise", "write [low, high] with low < high")
        return self

    def reach(self) -> float:
        """Return the absolute size that one draw in a hundred thousand exceeds, on either side."""
        import numpy as np

        with np.errstate(over="ignore"):
            return float(np.abs(self._find_ends()).max())

    def find_median(self) -> float:
        """Find the size that is exceeded in one case of two."""
        import numpy as np

        return float(self.quantile(np.array([0.5]))[0])

    def _find_ends(self) -> Uniforms:
        """Sizes of which one in a hundred thousand is smaller, and larger."""
        import numpy as np

        return self.quantile(np.array([1e-5, 1 - 1e-5]))

    @abstractmethod
    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""

    def turns(self) -> bool:
        """Tell whether it has the sign that its median has not in more than 15 % of draws, and is not meant to."""
        return False

    @classmethod
    def _parameters(cls) -> tuple[str, ...]:
        spread = {"law", "unit", "interval_90", "degrees_of_freedom"}
        return tuple(name for name in cls.model_fields if name not in spread)

    def _name(self) -> str:
        return str(getattr(self, "law"))  # noqa: B009 - each law declares its own literal

    def _resolve(self, *values: float | None) -> tuple[float, ...]:
        assert all(value is not None for value in values)
        return tuple(float(value) for value in values if value is not None)


class Fixed(Checked):
    """Always the same size.

    Attributes
    ----------
    law : str
        `fixed`.
    value : float
        The size.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["fixed"]
    value: Bounded
    unit: str = "1"

    def reach(self) -> float:
        """Return the absolute size that one draw in a hundred thousand exceeds, on either side."""
        return abs(self.value)

    def find_median(self) -> float:
        """Return the size itself."""
        return self.value

    def turns(self) -> bool:
        """Tell whether it has another sign than its median: never."""
        return False

    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""
        import numpy as np

        return np.full_like(uniforms, self.value)


class _Bell(_Law):
    """A law that is a function of a standard normal."""

    @abstractmethod
    def _find_line(self) -> tuple[float, float]:
        """Find the level and the slope of what the standard normal is turned into first."""

    @abstractmethod
    def _place(self, normals: Uniforms) -> Uniforms:
        """Size at levels of a standard normal."""

    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""
        from scipy.special import ndtri

        return self._place(ndtri(uniforms))


class Normal(_Bell):
    """Normal with mean and standard deviation.

    Attributes
    ----------
    law : str
        `normal`.
    mean : float, optional
        Its mean.
    sd : float, optional
        Its standard deviation, above 0.
    interval_90 : list of float, optional
        Instead of the parameters: two numbers between which it lies nine times in ten.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["normal"]
    mean: Bounded | None = None
    sd: Positive | None = None

    def turns(self) -> bool:
        """Tell whether it has the sign that its median has not in more than 15 % of draws."""
        ends = (
            self.interval_90
            if self.interval_90 is not None
            else [(self.mean or 0.0) + each * _Z95 * (self.sd or 0.0) for each in (-1, 1)]
        )
        middle, half = (ends[0] + ends[1]) / 2, (ends[1] - ends[0]) / 2
        return 0 < abs(middle) < half * _Z85 / _Z95

    def reach(self) -> float:
        """Return the absolute size that one draw in a hundred thousand exceeds, on either side."""
        mean, sd = self._find_line()
        return abs(mean) + _FAR * sd

    def find_median(self) -> float:
        """Find the size that is exceeded in one case of two."""
        return self._find_line()[0]

    def _find_line(self) -> tuple[float, float]:
        """Mean and standard deviation."""
        if self.interval_90 is not None:
            low, high = self.interval_90
            return (low + high) / 2, (high - low) / (2 * _Z95)
        mean, sd = self._resolve(self.mean, self.sd)
        return mean, sd

    def _place(self, normals: Uniforms) -> Uniforms:
        """Size at levels of a standard normal."""
        mean, sd = self._find_line()
        return mean + sd * normals


class LogNormal(_Bell):
    """Lognormal with median and standard deviation of the logarithm.

    Attributes
    ----------
    law : str
        `lognormal`.
    median : float, optional
        Its median, above 0.
    sigma : float, optional
        Standard deviation of its logarithm, above 0.
    interval_90 : list of float, optional
        Instead of the parameters: two numbers between which it lies nine times in ten.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["lognormal"]
    median: Positive | None = None
    sigma: Annotated[float, Field(gt=0, le=10)] | None = None

    @model_validator(mode="after")
    def _check_sign(self) -> LogNormal:
        if self.interval_90 is not None and self.interval_90[0] <= 0:
            raise refuse("a lognormal size is positive", "put the sign into the loadings")
        return self

    def reach(self) -> float:
        """Return the size that one draw in a hundred thousand exceeds."""
        centre, sigma = self._find_line()
        try:
            return exp(centre + _FAR * sigma)
        except OverflowError:
            return inf

    def find_median(self) -> float:
        """Find the size that is exceeded in one case of two."""
        return exp(self._find_line()[0])

    def _find_line(self) -> tuple[float, float]:
        """Mean and standard deviation of the logarithm."""
        if self.interval_90 is not None:
            low, high = (log(bound) for bound in self.interval_90)
            return (low + high) / 2, (high - low) / (2 * _Z95)
        median, sigma = self._resolve(self.median, self.sigma)
        return log(median), sigma

    def _place(self, normals: Uniforms) -> Uniforms:
        """Size at levels of a standard normal."""
        import numpy as np

        centre, sigma = self._find_line()
        size: Uniforms = np.exp(centre + sigma * normals)
        return size


class Triangular(_Law):
    """Triangular from low to high with its peak at mode; by 90 % interval it is symmetric.

    Attributes
    ----------
    law : str
        `triangular`.
    low, high : float, optional
        The least and the greatest size.
    mode : float, optional
        The likeliest size.
    interval_90 : list of float, optional
        Instead of the parameters: two numbers between which it lies nine times in ten.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["triangular"]
    low: Bounded | None = None
    mode: Bounded | None = None
    high: Bounded | None = None

    @model_validator(mode="after")
    def _check_order(self) -> Triangular:
        low, mode, high = self.low, self.mode, self.high
        if low is not None and mode is not None and high is not None and not low <= mode <= high != low:
            raise refuse("low, mode and high do not rise", "write low <= mode <= high")
        return self

    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""
        import numpy as np

        if self.interval_90 is not None:
            lower, upper = self.interval_90
            width = (upper - lower) / (1 - 0.1**0.5)  # P(below low + t width) = 2 t^2 for t <= 1/2
            mode = (lower + upper) / 2
            low, high = mode - width / 2, mode + width / 2
        else:
            low, mode, high = self._resolve(self.low, self.mode, self.high)
        peak = (mode - low) / (high - low)
        rising = low + np.sqrt(uniforms * (high - low) * (mode - low))
        falling = high - np.sqrt((1 - uniforms) * (high - low) * (high - mode))
        size: Uniforms = np.where(uniforms < peak, rising, falling)
        return size


class UniformSize(_Law):
    """Uniform between low and high.

    Attributes
    ----------
    law : str
        `uniform`.
    low, high : float, optional
        The least and the greatest size.
    interval_90 : list of float, optional
        Instead of the parameters: two numbers between which it lies nine times in ten.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["uniform"]
    low: Bounded | None = None
    high: Bounded | None = None

    @model_validator(mode="after")
    def _check_order(self) -> UniformSize:
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise refuse("low is not below high", "write low < high")
        return self

    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""
        if self.interval_90 is not None:
            lower, upper = self.interval_90
            margin = (upper - lower) / 18  # the interval leaves out 5 % at each end of the 100 %
            low, high = lower - margin, upper + margin
        else:
            low, high = self._resolve(self.low, self.high)
        return low + (high - low) * uniforms


class StudentT(_Law):
    """Student's t with mean, scale and degrees of freedom.

    Attributes
    ----------
    law : str
        `student_t`.
    mean : float, optional
        Its middle.
    scale : float, optional
        Its scale, above 0; the standard deviation is larger.
    degrees_of_freedom : float
        From 1 on; the fewer, the heavier the tails.
    interval_90 : list of float, optional
        Instead of the parameters: two numbers between which it lies nine times in ten.
    unit : str
        What a size of 1 stands for.
    """

    law: Literal["student_t"]
    mean: Bounded | None = None
    scale: Positive | None = None
    degrees_of_freedom: Annotated[float, Field(ge=1, le=1_000_000)]

    def quantile(self, uniforms: Uniforms) -> Uniforms:
        """Compute the size at each probability level."""
        from scipy.special import stdtrit

        if self.interval_90 is not None:
            low, high = self.interval_90
            mean, scale = (low + high) / 2, (high - low) / 2 / float(stdtrit(self.degrees_of_freedom, 0.95))
        else:
            mean, scale = self._resolve(self.mean, self.scale)
        size: Uniforms = mean + scale * stdtrit(self.degrees_of_freedom, uniforms)  # type: ignore[assignment]
        return size


Size = Fixed | Normal | LogNormal | Triangular | UniformSize | StudentT


_SCALED = ("value", "mean", "sd", "median", "low", "mode", "high", "scale")


def scale_size(size: Size, factor: float) -> Size:
    """Scale the law of a size by a factor.

    Raises
    ------
    ValueError
        If the factor is negative.

    Examples
    --------
    >>> scale_size(LogNormal(law="lognormal", interval_90=[0.5, 2]), 1.5).interval_90
    [0.75, 3.0]
    """
    if factor < 0:
        raise ValueError(f"a size times {factor:g}; allowed: 0 or more")
    if factor == 0:
        return Fixed(law="fixed", value=0.0, unit=size.unit)
    changes: dict[str, Any] = {
        name: getattr(size, name) * factor for name in _SCALED if getattr(size, name, None) is not None
    }
    interval = getattr(size, "interval_90", None)
    if interval is not None:
        changes["interval_90"] = [bound * factor for bound in interval]
    return size.model_copy(update=changes)


def name_forms(union: Any, key: str) -> list[str]:
    """Names by which the members of a union are chosen.

    Examples
    --------
    >>> name_forms(Size, "law")
    ['fixed', 'normal', 'lognormal', 'triangular', 'uniform', 'student_t']
    """
    return [get_args(member.model_fields[key].annotation)[0] for member in get_args(union)]
