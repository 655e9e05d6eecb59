"""Describe the words of an expression: functions, operators, and the values that every call has."""

from __future__ import annotations

from ncco_lang.editor.analysis import Analysis
from ncco_lang.editor.marker import path_to
from ncco_lang.editor.types import WordDocs
from ncco_lang.syntax import ast
from ncco_lang.vocabulary.language_words import Section, fields_of, words_in

_CONDITIONS, _VALUES, _LOOKUPS = "if", "set", "fetch"
"""The topics of the reference that show expressions."""
_TYPES = {"now": "text", "language": "language", "key": "number"}


def describe_expression_word(analysis: Analysis, offset: int, word: str) -> WordDocs | None:
    """Return the docs of the word that begins at an offset; None if it is no part of an expression that has docs."""
    path = () if analysis.file is None else path_to(analysis.file, offset)
    match path[-3:]:
        case [*_, ast.Chain() | ast.Unary(), ast.Word()]:
            return _docs("operators", word, _CONDITIONS)
        case [ast.Ref() as ref, ast.Field(), ast.Word()] if ref.name.text in words_in("values"):
            field = fields_of(ref.name.text).get(word)
            is_first = ref.trailers[0] is path[-2]
            if field is None or not is_first:
                return None
            return WordDocs(f"**{ref.name.text}.{word}: {field.type}**\n\n{field.doc}", _CONDITIONS)
        case [*_, ast.Ref() as ref, ast.Word() as name] if ref.name is name:
            if isinstance(ref.trailers[0], ast.Arguments):
                return _docs("functions", word, _LOOKUPS if word == "env" else _VALUES)
            return _docs("values", word, _CONDITIONS)
        case [*_, ast.Name()] | [*_, ast.Set(), ast.Word()]:
            is_read = isinstance(path[-1], ast.Name) or word in _TYPES
            return _docs("values", word, _VALUES) if is_read and word != "call" else None
        case _:
            return None


def _docs(section: Section, word: str, topic: str) -> WordDocs | None:
    """Return the docs of a word of a section, with its type if it has one."""
    known = words_in(section).get(word)
    if known is None or not known.is_offered:
        return None
    title = f"{word}: {_TYPES[word]}" if section == "values" and word in _TYPES else known.signature or word
    return WordDocs(f"**{title}**\n\n{known.doc}", topic)
