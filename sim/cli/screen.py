"""What `sim run` and `sim show` print of a run: its last screen, or as much more as is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.requests import Command
    from sim.inputs.plan.plan import Plan
    from sim.results.run import Run

__all__ = ["Screen", "screen_options"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """What is to be printed of a run.

    Attributes
    ----------
    every : bool
        All tables, then the last screen.
    targets, names : tuple of str
        Targets whose lines are printed, and scenarios; none of either means the last screen.
    lang : str, optional
        None means the system's.
    """

    every: bool
    targets: tuple[str, ...]
    names: tuple[str, ...]
    lang: str | None

    @property
    def is_asked(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.every or self.targets or self.names or self.lang)

    def check(self, plan: Plan, scenarios: Sequence[str]) -> None:
        """Refuse targets without odds, and scenarios that are not run."""
        from sim.errors import InputError, Place, find_unknown
        from sim.inputs.plan.names import recognize_all

        judged = [target.id for target in plan.judged]
        asked = {name: Place("--target") for name in recognize_all(plan, self.targets)}
        faults = [*find_unknown(asked, judged, "no target '{}' with odds")]
        asked = {name: Place("--scenario") for name in self.names}
        faults += find_unknown(asked, scenarios, "no scenario '{}' in this run")
        if faults:
            raise InputError(faults)

    def print(self, run: Run, folder: str, rules: pd.DataFrame | None = None) -> None:
        """Print what was asked for of a run that stands in a folder, and what its rules are worth."""
        from sim.analysis.pace import measure_pace
        from sim.analysis.rule_value import value_rules
        from sim.inputs.plan.names import recognize_all
        from sim.views.terminal.closing import choose_language, print_closing
        from sim.views.terminal.odds import print_run
        from sim.views.terminal.pace import print_pace
        from sim.views.terminal.rules import print_rules
        from sim.views.terminal.target_odds import print_target

        lang, chosen = self.lang or choose_language(), self._choose(run)
        if self.every or (self.names and not self.targets):
            print_run(chosen, lang=lang)
            if chosen.published:
                print_pace(measure_pace(chosen.attainments, chosen.published), chosen.scenarios[0], lang=lang)
        for target in recognize_all(run.model.plan, self.targets):
            print_target(chosen, target, lang)
        if self.every or not (self.targets or self.names):
            if self.every:
                click.echo()
            print_rules(value_rules(run) if rules is None else rules, run, lang)
            print_closing(run, lang, folder)

    def _choose(self, run: Run) -> Run:
        """Keep the scenarios that were asked for."""
        if not self.names:
            return run
        kept = [run[name] for name in self.names]
        return replace(run, attainments=tuple(kept), scenarios=tuple(each.scenario for each in kept))


def screen_options(command: Command) -> Command:
    """Give a command the options of what it prints, as one argument `screen`."""
    from sim.cli.requests import pack

    return pack(
        command,
        "screen",
        Screen,
        click.option("--all", "every", is_flag=True, help="Print all tables, and then the last screen."),
        click.option("--target", "targets", metavar="ID", multiple=True, help="Print the odds of this target alone."),
        click.option("--scenario", "names", metavar="NAME", multiple=True, help="Print the tables of this one alone."),
        click.option("--lang", type=click.Choice(["en", "zh"]), help="Of what is said.  [default: the system's]"),
    )
