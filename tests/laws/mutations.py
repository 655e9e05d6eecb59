"""Damage documents: bytes, characters and tokens of a text, and the parts of a value.

All choices come from the `Random` passed in, so a seed identifies a run.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\w.+-]+|\s+|.', re.DOTALL)

CHARACTERS = (
    *"[]{}:,\"'`\\/#*-+.eE019 \t\r\n\0\x07\x1b\x7f\x85\x9b",
    *"\u00a0\u00e9\u0301\u200b\u200f\u2028\u202e\u2066\ufeff\ufffd\ufffe\u201c\u201d\u2019",
    *"\U0001f600\U0010ffff\ud83d\ude00",
)
LITERALS = (
    *("true", "false", "null", "0", "-0", "1", "-1", "1.0", "0.5", "7", "11", "1e2", "-1E-999", "9" * 30, "[]", "{}"),
    *(
        '""',
        '" "',
        '"\\u0000"',
        '"\\u001b[31m"',
        '"\x7f\x9b31m"',
        '"\u202e"',
        '"\\ud83d\\ude00"',
        '"true"',
        '"5"',
        '"#"',
    ),
    *(
        '"action"',
        '"talk"',
        '"text"',
        '"pay"',
        '"type"',
        '"ncco"',
        '"loop"',
        '"level"',
        '"style"',
        '"language"',
        '"from"',
    ),
    *('"record"', '"input"', '"conversation"', '"transfer"', '"channels"', '"voice_name"', '"maxDigits"', '"provider"'),
    *('"<speak>a"', '"<speak><w/><break/> b</speak>"', '"<!DOCTYPE a>"', '"<speak>&#x110000;</speak>"', '"<speak/>"'),
    *(
        '"${x}"',
        '"{{x}}"',
        '"YOUR_NUMBER"',
        '"http://x"',
        '"+44 (0)20 7946 0000"',
        '"2024-01-01"',
        '"en_gb"',
        '"ar"',
        '"Amy"',
    ),
    *(f'"{"a" * 1600}"', f'"<speak>{"<s>a</s>" * 200}</speak>"', "[" * 98 + "]" * 98, f'{{"a": "{"b" * 600}"}}'),
)
"""Complete JSON values: in place of another value they leave the text readable."""

OTHERS = (
    *(
        "True",
        "None",
        "undefined",
        "NaN",
        "-Infinity",
        "Infinity",
        "nan",
        "0x1F",
        ".5",
        "1.",
        "+1",
        "01",
        "1e999",
        "+1e999",
    ),
    *(
        "1__0",
        "9" * 5000,
        "[",
        "]",
        "{",
        "}",
        "[[",
        "{{",
        ",",
        ":",
        ",,",
        "//",
        "/*",
        "*/",
        "/**/",
        "# x",
        "'",
        "''",
        "'a'",
    ),
    *('"', '"\\', '"\\u12"', '"\\ud83d"', '"\\ude00\\ud83d"', '"\\x"', "`", "“”", '"a" "b"', "1 2", "a: 1", "{'a':1,}"),
    *(
        '"bargeIn": "true",',
        '"maxDigits": 1,',
        '"voiceName": "Amy",',
        '"mode": "asyncronous",',
        '"loop": 0,',
        '"loop": 1,',
    ),
)
TOKENS = (*LITERALS, *OTHERS)


def mutate_text(text: str, random: Random) -> str:
    """Return the text with one piece of damage, at times with more."""
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        text = random.choice(_ON_TEXT)(text, random)
    return text


def _bytes(text: str, random: Random) -> str:
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(data) + 1)
        data[at : at + random.randint(0, 2)] = bytes(random.randrange(256) for _ in range(random.randint(0, 2)))
    return bytes(data).decode("utf-8", random.choice(("replace", "ignore", "surrogateescape")))


def _characters(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    new = "".join(random.choice(CHARACTERS) for _ in range(random.randint(0, 3)))
    return text[:at] + new + text[at + random.randint(0, 2) :]


def _cut(text: str, random: Random) -> str:
    start, end = sorted((random.randrange(len(text) + 1), random.randrange(len(text) + 1)))
    return random.choice((text[:start], text[end:], text[:start] + text[end:], text[start:end]))


def _double(text: str, random: Random) -> str:
    start = random.randrange(len(text) + 1)
    end = min(len(text), start + random.randint(1, 60))
    at = random.choice((end, random.randrange(len(text) + 1)))
    return text[:at] + text[start:end] + text[at:]


def _line_ends(text: str, random: Random) -> str:
    return text.replace("\n", random.choice(("\r\n", "\r", "", "\n\n", "\u2028")))


def _tokens(text: str, random: Random) -> str:
    tokens = _TOKEN.findall(text) or [""]
    at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    match random.randrange(5):
        case 0:
            del tokens[at]
        case 1:
            tokens.insert(at, random.choice(TOKENS))
        case 2:
            tokens[at] = random.choice(TOKENS)
        case 3:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            tokens[at] = tokens[other]
    return "".join(tokens)


def _literals(text: str, random: Random) -> str:
    """Replace some values and keys by others."""
    tokens = _TOKEN.findall(text)
    places = [index for index, token in enumerate(tokens) if token[0] == '"' or token[0].isalnum()]
    for place in random.sample(places, min(len(places), random.randint(1, 4))):
        tokens[place] = random.choice((random.choice(LITERALS), tokens[random.choice(places)]))
    return "".join(tokens)


_ON_TEXT: tuple[Callable[[str, Random], str], ...] = (
    *(_bytes, _characters, _characters, _cut, _double, _line_ends),
    *(_tokens, _tokens, _literals, _literals, _literals, _literals),
)

# Values that JSON Schema treats with care: true is not 1, 1.0 is an integer, and bounds are inclusive.
SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 0.0, -0.0, 1.0, 2.0, 0.5, 1.5, -1.0, 3, 7200, 7200.0, 7201, 1e300, 10**30, 5e-324),
    *(
        "",
        " ",
        "0",
        "1",
        "true",
        "False",
        "#",
        "talk",
        "input",
        "dtmf",
        "speech",
        "phone",
        "conversation",
        "POST",
        "GET",
    ),
    *("asynchronous", "synchronous", "en-US", "https://example.com/e", "http://a.b", "wss://a.b/", "442079460000"),
    *("\U0001f600", "e\u0301", "\0", "${x}", "sip:a@b", "custom", "vonage"),
)


def mutate_value(value: Any, random: Random, keys: tuple[str, ...]) -> Any:
    """Return a copy of the value with one to three pieces of damage; new entries get one of the keys."""
    value = [copy.deepcopy(value)]
    for _ in range(random.randint(1, 3)):
        places = list(_places(value))
        holder, step = random.choice(places)
        random.choice(_ON_VALUE)(holder, step, random, keys)
        if not value:
            value.append([])
    return value[0]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every entry below a list or object: (its container, its index or key)."""
    for step in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, step
        if isinstance(value[step], (dict, list)):
            yield from _places(value[step])


def _swap_type(holder: Any, step: Any, random: Random, keys: tuple[str, ...]) -> None:
    old = holder[step]
    holder[step] = random.choice((random.choice(SCALARS), [old], {"a": old}, [], {}, str(old)))


def _near(holder: Any, step: Any, random: Random, keys: tuple[str, ...]) -> None:
    """Change a value to a near one that a careless validator takes for the same."""
    old = holder[step]
    match old:
        case bool():
            holder[step] = random.choice((int(old), float(old), not old, str(old).lower()))
        case int():
            holder[step] = random.choice((old + 1, old - 1, float(old), old + 0.5, bool(old), -old, str(old)))
        case float():
            holder[step] = random.choice((old + 1, old - 0.1, old * 10, int(old), -old))
        case str():
            holder[step] = random.choice(("", old + "\n", old.upper(), old + "x", old[1:], [old], old * 2))
        case list():
            holder[step] = random.choice((old + old, old[1:], old[:1] * 3, old[0] if old else None, [*old, 1, True]))
        case _:
            holder[step] = random.choice(([old], None, {}))


def _to_bound(holder: Any, step: Any, random: Random, keys: tuple[str, ...]) -> None:
    bounds = (0, 0.1, 0.4, 1, 3, 10, 20, 32, 45, 60, 100, 120, 7200)
    holder[step] = random.choice(bounds) + random.choice((0, 0, 1, -1, 0.5, 0.0, -0.001))


def _delete(holder: Any, step: Any, random: Random, keys: tuple[str, ...]) -> None:
    del holder[step]


def _add(holder: Any, step: Any, random: Random, keys: tuple[str, ...]) -> None:
    new = copy.deepcopy(random.choice((random.choice(SCALARS), holder[step])))
    if isinstance(holder, dict):
        holder[random.choice(keys)] = new
    else:
        holder.insert(step, new)


_ON_VALUE: tuple[Callable[[Any, Any, Random, tuple[str, ...]], None], ...] = (
    *(_swap_type, _near, _near, _to_bound, _delete, _add),
)
