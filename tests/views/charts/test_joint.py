"""Joint map: what the frames say."""

from dataclasses import replace

import numpy as np
import pytest
from chart_reading import list_printed, read_all, render

from sim.views import charts
from sim.views.numbers import print_odds


def test_joint_map_shows_the_frames(counted):
    attainment = counted.attainments[0]
    axes = charts.plot_joint(attainment)
    shown = {tuple(text.get_position()): text for text in axes.texts if text.get_text() and text.get_fontsize() == 13}
    headline = [target.id for target in counted.model.plan.headline]
    spared = attainment.conditional.set_index(["missed", "met"])["probability"]
    for column, missed in enumerate(headline):
        for row, met in enumerate(headline):
            own = missed == met
            found = list_printed(attainment)[met] if own else spared[missed, met]
            assert shown[column, row].get_text() == print_odds(found)
            assert (shown[column, row].get_weight() == "bold") == own
    together = attainment.joint.query("group == 'headline'")["probability"]
    beside = [text.get_text() for (x, _), text in shown.items() if x > len(headline) - 1]
    assert beside == [print_odds(found) for found in together]
    assert [words for words in read_all(axes) if words.startswith("at least ") and "%" not in words][:2] == [
        "at least 1",
        "at least 2",
    ]
    assert f"all {len(headline)}" in read_all(axes)


def test_joint_map_of_what_is_never_missed(counted):
    attainment = counted.attainments[0]
    nothing = replace(attainment, if_missed=np.full_like(attainment.if_missed, np.nan))
    count = len(counted.model.plan.headline)
    axes = charts.plot_joint(nothing)
    assert [text.get_text() for text in axes.texts].count("–") == count * (count - 1)
    render(axes)


def test_joint_map_needs_two_targets(counted):
    attainment = counted.attainments[0]
    plan = attainment.plan
    alone = [target.model_copy(update={"headline": "yes" if target.id == "gdp" else "no"}) for target in plan.targets]
    model = replace(attainment.model, plan=replace(plan, targets=tuple(alone)))
    with pytest.raises(ValueError, match="fewer than two headline targets"):
        charts.plot_joint(replace(attainment, model=model))
