"""The rule about settings, and the facts of its findings. A value that may be a secret is never among them."""

from __future__ import annotations

from typing import Any

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Words, listed, shown

INVALID_SETTING = Rule(
    code="F801",
    name="invalid-setting",
    severity="error",
    why="ncco.toml has a setting that ncco does not know, or a wrong value. That setting is left out; the others apply. Nothing is compiled or deployed with a profile that has such a setting.",
    bad='[check]\nprovidr = "kpn"\n',
    good='[check]\nprovider = "kpn"\n',
    language="toml",
)


class InvalidSetting(Facts):
    """What is wrong with a setting, and what to write; the shapes below say it in their words."""

    rule = INVALID_SETTING


class NotToml(InvalidSetting):
    """A text that is not TOML; `reason` is the parser's."""

    message = "this is not TOML"
    hint = "{reason:s}"
    reason: str


class TooNew(InvalidSetting):
    """A project that needs a newer version."""

    message = "this project needs ncco {requires:s}, and this is {version:s}"
    hint = "install a newer ncco-lang"
    requires: str
    version: str


class UnknownEdition(InvalidSetting):
    """A project in an edition that this version does not know."""

    message = "ncco {version:s} does not know the edition {edition}"
    hint = "write {known}, or install a newer ncco-lang"
    edition: int
    version: str
    known: tuple[int, ...]


class UnknownSetting(InvalidSetting):
    """A setting that its table does not have."""

    message = "there is no setting {setting} here"
    hint = "write {known}"
    setting: str
    near: str | None
    known: tuple[str, ...]


class WrongTypeOfSetting(InvalidSetting):
    """A setting of another type: `wanted` and `given` are in words, `expected` is what to write."""

    message = "{setting:s} takes {wanted:s}, not {given:s}"
    setting: str
    wanted: str
    given: str
    expected: str | None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "{expected:s}" if self.expected else "write {wanted:s}")


class MissingSetting(InvalidSetting):
    """A table without a setting that it needs."""

    message = "{setting:s} does not say its {key:s}"
    setting: str
    key: str
    expected: str | None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "{expected:s}" if self.expected else "add {key:s}")


class WrittenSecret(InvalidSetting):
    """A secret in the settings, where only its place may be; the secret is not a fact."""

    message = "{setting:s} names the place of a secret, not the secret itself"
    setting: str
    expected: str | None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, self.message, "{expected:s}" if self.expected else None)


class NoSuchChoice(InvalidSetting):
    """A value that is not among the choices of its setting."""

    message = "{setting:s} cannot be {value}"
    hint = "write {choices}"
    setting: str
    value: Any
    choices: tuple[Any, ...]


class WrongValue(InvalidSetting):
    """A value that its setting does not take; None if it may have a password in it."""

    setting: str
    value: Any
    expected: str | None

    def words(self, spelling: Spelling) -> Words:
        message = "{setting:s} cannot be this" if self.value is None else "{setting:s} cannot be {value}"
        return self.say(spelling, message, "{expected:s}" if self.expected else None)


class BackwardRange(InvalidSetting):
    """A pattern with a range of characters whose end is before its start."""

    message = "the range {range:s} runs backwards"
    hint = "write [{right:s}]"
    range: str
    right: str


class NoSuchRule(InvalidSetting):
    """A severity for a rule that does not exist."""

    message = "there is no rule {word}"
    hint = "ncco explain lists them"
    word: str
    near: str | None


class NoSuchProfile(InvalidSetting):
    """A profile that does not exist; `known` are those that do."""

    message = "there is no profile {profile}"
    profile: str
    near: str | None
    known: tuple[str, ...]

    def words(self, spelling: Spelling) -> Words:
        if not self.known:
            return self.say(spelling, self.message, "begin one with [profiles.{profile:s}]")
        names = listed([shown(each) for each in self.known]).replace(" or ", " and ")
        those = f"{'there are' if len(self.known) > 1 else 'there is'} {names}"
        if self.near is None:
            return self.say(spelling, self.message)._replace(hint=those)
        hint = f"did you mean {shown(self.near)}?" + (f" {those}" if len(self.known) > 1 else "")
        return self.say(spelling, self.message)._replace(hint=hint)


class BadName(InvalidSetting):
    """A name that a profile, an application or a param cannot have; `what` is `a profile`, `characters` are in words."""

    message = "{name} is not a name for {what:s}"
    hint = "use {characters:s}"
    name: str
    what: str
    characters: str


class BadParam(InvalidSetting):
    """A value that no param can have."""

    kind: str
    most: int | None = None

    def words(self, spelling: Spelling) -> Words:
        return self.say(spelling, *_PARAMS[self.kind])


class OtherProviders(InvalidSetting):
    """A setting that only another provider has."""

    message = "{setting:s} is a setting of {owner:s}, and this profile is for {provider:s}"
    hint = "leave it out"
    setting: str
    owner: str
    provider: str


class NationalNumber(InvalidSetting):
    """A number that is not in international form."""

    message = "{number} is not an international telephone number"
    hint = 'write a plus sign, the country code and the number, such as "+31 20 123 4567"'
    number: str


class ImpossibleSettingNumber(InvalidSetting):
    """A number of a length that its country does not have."""

    message = "no telephone number can be {number}"
    hint = "check the number of digits after the country code"
    number: str


class NumberTwice(InvalidSetting):
    """A number that two entries have; `other` is the application of the other one, if that is another."""

    number: str
    other: str | None

    def words(self, spelling: Spelling) -> Words:
        message = "{number} is twice here" if self.other is None else "{number} is in the application {other} too"
        return self.say(spelling, message, "keep it in one application, which gets its calls")


class NoHost(InvalidSetting):
    """An address without a host, or with a port that does not exist."""

    message = "{setting:s} cannot be {address}"
    hint = "write an address with a host, and a port of at most 65535"
    setting: str
    address: str


class PlainAddress(InvalidSetting):
    """An address on another machine whose connection is not encrypted."""

    message = "{setting:s} is http, so others can read what is sent"
    hint = 'write https, or an address of this machine like "http://127.0.0.1"'
    setting: str


class AddressTwice(InvalidSetting):
    """An address beside that of the emulator."""

    message = "emulator says the address already"
    hint = "leave out one of the two"


class RealCredentials(InvalidSetting):
    """Credentials of an account in the profile of an emulator."""

    message = "the emulator has credentials of its own, and needs no real ones"
    hint = "leave them out, or take emulator out of api"


class NoSuchFlow(InvalidSetting):
    """An application whose flow does not exist."""

    message = "{application:s} has the flow {flow}, which does not exist"
    application: str
    flow: str
    near: str | None

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "did you mean {near}?" if self.near else "write its path from the folder of ncco.toml"
        return self.say(spelling, self.message, hint)


class NoProvider(InvalidSetting):
    """A profile without a provider."""

    message = "profile {profile} does not say who the provider is"
    hint = 'write provider = "vonage" or provider = "kpn"'
    profile: str


class LacksCredentials(InvalidSetting):
    """A profile without some credentials of its provider; `lines` are what to write."""

    profile: str
    missing: tuple[str, ...]
    provider: str
    _lines: str

    def words(self, spelling: Spelling) -> Words:
        message = f"profile {{profile}} lacks {' and '.join(self.missing)} for {{provider:s}}"
        return self.say(spelling, message)._replace(
            hint=f"write below [profiles.{self.profile}.credentials] {self._lines}"
        )


class NoDocuments(InvalidSetting):
    """A profile that does not say where its documents go."""

    message = "profile {profile} does not say where its documents go"
    hint = "write below [profiles.{profile:s}.documents] a store and its url"
    profile: str


class NoApplications(InvalidSetting):
    """A profile without applications."""

    message = "profile {profile} has no applications"
    hint = 'begin one with [profiles.{profile:s}.applications.main] and flow = "main.flow"'
    profile: str


class NoEventUrl(InvalidSetting):
    """An application at KPN without an event URL."""

    message = "{application:s} has no event_url, and KPN needs one"
    hint = 'write event_url = "/events", which is below base_url'
    application: str


class NoBaseUrl(InvalidSetting):
    """An address below a base URL that the profile does not have."""

    message = "{setting:s} is below base_url, and there is none"
    hint = "write base_url below [profiles.{profile:s}], or the whole address here"
    setting: str
    profile: str


class ServedWithoutBaseUrl(InvalidSetting):
    """A flow that branches, in a profile without a base URL."""

    message = "{application:s} branches, and its profile has no base_url"
    hint = "write below [profiles.{profile:s}] as base_url where ncco serve is reached"
    application: str
    profile: str


class UnreachableBaseUrl(InvalidSetting):
    """A base URL on this machine, for a provider that is elsewhere."""

    message = "the provider cannot reach base_url {base_url} on this machine"
    hint = "write the address of a tunnel or a server; ncco serve prints recipes for tunnels"
    base_url: str


class UnreadableCertificates(InvalidSetting):
    """A file of certificates that cannot be used; `reason` says why."""

    message = "the certificates in {file} cannot be read: {reason:s}"
    hint = "write the path of a PEM file, from the folder of ncco.toml"
    file: str
    reason: str


class UnreadSettings(InvalidSetting):
    """Settings that an editor cannot read; `reason` says why."""

    message = "{reason:s}"
    hint = "until the file can be read, the defaults apply"
    reason: str


class UnsetVariable(InvalidSetting):
    """An environment variable that is not set where the editor runs."""

    message = "{param:s} has no value here, since {variable:s} is not set"
    hint = "start the editor where the environment variable is set"
    param: str
    variable: str


_PARAMS = {
    "deep": ("the value nests more than {most} deep", "nest it less"),
    "variable": ('the name of an environment variable follows "env:"', 'write "env:DESK_NUMBER"'),
    "infinite": ("a param cannot be infinite, nor nan", "write a number"),
    "large": ("a whole number has at most 64 bits", "put it in quotes"),
    "date": ("a param cannot be a date or a time", "put it in quotes"),
}
"""What is wrong with the value of a param, and what to write, by its kind."""
