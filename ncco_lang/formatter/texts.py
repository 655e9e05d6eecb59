"""Split a triple-quoted text into its lines."""

from __future__ import annotations

from ncco_lang.formatter.parts import Long, Part

_BLANK = " \t"
_ESCAPED = {" ": "\\u0020", "\t": "\\t"}


def long_text(content: str, one_line: bool) -> Part:
    """Return a triple-quoted text, on one line or on several.

    The parser removes the common indent, and the blanks of blank lines. A blank that would be lost is written as an
    escape. A text from a file has no such blank, because the parser has removed it.

    Args:
        content: the text between the quotes, without layout.
        one_line: whether the author wrote it on one line.
    """
    lines = [line if not line or line.strip(_BLANK) else _kept(line) for line in content.split("\n")]
    spoken = [index for index, line in enumerate(lines) if line]
    begins = {lines[index][0] for index in spoken}
    shares_indent = len(begins) == 1 and begins.issubset(_BLANK)
    if len(lines) == 1 and (one_line or not spoken or (shares_indent and not lines[0].endswith('"'))):
        return f'"""{lines[0]}"""'
    if shares_indent:
        # Text on the line of the quotes keeps its indent.
        if spoken == [0]:
            return Long(lines, at_once=True)
        lines[spoken[0]] = _kept(lines[spoken[0]])
    return Long(lines)


def _kept(line: str) -> str:
    return _ESCAPED[line[0]] + line[1:]
