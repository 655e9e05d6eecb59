"""`ncco schema`: print the JSON Schemas for editors and other tools."""

from __future__ import annotations

import click

from ncco_lang.cli.console import emit
from ncco_lang.resources import read_resource

SCHEMAS = {"ncco": "schemas/ncco.schema.json", "toml": "schemas/ncco-toml.schema.json"}


@click.command(
    epilog="""\b
Examples:
  ncco schema > ncco.schema.json     then point your editor at it
  ncco schema toml                   the schema of ncco.toml
"""
)
@click.argument("which", type=click.Choice(list(SCHEMAS)), default="ncco")
def command(which: str) -> None:
    """Print the JSON Schema (draft 2020-12) of NCCO or of ncco.toml."""
    emit(read_resource(SCHEMAS[which]), product=True)
