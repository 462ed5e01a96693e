"""A finished run, run again as its manifest says, so that a report shows the same numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import fields
from pathlib import Path
from typing import Any

from sim.engine.pieces import Advance
from sim.engine.run import run
from sim.errors import Fault, InputError
from sim.inputs.bundled import exists, find_scenario
from sim.inputs.files.staging import MANIFEST
from sim.inputs.plan.reading import read_plan
from sim.inputs.published.figures import Published
from sim.inputs.published.reading import read_published
from sim.inputs.scenario.building import recall_scenario, take_scenarios
from sim.inputs.scenario.reading import Scenario
from sim.learning.loading import load_model
from sim.model.model import Model
from sim.results.manifest import describe_origin, find_given
from sim.results.run import Run
from sim.results.settings import RunSettings

__all__ = [
    "find_changed_inputs",
    "find_run",
    "read_manifest",
    "recall_figures",
    "recall_inputs",
    "refuse_changed",
    "repeat",
    "repeat_unchecked",
]

_KEYS: dict[str, type] = {
    "plan": str,
    "scenarios": list,
    "settings": dict,
    "inputs": dict,
    "given": dict,
}


_SETTINGS = [each.name for each in fields(RunSettings) if each.name != "tolerance"]  # the manifest has what it took


_CLOSE = 2e-6  # tables have six digits after the point


def find_run(given: Sequence[str]) -> Path | None:
    """Find the folder of a run, if that is what was named.

    Parameters
    ----------
    given : sequence of str
        A folder that `sim run` wrote, or scenarios.

    Returns
    -------
    Path or None
        None if scenarios were named.

    Raises
    ------
    InputError
        If a folder is named together with anything else, or no run wrote it.

    Examples
    --------
    >>> find_run(["baseline", "export-slump"]) is None
    True
    """
    folders = [name for name in given if _is_folder(name)]
    if not folders:
        return None
    if len(given) > 1:
        problem = "is a folder named together with other things"
        raise InputError([Fault(folders[0], 0, 0, problem, "name one run, or scenarios")])
    folder = Path(folders[0])
    if not (folder / MANIFEST).is_file():
        raise InputError([Fault(folders[0], 0, 0, f"holds no {MANIFEST}", "name a folder that `sim run` wrote")])
    return folder


def _is_folder(name: str) -> bool:
    """Whether a folder is meant; one that no run wrote may share its name with a scenario."""
    folder = Path(name)
    if not exists(folder) or not folder.is_dir():
        return False
    return (folder / MANIFEST).is_file() or not exists(find_scenario(name))


def repeat(folder: Path, advance: Advance | None = None, executor: Executor | None = None) -> Run:
    """Run a finished run again.

    Parameters
    ----------
    folder : Path
        That `sim run` wrote.
    advance, executor
        As for `sim.run`.

    Returns
    -------
    Run
        With the paths and points that the run took.

    Raises
    ------
    InputError
        If the manifest is no run's, an input has changed since, or the numbers come out otherwise.
    """
    manifest = read_manifest(folder)
    refuse_changed(manifest, folder)
    result = repeat_unchecked(manifest, folder, advance, executor)
    _compare(result, folder)
    return result


def refuse_changed(manifest: dict[str, Any], folder: Path) -> None:
    """Refuse a run whose inputs are no longer those that it was made of.

    Parameters
    ----------
    manifest : dict
        As `read_manifest` gives it.
    folder : Path
        Of the run.

    Raises
    ------
    InputError
        With their names.
    """
    if changed := find_changed_inputs(manifest, folder):
        problem = f"inputs have changed since this run: {', '.join(changed)}"
        raise InputError([Fault(str(folder / MANIFEST), 0, 0, problem, "run it anew with `sim run`")])


def find_changed_inputs(manifest: dict[str, Any], folder: Path, figures: bool = True) -> list[str]:
    """Find the inputs of a run that have changed since, or are others, by their names in its manifest.

    Parameters
    ----------
    manifest : dict
        As `read_manifest` gives it.
    folder : Path
        Of the run.
    figures : bool
        Whether the file of published figures is one of them: the manifest holds its rows too.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If an input cannot be read.
    """
    model, scenarios = recall_inputs(manifest, folder)
    files = [*model.files, *(file for each in scenarios for file in each.files)]
    noted = dict(manifest["inputs"])
    if figures:
        published = recall_figures(manifest, folder, model)
        files += published.files if published else ()
    else:
        given = manifest["given"].get("published") or {}
        last = _name_figures(str(given.get("file") or ""))
        noted = {name: digest for name, digest in noted.items() if Path(name).name != last}
        files = [file for file in files if file.name != last]
    found: Any = describe_origin(files)["inputs"]
    return sorted(name for name in {*found, *noted} if found.get(name) != noted.get(name))


def _name_figures(given: str) -> str:
    """Name the file that published figures were read from, without its folder."""
    return Path(given).name if Path(given).suffix else f"{given}.csv" if given else "published.csv"


def repeat_unchecked(
    manifest: dict[str, Any], folder: Path, advance: Advance | None = None, executor: Executor | None = None
) -> Run:
    """Run a finished run again, whether or not its inputs have changed and whatever its tables say.

    Parameters
    ----------
    manifest : dict
        As `read_manifest` gives it.
    folder : Path
        Of the run.
    advance, executor
        As for `sim.run`.

    Returns
    -------
    Run
    """
    model, scenarios = recall_inputs(manifest, folder)
    return run(
        model,
        scenarios,
        **{name: manifest["settings"][name] for name in _SETTINGS if name in manifest["settings"]},
        advance=advance,
        executor=executor,
        published=recall_figures(manifest, folder, model),
        even_so=True,
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """Read the manifest of a run.

    Raises
    ------
    InputError
        If it cannot be read, or is not one of `sim run`.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError([Fault(str(path), 0, 0, f"cannot be read ({error})")]) from None
    if not isinstance(manifest, dict):
        manifest = {}
    wrong = [key for key, kind in _KEYS.items() if not isinstance(manifest.get(key), kind)]
    if wrong:
        problem = f"is not the manifest of `sim run`: no {', '.join(wrong)}"
        raise InputError([Fault(str(path), 0, 0, problem, "name a folder that `sim run` wrote")])
    return manifest


def recall_inputs(manifest: dict[str, Any], folder: Path) -> tuple[Model, list[Scenario]]:
    """Read plan, calibration and scenarios of a run as they were asked for; no scenario means the default ones.

    Parameters
    ----------
    manifest : dict
        As `read_manifest` gives it.
    folder : Path
        Of the run.

    Returns
    -------
    model : Model
    scenarios : list of Scenario

    Raises
    ------
    InputError
        If one of them came from code, or cannot be read.
    """
    given, place = manifest["given"], str(folder / MANIFEST)
    for name in ("plan", "calibration"):
        if not isinstance(given.get(name), str):
            problem = f"the {name} of this run came from code, and no file holds it"
            raise InputError([Fault(place, 0, 0, problem, "run it anew")])
    plan = read_plan(find_given(given["plan"], folder))
    model = load_model(plan, find_given(given["calibration"], folder) or None)
    named = given.get("scenarios") or []
    try:
        chosen = [_name_again(each, folder) for each in named]
    except (KeyError, TypeError, ValueError) as error:
        raise InputError([Fault(place, 0, 0, f"a scenario cannot be read ({error})", "run it anew")]) from None
    return model, take_scenarios(chosen or None, plan)


def _name_again(noted: object, folder: Path) -> str | Scenario:
    """Name a scenario by its parts, or recall one that was written out."""
    if isinstance(noted, dict):
        return recall_scenario(noted["name"], noted)
    parts = noted if isinstance(noted, list) else [noted]
    return "+".join(find_given(str(part), folder) for part in parts)


def recall_figures(manifest: dict[str, Any], folder: Path, model: Model) -> Published | None:
    """Read the published figures that a run was given, as of the day that it was given.

    Parameters
    ----------
    manifest : dict
        As `read_manifest` gives it.
    folder : Path
        Of the run.
    model : Model

    Returns
    -------
    Published or None
        None where the run knew of none.

    Raises
    ------
    InputError
        If they came from code, or cannot be read.
    """
    if "published" not in manifest["given"]:
        return None
    given = manifest["given"]["published"]
    if not isinstance(given, dict) or not isinstance(given.get("file"), str):
        problem = "the published figures of this run came from code, and no file holds them"
        raise InputError([Fault(str(folder / MANIFEST), 0, 0, problem, "run it anew")])
    figures = read_published(model.plan, find_given(given["file"], folder) or None)
    return figures.as_of(given["as_of"]) if given.get("as_of") else figures


def _compare(result: Run, folder: Path) -> None:
    """Refuse if the run's own table says otherwise: it was made by another version."""
    import numpy as np
    import pandas as pd

    from sim.results.tables import summarize

    path = folder / "attainment.csv"
    try:
        noted = pd.read_csv(path)["probability"].to_numpy()
    except (OSError, ValueError, KeyError) as error:
        raise InputError([Fault(str(path), 0, 0, f"cannot be read ({error})")]) from None
    found = summarize(result.attainments, "odds")["probability"].to_numpy()
    if noted.shape != found.shape or not np.allclose(noted, found, rtol=0, atol=_CLOSE, equal_nan=True):
        problem = "holds other numbers than this version computes from the same inputs"
        raise InputError([Fault(str(path), 0, 0, problem, "run it anew with `sim run`")])
