"""Plans and scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DEFAULT_PLAN", "find_plan", "find_scenario", "list_plans", "list_scenarios"]

DEFAULT_PLAN = "qingdao-2024"
_INSTALLED = Path(__file__).parent / "shipped"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent


def list_plans() -> list[str]:
    """Names of the shipped plans, sorted.

    Examples
    --------
    >>> "qingdao-2024" in list_plans()
    True
    """
    return sorted(path.parent.name for path in (_ROOT / "seeds").glob("*/plan.csv"))


def list_scenarios(plan_folder: Path | None = None) -> list[Path]:
    """Scenario files of a plan: those in its own folder `scenarios`, else the shipped ones; baseline first.

    Parameters
    ----------
    plan_folder : Path, optional
        The plan's folder; None means a shipped plan's.

    Examples
    --------
    >>> [path.stem for path in list_scenarios()][0]
    'baseline'
    """
    own = plan_folder / "scenarios" if plan_folder else None
    folder = own if own and own.is_dir() else _ROOT / "scenarios"
    return sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "baseline", path.stem))


def find_plan(name: str | Path) -> Path:
    """The folder of a plan given by path or, if there is no such path, by a shipped name."""
    path = Path(name)
    if not path.exists() and str(name) in list_plans():
        return _ROOT / "seeds" / str(name)
    return path


def find_scenario(name: str, beside: Path | None = None) -> Path:
    """The file of a scenario given by path or by name: beside another file, else among the shipped ones.

    Parameters
    ----------
    name : str
        `export-slump`, or a path such as `mine/storm.yaml`.
    beside : Path, optional
        The folder to look in first; None means the current one.

    Returns
    -------
    Path
        An existing file if there is one; otherwise the path as written, for the error message.
    """
    if name.endswith((".yaml", ".yml")):
        path = Path(name)
        return beside / path if beside and not path.is_absolute() else path
    for folder in (beside or Path(), _ROOT / "scenarios"):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    return (beside or Path()) / f"{name}.yaml"
