"""Tree → canonical text: `ncco fmt`, and what the decompiler writes."""

from __future__ import annotations

from ncco_lang.formatter.format import Formatted, format_file, format_source, format_text

__all__ = ["Formatted", "format_file", "format_source", "format_text"]
