"""Comparison: what changes between two scenarios, how surely, and which part of the difference does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sim._typing import Bools, Floats
from sim.analysis.coalitions import (
    PUBLISHED,
    estimate_change,
    find_felt,
    list_coalitions,
    list_players,
    mix_scenarios,
    share_out,
)
from sim.engine.batches import average_batches, count_replicates
from sim.engine.exact.integrals import integrate_replicates
from sim.engine.exact.odds import estimate_replicate_error
from sim.engine.exact.pairs import integrate_hybrids
from sim.engine.exact.points import lay_points
from sim.engine.judging import judge
from sim.engine.paths import Paths
from sim.engine.pieces import cut_replicates
from sim.engine.tasks import RunTask, check_paths, take_task
from sim.engine.tilting import settle_judged
from sim.errors import Fault, InputError, blame, find_nearest
from sim.inputs.files.values import lay_out
from sim.inputs.plan.names import recognize_all
from sim.inputs.plan.readings import READINGS, list_groups, list_readings
from sim.inputs.scenario.building import describe_scenario
from sim.inputs.scenario.reading import Scenario
from sim.model.scenario_law import compile_scenario
from sim.results.attainment import find_blanks
from sim.results.integrals import Integrals, divide_weighted, join
from sim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Comparison", "compare"]

MOST_PLAYERS = 8
"""Shocks, or targets, among which a change is shared out: twice as many scenarios are needed for each more."""

_SHARES = ("target", "part", "change", "se")


@dataclass(frozen=True, kw_only=True, slots=True, repr=False, eq=False)
class Comparison:
    """What changes from one scenario to another.

    Attributes
    ----------
    before, after : str
        Names of the scenarios.
    table : DataFrame
        Columns target, reading, before, after, change, paired_se. Groups follow the targets: all of them met. The
        error is that of the change, both scenarios being on the same points or paths.
    shocks : DataFrame
        Columns target, part, change, se: of each headline target, or those asked for, and of groups, the share of
        each shock in which the scenarios differ. Empty where it was not asked for, or they differ in none.
    targets : DataFrame
        Likewise of all headline targets together, the share of each of them.
    lines : DataFrame
        Columns line, before, after: what differs in the merged files, as a path of keys.
    """

    before: str
    after: str
    table: pd.DataFrame
    shocks: pd.DataFrame
    targets: pd.DataFrame
    lines: pd.DataFrame

    @property
    def shapley(self) -> pd.DataFrame:
        """Shares by shocks, then by targets: columns target, by, part, change, se."""
        import pandas as pd

        parts = [frame.assign(by=by) for by, frame in (("shocks", self.shocks), ("targets", self.targets))]
        return pd.concat(parts, ignore_index=True)[["target", "by", "part", "change", "se"]]

    def __repr__(self) -> str:
        return f"<Comparison of {self.before} with {self.after}>"

    def _repr_html_(self) -> str:
        return self.table.to_html(index=False, border=0)


def compare(
    result: Run | RunTask,
    before: str,
    after: str,
    *,
    by: str | Sequence[str] | None = ("shocks", "targets"),
    targets: str | Sequence[str] | None = None,
) -> Comparison:
    """Compare two scenarios of a run: the change of every odds with its paired error, and what makes it.

    Parameters
    ----------
    result : Run or RunTask
        That holds both scenarios.
    before, after : str
        Their names.
    by : str or sequence of str
        Among what the change is shared out: `shocks` (and rules), `targets`, both or none; None means whatever can be:
        of a mixture nothing, where there are rules not among targets.
    targets : str or sequence of str, optional
        Whose changes are shared out among shocks; None means the headline's and groups.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If a name is unknown, or the scenarios differ in more than eight shocks that are asked for.

    Notes
    -----
    Shares are Shapley's: the mean over all orders in which differences could be made one after the other. A shock that
    one scenario lacks is there with the size zero, so that what depends on it keeps its odds. Given published figures,
    each scenario between the two is given them too, and among targets there is one part more, `published`: that the
    figures weigh the years of one scenario otherwise than those of the other.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=1000, n_points=64, n_calibrations=0)
    >>> found = sim.compare(result, "baseline", "export-slump", by="shocks")
    >>> found.table.columns.tolist()
    ['target', 'reading', 'before', 'after', 'change', 'paired_se']
    >>> found.lines.line[0], found.shocks.part.unique().tolist()
    ('shocks.export_slump.loadings.budget_revenue', ['export_slump'])
    """
    import pandas as pd

    task = take_task(result)
    scenarios, asked, ways = _check(task, before, after, by, targets)
    first, last = scenarios
    exact = all(task.exact[task.scenarios.index(each)] for each in scenarios)
    judged = bool(first.judgements or last.judgements)
    players = list_players(*scenarios) or ["judgements"] * judged
    if not exact:
        check_paths(task, scenarios)
    mixed = {(): first, tuple(players): last}
    if "shocks" in ways and players:
        mixed = {chosen: mix_scenarios(first, last, chosen) for chosen in list_coalitions(players)} | mixed
    found = dict(zip(mixed, _measure(task, list(mixed.values()), exact), strict=True))
    one, other = found[()], found[tuple(players)]
    if first.mixture or last.mixture or first.rules or last.rules or judged:
        names = [*(target.id for target in task.model.plan.judged), *one.number_met]
        felt = dict.fromkeys(names, np.ones(max(len(players), 1), bool))
    else:
        felt = find_felt(task.model, first, last, players, list_groups(task.model.plan), task.known)
    rows = _list_changes(task, one, other, {name for name, each in felt.items() if not each.any()})
    shares, hybrids = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    if "shocks" in ways and players:
        for name in asked:
            values = {chosen: _pick(task, each, name) for chosen, each in found.items()}
            for part, change in share_out(values, players, felt[name]).items():
                shares.append((name, part, *estimate_change(change)))
    if "targets" in ways and players and "headline" in one.number_met:
        hybrids = _share_among_targets(task, scenarios, exact, (one, other), felt)
    return Comparison(
        before=before,
        after=after,
        table=pd.DataFrame(rows, columns=["target", "reading", "before", "after", "change", "paired_se"]),
        shocks=pd.DataFrame(shares, columns=_SHARES),
        targets=pd.DataFrame(hybrids, columns=_SHARES),
        lines=pd.DataFrame(_list_lines(*scenarios), columns=["line", "before", "after"]),
    )


def _check(
    task: RunTask, before: str, after: str, by: str | Sequence[str] | None, targets: str | Sequence[str] | None
) -> tuple[tuple[Scenario, Scenario], list[str], list[str]]:
    """Check what is asked: the two scenarios, the targets and groups to share out, and the ways to do so."""
    faults = list[Fault]()
    known = {scenario.name: scenario for scenario in task.scenarios}
    plan = task.model.plan
    groups = list_groups(plan)
    valid = [*(target.id for target in plan.judged), *groups]
    named = [known[name] for name in (before, after) if name in known]
    ways = [by] if isinstance(by, str) else list(_list_ways(named) if by is None else by)
    asked = [*recognize_all(plan, [targets] if isinstance(targets, str) else targets or ())]
    for argument, names, allowed in (
        ("before", [before], list(known)),
        ("after", [after], list(known)),
        ("by", ways, ["shocks", "targets"]),
        ("targets", asked, valid),
    ):
        for name in names:
            if name not in allowed:
                listed = ", ".join(allowed[:8]) + (f" and {len(allowed) - 8} more" if len(allowed) > 8 else "")
                nearest = find_nearest(name, allowed)
                faults.append(blame(argument, f"unknown '{name}'", f"allowed: {listed}", nearest, code="unknown"))
    mixed = [name for name in (before, after) if name in known and known[name].mixture]
    if mixed and ways:
        faults.append(blame("by", f"'{mixed[0]}' is a mixture, whose change is not shared out", "write `by=()`"))
    elif ways and (judged := [each.name for each in named if each.judgements]):
        problem = f"'{judged[0]}' holds judgements, whose change is not shared out"
        faults.append(blame("by", problem, "write `by=()`"))
    elif "targets" in ways and (ruled := [each.name for each in named if each.rules]):
        problem = f"'{ruled[0]}' has rules, whose figures are of one scenario or the other, not of each target's own"
        faults.append(blame("by", problem, 'write `by="shocks"`'))
    if not faults:
        pair = known[before], known[after]
        players = list_players(*pair)
        if "shocks" in ways and len(players) > MOST_PLAYERS:
            problem = (
                f"the scenarios differ in {len(players)} shocks; a change is shared out among {MOST_PLAYERS} at most"
            )
            faults.append(blame("by", problem, "leave out shocks, or compare in steps"))
        try:
            for chosen in list_coalitions(players) if "shocks" in ways and not faults else ():
                mix_scenarios(*pair, chosen)
        except ValueError as error:
            faults.append(blame("by", f"a scenario between the two cannot be: {error}", 'write `by="targets"`'))
    if faults:
        raise InputError(faults)
    return pair, asked or [*(target.id for target in plan.headline), *(each for each in groups if each in _WHOLE)], ways


_WHOLE = ("headline", "all")


def _list_ways(scenarios: Sequence[Scenario]) -> tuple[str, ...]:
    """List what the change between scenarios can be shared out among."""
    if any(each.mixture or each.judgements for each in scenarios):
        return ()
    return ("shocks",) if any(each.rules for each in scenarios) else ("shocks", "targets")


def _measure(task: RunTask, scenarios: Sequence[Scenario], exact: bool) -> list[Integrals]:
    """Odds of scenarios by replicate, on the same points or on the same paths."""
    seed, count = task.settings.seed, task.settings.n_points
    if not exact:
        n_paths = int(task.settings.n_paths or 0)
        return count_replicates(task.model, scenarios, n_paths, seed, task.known, task.proposal)
    pieces = [
        integrate_replicates(task.model, scenarios, count, seed, each, known=task.known, proposal=task.proposal)
        for each in cut_replicates(count)
    ]
    joined = (join(each) for each in zip(*pieces, strict=True))
    return [settle_judged(*each) for each in zip(joined, scenarios, strict=True)]


def _pick(task: RunTask, integrals: Integrals, name: str) -> Floats:
    """Odds of a target, or that all of a group are met, as printed, shape (replicate,)."""
    places = {target.id: place for place, target in enumerate(task.model.plan.judged)}
    odds: Floats = integrals.met[0, places[name]] if name in places else integrals.number_met[name][-1]
    return odds


def _list_changes(task: RunTask, one: Integrals, other: Integrals, untouched: set[str]) -> Iterator[tuple[Any, ...]]:
    """List the change of every odds; targets that no difference touches change by exactly nothing."""
    plan, count = task.model.plan, task.settings.n_points
    blank = find_blanks(plan, task.model.delivery_law)

    def line(name: str, reading: str, first: Floats, second: Floats) -> tuple[Any, ...]:
        second = first if name in untouched else second
        change, error = estimate_change(second - first)
        unclear = change != 0 and np.isnan([float(estimate_replicate_error(each, count)) for each in (first, second)])
        return name, reading, first.mean(), second.mean(), change, np.nan if np.all(unclear) and change else error

    for place, target in enumerate(plan.judged):
        for row, reading in list_readings(plan, target):
            if not blank[row, place]:
                yield line(target.id, reading, one.met[row, place], other.met[row, place])
    for group, exactly in one.number_met.items():
        yield line(group, READINGS[0], exactly[-1], other.number_met[group][-1])


def _share_among_targets(
    task: RunTask,
    scenarios: tuple[Scenario, Scenario],
    exact: bool,
    ends: tuple[Integrals, Integrals],
    felt: Mapping[str, Any],
) -> list[tuple[Any, ...]]:
    """Share the change of all headline targets together out among them: each feels one scenario or the other."""
    plan, model, settings, known = task.model.plan, task.model, task.settings, task.known
    places = list_groups(plan)["headline"]
    names = [plan.judged[place].id for place in places]
    active = [name for name in names if felt[name].any()]
    if not active or len(active) > MOST_PLAYERS or any(each.id in names for each in plan.composites):
        return []
    if known is not None and felt[PUBLISHED].any():
        names, active = [*names, PUBLISHED], [*active, PUBLISHED]
    between = [chosen for chosen in list_coalitions(names) if set(chosen) <= set(active)]
    masks = [np.array([name in chosen for name in names]) for chosen in between]
    if exact:
        first, second = (compile_scenario(model, each) for each in scenarios)
        pieces = [
            integrate_hybrids(
                lay_points(model, settings.n_points, settings.seed, each, proposal=task.proposal),
                first,
                second,
                places,
                masks,
                known,
            )
            for each in cut_replicates(settings.n_points)
        ]
        worth = np.concatenate(pieces, axis=-1)
    else:

        def measure(paths: Sequence[Paths]) -> Floats:
            return _meet_hybrids(paths, places, masks)

        n_paths = int(settings.n_paths or 0)
        worth = average_batches(model, scenarios, n_paths, settings.seed, measure, known, task.proposal)
    values = dict(zip(between, worth[0] if known is None else map(divide_weighted, *worth), strict=True))
    values[()], values[tuple(names)] = (each.number_met["headline"][-1] for each in ends)
    shares = share_out(values, names, np.array([name in active for name in names]))
    return [("headline", name, *estimate_change(change)) for name, change in shares.items()]


def _meet_hybrids(paths: Sequence[Paths], places: Sequence[int], masks: Sequence[Bools]) -> Floats:
    """Judge hybrids on paths of two scenarios: all met, and the weight, by which the former counts; as on points."""
    one, other = (judge(each)[0, list(places)] for each in paths)
    met = np.array([np.where(mask[: len(places), None], other, one).all(axis=0) for mask in masks], np.float64)
    first, second = (each.weight for each in paths)
    if first is None or second is None:
        return met[None]
    weights = np.array([second if mask[len(places) :].any() else first for mask in masks])
    return np.stack([met * weights, weights])


def _list_lines(before: Scenario, after: Scenario) -> list[tuple[str, str, str]]:
    """List the lines of two merged files that differ, titles and reasons of the scenarios apart."""
    first, second = (dict(_flatten(lay_out(describe_scenario(each), each.name))) for each in (before, after))
    names = sorted({*first, *second}, key=str)
    return [
        (name, first.get(name, ""), second.get(name, ""))
        for name in names
        if first.get(name) != second.get(name) and name.startswith(("shocks.", "rules."))
    ]


def _flatten(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(item, f"{path}.{key}" if path else str(key))
    else:
        yield path, f"{value:g}" if isinstance(value, float) else str(value)
