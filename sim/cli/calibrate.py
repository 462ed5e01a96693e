"""`sim calibrate`."""

from __future__ import annotations

import click

from sim.cli.options import force_option, plan_option, report_faults, tell_warnings

__all__ = ["calibrate"]


@click.command(epilog="Example: sim calibrate --plan qingdao-2024 --out calibration.yaml")
@plan_option
@click.option("--prior", help="Numbers that are not fitted; else prior.yaml of the plan, or the shipped one.")
@click.option("--out", default="calibration.yaml", show_default=True, help="File to write.")
@force_option
def calibrate(plan_folder: str, prior: str | None, out: str, force: bool) -> None:
    """Fit the numbers of the model to the plan's own history and outlook, and write them to --out.

    Put the file into the plan's folder as calibration.yaml to use it; every number in it can be overridden there.
    """
    with report_faults():
        from sim.inputs.files.writing import check_file
        from sim.inputs.plan.reading import read_plan
        from sim.learning.fit import fit_calibration, write_calibration
        from sim.views.terminal.record import print_calibration

        check_file(out, force=force)
        plan = read_plan(plan_folder)
        tell_warnings(plan.warnings)
        calibration = fit_calibration(plan, prior)
        write_calibration(calibration, out, plan, force=force)
        print_calibration(plan, calibration)
        click.echo(f"written to {out}")
