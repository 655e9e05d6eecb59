"""What can be wrong with the letters of a `.flow` file, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable

from ncco_lang.diagnostics import Diagnostic, Edit, Facts, Fix, Rule
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words

FLOW_SYNTAX = Rule(
    code="F120",
    name="flow-syntax",
    severity="error",
    why="The line does not have the shape of a statement, so it is unclear what the caller should hear.",
    bad='talk "Good morning." level:',
    good='talk "Good morning." level: 0.5',
    language="flow",
)
STRAY_CHARACTER = Rule(
    code="F121",
    name="stray-character",
    severity="error",
    why="The character means nothing outside a text. A word processor often writes such ones: a curly quote, a non-breaking space.",
    bad="talk 'Good morning.'",
    good='talk "Good morning."',
    language="flow",
)
UNCLOSED_TEXT = Rule(
    code="F122",
    name="unclosed-text",
    severity="error",
    why='A text begins and does not end. A text in "…" ends on its own line; one over several lines is '
    'between """ and """.',
    bad='talk "Good morning.',
    good='talk "Good morning."',
    language="flow",
)
BAD_ESCAPE = Rule(
    code="F123",
    name="bad-escape",
    severity="error",
    why='A backslash is followed by what JSON allows: one of " \\ / b f n r t, or u and four hexadecimal digits. Any other escape would be a guess, and the caller would hear it.',
    bad=r'talk "Press 1 \or 2."',
    good='talk "Press 1 or 2."',
    language="flow",
)
LONE_BRACE = Rule(
    code="F124",
    name="lone-brace",
    severity="error",
    why="Braces in a text hold a value that is read into it, so a single one is half of something. Two of them are a brace that is said.",
    bad='talk "Your choice} please."',
    good='talk "Your choice}} please."',
    language="flow",
)
TOO_DEEP = Rule(
    code="F125",
    name="nested-too-deep",
    severity="error",
    why="Blocks nest 50 deep and JSON 100 deep. Deeper nesting comes from a program's mistake, "
    "and would exhaust the next reader.",
    bad='notify "https://example.com/events" payload: { "a": ' + "[" * 100 + "]" * 100 + " }",
    good='notify "https://example.com/events" payload: { "a": [[1]] }',
    language="flow",
)
NUMBER_TOO_LARGE = Rule(
    code="F126",
    name="number-too-large",
    severity="error",
    why="Readers of JSON hold numbers as doubles. This number does not fit, so it would arrive as another one.",
    bad='notify "https://example.com/events" payload: { "size": 1e999 }',
    good='notify "https://example.com/events" payload: { "size": 1e99 }',
    language="flow",
)
KEY_TWICE = Rule(
    code="F127",
    name="key-twice",
    severity="error",
    why="An object has each key once. Of two equal ones a reader drops one, and it is not defined which.",
    bad='notify "https://example.com/events" payload: { "step": 1, "step": 2 }',
    good='notify "https://example.com/events" payload: { "step": 1, "last": 2 }',
    language="flow",
)
HASH_COMMENT = Rule(
    code="F128",
    name="hash-comment",
    severity="error",
    why="A comment begins with two slashes. # is the key of the telephone.",
    bad='# Greets the caller.\ntalk "Good morning."',
    good='// Greets the caller.\ntalk "Good morning."',
    language="flow",
)
BLOCK_COMMENT = Rule(
    code="F129",
    name="block-comment",
    severity="error",
    why="A comment begins with two slashes and ends with its line. There is no comment of several lines.",
    bad='/* Greets the caller. */\ntalk "Good morning."',
    good='// Greets the caller.\ntalk "Good morning."',
    language="flow",
)
WRONG_SIGN = Rule(
    code="F130",
    name="wrong-sign",
    severity="error",
    why="One sign is written where another is meant. An option and its value have a colon between them, a declaration "
    "and its value an equals sign, an answer and what follows it an arrow.",
    bad='talk "Good morning." level = 0.5',
    good='talk "Good morning." level: 0.5',
    language="flow",
)
MISSING_BRACE = Rule(
    code="F131",
    name="missing-brace",
    severity="error",
    why="A brace is missing, or there is one too many: a block is still open where the next declaration begins, where a "
    "line is indented no deeper than the block, or where the file ends; or an option is not in a block.",
    bad='step start {\n    talk "Good morning."\n\nstep goodbye {\n    talk "Goodbye."\n}',
    good='talk "Good morning."\ntalk "Goodbye."',
    language="flow",
)
TAB = Rule(
    code="F132",
    name="tab",
    severity="warning",
    why="Editors show a tab in different widths, so lines that are aligned in one are not in another, and in a text it is not visible what the caller hears. Blanks look the same everywhere.",
    bad="record {\n\ttimeout: 20s\n}",
    good="record {\n    timeout: 20s\n}",
    language="flow",
)
NOT_YET = Rule(
    code="F139",
    name="not-in-this-version",
    severity="error",
    why="This is part of the language, and this version of ncco does not compile it yet.",
    bad='record "Speak after the beep." into: message end_on_key: #',
    good='talk "Speak after the beep."\nrecord end_on_key: # event_url: "https://example.com/recordings"',
    language="flow",
)


class NotYet(Facts):
    """A piece of the language that only a later version compiles: `what` it is in words, and what to write `today`."""

    rule = NOT_YET
    what: str
    today: str | None

    def words(self, spelling: Spelling) -> Words:
        verb = "are" if self.what.endswith("s") and not self.what.startswith('"') else "is"
        message = f"{{what:s}} {verb} not in this version of ncco"
        return self.say(spelling, message, None if self.today is None else "{today:s}")


RULES = (
    FLOW_SYNTAX,
    STRAY_CHARACTER,
    UNCLOSED_TEXT,
    BAD_ESCAPE,
    LONE_BRACE,
    TOO_DEEP,
    NUMBER_TOO_LARGE,
    KEY_TWICE,
    HASH_COMMENT,
    BLOCK_COMMENT,
    WRONG_SIGN,
    MISSING_BRACE,
    TAB,
    NOT_YET,
)

# Terminals of the grammar in the author's words. Operators are left out: they could follow almost anything.
_WORDS = {
    "$END": "end of file",
    "_NL": "end of line",
    "_SEMICOLON": "end of line",
    "_COLON": '":"',
    "_COMMA": '","',
    "LBRACE": '"{"',
    "RBRACE": '"}"',
    "LSQB": '"["',
    "RSQB": '"]"',
    "LPAR": '"("',
    "RPAR": '")"',
    "STRING": "a text in quotes",
    "NAME": "a name",
    "NUMBER": "a number",
    "LANG": "a language tag",
    "STAR": '"*"',
    "HASH": '"#"',
    "_ELSE": '"else"',
    "_FROM": '"from"',
    "_EQUAL": '"="',
    "_ARROW": '"->"',
}
_VALUE = frozenset({"STRING", "LONGSTRING", "NUMBER", "DURATION", "LANG", "CONSTANT", "DATE", "LSQB", "LPAR"})
_IN_VALUES = _VALUE | {"NAME", "FIELD", "LBRACE", "STAR", "HASH", "NOT", "MINUS"}
_STATEMENT = frozenset({"IF", "SET", "EACH"})
_OPTION_OR_OPERAND = frozenset({"STRING", "NUMBER", "DURATION", "NAME", "LANG"})


def write(span: Span, text: str, title: str = "", *, unsafe: bool = False) -> Fix:
    """Return the fix that replaces a span by a text."""
    return Fix(title or f"write {text}", (Edit(span, text),), unsafe)


def leave_out(span: Span) -> Fix:
    """Return the unsafe fix that removes a span."""
    return write(span, "", "leave it out", unsafe=True)


def not_yet(source: Source, span: Span, what: str, today: str | None, *, fix: Fix | None = None) -> Diagnostic:
    """The one finding for a piece of the language that this version does not compile.

    Args:
        what: the piece in words, the subject of the message.
        today: what to write instead, as `schemas/flow-statements.json` has it.
    """
    return flow_finding(source, span, NotYet(what=what, today=today), fix=fix)


def describe_expected(accepts: Iterable[str]) -> str:
    """What the grammar could use next, in a few words.

    Args:
        accepts: names of terminals.
    """
    left = set(accepts)
    words: list[str] = []
    if left >= _STATEMENT:
        words.append("a statement")
        left &= {"RBRACE", "$END"}
    elif left >= _VALUE:
        words.append("a value")
        left -= _IN_VALUES
    elif left >= _OPTION_OR_OPERAND:
        words.append("an option")
        left &= {"_NL", "RBRACE"}
    for terminal, word in _WORDS.items():
        if terminal in left and word not in words:
            words.append(word)
    if "end of line" in words and "end of file" in words:
        words.remove("end of file")
    words = words[:3]
    return " or ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
