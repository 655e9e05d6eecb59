"""Switches for what the platform's documents leave open, with the assumed value as default.

`docs/design/phone.md` lists each with its reason and the call that shows the difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The assumptions of one phone.

    Attributes:
        digits_when_none: `dtmf.digits` of an input in which the caller pressed nothing.
        hash_in_digits: whether the `#` that submits an input is part of `digits`.
        speech_when_off: `speech` of an input that takes keys only: an empty list of results, or the error that
            captured requests of 2020 have.
        input_ends: an input of keys and speech that gets neither ends when `both` timers have expired, or the `first`.
        timers_start: the timers of an input after a prompt with barge-in start when the prompt ends, or at once.
        key_skips: a key that interrupts cuts `all` prompts up to the input, or the `current` one.
        interrupting_key_counts: whether the key that interrupts is part of the input's result.
        speech_interrupts: speech interrupts if the next input takes `speech`, or `always`.
        timeout_only_record: a record with `timeOut` and no other end condition is `synchronous` or `asynchronous`.
        after_conversation: actions after `conversation` `run` once the conversation has ended, or are `dropped`.
        taken_states: states of a synchronous connect for which the response may replace the NCCO.
        own_event_time_outs: a webhook to an action's own `eventUrl` has the time-outs of the `application`'s event
            URL, or the `default` ones.
        hang_up_in_on_answer: if a callee hangs up before it is joined, the caller's NCCO `continue`s, or the call
        `end`s.
        empty_on_answer: an `onAnswer` URL that responds without an NCCO `joins` the callee, or makes it `hang_up`.
        fallback_scope: the fallback URL is for `every` webhook that may respond with an NCCO, or only for the `answer`.
        pending_prompts: prompts with barge-in that no input follows play to their `end`, or are `cut` with the call.
        default_event_url: an action without `eventUrl` posts to the `application`'s event URL, or `nowhere`.
    """

    digits_when_none: Literal["empty", "null"] = "empty"
    hash_in_digits: bool = False
    speech_when_off: Literal["results", "error"] = "results"
    input_ends: Literal["both", "first"] = "both"
    timers_start: Literal["end", "at_once"] = "end"
    key_skips: Literal["all", "current"] = "all"
    interrupting_key_counts: bool = True
    speech_interrupts: Literal["speech", "always"] = "speech"
    timeout_only_record: Literal["synchronous", "asynchronous"] = "synchronous"
    after_conversation: Literal["run", "dropped"] = "run"
    taken_states: frozenset[str] = frozenset(
        {
            "busy",
            "cancelled",
            "completed",
            "disconnected",
            "failed",
            "human",
            "machine",
            "rejected",
            "timeout",
            "unanswered",
        }
    )
    own_event_time_outs: Literal["application", "default"] = "application"
    hang_up_in_on_answer: Literal["continue", "end"] = "continue"
    empty_on_answer: Literal["joins", "hang_up"] = "joins"
    fallback_scope: Literal["every", "answer"] = "every"
    pending_prompts: Literal["end", "cut"] = "end"
    default_event_url: Literal["application", "nowhere"] = "application"
