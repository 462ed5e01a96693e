"""`sim lint`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from sim.cli.options import plan_option, report_faults, tell_namesakes
from sim.errors import Fault, try_all
from sim.inputs.bundled import exists, find_plan

__all__ = ["lint"]


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
        from sim.cli.options import tell_warnings
        from sim.inputs.plan.reading import read_plan
        from sim.inputs.scenario.reading import read_scenario

        plan, asked = read_plan(plan_folder), list[Fault]()
        tell_namesakes(files, plan.folder)

        def check(file: str) -> None:
            path, is_folder = Path(file), _is_folder(file)
            if not is_folder and not path.name.startswith(("calibration", "prior")):
                asked.extend(read_scenario(file, plan).warnings)
                return
            from sim.inputs.calibration import compare_calibration, read_prior

            if is_folder:
                own = read_plan(file)
                asked.extend(own.warnings)
                asked.extend(compare_calibration(own.folder / "calibration.yaml", own)[1])
            elif path.name.startswith("calibration"):
                asked.extend(compare_calibration(file, plan)[1])
            else:
                read_prior(file, plan)

        try_all(*(partial(check, file) for file in files))
        tell_warnings(asked)
        click.echo(f"{len(files)} checked, no faults")


def _is_folder(file: str) -> bool:
    place = find_plan(file)
    return exists(place) and (place.is_dir() or place.suffix.lower() == ".xlsx")


def _walk(folder: str) -> None:
    """Tell of a folder; exit code 2 where something is left to do."""
    from sim.inputs.walkthrough import check_plan

    walk = check_plan(folder)
    for line in walk.tell():
        click.echo(line)
    if walk.left:
        sys.exit(2)
