"""The facts of findings about expressions and the names in them."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.program import name_rules as rules
from ncco_lang.syntax.reserved import reserved
from ncco_lang.words import Spelling, Words, listed

_STATEMENTS = {
    "fetch": 'write fetch "…" into: NAME on a line of its own, and read NAME after it',
    "ask": 'write ask NAME "…" digits: 4 on a line of its own, and read NAME after it',
    "menu": 'write menu "…" { 1 -> … } on a line of its own',
}
_METHODS = {
    "startswith": 'value starts_with "…"',
    "endswith": 'value ends_with "…"',
    "contains": 'value matches "*…*", or item in list',
    "includes": 'value matches "*…*", or item in list',
    "length": "length(value)",
    "size": "length(value)",
    "equals": 'value == "…"',
}
_MOST_NAMED = 5
_MEANT = "did you mean {near}?"

# ── Names ──────────────────────────────────────────────────────────────────────────────────────────────


class UnknownName(Facts):
    """A name that nothing has: `name` is how a declaration would spell what is `written`."""

    rule = rules.UNKNOWN_NAME
    message = "nothing is named {written}"
    hint = "declare it: let {name:s} = …, or put a text in quotes"
    for_reserved = "put a text in quotes"
    written: str
    name: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        undeclared = self.for_reserved if self.name in reserved() else self.hint
        return self.say(spelling, self.message, _MEANT if self.near else undeclared)


class UnknownNameInText(UnknownName):
    """An unknown name between the braces of a text."""

    for_reserved = "write {{ for a brace that is meant"
    hint = "declare it: param {name:s}: text = …, or write {{ for a brace that is meant"


class UnknownTableInText(UnknownNameInText):
    """An unknown name with a field, between the braces of a text."""

    hint = "declare its table: let {name:s} = …, or write {{ for a brace that is meant"


class OutsideEach(Facts):
    """A value of an `each` that is read outside of one: `key`."""

    rule = rules.UNKNOWN_NAME
    message = "{name:s} has a value only inside each"
    hint = "move it into an each"
    name: str


class OnlyInCall(Facts):
    """A value of the call in what is fixed when compiling."""

    rule = rules.ONLY_IN_CALL
    message = "only a call has {written:s}, and this is fixed when compiling"
    hint = "read it in a statement, or keep it there with set"
    written: str


class MisspeltTag(Facts):
    """A language tag in the wrong case, or with an underscore."""

    rule = rules.UNKNOWN_NAME
    message = "a language tag is written {tag:s}"
    tag: str


class NoSuchFunction(Facts):
    """A function that there is not."""

    rule = rules.UNKNOWN_NAME
    message = "there is no function {name}"
    name: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, _MEANT if self.near else "use length, defined or default")


class StatementAsValue(Facts):
    """A statement in place of a value; `verb` begins it."""

    rule = rules.UNKNOWN_NAME
    message = "{verb} is a statement, and not a value"
    verb: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, _STATEMENTS.get(self.verb, "write it on a line of its own"))


class EnvironmentByField(Facts):
    """A variable of the environment as a field, `env.TOKEN`; `right` reads it."""

    rule = rules.UNKNOWN_NAME
    message = "a variable of the environment is read with env(…)"
    hint = "write {right:s}"
    right: str


class MadeOfItself(Facts):
    """A name whose value reads itself, by way of the other names."""

    rule = rules.ENDLESS_NAME
    name: str
    through: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        round_about = f", by way of {' and '.join(self.through)}" if self.through else ""
        return self.say(spelling, f"{{name:s}} is made of itself{round_about}")


class LongChain(Facts):
    """Names that are each made of one below it."""

    rule = rules.ENDLESS_NAME
    message = "more than {most:d} names are each made of one below it"
    hint = "put what a name is made of above it"
    most: int


class SecretWritten(Facts):
    """A secret in a value of the NCCO."""

    rule = rules.SECRET_IN_NCCO
    message = "the secret {name:s} would be written into the NCCO"
    hint = "only headers and json of fetch may read a secret"
    name: str


class SecretRead(Facts):
    """A secret in a value that others may see during a call."""

    rule = rules.SECRET_IN_NCCO
    message = "the secret {name:s} is read where others may see it"
    hint = "only headers and json of fetch may read a secret"
    name: str


class NoBaseUrl(Facts):
    """An address below a base URL that nothing gives; `profiles` are those that have one."""

    rule = rules.NO_BASE_URL
    message = "this address is below a base URL, and there is none"
    profiles: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if not self.profiles:
            hint = "give one: --base-url, or base_url in a profile of ncco.toml; or write the whole address"
            return self.say(spelling, self.message, hint)
        these = listed([f"--profile {name}" for name in self.profiles[:_MOST_NAMED]])
        return self.say(
            spelling, self.message, "take {these:s}; or give --base-url, or write the whole address", these=these
        )


# ── Operators and functions ────────────────────────────────────────────────────────────────────────────


_KEYED = "an answer to digits: is a text; that to one_of: 0..99 is a number"
_JOINED = f"write both into one text, with names in braces; {_KEYED}"


class WrongOperand(Facts):
    """A value of another type than an operator or a statement takes; `wanted` and `given` are words."""

    rule = rules.WRONG_OPERAND
    message = "{operator:s} takes {wanted:s}, not {given:s}"
    operator: str
    wanted: str
    given: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        is_text = self.given == "a text" and self.wanted == "numbers"
        is_condition = self.wanted == "true or false" and self.operator in ("if", "and", "or", "not")
        if is_condition and self.operator == "or":
            return self.say(spelling, self.message, "default(value, other) is for a value that may be missing")
        if is_condition:
            return self.say(spelling, self.message, "compare it with a value, or ask defined(…)")
        if self.operator == "in" and self.given in ("a text", "a telephone number"):
            return self.say(spelling, self.message, 'for a part of a text write matches "*…*"')
        hint = _JOINED if is_text and self.operator == "+" else _KEYED if is_text else None
        return self.say(spelling, self.message, hint)


class WrongArguments(Facts):
    """Arguments that a function does not take; `wanted` are words."""

    rule = rules.WRONG_OPERAND
    message = "{function:s} takes {wanted:s}"
    function: str
    wanted: str


class WholeCall(Facts):
    """The call itself in place of one of its fields."""

    rule = rules.WRONG_OPERAND
    message = "call is not a value by itself"
    hint = "read one of its fields, such as call.from"


class DividedByZero(Facts):
    """A division by 0."""

    rule = rules.WRONG_OPERAND
    message = "nothing can be divided by 0"


class ResultTooLarge(Facts):
    """A result that no double can hold."""

    rule = rules.WRONG_OPERAND
    message = "the result of {operator:s} is too large"
    operator: str


class NotAFunction(Facts):
    """Arguments after a value."""

    rule = rules.WRONG_OPERAND
    message = "{written:s} is a value, not something that can be called"
    written: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words; `call.from.startsWith("31")` has a counterpart."""
        method = self.written.partition("(")[0].rpartition(".")[2].lower().replace("_", "")
        meant = _METHODS.get(method)
        return self.say(spelling, self.message, None if meant is None else f"write {meant}")


class StepAsValue(Facts):
    """A step in place of a value."""

    rule = rules.WRONG_OPERAND
    message = "{name:s} is a step, not a value"
    name: str


# ── Parts ──────────────────────────────────────────────────────────────────────────────────────────────


class NoSuchKey(Facts):
    """A key that a table does not have; `keys` are the first that it has."""

    rule = rules.NO_SUCH_PART
    message = "there is no {key} in it"
    key: str
    near: str | None
    keys: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.near is not None:
            return self.say(spelling, self.message, _MEANT)
        hint = f"it has {', '.join(self.keys)}" if self.keys else None
        return self.say(spelling, self.message)._replace(hint=hint)


class NoSuchItem(Facts):
    """An index that a list does not have."""

    rule = rules.NO_SUCH_PART
    message = "there is no item {index:s} in this list"
    hint = "it has {count:d}, counted from 0"
    index: str
    count: int


class NoParts(Facts):
    """A value in which nothing has such a key: `given` and `key` are words, `keys` are those of a table."""

    rule = rules.NO_SUCH_PART
    message = "{given:s} has no part that {key:s} names"
    given: str
    key: str
    is_list: bool
    keys: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = f"its parts have names: {', '.join(self.keys)}" if self.keys else None
        if self.is_list:
            hint = "its items are counted from 0: [0] is the first"
        return self.say(spelling, self.message)._replace(hint=hint)


# ── Texts ──────────────────────────────────────────────────────────────────────────────────────────────


class Unspeakable(Facts):
    """A value that cannot be read into a text: `given` are words, `type` is its type."""

    rule = rules.NOT_SPEAKABLE
    message = "{given:s} cannot be read into a text"
    given: str
    type: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hints = {
            "list": "read one of its items: {name[0]}",
            "table": "read one of its fields: {name.field}",
            "duration": "write it out as a text, as it should be said",
        }
        return self.say(spelling, self.message)._replace(hint=hints.get(self.type))


class Unreadable(Facts):
    """A text that a filter cannot read out."""

    rule = rules.NOT_SPEAKABLE
    filter: str
    text: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        what = "is not an international telephone number" if self.filter == "phone" else "has no digits"
        return self.say(spelling, f"{{text}} {what}, so {{filter:s}} cannot read it out")


class NoSuchFilter(Facts):
    """A filter that there is not; `filters` are those that there are."""

    rule = rules.UNKNOWN_FILTER
    message = "there is no filter {name}"
    name: str
    near: str | None
    filters: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message, _MEANT if self.near else f"filters are {', '.join(self.filters)}")


class WrongFilterArguments(Facts):
    """Arguments that a filter does not take."""

    rule = rules.UNKNOWN_FILTER
    message = "{filter:s} does not take these arguments"
    hint = "digits(slow) reads with a pause after each digit"
    filter: str


class TextTooLong(Facts):
    """A text that has become too long by what is read into it."""

    rule = rules.TOO_MUCH
    message = "this text has more than {most:d} characters with its values"
    most: int


class TooManyValues(Facts):
    """A list or table that has become too large by what is read into it."""

    rule = rules.TOO_MUCH
    message = "more than {most:d} values have come together here"
    most: int


class TooDeep(Facts):
    """Lists and tables that nest too deeply by what is read into them."""

    rule = rules.TOO_MUCH
    message = "lists and objects have come to nest deeper than {most:d}"
    most: int


class LongCalculation(Facts):
    """A calculation of a call with more operators in a row than an expression may nest."""

    rule = rules.TOO_MUCH
    message = "a call cannot compute more than {most:d} operators in a row"
    hint = "compute a part of it first, with set"
    most: int
