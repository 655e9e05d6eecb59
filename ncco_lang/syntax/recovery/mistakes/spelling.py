"""Durations, names, language tags and operators that authors write as people do: `1m30s`, `let my-shop = …`, `elif`, `||`.

These are found in the text, before the parser runs, because the grammar cuts them into tokens that say nothing. Each is
one finding, and the parser then reads a word of the same length in its place, so every other span stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from ncco_lang.diagnostics import Diagnostic
from ncco_lang.source import Source, Span
from ncco_lang.syntax import said
from ncco_lang.syntax.lines import line_end, line_start
from ncco_lang.syntax.reserved import NAME, reserved
from ncco_lang.syntax.skip_patterns import SKIPPED, VALUE
from ncco_lang.syntax.syntax_rules import write
from ncco_lang.values.language_tags import ANY_CASE_TAG, MISSPELT_TAG, NEAT_TAG
from ncco_lang.values.units import SECONDS, short_unit, show

_UNITS = r"(?:(?:milli)?sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|ms|s|m|h)"
_PART = rf"([0-9]+(?:\.[0-9]+)?)[ \t]*({_UNITS})?(?![a-z])"
_COMPOUND = (
    rf"(?<![\w.:/-])[0-9]+(?:\.[0-9]+)?[ \t]*{_UNITS}(?:[ \t]*(?:and[ \t]+)?[0-9]+(?:\.[0-9]+)?[ \t]*{_UNITS}(?![a-z]))+(?![\w.])"
    rf"|(?<![\w.:/-])[0-9]+[hm][0-9]+(?![\w.])"
)
_POINTS = r"(?<![\w.:/-])[0-9]+\.[0-9]+\.[0-9.]*(?:ms|s|m|h)(?!\w)"
_NAMED = r"(?:(?m:^)|;)[ \t]*+(?:let|param|arg|step|hours|text)[ \t]++"
_VALID = NAME.pattern
_ODD = rf"(?!{_VALID}[ \t]*+(?:[=:({{\"]|//|\r|\n|\Z))(?P<name>[^\W\d][\w.\-' \t]*?)(?=[ \t]*[=:({{\"])(?!-)"
_ODD_ALONE = rf"(?m:^)[ \t]*+(?:param|arg)[ \t]++(?!{_VALID}[ \t]*+(?:[:=;\r\n]|//|\Z))(?P<lone>[^\W\d][\w.\-]*+)(?=[ \t]*(?://|;|\r|\n|\Z))"
_GOOD_TAG = rf"{NEAT_TAG}(?![\w-])"
_OF_DEFAULT = rf"(?m:^)[ \t]*+default[ \t]++\w++[ \t]++(?:\w++[ \t]++)*?(?!{_GOOD_TAG})(?P<tag>{MISSPELT_TAG})(?![\w:.-])(?![ \t]*:)"
_ENTRY = rf"(?m:^)[ \t]*+(?!{_GOOD_TAG})(?P<entry>{ANY_CASE_TAG})(?=[ \t]*:)"
_ENDED = r"(?![\w:.-])(?![ \t]*[:=])"
_BARE = rf"(?:(?<=[\w\"#{{;][ \t])|(?m:^)[ \t]*+)(?P<bare>{MISSPELT_TAG}){_ENDED}"
_HAS_BARE = rf"(?m:^)[ \t]*+(?:(?:talk|input)[ \t][^\r\n]*?[\w\"#{{;][ \t]++)?{MISSPELT_TAG}{_ENDED}"
_TAKES_LANGUAGE = re.compile(r"[ \t]*(?:talk\b|input\b[^\r\n]*\bspeech\b)|[^\r\n]*\btranscription[ \t]*\{[ \t]*\Z")
_NEAR = 400
"""How many characters around a tag tell which statement it is in."""
_BRANCH = r"(?:(?m:^)|(?<=\}))[ \t]*+(?P<branch>else_?if|elsif|elif|elseIf)\b(?![ \t]*(?:[:=]|->|,))"
_OPERATORS = {
    **dict.fromkeys(("is", "equals", "equal", "eq", "==="), "=="),
    **dict.fromkeys(("is not", "isnt", "ne", "!==", "<>"), "!="),
    "||": "or",
    "like": "matches",
    "startswith": "starts_with",
    "endswith": "ends_with",
    "gte": ">=",
    "lte": "<=",
    "gt": ">",
    "lt": "<",
}
_PART_OF = frozenset({"contains", "includes", "has", "=~", "!~"})
_NO_OPERATOR = frozenset({"**"})
_WORD_OPERATORS = "|".join(
    (r"is[ \t]+not|not[ \t]+in", *filter(str.isalpha, _OPERATORS), *sorted(filter(str.isalpha, _PART_OF)))
)
_SIGN = r"\|\||[=!]==|<>|[=!]~|\*\*"
_RANGE = r"(?:(?<=one_of:[ \t])|(?<=digits:[ \t]))(?P<range>\[[ \t]*[0-9]+[ \t]*\.\.[ \t]*[0-9]+[ \t]*\]|[0-9]+[ \t]*(?:-|–|to\b|\.\.\.)[ \t]*[0-9]+)(?!\w)"
_OPERATOR = (
    rf"(?P<operator>{_SIGN}|(?<=[\w\")\]][ \t])(?:{_WORD_OPERATORS})"
    r"(?=[ \t]+[\w\"\[(-]))"
)
_JOINED = re.compile(r"\w+")
_CONDITION = re.compile(r"[ \t]*(?:\}[ \t]*)?(?:(?:else[ \t]+)?if|set|el(?:se)?if)\b")
_VALUE = r"(?:(?<=\bwait[ \t])|(?<=[:=][ \t]))"
_CLOCK = rf"{_VALUE}[0-9]{{1,2}}(?::[0-5][0-9]){{1,2}}(?![\w.:])(?![ \t]*-)"
_COMMA = rf"(?:(?<=\bwait[ \t])[0-9]+,[0-9]+|{_VALUE}[0-9]{{1,3}}(?:,[0-9]{{3}})+)[ \t]*{_UNITS}(?!\w)"
_HINTED = re.compile(
    rf"{_NAMED}{_ODD}|{_ODD_ALONE}|{_OF_DEFAULT}|{_ENTRY}|[0-9][ \t]*{_UNITS}[ \t]*(?:and[ \t]+)?[0-9]|[0-9]\.[0-9]+\.[0-9]"
    rf"|{_HAS_BARE}|{_VALUE}[0-9]++[:,][0-9]"
)
"""Whether a text holds such a word at all; nearly none does, and then nothing more is done."""
_QUICKLY_SEEN = ("||", "===", "!==", "<>", "=~", "!~", "**", "elif", "elsif", "elseif", "elseIf", "else_if")
_RANGE_SEEN = re.compile(r"(?:one_of|digits):[ \t](?:\[[ \t]*[0-9]+[ \t]*\.\.|[0-9]+[ \t]*(?:-|–|to\b|\.\.\.))")
_WORD_OPERATOR = re.compile(
    rf"^[ \t]*+(?:\}}[ \t]*)?(?:else[ \t]+)?(?:if|set)\b[^\r\n]*?[ \t](?:{_WORD_OPERATORS})[ \t]", re.MULTILINE
)
# Compiled at the first use, since nearly no text needs them: that takes longer than it takes to read a small flow.
_SCAN = rf"{SKIPPED}|{_NAMED}{_ODD}|{_ODD_ALONE}|{_OF_DEFAULT}|{_ENTRY}|{_BARE}|{_BRANCH}|{_RANGE}|{_OPERATOR}|(?P<points>{_POINTS})|(?P<clock>{_CLOCK})|(?P<comma>{_COMMA})|(?P<time>{_COMPOUND})"
_AFTER_OPERATOR = r"(?<!\w)(?:or|and|not|in|matches|if)\Z"
_WORD = r"[^\W\d](?:[\w.\-']*\w)?"
_CODE = rf"(?P<skipped>{SKIPPED})|{_WORD}"
_WORDS = rf"{_WORD}(?:[ \t]+{_WORD}){{0,3}}"
_INSIDE = rf"\{{\{{|(?P<value>{VALUE})"
_LETTERS = str.maketrans({"æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "ß": "ss", "ı": "i"})


class _Misspelling(NamedTuple):
    """A finding, and what the parser reads in place of its span."""

    diagnostic: Diagnostic
    read: str


def read_as_meant(source: Source) -> tuple[str, list[Diagnostic]]:
    """Return the text with each misspelt word replaced by a word of the same length that parses, and the findings."""
    text = source.text
    is_hinted = _HINTED.search(text) or any(each in text for each in _QUICKLY_SEEN) or _WORD_OPERATOR.search(text)
    is_hinted = is_hinted or _RANGE_SEEN.search(text)
    if not is_hinted:
        return text, []
    found = [*_find(source)]
    chunks, at = [], 0
    for each in sorted(found, key=lambda each: each.diagnostic.span):
        start, end = each.diagnostic.span
        chunks += [source.text[at:start], each.read.ljust(end - start)]
        at = end
    return "".join((*chunks, source.text[at:])), [each.diagnostic for each in found]


def meant_name(written: str) -> str:
    """Return the name of the language that is nearest to one in any letters; "" where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", written.translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
    name = re.sub(r"_{2,}", "_", re.sub(r"[^a-z0-9_]", "_", plain)).strip("_")
    return f"_{name}" if name[:1].isdigit() else name


def meant_tag(written: str) -> str:
    """Return a language tag with its dashes and capitals where they belong: `en_gb` is `en-GB`."""
    first, *others = re.split(r"[-_]", written)
    return "-".join([first.lower(), *(each.title() if len(each) == 4 else each.upper() for each in others)])


def _find(source: Source) -> Iterator[_Misspelling]:
    names: dict[str, str] = {}
    for match in re.compile(_SCAN).finditer(source.text):
        kind = match.lastgroup
        if kind is None:
            continue
        span = Span(*match.span(kind))
        if kind == "name" and (_lacks_colon(match) or _lacks_brace(match)):
            continue
        if kind in ("name", "lone"):
            names.setdefault(match[kind], "")
        elif kind in ("tag", "entry"):
            tag = meant_tag(match[kind])
            yield _Misspelling(said.misread(source, span, said.TAG_CASE, instead=tag, fix=write(span, tag)), tag)
        elif kind == "bare":
            if match[kind] not in names and _is_language(source.text, span):
                yield _bare_language(source, span)
        elif kind == "operator":
            if (operator := _operator(source, span)) is not None:
                yield operator
        elif kind == "range":
            yield _range(source, span)
        elif kind == "branch":
            yield _branch(source, span)
        elif kind in ("clock", "comma"):
            yield _no_duration(source, span, kind)
        else:
            yield _duration(source, span, has_points=kind == "points")
    if names:
        _choose(source.text, names)
        yield from _uses(source, names)


def _lacks_colon(match: re.Match[str]) -> bool:
    """Return whether the words of a `param` or `arg` are a name and a type, without the colon between them."""
    from ncco_lang.vocabulary.language_words import words_in

    name, _, kind = match["name"].rpartition(" ")
    is_param = match[0].lstrip(" \t;").startswith(("param", "arg"))
    return is_param and re.fullmatch(_VALID, name.rstrip()) is not None and kind in words_in("types")


def _lacks_brace(match: re.Match[str]) -> bool:
    """Return whether the words of a `text` are a name and a language tag, without the brace between them."""
    tag = match["name"].rpartition(" ")[2]
    return match[0].lstrip(" \t;").startswith("text") and re.fullmatch(_GOOD_TAG, tag) is not None


def _duration(source: Source, span: Span, *, has_points: bool) -> _Misspelling:
    written = source.text[slice(*span)]
    if has_points:
        unit = written.lstrip("0123456789.")
        found = said.misread(source, span, said.SEVERAL_POINTS, written=written, instead=unit)
        return _Misspelling(found, f"1{unit}")
    total, is_whole, smaller = Decimal(0), True, "h"
    for amount, unit in re.compile(_PART).findall(written):
        short = short_unit(unit) if unit else {"h": "m", "m": "s"}[smaller]
        is_whole, smaller = is_whole and bool(unit), short
        total += Decimal(amount) * SECONDS[short]
    meant = show(total, "s")
    fix = write(span, meant, unsafe=not is_whole)
    found = said.misread(source, span, said.COMPOUND_DURATION, instead=meant, fix=fix)
    return _Misspelling(found, f"{written[0]}s")


def _no_duration(source: Source, span: Span, kind: str) -> _Misspelling:
    """What is wrong with `1:30` and `1,5s`. A fix is offered only where there is one reading."""
    written = source.text[slice(*span)]
    fix, what = None, said.NO_DURATION
    if kind == "clock":
        first, second, *_ = map(int, written.split(":"))
        whole = first * 60 + second
        meant = f"{whole}s or {whole}m" if written.count(":") == 1 else "seconds"
    elif re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+\D*", written):
        meant = f"{written.replace(',', '')} or {written.replace(',', '.', 1)}"
    else:
        meant = re.sub(r"[ \t]", "", written.replace(",", "."))
        what, fix = said.DECIMAL_COMMA, write(span, meant)
    return _Misspelling(said.misread(source, span, what, instead=meant, fix=fix), f"{written[0]}s")


def _operator(source: Source, span: Span) -> _Misspelling | None:
    """An operator of another language, which the parser would read in part: `||`, `===`, `is`, `not in`, `contains`."""
    written = " ".join(source.text[slice(*span)].split())
    if written[0].isalpha() and not _CONDITION.match(source.text, line_start(source.text, span.start)):
        return None
    if written == "not in":
        return _Misspelling(said.misread(source, span, said.NOT_IN), "in")
    if written in _NO_OPERATOR:
        return _Misspelling(said.misread(source, span, said.NO_OPERATOR, written=written), "*")
    if written in _PART_OF:
        return _Misspelling(said.misread(source, span, said.PART_OF, written=written), "==")
    meant = _OPERATORS[written]
    joined = _JOINED.match(source.text, span.end) if meant == "or" else None
    put = meant if written[0].isalpha() or meant != "or" else _apart(source.text, span, meant)
    # The wildcards of LIKE are others.
    fix = write(span, put, f"write {meant}", unsafe=meant == "matches")
    whole = span if joined is None else Span(span.start, joined.end())
    found = said.misread(source, whole, said.OPERATOR, instead=meant, written=written, fix=fix)
    if joined is not None:
        return _Misspelling(found, f"or {joined[0][1:] or '0'}")
    return _Misspelling(found, meant if len(meant) <= len(written) else "==")


def _range(source: Source, span: Span) -> _Misspelling:
    """`1-9`, `4 to 6`, `[1..9]`: read as a range, or as its first number where there is no room for one."""
    low, high = re.findall(r"[0-9]+", source.text[slice(*span)])
    meant = f"{low}..{high}"
    found = said.misread(source, span, said.RANGE, instead=meant, fix=write(span, meant))
    return _Misspelling(found, meant if len(meant) <= span.end - span.start else low)


def _apart(text: str, span: Span, word: str) -> str:
    """Return a word with blanks where a sign has none around it."""
    before = " " if text[span.start - 1 : span.start].strip() else ""
    return before + word + (" " if text[span.end : span.end + 1].strip() else "")


def _branch(source: Source, span: Span) -> _Misspelling:
    """`elif`, `elseif`: read as an `if` of its own, to which an `else` after it belongs."""
    fix = write(span, "else if")
    is_after_brace = source.text[line_start(source.text, span.start) : span.start].strip() != ""
    found = said.misread(source, span, said.ANOTHER_BRANCH, written=source.text[slice(*span)], fix=fix)
    return _Misspelling(found, ";if" if is_after_brace else "if")


def _bare_language(source: Source, span: Span) -> _Misspelling:
    option = f"language: {meant_tag(source.text[slice(*span)])}"
    around = source.text[max(0, span.start - _NEAR) : span.end + _NEAR]
    at = min(span.start, _NEAR)
    line = around[line_start(around, at) : line_end(around, at)]
    # A second language would only be another error.
    has_one = re.search(r"\blanguage[ \t]*:", line) is not None
    fix = None if has_one else write(span, option)
    return _Misspelling(said.misread(source, span, said.BARE_LANGUAGE, instead=option, fix=fix), "")


def _is_language(text: str, span: Span) -> bool:
    """Whether a bare tag is in a statement or block that takes a language, and is not the name of a value."""
    written = text[slice(*span)]
    before = text[max(0, span.start - _NEAR) : span.start].rstrip(" \t")
    if "_" in written and written.islower() and not before.endswith('"'):
        return False
    if re.search(_AFTER_OPERATOR, before) is not None:
        # An operand of an expression.
        return False
    line = before[line_start(before, len(before)) :]
    if not line.strip():
        # Alone on its line: an option of the block that is open here.
        opened = before.rfind("{")
        line = "" if opened <= before.rfind("}") else before[line_start(before, opened) : opened + 1]
    return _TAKES_LANGUAGE.match(line.rpartition(";")[2] or line) is not None


# ── Names ──────────────────────────────────────────────────────────────────────────────────────────────


def _choose(text: str, names: dict[str, str]) -> None:
    """Fill in what each odd name is to become; "" if that is not a valid name, or is another name already."""
    taken = {*reserved(), *re.findall(rf"{_NAMED}({_VALID})(?=[ \t]*+[=:({{\"])", text)}
    for name in names:
        meant = meant_name(name)
        if meant and meant not in taken:
            names[name] = meant
            taken.add(meant)


def _uses(source: Source, names: dict[str, str]) -> Iterator[_Misspelling]:
    """Each place where an odd name is declared or read: in code, and between the braces of a text."""
    for span in _words(source.text, names):
        written = source.text[slice(*span)]
        meant = names[written]
        fix = write(span, meant, unsafe=True) if meant else None
        what = said.ODD_NAME if meant else said.ODD_LETTERS
        found = said.misread(source, span, what, instead=meant, fix=fix)
        read = re.sub(r"[^a-z0-9_]", "_", written.lower())[: len(written)]
        yield _Misspelling(found, read if meant and read not in reserved() else "_" * len(read))


def _words(text: str, names: dict[str, str]) -> Iterator[Span]:
    """Where odd names are in code and between the braces of texts."""
    code, inner = re.compile(_CODE), re.compile(_INSIDE)
    end = 0
    for match in code.finditer(text):
        if match.start() < end or match[0].startswith("//"):
            continue
        if match["skipped"] is None:
            parts = [(match.start(), len(text))]
        else:
            parts = [
                (word.start(), inside.end() - 1)
                for inside in inner.finditer(text, *match.span())
                if inside["value"] is not None
                for word in code.finditer(text, inside.start() + 1, inside.end() - 1)
            ]
        for start, stop in parts:
            span = _known(text, start, stop, names) if start >= end else None
            if span is not None:
                end = span.end
                yield span


def _known(text: str, start: int, stop: int, names: dict[str, str]) -> Span | None:
    """The odd name of up to four words that begins at a place."""
    found = re.compile(_WORDS).match(text, start, stop)
    written = "" if found is None else found[0]
    while written and written not in names:
        written = written.rpartition(" ")[0].rstrip()
    return Span(start, start + len(written)) if written else None
