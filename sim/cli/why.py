"""`sim why`: which part of a change of odds is whose."""

from __future__ import annotations

import sys
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import (
    force_option,
    load_told,
    plan_option,
    read_figures,
    report_faults,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.analysis.attribution import Explanation
    from sim.analysis.states import State
    from sim.inputs.plan.plan import Plan
    from sim.inputs.scenario.reading import Scenario

__all__ = ["why"]

_KINDS = "a folder that sim run wrote, a day such as 2024-07-31, a plan, or a calibration"


@click.command(epilog="Example: sim why --published qingdao-2024-h1 --from 2024-04-30 --to 2024-07-31 --target gdp")
@click.argument("before", required=False, metavar="[A")
@click.argument("after", required=False, metavar="B]")
@click.option("--from", "first", metavar="DATE", help="What was known on that day.  [default: nothing]")
@click.option("--to", "last", metavar="DATE", help="And on that one.  [default: all that is known]")
@click.option("--target", "targets", multiple=True, metavar="ID", help="A target or group; again for more.")
@click.option("--scenario", "scenarios", multiple=True, metavar="NAME", help="Of both, or twice: of A, then of B.")
@plan_option
@click.option("--published", metavar="FILE", help="Figures: a file, a shipped example, or none.  [default: the plan's]")
@click.option("--even-so", is_flag=True, help="Go on where figures are once in a million years of the model.")
@click.option("--seed", type=click.IntRange(min=0), help="[default: that of the runs, else 2024]")
@click.option("--out", metavar="DIR", help="Folder for why.csv, odds.csv, parts.csv, a chart and a manifest.")
@force_option
def why(
    before: str | None,
    after: str | None,
    first: str | None,
    last: str | None,
    targets: tuple[str, ...],
    scenarios: tuple[str, ...],
    plan_folder: str,
    published: str | None,
    even_so: bool,
    seed: int | None,
    out: str | None,
    force: bool,
) -> None:
    """Why odds moved from A to B: figures one by one, calibration, scenario, the plan's own numbers.

    A and B are two folders that sim run wrote, two days, two plans or two calibrations; without them, --from and --to
    are two days of the plan.
    """
    with report_faults(), _name_faults(before="A", after="B", scenario="--scenario"):
        from sim.analysis.attribution import explain
        from sim.inputs.files.folders import open_folder
        from sim.views.terminal.attribution import print_explanation
        from sim.views.terminal.tables import show_progress

        states = _take_states((before, after), (first, last), scenarios, plan_folder, published)
        targets = _check_targets(states, targets)
        with nullcontext() if out is None else open_folder(out, result="why", force=force) as folder:
            with show_progress("why") as advance:
                found = explain(*states, seed=seed, even_so=even_so, advance=advance)
            if folder is not None:
                _write(found, folder, targets)
        print_explanation(found, targets)
        if out is not None:
            click.echo(f"6 files in {out}")


@contextmanager
def _name_faults(**names: str) -> Iterator[None]:
    """Name arguments of the library as they are typed here."""
    from sim.errors import InputError

    try:
        yield
    except InputError as error:
        named = [replace(each, file=names[each.file], is_argument=False) for each in error.faults if each.file in names]
        raise InputError([*named, *(each for each in error.faults if each.file not in names)]) from None


def _take_states(
    pair: tuple[str | None, str | None],
    days: tuple[str | None, str | None],
    scenarios: tuple[str, ...],
    plan_folder: str,
    published: str | None,
) -> tuple[State, State]:
    """Take the two states that are meant, whatever they were named by."""
    from sim.analysis.states import take_states
    from sim.errors import Fault, InputError

    before, after = pair
    if (before is None) != (after is None):
        raise InputError([Fault("sim why", 0, 0, f"only '{before}' is named", "name two, or --from and --to")])
    if before is None or after is None:
        return _read_days(days, scenarios, plan_folder, published)
    if days != (None, None):
        raise InputError([Fault("--from/--to", 0, 0, "given with A and B", "leave out one of the two")])
    kinds = [_find_kind(each) for each in (before, after)]
    unknown = [
        Fault(str(each), 0, 0, "is nothing that can be explained", f"name {_KINDS}", code="unknown")
        for each, kind in zip(pair, kinds, strict=True)
        if not kind
    ]
    if unknown:
        raise InputError(unknown)
    if kinds[0] != kinds[1]:
        problem = f"'{before}' is a {kinds[0]}, '{after}' a {kinds[1]}"
        raise InputError([Fault("sim why", 0, 0, problem, "name two of a kind")])
    if kinds[0] == "run":
        _refuse_given("plan_folder", "published")
        return take_states(before, after, scenarios)
    if kinds[0] == "day":
        return _read_days((before, after), scenarios, plan_folder, published)
    return _read_plans((before, after), kinds[0], scenarios, plan_folder, published)


def _find_kind(given: str) -> str:
    """Find what something is named: a run, a day, a calibration or a plan; empty if none of them."""
    from sim.errors import InputError
    from sim.inputs.bundled import exists, list_plans
    from sim.inputs.files.staging import MANIFEST
    from sim.inputs.published.figures import Published

    path = Path(given)
    if exists(path / MANIFEST):
        return "run"
    if path.suffix in (".yaml", ".yml"):
        return "calibration"
    if given in list_plans() or exists(path):
        return "plan"
    try:
        Published().as_of(given)
    except InputError:
        return ""
    return "day"


def _refuse_given(*names: str) -> None:
    """Refuse options that mean nothing here."""
    from sim.errors import Fault, InputError

    context = click.get_current_context()
    flags = {"plan_folder": "--plan", "published": "--published"}
    given = [
        flags[name] for name in names if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise InputError(
            [Fault(flag, 0, 0, "means nothing of runs, which have their own", "leave it out") for flag in given]
        )


def _read_days(
    days: tuple[str | None, str | None], scenarios: tuple[str, ...], plan_folder: str, published: str | None
) -> tuple[State, State]:
    """Read what was known of a plan on two days; no first day means that nothing was."""
    from sim.analysis.states import State
    from sim.errors import Fault, InputError, try_all
    from sim.inputs.plan.reading import read_plan

    plan = read_plan(plan_folder)
    model, pair, known = try_all(
        lambda: load_told(plan), lambda: _read_pair(plan, scenarios), lambda: read_figures(plan, published, None)
    )
    if not known:
        mend = "type them into published.csv, or name --published FILE"
        raise InputError([Fault(str(plan.folder), 0, 0, "no figures of the year are known", mend)])
    with _name_faults(as_of="--from"):
        first = None if days[0] is None else known.as_of(days[0])
    with _name_faults(as_of="--to"):
        last = known if days[1] is None else known.as_of(days[1])
    return (
        State(model=model, scenario=pair[0], published=first),
        State(model=model, scenario=pair[1], published=last),
    )


def _read_plans(
    pair: tuple[str, str], kind: str, scenarios: tuple[str, ...], plan_folder: str, published: str | None
) -> tuple[State, State]:
    """Read two plans, or one plan with two calibrations."""
    from sim.analysis.states import State
    from sim.errors import try_all
    from sim.inputs.plan.reading import read_plan
    from sim.learning.loading import load_model

    if kind == "plan":
        _refuse_given("plan_folder")
        plans = try_all(*(lambda name=each: read_plan(name) for each in pair))
        models = try_all(*(lambda plan=each: load_told(plan) for each in plans))
    else:
        plans = [read_plan(plan_folder)] * 2
        models = try_all(*(lambda file=each: load_model(plans[0], file) for each in pair))
    chosen = try_all(*(lambda plan=each: _read_pair(plan, scenarios) for each in plans))
    known = try_all(*(lambda plan=each: read_figures(plan, published, None) for each in plans))
    first, last = (
        State(model=model, scenario=chosen[place][place], published=figures)
        for place, (model, figures) in enumerate(zip(models, known, strict=True))
    )
    return first, last


def _read_pair(plan: Plan, names: Sequence[str]) -> tuple[Scenario, Scenario]:
    """Read the scenarios of both states: one for both, or one each; none means the plan's first."""
    from sim.errors import InputError, blame
    from sim.inputs.scenario.reading import read_scenarios

    if len(names) > 2:
        raise InputError([blame("scenario", f"{len(names)} given", "name one for both, or one each")])
    found = read_scenarios(dict.fromkeys(names), plan)
    return found[0], found[len({*names}) - 1 if names else 0]


def _check_targets(states: tuple[State, State], targets: Sequence[str]) -> tuple[str, ...]:
    """Give the ids of targets and groups; refuse what neither state has, before any work is done."""
    from sim.errors import InputError, Place, find_unknown
    from sim.inputs.plan.names import recognize_all
    from sim.inputs.plan.readings import list_groups

    known = dict.fromkeys(
        name for state in states for name in (*(target.id for target in state.plan.judged), *list_groups(state.plan))
    )
    targets = recognize_all(states[1].plan, targets)
    faults = [*find_unknown({name: Place("--target") for name in targets}, [*known], "no target or group '{}'")]
    if faults:
        raise InputError(faults)
    return targets


def _write(found: Explanation, folder: Path, targets: Sequence[str]) -> None:
    """Write tables, the waterfall of the first target and a manifest."""
    from sim.results.manifest import describe_origin, write_manifest
    from sim.results.tables import write_table
    from sim.views.charts.attribution import plot_why
    from sim.views.charts.saving import save_chart

    for name, frame in (("why", found.table), ("odds", found.odds), ("parts", found.figures)):
        write_table(frame, folder / f"{name}.csv")
    shown = [name for name in targets if name in {*found.odds.target}]
    axes = plot_why(found, shown[0] if shown else None)
    for ending in ("png", "svg"):
        save_chart(axes, folder / f"why.{ending}")
    states = {"before": found.before, "after": found.after}
    files = [file for state in states.values() for file in (*state.model.files, *state.scenario.files)]
    told = {
        which: {
            "plan": state.plan.name,
            "scenario": state.scenario.name,
            "published": [figure.row for figure in state.published or ()],
        }
        for which, state in states.items()
    }
    asked = {"seed": found.seed, "n_points": found.n_points}
    write_manifest(folder, {"command": ["sim", *sys.argv[1:]], **told, **asked, **describe_origin(files)})
