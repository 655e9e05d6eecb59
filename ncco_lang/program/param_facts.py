"""The facts of findings about params and their values."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts
from ncco_lang.program import name_rules as rules
from ncco_lang.words import Spelling, Words

_MOST_PROFILES = 3
_INTERNATIONAL = 'begin with a plus sign and the country code: "+44 20 7946 0123"'


class NoSuchParam(Facts):
    """A value for a param that a flow does not declare; `params` are those that it does."""

    rule = rules.UNKNOWN_PARAM
    message = "{origin:s}: this file has no param {name}"
    origin: str
    name: str
    near: str | None
    params: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        return self.say(spelling, self.message)._replace(hint=meant_param(self.near, self.params))


class UnusedParam(NoSuchParam):
    """A param in `ncco.toml` that no flow declares: `origin` is `main.flow has no`, or `no flow … has a`."""

    message = "{origin:s} param {name}"


def meant_param(near: str | None, params: tuple[str, ...]) -> str | None:
    """Return a hint for an unknown param: the one that the user most likely means, or all of them."""
    return f'did you mean "{near}"?' if near else f"its params are {', '.join(params)}" if params else None


class NoSuchType(Facts):
    """A type that there is not; `types` are those that there are."""

    rule = rules.UNKNOWN_TYPE
    message = "there is no type {name}"
    name: str
    near: str | None
    types: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "did you mean {near}?" if self.near else f"a type is one of {', '.join(self.types)}"
        return self.say(spelling, self.message, hint)


class WrongDefault(Facts):
    """A default of another type than its param has: `wanted` and `given` are words; `near` are durations it may mean."""

    rule = rules.WRONG_PARAM
    message = "{param:s} needs a value of type {type:s}, not {given:s}"
    param: str
    type: str
    wanted: str
    given: str
    near: tuple[str, ...] = ()

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = f"write {' or '.join(self.near) or self.wanted}"
        hint = hint if self.near or self.type != "phone" else _INTERNATIONAL
        return self.say(spelling, self.message)._replace(hint=hint)


class WrongGiven(WrongDefault):
    """A given value of another type than its param has; `origin` says where it is given."""

    message = "{origin:s}: {param:s} needs a value of type {type:s}, not {given:s}"
    origin: str


class MissingParam(Facts):
    """A param without a value; `profiles` are those that have one."""

    rule = rules.MISSING_PARAM
    message = "{param:s} has no default, and nothing was given to it"
    hint = "-p {param:s}=…, a profile in ncco.toml, or a default: param {param:s}: {type:s} = …"
    param: str
    type: str
    profiles: tuple[str, ...] = ()

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = 'param {param:s}: secret = env("NAME"), or {param:s} = "env:NAME" in a profile of ncco.toml'
        found = self.say(spelling, self.message, hint if self.type == "secret" else self.hint)
        if not self.profiles:
            return found
        given = "env:NAME" if self.type == "secret" else "…"
        giving = " or ".join(f"--profile {name}" for name in self.profiles[:_MOST_PROFILES])
        return found._replace(hint=f"{giving} gives it a value; so does -p {self.param}={given}")


class UnsetParam(Facts):
    """A param whose environment variable is not set; `origin` says where it is named."""

    rule = rules.MISSING_PARAM
    message = "{param:s} has no value: the environment variable {variable} is not set"
    hint = "set {variable:s}, which {origin:s} names, or write -p {param:s}=…"
    param: str
    variable: str
    origin: str


class SecretInSource(Facts):
    """The value of a secret in the flow."""

    rule = rules.SECRET_WRITTEN
    message = "the value of the secret {param:s} is in the flow"
    hint = 'write env("NAME"), and set that variable where the flow is served'
    param: str


class SecretArg(SecretInSource):
    """A default of an arg that is secret."""

    hint = "remove it; ncco call -a {param:s}=… gives the value of a call"


class SecretGiven(Facts):
    """The value of a secret among the params of a profile or of the command line; `origin` says where."""

    rule = rules.SECRET_WRITTEN
    message = "{origin:s} has the value of the secret {param:s}"
    hint = "write env:NAME in its place, and set that variable where the flow is served"
    param: str
    origin: str


class FromEnvironment(Facts):
    """A value from the environment, in an NCCO."""

    rule = rules.WRITTEN_OUT
    message = "{param:s} is read from the environment ({origin:s}) and written into the NCCO"
    param: str
    origin: str
