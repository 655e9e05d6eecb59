"""Outline, folds, colours, hints and links: of complete and of broken texts, and in linear time."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ncco_lang.compiler import CompileOptions
from ncco_lang.editor.analysis import Analysis, analyse
from ncco_lang.editor.folding import folds
from ncco_lang.editor.inlay_hints import hints
from ncco_lang.editor.links import links
from ncco_lang.editor.selection_ranges import selections
from ncco_lang.editor.semantic_tokens import tokens
from ncco_lang.editor.symbols import symbols
from ncco_lang.editor.types import DocumentSettings, FoldingRange, Hint, Kind, Symbol
from ncco_lang.source import Source, Span
from ncco_lang.vocabulary.statement_specs import actions, forms
from tests import budget
from tests.laws.mutations import mutate_text
from tests.test_linear import steps

ROOT = Path(__file__).resolve().parent.parent
KINDS: dict[str, Kind] = {".flow": "flow", ".json": "ncco", ".toml": "toml"}
FILES = sorted(
    path
    for folder in ("samples", "tests/fixtures")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in KINDS and path.stat().st_size < 100_000
)


def look(text: str, kind: Kind = "flow", base_url: str | None = None) -> Analysis:
    return analyse(Source("x", text), kind, DocumentSettings(options=CompileOptions(base_url=base_url)))


@cache
def flows() -> dict[str, str]:
    return {str(path): path.read_bytes().decode("utf-8") for path in FILES if path.suffix == ".flow"}


def flat(found: Iterator[Symbol] | list[Symbol] | tuple[Symbol, ...], depth: int = 0) -> Iterator[tuple[int, Symbol]]:
    for symbol in found:
        yield depth, symbol
        yield from flat(symbol.children, depth + 1)


def outline(text: str, kind: Kind = "flow") -> list[str]:
    return [
        f"{'  ' * depth}{symbol.kind} {symbol.name}{f' | {symbol.detail}' if symbol.detail else ''}"
        for depth, symbol in flat(symbols(look(text, kind)))
    ]


# ── Laws, on every sample and fixture, cut off anywhere ────────────────────────────────────────────────


def hold(text: str, kind: Kind) -> None:
    """Assert that all results lie in the text, in order, and that nothing raises."""
    analysis = look(text, kind, "https://example.com")
    source = analysis.source
    for _, symbol in flat(symbols(analysis)):
        assert symbol.name.strip()
        assert 0 <= symbol.span.start <= symbol.name_span.start <= symbol.name_span.end <= symbol.span.end <= len(text)
        for child in symbol.children:
            assert symbol.span.start <= child.span.start <= child.span.end <= symbol.span.end
    lines = len(source.line_starts)
    found = folds(analysis)
    assert all(1 <= fold.first < fold.last <= lines for fold in found)
    assert [fold.first for fold in found] == sorted({fold.first for fold in found})
    end = 0
    for token in tokens(analysis):
        assert end <= token.span.start < token.span.end <= len(text)
        assert not re.search(r"[\r\n]", text[token.span.start : token.span.end])
        end = token.span.end
    offsets = [hint.offset for hint in hints(analysis, Span(0, len(text)))]
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(text) for offset in offsets)
    for link in links(analysis):
        assert 0 <= link.span.start < link.span.end <= len(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_everything_lies_in_the_text(path: Path) -> None:
    hold(path.read_bytes().decode("utf-8"), KINDS[path.suffix])


@pytest.mark.search
def test_everything_lies_in_a_text_that_is_cut_off() -> None:
    cases = [(path, part) for path in FILES for part in (1, 2, 3)]
    for path, part in budget.of(random.Random(5).sample(cases, 300), cases):
        text = path.read_bytes().decode("utf-8")
        hold(text[: len(text) * part // 4], KINDS[path.suffix])


@pytest.mark.parametrize(
    "text", ["", "\ufeff", "\n", '"', '"""', "{", "talk", 'talk "\U0001f600', "step {", "\r\n//\r\n"]
)
@pytest.mark.parametrize("kind", KINDS.values())
def test_scraps_of_text(text: str, kind: Kind) -> None:
    hold(text, kind)


@pytest.mark.search
def test_the_same_flow_with_crlf_looks_the_same() -> None:
    texts = list(flows().values())
    for text in budget.of(random.Random(5).sample(texts, 100), texts):
        if "\r" in text:
            continue
        one, other = look(text), look(text.replace("\n", "\r\n"))
        assert folds(one) == folds(other)
        seen = [
            [(each.text[token.span.start : token.span.end], token.type) for token in tokens(analysis)]
            for each, analysis in ((one.source, one), (other.source, other))
        ]
        assert seen[0] == seen[1]


UNIT = """// Statement {n}.
talk "Number {{{{x}}}} {{greeting}}." language: en-GB style: 2
record {{
    end_on_key: #
    timeout: 2m
    event_url: "https://example.com/{n}"
}}
connect phone "+44 20 7946 0123" limit: 1h
"""
LARGE: dict[str, Callable[[int], str]] = {
    "flow": lambda size: 'let greeting = "hello"\n' + UNIT.format(n=1) * size,
    "one text": lambda size: 'let a = "x"\ntalk "' + "{a} https://a.example \\n " * size * 4 + '"\n',
    "open texts": lambda size: 'talk "so {\n' * size * 4,
    "ncco": lambda size: "[" + '{"action": "talk", "text": "https://a.example"},\n' * size * 4 + "{}]",
    "toml": lambda size: "".join(f"[profiles.p{n}]\nbase_url = 'https://a.example'\n" for n in range(size * 4)),
    "one line of toml": lambda size: "a = {" + ", ".join(f"k{n} = 1" for n in range(size * 4)) + "}\n",
}


@pytest.mark.parametrize("what", [symbols, folds, tokens, links, lambda a: hints(a, Span(0, len(a.source.text)))])
@pytest.mark.parametrize("name", LARGE)
def test_four_times_the_text_takes_four_times_the_steps(name: str, what: Any) -> None:
    kind: Kind = "ncco" if name == "ncco" else "toml" if "toml" in name else "flow"

    def run(size: int) -> int:
        analysis = look(LARGE[name](size), kind)
        _ = analysis.file
        return steps(lambda: what(analysis))

    run(3)
    small, large = run(30), run(120)
    assert large < 4.4 * small + 400, (small, large)


# ── Outline ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_outline_of_a_flow() -> None:
    text = (
        'flow "Title"\nuse a from "a.flow"\nparam desk: phone = "+44 20 7946 0151"\nlet greeting = "Hi"\n'
        "default talk en-GB style: 1\nstep start {\n    talk greeting\n    if open(office) { goto agent } else { hangup }\n"
        '    menu "x" { 1, "order" -> order; otherwise -> { talk "Again." } }\n}\n'
        'connect phone desk timeout: 2m\nhours office "Europe/Amsterdam" { sat 10:00-14:00 }\n'
        'text bye { nl-NL: "Dag." }\ntest "it works" { press "1" }\non hangup { talk "x" }\nset n = 1 + 1\n'
    )
    assert outline(text) == [
        "flow Title",
        "param desk | phone",
        'let greeting | "Hi"',
        "default default talk | en-GB style: 1",
        "step start",
        "  statement talk | greeting",
        "  statement if | open(office)",
        "    statement goto | agent",
        "    statement hangup",
        '  statement menu | "x"',
        '    statement 1, "order" | order',
        "    statement otherwise",
        '      statement talk | "Again."',
        "statement connect phone | desk",
        "hours office | Europe/Amsterdam",
        "  statement sat | 10:00-14:00",
        "text bye",
        "test it works",
        '  statement press | "1"',
        "step on hangup",
        '  statement talk | "x"',
        "statement set n | 1 + 1",
    ]


def test_the_outline_of_values_and_lookups() -> None:
    text = (
        'fetch "https://a.example" into: order { 404, timeout -> { retry code } }\neach item in order.items { set n = key }\n'
        'test "a" {\n    given fetch "*" returns: { "a": 1 }\n    expect that: n == 1\n    expect hangup\n}\n'
    )
    assert outline(text) == [
        'statement fetch | "https://a.example"',
        "  statement 404, timeout",
        "    statement retry | code",
        "statement each item | order.items",
        "  statement set n | key",
        "test a",
        '  statement given fetch | "*"',
        "  statement expect that | n == 1",
        "  statement expect hangup",
    ]


def test_one_mistake_costs_one_line_of_the_outline() -> None:
    assert outline('talk "One."\n= = 3\nstep a {\n    talk "Two."\n    record {\n}\ntalk "Three."\n') == [
        'statement talk | "One."',
        "step a",
        '  statement talk | "Two."',
        "  statement record",
        'statement talk | "Three."',
    ]


def test_a_long_text_is_one_short_line() -> None:
    (line,) = outline('talk """\n    Good\n    morning, ' + "so " * 100 + '\n    """\n')
    assert line.startswith("statement talk | Good morning, so")
    assert line.endswith("…")
    assert len(line) < 90


def test_the_outline_of_an_ncco() -> None:
    text = '[{"action": "talk", "text": "Hi", "bargeIn": true},\n {"action": "connect", "endpoint": [{"type": "app"}]}, {}]'
    assert outline(text, "ncco") == [
        "statement talk",
        '  key action | "talk"',
        '  key text | "Hi"',
        "  key bargeIn | true",
        "statement connect",
        '  key action | "connect"',
        "  key endpoint",
        "    statement action 1",
        '      key type | "app"',
        "statement action 3",
    ]


def test_the_outline_of_settings() -> None:
    text = 'edition = "1"\n\n[check]\nlevels = { F301 = "off", a.b = 1 }\njson = [\n  "*.json",\n]\n[profiles.live]\nx.y = 1\n'
    assert outline(text, "toml") == [
        "key edition",
        "key check",
        "  key levels",
        "  key json",
        "key profiles.live",
        "  key x.y",
    ]
    check = symbols(look(text, "toml"))[1]
    assert text[check.span.start : check.span.end].startswith("[check]")
    assert text[check.span.start : check.span.end].endswith("]")


# ── Folds ──────────────────────────────────────────────────────────────────────────────────────────────


def test_what_closes_a_fold_stays_in_sight() -> None:
    text = (
        "// One.\n// Two.\nlet a = [\n    1,\n    2,\n]\nrecord {\n    transcription {\n        language: en-GB\n    }\n}\n"
        'if a {\n    talk "x"\n} else {\n    talk """\n        so\n        """\n}\ntalk "x" // behind\n// Alone.\n'
    )
    assert folds(look(text)) == [
        FoldingRange(1, 2, "comment"),
        FoldingRange(3, 5),
        FoldingRange(7, 10),
        FoldingRange(8, 9),
        FoldingRange(12, 13),
        FoldingRange(14, 17),
        FoldingRange(15, 16),
    ]


def test_folds_of_data() -> None:
    assert folds(look('[\n  {\n    "a": "{",\n    "b": [\n      1\n    ]}\n]\n', "ncco")) == [
        FoldingRange(1, 6),
        FoldingRange(2, 5),
        FoldingRange(4, 5),
    ]
    assert folds(look("a = 1\n[b]\nc = 1\n\n# d\n\n[[e]]\nf = 1\n[g]\n", "toml")) == [
        FoldingRange(2, 5),
        FoldingRange(7, 8),
    ]


# ── Colours ────────────────────────────────────────────────────────────────────────────────────────────


def coloured(text: str) -> list[str]:
    return [
        f"{text[token.span.start : token.span.end]}:{'.'.join((token.type, *token.modifiers))}"
        for token in tokens(look(text))
    ]


def test_words_have_the_colour_of_what_they_are() -> None:
    text = (
        'param phone: phone = "+44" // so\nlet a = 2\nconnect phone phone from: phone timeout: 25s random_from_number {\n'
        "    machine_detection: hangup\n    on_answer { url: a }\n    nonsense: #\n}\ntalk a premium level: a + 1\n"
    )
    assert coloured(text) == [
        *("param:keyword", "phone:parameter.declaration", "phone:type", "=:operator", '"+44":string', "// so:comment"),
        *("let:keyword", "a:variable.declaration.readonly", "=:operator", "2:number"),
        *("connect:function", "phone:enumMember", "phone:parameter", "from:property", "phone:parameter"),
        *("timeout:property", "25s:number", "random_from_number:property"),
        *("machine_detection:property", "hangup:enumMember", "on_answer:property", "url:property"),
        *("a:variable.readonly", "nonsense:property", "#:enumMember"),
        *("talk:function", "a:variable.readonly", "premium:property", "level:property"),
        *("a:variable.readonly", "+:operator", "1:number"),
    ]


def test_words_of_lookups_and_tests_have_the_colour_of_what_they_are() -> None:
    text = (
        'fetch "u" { 404, timeout -> hangup }\nif now == language and length(x) in y { hangup }\n'
        'test "a" {\n    given fetch "*"\n    expect that: call.to == "a"\n}\n'
    )
    assert coloured(text) == [
        *("fetch:function", '"u":string', "404:number", "timeout:enumMember", "->:operator", "hangup:function"),
        *("if:keyword", "now:variable.readonly", "==:operator", "language:variable.readonly", "and:keyword"),
        *("length:function", "x:variable", "in:keyword", "y:variable", "hangup:function"),
        *("test:keyword", '"a":string', "given:function", "fetch:enumMember", '"*":string'),
        *("expect:function", "that:property", "call:variable.readonly", "to:property", "==:operator", '"a":string'),
    ]


def test_texts_are_coloured_in_parts() -> None:
    assert coloured('talk "a\\n{{ {x | digits(slow)} \U0001f600" // b\n') == [
        *("talk:function", '"a:string', "\\n:macro", "{{:macro", " :string", "x:variable", "|:operator"),
        *("digits:function", "slow:variable", ' \U0001f600":string', "// b:comment"),
    ]
    assert coloured('talk """\n    a\n\n    b"""\n') == ["talk:function", '""":string', "a:string", 'b""":string']


def test_what_cannot_be_read_is_coloured_by_its_looks() -> None:
    assert coloured('talk = "a" level: : 2 & so // b\nif else\n  record "open {x\ntalk """ never\n closed') == [
        *("talk:function", "=:operator", '"a":string', "level:property", "2:number", "so:variable", "// b:comment"),
        *("if:keyword", "else:keyword", "record:function", '"open {x:string'),
        *("talk:function", '""" never:string', "closed:string"),
    ]


def test_what_is_deprecated_is_marked() -> None:
    old = {
        f"{form.title} {name}"
        for action in actions().values()
        for form in forms(action)
        for name, setting in form.settings.items()
        if setting.option.deprecated or action.deprecated
    }
    assert old, "the schema has nothing that is deprecated: this test needs another example"
    verb, *_ = (title := min(old)).split()
    name = title.rsplit(" ", 1)[1]
    found = coloured(f"{title.rsplit(' ', 1)[0]} {name}: 1\n")
    assert f"{name}:property.deprecated" in found or f"{verb}:function.deprecated" in found


@pytest.mark.search
def test_the_colours_of_a_range_are_those_of_the_whole() -> None:
    chance = random.Random(6)
    for text in chance.choices(list(flows().values()), k=budget.of(250, 25_000)):
        text = mutate_text(text, chance)
        analysis = look(text)
        whole = tokens(analysis)
        for _ in range(5):
            start = chance.randrange(len(text) + 1)
            end = min(len(text), start + chance.randrange(400))
            inside = [token for token in whole if token.span.end > start and token.span.start < end]
            assert tokens(analysis, Span(start, end)) == inside, text


def test_the_colours_of_a_range_cost_by_the_range() -> None:
    def of_a_range(size: int) -> int:
        analysis = look("".join(UNIT.format(n=n) for n in range(size)))
        middle = analysis.source.text.index(f"// Statement {size // 2}.")
        _ = analysis.file, analysis.scopes, tokens(analysis, Span(0, 10))
        return steps(lambda: tokens(analysis, Span(middle, middle + 300)))

    small, large = of_a_range(20), of_a_range(400)
    assert large < small * 1.2 + 50


def test_other_kinds_have_colours_of_their_own() -> None:
    assert tokens(look("[]", "ncco")) == []
    assert tokens(look("a = 1", "toml")) == []


# ── Selections ─────────────────────────────────────────────────────────────────────────────────────────


def selected(text: str, kind: Kind = "flow") -> list[str]:
    """Return the growing selections at the mark, without the whole text."""
    at = text.index("‸")
    text = text.replace("‸", "")
    (spans,) = selections(look(text, kind), [at])
    assert spans[-1] == Span(0, len(text))
    assert all(inner.start >= outer.start and inner.end <= outer.end for inner, outer in pairwise(spans))
    assert len(set(spans)) == len(spans)
    return [text[span.start : span.end] for span in spans[:-1]]


def test_a_selection_grows_by_what_things_are() -> None:
    flow = 'talk "a"\nrecord {\n  transcription { language: n‸l-NL }\n}\n'
    assert selected(flow) == [
        "nl-NL",
        "language: nl-NL",
        "{ language: nl-NL }",
        "transcription { language: nl-NL }",
        "{\n  transcription { language: nl-NL }\n}",
        "record {\n  transcription { language: nl-NL }\n}",
    ]
    assert selected('talk "So {to‸wn}." loop: 2\n') == [
        "town",
        "{town}",
        "So {town}.",
        '"So {town}."',
        'talk "So {town}." loop: 2',
    ]
    assert selected('[{"action": "ta‸lk"}, 1]', "ncco") == ["talk", '"action": "talk"', '{"action": "talk"}']
    assert selected('[check]\nprov‸ider = "kpn"\n', "toml") == [
        "provider",
        'provider = "kpn"',
        '[check]\nprovider = "kpn"',
    ]
    assert selected("‸") == []


# ── Hints ──────────────────────────────────────────────────────────────────────────────────────────────


def hinted(text: str) -> list[tuple[str, str]]:
    """Return the hints of a text, each with the text before it on its line."""
    found: list[Hint] = hints(look(text), Span(0, len(text)))
    return [(re.split(r"[\n:=]|phone ", text[: hint.offset])[-1].strip(), hint.text) for hint in found]


def test_numbers_that_are_written_for_people() -> None:
    text = (
        'param desk: phone = "+31 (0)20 123 45 67"\nlet office = "0044 20 7946 0160"\nlet other = "+44 20 7946 0160"\n'
        'connect phone "+442079460123" from: office\nconnect phone "+44 20-7946.0123" from: "442079460123"\n'
        'connect phone "020 7946 0123" from: "{desk}"\nconnect phone "+44 20'
    )
    assert hinted(text) == [
        ('"+31 (0)20 123 45 67"', "31201234567"),
        ('"0044 20 7946 0160"', "442079460160"),
        ('"+44 20-7946.0123"', "442079460123"),
    ]


def test_durations_that_the_platform_counts_otherwise() -> None:
    text = (
        "default connect timeout: 1m\nrecord { timeout: 2m; end_on_silence: 5s }\nwait 500ms\nwait 2s\n"
        'connect phone "+442079460123" limit: 1h timeout: 1500ms\ninput dtmf timeout: 0.1m\n'
    )
    assert hinted(text) == [("1m", "60 s"), ("2m", "120 s"), ("wait 500ms", "0.5 s"), ("1h", "3600 s"), ("0.1m", "6 s")]


def test_hints_of_a_part_are_those_that_stand_in_it() -> None:
    text = "record timeout: 2m\n" * 3
    assert [hint.offset for hint in hints(look(text), Span(19, 38))] == [37]
    assert hints(look("[]", "ncco"), Span(0, 2)) == []


# ── Links ──────────────────────────────────────────────────────────────────────────────────────────────


def linked(text: str, kind: Kind = "flow", base_url: str | None = None) -> list[tuple[str, str]]:
    return [(text[link.span.start : link.span.end], link.target) for link in links(look(text, kind, base_url))]


def test_addresses_in_texts() -> None:
    text = (
        'use a, b from "shared/closing.flow"\nlet server = "https://example.com"\n'
        'talk "See https://example.com/a, or (http://example.org/b?c=d)." // https://example.net\n'
        'stream "{server}/a.mp3"\nstream "https://example.com/{server}"\nstream "https://example.com/a\\u0062"\n'
        'connect websocket "wss://example.com" { headers: { "a": "https://example.com/\U0001f600" } }\n'
        'talk """\n  https://example.com/x\n  so\n  """\nstream "https://'
    )
    assert linked(text) == [
        ("shared/closing.flow", "shared/closing.flow"),
        ("https://example.com", "https://example.com"),
        ("https://example.com/a", "https://example.com/a"),
        ("http://example.org/b?c=d", "http://example.org/b?c=d"),
        ("https://example.com/\U0001f600", "https://example.com/\U0001f600"),
        ("https://example.com/x", "https://example.com/x"),
    ]


def test_addresses_below_the_base_url() -> None:
    text = 'record event_url: "/a"\nstream "/b.mp3"\ntalk "/no"\nrecord { event_url: "/{x}" }\n'
    assert linked(text) == []
    assert linked(text, base_url="https://example.com/base/") == [
        ("/a", "https://example.com/base/a"),
        ("/b.mp3", "https://example.com/base/b.mp3"),
    ]


def test_addresses_in_data() -> None:
    assert linked('[{"eventUrl": ["https://example.com/a"], "x": "http:\\/\\/no"}]', "ncco") == [
        ("https://example.com/a", "https://example.com/a")
    ]
    assert linked("a = 'https://example.com' # so\n", "toml") == [("https://example.com", "https://example.com")]


def test_the_flow_of_an_application() -> None:
    text = (
        '[profiles.live.applications.line]\nflow = "flows/main.flow" # "no.flow"\nname = "other.flow"\n'
        "[profiles.live.applications]\na.flow = 'b.flow'\nc = { flow = \"d.flow\" }\n"
        '[profiles.live.applications.odd]\nflow = ["e.flow"]\n[check]\nflow = "f.flow"\n'
    )
    assert linked(text, "toml") == [(name, name) for name in ("flows/main.flow", "b.flow", "d.flow")]
