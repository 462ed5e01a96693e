"""Sliders for shocks and tolerances in a notebook, with odds and a fan that follow them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from sim.analysis.suspense import list_releases
from sim.analysis.what_if import LARGEST, WhatIf, WhatIfOdds
from sim.errors import Fault, InputError, advise_install
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Growth
from sim.inputs.published.figures import Published
from sim.inputs.published.rows import list_periods
from sim.inputs.quarters import name_cumulative
from sim.inputs.scenario.building import Given, take_scenario
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.model.shock_subsets import find_marginals
from sim.results.attainment import QUANTILE_LEVELS
from sim.views.notebook.controls import ControlMaker
from sim.views.notebook.sketches import draw_fan, draw_odds
from sim.views.phrases import pair, say_period
from sim.views.words import LANGUAGES, SPACE, Phrase, join, say

__all__ = ["Explorer", "Still", "explore"]

_INSTALL = advise_install("notebook")

_FARTHEST = 3.0  # points by which the number of a target may be moved


@dataclass(frozen=True)
class Still:
    """What a notebook without sliders shows: the odds and a fan of the scenario as it is.

    Attributes
    ----------
    what_if : WhatIf
    indicator : str
        Whose fan is shown.
    lang : str
    """

    what_if: WhatIf
    indicator: str
    lang: str

    def _repr_html_(self) -> str:
        now = self.what_if.odds()
        note = f"<p>{escape(say('what_if.still').pick(self.lang))} <code>{escape(_INSTALL)}</code></p>"
        parts = (
            draw_fan(self.what_if, now, now, self.indicator, {}, {}, self.lang),
            draw_odds(self.what_if, now, now, {}, self.lang),
        )
        return note + "".join(parts)

    def __repr__(self) -> str:
        return f"{self.what_if.scenario.name}: no sliders without ipywidgets; {_INSTALL}"


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Explorer:
    """Sliders and what they move; shows itself.

    Attributes
    ----------
    what_if : WhatIf
    published : WhatIfOdds
        The odds of the scenario as it is.
    lang : str
    sizes, probabilities : dict of str to ipywidgets.FloatSlider
        By shock: factor on the scenario's size, and probability.
    onsets : dict of str to ipywidgets.Dropdown
        By shock: the quarter in which it begins, or None as the scenario says.
    tolerances : dict of tuple of str to ipywidgets.FloatSlider
        By the targets that say "about" and share a tolerance; percentage points.
    values : dict of str to ipywidgets.FloatSlider
        By target: the number that it asks for, %.
    figure : ipywidgets.Dropdown
        A figure that may be published: series and period, or None.
    print : ipywidgets.FloatText
        What it says, %.
    indicator : ipywidgets.Dropdown
        Whose fan is shown.
    table, fan : ipywidgets.HTML
    reset : ipywidgets.Button
        Puts every slider back.
    view : ipywidgets.Widget
        All of them laid out.
    start : dict of int to float
        Value of each slider, by its `id`, as the scenario and the plan have it.
    supposed : dict of tuple to WhatIf
        By series, period and figure: those laid out so far.
    """

    what_if: WhatIf
    published: WhatIfOdds
    lang: str
    sizes: dict[str, Any]
    probabilities: dict[str, Any]
    onsets: dict[str, Any]
    tolerances: dict[tuple[str, ...], Any]
    values: dict[str, Any]
    figure: Any
    print: Any
    indicator: Any
    table: Any
    fan: Any
    reset: Any
    view: Any
    start: dict[int, float]
    supposed: dict[tuple[str, str, float], WhatIf]

    def read(self) -> dict[str, dict[str, Any]]:
        """Read what differs from the scenario and the plan.

        Returns
        -------
        dict of str to dict
            `sizes`, `probabilities` and `onsets` by shock, `tolerances` and `values` by target, as `WhatIf.odds` takes
            them.
        """
        tolerances = {
            target: each.value
            for targets, each in self.tolerances.items()
            if self._is_moved(each)
            for target in targets
        }
        sliders = {"sizes": self.sizes, "probabilities": self.probabilities, "values": self.values}
        moved = {
            word: {name: each.value for name, each in named.items() if self._is_moved(each)}
            for word, named in sliders.items()
        }
        onsets = {name: each.value for name, each in self.onsets.items() if each.value is not None}
        return {**moved, "tolerances": tolerances, "onsets": onsets}

    def refresh(self) -> None:
        """Show the odds of everything as it stands."""
        moved = self.read()
        try:
            now = self._suppose().odds(**moved)
        except InputError as error:  # a figure that contradicts those known, or that no year would print
            self.table.value = f"<p>{escape(str(error))}</p>"
            return
        values, tolerances = moved["values"], moved["tolerances"]
        self.table.value = draw_odds(self.what_if, now, self.published, values, self.lang)
        self.fan.value = draw_fan(
            self.what_if, now, self.published, self.indicator.value, tolerances, values, self.lang
        )

    def _suppose(self) -> WhatIf:
        """Give the what-if under the figure that is supposed; each is laid out once."""
        if self.figure.value is None:
            return self.what_if
        key = (*self.figure.value, self.print.value)
        if key not in self.supposed:
            self.supposed[key] = self.what_if.suppose(*key)
        return self.supposed[key]

    def _is_moved(self, slider: Any) -> bool:
        return bool(abs(slider.value - self.start[id(slider)]) > 1e-9)

    def _list_sliders(self) -> list[Any]:
        return [
            *self.sizes.values(),
            *self.probabilities.values(),
            *self.tolerances.values(),
            *self.values.values(),
        ]

    def _list_choices(self) -> list[Any]:
        return [*self.onsets.values(), self.figure]

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        """Show the sliders; where a page has none, the odds and the fan as they stand."""
        still = self.fan.value + self.table.value
        return {**self.view._repr_mimebundle_(**options), "text/plain": repr(self), "text/html": still}

    def __repr__(self) -> str:
        return f"<Explorer of {self.what_if.scenario.name}: {len(self._list_sliders())} sliders>"


def explore(
    model: Model | Plan | str | Path,
    scenario: Given = "baseline",
    *,
    seed: int = 2024,
    lang: str = "en",
    published: Published | str | Path | None = None,
    even_so: bool = False,
) -> Explorer | Still:
    """Explore a scenario by sliders for its shocks and for what targets ask, with odds and a fan that follow.

    Parameters
    ----------
    model : Model, Plan, str or Path
        A model, or the plan or shipped name of one.
    scenario : Scenario, str or Path
        A scenario, its file, a shipped name, or several joined by `+`.
    seed : int
        Of the points on which the joint odds are conditioned.
    lang : str
        `en` or `zh`.
    published : Published, str or Path, optional
        Figures of the year that are known, as for `sim.run`; one figure more may be supposed beside the sliders.
    even_so : bool
        Take figures, too, that come less than once in a million years of the model.

    Returns
    -------
    Explorer or Still
        To end a cell with; without ipywidgets the odds and the fan as they are, and what to install.

    Raises
    ------
    InputError
        If the model or scenario is faulty, the plan has no growth targets, or the scenario needs paths.
    ValueError
        If `lang` is another language.

    Examples
    --------
    >>> import sim
    >>> sim.explore("qingdao-2024", "export-slump")
    <Explorer of export-slump: 11 sliders>
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no words in language {lang!r}; allowed: {', '.join(LANGUAGES)}")
    model = take_model(model)
    plan, scenario = model.plan, take_scenario(scenario, model.plan)
    if not plan.growth:
        raise InputError([Fault(plan.name, 0, 0, "the plan has no growth targets with odds", "add one to targets.csv")])
    what_if = WhatIf(model, scenario, seed=seed, published=published, even_so=even_so)
    try:
        import ipywidgets  # type: ignore[import-untyped]
    except ImportError:
        return Still(what_if, plan.growth[0].indicator, lang)
    return _build(ipywidgets, what_if, plan.growth, lang)


def _build(widgets: Any, what_if: WhatIf, targets: Sequence[Growth], lang: str) -> Explorer:
    """Make the sliders, lay them out and tie them to what they move."""
    plan, shocks = what_if.model.plan, what_if.scenario.shocks
    make = ControlMaker(widgets, lang)
    chance, likely = say("what_if.chance"), find_marginals(what_if.prepared.law)
    named: dict[str, dict[Any, Any]] = {
        "sizes": {name: make.slide(say("what_if.size"), 1.0, LARGEST, ".2f") for name in shocks},
        "probabilities": {
            name: make.slide(chance, share, 1.0, ".0%") for name, share in zip(shocks, likely, strict=True)
        },
        "tolerances": {
            ids: make.slide(text, value, max(1.0, 2 * value), ".2f") for ids, (text, value) in _list_tolerances(targets)
        },
        "values": {
            each.id: make.slide(pair(each), each.value, each.value + _FARTHEST, ".1f", each.value - _FARTHEST, 0.1)
            for each in plan.headline_growth
        },
    }
    drawn = [(say("what_if.as_drawn"), None), *((say_period(name), name) for name in plan.quarter_names)]
    own = list(dict.fromkeys(target.indicator for target in targets))
    indicator = widgets.Dropdown(
        options=[(pair(plan.find_indicator(name)).pick(lang), name) for name in own],
        description=say("what_if.indicator").pick(lang),
    )
    parts = {
        **named,
        "onsets": {name: make.choose(say("what_if.onset"), drawn) for name in shocks},
        "figure": make.choose(say("what_if.figure"), [(say("what_if.none"), None), *_list_figures(what_if)]),
        "print": make.ask(say("what_if.printed")),
        "indicator": indicator,
        "table": widgets.HTML(),
        "fan": widgets.HTML(),
        "reset": widgets.Button(description=say("what_if.reset").pick(lang)),
    }
    explorer = Explorer(
        what_if=what_if,
        published=what_if.odds(),
        lang=lang,
        view=make.lay_out(parts, {name: shock.title for name, shock in shocks.items()}),
        start={id(each): each.value for sliders in named.values() for each in sliders.values()},
        supposed={},
        **parts,
    )
    _tie(explorer)
    return explorer


def _list_figures(what_if: WhatIf) -> list[tuple[Phrase, tuple[str, str]]]:
    """List the figures of growth that come next, one an indicator, with their names."""
    plan = what_if.model.plan
    ids = {each.id for each in plan.indicators}
    found = []
    try:
        coming = list_releases(what_if.model, what_if.published or Published(year=plan.year))
    except InputError:  # the year is over
        return []
    for release in coming:
        if release.series in ids:
            period = name_cumulative(release.quarter, len(plan.quarter_names))
            name = join([pair(plan.find_indicator(release.series)), say_period(period)], SPACE)
            found.append((name, (release.series, period)))
    return found


def _tie(explorer: Explorer) -> None:
    """Let everything move what is shown; putting all of it back shows it once."""
    sliders, choices = explorer._list_sliders(), explorer._list_choices()

    def follow(_: Mapping[str, Any]) -> None:
        explorer.refresh()

    def begin_at(change: Mapping[str, Any]) -> None:
        """Begin with the figure that is expected."""
        explorer.print.disabled = change["new"] is None
        if change["new"] is not None:
            series, period = change["new"]
            plan = explorer.what_if.model.plan
            place = [each.id for each in plan.indicators].index(series)
            quarter = list_periods(plan)[period][0]
            median = explorer.published.quantiles[quarter, place, QUANTILE_LEVELS.index(0.5)]
            with _unobserved([explorer.print], follow):
                explorer.print.value = round(float(median), 1)
        explorer.refresh()

    def put_back(_: object) -> None:
        with _unobserved([*sliders, *choices[:-1]], follow), _unobserved([explorer.figure], begin_at):
            for slider in sliders:
                slider.value = explorer.start[id(slider)]
            for choice in choices:
                choice.value = None
            explorer.print.disabled = True
        explorer.refresh()

    for widget in (*sliders, *choices[:-1], explorer.print, explorer.indicator):
        widget.observe(follow, names="value")
    explorer.figure.observe(begin_at, names="value")
    explorer.reset.on_click(put_back)
    explorer.refresh()


@contextmanager
def _unobserved(sliders: Sequence[Any], follow: Callable[[Mapping[str, Any]], None]) -> Iterator[None]:
    """Move sliders without being told of each."""
    for slider in sliders:
        slider.unobserve(follow, names="value")
    try:
        yield
    finally:
        for slider in sliders:
            slider.observe(follow, names="value")


def _list_tolerances(targets: Sequence[Growth]) -> list[tuple[tuple[str, ...], tuple[Phrase, float]]]:
    """List the targets that share a tolerance, with the name of its slider, after them where there are several."""
    alike: dict[float, list[Growth]] = {}
    for target in targets:
        if target.criterion == "about":
            alike.setdefault(target.tolerance, []).append(target)
    about = say("what_if.about")
    found = []
    for value, those in alike.items():
        name = about if len(alike) == 1 else say("what_if.about_of", about=about, names=join([*map(pair, those)]))
        found.append((tuple(each.id for each in those), (name, value)))
    return found
