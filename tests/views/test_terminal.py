"""Tables of the terminal."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from sim.engine.run import run
from sim.inputs.plan.plan import Plan
from sim.inputs.scenario.reading import read_scenarios
from sim.model.model import Model
from sim.views.terminal.odds import print_run


def test_square_brackets_in_names_are_shown_as_they_are(plan: Plan, model: Model) -> None:
    hostile = plan.headline[0].model_copy(update={"name_en": "GDP [/bold] [real]"})
    others = tuple(target for target in plan.targets if target.id != hostile.id)
    changed = replace(model, plan=replace(plan, targets=(hostile, *others)))
    result = run(changed, read_scenarios(["baseline"], plan), n_paths=100, n_calibrations=0)
    with StringIO() as written:
        print_run(result, Console(file=written, width=120, markup=False))
        assert "GDP [/bold] [real]" in written.getvalue()


def test_a_plan_without_marked_headline_opens_with_its_growth_targets(plan: Plan) -> None:
    unmarked = tuple(target.model_copy(update={"headline": "no"}) for target in plan.targets)
    assert [target.id for target in replace(plan, targets=unmarked).headline] == [each.id for each in plan.headline]
