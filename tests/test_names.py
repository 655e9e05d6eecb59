"""Names, params, defaults and interpolation: their effect on the NCCO."""

from __future__ import annotations

from typing import Any

import pytest

from ncco_lang.checker import CheckOptions, Level
from ncco_lang.compiler import CompileOptions, compile_text
from ncco_lang.project.params import Given
from ncco_lang.source import Source, Span


def compiled(text: str, base_url: str | None = None, **given: Any) -> list[dict[str, Any]]:
    params = {name: Given(value, f"-p {name}") for name, value in given.items()}
    result = compile_text(text, options=CompileOptions(params=params, base_url=base_url))
    assert result.ncco is not None, result.diagnostics
    return result.ncco


def refused(text: str, **given: Given) -> list[str]:
    result = compile_text(text, options=CompileOptions(params=given))
    assert result.ncco is None
    return [finding.message for finding in result.diagnostics]


def said(text: str, **given: Any) -> str:
    spoken: str = compiled(text, **given)[-1]["text"]
    return spoken


# ── Interpolation ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('let a = "x"\ntalk "{a} and {a}"', "x and x"),
        ('talk "{later}"\nlet later = "below"', "below"),
        ('let a = "x"\nlet b = "{a}y"\ntalk b', "xy"),
        ('let a = "4711"\ntalk "{a | digits}"', "4 7 1 1"),
        ('let a = "47-11 b"\ntalk "{a | digits(slow)}"', "4, 7, 1, 1, b"),
        ('let a = "NL 42"\ntalk "{a | spell}"', "N L 4 2"),
        ('let a = "+31 (0)20 123 4567"\ntalk "{a | phone}"', "+3 1, 2 0, 1 2 3, 4 5 6 7"),
        ('let a = 4711\ntalk "{a | digits}"', "4 7 1 1"),
        ('let a = { "b": ["c", { "d": "e" }] }\ntalk "{a.b[1].d}{a["b"][0]}"', "ec"),
        ('talk "{1 + 2 * 3} {(1 + 2) * 3} {0.1 + 0.2} {7 / 2} {-2 - 3}"', "7 9 0.3 3.5 -5"),
        ('let on = true\ntalk "{not on} {on and 1 < 2} {"a" == "b" or 2 >= 2}"', "false true true"),
        ('let a = ["x", "y"]\ntalk "{length(a)}"', "2"),
        ('let a = null\ntalk "a{a}b"', "ab"),
        ('talk "{{a}} {"{{"}"', "{a} {"),
        ('let a = "x"\ntalk """\n    {a}\n      {a}\n    """', "x\n  x"),
    ],
)
def test_what_is_said(text: str, expected: str) -> None:
    assert said(text) == expected


def test_what_is_read_into_ssml_is_no_markup() -> None:
    text = 'let a = "<b> & \\"c\\""\ntalk "<speak>{a}</speak>"'
    assert said(text) == "<speak>&lt;b&gt; &amp; &quot;c&quot;</speak>"


def test_what_is_read_into_plain_speech_stays_as_it_is() -> None:
    assert said('let a = "Pedal & Spoke"\ntalk "This is {a}."') == "This is Pedal & Spoke."


def test_what_is_read_into_an_address_is_one_part_of_it() -> None:
    text = 'param server: url = "https://a.example.com"\nlet a = "x/y?z=ä &"\nnotify "{server}/{a}?q={a}" payload: { "a": "{a}" }'
    action = compiled(text)[0]
    assert action["eventUrl"] == ["https://a.example.com/x%2Fy%3Fz%3D%C3%A4%20%26?q=x%2Fy%3Fz%3D%C3%A4%20%26"]
    assert action["payload"] == {"a": "x/y?z=ä &"}


def test_json_and_raw_hold_expressions() -> None:
    text = 'let a = [1, 2]\nlet k = "key"\nraw { "action": "talk", "text": "x", "{k}": { "a": a, "b": a[1] + 1 } }'
    assert compiled(text)[0]["key"] == {"a": [1, 2], "b": 3}


# ── Params ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "given", "use", "expected"),
    [
        ("text", "you", 'talk "{x}"', {"text": "you"}),
        ("number", "3", 'talk "a" loop: x', {"loop": 3}),
        ("number", 3, 'talk "a" loop: x', {"loop": 3}),
        ("bool", "true", 'talk "a" premium: x', {"premium": True}),
        ("bool", False, 'talk "a" premium: x', {"premium": False}),
        ("phone", "+44 20 7946 0123", "connect phone x", {"endpoint": [{"type": "phone", "number": "442079460123"}]}),
        ("url", "https://a.example.com/x.mp3", "stream x", {"streamUrl": ["https://a.example.com/x.mp3"]}),
        ("duration", "2m", "record { timeout: x; end_on_key: # }", {"timeOut": 120}),
        ("language", "nl-NL", 'talk "a" language: x', {"language": "nl-NL"}),
        ("key", "#", "record end_on_key: x", {"endOnKey": "#"}),
        ("list", "[1]", 'notify "https://a.example.com" payload: { "a": x }', {"payload": {"a": [1]}}),
        ("table", {"b": 1}, 'notify "https://a.example.com" payload: x', {"payload": {"b": 1}}),
    ],
)
def test_a_param_of_each_type(kind: str, given: Any, use: str, expected: dict[str, Any]) -> None:
    action = compiled(f"param x: {kind}\n{use}", x=given)[0]
    assert {key: action[key] for key in expected} == expected


def test_what_is_given_goes_before_the_default() -> None:
    text = 'param a: text = "default"\ntalk "{a}"'
    assert said(text) == "default"
    assert said(text, a="given") == "given"


def test_a_wrong_value_is_told_with_its_place() -> None:
    source = Source("ncco.toml", '[profiles.live.params]\ndesk = "020"\n')
    given = Given("020", 'profile "live"', source, Span(23, 27))
    (message,) = refused("param desk: phone\nconnect phone desk", desk=given)
    assert message == ('profile "live" (ncco.toml:2:1): desk needs a value of type phone, not "020"')


def test_a_value_of_the_environment_is_never_shown() -> None:
    given = Given("hunter2", 'profile "live"', Source("ncco.toml", "x"), Span(0, 1), from_env=True)
    messages = refused("param desk: phone\nconnect phone desk", desk=given)
    assert "hunter2" not in str(messages)


@pytest.mark.parametrize("value", ["1e999", "9" * 5_000, "[" * 5_000, "{", "", "\ud800", "not a number"])
@pytest.mark.parametrize("kind", ["number", "list", "table", "duration", "key", "language", "phone", "url", "bool"])
def test_no_value_raises(kind: str, value: str) -> None:
    given = {"x": Given(value, "-p x")}
    assert compile_text(f'param x: {kind}\ntalk "a{{x}}"', options=CompileOptions(params=given)).ncco is None


# ── Defaults ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_language_is_spoken_and_a_line_is_about_its_language() -> None:
    text = """
    default talk en-GB style: 2 premium
    default talk nl-NL style: 4
    default talk level: 0.5
    talk "a"
    talk "b" language: nl-NL
    talk "c" language: de-DE level: 1 style: 0
    talk "d" premium: false
    """
    assert [
        {key: value for key, value in action.items() if key not in ("action", "text")} for action in compiled(text)
    ] == [
        {"language": "en-GB", "style": 2, "premium": True, "level": 0.5},
        {"language": "nl-NL", "style": 4, "level": 0.5},
        {"language": "de-DE", "level": 1, "style": 0},
        {"premium": False, "language": "en-GB", "style": 2, "level": 0.5},
    ]


@pytest.mark.parametrize(
    ("value", "idle"), [("nl-NL", ["fr-FR"]), ("(default(call.user, tongue))", []), ("(tongue)", ["nl-NL"])]
)
def test_a_default_is_taken_in_a_language_that_a_call_sets(value: str, idle: list[str]) -> None:
    text = f"""
    param tongue: language = fr-FR
    default talk en-GB style: 2
    default talk nl-NL style: 4
    default talk fr-FR style: 5
    step start {{ set language = {value}; talk "a {{tongue}}"; hangup }}
    """
    found = compile_text(text).diagnostics
    tags = [text[slice(*each.span)].split()[2] for each in found if each.rule.name == "idle-default"]
    assert tags == idle


def test_a_default_goes_to_every_form_or_to_one() -> None:
    text = """
    param me: phone = "+44 20 7946 0123"
    default connect from: me timeout: 20s
    default connect phone limit: 1h
    connect phone "+44 20 7946 0124"
    connect app "anna" timeout: 5s
    """
    phone, app = compiled(text)
    assert (phone["from"], phone["timeout"], phone["limit"]) == ("442079460123", 20, 3600)
    assert (app["from"], app["timeout"], "limit" in app) == ("442079460123", 5, False)


# ── Addresses and words ────────────────────────────────────────────────────────────────────────────────


def test_an_address_that_begins_with_a_slash_is_below_the_base_url() -> None:
    action = compiled('record event_url: "/a/{1 + 1}" end_on_key: #', base_url="https://x.example.com/y/")[0]
    assert action["eventUrl"] == ["https://x.example.com/y/a/2"]


def test_what_is_wrong_with_the_base_url_has_no_mend_in_the_flow() -> None:
    options = CompileOptions(base_url="http://x.example.com")
    (found,) = compile_text('record event_url: "/a" end_on_key: #', options=options).diagnostics
    assert (found.rule.code, found.fix) == ("F320", None)


@pytest.mark.parametrize("level", ["off", "warning"])
@pytest.mark.parametrize("word", ["F330", "no-such-verb"])
def test_what_stops_a_compile_stays_an_error(word: str, level: Level) -> None:
    options = CompileOptions(check=CheckOptions(levels={word: level}))
    result = compile_text('tlak "a"', options=options)
    assert result.ncco is None
    assert [(found.rule.code, found.severity) for found in result.diagnostics] == [("F330", "error")]


def test_one_run_tells_of_the_statements_that_are_right_as_well() -> None:
    text = 'tlak "a"\ntalk "Call 1234567 now." language: en-UK\ntalk "x" levle: 1\nstream "http://example.com/a.mp3"\n'
    found = compile_text(text).diagnostics
    assert {each.rule.code for each in found} == {"F330", "F609", "F318", "F331", "F320"}


def test_a_word_is_the_options_own_before_it_is_a_name() -> None:
    text = 'let mp3 = "wav"\nlet kind = "ogg"\nlet app = "anna"\nrecord { format: mp3; end_on_key: # }\nrecord { format: kind; end_on_key: # }\nconnect app app\ntalk "{mp3}"'
    actions = compiled(text)
    assert [actions[0]["format"], actions[1]["format"]] == ["mp3", "ogg"]
    assert actions[2]["endpoint"] == [{"type": "app", "user": "anna"}]


# ── What names are made of ─────────────────────────────────────────────────────────────────────────────


def codes(text: str, **given: Given) -> list[str]:
    return [finding.rule.code for finding in compile_text(text, options=CompileOptions(params=given)).diagnostics]


def test_names_made_of_those_above_them_make_a_chain_of_any_length() -> None:
    chain = "".join(f'let a{number + 1} = "{{a{number}}}"\n' for number in range(5_000))
    assert said('let a0 = "x"\n' + chain + "talk a5000") == "x"


def test_a_long_chain_the_other_way_round_is_one_finding() -> None:
    chain = "".join(f'let a{number} = "{{a{number + 1}}}"\n' for number in range(5_000))
    assert codes(chain + 'let a5000 = "x"\ntalk a0') == ["F209"]


def test_what_only_an_unused_name_reads_is_unused() -> None:
    assert codes('let a = "x"\nlet b = "{a}"\ntalk "y"') == ["F203", "F203"]
    assert codes('let a = "x"\nlet b = "{a}"\ntalk b') == []


def test_a_profile_may_give_more_than_a_file_takes() -> None:
    toml = Source("ncco.toml", 'desk = "x"')
    assert codes('talk "a"', desk=Given("x", 'profile "live"', toml, Span(0, 4))) == []
    assert codes('talk "a"', desk=Given("x", "-p desk")) == ["F208"]


def test_a_param_whose_default_cannot_be_read_is_still_declared() -> None:
    assert codes('param desk: phone = +44 20 7946 0123\ntalk "{desk | phone}"\nconnect phone desk') == ["F120"]


def test_the_value_of_a_secret_is_never_shown() -> None:
    text = 'param pin: secret\ntalk "{pin}"\nnotify "https://a.example.com/{pin}" payload: { "pin": pin }'
    given = {"pin": Given("hunter2", "-p pin")}
    found = compile_text(text, options=CompileOptions(params=given)).diagnostics
    assert [finding.rule.code for finding in found] == ["F222"]
    assert "hunter2" not in str([(finding.message, finding.hint, finding.fix) for finding in found])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('let a = "x"\ntalk "{a | digits}"', '"x" has no digits, so digits cannot read it out'),
        (
            'let a = "12"\ntalk "{a | phone}"',
            '"12" is not an international telephone number, so phone cannot read it out',
        ),
        ('let a = 1\ntalk "{a / 0}"', "nothing can be divided by 0"),
        ('let a = [1]\ntalk "{a[1]}"', "there is no item 1 in this list"),
        ('let a = [1]\ntalk "{a[-1]}"', "there is no item -1 in this list"),
        ('let a = "{b}"\nlet b = "{a}"\ntalk a', "a is made of itself, by way of b"),
        ('let a = "{a}"\ntalk a', "a is made of itself"),
        ('record event_url: "/a" end_on_key: #', "this address is below a base URL, and there is none"),
    ],
)
def test_what_cannot_be_known(text: str, message: str) -> None:
    assert message in refused(text)


@pytest.mark.parametrize("value", ["9" * 5_000, "-" + "9" * 299, "1e300", 10**4_000, -0.0, 1e308, float("inf")])
@pytest.mark.parametrize(
    "use", ['talk "{x * x}"', 'talk "{x / 3}"', "wait x", 'talk "a" loop: x', 'talk "{-x | digits}"']
)
def test_giants(value: Any, use: str) -> None:
    options = CompileOptions(params={"x": Given(value, "-p x")})
    for finding in compile_text(f"param x: number\n{use}", options=options).diagnostics:
        assert finding.message


def test_deep_and_broken_json_in_a_param() -> None:
    for kind in ("list", "table"):
        for value in ('{"a":' * 90 + "1" + "}" * 90, "[" * 120 + "]" * 120, '{"a": 1, "a": 2}', "[1] x", "[NaN]"):
            options = CompileOptions(params={"x": Given(value, "-p x")})
            compile_text(f'param x: {kind}\nnotify "https://a.example.com" payload: {{ "x": x }}', options=options)
