"""A missing or extra token costs its statement, in flows that branch: few findings, and all other declarations are read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from ncco_lang.diagnostics import Diagnostic, apply_edits
from ncco_lang.source import Source
from ncco_lang.syntax import ast
from ncco_lang.syntax.parse import parse_flow
from tests import budget
from tests.test_linear import assert_linear, parsed
from tests.test_recovery import tokens

FOLDER = Path(__file__).resolve().parent
LANGUAGE = FOLDER.parent.parent / "shared" / "design" / "language.md"


def flows() -> Iterator[tuple[str, str]]:
    """Yield name and text of our flows that branch, and of the samples in the language description if it is there."""
    for path in sorted((FOLDER / "fixtures" / "branching").glob("*.flow")):
        yield path.stem, path.read_text(encoding="utf-8")
    if LANGUAGE.exists():
        samples = re.findall(r"^```flow\n(.*?)^```", LANGUAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
        yield from ((f"language_{number}", sample) for number, sample in enumerate(samples[1:3], 1))


FLOWS = dict(flows())


def read(text: str) -> tuple[ast.File, list[Diagnostic]]:
    """Return the tree of a text and its syntax findings, without those about what this version does not compile."""
    file, found = parse_flow(Source("x", text))
    return file, [each for each in found if each.rule.name != "not-in-this-version"]


def declared(file: ast.File, text: str) -> Counter[str]:
    """Count declarations by their first two words, in which most have their kind and name."""
    return Counter(
        " ".join(re.findall(r"\w+", text[each.span.start : each.span.end])[:2])
        for each in file.declarations
        if not isinstance(each, ast.Command)
    )


def fixed(text: str, found: list[Diagnostic]) -> str:
    """Return a text with the one fix that its one finding must offer."""
    assert len(found) == 1, found
    assert found[0].fix is not None, found
    return apply_edits(text, list(found[0].fix.edits))


def test_the_description_is_read() -> None:
    if not LANGUAGE.exists():
        pytest.skip("the language description is not here")
    assert {"language_1", "language_2"} <= FLOWS.keys()


@pytest.mark.parametrize("name", FLOWS)
def test_the_flows_have_no_syntax_errors(name: str) -> None:
    file, found = read(FLOWS[name])
    assert found == []
    assert len(file.declarations) > 10


# ── Any token ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.search
@pytest.mark.parametrize("name", FLOWS)
def test_a_token_left_out_costs_little(name: str) -> None:
    """At most three findings and one declaration; nearly always one finding."""
    text = FLOWS[name]
    before = declared(read(text)[0], text)
    counts = Counter[int]()
    for token in tokens(text)[:: budget.of(7, 1)]:
        broken = text[: token.start] + text[token.end :]
        file, found = read(broken)
        lost = before - declared(file, broken)
        assert len(found) <= 3, broken
        assert lost.total() <= 1, (lost, broken)
        counts[len(found)] += 1
    assert sum(count for findings, count in counts.items() if findings > 1) <= 0.05 * counts.total()


@pytest.mark.search
@pytest.mark.parametrize("name", FLOWS)
def test_a_brace_left_out_or_doubled_is_one_finding_and_its_fix_restores_the_tree(name: str) -> None:
    text = FLOWS[name]
    whole = read(text)[0]
    braces = [token for token in tokens(text) if token.kind in ("LBRACE", "RBRACE")]
    others = 0
    for token in braces[:: budget.of(5, 1)]:
        for new in ("", text[token.start] * 2):
            broken = text[: token.start] + new + text[token.end :]
            file, found = read(broken)
            assert declared(file, broken) == declared(whole, text), broken
            assert len(found) == 1, broken
            others += found[0].fix is None or ast.dump(read(fixed(broken, found))[0]) != ast.dump(whole)
    assert others <= 0.15 * len(braces)


@pytest.mark.search
@pytest.mark.parametrize("name", FLOWS)
def test_a_brace_at_the_end_of_a_line_is_one_finding(name: str) -> None:
    text = FLOWS[name]
    ends = [match.start() for match in re.finditer(r"(?<=[\w}{)\"\]])\n", text)]
    for end in ends[:: budget.of(11, 1)]:
        for brace in "{}":
            file, found = read(text[:end] + f" {brace}" + text[end:])
            assert len(found) <= 1, (found, text[:end])
            assert declared(file, text[:end] + f" {brace}" + text[end:]) == declared(read(text)[0], text)


# ── Each kind of block ─────────────────────────────────────────────────────────────────────────────────

HEADERS = {
    "step": "step other",
    "step with a parameter": "step other(who: text)",
    "step with parameters": "step other(who: text, what: number)",
    "hours": 'hours office "Europe/London"',
    "text": "text yes",
    "test": 'test "one"',
    "on": "on completed",
    "anywhere": "anywhere",
    "menu": 'step a {\n    menu "Press 1."',
    "menu without a prompt": "step a {\n    menu",
    "if": "step a {\n    if open(office)",
    "if with operators": 'step a {\n    if not open(office) and a.status == "new"',
    "else": "step a {\n    if b {\n        talk c\n    } else",
    "else if": "step a {\n    if b {\n        talk c\n    } else if d",
    "else on its own line": "step a {\n    if b {\n        talk c\n    }\n    else",
    "each": "step a {\n    each x in y",
    "an arm": "step a {\n    menu b {\n        1 ->",
    "fetch": 'step a {\n    fetch "https://example.com" into: x',
    "connect": "step a {\n    connect phone desk limit: 1h",
    "record": "record",
    "a nested block of options": "record {\n    transcription",
}
BODIES = {
    "hours": ["mon-fri 09:00-17:00", "closed 25 december"],
    "text": ['nl-NL: "ja"', 'en-GB: "yes"'],
    "record": ["end_on_key: #", "timeout: 2m"],
    "a nested block of options": ["language: en-GB", "sentiment_analysis: true"],
}
ARMS = ["1, 2 -> there", "silence -> retry", "otherwise -> { hangup }"]
STATEMENTS = ['talk "Hello."', "wait 1s"]


def block(name: str) -> str:
    """Return a flow with a block of one kind, and declarations before and after it; `HERE` marks the brace."""
    header = HEADERS[name]
    depth = len(header.rpartition("\n")[2]) - len(header.rpartition("\n")[2].lstrip())
    has_arms = name in ("menu", "menu without a prompt", "fetch", "connect", "anywhere")
    body = BODIES.get(name, ARMS if has_arms else STATEMENTS)
    lines = [header + "HERE", *(" " * (depth + 4) + line for line in body)]
    lines += [" " * indent + "}" for indent in range(depth, -1, -4)]
    return "\n".join(['let first = "x"', *lines, "", "step last { hangup }", ""])


@pytest.mark.parametrize("comment", ["", "  // why"])
@pytest.mark.parametrize("name", HEADERS)
def test_an_opening_brace_left_out_is_one_finding_with_its_fix(name: str, comment: str) -> None:
    right, broken = block(name).replace("HERE", " {" + comment), block(name).replace("HERE", comment)
    whole, none = read(right)
    assert none == []
    file, found = read(broken)
    assert [each.rule.name for each in found] == ["missing-brace"]
    assert ast.dump(file) == ast.dump(whole)
    assert fixed(broken, found) == right


@pytest.mark.parametrize("name", HEADERS)
def test_a_closing_brace_left_out_is_one_finding_with_its_fix(name: str) -> None:
    right = block(name).replace("HERE", " {")
    whole = read(right)[0]
    for match in re.finditer(r"^ *\}\n", right, re.MULTILINE):
        broken = right[: match.start()] + right[match.end() :]
        file, found = read(broken)
        assert ast.dump(file) == ast.dump(whole)
        assert fixed(broken, found) == right


@pytest.mark.parametrize(
    ("right", "broken"),
    [
        ("step a(b: text) {\n    hangup\n}\n", "step a(b: text {\n    hangup\n}\n"),
        (
            "step a {\n    if open(b) {\n        hangup\n    }\n}\n",
            "step a {\n    if open(b {\n        hangup\n    }\n}\n",
        ),
        ('let a = [\n    "b",\n    "c"\n]\n', 'let a =\n    "b",\n    "c"\n]\n'),
        ("if open(a) {\n    hangup\n} else {\n    wait\n}\n", "if open(a) {\n    hangup\n} {\n    wait\n}\n"),
        ("if open(a) {\n    hangup\n}\n", "open(a) {\n    hangup\n}\n"),
        ("if a {\n    wait\n} else if b == 1 {\n    hangup\n}\n", "if a {\n    wait\n} else b == 1 {\n    hangup\n}\n"),
        ("param a: text = b\n", "a: text = b\n"),
        ('let a = ["b"]\n', 'a = ["b"]\n'),
        ('let a = ["b", "c"]\n', 'let a = "b", "c"]\n'),
        ("if length(a) > 1 {\n    wait\n}\n", "if length a) > 1 {\n    wait\n}\n"),
        ('let a = [\n    { "b": 1 },\n    { "b": 2 }\n]\n', 'let a = [\n    "b": 1 },\n    { "b": 2 }\n]\n'),
        ('step a {\n    goto b("c")\n}\n', 'step a {\n    goto b("c)\n}\n'),
        ('text a { nl-NL: "b" }\n', 'text a nl-NL: "b" }\n'),
        ("menu a { 1 -> { set b = 2; hangup } }\n", "menu a { 1 -> set b = 2; hangup } }\n"),
        ('menu a {\n    talk "b"\n    talk c\n}\n', 'menu a {\n    "b"\n    talk c\n}\n'),
    ],
)
def test_the_fix_of_a_word_or_sign_that_is_missing_restores_it(right: str, broken: str) -> None:
    file, found = read(broken + "step last { hangup }\n")
    assert isinstance(file.declarations[-1], ast.Step)
    restored = fixed(broken + "step last { hangup }\n", found)
    assert ast.dump(read(restored)[0]) == ast.dump(read(right + "step last { hangup }\n")[0])


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ("if a == {\n    hangup\n} else {\n    wait\n}\n", "F120"),
        ("each a in {\n    hangup\n}\n", "F120"),
        ("fetch a into: {\n    404 -> b\n}\n", "F120"),
        ("record a into: {\n    format: wav\n    silence -> b\n}\n", "F120"),
        ("if length(a) > { hangup }\n", "F120"),
    ],
)
def test_a_missing_value_does_not_cost_the_block_after_it(broken: str, code: str) -> None:
    file, found = read(f"step a {{\n    {broken.replace(chr(10), chr(10) + '    ')}}}\nstep last {{ hangup }}\n")
    assert [each.rule.code for each in found] == [code]
    assert [type(each) for each in file.declarations] == [ast.Step, ast.Step]
    assert "Missing" in ast.dump(file)
    assert "hangup" in ast.dump(file) or "Arm" in ast.dump(file)


# ── Time ───────────────────────────────────────────────────────────────────────────────────────────────

STEP = 'step s{n}(a: text) {{\n    menu "Press 1." {{\n        1 -> {{ set b = 1; hangup }}\n    }}\n}}\n'
MISTAKES = {
    "steps without an opening brace": STEP.replace("text) {{", "text)"),
    "menus without an opening brace": STEP.replace('1." {{', '1."'),
    "arms without an opening brace": STEP.replace("-> {{", "->"),
    "blocks without a closing brace": STEP.replace("    }}\n}}", "}}"),
    "steps without a closing bracket": STEP.replace("text)", "text"),
    "steps with an extra brace": STEP.replace("text) {{", "text) {{ {{"),
    "extra braces": "talk a }}\n" * 5,
    "options without their block": "record\n    timeout: 2m\n" * 2 + 'talk "x"\n',
    "conditions without a value": "if a == {{\n    hangup\n}}\n" * 2,
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_cost_time_in_proportion_to_their_number(name: str) -> None:
    assert_linear(parsed, lambda size: "".join(MISTAKES[name].format(n=n) for n in range(size)))
