"""A menu that branches, and the webhooks of its calls: what servers and the engine are measured with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

FILE = "shop.flow"
NUMBER, CALLER, DESK, FROM = "31201234567", "31612345678", "31207654321", "31201234568"
LEG, CONVERSATION = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", "CON-aaaaaaaa-bbbb-4ccc-8ddd-0123456789ac"
CALL = {"from": CALLER, "to": NUMBER, "uuid": LEG, "conversation_uuid": CONVERSATION}
"""The fields that every webhook of the caller's leg has."""

MENU = f"""\
flow "Shop"

param desk: phone = "+{DESK}"

default talk en-GB style: 2
default connect from: "+{FROM}"

fallback message

step start {{
    talk "Welcome to the shop."
    goto main_menu
}}

step main_menu {{
    menu "For orders, press 1. For our opening hours, press 2. For a colleague, press 0, or say agent." {{
        timeout: 5s
        1, "orders"        -> orders
        2, "opening hours" -> {{ talk "We are open on weekdays from nine to six."; repeat }}
        0, "agent"         -> agent("the main menu")
        otherwise          -> retry "Sorry, I did not get that."
        silence            -> retry
        give_up            -> message
    }}
}}

step orders {{
    menu "For a new order, press 1. To change an order, press 2." {{
        1                  -> agent("a new order")
        2                  -> agent("a change")
        otherwise, silence -> retry "Please press 1 or 2."
        give_up            -> message
    }}
}}

step agent(about: text) {{
    talk "One moment, for {{about}}."
    connect phone desk timeout: 20s {{
        busy      -> {{ talk "All our colleagues are busy."; goto message }}
        otherwise -> message
    }}
    talk "Thank you for calling. Goodbye."
}}

step message {{
    talk "Please leave a message after the beep."
    record beep_start: true end_on_silence: 4s
}}
"""


class Act(NamedTuple):
    """What happens next in a call: the action of the newest document whose event URL gets a webhook, and its fields.

    `name` is for people.
    """

    name: str
    action: str
    fields: Mapping[str, Any]


def keys(digits: str) -> Act:
    """Return the event of an input in which the caller pressed these keys; none for a silent caller."""
    dtmf = {"digits": digits or None, "timed_out": not digits}
    speech = {"timeout_reason": "start_timeout", "results": []}
    return Act(f"press {digits}" if digits else "silence", "input", {**CALL, "dtmf": dtmf, "speech": speech})


def say(words: str) -> Act:
    """Return the event of an input in which the caller said something."""
    speech = {"timeout_reason": "end_on_silence_timeout", "results": [{"confidence": "0.91", "text": words}]}
    return Act(f'say "{words}"', "input", {**CALL, "dtmf": {"digits": None, "timed_out": False}, "speech": speech})


def status(name: str) -> Act:
    """Return the event of the connect, with a status of the leg that it rings."""
    fields = {**CALL, "from": FROM, "to": DESK, "uuid": "bbbbbbbb-bbbb-4ccc-8ddd-0123456789ab", "status": name}
    return Act(f"connect {name}", "connect", {**fields, "direction": "outbound", "headers": {}})


JOINED = Act("joined", "notify", {"payload": {}, "conversation_uuid": CONVERSATION})

WAYS = (
    (keys("1"),),
    (keys("2"),),
    (keys("9"),),
    (keys(""),),
    (say("an agent, please"),),
    (say("what is the weather"),),
    (keys("1"), keys("2")),
    (keys("1"), keys("7")),
)
"""What is timed: the last event of each way, in the middle of a call. The events before it lead there."""
ENDINGS = (
    (keys("0"), status("busy")),
    (keys("0"), status("failed")),
    (keys("0"), status("answered"), JOINED),
    (keys(""), keys(""), keys("")),
)
"""Ways that are compared, but not timed."""
