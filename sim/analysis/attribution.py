"""Attribution: why odds moved from one state to another, part by part, each with a paired error.

States are passed through in a fixed order: figures withdrawn, figures revised, new figures by day of release, the
calibration, the scenario, the plan's own numbers. What happens at once, such as the figures of one day, is shared out
by Shapley's value over all its coalitions, so that parts add up to the whole exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim._typing import Floats
from sim.analysis.coalitions import estimate_change, find_felt, list_coalitions, share_out
from sim.analysis.state_odds import StateOdds
from sim.analysis.states import State, take_states
from sim.analysis.steps import Part, Step, list_steps, unite
from sim.engine.exact.odds import explain_paths
from sim.engine.pieces import Advance, count_steps
from sim.errors import Fault, InputError, blame
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import list_groups
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Explanation", "explain"]

PROGRAM = "program"
"""The part of another version of the program."""

_POINTS = 1024
_CERTAIN = 6.0  # standard errors beyond which written odds are not those of the same program
_ROUNDED = 2e-6  # tables have six digits after the point


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Explanation:
    """Why odds moved.

    Attributes
    ----------
    before, after : State
    table : DataFrame
        Columns target, part, change, se: of each target that both states have, as printed, and of groups (all of their
        targets met). Parts stand in the order in which they are passed through and add up to the whole.
    odds : DataFrame
        Columns target, before, after, change, se: the whole.
    parts : tuple of Part
        What each part is.
    alone : DataFrame
        Columns target, state, odds: targets that one state alone has, which are named and not decomposed.
    seed, n_points, n_paths : int
        Points, or where a state needs paths, paths.

    See Also
    --------
    sim.explain : Makes one.
    """

    before: State
    after: State
    table: pd.DataFrame
    odds: pd.DataFrame
    parts: tuple[Part, ...]
    alone: pd.DataFrame
    seed: int
    n_points: int
    n_paths: int = 0

    @property
    def figures(self) -> pd.DataFrame:
        """What the parts are: columns part, kind, date, members, expected, spread (as of `Part`)."""
        import pandas as pd

        rows = [
            (
                each.name,
                each.kind,
                each.date.isoformat() if each.date else "",
                "; ".join(each.members),
                each.expected,
                each.spread,
            )
            for each in self.parts
        ]
        return pd.DataFrame(rows, columns=["part", "kind", "date", "members", "expected", "spread"])

    def __repr__(self) -> str:
        return f"<Explanation of {self.after.plan.name}, {self.after.scenario.name}: {len(self.parts)} parts>"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, escape=True, border=0)


def explain(
    before: State | Run | str | Path,
    after: State | Run | str | Path,
    *,
    scenario: str | Sequence[str] = (),
    seed: int | None = None,
    n_points: int | None = None,
    n_paths: int | None = None,
    even_so: bool = False,
    advance: Advance | None = None,
) -> Explanation:
    """Explain why odds moved from one state to another: figures, calibration, scenario, plan, each with its error.

    Parameters
    ----------
    before, after : State, Run, str or Path
        Two states, finished runs or folders that `sim run` wrote.
    scenario : str or sequence of str
        Of runs: the name of one that both have, or one each; none means the first that both have.
    seed, n_points, n_paths : int, optional
        As for `sim.run`; None means as the runs had them. Paths are counted only where a state needs them.
    even_so : bool
        Whether to go on where figures are once in a million years of the model.
    advance : callable, optional
        As for `sim.run`.

    Returns
    -------
    Explanation

    Raises
    ------
    InputError
        If years or indicators differ, or a run cannot be repeated.

    Notes
    -----
    Odds before and after a step are those of `sim.run` with the same seed and points; coalitions within a step are
    integrated with a quarter of the points. All are on the same net, or the same paths: an error is that of the
    difference, replicate by replicate. Shares are Shapley's (1953, Contributions to the Theory of Games 2, 307).

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> baseline = sim.read_scenario("baseline", model.plan)
    >>> figures = sim.read_published(model.plan, "qingdao-2024-h1")
    >>> states = [sim.State(model=model, scenario=baseline, published=figures.as_of(day)) for day in
    ...           ("2024-07-31", "2024-08-31")]
    >>> found = sim.explain(*states, n_points=64)
    >>> found.table.part.unique().tolist()
    ['fixed_asset_investment/H1']
    """
    first, last = take_states(before, after, (scenario,) if isinstance(scenario, str) else tuple(scenario))
    _check_alike(first, last)
    last = unite(first, last)
    settings = [state.settings for state in (first, last) if state.settings]
    chosen = seed if seed is not None else next((each["seed"] for each in settings), 2024)
    count = n_points or max((each["n_points"] for each in settings), default=_POINTS)
    is_exact = not any(explain_paths(state.model, state.scenario) for state in (first, last))
    many = n_paths or max((each["n_paths"] for each in settings), default=0) or None
    names = [name for name in _list_names(first.plan) if name in _list_names(last.plan)]
    found = StateOdds(names=names, seed=chosen, count=count, is_exact=is_exact, n_paths=many, even_so=even_so)
    start, whole = found.measure(first), found.measure(last)
    steps = list_steps(first, last)
    shares: dict[str, Floats] = {}
    advances = count_steps(advance, sum(2 ** len(step.parts) for step in steps))
    for step in steps:
        untouched = _find_untouched(step, names) if step is steps[-1] else []
        values = _measure_step(step, found, advances)
        for each in values.values():
            each[untouched] = values[()][untouched]
        whole = values[step.names]
        shares |= share_out(values, step.names, np.ones(len(step.parts), bool))
    parts = [part for step in steps for part in _add_expected(step, found)]
    alone = [
        (name, which, found.measure_alone(state, name))
        for which, state, other in (("before", first, last), ("after", last, first))
        for name in _list_names(state.plan)
        if name not in _list_names(other.plan)
    ]
    return _tabulate((first, last), names, (start, whole), shares, parts, alone, found)


def _check_alike(first: State, last: State) -> None:
    """Refuse states of other years or indicators, whose odds have nothing in common."""
    faults = list[Fault]()
    for noun, one, two in (
        ("year", first.plan.year_name, last.plan.year_name),
        ("indicators", *(", ".join(each.id for each in state.plan.indicators) for state in (first, last))),
    ):
        if one != two:
            problem = f"its {noun}: {two}; of the other: {one}"
            faults.append(blame("after", problem, f"name two plans of the same {noun}"))
    if faults:
        raise InputError(faults)


def _list_names(plan: Plan) -> list[str]:
    """List the targets with odds, then groups that are none of them."""
    targets = [target.id for target in plan.judged]
    return [*targets, *(group for group in list_groups(plan) if group not in targets)]


def _measure_step(step: Step, found: StateOdds, advances: Callable[[], None]) -> dict[tuple[str, ...], Floats]:
    """Measure both ends of a step, then every coalition between."""
    values = {(): found.measure(step.start).copy(), step.names: found.measure(step.end).copy()}
    for chosen in list_coalitions(step.names):
        if chosen not in values:
            values[chosen] = found.measure_between(step.mix(chosen), (step.start, step.end)).copy()
        advances()
    return values


def _find_untouched(step: Step, names: Sequence[str]) -> list[int]:
    """Find targets and groups that none of a step's shocks touches; figures make all odds feel every shock."""
    if not step.shocks or step.start.published:
        return []
    groups = list_groups(step.start.plan)
    felt = find_felt(step.start.model, step.start.scenario, step.end.scenario, step.shocks, groups)
    return [place for place, name in enumerate(names) if not felt[name].any()]


def _add_expected(step: Step, found: StateOdds) -> list[Part]:
    """Add to new figures what was expected of them the day before."""
    single = [part.figures[0] for part in step.parts if part.kind == "new" and len(part.figures) == 1]
    if not single:
        return [*step.parts]
    told = {figure.cell: each for figure, each in zip(single, found.expect(step.start, single), strict=True)}
    return [
        replace(part, expected=told[part.figures[0].cell][0], spread=told[part.figures[0].cell][1])
        if part.figures and part.figures[0].cell in told
        else part
        for part in step.parts
    ]


def _tabulate(
    states: tuple[State, State],
    names: Sequence[str],
    ends: tuple[Floats, Floats],
    shares: Mapping[str, Floats],
    parts: Sequence[Part],
    alone: Sequence[tuple[str, str, float]],
    found: StateOdds,
) -> Explanation:
    """Put the parts and the whole into tables, with that of another program where there was one."""
    import pandas as pd

    start, whole = ends
    gaps = _find_program(states, names, ends)
    rows, odds = [], []
    for place, name in enumerate(names):
        own = [(name, part, *estimate_change(change[place])) for part, change in shares.items()]
        change, error = estimate_change(whole[place] - start[place])
        first, last = float(start[place].mean()), float(whole[place].mean())
        if gaps:
            gap, doubt, first, last = gaps[name]
            own.append((name, PROGRAM, gap, doubt))
            change, error = last - first, float(np.hypot(error, doubt))
        rows += own
        odds.append((name, first, last, change, error))
    return Explanation(
        before=states[0],
        after=states[1],
        table=pd.DataFrame(rows, columns=["target", "part", "change", "se"]),
        odds=pd.DataFrame(odds, columns=["target", "before", "after", "change", "se"]),
        parts=(*parts, *([Part(name=PROGRAM, kind=PROGRAM)] if gaps else [])),
        alone=pd.DataFrame(alone, columns=["target", "state", "odds"]),
        seed=found.seed,
        n_points=found.n_points,
        n_paths=found.n_paths,
    )


def _find_program(
    states: tuple[State, State], names: Sequence[str], ends: tuple[Floats, Floats]
) -> dict[str, tuple[float, float, float, float]]:
    """Find what another version of the program did: written odds against those of the same inputs now.

    Returns
    -------
    dict of str to (float, float, float, float)
        By target: its part and error, and the odds as they were written; empty where the program is the same.
    """
    if any(state.noted is None for state in states):
        return {}
    found, differs = {}, not all(state.is_current for state in states)
    for place, name in enumerate(names):
        gaps, doubts, written = [], [], []
        for state, odds in zip(states, ends, strict=True):
            noted = (state.noted or {}).get(name)
            if noted is None or not np.isfinite(noted[0]):
                problem = f"a run wrote no odds of '{name}', and another version made it"
                raise InputError([blame("before", problem, "run it anew with `sim run`")])
            now, error = float(odds[place].mean()), float(odds[place].std(ddof=1)) / float(np.sqrt(odds.shape[-1]))
            gaps.append(noted[0] - now)
            doubts.append(float(np.hypot(noted[1], error)))
            written.append(noted[0])
            differs |= abs(gaps[-1]) > _CERTAIN * doubts[-1] + _ROUNDED
        found[name] = gaps[1] - gaps[0], float(np.linalg.norm(doubts)), written[0], written[1]
    return found if differs else {}
