"""States: what odds rest on, a model, a scenario and what is known of the year; taken from runs or from folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.analysis.repeat import find_changed_inputs, find_run, read_manifest, recall_inputs
from sim.errors import Fault, InputError, blame, blame_kind, find_nearest
from sim.inputs.files.staging import MANIFEST
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import collect_published
from sim.inputs.published.rows import list_series, read_date
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.results.run import Run

__all__ = ["Noted", "State", "choose_scenarios", "keep_own", "take_states"]

Noted = Mapping[str, tuple[float, float]]
"""Odds as they were written, with their errors, by target and group."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class State:
    """What odds rest on: the four things of which one or more may change.

    Attributes
    ----------
    model : Model
        Plan and calibration.
    scenario : Scenario
    published : Published, optional
        Figures of the year that are known; None means none.
    noted : mapping of str to (float, float), optional
        Odds with their errors as a run wrote them; None where nothing was written.
    is_current : bool
        Whether this version of the program wrote them.
    settings : dict
        `seed`, `n_points` and `n_paths` of the run, if there was one.

    Examples
    --------
    >>> import sim
    >>> model = sim.load_model("qingdao-2024")
    >>> sim.State(model=model, scenario=sim.read_scenario("baseline", model.plan))
    <State of qingdao-2024, baseline: 0 figures>
    """

    model: Model
    scenario: Scenario
    published: Published | None = None
    noted: Noted | None = None
    is_current: bool = True
    settings: Mapping[str, int] | None = None

    @property
    def plan(self) -> Plan:
        """The plan."""
        return self.model.plan

    def __repr__(self) -> str:
        return f"<State of {self.plan.name}, {self.scenario.name}: {len(self.published or ())} figures>"


def take_states(
    before: State | Run | str | Path, after: State | Run | str | Path, scenarios: tuple[str, ...] = ()
) -> tuple[State, State]:
    """Take two states, as they are given or out of runs and folders of runs.

    Parameters
    ----------
    before, after : State, Run, str or Path
        A folder is one that `sim run` wrote; its figures are those that its manifest holds.
    scenarios : tuple of str
        Of runs: one name for both, or one each; none means the first that both have.

    Returns
    -------
    before, after : State

    Raises
    ------
    InputError
        If there is no such run or scenario, or an input of a folder's run has changed since.
    """
    found = [_list_states(name, given) for name, given in (("before", before), ("after", after))]
    pair = choose_scenarios(scenarios, [[each.scenario.name for each in states] for states in found])
    first, last = (
        next(each for each in states if each.scenario.name == name) for states, name in zip(found, pair, strict=True)
    )
    return first, last


def choose_scenarios(asked: tuple[str, ...], known: list[list[str]]) -> tuple[str, str]:
    """Choose a scenario of each of two runs.

    Parameters
    ----------
    asked : tuple of str
        One name for both, or one each; none means the first that both have, or the first of each.
    known : list of list of str
        Names in either run.

    Returns
    -------
    before, after : str

    Examples
    --------
    >>> choose_scenarios((), [["baseline", "slump"], ["slump"]])
    ('slump', 'slump')
    """
    if len(asked) > 2:
        raise InputError([blame("scenario", f"{len(asked)} given", "name one for both, or one each")])
    shared = [name for name in known[0] if name in known[1]]
    names = [*asked, *asked][:2] if asked else [*shared[:1], *shared[:1]] or [each[0] for each in known]
    faults = []
    for name, valid in zip(names, known, strict=True):
        if name not in valid:
            nearest = find_nearest(name, valid)
            listed = f"allowed: {', '.join(valid)}"
            faults.append(blame("scenario", f"no scenario '{name}' in that run", listed, nearest, code="unknown"))
    if faults:
        raise InputError(faults)
    return names[0], names[1]


def keep_own(published: Published | None, plan: Plan) -> Published | None:
    """Keep the figures of those series that a plan has."""
    if published is None:
        return None
    own = {*list_series(plan)}
    return replace(published, figures=tuple(each for each in published if each.series in own))


def _list_states(argument: str, given: object) -> list[State]:
    """List the states that something given holds, by its scenarios."""
    if isinstance(given, State):
        return [given]
    if isinstance(given, Run):
        by_paths = given.n_paths if not all(each.n_points for each in given.attainments) else 0
        settings = {"seed": given.settings.seed, "n_points": given.settings.n_points, "n_paths": by_paths}
        told: dict[str, Any] = {"model": given.model, "published": given.published, "settings": settings}
        return [State(scenario=each, **told) for each in given.scenarios]
    if isinstance(given, str | Path):
        return _recall(Path(given))
    raise InputError([blame_kind(argument, given, "a run", "write what sim.run gives, its folder, or a sim.State")])


def _recall(given: Path) -> list[State]:
    """Recall the states of a run from its folder; its figures stand in its manifest, whatever their file says now."""
    folder = find_run([str(given)])
    if folder is None:
        raise InputError(
            [Fault(str(given), 0, 0, "is no folder", "name a folder that `sim run` wrote", code="no_file")]
        )
    manifest = read_manifest(folder)
    place = str(folder / MANIFEST)
    changed = find_changed_inputs(manifest, folder, figures=False)
    if changed:
        problem = f"inputs have changed since this run: {', '.join(changed)}"
        mend = "keep each plan in a folder of its own, or run it anew with `sim run`"
        raise InputError([Fault(place, 0, 0, problem, mend)])
    model, scenarios = recall_inputs(manifest, folder)
    published = None
    if manifest.get("published"):
        day = manifest.get("as_of")
        published = replace(
            collect_published(model.plan, manifest["published"]), asof=None if day is None else read_date(day)
        )
    settings = {name: int(manifest["settings"][name] or 0) for name in ("seed", "n_points", "n_paths")}
    current = manifest.get("versions", {}).get("target-simulator") == version("target-simulator")
    return [
        State(
            model=model,
            scenario=each,
            published=published,
            noted=_read_noted(folder, each.name),
            is_current=current,
            settings=settings,
        )
        for each in scenarios
    ]


def _read_noted(folder: Path, scenario: str) -> Noted:
    """Read the odds that a run wrote: of targets as printed, and that all of a group are met."""
    import pandas as pd

    try:
        odds, joint = (pd.read_csv(folder / f"{name}.csv") for name in ("attainment", "joint"))
        odds = odds[(odds.scenario == scenario) & (odds.reading == READINGS[0])]
        joint = joint[joint.scenario == scenario].groupby("group", sort=False).tail(1)
        rows = [*odds[["target", "probability", "mc_se"]].to_numpy().tolist()]
        rows += joint[["group", "probability", "mc_se"]].to_numpy().tolist()
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise InputError([Fault(str(folder), 0, 0, f"its tables cannot be read ({error})", "run it anew")]) from None
    return {name: (float(odds), 0.0 if error != error else float(error)) for name, odds, error in rows}
