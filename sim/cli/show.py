"""`sim show`."""

from __future__ import annotations

import io
import sys
from typing import Any

import click

from sim.cli.options import plan_option, report_faults, tell_namesakes
from sim.cli.screen import Screen, screen_options

__all__ = ["show"]


@click.command(epilog="Example: sim show out --target gdp")
@click.argument("given", metavar="RUN|SCENARIO")
@screen_options
@plan_option
@click.pass_context
def show(context: click.Context, given: str, screen: Screen, plan_folder: str) -> None:
    """Print a finished run, or a scenario as it stands after inheritance and composition.

    A RUN is a folder that `sim run` wrote: its tables are read, and nothing is computed. A SCENARIO is a shipped name,
    a file, or several joined by "+".
    """
    with report_faults():
        from sim.analysis.repeat import find_run
        from sim.errors import Fault, InputError

        folder = find_run([given])
        if folder is None:
            if screen.is_asked:
                mend = "name the folder of a run, or leave such options out"
                raise InputError([Fault(given, 0, 0, "is a scenario, which has no odds to print", mend)])
            _show_scenario(given, plan_folder)
        else:
            if context.get_parameter_source("plan_folder") is click.core.ParameterSource.COMMANDLINE:
                raise InputError([Fault("--plan", 0, 0, "a run's folder says this itself", "leave it out")])
            from sim.analysis.recall import recall_run

            found = recall_run(folder)
            screen.check(found.model.plan, [*found])
            screen.print(found, given)


def _show_scenario(given: str, plan_folder: str) -> None:
    """Print a scenario as YAML."""
    from sim.inputs.plan.reading import read_plan
    from sim.inputs.scenario.reading import dump_scenario, read_scenario
    from sim.views.terminal.signs import replace_missing

    plan = read_plan(plan_folder)
    tell_namesakes([given], plan.folder)
    read_scenario(given, plan)
    content = dump_scenario(given, plan)
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
