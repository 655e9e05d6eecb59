"""Definition, references and rename of the names of a flow, each in its scope."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from ncco_lang.diagnostics import Edit, apply_edits
from ncco_lang.editor import lexical
from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.names_in_tests import arg_key_at, arg_keys, flow_beside, place_in_flow, uses_in_tests
from ncco_lang.editor.words import word_at
from ncco_lang.program.bindings import Binding, Scopes
from ncco_lang.program.model import Program
from ncco_lang.program.scope_checks import check_scopes
from ncco_lang.program.scopes import START
from ncco_lang.program.uses import Use, find_uses
from ncco_lang.source import Source, Span
from ncco_lang.syntax import ast
from ncco_lang.syntax.reserved import NAME, reserved

if TYPE_CHECKING:
    from ncco_lang.compiler import CompileOptions

_SAID = frozenset({"COMMENT", "TEXT", "ESCAPE"})
"""What no name is in."""


def definition(analysis: Analysis, offset: int) -> tuple[Source, Span] | None:
    """Return where the name at an offset is declared, maybe in another file; None if there is no declared name."""
    found = name_at(analysis, offset)
    if found is None:
        return place_in_flow(analysis, offset)
    if found.binding.elsewhere is not None:
        span, source = found.binding.elsewhere
        return source, span
    return analysis.source, place_of(found.binding)


def at_home(analysis: Analysis, offset: int) -> tuple[Analysis, int]:
    """Return where a name of a flow is, for an offset of the file of its tests: the analysis of the flow, and the offset of the
    name there. Otherwise these are the arguments.
    """
    found = definition(analysis, offset)
    flow = None if found is None or found[0] is analysis.source else flow_beside(analysis)
    if found is None or flow is None or flow.source.name != found[0].name:
        return analysis, offset
    return flow, found[1].start


def references(analysis: Analysis, offset: int, *, with_declaration: bool = True) -> list[Span]:
    """Return every place that uses the name at an offset, in the order of the text.

    Args:
        with_declaration: whether places that declare or set the name count.
    """
    found, program = name_at(analysis, offset), analysis.program
    if found is None or program is None:
        return []
    return _places(program, found.binding, with_declaration=with_declaration)


def prepare_rename(analysis: Analysis, offset: int) -> Span | None:
    """Return the span of the name at an offset; None if no name there can be renamed."""
    found = name_at(analysis, offset)
    home, at = at_home(analysis, offset)
    if home is not analysis:
        here = word_at(analysis.source.text, offset) if found is None else found.span
        return None if prepare_rename(home, at) is None else here
    return None if found is None or _why_fixed(found.binding) is not None else found.span


def rename(analysis: Analysis, offset: int, new_name: str) -> list[Edit]:
    """Return the edits that rename the name at an offset, everywhere in its scope.

    Values that are given from outside, by `-p` and `ncco.toml`, and other files are not changed.

    Raises:
        ValueError: there is no name at the offset, or the new name is not possible; the message says why.
    """
    found, program = name_at(analysis, offset), analysis.program
    if found is None or program is None:
        raise ValueError("no name that this file declares is here")
    binding = found.binding
    if (why := _why_fixed(binding)) is not None:
        raise ValueError(why)
    if new_name == binding.name:
        return []
    _check_word(new_name, binding, program.scopes)
    places = _places(program, binding, with_declaration=True)
    _check_unread(analysis, program.file, binding.name, places)
    edits = [Edit(span, new_name) for span in places]
    if not _is_same(program, edits, analysis.settings.options):
        raise ValueError(
            f'"{new_name}" would mean something else where {binding.name} is read, or hide another name; choose another'
        )
    return edits


def references_in_tests(analysis: Analysis, offset: int) -> tuple[Source, list[Span]] | None:
    """Return every place of the file of tests that uses the name at an offset of its flow; None without one."""
    found = name_at(analysis, offset)
    uses = None if found is None else uses_in_tests(analysis, found.binding)
    return None if uses is None else (uses.source, uses.spans)


def rename_in_tests(analysis: Analysis, offset: int, new_name: str) -> tuple[Source, list[Edit]] | None:
    """Return the edits of the file of tests when the name at an offset of its flow is renamed; None without any.

    Raises:
        ValueError: the file of tests cannot be parsed, or declares the new name itself.
    """
    found = name_at(analysis, offset)
    uses = None if found is None else uses_in_tests(analysis, found.binding)
    if uses is None or not uses.spans or (found is not None and found.binding.name == new_name):
        return None
    if not uses.is_whole:
        raise ValueError("the file of tests of this flow cannot be parsed; fix that first")
    if new_name in uses.own:
        raise ValueError(f'"{new_name}" is declared in the file of tests of this flow; choose another name')
    return uses.source, [Edit(span, new_name) for span in uses.spans]


def name_at(analysis: Analysis, offset: int) -> Use | None:
    """Return the declared name at an offset, where it is declared or used."""
    program = analysis.program
    if program is None:
        return None
    scopes = program.scopes
    for binding in scopes.bindings:
        for word in binding.words:
            if word.span.start <= offset <= word.span.end:
                # Of two declarations with one name, the first counts.
                return Use(word.span, binding.scope.names[binding.name])
    declaration = declaration_at(scopes.file, offset)
    if declaration is not None:
        for use in find_uses(program, declaration.span):
            if use.span.start <= offset <= use.span.end:
                return use
    key = arg_key_at(scopes.file, offset) if isinstance(declaration, ast.Test) else None
    if key is not None:
        arg = scopes.file_scope.names.get(analysis.source.text[slice(*key)])
        return None if arg is None or arg.kind != "arg" else Use(key, arg)
    return _in_broken(analysis, scopes, offset)


def place_of(binding: Binding) -> Span:
    """Return where a name is declared; for `key` it is the name of its `each`."""
    if isinstance(binding.node, ast.Each):
        return binding.node.name.span
    return binding.words[0].span


def _in_broken(analysis: Analysis, scopes: Scopes, offset: int) -> Use | None:
    """Return a name in a statement with a syntax error, found by its tokens."""
    if not analysis.has_syntax_errors:
        return None
    text = analysis.source.text
    word = word_at(text, offset)
    binding = scopes.scope_around(offset).find(text[word.start : word.end])
    if binding is None:
        return None
    before, here, after = _lexemes_around(text, scopes.file, word)
    if here is None or here.kind in _SAID:
        return None
    declaration = declaration_at(scopes.file, offset)
    is_read = declaration is not None and declaration.span.start <= offset <= declaration.span.end
    is_first = before is None or before.kind in ("_NL", "LBRACE", "_SEMICOLON")
    is_option = after is not None and after.kind == "_COLON"
    is_in_braces = before is not None and before.kind == "OPEN"
    return Use(word, binding) if is_in_braces or not (is_first or is_option or is_read) else None


def _lexemes_around(
    text: str, file: ast.File, word: Span
) -> tuple[lexical.Lexeme | None, lexical.Lexeme | None, lexical.Lexeme | None]:
    """Return the token at a word, with the one before and the one after it."""
    declaration = declaration_at(file, word.start)
    found: list[lexical.Lexeme] = []
    for each in lexical.lexemes(text, 0 if declaration is None else declaration.span.start, len(text)):
        found.append(each)
        if each.start > word.start:
            break
    at = next((index for index, each in enumerate(found) if each.start <= word.start < each.end), None)
    if at is None:
        return None, None, None
    return found[at - 1] if at else None, found[at], found[at + 1] if at + 1 < len(found) else None


def declaration_at(file: ast.File, offset: int) -> ast.Declaration | None:
    """Return the declaration that contains an offset, or the nearest before it."""
    at = bisect_right(file.declarations, offset, key=lambda each: each.span.start)
    return file.declarations[at - 1] if at else None


def _places(program: Program, binding: Binding, *, with_declaration: bool) -> list[Span]:
    within = None if binding.scope.step is None else binding.scope.step.span
    found = {use.span for use in find_uses(program, within) if use.binding is binding}
    same = (each for each in program.scopes.bindings if each.name == binding.name and each.scope is binding.scope)
    declared = {word.span for each in same for word in each.words}
    if binding.kind == "arg":
        found |= {*arg_keys(program.file, binding.name)}
    return sorted(found | declared if with_declaration else found - declared)


# ── Whether a rename is safe ──────────────────────────────────────────────────────────────────────────


def _why_fixed(binding: Binding) -> str | None:
    """Return why a name cannot be renamed in this file; None if it can."""
    if binding.kind == "key":
        return "key is the number of the item, and has no other name"
    if binding.kind == "import" or binding.origin is not None:
        return f"{binding.name} is declared or set in another file; rename it there"
    if binding.kind == "step" and binding.name == START:
        return "a call begins in the step start, so this step keeps its name"
    return None


def _check_word(new_name: str, binding: Binding, scopes: Scopes) -> None:
    if NAME.fullmatch(new_name) is None:
        raise ValueError("a name is of small letters, digits and underscores, and begins with no digit")
    if new_name in reserved():
        raise ValueError(f'"{new_name}" is a word of the language itself; choose another name')
    is_local = binding.scope.kind in ("step", "block")
    other = (binding.scope if is_local else scopes.call).find(new_name)
    if other is not None and not (is_local and other.scope.kind == "call"):
        raise ValueError(f'"{new_name}" is declared already; choose another name')


def _check_unread(analysis: Analysis, file: ast.File, name: str, places: list[Span]) -> None:
    """Raise ValueError if the name may occur in text that could not be parsed, where a rename would miss it."""
    if not analysis.has_syntax_errors:
        return
    text, source = analysis.source.text, analysis.source
    guessed = next((span for span in places if text[slice(*span)] != name), None)
    if guessed is not None:
        raise ValueError(f"line {source.position(guessed.start).line} cannot be parsed; fix that first")
    known = {span.start for span in places}
    broken = {
        line
        for finding in analysis.findings
        if finding.severity == "error"
        for line in range(source.position(finding.span.start).line, source.position(finding.span.end).line + 1)
    }
    for found in re.finditer(rf"\b{re.escape(name)}\b", text):
        at = found.start()
        if at in known or _is_said(text, file, Span(*found.span())):
            continue
        declaration = declaration_at(file, at)
        is_read = declaration is not None and at < declaration.span.end
        if not is_read or source.position(at).line in broken:
            line = source.position(at).line
            raise ValueError(f"line {line} cannot be parsed, and contains {name}; fix that first")


def _is_said(text: str, file: ast.File, word: Span) -> bool:
    """Return whether a word is in a comment, or in a text outside its braces."""
    _, here, _ = _lexemes_around(text, file, word)
    return here is not None and here.kind in _SAID


def _is_same(program: Program, edits: list[Edit], options: CompileOptions) -> bool:
    """Return whether the edited text uses the new name exactly at the places of the old one, and has no new finding."""
    from ncco_lang.compiler import bind_parsed
    from ncco_lang.syntax.parse import parse_flow

    source = Source("renamed", apply_edits(program.source.text, edits))
    renamed = bind_parsed(source, parse_flow(source)[0], options)
    wanted: list[int] = []
    moved = 0
    for edit in edits:
        wanted.append(edit.span.start + moved)
        moved += len(edit.text) - (edit.span.end - edit.span.start)
    binding = next(
        (each for each in renamed.scopes.bindings if any(word.span.start in wanted for word in each.words)), None
    )
    if binding is None or len([*check_scopes(renamed.scopes)]) > len([*check_scopes(program.scopes)]):
        return False
    return [span.start for span in _places(renamed, binding, with_declaration=True)] == wanted
