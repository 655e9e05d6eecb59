"""The deploying half of `ncco.toml`: its meaning, its mistakes, missing settings, and what messages never show."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ncco_lang import __version__
from ncco_lang.api import emulated
from ncco_lang.api.types import Settings
from ncco_lang.cli.project_templates import TEMPLATES
from ncco_lang.cli.render import render_text
from ncco_lang.diagnostics import Diagnostic
from ncco_lang.project.config import CONFIG_NAME, Config, parse_config
from ncco_lang.project.params import Given
from ncco_lang.project.profiles import DEPLOYING, read_params
from ncco_lang.project.targets import AppTarget, Reference, Target, read_target, with_params
from ncco_lang.project.toml_secrets import hide_secrets
from ncco_lang.resources import load_json_resource
from ncco_lang.source import Source
from ncco_lang.values.phone import number_verdict

VONAGE = """\
[profiles.live]
provider = "vonage"
base_url = "https://calls.example.com/"
params = { company = "all", desk = "env:DESK" }

[profiles.live.credentials]
api_key = "env:VONAGE_API_KEY"
api_secret = "file:secrets/vonage"

[profiles.live.documents]
store = "public/ncco"
url = "https://static.example.com/ncco/"

[profiles.live.applications.main]
flow = "main.flow"
name = "Pedal and Spoke"
numbers = ["+31 20 123 4567", "0031 (0)30 123 4567"]
params.company = "main"
answer_method = "GET"
event_url = "/events?a=1"
event_method = "POST"
fallback_url = "https://other.example.com/fallback"
fallback_method = "GET"
answer_connect_timeout = 500
answer_socket_timeout = 3000.0
event_connect_timeout = 300
event_socket_timeout = 10000
fallback_connect_timeout = 1000
fallback_socket_timeout = 1000
region = "eu-west"
signed_callbacks = true
conversations_ttl = 0
leg_persistence_time = 31
private_key = "file:~/main.pem"

[profiles.live.applications.night]
flow = "night/main.flow"
"""
KPN = """\
[profiles.kpn]
provider = "kpn"
base_url = "https://calls.example.com"
credentials = { client_id = "env:KPN_CLIENT_ID", client_secret = "env:KPN_CLIENT_SECRET" }
documents = { store = "s3://bucket/ncco", url = "https://static.example.com/ncco" }
api = { address = "https://api-test.example.com/kpn/", ca = "certs/ca.pem", connect_timeout = 250, read_timeout = 2000 }
state = "states/kpn.json"
keys = "/var/keys"
applications.main = { flow = "main.flow", event_url = "/events" }
"""


def parsed(text: str) -> tuple[Config, list[Diagnostic]]:
    return parse_config(Source("ncco.toml", text), __version__, lambda word: True, lambda word: None)


def config_of(text: str) -> Config:
    config, found = parsed(text)
    assert found == []
    return config


def target_of(text: str, name: str) -> Target:
    target, found = read_target(config_of(text).profiles[name])
    assert found == []
    assert target is not None
    return target


def lacks(text: str, name: str = "live", *, deploying: bool = True) -> list[str]:
    """Return what a profile lacks: `LINE: message (hint)`."""
    target, found = read_target(config_of(text).profiles[name], deploying=deploying)
    assert (target is None) is bool(found)
    return [f"{each.source.position(each.span.start).line}: {each.message} ({each.hint})" for each in found]


# ── Meaning ────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_that_can_be_said_for_vonage() -> None:
    target = target_of(VONAGE, "live")
    assert (target.provider, target.store) == ("vonage", "public/ncco")
    assert target.documents_url == "https://static.example.com/ncco"
    assert target.credentials == {
        "api_key": Reference("env", "VONAGE_API_KEY"),
        "api_secret": Reference("file", "secrets/vonage"),
    }
    assert (target.address, target.ca, target.emulator) == (None, None, False)
    assert (target.connect, target.read) == (5.0, 30.0)
    assert (target.state, target.keys) == (".ncco/live.state.json", ".ncco/keys")
    main = target.applications["main"]
    assert main == AppTarget(
        key="main",
        flow="main.flow",
        name="Pedal and Spoke",
        numbers=("31201234567", "31301234567"),
        settings={
            "answer_method": "GET",
            "event_url": "https://calls.example.com/events?a=1",
            "event_method": "POST",
            "fallback_url": "https://other.example.com/fallback",
            "fallback_method": "GET",
            "answer_connect_timeout": 500,
            "answer_socket_timeout": 3000,
            "event_connect_timeout": 300,
            "event_socket_timeout": 10000,
            "fallback_connect_timeout": 1000,
            "fallback_socket_timeout": 1000,
            "region": "eu-west",
            "signed_callbacks": True,
            "conversations_ttl": 0,
            "leg_persistence_time": 31,
        },
        params=main.params,
        private_key=Reference("file", "~/main.pem"),
        span=main.span,
    )
    # Each of them is a setting of the API, and none has become a float.
    assert Settings(**main.settings).answer_socket_timeout == 3000
    assert isinstance(main.settings["answer_socket_timeout"], int)
    assert VONAGE[main.span.start : main.span.end] == "profiles.live.applications.main"
    night = target.applications["night"]
    assert (night.name, night.numbers, night.settings, night.private_key) == ("night", (), {}, None)


def test_everything_that_can_be_said_for_kpn() -> None:
    target = target_of(KPN, "kpn")
    assert target.credentials == {
        "client_id": Reference("env", "KPN_CLIENT_ID"),
        "client_secret": Reference("env", "KPN_CLIENT_SECRET"),
    }
    assert (target.store, target.address) == ("s3://bucket/ncco", "https://api-test.example.com/kpn")
    assert (target.ca, target.connect, target.read) == ("certs/ca.pem", 0.25, 2.0)
    assert (target.state, target.keys) == ("states/kpn.json", "/var/keys")
    assert target.applications["main"].settings == {"event_url": "https://calls.example.com/events"}


def test_params_of_an_application_stand_above_those_of_the_profile() -> None:
    target = target_of(VONAGE, "live")
    given, unset = read_params(with_params(target.profile, target.applications["main"]), {"DESK": "x"}.get)
    values: Mapping[str, Given] = given
    assert unset == []
    assert {name: each.value for name, each in values.items()} == {"company": "main", "desk": "x"}
    place = values["company"].span
    assert place is not None
    assert VONAGE[: place.start].count("\n") == 17
    given, _ = read_params(with_params(target.profile, target.applications["night"]), {"DESK": "x"}.get)
    assert given["company"].value == "all"


def test_the_emulator_needs_no_credentials() -> None:
    text = re.sub(
        r"(?s)\[profiles.live.credentials\].*?\n\n", '[profiles.live.api]\nemulator = "http://[::1]:4580"\n', VONAGE
    )
    target = target_of(text, "live")
    assert (target.emulator, target.address, target.credentials) == (True, "http://[::1]:4580", {})


def test_the_schema_marks_what_each_provider_has() -> None:
    definitions = load_json_resource("schemas/ncco-toml.schema.json")["definitions"]
    application = definitions["application"]["properties"]
    # Settings with a name of the API's, and our own.
    names = set(Settings.__dataclass_fields__) - {"answer_url", "public_key"}
    assert set(application) == names | {"flow", "numbers", "params", "private_key"}
    at_kpn = {name for name, schema in application.items() if schema.get("x-provider", "kpn") == "kpn"}
    # KPN's form has these (voice-api.md B4), besides our own.
    assert at_kpn == {"flow", "name", "numbers", "params", "answer_method", "event_url", "event_method"}
    assert definitions["api"]["properties"]["connect_timeout"]["default"] == 1000 * target_of(VONAGE, "live").connect
    assert definitions["api"]["properties"]["read_timeout"]["default"] == 1000 * target_of(VONAGE, "live").read
    profile = load_json_resource("schemas/ncco-toml.schema.json")["properties"]["profiles"]["additionalProperties"]
    assert set(profile["properties"]) == DEPLOYING | {"base_url", "joins", "mixed_barge_in", "provider", "params"}


def test_the_emulators_numbers_can_exist() -> None:
    assert [number_verdict(number) for number in emulated.NUMBERS] == ["assigned"] * len(emulated.NUMBERS)


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_init_writes_says_all_once_it_is_filled_in(template: str) -> None:
    settings = TEMPLATES[template].files[CONFIG_NAME]
    local = target_of(settings, "local")
    assert (local.address, local.emulator) == (emulated.ADDRESS, True)
    assert set(local.applications["main"].numbers) <= set(emulated.NUMBERS)
    # Commented settings are written without a blank after the #.
    filled = re.sub(r"(?m)^#(?=[\[a-z])", "", settings)
    assert [target_of(filled, name).provider for name in ("local", "live", "kpn")] == ["vonage", "vonage", "kpn"]
    main = target_of(filled, "live").applications["main"]
    assert main.name != main.key
    assert main.numbers
    assert main.params
    assert {"region", "answer_connect_timeout", "answer_socket_timeout", "signed_callbacks"} <= main.settings.keys()
    # ncco serve has an event webhook of its own.
    assert ("event_url" in main.settings) == (template != "menu")


# ── Missing settings ───────────────────────────────────────────────────────────────────────────────────


def test_what_a_profile_lacks() -> None:
    # A profile that only compiles is valid; these are reported when it is deployed.
    assert lacks("\n[profiles.live]\nparams = {}\n") == [
        '2: profile "live" does not say who the provider is (write provider = "vonage" or provider = "kpn")',
        '2: profile "live" does not say where its documents go '
        "(write below [profiles.live.documents] a store and its url)",
        '2: profile "live" has no applications (begin one with [profiles.live.applications.main] and flow = "main.flow")',
    ]
    assert lacks('[profiles.live]\nprovider = "kpn"\ncredentials = { client_id = "env:A" }\n', deploying=False) == [
        '3: profile "live" lacks client_secret for KPN '
        '(write below [profiles.live.credentials] client_secret = "env:KPN_CLIENT_SECRET")'
    ]
    assert lacks('[profiles.live]\nprovider = "vonage"\n', deploying=False) == [
        '1: profile "live" lacks api_key and api_secret for Vonage (write below [profiles.live.credentials] '
        'api_key = "env:VONAGE_API_KEY" and api_secret = "env:VONAGE_API_SECRET")'
    ]


def test_who_only_asks_the_provider_needs_no_documents() -> None:
    text = '[profiles.live]\nprovider = "kpn"\ncredentials = { client_id = "env:A", client_secret = "env:B" }\n'
    target, found = read_target(config_of(text).profiles["live"], deploying=False)
    assert found == []
    assert target is not None
    assert (target.store, target.documents_url, target.applications) == ("", "", {})


def test_what_an_application_lacks() -> None:
    text = KPN.replace('base_url = "https://calls.example.com"\n', "").replace(
        'event_url = "/events" }\n',
        'event_url = "/events", numbers = [\n"+31 20 123 4567", "+31 20 123 4567 890" ] }\napplications.b = { flow = "b" }\n',
    )
    assert lacks(text, "kpn") == [
        "8: event_url is below base_url, and there is none "
        "(write base_url below [profiles.kpn], or the whole address here)",
        '8: no telephone number can be "+31 20 123 4567 890" (check the number of digits after the country code)',
        '10: b has no event_url, and KPN needs one (write event_url = "/events", which is below base_url)',
    ]


# ── Mistakes ───────────────────────────────────────────────────────────────────────────────────────────


def wrong(text: str) -> list[str]:
    """Return what is wrong in a text: `LINE:COLUMN message (hint)`."""
    config, found = parsed(text)
    assert bool(found) == bool(config.wrong)
    lines = []
    for each in found:
        place = each.source.position(each.span.start)
        lines.append(f"{place.line}:{place.column} {each.rule.code} {each.message} ({each.hint})")
    return lines


APP = "[profiles.p.applications.a]\nflow = 'a'\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (APP + "nmae = 1\n", '3:1 F801 there is no setting "nmae" here (did you mean "name"?)'),
        ("[profiles.p.applications.a]\n", "1:2 F801 profiles.p.applications.a does not say its flow (write flow = "),
        ("[profiles.p.documents]\nstore = 'x'\n", "1:2 F801 profiles.p.documents does not say its url (write url = "),
        (
            "[profiles.p.applications.'a b']\nflow = 'a'\n",
            '1:2 F801 "a b" is not a name for an application (use letters',
        ),
        ("[profiles.p.applications]\na = 1\n", "2:1 F801 profiles.p.applications.a takes an object, not a number"),
        (APP + "answer_connect_timeout = 299\n", "cannot be 299 (write 300 to 1000 milliseconds)"),
        (APP + "event_connect_timeout = '1s'\n", "takes a whole number, not a text (write 300 to 1000 millisec"),
        (APP + "answer_socket_timeout = 5001\n", "cannot be 5001 (write 1000 to 5000 milliseconds)"),
        (APP + "event_socket_timeout = 10001\n", "cannot be 10001 (write 1000 to 10000 milliseconds)"),
        (APP + "conversations_ttl = 9001\n", "cannot be 9001 (write 0 to 9000 hours)"),
        (APP + "leg_persistence_time = 0\n", "cannot be 0 (write 1 to 31 days)"),
        (APP + "region = 'eu'\n", 'cannot be "eu" (write "na-east"'),
        (APP + "event_method = 'PUT'\n", 'cannot be "PUT" (write "GET" or "POST")'),
        (APP + "event_url = 'events'\n", 'cannot be "events" (write an http or https address without # and password'),
        (APP + "name = ' '\n", 'cannot be " " (write a name, on one line)'),
        (
            APP + "numbers = ['020 123 4567']\n",
            '3:1 F801 "020 123 4567" is not an international telephone number (write',
        ),
        (APP + "numbers = '+31 20 123 4567'\n", "numbers takes a list, not a text"),
        (
            APP + "numbers = ['+31201234567', '0031 20 1234567']\n",
            '"0031 20 1234567" is twice here (keep it in one application',
        ),
        (
            APP
            + "numbers = ['+31201234567']\n[profiles.p.applications.b]\nflow = 'b'\nnumbers = ['+31 20 123 4567']\n",
            '6:1 F801 "+31 20 123 4567" is in the application "a" too',
        ),
        (APP + "params.A = 1\n", '3:1 F801 "A" is not a name for a param'),
        (APP + "params.a = 'env:'\n", "3:1 F801 the name of an environment variable follows"),
        (
            "[profiles.p.documents]\nurl = 'https://x.example/?a'\nstore = 'a'\n",
            "2:1 F801 profiles.p.documents.url cann",
        ),
        ("[profiles.p]\nstate = ''\n", '2:1 F801 profiles.p.state cannot be "" (write a path'),
        ("[profiles.p.api]\nread_timeout = 0\n", "cannot be 0 (write 1000 to 600000 milliseconds)"),
        ("[profiles.p.api]\nemulator = 'http://10.0.0.1:4580'\n", "2:1 F801 emulator is http, so others can read"),
        (
            "[profiles.p.api]\nemulator = 'http://127.0.0.1.example.com'\n",
            "2:1 F801 emulator is http, so others can read",
        ),
        ("[profiles.p.api]\naddress = 'http://api.nexmo.com'\n", "2:1 F801 address is http, so others can read"),
        ("[profiles.p.api]\naddress = 'https://api.nexmo.com:99999'\n", "write an address with a host"),
        (
            "[profiles.p.api]\nemulator = 'localhost:4580'\n",
            '2:1 F801 profiles.p.api.emulator cannot be "localhost:4580" (write "http://localhost:4580")',
        ),
        ("[profiles.p.api]\naddress = 'http://[::1'\n", "write an address with a host"),
        (
            "[profiles.p.api]\naddress = 'https://a.example'\nemulator = 'https://b.example'\n",
            "2:1 F801 emulator says the address already (leave out one of the two)",
        ),
        (
            "[profiles.p.api]\nemulator = 'http://localhost:1'\n[profiles.p.credentials]\napi_key = 'env:A'\n",
            "3:2 F801 the emulator has credentials of its own",
        ),
        (
            "[profiles.p]\nprovider = 'kpn'\n" + APP + "region = 'eu-west'\n",
            "5:1 F801 region is a setting of Vonage, and this profile is for KPN (leave it out)",
        ),
        (
            "[profiles.p]\nprovider = 'vonage'\ncredentials.client_id = 'env:A'\n",
            "3:1 F801 client_id is a setting of KPN, and this profile is for Vonage (leave it out)",
        ),
        (
            "[profiles.p]\nprovider = 'kpn'\ncredentials.signature_secret = 'env:A'\n",
            "3:1 F801 signature_secret is a setting of Vonage, and this profile is for KPN",
        ),
    ],
    ids=lambda value: value[-40:],
)
def test_what_is_wrong_is_found_where_it_stands(text: str, expected: str) -> None:
    (found,) = wrong(text)
    assert expected in found


def test_shapes_that_are_all_wrong_raise_nothing() -> None:
    # The provider is reported in every case.
    for value in ("1", "[1]", "[[]]", "'x'", "true", "{ x = 1 }", "{ a = [1] }", "{ a = { b = 1 } }", "1979-05-27"):
        for name in sorted(DEPLOYING):
            assert wrong(f"[profiles.p]\nprovider = [1]\n{name} = {value}\n"), (name, value)
        for name in ("numbers", "params", "flow", "event_url", "private_key"):
            wrong(f"[profiles.p]\nprovider = 'kpn'\n[profiles.p.applications.a]\n{name} = {value}\n")
        for name in ("emulator", "address", "ca", "read_timeout"):
            wrong(f"[profiles.p.api]\n{name} = {value}\n")


# ── Never shown ────────────────────────────────────────────────────────────────────────────────────────

SECRET = "hunter2hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f'[profiles.p.credentials]\napi_secret = "{SECRET}"\n',
        f"[profiles.p.credentials]\napi_secrt = '{SECRET}'\n",
        f'[profiles.p.credentials]\nfoo = "{SECRET}"\n',
        f'[profiles.p]\ncredentials = {{ api_key = "env:A", foo = "{SECRET}" }}\n',
        f'[profiles.p]\ncredentials = "{SECRET}"\n',
        f'[profiles.p]\ncredentials.api_secret = "{SECRET}"\n',
        f'[profiles.p]\napi_secret = "{SECRET}"\n',
        f'client_secret = "{SECRET}"\n',
        f"[profiles.p.credentials]\napi_secret = [ '{SECRET}' ]\n",
        f'[profiles.p.credentials]\napi_secret = "env:{SECRET}!"\n',
        f'[profiles.p.credentials]\napi_secret = """{SECRET}"""\n',
        f"[profiles.p.credentials]\napi_secret = '''{SECRET}\n{SECRET}'''\n",
        f"{APP}private_key = '''\n-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n'''\n",
        # A quote or an equals sign is missing, so it is not TOML.
        f'[profiles.p.credentials]\napi_secret = "{SECRET}\n',
        f"[profiles.p.credentials]\napi_secret = {SECRET}\n",
        f'[profiles.p.credentials]\napi_secret "{SECRET}"\n',
        f'[profiles.p]\napi_secret "{SECRET}"\n',
        f"[profiles.p.credentials]\napi_secret = '''\n{SECRET}\n",
        f'[ profiles."p".credentials ] # see\n{SECRET}\n',
        # Passwords in addresses.
        f'[profiles.p.documents]\nurl = "https://x.example"\nstore = "sftp://me:{SECRET}@x.example/a"\n',
        f'[profiles.p.documents]\nstore = "a"\nurl = "https://me:{SECRET}@x.example/a"\n',
        f'{APP}event_url = "https://me:{SECRET}@x.example/a"\n',
        f'[profiles.p.api]\naddress = "https://me:{SECRET}@x.example"\n',
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_shown(text: str) -> None:
    for written in (text, text.replace("\n", "\r\n")):
        _, found = parsed(written)
        assert found
        shown = render_text(found)
        assert SECRET not in shown
        assert all(SECRET not in f"{each.message} {each.hint} {each.facts} {each.source.text}" for each in found)
        # The places are those of the text itself.
        assert all(len(each.source.text) == len(written) for each in found)


def test_a_secret_in_the_file_gets_words_that_help() -> None:
    _, found = parsed(f'[profiles.p.credentials]\napi_key = "env:KEY"\napi_secret = "{SECRET}"\n')
    assert render_text(found) == (
        "ncco.toml:3:1: error F801 invalid-setting: profiles.p.credentials.api_secret names the place of a "
        "secret, not the secret itself\n"
        "  3 | api_secret = ****************\n"
        "    | ^^^^^^^^^^\n"
        '    = hint: write "env:VONAGE_API_SECRET" or "file:PATH", and keep the secret there\n'
    )


def test_what_is_no_secret_is_shown() -> None:
    text = "[check]\nprovidr = 'kpn' # note\n\n[profiles.p]\nbase_url = 'https://a.example/b'\n"
    assert hide_secrets(text) == text
    assert hide_secrets("[a.credentials]\nkey = \"env:A\"\nb = 'file:x y' # old\n") == (
        "[a.credentials]\nkey = \"env:A\"\nb = 'file:x y' * ***\n"
    )


@given(
    st.lists(
        st.sampled_from(
            ["credentials", "[", "]", "=", '"', "'", '"""', "\n", "\r", "a", " ", "env:A", "#", "://", "@"]
        ),
        max_size=30,
    )
)
def test_what_is_hidden_keeps_its_place(pieces: list[str]) -> None:
    text = "".join(pieces)
    hidden = hide_secrets(text)
    assert len(hidden) == len(text)
    assert all(old in (new, *"\r\n") or new == "*" for old, new in zip(text, hidden, strict=True))
    assert Source("", hidden).line_starts == Source("", text).line_starts


def test_a_target_shows_no_secret() -> None:
    target = target_of(VONAGE, "live")
    assert str(target.credentials["api_secret"]) == "file:secrets/vonage"
    # The profile's whole table stays out of it as well.
    assert "table" not in repr(target)
