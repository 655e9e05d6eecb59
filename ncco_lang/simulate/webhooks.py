"""Send webhooks, repeat them, fall back, and read their responses (ncco.md 13)."""

from __future__ import annotations

import json
import math
from typing import Any, NamedTuple

from ncco_lang.simulate import bodies
from ncco_lang.simulate.board import Board
from ncco_lang.simulate.nccos import read_ncco
from ncco_lang.simulate.state import Leg
from ncco_lang.simulate.types import BAD_CODE, BAD_NCCO, FAILURES, Answer, Hook, Request

MOST_REQUESTS = 5_000
"""The largest number of webhooks of a call; one that sends more and waits for them is in an endless loop."""
MOST_ANSWERED = 16 << 20
"""The largest number of bytes of all NCCOs that a call is answered, which its transcript holds."""
_NO_NCCO = "Syntax error in NCCO. Invalid value type or action."
"""The reason in the error event for an answer that is not a valid NCCO, also if the fallback has one (ncco.md 13.2)."""
_REPEATED = frozenset({429, 503, 504})
_GOOD = range(200, 206)
_OTHER_TYPES = ("text/html", "application/xml", "text/xml")


class Outcome(NamedTuple):
    """The result of a webhook: an NCCO, nothing (both None), or why it failed and whether it is sent again."""

    actions: list[dict[str, Any]] | None = None
    failed: str | None = None
    words: str = ""
    again: bool = False


def hook_of(board: Board, leg: Leg, action: dict[str, Any] | None = None) -> Hook | None:
    """Return the webhook of an action: its own `eventUrl`, else that of the call, else the application's."""
    if action is not None and action.get("eventUrl"):
        base = board.settings.event or Hook(url="")
        if board.switches.own_event_time_outs == "default":
            base = Hook(url="")
        return base._replace(url=action["eventUrl"][0], method=_method(action))
    if action is not None and board.switches.default_event_url == "nowhere":
        return None
    return Hook(**leg.event) if leg.event is not None else board.settings.event


def _method(action: dict[str, Any]) -> Any:
    return "GET" if str(action.get("eventMethod", "POST")).upper() == "GET" else "POST"


def send(
    board: Board, leg: Leg, kind: str, hook: Hook | None, fields: dict[str, Any], *, waits: bool = False, then: str = ""
) -> None:
    """Send a webhook. Without a URL, a webhook that waits gets an empty outcome.

    Args:
        then: the function in `phone.py` that takes the outcome of a webhook that waits, by its name there.
    """
    if hook is None:
        if waits:
            board.do(then, leg, Outcome()._asdict())
        return
    _put_out(board, leg, kind, hook, fields, waits=waits, then=then)


def _put_out(
    board: Board,
    leg: Leg,
    kind: str,
    hook: Hook,
    fields: dict[str, Any],
    *,
    waits: bool,
    then: str,
    attempt: int = 1,
    is_fallback: bool = False,
) -> None:
    board.state.count["request"] += 1
    number = board.state.count["request"]
    call = board.call_of(leg)
    call["requests"] += 1
    if waits and (call["requests"] > MOST_REQUESTS or call["answered"] > MOST_ANSWERED):
        much = f"sent more than {MOST_REQUESTS} webhooks"
        if call["answered"] > MOST_ANSWERED:
            much = f"was answered more than {MOST_ANSWERED >> 20} MiB of NCCOs"
        board.problem(leg, "endless", f"the call {much}")
        board.do("end", leg, "platform")
        return
    pending: dict[str, Any] = {"kind": kind, "leg": leg.id, "waits": waits}
    if waits:
        # What another attempt needs.
        pending |= {"hook": hook.dump(), "fields": fields, "then": then, "attempt": attempt}
        pending |= {"is_fallback": is_fallback, "serial": leg.serial}
    board.state.requests[str(number)] = pending
    request = Request(
        id=number,
        kind=kind,
        hook=hook,
        fields=fields,
        leg=leg.id,
        waits=waits,
        attempt=attempt,
        is_fallback=is_fallback,
    )
    board.outputs.append(request)
    if waits:
        board.hold(leg)


def answered(board: Board, id: int, answer: Answer) -> None:
    """Take the response to a webhook: send it again, fall back, or pass its outcome on."""
    pending = board.state.requests.get(str(id))
    if pending is None:
        return
    leg, kind = board.leg(pending["leg"]), pending["kind"]
    if answer.after and pending["waits"]:
        board.release(leg)
        late = {**answer._asdict(), "body": answer.body.decode("latin-1"), "after": 0.0}
        board.after(answer.after, "answered", leg, [id, late], always=True)
        return
    del board.state.requests[str(id)]
    outcome = read_answer(answer, kind) if pending["waits"] else _read_status(answer)
    board.report(
        leg, "answer", request=id, kind=kind, status=None if answer.failure else answer.status, **_shown(outcome)
    )
    if not pending["waits"]:
        return
    board.release(leg)
    if outcome.actions:
        board.call_of(leg)["answered"] += len(answer.body)
    if outcome.failed is None:
        board.do(pending["then"], leg, {**outcome._asdict(), "serial": pending["serial"]})
        return
    if outcome.again and pending["attempt"] == 1:
        _put_out(
            board,
            leg,
            kind,
            Hook(**pending["hook"]),
            pending["fields"],
            waits=True,
            then=pending["then"],
            attempt=2,
            is_fallback=pending["is_fallback"],
        )
    elif _falls_back(board, kind) and not pending["is_fallback"]:
        if outcome.failed == BAD_NCCO:
            _post_error(board, leg, _NO_NCCO)
        original = {"url": pending["hook"]["url"], "type": "answer" if kind == "answer" else "event"}
        fields = {**pending["fields"], "reason": outcome.failed, "original_request": original}
        assert board.settings.fallback is not None
        _put_out(board, leg, kind, board.settings.fallback, fields, waits=True, then=pending["then"], is_fallback=True)
    else:
        _give_up(board, leg, pending, outcome)


def worked(board: Board, leg: Leg, argument: list[Any]) -> None:
    """Take a response that a server has worked on, now that the time is over."""
    id, late = argument
    board.hold(leg)
    answered(board, id, Answer(**{**late, "body": late["body"].encode("latin-1")}))


def is_late(leg: Leg, outcome: dict[str, Any]) -> bool:
    """Return whether a leg no longer waits for an outcome: it has ended, or a request has brought it to other actions."""
    return leg.is_over or outcome.get("serial", leg.serial) != leg.serial


def _falls_back(board: Board, kind: str) -> bool:
    return board.settings.fallback is not None and (kind == "answer" or board.switches.fallback_scope == "every")


def _give_up(board: Board, leg: Leg, pending: dict[str, Any], outcome: Outcome) -> None:
    """Report that neither a webhook nor its fallback gave what the call needs, and pass the failure on."""
    url = Hook(**pending["hook"]).shown
    words = f"{pending['kind']} webhook {url}: {outcome.words}"
    if outcome.failed == BAD_NCCO:
        refuse_ncco(board, leg, words)
    else:
        board.problem(leg, "unreachable-webhook", words)
        _post_error(board, leg, f"{url.partition('?')[0]}: {outcome.words}")
    board.do(pending["then"], leg, {**outcome._asdict(), "serial": pending["serial"]})


def refuse_ncco(board: Board, leg: Leg, words: str) -> None:
    """Report an NCCO that the platform does not play, and post the error event."""
    board.problem(leg, "invalid-ncco", words)
    _post_error(board, leg, _NO_NCCO)


def _post_error(board: Board, leg: Leg, words: str) -> None:
    send(board, leg, "error", hook_of(board, leg), bodies.error_body(leg, board.time_of(leg), words))


def _read_status(answer: Answer) -> Outcome:
    """Return the outcome of a webhook whose response body is not read."""
    if answer.failure is not None:
        return Outcome(failed=answer.failure, words=answer.words or answer.failure)
    if answer.status not in _GOOD:
        return Outcome(failed=BAD_CODE, words=f"it answered {answer.status}")
    return Outcome()


def read_answer(answer: Answer, kind: str) -> Outcome:
    """Return the outcome of a response: an NCCO, nothing, or a failure. `[]` is an NCCO only if it is a call's first."""
    if answer.failure is not None:
        return Outcome(failed=answer.failure, words=answer.words or answer.failure, again=answer.failure in FAILURES)
    if answer.status not in _GOOD:
        return Outcome(failed=BAD_CODE, words=f"it answered {answer.status}", again=answer.status in _REPEATED)
    body = answer.body.strip()
    needs_one = kind == "answer"
    if not body:
        return Outcome(failed=BAD_NCCO, words="its answer is empty") if needs_one else Outcome()
    type = answer.content_type.partition(";")[0].strip().lower()
    if type in _OTHER_TYPES:
        return Outcome(failed=BAD_NCCO, words=f"its answer is {type} and not application/json")
    try:
        value = _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError):
        return Outcome(failed=BAD_NCCO, words="its answer is not JSON")
    if value == [] and not needs_one:
        return Outcome()
    if not needs_one and not isinstance(value, list):
        # Servers respond to status events with an object or a text; only a list is meant as an NCCO.
        return Outcome()
    read = read_ncco(value)
    if read.actions is None:
        return Outcome(failed=BAD_NCCO, words=f"its answer is not a valid NCCO: {read.wrong}")
    return Outcome(actions=read.actions)


def _finite(text: str) -> float:
    """Return a number of a JSON text. Raises ValueError for `NaN`, `Infinity` and `1e999`, which no JSON can hold."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


_DECODER = json.JSONDecoder(parse_constant=_finite, parse_float=_finite)


def _shown(outcome: Outcome) -> dict[str, Any]:
    if outcome.failed is not None:
        return {"failed": outcome.words}
    return {} if outcome.actions is None else {"ncco": outcome.actions}
