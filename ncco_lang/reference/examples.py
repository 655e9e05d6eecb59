"""Read the examples of the reference, `schemas/examples/NAME.flow`, and compile them."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from ncco_lang.resources import read_resource

TEST: Final = "test"
"""The example of tests, whose NCCO is not shown, because a test becomes none."""


class CompiledExample(NamedTuple):
    """An example, and the NCCO that it becomes: of a flow that branches, the one with which the call begins."""

    name: str
    flow: str
    ncco: str
    is_first: bool

    @property
    def heading(self) -> str:
        """What the NCCO is, in words."""
        return "The NCCO that a call begins with" if self.is_first else "The NCCO that it becomes"


def read_example(name: str) -> str:
    """Return the text of an example.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    return read_resource(f"schemas/examples/{name}.flow")


@cache
def compiled_example(name: str) -> CompiledExample:
    """Return an example with its NCCO.

    Raises:
        ValueError: it does not compile.
    """
    from ncco_lang.compiler import compile_text
    from ncco_lang.ncco.emit import render_ncco
    from ncco_lang.product import Document

    flow = read_example(name)
    product = compile_text(flow, name=f"{name}.flow").product
    if product is None:
        raise ValueError(f"the example {name} does not compile")
    is_first = not isinstance(product, Document)
    ncco = product.ncco if isinstance(product, Document) else next(product.documents())[1]
    return CompiledExample(name, flow.rstrip("\n"), render_ncco(ncco).rstrip("\n"), is_first)
