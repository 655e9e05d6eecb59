"""The rules about JSON as text, and their facts, for the findings of `syntax/json.py`."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Words

JSON_SYNTAX = Rule(
    code="F101",
    name="json-syntax",
    severity="error",
    why="The text is not JSON. The platform refuses such an answer, so the caller hears the fallback or nothing, and the call ends.",
    bad='[{"action": "talk" "text": : "Hello"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
TRAILING_COMMA = Rule(
    code="F102",
    name="trailing-comma",
    severity="error",
    why="JavaScript and Python allow a comma after the last entry. JSON does not, so the platform refuses the whole NCCO.",
    bad='[{"action": "talk", "text": "Hello",}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
JSON_COMMENT = Rule(
    code="F103",
    name="json-comment",
    severity="error",
    why="JSON has no comments: the platform refuses the whole NCCO. Keep remarks outside, or write a .flow file, which has them.",
    bad='[{"action": "talk", "text": "Hello"} // greeting\n]',
    good='[{"action": "talk", "text": "Hello"}\n]',
)
DUPLICATE_KEY = Rule(
    code="F104",
    name="duplicate-key",
    severity="error",
    why="An object has a key twice. Readers of JSON keep one of the two and do not say which, so the caller may get the other one.",
    bad='[{"action": "talk", "text": "Hello", "text": "Goodbye"}]',
    good='[{"action": "talk", "text": "Hello"}, {"action": "talk", "text": "Goodbye"}]',
)
NOT_A_NUMBER = Rule(
    code="F105",
    name="not-a-number",
    severity="error",
    why="NaN and Infinity are not JSON, though some programs write them: the platform refuses the whole NCCO.",
    bad='[{"action": "talk", "text": "Hello", "level": NaN}]',
    good='[{"action": "talk", "text": "Hello", "level": 0}]',
)
TOO_DEEP = Rule(
    code="F106",
    name="too-deep",
    severity="error",
    why="Lists and objects nest more than 100 deep. No NCCO needs that, and readers of JSON refuse it.",
    bad='[{"action": "notify", "eventUrl": ["https://example.com/e"], "payload": {"deep": '
    + "[" * 99
    + "]" * 99
    + "}}]",
    good='[{"action": "notify", "eventUrl": ["https://example.com/e"], "payload": {"deep": []}}]',
)
EMPTY_TEXT = Rule(
    code="F109",
    name="empty-document",
    severity="error",
    why="There is nothing in the file. As an answer to the platform it ends the call at once.",
    bad="",
    good='[{"action": "talk", "text": "Hello"}]',
)
BYTE_ORDER_MARK = Rule(
    code="F110",
    name="byte-order-mark",
    severity="warning",
    why="An invisible mark, which some editors write, is before the text. JSON on the wire must not begin with it, and some readers refuse it.",
    bad='\ufeff[{"action": "talk", "text": "Hello"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
WRONG_QUOTES = Rule(
    code="F111",
    name="wrong-quotes",
    severity="error",
    why="Text in JSON needs straight double quotes. Single quotes come from JavaScript or Python, curly ones from word processors: the platform refuses both.",
    bad="[{'action': 'talk', 'text': 'Hello'}]",
    good='[{"action": "talk", "text": "Hello"}]',
)
FOREIGN_LITERAL = Rule(
    code="F112",
    name="foreign-literal",
    severity="error",
    why="True, False and None are Python's, undefined is JavaScript's. JSON writes true, false and null.",
    bad='[{"action": "talk", "text": "Hello", "premium": True}]',
    good='[{"action": "talk", "text": "Hello", "premium": true}]',
)
UNQUOTED_KEY = Rule(
    code="F113",
    name="unquoted-key",
    severity="error",
    why="A key without quotes is JavaScript, not JSON: the platform refuses the whole NCCO.",
    bad='[{action: "talk", text: "Hello"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
MISSING_COMMA = Rule(
    code="F114",
    name="missing-comma",
    severity="error",
    why="Two entries have no comma between them: the platform refuses the whole NCCO.",
    bad='[{"action": "talk" "text": "Hello"}]',
    good='[{"action": "talk", "text": "Hello"}]',
)
BAD_NUMBER = Rule(
    code="F115",
    name="bad-number",
    severity="error",
    why="JSON numbers have no plus sign, no zero in front, no bare point and no hexadecimal digits. A number that is too large for a computer is read as another one.",
    bad='[{"action": "talk", "text": "Hello", "level": .5}]',
    good='[{"action": "talk", "text": "Hello", "level": 0.5}]',
)
BAD_TEXT = Rule(
    code="F116",
    name="bad-string",
    severity="error",
    why="A text has a quote without a backslash, a raw control character, or an escape that JSON does not have, so the platform cannot read the NCCO.",
    bad='[{"action": "talk", "text": "Hello\\x21"}]',
    good='[{"action": "talk", "text": "Hello!"}]',
)
LONE_SURROGATE = Rule(
    code="F117",
    name="lone-surrogate",
    severity="error",
    why="Half of a character is alone. It cannot be sent as UTF-8, so the caller misses a word, or the whole NCCO is refused.",
    bad='[{"action": "talk", "text": "Hello \\ud83d"}]',
    good='[{"action": "talk", "text": "Hello \\ud83d\\ude00"}]',
)

RULES = (
    JSON_SYNTAX,
    TRAILING_COMMA,
    JSON_COMMENT,
    DUPLICATE_KEY,
    NOT_A_NUMBER,
    TOO_DEEP,
    EMPTY_TEXT,
    BYTE_ORDER_MARK,
    WRONG_QUOTES,
    FOREIGN_LITERAL,
    UNQUOTED_KEY,
    MISSING_COMMA,
    BAD_NUMBER,
    BAD_TEXT,
    LONE_SURROGATE,
)


class ByteOrderMark(Facts):
    """A byte order mark before the text."""

    rule = BYTE_ORDER_MARK
    message = "an invisible byte order mark is before the text"
    hint = "remove the mark"


class Comment(Facts):
    """A comment in JSON."""

    rule = JSON_COMMENT
    message = "JSON has no comments"
    hint = "a .flow file has them: // to the end of the line"


class TrailingComma(Facts):
    """A comma after the last entry."""

    rule = TRAILING_COMMA
    message = "no comma may follow the last entry"
    hint = "remove the comma"


class MissingComma(Facts):
    """Two entries without a comma between them."""

    rule = MISSING_COMMA
    message = "a comma is missing after this"
    hint = "add the comma"


class KeyTwice(Facts):
    """A key that its object has twice."""

    rule = DUPLICATE_KEY
    message = "{key} is in this object twice"
    hint = "keep one of the two"
    labels = ("it is here first",)
    key: str


class UnquotedKey(Facts):
    """A key without quotes."""

    rule = UNQUOTED_KEY
    message = "a key needs double quotes in JSON"
    hint = "add the quotes"
    key: str


class NotANumber(Facts):
    """`NaN` or `Infinity`."""

    rule = NOT_A_NUMBER
    message = "JSON has no {word:s}"
    hint = "write a number, or leave the option out"
    word: str


class ForeignLiteral(Facts):
    """A literal of another language, and JSON's."""

    rule = FOREIGN_LITERAL
    message = "JSON has no {word:s}"
    hint = "write {right:s}"
    word: str
    right: str


class HugeNumber(Facts):
    """A number that does not fit into a double."""

    rule = BAD_NUMBER
    message = "this number is too large to be read"
    hint = "write a smaller number"


class BadNumber(Facts):
    """A number in a form that JSON does not have; `right` is JSON's, if it is certain."""

    rule = BAD_NUMBER
    right: str | None

    def words(self, spelling: Spelling) -> Words:
        hint = "a text needs double quotes" if self.right is None else "write {right:s}"
        return self.say(spelling, "JSON does not write a number like this", hint)


class BadText(Facts):
    """A character that a text in JSON cannot have: `control` or `escape`."""

    rule = BAD_TEXT
    kind: str

    def words(self, spelling: Spelling) -> Words:
        what = "a raw control character" if self.kind == "control" else "an escape that JSON does not have"
        hint = 'escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits'
        return self.say(spelling, f"{what} is in this text", hint)


class QuoteInside(Facts):
    """A quote inside a text, without its backslash."""

    rule = BAD_TEXT
    message = 'a quote inside a text is written \\"'
    hint = 'write \\" inside the text'


class LoneSurrogate(Facts):
    """Half of a character of two halves."""

    rule = LONE_SURROGATE
    message = "half of a character is alone here"
    hint = "write the character itself, or both halves"


class WrongQuotes(Facts):
    """A text in other quotes than JSON's."""

    rule = WRONG_QUOTES
    message = "a text in JSON needs straight double quotes"
    hint = "use double quotes"


class NestedTooDeep(Facts):
    """Lists and objects that nest deeper than any reader takes."""

    rule = TOO_DEEP
    message = "lists and objects nest more than {most} deep here"
    hint = "nest them less"
    most: int


class NothingHere(Facts):
    """A text without a value."""

    rule = EMPTY_TEXT
    message = "there is nothing here"
    hint = 'write a list of actions: [{"action": "talk", "text": "Hello"}]'


class SeveralValues(Facts):
    """A second value after the first."""

    rule = JSON_SYNTAX
    message = "a second value begins here, but a file holds one NCCO"
    hint = "put all actions into one list"


class EntryMissing(Facts):
    """Two commas in a row."""

    rule = JSON_SYNTAX
    message = "an entry is missing between these two commas"
    hint = "add the entry, or remove a comma"


class OtherDocument(Facts):
    """A text in another language: `what` it is and what to do `instead`, in words."""

    rule = JSON_SYNTAX
    message = "this is {what:s}, not an NCCO"
    hint = "{instead:s}"
    what: str
    instead: str


class UnclosedText(Facts):
    """A text without its closing quote."""

    rule = JSON_SYNTAX
    message = "this text is never closed"
    hint = "add the closing quote; a line break inside a text is written \\n"


class Unexpected(Facts):
    """Something else than JSON has at this place.

    Attributes:
        wanted: what JSON has here, in words.
        after: the key before it, if that is what it follows.
        found: the characters that are here: a sign, a word, or `U+0007`; None at the end of the text.
    """

    rule = JSON_SYNTAX
    labels = ("this is never closed",)
    wanted: str
    after: str | None
    found: str | None

    def words(self, spelling: Spelling) -> Words:
        wanted = self.wanted if self.after is None else f"{self.wanted} after the key {{after}}"
        if self.found is None:
            return self.say(spelling, f"the text ends here, without {wanted}", "complete the text")
        hint = "a text needs double quotes" if self.found[0].isalpha() else "correct what is here"
        if self.found.startswith("U+"):
            return self.say(spelling, f"expected {wanted}, not {{found:s}}", "save the file as text in UTF-8")
        return self.say(spelling, f"expected {wanted}, not {{found}}", hint)
