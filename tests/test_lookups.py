"""Lookups: which arm a result takes, how many one event makes, and what a request holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from ncco_lang.blocks.waiting import longest_wait
from ncco_lang.bundle import Bundle
from ncco_lang.engine.events import Event, Input, Joined, Lookup, Reply, Result
from ncco_lang.engine.state import State, dump_state, load_state
from ncco_lang.engine.step import step
from ncco_lang.net.payloads import write_request
from ncco_lang.net.types import Request
from ncco_lang.runtime.requests import IDEMPOTENCY_KEY, filled, secrets_of
from ncco_lang.values.data import UNDEFINED
from tests.judge import judge
from tests.test_engine import STARTED, bundle_of

LATE = Result(None, is_late=True)
ARMS = (
    "404 -> { goto at_404 }; 4xx -> at_4xx; 503 -> at_503; 3xx -> at_3xx; timeout -> at_timeout; otherwise -> at_other"
)
STEPS = "\n".join(
    f'step at_{name} {{ talk "{name}"; hangup }}' for name in ("404", "4xx", "503", "3xx", "timeout", "other")
)


def flow(*statements: str, arms: str = "otherwise -> at_other", **settings: Any) -> Bundle:
    """Return the bundle of a flow whose entry has some statements; `fetch` with options is a whole lookup."""
    lines = [f"{each} {{ {arms} }}" if each.startswith("fetch") else each for each in statements]
    return bundle_of("step start {\n" + "\n".join(lines) + f'\ntalk "good"\nhangup\n}}\n{STEPS}', **settings)


def looked_up(
    bundle: Bundle, *results: Result, state: State | None = None, event: Event = STARTED
) -> tuple[list[Lookup], Reply]:
    """Return the lookups that an event makes, and its reply; the last result counts for all further ones."""
    lookups: list[Lookup] = []
    given: list[Result] = []
    while isinstance(answer := step(bundle, state, event, given), Lookup):
        lookups.append(answer)
        given.append(results[min(len(given), len(results) - 1)])
    assert answer.document is not None
    assert judge(answer.document) == []
    return lookups, answer


def said(reply: Reply) -> list[str]:
    return [str(action.get("text", action["action"])) for action in reply.document or []]


def after(reply: Reply) -> State:
    """Return the state that the token of the join has, as a server reads it."""
    (address,) = [each for each in reply.addresses if each.hook == "j"]
    return address.state


# ── Arms ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("result", "label"),
    [
        (Result(200, {"a": 1}), "good"),
        (Result(299, {}), "good"),
        (Result(404), "404"),
        (Result(404, {"a": 1}), "404"),
        (Result(400), "4xx"),
        (Result(499), "4xx"),
        (Result(503), "503"),
        (Result(502), "otherwise"),
        (Result(304), "3xx"),
        (Result(199), "otherwise"),
        (Result(600), "otherwise"),
        (LATE, "timeout"),
        (Result(None), "otherwise"),
        (Result(200), "otherwise"),
        (Result(204), "otherwise"),
        (Result(200, None), "good"),
        (Result(200, [[]] * 9_999), "good"),
        (Result(200, [[]] * 10_000), "otherwise"),
        (Result(200, {"a": [{"b": [0] * 9_997}]}), "otherwise"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_the_nearest_arm_takes_a_result(result: Result, label: str) -> None:
    bundle = flow('fetch "https://example.com/a" into: found', arms=ARMS)
    (lookup,), reply = looked_up(bundle, result)
    assert (lookup.origin, label) in reply.trail
    assert said(reply)[0] == {"otherwise": "other"}.get(label, label)


def test_an_answer_that_is_not_kept_needs_no_json() -> None:
    for result in (Result(204), Result(200)):
        _, reply = looked_up(flow('fetch "https://example.com/a" method: delete'), result)
        assert said(reply)[0] == "good"


def test_a_late_lookup_without_an_arm_for_it_takes_otherwise() -> None:
    _, reply = looked_up(flow('fetch "https://example.com/a"'), LATE)
    assert said(reply)[0] == "other"


def test_retry_in_an_arm_asks_the_question_around_it_again() -> None:
    bundle = bundle_of(
        'step start {\nmenu "Key in 1." {\n1 -> {\nfetch "https://example.com/a" { otherwise -> retry "Once more." }\n'
        'talk "good"\nhangup\n}\nsilence, otherwise -> retry\ngive_up -> hangup\n}\n}'
    )
    first = step(bundle, None, STARTED)
    assert isinstance(first, Reply)
    state = first.addresses[0].state
    pressed = Input(time=1010.0, digits="1")
    _, reply = looked_up(bundle, Result(500), state=state, event=pressed)
    assert said(reply)[:2] == ["Once more.", "Key in 1."]


# ── What an event can wait for ─────────────────────────────────────────────────────────────────────────


def test_speech_is_heard_before_a_lookup() -> None:
    lookups, reply = looked_up(flow('talk "One moment."', 'fetch "https://example.com/a"'), Result(200))
    assert (lookups, said(reply)[:2]) == ([], ["One moment.", "notify"])
    lookups, reply = looked_up(
        flow('talk "One moment."', 'fetch "https://example.com/a"'),
        Result(200),
        state=after(reply),
        event=Joined(time=1),
    )
    assert (len(lookups), said(reply)[0]) == (1, "good")


@pytest.mark.parametrize(("seconds", "is_made"), [("4s", True), ("4100ms", False), ("9s", False)])
def test_a_lookup_before_the_first_document_has_four_seconds(seconds: str, is_made: bool) -> None:
    bundle = flow(f'fetch "https://example.com/a" timeout: {seconds}')
    lookups, reply = looked_up(bundle, Result(200))
    assert bool(lookups) is is_made
    assert said(reply)[0] == ("good" if is_made else "notify")
    if not is_made:
        lookups, reply = looked_up(bundle, Result(200), state=after(reply), event=Joined(time=1001.0))
        assert [each.timeout for each in lookups] == [float(seconds.removesuffix("s").replace("4100m", "4.1"))]
        assert said(reply)[0] == "good"


def test_lookups_in_a_row_are_split_before_the_webhook_times_out() -> None:
    bundle = flow(*(f'fetch "https://example.com/{number}" timeout: {number}s' for number in (1, 3, 5, 4, 9)))
    made = list[list[float]]()
    state: State | None = None
    event: Event = STARTED
    for _ in range(4):
        lookups, reply = looked_up(bundle, Result(200), state=state, event=event)
        made.append([each.timeout for each in lookups])
        if said(reply)[0] != "notify":
            break
        state, event = after(reply), Joined(time=1001.0)
    assert made == [[1.0, 3.0], [5.0, 4.0], [9.0]]
    assert said(reply)[0] == "good"


def test_a_provider_without_notify_hears_what_was_said_with_what_follows() -> None:
    bundle = flow('talk "One moment."', 'fetch "https://example.com/a" timeout: 9s', joins="before")
    lookups, reply = looked_up(bundle, Result(200))
    assert (len(lookups), said(reply)) == (1, ["One moment.", "good"])


def test_the_same_server_may_be_asked_until_it_is_ready() -> None:
    bundle = bundle_of(
        'step start {\nfetch "https://example.com/a" timeout: 1s { 404 -> start; otherwise -> hangup }\ntalk "good"\n}'
    )
    lookups, reply = looked_up(bundle, Result(404), Result(404), Result(200))
    assert (len(lookups), said(reply)[0]) == (3, "good")
    # A call with a server that is never ready goes on by joins.
    lookups, reply = looked_up(bundle, Result(404))
    assert (len(lookups), said(reply)[0]) == (4, "notify")


@pytest.mark.parametrize(
    ("statements", "seconds"),
    [
        (['talk "a"'], 0),
        (['fetch "https://example.com/a"'], 2),
        (['fetch "https://example.com/a" timeout: 500ms', 'fetch "https://example.com/b" timeout: 3s'], 3.5),
        (['fetch "https://example.com/a" timeout: 5s', 'talk "b"', 'fetch "https://example.com/b" timeout: 3s'], 5),
        (['fetch "https://example.com/a" timeout: 5s', 'fetch "https://example.com/b" timeout: 6s'], 6),
        (['fetch "https://example.com/a" timeout: 9s', 'fetch "https://example.com/b" timeout: 1s'], 9),
    ],
)
def test_how_long_an_event_waits(statements: list[str], seconds: float) -> None:
    assert longest_wait(flow(*statements).graph, "notify") == seconds


# ── Keys ───────────────────────────────────────────────────────────────────────────────────────────────

TWO = flow('fetch "https://example.com/a" method: post', 'fetch "https://example.com/b" method: post')


def keys_of(bundle: Bundle, state: State | None, event: Event, *results: Result) -> list[str]:
    return [each.key for each in looked_up(bundle, *(results or (Result(200),)), state=state, event=event)[0]]


def test_the_key_is_the_same_for_the_same_token_and_event() -> None:
    first = keys_of(TWO, None, STARTED)
    assert len(set(first)) == 2
    # A repeated webhook comes later, and other results do not change the key of the next lookup.
    assert keys_of(TWO, None, replace(STARTED, time=1055.0), Result(201, {"a": 1})) == first


def test_the_key_differs_for_another_call_document_or_event() -> None:
    bundle = bundle_of(
        'step start { menu "Key in a number." { 1, 2 -> ask_it; silence, otherwise -> retry; give_up -> hangup } }\n'
        'step ask_it { fetch "https://example.com/a" method: post { otherwise -> hangup }\ntalk "good" }'
    )
    first = step(bundle, None, STARTED)
    assert isinstance(first, Reply)
    state = load_state(dump_state(first.addresses[0].state), bundle.graph)
    pressed = Input(time=1010.0, digits="1")
    found = [
        keys_of(bundle, state, pressed),
        keys_of(bundle, state, replace(pressed, digits="2")),
        keys_of(bundle, state._replace(serial=2), pressed),
        keys_of(bundle, state._replace(conversation="other"), pressed),
        keys_of(bundle, state._replace(leg="other"), pressed),
    ]
    assert len({key for keys in found for key in keys}) == len(found)
    assert keys_of(bundle, state, replace(pressed, time=1011.0)) == found[0]


# ── Requests ───────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = '"}\r\nX-Evil: 1\0{"a":é€\ud800 ../..?x=1&y=2#z'


def request_of(options: str) -> tuple[Lookup, httpx.Request]:
    """Return a lookup with a hostile value, and its request as an HTTP client makes it."""
    bundle = bundle_of(
        f'step start {{ goto asked("x") }}\nstep asked(word: text) {{\nfetch {options} {{ otherwise -> hangup }}\n'
        'talk "good"\n}'
    )
    (slot,) = [number for number, name in enumerate(bundle.graph.names) if name.text == "word"]
    at = next(number for number, block in enumerate(bundle.graph.blocks) if block.name.startswith("asked"))
    state = State(block=at, serial=1, frame={slot: HOSTILE})
    lookup = step(bundle, state, Joined(time=1.0))
    assert isinstance(lookup, Lookup)
    headers, json = filled(lookup, {})
    body = None if json is UNDEFINED else json
    method = lookup.method.upper()
    headers, content = write_request(Request(method=method, url=lookup.url, headers=headers, json=body))
    return lookup, httpx.Request(method, lookup.url, headers=headers, content=content)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/orders/{word}",
        "https://example.com/{word}/items?of={word}&sort=up",
        "https://example.com/a?of={word}",
        "https://example.com/{word}{word}#{word}",
    ],
)
def test_a_value_never_changes_the_structure_of_an_address(url: str) -> None:
    _, request = request_of(f'"{url}"')
    _, plain = request_of(f'"{url.replace("{word}", "word")}"')
    assert request.url.host == "example.com"
    assert request.url.raw_path.count(b"/") == plain.url.raw_path.count(b"/")
    assert list(request.url.params.keys()) == list(plain.url.params.keys())


def test_a_value_never_changes_the_structure_of_headers_and_json() -> None:
    lookup, request = request_of(
        '"https://example.com/a" method: post headers: { "X-Word": word, "X-In": "a {word} b" } json: { "word": word, "in": "{word}" }'
    )
    assert b"\r" not in request.headers["x-word"].encode()
    assert "x-evil" not in request.headers
    assert request.headers["x-in"].startswith("a ")
    assert request.headers["x-in"].endswith(" b")
    assert request.headers["x-word"].isascii()
    sent = httpx.Response(200, content=request.content).json()
    assert list(sent) == ["word", "in"]
    assert sent["word"].startswith('"}\r\nX-Evil')
    assert request.headers[IDEMPOTENCY_KEY] == lookup.key


def test_what_every_request_has() -> None:
    lookup, request = request_of('"https://example.com/a"')
    assert request.headers["accept"] == "application/json"
    assert IDEMPOTENCY_KEY not in request.headers
    assert "content-type" not in request.headers
    for method in ("post", "put", "patch", "delete"):
        lookup, request = request_of(f'"https://example.com/a" method: {method}')
        assert (request.method.lower(), request.headers[IDEMPOTENCY_KEY]) == (method, lookup.key)


def test_a_header_of_the_author_counts() -> None:
    _, request = request_of(
        '"https://example.com/a" method: post headers: { "idempotency-key": "own", "ACCEPT": "text/plain" } json: 5'
    )
    assert request.headers.get_list("idempotency-key") == ["own"]
    assert request.headers.get_list("accept") == ["text/plain"]
    assert request.content == b"5"


def test_secrets_are_filled_in_only_for_the_request() -> None:
    bundle = bundle_of(
        'param token: secret = env("CRM_TOKEN")\nstep start {\nfetch "https://example.com/a" method: post '
        'headers: { "Authorization": "Bearer {token}" } json: { "a": [env("OTHER"), 1] } { otherwise -> hangup }\n'
        'talk "good"\n}'
    )
    assert secrets_of(bundle) == ("CRM_TOKEN", "OTHER")
    lookup = step(bundle, None, STARTED)
    assert isinstance(lookup, Lookup)
    headers, json = filled(lookup, {"CRM_TOKEN": "hunter2\n", "OTHER": "b"})
    assert headers["Authorization"] == "Bearer hunter2"
    assert json == {"a": ["b", 1]}
    assert "hunter2" not in repr(lookup)
    # One that is not set is undefined.
    headers, json = filled(lookup, {})
    assert (headers["Authorization"], json) == ("Bearer", {"a": [1]})
