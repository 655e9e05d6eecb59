"""The rules about JSON as text, for the findings of `syntax/json.py`."""

from __future__ import annotations

from ncco_lang.diagnostics import Rule

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
    why="JavaScript and Python allow a comma after the last entry, JSON does not: the platform refuses the whole NCCO.",
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
    why="A key is in one object twice. Readers of JSON keep one of the two and do not say which, so the caller may get the other one.",
    bad='[{"action": "talk", "text": "Hello", "text": "Goodbye"}]',
    good='[{"action": "talk", "text": "Hello"}, {"action": "talk", "text": "Goodbye"}]',
)
NOT_A_NUMBER = Rule(
    code="F105",
    name="not-a-number",
    severity="error",
    why="NaN and Infinity are no JSON, though some programs write them: the platform refuses the whole NCCO.",
    bad='[{"action": "talk", "text": "Hello", "level": NaN}]',
    good='[{"action": "talk", "text": "Hello", "level": 0}]',
)
TOO_DEEP = Rule(
    code="F106",
    name="too-deep",
    severity="error",
    why="Lists and objects are nested more than 100 deep. No NCCO needs that, and readers give up at such depths.",
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
    why="JSON numbers have no plus sign, no zero in front, no bare dot and no hexadecimal digits, and a number too large for a computer is read as something else.",
    bad='[{"action": "talk", "text": "Hello", "level": .5}]',
    good='[{"action": "talk", "text": "Hello", "level": 0.5}]',
)
BAD_TEXT = Rule(
    code="F116",
    name="bad-string",
    severity="error",
    why="A text holds a quote without a backslash, a raw control character, or an escape that JSON does not have, so the platform cannot read the NCCO.",
    bad='[{"action": "talk", "text": "Hello\\x21"}]',
    good='[{"action": "talk", "text": "Hello!"}]',
)
LONE_SURROGATE = Rule(
    code="F117",
    name="lone-surrogate",
    severity="error",
    why="Half of a character is alone. It cannot be sent as UTF-8, so the caller hears a hole or the whole NCCO is refused.",
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
