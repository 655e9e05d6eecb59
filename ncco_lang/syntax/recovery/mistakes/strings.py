"""Mistakes with texts: other quotes, a quote left open or out, and what belongs in quotes but is not."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lexicon import END, STRAY
from ncco_lang.syntax.lines import indent, line_end, line_start, next_line
from ncco_lang.syntax.recovery.budget import ALL, ENOUGH, LONGEST_ADDRESS, LONGEST_SENTENCE
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake, number_before, word_before
from ncco_lang.syntax.recovery.parser_stack import open_data
from ncco_lang.syntax.skip_patterns import TEXT
from ncco_lang.syntax.syntax_rules import leave_out, write
from ncco_lang.values.language_tags import TAG
from ncco_lang.vocabulary.option_specs import data_options

_QUOTES = {"'": "'", "‘": "’‘", "’": "’", "“": "”“", "”": "”", "„": "“”", "«": "»", "»": "«", "`": "`´'"}
_CURLY = re.compile(r"[“”„]")
_OTHER_QUOTE = re.compile(r"['‘’“”„«»`]")
_AFTER_TEXT = r"(?=[\s,:;)\]}]|$)"
_ADDRESS = re.compile(r'\b(?:https?|wss?|sips?|tel):[^\s"]*$')
_ADDRESS_END = re.compile(r'[^\s;"]*')
_PHONE = re.compile(r"\+?[ ]*[0-9(][0-9()./ \u00a0-]{5,}[0-9]")
_SAID = re.compile(r"[a-z_]\w*[ \t]+([^\W\d_][\w',.!?;-]*+(?:[ \t]++[\w',.!?;-]++)+)[ \t]*$")
_TITLE = re.compile(r"[^\W_](?:[^\"{};:/\\]*[^\s\"{};:/\\])?(?=[ \t]*(?://|;|$)|[ \t]+[a-z_]\w*:)")
_SPOKEN = re.compile(r"[',.!?;]")
_WORDS = frozenset("flow use param let arg default hours text step test on anywhere if set each else".split())
_KEY = re.compile(r"\s*([A-Za-z_][\w-]*)[ \t]*:")
_IN_OBJECT = re.compile(
    r""""(?:\\.|[^"\\])*" | [{,]\s*(?P<key>[A-Za-z_][\w-]*)(?=[ \t]*:) | (?P<loose>[A-Za-z_][\w-]*(?=[ \t]*:))""",
    re.VERBOSE,
)
_NO_JSON = re.compile(rf":[ \t]*(?:{TAG}|[0-9.]++(?:ms|s|m|h)|[#*])(?![\w\"])")
_CLOSES = re.compile(r"\s*\}")
_ONE_TEXT = re.compile(TEXT)
_BRACKETS = re.compile(r"[\s{}\[\](),]+$")
_STATEMENT = re.compile(r"[ \t]*[a-z_]\w*[ \t]*(?:[\"{:=#]|[a-z_]\w*\b|$)")


def _stray(at: Misfit) -> Mistake | None:
    """A character with which no token begins."""
    if at.kind != STRAY:
        return None
    character = at.written
    if character == '"':
        return _unopened(at) or _unclosed(at)
    if character in _QUOTES:
        return _quoted(at)
    if character.isspace() or not character.isprintable():
        fix = write(at.span, " ", "put a space in its place")
        return at.mistake(at.span, said.INVISIBLE, to=at.end, written=f"U+{ord(character):04X}", fix=fix)
    if _ADDRESS.search(at.text[line_start(at.text, at.start) : at.start]):
        return _address(at)
    if character in "→⇒":
        return None
    what = said.STRAY_LETTER if character.isalpha() else said.STRAY_SIGN
    if not at.reads_on(at.end):
        stray = Token(STRAY, *at.span)
        return at.mistake(at.span, what, stray, to=at.start, written=character)
    return at.mistake(at.span, what, to=at.end, written=character, fix=leave_out(at.span))


# ── Quotes ─────────────────────────────────────────────────────────────────────────────────────────────


def _unopened(at: Misfit) -> Mistake | None:
    """`talk Good morning."`: the only quote of the line is at its end."""
    text, start, end = at.text, at.statement, at.line_end
    if (
        start is None
        or line_start(text, at.start) > start
        or '"' in text[start : at.start]
        or text[at.end : end].strip()
    ):
        return None
    words = text[start : at.start].split(maxsplit=1)
    if len(words) < 2 or text[at.start - 1].isspace():
        return None
    begin = at.start - len(words[1])
    fix = write(Span(begin, begin), '"', "open it after the verb", unsafe=True)
    return at.mistake(Span(begin, at.end), said.NO_OPENING_QUOTE, "NAME", to=end, fix=fix, cuts=True)


def _unclosed(at: Misfit) -> Mistake:
    """`talk "Good morning`: the text has no closing quote."""
    text, start, stop = at.text, at.start, at.line_end
    if text.startswith('"""', start):
        return _unclosed_long(at)
    curly = _CURLY.search(text, at.end, stop)
    if curly is not None:
        at.builder.unclosed.add(start)
        span, fix = Span(start, curly.end()), write(Span(*curly.span()), '"')
        other, meant = said.OTHER_CLOSING_QUOTE, Token("STRING", *span)
        return at.mistake(span, other, meant, to=span.end, written=curly[0], fix=fix)
    end = _end_of_text(at, stop)
    if end is None:
        return at.mistake(at.span, said.LONE_QUOTE, to=at.end, fix=leave_out(at.span), quiet=stop)
    at.builder.unclosed.add(start)
    rest, span = text[end:stop].strip(), Span(start, end)
    where = f"before {rest}" if rest else "at the end of the line"
    fix = write(Span(end, end), '"', f"close it {where}", unsafe=True)
    return at.mistake(span, said.NO_CLOSING_QUOTE, Token("STRING", *span), to=end, fix=fix)


def _unclosed_long(at: Misfit) -> Mistake:
    at.builder.unclosed.add(at.start)
    end = _end_of_long(at.text, at.start)
    fix = None
    if end < len(at.text):
        quotes = "\n" + " " * (indent(at.text, at.start) + 4) + '"""'
        fix = write(Span(end, end), quotes, "close it before the next line that is not part of it", unsafe=True)
    span, meant = Span(at.start, at.start + 3), Token("LONGSTRING", at.start, end)
    return at.mistake(span, said.NO_CLOSING_QUOTES, meant, to=end, fix=fix)


def _end_of_text(at: Misfit, stop: int) -> int | None:
    """Return where on its line a text that is not closed probably ends; None if its quote is one too many."""
    text, start = at.text, at.start
    end = start + len(text[start:stop].rstrip())
    before = start + len(_BRACKETS.sub("", text[start:end]))
    opens_block = text.endswith("{", start, end) and indent(text, next_line(text, start)) > indent(text, start)
    for place in (before, end) if opens_block else (end, before):
        if place > at.end and at.reads_on(place, "STRING", enough=ENOUGH if opens_block else ALL):
            return place
    if at.reads_on(at.end):
        return None
    return before if opens_block and before > at.end else end


def _end_of_long(text: str, at: int) -> int:
    """Return where a long text that is not closed probably ends: before a line that is indented no deeper than its own."""
    here, end = indent(text, at), line_end(text, at)
    while end < len(text):
        start = next_line(text, end)
        stop = line_end(text, start)
        line = text[start:stop]
        if line.strip() and indent(text, start) <= here and (here or _STATEMENT.match(line)):
            return end
        end = stop
    return end


def _quoted(at: Misfit) -> Mistake | None:
    """A text in other quotes than `"`, or one of those quotes alone."""
    text, span, stop, character = at.text, at.span, at.line_end, at.written
    closing = re.compile(f'[{_QUOTES[character]}"]{_AFTER_TEXT}').search(text, span.end, stop)
    end = span.start + len(text[span.start : stop].rstrip()) if closing is None else closing.end()
    is_alone = end == span.end or (closing is None and text[span.start - 1 : span.start].isalnum())
    if is_alone or not at.reads_on(end, "STRING"):
        fix = leave_out(span)
        return at.mistake(span, said.STRAY_SIGN, to=span.end, written=character, fix=fix, quiet=stop)
    if closing is None:
        at.builder.unclosed.add(span.start)
        edits = (Edit(span, '"'), Edit(Span(end, end), '"'))
        fix = Fix("put the rest of the line in double quotes", edits, unsafe=True)
    else:
        edits = (Edit(span, '"'), Edit(Span(*closing.span()), '"'))
        fix = Fix("put the text in double quotes", edits)
    meant = Token("STRING", span.start, end)
    return at.mistake(span, said.OTHER_QUOTES, meant, to=end, written=character, fix=fix)


# ── What belongs in quotes ─────────────────────────────────────────────────────────────────────────────


def _put_in_quotes(at: Misfit, span: Span) -> Fix:
    return write(span, f'"{at.text[span.start : span.end]}"', "put it in quotes")


def _address(at: Misfit) -> Mistake | None:
    """`stream https://…`: what follows the slashes is a comment, or a sign without a meaning."""
    text = at.text
    last = at.end if at.kind == "_COLON" else at.start if at.kind == STRAY else at.before
    found = _ADDRESS.search(text, max(line_start(text, last), last - LONGEST_ADDRESS), last)
    if found is None or at.kind not in ("_COLON", "_NL", "_SEMICOLON", "RBRACE", END, STRAY):
        return None
    tail = _ADDRESS_END.match(text, found.start())
    span = Span(found.start(), found.end() if tail is None else tail.end())
    what = said.ADDRESS_AS_COMMENT if "//" in text[slice(*span)] else said.ADDRESS
    meant = ["NAME"] if at.fits(["NAME"]) else []
    return at.mistake(span, what, *meant, to=span.end, fix=_put_in_quotes(at, span), unread=span.start)


def _sentence(at: Misfit) -> Mistake | None:
    """`talk Good morning, everybody.`: words and signs of a sentence after a verb, and no quote."""
    text, start = at.text, at.statement
    if start is None or at.bracket.is_data or line_end(text, start) < at.start:
        return None
    end = line_end(text, start)
    spoken = _SAID.match(text, start, end) if end - start < LONGEST_SENTENCE else None
    if spoken is None or at.word in _WORDS or not _SPOKEN.search(spoken[1]):
        return None
    span = Span(*spoken.span(1))
    return at.mistake(span, said.SENTENCE, "NAME", to=span.end, fix=_put_in_quotes(at, span), cuts=True)


def _title(at: Misfit) -> Mistake | None:
    """`flow Garage Bright`"""
    title = None
    if at.word == "flow" and at.fits(["STRING"]):
        title = _TITLE.match(at.text, at.start, at.line_end)
    if title is None:
        return None
    span = Span(*title.span())
    return at.mistake(span, said.TITLE, Token("STRING", *span), to=span.end, fix=_put_in_quotes(at, span))


def _phone(at: Misfit) -> Mistake | None:
    """`connect phone +44 20 7946 0123`"""
    start = at.start
    if at.kind in ("NUMBER", "MINUS", "LPAR", "SLASH"):
        start = at.before - len(number_before(at.text, at.before))
        if start == at.before or at.kind_before != "NUMBER":
            return None
    elif at.kind != "PLUS":
        return None
    number = _PHONE.match(at.text, start, line_end(at.text, start))
    if number is None or at.text.startswith('"', number.end()):
        return None
    span, meant = Span(*number.span()), ["NAME"] if at.kind == "PLUS" else []
    return at.mistake(span, said.PHONE, *meant, to=span.end, fix=_put_in_quotes(at, span), unread=start)


def _bare_key(at: Misfit) -> Mistake | None:
    """`headers: { script: "x" }`, or a block of options with a colon before it."""
    text, opening = at.text, at.bracket.token
    if opening is None or opening.kind != "LBRACE":
        return None
    before, is_data = text[: opening.start].rstrip(), at.bracket.is_data
    if is_data:
        key = _KEY.match(text, at.start)
        fits = at.kind in ("NAME", "FIELD") and at.fits(["STRING", "_COLON"])
    else:
        # `raw { action: "talk", … }` reads as a block, up to its first comma.
        key = _KEY.match(text, opening.end)
        fits = at.kind == "_COMMA" and before.endswith("raw")
    if key is None or not fits:
        return None
    is_option, span = before.endswith(":"), Span(*key.span(1))
    option = word_before(text, len(before) - 1) if is_option else ""
    holds_data = option in data_options()
    what = said.BARE_DATA_KEY if holds_data else said.BARE_OPTION if is_option else said.BARE_KEY
    # The keys of all objects of a list: a fix of the first object alone would leave the list as wrong as it is.
    outermost = open_data(at.parse)[-1] if is_data else opening
    fix = _quoted_keys(at, outermost.start, unsafe=is_option and not holds_data)
    written, stray = key[1] if holds_data else "", Token(STRAY, *span)
    # The token fits nowhere, so recovery gives up the whole object.
    return at.mistake(span, what, stray, to=at.start, written=written, instead=option, fix=fix, cuts=not is_data)


def _quoted_keys(at: Misfit, opening: int, *, unsafe: bool) -> Fix | None:
    """Return the fix that puts all keys of an object, or of a list of objects, in quotes.

    None if they are the options of a block: it has no commas between them, or a value that JSON does not have.
    """
    end = at.closers.find(opening)
    if end is None or _NO_JSON.search(at.text, opening, end):
        return None
    edits = []
    for match in _IN_OBJECT.finditer(at.text, opening, end):
        if match["loose"] is not None:
            return None
        if match["key"] is not None:
            edits.append(Edit(Span(*match.span("key")), f'"{match["key"]}"'))
    return Fix("put its keys in quotes", tuple(edits), unsafe) if edits else None


def _lonely_text(at: Misfit) -> Mistake | None:
    """A line that is a text and nothing else."""
    is_read = at.kind == "_NL" and at.kind_before == "STRING" and not at.bracket.is_data
    is_key = _CLOSES.match(at.text, at.end) is not None  # the text may be a key without its value
    if is_read and not is_key and at.statement is not None and _ONE_TEXT.fullmatch(at.text, at.statement, at.before):
        fix = write(Span(at.statement, at.statement), "talk ", "write talk before it", unsafe=True)
        span = Span(at.statement, at.before)
        return at.mistake(span, said.LONELY_TEXT, "NAME", to=at.statement, fix=fix, cuts=True)
    if at.kind not in ("STRING", "LONGSTRING") or not at.parse.fresh or at.bracket.is_data:
        return None
    fix = write(Span(at.start, at.start), "talk ", "write talk before it", unsafe=True)
    span = Span(at.start, min(at.end, at.line_end))
    return at.mistake(span, said.LONELY_TEXT, "NAME", to=at.start, fix=fix)


def _json(at: Misfit) -> Mistake | None:
    """A file that is an NCCO, not a flow."""
    if at.kind not in ("LSQB", "LBRACE") or len(at.parse.values) > 1 or at.text[: at.start].strip("\ufeff \t\r\n"):
        return None
    end = len(at.text)
    return at.mistake(at.span, said.JSON_FILE, to=end, quiet=end)


STRING_MISTAKES: tuple[Finder, ...] = (
    _title,
    _sentence,
    _stray,
    _address,
    _phone,
    _bare_key,
    _lonely_text,
    _json,
)
