"""`sim lint`, `sim show`, `sim targets`, `sim schema`: what the files say."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from sim.cli.frame import plan_option, report_faults, try_all
from sim.shipped import exists, find_plan

__all__ = ["lint", "schema", "show", "targets"]


@click.command(epilog="Example: sim lint scenarios/export-slump.yaml seeds/qingdao-2024")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@plan_option
def lint(files: tuple[str, ...], plan_folder: str) -> None:
    """Check scenarios, calibrations (calibration*, prior*) and plan folders; name every fault of every FILE.

    One plan folder alone is walked through file by file: what is there, what is missing, what to do next.
    """
    with report_faults():
        if len(files) == 1 and _is_folder(files[0]):
            _walk(files[0])
            return
        from sim.calibration import read_calibration, read_prior
        from sim.plan import read_plan
        from sim.scenario import read_scenario

        plan = read_plan(plan_folder)

        def check(file: str) -> None:
            path = Path(file)
            if _is_folder(file):
                own = read_plan(file)
                read_calibration(own.folder / "calibration.yaml", own)
            elif path.name.startswith("calibration"):
                read_calibration(file, plan)
            elif path.name.startswith("prior"):
                read_prior(file, plan)
            else:
                read_scenario(file, plan)

        try_all(*(partial(check, file) for file in files))
        click.echo(f"{len(files)} checked, no faults")


def _is_folder(file: str) -> bool:
    folder = find_plan(file)
    return exists(folder) and folder.is_dir()


def _walk(folder: str) -> None:
    """Tell of a folder; exit code 2 where something is left to do."""
    from sim.walkthrough import walk_through

    walk = walk_through(folder)
    for line in walk.tell():
        click.echo(line)
    if walk.left:
        sys.exit(2)


@click.command(epilog="Example: sim show export-slump+property-slide")
@click.argument("file")
@plan_option
def show(file: str, plan_folder: str) -> None:
    """Print the scenario of FILE as it stands after inheritance and composition."""
    with report_faults():
        from ruamel.yaml import YAML

        from sim.plan import read_plan
        from sim.scenario import dump_scenario, read_scenario

        plan = read_plan(plan_folder)
        read_scenario(file, plan)
        yaml = YAML()
        yaml.indent(mapping=2, sequence=4, offset=2)
        yaml.width = 100
        yaml.dump(dump_scenario(file, plan), sys.stdout)


@click.command(epilog="Example: sim targets --group green --kind count")
@plan_option
@click.option("--group", help="Only of this owner group.")
@click.option("--kind", help="Only of this kind: growth, level, count, multiple, programme, milestone, ...")
@click.option("--find", "words", help="Only with these words in phrase, name or id.")
@click.option("--with-odds/--without-odds", default=None, help="Only those that have odds, or have none.")
def targets(plan_folder: str, group: str | None, kind: str | None, words: str | None, with_odds: bool | None) -> None:
    """Print the targets of a plan, or those that fit the filters."""
    with report_faults():
        from sim.errors import Fault, InputError, find_nearest
        from sim.plan import CRITERIA, read_plan
        from sim.terminal import print_targets

        chosen = list(read_plan(plan_folder).targets)
        groups = list(dict.fromkeys(target.group for target in chosen))
        for option, value, valid in (("--group", group, groups), ("--kind", kind, list(CRITERIA))):
            if value is not None and value not in valid:
                allowed = "allowed: " + ", ".join(valid)
                raise InputError([Fault(option, 0, 0, f"unknown '{value}'", allowed, find_nearest(value, valid))])
        chosen = [each for each in chosen if group in (None, each.group) and kind in (None, each.kind)]
        if words is not None:
            sought = words.lower()
            chosen = [each for each in chosen if sought in f"{each.id} {each.name_en} {each.phrase}".lower()]
        if with_odds is not None:
            chosen = [each for each in chosen if each.has_odds == with_odds]
        print_targets(chosen)


@click.command(epilog="Example: sim schema > scenarios/scenario.schema.json")
def schema() -> None:
    """Print the JSON Schema of scenario files, by which editors complete and check them."""
    import json

    from sim.schema import describe_schema

    click.echo(json.dumps(describe_schema(), indent=2, ensure_ascii=False))
