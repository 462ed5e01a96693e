"""A walk through a plan folder, file by file: what is there, what is missing, and what to do next."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from sim.errors import Fault, InputError
from sim.inputs.files.documents import read_text

if TYPE_CHECKING:
    from sim.inputs.plan.plan import Plan

__all__ = ["Step", "Walk", "check_plan"]

_NEEDED = ("plan.csv", "indicators.csv", "quarters.csv", "targets.csv")


_OPTIONAL = {
    "groups.csv": "whom targets belong to; any name will do without it",
    "figures.csv": "last year's figures, against which charts draw deliveries",
    "units.csv": "units of your own, beside those that are known",
    "history.csv": "earlier years, from which `sim calibrate` learns",
    "outlook.csv": "what was expected of the country as each year began; odds are wider without it",
}


@dataclass(frozen=True)
class Step:
    """One file of the walk.

    Attributes
    ----------
    file : str
        As seen from the folder.
    state : str
        In a few words.
    faults : tuple of Fault
        What has to be mended or filled in, in the file's order.
    command : str
        What mends it, where that is a command.
    warnings : tuple of Fault
        What looks wrong but may be right.
    """

    file: str
    state: str
    faults: tuple[Fault, ...] = ()
    command: str = ""
    warnings: tuple[Fault, ...] = ()

    @property
    def left(self) -> int:
        """Things left to do."""
        return len(self.faults) + bool(self.command)


@dataclass(frozen=True)
class Walk:
    """A walk through a plan folder.

    Attributes
    ----------
    folder : str
        As the user named it.
    steps : tuple of Step
        In the order in which to work.
    """

    folder: str
    steps: tuple[Step, ...]

    @property
    def left(self) -> int:
        """Things left to do in all files."""
        return sum(step.left for step in self.steps)

    def __repr__(self) -> str:
        return "\n".join(self.tell())

    def tell(self) -> Iterator[str]:
        """Tell the walk in lines, ending in what to do next.

        Yields
        ------
        str
        """
        width = max(len(step.file) for step in self.steps)
        for step in self.steps:
            yield f"{'to do' if step.left else 'ok   '}  {step.file:<{width}}  {step.state}"
            cells = _name_cells({Path(fault.file) for fault in step.faults if fault.file.endswith(".csv")})
            for fault in step.faults:
                cell = cells.get((fault.file, fault.line, fault.column), "")
                yield f"       {fault}{cell}"
            for warning in step.warnings:
                yield f"       warning: {warning}"
        yield ""
        if not self.left:
            yield f"ready: sim run --plan {quote(self.folder)}"
            return
        first = next(step for step in self.steps if step.left)
        todo = first.command or f"{first.file}, then `sim lint {quote(self.folder)}` again"
        yield f"{self.left} thing{'s' * (self.left > 1)} left; next: {todo}"


def check_plan(folder: str | Path) -> Walk:
    """Check a plan folder as far as it is there, file by file.

    Parameters
    ----------
    folder : str or Path
        A folder, whole or not; or the name of a shipped plan.

    Returns
    -------
    Walk
        Never raises for what is in the folder: faults are part of the walk.

    Raises
    ------
    InputError
        If there is no such folder.

    Examples
    --------
    >>> walk = check_plan("qingdao-2024")
    >>> walk.left, walk.steps[0].state
    (0, 'Qingdao 青岛, 2024')
    """
    from sim.inputs.plan.reading import find_place, read_plan

    place = find_place(folder)
    if place.is_file():
        place = place.parent
    elif not any(place.iterdir()):
        return Walk(str(folder), (Step(".", "the folder is empty", (), f"sim new {quote(str(folder))}"),))
    faults: list[Fault] = []
    plan = _try(lambda: read_plan(folder), faults)
    steps = [*_walk_tables(place, plan, faults), *_walk_prior(place, plan)]
    steps.append(_walk_calibration(str(folder), place, plan, sum(step.left for step in steps)))
    return Walk(str(folder), (*steps, *_walk_scenarios(place, plan), *_walk_published(plan)))


def _name_cells(tables: Iterable[Path]) -> dict[tuple[str, int, int], str]:
    """Name cells as a spreadsheet shows them, by line and column: the row's first cell and the column's name."""
    named: dict[tuple[str, int, int], str] = {}
    for path in tables:
        try:
            lines = csv.reader(io.StringIO(read_text(path), newline=None))
            header, start = next(lines, []), lines.line_num + 1
            for fields in lines:
                for number, column in enumerate(header[: len(fields)], start=1):
                    named[str(path), start, number] = f" [{fields[0]}: {column}]"
                start = lines.line_num + 1
        except (InputError, csv.Error):
            continue
    return named


def _try(task: Callable[[], Any], faults: list[Fault]) -> Any:
    try:
        return task()
    except InputError as error:
        faults.extend(error.faults)
        return None


def _count(faults: list[Fault]) -> str:
    """Count placeholders and faults."""
    filling = sum(fault.code == "unfilled" for fault in faults)
    wrong = len(faults) - filling
    words = [f"{filling} to fill in"] if filling else []
    return ", ".join([*words, *([f"{wrong} fault{'s' * (wrong > 1)}"] if wrong else [])])


def _walk_tables(place: Path, plan: Plan | None, faults: list[Fault]) -> Iterator[Step]:
    """Walk through the tables that a plan needs, then those that it may have; each as text or as a spreadsheet."""
    told: set[Fault] = set()
    for file in (*_NEEDED, *_OPTIONAL):
        stem = Path(file).stem
        own = sorted(fault for fault in faults if _is_of(fault, stem))
        told.update(own)
        there = _is_there(place, stem, plan)
        if own:
            missing = own[0].code == "no_file"
            yield Step(file, "missing: `sim new` writes one to copy" if missing else _count(own), tuple(own))
        elif there or file in _NEEDED:
            odd = tuple(each for each in (plan.warnings if plan else ()) if _is_of(each, stem))
            yield Step(file, _describe_table(file, plan), warnings=odd)
        else:
            yield Step(file, f"not there, not needed: {_OPTIONAL[file]}")
    others = sorted(set(faults) - told)
    if others:
        yield Step(Path(others[0].file).name, _count(others), tuple(others))


def _is_of(fault: Fault, stem: str) -> bool:
    """Whether a fault is of this table: of its own file, or of its sheet in a workbook of all."""
    name = Path(fault.file).name
    return name == f"{stem}.csv" or name.endswith(f".xlsx[{stem}]") or (name == f"{stem}.xlsx" and stem != "plan")


def _is_there(place: Path, stem: str, plan: Plan | None) -> bool:
    if any((place / f"{stem}{ending}").is_file() for ending in (".csv", ".xlsx")):
        return True
    return plan is not None and bool(getattr(plan, stem, ()))


def _describe_table(file: str, plan: Plan | None) -> str:
    if plan is None:
        return "no fault"
    if file == "plan.csv":
        return f"{plan.place}, {plan.year_name}"
    if file == "quarters.csv":
        return f"{len(plan.quarter_names)} quarters of {len(plan.quarters)} indicators"
    if file == "targets.csv":
        return f"{len(plan.targets)} targets, {len(plan.judged)} with odds"
    if file == "units.csv":
        return "units of your own"
    if file == "history.csv":
        known = sum(row.outcome is not None and row.target is not None for row in plan.history)
        return f"{known} targets with outcome" + (": the more years, the sharper the odds" if known < 3 else "")
    if file == "outlook.csv":
        from sim.inputs.plan.country import has_outlook_of_china
        from sim.inputs.plan.past import recall_outlook

        due = plan.year in recall_outlook(plan).forecast
        state = f"forecasts for {plan.year}" if due else f"no forecast for {plan.year}: odds are wider without one"
        lent = not plan.country and has_outlook_of_china(plan)
        return f"{state}; for China, and plan.csv names no country" if lent else state
    rows = {"indicators.csv": plan.indicators, "groups.csv": plan.groups, "figures.csv": plan.figures}[file]
    return f"{len(rows)} row{'s' * (len(rows) > 1)}"


def _walk_prior(place: Path, plan: Plan | None) -> Iterator[Step]:
    """Look at the prior, where there is one or where the calibration has to be made from one."""
    from sim.inputs.calibration import find_plan_prior, read_prior
    from sim.inputs.lent import describe_prior

    path = place / "prior.yaml"
    if path.is_file():
        told: list[str] = []

        def read(of: Plan) -> None:
            told.extend(describe_prior(of, read_prior(path, of)))

        step = _walk_document(path, path.name, plan, read, "numbers that are not fitted")
        yield replace(step, state="; ".join([step.state, *told])) if not step.faults else step
    elif plan is not None and not (place / "calibration.yaml").is_file():
        faults: list[Fault] = []
        _try(lambda: read_prior(find_plan_prior(plan), plan), faults)
        missing = Fault(str(path), 0, 0, "no such file", "`sim new` writes one to copy", code="no_file")
        fits = "not there: the shipped one is used"
        yield Step(
            path.name, "missing: the shipped one knows other indicators" if faults else fits, (missing,) * bool(faults)
        )


def _walk_calibration(name: str, place: Path, plan: Plan | None, left: int) -> Step:
    from sim.inputs.calibration import compare_calibration
    from sim.inputs.lent import find_lent
    from sim.inputs.provenance import find_learned

    path = place / "calibration.yaml"
    if path.is_file():
        moved: list[Fault] = []

        lent: list[Fault] = []

        def read(of: Plan) -> None:
            numbers, found = compare_calibration(path, of)
            moved.extend(found)
            lent.extend(() if found else [*find_learned(numbers.made_from, of), *find_lent(of, numbers)])

        step = _walk_document(path, path.name, plan, read, "numbers of the model")
        state = "made from other cells than are there now" if moved else step.state
        return replace(step, warnings=(*moved, *lent), state=state)
    if left:
        return Step(path.name, "not there yet: `sim calibrate` writes it once all of the above is done")
    return Step(path.name, "not there yet", (), f"sim calibrate --plan {quote(name)} --out {quote(str(path))}")


def _walk_scenarios(place: Path, plan: Plan | None) -> Iterator[Step]:
    from sim.inputs.bundled import has_scenarios
    from sim.inputs.scenario.reading import read_scenario

    folder = place / "scenarios"
    if not folder.is_dir():
        shipped = "the shipped ones" if has_scenarios(place) else "the shipped ones that speak of its indicators"
        yield Step("scenarios", f"none of its own: {shipped}")
        return
    files = sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "baseline", path.stem))
    if not files:
        empty = Fault(str(folder), 0, 0, "no scenario", "write one, or delete the folder", code="empty")
        yield Step("scenarios", "the folder is empty", (empty,))
    for path in files:
        name = f"scenarios/{path.name}"
        yield _walk_document(path, name, plan, partial(read_scenario, path), "", optional=True)


def _walk_published(plan: Plan | None) -> Iterator[Step]:
    """Look at the figures of the year, where the folder holds some."""
    from sim.inputs.published.reading import read_published

    faults: list[Fault] = []
    figures = _try(lambda: read_published(plan), faults) if plan is not None else None
    if faults:
        yield Step(Path(faults[0].file).name, _count(faults), tuple(faults))
    elif figures:
        count = len(figures)
        state = f"{count} figure{'s' * (count > 1)} of {figures.year}, to {figures.day}"
        yield Step(figures.files[0].name, state, warnings=figures.warnings)


def _walk_document(
    path: Path, name: str, plan: Plan | None, read: Callable[[Plan], Any], words: str, optional: bool = False
) -> Step:
    """Check a YAML file against the plan, or for placeholders alone while there is no sound plan."""
    faults: list[Fault] = []
    odd: tuple[Fault, ...] = ()
    if plan is None:
        faults = _find_placeholders(path)
        state = _count(faults) or "looked through; checked wholly once the tables are sound"
    else:
        read_plan: Plan = plan
        found = _try(lambda: read(read_plan), faults)
        state = _count(faults) or words or found.title_en
        odd = getattr(found, "warnings", ())
    if optional and faults and path.stem != "baseline":
        state += "; delete the file if you do not want it"
    return Step(name, state, tuple(faults), warnings=odd)


def _find_placeholders(path: Path) -> list[Fault]:
    from sim.inputs.files.documents import Items, Record
    from sim.inputs.files.explanation import note_placeholder
    from sim.inputs.files.yaml_files import read_yaml

    faults: list[Fault] = []
    record = _try(lambda: read_yaml(path), faults)
    if record is None:
        return faults
    faults += record[1]
    waiting: list[tuple[Any, Any]] = [(record[0], record[0].place)]
    while waiting:
        value, at = waiting.pop()
        if isinstance(value, Record):
            waiting += [(value[key], value.values_at[key]) for key in value]
        elif isinstance(value, Items):
            waiting += list(zip(value, value.items_at, strict=True))
        else:
            faults += note_placeholder(value, at)
    return sorted(faults)
