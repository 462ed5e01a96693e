"""What rules are worth, in sentences of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from sim.results.run import Run
from sim.views.rule_lines import say_rules
from sim.views.terminal.tables import open_console

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["print_rules"]


def print_rules(values: pd.DataFrame, run: Run, lang: str = "en", console: Console | None = None) -> None:
    """Print a sentence for each rule; nothing where there is none.

    Parameters
    ----------
    values : DataFrame
        As `sim.analysis.rule_value.value_rules` gives it.
    run : Run
    lang : str
    console : Console, optional
        None means standard output.
    """
    console = console or open_console()
    for line in say_rules(values, run):
        console.print(line.sentence.pick(lang))
