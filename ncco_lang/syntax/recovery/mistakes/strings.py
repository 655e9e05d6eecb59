"""Slips about texts: other quotes, a quote left open or out, and what should stand in quotes and does not."""

from __future__ import annotations

import re
from collections.abc import Callable

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax.driver import Parse, Token
from ncco_lang.syntax.lexicon import END, STRAY
from ncco_lang.syntax.recovery.mistakes.mistake import Slip, first_word, line_end, line_start, next_line
from ncco_lang.syntax.recovery.parser_stack import statement_start, zero
from ncco_lang.syntax.recovery.repair_search import ALL, ENOUGH, reach_behind
from ncco_lang.syntax.recovery.unclosed_brackets import Closers, indent
from ncco_lang.syntax.syntax_rules import FLOW_SYNTAX, STRAY_CHARACTER, UNCLOSED_TEXT, finding
from ncco_lang.syntax.tree_builder import Builder

_QUOTES = {"'": "'", "‘": "’‘", "’": "’", "“": "”“", "”": "”", "„": "“”", "«": "»", "»": "«", "`": "`´'"}
_CURLY = re.compile(r"[“”„]")
_OTHER_QUOTE = re.compile(r"['‘’“”„«»`]")
_BEHIND_TEXT = r"(?=[\s,:;)\]}]|$)"
_ADDRESS = re.compile(r'\b(?:https?|wss?|sips?|tel):[^\s"]*$')
_LONGEST_ADDRESS = 2000
_ADDRESS_END = re.compile(r'[^\s;"]*')
_PHONE = re.compile(r"\+?[ ]*[0-9(][0-9()./ \u00a0-]{5,}[0-9]")
_LONGEST_SENTENCE = 500
_SAID = re.compile(r"[a-z_]\w*[ \t]+([^\W\d_][\w',.!?;-]*+(?:[ \t]++[\w',.!?;-]++)+)[ \t]*$")
_TITLE = re.compile(r"[^\W_](?:[^\"{};:/\\]*[^\s\"{};:/\\])?(?=[ \t]*(?://|;|$)|[ \t]+[a-z_]\w*:)")
_SPOKEN = re.compile(r"[',.!?;]")
_WORDS = frozenset("flow use param let arg default hours text step test on anywhere if set each else".split())
_KEY = re.compile(r"\s*([A-Za-z_][\w-]*)[ \t]*:")
_IN_OBJECT = re.compile(
    r""""(?:\\.|[^"\\])*" | [{,]\s*(?P<key>[A-Za-z_][\w-]*)(?=[ \t]*:) | (?P<loose>[A-Za-z_][\w-]*(?=[ \t]*:))""",
    re.VERBOSE,
)
_NO_JSON = re.compile(r":[ \t]*(?:[a-z]{2,3}-[A-Z]{2}|[0-9.]++(?:ms|s|m|h)|[#*])(?![\w\"])")
_BRACKETS = re.compile(r"[\s{}\[\],]+$")
_STATEMENT = re.compile(r"[ \t]*[a-z_]\w*[ \t]*(?:[\"{:=#]|[a-z_]\w*\b|$)")


def _stray(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """A character with which no token begins."""
    if token.kind != STRAY:
        return None
    source, text, at = builder.source, parse.text, token.start
    character = text[at]
    if character == '"':
        return _unopened(parse, source, at) or _unclosed(parse, builder, at)
    span = Span(at, at + 1)
    if character in _QUOTES:
        return _quoted(parse, builder, span)
    if character.isspace() or not character.isprintable():
        message = f"an invisible character, U+{ord(character):04X}, stands here"
        fix = Fix("put a space in its place", (Edit(span, " "),))
        return Slip(finding(STRAY_CHARACTER, source, span, message, fix=fix), (), at + 1)
    if _ADDRESS.search(text[line_start(text, at) : at]):
        return _address(parse, builder, token)
    if character in "→⇒":
        return None
    hint = "names have the letters a to z, digits and _" if character.isalpha() else None
    message = f"{character} means nothing outside a text"
    if reach_behind(parse, (), at + 1) < ENOUGH:
        return Slip(finding(STRAY_CHARACTER, source, span, message, hint=hint), (Token(STRAY, *span),), at)
    return Slip(finding(STRAY_CHARACTER, source, span, message, hint=hint, fix=_left_out(span)), (), at + 1)


def _left_out(span: Span) -> Fix:
    return Fix("leave it out", (Edit(span, ""),), unsafe=True)


# ── Quotes ─────────────────────────────────────────────────────────────────────────────────────────────


def _unopened(parse: Parse, source: Source, at: int) -> Slip | None:
    """`talk Good morning."`: the only quote of the line is at its end."""
    text, start = parse.text, statement_start(parse)
    end = line_end(text, at)
    if start is None or line_start(text, at) > start or '"' in text[start:at] or text[at + 1 : end].strip():
        return None
    words = text[start:at].split(maxsplit=1)
    if len(words) < 2 or text[at - 1].isspace():
        return None
    begin = at - len(words[1])
    fix = Fix("open it behind the verb", (Edit(Span(begin, begin), '"'),), unsafe=True)
    told = finding(UNCLOSED_TEXT, source, Span(begin, at + 1), "this text has no opening quote", fix=fix)
    return Slip(told, zero(end, "NAME"), end, cuts=True)


def _unclosed(parse: Parse, builder: Builder, at: int) -> Slip:
    source, text = builder.source, builder.text
    if text.startswith('"""', at):
        builder.unclosed.add(at)
        close = _end_of_long(text, at)
        fix = None
        if close < len(text):
            edit = Edit(Span(close, close), "\n" + " " * (indent(text, at) + 4) + '"""')
            fix = Fix("close it before the next line that is no part of it", (edit,), unsafe=True)
        message = 'this text has no closing """'
        hint = 'put """ behind its last line'
        told = finding(UNCLOSED_TEXT, source, Span(at, at + 3), message, hint=hint, fix=fix)
        return Slip(told, (Token("LONGSTRING", at, close),), close)
    stop = line_end(text, at)
    curly = _CURLY.search(text, at + 1, stop)
    if curly is not None:
        builder.unclosed.add(at)
        span = Span(*curly.span())
        fix = Fix('write "', (Edit(span, '"'),))
        message = f'this text begins with " and ends with {curly[0]}'
        told = finding(STRAY_CHARACTER, source, Span(at, span.end), message, fix=fix)
        return Slip(told, (Token("STRING", at, span.end),), span.end)
    end = _end_of_text(parse, at, stop)
    if end is None:
        fix = Fix("leave it out", (Edit(Span(at, at + 1), ""),), unsafe=True)
        told = finding(UNCLOSED_TEXT, source, Span(at, at + 1), "this quote has no other", fix=fix)
        return Slip(told, (), at + 1, quiet=stop)
    builder.unclosed.add(at)
    where = "at the end of the line" if not text[end:stop].strip() else f"before {text[end:stop].strip()}"
    fix = Fix(f"close it {where}", (Edit(Span(end, end), '"'),), unsafe=True)
    how = 'a text over several lines stands between """ and """; a quote inside a text is \\"'
    told = finding(UNCLOSED_TEXT, source, Span(at, end), "this text has no closing quote", hint=how, fix=fix)
    return Slip(told, (Token("STRING", at, end),), end)


def _end_of_text(parse: Parse, at: int, stop: int) -> int | None:
    """Where on its line a text without an end probably ends; None where the quote itself is too much."""
    text = parse.text
    end = at + len(text[at:stop].rstrip())
    before = at + len(_BRACKETS.sub("", text[at:end]))
    opens_block = text.endswith("{", at, end) and indent(text, next_line(text, at)) > indent(text, at)
    for place in (before, end) if opens_block else (end, before):
        if place > at + 1 and reach_behind(parse, ("STRING",), place) >= (ENOUGH if opens_block else ALL):
            return place
    return None if reach_behind(parse, (), at + 1) >= ENOUGH else end


def _end_of_long(text: str, at: int) -> int:
    """Where a long text without an end probably ends: before a line that stands no deeper than the one it begins on."""
    here, end = indent(text, at), line_end(text, at)
    while end < len(text):
        start = end + (2 if text.startswith("\r\n", end) else 1)
        stop = line_end(text, start)
        line = text[start:stop]
        if line.strip() and indent(text, start) <= here and (here or _STATEMENT.match(line)):
            return end
        end = stop
    return end


def _quoted(parse: Parse, builder: Builder, span: Span) -> Slip | None:
    """A text in other quotes than `"`, or one of them that stands alone."""
    source, text = builder.source, parse.text
    character, stop = text[span.start], line_end(text, span.start)
    closing = re.compile(f'[{_QUOTES[character]}"]{_BEHIND_TEXT}').search(text, span.end, stop)
    end = span.start + len(text[span.start : stop].rstrip()) if closing is None else closing.end()
    is_alone = end == span.end or (closing is None and text[span.start - 1 : span.start].isalnum())
    if is_alone or reach_behind(parse, ("STRING",), end) < ENOUGH:
        message = f"{character} means nothing outside a text"
        told = finding(STRAY_CHARACTER, source, span, message, fix=_left_out(span))
        return Slip(told, (), span.end, quiet=stop)
    message = f"a text stands in straight double quotes, not in {character}"
    if closing is None:
        builder.unclosed.add(span.start)
        edits = (Edit(span, '"'), Edit(Span(end, end), '"'))
        fix = Fix("put the rest of the line in double quotes", edits, unsafe=True)
    else:
        edits = (Edit(span, '"'), Edit(Span(*closing.span()), '"'))
        fix = Fix("put the text in double quotes", edits)
    told = finding(STRAY_CHARACTER, source, span, message, fix=fix)
    return Slip(told, (Token("STRING", span.start, end),), end)


# ── What should stand in quotes ────────────────────────────────────────────────────────────────────────


def _address(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`stream https://…`: what follows the slashes is a comment, or a sign that means nothing."""
    text = parse.text
    last = token.end if token.kind == "_COLON" else token.start if token.kind == STRAY else parse.previous_end
    found = _ADDRESS.search(text, max(line_start(text, last), last - _LONGEST_ADDRESS), last)
    if found is None or token.kind not in ("_COLON", "_NL", "_SEMICOLON", "RBRACE", END, STRAY):
        return None
    tail = _ADDRESS_END.match(text, found.start())
    end = found.end() if tail is None else tail.end()
    span = Span(found.start(), end)
    fix = Fix("put it in quotes", (Edit(span, f'"{text[slice(*span)]}"'),))
    hint = 'what stands behind "//" would be a comment' if "//" in text[slice(*span)] else None
    message = "an address is a text: it stands in quotes"
    told = finding(FLOW_SYNTAX, builder.source, span, message, hint=hint, fix=fix)
    tokens = zero(end, "NAME") if parse.fits(["NAME"]) else ()
    return Slip(told, tokens, end, unread=span.start)


def _sentence(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`talk Good morning, everybody.`: words and signs of a sentence behind a verb, and no quote."""
    text, start = parse.text, statement_start(parse)
    if start is None or parse.brackets[-1].is_data or line_end(text, start) < token.start:
        return None
    end = line_end(text, start)
    said = _SAID.match(text, start, end) if end - start < _LONGEST_SENTENCE else None
    if said is None or first_word(parse) in _WORDS or not _SPOKEN.search(said[1]):
        return None
    span = Span(*said.span(1))
    fix = Fix("put it in quotes", (Edit(span, f'"{said[1]}"'),))
    told = finding(FLOW_SYNTAX, builder.source, span, "what is said or sent stands in quotes", fix=fix)
    return Slip(told, zero(span.end, "NAME"), span.end, cuts=True)


def _title(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`flow Garage Bright`"""
    text, start = parse.text, statement_start(parse)
    if start is None or first_word(parse) != "flow" or not parse.fits(["STRING"]):
        return None
    title = _TITLE.match(text, token.start, line_end(text, token.start))
    if title is None:
        return None
    span = Span(*title.span())
    fix = Fix("put it in quotes", (Edit(span, f'"{title[0]}"'),))
    told = finding(FLOW_SYNTAX, builder.source, span, "the title of a flow stands in quotes", fix=fix)
    return Slip(told, (Token("STRING", *span),), span.end)


def _phone(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`connect phone +44 20 7946 0123`"""
    text, start = parse.text, token.start
    if token.kind in ("NUMBER", "MINUS", "LPAR", "SLASH"):
        before = re.compile(r"[0-9]+(\.[0-9]+)?$").search(text, max(0, parse.previous_end - 30), parse.previous_end)
        if before is None or parse.previous_kind != "NUMBER":
            return None
        start = before.start()
    elif token.kind != "PLUS":
        return None
    number = _PHONE.match(text, start, line_end(text, start))
    if number is None or text.startswith('"', number.end()):
        return None
    span = Span(*number.span())
    fix = Fix("put it in quotes", (Edit(span, f'"{number[0]}"'),))
    message = "a telephone number is a text: it stands in quotes"
    told = finding(FLOW_SYNTAX, builder.source, span, message, fix=fix)
    return Slip(told, zero(span.end, "NAME") if token.kind == "PLUS" else (), span.end, unread=start)


def _bare_key(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """`headers: { script: "x" }`, or a block of options with a colon before it."""
    text, bracket = parse.text, parse.brackets[-1]
    if bracket.token is None or bracket.token.kind != "LBRACE":
        return None
    key = _KEY.match(text, token.start)
    if bracket.is_data:
        if token.kind not in ("NAME", "FIELD") or key is None or not parse.fits(["STRING", "_COLON"]):
            return None
    else:
        # `raw { action: "talk", … }` reads as a block, up to its first comma.
        key = _KEY.match(text, bracket.token.end)
        if (
            token.kind != "_COMMA"
            or key is None
            or not text.endswith("raw", 0, len(text[: bracket.token.start].rstrip()))
        ):
            return None
    span = Span(key.start(1), key.end(1))
    hint = None
    if text[: bracket.token.start].rstrip().endswith(":"):
        hint = "options of the platform stand in a block instead, and no colon stands before its brace"
    message = "a key of a JSON object stands in quotes"
    fix = _quoted_keys(text, bracket.token.start, unsafe=hint is not None)
    told = finding(FLOW_SYNTAX, builder.source, span, message, hint=hint, fix=fix)
    # A token that is not used: the whole object is given up.
    return Slip(told, (Token(STRAY, *span),), token.start, cuts=not bracket.is_data)


def _quoted_keys(text: str, opening: int, *, unsafe: bool) -> Fix | None:
    """All keys of an object in quotes; None where they are the options of a block: without commas between them, or
    with a value that JSON does not have.
    """
    end = Closers(text).find(opening)
    if _NO_JSON.search(text, opening, len(text) if end is None else end):
        return None
    edits = []
    for match in _IN_OBJECT.finditer(text, opening, len(text) if end is None else end):
        if match["key"] is not None:
            edits.append(Edit(Span(*match.span("key")), f'"{match["key"]}"'))
        elif match["loose"] is not None:
            return None
    return Fix("put its keys in quotes", tuple(edits), unsafe) if edits and end is not None else None


def _lonely_text(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """A line that is a text and nothing else."""
    if token.kind not in ("STRING", "LONGSTRING") or not parse.fresh or parse.brackets[-1].is_data:
        return None
    at = token.start
    fix = Fix("write talk before it", (Edit(Span(at, at), "talk "),), unsafe=True)
    end = min(token.end, line_end(parse.text, at))
    message = "a line begins with what happens, and a text alone does not say it"
    told = finding(FLOW_SYNTAX, builder.source, Span(at, end), message, fix=fix)
    return Slip(told, zero(at, "NAME"), at)


def _json(parse: Parse, builder: Builder, token: Token) -> Slip | None:
    """A file that is an NCCO, not a flow."""
    text = parse.text
    if token.kind not in ("LSQB", "LBRACE") or len(parse.values) > 1 or text[: token.start].strip("\ufeff \t\r\n"):
        return None
    hint = "ncco decompile makes a flow of it; ncco check takes it as it is, in a file whose name ends in .json"
    told = finding(FLOW_SYNTAX, builder.source, Span(token.start, token.end), "this is JSON, not a flow", hint=hint)
    return Slip(told, (), len(text), quiet=len(text))


TEXT_SLIPS: tuple[Callable[[Parse, Builder, Token], Slip | None], ...] = (
    _title,
    _sentence,
    _stray,
    _address,
    _phone,
    _bare_key,
    _lonely_text,
    _json,
)
