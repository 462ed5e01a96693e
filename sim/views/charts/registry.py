"""The register of charts: a decorator that opens the style and enters a chart under its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, ParamSpec

from sim.analysis.sensitivity import Sensitivity
from sim.engine.tasks import RunTask, take_task
from sim.results.attainment import Attainment
from sim.results.run import Run
from sim.views.charts.style import open_look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["REGISTER", "Chart", "chart", "take_fewer", "take_first"]

P = ParamSpec("P")
Subject = Literal["", "indicator", "target", "delivery"]
Scenarios = Literal["none", "one", "many"]
Take = Callable[[Any, str], dict[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A chart that has a name.

    Attributes
    ----------
    name : str
        As `sim chart` knows it.
    plot : callable
        The public function that draws it.
    take : callable
        Named arguments of `plot`, apart from axes and language, from a run and the id of the subject.
    subject : str
        What it is about: an `indicator`, a `target` with odds or a `delivery` of the plan; empty: none of them.
    scenarios : str
        How many scenarios it shows: `one`, `many`, or `none` if it needs no run.
    """

    name: str
    plot: Callable[..., Axes]
    take: Take
    subject: Subject = ""
    scenarios: Scenarios = "one"

    @property
    def summary(self) -> str:
        """What it shows, in one sentence."""
        return (inspect.getdoc(self.plot) or "").partition("\n\n")[0].replace("\n", " ")


_FEWEST = 256  # points of a replicate

REGISTER: dict[str, list[Chart]] = {}
"""Charts by the module that draws them, as far as modules have been imported."""


def take_first(run: Run, _: str) -> dict[str, Any]:
    """Take the first scenario of a run.

    Parameters
    ----------
    run : Run
    _ : str
        Of no use here: what such charts are about is the whole plan.

    Returns
    -------
    dict
        Named arguments of a chart of one scenario.
    """
    return {"attainment": run.attainments[0]}


def take_fewer(run: Run) -> RunTask:
    """Take the task of a run, to be asked on a quarter of its points, of which no eye sees the error."""
    task = take_task(run)
    count = task.settings.n_points
    return replace(task, settings=replace(task.settings, n_points=max(min(count, _FEWEST), count // 4)))


def _take_one(given: object, plot: str) -> Attainment:
    """Take the attainment that is due, where there is no doubt which."""
    if isinstance(given, Attainment):
        return given
    found = given.attainments if isinstance(given, Run) else given if isinstance(given, list | tuple) else ()
    if len(found) == 1 and isinstance(found[0], Attainment):
        return found[0]
    if isinstance(given, Run):
        name = next(iter(given))
        raise ValueError(f"{plot} shows one scenario, the run has {len(given)}; write {plot}(run[{name!r}], ...)")
    raise ValueError(f"{plot} shows one scenario, and was given {_name(given)}; write {plot}(run['baseline'], ...)")


def _take_many(given: object, plot: str) -> Sequence[Attainment]:
    """Take the attainments that are due; of a run, all."""
    if isinstance(given, Run):
        return given.attainments
    if isinstance(given, Attainment):
        return [given]
    if isinstance(given, Sequence) and all(isinstance(each, Attainment) for each in given):
        return given
    raise ValueError(f"{plot} shows the scenarios of a run, and was given {_name(given)}; write {plot}(run, ...)")


def _take_sensitivity(given: object, plot: str) -> Sensitivity:
    if isinstance(given, Sensitivity):
        return given
    due = f"write {plot}(sim.measure_sensitivity(model, scenario), ...)"
    raise ValueError(f"{plot} shows the sensitivity of a scenario, and was given {_name(given)}; {due}")


def _name(given: object) -> str:
    return f"an object of type {type(given).__name__}"


_TAKE: Mapping[str, Callable[[Any, str], object]] = {
    "attainment": _take_one,
    "attainments": _take_many,
    "sensitivity": _take_sensitivity,
}
"""How arguments of charts are taken, by their name."""


def chart(
    name: str = "", take: Take | None = None, subject: Subject = "", scenarios: Scenarios = "one"
) -> Callable[[Callable[P, Axes]], Callable[P, Axes]]:
    """Draw a chart in the style and language of all charts, whatever the user has set; enter it under its name.

    Parameters
    ----------
    name, take, subject, scenarios
        As of `Chart`; a chart without a name is drawn in style and not entered.

    Returns
    -------
    callable
        Decorates a function with a parameter `lang`, to which it hands the language that fonts allow.
    """

    def decorate(draw: Callable[P, Axes]) -> Callable[P, Axes]:
        signature = inspect.signature(draw)

        @wraps(draw)
        def plot(*args: P.args, **kwargs: P.kwargs) -> Axes:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            for argument in _TAKE.keys() & given.arguments.keys():
                given.arguments[argument] = _TAKE[argument](given.arguments[argument], draw.__name__)
            with open_look(given.arguments["lang"]) as look:
                given.arguments["lang"] = look.lang
                return draw(*given.args, **given.kwargs)

        if take is not None:
            entry = Chart(name=name, plot=plot, take=take, subject=subject, scenarios=scenarios)
            REGISTER.setdefault(draw.__module__, []).append(entry)
        return plot

    return decorate
