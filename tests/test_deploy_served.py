"""Deploys of flows that branch, as values: what is wanted, planned, kept, and told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ncco_lang.api.types import Application, Settings
from ncco_lang.api.vonage_wire import application_body
from ncco_lang.bundler import Bundled
from ncco_lang.cli.plan_text import render_plan
from ncco_lang.compiler import compile_text
from ncco_lang.deploy.desired import build
from ncco_lang.deploy.differences import SAME_STEPS, UNKNOWN_STEPS, steps_diff
from ncco_lang.deploy.history import releases_at, with_version
from ncco_lang.deploy.plan import Plan, ProviderState, Wanted, make_plan, remembered
from ncco_lang.deploy.plan_file import dump_plan, load_plan
from ncco_lang.deploy.requirements import check_requirements
from ncco_lang.deploy.serving import event_timeout, fallback_note, is_pinned, served_flow
from ncco_lang.deploy.state import Deployed, ServedFlow, State
from ncco_lang.deploy.state_file import dump_state, load_state
from ncco_lang.deploy.step_digests import step_digests
from ncco_lang.project.config import parse_config
from ncco_lang.project.targets import Target, read_target
from ncco_lang.serve.addresses import WebhookUrls, webhook_urls
from ncco_lang.source import Source
from ncco_lang.tokens.sealed import TokenKey
from ncco_lang.workspace.errors import SettingsError

MARK = "0123456789abcdef"
KEY = TokenKey("k" * 32)
BASE = "https://calls.example.com"
REFERENCE = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq\n-----END PUBLIC KEY-----\n"
TOML = f"""\
[profiles.live]
provider = "vonage"
base_url = "{BASE}"
credentials = {{ api_key = "env:A", api_secret = "env:B" }}
documents = {{ store = "public", url = "https://static.example.com" }}
applications.main = {{ flow = "main.flow" }}
"""
FLOW = """\
fallback desk
step start {
    menu "Press 1." { 1 -> desk; 2 -> hours("nine"); silence, otherwise -> retry; give_up -> desk }
}
step hours(opening: text) { talk "We open at {opening}."; hangup }
step desk { talk "One moment."; connect phone "+31 20 765 4321" }
"""


def bundled(flow: str = FLOW) -> Bundled:
    product = compile_text(flow).product
    assert isinstance(product, Bundled)
    return product


def target_of(toml: str = TOML) -> Target:
    target, found = read_target(
        parse_config(Source("ncco.toml", toml), version="0", is_rule=lambda _: True, near=lambda *_: None)[0].profiles[
            "live"
        ]
    )
    assert target is not None, found
    return target


def urls(version: str = "") -> WebhookUrls:
    return webhook_urls(BASE, KEY, "main", mark=MARK, version=version)


def wanted(
    served: ServedFlow | None = None,
    *,
    target: Target | None = None,
    settings: Settings | None = None,
    content: bytes = b"[]",
    state: State | None = None,
    pinned: bool = False,
    waits: int = 3000,
) -> Wanted:
    return build(
        target or target_of(),
        "main",
        settings or Settings(name="Shop"),
        content,
        (),
        mark=MARK,
        state=state or State(),
        reference=REFERENCE,
        served=served,
        webhooks=None if served is None else urls(served.version if pinned else ""),
        is_pinned=pinned,
        event_timeout=waits,
    )


def state_of(one: Wanted) -> State:
    state = State(profile="live", provider="vonage", account="a", applications={"main": remembered(one, "id-1", None)})
    return with_version(state, "2026-01-01T00:00:00Z")


def there(one: Wanted) -> ProviderState:
    return ProviderState(applications={"id-1": Application(id="id-1", settings=one.settings)})


# ── Steps ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_digest_of_a_step_depends_on_no_other_step() -> None:
    before = step_digests(bundled().bundle)
    assert sorted(before) == ["desk", "hours", "start"]
    # A step before the others, with a name and a question of its own, moves all indexes.
    first = 'step extra(word: text) { menu "{word}" { 5 -> desk; silence, otherwise, give_up -> desk } }\n'
    after = step_digests(bundled(first + FLOW.replace("2 -> hours", '3 -> extra("x"); 2 -> hours')).bundle)
    assert {name for name in after if before.get(name) != after[name]} == {"extra", "start"}


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("One moment.", "Please hold.", ["~ step desk"]),
        ('hours("nine")', 'hours("ten")', ["~ step start"]),
        ("We open at", "Doors open at", ["~ step hours"]),
        ("2 -> hours", "3 -> hours", ["~ step start"]),
        ("hangup }", "goto desk }", ["~ step hours"]),
        ("fallback desk\n", "", [f"… {SAME_STEPS}"]),
    ],
)
def test_a_plan_names_the_steps_that_change(old: str, new: str, changed: list[str]) -> None:
    assert old in FLOW
    assert steps_diff(served_flow(bundled()), served_flow(bundled(FLOW.replace(old, new)))) == changed


def test_a_plan_names_new_and_removed_steps() -> None:
    whole = served_flow(bundled())
    without = served_flow(bundled(FLOW.replace('2 -> hours("nine"); ', "").replace("step hours", "// step hours")))
    assert steps_diff(whole, without) == ["- step hours", "~ step start"]
    assert steps_diff(without, whole) == ["+ step hours", "~ step start"]
    assert steps_diff(None, whole) == ["+ step desk", "+ step hours", "+ step start"]
    assert steps_diff(whole, whole) == []
    assert steps_diff(ServedFlow(version="0" * 64), whole) == [f"… {UNKNOWN_STEPS}"]


# ── What is wanted ─────────────────────────────────────────────────────────────────────────────────────


def test_a_flow_that_branches_is_at_the_server_and_its_fallback_in_the_store() -> None:
    one = wanted(served_flow(bundled()))
    assert one.settings == Settings(
        name="Shop",
        public_key=REFERENCE,
        answer_url=urls().answer,
        answer_method="GET",
        event_url=urls().event,
        event_method="POST",
        event_socket_timeout=3000,
        fallback_url=f"https://static.example.com/{one.document}",
        fallback_method="GET",
    )


def test_the_settings_of_the_profile_win() -> None:
    mine = Settings(
        name="Shop",
        answer_method="POST",
        event_url="https://mine.example.com/e",
        event_socket_timeout=9000,
        fallback_url="https://mine.example.com/f",
    )
    one = wanted(served_flow(bundled()), settings=mine, content=b"")
    assert replace(one.settings, public_key=None) == replace(
        mine, answer_url=urls().answer, event_method="POST", fallback_method="GET"
    )


@pytest.mark.parametrize(
    ("timeout", "milliseconds"),
    [("", 3000), (" timeout: 500ms", 3000), (" timeout: 3500ms", 4500), (" timeout: 9s", 10000)],
)
def test_the_provider_waits_as_long_as_a_lookup_can_take(timeout: str, milliseconds: int) -> None:
    asking = f'step hours(opening: text) {{ fetch "https://example.com/a"{timeout} {{ otherwise -> desk }};'
    product = bundled(FLOW.replace("step hours(opening: text) {", asking))
    assert event_timeout(product) == milliseconds
    body = application_body(wanted(served_flow(product), waits=milliseconds).settings)
    assert body["capabilities"]["voice"]["webhooks"]["event_url"]["socket_timeout"] == milliseconds


def test_kpn_gets_only_what_it_has() -> None:
    toml = TOML.replace('"vonage"', '"kpn"').replace("api_key", "client_id").replace("api_secret", "client_secret")
    one = wanted(served_flow(bundled()), target=target_of(toml), content=b"")
    assert one.settings == Settings(
        name="Shop",
        answer_url=urls().answer,
        answer_method="GET",
        event_url=urls().event,
        event_method="POST",
    )


def test_a_flow_that_branches_no_more_loses_the_urls_of_the_server() -> None:
    one = wanted(served_flow(bundled()))
    two = wanted(state=state_of(one))
    (change,) = make_plan({"main": two}, state_of(one), there(one)).changes
    assert {field.name: field.after for field in change.fields} == {
        "answer_url": f"https://static.example.com/{two.document}",
        "event_url": "",
        "fallback_url": "",
    }
    text = render_plan(Plan(changes=(change,)), {"main": two}, {}, {}, keys="keys", colour=False)
    assert "→ nothing" in text
    assert f"version {one.served.version[:12] if one.served else ''} → one document" in text
    # Vonage's webhooks go as a whole, and the state forgets them.
    hooks = application_body(two.settings, application_body(one.settings))["capabilities"]["voice"]["webhooks"]
    assert list(hooks) == ["answer_url"]
    left = remembered(two, "id-1", None)
    assert (left.settings.event_url, left.settings.fallback_url) == (None, None)
    assert not make_plan({"main": two}, state_of(two), there(replace(two, settings=left.settings))).changes


# ── Plans, versions, files ─────────────────────────────────────────────────────────────────────────────


def test_only_another_version_is_an_update() -> None:
    one = wanted(served_flow(bundled()))
    assert make_plan({"main": one}, state_of(one), there(one)) == Plan(unchanged=("main",))
    two = wanted(served_flow(bundled(FLOW.replace("One moment.", "Hold."))))
    (change,) = make_plan({"main": two}, state_of(one), there(one)).changes
    assert (change.kind, change.fields, change.upload) == ("update", (), False)
    assert two.served is not None
    assert change.bundle_after == two.served.version


def test_a_version_does_not_keep_what_depends_on_mark_and_key() -> None:
    one = wanted(served_flow(bundled()))
    (release,) = releases_at(state_of(one).history, 0).values()
    assert (release.settings.answer_url, release.settings.event_url, release.settings.fallback_url) == (None,) * 3
    assert one.served is not None
    assert release.bundle == one.served.version
    pinned = wanted(served_flow(bundled()), pinned=True)
    assert is_pinned(pinned.settings.answer_url, pinned.served)
    assert not is_pinned(one.settings.answer_url, one.served)
    assert state_of(pinned).history[0].hash == state_of(one).history[0].hash


def test_a_state_has_the_older_format_without_such_flows() -> None:
    branching, plain = state_of(wanted(served_flow(bundled()))), state_of(wanted())
    assert json.loads(dump_state(branching))["version"] == 3
    assert json.loads(dump_state(plain))["version"] == 2
    assert load_state(dump_state(branching), "x") == branching
    # Also one without a document, and what an interrupted create leaves.
    bare = replace(branching.applications["main"], document="")
    for each in (bare, replace(bare, served=None)):
        state = replace(branching, applications={"main": each})
        assert json.loads(dump_state(state))["version"] == 3
        assert load_state(dump_state(state), "x") == state


def test_a_plan_file_has_the_version_and_no_addresses() -> None:
    one = wanted(served_flow(bundled()), pinned=True)
    state = State(profile="live", provider="vonage", account="a")
    text = dump_plan(make_plan({"main": one}, state, ProviderState()), {"main": one}, state, {})
    planned = load_plan(text, "plan.json").wanted["main"]
    assert (planned.served, planned.is_pinned, planned.content) == (one.served, True, b"[]")
    assert (planned.settings.event_url, planned.settings.fallback_url) == (None, None)


# ── Requirements and notes ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("toml", "stored", "served", "words"),
    [
        (TOML, ["main"], [], None),
        (TOML, [], ["main"], None),
        (TOML.replace("documents =", "#"), [], ["main"], None),
        (TOML.replace("documents =", "#"), ["main"], [], "does not say where its documents go"),
        (TOML.replace("base_url =", "#"), [], ["main"], "main branches, and its profile has no base_url"),
        (TOML.replace(BASE, "http://127.0.0.1:4590"), [], ["main"], "on this machine"),
        (TOML.replace(BASE, "http://127.0.0.1:4590"), ["main"], [], None),
    ],
)
def test_a_profile_needs_what_its_flows_need(
    toml: str, stored: list[str], served: list[str], words: str | None
) -> None:
    if words is None:
        check_requirements(target_of(toml), stored, served)
        return
    with pytest.raises(SettingsError) as failed:
        check_requirements(target_of(toml), stored, served)
    (finding,) = failed.value.findings
    assert words in finding.message


def test_a_note_says_what_callers_hear_without_the_server() -> None:
    product = bundled()
    assert fallback_note(target_of(), wanted(served_flow(product)), product) is None
    bare = target_of(TOML.replace("documents =", "#"))
    note = fallback_note(bare, wanted(served_flow(product), target=bare, content=b""), product)
    assert note is not None
    assert "no [documents]" in note
    assert "(talk, talk, connect)" in note
    routeless = bundled(
        'step start { menu "Press 1." { 1 -> a; silence, otherwise -> retry; give_up -> a } }\nstep a { talk "Bye."; hangup }\n'
    )
    note = fallback_note(target_of(), wanted(served_flow(routeless)), routeless)
    assert note is not None
    assert "fallback STEP" in note


def test_an_application_that_was_taken_over_after_a_crash_gets_its_flow() -> None:
    one = wanted(served_flow(bundled()))
    adopted = Deployed(mark=MARK, id="id-1", settings=one.settings, document="")
    state = State(profile="live", provider="vonage", account="a", applications={"main": adopted})
    (change,) = make_plan({"main": one}, state, there(one)).changes
    assert (change.kind, change.upload) == ("update", True)
