"""`sim show`."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from sim.cli.options import plan_option, report_faults, tell_namesakes

__all__ = ["show"]


@click.command(epilog="Example: sim show export-slump+property-slide")
@click.argument("file")
@plan_option
def show(file: str, plan_folder: str) -> None:
    """Print the scenario of FILE as it stands after inheritance and composition."""
    with report_faults():
        from sim.inputs.plan.reading import read_plan
        from sim.inputs.scenario.reading import dump_scenario, read_scenario
        from sim.views.terminal.signs import replace_missing

        plan = read_plan(plan_folder)
        tell_namesakes([file], plan.folder)
        read_scenario(file, plan)
        content = dump_scenario(file, plan)
        text, encoding = _dump(content), getattr(sys.stdout, "encoding", "utf-8")
        click.echo(text if replace_missing(text, encoding) == text else _dump(content, escaped=True), nl=False)


def _dump(content: dict[str, Any], escaped: bool = False) -> str:
    """Format a scenario as YAML, which can escape what an output lacks."""
    from ruamel.yaml import YAML

    yaml, text = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 1_000_000 if escaped else 100  # escapes that are broken over lines read back otherwise
    yaml.allow_unicode = not escaped
    yaml.dump(content, text)
    return text.getvalue()
