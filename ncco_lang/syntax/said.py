"""What the findings about the syntax of a flow say: one line for each mistake, with its rule and its words.

A mistake has what its author wrote, and what they mean; most of its words need no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ncco_lang.diagnostics import Diagnostic, Facts, Fix, Rule
from ncco_lang.source import Source, Span
from ncco_lang.syntax import syntax_rules as rules
from ncco_lang.vocabulary.flow_spelling import flow_finding
from ncco_lang.words import Spelling, Words


class Said(NamedTuple):
    """A mistake: its name for programs, its rule, and its templates."""

    name: str
    rule: Rule
    message: str
    hint: str | None = None
    label: str = ""


class SyntaxMistake(Facts):
    """A mistake of syntax: its name, what the author wrote, and what they mean, as far as the words need them."""

    mistake: str
    written: str
    instead: str
    _said: Said

    def words(self, spelling: Spelling) -> Words:
        words = self.say(spelling, self._said.message, self._said.hint)
        return words._replace(labels=(self._said.label,))

    def rule_in(self, spelling: Spelling) -> Rule:
        """Return the rule of the mistake."""
        return self._said.rule


def misread(
    source: Source,
    span: Span,
    said: Said,
    *,
    written: str = "",
    instead: str = "",
    also: Sequence[Span] = (),
    fix: Fix | None = None,
) -> Diagnostic:
    """Return the finding of a mistake; a further span gets the label of the mistake."""
    facts = SyntaxMistake(mistake=said.name, written=written, instead=instead, _said=said)
    return flow_finding(source, span, facts, also=also, fix=fix)


_LET = "a value gets its name with let: let {instead:s} = …"
_NO_VERB = "a line begins with a verb, not with a text"
_LETTERS = "names have the letters a to z, digits and _"

# ── Tokens ─────────────────────────────────────────────────────────────────────────────────────────────

NOTHING_OPEN = Said("nothing-open", rules.FLOW_SYNTAX, "nothing is open that this {written:s} could close")
NO_PLACE = Said("no-place", rules.FLOW_SYNTAX, "{written:s} has no place here")
UNEXPECTED = Said("unexpected", rules.FLOW_SYNTAX, "expected {instead:s}, not {written:s}")
DIGIT_FIRST = UNEXPECTED._replace(name="digit-first", hint="a name begins with a letter or _")
BLOCK_FOR_VALUE = Said("block-for-value", rules.FLOW_SYNTAX, 'expected a value, not "{"')
NESTED_DATA = Said("nested-data", rules.TOO_DEEP, "data nests deeper than {written:s} here", "nest it less")
NESTED_BLOCKS = Said(
    "nested-blocks", rules.TOO_DEEP, "blocks nest deeper than {written:s} here", "make a step of what is inside"
)
JSON_FILE = Said(
    "json-file",
    rules.FLOW_SYNTAX,
    "this is JSON, not a flow",
    "ncco decompile makes a flow of it; ncco check takes it as it is, in a file whose name ends in .json",
)

# ── Braces ─────────────────────────────────────────────────────────────────────────────────────────────

BRACE_MISSING = Said("brace-missing", rules.MISSING_BRACE, "a { is missing here")
BRACKET_MISSING = Said("bracket-missing", rules.FLOW_SYNTAX, "a {instead:s} is missing here")
BRACE_BELOW = Said("brace-below", rules.FLOW_SYNTAX, "the { of a block ends the line of its statement")
BARE_BLOCK = Said("bare-block", rules.FLOW_SYNTAX, "a block is between { and }")
BLOCK_WITHOUT_BRACE = Said(
    "block-without-brace",
    rules.MISSING_BRACE,
    "this line begins a block without a {",
    label="a { is missing at the end of this line",
)
STRAY_BRACE = Said("stray-brace", rules.FLOW_SYNTAX, "this {written:s} {instead:s} nothing")
EXTRA_BRACE = STRAY_BRACE._replace(name="extra-brace", rule=rules.MISSING_BRACE)
NEVER_CLOSED = Said("never-closed", rules.MISSING_BRACE, "this { is never closed")
NOT_CLOSED = Said("not-closed", rules.MISSING_BRACE, "this { is not closed", label="a } is missing above this line")
DECLARED_INSIDE = NOT_CLOSED._replace(
    name="declared-inside", hint="{written:s} cannot be inside a step or another block"
)
OBJECT_NOT_CLOSED = Said("object-not-closed", rules.MISSING_BRACE, "this {written:s} is not closed")
LIST_NOT_CLOSED = OBJECT_NOT_CLOSED._replace(name="list-not-closed", rule=rules.FLOW_SYNTAX)
OPTION_BELOW = Said(
    "option-below", rules.MISSING_BRACE, "the option {written:s} needs the line of its statement or { }"
)
LIST_BELOW = Said("list-below", rules.FLOW_SYNTAX, "a [ is missing at the end of this line")
BRACES_EMPTY = Said(
    "braces-empty", rules.FLOW_SYNTAX, "nothing is between these braces", "braces that are said are doubled: {{ and }}"
)
NOT_READABLE = Said(
    "not-readable",
    rules.FLOW_SYNTAX,
    "expected a value or a filter, not {written:s}",
    "braces that are said are doubled: {{ and }}",
)
READ_OTHERWISE = {
    "'": NOT_READABLE._replace(name="other-quote-in-value", hint="a text in a value has double quotes"),
    ">": NOT_READABLE._replace(name="arrow-in-value", hint="a field follows a point, as in call.from"),
    "?": NOT_READABLE._replace(name="question-in-value", hint="a value that may be missing: default(value, other)"),
    "|": NOT_READABLE._replace(name="bars-in-value", hint="a value that may be missing: default(value, other)"),
    ":": NOT_READABLE._replace(name="colon-in-value", hint="a filter follows |, as in call.from | spell"),
}
"""What other languages write in a value of a text, by the first sign that does not fit."""
NO_LETTER = NOT_READABLE._replace(name="no-letter", hint=_LETTERS)
LONE_BRACE = Said(
    "lone-brace",
    rules.LONE_BRACE,
    "a single {written:s} in a text is half of something",
    "a {instead:s} may be missing; {written:s}{written:s} is a brace that is said",
)

# ── Texts ──────────────────────────────────────────────────────────────────────────────────────────────

NO_CHARACTER = Said(
    "no-character", rules.BAD_ESCAPE, "{written:s} is not a character", "write \\u and four hexadecimal digits"
)
HALF_CHARACTER = NO_CHARACTER._replace(
    name="half-character", hint="write both codes of the pair: half of a character is none"
)
NO_ESCAPE = Said(
    "no-escape",
    rules.BAD_ESCAPE,
    "{written:s} means nothing in a text",
    r"a backslash itself is written \\; known are \" \\ \/ \b \f \n \r \t and \u0041",
)
INVISIBLE = Said("invisible", rules.STRAY_CHARACTER, "an invisible character, {written:s}, is here")
STRAY_SIGN = Said("stray-sign", rules.STRAY_CHARACTER, "{written:s} means nothing outside a text")
STRAY_LETTER = STRAY_SIGN._replace(name="stray-letter", hint=_LETTERS)
NO_OPENING_QUOTE = Said("no-opening-quote", rules.UNCLOSED_TEXT, "this text has no opening quote")
OTHER_CLOSING_QUOTE = Said(
    "other-closing-quote", rules.STRAY_CHARACTER, 'this text begins with " and ends with {written:s}'
)
LONE_QUOTE = Said("lone-quote", rules.UNCLOSED_TEXT, "this quote has no other")
NO_CLOSING_QUOTE = Said(
    "no-closing-quote",
    rules.UNCLOSED_TEXT,
    "this text has no closing quote",
    'a text over several lines is between """ and """; a quote inside a text is \\"',
)
NO_CLOSING_QUOTES = Said(
    "no-closing-quotes", rules.UNCLOSED_TEXT, 'this text has no closing """', 'put """ after its last line'
)
OTHER_QUOTES = Said("other-quotes", rules.STRAY_CHARACTER, "a text needs straight double quotes, not {written:s}")
ADDRESS = Said("address", rules.FLOW_SYNTAX, "an address is a text, so it needs quotes")
ADDRESS_AS_COMMENT = ADDRESS._replace(name="address-as-comment", hint='what follows "//" would be a comment')
SENTENCE = Said("sentence", rules.FLOW_SYNTAX, "what is said or sent needs quotes")
TITLE = Said("title", rules.FLOW_SYNTAX, "the title of a flow needs quotes")
PHONE = Said("phone", rules.FLOW_SYNTAX, "a telephone number is a text, so it needs quotes")
BARE_KEY = Said("bare-key", rules.FLOW_SYNTAX, "a key of a JSON object needs quotes")
BARE_OPTION = BARE_KEY._replace(
    name="bare-option", hint="options of the platform are in a block, without a colon before its brace"
)
BARE_DATA_KEY = BARE_KEY._replace(name="bare-data-key", hint='write "{written:s}": {instead:s} holds data of your own')
JOINED_TEXTS = Said("joined-texts", rules.FLOW_SYNTAX, "no sign joins texts", "write {instead:s}")
DEFAULT_WITHOUT_VERB = Said(
    "default-without-verb", rules.FLOW_SYNTAX, "a default begins with its verb", "write default talk {written:s}"
)
LONELY_TEXT = Said("lonely-text", rules.FLOW_SYNTAX, _NO_VERB)
KEY_TWICE = Said("key-twice", rules.KEY_TWICE, "{written} is in this object twice", "keep one of the two", "here first")
NUMBER_TOO_LARGE = Said(
    "number-too-large",
    rules.NUMBER_TOO_LARGE,
    "this number is too large: its reader would get another one",
    "put digits that are no quantity into a text",
)

# ── Signs ──────────────────────────────────────────────────────────────────────────────────────────────

TABS = Said("tabs", rules.TAB, "tabs indent {written:s} lines, this one first")
TAB = Said("tab", rules.TAB, "a tab indents this line")
CALL = Said("call", rules.FLOW_SYNTAX, "what {written:s} takes follows it without brackets")
SIGN_AFTER_VERB = Said("sign-after-verb", rules.WRONG_SIGN, "no {written:s} belongs after the verb {instead:s}")
NO_COLON = Said("no-colon", rules.WRONG_SIGN, "a colon belongs between a name and its value, not {written:s}")
NO_EQUALS_SIGN = Said(
    "no-equals-sign", rules.WRONG_SIGN, "between a declaration and its value belongs =, not {written:s}"
)
NO_ARROW = Said("no-arrow", rules.WRONG_SIGN, "between an answer and what follows belongs ->, not {written:s}")
NO_TARGET = Said(
    "no-target", rules.FLOW_SYNTAX, "this arm leads nowhere", "write a step, a statement or { … } after ->"
)
QUOTED_STEP = Said("quoted-step", rules.FLOW_SYNTAX, "the name of a step is written without quotes: {instead:s}")
SAID_BY_ARM = Said(
    "said-by-arm", rules.FLOW_SYNTAX, "an arm leads to a statement, not to a text", "write talk before it"
)
NOT_A_TARGET = Said(
    "not-a-target",
    rules.FLOW_SYNTAX,
    "an arm leads to a step or a statement, not to {written:s}",
    "write the name of a step, a statement or { … } after ->",
)
KEY_RANGE = Said("key-range", rules.FLOW_SYNTAX, "a range is not a key", "write each key: {instead:s} -> …")
NO_STATUS = Said(
    "no-status",
    rules.FLOW_SYNTAX,
    "{written:s} is no status",
    "write one such as 404, or 3xx, 4xx or 5xx for all of a kind",
)
CAPITAL_OUTCOME = Said("capital-outcome", rules.FLOW_SYNTAX, "an outcome has small letters: {instead:s}")
NO_SUCH_KEY = Said(
    "no-such-key", rules.FLOW_SYNTAX, "the telephone has no key {written:s}", "the keys are 0 to 9, * and #"
)
BARE_PHRASE = Said(
    "bare-phrase", rules.FLOW_SYNTAX, "a phrase that the caller says needs quotes", 'write "{written:s}" -> …'
)
WORD_BEFORE_PATTERN = Said(
    "word-before-pattern", rules.FLOW_SYNTAX, "an arm begins with the key or the phrase, not with {written:s}"
)
SPLIT_OUTCOME = Said("split-outcome", rules.FLOW_SYNTAX, "the outcome is one word: {instead:s}")
LONELY_ARM = Said(
    "lonely-arm", rules.FLOW_SYNTAX, "an arm belongs in the block of a question", 'write it in { } after menu "…"'
)
OPERATOR = Said("operator", rules.WRONG_SIGN, "the operator is {instead:s}, not {written:s}")
COMPARISON = Said("comparison", rules.WRONG_SIGN, "two values are compared with ==")
NOT_IN = Said("not-in", rules.FLOW_SYNTAX, "not belongs before the whole comparison", "write not … in …")
PART_OF = Said(
    "part-of", rules.WRONG_SIGN, "there is no operator {written:s}", 'write in for a list, or matches "*…*" for a text'
)
NO_OPERATOR = Said("no-operator", rules.WRONG_SIGN, "there is no operator {written:s}", "write +, -, * or /")
RANGE = Said("range", rules.FLOW_SYNTAX, "a range is written {instead:s}")
WITHOUT_BRACKETS = Said("without-brackets", rules.FLOW_SYNTAX, "{written:s} takes brackets: {instead:s}")
STATEMENT_AS_VALUE = Said(
    "statement-as-value",
    rules.FLOW_SYNTAX,
    "{written:s} is a statement, and not a value",
    "write it on a line of its own; {instead:s}",
)
STEP_AS_STATEMENT = Said(
    "step-as-statement",
    rules.FLOW_SYNTAX,
    "{written:s} is a step",
    "write goto {written:s}(…), or do {written:s}(…) to come back",
)
UNTYPED_PARAMETER = Said("untyped-parameter", rules.FLOW_SYNTAX, "a parameter needs its type: {written:s}: text")
COMPARISON_CHAIN = Said(
    "comparison-chain", rules.FLOW_SYNTAX, "a comparison has two sides", "write two of them with and between"
)
ROUND_LIST = Said("round-list", rules.FLOW_SYNTAX, "a list is between [ and ]")
TRAILING_COMMA = Said("trailing-comma", rules.FLOW_SYNTAX, "the last entry of an object has no comma after it")
LOOSE_UNIT = Said("loose-unit", rules.FLOW_SYNTAX, "a duration is written without a blank: {instead:s}")
LONG_UNIT = Said("long-unit", rules.FLOW_SYNTAX, "a duration is written with a short unit: {instead:s}")
STRAY_COMMA = Said("stray-comma", rules.FLOW_SYNTAX, "the parts of a statement have no comma between them")
OPTIONS_IN_ROW = Said("options-in-row", rules.FLOW_SYNTAX, "options on one line of a block have ; between them")
DECIMAL_COMMA = Said("decimal-comma", rules.FLOW_SYNTAX, "a number has a point, not a comma: {instead:s}")
HEAD_OF_EACH = Said("head-of-each", rules.FLOW_SYNTAX, "each takes one name and a list", "write {instead:s} { … }")
ANOTHER_BRANCH = Said("another-branch", rules.FLOW_SYNTAX, "another branch begins with else if, not with {written:s}")
SIGN_OF_SET = Said("sign-of-set", rules.WRONG_SIGN, "set takes =, not {written:s}", "write {instead:s}")
SET_IN_STEP = Said("set-in-step", rules.FLOW_SYNTAX, "in a step a name gets its value with set", "write {instead:s}")
SET_PART = Said(
    "set-part", rules.FLOW_SYNTAX, "set changes a whole name, not a part of one", "write set {instead:s} = …"
)
CONDITION_OF_TEST = Said("condition-of-test", rules.FLOW_SYNTAX, "a condition of a test follows expect that:")
SEVERAL_SETS = Said("several-sets", rules.FLOW_SYNTAX, "a set has one name and one value", "write a set for each")
CHOICE = Said(
    "choice",
    rules.FLOW_SYNTAX,
    "a value does not choose between two others",
    "write if … { set x = … } else { set x = … }",
)
MISSING_IF = Said("missing-if", rules.FLOW_SYNTAX, "the word if is missing before this condition")
LONELY_ELSE = Said("lonely-else", rules.FLOW_SYNTAX, 'this "else" belongs to no "if"', "one if has one else at most")
HASH_COMMENT = Said("hash-comment", rules.HASH_COMMENT, "a comment begins with //; # is the telephone key")
BLOCK_COMMENT = Said("block-comment", rules.BLOCK_COMMENT, "a comment begins with // and ends with its line")

# ── Declarations ───────────────────────────────────────────────────────────────────────────────────────

NO_TYPE = Said("no-type", rules.FLOW_SYNTAX, "the type is missing: {written:s} {instead:s}")
NO_PARAM = Said("no-param", rules.FLOW_SYNTAX, "the word param or arg is missing before {written:s}")
NO_LET = Said("no-let", rules.FLOW_SYNTAX, _LET)
OTHER_LET = Said("other-let", rules.FLOW_SYNTAX, _LET)
CAPITAL_TYPE = Said("capital-type", rules.FLOW_SYNTAX, "a type has small letters")
PARAMETER_DEFAULT = Said(
    "parameter-default",
    rules.FLOW_SYNTAX,
    "a parameter of a step has no default",
    "remove it, and give the value in each jump: goto {instead:s}(…)",
)
TYPED_LET = Said("typed-let", rules.FLOW_SYNTAX, "a let has no type: its value has one")

# ── Spelling ───────────────────────────────────────────────────────────────────────────────────────────

TAG_CASE = Said("tag-case", rules.FLOW_SYNTAX, "a language tag is written {instead:s}")
SEVERAL_POINTS = Said(
    "several-points",
    rules.FLOW_SYNTAX,
    "{written:s} has more than one point",
    "a duration is written like 1.5{instead:s}",
)
COMPOUND_DURATION = Said("compound-duration", rules.FLOW_SYNTAX, "a duration has one number and one unit: {instead:s}")
NO_DURATION = Said("no-duration", rules.FLOW_SYNTAX, "a duration has one number and one unit", "write {instead:s}")
BARE_LANGUAGE = Said("bare-language", rules.FLOW_SYNTAX, "a language has its name before it: {instead:s}")
ODD_NAME = Said("odd-name", rules.FLOW_SYNTAX, "a name is of small letters, digits and underscores: {instead:s}")
ODD_LETTERS = Said(
    "odd-letters",
    rules.FLOW_SYNTAX,
    "a name is of small letters, digits and underscores",
    "choose another name, of the letters a to z",
)
