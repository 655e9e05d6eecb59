"""Mistakes with signs and shapes: `=` for `:`, a sign after a verb, a stray comma, a tab, a unit apart from its number."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache

from ncco_lang.diagnostics import Diagnostic, Edit, Fix
from ncco_lang.source import Source, Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lexicon import ELSE
from ncco_lang.syntax.lines import TAB_WIDTH, indent, line_start, next_line, rest_of_line
from ncco_lang.syntax.recovery.budget import LOOK_AHEAD
from ncco_lang.syntax.recovery.mistakes.declarations import TYPES
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake, number_before, word_before
from ncco_lang.syntax.skip_patterns import LONG_TEXT
from ncco_lang.syntax.syntax_rules import write
from ncco_lang.values.units import short_unit

_SIGNS = {"_COLON": ":", "_EQUAL": "=", "_ARROW": "->"}
_BETWEEN = {
    "_COLON": said.NO_COLON,
    "_EQUAL": said.NO_EQUALS_SIGN,
    "_ARROW": said.NO_ARROW,
}
_DECLARING = frozenset({"let", "var", "const", "local"})
_MISTAKEN = frozenset({"_COLON", "_EQUAL", "_ARROW", "CMP", "MINUS"})
_ARROWS = re.compile(r"=+>|-+[ \t]*>|:[ \t]*->|→|⇒|--?|>")
_RANGE = re.compile(r"(?:-|–|\.\.)[ \t]*([0-9]+)[ \t]*(?=->|,)")
_STATUS = re.compile(
    r"(?:[0-9]{1,2}(?P<rest>[xX*]{1,2})\b|[0-9]\*{1,2}|(?P<low>[0-9]{3})[ \t]*(?:-|–|\.\.)[ \t]*(?P<high>[0-9]{3}))[ \t]*(?=->|,)"
)
_IS_STATUS = re.compile(r"[345][0-9]{2}")
_CAPITAL_PATTERN = re.compile(r"[A-Z][A-Za-z0-9_]*")
_MOST_KEYS = 20
"""Keys of a range that a hint writes out."""
_STEP = re.compile(r"[a-z_][a-z0-9_]*")
_PATTERN = re.compile(r'[0-9*#"]|(?:silence|otherwise|give_up)\b')
_SPLIT = re.compile(r"give[ \t]+up\b")
_KEY_OR_PHRASE = r'(?:[0-9]+|"[^"\\\r\n]*"|[a-z_]+)[ \t]*'
_WORD_AND_KEY = re.compile(rf'(?P<word>[a-z_]+)[ \t]+(?P<key>(?=[0-9"]){_KEY_OR_PHRASE}(?:,[ \t]*{_KEY_OR_PHRASE})*+)')
_UNIT = re.compile(r"(ms|s|m|h|(milli)?sec(ond)?s?|min(ute)?s?|hours?)\b")
_DECIMALS = re.compile(r"[0-9]+(ms|s|m|h)?\b")
_STEP_NAMES = re.compile(r"^[ \t]*step[ \t]+([a-z_][a-z0-9_]*)", re.MULTILINE)
_CALL = re.compile(r"\(([^()\r\n]*)\)[ \t]*(?=//|;|\r|\n|$)")
_IF = re.compile(r"[ \t]+if\b")
_OPTION = re.compile(r"[ \t]*[a-z_]+:(?!:)")
_NEXT_OPTION = re.compile(r"(?:(?<![;{,\s:])|^)(?=[ \t]+[a-z_]+:)")
_QUOTED = re.compile(r'"(?:\\.|[^"\\\r\n])*"')
_TAB_INDENT = re.compile(r"^ *\t[ \t]*", re.MULTILINE)


def check_tabs(source: Source) -> Iterator[Diagnostic]:
    """Yield one finding for all lines of a file that are indented with tabs; its fix changes each of them."""
    # In a text over several lines a tab may be part of what is said.
    texts = [match.span() for match in re.finditer(LONG_TEXT, source.text)]
    starts = [start for start, _ in texts]
    found = [
        match
        for match in _TAB_INDENT.finditer(source.text)
        if not (at := bisect_right(starts, match.start())) or texts[at - 1][1] <= match.start()
    ]
    if found:
        edits = tuple(Edit(Span(*match.span()), match[0].expandtabs(TAB_WIDTH)) for match in found)
        what, fix = said.TAB if len(found) == 1 else said.TABS, Fix("write blanks instead", edits)
        yield said.misread(source, edits[0].span, what, written=str(len(found)), fix=fix)


# ── Signs ──────────────────────────────────────────────────────────────────────────────────────────────


def _verb_with_sign(at: Misfit) -> Mistake | None:
    """`talk: "…"`, `talk = "…"`, `talk("…")`: a sign after a verb."""
    word, end = word_before(at.text, at.before), at.before
    if at.kind not in ("_COLON", "_EQUAL", "LPAR") or not word or at.word != word or at.fits([at.kind]):
        return None
    if at.kind == "_EQUAL" and at.fits(["_COLON"]):
        return None  # the name of an option in a block
    if not at.fits(["STRING"]) or at.statement != end - len(word):
        return None
    if at.kind == "LPAR":
        call = _CALL.match(at.text, at.start)
        if call is None:
            return None
        span = Span(*call.span())
        if word in _steps(at.text):
            start = end - len(word)
            return at.mistake(
                Span(start, end), said.STEP_AS_STATEMENT, "NAME", to=span.end, written=word, quiet=span.end, cuts=True
            )
        edits = (Edit(Span(end, at.end), " "), Edit(Span(call.end(1), call.end(1) + 1), ""))
        fix = Fix("remove the brackets", edits)
        return at.mistake(span, said.CALL, to=at.end, written=word, fix=fix, quiet=span.end)
    blank = "" if at.text[at.end : at.end + 1] == " " else " "
    # After a word that is not a verb, an equals sign names a value; the parser does not know the verbs.
    fix = write(Span(end, at.end), blank, "remove it", unsafe=at.kind == "_EQUAL")
    return at.mistake(at.span, said.SIGN_AFTER_VERB, to=at.end, written=at.written, instead=word, fix=fix)


@lru_cache(maxsize=1)
def _steps(text: str) -> frozenset[str]:
    """Return the names of the steps of a text."""
    return frozenset(_STEP_NAMES.findall(text))


def _arrow_for_another(at: Misfit) -> Mistake | None:
    """`let title => "x"`, `timeout -> 20s`"""
    end = at.before
    if at.kind_before == "_EQUAL" and at.start == end and at.text.startswith(">", end):
        fix = write(Span(end, end + 1), "", "write =")
        return at.mistake(Span(end - 1, end + 1), said.NO_EQUALS_SIGN, to=end + 1, written="=>", fix=fix)
    if at.kind_before == "_ARROW" and at.kind == "STRING" and _is_pattern(at):
        inside = at.text[at.start + 1 : at.end - 1]
        if _STEP.fullmatch(inside):
            fix = write(at.span, inside, "remove the quotes")
            return at.mistake(at.span, said.QUOTED_STEP, "NAME", to=at.end, instead=inside, fix=fix)
        fix = write(Span(at.start, at.start), "talk ", "write talk before it", unsafe=True)
        return at.mistake(at.span, said.SAID_BY_ARM, "NAME", to=at.start, fix=fix)
    if at.kind_before == "_ARROW" and at.kind in (*TYPES, "STAR", "HASH") and _is_pattern(at):
        return at.mistake(at.span, said.NOT_A_TARGET, "NAME", to=at.end, written=at.written)
    if at.kind_before == "_ARROW" and at.kind in (*TYPES, "LONGSTRING", "STAR", "HASH"):
        fix = write(Span(len(at.text[: end - 2].rstrip()), end), ":")
        return at.mistake(Span(end - 2, end), said.NO_COLON, "NAME", to=at.end, written="->", fix=fix, cuts=True)
    return None


def _is_pattern(at: Misfit) -> bool:
    """Return whether the statement begins with what only an arm begins with."""
    return at.statement is not None and _PATTERN.match(at.text, at.statement) is not None


def _no_target(at: Misfit) -> Mistake | None:
    """`1 ->` and nothing after it."""
    if at.kind_before != "_ARROW" or at.kind not in ("_NL", "_SEMICOLON", "RBRACE"):
        return None
    return at.mistake(Span(at.before - 2, at.before), said.NO_TARGET, "NAME", to=at.start)


def find_status(at: Misfit) -> Mistake | None:
    """`4XX -> …`, `40x -> …`, `7xx -> …`, `400-499 -> …` among the arms of a lookup."""
    first = number_before(at.text, at.before)
    found = _STATUS.match(at.text, at.before - len(first)) if first.isdigit() else None
    if found is None or not at.is_nested or at.start not in (found.start("rest"), at.before):
        return None
    written, span = found[0].strip(), Span(found.start(), found.start() + len(found[0].rstrip()))
    low, high = found["low"], found["high"]
    if low is not None and not (_IS_STATUS.fullmatch(low) and _IS_STATUS.fullmatch(high)):
        return None  # a range of keys
    is_whole = re.fullmatch(r"[345][xX*]{2}", written) or (
        low is not None and low[1:] == "00" and high == f"{low[0]}99"
    )
    fix = write(span, f"{written[0]}xx") if is_whole else None
    return at.mistake(span, said.NO_STATUS, to=span.end, written=written, fix=fix, quiet=span.end)


def _key_range(at: Misfit) -> Mistake | None:
    """`1-3 -> order`, `1..3 -> order`"""
    found, first = _RANGE.match(at.text, at.start), number_before(at.text, at.before)
    if found is None or not first.isdigit() or not at.is_nested or not at.fits(["_ARROW"]):
        return None
    span, last = Span(at.before - len(first), found.end(1)), found[1]
    count = int(last) - int(first) + 1 if max(len(first), len(last)) < 10 else 0
    is_short = first == str(int(first)) and 1 < count <= _MOST_KEYS
    keys = ", ".join(str(int(first) + each) for each in range(count)) if is_short else f"{first}, {last}"
    fix = write(span, keys, unsafe=True) if is_short else None
    return at.mistake(span, said.KEY_RANGE, to=found.end(), instead=keys, fix=fix)


def _capital_pattern(at: Misfit) -> Mistake | None:
    """`Otherwise -> order`, `D -> order`, `Sales -> order`"""
    if at.kind != "_ARROW" or not at.is_nested or at.statement is None:
        return None
    found = _CAPITAL_PATTERN.match(at.text, at.statement, at.start)
    if found is None or found.end() != at.before:
        return None
    from ncco_lang.vocabulary.language_words import outcomes

    span, word = Span(*found.span()), found[0]
    if word.lower() in outcomes():
        what, fix = said.CAPITAL_OUTCOME, write(span, word.lower())
    elif len(word) == 1:
        what, fix = said.NO_SUCH_KEY, None
    else:
        what, fix = said.BARE_PHRASE, write(span, f'"{word}"', unsafe=True)
    return at.mistake(span, what, "NAME", to=at.start, written=word, instead=word.lower(), fix=fix, cuts=True)


def _word_before_pattern(at: Misfit) -> Mistake | None:
    """`press 1 -> order`, `give up -> order`"""
    if at.kind != "_ARROW" or not at.is_nested or at.statement is None:
        return None
    if (split := _SPLIT.match(at.text, at.statement, at.start)) is not None:
        span, fix = Span(*split.span()), write(Span(*split.span()), "give_up")
        return at.mistake(span, said.SPLIT_OUTCOME, "NAME", to=at.start, instead="give_up", fix=fix, cuts=True)
    found = _WORD_AND_KEY.fullmatch(at.text, at.statement, at.start)
    if found is None:
        return None
    fix = write(Span(found.start(), found.start("key")), "", "remove it", unsafe=True)
    return at.mistake(
        Span(*found.span("word")),
        said.WORD_BEFORE_PATTERN,
        to=found.start("key"),
        written=found["word"],
        fix=fix,
        cuts=True,
    )


def _lonely_arm(at: Misfit) -> Mistake | None:
    """`1 -> order` at the top level of a file."""
    if at.is_nested or at.statement is not None or at.kind not in ("NUMBER", "STRING", "STAR", "HASH"):
        return None
    arrow = at.rest.find("->")
    if arrow < 0 or '"' in at.rest[:arrow]:
        return None
    return at.mistake(Span(at.start, at.end + len(at.rest.rstrip())), said.LONELY_ARM, "NAME", to=at.line_end)


def _wrong_sign(at: Misfit) -> Mistake | None:
    """One of `:`, `=` and `->` for another."""
    if at.kind not in _MISTAKEN and not (at.kind == "STRAY" and at.written in "→⇒"):
        return None
    if at.rest.strip() == "{" and at.reads_on(at.end):
        return None  # no sign precedes a block
    written = at.written
    meant = next((kind for kind in _SIGNS if kind != at.kind and at.fits([kind])), None)
    arrow = _ARROWS.match(at.text, at.start)
    if (arrow is not None or _is_pattern(at)) and at.fits(["_ARROW"]):
        meant, written = "_ARROW", written if arrow is None else arrow[0]
    span = Span(at.start, at.start + len(written))
    if meant is None and at.kind == "_EQUAL" and at.fits(["CMP"]):
        other = at.text[span.end : span.end + 1]
        if other in ("<", ">"):
            span = Span(span.start, span.end + 1)
            written, meant = f"={other}", f"{other}="
            fix = write(span, meant)
            return at.mistake(
                span, said.OPERATOR, Token("CMP", *span), to=span.end, instead=meant, written=written, fix=fix
            )
        return at.mistake(span, said.COMPARISON, Token("CMP", *span), to=span.end, fix=write(span, "=="))
    if meant is None or (meant != "_ARROW" and at.kind in ("CMP", "MINUS")):
        return None
    sign = _SIGNS[meant]
    if meant == "_COLON":
        put = ":" if at.text[span.end : span.end + 1].isspace() else ": "
    else:
        put = (at.text[at.before : at.start] or " ") + sign
    # In a step `let x = 5` is meant as a `set`, and a colon would hide that.
    fix = write(Span(at.before, span.end), put, f"write {sign}", unsafe=meant == "_COLON" and at.word in _DECLARING)
    return at.mistake(span, _BETWEEN[meant], Token(meant, *span), to=span.end, written=written, fix=fix)


# ── Shapes ─────────────────────────────────────────────────────────────────────────────────────────────


def _trailing_comma(at: Misfit) -> Mistake | None:
    """`{ "a": 1, }`: JSON has no comma after the last pair."""
    if at.kind != "RBRACE" or not at.bracket.is_data or not at.fits(["STRING", "_COLON", "NAME", "RBRACE"]):
        return None
    comma = at.text.rfind(",", 0, at.start)
    if comma < 0 or at.text[comma + 1 : at.start].strip():
        return None
    span = Span(comma, comma + 1)
    fix = write(span, "", "remove it")
    return at.mistake(span, said.TRAILING_COMMA, "STRING", "_COLON", "NAME", to=at.start, fix=fix)


def _loose_unit(at: Misfit) -> Mistake | None:
    """`2 m` or `2min` for `2m`."""
    unit = _UNIT.match(at.text, at.start)
    number = number_before(at.text, at.before)
    if at.kind != "NAME" or unit is None or not number or at.text[at.before : at.start].strip(" \t"):
        return None
    written = number + short_unit(unit[0])
    span = Span(at.before - len(number), unit.end())
    what = said.LOOSE_UNIT if at.start > at.before else said.LONG_UNIT
    return at.mistake(span, what, to=span.end, instead=written, fix=write(span, written), unread=span.start)


def _decimal_comma(at: Misfit) -> Mistake | None:
    """`level: 1,5`"""
    number = number_before(at.text, at.before)
    tail = _DECIMALS.match(at.text, at.end)
    if at.kind != "_COMMA" or at.before != at.start or not number or tail is None or at.bracket.is_data:
        return None
    span, written = Span(at.before - len(number), tail.end()), f"{number}.{tail[0]}"
    fix = write(span, written, unsafe=True)
    return at.mistake(span, said.DECIMAL_COMMA, to=span.end, instead=written, fix=fix, unread=span.start)


def _stray_comma(at: Misfit) -> Mistake | None:
    """`level: 0.5, loop: 2`: a comma between options, or after the last one of a line."""
    if at.kind != "_COMMA" or at.bracket.is_data:
        return None
    is_last = re.match(r"[ \t]*(?://|[\r\n}]|$)", at.text[at.end : at.line_end + 1]) is not None
    if is_last:
        return at.mistake(at.span, said.STRAY_COMMA, to=at.end, fix=write(at.span, "", "remove it"))
    if _OPTION.match(at.text, at.end) is None:
        return None
    if at.reads_on(at.end):
        return at.mistake(at.span, said.STRAY_COMMA, to=at.end, fix=write(at.span, "", "remove it"))
    if not at.fits(["_NL"]):
        return None
    return at.mistake(at.span, said.STRAY_COMMA, "_NL", to=at.end, fix=write(at.span, ";"))


def _options_in_row(at: Misfit) -> Mistake | None:
    """`{ level: 0.5 premium: true }`: one finding and one fix for all options of the line."""
    if at.kind != "NAME" or at.bracket.is_data or not at.is_nested or _OPTION.match(at.text, at.before) is None:
        return None
    if not at.fits(["_NL"]):
        return None
    rest = _QUOTED.sub(lambda found: "x" * len(found[0]), at.text[at.before : at.line_end]).partition("//")[0]
    rest = rest.partition("}")[0].partition("{")[0]
    places = [at.before + found.start() for found in _NEXT_OPTION.finditer(rest)]
    edits = tuple(Edit(Span(place, place), ";") for place in places)
    fix = Fix("write ; between them", edits)
    return at.mistake(at.span, said.OPTIONS_IN_ROW, "_NL", to=at.start, fix=fix, quiet=at.before + len(rest))


def _missing_if(at: Misfit) -> Mistake | None:
    """`open(office) {`, `else open(office) {`: the word `if` is missing."""
    if at.bracket.is_data or not at.rest.rstrip().endswith("{"):
        return None
    if at.kind_before == ELSE:
        start, cuts = at.start, False
    elif at.statement is not None and at.statement >= line_start(at.text, at.start):
        start, cuts = at.statement, True
    else:
        return None
    if not at.begins(start, "IF") if cuts else not at.reads_on(start, "IF", enough=LOOK_AHEAD):
        return None
    fix = write(Span(start, start), "if ", "write if before it", unsafe=True)
    return at.mistake(Span(start, at.end), said.MISSING_IF, "IF", to=start, fix=fix, cuts=cuts)


def _missing_list(at: Misfit) -> Mistake | None:
    """`let towns = ` with the elements of a list on the next lines."""
    text, end = at.text, at.before
    if at.kind != "_NL" or at.kind_before not in ("_EQUAL", "_COLON") or at.bracket.is_data:
        return None
    place, depth = next_line(text, end), indent(text, end)
    while place < len(text) and (not rest_of_line(text, place).strip() or indent(text, place) > depth):
        if not at.closers.budget.look(len(rest_of_line(text, place)) + 1):
            return None
        place = next_line(text, place)
    if not rest_of_line(text, place).lstrip().startswith("]") or not at.fits(["LSQB", "_NL"]):
        return None
    fix = write(Span(end, end), " [", "put [ in", unsafe=True)
    return at.mistake(Span(end, end), said.LIST_BELOW, "LSQB", to=at.start, fix=fix)


def _lonely_else(at: Misfit) -> Mistake | None:
    """An `else` after a statement that is not an `if`: its block is read as that of a statement without a verb."""
    if at.kind != ELSE:
        return None
    begins_if = _IF.match(at.text, at.end) is not None  # an if of its own, to which a further else belongs
    meant = ["_NL"] if begins_if else ["_NL", "NAME"]
    return at.mistake(Span(at.end - 4, at.end), said.LONELY_ELSE, *meant, to=at.end)


SIGN_MISTAKES: tuple[Finder, ...] = (
    _missing_if,
    _verb_with_sign,
    _word_before_pattern,
    _capital_pattern,
    _key_range,
    _lonely_arm,
    _no_target,
    _arrow_for_another,
    _wrong_sign,
    _trailing_comma,
    _loose_unit,
    _decimal_comma,
    _stray_comma,
    _options_in_row,
    _missing_list,
    _lonely_else,
)
