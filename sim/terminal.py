"""Tables and progress at the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.table import Table

from sim.attainment import Attainment
from sim.plan import Target
from sim.runs import Run
from sim.scenario import Scenario
from sim.tally import READINGS, name_readings

__all__ = ["print_run", "show_progress"]

_NAME_WIDTH = 17
_SYMBOLS = {"at_least": "≥", "at_most": "≤", "about": "≈"}


@contextmanager
def show_progress(n_paths: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on stderr; nothing where stderr is no terminal.

    Parameters
    ----------
    n_paths : int
        Paths to come.

    Yields
    ------
    callable
        To be told how many paths more are done.
    """
    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), "paths", TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("paths", total=n_paths)
        yield lambda done: progress.advance(task, done)


def print_run(run: Run, console: Console | None = None) -> None:
    """Print the odds of every scenario, then the first scenario's odds by reading and quarter."""
    console = console or Console()
    console.print(_tabulate_scenarios(run))
    console.print(_tabulate_readings(run.attainments[0]))


def _head(target: Target) -> str:
    return f"{target.name_en}\n{_SYMBOLS[target.criterion]} {target.value:g}".replace("-", "-\n")


def _aim(target: Target) -> str:
    within = f" ±{target.tolerance:g}" if target.tolerance else ""
    return f"{_SYMBOLS[target.criterion]} {target.value:g}{within} {target.unit}"


def _label(scenario: Scenario) -> str:
    """Name and Chinese title on two lines, a long name broken at a hyphen."""
    name, rest = scenario.name, ""
    if len(name) > _NAME_WIDTH and "-" in name:
        name, _, rest = name.rpartition("-")
        name, rest = f"{name}-", f"{rest} "
    return f"{name}\n{rest}{scenario.title_zh}"


def _cell(probability: float, error: float) -> str:
    """Per cent and its error, as 35.4±.1; an error below 0.05 is shown as .1, never as nothing."""
    return f"{100 * probability:.1f}±" + f"{max(100 * error, 0.05):.1f}".lstrip("0")


def _open_table(title: str, caption: str) -> Table:
    return Table(
        title=title,
        caption=caption,
        box=SIMPLE_HEAD,
        padding=0,
        show_edge=False,
        title_justify="left",
        caption_justify="left",
    )


def _tabulate_scenarios(run: Run) -> Table:
    plan = run.model.plan
    table = _open_table(
        f"{plan.place_en} {plan.place_zh} {plan.year}: probability of each headline target as stated, %",
        f"± Monte Carlo standard error; {run.n_paths:,} paths a scenario, seed {run.seed}",
    )
    table.add_column("scenario", no_wrap=True)
    for target in plan.headline:
        widest = max(len(word) for word in _head(target).split())
        table.add_column(_head(target), justify="right", min_width=max(widest, 7))
    table.add_column(f"all {len(plan.headline)}", justify="right")
    for attainment in run.attainments:
        odds = attainment.odds[attainment.odds.reading == READINGS[0]].set_index("target")
        cells = [_cell(odds.probability[target.id], odds.mc_se[target.id]) for target in plan.headline]
        joint = attainment.joint[attainment.joint.group == "headline"]
        cells += [_cell(joint.probability.iloc[-1], joint.mc_se.iloc[-1])] if len(joint) else []
        table.add_row(_label(attainment.tally.scenario), *cells)
    return table


def _tabulate_readings(attainment: Attainment) -> Table:
    plan = attainment.plan
    table = _open_table(
        f"{attainment.scenario}: the same targets read in other ways, and on course by quarter, %",
        "printed: after rounding to 0.1; tolerance: at most that far on the wrong side;\n"
        "quarters: cumulative figure on or above the target",
    )
    table.add_column("target")
    for reading in name_readings(plan):
        table.add_column(reading, justify="right")
    odds = attainment.odds.set_index(["target", "reading"]).probability
    for target in plan.targets:
        cells = [f"{100 * odds[target.id, reading]:.1f}" for reading in name_readings(plan)]
        table.add_row(f"{target.name_en} {_aim(target)}\n{target.name_zh}", *cells)
    return table
