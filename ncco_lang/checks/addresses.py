"""Rules about addresses of the right form: whether the platform reaches them, safely, and can play what is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ncco_lang.checks.leftovers import escaped_address
from ncco_lang.diagnostics import Facts, Place, Problem, Repair, ReplaceInside, Rule
from ncco_lang.values.hosts import host_of, is_unreachable
from ncco_lang.values.placeholder import find_leak, find_placeholder
from ncco_lang.vocabulary.kinds import WEB_ADDRESSES
from ncco_lang.vocabulary.ncco_schema import OptionValue, ncco_validator
from ncco_lang.vocabulary.schema_rules import MissingValue, Placeholder
from ncco_lang.words import Wire

PLAIN_HTTP = Rule(
    code="F320",
    name="plain-http",
    severity="warning",
    why="Over http and ws, others can read and change what callers say and hear. Use https and wss.",
    bad='[{"action": "stream", "streamUrl": ["http://example.com/music.mp3"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)
UNREACHABLE_ADDRESS = Rule(
    code="F323",
    name="unreachable-address",
    severity="warning",
    why="The address is on one machine or in a private network. The platform is on the internet and cannot connect to it. With an emulator it can: a profile with api.emulator has no such finding.",
    bad='[{"action": "stream", "streamUrl": ["https://localhost:8090/music.mp3"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)
UNPLAYABLE_AUDIO = Rule(
    code="F324",
    name="unplayable-audio",
    severity="warning",
    why="The platform plays mp3 and wav of 16 bit. The name of this file ends like that of another format, so the caller probably hears nothing.",
    bad='[{"action": "stream", "streamUrl": ["https://example.com/music.ogg"]}]',
    good='[{"action": "stream", "streamUrl": ["https://example.com/music.mp3"]}]',
)

RULES = (PLAIN_HTTP, UNREACHABLE_ADDRESS, UNPLAYABLE_AUDIO)

_OTHER_FORMATS = re.compile(
    r"\.(ogg|oga|opus|m4a|aac|flac|wma|webm|aiff?|amr|au|mid|mp4|m4v|mov|avi|mkv|m3u8?|pls|ulaw|gsm|html?|zip)(?=$|[?#])",
    re.IGNORECASE,
)
_PLAIN_HOST = re.compile(r"[a-z0-9.-]+")
_PLAIN = re.compile(r"(http|ws)://", re.IGNORECASE)
_AUDIO = frozenset({"streamUrl", "musicOnHoldUrl", "ringbackTone"})
_MISSING = frozenset({"undefined", "null", "none", "nil", "nan"})


class PlainHttp(Facts):
    """An address whose connection is not encrypted."""

    rule = PLAIN_HTTP
    message = "others can read and change what {scheme:s} carries"
    hint = "use {secure:s} if the server has it"
    scheme: str
    secure: str


class UnreachableAddress(Facts):
    """An address of the own machine or of a private network."""

    rule = UNREACHABLE_ADDRESS
    message = "the platform cannot reach {host}"
    hint = "write an address on the internet, such as that of a tunnel"
    host: str


class UnplayableAudio(Facts):
    """A file whose name ends like that of a format which the platform does not play."""

    rule = UNPLAYABLE_AUDIO
    message = "the platform plays mp3 and wav, not {ending:s}"
    hint = "convert the file to mp3 or 16 bit wav"
    ending: str


def check_address(setting: OptionValue) -> Iterator[Problem]:
    """Yield the findings about one address."""
    text, path = setting.value, setting.path
    where = host_of(text)
    host = "" if where is None else text[slice(*where)]
    is_plain_host = _PLAIN_HOST.fullmatch(host) is not None
    if (left := _left_behind(setting, where, is_plain_host=is_plain_host)) is not None:
        yield left
        if left.severity is None:
            return
    if where is not None and is_unreachable(host) and (is_plain_host or find_placeholder(host) is None):
        yield Problem(facts=UnreachableAddress(host=host), place=Place(path, "inside", *where))
    if setting.kind in WEB_ADDRESSES and (plain := _PLAIN.match(text)) is not None:
        secure = "https" if plain[1].lower() == "http" else "wss"
        yield Problem(
            facts=PlainHttp(scheme=plain[1].lower(), secure=secure),
            place=Place(path, "inside", *plain.span(1)),
            repair=Repair((ReplaceInside(path, *plain.span(1), secure),), "use {secure:s}", unsafe=True),
        )
    if "&amp;" in text:
        yield escaped_address(setting)
    if not _AUDIO.isdisjoint(path) and (other := _OTHER_FORMATS.search(text)) is not None:
        yield Problem(facts=UnplayableAudio(ending=other[1].lower()), place=Place(path, "inside", *other.span()))


def _left_behind(setting: OptionValue, where: tuple[int, int] | None, *, is_plain_host: bool) -> Problem | None:
    """Return the problem of what a program left in an address; None for an address that the schema refuses anyway."""
    text, path = setting.value, setting.path
    start, end = where or (0, 0)
    host = text[start:end]
    is_missing = host.partition(".")[0].lower() in _MISSING
    left, leak = None if is_plain_host else find_placeholder(host), find_leak(text)
    if not (is_missing or left or leak) or ncco_validator().check(setting.schema)(text) is not None:
        return None
    option = Wire(next(step for step in reversed(path) if isinstance(step, str)))
    if is_missing:
        return Problem(facts=MissingValue(option=option, leak=host), place=Place(path, "inside", start, end))
    if left is not None:
        unfilled = Placeholder(option=option, placeholder=host[slice(*left)], wanted="the host of your server")
        return Problem(facts=unfilled, place=Place(path, "inside", start + left[0], start + left[1]))
    at = leak or (0, 0)
    missing = MissingValue(option=option, leak=text[slice(*at)])
    # The host is there, so the platform can at least ask it.
    return Problem(facts=missing, place=Place(path, "inside", *at), severity="warning")
