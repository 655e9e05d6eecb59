"""Values of names as other languages set them: `x += 1`, `x++`, `set x := 1`, `let x = 1` in a step, `x = 1`."""

from __future__ import annotations

import re

from ncco_lang.diagnostics import Edit, Fix
from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lexicon import STRAY
from ncco_lang.syntax.lines import begins_line, indent, line_end, line_start
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake, word_before
from ncco_lang.syntax.syntax_rules import write

_ASSIGNMENT = re.compile(
    r"(?:(?P<word>set|let|var|const|local|val)[ \t]+)?(?P<name>[a-z_][a-z0-9_]*)\b[ \t]*"
    r"(?P<sign>[+*/-]=|\+\+|--|:=|<-|=>|={1,3}|(?:to|as|be|is|equals)\b)[ \t]*"
)
_BEFORE = re.compile(r"(?P<sign>\+\+|--)(?P<name>[a-z_][a-z0-9_]*)(?=[ \t]*(?://|[;}\r\n]|$))")
_PART = re.compile(r"set[ \t]+(?P<name>[a-z_][a-z0-9_]*(?:\.\w+|\[\"[\w-]+\"\])+)[ \t]*=(?!=)")
_HOLDS_STATEMENTS = re.compile(r"[ \t]*(?:\}[ \t]*)?(?:step|if|else|each|on)\b")
_SIMPLE = re.compile(r"(?:[\w.]+|\"[^\"\r\n]*\")[ \t]*(?://|[;}\r\n]|$)")
_NEXT = re.compile(r"[ \t]*(?:set[ \t]+)?(?=[a-z_][a-z0-9_]*[ \t]*=(?!=))")
_LOOK_BACK = 400
"""Characters in which the line above is looked for."""
_QUESTION = re.compile(r"\?[^?:\r\n]*:")


def _assignment(at: Misfit) -> Mistake | None:
    """A name and its value with another sign or word than `set` has, or without `set`."""
    start = at.statement
    found = None if start is None or start < line_start(at.text, at.start) else _ASSIGNMENT.match(at.text, start)
    if found is None or not found.start("sign") <= at.start <= found.end("sign"):
        return None
    word, sign = found["word"], found["sign"]
    is_step, is_plain = _is_among_statements(at), sign in ("=", "to", "as", "be", "is", "equals")
    if word != "set" and not (is_step and (word or not is_plain or sign == "=") and _is_alone(at, found.start())):
        # Outside of a step a name gets its value with let, and in the block of a statement it is an option.
        changes = not at.is_nested and word is None and (sign[0] in "+*/-" or _reads_itself(at, found))
        if not changes:
            return None
    if word == "set" and sign == "=":
        return None
    meant, fix = _meant(at, found)
    value = found.end()
    tokens = [
        Token("SET", found.start(), found.start()),
        Token("NAME", *found.span("name")),
        Token("_EQUAL", value, value),
    ]
    if sign in ("++", "--"):
        tokens.append(Token("NAME", value, value))
    is_sign = word == "set" or (word is None and sign != "=")
    span = Span(*found.span("sign")) if is_sign else Span(found.start(), found.end("name"))
    what = said.SIGN_OF_SET if is_sign else said.SET_IN_STEP
    return at.mistake(span, what, *tokens, to=value, written=sign, instead=meant, fix=fix, cuts=True)


def _meant(at: Misfit, found: re.Match[str]) -> tuple[str, Fix | None]:
    """Return the `set` that an assignment means, and the fix that writes it; None for a value of several parts."""
    name, sign = found["name"], found["sign"]
    if sign in ("++", "--"):
        meant = f"set {name} = {name} {sign[0]} 1"
        return meant, write(Span(found.start(), found.end("sign")), meant)
    if sign[0] in "+*/-":
        meant = f"set {name} = {name} {sign[0]} "
        fix = write(Span(found.start(), found.end()), meant, f"write {meant}…")
        is_whole = sign == "+=" or _SIMPLE.match(at.text, found.end()) is not None
        return meant + "…", fix if is_whole else None
    meant = f"set {name} = "
    fix = write(Span(found.start(), found.end()), meant, f"write {meant.strip()}", unsafe=found["word"] != "set")
    return meant + "…", fix


def _in_arm(at: Misfit) -> Mistake | None:
    """`2 -> x = 1`"""
    name = word_before(at.text, at.before)
    start = at.before - len(name)
    before = at.text[line_start(at.text, start) : start].rstrip()
    if at.kind != "_EQUAL" or not name or not before.endswith("->"):
        return None
    meant = f"set {name} ="
    fix = write(Span(start, at.end), meant, unsafe=True)
    return at.mistake(
        Span(start, at.before),
        said.SET_IN_STEP,
        "NAME",
        to=_end(at, start),
        instead=f"{meant} …",
        fix=fix,
        cuts=True,
        quiet=at.line_end,
    )


def _reads_itself(at: Misfit, found: re.Match[str]) -> bool:
    """Return whether the value of an assignment reads its name: then it changes it."""
    return re.search(rf"\b{found['name']}\b", at.text[found.end() : line_end(at.text, found.end())]) is not None


def _change_before(at: Misfit) -> Mistake | None:
    """`++x`"""
    found = _BEFORE.match(at.text, at.start)
    if found is None or at.statement is not None or at.bracket.is_data:
        return None
    name, sign, end = found["name"], found["sign"], found.end()
    meant = f"set {name} = {name} {sign[0]} 1"
    tokens = Token("SET", at.start, at.start), Token("NAME", *found.span("name")), Token("_EQUAL", end, end)
    fix = write(Span(*found.span()), meant)
    return at.mistake(
        Span(*found.span("sign")),
        said.SIGN_OF_SET,
        *tokens,
        Token("NAME", end, end),
        to=end,
        written=sign,
        instead=meant,
        fix=fix,
    )


def _set_part(at: Misfit) -> Mistake | None:
    """`set order.size = 2`"""
    found = None if at.statement is None or at.word != "set" else _PART.match(at.text, at.statement)
    if found is None or not found.start() < at.start < found.end():
        return None
    whole = re.sub(r"\W+", "_", found["name"]).strip("_").lower()
    first = re.match(r"\w+", found["name"])
    assert first is not None
    name = Span(found.start("name"), found.start("name") + first.end())
    end = _end(at, found.start())
    tokens = Token("SET", at.statement or 0, at.statement or 0), Token("NAME", *name)
    missing = Token("_EQUAL", end, end), Token("NAME", end, end)
    return at.mistake(
        Span(*found.span("name")), said.SET_PART, *tokens, *missing, to=end, instead=whole, cuts=True, quiet=at.line_end
    )


def _several_sets(at: Misfit) -> Mistake | None:
    """`set x = 1, y = 2`"""
    following = _NEXT.match(at.text, at.end)
    if at.kind != "_COMMA" or at.word != "set" or following is None or not at.fits(["_NL", "SET"]):
        return None
    line = "\n" + " " * indent(at.text, at.start)
    edits = (Edit(Span(at.start, following.end()), f"{line}set "),)
    to = following.end()
    return at.mistake(
        at.span, said.SEVERAL_SETS, "_NL", Token("SET", to, to), to=to, fix=Fix("write a set for each", edits)
    )


def _choice(at: Misfit) -> Mistake | None:
    """`set x = found ? "a" : "b"`"""
    if at.kind != STRAY or at.written != "?" or not _QUESTION.match(at.text, at.start) or not at.fits(["_NL"]):
        return None
    end = _end(at, at.start)
    return at.mistake(Span(at.start, at.end), said.CHOICE, to=end, quiet=at.line_end)


def _end(at: Misfit, start: int) -> int:
    return at.closers.end_of_statement(start, at.parse.end, in_block=at.is_nested)


def _is_among_statements(at: Misfit) -> bool:
    """Return whether statements are around a token, and not the options and arms of one."""
    opening = at.bracket.token
    if opening is None or at.bracket.is_data:
        return False
    start = line_start(at.text, opening.start)
    head = at.text[start : opening.start]
    return _HOLDS_STATEMENTS.match(head) is not None or head.rstrip().endswith("->")


def _is_alone(at: Misfit, start: int) -> bool:
    """Return whether a line belongs to no statement above it, as an option would."""
    if not begins_line(at.text, start):
        return True
    line = line_start(at.text, start)
    above = at.text[max(0, line - _LOOK_BACK) : line].rstrip()
    place = line - len(at.text[max(0, line - _LOOK_BACK) : line]) + line_start(above, len(above))
    written = above[line_start(above, len(above)) :].strip()
    is_inside = indent(at.text, place) < indent(at.text, start)
    return not written or written[-1] in "{;" or written[0] in "}])" or not is_inside


ASSIGNMENT_MISTAKES: tuple[Finder, ...] = (_set_part, _assignment, _in_arm, _change_before, _several_sets, _choice)
