"""Turn a tree into canonical text, for `ncco fmt` and the decompiler."""

from __future__ import annotations

from ncco_lang.formatter.format import Formatted, format_file, format_source, format_text, with_ends_of

__all__ = ["Formatted", "format_file", "format_source", "format_text", "with_ends_of"]
