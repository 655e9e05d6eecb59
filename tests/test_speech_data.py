"""`schemas/speech.json` is consistent with itself, with babel and, if available, with its sources."""

import json
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict, get_args

import pytest
from babel import Locale

from ncco_lang.vocabulary.legacy_table import elsewhere

TESTS = Path(__file__).resolve().parent
FILE = TESTS.parent / "schemas" / "speech.json"
# The collected facts are next to the project, not in it: a plain checkout has none.
REFERENCE = TESTS.parents[1] / "shared" / "reference"

Status = Literal["premium-only", "styles-unknown", "alias", "withdrawn"]


class Defaults(TypedDict):
    language: str
    style: int
    premium: bool
    recogniser: str


class Voice(TypedDict):
    name: str
    styles: list[int]
    premium: list[int]
    no_ssml: NotRequired[list[int]]
    removed: NotRequired[list[int]]
    babel: str | None
    recogniser: str | None
    status: NotRequired[Status]
    use: NotRequired[str]


class Recogniser(TypedDict):
    name: str
    babel: str | None


class Spellings(TypedDict):
    voice: dict[str, str]
    recogniser: dict[str, str]


class LegacyVoice(TypedDict):
    language: str
    style: int


class Speech(TypedDict):
    title: str
    description: str
    defaults: Defaults
    voices: dict[str, Voice]
    recognisers: dict[str, Recogniser]
    spellings: Spellings
    legacy_voices: dict[str, LegacyVoice | None]
    kpn_voices: list[str]


def unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object, but refuse a duplicate key, where `json` would drop the first."""
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), sorted(key for key in keys if keys.count(key) > 1)
    return dict(pairs)


TEXT = FILE.read_text(encoding="utf-8")
SPEECH: Speech = json.loads(TEXT, object_pairs_hook=unique_keys)
VOICES = SPEECH["voices"]
RECOGNISERS = SPEECH["recognisers"]

each_voice = pytest.mark.parametrize(("tag", "voice"), VOICES.items(), ids=VOICES)
each_recogniser = pytest.mark.parametrize(("tag", "recogniser"), RECOGNISERS.items(), ids=RECOGNISERS)


# ── Shape ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_file_has_these_parts_in_this_order() -> None:
    assert list(SPEECH) == list(Speech.__annotations__)
    assert SPEECH["title"]
    assert SPEECH["description"].count(". ") <= 1, "one or two sentences"
    assert SPEECH["defaults"].keys() == Defaults.__annotations__.keys()
    assert SPEECH["spellings"].keys() == Spellings.__annotations__.keys()


def test_a_change_to_one_language_is_a_change_to_one_line() -> None:
    assert TEXT.endswith("}\n")
    assert not TEXT.endswith("\n\n")
    entries: list[dict[str, Any]] = [
        dict(VOICES),
        dict(RECOGNISERS),
        dict(SPEECH["spellings"]),
        dict(SPEECH["legacy_voices"]),
    ]
    expected = [
        f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
        for entry in entries
        for key, value in entry.items()
    ]
    expected += [f"    {json.dumps(name)}" for name in SPEECH["kpn_voices"]]
    assert [line.removesuffix(",") for line in TEXT.splitlines() if line.startswith("    ")] == expected


def test_the_defaults_exist() -> None:
    defaults = SPEECH["defaults"]
    voice = VOICES[defaults["language"]]
    assert defaults["style"] in (voice["premium"] if defaults["premium"] else voice["styles"])
    assert defaults["recogniser"] in RECOGNISERS


@each_voice
def test_a_voice_has_its_fields_and_no_others(tag: str, voice: Voice) -> None:
    assert voice.keys() >= Voice.__required_keys__
    assert voice.keys() <= Voice.__required_keys__ | Voice.__optional_keys__
    in_order = [key for key in Voice.__annotations__ if key in voice]
    assert list(voice) == in_order
    assert voice["name"]


@each_voice
def test_style_numbers_are_sorted_and_stand_once(tag: str, voice: Voice) -> None:
    empty: list[int] = []
    no_ssml, removed = voice.get("no_ssml", empty), voice.get("removed", empty)
    for numbers in (voice["styles"], voice["premium"], no_ssml, removed):
        assert all(type(number) is int and number >= 0 for number in numbers)
        assert numbers == sorted(set(numbers))
    # An empty list of these two is left out.
    assert voice.get("no_ssml") != []
    assert voice.get("removed") != []
    assert set(no_ssml) <= set(voice["styles"])
    assert set(removed).isdisjoint({*voice["styles"], *voice["premium"]})


@each_voice
def test_the_status_tells_why_a_voice_is_unlike_the_others(tag: str, voice: Voice) -> None:
    status = voice.get("status")
    assert status is None or status in get_args(Status)
    assert (status == "premium-only") == (not voice["styles"] and bool(voice["premium"]))
    assert (status in {"styles-unknown", "withdrawn"}) == (not voice["styles"] and not voice["premium"])
    assert (status == "withdrawn") == (not voice["styles"] and "removed" in voice)


@each_voice
def test_only_an_alias_or_a_withdrawn_voice_names_the_tag_to_use(tag: str, voice: Voice) -> None:
    assert ("use" in voice) == (voice.get("status") in {"alias", "withdrawn"})
    if "use" in voice:
        assert "status" not in VOICES[voice["use"]]


@each_recogniser
def test_a_recogniser_has_its_fields_and_no_others(tag: str, recogniser: Recogniser) -> None:
    assert list(recogniser) == list(Recogniser.__annotations__)
    assert recogniser["name"]


def test_tags_differ_in_more_than_case() -> None:
    assert len({tag.lower() for tag in VOICES}) == len(VOICES)
    assert len({tag.lower() for tag in RECOGNISERS}) == len(RECOGNISERS)


def test_a_wrong_spelling_leads_to_a_tag_and_is_none_itself() -> None:
    for tags, spellings in (
        (VOICES.keys(), SPEECH["spellings"]["voice"]),
        (RECOGNISERS.keys(), SPEECH["spellings"]["recogniser"]),
    ):
        assert set(spellings.values()) <= tags
        assert tags.isdisjoint(spellings)


# ── Languages ──────────────────────────────────────────────────────────────────────────────────────────


@each_voice
def test_babel_knows_the_locale_of_a_voice(tag: str, voice: Voice) -> None:
    assert voice["babel"] is not None
    assert str(Locale.parse(voice["babel"])) == voice["babel"]


@each_recogniser
def test_babel_knows_the_locale_of_a_recogniser(tag: str, recogniser: Recogniser) -> None:
    assert recogniser["babel"] is not None
    assert str(Locale.parse(recogniser["babel"])) == recogniser["babel"]


@each_voice
def test_a_recogniser_hears_the_language_of_its_voice(tag: str, voice: Voice) -> None:
    if voice["recogniser"] is None:
        assert language_of(voice) not in {language_of(recogniser) for recogniser in RECOGNISERS.values()}
    else:
        assert language_of(RECOGNISERS[voice["recogniser"]]) == language_of(voice)
    if tag in RECOGNISERS:
        assert voice["recogniser"] == tag


def language_of(entry: Voice | Recogniser) -> str:
    assert entry["babel"] is not None
    return Locale.parse(entry["babel"]).language


# ── Old names of voices ────────────────────────────────────────────────────────────────────────────────


def test_an_old_name_leads_to_a_style_that_still_exists() -> None:
    assert list(SPEECH["legacy_voices"]) == sorted(SPEECH["legacy_voices"])
    for name, target in SPEECH["legacy_voices"].items():
        if target is not None:
            assert target.keys() == LegacyVoice.__annotations__.keys()
            assert "status" not in VOICES[target["language"]], name
            assert target["style"] in VOICES[target["language"]]["styles"], name


def test_the_old_default_voice_is_the_default() -> None:
    defaults = SPEECH["defaults"]
    assert SPEECH["legacy_voices"]["Kimberly"] == {
        "language": defaults["language"],
        "style": defaults["style"],
    }


def test_kpn_voices_are_old_names() -> None:
    assert SPEECH["kpn_voices"] == sorted(set(SPEECH["kpn_voices"]))
    assert set(SPEECH["kpn_voices"]) <= SPEECH["legacy_voices"].keys()


# ── Sources ────────────────────────────────────────────────────────────────────────────────────────────


def read_reference(name: str) -> dict[str, Any]:
    """Return one of the collected lists; skip the test if they are not available."""
    if not REFERENCE.is_dir():
        pytest.skip(f"the reference lists are not at {REFERENCE}")
    content: dict[str, Any] = json.loads((REFERENCE / name).read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def tts() -> dict[str, Any]:
    return read_reference("tts-languages.json")


@pytest.fixture(scope="module")
def asr() -> dict[str, Any]:
    return read_reference("asr-languages.json")


def test_the_defaults_are_those_of_the_sources(tts: dict[str, Any], asr: dict[str, Any]) -> None:
    assert SPEECH["defaults"] == tts["source"]["defaults"] | {"recogniser": asr["default"]}


def test_the_voices_are_those_of_the_source(tts: dict[str, Any]) -> None:
    fields = {
        "name": "name",
        "styles": "styles",
        "premium": "premium_styles",
        "no_ssml": "no_ssml_styles",
        "removed": "removed_styles",
    }
    ours = [(tag, {field: voice.get(field) for field in fields}) for tag, voice in VOICES.items()]
    theirs = [
        (language["tag"], {field: language.get(their) for field, their in fields.items()})
        for language in tts["languages"]
    ]
    assert ours == theirs


def test_the_status_of_a_voice_is_that_of_the_source(tts: dict[str, Any]) -> None:
    # Words that distinguish the remarks of the source.
    words = {
        "premium": "premium-only",
        "sdk-only": "styles-unknown",
        "alias": "alias",
        "withdrawn": "withdrawn",
    }
    for language in tts["languages"]:
        remark = language.get("status", "")
        meant = [status for word, status in words.items() if word in remark]
        assert len(meant) == (1 if remark else 0), language["tag"]
        assert VOICES[language["tag"]].get("status") == (meant[0] if meant else None), language["tag"]


def test_the_recognisers_are_those_of_the_source(asr: dict[str, Any]) -> None:
    ours = [(tag, recogniser["name"]) for tag, recogniser in RECOGNISERS.items()]
    assert ours == [(tag, asr["names"][tag]) for tag in asr["tags"]]
    assert SPEECH["spellings"]["recogniser"] == asr["aliases"] | asr["sdk_spellings"]


def test_the_old_names_are_those_of_the_source(tts: dict[str, Any]) -> None:
    source = tts["legacy_voice_names"]
    # Two names have a second line for no-NO, which is an alias.
    expected: dict[str, LegacyVoice | None] = {
        line["voiceName"]: {"language": line["language"], "style": line["style"]}
        for line in source["map"]
        if VOICES[line["language"]].get("status") != "alias"
    }
    assert expected.keys() == {line["voiceName"] for line in source["map"]}
    expected |= dict.fromkeys(source["enum_openapi_2021_without_mapping"])
    assert SPEECH["legacy_voices"] == expected
    assert SPEECH["kpn_voices"] == sorted(source["kpn_enum"])
    assert source["default"] == "Kimberly"


def test_tags_of_other_platforms_are_none_of_ours() -> None:
    for table, tags in (("voice", VOICES.keys()), ("recogniser", RECOGNISERS.keys())):
        others = elsewhere(f"{table}-languages")
        assert set(others.values()) <= tags
        assert {tag.lower() for tag in tags}.isdisjoint(tag.lower() for tag in others)
