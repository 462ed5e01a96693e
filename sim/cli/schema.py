"""`sim schema`."""

from __future__ import annotations

import click

__all__ = ["schema"]


@click.command(epilog="Example: sim schema > scenarios/scenario.schema.json")
def schema() -> None:
    """Print the JSON Schema of scenario files, by which editors complete and check them."""
    import json

    from sim.inputs.scenario.schema import describe_schema

    click.echo(json.dumps(describe_schema(), indent=2, ensure_ascii=False))
