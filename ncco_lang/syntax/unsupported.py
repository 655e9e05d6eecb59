"""What to write instead of what this version does not compile yet. Imported only for such a finding."""

from __future__ import annotations

from collections.abc import Mapping

_QUESTION = (
    'write talk "…" barge_in, then input dtmf event_url: "…": the server there gets the key, '
    "and answers with the NCCO to go on with"
)
_ORDER = (
    "a flow runs from top to bottom: write its statements where they happen; what a key leads to is a flow of its own"
)
_AGAIN = "nothing asks again by itself yet: the server at the event_url of an input can answer with the question"
_LEG = 'on_answer { url: "…" } of connect phone lets the person called hear an NCCO first; nothing asks them yet'
_RUNNING = "only a running call knows it: the server that answers the call receives it, and writes it into the NCCO"
_DECIDED = "nothing decides during a call yet: the server at the event_url of an input answers with one NCCO or another"
_CLOCK = "nothing reads the clock yet: the server that answers the call can choose a flow by the time"
_EVENTS = "nothing handles events yet: the server at the event address of the application gets them"
_ENDING = 'nothing in a flow waits for the outcome yet: event_url: "…" names the server that receives it'
_SAID_AS = "nothing says it in words yet: let the text that is given be as it should be said"

TODAY: Mapping[str, str] = {
    "menu": _QUESTION,
    "ask": _QUESTION,
    "step": _ORDER,
    "goto": _ORDER,
    "do": _ORDER,
    "hangup": "a call ends after its last statement by itself: remove the line, and what is below it",
    "go_on": "a call goes on with the next statement by itself: take the line out",
    "retry": _AGAIN,
    "repeat": _AGAIN,
    "retries": _AGAIN,
    "accept": _LEG,
    "decline": _LEG,
    "fallback": "nothing yet: fallback_url of the application in ncco.toml gives an NCCO where the answer address does not",
    "consent": 'nothing keeps it yet: say it with talk "…", and record after it',
    "fetch": "nothing looks anything up yet: notify asks a server of yours, which can answer with the NCCO to go on with",
    "ring": "nothing places a second call yet: connect phone joins another person to this one",
    "if": _DECIDED,
    "set": "nothing is kept during a call yet: let name = … is for what is fixed, param name: text for what is given",
    "each": "write the statement once for each item",
    "use": "files share nothing yet: write what is shared into this one",
    "arg": "a param is given when compiling: -p name=value, or a profile of ncco.toml",
    "hours": _CLOCK,
    "text": 'let name = "…" holds a text of one language',
    "test": "nothing runs it yet: take it out; ncco emulate lets calls run on this machine",
    "on": _EVENTS,
    "anywhere": "nothing is heard everywhere yet: the server at each event_url gets what is keyed or said there",
    "zone": f"take it out; {_CLOCK}",
    "an arm": _ENDING,
    "into": _ENDING,
    "to": "nothing speaks into a room yet: participants of a conversation hear what precedes it",
    "secret": "nothing keeps an entry secret yet: the server at event_url gets it as it was keyed",
    "several numbers": "connect one after the other: the next statement runs when the call was not answered, and after a call as well",
    "call": _RUNNING,
    "language": 'write the tag itself, or let tongue = "en-GB"',
    "now": _CLOCK,
    "key": _RUNNING,
    "open": _CLOCK,
    "opens": _CLOCK,
    "defined": _RUNNING,
    "default": _RUNNING,
    "env": 'param name: text takes it from a profile of ncco.toml: name = "env:NAME"',
    "weekday": _SAID_AS,
    "date": _SAID_AS,
    "time": _SAID_AS,
    "money": _SAID_AS,
    "count": _SAID_AS,
    "ordinal": _SAID_AS,
    "in": _DECIDED,
    "matches": _DECIDED,
    "starts_with": _DECIDED,
    "ends_with": _DECIDED,
}
"""What to write today, by a word of the language that a later version compiles."""
