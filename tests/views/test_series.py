"""What views read from a plan and a result."""

from dataclasses import replace

from sim.inputs.plan.plan import Plan
from sim.views.series import list_history


def test_history_is_in_the_order_of_years_whatever_the_rows(plan: Plan) -> None:
    turned = replace(plan, history=plan.history[::-1])
    assert list_history(turned, "gdp") == list_history(plan, "gdp")
    assert len(list_history(plan, "gdp")) > 10
