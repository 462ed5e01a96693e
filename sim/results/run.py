"""A run: the odds of several scenarios of one plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import find_nearest
from sim.html import tabulate
from sim.inputs.bundled import find_plan, find_published, find_scenario, list_plans, list_scenario_files
from sim.inputs.files.folders import open_folder
from sim.inputs.files.staging import MANIFEST
from sim.inputs.files.values import lay_out
from sim.inputs.plan.plan import Plan
from sim.inputs.published.figures import Published
from sim.inputs.scenario.building import describe_scenario
from sim.inputs.scenario.inheritance import split_composition
from sim.inputs.scenario.reading import Scenario
from sim.model.model import Model
from sim.results.attainment import Attainment
from sim.results.manifest import describe_origin, place_given, shorten_paths, write_manifest
from sim.results.settings import RunSettings
from sim.results.tables import compare_errors, list_without_odds, summarize, write_table

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

__all__ = ["Deviation", "Run", "show_run", "tell_published"]


@dataclass(frozen=True)
class Deviation:
    """A probability in which the two roads differ by more than chance explains.

    Attributes
    ----------
    scenario, target, reading : str
        Of a group, `target` is its name and `reading` how many of it are met.
    analytic, paths, z : float
        Both probabilities, and their difference in standard errors.
    """

    scenario: str
    target: str
    reading: str
    analytic: float
    paths: float
    z: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Run(Mapping[str, Attainment]):
    """The odds of every scenario, on the same draws: a mapping of scenario names to attainments.

    Its tables `odds`, `joint`, `conditional`, `quantiles` and `uncertainty` hold all scenarios, in the column of that
    name.

    Attributes
    ----------
    model : Model
    scenarios : tuple of Scenario
    attainments : tuple of Attainment
        In the order of the scenarios.
    settings : RunSettings
        As asked for, with the paths and points that it took.
    deviations : tuple of Deviation
        Where the roads differ by more than four standard errors: a fault of the program, to be reported.
    published : Published, optional
        Figures of the year on which the odds are conditioned.

    See Also
    --------
    sim.run : Makes one.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", ["baseline", "export-slump"], n_paths=1000, n_calibrations=0)
    >>> list(result), len(result["export-slump"].odds) == len(result.odds) / 2
    (['baseline', 'export-slump'], True)
    """

    model: Model
    scenarios: tuple[Scenario, ...]
    attainments: tuple[Attainment, ...]
    settings: RunSettings
    deviations: tuple[Deviation, ...] = ()
    published: Published | None = None

    def __getitem__(self, name: str) -> Attainment:
        names = [scenario.name for scenario in self.scenarios]
        if name not in names:
            nearest = find_nearest(name, names)
            hint = f"; did you mean {nearest!r}?" if nearest else ""
            raise KeyError(f"the run has no scenario {name!r}, but {', '.join(names)}{hint}")
        return self.attainments[names.index(name)]

    def __iter__(self) -> Iterator[str]:
        return iter(scenario.name for scenario in self.scenarios)

    def __len__(self) -> int:
        return len(self.scenarios)

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Probability of each target in each reading, as `Attainment.odds`, of all scenarios."""
        return summarize(self.attainments, "odds")

    @cached_property
    def joint(self) -> pd.DataFrame:
        """Probability that so many targets are met together, as `Attainment.joint`, of all scenarios."""
        return summarize(self.attainments, "joint")

    @cached_property
    def conditional(self) -> pd.DataFrame:
        """Probability given that another target is missed, as `Attainment.conditional`, of all scenarios."""
        return summarize(self.attainments, "conditional")

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """Quantiles of growth and deliveries, as `Attainment.quantiles`, of all scenarios."""
        return summarize(self.attainments, "quantiles")

    @cached_property
    def uncertainty(self) -> pd.DataFrame:
        """Odds of each target as printed, with their error, range and what they would be of an exact calibration.

        Returns
        -------
        DataFrame
            Columns scenario, target, probability, mc_se, range_low, range_high, exact_calibration.
        """
        return compare_errors(self.attainments)

    @property
    def without_odds(self) -> pd.DataFrame:
        """Targets of the plan that have no odds: columns target, name_en, name_zh, section, kind, reason."""
        return list_without_odds(self.model.plan)

    @property
    def surprise(self) -> pd.DataFrame:
        """How likely figures as far out as the published ones were, or farther, each given the earlier ones.

        Returns
        -------
        DataFrame
            Columns scenario, figure, tail_probability, effective (points or paths of equal weight that are left, given
            all figures); no rows where nothing is published.
        """
        import pandas as pd

        rows = [
            (each.scenario.name, name, tail, each.n_effective)
            for each in self.attainments
            if each.evidence is not None
            for name, tail in zip(each.evidence.names, each.evidence.tails, strict=True)
        ]
        return pd.DataFrame(rows, columns=["scenario", "figure", "tail_probability", "effective"])

    @property
    def weights(self) -> pd.DataFrame:
        """Which part of a mixture the published figures favour.

        Returns
        -------
        DataFrame
            Columns scenario (the mixture), part, before (its weight in the file), after (given the figures: before
            times how likely they are in that part, over the sum of all), se (standard error of after); no rows where
            nothing is published or nothing mixed.
        """
        import pandas as pd

        rows = [
            (each.scenario.name, part.name, before, *after)
            for each in self.attainments
            if each.evidence is not None and each.scenario.mixture
            for (part, before), after in zip(
                each.scenario.mixture, each.evidence.share_weights(len(each.scenario.mixture)), strict=True
            )
        ]
        return pd.DataFrame(rows, columns=["scenario", "part", "before", "after", "se"])

    @property
    def judgements(self) -> pd.DataFrame:
        """Ledger of the judgements of all scenarios: who says what and why, what it moves, and how surprising it is.

        Returns
        -------
        DataFrame
            As `sim.results.ledger.Ledger.table`; no rows where nothing is judged.
        """
        import pandas as pd

        kept = [each.ledger.table for each in self.attainments if each.ledger is not None]
        return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame()

    @property
    def moved(self) -> pd.DataFrame:
        """What judgements move beside what they speak of, the largest change of each scenario first.

        Returns
        -------
        DataFrame
            Columns scenario, target, before, after, change: odds as printed without the judgements and with them. No
            rows where nothing is judged, nor of a run that was read back.
        """
        import pandas as pd

        places = {target.id: place for place, target in enumerate(self.model.plan.judged)}
        rows = [
            (each.scenario.name, target, before, after, after - before)
            for each in self.attainments
            if each.ledger is not None
            for target, before, after in each.ledger.list_all_moved(each.met, places)
        ]
        return pd.DataFrame(rows, columns=["scenario", "target", "before", "after", "change"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the run by the names of their files."""
        return {
            "attainment": self.odds,
            "joint": self.joint,
            "conditional": self.conditional,
            "quantiles": self.quantiles,
            "uncertainty": self.uncertainty,
            "without_odds": self.without_odds,
            **({"surprise": self.surprise} if self.published else {}),
            **({"weights": self.weights} if len(self.weights) else {}),
            **({"judgements": judged} if len(judged := self.judgements) else {}),
            **({"moved": moved} if len(moved := self.moved) else {}),
        }

    def describe(self, command: Sequence[str] = (), folder: Path | None = None) -> dict[str, Any]:
        """Describe what was asked for, and what it was made with and of, as the manifest keeps it.

        Parameters
        ----------
        command : sequence of str
            The command line, if there was one.
        folder : Path, optional
            Where the result is going to stand: inputs are noted by their paths from there.

        Returns
        -------
        dict
            Of plain values. `given` holds what repeats the run: names and files; scenarios built in code are written
            out; null stands for a plan or calibration from code.
        """
        scenarios, plan = self.scenarios, self.model.plan
        place = folder or Path()
        named = [_name_given(scenario, plan, place) for scenario in scenarios]
        default = all(scenario.given == "" for scenario in scenarios)
        files = [file for scenario in scenarios if scenario.given is not None for file in scenario.files]
        return {
            "command": shorten_paths(command),
            "plan": plan.name,
            "scenarios": list(self),
            "given": {
                "plan": _name_plan(plan, place),
                "calibration": self.model.given and place_given(self.model.given, Path(self.model.given), place),
                "scenarios": [] if default else named,
                **({"published": _name_published(self.published, place)} if self.published else {}),
            },
            "settings": asdict(self.settings),
            **tell_published(self.published),
            **({"judgements": _list_rows(judged)} if len(judged := self.judgements) else {}),
            **(
                {"warnings": [str(replace(each, file=Path(each.file).name)) for each in self.model.warnings]}
                if self.model.warnings
                else {}
            ),
            **describe_origin([*self.model.files, *files, *(self.published.files if self.published else ())]),
        }

    def write(self, folder: Path, command: Sequence[str] = (), place: str | Path | None = None) -> list[Path]:
        """Write the tables and the manifest into an existing folder.

        Parameters
        ----------
        folder : Path
        command : sequence of str
            As for `describe`.
        place : str or Path, optional
            Where the folder is going to stand, if it is a temporary one.

        Returns
        -------
        list of Path
            The files written.
        """
        for name, frame in self.tables.items():
            write_table(frame, folder / f"{name}.csv")
        write_manifest(folder, self.describe(command, Path(place or folder)))
        return [*(folder / f"{name}.csv" for name in self.tables), folder / MANIFEST]

    def save(self, out: str | Path, force: bool = False) -> list[Path]:
        """Write the tables and the manifest into a folder, as `sim run --no-charts` does.

        Parameters
        ----------
        out : str or Path
            A new folder, an empty one, or one that holds an earlier run, which is replaced; other files in it stay.
        force : bool
            Whether to replace files of the same names that no run wrote, or that have been changed.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        OutputError
            If something in `out` would be lost, or it cannot be written; nothing has changed then.

        See Also
        --------
        sim.charts.write_charts : Writes the charts of a run.
        sim.write_report, sim.write_workbook : Write it as a page and as a workbook.
        """
        with open_folder(out, result="run", force=force) as folder:
            names = [path.name for path in self.write(folder, place=out)]
        return [Path(out) / name for name in names]

    @property
    def largest_error(self) -> float:
        """Largest standard error that is stated of any odds: more than the tolerance asked for, where it is missed."""
        return max(each.largest_error for each in self.attainments)

    @property
    def n_paths(self) -> int:
        """Paths that were counted, of each scenario."""
        return int(self.settings.n_paths or 0)

    def to_xarray(self) -> xr.Dataset:
        """Label all results as arrays.

        Returns
        -------
        xarray.Dataset
            See `sim.results.attainment.label_attainments`.

        Raises
        ------
        SimError
            If xarray is not installed.
        """
        from sim.results.attainment import label_attainments

        return label_attainments(self.attainments)

    def __repr__(self) -> str:
        return f"<Run of {self.model.plan.name}: {', '.join(self)}; seed {self.settings.seed}>"

    def _repr_html_(self) -> str:

        return show_run(self)


def _list_rows(table: pd.DataFrame) -> list[dict[str, object]]:
    """List the rows of a table as plain values, empty cells left out."""
    rows = table.to_dict("records")
    return [{str(key): value for key, value in row.items() if value == value and value != ""} for row in rows]


def tell_published(published: Published | None) -> dict[str, Any]:
    """Tell the figures on which odds are conditioned, so that they can be had again without their file."""
    if not published:
        return {}
    asof = None if published.asof is None else published.asof.isoformat()
    return {"published": [figure.row for figure in published], "as_of": asof}


def _name_given(scenario: Scenario, plan: Plan, folder: Path) -> str | list[str] | dict[str, Any]:
    """Name what a scenario can be had by again: names and paths of its parts, or all that is in it."""
    if scenario.given is not None:
        known = [file.resolve() for file in (*list_scenario_files(), *list_scenario_files(plan.folder))]
        parts = []
        for part in split_composition(scenario.given or scenario.name, plan.folder):
            found = find_scenario(part, plan_folder=plan.folder)
            named = found.resolve() in known and part == found.stem
            parts.append(part if named else place_given(part, found, folder))
        return parts[0] if len(parts) == 1 else parts
    return {"name": scenario.name, **lay_out(describe_scenario(scenario), scenario.name)}


def _name_plan(plan: Plan, folder: Path) -> str | None:
    """Name a plan that comes with the package, or the path of any other."""
    if not plan.given or plan.given in list_plans():
        return plan.given
    return place_given(plan.given, find_plan(plan.given), folder)


def _name_published(published: Published, folder: Path) -> dict[str, str | None] | None:
    """Name what figures can be had by again; None where they came from code."""
    if not published.files:
        return None
    given, file = published.given or "", published.files[0]
    if given and file != find_published(given):  # a shipped example keeps its name
        given = place_given(given, file, folder)
    return {"file": given, "as_of": str(published.asof) if published.asof else None}


def show_run(run: Run) -> str:
    """Show a run: headline odds by scenario, and those of all headline targets together, in per cent.

    Parameters
    ----------
    run : Run

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("qingdao-2024", "baseline", n_paths=1000, n_calibrations=0)
    >>> show_run(result)[:35]
    '<p>Qingdao 2024: odds as printed, %'
    """
    plan = run.model.plan
    targets = plan.headline or plan.judged
    rows = []
    for attainment in run.attainments:
        stated = attainment.odds[attainment.odds.reading == "printed"].set_index("target")
        joint = attainment.joint[attainment.joint.group == ("headline" if plan.headline else "all")]
        odds = [*(float(stated.probability[target.id]) for target in targets), float(joint.probability.iloc[-1])]
        titles = attainment.scenario.title_en, attainment.scenario.title_zh
        rows.append((*titles, *(f"{100 * each:.1f}" for each in odds)))
    heads = ["scenario", "情景", *(target.name_en for target in targets), "all of them"]
    words = f"{plan.place_en} {plan.year_name}: odds as printed, %; seed {run.settings.seed}"
    return f"<p>{escape(words)}</p>{tabulate(heads, rows)}"
