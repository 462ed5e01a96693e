"""`sim new`: a plan of one's own."""

from __future__ import annotations

import click

from sim.cli.options import report_faults

__all__ = ["new"]


@click.command(epilog="Example: sim new mycity --indicators gdp,retail_sales,unemployment")
@click.argument("folder", metavar="DIR")
@click.option("--indicators", help="Ids, comma between them.  [default: gdp, retail sales, investment, income]")
def new(folder: str, indicators: str | None) -> None:
    """Begin a plan of your own in DIR.

    What is yours to say is marked FILL IN; `sim lint DIR` then leads through it, file by file.

    Of gdp, budget_revenue, industrial_value_added, fixed_asset_investment, retail_sales, income_per_capita,
    unemployment and consumer_prices, names and dynamics are filled in; any other id may be named too.
    """
    with report_faults():
        from sim.inputs.new_plan import DEFAULT_INDICATORS, new_plan

        chosen = DEFAULT_INDICATORS if indicators is None else [each.strip() for each in indicators.split(",")]
        files = new_plan(folder, [each for each in chosen if each])
        click.echo(f"{len(files)} files in {folder}: begin with {folder}/README.md")
        click.echo(f"next: sim lint {folder}")
