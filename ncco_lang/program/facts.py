"""The facts of the findings about statements and their parts; `value_facts.py` has those of values."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.program.name_rules import IDLE_DEFAULT, UNKNOWN_NAME
from ncco_lang.syntax.syntax_rules import MISSING_BRACE
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.words import Spelling, Wire, Words, listed

# ── The start of a statement ───────────────────────────────────────────────────────────────────────────


class NoSuchStatement(Facts):
    """A line that begins with no verb: `near` is the one that may be meant, `known` are all of them."""

    rule = rules.NO_SUCH_VERB
    message = "there is no statement {verb}"
    hint = "write {known:choice}"
    verb: str
    near: str | None
    known: tuple[str, ...]


class NoSuchDefault(NoSuchStatement):
    """A default of something that is not an action."""

    message = "there is no statement {verb} that can have a default"


class MissingWord(Facts):
    """A statement without the word for its kind; `forms` are the statement with each of the words."""

    rule = rules.MISSING_WORD
    message = "{statement:s} does not say of which kind it is"
    statement: str
    forms: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, f"write {listed(self.forms)}")


class UnknownWord(MissingWord):
    """A statement with a word that does not name one of its kinds."""

    message = "{statement:s} has no kind {word}"
    word: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        words = super().words(spelling)
        return words._replace(hint=f'did you mean "{self.near}"?') if self.near else words


class SecondStatement(Facts):
    """A verb on the line of another statement."""

    rule = rules.MISPLACED_STATEMENT
    message = "the statement {verb:s} needs a line of its own"
    hint = "begin a new line"
    verb: str


# ── Options ────────────────────────────────────────────────────────────────────────────────────────────


class WireName(Facts):
    """An option with its name in JSON."""

    rule = rules.WIRE_NAME
    message = "in a flow {written} is written {option}"
    hint = "write {option}"
    written: str
    option: Wire


class NoSuchOption(Facts):
    """An option that a statement or a block does not have.

    Attributes:
        owner: the statement or the block.
        near: the option that may be meant.
        instead: what to write, in words, for a name that is valid elsewhere.
        options: those that the statement has.
    """

    rule = rules.NO_SUCH_OPTION
    message = "{owner:s} has no option {option}"
    owner: str
    option: str
    near: Wire | None = None
    instead: str | None = None
    options: tuple[Wire, ...] = ()

    def words(self, spelling: Spelling) -> Words:
        hint = "use {options}" if self.options else "remove it"
        if self.near is not None:
            hint = "did you mean {near}?"
        return self.say(spelling, self.message, hint if self.instead is None else "{instead:s}")


class OptionTwice(Facts):
    """An option that its statement has already."""

    rule = rules.OPTION_TWICE
    message = "{option} is given twice"
    hint = "keep one of the two"
    labels = ("here first",)
    option: Wire


class DefaultTwice(OptionTwice):
    """An option that has a default already."""

    message = "{option} has a default already"


class OptionBelow(Facts):
    """An option on the line below its statement, outside of a block."""

    rule = MISSING_BRACE
    message = "the option {option} needs the line of its statement or { }"
    hint = "put it on the line of its statement"
    labels = ("an option of this statement",)
    option: Wire


class MissingColon(Facts):
    """An option and its value without a colon between them."""

    rule = rules.OPTION_WITHOUT_VALUE
    message = "{option} needs a colon before its value"
    hint = "add the colon"
    option: Wire


class NotAFlag(Facts):
    """A bare option that takes another value than true or false; `is_block` if it takes options of its own."""

    rule = rules.OPTION_WITHOUT_VALUE
    message = "{option} needs a value, not only its name"
    option: Wire
    is_block: bool = False

    def words(self, spelling: Spelling) -> Words:
        in_block = "write it in a block: { {option} { … } }"
        return self.say(spelling, self.message, in_block if self.is_block else "write {option}: …")


class NeedsValue(NotAFlag):
    """An option of a block without its colon and its value; `write` is how it is written with a value."""

    message = "{option} needs a colon and its value"
    is_boolean: bool = False

    def words(self, spelling: Spelling) -> Words:
        if self.is_block:
            return self.say(spelling, "{option} needs its block", "write {option} { … }")
        if self.is_boolean:
            return self.say(spelling, "in a block {option} needs its value", "write {option}: true")
        return self.say(spelling, self.message, "write {option}: …")


class MissingValue(Facts):
    """A statement or a block without an option or an operand that it needs: `form` is where it is written."""

    rule = rules.MISSING_VALUE
    owner: str
    option: str
    form: str

    def words(self, spelling: Spelling) -> Words:
        hints = {
            "operand": 'write it after {owner:s}: {owner:s} "…"',
            "block": "add {option} { … }",
            "option": "add {option}: …",
            "role": "write it after {owner:s}",
        }
        name = "{option:s}" if self.form == "role" else "{option}"
        return self.say(spelling, f"{{owner:s}} needs its {name}", hints[self.form])


class NeedsOneOf(Facts):
    """A statement without any of several options of which it needs one."""

    rule = rules.MISSING_VALUE
    message = "{owner:s} needs one of {options}"
    owner: str
    options: tuple[Wire, ...]

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "add {first}: …", first=self.options[0])


class NoFlowOption(Facts):
    """An option of `flow`, which has none; `is_of_talk` if it is one of `talk`."""

    rule = rules.NO_SUCH_OPTION
    message = "a flow has no option {option}"
    option: str
    is_of_talk: bool = False

    def words(self, spelling: Spelling) -> Words:
        hint = "write it on a line below: default talk {option:s}: …" if self.is_of_talk else "remove it"
        return self.say(spelling, self.message, hint)


class StatementInOptions(Facts):
    """A statement among the options of another one."""

    rule = rules.MISPLACED_STATEMENT
    message = "a statement cannot be among the options of {owner:s}"
    hint = "put it after the block"
    owner: str


class StatementInArms(Facts):
    """A statement among the arms of a question."""

    rule = rules.MISPLACED_STATEMENT
    message = "only talk and stream can be among the arms of {owner:s}"
    hint = "put it after the block, or after the -> of an arm"
    owner: str


class OptionAlone(Facts):
    """An option that belongs to no statement."""

    rule = rules.MISPLACED_STATEMENT
    message = "the option {option} has no statement"
    option: str
    is_known: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words; an option that no statement has may be meant as a `set`."""
        hint = "put it on the line of its statement"
        return self.say(spelling, self.message, hint if self.is_known else f"{hint}, or write set {{option:s}} = …")


class ArmAlone(Facts):
    """An arm outside of the block of a question."""

    rule = rules.MISPLACED_STATEMENT
    message = "an arm belongs in the block of a question"
    hint = 'write it in { } after menu "…"'


class EmptyFlow(Facts):
    """A flow without a statement."""

    rule = rules.EMPTY_FLOW
    message = "nothing happens in this flow, so the call ends at once"
    hint = 'begin with a statement: talk "Hello."'


class NoSuchOutcome(Facts):
    """An arm for an outcome that its statement does not have."""

    rule = UNKNOWN_NAME
    message = "{owner:s} has no outcome {outcome}"
    owner: str
    outcome: str
    near: str | None
    known: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        hint = "write {known:choice}" if self.known else "remove the arm"
        if self.owner == "fetch" and self.outcome in ("ok", "success", "good", "done"):
            hint = "after a good status the flow goes on below the fetch"
        return self.say(spelling, self.message, "did you mean {near}?" if self.near else hint)


class UnknownQuestion(Facts):
    """A word after `retry` or `repeat`, the `verb`, that nothing is named; `near` is the question that may be meant."""

    rule = UNKNOWN_NAME
    message = "nothing is named {name}"
    verb: str
    name: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        if self.near:
            return self.say(spelling, self.message, "did you mean {near}, the question of ask {near:s}?")
        hint = "{verb:s} takes the name of a question, such as ask {name:s}, or a text in quotes"
        return self.say(spelling, self.message, hint)


# ── Operands ───────────────────────────────────────────────────────────────────────────────────────────


class StrayComma(Facts):
    """A comma between the parts of a statement."""

    rule = rules.STRAY_VALUE
    message = "the parts of a statement have no comma between them"
    hint = "remove it"


class QuoteInside(Facts):
    """A quote inside a text, without its backslash."""

    rule = rules.STRAY_VALUE
    message = 'a quote inside a text is written \\"'
    hint = 'write \\" inside it'


class OneValue(Facts):
    """A second value after a statement that takes one."""

    rule = rules.STRAY_VALUE
    message = "{owner:s} takes one value"
    hint = "write a second statement for a second one"
    owner: str


class OnlyWithArms(Facts):
    """An option that counts retries, of a statement without arms."""

    rule = rules.STRAY_VALUE
    message = "{option} of {owner:s} counts only with arms"
    hint = "add arms in { }, or remove it"
    option: Wire
    owner: str


class OptionsOnly(Facts):
    """A value after a statement that takes only options."""

    rule = rules.STRAY_VALUE
    message = "{owner:s} takes only options"
    hint = "write a name, a colon and a value"
    owner: str


class NoPlace(Facts):
    """A value that has no place in its statement."""

    rule = rules.STRAY_VALUE
    message = "{owner:s} has no place for this value"
    hint = "remove it"
    owner: str


class RawWithoutAction(Facts):
    """`raw` without an object."""

    rule = rules.MISSING_VALUE
    message = "raw needs the action as a JSON object"
    hint = 'write raw { "action": "talk", "text": "Hello" }'


class AfterRaw(Facts):
    """Something after the object of `raw`."""

    rule = rules.STRAY_VALUE
    message = "nothing may follow the object of raw"
    hint = "remove it"


# ── Defaults ───────────────────────────────────────────────────────────────────────────────────────────


class NoLanguageHere(Facts):
    """A language in a default that takes none, or has one."""

    rule = rules.STRAY_VALUE
    message = "a default of {action:s} has no place for this language"
    hint = "write one line for each language"
    action: str


class IdleLanguage(Facts):
    """A default for a language that no statement has."""

    rule = IDLE_DEFAULT
    message = "no {verb:s} is in {tag:s}, so nothing takes this default"
    hint = "remove it"
    verb: str
    tag: str


class IdleDefault(Facts):
    """An option of a default that no statement takes."""

    rule = IDLE_DEFAULT
    message = "no {verb:s} takes {option} from its default"
    hint = "remove it"
    verb: str
    option: Wire
