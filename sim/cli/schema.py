"""`sim schema`."""

from __future__ import annotations

import click

from sim.cli.options import plan_option, report_faults

__all__ = ["schema"]


@click.command(epilog="Example: sim schema --plan my-city > my-city/scenarios/scenario.schema.json")
@plan_option
def schema(plan_folder: str) -> None:
    """Print the JSON Schema of a plan's scenario files, by which editors complete, explain and check them."""
    import json

    with report_faults():
        from sim.inputs.plan.reading import read_plan
        from sim.inputs.scenario.schema import describe_schema

        click.echo(json.dumps(describe_schema(read_plan(plan_folder)), indent=2, ensure_ascii=False))
