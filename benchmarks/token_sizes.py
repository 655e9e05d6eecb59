"""Measure how many characters the tokens of calls have: calls of the samples, and of flows that keep names."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import quantiles
from typing import NamedTuple, cast
from urllib.parse import urlsplit
from uuid import UUID

from benchmarks.measure import table
from benchmarks.menus import CALLER, NUMBER
from benchmarks.processes import ROOT
from ncco_lang.cli.suites import playable_of
from ncco_lang.compiler import DEFAULTS, bind_parsed, compile_program
from ncco_lang.runtime.tokens import VERSION_BYTES, beside_secrets, decode_token, deflated, read_payload, unpack
from ncco_lang.simulate.phone import Phone
from ncco_lang.simulate.player import MONDAY
from ncco_lang.simulate.script import play
from ncco_lang.simulate.types import Output, Press, Request, Settings
from ncco_lang.source import Source
from ncco_lang.syntax.parse import parse_flow
from ncco_lang.testing.cases import Case, Holds, cases_of
from ncco_lang.testing.in_process import InProcess, Playable
from ncco_lang.testing.run import run_case
from ncco_lang.tokens.sealed import TokenKey, Tokens
from ncco_lang.values.event_urls import HOOKS, Hook, event_url, read_address

SAMPLES = ("order-status", "card-balance", "appointments")
FULL, QUICK = 200, 10
"""Generated flows, with one call each."""
GOAL = 350
"""Characters of a token, in the 95th percentile."""
_BASE = f"https://calls.example.com/ncco-{'0' * 22}"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOST_NAMES = 8


class Sizes(NamedTuple):
    """The characters of the tokens of some calls, and of the event URLs with them."""

    calls: int
    tokens: list[int]
    urls: list[int]


def measured(calls: Iterable[Sequence[Output]], seed: int) -> Sizes:
    """Return the sizes of the tokens that calls played in this process would have on a server.

    A token is counted once a call. A phone of this process counts its ids, so they are replaced by random ones.
    """
    draw, sealer = random.Random(seed), Tokens((TokenKey("token sizes" * 3),), 4 * 3600.0, os.urandom)
    number, tokens, urls = 0, list[int](), list[int]()
    for outputs in calls:
        number += 1
        ids: dict[str, str] = {}
        for url in dict.fromkeys(each.hook.url for each in outputs if isinstance(each, Request)):
            address = read_address(urlsplit(url).path)
            if address is None or address.webhook not in HOOKS:
                continue
            data = decode_token(address.token)
            assert data is not None
            payload = _with_random_ids(data[VERSION_BYTES:], ids, draw)
            token = sealer.seal(payload, version=data[:VERSION_BYTES], about=b"", now=MONDAY)
            tokens.append(len(token))
            urls.append(len(event_url(_BASE, cast("Hook", address.webhook), token)))
    return Sizes(number, tokens, urls)


def _with_random_ids(payload: bytes, ids: dict[str, str], draw: random.Random) -> bytes:
    secrets, data, reference = read_payload(payload)
    if reference is None:
        text = unpack(data)
        assert text is not None

        def random_id(found: re.Match[str]) -> str:
            return ids.setdefault(found[0], str(UUID(int=draw.getrandbits(128), version=4)))

        data = deflated(_ID.sub(random_id, text).encode())
    return data if secrets is None else beside_secrets(os.urandom(len(secrets)), data)


# ── Calls of samples ───────────────────────────────────────────────────────────────────────────────────


def sample_calls(name: str) -> Iterator[list[Output]]:
    """Yield what happens in each test of a sample. Conditions of tests are left out: for them tokens keep every name."""
    path = ROOT / "samples" / name / f"{name}.flow"
    playable, cases = _compiled(Source(path.name, path.read_text(encoding="utf-8")))
    for case in cases:
        lines = tuple(line for line in case.lines if not isinstance(line.what, Holds))
        for result in run_case(replace(case, lines=lines), playable):
            assert result.failure is None, result.failure
            yield [output for output, _ in result.outputs]


def _compiled(source: Source) -> tuple[Playable, list[Case]]:
    file, syntax = parse_flow(source)
    program = bind_parsed(source, file, DEFAULTS)
    compiled = compile_program(program, syntax, DEFAULTS)
    assert compiled.product is not None, compiled.diagnostics
    return playable_of(compiled.product, program), [*cases_of(program)]


# ── Calls of generated flows ───────────────────────────────────────────────────────────────────────────


def make_flow(names: int, digits: Sequence[int]) -> str:
    """Return a flow that asks for so many names, each of so many digits, and reads all of them at its end."""
    parts = ['flow "Names"', "default talk en-GB style: 2", 'step start { talk "Welcome."; goto ask_0 }']
    for at in range(names):
        following = "all_of_them" if at == names - 1 else f"ask_{at + 1}"
        parts.append(f"""\
step ask_{at} {{
    ask name_{at} "Please key in number {at}." digits: {digits[at]} {{
        otherwise, silence -> retry "That was not number {at}."
        give_up            -> message
    }}
    goto {following}
}}""")
    said = ", ".join(f"{{name_{at}}}" for at in range(names))
    parts.append(f"""\
step all_of_them {{
    menu "You have keyed in {said}. Is that right? For yes, press 1. For no, press 2." {{
        1                           -> message
        2                           -> ask_0
        otherwise, silence, give_up -> message
    }}
}}
step message {{ talk "Thank you."; record end_on_key: # beep_start: true }}
""")
    return "\n".join(parts)


def generated_calls(flows: int, seed: int) -> Iterator[list[Output]]:
    """Yield what happens in a call of each of so many flows, of which each keeps one to eight names."""
    draw = random.Random(seed)
    for at in range(flows):
        names = at % _MOST_NAMES + 1
        digits = [draw.randint(4, 10) for _ in range(names)]
        playable, _ = _compiled(Source("names.flow", make_flow(names, digits)))
        script = [Press("".join(draw.choices("0123456789", k=size))) for size in digits]
        yield _played(playable, [*script, Press("1")])


def _played(playable: Playable, script: list[Press]) -> list[Output]:
    server = InProcess(playable)
    phone = Phone(Settings(answer=server.answer_hook, event=server.event_hook), now=MONDAY)
    leg = phone.ring_in(NUMBER, CALLER)
    return list(play(phone, leg, script, lambda request: server.respond(request, phone.now)[0]))


# ── The report ─────────────────────────────────────────────────────────────────────────────────────────


def report(flows: int, seed: int = 1) -> Iterator[str]:
    """Yield the report, block by block, as it is measured."""
    yield (
        "Sizes of tokens\n"
        f"  Calls: every test of the samples, and one call of each of {flows} generated flows, which keep one to eight names of 4 to\n"
        "  10 digits. Tokens: those of the event URLs to which a webhook is sent, each once a call, with the ids of a call random as\n"
        "  the platform's are, sealed as `ncco serve` seals them. URL: with https://calls.example.com and the path before it."
    )
    sizes = {name: measured(sample_calls(name), seed) for name in SAMPLES}
    sizes["generated flows"] = measured(generated_calls(flows, seed), seed)
    sizes["all"] = Sizes(
        sum(each.calls for each in sizes.values()),
        [size for each in sizes.values() for size in each.tokens],
        [size for each in sizes.values() for size in each.urls],
    )
    heads = ("calls", "tokens", "median", "95 %", "longest", "URL 95 %", "characters of a token")
    yield table(heads, [_row(name, each) for name, each in sizes.items()])
    worst = _percentile(sizes["all"].tokens)
    yield (
        f"Goal: at most {GOAL} characters in the 95th percentile\n"
        f"  {'met' if worst <= GOAL else 'NOT met'}: {worst} characters of all tokens"
    )


def _row(name: str, sizes: Sizes) -> tuple[str, ...]:
    middle = quantiles(sizes.tokens, n=2, method="inclusive")[0]
    numbers = (sizes.calls, len(sizes.tokens), round(middle), _percentile(sizes.tokens), max(sizes.tokens))
    return (*(f"{number:,}" for number in numbers), str(_percentile(sizes.urls)), name)


def _percentile(sizes: list[int]) -> int:
    """Return the size that 95 % do not exceed."""
    return sorted(sizes)[-(-95 * len(sizes) // 100) - 1]
