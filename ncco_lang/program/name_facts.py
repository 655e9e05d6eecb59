"""The facts of findings about names."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.program.name_rules import NAME_TWICE, RESERVED_NAME, SHADOWED_NAME, TWO_TYPES, UNKNOWN_NAME, UNUSED_NAME
from ncco_lang.words import Spelling, Words

_OTHER = "choose another name"
_DECLARED = ("declared here",)
_A = {
    "arg": "an arg",
    "hours": "a schedule",
    "import": "an imported name",
    "each": "the name of an each",
    "question": "the name of a question",
}


def described(kind: str) -> str:
    """Return the kind of a name as a message says it: `a param`, `the name of a question`."""
    return _A.get(kind, f"a {kind}")


class TitleTwice(Facts):
    """A second `flow` in a file."""

    rule = NAME_TWICE
    message = "a file is one flow, and this one has its title already"
    hint = "keep one of the two"
    labels = ("here first",)


class NameTwice(Facts):
    """A second declaration of a name in one scope."""

    rule = NAME_TWICE
    message = "{name} is declared twice"
    hint = "give one of them another name"
    labels = ("here first",)
    name: str


class NameTaken(Facts):
    """A name that a statement sets, and that a declaration of that kind has; `is_set` if only `set` sets it."""

    rule = NAME_TWICE
    labels = _DECLARED
    name: str
    kind: str
    is_set: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        end = ", which set cannot change" if self.is_set else " already"
        return self.say(spelling, f"{{name}} is {described(self.kind)}{end}", _OTHER)


class ReservedName(Facts):
    """A name that the language itself has."""

    rule = RESERVED_NAME
    message = "{name} is a word of the language itself"
    hint = _OTHER
    name: str


class Hides(Facts):
    """A parameter or the name of an `each` that has the name of something else of that kind."""

    rule = SHADOWED_NAME
    labels = _DECLARED
    name: str
    kind: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, f"{{name}} hides {described(self.kind)}", _OTHER)


class SetsHidden(Facts):
    """A statement that sets a variable where a parameter or the name of an `each` hides it."""

    rule = SHADOWED_NAME
    labels = _DECLARED
    name: str
    kind: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, f"{{name}} is {described(self.kind)} here, and cannot be set", _OTHER)


class SetTwoTypes(Facts):
    """A `set` with a value of another type than the first one of the name; `first` and `given` are words."""

    rule = TWO_TYPES
    message = "{name} is set to {first:s} elsewhere, and to {given:s} here"
    hint = "give one of the two another name"
    labels = ("set here",)
    name: str
    first: str
    given: str


class NoSuchStep(Facts):
    """A target that is not declared; `near` is the step that its author most likely means."""

    rule = UNKNOWN_NAME
    message = "there is no step {name}"
    labels = _DECLARED
    name: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "declare it: step {name:s} { … }" if self.near is None else "did you mean {near}?"
        return self.say(spelling, self.message, hint)


class NotAStep(Facts):
    """A target that is another name."""

    rule = UNKNOWN_NAME
    hint = "write the name of a step"
    labels = _DECLARED
    name: str
    kind: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, f"{{name}} is {described(self.kind)}, not a step", self.hint)


class UnusedName(Facts):
    """A declaration that nothing reads; further places set it too, or declare it in another file."""

    rule = UNUSED_NAME
    name: str
    kind: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        what = described(self.kind).partition(" ")[2]
        label = "declared here" if self.kind == "import" else "and set here"
        found = self.say(spelling, f"nothing reads the {what} {{name:s}}", "use it, or remove it")
        return found._replace(labels=(label,))
