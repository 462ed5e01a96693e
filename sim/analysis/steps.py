"""Steps from one state to another, in a fixed order, each with the parts that happen in it at once."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sim.analysis.coalitions import list_coalitions, list_players, mix_scenarios
from sim.analysis.states import State
from sim.engine.exact.odds import explain_paths
from sim.errors import InputError, blame
from sim.inputs.calibration import Calibration, check_calibration
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Figure, Published
from sim.inputs.published.rows import list_series
from sim.inputs.scenario.building import take_scenarios
from sim.inputs.scenario.reading import Scenario
from sim.model.known import compile_published
from sim.model.model import build_model
from sim.model.values import list_numbers

__all__ = ["Part", "Step", "list_steps", "unite"]

_MOST = 8
"""Parts among which a step is shared out: twice as many states are needed for each more."""

_WORDS = {"name_en", "name_zh", "phrase", "section", "source", "group"}  # of a row, that move no odds
_TABLES = ("indicators", "targets", "groups")

Cell = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One of the things that moved odds.

    Attributes
    ----------
    name : str
        Series and period of a figure, `scenario/SHOCK`, `calibration`, `plan` or `program`.
    kind : str
        `new`, `revised`, `withdrawn`, `calibration`, `scenario`, `plan` or `program`; several that cannot be told apart
        are joined by `+`.
    date : date, optional
        Of the release.
    figures, former : tuple of Figure
        What was published, and what had been before.
    changed : tuple of str
        Numbers of the calibration or the plan that differ.
    expected, spread : float
        Of a single new figure: the mean that the model expected of it given those of earlier days, and its standard
        deviation; of a milestone its probability. NaN where it says nothing.
    """

    name: str
    kind: str
    date: datetime.date | None = None
    figures: tuple[Figure, ...] = ()
    former: tuple[Figure, ...] = ()
    changed: tuple[str, ...] = ()
    expected: float = float("nan")
    spread: float = float("nan")

    @property
    def members(self) -> tuple[str, ...]:
        """What it consists of, in words of the files."""
        figures = self.figures or self.former
        former = {each.cell: each for each in self.former}
        told = [
            f"{former[each.cell].words} -> {each.words}"
            if self.kind == "revised" and each.cell in former
            else each.words
            for each in figures
        ]
        return (*told, *self.changed)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Step:
    """What happens at once between two states.

    Attributes
    ----------
    parts : tuple of Part
    start, end : State
    mix : callable
        From names of some parts to the state in which those have happened.
    shocks : tuple of str
        Those in which the scenarios of both ends differ, where the parts are shocks.
    """

    parts: tuple[Part, ...]
    start: State
    end: State
    mix: Callable[[Collection[str]], State]
    shocks: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(part.name for part in self.parts)


def unite(first: State, last: State) -> State:
    """Put the model and the scenario of one state in place of equal ones of another.

    Parameters
    ----------
    first, last : State

    Returns
    -------
    State
        The last, whose odds are then the first's to the bit where figures are the same.
    """
    kinds = _find_differences(first, last)
    kept = first.model if not {"calibration", "plan"} & {*kinds} else last.model
    return replace(last, model=kept, scenario=last.scenario if "scenario" in kinds else first.scenario)


def list_steps(first: State, last: State) -> list[Step]:
    """List the steps from one state to another.

    Parameters
    ----------
    first, last : State
        `last` as `unite` gives it.

    Returns
    -------
    list of Step
        Figures withdrawn, the latest day first; figures revised; new ones by day; calibration; scenario; plan. Steps
        between which no state can be are one.
    """
    shared = {*list_series(first.plan)} & {*list_series(last.plan)}
    old, new = _find_cells(first), _find_cells(last)
    now = {cell: each for cell, each in (new | old).items() if cell in old or cell[0] not in shared}
    steps = list[Step]()
    for kind, date, cells in _list_days(first.plan, old, new, shared):
        step = _take_figures(first, now, kind, date, {cell: new.get(cell) for cell in cells})
        now = _apply(now, {cell: new.get(cell) for cell in cells})
        steps.append(step)
    steps += _list_others(steps[-1].end if steps else first, last)
    return [*steps[:-1], replace(steps[-1], end=last)] if steps else []


def _find_cells(state: State) -> dict[Cell, Figure]:
    return {each.cell: each for each in state.published.effective()} if state.published else {}


def _list_days(
    plan: Plan, old: Mapping[Cell, Figure], new: Mapping[Cell, Figure], shared: Collection[str]
) -> Iterator[tuple[str, datetime.date | None, list[Cell]]]:
    """List what happened to figures: kind, day and cells."""

    def by_day(figures: Mapping[Cell, Figure], others: Mapping[Cell, Figure]) -> list[tuple[datetime.date, list[Cell]]]:
        single = [each for cell, each in figures.items() if cell not in others and cell[0] in shared]
        return [
            (day, [each.cell for each in rows]) for day, rows in groupby(_sort(single, plan), lambda each: each.date)
        ]

    for day, cells in reversed(by_day(old, new)):
        yield "withdrawn", day, cells
    both = [each for cell, each in new.items() if cell in old and cell[0] in shared]
    revised = [each.cell for each in _sort(both, plan) if _tell(each) != _tell(old[each.cell])]
    if revised:
        yield "revised", None, revised
    for day, cells in by_day(new, old):
        yield "new", day, cells


def _sort(figures: Iterable[Figure], plan: Plan) -> list[Figure]:
    """Sort figures by day, then in the plan's order, whatever the order of their rows."""
    series = list_series(plan)

    def place(figure: Figure) -> tuple[object, ...]:
        own = series.index(figure.series) if figure.series in series else len(series)
        return figure.date, own, figure.series, figure.quarter, figure.single

    return sorted(figures, key=place)


def _tell(figure: Figure) -> tuple[object, ...]:
    """Tell what a figure says, and whether it was revised; its day and source apart."""
    return figure.value, figure.low, figure.high, figure.status


def _apply(now: Mapping[Cell, Figure], changes: Mapping[Cell, Figure | None]) -> dict[Cell, Figure]:
    changed = {cell: each for cell, each in now.items() if cell not in changes}
    return changed | {cell: each for cell, each in changes.items() if each is not None}


def _publish(state: State, cells: Mapping[Cell, Figure]) -> State:
    """Put figures in place of those of a state."""
    return replace(state, published=Published(figures=tuple(_sort(cells.values(), state.plan)), year=state.plan.year))


def _take_figures(
    first: State,
    now: Mapping[Cell, Figure],
    kind: str,
    date: datetime.date | None,
    changes: Mapping[Cell, Figure | None],
) -> Step:
    """Take figures in, or out, that change at once."""

    def mix(groups: Mapping[str, Sequence[Cell]], chosen: Collection[str]) -> State:
        cells = [cell for name in chosen for cell in groups[name]]
        return _publish(first, _apply(now, {cell: changes[cell] for cell in cells}))

    def is_sound(groups: Mapping[str, Sequence[Cell]]) -> bool:
        """Whether no figures of a coalition contradict one another."""
        try:
            for chosen in list_coalitions([*groups]):
                compile_published(first.model, mix(groups, chosen).published)
        except InputError:
            return False
        return True

    by_series: dict[str, list[Cell]] = {}
    for cell in changes:
        by_series.setdefault(cell[0], []).append(cell)
    by_figure = {"/".join(cell): [cell] for cell in changes}
    whole = {f"{kind} {date}" if date else kind: [*changes]}
    groups = next(
        each for each in (by_figure, by_series, whole) if len(each) <= _MOST and (each is whole or is_sound(each))
    )
    parts = [
        Part(
            name=name,
            kind=kind,
            date=date,
            figures=tuple(figure for cell in cells if (figure := changes[cell]) is not None),
            former=tuple(now[cell] for cell in cells if cell in now),
        )
        for name, cells in groups.items()
    ]
    return Step(
        parts=tuple(parts),
        start=_publish(first, now),
        end=_publish(first, _apply(now, changes)),
        mix=lambda chosen: mix(groups, chosen),
    )


def _find_differences(first: State, last: State) -> list[str]:
    """Find in what two states differ, figures apart."""
    one, two = first.model, last.model
    by_hand = one is not two and (one.built_of is None or two.built_of is None)
    differ = {
        "calibration": by_hand or (one is not two and list_numbers(one.calibration) != list_numbers(two.calibration)),
        "scenario": _define(first.scenario) != _define(last.scenario),
        "plan": one is not two and _lay_out(one.plan) != _lay_out(two.plan),
    }
    return [kind for kind, is_other in differ.items() if is_other]


def _define(scenario: Scenario) -> object:
    """Tell what defines a scenario: shocks, words and sources apart, and of a mixture its parts."""
    shocks = {name: each.model_dump(exclude={"title", "source"}) for name, each in scenario.shocks.items()}
    shocks |= {name: each.model_dump(exclude={"title", "source"}) for name, each in scenario.rules.items()}
    judged = [each.model_dump(exclude={"who", "why"}) for each in scenario.judgements]
    return shocks, judged, [(_define(part), weight) for part, weight in scenario.mixture]


def _lay_out(plan: Plan) -> object:
    return [getattr(plan, name) for name in (*_TABLES, "quarters", "first_month")]


def _list_others(now: State, last: State) -> Iterator[Step]:
    """List the steps of calibration, scenario and plan."""
    kinds = _find_differences(now, last)
    pending: list[str] = []
    for kind in kinds:
        pending.append(kind)
        try:
            end = last if kind == kinds[-1] else _move(now, last, pending)
        except InputError:  # no such state can be: it is one step with the next
            continue
        yield _take_scenario(now, end) if pending == ["scenario"] else _take_whole(now, end, pending)
        now, pending = end, []


def _move(now: State, last: State, kinds: Sequence[str]) -> State:
    """Move calibration or scenario, and neither plan nor figures."""
    model, scenario = now.model, now.scenario
    if "calibration" in kinds:
        if _lay_out(now.plan) == _lay_out(last.plan):
            model = last.model
        elif model.built_of is None or last.model.built_of is None:
            raise InputError([blame("model", "its laws were given by hand")])
        else:
            model = build_model(now.plan, check_calibration(last.model.calibration, now.plan), last.model.files)
    if "scenario" in kinds:
        scenario = take_scenarios(last.scenario, model.plan)[0]
    return replace(now, model=model, scenario=scenario)


def _take_whole(now: State, end: State, kinds: Sequence[str]) -> Step:
    changed: list[str] = []
    if "calibration" in kinds:
        changed += _compare_numbers(now.model.calibration, end.model.calibration)
    if "scenario" in kinds:
        changed += [_name_player(name, now, end) for name in list_players(now.scenario, end.scenario)]
    if "plan" in kinds:
        changed += _compare_rows(now.plan, end.plan)
    part = Part(name="+".join(kinds), kind="+".join(kinds), changed=tuple(changed))
    return Step(parts=(part,), start=now, end=end, mix=lambda chosen: end if chosen else now)


def _take_scenario(now: State, end: State) -> Step:
    """Take shocks one by one, as far as scenarios between the two can be."""
    players = list_players(now.scenario, end.scenario)
    whole = any(each.scenario.mixture or each.scenario.judgements for each in (now, end))
    if not 0 < len(players) <= _MOST or whole:
        return _take_whole(now, end, ["scenario"])
    try:
        mixed = {chosen: mix_scenarios(now.scenario, end.scenario, chosen) for chosen in list_coalitions(players)}
    except ValueError:
        return _take_whole(now, end, ["scenario"])
    if explain_paths(now.model, mixed[tuple(players)]) and not explain_paths(now.model, end.scenario):
        return _take_whole(now, end, ["scenario"])  # too many shocks at once
    parts = [
        Part(name=f"scenario/{name}", kind="scenario", changed=(_name_player(name, now, end),)) for name in players
    ]

    def mix(chosen: Collection[str]) -> State:
        return replace(now, scenario=mixed[tuple(name for name in players if f"scenario/{name}" in chosen)])

    return Step(parts=tuple(parts), start=now, end=end, mix=mix, shocks=tuple(players))


def _name_player(name: str, now: State, end: State) -> str:
    return f"rule {name}" if name in {*now.scenario.rules, *end.scenario.rules} else f"shock {name}"


def _compare_numbers(before: Calibration, after: Calibration) -> list[str]:
    """List the numbers in which two calibrations differ."""
    one, two = (
        {name: f"{number.value:g} ± {number.sd:g}" for name, number in list_numbers(each).items()}
        for each in (before, after)
    )
    names = dict.fromkeys([*one, *two])
    return [f"{name} {one.get(name, '-')} -> {two.get(name, '-')}" for name in names if one.get(name) != two.get(name)]


def _compare_rows(before: Plan, after: Plan) -> list[str]:
    """List the cells in which the tables of two plans differ, words apart."""
    told = []
    for table in _TABLES:
        one, two = (
            {row.id: row.model_dump(exclude=_WORDS) for row in getattr(plan, table)} for plan in (before, after)
        )
        for name in dict.fromkeys([*one, *two]):
            if name not in two or name not in one:
                told.append(f"{table} {name} {'added' if name in two else 'removed'}")
                continue
            told += [
                f"{name} {field} {one[name].get(field)} -> {two[name].get(field)}"
                for field in two[name]
                if one[name].get(field) != two[name].get(field)
            ]
    for name in before.quarters:
        if before.quarters[name] != after.quarters.get(name):
            told.append(f"quarters of {name}")
    return told
