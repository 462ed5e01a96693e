"""`sim targets`."""

from __future__ import annotations

import unicodedata

import click

from sim.cli.options import plan_option, report_faults

__all__ = ["targets"]


@click.command(epilog="Example: sim targets --group green --kind count")
@plan_option
@click.option("--group", help="Only of this owner group.")
@click.option("--kind", help="Only of this kind: growth, level, count, multiple, programme, milestone, ...")
@click.option("--find", "words", help="Only with these words in phrase, names or id, in either language.")
@click.option("--with-odds/--without-odds", default=None, help="Only those that have odds, or have none.")
def targets(plan_folder: str, group: str | None, kind: str | None, words: str | None, with_odds: bool | None) -> None:
    """Print the targets of a plan, or those that fit the filters."""
    with report_faults():
        from sim.errors import InputError, Place, find_unknown
        from sim.inputs.plan.criteria import CRITERIA
        from sim.inputs.plan.reading import read_plan
        from sim.inputs.plan.targets import Unmeasured
        from sim.views.terminal.record import print_targets

        chosen = list(read_plan(plan_folder).targets)
        groups = list(dict.fromkeys(target.group for target in chosen))
        for option, value, valid in (("--group", group, groups), ("--kind", kind, list(CRITERIA))):
            faults = [*find_unknown({} if value is None else {value: Place(option)}, valid, "unknown '{}'")]
            if faults:
                raise InputError(faults)
        chosen = [each for each in chosen if group in (None, each.group) and kind in (None, each.kind)]
        if words is not None:
            sought = _fold(words)
            chosen = [
                each for each in chosen if sought in _fold(f"{each.id} {each.name_en} {each.name_zh} {each.phrase}")
            ]
        if with_odds is not None:
            chosen = [each for each in chosen if isinstance(each, Unmeasured) != with_odds]
        print_targets(chosen)


def _fold(text: str) -> str:
    """Fold case, and the width of signs as Chinese and Western keyboards write them.

    Examples
    --------
    >>> _fold("ＧＤＰ") == _fold("gdp")
    True
    """
    return unicodedata.normalize("NFKC", text).casefold()
