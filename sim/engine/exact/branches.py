"""Branches of a year: a figure on one side of a number or on the other, and the shocks that answer to it.

Each branch conditions the points on half-lines of figures, as on published ones, and weighs them by how likely these
are. A rule's shock begins after its figure, so that figures are drawn in the order of time within each branch; the
weights of all branches sum to one, or to how likely published figures were.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.model.known import Known
from sim.model.rules import RuleLaw, add_cell
from sim.model.scenario_law import ScenarioLaw, decide_rules

__all__ = ["Branch", "list_branches"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Branch:
    """A scenario in which every figure that a rule waits for is on one side of its number.

    Attributes
    ----------
    law : ScenarioLaw
        Without rules: their shocks are certain or absent.
    known : Known or None
        Published figures and the half-lines of this branch.
    """

    law: ScenarioLaw
    known: Known | None = None


def list_branches(law: ScenarioLaw, known: Known | None = None) -> list[Branch]:
    """List the branches of a scenario, one for each set of its rules that may strike.

    Parameters
    ----------
    law : ScenarioLaw
    known : Known, optional
        Published figures, by which rules may be decided.

    Returns
    -------
    list of Branch
        The first without any of the waiting rules. Where none waits, the scenario itself, as it is given.
    """
    law = decide_rules(law, known)
    branches = [Branch(law=replace(law, rules=()) if law.rules else law, known=known)]
    for rule in law.rules:
        branches = [half for branch in branches for half in _split(branch, rule)]
    return branches


def _split(branch: Branch, rule: RuleLaw) -> Iterator[Branch]:
    """Split a branch by a rule's figure; a side that others rule out is left out."""
    for cell, strikes in ((rule.spared, 0.0), (rule.struck, 1.0)):
        known = add_cell(branch.known, cell, rule.delivery)
        if known is not None:
            chance = branch.law.chance.copy()
            chance[rule.shock] = strikes
            yield Branch(law=replace(branch.law, chance=chance), known=known)
