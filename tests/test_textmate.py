"""The TextMate grammar, run by the engine of editors, compared with lark: same tokens, same texts, same comments."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lark.exceptions import LarkError

from editors.textmate.make_grammar import TARGET, blocks, choices, flags, make_grammar, render, verbs
from ncco_lang.editor.lexical import lexemes
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.vocabulary.statement_specs import actions, forms
from tests.oracle import load_lark

ROOT = Path(__file__).resolve().parent.parent
NODE = shutil.which("node")
HAS_ENGINE = NODE is not None and (ROOT / "editors/vscode/node_modules/vscode-textmate").exists()
needs_node = pytest.mark.skipif(
    not HAS_ENGINE, reason="needs node, and the packages of editors/vscode (npm ci there installs them)"
)

FILES = sorted([*(ROOT / "samples").rglob("*.flow"), *(ROOT / "tests/fixtures").rglob("*.flow")])

TEXTS = {
    "an allow": '// ncco: allow unusual-value\nconnect phone "+44 20 7946 0123"\n',
    "every kind of value": (
        "talk x a: 1 b: -2.5 c: 1.5e-3 d: 500ms e: en-GB f: zh-Hant-TW g: 2026-12-24 h: 25 december i: true\n"
        'menu { 1, * -> a; # -> b; 4xx -> c; call.from -> d(1, "x"); 7 -> { talk y; ask z digits: 4..6 } }\n'
        'let a = (b[0] + c.d * 2 - 1) / 3 >= 4 and not e matches "x" or f in [1, "two", null]\n'
        'let k = "x"\nrecord { end_on_key: *; timeout: 2m } // 09:00\nhours o "A/B" { mon-fri 09:00-17:30 }\n'
    ),
    "words of the language as names": (
        'param text: text = "x"\nlet talk = text\ntalk text text: text\ntalk talk { text: talk; from: in1 }\n'
        "step flow(on: text) { if not text == talk { goto flow } else if a { b } else { c } }\n"
        'text t { nl-NL: "a"; en-GB: "b" }\non hangup { set x = premium.phone + phone[1] + phone(2) }\n'
    ),
    "arms and tests": (
        'menu "a" { 1 -> agent("x"); silence, otherwise -> retry "Sorry."; 2 -> talk y; 3 -> { goto agent } }\n'
        'test "t" { call from: "+31 20 123 4567"; hear "a*"; press "1"; silence 5s; expect no ring "b"; expect hangup }\n'
    ),
    "texts": (
        'talk "" ; talk "a \\" b \\\\" ; talk "{{a}} {b | digits(slow)} {c["}"]} {d} //no" // yes "no"\n'
        'talk """one {a | spell} " "" \\""" two\n  // no\n  three""" level: 1 // yes\ntalk "\U0001f600 {a}\U0001f600" x\n'
    ),
    "signs without blanks": 'talk"a"level:-1 premium;wait 500ms;notify"https://a"payload:{"a":[1,-2,{}],"b":x.y}//z\n',
}
BROKEN = {
    "an open quote": 'talk "Hello { there\nrecord { timeout: 2m } // so\ntalk "x"\n',
    "three open quotes": 'talk "Hi."\ntalk """\n  and {so} on // no\n  "x"\n',
    "strange signs": "talk “Hello” & 'x' // so\n\ttalk ”x” ~ [ ( } \"a\" $1\n",
    "half a value": 'talk "a { b" // so\ntalk "{" "}" x\ntalk "{a "x" b}" y // so\n',
}


class Region(NamedTuple):
    """Offsets in code points, and the scopes from the outermost."""

    start: int
    end: int
    scopes: tuple[str, ...]


def engine(texts: list[str]) -> list[list[Region]]:
    """Return the regions of texts by vscode-textmate, with places in the whole text."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(ROOT / "editors/textmate/tokenise.js")],
        input=json.dumps(texts),
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [list(placed(text, lines)) for text, lines in zip(texts, json.loads(done.stdout), strict=True)]


def placed(text: str, lines: list[Any]) -> Iterator[Region]:
    start = 0
    for found, ended in zip(lines, [*re.finditer(r"\r\n|\r|\n", text), None], strict=True):
        stop = len(text) if ended is None else ended.start()
        units = text[start:stop].encode("utf-16-le")
        for first, last, scopes in found:
            before, inside = units[: first * 2], units[first * 2 : last * 2]
            at = start + len(before.decode("utf-16-le"))
            yield Region(at, at + len(inside.decode("utf-16-le")), tuple(scopes))
        start = stop if ended is None else ended.end()


@cache
def all_texts() -> dict[str, tuple[str, list[Region]]]:
    """Return every text of this module by its name, with its regions; one run of node reads them all."""
    texts = {path.relative_to(ROOT).as_posix(): path.read_bytes().decode("utf-8") for path in FILES}
    texts |= TEXTS | BROKEN | {f"{name}, with CRLF": text.replace("\n", "\r\n") for name, text in TEXTS.items()}
    return dict(zip(texts, zip(texts.values(), engine(list(texts.values())), strict=True), strict=True))


NAMES = [path.relative_to(ROOT).as_posix() for path in FILES] + [*TEXTS, *(f"{name}, with CRLF" for name in TEXTS)]


class Lexed(NamedTuple):
    """What lark reads: tokens with a place, texts, and the end of the last token."""

    tokens: list[tuple[int, int]]
    texts: set[tuple[int, int]]
    end: int


def lark_tokens(text: str, start: str = "start", offset: int = 0) -> Lexed:
    """Return the tokens of lark's own contextual lexer, up to the first that does not fit."""
    tokens, texts = [], set()
    at = 0
    run = load_lark().parse_interactive(text, start=start)
    try:
        for token in run.iter_parse():
            assert token.start_pos is not None
            assert token.end_pos is not None
            begin = token.end_pos - len("else") if token.type == "_ELSE" else token.start_pos
            if token.type != "_NL":
                tokens.append((begin + offset, token.end_pos + offset))
            if token.type in ("STRING", "LONGSTRING"):
                texts.add((begin + offset, token.end_pos + offset))
            at = token.end_pos
    except LarkError:
        tokens, at = tokens[:-1], tokens[-1][0] if tokens else 0
        return Lexed(tokens, {each for each in texts if each[1] <= at}, at)
    return Lexed(tokens, texts, offset + len(text))


def comments_between(text: str, lexed: Lexed, at: int) -> set[tuple[int, int]]:
    """Return the comments from an offset on: they are between tokens."""
    found: set[tuple[int, int]] = set()
    for start, end in [*lexed.tokens, (lexed.end, lexed.end)]:
        found |= {match.span() for match in re.compile(r"//[^\r\n]*").finditer(text, at, max(at, start))}
        at = max(at, end)
    return found


def values_in(file: ast.File) -> Iterator[ast.Interpolation]:
    """Yield the interpolations of texts."""
    waiting: list[Any] = [file]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Interpolation):
            yield node
        for name in type(node).__slots__:
            value = getattr(node, name)
            waiting += [
                part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, ast.Node)
            ]


def strings(regions: list[Region]) -> set[tuple[int, int]]:
    """Return the spans of texts: by their quotes, or up to the end of an unclosed one."""
    found: set[tuple[int, int]] = set()
    opened: int | None = None
    last = 0
    for region in regions:
        inside = any(scope.startswith("string.quoted") for scope in region.scopes)
        if opened is not None and (not inside or region.scopes[-1].endswith("string.begin.ncco")):
            found.add((opened, last))
            opened = None
        if region.scopes[-1] == "string.quoted.double.inner.ncco":
            found.add((region.start, region.end))
        if region.scopes[-1].endswith("string.begin.ncco"):
            opened = region.start
        last = region.end
        if opened is not None and region.scopes[-1].endswith("string.end.ncco"):
            found.add((opened, last))
            opened = None
    return found | ({(opened, last)} if opened is not None else set())


def comments(regions: list[Region]) -> set[tuple[int, int]]:
    """Return the spans of comments; each is coloured in parts."""
    found: list[tuple[int, int]] = []
    for region in regions:
        if any(scope.startswith("comment.") for scope in region.scopes):
            if found and found[-1][1] == region.start:
                found[-1] = (found[-1][0], region.end)
            else:
                found.append((region.start, region.end))
    return set(found)


@needs_node
@pytest.mark.parametrize("name", NAMES)
def test_tokens_texts_and_comments_are_those_of_lark(name: str) -> None:
    text, regions = all_texts()[name]
    lexed = lark_tokens(text)
    if name in TEXTS:
        assert lexed.end == len(text)
    tokens, texts, between = list(lexed.tokens), set(lexed.texts), comments_between(text, lexed, 0)
    file, _ = parse_flow(Source("x", text))
    for value in values_in(file):
        if value.span.end <= lexed.end:
            start, end = value.span.start + 1, value.span.end - 1
            inner = lark_tokens(text[start:end], "interpolation", start)
            tokens += inner.tokens
            between |= comments_between(text, inner, start)
            texts |= inner.texts
    bounds = {offset for region in regions for offset in region[:2]}
    missing = [text[start:end] for start, end in tokens if start not in bounds or end not in bounds]
    assert missing == []
    inside = [(each, at) for each in tokens if each not in texts for at in range(each[0] + 1, each[1]) if at in bounds]
    assert [text[start:at] + "|" + text[at:end] for (start, end), at in inside] == []
    assert {each for each in strings(regions) if each[1] <= lexed.end} == texts
    assert {each for each in comments(regions) if each[1] <= lexed.end} == between


@needs_node
@pytest.mark.parametrize("name", [*BROKEN, *NAMES])
def test_texts_and_comments_are_those_of_the_server_in_broken_text_too(name: str) -> None:
    text, regions = all_texts()[name]
    found = list(lexemes(text, 0, len(text)))
    assert comments(regions) == {each[1:] for each in found if each.kind == "COMMENT"}
    coloured = {at for start, end in strings(regions) for at in range(start, end)}
    ours: set[int] = set()
    opened = 0
    for each in found:
        if each.kind == "OPEN":
            opened = each.start
        elif each.kind in ("TEXT", "ESCAPE", "CLOSE"):
            ours |= set(range(opened if each.kind == "CLOSE" else each.start, each.end))
    assert {at for at in coloured if not text[at].isspace()} == {at for at in ours if not text[at].isspace()}


def scope_of(name: str, word: str) -> str:
    text, regions = all_texts()[name]
    at = text.index(word)
    return next(region.scopes[-1] for region in regions if region.start == at)


@needs_node
@pytest.mark.parametrize(
    ("name", "word", "scope"),
    [
        ("samples/voicemail/voicemail.flow", "///", "punctuation.definition.comment.ncco"),
        ("samples/voicemail/voicemail.flow", "flow", "keyword.control.ncco"),
        ("samples/voicemail/voicemail.flow", "param", "storage.type.ncco"),
        ("samples/voicemail/voicemail.flow", "server: url", "variable.parameter.ncco"),
        ("samples/voicemail/voicemail.flow", "url = ", "support.type.ncco"),
        ("samples/voicemail/voicemail.flow", "en-GB", "constant.other.language.ncco"),
        ("samples/voicemail/voicemail.flow", "record {", "support.function.verb.ncco"),
        ("samples/voicemail/voicemail.flow", "beep_start", "variable.parameter.option.ncco"),
        ("samples/voicemail/voicemail.flow", "mp3", "support.constant.ncco"),
        ("samples/voicemail/voicemail.flow", "2m", "constant.numeric.duration.ncco"),
        ("samples/voicemail/voicemail.flow", "transcription", "variable.parameter.block.ncco"),
        ("samples/voicemail/voicemail.flow", "premium", "variable.parameter.flag.ncco"),
        ("samples/call-forward/call-forward.flow", "phone on_duty", "support.constant.ncco"),
        ("an allow", "ncco: allow", "keyword.control.directive.ncco"),
        ("texts", "spell", "support.function.filter.ncco"),
        ("texts", "{{", "constant.character.escape.ncco"),
        ("every kind of value", "* -> a", "keyword.operator.arithmetic.ncco"),
        ("every kind of value", "*; timeout", "constant.other.key.ncco"),
        ("every kind of value", "menu {", "support.function.verb.ncco"),
        ("every kind of value", "a; # ->", "entity.name.function.ncco"),
        ("arms and tests", "silence, otherwise", "support.constant.outcome.ncco"),
        ("arms and tests", "otherwise ->", "support.constant.outcome.ncco"),
        ("arms and tests", "retry", "keyword.control.ncco"),
        ("arms and tests", "agent(", "entity.name.function.ncco"),
        ("arms and tests", "talk y", "support.function.verb.ncco"),
        ("arms and tests", "agent }", "entity.name.function.ncco"),
        ("arms and tests", "hear", "support.function.verb.ncco"),
        ("arms and tests", "silence 5s", "support.function.verb.ncco"),
        ("words of the language as names", "else if", "keyword.control.ncco"),
    ],
)
def test_words_have_the_scopes_that_themes_know(name: str, word: str, scope: str) -> None:
    assert scope_of(name, word) == scope


# ── Without node ───────────────────────────────────────────────────────────────────────────────────────


def test_the_committed_grammar_is_fresh() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(make_grammar()), "make vscode writes it"


def test_the_grammar_knows_every_word_of_the_vocabulary() -> None:
    assert set(verbs()) >= {*actions(), "raw", "menu", "goto", "hangup", "call", "hear", "expect"}
    settings = {
        name: each.option
        for action in actions().values()
        for form in forms(action)
        for name, each in form.settings.items()
    }
    assert set(blocks()) >= {name for name, option in settings.items() if option.is_block}
    assert set(flags()) >= {name for name, option in settings.items() if option.types == ("boolean",)}
    words = {str(word).lower() for option in settings.values() for word in option.enum if str(word).isidentifier()}
    assert set(choices()) >= words | {
        word for action in actions().values() for form in forms(action) for word in form.words
    }
