"""The one sentence of a run: how likely its first target is, and all of the headline together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.results.run import Run
from sim.views.likelihood_words import say_likelihood
from sim.views.numbers import choose_digits, print_range
from sim.views.phrases import pair, say_odds, say_target
from sim.views.words import NOTHING, SPACE, Phrase, join, say

if TYPE_CHECKING:
    pass

__all__ = ["build_headline"]


def build_headline(run: Run) -> tuple[Phrase, Phrase]:
    """Build the one sentence of the report, and what stands below it.

    Parameters
    ----------
    run : Run

    Returns
    -------
    sentence, numbers : Phrase
    """
    plan, first = run.model.plan, run.attainments[0]
    if not plan.judged:
        return say("page.no_odds", place=pair(plan, "place"), year=plan.year_name), NOTHING
    target = (plan.headline or plan.judged)[0]
    share = float(first.met[0, plan.judged.index(target)])
    ends = first.find_range(plan.judged.index(target))
    between = print_range(*ends)
    named = say_target(plan, target)
    said = {"words": say_likelihood(share, ends), "odds": say_odds(share, choose_digits(*ends))}
    one = say("page.one", place=pair(plan, "place"), year=plan.year_name, target=named, **said)
    sentence = say("page.one_alone", one=one)
    if len(plan.headline) > 1:
        joint, ends = float(first.number_met["headline"][-1]), first.find_group_range("headline", len(plan.headline))
        together = {"words": say_likelihood(joint, ends), "odds": say_odds(joint, choose_digits(*ends))}
        sentence = say("page.one_and_all", one=one, number=len(plan.headline), **together)
    shares = first.number_met["all"]
    low, high = (int(np.searchsorted(shares.cumsum(), level)) for level in (0.1, 0.9))
    numbers = {"mean": f"{shares @ np.arange(len(shares)):.1f}", "low": low, "high": high, "number": len(plan.judged)}
    sentences = [say("scenario.named", scenario=pair(first.scenario, "title")), say("page.expected", **numbers)]
    if between:
        sentences.append(say("page.spread", target=named, range=between))
    return sentence, join(sentences, SPACE)
