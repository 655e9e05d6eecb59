"""What findings about the word that begins a statement say."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.syntax.syntax_rules import FLOW_SYNTAX
from ncco_lang.vocabulary import option_rules as rules
from ncco_lang.words import Spelling, Words


class StepAsStatement(Facts):
    """The name of a step in place of a verb."""

    rule = rules.NO_SUCH_VERB
    message = "{step:s} is a step, and not a statement"
    step: str
    has_values: bool

    def words(self, spelling: Spelling) -> Words:
        hint = "what a step takes is in brackets: {step:s}(…)" if self.has_values else "write goto {step:s}"
        return self.say(spelling, self.message, hint)


class DeclarationInside(Facts):
    """A declaration in a block; `word` begins it."""

    rule = rules.MISPLACED_STATEMENT
    message = "{word} belongs at the top level of the file"
    hint = "move it out of the braces around it"
    word: str


class NoAnswer(Facts):
    """`answer`, which other platforms have."""

    rule = rules.NO_SUCH_VERB
    message = 'there is no statement "answer"'
    hint = "remove the line: a call is answered before its flow begins"


class LetWithoutKeyword(Facts):
    """A name and its value without `let`."""

    rule = rules.NO_SUCH_VERB
    message = "a value gets its name with let"
    hint = "write let {name:s} = …"
    name: str


class ElseWithoutIf(Facts):
    """An `else` that follows no `if`."""

    rule = FLOW_SYNTAX
    message = 'this "else" belongs to no "if"'
    hint = "write it after the } of an if"
