"""Archives as tables of the terminal: their vintages, odds by vintage, and scores."""

from __future__ import annotations

import math

from rich.console import Console

from sim.analysis.archive_scores import ArchiveScores
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.readings import READINGS
from sim.results.archive import Archive
from sim.views.numbers import print_odds
from sim.views.phrases import name_both
from sim.views.terminal.tables import open_console, open_table, show

__all__ = ["print_archive", "print_scores", "print_vintages"]

_MOST = 8  # vintages beside one another


def print_archive(archive: Archive, console: Console | None = None) -> None:
    """Print the vintages of an archive, a line each, and the last digest.

    Parameters
    ----------
    archive : Archive
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    table = open_table(f"{archive.folder}: {archive.plan}", "every byte is as it was archived\n")
    for column in ("vintage", "as of", "figures", "scenarios", "digest"):
        table.add_column(column, justify="right" if column in ("vintage", "figures") else "left", overflow="fold")
    for row in archive.table.itertuples():
        table.add_row(str(row.vintage), str(row.as_of), str(row.figures), str(row.scenarios), str(row.digest)[:12])
    show(table, console)
    console.print(f"last digest {archive.vintages[-1].digest}", soft_wrap=True)


def print_vintages(archive: Archive, plan: Plan, scenario: str, every: bool, console: Console | None = None) -> None:
    """Print the odds of targets by vintage, as printed.

    Parameters
    ----------
    archive : Archive
    plan : Plan
    scenario : str
    every : bool
        Whether all targets, and not the headline alone.
    console : Console, optional
        None means standard output.
    """
    vintages = archive.vintages[-_MOST:]
    left_out = len(archive.vintages) - len(vintages)
    caption = "the last of the archive; --out writes them all\n" if left_out else ""
    table = open_table(f"{scenario}: odds as printed by vintage, %", caption)
    table.add_column("target", overflow="fold")
    for each in vintages:
        table.add_column(f"{each.number}\n{each.as_of:%m-%d}", justify="right")
    odds = archive.odds[(archive.odds.scenario == scenario) & (archive.odds.reading == READINGS[0])]
    known = {
        (target, vintage): float(share)
        for target, vintage, share in zip(odds.target, odds.vintage, odds.probability, strict=True)
    }
    for target in plan.judged if every else plan.headline:
        cells = [known.get((target.id, each.number), math.nan) for each in vintages]
        if not all(map(math.isnan, cells)):
            table.add_row(name_both(target), *(print_odds(cell, 1) for cell in cells))
    show(table, console or open_console())


def print_scores(scores: ArchiveScores, console: Console | None = None) -> None:
    """Print how archived odds did, by vintage.

    Parameters
    ----------
    scores : ArchiveScores
    console : Console, optional
        None means standard output.
    """
    met = sum(scores.met.values())
    table = open_table(
        f"{scores.plan.name}: archived odds against what came, {met} of {len(scores.met)} targets met",
        "the smaller the better; base: how often such targets were met before; first: the first vintage;\n"
        "all: each target once, its vintages in equal shares\n",
    )
    for column in ("scenario", "vintage", "as of", "n"):
        table.add_column(column, justify="right" if column in ("vintage", "n") else "left", overflow="fold")
    for column in ("Brier", "base", "first", "log", "base", "first"):
        table.add_column(column, justify="right")
    names = ["brier", "brier_base", "brier_first", "log", "log_base", "log_first"]
    for row in scores.table.to_dict("records"):
        table.add_row(
            *(str(row[name]) for name in ("scenario", "vintage", "as_of", "n")), *(f"{row[name]:.3f}" for name in names)
        )
    show(table, console or open_console())
