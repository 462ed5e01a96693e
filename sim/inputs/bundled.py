"""Plans and scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "DEFAULT_PLAN",
    "exists",
    "find_plan",
    "find_published",
    "find_scenario",
    "find_seed",
    "has_scenarios",
    "list_plans",
    "list_published",
    "list_scenario_files",
]

DEFAULT_PLAN = "qingdao-2024"


_INSTALLED = Path(__file__).parent.parent / "data"


_ROOT = _INSTALLED if _INSTALLED.is_dir() else Path(__file__).parent.parent.parent


def exists(path: Path) -> bool:
    """Tell whether a path is there; one that the system cannot even name is not.

    Parameters
    ----------
    path : Path

    Returns
    -------
    bool

    Examples
    --------
    >>> exists(Path("a" * 1000)), exists(Path("/"))
    (False, True)
    """
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def list_plans() -> list[str]:
    """List the names of the shipped plans in alphabetical order.

    Returns
    -------
    list of str

    Examples
    --------
    >>> "qingdao-2024" in list_plans()
    True
    """
    return sorted(path.parent.name for path in (_ROOT / "seeds").glob("*/plan.csv"))


def list_scenario_files(plan_folder: Path | None = None) -> list[Path]:
    """List the scenario files of a plan: those in its own folder `scenarios`, else the shipped ones.

    Parameters
    ----------
    plan_folder : Path, optional
        The plan's folder; None means a shipped plan's.

    Returns
    -------
    list of Path
        The baseline first.

    Examples
    --------
    >>> [path.stem for path in list_scenario_files()][0]
    'baseline'
    """
    own = plan_folder / "scenarios" if plan_folder else None
    folder = own if own and own.is_dir() else _ROOT / "scenarios"
    return sorted(folder.glob("*.yaml"), key=lambda path: (path.stem != "baseline", path.stem))


def has_scenarios(plan_folder: Path) -> bool:
    """Tell whether a plan comes with scenarios: in its own folder, or as a shipped plan.

    Parameters
    ----------
    plan_folder : Path

    Returns
    -------
    bool
    """
    return exists(plan_folder / "scenarios") or plan_folder.resolve().parent == (_ROOT / "seeds").resolve()


def find_plan(name: str | Path) -> Path:
    """Find the folder of a plan given by a shipped name or by path.

    Parameters
    ----------
    name : str or Path
        A shipped name stands for the shipped plan whatever lies in the current folder, which is `./name`; a Path that
        exists is a path.

    Returns
    -------
    Path
        As written if it is neither.
    """
    path = Path(name)
    if str(name) in list_plans() and (isinstance(name, str) or not exists(path)):
        return _ROOT / "seeds" / str(name)
    return path


def find_seed(name: str) -> Path:
    """Find a shipped file that belongs to no plan.

    Parameters
    ----------
    name : str

    Returns
    -------
    Path

    Examples
    --------
    >>> find_seed("panel.yaml").name
    'panel.yaml'
    """
    return _ROOT / "seeds" / name


def list_published(plan: str) -> list[str]:
    """List the shipped examples of published figures of a plan.

    Parameters
    ----------
    plan : str
        Name of the plan.

    Returns
    -------
    list of str
        In alphabetical order; each begins with the plan's name.

    Examples
    --------
    >>> list_published("qingdao-2024")
    ['qingdao-2024-h1']
    """
    return sorted(path.stem for path in (_ROOT / "seeds" / "published").glob(f"{plan}-*.csv"))


def find_published(name: str) -> Path:
    """Find the file of a shipped example of published figures.

    Parameters
    ----------
    name : str

    Returns
    -------
    Path
    """
    return _ROOT / "seeds" / "published" / f"{name}.csv"


def find_scenario(name: str, beside: Path | None = None, plan_folder: Path | None = None) -> Path:
    """Find the file of a scenario given by path or by name: beside another file, of a plan, or among the shipped ones.

    Parameters
    ----------
    name : str
        `export-slump`, or a path such as `mine/storm.yaml`.
    beside : Path, optional
        The folder to look in first; None means to look in the current one last, where a file of the same name does
        not stand for what comes with the plan or the package.
    plan_folder : Path, optional
        The plan whose own scenarios come before the shipped ones of the same name.

    Returns
    -------
    Path
        An existing file if there is one; otherwise the path as written, for the error message.
    """
    path = (beside or Path()) / name
    if path.suffix in (".yaml", ".yml") or (path.suffix and exists(path)):
        return path
    own = [plan_folder / "scenarios"] if plan_folder else []
    coming = [*own, _ROOT / "scenarios"]
    for folder in (beside, *coming) if beside else (*coming, Path()):
        if exists(folder / f"{name}.yaml"):
            return folder / f"{name}.yaml"
    return (beside or Path()) / f"{name}.yaml"
