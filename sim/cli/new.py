"""`sim new`: a plan of one's own."""

from __future__ import annotations

import click

from sim.cli.options import report_faults

__all__ = ["new"]


@click.command(epilog="Example: sim new mycity --indicators gdp,retail_sales,unemployment")
@click.argument("folder", metavar="DIR")
@click.option("--indicators", help="Ids, comma between them.  [default: gdp, retail sales, investment, income]")
@click.option("--country", default="", help="That the place lies in: China lends outlook, seasons and dynamics.")
def new(folder: str, indicators: str | None, country: str) -> None:
    """Begin a plan of your own in DIR.

    What is yours to say is marked FILL IN; `sim lint DIR` then leads through it, file by file.

    Of gdp, budget_revenue, industrial_value_added, fixed_asset_investment, retail_sales, income_per_capita,
    unemployment and consumer_prices, names are filled in, and with --country China what is known of its places too;
    any other id may be named. What nobody has said of an indicator is assumed by its kind.
    """
    with report_faults():
        from sim.inputs.new_plan import DEFAULT_INDICATORS, new_plan
        from sim.inputs.plan.plan import CHINA

        chosen = DEFAULT_INDICATORS if indicators is None else [each.strip() for each in indicators.split(",")]
        files = new_plan(folder, [each for each in chosen if each], country)
        click.echo(f"{len(files)} files in {folder}: begin with {folder}/README.md")
        lent = "outlook, seasons, dynamics and a rare shock are lent by places of China: each says so in its source"
        nothing = "nothing is lent by other places but how deliveries run and are kept; --country China lends more"
        click.echo(lent if country.casefold().strip() in CHINA else nothing)
        click.echo(f"next: sim lint {folder}")
