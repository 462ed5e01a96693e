"""The run of a sweep: cases in pieces, each kept when it is done, so that a killed sweep goes on where it was."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.stored_paths import MOST_TARGETS, KeptPaths, keep_paths
from sim.analysis.sweep.design import Sweep, read_sweep, read_sweeps
from sim.analysis.sweep.settings import FACTOR, Setting, set_numbers
from sim.engine.counting import divide, estimate_error
from sim.engine.exact.integrals import integrate
from sim.engine.exact.odds import estimate_replicate_error, explain_paths
from sim.engine.exact.points import Points, lay_points
from sim.engine.executors import SerialExecutor, do_pieces
from sim.engine.path_runs import count_scenarios, weigh_first_paths
from sim.engine.path_tilts import tilt_scenarios
from sim.engine.point_runs import integrate_scenarios
from sim.engine.tilting import check_tilt
from sim.errors import Fault, InputError, OutputError, blame, try_all, warn_of
from sim.inputs.calibration import Calibration
from sim.inputs.files.staging import sync
from sim.inputs.files.values import lay_out
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS, list_readings
from sim.inputs.plan.targets import Target
from sim.inputs.scenario.building import describe_scenario
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import hold_calibration, take_model
from sim.model.model import Model, build_model
from sim.model.scenario_law import compile_scenario
from sim.model.tilting import Tilt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["finish_sweep", "run_sweep", "sweep", "sweep_piece"]

_PIECE = 25  # cases


_COUNT = 256  # points of a replicate


_PATHS = 200_000


_METHODS = ("auto", "paths")


_MARK = "sweep.sha256"
"""File that says of which sweep the pieces are."""


Row = tuple[int, str, str, str, float, float]


def sweep(
    model: Model | Plan | str | Path | Sequence[Model | Plan | str | Path],
    design: str | Path | Mapping[str, object],
    *,
    seed: int = 2024,
    all_targets: bool = False,
    method: str = "auto",
    folder: str | Path | None = None,
    advance: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """Compute the odds under every case of a design over numbers of a scenario, of targets or of the calibration.

    Parameters
    ----------
    model : Model, Plan, str, Path or sequence of them
        A model, or the plan, its folder or shipped name; of several, each has the same cases.
    design : str, Path or mapping
        A YAML file, or what one may hold: `scenario` (a name, file or `Scenario`), `design` (`grid`, `list` or
        `latin_hypercube`, with `cases`) and `vary`, values by the path of a number.
    seed, all_targets, method, advance, executor
        As for `run_sweep`.
    folder : str or Path, optional
        A new folder where finished cases are kept, so that a sweep that was stopped goes on when it is called again;
        it is removed in the end. None keeps none.

    Returns
    -------
    DataFrame
        As of `run_sweep`: a row for each case, target and reading, with both the varied numbers and the odds; where
        several plans are given, a column `plan` of their names leads.

    Raises
    ------
    InputError
        With every fault of the models, the design and its cases.
    OutputError
        If `folder` holds something else.

    Examples
    --------
    >>> import sim
    >>> vary = {"shocks.export_slump.size_factor": [0, 1, 2]}
    >>> frame = sim.sweep("qingdao-2024", {"scenario": "export-slump", "design": "grid", "vary": vary})
    >>> met = frame[(frame.name == "gdp") & (frame.reading == "printed")].probability
    >>> bool(met.is_monotonic_decreasing), len(met)
    (True, 3)
    """
    task: Sweep | tuple[Sweep, ...]
    if isinstance(model, Sequence) and not isinstance(model, str):
        task = read_sweeps(design, try_all(*(partial(take_model, each) for each in model)))
    else:
        task = read_sweep(design, take_model(model))
    warn_of(dict.fromkeys(question for each in _list_sweeps(task) for question in each.warnings))
    with tempfile.TemporaryDirectory() as parent:
        pieces = Path(parent) / "pieces" if folder is None else Path(folder)
        found = run_sweep(task, pieces, seed, all_targets, executor, advance, method)
        finish_sweep(pieces)
    return found


def run_sweep(
    sweep: Sweep | Sequence[Sweep],
    folder: Path,
    seed: int = 2024,
    all_targets: bool = False,
    executor: Executor | None = None,
    advance: Callable[[int, int], None] | None = None,
    method: str = "auto",
) -> pd.DataFrame:
    """Run a sweep, or what is left of it.

    Parameters
    ----------
    sweep : Sweep or sequence of Sweep
        One; or the same over several plans, as `read_sweeps` gives them.
    folder : Path
        Where finished pieces are kept; one that holds pieces of the same sweep is gone on with.
    seed : int
        Of the points, which are the same for every case.
    all_targets : bool
        Every target with odds instead of the headline alone.
    executor : Executor, optional
        As for `do_pieces`.
    advance : callable, optional
        Called with the cases done and their number.
    method : str
        `auto`: the analytic road where the model allows; `paths`: 200,000 counted paths, which are kept for cases
        that change sizes by factors alone and have the headline alone.

    Returns
    -------
    DataFrame
        Columns case, one for each varied number, quantity (`target`, `joint`), name, reading, probability, mc_se;
        joint: all targets of the group of that name met. Before them plan, its name, where several were given. Odds are
        empty in cases whose judgements cannot be met or leave too little of the model.

    Raises
    ------
    OutputError
        If the folder holds something else.
    """
    import pandas as pd

    if method not in _METHODS:
        raise InputError([blame("method", f"unknown '{method}'", "allowed: " + ", ".join(_METHODS))])
    sweeps = _list_sweeps(sweep)
    _open_unfinished(folder, _mark(sweeps, seed, all_targets, method))
    pieces = _cut(sweeps, folder, seed, all_targets, method)
    left = [piece for piece in pieces if not piece.file.is_file()]
    of = sum(len(each.settings) for each in sweeps)
    done = of - sum(piece.cases for piece in left)
    for piece, rows in zip(left, do_pieces(sweep_piece, (each.work for each in left), executor), strict=True):
        frame = pd.DataFrame(rows, columns=["case", "quantity", "name", "reading", "probability", "mc_se"])
        temporary = piece.file.with_suffix(".part")
        frame.to_csv(temporary, index=False, float_format="%.8g")
        sync(temporary)
        temporary.replace(piece.file)  # whole or not at all
        done += piece.cases
        if advance is not None:
            advance(done, of)
    found = pd.concat([pd.read_csv(piece.file).assign(plan=piece.plan) for piece in pieces], ignore_index=True)
    varied = pd.DataFrame(sweeps[0].settings)
    varied.insert(0, "case", np.arange(1, len(varied) + 1))
    merged = found.merge(varied, on="case", how="left")
    odds = [name for name in found if name not in ("plan", "case")]
    return merged[[*([] if isinstance(sweep, Sweep) else ["plan"]), *varied, *odds]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Piece:
    """Some cases of one plan: the plan's name, their number, the file of their odds, and what a worker is sent."""

    plan: str
    cases: int
    file: Path
    work: tuple[Model, Scenario, int, Sequence[Setting], int, str]


def _list_sweeps(sweep: Sweep | Sequence[Sweep]) -> tuple[Sweep, ...]:
    return (sweep,) if isinstance(sweep, Sweep) else tuple(sweep)


def _cut(sweeps: Sequence[Sweep], folder: Path, seed: int, all_targets: bool, method: str) -> list[_Piece]:
    """Cut sweeps into pieces; files are numbered by the cases before them, of all plans."""
    pieces, before = list[_Piece](), 0
    for sweep in sweeps:
        model = sweep.model if all_targets else _keep_headline(sweep.model, sweep.scenario)
        for start in range(0, len(sweep.settings), _PIECE):
            settings = sweep.settings[start : start + _PIECE]
            pieces.append(
                _Piece(
                    plan=model.plan.name,
                    cases=len(settings),
                    file=folder / f"cases-{before:06d}.csv",
                    work=(model, sweep.scenario, start, settings, seed, method),
                )
            )
            before += len(settings)
    return pieces


def _mark(sweeps: Sequence[Sweep], seed: int, all_targets: bool, method: str) -> str:
    """Take one fingerprint of all sweeps."""
    marks = [_fingerprint(each, seed, all_targets, method) for each in sweeps]
    return marks[0] if len(marks) == 1 else sha256("".join(marks).encode()).hexdigest()


def _keep_headline(model: Model, scenario: Scenario) -> Model:
    """Keep the headline targets of a model alone, members of composites among them, and what rules wait for."""
    plan = model.plan
    members = {name for each in plan.composites if each in plan.headline for name in each.members}
    waited = {rule.when.series for part, _ in scenario.parts for rule in part.rules.values()}
    kept = {target.id for target in plan.headline} | members | waited
    targets = tuple(target for target in plan.targets if target.id in kept)
    return build_model(replace(plan, targets=targets), model.calibration, model.files) if targets else model


def _fingerprint(sweep: Sweep, seed: int, all_targets: bool, method: str) -> str:
    """Take the fingerprint of everything that the results depend on."""
    from sim._version import __version__

    model = sweep.model
    asked = [__version__, seed, all_targets, method, [*map(dict, sweep.settings)]]
    held = [lay_out(describe_scenario(sweep.scenario), ""), lay_out(model.calibration, "")]
    digest = sha256(json.dumps([*asked, *held, [lay_out(each, "") for each in model.plan.targets]]).encode())
    for path in (*sweep.model.files, *sweep.scenario.files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _open_unfinished(folder: Path, mark: str) -> None:
    try:
        if folder.is_dir() and any(folder.iterdir()):
            kept = folder / _MARK
            if not kept.is_file() or kept.read_text() != mark:
                raise OutputError(f"{folder}: holds pieces of another sweep; remove it or name another `folder`")
            return
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / f"{_MARK}.part"
        temporary.write_text(mark)
        temporary.replace(folder / _MARK)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from None


def finish_sweep(folder: Path) -> None:
    """Remove the pieces of a finished sweep, and their folder if it holds nothing else.

    Parameters
    ----------
    folder : Path
    """
    for path in (*folder.glob("cases-*.csv"), *folder.glob("cases-*.part"), folder / _MARK):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def sweep_piece(
    model: Model, scenario: Scenario, start: int, settings: Sequence[Setting], seed: int, method: str = "auto"
) -> list[Row]:
    """Compute some cases of a sweep: a piece of work that any executor can do.

    Parameters
    ----------
    model : Model
    scenario : Scenario
    start : int
        Cases before these.
    settings : sequence of Setting
        One a case; points are laid anew where they change the calibration.
    seed : int
    method : str
        As for `run_sweep`.

    Returns
    -------
    list of tuple
        Case, quantity, name, reading, probability and its standard error.
    """
    points: Points | None = None
    kept: KeptPaths | None = None
    rows: list[Row] = []
    fitted: dict[tuple[Target, ...], Calibration] = {}

    def hold(calibration: Calibration, plan: Plan) -> tuple[Calibration, tuple[Fault, ...]]:
        if plan.growth not in fitted:
            fitted[plan.growth] = hold_calibration(calibration, plan)[0]
        return fitted[plan.growth], ()

    for number, setting in enumerate(settings, start + 1):
        changed, shocked, _ = set_numbers(model, scenario, setting, hold)
        factors = {path.split(".")[1]: float(value) for path, value in setting.items() if path.endswith(f".{FACTOR}")}
        if method == "paths" and len(factors) == len(setting) and _can_keep(model, scenario):
            kept = kept or keep_paths(model, scenario, _PATHS, seed, SerialExecutor())
            rows += _recount_case(number, kept, factors)
        elif method == "paths" or explain_paths(changed, shocked):
            rows += _count_case(number, changed, shocked, seed)
        else:
            if points is None or changed.law is not points.model.law:
                points = lay_points(changed, _COUNT, seed)
            rows += _integrate_case(number, changed, shocked, replace(points, model=changed))
    return rows


def _can_keep(model: Model, scenario: Scenario) -> bool:
    judged = model.plan.judged
    if scenario.mixture or scenario.rules or scenario.judgements:
        return False
    return model.plan.growth == judged and len(judged) <= MOST_TARGETS


def _recount_case(number: int, kept: KeptPaths, factors: dict[str, float]) -> list[Row]:
    odds = kept.judge(factors)
    error = estimate_error((odds * kept.n_paths).round().astype(np.int64), kept.n_paths)
    names = [("target", name) for name in kept.targets] + [("joint", "headline")]
    return [(number, *name, READINGS[0], float(odds[place]), float(error[place])) for place, name in enumerate(names)]


def _integrate_case(number: int, model: Model, scenario: Scenario, points: Points) -> list[Row]:
    if scenario.mixture or scenario.judgements:
        integrals = integrate_scenarios(
            model, [scenario], points.count, points.seed, SerialExecutor(), lambda: None, None, None
        )[0]
    else:
        integrals = integrate(points, compile_scenario(model, scenario, with_rules=True))
    met, error = integrals.met.mean(axis=-1), estimate_replicate_error(integrals.met, points.count)
    if not _is_left(scenario, integrals.tilt):
        nothing = {group: each * np.nan for group, each in integrals.number_met.items()}
        integrals = replace(integrals, number_met=nothing)
        met, error = met * np.nan, error * np.nan
    rows: list[Row] = [
        (number, "target", target.id, reading, float(met[row, place]), float(error[row, place]))
        for place, target in enumerate(model.plan.judged)
        for row, reading in list_readings(model.plan, target)
        if row < len(READINGS)
    ]
    for group, exactly in integrals.number_met.items():
        joint = exactly[-1]
        rows.append(
            (
                number,
                "joint",
                group,
                READINGS[0],
                float(joint.mean()),
                float(estimate_replicate_error(joint, points.count)),
            )
        )
    return rows


def _is_left(scenario: Scenario, tilt: Tilt | None) -> bool:
    """Tell whether judgements can be met and leave enough of the model."""
    try:
        return tilt is None or check_tilt(scenario, tilt) is not None
    except InputError:
        return False


def _count_case(number: int, model: Model, scenario: Scenario, seed: int) -> list[Row]:
    serial = SerialExecutor()
    tilts = tilt_scenarios(model, [scenario], _PATHS, seed, serial)
    units, _ = weigh_first_paths(model, [scenario], _PATHS, seed, None, None, tilts)
    (tally,) = count_scenarios(model, [scenario], _PATHS, seed, serial, units=units, tilts=tilts)
    attainment = divide(tally, seed)
    if not _is_left(scenario, tilts[0]):
        nothing = {group: each * np.nan for group, each in attainment.number_met.items()}
        attainment = replace(attainment, met=attainment.met * np.nan, number_met=nothing)
    odds = attainment.odds[attainment.odds.reading.isin(READINGS)]
    rows: list[Row] = [
        (number, "target", row["target"], row["reading"], row["probability"], row["mc_se"])
        for row in odds.to_dict("records")
    ]
    joint = attainment.joint.groupby("group", sort=False).tail(1)
    return rows + [
        (number, "joint", row["group"], READINGS[0], row["probability"], row["mc_se"])
        for row in joint.to_dict("records")
    ]
