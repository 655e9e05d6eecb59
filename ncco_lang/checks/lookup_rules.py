"""The rules about lookups that need no path (L), and what their findings say."""

from __future__ import annotations

from ncco_lang.diagnostics import Facts, Rule
from ncco_lang.words import Spelling, Words

_OTHERWISE = "    otherwise -> hangup\n}"
_FETCH = 'fetch "https://crm.example.com/orders" into: orders {\n'

NO_OTHERWISE = Rule(
    code="L101",
    name="lookup-without-otherwise",
    severity="error",
    why="A server can be slow, down, or answer with another status. The arm otherwise says what a caller hears then.",
    bad=f'{_FETCH}    404 -> hangup\n}}\ntalk "You have {{orders.count}} orders."',
    good=f'{_FETCH}    404 -> hangup\n{_OTHERWISE}\ntalk "You have {{orders.count}} orders."',
    language="flow",
)
ARM_OF_LOOKUP = Rule(
    code="L102",
    name="arm-of-lookup",
    severity="error",
    why="A lookup has arms for the statuses of failures, 300 to 599, and for what happens without one. A status from 200 to "
    "299 is good, and the flow goes on after the lookup.",
    bad=f'{_FETCH}    200 -> hangup\n{_OTHERWISE}\ntalk "Done."',
    good=f'{_FETCH}    404, 5xx -> hangup\n{_OTHERWISE}\ntalk "Done."',
    language="flow",
)
UNKNOWN_HOST = Rule(
    code="L103",
    name="unknown-host",
    severity="error",
    why="What a caller says, or another server answers, must not choose the server that is asked. So an address begins with "
    "its scheme and its host, or with a param that has them; a value after them changes one segment or one value.",
    bad='step start {\n    fetch "https://{call.from}.example.com/a" { otherwise -> hangup }\n    talk "Done."\n}',
    good='param crm: url = "https://example.com"\nstep start {\n    fetch "{crm}/a?from={call.from}" { otherwise -> hangup }\n'
    '    talk "Done."\n}',
    language="flow",
)
PLAIN_LOOKUP = Rule(
    code="L104",
    name="plain-lookup",
    severity="warning",
    why="What is sent by http can be read and changed on its way. ncco serve looks up by https, and by http only at hosts "
    "that [serve] allow of ncco.toml names.",
    bad='fetch "http://crm.example.com/orders" { otherwise -> hangup }\ntalk "Done."',
    good='fetch "https://crm.example.com/orders" { otherwise -> hangup }\ntalk "Done."',
    language="flow",
)
HEADER_NAME = Rule(
    code="L105",
    name="header-of-lookup",
    severity="error",
    why="The name of a header has letters, digits and dashes. A few headers, such as Host and Content-Length, belong to the "
    "connection, and the HTTP client sets them.",
    bad='fetch "https://example.com/a" headers: { "X Key": "1" } { otherwise -> hangup }\ntalk "Done."',
    good='fetch "https://example.com/a" headers: { "X-Key": "1" } { otherwise -> hangup }\ntalk "Done."',
    language="flow",
)
JSON_OF_GET = Rule(
    code="L106",
    name="json-of-get",
    severity="warning",
    why="The body of a GET has no meaning (RFC 9110, section 9.3.1): many servers and proxies ignore or refuse it.",
    bad='fetch "https://example.com/a" json: { "code": 5 } { otherwise -> hangup }\ntalk "Done."',
    good='fetch "https://example.com/a" method: post json: { "code": 5 } { otherwise -> hangup }\ntalk "Done."',
    language="flow",
)
METHOD_OF_CALL = Rule(
    code="L107",
    name="method-of-call",
    severity="error",
    why="Whether a lookup changes something at its server is part of the flow, so its method is fixed when compiling.",
    bad='step start { goto ask_server("post") }\nstep ask_server(how: text) {\n'
    '    fetch "https://example.com/a" method: (how) { otherwise -> hangup }\n    talk "Done."\n}',
    good='fetch "https://example.com/a" method: post { otherwise -> hangup }\ntalk "Done."',
    language="flow",
)
PRIVATE_LOOKUP = Rule(
    code="L109",
    name="private-lookup",
    severity="warning",
    why="The address belongs to one machine or to a private network: a flow could reach what only the server of ncco can, such "
    "as the metadata of a cloud. So ncco serve refuses it, and the arm otherwise runs, unless [serve] allow of ncco.toml "
    "names the host.",
    bad='fetch "https://127.0.0.1:8000/orders" { otherwise -> hangup }\ntalk "Done."',
    good='fetch "https://crm.example.com/orders" { otherwise -> hangup }\ntalk "Done."',
    language="flow",
)
RULES = (
    NO_OTHERWISE,
    ARM_OF_LOOKUP,
    UNKNOWN_HOST,
    PLAIN_LOOKUP,
    HEADER_NAME,
    JSON_OF_GET,
    METHOD_OF_CALL,
    PRIVATE_LOOKUP,
)


class NoOtherwise(Facts):
    """A lookup without the arm `otherwise`."""

    rule = NO_OTHERWISE
    message = "this fetch does not say what happens when it fails"
    hint = "add otherwise -> …"


class NoFailure(Facts):
    """An arm for a status that is no failure, or that no server answers with."""

    rule = ARM_OF_LOOKUP
    message = "a lookup has no arm for the status {status:s}"
    hint = "write one from 300 to 599, or 3xx, 4xx or 5xx"
    status: str

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        good = "after a status from 200 to 299 the flow goes on below the fetch"
        return self.say(spelling, self.message, good if self.status.startswith("2") else self.hint)


class NoStatus(Facts):
    """An arm for a key, a phrase or a value."""

    rule = ARM_OF_LOOKUP
    message = "a lookup has arms for statuses, timeout and otherwise only"
    status: str = ""

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words; a `status` is one in quotes."""
        if self.status:
            return self.say(spelling, "a status is written without quotes", "write {status:s}")
        return self.say(spelling, self.message, "write a status such as 404 or 4xx")


class UnknownHost(Facts):
    """An address whose server only the call knows; `is_open` if a value follows its host without a slash."""

    rule = UNKNOWN_HOST
    message = "only the call knows which server this address has"
    hint = "begin it with https:// and the host, or with a param of the type url, and a slash"
    is_open: bool = False

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        if self.is_open:
            return self.say(spelling, "the value could become a part of the host", "write a slash before it")
        return self.say(spelling, self.message, self.hint)


class NoWebAddress(Facts):
    """An address without the scheme https, or without a host."""

    rule = UNKNOWN_HOST
    message = "a lookup needs an address that begins with https:// and a host"
    hint = 'write "https://example.com/…"'


class DollarInAddress(Facts):
    """An address that begins with `${`, as other languages read a value into a text."""

    rule = UNKNOWN_HOST
    message = "a value is read into a text with braces alone, without $"
    hint = 'write "{…}"'


class LoginInAddress(Facts):
    """An address with a user or a password before its host."""

    rule = UNKNOWN_HOST
    message = "the address of a lookup has no user and no password"
    hint = 'write headers: { "Authorization": "Basic {env("NAME")}" }'


class PlainLookup(Facts):
    """A lookup by http at a host that is not on this machine or in its network."""

    rule = PLAIN_LOOKUP
    message = "this lookup is sent without encryption"
    hint = "write https://, or name {host:s} in [serve] allow of ncco.toml"
    host: str


class PrivateLookup(Facts):
    """A lookup at a host of the server's own machine or network, which nothing allows; `entry` in ncco.toml would."""

    rule = PRIVATE_LOOKUP
    message = "ncco serve refuses lookups at {host:s}, which is not public"
    hint = 'write allow = ["{entry:s}"] below [serve] of ncco.toml to permit it'
    host: str
    entry: str


class HeaderName(Facts):
    """A header that an author cannot set; `is_of_connection` if the HTTP client sets it."""

    rule = HEADER_NAME
    message = "a lookup cannot have the header {name}"
    name: str
    is_of_connection: bool

    def words(self, spelling: Spelling) -> Words:
        """Return the facts in words."""
        hint = "leave it out: the HTTP client sets it" if self.is_of_connection else "write letters, digits and dashes"
        return self.say(spelling, self.message, hint)


class JsonOfGet(Facts):
    """A body of a GET."""

    rule = JSON_OF_GET
    message = "many servers ignore the json of a get"
    hint = "write method: post, or put the values into the address"


class MethodOfCall(Facts):
    """A method that only the call knows."""

    rule = METHOD_OF_CALL
    message = "the method of a lookup is fixed when compiling"
    hint = "write get, post, put, patch or delete"
