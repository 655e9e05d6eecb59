"""Pieces of a telephone flow, each written in four languages: ours, SQL, HCL and Jsonnet.

A piece has the same facts in all four, one statement for a statement, in the form that is short and usual there:

- SQL: a statement is a SELECT that calls a function, with the options by name as PostgreSQL has them, `SELECT
  record(format => 'mp3');`. No other form has as few tokens: a list of columns with the same facts, or an INSERT, has
  two fifths more, and sqlglot takes a quarter longer. Names that SQL reserves (`from`, `limit`) are replaced.
- HCL: a statement is a block, `action "record" { … }`, a parameter a `variable` and a constant a `locals`. HCL allows
  only one attribute in a block on one line, so it needs more lines than the others.
- Jsonnet: a statement is an object with the names and units of NCCO, so that its output is the NCCO that ours compiles
  to. Parameters, constants and defaults are `local`s, which Jsonnet requires before everything else; text is
  concatenated with `+`, since `%` is far slower.

An interpolation in ours is one in each: `||`, `${…}`, `+`. A comment is a comment. What none of the peers knows is left
to them as text: that a number is a telephone number, and that `25s` is a duration (they get `25`).

`~name` is filled in by `benchmarks/flows.py`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A piece of a flow.

    Attributes:
        statements: the number of statements, in every language.
        declares: whether it declares names instead of adding actions.
    """

    flow: str
    sql: str
    hcl: str
    jsonnet: str
    statements: int = 1
    declares: bool = False

    @property
    def lines(self) -> int:
        """The number of lines in our language."""
        return self.flow.count("\n")


# ── What a file begins with ────────────────────────────────────────────────────────────────────────────

HEAD = Scene(
    declares=True,
    statements=5,
    flow="""\
flow "Bakery on the square"
param caller: phone = "+44 20 7946 0000"
let server = "https://calls.example.com"
default talk en-GB style: 1
default connect from: caller timeout: 25s
""",
    sql="""\
SELECT flow('Bakery on the square');
SELECT param('caller', 'phone', '+44 20 7946 0000');
SELECT let('server', 'https://calls.example.com');
SELECT defaults('talk', language => 'en-GB', style => 1);
SELECT defaults('connect', source => caller, timeout => 25);
""",
    hcl="""\
flow { title = "Bakery on the square" }
variable "caller" {
    type = phone
    default = "+44 20 7946 0000"
}
locals { server = "https://calls.example.com" }
defaults "talk" {
    language = "en-GB"
    style = 1
}
defaults "connect" {
    from = var.caller
    timeout = 25
}
""",
    jsonnet="""\
  title = "Bakery on the square",
  caller = "442079460000",
  server = "https://calls.example.com",
  talk = { action: "talk", language: "en-GB", style: 1 },
  connect = { action: "connect", from: caller, timeout: 25 },
""",
)

# ── What a section begins with: names, and their use ───────────────────────────────────────────────────

DESK = Scene(
    declares=True,
    statements=2,
    flow="""\
/// Rings at the desk for ~a ~b.
param desk_~section: phone = "~phone"
let team_~section = "~a ~b"
""",
    sql="""\
-- Rings at the desk for ~a ~b.
SELECT param('desk_~section', 'phone', '~phone');
SELECT let('team_~section', '~a ~b');
""",
    hcl="""\
# Rings at the desk for ~a ~b.
variable "desk_~section" {
    type = phone
    default = "~phone"
}
locals { team_~section = "~a ~b" }
""",
    jsonnet="""\
  // Rings at the desk for ~a ~b.
  desk_~section = "~digits",
  team_~section = "~a ~b",
""",
)

RECEPTION = Scene(
    statements=2,
    flow="""\
talk "You have reached the desk for {team_~section}."
connect phone desk_~section event_url: "{server}/desks/~section"
""",
    sql="""\
SELECT talk('You have reached the desk for ' || team_~section || '.');
SELECT connect_phone(desk_~section, event_url => server || '/desks/~section');
""",
    hcl="""\
action "talk" { text = "You have reached the desk for ${local.team_~section}." }
action "connect" "phone" {
    number = var.desk_~section
    event_url = "${local.server}/desks/~section"
}
""",
    jsonnet="""\
  talk { text: "You have reached the desk for " + team_~section + "." },
  connect { endpoint: [{ type: "phone", number: desk_~section }], eventUrl: [server + "/desks/~section"] },
""",
)

# ── Single lines ───────────────────────────────────────────────────────────────────────────────────────

SENTENCE = Scene(
    flow='talk "The ~a ~b is on the ~c shelf for ~price pounds."\n',
    sql="""\
SELECT talk('The ~a ~b is on the ~c shelf for ~price pounds.');
""",
    hcl='action "talk" { text = "The ~a ~b is on the ~c shelf for ~price pounds." }\n',
    jsonnet='  talk { text: "The ~a ~b is on the ~c shelf for ~price pounds." },\n',
)

VOICE = Scene(
    flow='talk "Please ask {team_~section} for the ~a ~b at ~price pounds." language: en-US style: ~few loop: 2\n',
    sql="""\
SELECT talk('Please ask ' || team_~section || ' for the ~a ~b at ~price pounds.', language => 'en-US', style => ~few, loop => 2);
""",
    hcl="""\
action "talk" {
    text = "Please ask ${local.team_~section} for the ~a ~b at ~price pounds."
    language = "en-US"
    style = ~few
    loop = 2
}
""",
    jsonnet="""\
  talk { text: "Please ask " + team_~section + " for the ~a ~b at ~price pounds.", language: "en-US", style: ~few, loop: 2 },
""",
)

MUSIC = Scene(
    flow='stream "{server}/audio/~a-~b-~price.mp3" level: -0.4 loop: ~many\n',
    sql="""\
SELECT stream(server || '/audio/~a-~b-~price.mp3', level => -0.4, loop => ~many);
""",
    hcl="""\
action "stream" {
    stream_url = "${local.server}/audio/~a-~b-~price.mp3"
    level = -0.4
    loop = ~many
}
""",
    jsonnet='  { action: "stream", streamUrl: [server + "/audio/~a-~b-~price.mp3"], level: -0.4, loop: ~many },\n',
)

PAUSE = Scene(
    flow="wait ~{few}500ms // Time to find the ~b.\n",
    sql="""\
SELECT wait(~few.5) /* Time to find the ~b. */;
""",
    hcl='action "wait" { timeout = ~few.5 } # Time to find the ~b.\n',
    jsonnet='  { action: "wait", timeout: ~few.5 }, // Time to find the ~b.\n',
)

NUMBER = Scene(
    flow='connect phone "~phone" limit: ~{hours}h machine_detection: hangup\n',
    sql="""\
SELECT connect_phone('~phone', call_limit => ~seconds, machine_detection => 'hangup');
""",
    hcl="""\
action "connect" "phone" {
    number = "~phone"
    limit = ~seconds
    machine_detection = "hangup"
}
""",
    jsonnet="""\
  connect { endpoint: [{ type: "phone", number: "~digits" }], limit: ~seconds, machineDetection: "hangup" },
""",
)

LINES = (SENTENCE, VOICE, MUSIC, PAUSE, NUMBER)
