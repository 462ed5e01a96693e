"""Sliders for shocks and tolerances in a notebook, with odds and a fan that follow them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from sim.analysis.what_if import LARGEST, WhatIf, WhatIfOdds
from sim.errors import Fault, InputError, advise_install
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Growth
from sim.inputs.scenario.building import Given, take_scenario
from sim.learning.loading import take_model
from sim.model.model import Model
from sim.model.shock_subsets import find_marginals
from sim.views.notebook.sketches import draw_fan, draw_odds
from sim.views.phrases import pair
from sim.views.words import LANGUAGES, Phrase, join, say

__all__ = ["Explorer", "Still", "explore"]

_INSTALL = advise_install("notebook")


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
            draw_fan(self.what_if, now, now, self.indicator, {}, self.lang),
            draw_odds(self.what_if, now, now, self.lang),
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
    tolerances : dict of tuple of str to ipywidgets.FloatSlider
        By the targets that say "about" and share a tolerance; percentage points.
    indicator : ipywidgets.Dropdown
        Whose fan is shown.
    table, fan : ipywidgets.HTML
    reset : ipywidgets.Button
        Puts every slider back.
    view : ipywidgets.Widget
        All of them laid out.
    start : dict of int to float
        Value of each slider, by its `id`, as the scenario and the plan have it.
    """

    what_if: WhatIf
    published: WhatIfOdds
    lang: str
    sizes: dict[str, Any]
    probabilities: dict[str, Any]
    tolerances: dict[tuple[str, ...], Any]
    indicator: Any
    table: Any
    fan: Any
    reset: Any
    view: Any
    start: dict[int, float]

    def read(self) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
        """Read the sliders that differ from the scenario and the plan.

        Returns
        -------
        sizes, probabilities, tolerances : dict of str to float
            By shock, by shock and by target, as `WhatIf.odds` takes them.
        """
        sizes = {name: each.value for name, each in self.sizes.items() if self._is_moved(each)}
        chances = {name: each.value for name, each in self.probabilities.items() if self._is_moved(each)}
        tolerances = {
            target: each.value
            for targets, each in self.tolerances.items()
            if self._is_moved(each)
            for target in targets
        }
        return sizes, chances, tolerances

    def refresh(self) -> None:
        """Show the odds of the sliders as they stand."""
        sizes, chances, tolerances = self.read()
        now = self.what_if.odds(sizes=sizes, probabilities=chances, tolerances=tolerances)
        self.table.value = draw_odds(self.what_if, now, self.published, self.lang)
        self.fan.value = draw_fan(self.what_if, now, self.published, self.indicator.value, tolerances, self.lang)

    def _is_moved(self, slider: Any) -> bool:
        return bool(abs(slider.value - self.start[id(slider)]) > 1e-9)

    def _list_sliders(self) -> list[Any]:
        return [*self.sizes.values(), *self.probabilities.values(), *self.tolerances.values()]

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
) -> Explorer | Still:
    """Explore a scenario by sliders for its shocks and for the tolerance of "about", with odds and a fan that follow.

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
    <Explorer of export-slump: 5 sliders>
    """
    if lang not in LANGUAGES:
        raise ValueError(f"no words in language {lang!r}; allowed: {', '.join(LANGUAGES)}")
    model = take_model(model)
    plan, scenario = model.plan, take_scenario(scenario, model.plan)
    if not plan.growth:
        raise InputError([Fault(plan.name, 0, 0, "the plan has no growth targets with odds", "add one to targets.csv")])
    try:
        what_if = WhatIf(model, scenario, seed=seed)
    except ValueError as error:
        raise InputError([Fault(scenario.name, 0, 0, str(error), "take fewer shocks, or `sim run`")]) from None
    try:
        import ipywidgets  # type: ignore[import-untyped]
    except ImportError:
        return Still(what_if, plan.growth[0].indicator, lang)
    return _build(ipywidgets, what_if, plan.growth, lang)


def _build(widgets: Any, what_if: WhatIf, targets: Sequence[Growth], lang: str) -> Explorer:
    """Make the sliders, lay them out and tie them to what they move."""
    plan = what_if.model.plan

    def slide(text: Phrase, value: float, most: float, form: str) -> Any:
        slider = widgets.FloatSlider(
            value=value, min=0.0, max=most, step=0.01, description=text.pick(lang), readout_format=form
        )
        slider.style.description_width, slider.layout.width = "13em", "32em"
        return slider

    shocks, likely = what_if.scenario.shocks, find_marginals(what_if.prepared.law)
    sizes = {name: slide(say("what_if.size"), 1.0, LARGEST, ".2f") for name in shocks}
    chance = say("what_if.chance")
    chances = {name: slide(chance, share, 1.0, ".0%") for name, share in zip(shocks, likely, strict=True)}
    alike: dict[float, tuple[str, ...]] = {}
    for target in targets:
        if target.criterion == "about":
            alike[target.tolerance] = (*alike.get(target.tolerance, ()), target.id)
    tolerances = {
        ids: slide(_name_tolerance(targets, ids, len(alike)), value, max(1.0, 2 * value), ".2f")
        for value, ids in alike.items()
    }
    own = list(dict.fromkeys(target.indicator for target in targets))
    options = [(pair(plan.find_indicator(name)).pick(lang), name) for name in own]
    indicator = widgets.Dropdown(options=options, description=say("what_if.indicator").pick(lang))
    table, fan = widgets.HTML(), widgets.HTML()
    reset = widgets.Button(description=say("what_if.reset").pick(lang))
    groups = [
        [widgets.HTML(f"<b>{escape(getattr(shock.title, lang))}</b>"), chances[name], sizes[name]]
        for name, shock in shocks.items()
    ]
    sliders = widgets.VBox([*(each for group in groups for each in group), *tolerances.values(), reset])
    sliders.layout = widgets.Layout(flex="0 0 auto", overflow="hidden")
    wrapped = widgets.Layout(flex_flow="row wrap")
    view = widgets.VBox([widgets.HBox([sliders, widgets.VBox([indicator, fan])], layout=wrapped), table])
    explorer = Explorer(
        what_if=what_if,
        published=what_if.odds(),
        lang=lang,
        sizes=sizes,
        probabilities=chances,
        tolerances=tolerances,
        indicator=indicator,
        table=table,
        fan=fan,
        reset=reset,
        view=view,
        start={id(each): each.value for each in (*sizes.values(), *chances.values(), *tolerances.values())},
    )
    _tie(explorer)
    return explorer


def _tie(explorer: Explorer) -> None:
    """Let every slider move what is shown; putting all of them back shows it once."""
    sliders = explorer._list_sliders()

    def follow(_: Mapping[str, Any]) -> None:
        explorer.refresh()

    def put_back(_: object) -> None:
        with _unobserved(sliders, follow):
            for slider in sliders:
                slider.value = explorer.start[id(slider)]
        explorer.refresh()

    for widget in (*sliders, explorer.indicator):
        widget.observe(follow, names="value")
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


def _name_tolerance(targets: Sequence[Growth], ids: Sequence[str], groups: int) -> Phrase:
    """Name a tolerance slider, after its targets where there are several."""
    about = say("what_if.about")
    if groups == 1:
        return about
    names = join([pair(target) for target in targets if target.id in ids])
    return say("what_if.about_of", about=about, names=names)
