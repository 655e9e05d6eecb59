"""Definition, references and rename of what a flow declares: params, lets, steps, texts, hours."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.cursor_context import CursorContext, find_context, open_brace
from ncco_lang.editor.references import Reference, find_uses
from ncco_lang.names.symbols import Declared, read_names
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import NAME, reserved


def definition(analysis: Analysis, offset: int) -> Span | None:
    """Return where the name at an offset is declared; None if there is no declared name."""
    found = name_at(analysis, offset)
    return None if found is None else analysis.names[found.name].name.span


def references(analysis: Analysis, offset: int, *, with_declaration: bool = True) -> list[Span]:
    """Return every place that reads the name at an offset, in the order of the text."""
    found = name_at(analysis, offset)
    if found is None or analysis.file is None:
        return []
    return _places(analysis.file, found.name, with_declaration=with_declaration)


def prepare_rename(analysis: Analysis, offset: int) -> Span | None:
    """Return the span of the name at an offset; None if no name there can be renamed."""
    found = name_at(analysis, offset)
    return None if found is None else found.span


def rename(analysis: Analysis, offset: int, new_name: str) -> list[Edit]:
    """Return the edits that rename the name at an offset, everywhere in the file.

    Values that are given from outside, by `-p` and `ncco.toml`, are not changed.

    Raises:
        ValueError: there is no name at the offset, or the new name is not possible; the message says why.
    """
    found, file = name_at(analysis, offset), analysis.file
    if found is None or file is None:
        raise ValueError("no name that this file declares is here")
    if new_name == found.name:
        return []
    _check_word(new_name, analysis.names)
    places = _places(file, found.name, with_declaration=True)
    _check_unread(analysis, file, found.name, places)
    edits = [Edit(span, new_name) for span in places]
    if not _is_same(analysis.source.text, edits, new_name):
        raise ValueError(f'"{new_name}" would mean something else where {found.name} is read; choose another name')
    return edits


def name_at(analysis: Analysis, offset: int) -> Reference | None:
    """Return the declared name at an offset, where it is declared or read."""
    file = analysis.file
    if file is None:
        return None
    names = analysis.names
    declaration = declaration_at(file, offset)
    if declaration is not None:
        word = getattr(declaration, "name", None)
        if isinstance(word, ast.Word) and word.span.start <= offset <= word.span.end:
            return Reference(word.text, word.span) if word.text in names else None
        for use in find_uses(declaration, names):
            if use.span.start <= offset <= use.span.end:
                return use
    return _in_broken(analysis, file, offset)


def _in_broken(analysis: Analysis, file: ast.File, offset: int) -> Reference | None:
    """Return a name in a statement with a syntax error, found by its tokens."""
    if not analysis.has_syntax_errors:
        return None
    text = analysis.source.text
    context = find_context(text, file, offset)
    word = text[context.word.start : context.word.end]
    if word not in analysis.names or context.kind == "comment":
        return None
    if context.kind == "text":
        assert context.inside is not None
        return Reference(word, context.word) if open_brace(text, context.inside, offset) is not None else None
    is_option = bool(context.after) and context.after[0].kind == "_COLON"
    declaration = declaration_at(file, offset)
    is_read = declaration is not None and declaration.span.start <= offset <= declaration.span.end
    return Reference(word, context.word) if context.before and not is_option and not is_read else None


def declaration_at(file: ast.File, offset: int) -> ast.Declaration | None:
    """Return the declaration that contains an offset, or the nearest before it."""
    at = bisect_right(file.declarations, offset, key=lambda each: each.span.start)
    return file.declarations[at - 1] if at else None


def _places(file: ast.File, name: str, *, with_declaration: bool) -> list[Span]:
    names = read_names(file)
    found = {use.span for use in find_uses(file, names) if use.name == name}
    if with_declaration:
        found |= {each.name.span for each in _declarations(file) if each.name.text == name}
    return sorted(found)


def _declarations(file: ast.File) -> Iterator[Declared]:
    for each in file.declarations:
        if isinstance(each, (ast.Param, ast.Let, ast.Arg, ast.Hours, ast.TextDeclaration, ast.Step)):
            yield each


# ── Whether a rename is safe ──────────────────────────────────────────────────────────────────────────


def _check_word(new_name: str, names: Mapping[str, Declared]) -> None:
    if NAME.fullmatch(new_name) is None:
        raise ValueError("a name is of small letters, digits and underscores, and begins with no digit")
    if new_name in reserved():
        raise ValueError(f'"{new_name}" is a word of the language itself; choose another name')
    if new_name in names:
        raise ValueError(f'"{new_name}" is declared already; choose another name')


def _check_unread(analysis: Analysis, file: ast.File, name: str, places: list[Span]) -> None:
    """Raise ValueError if the name may occur in text that could not be parsed, where a rename would miss it."""
    if not analysis.has_syntax_errors:
        return
    text, source = analysis.source.text, analysis.source
    known = {span.start for span in places}
    broken = {
        line
        for finding in analysis.findings
        if finding.severity == "error"
        for line in range(source.position(finding.span.start).line, source.position(finding.span.end).line + 1)
    }
    for found in re.finditer(rf"\b{re.escape(name)}\b", text):
        at = found.start()
        if at in known or _is_said(text, find_context(text, file, at)):
            continue
        declaration = declaration_at(file, at)
        is_read = declaration is not None and at < declaration.span.end
        if not is_read or source.position(at).line in broken:
            line = source.position(at).line
            raise ValueError(f"line {line} cannot be parsed, and contains {name}; fix that first")


def _is_said(text: str, context: CursorContext) -> bool:
    """Return whether a word is in a comment, or in a text outside its braces."""
    if context.inside is not None:
        return open_brace(text, context.inside, context.offset) is None
    return context.kind == "comment"


def _is_same(text: str, edits: list[Edit], new_name: str) -> bool:
    """Return whether the edited text reads the new name exactly at the places of the old one."""
    from ncco_lang.syntax.parse import parse_flow

    file, _ = parse_flow(Source("renamed", apply_edits(text, edits)))
    wanted: list[int] = []
    moved = 0
    for edit in edits:
        wanted.append(edit.span.start + moved)
        moved += len(edit.text) - (edit.span.end - edit.span.start)
    return [span.start for span in _places(file, new_name, with_declaration=True)] == wanted
