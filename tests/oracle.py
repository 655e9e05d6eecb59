"""lark as documented, with the grammar itself: every token and tree is compared with its result."""

from __future__ import annotations

import functools

from lark import Lark

from ncco_lang.resources import read_resource
from ncco_lang.syntax.lark_parser import GRAMMAR, STARTS


@functools.cache
def load_lark() -> Lark:
    """Return lark's own parser, with lark's own lexer."""
    return Lark(read_resource(GRAMMAR), parser="lalr", lexer="contextual", start=STARTS)
