"""Patterns of the parts of a flow that a search skips, as in `grammar/flow.lark`."""

from __future__ import annotations

COMMENT = r"//[^\r\n]*"
VALUE = r'\{(?:[^{}"\r\n]|"[^"\r\n]*")*+\}'
"""A value between the braces of a text."""
