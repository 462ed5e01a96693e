"""Targets, calibration and track record at the terminal."""

from __future__ import annotations

import numpy as np
from rich.console import Console
from rich.table import Table

from sim.inputs.calibration import Calibration
from sim.inputs.plan.plan import Plan
from sim.inputs.plan.targets import Target, Unmeasured, describe_aim
from sim.inputs.quarters import name_cumulative
from sim.learning.backtest import Backtest
from sim.learning.record_backtest import read_record_scores
from sim.learning.track_record import list_verdicts
from sim.learning.within_year_backtest import WithinYearRecord, read_within_year_scores
from sim.model.growth import build_law, compute_spread_left
from sim.views.phrases import pair, say_record
from sim.views.terminal.tables import open_console, open_table, show
from sim.views.words import COMMA, Phrase, join, say

__all__ = ["print_backtest", "print_calibration", "print_targets", "print_trust"]


def print_targets(targets: list[Target], console: Console | None = None) -> None:
    """Print rows of the targets table.

    Parameters
    ----------
    targets : list of Target
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    table = open_table("", "1 target" if len(targets) == 1 else f"{len(targets)} targets")
    for column in ("id", "target", say("what_if.target").zh, "kind", "aim", "group"):
        table.add_column(column)
    for target in targets:
        aim = target.reason if isinstance(target, Unmeasured) else describe_aim(target)
        table.add_row(target.id, target.name_en, target.name_zh, target.kind, aim, target.group)
    show(table, console)


def print_trust(
    plan: Plan, console: Console | None = None, calibration: Calibration | None = None, lang: str = "en"
) -> None:
    """Print how the method has done on each headline indicator in years it had not seen.

    Parameters
    ----------
    plan : Plan
    console : Console, optional
    calibration : Calibration, optional
        The record is not claimed where a number of the year is given, assumed or overridden.
    lang : str
        `en` or `zh`.
    """
    console = console or open_console()
    targets, end = plan.headline_growth, say("screen.end")
    told = say("screen.abroad") if plan.is_abroad else join([_say_scores(), _say_within_year()], end)
    table = open_table(say("screen.trust").pick(lang), told.pick(lang) + "\n")
    table.add_column(say("screen.target").pick(lang), no_wrap=True)
    table.add_column(say("table.record").pick(lang))
    names = [each.indicator for each in targets]
    for target, verdict in zip(targets, list_verdicts(names, calibration), strict=True):
        centre = calibration.indicators[target.indicator].centre if calibration else None
        words = Phrase(verdict.words, say_record(verdict.record, centre).zh)
        table.add_row(pair(target).pick(lang), words.pick(lang))
    show(table, console)


def _say_scores() -> Phrase:
    """Say how the chances of promises of each kind did, the classes weighted by what was scored."""
    scored, told = read_record_scores().query("scored > 0"), []
    for kind in scored.kind.unique().tolist():
        rows = scored[scored.kind == kind]
        brier = f"{np.average(rows.brier, weights=rows.scored):.3f}"
        told.append(say("screen.kind_score", kind=say(f"record_kind.{kind}"), brier=brier, number=rows.scored.sum()))
    return say("screen.kinds", scores=join(told, COMMA))


def _say_within_year() -> Phrase:
    """Say how odds given the first half's growth did beside those of the year's start."""
    scores = read_within_year_scores()
    row = scores[(scores["of"] == "all") & (scores.period == "H1") & (scores["sample"] == "all")].iloc[0]
    return say("screen.half_year", brier=f"{row.brier:.3f}", number=row.n, start=f"{row.start_brier:.3f}")


def print_calibration(plan: Plan, calibration: Calibration, console: Console | None = None) -> None:
    """Print what was fitted for each indicator, and how much of it came from data.

    Parameters
    ----------
    plan : Plan
    calibration : Calibration
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    table = open_table(f"{plan.place} {plan.year_name}: an ordinary year, %", "")
    for column in ("indicator", "centre", "spread of it*", "coefficients of the centre"):
        table.add_column(column, justify="right" if column == "centre" else "left")
    for indicator in plan.indicators:
        numbers = calibration.indicators[indicator.id]
        reason = numbers.reason_unfitted
        spread = "" if reason or numbers.trend_sd.year_sd is None else f"{numbers.trend_sd.year_sd:.2f}"
        centre = f"{numbers.centre.value:.2f}±{numbers.centre.sd:.2f}"
        table.add_row(indicator.name_en, centre, spread, reason or numbers.centre.evidence)
    table.caption = "* of ordinary years around the centre; a rare shock is a matter of scenarios\n"
    show(table, console)
    show(_tabulate_spread_left(plan, calibration), console)


def _tabulate_spread_left(plan: Plan, calibration: Calibration) -> Table:
    count = len(plan.quarter_names)
    table = open_table("what is left of the year's spread once quarters are published, points", " ")
    table.add_column("indicator")
    for column in ("nothing known", *(name_cumulative(quarter, count) for quarter in range(count - 1))):
        table.add_column(column, justify="right")
    for indicator, left in zip(plan.indicators, compute_spread_left(build_law(plan, calibration)).T, strict=True):
        table.add_row(indicator.name_en, *(f"{spread:.2f}" for spread in left))
    return table


def print_backtest(result: Backtest, console: Console | None = None, *, within: WithinYearRecord | None = None) -> None:
    """Print the scores of the method beside the references', then the Brier score of each year.

    Parameters
    ----------
    result : Backtest
    console : Console, optional
        None means standard output.
    within : WithinYearRecord, optional
        Of the same history: odds given figures, printed last.
    """
    console = console or open_console()
    if not result.find_score():
        console.print(f"{len(result.forecasts)} forecasts of {result.indicator}, none with an outcome to score")
        return
    outlook = "with an outlook" if result.has_outlook else "without an outlook, hence wider"
    console.print(
        f"{result.indicator}, {min(result.fits)}-{max(result.fits)}, {outlook}; each year forecast from earlier years",
    )
    show(_tabulate_scores(result), console)
    console.print(
        "± standard error clustered by year; log: of the event; 50, 80, 90: share of\n"
        "outcomes within such intervals, %; ordinary: without rare common shocks (*) and\n"
        "the years after them\n",
    )
    show(_tabulate_years(result), console)
    for row in result.leads[result.leads["sample"] == "all"].to_dict("records"):
        error = "" if np.isnan(row["lead_se"]) else f" ± {row['lead_se']:.3f}"
        told = np.isnan(row["lead_se"]) or abs(row["lead"]) > 2 * row["lead_se"]
        doubt = "" if told else ", which may be chance"
        console.print(f"lead over {row['reference']}: {row['lead']:+.3f}{error}{doubt}")
    if within is not None:
        _print_within_year(within, console)


def _print_within_year(within: WithinYearRecord, console: Console) -> None:
    """Print how odds given the first quarters did beside those of the year's start."""
    if within.scores.empty:
        console.print("\nwithin the year: no target has both an outcome and a figure of its year's first quarters")
        return
    table = open_table(
        "\nodds once figures are published, beside those of the year's start (s)",
        "lead: Brier score at the start minus with the figure, of the same targets\n"
        "80: share of outcomes within such intervals, %\n",
    )
    for column in ("known", "sample", "n", "years", "Brier", "Brier (s)", "lead", "log", "log (s)", "80", "80 (s)"):
        table.add_column(column, justify="left" if column in ("known", "sample") else "right", no_wrap=True)
    for row in within.scores.to_dict("records"):
        error = "" if np.isnan(row["lead_se"]) else f"±{row['lead_se']:.3f}".replace("0.", ".")
        cells = [f"{row['brier']:.3f}", f"{row['start_brier']:.3f}", f"{row['lead']:+.3f}{error}"]
        cells += [f"{row['log_score']:.3f}", f"{row['start_log_score']:.3f}"]
        cells += [f"{100 * row[name]:.0f}" for name in ("coverage_80", "start_coverage_80")]
        table.add_row(row["period"], row["sample"], f"{row['n']}", f"{row['years']}", *cells)
    show(table, console)


def _tabulate_scores(result: Backtest) -> Table:
    table = open_table("", "")
    for column in ("forecaster", "sample", "n", "Brier", "log", "CRPS", "50", "80", "90"):
        table.add_column(column, justify="left" if column in ("forecaster", "sample") else "right", no_wrap=True)
    for sample in ("all", "ordinary"):
        for row in result.scores[result.scores["sample"] == sample].to_dict("records"):
            error = "" if np.isnan(row["brier_se"]) else f"±{row['brier_se']:.3f}".replace("0.", ".")
            covered = [row[f"coverage_{level}"] for level in (50, 80, 90)]
            cells = [f"{row['n']}", f"{row['brier']:.3f}{error}", f"{row['log_score']:.3f}"]
            cells.append("" if np.isnan(row["crps"]) else f"{row['crps']:.3f}")
            cells += ["" if np.isnan(share) else f"{100 * share:.0f}" for share in covered]
            table.add_row(row["forecaster"], sample, *cells)
        table.add_section()
    return table


def _tabulate_years(result: Backtest) -> Table:
    table = open_table("Brier score by year", "")
    rows = result.scores[result.scores["sample"].str.isdigit()].to_dict("records")
    names = list(dict.fromkeys(row["forecaster"] for row in rows))
    for column in ("year", "n", *names):
        table.add_column(column, justify="left" if column == "year" else "right")
    briers = {(row["sample"], row["forecaster"]): row["brier"] for row in rows}
    counts = {row["sample"]: row["n"] for row in rows}
    for year, count in counts.items():
        mark = "" if int(year) in result.ordinary else "*"
        table.add_row(f"{year}{mark}", f"{count}", *(f"{briers[year, name]:.3f}" for name in names))
    return table
