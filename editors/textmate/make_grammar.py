"""Make `ncco.tmLanguage.json`, for editors that colour by patterns, from the schema's vocabulary and the terminals of
`grammar/flow.lark`. Run by `make vscode`; tests check that the committed file is fresh and agrees with lark.

TextMate has no grammar: it reads a line from left to right and takes the first pattern that matches. So a word is
classified by its neighbours, and the language server, if it runs, refines that.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ncco_lang.values.language_tags import TAG
from ncco_lang.vocabulary.language_words import outcomes, targets
from ncco_lang.vocabulary.option_specs import OptionSpec, words_of
from ncco_lang.vocabulary.statement_specs import actions, known_verbs
from ncco_lang.vocabulary.words_of_tests import offered_words

TARGET = Path(__file__).parent / "ncco.tmLanguage.json"

BEGINS = r"(?:^\x{FEFF}?|(?<=[;{>}]))[ \t]*+"
"""Where a statement may begin; blanks before a word have no colour."""
NO_OPTION = r"(?![A-Za-z0-9_])(?![ \t]*:)"
WORD = r"[A-Za-z_][A-Za-z0-9_]*"
NAME = r"[a-z_][a-z0-9_]*"
LANGUAGE = rf"{TAG}\b"
MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
DAYS = "(?:mon|tue|wed|thu|fri|sat|sun)"
WEB = r"\{(?=(?:[^{}\"]|\"(?!\"\")[^\"]*\")*+\})"

Pattern = dict[str, Any]


def make_grammar() -> Pattern:
    """Return the grammar as JSON values."""
    return {
        "name": "NCCO call flow",
        "scopeName": "source.ncco",
        "fileTypes": ["flow"],
        "patterns": [{"include": f"#{name}"} for name in ("comments", "texts", "declarations", "statements", "values")],
        "repository": {
            "comments": {"patterns": comments()},
            "texts": {"patterns": texts()},
            "declarations": {"patterns": declarations()},
            "statements": {"patterns": statements()},
            "values": {"patterns": values()},
        },
    }


def render(grammar: Pattern) -> str:
    """Return the grammar as the text of its file."""
    return json.dumps(grammar, indent=2, ensure_ascii=False) + "\n"


# ── Comments and texts ─────────────────────────────────────────────────────────────────────────────────


def comments() -> list[Pattern]:
    """Return patterns of comments: to the end of the line, doc comments, and suppression comments."""
    slashes = {"1": {"name": "punctuation.definition.comment.ncco"}}
    allow = {**slashes, "2": {"name": "keyword.control.directive.ncco"}}
    return [
        {"name": "comment.line.double-slash.ncco", "match": r"(//)[ \t]*(ncco:[ \t]*allow)\b.*$", "captures": allow},
        {"name": "comment.line.documentation.ncco", "match": r"(///).*$", "captures": slashes},
        {"name": "comment.line.double-slash.ncco", "match": r"(//).*$", "captures": slashes},
    ]


def texts() -> list[Pattern]:
    """Return patterns of texts: one quote up to the next or the end of the line, three up to the next three."""
    inside: list[Pattern] = [
        {"name": "constant.character.escape.ncco", "match": r"\\(?:u[0-9a-fA-F]{4}|.)"},
        {"name": "constant.character.escape.ncco", "match": r"\{\{|\}\}"},
        {
            "name": "meta.interpolation.ncco",
            "begin": WEB,
            "end": r"\}",
            "beginCaptures": {"0": {"name": "punctuation.section.interpolation.begin.ncco"}},
            "endCaptures": {"0": {"name": "punctuation.section.interpolation.end.ncco"}},
            "contentName": "source.ncco",
            "patterns": [
                {"name": "string.quoted.double.inner.ncco", "match": r'"[^"]*"'},
                {"name": "comment.line.double-slash.ncco", "match": r'//(?:[^{}"]|"[^"]*")*+'},
                {
                    "match": rf"(\|)[ \t]*({NAME})",
                    "captures": {
                        "1": {"name": "keyword.operator.filter.ncco"},
                        "2": {"name": "support.function.filter.ncco"},
                    },
                },
                {"include": "#values"},
            ],
        },
    ]
    return [
        _quoted("string.quoted.triple.ncco", '"""', '"""', inside),
        _quoted("string.quoted.double.ncco", '"', r'"|$', inside),
    ]


def _quoted(name: str, begin: str, end: str, inside: Sequence[Pattern]) -> Pattern:
    return {
        "name": name,
        "begin": begin,
        "end": end,
        "beginCaptures": {"0": {"name": "punctuation.definition.string.begin.ncco"}},
        "endCaptures": {"0": {"name": "punctuation.definition.string.end.ncco"}},
        "patterns": list(inside),
    }


# ── Statements ─────────────────────────────────────────────────────────────────────────────────────────


def declarations() -> list[Pattern]:
    """Return patterns of declarations, with the name that each declares."""
    return [
        _line(rf"(param|arg)[ \t]+({NAME})[ \t]*(:)[ \t]*({NAME})", "storage.type", "variable.parameter", ":", "type"),
        _line(rf"(let)[ \t]+({NAME})(?=[ \t]*=)", "storage.type", "variable.other.constant"),
        _line(rf"(step)[ \t]+({NAME})", "storage.type.function", "entity.name.function"),
        _line(rf"(goto|fallback)[ \t]+({NAME})(?![ \t]*:)", "support.function.verb", "entity.name.function"),
        _line(rf"(hours|text)[ \t]+({NAME})(?=[ \t]*[\"{{])", "storage.type", "variable.other.constant"),
        _line(rf"(on)[ \t]+({NAME})(?=[ \t]*\{{)", "keyword.control", "entity.name.tag"),
        _line(rf"(default)[ \t]+({_either(verbs())})(?![A-Za-z0-9_])", "keyword.control", "support.function.verb"),
        _line(rf"(set|each)[ \t]+({NAME})(?=[ \t]*(?:=|in\b))", "keyword.control", "variable.other.readwrite"),
        _line(rf"(use|flow|test|anywhere|default|param|arg|let|step){NO_OPTION}", "keyword.control"),
        _line(rf"(if|set|each){NO_OPTION}", "keyword.control"),
    ]


def statements() -> list[Pattern]:
    """Return patterns of verbs at the start of a statement, and of keywords elsewhere."""
    return [
        _line(rf"({_either(verbs())}){NO_OPTION}(?![ \t]*(?:,|->))", "support.function.verb"),
        _pair(rf"(->)[ \t]*({_either(targets())})(?![A-Za-z0-9_])", "keyword.operator.arrow", "keyword.control"),
        _pair(rf"(->)[ \t]*({NAME})(?=[ \t]*(?:[;}}(\r\n]|//|$))", "keyword.operator.arrow", "entity.name.function"),
        _pair(rf"(->)[ \t]*({_either(verbs())})(?![A-Za-z0-9_])", "keyword.operator.arrow", "support.function.verb"),
        {
            "name": "support.constant.outcome.ncco",
            "match": rf"(?<![A-Za-z0-9_.])(?:{_either(outcomes())})(?=[ \t]*(?:,|->))",
        },
        {"name": "keyword.control.ncco", "match": rf"(?<![A-Za-z0-9_])(?:if|else|from){NO_OPTION}"},
    ]


def _pair(match: str, *names: str) -> Pattern:
    """Return a pattern with a scope for each of its groups."""
    return {"match": match, "captures": {str(at): {"name": f"{name}.ncco"} for at, name in enumerate(names, 1)}}


def _line(match: str, *names: str) -> Pattern:
    """Return a pattern for the start of a statement, with a scope for each of its groups."""
    special = {":": "punctuation.separator.key-value.ncco", "type": "support.type.ncco"}
    captures = {str(at): {"name": special.get(name, f"{name}.ncco")} for at, name in enumerate(names, 1)}
    return {"match": BEGINS + match, "captures": captures}


# ── Values ─────────────────────────────────────────────────────────────────────────────────────────────


def values() -> list[Pattern]:
    """Return patterns of everything after a verb or a colon, in the order in which the grammar's lexer tries it."""
    literals = [
        ("constant.numeric.date", rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|[0-9]{{1,2}} +(?:{MONTHS})\b"),
        ("constant.numeric.time", r"[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}"),
        ("constant.numeric.duration", r"[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h)\b"),
        ("constant.numeric.status", r"[1-5]xx"),
        ("constant.numeric", r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"),
        ("constant.other.language", LANGUAGE),
        ("constant.other.days", rf"{DAYS}-{DAYS}"),
        ("constant.language", rf"(?:true|false|null){NO_OPTION}"),
        ("variable.parameter.option", rf"{WORD}(?=[ \t]*:)"),
        ("keyword.operator.word", r"(?:and|or|not|in|matches|starts_with|ends_with)(?![A-Za-z0-9_])"),
    ]
    words = [
        ("variable.parameter.flag", rf"(?<![.(\[])(?:{_either(flags())})(?![A-Za-z0-9_(.\[])"),
        ("variable.parameter.block", rf"(?:{_either(blocks())})(?=[ \t]*\{{)"),
        ("support.constant", rf"(?<![.(\[])(?:{_either(choices())})(?![A-Za-z0-9_(.\[])"),
        ("entity.name.function", rf"{NAME}(?=\()"),
        ("variable.other", WORD),
    ]
    signs = [
        ("keyword.operator.arrow", r"->"),
        ("keyword.operator.comparison", r"==|!=|<=|>=|<|>"),
        ("keyword.operator.range", r"\.\."),
        ("keyword.operator.assignment", r"="),
        ("constant.other.key", r"#"),
        ("keyword.operator.arithmetic", r"[-+*/]"),
        ("keyword.operator.filter", r"\|"),
        ("punctuation.separator.key-value", r":"),
        ("punctuation.separator", r","),
        ("punctuation.terminator", r";"),
        ("punctuation.accessor", r"\."),
        ("punctuation.section.braces", r"[{}]"),
        ("punctuation.section.brackets", r"[\[\]]"),
        ("punctuation.section.parens", r"[()]"),
    ]
    key: Pattern = {
        "match": r"(:)[ \t]*(\*)",
        "captures": {
            "1": {"name": "punctuation.separator.key-value.ncco"},
            "2": {"name": "constant.other.key.ncco"},
        },
    }
    plain = [{"name": f"{name}.ncco", "match": match} for name, match in (*literals, *words, *signs)]
    return [key, *plain]


# ── The vocabulary ─────────────────────────────────────────────────────────────────────────────────────


def verbs() -> list[str]:
    """Return the words that begin a statement: the actions of the schema, and the verbs of the language and of tests."""
    return [*dict.fromkeys((*actions(), *known_verbs(), *(word.split()[0] for word in offered_words())))]


def choices() -> list[str]:
    """Return the platform's words as the language writes them: those after a verb, and those of options."""
    chosen = [word for action in actions().values() if action.chooser for word in words_of(action.chooser)]
    return sorted({*chosen, *(str(word).lower() for option in _options() for word in option.enum if _is_word(word))})


def flags() -> list[str]:
    """Return the options that may be written bare."""
    return sorted({option.name for option in _options() if option.types == ("boolean",)})


def blocks() -> list[str]:
    """Return the options that are written as a block."""
    return sorted({option.name for option in _options() if option.is_block})


def _options() -> Iterator[OptionSpec]:
    waiting = [option for action in actions().values() for option in action.options]
    while waiting:
        option = waiting.pop()
        yield option
        waiting += option.options
        waiting += () if option.item is None else (option.item,)
        waiting += (part for variant in option.variants.values() for part in variant.options)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _either(words: Iterable[str]) -> str:
    """Return a pattern of words, longest first, because the first match wins."""
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))


def main() -> int:
    """Write the grammar."""
    TARGET.write_text(render(make_grammar()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
