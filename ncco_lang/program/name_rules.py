"""Rules about names (F2)."""

from __future__ import annotations

from ncco_lang.diagnostics import Rule

UNKNOWN_NAME = Rule(
    code="F201",
    name="unknown-name",
    severity="error",
    why="Nothing in this file has that name, so it has no value.",
    bad='let office = "+44 20 7946 0123"\nconnect phone offise',
    good='let office = "+44 20 7946 0123"\nconnect phone office',
    language="flow",
)
NAME_TWICE = Rule(
    code="F202",
    name="name-twice",
    severity="error",
    why="Params, lets, args, steps, texts, hours, imported names and variables of the call share one set of names. If two "
    "have one name, it is unclear which one a caller gets.",
    bad='let desk = "+44 20 7946 0123"\nlet desk = "+44 20 7946 0124"\nconnect phone desk',
    good='let desk = "+44 20 7946 0123"\nconnect phone desk',
    language="flow",
)
UNUSED_NAME = Rule(
    code="F203",
    name="unused-name",
    severity="warning",
    why="It is declared and nothing reads it. Often it was meant to be read somewhere, under a name spelt wrongly or "
    "where a value is still written out.",
    bad='let desk = "+44 20 7946 0123"\ntalk "Hello."',
    good='let desk = "+44 20 7946 0123"\ntalk "Hello."\nconnect phone desk',
    language="flow",
)
RESERVED_NAME = Rule(
    code="F204",
    name="reserved-name",
    severity="error",
    why="The language needs this word for itself: as a word of conditions, as a place where a call can go on, or for "
    "what is known about the call.",
    bad='let true = "yes"\ntalk "{true}"',
    good='let agreed = "yes"\ntalk "{agreed}"',
    language="flow",
)
WRONG_PARAM = Rule(
    code="F205",
    name="wrong-param-value",
    severity="error",
    why="The value that a param gets is not of the type that it declares.",
    bad='param wait_time: duration = "soon"\nwait wait_time',
    good="param wait_time: duration = 2s\nwait wait_time",
    language="flow",
)
MISSING_PARAM = Rule(
    code="F206",
    name="missing-param",
    severity="error",
    why="This param has no default, and no value was given to it: neither on the command line nor in a profile.",
    bad="param desk: phone\nconnect phone desk",
    good='param desk: phone = "+44 20 7946 0123"\nconnect phone desk',
    language="flow",
)
UNKNOWN_TYPE = Rule(
    code="F207",
    name="unknown-type",
    severity="error",
    why="A param is of one of the types that the language knows, so that a wrong value is found before a caller is.",
    bad='param desk: telephone = "+44 20 7946 0123"\nconnect phone desk',
    good='param desk: phone = "+44 20 7946 0123"\nconnect phone desk',
    language="flow",
)
UNKNOWN_PARAM = Rule(
    code="F208",
    name="unknown-param",
    severity="error",
    why="A value was given to a param that the flow does not declare, so it would change nothing: on the command line, or "
    "in ncco.toml to an application that is deployed.",
    bad='talk "Hello."  // ncco compile -p colour=blue',
    good='param colour: text = "red"\ntalk "{colour}"  // ncco compile -p colour=blue',
    language="flow",
)
ENDLESS_NAME = Rule(
    code="F209",
    name="endless-name",
    severity="error",
    why="These names are made of each other, so none of them ever gets a value.",
    bad='let first = "{second}"\nlet second = "{first}"\ntalk first',
    good='let first = "one"\nlet second = "{first}"\ntalk second',
    language="flow",
)
UNKNOWN_FILTER = Rule(
    code="F210",
    name="unknown-filter",
    severity="error",
    why="A filter says how a value is read out. Nobody knows this one.",
    bad='let code = "4711"\ntalk "Your code is {code | digit}."',
    good='let code = "4711"\ntalk "Your code is {code | digits}."',
    language="flow",
)
NOT_SPEAKABLE = Rule(
    code="F211",
    name="not-speakable",
    severity="error",
    why="A value of this kind cannot be read into a text, or its filter cannot read it out.",
    bad='let towns = ["Utrecht", "Zwolle"]\ntalk "We are in {towns}."',
    good='let towns = ["Utrecht", "Zwolle"]\ntalk "We are in {towns[0]}."',
    language="flow",
)
NO_SUCH_PART = Rule(
    code="F212",
    name="no-such-part",
    severity="error",
    why="The value has no part of that name or number.",
    bad='let prices = { "small": "5 euros" }\ntalk "That is {prices.large}."',
    good='let prices = { "small": "5 euros" }\ntalk "That is {prices.small}."',
    language="flow",
)
WRONG_OPERAND = Rule(
    code="F213",
    name="wrong-operand",
    severity="error",
    why="These values cannot be calculated with or compared in this way.",
    bad='let rooms = "three"\nwait 1s\ntalk "{rooms + 1}"',
    good='let rooms = 3\nwait 1s\ntalk "{rooms + 1}"',
    language="flow",
)
SECRET_IN_NCCO = Rule(
    code="F214",
    name="secret-in-ncco",
    severity="error",
    why="A secret stays out of everything that is written down, and an NCCO is: every reader of the file or the log "
    "would see it.",
    bad='param token: secret = env("TOKEN")\nnotify "https://example.com/e" payload: { "token": token }',
    good='param ticket: text = "x"\nnotify "https://example.com/e" payload: { "ticket": ticket }',
    language="flow",
)
WRITTEN_OUT = Rule(
    code="F215",
    name="environment-written-out",
    severity="info",
    why="This value comes from the environment, and it is written into the NCCO, where others can read it. If it must "
    "not be read, it does not belong there.",
    bad='param colour: text = "red"  // in the profile: colour = "env:COLOUR"\ntalk "{colour}"',
    good='param shade: text = "red"\ntalk "{shade}"',
    language="flow",
)
IDLE_DEFAULT = Rule(
    code="F216",
    name="idle-default",
    severity="warning",
    why="No statement takes this option from its default: each has its own, or there is none. Often the language of a "
    "default differs from the one that is spoken.",
    bad='default talk nl-NL style: 2\ntalk "Hello." language: en-GB',
    good='default talk en-GB style: 2\ntalk "Hello."',
    language="flow",
)
TOO_MUCH = Rule(
    code="F217",
    name="too-much",
    severity="error",
    why="What was read into a text or a list has made it larger than any call could use: a text of more than 64 KiB, "
    "or more than 10,000 values.",
    bad="let a = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nlet b = [a, a, a, a, a, a, a, a, a, a]\n"
    "let c = [b, b, b, b, b, b, b, b, b, b]\nlet d = [c, c, c, c, c, c, c, c, c, c]\n"
    'notify "https://example.com/e" payload: { "d": d }',
    good='let a = [1, 1]\nlet d = [a, a]\nnotify "https://example.com/e" payload: { "d": d }',
    language="flow",
)
NO_BASE_URL = Rule(
    code="F218",
    name="no-base-url",
    severity="error",
    why="An address that begins with a slash is put below the base URL of the installation, so that one flow serves "
    "several. Without a base URL it has no server.",
    bad='record event_url: "/voicemail" end_on_key: #',
    good='record event_url: "https://example.com/voicemail" end_on_key: #',
    language="flow",
)
UNREADABLE_IMPORT = Rule(
    code="F219",
    name="unreadable-import",
    severity="error",
    why="The file cannot be imported, so its names have no meaning here. A path begins at the folder of the file that "
    "has the use, and stays in the project: the folder of ncco.toml, or without one the folder of the flow.",
    bad='use goodbye from "shared/closing.flow"  // there is no such file',
    good='talk "Goodbye."',
    language="flow",
)
IMPORT_CYCLE = Rule(
    code="F220",
    name="import-cycle",
    severity="error",
    why="These files import each other, so none of them can be understood first.",
    bad='use goodbye from "menu.flow"  // in menu.flow itself',
    good='talk "Goodbye."',
    language="flow",
)
SHADOWED_NAME = Rule(
    code="F221",
    name="shadowed-name",
    severity="error",
    why="A parameter of a step or the name of an each has the name of something else that can be read there, so a reader "
    "of the flow cannot tell which one is meant. Only a variable of the call may have the same name.",
    bad='let slot = "ten"\nstep start {\n    goto book("two")\n}\nstep book(slot: text) {\n    talk slot\n}',
    good='let slot = "ten"\ntalk slot',
    language="flow",
)
SECRET_WRITTEN = Rule(
    code="F222",
    name="secret-written",
    severity="error",
    why="A flow and its settings are copied, reviewed and kept, so they never hold the value of a secret. They name an "
    "environment variable, and the process that serves the flow reads it.",
    bad='param token: secret = "s3cret"\nstep start {\n'
    '    fetch "https://example.com/a" headers: { "X-Key": token } { otherwise -> hangup }\n    talk "Done."\n}',
    good='param token: secret = env("CRM_TOKEN")\nstep start {\n'
    '    fetch "https://example.com/a" headers: { "X-Key": token } { otherwise -> hangup }\n    talk "Done."\n}',
    language="flow",
)
ONLY_IN_CALL = Rule(
    code="F223",
    name="only-in-call",
    severity="error",
    why="What a let, a param and a default line say is fixed when the flow is compiled, before there is a call. A statement can "
    "read values of the call.",
    bad='let caller = call.from\ntalk "You call from {caller | phone}."',
    good='talk "You call from {call.from | phone}."',
    language="flow",
)
TWO_TYPES = Rule(
    code="F224",
    name="two-types",
    severity="warning",
    why="A name that is a number in one place and a text in another is easily taken for the wrong one: a comparison of the two "
    "is false, and a calculation has no result. null goes with every type.",
    bad='set tries = 0\nif call.from starts_with "31" { set tries = "one" }\ntalk "{tries}"',
    good='set tries = 0\nif call.from starts_with "31" { set tries = 1 }\ntalk "{tries}"',
    language="flow",
)
RULES = (
    UNKNOWN_NAME,
    NAME_TWICE,
    UNUSED_NAME,
    RESERVED_NAME,
    WRONG_PARAM,
    MISSING_PARAM,
    UNKNOWN_TYPE,
    UNKNOWN_PARAM,
    ENDLESS_NAME,
    UNKNOWN_FILTER,
    NOT_SPEAKABLE,
    NO_SUCH_PART,
    WRONG_OPERAND,
    SECRET_IN_NCCO,
    WRITTEN_OUT,
    IDLE_DEFAULT,
    TOO_MUCH,
    NO_BASE_URL,
    UNREADABLE_IMPORT,
    IMPORT_CYCLE,
    SHADOWED_NAME,
    SECRET_WRITTEN,
    ONLY_IN_CALL,
    TWO_TYPES,
)
