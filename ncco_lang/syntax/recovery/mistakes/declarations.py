"""Mistakes in declarations: a type that is missing or one too many, another word for `let`."""

from __future__ import annotations

import re

from ncco_lang.source import Span
from ncco_lang.syntax import said
from ncco_lang.syntax.driver import Token
from ncco_lang.syntax.lexicon import END
from ncco_lang.syntax.lines import line_start
from ncco_lang.syntax.recovery.mistakes.mistake import Finder, Misfit, Mistake, word_before
from ncco_lang.syntax.syntax_rules import not_yet, write
from ncco_lang.values.language_tags import TAG
from ncco_lang.vocabulary.option_specs import talk_options

TYPES = {"STRING": "text", "NUMBER": "number", "DURATION": "duration", "LANG": "language", "CONSTANT": "bool"}
_LIST = re.compile(r"[ \t]*[\[(]")
_TYPE = re.compile(r":[ \t]*[a-z_]\w*[ \t]*(?==)")
_LATER_SHAPES = {"use": ("USE", "STRING"), "hours": ("NAME", "LBRACE")}
_AFTER_DEFAULT = re.compile(rf"default[ \t]+(({TAG})|[a-z_]+)")
_PARAMETER_DEFAULT = re.compile(r'=[ \t]*(?:"[^"\\\r\n]*"|[^,()"\r\n]*)(?=[,)])')
_STEP_NAME = re.compile(r"[ \t]*step[ \t]+([a-z_][a-z0-9_]*)")
_ELSEWHERE_LET = re.compile(r"(var|const|val|def|define)[ \t]+([a-z_][a-z0-9_]*)[ \t]*")


def _untyped_param(at: Misfit) -> Mistake | None:
    """`param count = 5`, `param count`: the type is missing."""
    is_bare = at.kind in ("_NL", "_SEMICOLON", END)
    if not (is_bare or at.kind == "_EQUAL") or at.word not in ("param", "arg") or not at.fits(["_COLON"]):
        return None
    at.parse.position = at.end
    kind = "text" if is_bare else TYPES.get(at.parse.next_token(at.parse.row).kind, "text")
    name, end = word_before(at.text, at.before), at.before
    fix = write(Span(end, end), f": {kind}", f"write {name}: {kind}", unsafe=True)
    typed = f"{name}: {kind}" + ("" if is_bare else " = …")
    meant = (Token("_COLON", end, end), Token("NAME", end, end))
    span = Span(end - len(name), end)
    return at.mistake(span, said.NO_TYPE, *meant, to=at.start, written=at.word, instead=typed, fix=fix)


def find_untitled_param(at: Misfit) -> Mistake | None:
    """`shop: text = "…"`: the word `param` or `arg` is missing."""
    name = word_before(at.text, at.before)
    start = at.before - len(name)
    if at.kind != "_COLON" or not _is_lone_name(at, start) or _TYPE.match(at.text, at.start) is None:
        return None
    fix = write(Span(start, start), "param ", f"write param {name}", unsafe=True)
    meant = (Token("PARAM", start, start), Token("NAME", start, at.before))
    return at.mistake(Span(start, at.before), said.NO_PARAM, *meant, to=at.start, written=name, fix=fix, cuts=True)


def _untitled_let(at: Misfit) -> Mistake | None:
    """`towns = ["…"]`: the word `let` is missing; a list can follow no verb."""
    name = word_before(at.text, at.before)
    start = at.before - len(name)
    if at.kind != "_EQUAL" or not _is_lone_name(at, start) or _LIST.match(at.text, at.end) is None:
        return None
    fix = write(Span(start, start), "let ", f"write let {name}", unsafe=True)
    meant = (Token("LET", start, start), Token("NAME", start, at.before))
    return at.mistake(Span(start, at.before), said.NO_LET, *meant, to=at.start, instead=name, fix=fix, cuts=True)


def _is_lone_name(at: Misfit, start: int) -> bool:
    """Return whether a name at `start` is all of a statement of the file so far."""
    return at.kind_before == "NAME" and at.statement == start and not at.is_nested


def _capital_type(at: Misfit) -> Mistake | None:
    """`param shop: String = …`"""
    if at.kind != "FIELD" or at.kind_before != "_COLON" or at.word not in ("param", "arg"):
        return None
    return at.mistake(at.span, said.CAPITAL_TYPE, "NAME", to=at.end, fix=write(at.span, at.written.lower()))


def _typed_let(at: Misfit) -> Mistake | None:
    """`let name: text = "…"`"""
    found = _TYPE.match(at.text, at.start)
    if at.kind != "_COLON" or found is None or at.word != "let":
        return None
    span = Span(at.start, at.start + len(found[0].rstrip()))
    return at.mistake(span, said.TYPED_LET, to=found.end(), fix=write(span, "", "remove the type"))


def _untyped_parameter(at: Misfit) -> Mistake | None:
    """`step greet(name)`: the type is missing."""
    name, end = word_before(at.text, at.before), at.before
    step = _STEP_NAME.match(at.text, line_start(at.text, at.start), at.start)
    if at.kind not in ("RPAR", "_COMMA") or step is None or not name or not at.fits(["_COLON", "NAME", at.kind]):
        return None
    fix = write(Span(end, end), ": text", f"write {name}: text", unsafe=True)
    meant = Token("_COLON", end, end), Token("NAME", end, end)
    return at.mistake(Span(end - len(name), end), said.UNTYPED_PARAMETER, *meant, to=end, written=name, fix=fix)


def _parameter_default(at: Misfit) -> Mistake | None:
    """`step order(size: text = "small")`"""
    if at.kind != "_EQUAL" or not at.fits(["RPAR"]):
        return None
    step = _STEP_NAME.match(at.text, line_start(at.text, at.start), at.start)
    found = _PARAMETER_DEFAULT.match(at.text, at.start)
    if step is None or found is None:
        return None
    fix = write(Span(at.before, found.end()), "", "remove it", unsafe=True)
    span = Span(at.start, found.end())
    return at.mistake(span, said.PARAMETER_DEFAULT, to=found.end(), instead=step[1], fix=fix)


def _let_elsewhere(at: Misfit) -> Mistake | None:
    """`var name = "…"`: a let of another language."""
    found = None if at.statement is None else _ELSEWHERE_LET.match(at.text, at.statement)
    if at.kind != "_EQUAL" or found is None or found.end() != at.start or at.is_nested:
        return None
    word, name = Span(*found.span(1)), Span(*found.span(2))
    meant, fix = (Token("LET", *word), Token("NAME", *name)), write(word, "let")
    return at.mistake(word, said.OTHER_LET, *meant, to=at.start, instead=found[2], fix=fix, cuts=True)


def _other_shape(at: Misfit) -> Mistake | None:
    """`use "common.flow"`, `hours office { … }`: another shape of a declaration of a later version."""
    if at.is_nested or _LATER_SHAPES.get(at.word) != (at.kind_before, at.kind):
        return None
    end = at.closers.find(at.start) if at.kind == "LBRACE" else at.end
    if end is None or at.statement is None:
        return None
    from ncco_lang.vocabulary.language_words import words_in

    today = words_in("statements")[at.word].today
    not_compiled = not_yet(at.source, Span(at.statement, at.before), f'"{at.word}"', today)
    return Mistake(not_compiled, (Token("NAME", end, end),), end, quiet=end, cuts=True)


def _default_without_verb(at: Misfit) -> Mistake | None:
    """`default en-GB`, `default premium`: options of talk without the verb."""
    if at.word != "default" or at.statement is None or at.is_nested:
        return None
    found = _AFTER_DEFAULT.match(at.text, at.statement)
    if found is None or not found.start(1) <= at.start <= found.end(1) + 1:
        return None
    if found[2] is None and found[1] not in talk_options():
        return None
    rest = Span(found.start(1), found.end(1))
    fix = write(Span(rest.start, rest.start), "talk ", f"write default talk {found[1]}", unsafe=True)
    meant = Token("DEFAULT", at.statement, at.statement + len("default")), Token("NAME", rest.start, rest.start)
    return at.mistake(rest, said.DEFAULT_WITHOUT_VERB, *meant, to=rest.start, written=found[1], fix=fix, cuts=True)


DECLARATION_MISTAKES: tuple[Finder, ...] = (
    _default_without_verb,
    _untitled_let,
    _untyped_param,
    _capital_type,
    _typed_let,
    _untyped_parameter,
    _parameter_default,
    _let_elsewhere,
    _other_shape,
)
