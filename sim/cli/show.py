"""`sim show`."""

from __future__ import annotations

import sys

import click

from sim.cli.options import plan_option, report_faults

__all__ = ["show"]


@click.command(epilog="Example: sim show export-slump+property-slide")
@click.argument("file")
@plan_option
def show(file: str, plan_folder: str) -> None:
    """Print the scenario of FILE as it stands after inheritance and composition."""
    with report_faults():
        from ruamel.yaml import YAML

        from sim.inputs.plan.reading import read_plan
        from sim.inputs.scenario.reading import dump_scenario, read_scenario

        plan = read_plan(plan_folder)
        read_scenario(file, plan)
        yaml = YAML()
        yaml.indent(mapping=2, sequence=4, offset=2)
        yaml.width = 100
        yaml.dump(dump_scenario(file, plan), sys.stdout)
